using System.Runtime.InteropServices;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace PruneGen.LibTorch.Tests;

/// <summary>Elements, from .NET: accessors, single values, raw bytes, files.</summary>
public class DataTests
{
    [Fact]
    public void An_accessor_reads_and_writes_by_position()
    {
        var x = arange(6, float32).reshape(2, 3);
        var data = x.data<float>();
        Assert.Equal(6, data.Count);
        Assert.Equal(4f, data[1, 1]);
        Assert.Equal(4f, data[4]);
        data[0, 2] = 20f;
        data[1, 0] = 30f;
        Assert.Equal([0f, 1f, 20f, 30f, 4f, 5f], x.data<float>().ToArray());
        var line = x.reshape(6).data<float>();
        line[1] = 10f;
        Assert.Equal(10f, data[0, 1]);
        Assert.Throws<IndexOutOfRangeException>(() => line[6] = 0);
        Assert.Throws<IndexOutOfRangeException>(() => line[-1] = 0);
        Assert.Throws<IndexOutOfRangeException>(() => data[6]);
        Assert.Throws<IndexOutOfRangeException>(() => data[2, 0]);
        Assert.Throws<IndexOutOfRangeException>(() => data[0, -1]);
        Assert.Throws<IndexOutOfRangeException>(() => data[6] = 0);
        Assert.Throws<IndexOutOfRangeException>(() => data[2, 0] = 0);
        Assert.Throws<ArgumentOutOfRangeException>(() => data[-1]);
    }

    [Fact]
    public void An_accessor_follows_rows_whatever_the_order_in_memory()
    {
        var x = arange(24, int32).reshape(2, 3, 4).permute(2, 0, 1);
        Assert.False(x.is_contiguous());
        var expected = Enumerable.Range(0, 24).Select(n => n % 6 / 3 * 12 + n % 3 * 4 + n / 6).ToArray();
        var data = x.data<int>();
        Assert.Equal(expected, data);
        Assert.Equal(expected, data.ToArray());
        Assert.Equal(expected[7], data[7]);
        Assert.Equal(expected, data.ToNDArray().Cast<int>());
        var part = new int[5];
        data.CopyTo(part, arrayIndex: 2, tensorIndex: 9);
        Assert.Equal([0, 0, .. expected[9..12]], part);
        data.CopyFrom([100, 101], tensorIndex: 22);
        Assert.Equal([100, 101], data.ToArray()[22..]);
        Assert.Equal([expected[2], expected[8]], x[TensorIndex.Slice(0, 2), 0, 2].data<int>().ToArray());
    }

    [Fact]
    public void An_accessor_copies_to_arrays_until_either_ends()
    {
        var data = arange(4).data<long>();
        var small = new long[2];
        data.CopyTo(small);
        Assert.Equal([0L, 1L], small);
        var large = new long[6];
        data.CopyTo(large.AsSpan(), 1, 2);
        Assert.Equal([0L, 2L, 3L, 0L, 0L, 0L], large);
        data.CopyFrom([7L, 8L, 9L], 1, 3);
        Assert.Equal([0L, 1L, 2L, 8L], data);
        Assert.Throws<ArgumentOutOfRangeException>(() => data.CopyTo(small, 0, 4));
    }

    [Fact]
    public void An_accessor_gives_arrays_of_the_tensors_shape()
    {
        Assert.Equal(new[,] { { 1f, 2f }, { 3f, 4f } }, tensor(new[,] { { 1f, 2f }, { 3f, 4f } }).data<float>().ToNDArray());
        Assert.Equal(new[] { 5 }, tensor(5).data<int>().ToNDArray());
        Assert.Empty(zeros(0).data<float>());
        Assert.Empty(zeros(0).data<float>().ToArray());
        Assert.Empty(zeros(2, 0).data<float>().ToNDArray());
    }

    [Fact]
    public void Accessors_compare_by_elements()
    {
        var x = arange(3).data<long>();
        Assert.True(x == tensor(new[] { 0L, 1L, 2L }).data<long>());
        Assert.True(x != tensor(new[] { 0L, 1L }).data<long>());
        x.Dispose();
        Assert.Equal(0L, x.Count);
    }

    [Fact]
    public void The_type_must_be_the_tensors()
    {
        var error = Assert.Throws<ArgumentException>(() => zeros(1).data<double>());
        Assert.Contains("Double is not compatible with Float32", error.Message);
        Assert.Throws<ArgumentException>(() => zeros(1).item<int>());
        Assert.Throws<ArgumentException>(() => zeros(1, dtype: bfloat16).data<float>());
        Assert.Throws<ArgumentException>(() => zeros(2).item<float>());
    }

