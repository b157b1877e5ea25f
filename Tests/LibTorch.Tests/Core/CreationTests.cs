using System.Numerics;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace PruneGen.LibTorch.Tests;

public class CreationTests
{
    [Fact]
    public void Zeros_ones_empty_and_full_have_the_asked_shape_and_type()
    {
        Assert.Equal([2L, 3L], zeros(2, 3).shape);
        Assert.Equal([2L, 3L, 4L], ones(2, 3, 4, dtype: int32).shape);
        Assert.Equal([5L], empty(5L).shape);
        Assert.Equal([2L, 1L, 1L, 2L], full([2, 1, 1, 2], 7).shape);
        Assert.Equal(ScalarType.Int32, ones(1, dtype: int32).dtype);
        Assert.Equal(ScalarType.Float32, zeros(1).dtype);
        Assert.Equal(4.0, zeros(2, 2, dtype: float64).add(1).sum().item<double>());
        Assert.Equal([7.5f, 7.5f], full(2, 7.5f).data<float>().ToArray());
        Assert.Empty(zeros(Array.Empty<long>()).shape);
        Assert.True(ones(1, requires_grad: true).requires_grad);
        ReadOnlySpan<long> shape = [1, 2];
        Assert.Equal([1L, 2L], ones(shape).shape);
    }

    [Fact]
    public void Like_takes_shape_type_and_device_from_the_tensor()
    {
        var x = tensor(new[,] { { 1.0, 2.0 } });
        Assert.Equal("[1x2], type = Float64, device = cpu", zeros_like(x).ToString());
        Assert.Equal("[1x2], type = Int64, device = cpu", ones_like(x, int64).ToString());
        Assert.Equal([3.0, 3.0], full_like(x, 3).data<double>().ToArray());
        Assert.Equal([1L, 2L], empty_like(x).shape);
        Assert.Equal([1L, 2L], rand_like(x).shape);
        Assert.Equal([1L, 2L], randn_like(x).shape);
        Assert.Equal([6.0, 6.0], randint_like(x, 6, 7).data<double>().ToArray());
    }

    [Fact]
    public void New_takes_type_and_device_from_the_tensor()
    {
        var x = tensor(new[] { 1L });
        Assert.Equal("[2x3], type = Int64, device = cpu", x.new_zeros(2, 3).ToString());
        Assert.Equal([1L, 1L], x.new_ones(2).data<long>().ToArray());
        Assert.Equal([4f], x.new_full(1, 4, float32).data<float>().ToArray());
        Assert.Equal([3L], x.new_empty([3]).shape);
    }

    [Fact]
    public void Numbers_become_tensors_without_dimensions()
    {
        Assert.Equal(ScalarType.Int32, tensor(1).dtype);
        Assert.Equal(ScalarType.Int64, tensor(1L).dtype);
        Assert.Equal(ScalarType.Float32, tensor(1f).dtype);
        Assert.Equal(ScalarType.Float64, tensor(1.0).dtype);
        Assert.Equal(ScalarType.Bool, tensor(true).dtype);
        Assert.Equal(ScalarType.Byte, tensor((byte)1).dtype);
        Assert.Equal(ScalarType.Int8, tensor((sbyte)1).dtype);
        Assert.Equal(ScalarType.Int16, tensor((short)1).dtype);
        Assert.Equal(ScalarType.ComplexFloat64, tensor(new Complex(1, 2)).dtype);
        Assert.Equal(0, tensor(1.5f).ndim);
        Assert.Equal(1.5f, tensor(1.5f).item<float>());
        Assert.Equal(long.MaxValue - 1, tensor(long.MaxValue - 1).item<long>());
    }

