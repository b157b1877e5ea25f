namespace TorchSharp;

public static partial class torch
{
    // To other devices, element types and copies. As in PyTorch, what changes nothing copies nothing: the result is
    // then another managed tensor for the same native one.
    public partial class Tensor
    {
        /// <summary>This tensor on another device.</summary>
        /// <param name="deviceType">The kind of device.</param>
        /// <param name="deviceIndex">Which of that kind; -1 for the current one.</param>
        /// <param name="copy">Whether to copy even if the tensor is there already.</param>
        /// <param name="disposeAfter">Whether to dispose this tensor.</param>
        /// <param name="non_blocking">Whether to return before the data has arrived, where that is possible.</param>
        /// <exception cref="InvalidOperationException">The machine has no such device.</exception>
        public Tensor to(DeviceType deviceType, int deviceIndex = -1, bool copy = false, bool disposeAfter = false, bool non_blocking = false)
        {
            InitializeDeviceType(deviceType);
            return To(null, new Device(deviceType, deviceIndex), copy, disposeAfter, non_blocking);
        }

        /// <summary>This tensor on another device, with another element type.</summary>
        /// <inheritdoc cref="to(DeviceType, int, bool, bool, bool)"/>
        /// <param name="type">The element type.</param>
        /// <param name="device">The device.</param>
        /// <param name="copy">Whether to copy even if nothing changes.</param>
        /// <param name="disposeAfter">Whether to dispose this tensor.</param>
        /// <param name="non_blocking">Whether to return before the data has arrived, where that is possible.</param>
        public Tensor to(ScalarType type, Device device, bool copy = false, bool disposeAfter = false, bool non_blocking = false) =>
            To(type, InitializeDevice(device), copy, disposeAfter, non_blocking);

        /// <summary>This tensor with another element type.</summary>
        /// <param name="type">The element type.</param>
        /// <param name="copy">Whether to copy even if the tensor has that type already.</param>
        /// <param name="disposeAfter">Whether to dispose this tensor.</param>
        /// <param name="non_blocking">Whether to return before the data has arrived, where that is possible.</param>
        public Tensor to(ScalarType type, bool copy = false, bool disposeAfter = false, bool non_blocking = false) =>
            To(type, null, copy, disposeAfter, non_blocking);

        /// <summary>This tensor on the device of that description, such as "cuda:0".</summary>
        /// <inheritdoc cref="to(DeviceType, int, bool, bool, bool)"/>
        /// <param name="device">The device.</param>
        /// <param name="copy">Whether to copy even if the tensor is there already.</param>
        /// <param name="disposeAfter">Whether to dispose this tensor.</param>
        /// <param name="non_blocking">Whether to return before the data has arrived, where that is possible.</param>
        public Tensor to(string device, bool copy = false, bool disposeAfter = false, bool non_blocking = false) =>
            to(new Device(device), copy, disposeAfter, non_blocking);

        /// <summary>This tensor on another device.</summary>
        /// <inheritdoc cref="to(string, bool, bool, bool)"/>
        public Tensor to(Device device, bool copy = false, bool disposeAfter = false, bool non_blocking = false) =>
            to(device.type, device.index, copy, disposeAfter, non_blocking);

        /// <summary>This tensor with the element type and on the device of another one.</summary>
        public Tensor to(Tensor other, bool non_blocking = false) => to(other.dtype, other.device, non_blocking: non_blocking);

        /// <summary>This tensor with another element type.</summary>
        /// <inheritdoc cref="to(ScalarType, bool, bool, bool)"/>
        public Tensor to_type(ScalarType type, bool copy = false, bool disposeAfter = false, bool non_blocking = false) =>
            To(type, null, copy, disposeAfter, non_blocking);

        /// <summary>This tensor with the element type of another one.</summary>
        public Tensor type_as(Tensor tensor) => to_type(tensor.dtype);

        /// <summary>This tensor with the element type that <paramref name="typeFunc"/> gives it, such as
        /// <see cref="FloatTensor(Tensor)"/>.</summary>
        public Tensor type(Func<Tensor, Tensor> typeFunc) => typeFunc(this);

        /// <summary>This tensor with another element type.</summary>
        public Tensor type(ScalarType dtype) => to(dtype);

        /// <summary>This tensor in the processor's memory.</summary>
        public Tensor cpu() => To(null, CPU, copy: false, disposeAfter: false, non_blocking: false);

        /// <summary>This tensor on an NVIDIA GPU; the current one by default.</summary>
        /// <exception cref="ArgumentException">It is another kind of device.</exception>
        /// <exception cref="InvalidOperationException">There is no GPU.</exception>
        public Tensor cuda(Device? device = null, bool non_blocking = false)
        {
            if (device is not null && device.type != DeviceType.CUDA)
                throw new ArgumentException("Not a CUDA device.", nameof(device));
            return to(DeviceType.CUDA, device?.index ?? -1, non_blocking: non_blocking);
        }

        /// <summary>A copy of this tensor on Apple's GPU.</summary>
        /// <exception cref="InvalidOperationException">There is none.</exception>
        public Tensor mps(bool non_blocking = false) => to(DeviceType.MPS, -1, copy: true, non_blocking: non_blocking);

        /// <summary>This tensor with truth values.</summary>
        public Tensor @bool() => to_type(ScalarType.Bool);

        /// <summary>This tensor with unsigned integers of 8 bits.</summary>
        public Tensor @byte() => to_type(ScalarType.Byte);

