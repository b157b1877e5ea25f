using TorchSharp;
using Xunit;
using static PruneGen.LibTorch.Tests.Numbers;
using static TorchSharp.torch;

namespace PruneGen.LibTorch.Tests;

/// <summary>torch.special against closed forms, series and recurrences computed here.</summary>
public class SpecialFunctionTests
{
    private const double X = 0.75;

    // I0, I1: Σ (x/2)^(2k+n) / (k! (k+n)!).
    private static double BesselI(int n, double x) =>
        Enumerable.Range(0, 40).Sum(k => Math.Pow(x / 2, 2 * k + n) / (Factorial(k) * Factorial(k + n)));

    // J0, J1: the same series with alternating signs.
    private static double BesselJ(int n, double x) =>
        Enumerable.Range(0, 40).Sum(k => (k % 2 == 0 ? 1 : -1) * Math.Pow(x / 2, 2 * k + n) / (Factorial(k) * Factorial(k + n)));

    private static double Factorial(int n) => Enumerable.Range(1, n).Aggregate(1.0, (product, k) => product * k);

    // K_n(x) = ∫ exp(-x cosh t) cosh(nt) dt and Y_n by its integral, both by Simpson's rule.
    private static double BesselK(int n, double x) => Integral(t => Math.Exp(-x * Math.Cosh(t)) * Math.Cosh(n * t), 0, 20);

    private static double BesselY(int n, double x) =>
        (Integral(t => Math.Sin(x * Math.Sin(t) - n * t), 0, Math.PI)
        - Integral(t => (Math.Exp(n * t) + (n % 2 == 0 ? 1 : -1) * Math.Exp(-n * t)) * Math.Exp(-x * Math.Sinh(t)), 0, 20)) / Math.PI;

    private static double Integral(Func<double, double> f, double from, double to)
    {
        const int Steps = 20_000;
        var h = (to - from) / Steps;
        return Enumerable.Range(0, Steps + 1).Sum(i => (i is 0 or Steps ? 1 : i % 2 == 1 ? 4 : 2) * f(from + i * h)) * h / 3;
    }

    private sealed record Case(double Expected, Func<Tensor, Tensor> Call, Func<Tensor, Tensor, Tensor>? Into = null, double Input = X);

