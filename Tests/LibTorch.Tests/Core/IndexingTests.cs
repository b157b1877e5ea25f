using System.Runtime.InteropServices;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace PruneGen.LibTorch.Tests;

public class IndexingTests
{
    // 0 … 23; the element at (i, j, k) is 12 i + 4 j + k.
    private readonly Tensor cube = arange(24).reshape(2, 3, 4);

    [Fact]
    public void Numbers_choose_parts()
    {
        Assert.Equal([3L, 4L], cube[1].shape);
        Assert.Equal([4L], cube[1, 2].shape);
        Assert.Equal(23, cube[1, 2, 3].item<long>());
        Assert.Equal(23, cube[-1, -1, -1].item<long>());
        Assert.Equal(0, zeros(1, 1, 1, 1)[0, 0, 0, 0].item<float>());
        Assert.Equal(0, zeros(new long[] { 1, 1, 1, 1, 1 })[0, 0, 0, 0, 0].item<float>());
        Assert.Equal(0, zeros(new long[] { 1, 1, 1, 1, 1, 1 })[0, 0, 0, 0, 0, 0].item<float>());
        Assert.Equal(0, zeros(new long[] { 1, 1, 1, 1, 1, 1, 1 })[0, 0, 0, 0, 0, 0, 0].item<float>());
    }

    [Fact]
    public void Ranges_choose_slices_and_indices_from_the_end_count_back()
    {
        Assert.Equal([1L, 3L, 4L], cube[1..].shape);
        Assert.Equal([2L, 1L, 4L], cube[.., 1..2].shape);
        Assert.Equal([4L, 5L, 6L, 7L], cube[0, 1..2, ..].data<long>().ToArray());
        Assert.Equal([21L, 22L], cube[^1, ^1, 1..^1].data<long>().ToArray());
        Assert.Equal([20L, 21L, 22L, 23L], cube[1, ^1..].data<long>().ToArray());
        Assert.Equal([0L, 1L], cube[0, 0, ..^2].data<long>().ToArray());
    }

    [Fact]
    public void Slices_take_steps_and_open_ends()
    {
        Assert.Equal([1L, 3L], cube[0, 0, TensorIndex.Slice(1, null, 2)].data<long>().ToArray());
        Assert.Equal([0L, 2L], cube[0, 0, TensorIndex.Slice(step: 2)].data<long>().ToArray());
        Assert.Equal([2L, 3L], cube[0, 0, TensorIndex.Slice(-2)].data<long>().ToArray());
        Assert.Equal([0L, 1L], cube[0, 0, (0, 2)].data<long>().ToArray());
        Assert.Equal([2L, 3L], cube[0, 0, (2, null)].data<long>().ToArray());
        Assert.Equal([2L, 3L, 4L], cube[TensorIndex.Colon].shape);
    }

    [Fact]
    public void Ellipsis_None_and_truth_values_keep_add_and_drop_dimensions()
    {
        Assert.Equal([3L, 7L, 11L, 15L, 19L, 23L], cube[TensorIndex.Ellipsis, 3].data<long>().ToArray());
        Assert.Equal([2L, 1L, 3L, 4L], cube[.., TensorIndex.None].shape);
        Assert.Equal([1L, 2L, 3L, 4L], cube[TensorIndex.Null].shape);
        Assert.Equal([1L, 2L, 3L, 4L], cube[TensorIndex.Bool(true)].shape);
        Assert.Equal([0L, 2L, 3L, 4L], cube[TensorIndex.Bool(false)].shape);
    }

    [Fact]
    public void Tensors_choose_by_position_and_by_truth()
    {
        var columns = tensor(new[] { 3L, 0L });
        Assert.Equal([3L, 0L], cube[0, 0][columns].data<long>().ToArray());
        Assert.Equal([3L, 15L], cube[.., 0, TensorIndex.Tensor(tensor(new[] { 3L }))].data<long>().ToArray());
        Assert.Equal([22L, 23L], cube[cube > 21].data<long>().ToArray());
        Assert.Equal([7L, 20L], cube.index(tensor(new[] { 0L, 1L }), tensor(new[] { 1L, 2L }), columns).data<long>().ToArray());
    }

