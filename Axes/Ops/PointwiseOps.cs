namespace PruneGen.Axes;

/// <summary>What an element-wise operation makes of zeros.</summary>
internal enum Zeros
{
    /// <summary>Zero where every operand is zero: relu, abs.</summary>
    Kept,

    /// <summary>Zero where every operand is zero, but not with a number for one of them: addition.</summary>
    Joined,

    /// <summary>Zero where any operand is zero: multiplication.</summary>
    Absorbing,

    /// <summary>Something else: sigmoid, exp.</summary>
    Lost,

    /// <summary>Infinity or no number at all: a logarithm, a division by it.</summary>
    Pole,
}

/// <summary>Operations that act element by element, with broadcasting.</summary>
internal static class PointwiseOps
{
    private const string Exponent = "exponent";

    public static void Define(OpList ops)
    {
        // Index i of every operand meets index i of the others.
        ops.AddPointwise(
            Zeros.Kept,
            "relu", "relu6", "leaky_relu", "elu", "selu", "celu", "gelu", "silu", "mish", "Mish", "SiLU", "tanh", "softsign", "Softsign", "hardswish",
            "hardshrink", "Hardshrink", "softshrink", "Softshrink", "tanhshrink", "Tanhshrink", "rrelu", "sin", "tan", "asin", "arcsin", "atan",
            "arctan", "sinh", "asinh", "arcsinh", "atanh", "arctanh", "erf", "erfinv", "abs", "absolute", "neg", "negative", "positive", "expm1",
            "log1p", "sqrt", "square", "sign", "sgn", "floor", "ceil", "round", "trunc", "fix", "frac", "nan_to_num", "deg2rad", "rad2deg", "dropout",
            "dropout1d", "dropout2d", "dropout3d", "to_type", "type", "cpu", "cuda", "mps", "contiguous", "clone", "detach", "alias", "pin_memory",
            "half", "bfloat16", "float", "double", "int", "long", "short", "byte", "char", "bool", "requires_grad", "with_requires_grad", "conj",
            "resolve_conj", "resolve_neg", "real", "zero", "DetachFromDisposeScope", "MoveToOuterDisposeScope", "MoveToOtherDisposeScope");
        ops.AddPointwise(Zeros.Joined, "add", "sub", "subtract", "maximum", "minimum", "fmax", "fmin", "hypot");
        ops.AddPointwise(Zeros.Absorbing, "mul", "multiply");
        ops.AddPointwise(
            Zeros.Pole,
            "div", "divide", "true_divide", "floor_divide", "remainder", "fmod", "log", "log2", "log10", "rsqrt", "reciprocal", "logit", "digamma",
            "lgamma", "xlogy");
        ops.AddPointwise(
            Zeros.Lost,
            "sigmoid", "expit", "softplus", "hardsigmoid", "hardtanh", "Hardtanh", "threshold", "Threshold", "log_sigmoid", "logsigmoid",
            "alpha_dropout", "feature_alpha_dropout", "exp", "exp2", "cos", "cosh", "acos", "arccos", "acosh", "arccosh", "erfc", "sinc", "atan2",
            "arctan2", "clamp", "clip", "clamp_min", "clamp_max", "lerp", "addcmul", "addcdiv", "masked_fill", "logaddexp", "logaddexp2", "copysign",
            "heaviside", "ldexp", "nextafter", "bernoulli", "poisson", "uniform", "random", "exponential", "fill", "angle", "imag", "polar", "complex",
            "bitwise_left_shift", "bitwise_right_shift");

        // Of a mean and a deviation as tensors; of numbers it is a new tensor of a stated size.
        ops.AddInitialiser(Zeros.Kept, "zeros_");
        ops.AddInitialiser(Zeros.Lost, "ones_", "normal_");

        // A second tensor tells the element type and the device, and nothing else.
        ops.ElementWise("to", "type_as");
        ops.Add((graph, a) => [a.Input], "to", "type_as");

        // By a number: below zero, or where it is not told, nothing says that zeros stay finite.
        string[] powers = ["pow", "pow_", "float_power", "float_power_"];
        ops.ElementWise(powers);
        ops.TakesFraction(Exponent, powers);
        ops.Add((graph, a) => [Pointwise(graph, a.Name, a.All, ZerosOfPower(a))], powers);
        string[] comparisons =
        [
            "eq", "ne", "not_equal", "lt", "le", "gt", "ge", "less", "less_equal", "greater", "greater_equal",
            "logical_and", "logical_or", "logical_xor", "logical_not", "bitwise_and", "bitwise_or", "bitwise_xor", "bitwise_not",
            "isnan", "isinf", "isfinite", "isposinf", "isneginf", "isreal", "isclose", "signbit",
        ];
        ops.ElementWise(comparisons);
        ops.Add((graph, a) => [Pointwise(graph, a.Name, a.All, Zeros.Lost).AsMask()], comparisons);

        // A condition alone makes as many tensors of places as it has dimensions.
        ops.ElementWise("where");
        ops.AddSeveral(
            a => a.Given.Count > 1 ? 1 : null,
            (graph, a) => a.Given.Count > 1
                ? [Pointwise(graph, a.Name, a.Given, Zeros.Lost)]
                : throw new AxisException(
                    AxisRule.Unsupported,
                    "where of a condition alone makes places of the numbers in it",
                    remedy: "give it what to choose from, or use it outside of forward"),
            "where");
    }

