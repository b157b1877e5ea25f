using System.Runtime.CompilerServices;

namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        /// <summary>The elements that the indices choose, or a view of them; Python's <c>tensor[a, b, …]</c>.</summary>
        [IndexerName("TensorItems")]
        public Tensor this[params TensorIndex[] indices]
        {
            get => index(indices);
            set => index_put_(value, indices);
        }

        /// <summary>The elements at the positions that the tensors hold, one tensor per dimension.</summary>
        [IndexerName("TensorItems")]
        public Tensor this[params Tensor[] indices]
        {
            get => index(indices);
            set => index_put_(value, indices);
        }

        /// <summary>The part of the tensor at one position of its first dimension.</summary>
        [IndexerName("TensorItems")]
        public Tensor this[long i1]
        {
            get => Select([i1]);
            set => Put(value, [i1]);
        }

        /// <summary>The part of the tensor at one position of each of its first two dimensions.</summary>
        [IndexerName("TensorItems")]
        public Tensor this[long i1, long i2]
        {
            get => Select([i1, i2]);
            set => Put(value, [i1, i2]);
        }

        /// <summary>The part of the tensor at one position of each of its first three dimensions.</summary>
        [IndexerName("TensorItems")]
        public Tensor this[long i1, long i2, long i3]
        {
            get => Select([i1, i2, i3]);
            set => Put(value, [i1, i2, i3]);
        }

        /// <summary>The part of the tensor at one position of each of its first four dimensions.</summary>
        [IndexerName("TensorItems")]
        public Tensor this[long i1, long i2, long i3, long i4]
        {
            get => Select([i1, i2, i3, i4]);
            set => Put(value, [i1, i2, i3, i4]);
        }

        /// <summary>The part of the tensor at one position of each of its first five dimensions.</summary>
        [IndexerName("TensorItems")]
        public Tensor this[long i1, long i2, long i3, long i4, long i5]
        {
            get => Select([i1, i2, i3, i4, i5]);
            set => Put(value, [i1, i2, i3, i4, i5]);
        }

        /// <summary>The part of the tensor at one position of each of its first six dimensions.</summary>
        [IndexerName("TensorItems")]
        public Tensor this[long i1, long i2, long i3, long i4, long i5, long i6]
        {
            get => Select([i1, i2, i3, i4, i5, i6]);
            set => Put(value, [i1, i2, i3, i4, i5, i6]);
        }

        /// <summary>The part of the tensor at one position of each of its first dimensions.</summary>
        [IndexerName("TensorItems")]
        public Tensor this[params long[] indices]
        {
            get => Get(indices);
            set => Set(value, indices);
        }

        /// <summary>The elements that the indices choose, or a view of them; Python's <c>tensor[a, b, …]</c>.</summary>
        public Tensor index(params TensorIndex[] indices)
        {
            Span<NativeIndex> native = stackalloc NativeIndex[indices.Length];
            return Get(Encode(indices, native), indices);
        }

        /// <summary>The elements at the positions that the tensors hold, one tensor per dimension.</summary>
        public Tensor index(params Tensor[] indices) => index(Indices(indices));

        /// <summary>Writes <paramref name="value"/> to the elements that the indices choose.</summary>
        /// <returns>This tensor.</returns>
        public Tensor index_put_(Tensor value, params TensorIndex[] indices)
        {
            Span<NativeIndex> native = stackalloc NativeIndex[indices.Length];
            Set(value, Encode(indices, native), indices);
            return this;
        }

        /// <summary>Writes <paramref name="value"/> to the elements that the indices choose, or adds it to them.</summary>
        /// <param name="value">What to write.</param>
        /// <param name="indices">Where; all of them tensors, if <paramref name="accumulate"/>.</param>
        /// <param name="accumulate">Whether to add, each time that an element is chosen.</param>
        /// <returns>This tensor.</returns>
        public Tensor index_put_(Tensor value, TensorIndex[] indices, bool accumulate = false)
        {
            if (!accumulate)
                return index_put_(value, indices);
            if (!Array.Exists(indices, index => index.tensor is not null))
                throw new ArgumentException("Invalid 'indices' parameter. Must be an array of TensorIndex objects containing tensors with indices that match the shape of the tensor to update", nameof(indices));
            return Dispatcher.CallInPlace(this, Ops.index_put_, Array.ConvertAll(indices, index => index.tensor), value, true);
        }

        /// <summary>Writes <paramref name="value"/> to the elements at the positions that the tensors hold.</summary>
        /// <returns>This tensor.</returns>
        public Tensor index_put_(Tensor value, params Tensor[] indices) => index_put_(value, Indices(indices));

        /// <summary>Writes <paramref name="value"/> to the elements at the positions that the tensors hold, or adds it.</summary>
        /// <returns>This tensor.</returns>
        public Tensor index_put_(Tensor value, Tensor[] indices, bool accumulate = false) =>
            index_put_(value, Indices(indices), accumulate);

        /// <summary>Writes <paramref name="value"/> to every element that the indices choose.</summary>
        /// <returns>This tensor.</returns>
        public unsafe Tensor index_put_(Scalar value, params TensorIndex[] indices)
        {
            Span<NativeIndex> native = stackalloc NativeIndex[indices.Length];
            Encode(indices, native);
            NativeValue number;
            var parts = stackalloc long[2];
            value.ToArg().Write(&number, parts);
            fixed (NativeIndex* start = native)
                Native.Check(Native.tensor_index_put_scalar(Handle, start, native.Length, &number));
            GC.KeepAlive(this);
            GC.KeepAlive(indices);
            return this;
        }

        /// <summary>Writes <paramref name="value"/> to every element at the positions that the tensors hold.</summary>
        /// <returns>This tensor.</returns>
        public Tensor index_put_(Scalar value, params Tensor[] indices) => index_put_(value, Indices(indices));

        private static TensorIndex[] Indices(Tensor[] tensors) => Array.ConvertAll(tensors, TensorIndex.Tensor);

        private static Span<NativeIndex> Encode(ReadOnlySpan<TensorIndex> indices, Span<NativeIndex> native)
        {
            for (var i = 0; i < indices.Length; i++)
                native[i] = indices[i].ToNative();
            return native;
        }

        private static Span<NativeIndex> Encode(ReadOnlySpan<long> positions, Span<NativeIndex> native)
        {
            for (var i = 0; i < positions.Length; i++)
                native[i] = new NativeIndex { Kind = (int)TensorIndex.Kind.Single, Start = positions[i] };
            return native;
        }

        private unsafe Tensor Select(ReadOnlySpan<long> positions)
        {
            fixed (long* start = positions)
            {
                var result = Native.tensor_select(Handle, start, positions.Length);
                GC.KeepAlive(this);
                return result != IntPtr.Zero ? new Tensor(result) : throw Native.LastError();
            }
        }

        private unsafe void Put(Tensor value, ReadOnlySpan<long> positions)
        {
            fixed (long* start = positions)
                Native.Check(Native.tensor_select_put(Handle, start, positions.Length, value.Handle));
            GC.KeepAlive(this);
            GC.KeepAlive(value);
        }

        private Tensor Get(ReadOnlySpan<long> positions)
        {
            Span<NativeIndex> native = stackalloc NativeIndex[positions.Length];
            return Get(Encode(positions, native), null);
        }

        private void Set(Tensor value, ReadOnlySpan<long> positions)
        {
            Span<NativeIndex> native = stackalloc NativeIndex[positions.Length];
            Set(value, Encode(positions, native), null);
        }

        // `owner` holds the tensors among the indices, which must outlive the call.
        private unsafe Tensor Get(Span<NativeIndex> indices, TensorIndex[]? owner)
        {
            fixed (NativeIndex* start = indices)
            {
                var result = Native.tensor_index(Handle, start, indices.Length);
                GC.KeepAlive(this);
                GC.KeepAlive(owner);
                return result != IntPtr.Zero ? new Tensor(result) : throw Native.LastError();
            }
        }

        private unsafe void Set(Tensor value, Span<NativeIndex> indices, TensorIndex[]? owner)
        {
            fixed (NativeIndex* start = indices)
                Native.Check(Native.tensor_index_put(Handle, start, indices.Length, value.Handle));
            GC.KeepAlive(this);
            GC.KeepAlive(owner);
            GC.KeepAlive(value);
        }

        private static partial class Ops
        {
            internal static readonly Op index_put_ = new("aten::index_put_");
        }
    }
}
