using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace PruneGen.LibTorch.Tests;

public class DisposeScopeTests
{
    public DisposeScopeTests() => DisposeScopeManager.Statistics.Reset();

    private static LifetimeStatistics Counters => DisposeScopeManager.Statistics.TensorStatistics;

    [Fact]
    public void A_scope_disposes_what_was_created_in_it()
    {
        var outside = ones(1);
        Tensor inside, sum;
        using (var scope = NewDisposeScope())
        {
            Assert.Same(scope, CurrentDisposeScope);
            inside = ones(1);
            sum = inside + outside;
            Assert.Equal(2, scope.DisposablesCount);
            Assert.True(scope.Contains(sum));
            Assert.Equal([inside, sum], scope.DisposablesView);
        }
        Assert.Null(CurrentDisposeScope);
        Assert.True(inside.IsInvalid);
        Assert.True(sum.IsInvalid);
        Assert.False(outside.IsInvalid);
        Assert.Throws<InvalidOperationException>(() => inside.Handle);
    }

    [Fact]
    public void Moved_tensors_live_as_long_as_the_outer_scope()
    {
        Tensor moved, kept;
        using (NewDisposeScope())
        {
            using (NewDisposeScope())
            {
                moved = ones(1).MoveToOuterDisposeScope();
                kept = ones(1);
            }
            Assert.False(moved.IsInvalid);
            Assert.True(kept.IsInvalid);
        }
        Assert.True(moved.IsInvalid);
    }

    [Fact]
    public void Moving_out_of_the_outermost_scope_detaches()
    {
        Tensor first, second, third;
        using (var scope = NewDisposeScope())
        {
            (first, second) = scope.MoveToOuter(ones(1), ones(1));
            third = ones(1).DetachFromDisposeScope();
        }
        Assert.False(first.IsInvalid || second.IsInvalid || third.IsInvalid);
        Assert.Equal(3, Counters.DetachedFromScopeCount);
    }

    [Fact]
    public void A_tensor_can_be_attached_to_a_scope_and_moved_to_that_of_another()
    {
        var created = ones(1);
        using (var outer = NewDisposeScope())
        {
            outer.Attach(created);
            var companion = ones(1);
            using (var inner = NewDisposeScope())
            {
                var result = ones(1).MoveToOtherDisposeScope(companion);
                Assert.True(outer.Contains(result));
                Assert.False(inner.Contains(result));
            }
            Assert.Equal(3, outer.DisposablesCount);
        }
        Assert.True(created.IsInvalid);
        Assert.Equal(1, Counters.AttachedToScopeCount);
    }

    [Fact]
    public void Everything_but_some_can_be_disposed_early()
    {
        using var scope = NewDisposeScope();
        var gone = ones(1);
        var kept = scope.DisposeEverythingBut(ones(1));
        Assert.True(gone.IsInvalid);
        Assert.False(kept.IsInvalid);
        Assert.Equal([kept], scope.DisposablesView);
        scope.DisposeEverything();
        Assert.True(kept.IsInvalid);
        Assert.Equal(0, scope.DisposablesCount);
    }

    [Fact]
    public void A_tensor_disposed_by_hand_leaves_its_scope()
    {
        using var scope = NewDisposeScope();
        var x = ones(1);
        x.Dispose();
        Assert.Equal(0, scope.DisposablesCount);
        x.Dispose();
        Assert.Equal(1, Counters.DisposedInScopeCount);
    }

    [Fact]
    public void A_closed_scope_says_so()
    {
        var scope = NewDisposeScope();
        scope.Dispose();
        scope.Dispose();
        Assert.Throws<ObjectDisposedException>(() => scope.DisposablesCount);
        Assert.Throws<ObjectDisposedException>(() => scope.DisposablesView);
        Assert.Throws<ObjectDisposedException>(() => scope.MoveToOuter(ones(1)));
        Assert.Throws<ObjectDisposedException>(() => scope.Attach(ones(1)));
    }

    [Fact]
    public void A_scope_that_is_closed_out_of_turn_leaves_the_others_open()
    {
        var outer = NewDisposeScope();
        var inner = NewDisposeScope();
        outer.Dispose();
        Assert.Same(inner, CurrentDisposeScope);
        inner.Dispose();
        Assert.Null(CurrentDisposeScope);
    }

    [Fact]
    public void A_scope_takes_tensors_only()
    {
        using var scope = NewDisposeScope();
        Assert.Throws<InvalidOperationException>(() => scope.Attach(new MemoryStream()));
    }

    [Fact]
    public void Wrapped_in_a_scope_only_the_result_survives()
    {
        Tensor? middle = null;
        var result = WrappedTensorDisposeScope(() =>
        {
            middle = ones(2);
            return middle + 1;
        });
        Assert.True(middle!.IsInvalid);
        Assert.Equal([2f, 2f], result.data<float>().ToArray());
    }

    [Fact]
    public void Statistics_count_this_thread_only()
    {
        var outside = ones(1);
        outside.Dispose();
        using (NewDisposeScope())
            ones(1);
        var thread = new Thread(() => ones(1).Dispose());
        thread.Start();
        thread.Join();

        Assert.Equal(1, Counters.CreatedOutsideScopeCount);
        Assert.Equal(1, Counters.DisposedOutsideScopeCount);
        Assert.Equal(1, Counters.CreatedInScopeCount);
        Assert.Equal(1, Counters.DisposedInScopeCount);
        Assert.Equal(0, Counters.ThreadTotalLiveCount);
        Assert.Equal(
            "ThreadTotalLiveCount: 0; CreatedOutsideScopeCount: 1; DisposedOutsideScopeCount: 1; CreatedInScopeCount: 1; " +
            "DisposedInScopeCount: 1; AttachedToScopeCount: 0; DetachedFromScopeCount: 0",
            DisposeScopeManager.Statistics.ToString());
    }
}
