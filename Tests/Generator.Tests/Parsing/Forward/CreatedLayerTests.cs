using System.Globalization;

namespace PruneGen.Generator.Tests;

/// <summary>Layers that forward creates itself: what goes into them keeps its width, and the rest of the model is pruned all the same.</summary>
public class CreatedLayerTests
{
    private static readonly long[] Picture = [2, 3, 8, 8];

    private const string Members = """
            private readonly Conv2d stem = Conv2d(3, 8, 3, padding: 1), first = Conv2d(8, 12, 3, padding: 1, bias: false), second = Conv2d(12, 6, 1), third = Conv2d(6, 4, 1);
            private readonly BatchNorm2d norm = BatchNorm2d(12);
        """;

    private const string Fused = """
        var gain = norm.weight! / (norm.running_var! + norm.eps).sqrt();
        var w = first.weight * gain.view(-1, 1, 1, 1);
        """;

    /// <summary>A convolution fused with the norm behind it, in any way that it gets its parameters.</summary>
    [Theory]
    [InlineData("var fused = Conv2d(w.size(1), w.size(0), w.shape[2..][0], padding: 1); fused.weight.copy_(w); fused.bias!.copy_(norm.bias! - norm.running_mean! * gain); x = fused.forward(x);")]
    [InlineData("using var fused = Conv2d(8, 12, (3, 3), padding: (1, 1), bias: false).to(x.device); fused.eval(); fused.weight = new Parameter(w); x = fused.call(x);")]
    [InlineData("Conv2d fused = Fuse(w); x = fused.call(x);")]
    [InlineData("x = Apply(Fuse(w), x);")]
    [InlineData("var fused = Conv2d(8, 12, 3, padding: 1, device: first.weight.device, dtype: first.weight.dtype); fused.weight.copy_(diag(gain).mm(first.weight.view(first.out_channels, -1)).view(fused.weight.shape)); fused.bias!.copy_(norm.bias!.view(fused.bias!.shape)); x = fused.forward(x);")]
    public void What_goes_into_a_layer_that_forward_fuses_keeps_its_width(string statements)
    {
        var net = Net(Members + " private static Conv2d Fuse(Tensor w) { var made = Conv2d(w.shape[1], w.shape[0], w.shape[2], padding: 1, bias: false); made.weight.copy_(w); return made; } private static Tensor Apply(Conv2d layer, Tensor x) => layer.call(x);", $$"""
            using var still = no_grad();
            x = relu(stem.call(x));
            {{Fused}}
            {{statements}}
            return third.call(relu(second.call(relu(x))));
            """).Prunes(Picture);
        var plan = net.Plan(Picture);
        Assert.Equal(["second"], plan.Groups.Select(group => group.Name));
        Assert.Equal(["stem"], plan.Unpruned.Where(held => held.Because == "it goes into a Conv2d that forward creates, which is no part of the model").Select(held => held.Layer));
        Assert.NotEmpty(plan.Trace.Gaps);
    }

    /// <summary>One way of two: in training the layers themselves run, and what they make is held as well.</summary>
    [Fact]
    public void A_layer_that_is_fused_where_the_model_is_not_trained()
    {
        var plan = Net(Members, $$"""
            x = relu(stem.call(x));
            if (training)
            {
                x = norm.call(first.call(x));
            }
            else
            {
                using var still = no_grad();
                {{Fused}}
                var fused = Conv2d(w.size(1), w.size(0), 3, padding: 1);
                fused.weight.copy_(w);
                fused.bias!.copy_(norm.bias! - norm.running_mean! * gain);
                x = fused.call(x);
            }

            return third.call(relu(second.call(relu(x))));
            """).Prunes(Picture).Plan(Picture);
        Assert.Equal(["second"], plan.Groups.Select(group => group.Name));
    }