    [Fact]
    public void Single_values_convert()
    {
        var x = tensor(2.75);
        Assert.Equal(2.75, x.ToDouble());
        Assert.Equal(2.75f, (float)x);
        Assert.Equal(2, (int)x);
        Assert.Equal(2L, x.ToInt64());
        Assert.True((bool)x);
        Assert.Equal((Half)2.75, x.ToHalf());
        Assert.Equal((byte)2, x.ToByte());
        Assert.Equal(ScalarType.Float64, x.ToScalar().Type);
        Assert.Equal(ScalarType.Int64, tensor(1).ToScalar().Type);
        Assert.Equal(ScalarType.Bool, tensor(true).ToScalar().Type);
        Assert.Throws<ExternalException>(() => zeros(2).ToSingle());
        Assert.True(tensor(3).is_nonzero());
        Assert.Throws<InvalidOperationException>(() => zeros(2).is_nonzero());
    }

    [Fact]
    public void Elements_are_read_one_by_one()
    {
        var x = tensor(new[,] { { 1f, 2f }, { 3f, 4f } }).t();
        Assert.Equal(3f, x.ReadCpuSingle(1));
        Assert.Equal(2f, x.ReadCpuValue<float>(2));
        Assert.Equal(1.5f, tensor(new[] { 1.5f }).half().ReadCpuFloat16(0));
        Assert.Equal(1.5f, tensor(new[] { 1.5f }).bfloat16().ReadCpuBFloat16(0));
        Assert.Throws<IndexOutOfRangeException>(() => tensor(new[] { 1f }).half().ReadCpuFloat16(1));
    }

    [Fact]
    public void Nested_lists_hold_scalars()
    {
        var rows = Assert.IsType<System.Collections.ArrayList>(tensor(new[,] { { 1, 2 }, { 3, 4 } }).tolist());
        var second = Assert.IsType<System.Collections.ArrayList>(rows[1]);
        Assert.Equal(4, Assert.IsType<Scalar>(second[1]).ToInt32());
    }

    [Fact]
    public void Bytes_are_the_memory_itself()
    {
        var x = tensor(new[] { 1, 256 });
        Assert.Equal([1, 0, 0, 0, 0, 1, 0, 0], x.bytes.ToArray());
        x.bytes[1] = 1;
        Assert.Equal(257, x[0].item<int>());
        x.bytes = new byte[] { 2, 0, 0, 0, 3, 0, 0, 0 };
        Assert.Equal([2, 3], x.data<int>().ToArray());
        Assert.Throws<ArgumentException>(() => x.bytes = new byte[] { 1 });
        Assert.Throws<InvalidOperationException>(() => zeros(2, 2).t().bytes.Length);
    }

    [Fact]
    public void Bytes_go_through_streams()
    {
        var x = arange(1000, float64);
        using var stream = new MemoryStream();
        x.WriteBytesToStream(stream, bufferSize: 100);
        Assert.Equal(8000, stream.Length);
        stream.Position = 0;
        var y = zeros(1000, dtype: float64);
        y.ReadBytesFromStream(stream, bufferSize: 7);
        Assert.True(x.Equals(y));
        Assert.Throws<EndOfStreamException>(() => y.ReadBytesFromStream(stream));
    }

    [Fact]
    public void The_dat_format_is_type_dimensions_sizes_and_bytes()
    {
        var x = full([1, 300], 2, dtype: uint8);
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        x.Save(writer);
        // Byte = 0; two dimensions; 1; 300 = 0b10_0101100 in LEB128.
        Assert.Equal([0, 2, 1, 0xAC, 0x02, 2, 2], stream.ToArray()[..7]);
        Assert.Equal(5 + 300, stream.Length);

        using var reader = new BinaryReader(stream);
        stream.Position = 0;
        Assert.True(TensorExtensionMethods.Load(reader).Equals(x));
        stream.Position = 0;
        var same = zeros(1, 300, dtype: uint8);
        same.Load(reader);
        Assert.True(same.Equals(x));
        stream.Position = 0;
        same.zero_().Load(reader, skip: true);
        Assert.Equal(stream.Length, stream.Position);
        Assert.Equal(0, same.sum().item<long>());

        stream.Position = 0;
        Assert.Contains("Mismatched tensor shape", Assert.Throws<ArgumentException>(() => zeros(300, dtype: uint8).Load(reader)).Message);
        stream.Position = 0;
        Assert.Contains("Mismatched tensor data types", Assert.Throws<ArgumentException>(() => zeros(1, 300).Load(reader)).Message);
    }

    [Fact]
    public void Files_keep_tensors_in_both_formats()
    {
        var path = Path.GetTempFileName();
        try
        {
            var x = randn(3, 4, dtype: float64);
            x.Save(path);
            Assert.True(Tensor.Load(path).Equals(x));
            save(x, path);
            Assert.True(load(path).Equals(x));
        }
        finally
        {
            File.Delete(path);
        }
        Assert.Throws<FileNotFoundException>(() => Tensor.Load(path));
        Assert.Throws<ExternalException>(() => load(path));
    }
}
