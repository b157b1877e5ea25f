using TorchSharp.Utils;

namespace TorchSharp;

public static partial class torch
{
    // Reading and writing elements from .NET.
    public partial class Tensor
    {
        /// <summary>The elements, for reading and writing; a copy, if the tensor is not in the processor's memory.</summary>
        /// <typeparam name="T">The .NET type of the tensor's element type.</typeparam>
        /// <exception cref="ArgumentException"><typeparamref name="T"/> is not that type.</exception>
        public TensorAccessor<T> data<T>() where T : unmanaged
        {
            ValidateType(typeof(T));
            return new TensorAccessor<T>(device_type == DeviceType.CPU ? this : cpu());
        }

        /// <summary>The value of a tensor with one element.</summary>
        /// <typeparam name="T">The .NET type of the tensor's element type.</typeparam>
        /// <exception cref="ArgumentException">The tensor has not exactly one element, or its type is another one.</exception>
        public unsafe T item<T>() where T : unmanaged
        {
            if (NumberOfElements != 1)
                throw new ArgumentException("Number of elements in the tensor must be 1");
            ValidateType(typeof(T));
            if (device_type != DeviceType.CPU)
            {
                using var copy = cpu();
                return copy.item<T>();
            }
            var value = *(T*)DataPointer();
            GC.KeepAlive(this);
            return value;
        }

        /// <summary>The value of a tensor with one element.</summary>
        public Scalar ToScalar() => Dispatcher.CallScalar(Ops.item, this);

        /// <summary>The value of a tensor without dimensions; else the elements as nested lists.</summary>
        public object tolist()
        {
            if (Dimensions == 0)
                return ToScalar();
            var result = new System.Collections.ArrayList();
            for (var i = 0L; i < size(0); i++)
            {
                using var part = this[i];
                result.Add(part.tolist());
            }
            return result;
        }

        /// <summary>The memory of a contiguous tensor on the CPU. Do not use it after the tensor is gone.</summary>
        /// <exception cref="InvalidOperationException">The tensor is not contiguous or not on the CPU.</exception>
        /// <exception cref="ArgumentException">It is larger than a span can be, or, in writing, of another size.</exception>
        public unsafe Span<byte> bytes
        {
            get
            {
                ValidateBytes();
                var size = NumberOfElements * ElementSize;
                if (size > int.MaxValue)
                    throw new ArgumentException("Span only supports up to int.MaxValue elements.");
                return new Span<byte>(DataPointer(), (int)size);
            }

            set
            {
                if (!is_contiguous())
                    throw new InvalidOperationException("SetBytes() called on non-contiguous tensor.");
                if (NumberOfElements * ElementSize != value.Length)
                    throw new ArgumentException("Mismatched data sizes in SetBytes().");
                value.CopyTo(new Span<byte>(DataPointer(), value.Length));
                GC.KeepAlive(this);
            }
        }

        /// <summary>Writes the memory of the tensor to a stream.</summary>
        /// <param name="stream">Where to.</param>
        /// <param name="bufferSize">How many bytes at a time.</param>
        /// <exception cref="InvalidOperationException">The tensor is not contiguous or not on the CPU.</exception>
        public unsafe void WriteBytesToStream(Stream stream, int bufferSize = 1024)
        {
            ValidateBytes();
            var next = (byte*)DataPointer();
            for (var left = NumberOfElements * ElementSize; left > 0;)
            {
                var count = (int)Math.Min(left, bufferSize);
                stream.Write(new ReadOnlySpan<byte>(next, count));
                next += count;
                left -= count;
            }
            GC.KeepAlive(this);
        }

        /// <summary>Fills the memory of the tensor from a stream.</summary>
        /// <param name="stream">Where from.</param>
        /// <param name="bufferSize">How many bytes at a time.</param>
        /// <exception cref="InvalidOperationException">The tensor is not contiguous or not on the CPU.</exception>
        /// <exception cref="EndOfStreamException">The stream has too few bytes.</exception>
        public unsafe void ReadBytesFromStream(Stream stream, int bufferSize = 1024)
        {
            ValidateBytes();
            var next = (byte*)DataPointer();
            for (var left = NumberOfElements * ElementSize; left > 0;)
            {
                var count = (int)Math.Min(left, bufferSize);
                stream.ReadExactly(new Span<byte>(next, count));
                next += count;
                left -= count;
            }
            GC.KeepAlive(this);
        }

        /// <summary>The element at a position, counted in row-major order.</summary>
        public double ReadCpuDouble(long i) => TensorAccessor<double>.ReadItemAt(this, i);

        /// <summary>The element at a position, counted in row-major order.</summary>
        public float ReadCpuSingle(long i) => TensorAccessor<float>.ReadItemAt(this, i);

        /// <summary>The element at a position, counted in row-major order.</summary>
        public int ReadCpuInt32(long i) => TensorAccessor<int>.ReadItemAt(this, i);

        /// <summary>The element at a position, counted in row-major order.</summary>
        public long ReadCpuInt64(long i) => TensorAccessor<long>.ReadItemAt(this, i);

