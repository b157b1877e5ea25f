using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PruneGen.Runtime.Tests;

/// <summary>Layers that only other values of an optional parameter of forward reach are pruned with those in whose place they stand.</summary>
public sealed partial class OtherValuesTests
{
    [Fact]
    public void Looping_models_take_other_values_once_they_are_pruned()
    {
        using var scope = NewDisposeScope();
        var model = new Looping();
        StaysAlike(model, [4, 6], x => [model.call(x, 1), model.call(x, 2), model.call(x, 3), model.call(x, 0)]);
    }

    [Fact]
    public void Picking_models_take_other_values_once_they_are_pruned()
    {
        using var scope = NewDisposeScope();
        var model = new Picking();
        StaysAlike(model, [4, 6], x => [model.call(x, 0), model.call(x, 1), model.call(x, 2)]);
    }

    [Fact]
    public void Switching_models_take_other_values_once_they_are_pruned()
    {
        using var scope = NewDisposeScope();
        var model = new Switching();
        StaysAlike(model, [4, 6], x => [model.call(x, "relu"), model.call(x, "tanh"), model.call(x, "none")]);
    }

    [Fact]
    public void Scaling_models_take_other_values_once_they_are_pruned()
    {
        using var scope = NewDisposeScope();
        var model = new Scaling();
        StaysAlike(model, [4, 6], x => [model.call(x, 0), model.call(x, 2)]);
    }

    [Fact]
    public void Counting_models_take_other_values_once_they_are_pruned()
    {
        using var scope = NewDisposeScope();
        var model = new Counting();
        StaysAlike(model, [4, 6], x => [model.call(x, null), model.call(x, 1)]);
    }

    [Fact]
    public void Sizing_models_take_other_values_once_they_are_pruned()
    {
        using var scope = NewDisposeScope();
        var model = new Sizing();
        StaysAlike(model, [4, 6], x => [model.call(x, null), model.call(x, [1, 2])]);
    }

    [Fact]
    public void Adding_models_take_other_values_once_they_are_pruned()
    {
        using var scope = NewDisposeScope();
        var model = new Adding();
        StaysAlike(model, [4, 6], x => [model.call(x, null), model.call(x, ones(4, 6))]);
    }

    private static void StaysAlike<TModel>(TModel model, long[] shape, Func<Tensor, Tensor[]> answers)
        where TModel : nn.Module, IPrunable
    {
        using var noGradients = no_grad();
        model.eval();
        var x = randn(shape);
        using var mask = Pruning.Mask(model, inputs => [answers(inputs[0])[0]], new PruneOptions { Ratio = 0.5, Criterion = Criterion.L1 }, null, shape);
        var masked = answers(x);
        using var result = Pruning.Compact(model, inputs => [answers(inputs[0])[0]], mask);
        Assert.True(result.After.Parameters < result.Before.Parameters);
        Assert.All(masked.Zip(answers(x)), pair => Assert.InRange(Pruned.MaxDifference(pair.First, pair.Second), 0, 1e-5));
    }

    [Prunable]
    private sealed partial class Looping : nn.Module<Tensor, int, Tensor>
    {
        private readonly Linear first = nn.Linear(6, 8);
        private readonly ModuleList<Linear> layers = new(nn.Linear(8, 8), nn.Linear(8, 8), nn.Linear(8, 8));
        private readonly Linear last = nn.Linear(8, 2);

        public Looping()
            : base(nameof(Looping)) => RegisterComponents();

        public override Tensor forward(Tensor input, int depth = 1)
        {
            var x = first.call(input);
            for (var i = 0; i < depth; i++)
            {
                x = layers[i].call(x);
            }

            return last.call(x);
        }
    }

    [Prunable]
    private sealed partial class Picking : nn.Module<Tensor, int, Tensor>
    {
        private readonly Linear first = nn.Linear(6, 8);
        private readonly ModuleList<Linear> layers = new(nn.Linear(8, 8), nn.Linear(8, 8), nn.Linear(8, 8));
        private readonly Linear last = nn.Linear(8, 2);

        public Picking()
            : base(nameof(Picking)) => RegisterComponents();

        public override Tensor forward(Tensor input, int pick = 0)
        {
            var x = first.call(input);
            x = layers[pick].call(x);

            return last.call(x);
        }
    }

    [Prunable]
    private sealed partial class Switching : nn.Module<Tensor, string, Tensor>
    {
        private readonly Linear first = nn.Linear(6, 8);
        private readonly ModuleList<Linear> layers = new(nn.Linear(8, 8), nn.Linear(8, 8), nn.Linear(8, 8));
        private readonly Linear last = nn.Linear(8, 2);

        public Switching()
            : base(nameof(Switching)) => RegisterComponents();

        public override Tensor forward(Tensor input, string kind = "relu")
        {
            var x = first.call(input);
            x = kind switch { "relu" => layers[0].call(x).relu(), "tanh" => layers[1].call(x), _ => layers[2].call(x) };

            return last.call(x);
        }
    }

    [Prunable]
    private sealed partial class Scaling : nn.Module<Tensor, double, Tensor>
    {
        private readonly Linear first = nn.Linear(6, 8);
        private readonly ModuleList<Linear> layers = new(nn.Linear(8, 8), nn.Linear(8, 8), nn.Linear(8, 8));
        private readonly Linear last = nn.Linear(8, 2);

        public Scaling()
            : base(nameof(Scaling)) => RegisterComponents();

        public override Tensor forward(Tensor input, double scale = 0)
        {
            var x = first.call(input);
            if (scale > 0)
            {
                x = layers[0].call(x) * scale;
            }

            return last.call(x);
        }
    }

    [Prunable]
    private sealed partial class Counting : nn.Module<Tensor, int?, Tensor>
    {
        private readonly Linear first = nn.Linear(6, 8);
        private readonly ModuleList<Linear> layers = new(nn.Linear(8, 8), nn.Linear(8, 8), nn.Linear(8, 8));
        private readonly Linear last = nn.Linear(8, 2);

        public Counting()
            : base(nameof(Counting)) => RegisterComponents();

        public override Tensor forward(Tensor input, int? count = null)
        {
            var x = first.call(input);
            if (count is { } n)
            {
                x = layers[n].call(x);
            }

            return last.call(x);
        }
    }

    [Prunable]
    private sealed partial class Sizing : nn.Module<Tensor, long[]?, Tensor>
    {
        private readonly Linear first = nn.Linear(6, 8);
        private readonly ModuleList<Linear> layers = new(nn.Linear(8, 8), nn.Linear(8, 8), nn.Linear(8, 8));
        private readonly Linear last = nn.Linear(8, 2);

        public Sizing()
            : base(nameof(Sizing)) => RegisterComponents();

        public override Tensor forward(Tensor input, long[]? sizes = null)
        {
            var x = first.call(input);
            if (sizes is not null)
            {
                x = layers[0].call(x) + sizes.Length;
            }

            return last.call(x);
        }
    }

    [Prunable]
    private sealed partial class Adding : nn.Module<Tensor, Tensor?, Tensor>
    {
        private readonly Linear first = nn.Linear(6, 8);
        private readonly ModuleList<Linear> layers = new(nn.Linear(8, 8), nn.Linear(8, 8), nn.Linear(8, 8));
        private readonly Linear last = nn.Linear(8, 2);

        public Adding()
            : base(nameof(Adding)) => RegisterComponents();

        public override Tensor forward(Tensor input, Tensor? other = null)
        {
            var x = first.call(input);
            if (other is not null)
            {
                x = x + layers[0].call(first.call(other));
            }

            return last.call(x);
        }
    }
}
