using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PruneGen.Generator.Tests;

/// <summary>Whatever was saved loads again, and says what the model is.</summary>
public class SavedModelTests
{
    [Theory]
    [InlineData("", CompactionCheck.Compared)]
    [InlineData(", Verify = false", CompactionCheck.None)]
    public void What_a_mask_removes_is_checked_unless_the_attribute_says_otherwise(string setting, CompactionCheck check)
    {
        var net = Loaded.From($$"""
            [Prunable(Structured, Ratio = 0.5{{setting}})]
            internal sealed partial class Net : Module<Tensor, Tensor>
            {
                private readonly Linear a = Linear(4, 8), b = Linear(8, 3);
                public Net() : base("net") => RegisterComponents();
                public override Tensor forward(Tensor x) => b.call(relu(a.call(x)));
            }
            """);
        using var mask = (PruneMask)net.Call("Mask", null, null, new long[] { 2, 4 })!;
        using var result = (CompactResult)net.Call("Compact", mask)!;
        Assert.Equal(check, result.Check);
    }

    [Fact]
    public void Masks_are_released_by_the_generated_method()
    {
        var net = Loaded.From("""
            [Prunable(Unstructured, Ratio = 0.5)]
            internal sealed partial class Net : Module<Tensor, Tensor>
            {
                private readonly Linear a = Linear(4, 8), b = Linear(8, 3);
                public Net() : base("net") => RegisterComponents();
                public override Tensor forward(Tensor x) => b.call(relu(a.call(x)));
            }
            """);
        net.Call("Mask", null, null, Array.Empty<long>());
        Assert.True(Trained() <= 28);
        net.Call("ReleaseMasks");
        Assert.True(Trained() > 28);

        // The weights that are not zero after a step; all of the 56 get gradients.
        long Trained()
        {
            var data = TrainingData.FromTensors(rand(16, 4), randint(0, 3, 16, dtype: ScalarType.Int64), 4);
            Retrainer.Train(net.Model, net.Forward, data, options: new RetrainOptions { Epochs = 2, LearningRate = 0.1 });
            return net.Model.named_parameters().Where(entry => entry.name.EndsWith("weight", StringComparison.Ordinal)).Sum(entry => entry.parameter.count_nonzero().item<long>());
        }
    }

    [Fact]
    public void A_file_saved_after_a_run_loads_where_MACs_are_not_known()
    {
        var net = Loaded.From("""
            [Prunable(Structured, Ratio = 0.5)]
            [Retrain(Epochs = 1)]
            internal sealed partial class Net : Module<Tensor, Tensor>
            {
                private readonly Conv2d a = Conv2d(3, 8, 3, padding: 1), b = Conv2d(8, 4, 3, padding: 1);
                private readonly MaxPool2d pool = MaxPool2d(2);
                public Net() : base("net") => RegisterComponents();
                [Axes("N C H W -> N C P Q")] private Tensor Pool(Tensor x) => pool.forward_with_indices(x).Values;
                public override Tensor forward(Tensor x) => b.call(Pool(relu(a.call(x)))).mean(new long[] { 2, 3 });
            }
            """);
        var data = TrainingData.FromTensors(randn(8, 3, 8, 8), randint(0, 4, 8, dtype: ScalarType.Int64), 4);
        var report = (PruneReport)net.Call("PruneAndRetrain", data, data, null, PruneProgress.Quiet, CancellationToken.None)!;
        Assert.Null(report.Macs);
        net.Returns([2L, 3, 8, 8]);
    }