    [Fact]
    public void Arrays_of_every_type_are_copied()
    {
        Assert.Equal([true, false], tensor(new[] { true, false }).data<bool>().ToArray());
        Assert.Equal(new byte[] { 1, 255 }, tensor(new byte[] { 1, 255 }).data<byte>().ToArray());
        Assert.Equal(new sbyte[] { 1, -1 }, tensor(new sbyte[] { 1, -1 }).data<sbyte>().ToArray());
        Assert.Equal(new short[] { 1, -1 }, tensor(new short[] { 1, -1 }).data<short>().ToArray());
        Assert.Equal([1, -1], tensor(new[] { 1, -1 }).data<int>().ToArray());
        Assert.Equal([1L, -1L], tensor(new[] { 1L, -1L }).data<long>().ToArray());
        Assert.Equal([(Half)1, (Half)0.5], tensor(new[] { (Half)1, (Half)0.5 }).data<Half>().ToArray());
        Assert.Equal([1.0, 0.1], tensor(new[] { 1.0, 0.1 }).data<double>().ToArray());
        Assert.Equal([new Complex(1, 2)], tensor(new[] { new Complex(1, 2) }).data<Complex>().ToArray());
        Assert.Equal([(1f, 2f)], tensor(new[] { (1f, 2f) }).data<(float, float)>().ToArray());

        var array = new[] { 1f, 2f };
        var copy = tensor(array);
        array[0] = 9;
        Assert.Equal([1f, 2f], copy.data<float>().ToArray());
    }

    [Fact]
    public void Lists_memory_and_arrays_of_more_dimensions_are_copied()
    {
        Assert.Equal([1L, 2L], tensor(new List<long> { 1, 2 }).data<long>().ToArray());
        Assert.Equal([2L, 2L], tensor(new List<float> { 1, 2, 3, 4 }, 2, 2).shape);
        Assert.Equal([1.0, 2.0], tensor(new double[] { 1, 2 }.AsMemory(), [2L]).data<double>().ToArray());
        var cube = tensor(new[,,] { { { 1, 2 }, { 3, 4 } }, { { 5, 6 }, { 7, 8 } } });
        Assert.Equal([2L, 2L, 2L], cube.shape);
        Assert.Equal(6, cube[1, 0, 1].item<int>());
        Assert.Equal([2f, 3f], tensor(new[] { 2, 3 }, dtype: float32).data<float>().ToArray());
        Assert.Equal([1f, 2f], tensor(new[] { 1f, 2f, 3f }, [2L]).data<float>().ToArray());
    }

    [Fact]
    public void Too_few_elements_for_the_shape_are_refused()
    {
        var error = Assert.Throws<ArgumentException>(() => tensor(new[] { 1f, 2f, 3f }, [2L, 2L]));
        Assert.Contains("mismatched total size creating a tensor from an array: 4 vs. 3", error.Message);
    }

    [Fact]
    public void From_array_and_frombuffer_share_memory()
    {
        var array = new[,] { { 1f, 2f }, { 3f, 4f } };
        var x = from_array(array);
        x[1, 0] = 30f;
        Assert.Equal(30f, array[1, 0]);
        array[0, 1] = 20f;
        Assert.Equal([1f, 20f, 30f, 4f], x.data<float>().ToArray());

        var numbers = new[] { 1, 2, 3, 4, 5 };
        var middle = frombuffer(numbers, int32, count: 3, offset: 1);
        numbers[2] = 33;
        Assert.Equal([2, 33, 4], middle.data<int>().ToArray());
        Assert.Equal([5.0], frombuffer(numbers, float64, offset: 4).data<double>().ToArray());
        Assert.Throws<ArgumentException>(() => frombuffer(numbers, int32, offset: 5));
        Assert.Throws<IndexOutOfRangeException>(() => frombuffer(numbers, int32, count: 5, offset: 1));
        Assert.Throws<NotSupportedException>(() => from_array(new[] { "text" }));
    }

