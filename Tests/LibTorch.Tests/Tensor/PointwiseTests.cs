using TorchSharp;
using Xunit;
using static PruneGen.LibTorch.Tests.Numbers;
using static TorchSharp.torch;

namespace PruneGen.LibTorch.Tests;

/// <summary>Functions of one tensor against <see cref="Math"/>: as member, as torch.* and in place.</summary>
public class PointwiseTests
{
    private static readonly double[] Any = [-2.75, -1, -0.5, 0, 0.25, 1, 1.5, 2.5, 3.25];
    private static readonly double[] Positive = [0.125, 0.5, 1, 2, 2.75, 10];
    private static readonly double[] Unit = [-0.875, -0.5, 0, 0.25, 0.75];
    private static readonly double[] AboveOne = [1, 1.25, 2, 7.5];

    private sealed record Case(double[] Inputs, Func<double, double> Expected, Func<Tensor, Tensor> Member,
        Func<Tensor, Tensor>? Static = null, Func<Tensor, Tensor>? InPlace = null);

    private static readonly Dictionary<string, Case> Cases = new()
    {
        ["abs"] = new(Any, Math.Abs, x => x.abs(), abs, x => x.abs_()),
        ["absolute"] = new(Any, Math.Abs, x => x.absolute(), absolute, x => x.absolute_()),
        ["ceil"] = new(Any, Math.Ceiling, x => x.ceil(), ceil, x => x.ceil_()),
        ["floor"] = new(Any, Math.Floor, x => x.floor(), floor, x => x.floor_()),
        ["trunc"] = new(Any, Math.Truncate, x => x.trunc(), trunc, x => x.trunc_()),
        ["fix"] = new(Any, Math.Truncate, x => x.fix(), fix, x => x.fix_()),
        ["frac"] = new(Any, x => x - Math.Truncate(x), x => x.frac(), frac, x => x.frac_()),
        ["round"] = new(Any, x => Math.Round(x, MidpointRounding.ToEven), x => x.round(), x => round(x), x => x.round_()),
        ["round1"] = new([1.26, -3.14], x => Math.Round(x, 1), x => x.round(1), x => round(x, 1), x => x.round_(1)),
        ["exp"] = new(Any, Math.Exp, x => x.exp(), exp, x => x.exp_()),
        ["exp2"] = new(Any, x => Math.Pow(2, x), x => x.exp2(), exp2, exp2_),
        ["expm1"] = new(Any, x => Math.Exp(x) - 1, x => x.expm1(), expm1, x => x.expm1_()),
        ["log"] = new(Positive, Math.Log, x => x.log(), log, x => x.log_()),
        ["log10"] = new(Positive, Math.Log10, x => x.log10(), log10, x => x.log10_()),
        ["log1p"] = new(Positive, x => Math.Log(1 + x), x => x.log1p(), log1p, x => x.log1p_()),
        ["log2"] = new(Positive, Math.Log2, x => x.log2(), log2, x => x.log2_()),
        ["logit"] = new([0.1, 0.5, 0.75], x => Math.Log(x / (1 - x)), x => x.logit(), x => logit(x), x => x.logit_()),
        ["logit_eps"] = new([0, 1], x => x == 0 ? Math.Log(0.25 / 0.75) : Math.Log(3), x => x.logit(0.25), x => logit(x, 0.25), x => logit_(x, 0.25)),
        ["neg"] = new(Any, x => -x, x => x.neg(), neg, x => x.neg_()),
        ["negative"] = new(Any, x => -x, x => x.negative(), negative, negative_),
        ["positive"] = new(Any, x => x, x => x.positive(), positive),
        ["reciprocal"] = new(Positive, x => 1 / x, x => x.reciprocal(), reciprocal, x => x.reciprocal_()),
        ["rsqrt"] = new(Positive, x => 1 / Math.Sqrt(x), x => x.rsqrt(), rsqrt, x => x.rsqrt_()),
        ["sqrt"] = new(Positive, Math.Sqrt, x => x.sqrt(), sqrt, x => x.sqrt_()),
        ["square"] = new(Any, x => x * x, x => x.square(), square),
        ["sign"] = new(Any, x => Math.Sign(x), x => x.sign(), sign, x => x.sign_()),
        ["sgn"] = new(Any, x => Math.Sign(x), x => x.sgn(), sgn, x => x.sgn_()),
        ["signbit"] = new(Any, x => x < 0 ? 1 : 0, x => x.signbit(), signbit),
        ["deg2rad"] = new(Any, x => x * Math.PI / 180, x => x.deg2rad(), deg2rad, deg2rad_),
        ["rad2deg"] = new(Any, x => x * 180 / Math.PI, x => x.rad2deg(), rad2deg, rad2deg_),
        ["sigmoid"] = new(Any, Sigmoid, x => x.sigmoid(), sigmoid, x => x.sigmoid_()),
        ["sin"] = new(Any, Math.Sin, x => x.sin(), sin, x => x.sin_()),
        ["cos"] = new(Any, Math.Cos, x => x.cos(), cos, x => x.cos_()),
        ["tan"] = new(Any, Math.Tan, x => x.tan(), tan, x => x.tan_()),
        ["asin"] = new(Unit, Math.Asin, x => x.asin(), asin, x => x.asin_()),
        ["arcsin"] = new(Unit, Math.Asin, x => x.arcsin(), arcsin, x => x.arcsin_()),
        ["acos"] = new(Unit, Math.Acos, x => x.acos(), acos, x => x.acos_()),
        ["arccos"] = new(Unit, Math.Acos, x => x.arccos(), arccos, x => x.arccos_()),
        ["atan"] = new(Any, Math.Atan, x => x.atan(), atan, x => x.atan_()),
        ["arctan"] = new(Any, Math.Atan, x => x.arctan(), arctan, x => x.arctan_()),
        ["sinc"] = new(Any, x => x == 0 ? 1 : Math.Sin(Math.PI * x) / (Math.PI * x), x => x.sinc(), sinc, x => x.sinc_()),
        ["sinh"] = new(Any, Math.Sinh, x => x.sinh(), sinh, x => x.sinh_()),
        ["cosh"] = new(Any, Math.Cosh, x => x.cosh(), cosh, x => x.cosh_()),
        ["tanh"] = new(Any, Math.Tanh, x => x.tanh(), tanh, x => x.tanh_()),
        ["asinh"] = new(Any, Math.Asinh, x => x.asinh(), asinh, x => x.asinh_()),
        ["arcsinh"] = new(Any, Math.Asinh, x => x.arcsinh(), arcsinh, x => x.arcsinh_()),
        ["acosh"] = new(AboveOne, Math.Acosh, x => x.acosh(), acosh, x => x.acosh_()),
        ["arccosh"] = new(AboveOne, Math.Acosh, x => x.arccosh(), arccosh, x => x.arccosh_()),
        ["atanh"] = new(Unit, Math.Atanh, x => x.atanh(), atanh, x => x.atanh_()),
        ["arctanh"] = new(Unit, Math.Atanh, x => x.arctanh(), arctanh, x => x.arctanh_()),
        ["angle"] = new([-2, 0, 3], x => x < 0 ? Math.PI : 0, x => x.angle(), angle),
        ["isnan"] = new([1, double.NaN, double.PositiveInfinity], x => double.IsNaN(x) ? 1 : 0, x => x.isnan(), isnan),
        ["isinf"] = new([1, double.NaN, double.NegativeInfinity], x => double.IsInfinity(x) ? 1 : 0, x => x.isinf(), isinf),
        ["isposinf"] = new([double.PositiveInfinity, double.NegativeInfinity], x => x > 0 ? 1 : 0, x => x.isposinf(), isposinf),
        ["isneginf"] = new([double.PositiveInfinity, double.NegativeInfinity], x => x < 0 ? 1 : 0, x => x.isneginf(), isneginf),
        ["isfinite"] = new([1, double.NaN, double.NegativeInfinity], x => double.IsFinite(x) ? 1 : 0, x => x.isfinite(), isfinite),
        ["isreal"] = new([1, 2], _ => 1, x => x.isreal(), isreal),
        ["logical_not"] = new(Any, x => x == 0 ? 1 : 0, x => x.logical_not(), logical_not, x => x.logical_not_()),
        // Activations.
        ["relu"] = new(Any, x => Math.Max(0, x), x => x.relu(), null, x => x.relu_()),
        ["relu6"] = new([-1, 2, 8], x => Math.Min(Math.Max(0, x), 6), x => x.relu6(), null, x => x.relu6_()),
        ["elu"] = new(Any, x => Elu(x, 1), x => x.elu(), null, x => x.elu_(1.0, 1.0, 1.0)),
        ["elu_alpha"] = new(Any, x => Elu(x, 0.5), x => x.elu(0.5)),
        ["elu_scaled"] = new(Any, x => 2 * (x > 0 ? x : 0.5 * (Math.Exp(3 * x) - 1)), x => x.elu(0.5, 2.0, 3.0), null, x => x.elu_(0.5, 2.0, 3.0)),
        ["celu"] = new(Any, x => Math.Max(0, x) + Math.Min(0, Math.Exp(x) - 1), x => x.celu(), null, x => x.celu_()),
        ["celu_alpha"] = new(Any, x => Math.Max(0, x) + Math.Min(0, 2 * (Math.Exp(x / 2) - 1)), x => x.celu(2.0), null, x => x.celu_(2.0)),
        ["selu"] = new(Any, x => 1.0507009873554805 * (x > 0 ? x : 1.6732632423543772 * (Math.Exp(x) - 1)), x => x.selu(), null, x => x.selu_()),
        ["gelu"] = new(Any, x => x * torch.special.ndtr(Vector(x)).item<double>(), x => x.gelu()),
        ["gelu_tanh"] = new(Any, x => x * (1 + Math.Tanh(Math.Sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x))) / 2, x => x.gelu(TorchSharp.Modules.GELU.Approximate.tanh)),
        ["silu"] = new(Any, x => x * Sigmoid(x), x => x.silu(), null, x => x.silu_()),
        ["hardsigmoid"] = new([-4, -1, 0, 1, 4], HardSigmoid, x => x.hardsigmoid(), null, x => x.hardsigmoid_()),
        ["hardswish"] = new([-4, -1, 0, 1, 4], x => x * HardSigmoid(x), x => x.hardswish(), null, x => x.hardswish_()),
        // Not in place: in Corrections.
        ["hardtanh"] = new(Any, x => Math.Clamp(x, -0.5, 2), x => x.clone().hardtanh_(-0.5, 2.0), null, x => x.hardtanh_(-0.5, 2.0)),
        ["leaky_relu"] = new(Any, x => x > 0 ? x : 0.25 * x, x => x.leaky_relu(0.25), null, x => x.leaky_relu_(0.25)),
        ["rrelu"] = new(Any, x => x > 0 ? x : 0.375 * x, x => x.rrelu(0.25, 0.5), null, x => x.rrelu_(0.25, 0.5)),
        ["log_sigmoid"] = new(Any, x => Math.Log(Sigmoid(x)), x => x.log_sigmoid()),
        ["softplus"] = new(Any, x => Math.Log(1 + Math.Exp(x)), x => x.softplus()),
        ["softplus_beta"] = new(Any, x => 2 * x > 3 ? x : Math.Log(1 + Math.Exp(2 * x)) / 2, x => x.softplus(2, 3)),
        ["threshold"] = new(Any, x => x > 0.5 ? x : -7, x => x.threshold(0.5, -7), null, x => x.threshold_(0.5, -7)),
        ["clamp"] = new(Any, x => Math.Clamp(x, -1, 2), x => x.clamp(-1, 2), x => clamp(x, -1, 2), x => x.clamp_(-1, 2)),
        ["clamp_low"] = new(Any, x => Math.Max(x, -1), x => x.clamp((Scalar)(-1)), x => clamp(x, (Scalar)(-1)), x => x.clamp_((Scalar)(-1))),
        ["clip"] = new(Any, x => Math.Clamp(x, -1, 2), x => x.clip(-1, 2), x => clip(x, -1, 2)),
        ["clamp_max"] = new(Any, x => Math.Min(x, 1), x => x.clamp_max(1), x => clamp_max(x, 1), x => x.clamp_max_(1)),
        ["clamp_min"] = new(Any, x => Math.Max(x, 1), x => x.clamp_min(1), x => clamp_min(x, 1), x => x.clamp_min_(1)),
    };

    public static IEnumerable<object[]> Names => Cases.Keys.Select(name => new object[] { name });

    private static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));

    private static double HardSigmoid(double x) => Math.Clamp(x / 6 + 0.5, 0, 1);

    private static double Elu(double x, double alpha) => x > 0 ? x : alpha * (Math.Exp(x) - 1);

    [Theory]
    [MemberData(nameof(Names))]
    public void The_member_is_right_and_leaves_its_tensor_alone(string name)
    {
        var (inputs, expected, member, _, _) = Cases[name];
        using var input = Vector(inputs);
        using var result = member(input);
        Close(inputs.Select(expected).ToArray(), result, 1e-9);
        Close(inputs, input);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_static_form_and_the_in_place_form_agree_with_it(string name)
    {
        var (inputs, expected, _, function, inPlace) = Cases[name];
        var wanted = inputs.Select(expected).ToArray();
        using var input = Vector(inputs);
        if (function is not null)
            Close(wanted, function(input), 1e-9);
        if (inPlace is null)
            return;
        Assert.Same(input, inPlace(input));
        Close(wanted, input, 1e-9);
    }

    // Values from Abramowitz and Stegun's tables, or exact.
    [Fact]
    public void Special_functions_at_known_points()
    {
        Close([0, 0.5204998778130465], Vector(0, 0.5).erf());
        Close([1, 0.4795001221869535], Vector(0, 0.5).erfc());
        Close([0.5], Vector(0.5204998778130465).erfinv());
        Close([Math.Log(Math.PI) / 2, 0, Math.Log(6)], Vector(0.5, 1, 4).lgamma());
        Close([-0.57721566490153286, 0.42278433509846714], Vector(1, 2).digamma(), 1e-9);
        Close([1.2660658777520084], Vector(1).i0(), 1e-9);
        Close([1.2660658777520084], i0_(Vector(1)), 1e-9);
        Close([Math.PI * Math.PI / 6], Vector(1).polygamma(1), 1e-9);
        Close([Math.Log(Math.Sqrt(Math.PI) * 6 * 15 * Math.Sqrt(Math.PI) / 8)], Vector(4).mvlgamma(2), 1e-9);
        Close([0.5204998778130465], torch.erf(Vector(0.5)));
        Close([1 - Math.Exp(-2)], Vector(1).igamma(Vector(2)), 1e-9);
        Close([Math.Exp(-2)], Vector(1).igammac(Vector(2)), 1e-9);
        foreach (var inPlace in new Func<Tensor, Tensor>[]
            { x => x.erf_(), x => x.erfc_(), x => x.erfinv_(), x => x.lgamma_(), x => x.digamma_(), x => x.polygamma_(1), x => x.add_(2).mvlgamma_(2), x => x.i0_() })
        {
            using var x = Vector(0.5);
            Assert.Same(x, inPlace(x));
            Assert.NotEqual(0.5, x.Values()[0]);
        }
    }

    [Fact]
    public void Nan_to_num_replaces_what_is_no_number()
    {
        using var x = Vector(1, double.NaN, double.PositiveInfinity, double.NegativeInfinity);
        Close([1, 0, double.MaxValue, double.MinValue], x.nan_to_num());
        Close([1, 7, 8, 9], x.nan_to_num(7, 8, 9));
        Close([1, 7, 8, 9], nan_to_num(x, 7, 8, 9));
        using var y = x.clone();
        Assert.Same(y, y.nan_to_num_(7, 8, 9));
        Close([1, 7, 8, 9], y);
        Assert.Same(x, nan_to_num_(x));
        Close([1, 0, double.MaxValue, double.MinValue], x);
    }

    [Fact]
    public void Frexp_splits_into_mantissa_and_exponent()
    {
        var (mantissa, exponent) = Vector(0.75, 8, -3).frexp();
        Close([0.75, 0.5, -0.75], mantissa);
        Assert.Equal([0L, 4, 2], exponent.Integers());
    }

    [Fact]
    public void Positive_refuses_Booleans() => Assert.Throws<ArgumentException>(() => tensor(new[] { true }).positive());
}
