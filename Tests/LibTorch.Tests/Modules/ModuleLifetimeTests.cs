using TorchSharp;
using TorchSharp.Modules;
using Xunit;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace PruneGen.LibTorch.Tests;

/// <summary>Disposing modules, training and evaluation mode, gradients, names, parameters.</summary>
public class ModuleLifetimeTests
{
    [Fact]
    public void Disposing_a_module_disposes_the_tensors_of_the_whole_tree()
    {
        var pair = new Pair();
        var tensors = pair.parameters().Concat(pair.buffers()).ToList();
        Assert.Equal(6, tensors.Count);

        pair.Dispose();
        pair.Dispose();

        Assert.All(tensors, t => Assert.True(t.IsInvalid));
        Assert.Empty(pair.parameters());
        Assert.Empty(pair.state_dict());
    }

    [Fact]
    public void A_disposed_module_counts_as_none_when_it_is_registered()
    {
        var child = new Affine();
        child.Dispose();
        using var parent = new Sequence();
        parent.register_module("child", child);
        Assert.Empty(parent.children());
    }

    private sealed class Sequence() : Module(nameof(Sequence));

    private sealed class Owner(List<bool> calls) : Module(nameof(Owner))
    {
        protected override void Dispose(bool disposing)
        {
            calls.Add(disposing);
            base.Dispose(disposing);
        }
    }

    [Fact]
    public void A_derived_class_hears_that_it_is_disposed()
    {
        var calls = new List<bool>();
        new Owner(calls).Dispose();
        Assert.Equal([true], calls);
    }

    [Fact]
    public void Tensors_of_a_disposed_module_do_not_wait_for_their_scope()
    {
        using var scope = NewDisposeScope();
        var affine = new Affine();
        affine.Dispose();
        Assert.False(scope.Contains(affine.weight));
        Assert.True(affine.weight.IsInvalid);
    }

    [Fact]
    public void Modules_train_at_first_and_evaluation_reaches_the_whole_tree()
    {
        using var pair = new Pair();
        Assert.True(pair.training);

        pair.eval();
        Assert.False(pair.training);
        Assert.All(pair.modules(), m => Assert.False(m.training));

        pair.train();
        Assert.True(pair.first.training);

        pair.train(false);
        Assert.False(pair.first.training);
    }

    [Fact]
    public void Applying_visits_what_is_below_first()
    {
        using var pair = new Pair();
        var visited = new List<Module>();
        Assert.Same(pair, pair.apply(visited.Add));
        Assert.Equal<Module>([pair.first, pair.second, pair], visited);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Gradients_are_released_or_zeroed(bool toNone)
    {
        using var pair = new Pair();
        using (var x = ones(1))
        using (var y = pair.call(x))
            y.sum().backward();
        Assert.All(pair.parameters(), p => Assert.NotEqual(0f, p.grad!.item<float>()));

        pair.zero_grad(toNone);

        foreach (var parameter in pair.parameters())
        {
            using var grad = parameter.grad;
            if (toNone) Assert.Null(grad);
            else Assert.Equal(0f, grad!.item<float>());
        }
    }

    [Fact]
    public void The_name_is_the_one_given_to_the_constructor()
    {
        using var named = new Affine(name: "my name");
        Assert.Equal("my name", named.GetName());
    }

    [Fact]
    public void A_parameter_takes_the_tensors_place()
    {
        var data = tensor(new[] { 1f, 2f });
        var handle = data.Handle;

        using var parameter = Parameter(data);

        Assert.True(data.IsInvalid);
        Assert.Equal(handle, parameter.Handle);
        Assert.True(parameter.requires_grad);
        Assert.True(parameter.is_leaf);
        Assert.Equal([1f, 2f], parameter.data<float>().ToArray());
    }

    [Fact]
    public void A_tensor_can_be_taken_as_a_parameter()
    {
        var data = ones(2);
        using Parameter parameter = data.AsParameter();
        Assert.True(data.IsInvalid);
        Assert.True(parameter.requires_grad);
    }

    [Fact]
    public void A_parameter_need_not_require_a_gradient()
    {
        using var parameter = new Parameter(tensor(new[] { 1L, 2L }), requires_grad: false);
        Assert.False(parameter.requires_grad);
    }

    [Fact]
    public void A_parameter_takes_the_tensors_place_in_its_scope()
    {
        Parameter inside;
        using (var scope = NewDisposeScope())
        {
            var data = ones(1);
            inside = Parameter(data);
            Assert.True(scope.Contains(inside));
            Assert.False(scope.Contains(data));
        }
        Assert.True(inside.IsInvalid);
    }
}
