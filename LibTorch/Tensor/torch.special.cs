namespace TorchSharp;

public static partial class torch
{
    /// <summary>Special functions, element by element, as PyTorch's torch.special has them.</summary>
    public static class special
    {
        /// <summary>Airy function Ai.</summary>
        public static Tensor airy_ai(Tensor input, Tensor? @out = null) => Call(Ops.airy_ai, Ops.airy_ai_out, @out, input);

        /// <summary>Bessel function of the first kind, order 0.</summary>
        public static Tensor bessel_j0(Tensor input, Tensor? @out = null) => Call(Ops.bessel_j0, Ops.bessel_j0_out, @out, input);

        /// <summary>Bessel function of the first kind, order 1.</summary>
        public static Tensor bessel_j1(Tensor input, Tensor? @out = null) => Call(Ops.bessel_j1, Ops.bessel_j1_out, @out, input);

        /// <summary>Bessel function of the second kind, order 0.</summary>
        public static Tensor bessel_y0(Tensor input, Tensor? @out = null) => Call(Ops.bessel_y0, Ops.bessel_y0_out, @out, input);

        /// <summary>Bessel function of the second kind, order 1.</summary>
        public static Tensor bessel_y1(Tensor input, Tensor? @out = null) => Call(Ops.bessel_y1, Ops.bessel_y1_out, @out, input);

        /// <summary>Modified Bessel function of the first kind, order 0.</summary>
        public static Tensor modified_bessel_i0(Tensor input, Tensor? @out = null) =>
            Call(Ops.modified_bessel_i0, Ops.modified_bessel_i0_out, @out, input);

        /// <summary>Modified Bessel function of the first kind, order 1.</summary>
        public static Tensor modified_bessel_i1(Tensor input, Tensor? @out = null) =>
            Call(Ops.modified_bessel_i1, Ops.modified_bessel_i1_out, @out, input);

        /// <summary>Modified Bessel function of the second kind, order 0.</summary>
        public static Tensor modified_bessel_k0(Tensor input, Tensor? @out = null) =>
            Call(Ops.modified_bessel_k0, Ops.modified_bessel_k0_out, @out, input);

        /// <summary>Modified Bessel function of the second kind, order 1.</summary>
        public static Tensor modified_bessel_k1(Tensor input, Tensor? @out = null) =>
            Call(Ops.modified_bessel_k1, Ops.modified_bessel_k1_out, @out, input);

        /// <summary>exp(x) times the modified Bessel function of the second kind, order 0.</summary>
        public static Tensor scaled_modified_bessel_k0(Tensor input, Tensor? @out = null) =>
            Call(Ops.scaled_modified_bessel_k0, Ops.scaled_modified_bessel_k0_out, @out, input);

        /// <summary>exp(x) times the modified Bessel function of the second kind, order 1.</summary>
        public static Tensor scaled_modified_bessel_k1(Tensor input, Tensor? @out = null) =>
            Call(Ops.scaled_modified_bessel_k1, Ops.scaled_modified_bessel_k1_out, @out, input);

        /// <summary>Spherical Bessel function of the first kind, order 0.</summary>
        public static Tensor spherical_bessel_j0(Tensor input, Tensor? @out = null) =>
            Call(Ops.spherical_bessel_j0, Ops.spherical_bessel_j0_out, @out, input);

        /// <summary>Chebyshev polynomial of the first kind and degree n.</summary>
        public static Tensor chebyshev_polynomial_t(Tensor x, Tensor n, Tensor? @out = null) =>
            Call(Ops.chebyshev_polynomial_t, Ops.chebyshev_polynomial_t_out, @out, x, n);

        /// <summary>Chebyshev polynomial of the second kind and degree n.</summary>
        public static Tensor chebyshev_polynomial_u(Tensor x, Tensor n, Tensor? @out = null) =>
            Call(Ops.chebyshev_polynomial_u, Ops.chebyshev_polynomial_u_out, @out, x, n);

