namespace TorchSharp;

public static partial class torch
{
    // Tensors like this one: of its shape, or of its element type and device.
    public partial class Tensor
    {
        /// <summary>A tensor of zeros, of this shape.</summary>
        /// <param name="dtype">The element type; that of this tensor for null.</param>
        /// <param name="device">The device; that of this tensor for null.</param>
        /// <param name="requires_grad">Whether gradients are recorded.</param>
        public Tensor zeros_like(ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
            Like(Ops.zeros_like, dtype, device, requires_grad);

        /// <summary>A tensor of ones, of this shape.</summary>
        /// <param name="dtype">The element type; that of this tensor for null.</param>
        /// <param name="device">The device; that of this tensor for null.</param>
        /// <param name="requires_grad">Whether gradients are recorded.</param>
        public Tensor ones_like(ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
            Like(Ops.ones_like, dtype, device, requires_grad);

        /// <summary>A tensor of this shape, whose elements are not set.</summary>
        /// <param name="dtype">The element type; that of this tensor for null.</param>
        /// <param name="device">The device; that of this tensor for null.</param>
        /// <param name="requires_grad">Whether gradients are recorded.</param>
        public Tensor empty_like(ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
            Like(Ops.empty_like, dtype, device, requires_grad);

        /// <summary>A tensor of random numbers, uniform from 0 to before 1, of this shape.</summary>
        /// <param name="dtype">The element type; that of this tensor for null.</param>
        /// <param name="device">The device; that of this tensor for null.</param>
        /// <param name="requires_grad">Whether gradients are recorded.</param>
        public Tensor rand_like(ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
            Like(Ops.rand_like, dtype, device, requires_grad);

        /// <summary>A tensor of random numbers of the standard normal distribution, of this shape.</summary>
        /// <param name="dtype">The element type; that of this tensor for null.</param>
        /// <param name="device">The device; that of this tensor for null.</param>
        /// <param name="requires_grad">Whether gradients are recorded.</param>
        public Tensor randn_like(ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
            Like(Ops.randn_like, dtype, device, requires_grad);

        /// <summary>A tensor filled with one number, of this shape.</summary>
        /// <param name="value">The number.</param>
        /// <param name="dtype">The element type; that of this tensor for null.</param>
        /// <param name="device">The device; that of this tensor for null.</param>
        /// <param name="requires_grad">Whether gradients are recorded.</param>
        public Tensor full_like(Scalar value, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
            Finish(Create(Ops.full_like, this, value, dtype ?? this.dtype, Arg.None, device ?? this.device), requires_grad);

        /// <summary>A tensor of random integers from <paramref name="low"/> to before <paramref name="high"/>, of this shape.</summary>
        /// <param name="low">The least value.</param>
        /// <param name="high">One more than the greatest value.</param>
        /// <param name="dtype">The element type; that of this tensor for null.</param>
        /// <param name="device">The device; that of this tensor for null.</param>
        /// <param name="requires_grad">Whether gradients are recorded.</param>
        public Tensor randint_like(long low, long high, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
            Finish(Create(Ops.randint_like, this, low, high, dtype ?? this.dtype, Arg.None, device ?? this.device), requires_grad);

        /// <summary>A tensor of zeros, of this element type and on this device, if not told otherwise.</summary>
        public Tensor new_zeros(long[] size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
            torch.zeros(size, dtype ?? this.dtype, device ?? this.device, requires_grad);

        /// <summary>A tensor of zeros, of this element type and on this device, if not told otherwise.</summary>
        public Tensor new_zeros(ReadOnlySpan<long> size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
            torch.zeros(size, dtype ?? this.dtype, device ?? this.device, requires_grad);

        /// <summary>A tensor of zeros, of this element type and on this device, if not told otherwise.</summary>
        public Tensor new_zeros(long size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
            torch.zeros((ReadOnlySpan<long>)[size], dtype ?? this.dtype, device ?? this.device, requires_grad);

        /// <summary>A tensor of zeros, of this element type and on this device, if not told otherwise.</summary>
        public Tensor new_zeros(long rows, long columns, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
            torch.zeros((ReadOnlySpan<long>)[rows, columns], dtype ?? this.dtype, device ?? this.device, requires_grad);

        /// <summary>A tensor of zeros, of this element type and on this device, if not told otherwise.</summary>
        public Tensor new_zeros(long dim0, long dim1, long dim2, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
            torch.zeros((ReadOnlySpan<long>)[dim0, dim1, dim2], dtype ?? this.dtype, device ?? this.device, requires_grad);

        /// <summary>A tensor of zeros, of this element type and on this device, if not told otherwise.</summary>
        public Tensor new_zeros(long dim0, long dim1, long dim2, long dim3, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
            torch.zeros((ReadOnlySpan<long>)[dim0, dim1, dim2, dim3], dtype ?? this.dtype, device ?? this.device, requires_grad);

        /// <summary>A tensor of ones, of this element type and on this device, if not told otherwise.</summary>
        public Tensor new_ones(long size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
            torch.ones((ReadOnlySpan<long>)[size], dtype ?? this.dtype, device ?? this.device, requires_grad);

        /// <summary>A tensor of ones, of this element type and on this device, if not told otherwise.</summary>
        public Tensor new_ones(long rows, long columns, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
            torch.ones((ReadOnlySpan<long>)[rows, columns], dtype ?? this.dtype, device ?? this.device, requires_grad);

        /// <summary>A tensor of ones, of this element type and on this device, if not told otherwise.</summary>
        public Tensor new_ones(long dim0, long dim1, long dim2, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
            torch.ones((ReadOnlySpan<long>)[dim0, dim1, dim2], dtype ?? this.dtype, device ?? this.device, requires_grad);

        /// <summary>A tensor of ones, of this element type and on this device, if not told otherwise.</summary>
        public Tensor new_ones(long dim0, long dim1, long dim2, long dim3, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
            torch.ones((ReadOnlySpan<long>)[dim0, dim1, dim2, dim3], dtype ?? this.dtype, device ?? this.device, requires_grad);

        /// <summary>A tensor whose elements are not set, of this element type and on this device, if not told otherwise.</summary>
        public Tensor new_empty(long[] size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
            torch.empty(size, dtype ?? this.dtype, device ?? this.device, requires_grad);

        /// <summary>A tensor whose elements are not set, of this element type and on this device, if not told otherwise.</summary>
        public Tensor new_empty(ReadOnlySpan<long> size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
            torch.empty(size, dtype ?? this.dtype, device ?? this.device, requires_grad);

        /// <summary>A tensor whose elements are not set, of this element type and on this device, if not told otherwise.</summary>
        public Tensor new_empty(long size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
            torch.empty((ReadOnlySpan<long>)[size], dtype ?? this.dtype, device ?? this.device, requires_grad);

        /// <summary>A tensor whose elements are not set, of this element type and on this device, if not told otherwise.</summary>
        public Tensor new_empty(long rows, long columns, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
            torch.empty((ReadOnlySpan<long>)[rows, columns], dtype ?? this.dtype, device ?? this.device, requires_grad);

        /// <summary>A tensor whose elements are not set, of this element type and on this device, if not told otherwise.</summary>
        public Tensor new_empty(long dim0, long dim1, long dim2, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
            torch.empty((ReadOnlySpan<long>)[dim0, dim1, dim2], dtype ?? this.dtype, device ?? this.device, requires_grad);

        /// <summary>A tensor whose elements are not set, of this element type and on this device, if not told otherwise.</summary>
        public Tensor new_empty(long dim0, long dim1, long dim2, long dim3, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
            torch.empty((ReadOnlySpan<long>)[dim0, dim1, dim2, dim3], dtype ?? this.dtype, device ?? this.device, requires_grad);

        /// <summary>A tensor filled with one number, of this element type and on this device, if not told otherwise.</summary>
        public Tensor new_full(long[] size, Scalar value, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
            torch.full(size, value, dtype ?? this.dtype, device ?? this.device, requires_grad);

        /// <summary>A tensor filled with one number, of this element type and on this device, if not told otherwise.</summary>
        public Tensor new_full(ReadOnlySpan<long> size, Scalar value, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
            torch.full(size, value, dtype ?? this.dtype, device ?? this.device, requires_grad);

        /// <summary>A tensor filled with one number, of this element type and on this device, if not told otherwise.</summary>
        public Tensor new_full(long size, Scalar value, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
            torch.full((ReadOnlySpan<long>)[size], value, dtype ?? this.dtype, device ?? this.device, requires_grad);

        /// <summary>A tensor filled with one number, of this element type and on this device, if not told otherwise.</summary>
        public Tensor new_full(long rows, long columns, Scalar value, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
            torch.full((ReadOnlySpan<long>)[rows, columns], value, dtype ?? this.dtype, device ?? this.device, requires_grad);

        /// <summary>A tensor filled with one number, of this element type and on this device, if not told otherwise.</summary>
        public Tensor new_full(long dim0, long dim1, long dim2, Scalar value, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
            torch.full((ReadOnlySpan<long>)[dim0, dim1, dim2], value, dtype ?? this.dtype, device ?? this.device, requires_grad);

        /// <summary>A tensor filled with one number, of this element type and on this device, if not told otherwise.</summary>
        public Tensor new_full(long dim0, long dim1, long dim2, long dim3, Scalar value, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
            torch.full((ReadOnlySpan<long>)[dim0, dim1, dim2, dim3], value, dtype ?? this.dtype, device ?? this.device, requires_grad);

        /// <summary>Gives this tensor another shape and fills it with zeros.</summary>
        /// <returns>A second managed tensor for the same native one.</returns>
        public Tensor zeros(params long[] sizes) => Dispatcher.Call(Ops.zeros_out, sizes, this);

        /// <summary>Gives this tensor another shape and fills it with ones.</summary>
        /// <returns>A second managed tensor for the same native one.</returns>
        public Tensor ones(params long[] sizes) => Dispatcher.Call(Ops.ones_out, sizes, this);

        /// <summary>Gives this tensor another shape; its elements are not set.</summary>
        /// <returns>A second managed tensor for the same native one.</returns>
        public Tensor empty(params long[] sizes) => Dispatcher.Call(Ops.empty_out, sizes, Arg.None, this);

        /// <summary>Gives this tensor another shape and fills it with one number.</summary>
        /// <returns>A second managed tensor for the same native one.</returns>
        public Tensor full(long[] sizes, Scalar value) => Dispatcher.Call(Ops.full_out, sizes, value, this);

        /// <summary>Gives this tensor another shape and fills it with one number.</summary>
        /// <returns>A second managed tensor for the same native one.</returns>
        public Tensor full(ReadOnlySpan<long> sizes, Scalar value) => Dispatcher.Call(Ops.full_out, sizes, value, this);

        /// <summary>Makes this tensor a matrix with ones on the diagonal and zeros elsewhere.</summary>
        /// <returns>A second managed tensor for the same native one.</returns>
        public Tensor eye(long rows, long columns) => Dispatcher.Call(Ops.eye_out, rows, columns, this);

        /// <summary>Makes this tensor the numbers from <paramref name="start"/> to before <paramref name="stop"/>.</summary>
        /// <returns>A second managed tensor for the same native one.</returns>
        public Tensor arange_out(Scalar start, Scalar stop, Scalar step) => Dispatcher.Call(Ops.arange_out, start, stop, step, this);

        /// <summary>Gives this tensor another shape and fills it with random numbers, uniform from 0 to before 1.</summary>
        /// <returns>A second managed tensor for the same native one.</returns>
        public Tensor rand_out(params long[] sizes) => Dispatcher.Call(Ops.rand_out, sizes, this);

        /// <summary>Gives this tensor another shape and fills it with random numbers of the standard normal distribution.</summary>
        /// <returns>A second managed tensor for the same native one.</returns>
        public Tensor randn_out(params long[] sizes) => Dispatcher.Call(Ops.randn_out, sizes, this);

        /// <summary>Gives this tensor another shape and fills it with random integers from 0 to before <paramref name="high"/>.</summary>
        /// <returns>A second managed tensor for the same native one.</returns>
        public Tensor randint_out(long high, long[] sizes) => Dispatcher.Call(Ops.randint_out, high, sizes, this);

        /// <summary>A number as a tensor without dimensions, as in <c>tensor[2, 3] = 1</c>.</summary>
        public static implicit operator Tensor(byte value) => tensor(value);

        /// <summary>A number as a tensor without dimensions, as in <c>tensor[2, 3] = 1</c>.</summary>
        public static implicit operator Tensor(sbyte value) => tensor(value);

        /// <summary>A number as a tensor without dimensions, as in <c>tensor[2, 3] = 1</c>.</summary>
        public static implicit operator Tensor(short value) => tensor(value);

        /// <summary>A number as a tensor without dimensions, as in <c>tensor[2, 3] = 1</c>.</summary>
        public static implicit operator Tensor(int value) => tensor(value);

        /// <summary>A number as a tensor without dimensions, as in <c>tensor[2, 3] = 1</c>.</summary>
        public static implicit operator Tensor(long value) => tensor(value);

        /// <summary>A number as a tensor without dimensions, as in <c>tensor[2, 3] = 1</c>.</summary>
        public static implicit operator Tensor(float value) => tensor(value);

        /// <summary>A number as a tensor without dimensions, as in <c>tensor[2, 3] = 1</c>.</summary>
        public static implicit operator Tensor(double value) => tensor(value);

        /// <summary>A number as a tensor without dimensions, as in <c>tensor[2, 3] = 1</c>.</summary>
        public static implicit operator Tensor(bool value) => tensor(value);

        /// <summary>A number as a tensor without dimensions, as in <c>tensor[2, 3] = 1</c>.</summary>
        public static implicit operator Tensor((float, float) value) => tensor(value);

        /// <summary>A number as a tensor without dimensions, as in <c>tensor[2, 3] = 1</c>.</summary>
        public static implicit operator Tensor(System.Numerics.Complex value) => tensor(value);

        /// <summary>A tensor of one dimension with the elements of an array.</summary>
        public static implicit operator Tensor(byte[] value) => tensor(value);

        /// <summary>A tensor of one dimension with the elements of an array.</summary>
        public static implicit operator Tensor(sbyte[] value) => tensor(value);

        /// <summary>A tensor of one dimension with the elements of an array.</summary>
        public static implicit operator Tensor(short[] value) => tensor(value);

        /// <summary>A tensor of one dimension with the elements of an array.</summary>
        public static implicit operator Tensor(int[] value) => tensor(value);

        /// <summary>A tensor of one dimension with the elements of an array.</summary>
        public static implicit operator Tensor(long[] value) => tensor(value);

        /// <summary>A tensor of one dimension with the elements of an array.</summary>
        public static implicit operator Tensor(float[] value) => tensor(value);

        /// <summary>A tensor of one dimension with the elements of an array.</summary>
        public static implicit operator Tensor(double[] value) => tensor(value);

        /// <summary>A tensor of one dimension with the elements of an array.</summary>
        public static implicit operator Tensor(bool[] value) => tensor(value);

        /// <summary>A tensor of one dimension with the elements of an array.</summary>
        public static implicit operator Tensor((float, float)[] value) => tensor(value);

        /// <summary>A tensor of one dimension with the elements of an array.</summary>
        public static implicit operator Tensor(System.Numerics.Complex[] value) => tensor(value);

        /// <summary>Only there so that the compiler chooses the right overloads; it is never called.</summary>
        /// <exception cref="InvalidOperationException">Always.</exception>
        public static implicit operator Tensor(Scalar scalar) => throw new InvalidOperationException("Should not be called.");

        private Tensor Like(Op op, ScalarType? type, Device? place, bool requires_grad) =>
            Finish(Create(op, this, type ?? dtype, Arg.None, place ?? device), requires_grad);

        private static partial class Ops
        {
            internal static readonly Op zeros_like = new("aten::zeros_like");
            internal static readonly Op ones_like = new("aten::ones_like");
            internal static readonly Op empty_like = new("aten::empty_like");
            internal static readonly Op rand_like = new("aten::rand_like");
            internal static readonly Op randn_like = new("aten::randn_like");
            internal static readonly Op full_like = new("aten::full_like");
            internal static readonly Op randint_like = new("aten::randint_like", "low_dtype");
            internal static readonly Op zeros_out = new("aten::zeros", "out");
            internal static readonly Op ones_out = new("aten::ones", "out");
            internal static readonly Op empty_out = new("aten::empty", "out");
            internal static readonly Op full_out = new("aten::full", "out");
            internal static readonly Op eye_out = new("aten::eye", "m_out");
            internal static readonly Op arange_out = new("aten::arange", "start_out");
            internal static readonly Op rand_out = new("aten::rand", "out");
            internal static readonly Op randn_out = new("aten::randn", "out");
            internal static readonly Op randint_out = new("aten::randint", "out");
        }
    }
}
