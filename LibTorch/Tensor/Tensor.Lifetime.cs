namespace TorchSharp;

public static partial class torch
{
    /// <summary>An n-dimensional array of one element type on one device.</summary>
    /// <remarks>
    /// Its native memory is released by <see cref="Dispose()"/>, by the dispose scope that it was created in, or
    /// at last by its finalizer.
    /// </remarks>
    public partial class Tensor : IScoped
    {
        // The count of managed tensors, for finding leaks; finalizers change it too.
        private static long totalCount;
        private static long peakCount;

        /// <summary>The native tensor (an <c>at::Tensor*</c> of its own), unchecked; zero once disposed.</summary>
        internal IntPtr handle;

        internal Tensor(IntPtr handle, bool register = true)
        {
            this.handle = handle;
            var count = Interlocked.Increment(ref totalCount);
            if (count > Volatile.Read(ref peakCount))
                Volatile.Write(ref peakCount, count);
            if (register)
                OwningDisposeScope = DisposeScopeManager.ThreadSingleton.RegisterOnCurrentDisposeScope(this);
        }

        /// <summary>Releases the native tensor.</summary>
        ~Tensor() => Dispose(false);

        /// <summary>How many managed tensors are alive in this process.</summary>
        public static long TotalCount => Interlocked.Read(ref totalCount);

        /// <summary>The highest value that <see cref="TotalCount"/> has had.</summary>
        public static long PeakCount => Interlocked.Read(ref peakCount);

        /// <summary>A name for debugging; libtorch does not see it.</summary>
        public string? name { get; set; }

        /// <summary>The native tensor.</summary>
        /// <exception cref="InvalidOperationException">The tensor has been disposed.</exception>
        public IntPtr Handle => handle != IntPtr.Zero ? handle : ThrowDisposed();

        /// <summary>Whether the tensor has been disposed.</summary>
        public bool IsInvalid => handle == IntPtr.Zero;

        internal DisposeScope? OwningDisposeScope { get; set; }

        DisposeScope? IScoped.OwningDisposeScope
        {
            get => OwningDisposeScope;
            set => OwningDisposeScope = value;
        }

        LifetimeStatistics IScoped.CountersIn(ThreadDisposeScopeStatistics statistics) => statistics.TensorStatistics;

        /// <summary>A tensor from a native <c>at::Tensor*</c>, which it owns from then on.</summary>
        public static Tensor UnsafeCreateTensor(IntPtr handle) => new(handle);

        /// <summary>Releases the native tensor.</summary>
        public void Dispose()
        {
            Dispose(true);
            GC.SuppressFinalize(this);
        }

        /// <summary>Releases the native tensor.</summary>
        protected virtual void Dispose(bool disposing)
        {
            if (handle == IntPtr.Zero)
                return;
            DisposeScopeManager.ThreadSingleton.DisposingOnCurrentScope(this);
            OwningDisposeScope?.MarkAsDisposed(this);
            Interlocked.Decrement(ref totalCount);
            Native.tensor_release(handle);
            handle = IntPtr.Zero;
        }

        /// <summary>Gives up the native tensor without releasing it.</summary>
        /// <returns>The native tensor, which is the caller's from then on.</returns>
        /// <exception cref="InvalidOperationException">The tensor has been disposed.</exception>
        public IntPtr DecoupleFromNativeHandle()
        {
            GC.SuppressFinalize(this);
            var native = Handle;
            Interlocked.Decrement(ref totalCount);
            handle = IntPtr.Zero;
            return native;
        }

        /// <summary>Gives up the native tensor to another managed one.</summary>
        internal IntPtr MoveHandle()
        {
            var native = handle;
            handle = IntPtr.Zero;
            return native;
        }

        /// <summary>A second managed tensor for the same native one; each is disposed by itself.</summary>
        public Tensor alias()
        {
            var result = new Tensor(Native.tensor_alias(Handle));
            GC.KeepAlive(this);
            return result;
        }

        /// <summary>Moves this tensor to the scope around its own; out of every scope where there is none.</summary>
        /// <returns>This tensor.</returns>
        public Tensor MoveToOuterDisposeScope()
        {
            OwningDisposeScope?.MoveToOuter(this);
            return this;
        }

        /// <summary>Takes this tensor out of every scope: the caller disposes it.</summary>
        /// <returns>This tensor.</returns>
        public Tensor DetachFromDisposeScope()
        {
            OwningDisposeScope?.Detach(this);
            return this;
        }

        /// <summary>Takes this tensor out of every scope. The name is a misspelling that stays for old code.</summary>
        [Obsolete("The method name misspells 'Detach.' Use 'DetachFromDisposeScope' instead.", false)]
        public Tensor DetatchFromDisposeScope() => DetachFromDisposeScope();

        /// <summary>Moves this tensor to the scope that holds <paramref name="other"/>.</summary>
        /// <returns>This tensor.</returns>
        public Tensor MoveToOtherDisposeScope(Tensor other) => MoveToOtherDisposeScope(other.OwningDisposeScope);

        /// <summary>Moves this tensor to another scope; out of every scope for null.</summary>
        /// <returns>This tensor.</returns>
        public Tensor MoveToOtherDisposeScope(DisposeScope? other)
        {
            if (OwningDisposeScope is not null)
                OwningDisposeScope.MoveToOther(other, this);
            else
                other?.Attach(this);
            return this;
        }

        private static IntPtr ThrowDisposed() => throw new InvalidOperationException("Tensor invalid -- empty handle.");
    }
}
