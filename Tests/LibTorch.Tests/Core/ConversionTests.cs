using System.Runtime.InteropServices;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace PruneGen.LibTorch.Tests;

/// <summary>Types, devices, copies, and what a tensor tells about itself.</summary>
public class ConversionTests
{
    [Fact]
    public void A_tensor_tells_its_shape_and_place()
    {
        var x = zeros(2, 3, 4).permute(2, 0, 1);
        Assert.Equal([4L, 2L, 3L], x.shape);
        Assert.Equal([4L, 2L, 3L], x.size());
        Assert.Equal(3, x.size(2));
        Assert.Equal(2, x.size(-2));
        Assert.Equal([1L, 12L, 4L], x.stride());
        Assert.Equal(12, x.stride(1));
        Assert.Equal(3, x.ndim);
        Assert.Equal(3, x.dim());
        Assert.Equal(24, x.numel());
        Assert.Equal(4, x.element_size());
        Assert.Equal(5, arange(8)[5..].storage_offset());
        Assert.False(x.is_contiguous());
        Assert.Equal(DeviceType.CPU, x.device_type);
        Assert.Equal("cpu", x.device.ToString());
        Assert.True(x.is_cpu());
        Assert.False(x.is_cuda || x.is_meta || x.is_sparse);
        Assert.True(x.is_floating_point());
        Assert.True(zeros(1, dtype: @bool).is_integral());
        Assert.True(zeros(1, dtype: complex64).is_complex());
        Assert.Throws<ExternalException>(() => x.size(3));
        Assert.Throws<ExternalException>(() => x.stride(3));
    }

    [Fact]
    public void Types_convert()
    {
        var x = tensor(new[] { -1.5f, 0f, 300.7f });
        Assert.Equal([-1L, 0L, 300L], x.@long().data<long>().ToArray());
        Assert.Equal([true, false, true], x.@bool().data<bool>().ToArray());
        Assert.Equal([-1.5, 0.0, 300.7f], x.to(float64).data<double>().ToArray());
        Assert.Equal((Half)300.7f, x.half()[2].item<Half>());
        Assert.Equal(ScalarType.Int32, x.type_as(tensor(1)).dtype);
        Assert.Equal(ScalarType.Int16, x.type(ShortTensor).dtype);
        Assert.Equal(ScalarType.Byte, x.to(uint8, CPU).dtype);
        Assert.Equal(ScalarType.Float64, x.to(zeros(1, dtype: float64)).dtype);
    }

    [Fact]
    public void A_conversion_that_changes_nothing_copies_only_when_asked()
    {
        var x = zeros(1);
        x.to(float32)[0] = 1f;
        x.cpu().add_(1);
        Assert.Equal(2f, x.item<float>());
        x.to(float32, copy: true)[0] = 5f;
        x.clone()[0] = 5f;
        Assert.Equal(2f, x.item<float>());
    }

    [Fact]
    public void The_source_can_be_disposed_with_the_conversion()
    {
        var x = ones(1);
        var y = x.to(float64, disposeAfter: true);
        Assert.True(x.IsInvalid);
        Assert.Equal(1.0, y.item<double>());
    }

    [Fact]
    public void Copy_writes_elements_and_set_takes_memory_and_shape()
    {
        var x = zeros(2, 2);
        Assert.Same(x, x.copy_(tensor(new[] { 1.0, 2.0 })));
        Assert.Equal([1f, 2f, 1f, 2f], x.data<float>().ToArray());

        var source = arange(6, float32).reshape(2, 3);
        Assert.Same(x, x.set_(source));
        Assert.Equal([2L, 3L], x.shape);
        x[0, 0] = 9f;
        Assert.Equal(9f, source[0, 0].item<float>());
    }