    [Fact]
    public void PG0040_a_layer_that_forward_fills_with_its_own_weights() => Compiled.From(Source(Members, $$"""
        using var still = no_grad();
        x = relu(stem.call(x));
        {{Fused}}
        var fused = Conv2d(w.size(1), w.size(0), 3, padding: 1);
        fused.weight.copy_(w);
        return fused.call(x);
        """).Replace("[Prunable]", "[Prunable, Exportable]", StringComparison.Ordinal)).Reported("PG0040", "fused.call(x)");

    /// <summary>What it makes has as many dimensions as what goes in, and a layer behind it that asks for them finds them.</summary>
    [Theory]
    [InlineData("var made = Linear(8, 5, hasBias: false); made.weight.copy_(ones(5, 8)); x = made.call(x.flatten(2).transpose(1, 2)); return last.call(x.flatten(0, 1));", "private readonly Linear last = Linear(5, 2);")]
    [InlineData("var made = BatchNorm2d(8); made.weight!.fill_(2); x = made.call(x); return last.call(x.flatten(2).mean(new long[] { 2 }));", "private readonly Linear last = Linear(8, 2);")]
    public void The_result_of_a_created_layer_keeps_its_width(string statements, string member)
    {
        var plan = Net($"private readonly Conv2d inside = Conv2d(3, 7, 1), stem = Conv2d(7, 8, 3, padding: 1); {member}", $"using var still = no_grad(); x = relu(stem.call(relu(inside.call(x))));\n{statements}").Prunes(Picture).Plan(Picture);
        Assert.Equal(["inside"], plan.Groups.Select(group => group.Name));
    }

    /// <summary>A layer without parameters is called like any other.</summary>
    [Theory]
    [InlineData("x = MaxPool2d(2).call(x);")]
    [InlineData("var pool = AvgPool2d((int)(x.shape[3] / 4)); x = pool.call(x);")]
    [InlineData("Module<Tensor, Tensor> pool = x.shape[2] > 4 ? MaxPool2d(2) : AvgPool2d(2); x = pool.forward(x);")]
    [InlineData("using var pad = ZeroPad2d(1); x = pad.call(x);")]
    [InlineData("x = Mish().call(x);")]
    [InlineData("x = Upsample(scale_factor: new double[] { 2, 2 }).call(x);")]
    [InlineData("Module<Tensor, Tensor> act = on ? SiLU() : Identity(); x = act.forward(x);")]
    [InlineData("var act = x.shape[2] > 4 ? (Module<Tensor, Tensor>)ReLU() : Flatten(4); x = act.call(act.call(x));")]
    [InlineData("Module<Tensor, Tensor> act; if (on) { act = ReLU(); } else { act = LeakyReLU(0.2); } x = act.call(x);")]
    [InlineData("Module<Tensor, Tensor> act = Identity(); if (on) { act = Tanh(); } x = act.call(x);")]
    [InlineData("Module<Tensor, Tensor> act = kind switch { 1 => ReLU(), 2 => GELU(), _ => Identity() }; x = act.call(x);")]
    public void A_layer_without_parameters_that_forward_creates_is_followed(string statements)
    {
        var plan = Net("private readonly Conv2d first = Conv2d(3, 8, 3), second = Conv2d(8, 2, 1); internal bool on = true; internal int kind = 2;", $"x = relu(first.call(x));\n{statements}\nreturn second.call(x);").Prunes(Picture).Plan(Picture);
        Assert.Equal(["first"], plan.Groups.Select(group => group.Name));
    }