    private static readonly Dictionary<string, Case> Cases = new()
    {
        ["bessel_j0"] = new(BesselJ(0, X), x => special.bessel_j0(x), (x, o) => special.bessel_j0(x, o)),
        ["bessel_j1"] = new(BesselJ(1, X), x => special.bessel_j1(x), (x, o) => special.bessel_j1(x, o)),
        ["bessel_y0"] = new(BesselY(0, X), x => special.bessel_y0(x), (x, o) => special.bessel_y0(x, o)),
        ["bessel_y1"] = new(BesselY(1, X), x => special.bessel_y1(x), (x, o) => special.bessel_y1(x, o)),
        ["modified_bessel_i0"] = new(BesselI(0, X), x => special.modified_bessel_i0(x), (x, o) => special.modified_bessel_i0(x, o)),
        ["modified_bessel_i1"] = new(BesselI(1, X), x => special.modified_bessel_i1(x), (x, o) => special.modified_bessel_i1(x, o)),
        ["modified_bessel_k0"] = new(BesselK(0, X), x => special.modified_bessel_k0(x), (x, o) => special.modified_bessel_k0(x, o)),
        ["modified_bessel_k1"] = new(BesselK(1, X), x => special.modified_bessel_k1(x), (x, o) => special.modified_bessel_k1(x, o)),
        ["scaled_modified_bessel_k0"] = new(BesselK(0, X) * Math.Exp(X), x => special.scaled_modified_bessel_k0(x), (x, o) => special.scaled_modified_bessel_k0(x, o)),
        ["scaled_modified_bessel_k1"] = new(BesselK(1, X) * Math.Exp(X), x => special.scaled_modified_bessel_k1(x), (x, o) => special.scaled_modified_bessel_k1(x, o)),
        ["spherical_bessel_j0"] = new(Math.Sin(X) / X, x => special.spherical_bessel_j0(x), (x, o) => special.spherical_bessel_j0(x, o)),
        ["airy_ai"] = new(AiryAi(X), x => special.airy_ai(x), (x, o) => special.airy_ai(x, o)),
        ["chebyshev_t"] = new(Math.Cos(3 * Math.Acos(X)), x => special.chebyshev_polynomial_t(x, Vector(3)), (x, o) => special.chebyshev_polynomial_t(x, Vector(3), o)),
        ["chebyshev_u"] = new(8 * X * X * X - 4 * X, x => special.chebyshev_polynomial_u(x, Vector(3)), (x, o) => special.chebyshev_polynomial_u(x, Vector(3), o)),
        ["chebyshev_v"] = new(4 * X * X - 2 * X - 1, x => special.chebyshev_polynomial_v(x, Vector(2)), (x, o) => special.chebyshev_polynomial_v(x, Vector(2), o)),
        ["chebyshev_w"] = new(4 * X * X + 2 * X - 1, x => special.chebyshev_polynomial_w(x, Vector(2)), (x, o) => special.chebyshev_polynomial_w(x, Vector(2), o)),
        ["shifted_chebyshev_t"] = new(Math.Cos(3 * Math.Acos(2 * X - 1)), x => special.shifted_chebyshev_polynomial_t(x, Vector(3)), (x, o) => special.shifted_chebyshev_polynomial_t(x, Vector(3), o)),
        ["shifted_chebyshev_u"] = new(4 * 0.25 - 1, x => special.shifted_chebyshev_polynomial_u(x, Vector(2)), (x, o) => special.shifted_chebyshev_polynomial_u(x, Vector(2), o)),
        ["shifted_chebyshev_v"] = new(4 * 0.25 - 2 * 0.5 - 1, x => special.shifted_chebyshev_polynomial_v(x, Vector(2)), (x, o) => special.shifted_chebyshev_polynomial_v(x, Vector(2), o)),
        ["shifted_chebyshev_w"] = new(4 * 0.25 + 2 * 0.5 - 1, x => special.shifted_chebyshev_polynomial_w(x, Vector(2)), (x, o) => special.shifted_chebyshev_polynomial_w(x, Vector(2), o)),
        ["hermite_h"] = new(8 * X * X * X - 12 * X, x => special.hermite_polynomial_h(x, Vector(3)), (x, o) => special.hermite_polynomial_h(x, Vector(3), o)),
        ["hermite_he"] = new(X * X * X - 3 * X, x => special.hermite_polynomial_he(x, Vector(3)), (x, o) => special.hermite_polynomial_he(x, Vector(3), o)),
        ["laguerre"] = new((X * X - 4 * X + 2) / 2, x => special.laguerre_polynomial_l(x, Vector(2)), (x, o) => special.laguerre_polynomial_l(x, Vector(2), o)),
        ["legendre"] = new((5 * X * X * X - 3 * X) / 2, x => special.legendre_polynomial_p(x, Vector(3)), (x, o) => special.legendre_polynomial_p(x, Vector(3), o)),
        ["entr"] = new(-X * Math.Log(X), special.entr),
        ["erf"] = new(Erf(X), special.erf),
        ["erfc"] = new(1 - Erf(X), special.erfc),
        ["erfinv"] = new(X, special.erfinv, null, Erf(X)),
        ["expit"] = new(1 / (1 + Math.Exp(-X)), special.expit),
        ["sigmoid"] = new(1 / (1 + Math.Exp(-X)), special.sigmoid),
        ["expm1"] = new(Math.Exp(X) - 1, special.expm1),
        ["exp2"] = new(Math.Pow(2, X), special.exp2),
        ["gammaln"] = new(Math.Log(Math.Sqrt(Math.PI)), special.gammaln, null, 0.5),
        ["digamma"] = new(1.5 - 0.57721566490153286, special.digamma, null, 3),
        ["psi"] = new(1.5 - 0.57721566490153286, special.psi, null, 3),
        ["polygamma"] = new(Math.PI * Math.PI / 6, x => special.polygamma(1, x), null, 1),
        ["multigammaln"] = new(Math.Log(Math.PI) / 2 + Math.Log(6) + Math.Log(15 * Math.Sqrt(Math.PI) / 8), x => special.multigammaln(x, 2), null, 4),
        ["gammainc"] = new(1 - Math.Exp(-X), x => special.gammainc(Vector(1), x)),
        ["gammaincc"] = new(Math.Exp(-X), x => special.gammaincc(Vector(1), x)),
        ["i0"] = new(BesselI(0, X), special.i0),
        ["i0e"] = new(BesselI(0, X) * Math.Exp(-X), special.i0e),
        ["i1"] = new(BesselI(1, X), special.i1),
        ["i1e"] = new(BesselI(1, X) * Math.Exp(-X), special.i1e),
        ["logit"] = new(Math.Log(3), special.logit),
        ["ndtr"] = new((1 + Erf(X / Math.Sqrt(2))) / 2, special.ndtr),
        ["ndtri"] = new(X, special.ndtri, null, (1 + Erf(X / Math.Sqrt(2))) / 2),
        ["sinc"] = new(Math.Sin(Math.PI * X) / (Math.PI * X), special.sinc),
        ["xlog1py"] = new(X * Math.Log(3), x => special.xlog1py(x, Vector(2))),
        ["zeta"] = new(Math.Pow(Math.PI, 4) / 90, x => special.zeta(x, Vector(1)), null, 4),
    };

    public static IEnumerable<object[]> Names => Cases.Keys.Select(name => new object[] { name });

    private static double Erf(double x) => 2 / Math.Sqrt(Math.PI) * Integral(t => Math.Exp(-t * t), 0, x);

    // Ai(x) = √(x/3) / π · K_(1/3)(2/3 x^(3/2)).
    private static double AiryAi(double x) =>
        Math.Sqrt(x / 3) / Math.PI * Integral(t => Math.Exp(-2.0 / 3 * Math.Pow(x, 1.5) * Math.Cosh(t)) * Math.Cosh(t / 3), 0, 20);

    [Theory]
    [MemberData(nameof(Names))]
    public void The_value_is_right(string name)
    {
        var (expected, call, into, input) = Cases[name];
        using var x = Vector(input);
        Close([expected], call(x), 1e-8);
        Close([input], x);
        if (into is null)
            return;
        using var target = zeros(1, dtype: float64);
        Close([expected], into(x, target), 1e-8);
        Close([expected], target, 1e-8);
    }
}