    private static Zeros ZerosOfPower(OpArguments a) => a.Given.Count > 1 ? Zeros.Lost
        : a.Fraction(Exponent) is not { } exponent || exponent < 0 ? Zeros.Pole
        : exponent > 0 ? Zeros.Kept
        : Zeros.Lost;

    public static AxisTensor Pointwise(AxisGraph graph, string name, IReadOnlyList<AxisTensor> tensors, Zeros zeros)
    {
        if (tensors.Count == 0)
        {
            throw OpArguments.NoTensor(name);
        }

        var result = tensors[0];
        for (var i = 1; i < tensors.Count; i++)
        {
            result = Broadcast(graph, name, result, tensors[i]);
        }

        // What a mask switches off would become infinite, and infinity times a weight of zero is no number.
        var divides = name is "div"
            or "div_"
            or "divide"
            or "divide_"
            or "true_divide"
            or "true_divide_"
            or "floor_divide"
            or "floor_divide_"
            or "remainder"
            or "remainder_"
            or "fmod"
            or "fmod_";
        var poles = zeros != Zeros.Pole ? [] : divides ? tensors.Skip(1) : tensors.Take(1);
        foreach (var pole in poles.Where(tensor => tensor.KeepsZeros))
        {
            foreach (var axis in pole.Dims)
            {
                graph.MarkInexact(axis, $"{name} of the zeros that a mask leaves is not finite");
            }
        }

        return result.WithZeros(zeros switch
        {
            Zeros.Kept => tensors.All(tensor => tensor.KeepsZeros) && AreZeros(result, holds => tensors.All(holds)),
            Zeros.Joined => tensors.Count > 1 && tensors.All(tensor => tensor.KeepsZeros) && AreZeros(result, holds => tensors.All(holds)),
            Zeros.Pole => divides && tensors[0].KeepsZeros && AreZeros(result, holds => holds(tensors[0])),
            Zeros.Absorbing => tensors.Any(tensor => tensor.KeepsZeros) && AreZeros(result, holds => tensors.Any(holds)),
            _ => false,
        });
    }

    /// <summary>
    /// Whether what a mask switches off is zero along every dimension that may shrink. An operand that is repeated along one
    /// has no zeros there to give.
    /// </summary>
    private static bool AreZeros(AxisTensor result, Func<Func<AxisTensor, bool>, bool> among) => Enumerable.Range(1, result.Dims.Count)
        .Where(fromEnd => result.Dims[result.Dims.Count - fromEnd].MayShrink)
        .All(fromEnd => among(tensor => tensor.KeepsZeros && fromEnd <= tensor.Dims.Count && tensor.Dims[tensor.Dims.Count - fromEnd].MayShrink));

    private static AxisTensor Broadcast(AxisGraph graph, string name, AxisTensor first, AxisTensor second)
    {
        var count = Math.Max(first.Dims.Count, second.Dims.Count);
        var dims = new Axis[count];
        for (var fromEnd = 1; fromEnd <= count; fromEnd++)
        {
            dims[count - fromEnd] = Dim(graph, name, first, second, fromEnd);
        }

        return first.IsOpen || second.IsOpen ? AxisTensor.Open(dims) : new AxisTensor(dims);
    }

    private static Axis Dim(AxisGraph graph, string name, AxisTensor first, AxisTensor second, int fromEnd)
    {
        var a = fromEnd <= first.Dims.Count ? first.Dims[first.Dims.Count - fromEnd] : null;
        var b = fromEnd <= second.Dims.Count ? second.Dims[second.Dims.Count - fromEnd] : null;
        if (a is null || b is null)
        {
            // A dimension of one tensor that the other lacks is repeated; one that an open rank hides is fixed, and a
            // single index takes the size of whatever is hidden.
            var alone = (a ?? b)!;
            if ((a is null && first.IsOpen) || (b is null && second.IsOpen))
            {
                var because = $"{name} meets it with a dimension that is not known";
                if (alone.Size == 1)
                {
                    return graph.NewFixed("", null, because);
                }

                graph.Fix(alone, because);
            }

            return alone;
        }

        // A single index, be it the only output of a layer, is repeated; nothing can be removed from it.
        if (a.Size == 1 || b.Size == 1)
        {
            return a.Size == 1 ? b : a;
        }

        graph.Tie(a, b, $"{name} works element by element");
        return a.Resolve();
    }
}