    [Fact]
    public void As_tensor_copies_only_where_something_changes()
    {
        var x = tensor(new[] { 1f });
        as_tensor(x)[0] = 2f;
        Assert.Equal(2f, x.item<float>());
        as_tensor(x, float64)[0] = 3.0;
        Assert.Equal(2f, x.item<float>());
        Assert.Equal([1L, 2L], as_tensor(new List<long> { 1, 2 }).data<long>().ToArray());
    }

    [Fact]
    public void Arange_counts_by_steps()
    {
        Assert.Equal([0L, 1L, 2L], arange(3).data<long>().ToArray());
        Assert.Equal([2L, 3L], arange(2, 4).data<long>().ToArray());
        Assert.Equal([5L, 3L, 1L], arange(5, 0, -2).data<long>().ToArray());
        Assert.Equal([0f, 0.5f, 1f], arange(0, 1.5, 0.5).data<float>().ToArray());
        Assert.Equal(ScalarType.Int32, arange(3, int32).dtype);
        Assert.Equal([Complex.Zero, Complex.One], arange(2, complex128).data<Complex>().ToArray());
    }

    [Fact]
    public void Linspace_logspace_and_eye_follow_their_formulas()
    {
        Assert.Equal([0.0, 0.25, 0.5, 0.75, 1.0], linspace(0, 1, 5, float64).data<double>().ToArray());
        Assert.Equal([1.0, 10.0, 100.0], logspace(0, 2, 3, dtype: float64).data<double>().ToArray().Select(value => Math.Round(value, 10)));
        Assert.Equal([1f, 0f, 0f, 0f, 1f, 0f], eye(2, 3).data<float>().ToArray());
        Assert.Equal([3L, 3L], eye(3).shape);
    }

    [Fact]
    public void Complex_numbers_come_from_parts_and_from_angles()
    {
        var x = complex(tensor(new[] { 1.0 }), tensor(new[] { -2.0 }));
        Assert.Equal(new Complex(1, -2), x.item<Complex>());
        var y = polar(tensor(new[] { 2.0 }), tensor(new[] { Math.PI / 2 })).item<Complex>();
        Assert.Equal(0, y.Real, 12);
        Assert.Equal(2, y.Imaginary, 12);
    }

    [Fact]
    public void Names_of_dimensions_are_kept()
    {
        var x = zeros(2, 3, names: ["rows", "columns"]);
        Assert.True(x.has_names());
        Assert.Equal(["rows", "columns"], x.names);
        Assert.Equal(["rows", "c"], x.rename(["...", "c"]).names);
        Assert.False(x.rename(null).has_names());
        Assert.Same(x, x.rename_(["a", null]));
        Assert.Equal("a", x.names[0]);
        Assert.Null(x.names[1]);
        Assert.Throws<ArgumentException>(() => x.rename(["a"]));
    }

    [Fact]
    public void The_default_type_is_used_where_none_is_given()
    {
        set_default_dtype(float64);
        try
        {
            Assert.Equal(ScalarType.Float64, zeros(1).dtype);
            Assert.Equal(ScalarType.Float64, rand(1).dtype);
            Assert.Equal(64, finfo().bits);
        }
        finally
        {
            set_default_dtype(float32);
        }
        Assert.Throws<ArgumentException>(() => set_default_dtype(int32));
    }

    [Fact]
    public void Tensors_change_shape_and_fill_in_place_by_the_out_forms()
    {
        var x = zeros(1, dtype: int64);
        x.ones(2, 2);
        Assert.Equal([1L, 1L, 1L, 1L], x.data<long>().ToArray());
        x.full([3], 5);
        Assert.Equal([5L, 5L, 5L], x.data<long>().ToArray());
        x.arange_out(0, 4, 2);
        Assert.Equal([0L, 2L], x.data<long>().ToArray());
        x.eye(1, 2);
        Assert.Equal([1L, 0L], x.data<long>().ToArray());
        x.zeros(2);
        Assert.Equal([0L, 0L], x.data<long>().ToArray());
        x.fill_(4).zero_();
        Assert.Equal([0L, 0L], x.data<long>().ToArray());
    }
}
