using TorchSharp.Modules;

namespace PruneGen;

/// <summary>Activation functions, as operations and as layers.</summary>
internal static class ActivationWriters
{
    private const double Sqrt2 = 1.4142135623730951;

    public static void Define(WriterList list)
    {
        Add(list, (s, x) => s.Map("Relu", x), "relu");
        Add(list, (s, x) => Clip(s, x, 0, 6), "relu6");
        Add(list, (s, x) => s.Map("LeakyRelu", x, ("alpha", s.Double(0.01, "negative_slope"))), "leaky_relu");
        Add(list, (s, x) => s.Map("LeakyRelu", x, ("alpha", (s.Double(1.0 / 8, "lower") + s.Double(1.0 / 3, "upper")) / 2)), "rrelu");
        Add(list, (s, x) => Elu(s, x, s.Double(1, "alpha"), s.Double(1, "scale"), s.Double(1, "input_scale")), "elu");
        Add(list, (s, x) => s.Map("Selu", x), "selu");
        Add(list, (s, x) => s.Map("Celu", x, ("alpha", s.Double(1, "alpha"))), "celu");
        Add(list, (s, x) => Gelu(s, x, s.Choice(GELU.Approximate.none, "approximate")), "gelu");
        Add(list, Silu, "silu", "SiLU");
        Add(list, (s, x) => s.Join("Mul", x, s.Map("Tanh", s.Map("Softplus", x))), "mish", "Mish");
        Add(list, (s, x) => s.Map("Tanh", x), "tanh");
        Add(list, (s, x) => s.Map("Sigmoid", x), "sigmoid", "expit");
        Add(list, (s, x) => s.Map("Softsign", x), "softsign", "Softsign");
        Add(list, (s, x) => s.Map("HardSwish", x), "hardswish");
        Add(list, HardSigmoid, "hardsigmoid");
        Add(list, (s, x) => HardTanh(s, x, s.Double(-1, "min_val", "min"), s.Double(1, "max_val", "max")), "hardtanh", "Hardtanh");
        Add(list, (s, x) => Shrink(s, x, s.Double(0.5, "lambda"), soft: false), "hardshrink", "Hardshrink");
        Add(list, (s, x) => Shrink(s, x, s.Double(0.5, "lambda"), soft: true), "softshrink", "Softshrink");
        Add(list, (s, x) => s.Join("Sub", x, s.Map("Tanh", x)), "tanhshrink", "Tanhshrink");
        Add(list, (s, x) => Softplus(s, x, s.Double(1, "beta"), s.Double(20, "threshold")), "softplus");
        Add(list, LogSigmoid, "logsigmoid", "log_sigmoid");
        Add(list, (s, x) => Threshold(s, x, s.Double(null, "threshold"), s.Double(null, "value")), "threshold", "Threshold");
        list.Add(s => PRelu(s, s.Input, s.Tensor(1)), "prelu");
        list.Add(Dropout, "dropout", "dropout1d", "dropout2d", "dropout3d", "alpha_dropout", "feature_alpha_dropout");
    }

    public static void DefineLayers(LayerList list)
    {
        list.Add<ReLU>((s, _) => s.Map("Relu", s.Input));
        list.Add<ReLU6>((s, _) => Clip(s, s.Input, 0, 6));
        list.Add<LeakyReLU>((s, layer) => s.Map("LeakyRelu", s.Input, ("alpha", layer.negative_slope)));
        list.Add<RReLU>((s, layer) => s.Map("LeakyRelu", s.Input, ("alpha", (layer.lower + layer.upper) / 2)));
        list.Add<ELU>((s, layer) => Elu(s, s.Input, layer.alpha, 1, 1));
        list.Add<SELU>((s, _) => s.Map("Selu", s.Input));
        list.Add<CELU>((s, layer) => s.Map("Celu", s.Input, ("alpha", layer.alpha)));
        list.Add<GELU>((s, layer) => Gelu(s, s.Input, layer.approximate));
        list.Add<SiLU>((s, _) => Silu(s, s.Input));
        list.Add<Mish>((s, _) => s.Join("Mul", s.Input, s.Map("Tanh", s.Map("Softplus", s.Input))));
        list.Add<Tanh>((s, _) => s.Map("Tanh", s.Input));
        list.Add<Sigmoid>((s, _) => s.Map("Sigmoid", s.Input));
        list.Add<Softsign>((s, _) => s.Map("Softsign", s.Input));
        list.Add<Hardswish>((s, _) => s.Map("HardSwish", s.Input));
        list.Add<Hardsigmoid>((s, _) => HardSigmoid(s, s.Input));
        list.Add<Hardtanh>((s, layer) => HardTanh(s, s.Input, layer.min_val, layer.max_val));
        list.Add<Hardshrink>((s, layer) => Shrink(s, s.Input, layer.lambda, soft: false));
        list.Add<Softshrink>((s, layer) => Shrink(s, s.Input, layer.lambda, soft: true));
        list.Add<Tanhshrink>((s, _) => s.Join("Sub", s.Input, s.Map("Tanh", s.Input)));
        list.Add<Softplus>((s, layer) => Softplus(s, s.Input, layer.beta, layer.threshold));
        list.Add<LogSigmoid>((s, _) => LogSigmoid(s, s.Input));
        list.Add<Threshold>((s, layer) => Threshold(s, s.Input, layer.threshold, layer.value));
        list.Add<PReLU>((s, _) => PRelu(s, s.Input, s.Parameter("weight")!));
        list.Add<Identity>((s, _) => s.Input);
        list.Add<Dropout>((s, _) => Dropped(s));
        list.Add<Dropout1d>((s, _) => Dropped(s));
        list.Add<Dropout2d>((s, _) => Dropped(s));
        list.Add<Dropout3d>((s, _) => Dropped(s));
        list.Add<AlphaDropout>((s, _) => Dropped(s));
        list.Add<FeatureAlphaDropout>((s, _) => Dropped(s));
    }

