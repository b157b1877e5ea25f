namespace TorchSharp;

public static partial class torch
{
    // Trigonometric and hyperbolic functions, element by element; angles are in radians.
    public partial class Tensor
    {
        /// <summary>Sine of each element.</summary>
        public Tensor sin() => Dispatcher.Call(Ops.sin, this);

        /// <summary>In-place form of <see cref="sin()"/>.</summary>
        public Tensor sin_() => Dispatcher.CallInPlace(this, Ops.sin_);

        /// <summary>Cosine of each element.</summary>
        public Tensor cos() => Dispatcher.Call(Ops.cos, this);

        /// <summary>In-place form of <see cref="cos()"/>.</summary>
        public Tensor cos_() => Dispatcher.CallInPlace(this, Ops.cos_);

        /// <summary>Tangent of each element.</summary>
        public Tensor tan() => Dispatcher.Call(Ops.tan, this);

        /// <summary>In-place form of <see cref="tan()"/>.</summary>
        public Tensor tan_() => Dispatcher.CallInPlace(this, Ops.tan_);

        /// <summary>Angle in [-π/2, π/2] whose sine is the element.</summary>
        public Tensor asin() => Dispatcher.Call(Ops.asin, this);

        /// <summary>In-place form of <see cref="asin()"/>.</summary>
        public Tensor asin_() => Dispatcher.CallInPlace(this, Ops.asin_);

        /// <summary>Same as <see cref="asin()"/>.</summary>
        public Tensor arcsin() => asin();

        /// <summary>Same as <see cref="asin_()"/>.</summary>
        public Tensor arcsin_() => asin_();

        /// <summary>Angle in [0, π] whose cosine is the element.</summary>
        public Tensor acos() => Dispatcher.Call(Ops.acos, this);

        /// <summary>In-place form of <see cref="acos()"/>.</summary>
        public Tensor acos_() => Dispatcher.CallInPlace(this, Ops.acos_);

        /// <summary>Same as <see cref="acos()"/>.</summary>
        public Tensor arccos() => acos();

        /// <summary>Same as <see cref="acos_()"/>.</summary>
        public Tensor arccos_() => acos_();

        /// <summary>Angle in (-π/2, π/2) whose tangent is the element.</summary>
        public Tensor atan() => Dispatcher.Call(Ops.atan, this);

        /// <summary>In-place form of <see cref="atan()"/>.</summary>
        public Tensor atan_() => Dispatcher.CallInPlace(this, Ops.atan_);

        /// <summary>Same as <see cref="atan()"/>.</summary>
        public Tensor arctan() => atan();

        /// <summary>Same as <see cref="atan_()"/>.</summary>
        public Tensor arctan_() => atan_();

        /// <summary>Angle of the point (<paramref name="other"/>, this) in the plane, in (-π, π].</summary>
        public Tensor atan2(Tensor other) => Dispatcher.Call(Ops.atan2, this, other);

        /// <summary>In-place form of <see cref="atan2(Tensor)"/>.</summary>
        public Tensor atan2_(Tensor other) => Dispatcher.CallInPlace(this, Ops.atan2_, other);

        /// <summary>Same as <see cref="atan2(Tensor)"/>.</summary>
        public Tensor arctan2(Tensor other) => atan2(other);

        /// <summary>Same as <see cref="atan2_(Tensor)"/>.</summary>
        public Tensor arctan2_(Tensor other) => atan2_(other);

        /// <summary>Same as <see cref="atan2(Tensor)"/>.</summary>
        public Tensor arctan(Tensor other) => atan2(other);

        /// <summary>Same as <see cref="atan2_(Tensor)"/>.</summary>
        public Tensor arctan_(Tensor other) => atan2_(other);

        /// <summary>sin(πx) / (πx) of each element, 1 at zero.</summary>
        public Tensor sinc() => Dispatcher.Call(Ops.sinc, this);

        /// <summary>In-place form of <see cref="sinc()"/>.</summary>
        public Tensor sinc_() => Dispatcher.CallInPlace(this, Ops.sinc_);

        /// <summary>Hyperbolic sine of each element.</summary>
        public Tensor sinh() => Dispatcher.Call(Ops.sinh, this);

        /// <summary>In-place form of <see cref="sinh()"/>.</summary>
        public Tensor sinh_() => Dispatcher.CallInPlace(this, Ops.sinh_);

