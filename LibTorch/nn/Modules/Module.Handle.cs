using System.Runtime.InteropServices;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public partial class Module
        {
            /// <summary>What a layer keeps outside of its own fields: there a module of libtorch, here the object that computes for it.</summary>
            protected internal sealed class HType : SafeHandle
            {
                private readonly Action<HType>? dispose;

                /// <summary>Wraps a handle.</summary>
                /// <param name="preexistingHandle">The handle.</param>
                /// <param name="ownsHandle">Whether it is released with this object.</param>
                /// <param name="dispose">How it is released.</param>
                public HType(IntPtr preexistingHandle, bool ownsHandle, Action<HType>? dispose = null)
                    : base(IntPtr.Zero, ownsHandle)
                {
                    this.dispose = dispose;
                    SetHandle(preexistingHandle);
                }

                /// <inheritdoc/>
                public override bool IsInvalid => handle == IntPtr.Zero;

                /// <summary>A handle of an object of .NET.</summary>
                internal static HType Of(object state) => new(GCHandle.ToIntPtr(GCHandle.Alloc(state)), true, own => GCHandle.FromIntPtr(own.handle).Free());

                /// <summary>The object that it is a handle of.</summary>
                internal T Get<T>() => (T)GCHandle.FromIntPtr(handle).Target!;

                /// <inheritdoc/>
                protected override bool ReleaseHandle()
                {
                    dispose?.Invoke(this);
                    SetHandle(IntPtr.Zero);
                    return true;
                }
            }

            internal HType? handle;
        }
    }
}
