namespace PruneGen.Generator.Tests;

/// <summary>What keeps its width is told by the names that its layers have in the model.</summary>
public class KeptWidthNamesTests
{
    [Theory]
    [InlineData("Sequential(Conv2d(32, 32, 3, padding: 1, groups: 4), ReLU(), Conv2d(32, 32, 3, padding: 1, groups: 8))", "group.call(relu(a.call(x)))")]
    [InlineData("Sequential(Conv2d(32, 32, 3, padding: 1, groups: 8), Conv2d(32, 32, 1), GroupNorm(4, 32))", "group.call(relu(a.call(x)))")]
    [InlineData("Sequential(Conv2d(16, 32, 1))", "group.call(relu(a.call(x)).chunk(2, 1)[0])")]
    [InlineData("Sequential(Conv2d(20, 32, 1))", "group.call(relu(a.call(x))[.., 4..24])")]
    public void Names_in_what_keeps_its_width_are_those_of_layers(string group, string made)
    {
        var model = Loaded.From($$"""
            /// <summary>Under test.</summary>
            [Prunable(Structured, Ratio = 0.5)]
            public partial class Net : Module<Tensor, Tensor>
            {
                private readonly Conv2d a = Conv2d(3, 32, 3, padding: 1), head = Conv2d(32, 4, 1);
                private readonly Sequential group = {{group}};

                /// <summary>Creates it.</summary>
                public Net() : base("net") => RegisterComponents();

                /// <inheritdoc/>
                public override Tensor forward(Tensor x) => head.call({{made}});
            }
            """);
        var layers = model.Model.named_modules().Select(entry => entry.name).ToHashSet();
        var held = model.Plan([1, 3, 8, 8]).Unpruned;
        Assert.All(held, entry => Assert.Contains(entry.Layer, layers));
        Assert.Contains(held, entry => entry.Layer == "head");
        Assert.Equal(held.Distinct(), held);
    }

    /// <summary>Where no layer makes outputs of its own there is a reason still.</summary>
    [Theory]
    [InlineData("private readonly LayerNorm norm = LayerNorm(8);", "norm.call(x)", "norm", "it belongs to the model's input")]
    [InlineData("private readonly Conv1d mix = Conv1d(4, 4, 3, padding: 1, groups: 4);", "mix.call(x)", "mix", "it belongs to the model's input")]
    [InlineData("private readonly PReLU slope = PReLU(1);", "slope.call(x)", "slope", "it is a constant")]
    [InlineData("private readonly Parameter gain = Parameter(ones(8));", "x * gain", "gain", "it belongs to the model's input")]
    [InlineData("private readonly Parameter gain = Parameter(ones(8));", "functional.layer_norm(x, new long[] { 8 }, gain)", "gain", "it belongs to the model's input")]
    [InlineData("private readonly ModuleList<Linear> unused = ModuleList(Linear(8, 8), Linear(8, 8));", "relu(x)", "unused.0", "forward never reaches it")]
    public void A_model_that_prunes_nothing_says_why(string members, string result, string layer, string because)
    {
        var net = Loaded.From($$"""
            /// <summary>Under test.</summary>
            [Prunable(Structured, Ratio = 0.5)]
            public partial class Net : Module<Tensor, Tensor>
            {
                {{members}}

                /// <summary>Creates it.</summary>
                public Net() : base("net") => RegisterComponents();

                /// <inheritdoc/>
                public override Tensor forward(Tensor x) => {{result}};
            }
            """);
        var plan = net.Plan([2, 4, 8]);
        Assert.Empty(plan.Groups);
        Assert.Contains((layer, because), plan.Unpruned);
    }

    /// <summary>A weight that is summed by hand makes no channels that are known as such: that the plan of the live model says.</summary>
    [Theory]
    [InlineData("(b.call(x).unsqueeze(1) * weight).sum(2)", 0)]
    [InlineData("(weight * b.call(x).unsqueeze(-2)).sum(-1)", 0)]
    [InlineData("(b.call(x).unsqueeze(1) - weight).pow(2).sum(2).neg().exp()", 0)]
    public void A_weight_whose_channels_nothing_makes_is_told(string result, int dim)
    {
        var net = Loaded.From($$"""
            /// <summary>Under test.</summary>
            [Prunable(Structured, Ratio = 0.5)]
            public partial class Net : Module<Tensor, Tensor>
            {
                private readonly Linear b = Linear(8, 6), head = Linear(5, 2);
                private readonly Parameter weight = Parameter(ones(5, 6));

                /// <summary>Creates it.</summary>
                public Net() : base("net") => RegisterComponents();

                /// <inheritdoc/>
                public override Tensor forward(Tensor x) => head.call({{result}});
            }
            """);
        var plan = net.Plan([2, 8]);
        Assert.Equal(["b"], plan.Groups.Select(group => group.Name));
        Assert.Contains(("weight", $"nothing makes channels of its dimension {dim}, which forward uses value by value"), plan.Unpruned);
    }
}