    /// <summary>A function of TorchScript is text: what goes in keeps its width, and what comes out goes on without one.</summary>
    [Theory]
    [InlineData("x = script.invoke<Tensor>(\"twice\", x);")]
    [InlineData("x = script.invoke<Tensor>(\"scaled\", x, 0.5);")]
    [InlineData("x = Twice(x).relu();")]
    public void What_goes_into_a_function_of_TorchScript_keeps_its_width(string statements)
    {
        var net = Net(
            "private static readonly jit.CompilationUnit script = jit.compile(\"def twice(x : Tensor) -> Tensor:\\n    return x * 2\\ndef scaled(x : Tensor, by : float) -> Tensor:\\n    return x * by\\n\"); private static Tensor Twice(Tensor t) => script.invoke<Tensor>(\"twice\", t); private readonly Conv2d stem = Conv2d(3, 6, 1), first = Conv2d(6, 8, 3), second = Conv2d(8, 5, 1), third = Conv2d(5, 2, 1);",
            $"x = relu(first.call(relu(stem.call(x))));\n{statements}\nreturn third.call(relu(second.call(x)));").Prunes(Picture);
        var plan = net.Plan(Picture);
        Assert.Equal(["stem", "second"], plan.Groups.Select(group => group.Name));
        Assert.Contains(plan.Unpruned, held => held.Layer == "first" && held.Because.EndsWith("a function of TorchScript", StringComparison.Ordinal));
        Assert.NotEmpty(plan.Trace.Gaps);
    }

    /// <summary>Where a layer is, and of what type its numbers are, changes nothing.</summary>
    [Theory]
    [InlineData("first.to(x.device); x = first.call(x);")]
    [InlineData("x = first.to(ScalarType.Float32).call(x);")]
    [InlineData("this.to(x.device); x = this.first.call(x);")]
    [InlineData("var one = first.cpu(); one.eval(); x = one.forward(x);")]
    public void A_layer_that_forward_moves_is_itself(string statements)
    {
        var plan = Net("private readonly Conv2d first = Conv2d(3, 8, 3), second = Conv2d(8, 2, 1);", $"{statements}\nreturn second.call(relu(x));").Prunes(Picture).Plan(Picture);
        Assert.Equal(["first"], plan.Groups.Select(group => group.Name));
    }

    /// <summary>What cannot be told is refused at the expression.</summary>
    [Theory]
    [InlineData("var made = Linear(8, 8); made.weight!.copy_(fc.weight); made.load_state_dict(fc.state_dict()); x = made.call(x);", "made.load_state_dict(fc.state_dict())", "a call of load_state_dict")]
    [InlineData("var made = Linear(8, 8); made.weight!.copy_(fc.weight); Module<Tensor, Tensor> any = fc; if (x.sum().item<float>() > 0) any = made; x = any.call(x);", "any = made", "this expression")]
    [InlineData("var made = Linear(8, 8); made.weight!.copy_(fc.weight); x = x.view(-1, made.out_features);", "made.out_features", "'made.out_features'")]
    [InlineData("var made = Linear(8, 8); made.weight!.copy_(fc.weight); kept = made;", "kept = made", "this expression")]
    [InlineData("x = Linear(8, 8).call(x);", "Linear(8, 8)", "a Linear that forward creates anew each time and nothing trains")]
    [InlineData("var made = Linear(8, 8); x = made.call(x);", "Linear(8, 8)", "a Linear that forward creates anew each time and nothing trains")]
    public void PG0006_a_created_layer_that_goes_astray(string statements, string at, string words) => Assert.StartsWith(
        $"PruneGen cannot follow tensors through {words}",
        Compiled.From(Source("private readonly Linear fc = Linear(8, 8); private Linear? kept;", $"{statements}\nreturn fc.call(x);")).Reports.Single(report => report.Id == "PG0006" && report.Location.SourceTree!.GetText().ToString(report.Location.SourceSpan) == at).GetMessage(CultureInfo.InvariantCulture),
        StringComparison.Ordinal);

    private static Loaded Net(string members, string forward) => Loaded.From(Source(members, forward));

    private static string Source(string members, string forward) => $$"""
        [Prunable]
        internal partial class Net : Module<Tensor, Tensor>
        {
            {{members}}
            public Net() : base("net") => RegisterComponents();

            public override Tensor forward(Tensor x)
            {
                {{forward}}
            }
        }
        """;
}