    [Fact]
    public void A_leaf_changes_shape_by_set_without_gradients_and_stays_a_leaf()
    {
        var weight = ones(3, 2, requires_grad: true);
        var handle = weight.Handle;
        using (no_grad())
            weight.set_(ones(2, 2));
        Assert.Equal([2L, 2L], weight.shape);
        Assert.Equal(handle, weight.Handle);
        Assert.True(weight.requires_grad && weight.is_leaf);
        weight.sum().backward();
        Assert.Equal([2L, 2L], weight.grad!.shape);
    }

    [Fact]
    public void Devices_are_named()
    {
        Assert.Equal("cuda:1", new Device("cuda:1").ToString());
        Assert.Equal("cuda", new Device(DeviceType.CUDA).ToString());
        Assert.Equal(2, new Device(2).index);
        Device fromText = "cpu";
        Assert.Equal(DeviceType.CPU, fromText.type);
        Assert.Throws<ArgumentException>(() => new Device("gpu"));
    }

    [Fact]
    public void A_device_that_is_not_there_is_an_error()
    {
        if (cuda.is_available())
        {
            Assert.True(cuda.device_count() > 0);
            Assert.True(zeros(1).cuda().is_cuda);
            return;
        }
        Assert.Equal(0, cuda.device_count());
        Assert.False(TryInitializeDeviceType(DeviceType.CUDA));
        Assert.Throws<InvalidOperationException>(() => zeros(1).cuda());
        Assert.Throws<InvalidOperationException>(() => zeros(1, device: new Device("cuda:0")));
        Assert.Throws<InvalidOperationException>(() => device("cuda"));
        cuda.manual_seed(1);
    }

    [Fact]
    public void Meta_tensors_have_shapes_only()
    {
        var x = zeros(2, 3, device: META);
        Assert.True(x.is_meta);
        Assert.Equal([2L, 2L], x.matmul(zeros(3, 2, device: META)).shape);
        Assert.Equal("[2x3], type = Float32, device = meta", x.str());
    }

    [Fact]
    public void Scalars_keep_their_kind()
    {
        Assert.Equal(ScalarType.Int64, ((Scalar)5).Type);
        Assert.Equal(ScalarType.Float64, ((Scalar)5f).Type);
        Assert.Equal(ScalarType.Bool, ((Scalar)true).Type);
        Assert.Equal(ScalarType.ComplexFloat64, ((Scalar)new System.Numerics.Complex(1, 2)).Type);
        Assert.Equal(long.MaxValue, ((Scalar)long.MaxValue).ToInt64());
        Assert.Equal(3, ((Scalar)3.9).ToInt32());
        Assert.Equal(1.0, 1.003f.ToBFloat16Scalar().ToDouble());
        Assert.Equal(1.0078125, 1.006f.ToBFloat16Scalar().ToDouble());
        Scalar scalar = 1;
        scalar.Dispose();
        Assert.Throws<InvalidOperationException>(() => scalar.ToInt32());
    }

    [Fact]
    public void Limits_of_types_are_IEEEs()
    {
        Assert.Equal(float.MaxValue, finfo(float32).max);
        Assert.Equal(double.MaxValue, finfo(float64).max);
        Assert.Equal(double.MinValue, finfo(float64).min);
        Assert.Equal(Math.BitIncrement(1.0) - 1, finfo(float64).eps);
        Assert.Equal(MathF.BitIncrement(1f) - 1, finfo(float32).eps);
        Assert.Equal((double)Half.MaxValue, finfo(float16).max);
        Assert.Equal(1.1754943508222875e-38, finfo(bfloat16).tiny);
        Assert.Equal(2.2250738585072014e-308, finfo(float64).smallest_normal);
        Assert.Throws<ArgumentException>(() => finfo(int32));
        Assert.Equal(127, max_int_value(int8));
        Assert.Equal(long.MaxValue, max_int_value(int64));
    }

    [Fact]
    public void Threads_are_set()
    {
        var before = get_num_threads();
        set_num_threads(1);
        Assert.Equal(1, get_num_threads());
        set_num_threads(before);
        Assert.Equal(before, get_num_threads());
        Assert.True(get_num_interop_threads() > 0);
    }
}