        /// <summary>Chebyshev polynomial of the third kind and degree n.</summary>
        public static Tensor chebyshev_polynomial_v(Tensor x, Tensor n, Tensor? @out = null) =>
            Call(Ops.chebyshev_polynomial_v, Ops.chebyshev_polynomial_v_out, @out, x, n);

        /// <summary>Chebyshev polynomial of the fourth kind and degree n.</summary>
        public static Tensor chebyshev_polynomial_w(Tensor x, Tensor n, Tensor? @out = null) =>
            Call(Ops.chebyshev_polynomial_w, Ops.chebyshev_polynomial_w_out, @out, x, n);

        /// <summary>Chebyshev polynomial of the first kind and degree n at 2x - 1.</summary>
        public static Tensor shifted_chebyshev_polynomial_t(Tensor x, Tensor n, Tensor? @out = null) =>
            Call(Ops.shifted_chebyshev_polynomial_t, Ops.shifted_chebyshev_polynomial_t_out, @out, x, n);

        /// <summary>Chebyshev polynomial of the second kind and degree n at 2x - 1.</summary>
        public static Tensor shifted_chebyshev_polynomial_u(Tensor x, Tensor n, Tensor? @out = null) =>
            Call(Ops.shifted_chebyshev_polynomial_u, Ops.shifted_chebyshev_polynomial_u_out, @out, x, n);

        /// <summary>Chebyshev polynomial of the third kind and degree n at 2x - 1.</summary>
        public static Tensor shifted_chebyshev_polynomial_v(Tensor x, Tensor n, Tensor? @out = null) =>
            Call(Ops.shifted_chebyshev_polynomial_v, Ops.shifted_chebyshev_polynomial_v_out, @out, x, n);

        /// <summary>Chebyshev polynomial of the fourth kind and degree n at 2x - 1.</summary>
        public static Tensor shifted_chebyshev_polynomial_w(Tensor x, Tensor n, Tensor? @out = null) =>
            Call(Ops.shifted_chebyshev_polynomial_w, Ops.shifted_chebyshev_polynomial_w_out, @out, x, n);

        /// <summary>Physicist's Hermite polynomial of degree n.</summary>
        public static Tensor hermite_polynomial_h(Tensor x, Tensor n, Tensor? @out = null) =>
            Call(Ops.hermite_polynomial_h, Ops.hermite_polynomial_h_out, @out, x, n);

        /// <summary>Probabilist's Hermite polynomial of degree n.</summary>
        public static Tensor hermite_polynomial_he(Tensor x, Tensor n, Tensor? @out = null) =>
            Call(Ops.hermite_polynomial_he, Ops.hermite_polynomial_he_out, @out, x, n);

        /// <summary>Laguerre polynomial of degree n.</summary>
        public static Tensor laguerre_polynomial_l(Tensor x, Tensor n, Tensor? @out = null) =>
            Call(Ops.laguerre_polynomial_l, Ops.laguerre_polynomial_l_out, @out, x, n);

        /// <summary>Legendre polynomial of degree n.</summary>
        public static Tensor legendre_polynomial_p(Tensor x, Tensor n, Tensor? @out = null) =>
            Call(Ops.legendre_polynomial_p, Ops.legendre_polynomial_p_out, @out, x, n);

        /// <summary>-x · log(x), 0 at zero and -∞ below.</summary>
        public static Tensor entr(Tensor input) => Dispatcher.Call(Ops.entr, input);

        /// <summary>Error function.</summary>
        public static Tensor erf(Tensor input) => Dispatcher.Call(Ops.erf, input);

        /// <summary>1 - erf(x).</summary>
        public static Tensor erfc(Tensor input) => Dispatcher.Call(Ops.erfc, input);

        /// <summary>exp(x²) · erfc(x), without underflow.</summary>
        public static Tensor erfcx(Tensor input) => Dispatcher.Call(Ops.erfcx, input);

