using System.Runtime.InteropServices;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace PruneGen.LibTorch.Tests;

/// <summary>libtorch's errors arrive as exceptions that begin with its message.</summary>
public class ErrorTests
{
    [Fact]
    public void A_mismatch_of_shapes_says_which()
    {
        var error = Assert.Throws<ExternalException>(() => ones(2, 3) + ones(2, 4));
        Assert.Equal("The size of tensor a (3) must match the size of tensor b (4) at non-singleton dimension 1", FirstLine(error));
    }

    [Fact]
    public void A_product_throws_rather_than_ending_the_process()
    {
        var error = Assert.Throws<ExternalException>(() => ones(2, 3).mm(ones(2, 3)));
        Assert.Equal("mat1 and mat2 shapes cannot be multiplied (2x3 and 2x3)", FirstLine(error));
    }

    [Fact]
    public void A_message_begins_with_libtorchs_own()
    {
        var error = Assert.Throws<ExternalException>(() => ones(2, 3).view(5));
        Assert.Equal("shape '[5]' is invalid for input of size 6", FirstLine(error));
    }

    [Fact]
    public void An_allocation_that_is_too_large_is_an_error()
    {
        Assert.Throws<ExternalException>(() => empty(1L << 50));
        Assert.Throws<ExternalException>(() => zeros(-1));
    }

    [Fact]
    public void A_failed_call_leaves_the_next_one_alone()
    {
        var x = ones(2);
        Assert.Throws<ExternalException>(() => x.view(3));
        Assert.Equal(2f, x.sum().item<float>());
    }

    [Fact]
    public void A_sparse_tensor_has_no_elements_to_point_at_and_says_so()
    {
        var sparse = sparse_coo_tensor(tensor(new[,] { { 0L, 1L }, { 2L, 0L } }), tensor(new[] { 3f, 4f }), [2, 3]);
        Assert.True(sparse.is_sparse);
        Assert.Throws<ExternalException>(() => sparse.data<float>());
        Assert.Equal([0f, 0f, 3f, 4f, 0f, 0f], sparse.to_dense().data<float>().ToArray());
    }

    [Fact]
    public void A_dense_tensor_becomes_sparse()
    {
        var dense = tensor(new[,] { { 0f, 0f, 3f }, { 4f, 0f, 0f } });
        var sparse = dense.to_sparse();
        Assert.True(sparse.is_sparse);
        Assert.Equal([0L, 1L, 2L, 0L], sparse.SparseIndices.data<long>().ToArray());
        Assert.Equal([3f, 4f], sparse.SparseValues.data<float>().ToArray());
        Assert.True(sparse.to_dense().Equals(dense));
        var rows = dense[..1].to_sparse(1);
        Assert.Equal([0L], rows.SparseIndices.data<long>().ToArray());
        Assert.Equal([0f, 0f, 3f], rows.SparseValues.data<float>().ToArray());
    }

    [Fact]
    public void Each_thread_gets_its_own_message()
    {
        var messages = new string[8];
        Parallel.For(0, messages.Length, i =>
        {
            for (var repeat = 0; repeat < 50; repeat++)
                messages[i] = FirstLine(Assert.Throws<ExternalException>(() => ones(2).view(i + 3)));
        });
        Assert.Equal(Enumerable.Range(3, messages.Length).Select(size => $"shape '[{size}]' is invalid for input of size 2"), messages);
    }

    // TorchSharp goes on with libtorch's stack.
    private static string FirstLine(ExternalException error) => error.Message.Split('\n')[0];
}
