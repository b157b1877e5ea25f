using static TorchSharp.torch;

namespace PruneGen;

/// <summary>Arithmetic, comparisons and functions that work number by number.</summary>
internal static class PointwiseWriters
{
    public static void Define(WriterList list)
    {
        foreach (var (name, op) in new[]
        {
            ("exp", "Exp"), ("log", "Log"), ("sqrt", "Sqrt"), ("sin", "Sin"), ("cos", "Cos"), ("tan", "Tan"), ("asin", "Asin"), ("arcsin", "Asin"),
            ("acos", "Acos"), ("arccos", "Acos"), ("atan", "Atan"), ("arctan", "Atan"), ("sinh", "Sinh"), ("cosh", "Cosh"), ("asinh", "Asinh"),
            ("arcsinh", "Asinh"), ("acosh", "Acosh"), ("arccosh", "Acosh"), ("atanh", "Atanh"), ("arctanh", "Atanh"), ("erf", "Erf"),
            ("reciprocal", "Reciprocal"),
        })
        {
            list.Add(s => s.Map(op, s.Fraction(s.Input)), name);
        }

        list.Add(s => Signed(s, "Abs"), "abs", "absolute");
        list.Add(s => Signed(s, "Neg"), "neg", "negative");
        list.Add(s => Signed(s, "Sign"), "sign", "sgn");
        list.Add(s => Whole(s, "Floor"), "floor");
        list.Add(s => Whole(s, "Ceil"), "ceil");
        list.Add(s => s.Long(0, "decimals") == 0 ? Whole(s, "Round") : throw s.Refusal("its decimals are not 0, and ONNX rounds to whole numbers"), "round");
        list.Add(s => Trunc(s, s.Input), "trunc", "fix");
        list.Add(s => s.Join("Sub", s.Input, Trunc(s, s.Input)), "frac");
        list.Add(s => s.Join("Mul", s.Input, s.Input), "square");
        list.Add(s => s.Map("Reciprocal", s.Map("Sqrt", s.Fraction(s.Input))), "rsqrt");
        list.Add(s => s.Join("Sub", s.Map("Exp", s.Fraction(s.Input)), 1), "expm1");
        list.Add(s => s.Map("Log", s.Join("Add", s.Fraction(s.Input), 1)), "log1p");
        list.Add(s => s.Map("Exp", s.Join("Mul", s.Fraction(s.Input), Math.Log(2))), "exp2");
        list.Add(s => s.Join("Div", s.Map("Log", s.Fraction(s.Input)), Math.Log(2)), "log2");
        list.Add(s => s.Join("Div", s.Map("Log", s.Fraction(s.Input)), Math.Log(10)), "log10");
        list.Add(s => s.Join("Mul", s.Fraction(s.Input), Math.PI / 180), "deg2rad");
        list.Add(s => s.Join("Mul", s.Fraction(s.Input), 180 / Math.PI), "rad2deg");
        list.Add(s => s.Join("Sub", s.Number(1, s.Fraction(s.Input)), s.Map("Erf", s.Fraction(s.Input))), "erfc");
        list.Add(Logit, "logit");
        list.Add(Sinc, "sinc");
        list.Add(NanToNum, "nan_to_num");
        list.Add(s => s.Input, "positive", "conj", "resolve_conj", "resolve_neg", "real");

        list.Add(s => Scaled(s, "Add"), "add");
        list.Add(s => Scaled(s, "Sub"), "sub", "subtract");
        list.Add(s => Arithmetic(s, "Mul"), "mul", "multiply");
        list.Add(s => Divide(s, s.Choice(RoundingMode.None, "rounding_mode")), "div", "divide", "true_divide");
        list.Add(s => Divide(s, RoundingMode.floor), "floor_divide");
        list.Add(s => Modulo(s, floored: true), "remainder");
        list.Add(s => Modulo(s, floored: false), "fmod");
        list.Add(Power, "pow", "float_power");
        list.Add(s => Arithmetic(s, "Max"), "maximum");
        list.Add(s => Arithmetic(s, "Min"), "minimum");
        list.Add(s => WithoutNan(s, "Max"), "fmax");
        list.Add(s => WithoutNan(s, "Min"), "fmin");
        list.Add(Hypot, "hypot");
        list.Add(Atan2, "atan2", "arctan2");
        list.Add(s => LogAddExp(s, 1), "logaddexp");
        list.Add(s => LogAddExp(s, Math.Log(2)), "logaddexp2");
        list.Add(CopySign, "copysign");
        list.Add(Heaviside, "heaviside");
        list.Add(XLogY, "xlogy");
        list.Add(IsClose, "isclose");

        list.Add(s => Clamp(s, s.Has("min"), s.Has("max")), "clamp", "clip");
        list.Add(s => Limit(s, "Max", "min"), "clamp_min");
        list.Add(s => Limit(s, "Min", "max"), "clamp_max");
        list.Add(Lerp, "lerp");
        list.Add(s => AddProduct(s, "Mul"), "addcmul");
        list.Add(s => AddProduct(s, "Div"), "addcdiv");

        foreach (var (op, names) in new (string, string[])[]
        {
            ("Equal", ["eq"]), ("Less", ["lt", "less"]), ("LessOrEqual", ["le", "less_equal"]), ("Greater", ["gt", "greater"]),
            ("GreaterOrEqual", ["ge", "greater_equal"]),
        })
        {
            list.Add(s => Compare(s, op), names);
        }

        list.Add(s => s.Map("Not", Compare(s, "Equal")), "ne", "not_equal");
        list.Add(s => Logical(s, "And"), "logical_and");
        list.Add(s => Logical(s, "Or"), "logical_or");
        list.Add(s => Logical(s, "Xor"), "logical_xor");
        list.Add(s => s.Map("Not", s.Graph.Cast(s.Input, ScalarType.Bool)), "logical_not");
        list.Add(s => Bitwise(s, "And"), "bitwise_and");
        list.Add(s => Bitwise(s, "Or"), "bitwise_or");
        list.Add(s => Bitwise(s, "Xor"), "bitwise_xor");
        list.Add(s => s.Map(s.Input.Type == ScalarType.Bool ? "Not" : "BitwiseNot", s.Input), "bitwise_not");
        list.Add(s => Asks(s, "IsNaN"), "isnan");
        list.Add(s => Asks(s, "IsInf"), "isinf");
        list.Add(s => Asks(s, "IsInf", ("detect_negative", 0)), "isposinf");
        list.Add(s => Asks(s, "IsInf", ("detect_positive", 0)), "isneginf");
        list.Add(s => s.Map("Not", s.Graph.Node("Or", ScalarType.Bool, s.Input.Shape, [Asks(s, "IsNaN"), Asks(s, "IsInf")])), "isfinite");
        list.Add(MaskedFill, "masked_fill");
        list.Add(Where, "where");
    }