        /// <summary>This tensor with integers of 8 bits.</summary>
        public Tensor @char() => to_type(ScalarType.Int8);

        /// <summary>This tensor with integers of 16 bits.</summary>
        public Tensor @short() => to_type(ScalarType.Int16);

        /// <summary>This tensor with integers of 32 bits.</summary>
        public Tensor @int() => to_type(ScalarType.Int32);

        /// <summary>This tensor with integers of 64 bits.</summary>
        public Tensor @long() => to_type(ScalarType.Int64);

        /// <summary>This tensor in half precision.</summary>
        public Tensor half() => to_type(ScalarType.Float16);

        /// <summary>This tensor with single precision's range and 8 bits of precision.</summary>
        public Tensor bfloat16() => to_type(ScalarType.BFloat16);

        /// <summary>This tensor in single precision.</summary>
        public Tensor @float() => to_type(ScalarType.Float32);

        /// <summary>This tensor in double precision.</summary>
        public Tensor @double() => to_type(ScalarType.Float64);

        /// <summary>This tensor with complex numbers of single precision.</summary>
        public Tensor cfloat() => to_type(ScalarType.ComplexFloat32);

        /// <summary>This tensor with complex numbers of double precision.</summary>
        public Tensor cdouble() => to_type(ScalarType.ComplexFloat64);

        /// <summary>A copy with memory of its own, through which gradients flow.</summary>
        public Tensor clone() => Dispatcher.Call(Ops.clone, this);

        /// <summary>The same data, cut off from the computation of gradients.</summary>
        public Tensor detach() => Dispatcher.Call(Ops.detach, this);

        /// <summary>Cuts this tensor off from the computation of gradients.</summary>
        /// <returns>This tensor.</returns>
        public Tensor detach_() => Dispatcher.CallInPlace(this, Ops.detach_);

        /// <summary>Writes the elements of <paramref name="source"/> to this tensor, whose shape, element type and
        /// device stay.</summary>
        /// <returns>This tensor.</returns>
        public Tensor copy_(Tensor source, bool nonBlocking = false) => Dispatcher.CallInPlace(this, Ops.copy_, source, nonBlocking);

        /// <summary>Makes this tensor use the memory, the shape and the strides of <paramref name="source"/>.</summary>
        /// <returns>This tensor.</returns>
        public Tensor set_(Tensor source) => Dispatcher.CallInPlace(this, Ops.set_, source);

        /// <summary>Writes one number to every element.</summary>
        /// <returns>This tensor.</returns>
        public Tensor fill_(Scalar value) => Dispatcher.CallInPlace(this, Ops.fill_, value);

        /// <summary>Writes zero to every element.</summary>
        /// <returns>This tensor.</returns>
        public Tensor zero_() => Dispatcher.CallInPlace(this, Ops.zero_);

        /// <summary>Whether the data is in memory that a GPU can read by itself.</summary>
        public bool is_pinned() => Dispatcher.CallBool(Ops.is_pinned, this);

        /// <summary>A copy in memory that a GPU can read by itself.</summary>
        public Tensor pin_memory() => Dispatcher.Call(Ops.pin_memory, this);

        private Tensor To(ScalarType? type, Device? device, bool copy, bool disposeAfter, bool non_blocking)
        {
            var result = device is null
                ? Dispatcher.Call(Ops.to_dtype, this, type, non_blocking, copy)
                : Dispatcher.Call(Ops.to_device, this, type, Arg.None, device, Arg.None, non_blocking, copy);
            if (disposeAfter)
                Dispose();
            return result;
        }

        private static partial class Ops
        {
            internal static readonly Op to_dtype = new("aten::to", "dtype");
            internal static readonly Op to_device = new("aten::to", "dtype_layout");
            internal static readonly Op clone = new("aten::clone");
            internal static readonly Op detach = new("aten::detach");
            internal static readonly Op detach_ = new("aten::detach_");
            internal static readonly Op copy_ = new("aten::copy_");
            internal static readonly Op set_ = new("aten::set_", "source_Tensor");
            internal static readonly Op fill_ = new("aten::fill_", "Scalar");
            internal static readonly Op zero_ = new("aten::zero_");
            internal static readonly Op is_pinned = new("aten::is_pinned");
            internal static readonly Op pin_memory = new("aten::pin_memory");
        }
    }

    /// <summary>A copy with memory of its own, through which gradients flow.</summary>
    public static Tensor clone(Tensor input) => input.clone();

    /// <summary>The tensor with truth values.</summary>
    public static Tensor BoolTensor(Tensor t) => t.to(ScalarType.Bool);

    /// <summary>The tensor with unsigned integers of 8 bits.</summary>
    public static Tensor ByteTensor(Tensor t) => t.to(ScalarType.Byte);

    /// <summary>The tensor with integers of 16 bits.</summary>
    public static Tensor ShortTensor(Tensor t) => t.to(ScalarType.Int16);

    /// <summary>The tensor with integers of 32 bits.</summary>
    public static Tensor IntTensor(Tensor t) => t.to(ScalarType.Int32);

    /// <summary>The tensor with integers of 64 bits.</summary>
    public static Tensor LongTensor(Tensor t) => t.to(ScalarType.Int64);

    /// <summary>The tensor in single precision.</summary>
    public static Tensor FloatTensor(Tensor t) => t.to(ScalarType.Float32);

    /// <summary>The tensor in double precision.</summary>
    public static Tensor DoubleTensor(Tensor t) => t.to(ScalarType.Float64);
}