        /// <summary>Hyperbolic cosine of each element.</summary>
        public Tensor cosh() => Dispatcher.Call(Ops.cosh, this);

        /// <summary>In-place form of <see cref="cosh()"/>.</summary>
        public Tensor cosh_() => Dispatcher.CallInPlace(this, Ops.cosh_);

        /// <summary>Hyperbolic tangent of each element.</summary>
        public Tensor tanh() => Dispatcher.Call(Ops.tanh, this);

        /// <summary>In-place form of <see cref="tanh()"/>.</summary>
        public Tensor tanh_() => Dispatcher.CallInPlace(this, Ops.tanh_);

        /// <summary>Inverse hyperbolic sine of each element.</summary>
        public Tensor arcsinh() => Dispatcher.Call(Ops.arcsinh, this);

        /// <summary>In-place form of <see cref="arcsinh()"/>.</summary>
        public Tensor arcsinh_() => Dispatcher.CallInPlace(this, Ops.arcsinh_);

        /// <summary>Same as <see cref="arcsinh()"/>.</summary>
        public Tensor asinh() => arcsinh();

        /// <summary>Same as <see cref="arcsinh_()"/>.</summary>
        public Tensor asinh_() => arcsinh_();

        /// <summary>Inverse hyperbolic cosine of each element.</summary>
        public Tensor arccosh() => Dispatcher.Call(Ops.arccosh, this);

        /// <summary>In-place form of <see cref="arccosh()"/>.</summary>
        public Tensor arccosh_() => Dispatcher.CallInPlace(this, Ops.arccosh_);

        /// <summary>Same as <see cref="arccosh()"/>.</summary>
        public Tensor acosh() => arccosh();

        /// <summary>Same as <see cref="arccosh_()"/>.</summary>
        public Tensor acosh_() => arccosh_();

        /// <summary>Inverse hyperbolic tangent of each element.</summary>
        public Tensor arctanh() => Dispatcher.Call(Ops.arctanh, this);

        /// <summary>In-place form of <see cref="arctanh()"/>.</summary>
        public Tensor arctanh_() => Dispatcher.CallInPlace(this, Ops.arctanh_);

        /// <summary>Same as <see cref="arctanh()"/>.</summary>
        public Tensor atanh() => arctanh();

        /// <summary>Same as <see cref="arctanh_()"/>.</summary>
        public Tensor atanh_() => arctanh_();

        /// <summary>Argument of each element: 0 or π for real numbers.</summary>
        public Tensor angle() => Dispatcher.Call(Ops.angle, this);

        private static partial class Ops
        {
            internal static readonly Op sin = new("aten::sin");
            internal static readonly Op sin_ = new("aten::sin_");
            internal static readonly Op cos = new("aten::cos");
            internal static readonly Op cos_ = new("aten::cos_");
            internal static readonly Op tan = new("aten::tan");
            internal static readonly Op tan_ = new("aten::tan_");
            internal static readonly Op asin = new("aten::asin");
            internal static readonly Op asin_ = new("aten::asin_");
            internal static readonly Op acos = new("aten::acos");
            internal static readonly Op acos_ = new("aten::acos_");
            internal static readonly Op atan = new("aten::atan");
            internal static readonly Op atan_ = new("aten::atan_");
            internal static readonly Op atan2 = new("aten::atan2");
            internal static readonly Op atan2_ = new("aten::atan2_");
            internal static readonly Op sinc = new("aten::sinc");
            internal static readonly Op sinc_ = new("aten::sinc_");
            internal static readonly Op sinh = new("aten::sinh");
            internal static readonly Op sinh_ = new("aten::sinh_");
            internal static readonly Op cosh = new("aten::cosh");
            internal static readonly Op cosh_ = new("aten::cosh_");
            internal static readonly Op tanh = new("aten::tanh");
            internal static readonly Op tanh_ = new("aten::tanh_");
            internal static readonly Op arcsinh = new("aten::arcsinh");
            internal static readonly Op arcsinh_ = new("aten::arcsinh_");
            internal static readonly Op arccosh = new("aten::arccosh");
            internal static readonly Op arccosh_ = new("aten::arccosh_");
            internal static readonly Op arctanh = new("aten::arctanh");
            internal static readonly Op arctanh_ = new("aten::arctanh_");
            internal static readonly Op angle = new("aten::angle");
        }
    }
}
