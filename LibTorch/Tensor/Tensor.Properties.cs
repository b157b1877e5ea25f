namespace TorchSharp;

public static partial class torch
{
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
        public Device device => device_type == DeviceType.CPU ? CPU : new Device(device_type, device_index);

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
        public unsafe long[] shape
        {
            get
            {
                var sizes = new long[Dimensions];
                fixed (long* start = sizes)
                    Native.Check(Native.tensor_sizes(Handle, start));
                GC.KeepAlive(this);
                return sizes;
            }
        }
    }
}