    /// <summary>Numbers between two others; those beyond them become these.</summary>
    public static OnnxValue Clip(OnnxStep step, OnnxValue x, double least, double most) =>
        step.Graph.Node("Clip", x.Type, x.Shape, [x, step.Number(least, x), step.Number(most, x)]);

    /// <summary>TorchSharp 0.107 gives back what it gets, whatever the limits: then nothing is written that would do otherwise than the model.</summary>
    private static OnnxValue HardTanh(OnnxStep step, OnnxValue x, double least, double most)
    {
        var beyond = TorchSharp.torch.nn.functional.hardtanh(TorchSharp.torch.tensor(new[] { least - 1, most + 1 }), least, most);
        return beyond[0].item<double>() == least && beyond[1].item<double>() == most
            ? Clip(step, x, least, most)
            : throw step.Refusal("this TorchSharp's hardtanh gives back what it gets, whatever its limits; use clamp");
    }

    /// <summary>x/2 · (1 + erf(x/√2)), or x/2 · (1 + tanh(√(2/π) · (x + 0.044715·x³))).</summary>
    public static OnnxValue Gelu(OnnxStep step, OnnxValue x, GELU.Approximate approximate)
    {
        OnnxValue WithCube() => step.Join("Add", x, step.Join("Mul", step.Join("Mul", step.Join("Mul", x, x), x), 0.044715));
        var bent = approximate == GELU.Approximate.none
            ? step.Map("Erf", step.Join("Div", x, Sqrt2))
            : step.Map("Tanh", step.Join("Mul", WithCube(), Math.Sqrt(2 / Math.PI)));
        return step.Join("Mul", step.Join("Mul", x, 0.5), step.Join("Add", bent, 1));
    }

    private static void Add(WriterList list, Func<OnnxStep, OnnxValue, OnnxValue> write, params string[] names) => list.Add(
        step =>
        {
            // Whether it works in place is no matter of what it computes.
            step.Ignore("inplace");
            return write(step, step.Input);
        },
        names);

    private static OnnxValue Silu(OnnxStep step, OnnxValue x) => step.Join("Mul", x, step.Map("Sigmoid", x));

    private static OnnxValue HardSigmoid(OnnxStep step, OnnxValue x) => step.Map("HardSigmoid", x, ("alpha", 1.0 / 6), ("beta", 0.5));

    private static OnnxValue LogSigmoid(OnnxStep step, OnnxValue x) => step.Map("Neg", step.Map("Softplus", step.Map("Neg", x)));

    private static OnnxValue Shrink(OnnxStep step, OnnxValue x, double limit, bool soft) =>
        step.Map("Shrink", x, ("lambd", limit), ("bias", soft ? limit : 0.0));

    private static OnnxValue Elu(OnnxStep step, OnnxValue x, double alpha, double scale, double inputScale)
    {
        if (inputScale != 1)
        {
            throw step.Refusal($"its input_scale is {inputScale}, and ONNX has none");
        }

        var result = step.Map("Elu", x, ("alpha", alpha));
        return scale == 1 ? result : step.Join("Mul", result, scale);
    }

    /// <summary>log(1 + exp(βx)) / β, and x itself above the threshold.</summary>
    private static OnnxValue Softplus(OnnxStep step, OnnxValue x, double beta, double threshold)
    {
        var scaled = beta == 1 ? x : step.Join("Mul", x, beta);
        var soft = step.Map("Softplus", scaled);
        soft = beta == 1 ? soft : step.Join("Div", soft, beta);
        return step.Where(step.Join("Greater", scaled, step.Number(threshold, x), TorchSharp.torch.ScalarType.Bool), x, soft);
    }

    private static OnnxValue Threshold(OnnxStep step, OnnxValue x, double threshold, double value) =>
        step.Where(step.Join("Greater", x, step.Number(threshold, x), TorchSharp.torch.ScalarType.Bool), x, step.Number(value, x));

    /// <summary>A slope for each channel, the second dimension, or one for all.</summary>
    private static OnnxValue PRelu(OnnxStep step, OnnxValue x, OnnxValue slope)
    {
        if (slope.Rank == 1 && slope.Dims[0] != step.Graph.Size(1))
        {
            slope = step.Reshape(slope, [slope.Dims[0], .. Enumerable.Repeat(step.Graph.Size(1), Math.Max(0, x.Rank - 2))]);
        }

        return step.Graph.Node("PRelu", x.Type, x.Shape, [x, slope]);
    }

    private static OnnxValue Dropout(OnnxStep step)
    {
        step.Ignore("p", "inplace");
        if (step.Flag(step.Name.StartsWith("dropout", StringComparison.Ordinal), "training", "train"))
        {
            step.Note("it drops at random whatever the mode, and the file does as in evaluation mode, which drops nothing");
        }

        return step.Input;
    }

    private static OnnxValue Dropped(OnnxStep step)
    {
        step.Note("random while it is trained; the file has evaluation mode, which drops nothing");
        return step.Input;
    }
}