        /// <summary>The element at a position, counted in row-major order.</summary>
        public byte ReadCpuByte(long i) => TensorAccessor<byte>.ReadItemAt(this, i);

        /// <summary>The element at a position, counted in row-major order.</summary>
        public sbyte ReadCpuSByte(long i) => TensorAccessor<sbyte>.ReadItemAt(this, i);

        /// <summary>The element at a position, counted in row-major order.</summary>
        public short ReadCpuInt16(long i) => TensorAccessor<short>.ReadItemAt(this, i);

        /// <summary>The element at a position, counted in row-major order.</summary>
        public bool ReadCpuBool(long i) => TensorAccessor<bool>.ReadItemAt(this, i);

        /// <summary>The element at a position, counted in row-major order.</summary>
        public T ReadCpuValue<T>(long i) where T : unmanaged => TensorAccessor<T>.ReadItemAt(this, i);

        /// <summary>The half-precision element at a position in memory.</summary>
        /// <exception cref="IndexOutOfRangeException">There are not so many.</exception>
        public unsafe float ReadCpuFloat16(long i)
        {
            ValidatePosition(i);
            var value = (float)((Half*)DataPointer())[i];
            GC.KeepAlive(this);
            return value;
        }

        /// <summary>The bfloat16 element at a position in memory.</summary>
        /// <exception cref="IndexOutOfRangeException">There are not so many.</exception>
        public unsafe float ReadCpuBFloat16(long i)
        {
            ValidatePosition(i);
            // A bfloat16 is the upper half of a single-precision number.
            var value = BitConverter.UInt32BitsToSingle((uint)((ushort*)DataPointer())[i] << 16);
            GC.KeepAlive(this);
            return value;
        }

        /// <summary>The value of a tensor with one element.</summary>
        public static explicit operator float(Tensor value) => value.ToSingle();

        /// <summary>The value of a tensor with one element.</summary>
        public static explicit operator double(Tensor value) => value.ToDouble();

        /// <summary>The value of a tensor with one element.</summary>
        public static explicit operator sbyte(Tensor value) => value.ToSByte();

        /// <summary>The value of a tensor with one element.</summary>
        public static explicit operator byte(Tensor value) => value.ToByte();

        /// <summary>The value of a tensor with one element.</summary>
        public static explicit operator short(Tensor value) => value.ToInt16();

        /// <summary>The value of a tensor with one element.</summary>
        public static explicit operator int(Tensor value) => value.ToInt32();

        /// <summary>The value of a tensor with one element.</summary>
        public static explicit operator long(Tensor value) => value.ToInt64();

        /// <summary>The value of a tensor with one element.</summary>
        public static explicit operator bool(Tensor value) => value.ToBoolean();

        /// <summary>The first element in memory; null for a tensor without elements.</summary>
        internal unsafe void* DataPointer()
        {
            var pointer = Native.tensor_data(Handle);
            if (pointer is null && NumberOfElements != 0)
                throw Native.LastError();
            return pointer;
        }

        /// <summary>Makes sure that a .NET type is the tensor's element type.</summary>
        internal void ValidateType(Type dotnetType)
        {
            var type = dtype;
            if (type == ScalarType.BFloat16)
                throw new ArgumentException($"No support for {type} in TorchSharp");
            if (ToScalarType(dotnetType) is not { } given || given != type)
                throw new ArgumentException($"{dotnetType.Name} is not compatible with {type}");
        }

        private void ValidateBytes()
        {
            if (!is_contiguous())
                throw new InvalidOperationException("Bytes() called on non-contiguous tensor.");
            if (device_type != DeviceType.CPU)
                throw new InvalidOperationException("Reading data from non-CPU memory is not supported. Move or copy the tensor to the cpu before reading.");
        }

        private void ValidatePosition(long i)
        {
            if (i < 0 || i >= NumberOfElements)
                throw new IndexOutOfRangeException("The index is greater than the number of elements in the tensor");
        }

        private static partial class Ops
        {
            internal static readonly Op item = new("aten::item");
        }
    }

    /// <summary>The element type of a .NET type; null when there is none.</summary>
    internal static ScalarType? ToScalarType(Type type)
    {
        if (type == typeof(float)) return ScalarType.Float32;
        if (type == typeof(double)) return ScalarType.Float64;
        if (type == typeof(long)) return ScalarType.Int64;
        if (type == typeof(int)) return ScalarType.Int32;
        if (type == typeof(short)) return ScalarType.Int16;
        if (type == typeof(sbyte)) return ScalarType.Int8;
        if (type == typeof(byte)) return ScalarType.Byte;
        if (type == typeof(bool)) return ScalarType.Bool;
        if (type == typeof(Half)) return ScalarType.Float16;
        if (type == typeof((float, float))) return ScalarType.ComplexFloat32;
        if (type == typeof(System.Numerics.Complex)) return ScalarType.ComplexFloat64;
        return null;
    }
}