        /// <summary>Inverse of the error function, on (-1, 1).</summary>
        public static Tensor erfinv(Tensor input) => Dispatcher.Call(Ops.erfinv, input);

        /// <summary>1 / (1 + exp(-x)).</summary>
        public static Tensor expit(Tensor input) => Dispatcher.Call(Ops.expit, input);

        /// <summary>exp(x) - 1, accurate near zero.</summary>
        public static Tensor expm1(Tensor input) => Dispatcher.Call(Ops.expm1, input);

        /// <summary>2 raised to each element.</summary>
        public static Tensor exp2(Tensor input) => Dispatcher.Call(Ops.exp2, input);

        /// <summary>Logarithm of the absolute value of the gamma function.</summary>
        public static Tensor gammaln(Tensor input) => Dispatcher.Call(Ops.gammaln, input);

        /// <summary>Derivative of gammaln.</summary>
        public static Tensor digamma(Tensor input) => Dispatcher.Call(Ops.digamma, input);

        /// <summary>Same as digamma.</summary>
        public static Tensor psi(Tensor input) => Dispatcher.Call(Ops.psi, input);

        /// <summary>Modified Bessel function of the first kind, order 0.</summary>
        public static Tensor i0(Tensor input) => Dispatcher.Call(Ops.i0, input);

        /// <summary>exp(-|x|) times the modified Bessel function of the first kind, order 0.</summary>
        public static Tensor i0e(Tensor input) => Dispatcher.Call(Ops.i0e, input);

        /// <summary>Modified Bessel function of the first kind, order 1.</summary>
        public static Tensor i1(Tensor input) => Dispatcher.Call(Ops.i1, input);

        /// <summary>exp(-|x|) times the modified Bessel function of the first kind, order 1.</summary>
        public static Tensor i1e(Tensor input) => Dispatcher.Call(Ops.i1e, input);

        /// <summary>log(x / (1 - x)).</summary>
        public static Tensor logit(Tensor input) => Dispatcher.Call(Ops.logit, input);

        /// <summary>Distribution function of the standard normal distribution.</summary>
        public static Tensor ndtr(Tensor input) => Dispatcher.Call(Ops.ndtr, input);

        /// <summary>Inverse of the standard normal distribution function.</summary>
        public static Tensor ndtri(Tensor input) => Dispatcher.Call(Ops.ndtri, input);

        /// <summary>sin(πx) / (πx), 1 at zero.</summary>
        public static Tensor sinc(Tensor input) => Dispatcher.Call(Ops.sinc, input);

        /// <summary>Regularized lower incomplete gamma function.</summary>
        public static Tensor gammainc(Tensor input, Tensor other) => Dispatcher.Call(Ops.gammainc, input, other);

        /// <summary>Regularized upper incomplete gamma function.</summary>
        public static Tensor gammaincc(Tensor input, Tensor other) => Dispatcher.Call(Ops.gammaincc, input, other);

        /// <summary>The <paramref name="n"/>-th derivative of the digamma function.</summary>
        public static Tensor polygamma(long n, Tensor input) => Dispatcher.Call(Ops.polygamma, n, input);

        /// <summary>Multivariate log-gamma function of dimension <paramref name="p"/>.</summary>
        public static Tensor multigammaln(Tensor input, long p) => Dispatcher.Call(Ops.multigammaln, input, p);

        /// <summary>x · log(1 + y), 0 where x is zero.</summary>
        public static Tensor xlog1py(Tensor input, Tensor other) => Dispatcher.Call(Ops.xlog1py, input, other);

        /// <summary>Hurwitz zeta function: Σ 1 / (k + q)^x over k from 0.</summary>
        public static Tensor zeta(Tensor x, Tensor q) => Dispatcher.Call(Ops.zeta, x, q);

        /// <summary>1 / (1 + exp(-x)).</summary>
        public static Tensor sigmoid(Tensor input) => input.sigmoid();

        /// <summary>In-place form of <see cref="sigmoid(Tensor)"/>.</summary>
        public static Tensor sigmoid_(Tensor input) => input.sigmoid_();