    /// <summary>The two operands, one of which may be a number, under the element type of both.</summary>
    public static (OnnxValue Left, OnnxValue Right) Operands(OnnxStep step)
    {
        if (step.Has("input"))
        {
            var second = step.Tensor(0);
            return step.Alike(step.NumberValue(null, "input"), second);
        }

        var first = step.Input;
        return step.Alike(first, step.Optional(1) ?? step.NumberValue(null, "other", "target", "scalar", "right", "exponent", "min", "max"));
    }

    private static OnnxValue Arithmetic(OnnxStep step, string op)
    {
        var (left, right) = Operands(step);
        if (left.Type == ScalarType.Bool)
        {
            // ONNX calculates with numbers.
            return step.Graph.Cast(step.Join(op, step.Graph.Cast(left, ScalarType.Int32), step.Graph.Cast(right, ScalarType.Int32)), ScalarType.Bool);
        }

        return step.Join(op, left, right);
    }

    private static OnnxValue Scaled(OnnxStep step, string op)
    {
        if (!step.Has("alpha"))
        {
            return Arithmetic(step, op);
        }

        var (left, right) = Operands(step);
        return step.Join(op, left, step.Join("Mul", right, step.NumberValue(right.Type, "alpha")));
    }

    private static OnnxValue Signed(OnnxStep step, string op) => step.Input.Type == ScalarType.Bool
        ? throw step.Refusal("it is not defined of yes and no")
        : step.Map(op, step.Input);

