using System.Runtime.CompilerServices;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace PruneGen.LibTorch.Tests;

public class LifetimeTests
{
    [Fact]
    public void Finalizers_release_what_nobody_disposed()
    {
        Finalizers.Run();
        var before = Tensor.TotalCount;
        Drop(200);
        Assert.True(Tensor.TotalCount >= before + 200);
        Assert.True(Tensor.PeakCount >= before + 200);
        Finalizers.Run();
        Assert.Equal(before, Tensor.TotalCount);
    }

    [Fact]
    public void Finalizers_give_the_native_memory_back()
    {
        // 32 × 64 MB, of which at most 4 at a time are waiting for their finalizers.
        Finalizers.Run();
        var before = Environment.WorkingSet;
        for (var i = 0; i < 32; i++)
        {
            Drop(1, elements: 16 << 20);
            if (i % 4 == 3)
                Finalizers.Run();
        }
        Assert.True(Environment.WorkingSet - before < 1L << 30);
    }

    [Fact]
    public void An_alias_is_disposed_by_itself()
    {
        var x = tensor(new[] { 1f, 2f });
        var alias = x.alias();
        Assert.NotEqual(x.Handle, alias.Handle);
        x.Dispose();
        Assert.True(x.IsInvalid);
        Assert.Equal([1f, 2f], alias.data<float>().ToArray());
    }

    [Fact]
    public void A_view_keeps_the_memory_of_what_was_disposed()
    {
        var x = arange(6).reshape(2, 3);
        var row = x[1];
        x.Dispose();
        Assert.Equal([3L, 4L, 5L], row.data<long>().ToArray());
    }

    [Fact]
    public void A_disposed_tensor_cannot_be_used()
    {
        var x = ones(2);
        x.Dispose();
        Assert.Throws<InvalidOperationException>(() => x + 1);
        Assert.Throws<InvalidOperationException>(() => x.shape);
        Assert.Throws<InvalidOperationException>(() => x.data<float>());
        Assert.Throws<InvalidOperationException>(() => x[0]);
    }

    [Fact]
    public void A_decoupled_tensor_leaves_its_native_one_to_the_caller()
    {
        var x = tensor(new[] { 4f });
        var handle = x.DecoupleFromNativeHandle();
        Assert.True(x.IsInvalid);
        Assert.Throws<InvalidOperationException>(() => x.DecoupleFromNativeHandle());
        using var again = Tensor.UnsafeCreateTensor(handle);
        Assert.Equal(4f, again.item<float>());
    }

    [Fact]
    public void An_array_stays_in_place_as_long_as_a_tensor_uses_it()
    {
        var view = OverTemporaryArray(out var reference);
        Finalizers.Run();
        Assert.True(reference.IsAlive);
        Assert.Equal([1f, 2f, 3f], view.data<float>().ToArray());
        view.Dispose();
        Finalizers.Run();
        Assert.False(reference.IsAlive);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Drop(int count, long elements = 1)
    {
        for (var i = 0; i < count; i++)
            zeros(elements);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Tensor OverTemporaryArray(out WeakReference reference)
    {
        var array = new[] { 1f, 2f, 3f };
        reference = new WeakReference(array);
        return from_array(array);
    }
}
