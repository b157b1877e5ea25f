using TorchSharp;
using TorchSharp.Modules;
using Xunit;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace PruneGen.LibTorch.Tests.Layers;

public class ActivationTests
{
    // No point lies on a kink of any function below, and none of its neighbours at 1e-6 does.
    private static readonly double[] Points = [-7.3, -3.2, -2.4, -1.1, -0.7, -0.3, -0.04, 0.02, 0.4, 0.6, 1.3, 2.1, 3.4, 6.5, 21.5];

    private static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));

    // The error function by its Maclaurin series, which converges everywhere, and its limit where doubles cannot tell.
    private static double Erf(double x)
    {
        if (Math.Abs(x) > 5) return Math.Sign(x);
        double term = x, sum = x;
        for (var n = 1; n < 200; n++)
        {
            term *= -x * x / n;
            sum += term / (2 * n + 1);
        }
        return 2 / Math.Sqrt(Math.PI) * sum;
    }

    /// <summary>A layer, its functional form (with the in-place switch, where there is one), and the formula of the paper.</summary>
    private sealed record Activation(Module<Tensor, Tensor> Layer, Func<Tensor, Tensor> Function, Func<double, double> Formula, Func<Tensor, Tensor>? InPlace = null);

    private static readonly Dictionary<string, Activation> Activations = new()
    {
        ["CELU"] = new(CELU(1.7), x => functional.celu(x, 1.7), x => Math.Max(0, x) + Math.Min(0, 1.7 * (Math.Exp(x / 1.7) - 1)), x => functional.celu(x, 1.7, true)),
        ["ELU"] = new(ELU(1.3), x => functional.elu(x, 1.3), x => x > 0 ? x : 1.3 * (Math.Exp(x) - 1)),
        ["GELU"] = new(GELU(), x => functional.gelu(x), x => x * (1 + Erf(x / Math.Sqrt(2))) / 2, x => functional.gelu(x, true)),
        ["GELU none"] = new(GELU(TorchSharp.Modules.GELU.Approximate.none), x => functional.gelu(x, TorchSharp.Modules.GELU.Approximate.none), x => x * (1 + Erf(x / Math.Sqrt(2))) / 2, x => functional.gelu(x, TorchSharp.Modules.GELU.Approximate.none, true)),
        ["GELU tanh"] = new(GELU(TorchSharp.Modules.GELU.Approximate.tanh), x => functional.gelu(x, TorchSharp.Modules.GELU.Approximate.tanh), x => x * (1 + Math.Tanh(Math.Sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x))) / 2, x => functional.gelu(x, TorchSharp.Modules.GELU.Approximate.tanh, true)),
        ["Hardshrink"] = new(Hardshrink(0.65), x => functional.hardshrink(x, 0.65), x => Math.Abs(x) > 0.65 ? x : 0),
        ["Hardsigmoid"] = new(Hardsigmoid(), x => functional.hardsigmoid(x), x => Math.Clamp(x + 3, 0, 6) / 6, x => functional.hardsigmoid(x, true)),
        ["Hardswish"] = new(Hardswish(), x => functional.hardswish(x), x => x * Math.Clamp(x + 3, 0, 6) / 6, x => functional.hardswish(x, true)),
        ["LeakyReLU"] = new(LeakyReLU(0.2), x => functional.leaky_relu(x, 0.2), x => x > 0 ? x : 0.2 * x, x => functional.leaky_relu(x, 0.2, true)),
        ["LogSigmoid"] = new(LogSigmoid(), functional.logsigmoid, x => -Math.Log(1 + Math.Exp(-x))),
        ["Mish"] = new(Mish(), x => functional.mish(x), x => x * Math.Tanh(Math.Log(1 + Math.Exp(x))), x => functional.mish(x, true)),
        ["ReLU"] = new(ReLU(), x => functional.relu(x), x => Math.Max(0, x), x => functional.relu(x, true)),
        ["ReLU6"] = new(ReLU6(), x => functional.relu6(x), x => Math.Clamp(x, 0, 6), x => functional.relu6(x, true)),
        ["RReLU"] = new(RReLU(0.1, 0.3), x => functional.rrelu(x, 0.1, 0.3), x => x > 0 ? x : 0.2 * x),
        ["SELU"] = new(SELU(), x => functional.selu(x), x => 1.0507009873554805 * (x > 0 ? x : 1.6732632423543772 * (Math.Exp(x) - 1)), x => functional.selu(x, true)),
        ["SiLU"] = new(SiLU(), x => functional.silu(x), x => x * Sigmoid(x), x => functional.silu(x, true)),
        ["Sigmoid"] = new(torch.nn.Sigmoid(), functional.sigmoid, Sigmoid, x => functional.sigmoid(x, true)),
        ["Softplus"] = new(Softplus(2, 15), x => functional.softplus(x, 2, 15), x => 2 * x > 15 ? x : Math.Log(1 + Math.Exp(2 * x)) / 2),
        ["Softshrink"] = new(Softshrink(0.5), x => functional.softshrink(x, 0.5), x => Math.Abs(x) > 0.5 ? x - 0.5 * Math.Sign(x) : 0),
        ["Softsign"] = new(Softsign(), x => functional.softsign(x), x => x / (1 + Math.Abs(x)), x => functional.softsign(x, true)),
        ["Tanh"] = new(Tanh(), x => functional.tanh(x), Math.Tanh, x => functional.tanh(x, true)),
        ["Tanhshrink"] = new(Tanhshrink(false), x => functional.tanhshrink(x), x => x - Math.Tanh(x), x => functional.tanhshrink(x, true)),
        ["Threshold"] = new(Threshold(0.5, -3), x => functional.threshold(x, 0.5, -3), x => x > 0.5 ? x : -3, x => functional.threshold(x, 0.5, -3, true)),
    };

    public static TheoryData<string> Names => [.. Activations.Keys];

    public static TheoryData<string> InPlaceNames => [.. Activations.Where(pair => pair.Value.InPlace is not null).Select(pair => pair.Key)];

    [Theory, MemberData(nameof(Names))]
    public void Layer_and_function_follow_the_formula(string name)
    {
        var activation = Activations[name];
        var expected = Array.ConvertAll(Points, point => activation.Formula(point));
        using var x = tensor(Points);
        Near.Equal(expected, activation.Layer.call(x));
        Near.Equal(expected, activation.Function(x));
        Near.Equal(Points, x);
    }

    [Theory, MemberData(nameof(InPlaceNames))]
    public void In_place_form_overwrites_its_input(string name)
    {
        var activation = Activations[name];
        var expected = Array.ConvertAll(Points, point => activation.Formula(point));
        using var x = tensor(Points);
        using (var result = activation.InPlace!(x)) Near.Equal(expected, result);
        Near.Equal(expected, x);
    }

    [Theory, MemberData(nameof(Names))]
    public void Gradient_matches_finite_differences(string name) =>
        Gradients.AssertMatchDifferences(x => Near.Form(Activations[name].Function(x)), tensor(Points), tolerance: 1e-5);

    // Not in place: in Corrections.
    [Fact]
    public void Hardtanh_in_place_cuts_off()
    {
        var expected = Array.ConvertAll(Points, point => Math.Clamp(point, -2, 1.5));
        using var layer = Hardtanh(-2, 1.5, inplace: true);
        Assert.Equal((-2.0, 1.5), (layer.min_val, layer.max_val));
        foreach (var function in new Func<Tensor, Tensor>[] { layer.call, x => functional.hardtanh(x, -2, 1.5, true) })
        {
            using var x = tensor(Points);
            using (var result = function(x)) Near.Equal(expected, result);
            Near.Equal(expected, x);
            Gradients.AssertMatchDifferences(point => Near.Form(function(point + 0)), tensor(Points), tolerance: 1e-5);
        }
    }

    [Fact]
    public void Softmax_family_sums_to_one_along_its_dimension()
    {
        var x = Near.Random(1, 2, 3, 4, 5);
        var values = Near.Values(x);

        for (var dim = 0; dim < 4; dim++)
        {
            var exponentials = x.exp();
            var expected = exponentials / exponentials.sum(dim, keepdim: true);
            Near.Equal(expected, Softmax(dim).call(x));
            Near.Equal(expected, functional.softmax(x, dim));
            Near.Equal(expected.log(), LogSoftmax(dim).call(x));
            Near.Equal(expected.log(), functional.log_softmax(x, dim));
            Near.Equal(functional.softmax(-x, dim), Softmin(dim).call(x));
        }
        Near.Equal(functional.softmax(x, 1), Softmax2d().call(x));
        Near.Equal(values, x);
    }

    [Fact]
    public void Softmax_computes_in_the_type_that_is_asked_for()
    {
        using var x = tensor(new[] { 1f, 2f, 3f });
        Assert.Equal(ScalarType.Float64, functional.softmax(x, 0, ScalarType.Float64).dtype);
        Assert.Equal(ScalarType.Float32, functional.softmax(x, 0).dtype);
    }

    [Fact]
    public void Glu_gates_one_half_by_the_other()
    {
        var x = Near.Random(2, 3, 6);
        var (value, gate) = (x.narrow(1, 0, 3), x.narrow(1, 3, 3));
        Near.Equal(value * gate.sigmoid(), GLU().call(x));
        Near.Equal(value * gate.sigmoid(), functional.glu(x, 1));
        Gradients.AssertMatchDifferences(input => Near.Form(functional.glu(input)), x);
    }

    [Fact]
    public void PReLU_learns_a_slope_per_channel()
    {
        using var layer = PReLU(3, 0.1);
        Assert.Equal(3, layer.num_parameters);
        Near.Equal([0.1, 0.1, 0.1], layer.weight, 1e-7);
        Assert.Equal(["weight"], layer.named_parameters().Select(named => named.name));

        layer.weight = Parameter(tensor(new[] { 0.1, 0.5, -2 }));
        var x = tensor(new double[,] { { -1, -1, -1 }, { 2, 2, -3 } });
        Near.Equal([-0.1, -0.5, 2, 2, 2, 6], layer.call(x));
        Gradients.AssertMatchDifferences(weight => Near.Form(functional.prelu(x, weight)), tensor(new[] { 0.1, 0.5, -2 }));
    }

    [Fact]
    public void PReLU_takes_type_and_refuses_a_missing_weight()
    {
        using var layer = PReLU(1, dtype: ScalarType.Float64);
        Assert.Equal(ScalarType.Float64, layer.weight.dtype);
        Assert.ThrowsAny<Exception>(() => layer.weight = null!);
        Near.Equal([-0.25, 2], layer.call(tensor(new[] { -1.0, 2 })));
    }

    [Fact]
    public void Settings_can_be_read_and_changed()
    {
        using var layer = LeakyReLU(0.2);
        Assert.Equal(0.2, layer.negative_slope);
        layer.negative_slope = 0.5;
        Near.Equal([-1, 4], layer.call(tensor(new[] { -2.0, 4.0 })));

        using var gelu = GELU(TorchSharp.Modules.GELU.Approximate.tanh);
        Assert.Equal((TorchSharp.Modules.GELU.Approximate.tanh, false), (gelu.approximate, gelu.inplace));
        Assert.Equal(TorchSharp.Modules.GELU.Approximate.none, GELU(inplace: true).approximate);
        using var point = tensor(new[] { 1.0 });
        Assert.NotEqual(functional.gelu(point).item<double>(), gelu.call(point).item<double>());
        gelu.approximate = TorchSharp.Modules.GELU.Approximate.none;
        Assert.Equal(functional.gelu(point).item<double>(), gelu.call(point).item<double>());

        using var inPlace = ReLU(inplace: true);
        using var x = tensor(new[] { -1.0, 2.0 });
        inPlace.call(x).Dispose();
        Near.Equal([0, 2], x);
    }
}