    [Theory]
    [InlineData("private readonly Conv2d a = Conv2d(3, 16, 3, padding: 1), g = Conv2d(16, 16, 3, padding: 1, groups: 8), head = Conv2d(16, 4, 1);", "head.call(relu(g.call(relu(a.call(x)))))")]
    [InlineData("private readonly Conv2d a = Conv2d(3, 16, 3, padding: 1), g = Conv2d(16, 32, 3, padding: 1, groups: 8), head = Conv2d(32, 4, 1);", "head.call(relu(g.call(relu(a.call(x)))))")]
    [InlineData("private readonly Conv2d a = Conv2d(3, 16, 3, padding: 1), head = Conv2d(16, 4, 1); private readonly GroupNorm n = GroupNorm(8, 16);", "head.call(relu(n.call(a.call(x))))")]
    [InlineData("private readonly Conv2d a = Conv2d(3, 16, 3, padding: 1), head = Conv2d(8, 4, 1); private readonly ConvTranspose2d g = ConvTranspose2d(16, 8, 2, stride: 2, groups: 4);", "head.call(relu(g.call(relu(a.call(x)))))")]
    public void Groups_that_shrink_run_after_run_load_again(string fields, string result)
    {
        var net = Loaded.From($$"""
            [Prunable(Structured, Ratio = 0.5)]
            internal sealed partial class Net : Module<Tensor, Tensor>
            {
                {{fields}}
                public Net() : base("net") => RegisterComponents();
                public override Tensor forward(Tensor x) => {{result}};
            }
            """);
        for (var round = 0; round < 4; round++)
        {
            ((CompactResult)net.Call("Compact", null, null, new long[] { 2, 3, 6, 6 })!).Dispose();
            net.Returns([2L, 3, 6, 6]);
        }
    }

    [Theory]
    [InlineData(ScalarType.Float64)]
    [InlineData(ScalarType.BFloat16)]
    public void A_model_of_another_element_type_loads_in_it(ScalarType type)
    {
        var net = Loaded.From("""
            [Prunable(Structured, Ratio = 0.5)]
            internal sealed partial class Net : Module<Tensor, Tensor>
            {
                private readonly Linear a = Linear(4, 8), b = Linear(8, 3);
                public Net() : base("net") => RegisterComponents();
                public override Tensor forward(Tensor x) => b.call(relu(a.call(x)));
            }
            """);
        net.Model.to(type);
        ((CompactResult)net.Call("Compact", null, null, new long[] { 2, 4 })!).Dispose();
        net.Returns(randn(2, 4, dtype: type));
    }

    [Fact]
    public void What_a_nested_class_leaves_out_it_takes_from_the_model_that_uses_it()
    {
        var net = Loaded.From("""
            [Prunable]
            internal sealed partial class Inner : Module<Tensor, Tensor>
            {
                private readonly Linear one = Linear(20, 40);
                [Prunable(Ratio = 0.75)] private readonly Linear two = Linear(40, 40);
                public Inner() : base("inner") => RegisterComponents();
                public override Tensor forward(Tensor x) => relu(two.call(relu(one.call(x))));
            }
            [Prunable(MinWidth = 3)]
            internal sealed partial class Middle : Module<Tensor, Tensor>
            {
                private readonly Inner inner = new();
                public Middle() : base("middle") => RegisterComponents();
                public override Tensor forward(Tensor x) => inner.call(x);
            }
            [Prunable(Structured, Ratio = 0.4, Criterion = Criterion.Taylor, Scope = Scope.Global, RoundTo = 8)]
            internal sealed partial class Net : Module<Tensor, Tensor>
            {
                private readonly Middle middle = new();
                private readonly Linear head = Linear(40, 3);
                public Net() : base("net") => RegisterComponents();
                public override Tensor forward(Tensor x) => head.call(middle.call(x));
            }
            """);
        var plan = net.Plan([2L, 20]);
        LayerPruneOptions Settings(string layer) => plan.Groups.Single(group => group.Producers.Contains(layer)).Settings;
        var whole = new LayerPruneOptions
        {
            Granularity = Granularity.Structured, Ratio = 0.4, Criterion = Criterion.Taylor, Scope = Scope.Global, ThresholdRule = ThresholdRule.Alone, MinWidth = 3,
            RoundTo = 8, KeepWidth = false,
        };
        Assert.Equal(whole, Settings("middle.inner.one"));
        Assert.Equal(whole with { Ratio = 0.75 }, Settings("middle.inner.two"));
    }
}