    [Fact]
    public void A_slice_is_a_view_and_a_choice_by_tensor_a_copy()
    {
        cube[0, 0][0] = 100L;
        Assert.Equal(100, cube[0, 0, 0].item<long>());
        var copy = cube[TensorIndex.Tensor(tensor(new[] { 0L }))];
        copy[0, 0, 0] = 200L;
        Assert.Equal(100, cube[0, 0, 0].item<long>());
    }

    [Fact]
    public void Parts_are_written_with_numbers_and_tensors()
    {
        var x = zeros(3, 4);
        x[0, 1] = 1f;
        x[1] = tensor(new[] { 1f, 2f, 3f, 4f });
        x[2, 1..3] = 5f;
        x[^1, ^1] = 6f;
        x[.., 0] = tensor(new[] { 7f, 8f, 9f });
        Assert.Equal([7f, 1f, 0f, 0f, 8f, 2f, 3f, 4f, 9f, 5f, 5f, 6f], x.data<float>().ToArray());
        x[x > 4] = 0f;
        Assert.Equal([0f, 1f, 0f, 0f, 0f, 2f, 3f, 4f, 0f, 0f, 0f, 0f], x.data<float>().ToArray());
    }

    [Fact]
    public void Index_put_returns_the_tensor_and_adds_when_asked()
    {
        var x = zeros(3);
        Assert.Same(x, x.index_put_((Scalar)4, TensorIndex.Single(1)));
        Assert.Same(x, x.index_put_(ones(2), TensorIndex.Slice(1)));
        Assert.Equal([0f, 1f, 1f], x.data<float>().ToArray());
        x.index_put_(ones(3), [tensor(new[] { 2L, 2L, 0L })], accumulate: true);
        Assert.Equal([1f, 1f, 3f], x.data<float>().ToArray());
        x.index_put_((Scalar)9, tensor(new[] { 0L }));
        Assert.Equal([9f, 1f, 3f], x.data<float>().ToArray());
        Assert.ThrowsAny<Exception>(() => x.index_put_(ones(1), [TensorIndex.Single(0)], accumulate: true));
    }

    [Fact]
    public void What_is_not_there_is_an_error()
    {
        // Numbers choose one by one …
        Assert.Contains("index 2 out of range for tensor of size [2, 3, 4] at dimension 0", Assert.Throws<ExternalException>(() => cube[2]).Message);
        Assert.Contains("index 3 out of range for tensor of size [3, 4] at dimension 0", Assert.Throws<ExternalException>(() => cube[0, 3]).Message);
        Assert.Contains("cannot be applied to a 0-dim tensor", Assert.Throws<ExternalException>(() => cube[0, 0, 0, 0]).Message);
        Assert.Throws<ExternalException>(() => cube[0] = zeros(5, dtype: int64));
        Assert.Throws<ExternalException>(() => cube[0] = zeros(1, 1, 3, 4, dtype: int64));
        // … and indices all at once.
        Assert.Contains("out of bounds", Assert.Throws<ExternalException>(() => cube[TensorIndex.Single(2)]).Message);
        Assert.Contains("out of bounds", Assert.Throws<ExternalException>(() => cube[0, TensorIndex.Single(3)]).Message);
        Assert.Contains("too many indices", Assert.Throws<ExternalException>(() => cube[0, 0, 0, TensorIndex.Single(0)]).Message);
        Assert.Contains("too many indices", Assert.Throws<ExternalException>(() => cube[0, 0, 0, 0, 0, 0, 0]).Message);
        Assert.Throws<ExternalException>(() => cube[TensorIndex.Single(0)] = zeros(5, dtype: int64));
    }
}
