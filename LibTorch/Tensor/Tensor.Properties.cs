namespace TorchSharp;

public static partial class torch
{
    // What a tensor tells about itself. Each asks libtorch, because operators in place can change it.
    public partial class Tensor
    {
        /// <summary>The element type.</summary>
        public ScalarType dtype
        {
            get
            {
                var type = (ScalarType)Native.tensor_dtype(Handle);
                GC.KeepAlive(this);
                return type;
            }
        }

        /// <summary>Where the data is.</summary>
        public Device device =>
            device_type == DeviceType.CPU ? new Device(DeviceType.CPU) : new Device(device_type, device_index);

        /// <summary>The kind of device where the data is.</summary>
        public DeviceType device_type
        {
            get
            {
                var type = (DeviceType)Native.tensor_device_type(Handle);
                GC.KeepAlive(this);
                return type;
            }
        }

        /// <summary>Which device of its kind the data is on; -1 for the CPU.</summary>
        public int device_index
        {
            get
            {
                var index = Native.tensor_device_index(Handle);
                GC.KeepAlive(this);
                return index;
            }
        }

        /// <summary>Whether the data is in the processor's memory.</summary>
        public bool is_cpu() => device_type == DeviceType.CPU;

        /// <summary>Whether the data is on an NVIDIA GPU.</summary>
        public bool is_cuda => device_type == DeviceType.CUDA;

        /// <summary>Whether the tensor has a shape and no data.</summary>
        public bool is_meta => device_type == DeviceType.META;

        /// <summary>Whether only the elements other than zero are stored.</summary>
        public bool is_sparse
        {
            get
            {
                const int SparseCoordinates = 1; // c10::Layout::Sparse
                var sparse = Native.tensor_layout(Handle) == SparseCoordinates;
                GC.KeepAlive(this);
                return sparse;
            }
        }

        /// <summary>Whether the element type is an integer type; truth values count as one.</summary>
        public bool is_integral() => torch.is_integral(dtype);

        /// <summary>Whether the element type is a floating-point type.</summary>
        public bool is_floating_point() => torch.is_floating_point(dtype);

        /// <summary>Whether the element type is a complex type.</summary>
        public bool is_complex() => torch.is_complex(dtype);

        /// <summary>The number of dimensions.</summary>
        public long Dimensions
        {
            get
            {
                var count = Native.tensor_dim(Handle);
                GC.KeepAlive(this);
                return count;
            }
        }

        /// <summary>The number of dimensions.</summary>
        public long ndim => Dimensions;

        /// <summary>The number of dimensions.</summary>
        public long dim() => Dimensions;

        /// <summary>The number of elements.</summary>
        public long NumberOfElements
        {
            get
            {
                var count = Native.tensor_numel(Handle);
                GC.KeepAlive(this);
                return count;
            }
        }

        /// <summary>The number of elements.</summary>
        public long numel() => NumberOfElements;

        /// <summary>The size of one element in bytes.</summary>
        public long ElementSize
        {
            get
            {
                var bytes = Native.tensor_item_size(Handle);
                GC.KeepAlive(this);
                return bytes;
            }
        }

        /// <summary>The size of one element in bytes.</summary>
        public long element_size() => ElementSize;

        /// <summary>The size of every dimension.</summary>
        public long[] shape => size();

        /// <summary>The size of every dimension.</summary>
        public unsafe long[] size()
        {
            var sizes = new long[Dimensions];
            fixed (long* start = sizes)
                Native.Check(Native.tensor_sizes(Handle, start));
            GC.KeepAlive(this);
            return sizes;
        }

        /// <summary>The size of one dimension; a negative one counts from the end.</summary>
        public long size(int dim)
        {
            var result = Native.tensor_size(Handle, dim);
            GC.KeepAlive(this);
            return result >= 0 ? result : throw Native.LastError();
        }

        /// <summary>For every dimension, how many elements apart its neighbours are in memory.</summary>
        public unsafe long[] stride()
        {
            var strides = new long[Dimensions];
            fixed (long* start = strides)
                Native.Check(Native.tensor_strides(Handle, start));
            GC.KeepAlive(this);
            return strides;
        }

        /// <summary>How many elements apart the neighbours along one dimension are in memory.</summary>
        public long stride(int dim) => Dispatcher.CallLong(Ops.stride, this, dim);

        /// <summary>How many elements of the storage come before the first of this tensor.</summary>
        public long storage_offset()
        {
            var offset = Native.tensor_storage_offset(Handle);
            GC.KeepAlive(this);
            return offset >= 0 ? offset : throw Native.LastError();
        }

        /// <summary>Whether the elements lie in memory one after the other, the last dimension fastest.</summary>
        public bool is_contiguous()
        {
            var result = Native.tensor_is_contiguous(Handle);
            GC.KeepAlive(this);
            return result >= 0 ? result != 0 : throw Native.LastError();
        }

        /// <summary>Whether the one element is other than zero.</summary>
        /// <exception cref="InvalidOperationException">The tensor has not exactly one element.</exception>
        public bool is_nonzero()
        {
            if (NumberOfElements != 1)
                throw new InvalidOperationException("is_nonzero() called on non-singleton tensor");
            return ToScalar().ToBoolean();
        }

        private static partial class Ops
        {
            internal static readonly Op stride = new("aten::stride", "int");
        }
    }

    /// <summary>Whether it is a tensor.</summary>
    public static bool is_tensor(object obj) => obj is Tensor;

    /// <summary>The number of elements.</summary>
    public static long numel(Tensor input) => input.numel();

    /// <summary>Whether the one element is other than zero.</summary>
    /// <exception cref="InvalidOperationException">The tensor has not exactly one element.</exception>
    public static bool is_nonzero(Tensor input) => input.is_nonzero();
}