    private static OnnxValue Whole(OnnxStep step, string op) => TensorTypes.IsFloating(step.Input.Type) ? step.Map(op, step.Input) : step.Input;

    private static OnnxValue Trunc(OnnxStep step, OnnxValue x) => TensorTypes.IsFloating(x.Type)
        ? step.Join("Mul", step.Map("Sign", x), step.Map("Floor", step.Map("Abs", x)))
        : x;

    private static OnnxValue Divide(OnnxStep step, RoundingMode rounding)
    {
        var (left, right) = Operands(step);
        if (rounding == RoundingMode.None)
        {
            return step.Join("Div", step.Fraction(left), step.Fraction(right));
        }

        var quotient = step.Join("Div", left, right);
        if (TensorTypes.IsFloating(left.Type))
        {
            return rounding == RoundingMode.floor ? step.Map("Floor", quotient) : Trunc(step, quotient);
        }

        if (rounding == RoundingMode.trunc)
        {
            return quotient;
        }

        // Whole numbers are divided towards zero in ONNX; a remainder of the other sign means one less.
        var rest = step.Join("Mod", left, right);
        var exact = step.Join("Equal", rest, step.Graph.Scalar(0L, rest.Type), ScalarType.Bool);
        return step.Where(exact, quotient, step.Join("Div", step.Join("Sub", left, rest), right));
    }

    private static OnnxValue Modulo(OnnxStep step, bool floored)
    {
        var (left, right) = Operands(step);
        if (!TensorTypes.IsFloating(left.Type))
        {
            return step.Graph.Node("Mod", left.Type, step.Broadcast(left.Shape, right.Shape), [left, right], ("fmod", !floored));
        }

        return floored
            ? step.Join("Sub", left, step.Join("Mul", step.Map("Floor", step.Join("Div", left, right)), right))
            : step.Graph.Node("Mod", left.Type, step.Broadcast(left.Shape, right.Shape), [left, right], ("fmod", 1));
    }

    private static OnnxValue Power(OnnxStep step)
    {
        var (left, right) = Operands(step);
        if (step.Name.StartsWith("float_power", StringComparison.Ordinal))
        {
            return step.Join("Pow", step.Graph.Cast(left, ScalarType.Float64), step.Graph.Cast(right, ScalarType.Float64));
        }

        return step.Join("Pow", left, right);
    }

    private static OnnxValue WithoutNan(OnnxStep step, string op)
    {
        var (left, right) = Operands(step);
        if (!TensorTypes.IsFloating(left.Type))
        {
            return step.Join(op, left, right);
        }

        OnnxValue IsNan(OnnxValue x) => step.Graph.Node("IsNaN", ScalarType.Bool, x.Shape, [x]);
        return step.Where(IsNan(left), right, step.Where(IsNan(right), left, step.Join(op, left, right)));
    }

    private static OnnxValue Hypot(OnnxStep step)
    {
        var (left, right) = Operands(step);
        return step.Map("Sqrt", step.Join("Add", step.Join("Mul", left, left), step.Join("Mul", right, right)));
    }

    /// <summary>The angle of (x, y): that of their quotient, half a turn further where x is negative.</summary>
    private static OnnxValue Atan2(OnnxStep step)
    {
        var (y, x) = Operands(step);
        (y, x) = (step.Fraction(y), step.Fraction(x));
        OnnxValue Ask(string op, OnnxValue value) => step.Join(op, value, step.Number(0, value), ScalarType.Bool);
        var half = step.Where(Ask("Less", y), step.Number(-Math.PI, x), step.Number(Math.PI, x));
        var angle = step.Map("Atan", step.Join("Div", y, x));
        var turned = step.Where(Ask("Less", x), step.Join("Add", angle, half), angle);
        var upright = step.Join("Mul", step.Map("Sign", y), Math.PI / 2);
        return step.Where(Ask("Equal", x), step.Broadcasted(upright, turned), turned);
    }

    private static OnnxValue Broadcasted(this OnnxStep step, OnnxValue value, OnnxValue like) =>
        value.Shape is not null && like.Shape is not null ? step.Expand(value, like.Shape) : value;

