using System.Runtime.InteropServices;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace PruneGen.LibTorch.Tests;

/// <summary>
/// Where TorchSharp 0.107's tensors, errors and optimizers do not do what they say, and ours do. Left out when the tests
/// run on TorchSharp's packages.
/// </summary>
public class CorrectedCoreTests
{
    [Fact]
    public void A_message_has_one_line()
    {
        // TorchSharp goes on with libtorch's stack.
        var error = Assert.Throws<ExternalException>(() => ones(2, 3).view(5));
        Assert.Equal("shape '[5]' is invalid for input of size 6", error.Message);
        error = Assert.Throws<ExternalException>(() => ones(2, 3) + ones(2, 4));
        Assert.Equal("The size of tensor a (3) must match the size of tensor b (4) at non-singleton dimension 1", error.Message);
    }

    [Fact]
    public void No_threads_are_too_few()
    {
        // TorchSharp ends the process.
        var before = get_num_threads();
        Assert.Throws<ExternalException>(() => set_num_threads(0));
        Assert.Equal(before, get_num_threads());
    }

    [Fact]
    public void An_accessor_writes_by_one_position_whatever_the_shape()
    {
        // TorchSharp takes it for that of the last dimension, and misses those of the others.
        var data = arange(6, float32).reshape(2, 3).data<float>();
        data[3] = 30f;
        Assert.Equal([0f, 1f, 2f, 30f, 4f, 5f], data);
    }

    [Fact]
    public void An_accessor_copies_from_the_middle_whatever_the_order_in_memory()
    {
        // TorchSharp begins at the right element, but counts on as if it were the first.
        var x = arange(24, int32).reshape(2, 3, 4).permute(2, 0, 1);
        var data = x.data<int>();
        var expected = data.ToArray();
        var part = new int[5];
        data.CopyTo(part, arrayIndex: 1, tensorIndex: 9);
        Assert.Equal([0, .. expected[9..13]], part);
        data.CopyFrom([100, 101, 102, 103], tensorIndex: 10);
        Assert.Equal([.. expected[..10], 100, 101, 102, 103, .. expected[14..]], data.ToArray());
    }

    [Fact]
    public void Accessors_are_equal_when_their_elements_are()
    {
        // TorchSharp throws NullReferenceException.
        var x = arange(3).data<long>();
        Assert.True(x.Equals(tensor(new[] { 0L, 1L, 2L }).data<long>()));
        Assert.False(x.Equals(tensor(new[] { 0L, 1L, 3L }).data<long>()));
        Assert.False(x.Equals(null));
        Assert.False(x.Equals("012"));
    }

    [Fact]
    public void Zeroing_returns_the_tensor_itself_and_leaves_none_behind()
    {
        // TorchSharp returns another handle, which zero_grad leaves to the finalizer.
        var x = ones(2);
        Assert.Same(x, x.zero_());

        var parameter = nn.Parameter(ones(4));
        using var optimizer = optim.Adam([parameter]);
        parameter.grad = ones(4);
        var counters = DisposeScopeManager.Statistics.TensorStatistics;
        var before = counters.ThreadTotalLiveCount;
        for (var i = 0; i < 5; i++)
        {
            optimizer.step();
            optimizer.zero_grad();
        }
        Assert.Equal(before, counters.ThreadTotalLiveCount);
    }
}