        /// <summary>exp(x) / Σ exp(x) along <paramref name="dim"/>, computed in <paramref name="dtype"/> when given.</summary>
        public static Tensor softmax(Tensor input, long dim, ScalarType? dtype = null) =>
            Dispatcher.Call(Ops.softmax, input, dim, dtype);

        /// <summary>Logarithm of the softmax along <paramref name="dim"/>, computed in <paramref name="dtype"/> when given.</summary>
        public static Tensor log_softmax(Tensor input, long dim, ScalarType? dtype = null) =>
            Dispatcher.Call(Ops.log_softmax, input, dim, dtype);

        private static Tensor Call(Op op, Op outOp, Tensor? @out, params ReadOnlySpan<Arg> inputs) => @out is null
            ? Dispatcher.Call(op, inputs)
            : Dispatcher.Call(outOp, [.. inputs, @out]);

        private static class Ops
        {
            internal static readonly Op airy_ai = new("aten::special_airy_ai");
            internal static readonly Op airy_ai_out = new("aten::special_airy_ai", "out");
            internal static readonly Op bessel_j0 = new("aten::special_bessel_j0");
            internal static readonly Op bessel_j0_out = new("aten::special_bessel_j0", "out");
            internal static readonly Op bessel_j1 = new("aten::special_bessel_j1");
            internal static readonly Op bessel_j1_out = new("aten::special_bessel_j1", "out");
            internal static readonly Op bessel_y0 = new("aten::special_bessel_y0");
            internal static readonly Op bessel_y0_out = new("aten::special_bessel_y0", "out");
            internal static readonly Op bessel_y1 = new("aten::special_bessel_y1");
            internal static readonly Op bessel_y1_out = new("aten::special_bessel_y1", "out");
            internal static readonly Op modified_bessel_i0 = new("aten::special_modified_bessel_i0");
            internal static readonly Op modified_bessel_i0_out = new("aten::special_modified_bessel_i0", "out");
            internal static readonly Op modified_bessel_i1 = new("aten::special_modified_bessel_i1");
            internal static readonly Op modified_bessel_i1_out = new("aten::special_modified_bessel_i1", "out");
            internal static readonly Op modified_bessel_k0 = new("aten::special_modified_bessel_k0");
            internal static readonly Op modified_bessel_k0_out = new("aten::special_modified_bessel_k0", "out");
            internal static readonly Op modified_bessel_k1 = new("aten::special_modified_bessel_k1");
            internal static readonly Op modified_bessel_k1_out = new("aten::special_modified_bessel_k1", "out");
            internal static readonly Op scaled_modified_bessel_k0 = new("aten::special_scaled_modified_bessel_k0");
            internal static readonly Op scaled_modified_bessel_k0_out = new("aten::special_scaled_modified_bessel_k0", "out");
            internal static readonly Op scaled_modified_bessel_k1 = new("aten::special_scaled_modified_bessel_k1");
            internal static readonly Op scaled_modified_bessel_k1_out = new("aten::special_scaled_modified_bessel_k1", "out");
            internal static readonly Op spherical_bessel_j0 = new("aten::special_spherical_bessel_j0");
            internal static readonly Op spherical_bessel_j0_out = new("aten::special_spherical_bessel_j0", "out");
            internal static readonly Op chebyshev_polynomial_t = new("aten::special_chebyshev_polynomial_t");
            internal static readonly Op chebyshev_polynomial_t_out = new("aten::special_chebyshev_polynomial_t", "out");
            internal static readonly Op chebyshev_polynomial_u = new("aten::special_chebyshev_polynomial_u");
            internal static readonly Op chebyshev_polynomial_u_out = new("aten::special_chebyshev_polynomial_u", "out");
            internal static readonly Op chebyshev_polynomial_v = new("aten::special_chebyshev_polynomial_v");
            internal static readonly Op chebyshev_polynomial_v_out = new("aten::special_chebyshev_polynomial_v", "out");
            internal static readonly Op chebyshev_polynomial_w = new("aten::special_chebyshev_polynomial_w");
            internal static readonly Op chebyshev_polynomial_w_out = new("aten::special_chebyshev_polynomial_w", "out");
            internal static readonly Op shifted_chebyshev_polynomial_t = new("aten::special_shifted_chebyshev_polynomial_t");
            internal static readonly Op shifted_chebyshev_polynomial_t_out = new("aten::special_shifted_chebyshev_polynomial_t", "out");
            internal static readonly Op shifted_chebyshev_polynomial_u = new("aten::special_shifted_chebyshev_polynomial_u");
            internal static readonly Op shifted_chebyshev_polynomial_u_out = new("aten::special_shifted_chebyshev_polynomial_u", "out");
            internal static readonly Op shifted_chebyshev_polynomial_v = new("aten::special_shifted_chebyshev_polynomial_v");
            internal static readonly Op shifted_chebyshev_polynomial_v_out = new("aten::special_shifted_chebyshev_polynomial_v", "out");
            internal static readonly Op shifted_chebyshev_polynomial_w = new("aten::special_shifted_chebyshev_polynomial_w");
            internal static readonly Op shifted_chebyshev_polynomial_w_out = new("aten::special_shifted_chebyshev_polynomial_w", "out");
            internal static readonly Op hermite_polynomial_h = new("aten::special_hermite_polynomial_h");
            internal static readonly Op hermite_polynomial_h_out = new("aten::special_hermite_polynomial_h", "out");
            internal static readonly Op hermite_polynomial_he = new("aten::special_hermite_polynomial_he");
            internal static readonly Op hermite_polynomial_he_out = new("aten::special_hermite_polynomial_he", "out");
            internal static readonly Op laguerre_polynomial_l = new("aten::special_laguerre_polynomial_l");
            internal static readonly Op laguerre_polynomial_l_out = new("aten::special_laguerre_polynomial_l", "out");
            internal static readonly Op legendre_polynomial_p = new("aten::special_legendre_polynomial_p");
            internal static readonly Op legendre_polynomial_p_out = new("aten::special_legendre_polynomial_p", "out");
            internal static readonly Op entr = new("aten::special_entr");
            internal static readonly Op erf = new("aten::special_erf");
            internal static readonly Op erfc = new("aten::special_erfc");
            internal static readonly Op erfcx = new("aten::special_erfcx");
            internal static readonly Op erfinv = new("aten::special_erfinv");
            internal static readonly Op expit = new("aten::special_expit");
            internal static readonly Op expm1 = new("aten::special_expm1");
            internal static readonly Op exp2 = new("aten::special_exp2");
            internal static readonly Op gammaln = new("aten::special_gammaln");
            internal static readonly Op digamma = new("aten::special_digamma");
            internal static readonly Op psi = new("aten::special_psi");
            internal static readonly Op i0 = new("aten::special_i0");
            internal static readonly Op i0e = new("aten::special_i0e");
            internal static readonly Op i1 = new("aten::special_i1");
            internal static readonly Op i1e = new("aten::special_i1e");
            internal static readonly Op logit = new("aten::special_logit");
            internal static readonly Op ndtr = new("aten::special_ndtr");
            internal static readonly Op ndtri = new("aten::special_ndtri");
            internal static readonly Op sinc = new("aten::special_sinc");
            internal static readonly Op gammainc = new("aten::special_gammainc");
            internal static readonly Op gammaincc = new("aten::special_gammaincc");
            internal static readonly Op polygamma = new("aten::special_polygamma");
            internal static readonly Op multigammaln = new("aten::special_multigammaln");
            internal static readonly Op xlog1py = new("aten::special_xlog1py");
            internal static readonly Op zeta = new("aten::special_zeta");
            internal static readonly Op softmax = new("aten::special_softmax");
            internal static readonly Op log_softmax = new("aten::special_log_softmax");
        }
    }
}