    /// <summary>log(bˣ + bʸ) by the logarithm of b, without numbers that are too large.</summary>
    private static OnnxValue LogAddExp(OnnxStep step, double log)
    {
        var (left, right) = Operands(step);
        var distance = step.Join("Mul", step.Map("Abs", step.Join("Sub", left, right)), -log);
        var more = step.Join("Div", step.Map("Log", step.Join("Add", step.Map("Exp", distance), 1)), log);
        return step.Join("Add", step.Join("Max", left, right), more);
    }

    /// <summary>Minus zero, which tells a sign too, is told by what one over it is.</summary>
    private static OnnxValue CopySign(OnnxStep step)
    {
        var (left, right) = Operands(step);
        var size = step.Map("Abs", step.Fraction(left));
        right = step.Fraction(right);
        var isZero = step.Join("Equal", right, step.Number(0, right), ScalarType.Bool);
        var sign = step.Where(isZero, step.Map("Reciprocal", right), right);
        return step.Where(step.Join("Less", sign, step.Number(0, sign), ScalarType.Bool), step.Map("Neg", size), size);
    }

    private static OnnxValue Heaviside(OnnxStep step)
    {
        var (x, atZero) = Operands(step);
        var above = step.Graph.Cast(step.Join("Greater", x, step.Number(0, x), ScalarType.Bool), x.Type);
        return step.Where(step.Join("Equal", x, step.Number(0, x), ScalarType.Bool), atZero, above);
    }

    /// <summary>x·log(y), and zero where x is, unless y is no number.</summary>
    private static OnnxValue XLogY(OnnxStep step)
    {
        var (x, y) = Operands(step);
        (x, y) = (step.Fraction(x), step.Fraction(y));
        var product = step.Join("Mul", x, step.Map("Log", y));
        var isZero = step.Join("Equal", x, step.Number(0, x), ScalarType.Bool);
        var isNumber = step.Map("Not", step.Graph.Node("IsNaN", ScalarType.Bool, y.Shape, [y]));
        return step.Where(step.Join("And", isZero, isNumber), step.Number(0, x), product);
    }

    /// <summary>|x − y| ≤ a + r·|y|.</summary>
    private static OnnxValue IsClose(OnnxStep step)
    {
        var (x, y) = (step.Tensor(0), step.Tensor(1));
        if (step.Flag(false, "nanEqual", "equal_nan"))
        {
            throw step.Refusal("what is no number is to be close to what is none, which is not written");
        }

        var limit = step.Join("Add", step.Join("Mul", step.Map("Abs", y), step.Double(1e-5, "rtol")), step.Double(1e-8, "atol"));
        var near = step.Join("LessOrEqual", step.Map("Abs", step.Join("Sub", x, y)), limit, ScalarType.Bool);
        var isFinite = step.Map("Not", step.Graph.Node("IsInf", ScalarType.Bool, y.Shape, [y]));
        return step.Join("Or", step.Join("Equal", x, y, ScalarType.Bool), step.Join("And", near, isFinite));
    }

    private static OnnxValue Clamp(OnnxStep step, bool hasLeast, bool hasMost)
    {
        var x = step.Input;
        if (step.TensorCount > 1)
        {
            // Tensors of limits: the first of two is the lower one.
            var (least, most) = (step.Optional(1), step.Optional(2));
            x = least is null ? x : Combine(step, "Max", x, least);
            return most is null ? x : Combine(step, "Min", x, most);
        }

        if (!hasLeast && !hasMost)
        {
            throw step.Refusal("neither its min nor its max is told");
        }

        x = hasLeast ? Combine(step, "Max", x, step.NumberValue(null, "min")) : x;
        return hasMost ? Combine(step, "Min", x, step.NumberValue(null, "max")) : x;
    }

    private static OnnxValue Limit(OnnxStep step, string op, string name) => Combine(step, op, step.Input, step.Optional(1) ?? step.NumberValue(null, name));

    private static OnnxValue Combine(OnnxStep step, string op, OnnxValue left, OnnxValue right)
    {
        (left, right) = step.Alike(left, right);
        return step.Join(op, left, right);
    }

    private static OnnxValue Lerp(OnnxStep step)
    {
        var (start, end) = (step.Input, step.Tensor(1));
        var weight = step.Optional(2) ?? step.NumberValue(start.Type, "weight");
        return step.Join("Add", start, step.Join("Mul", weight, step.Join("Sub", end, start)));
    }

    private static OnnxValue AddProduct(OnnxStep step, string op)
    {
        var x = step.Input;
        var product = step.Join(op, step.Tensor(1), step.Tensor(2));
        product = step.Has("value") ? step.Join("Mul", product, step.NumberValue(product.Type, "value")) : product;
        return step.Join("Add", x, product);
    }

    private static OnnxValue Logit(OnnxStep step)
    {
        var x = step.Fraction(step.Input);
        x = step.Has("eps") ? ActivationWriters.Clip(step, x, step.Double(null, "eps"), 1 - step.Double(null, "eps")) : x;
        return step.Map("Log", step.Join("Div", x, step.Join("Sub", step.Number(1, x), x)));
    }

    private static OnnxValue Sinc(OnnxStep step)
    {
        var x = step.Join("Mul", step.Fraction(step.Input), Math.PI);
        return step.Where(step.Join("Equal", x, step.Number(0, x), ScalarType.Bool), step.Number(1, x), step.Join("Div", step.Map("Sin", x), x));
    }

    private static OnnxValue NanToNum(OnnxStep step)
    {
        var x = step.Input;
        if (!TensorTypes.IsFloating(x.Type))
        {
            step.Ignore("nan", "posinf", "neginf");
            return x;
        }

        if (x.Type != ScalarType.Float32)
        {
            throw step.Refusal($"its largest number is told of {ScalarType.Float32} alone, and it gets {x.Type}");
        }

        OnnxValue Ask(string op, params (string, object)[] attributes) => step.Graph.Node(op, ScalarType.Bool, x.Shape, [x], attributes);
        var result = step.Where(Ask("IsNaN"), step.Number(step.Double(0, "nan"), x), x);
        result = step.Where(Ask("IsInf", ("detect_negative", 0)), step.Number(step.Double(float.MaxValue, "posinf"), x), result);
        return step.Where(Ask("IsInf", ("detect_positive", 0)), step.Number(step.Double(float.MinValue, "neginf"), x), result);
    }

    private static OnnxValue Compare(OnnxStep step, string op)
    {
        var (left, right) = Operands(step);
        if (left.Type == ScalarType.Bool && op != "Equal")
        {
            (left, right) = (step.Graph.Cast(left, ScalarType.Int32), step.Graph.Cast(right, ScalarType.Int32));
        }

        return step.Join(op, left, right, ScalarType.Bool);
    }

    private static OnnxValue Logical(OnnxStep step, string op)
    {
        var (left, right) = Operands(step);
        return step.Join(op, step.Graph.Cast(left, ScalarType.Bool), step.Graph.Cast(right, ScalarType.Bool));
    }

    private static OnnxValue Bitwise(OnnxStep step, string op)
    {
        var (left, right) = Operands(step);
        return step.Join(left.Type == ScalarType.Bool ? op : "Bitwise" + op, left, right);
    }

    private static OnnxValue Asks(OnnxStep step, string op, params (string, object)[] attributes) =>
        step.Graph.Node(op, ScalarType.Bool, step.Input.Shape, [step.Fraction(step.Input)], attributes);

    private static OnnxValue MaskedFill(OnnxStep step)
    {
        var x = step.Input;
        var mask = step.Graph.Cast(step.Tensor(1), ScalarType.Bool);
        var value = step.Optional(2) is { } tensor ? step.Graph.Cast(tensor, x.Type) : step.NumberValue(x.Type, "value");
        return step.Where(mask, value, x);
    }

    private static OnnxValue Where(OnnxStep step)
    {
        // condition, x, y as torch.where has them; x.where(condition, y) on a tensor.
        if (step.TensorCount != 3 || (step.Tensor(0).Type == ScalarType.Bool) == (step.Tensor(1).Type == ScalarType.Bool))
        {
            throw step.Refusal("it is written with a condition of yes and no and two tensors of numbers");
        }

        var called = step.Tensor(1).Type == ScalarType.Bool;
        var (condition, yes, no) = (step.Tensor(called ? 1 : 0), step.Tensor(called ? 0 : 1), step.Tensor(2));
        (yes, no) = step.Alike(yes, no);
        return step.Where(condition, yes, no);
    }
}
