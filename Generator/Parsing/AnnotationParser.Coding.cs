using Microsoft.CodeAnalysis;
using PruneGen.Generator.Emission;
using PruneGen.Generator.Model;

namespace PruneGen.Generator.Parsing;

/// <content>What <c>[ShareWeights]</c> and <c>[Quantize]</c> say.</content>
internal sealed partial class AnnotationParser
{
    private const string AsksOfTheWhole = "put it on the class of the model that is pruned, which is asked for it as a whole";

    /// <summary>The settings of a class or a layer, with those of its attributes that say how weights are coded.</summary>
    private PruneSettings WithCoding(PruneSettings settings, ISymbol symbol, bool isClass)
    {
        var (share, quantize) = (Find(symbol, "ShareWeightsAttribute"), Find(symbol, "QuantizeAttribute"));
        var coded = settings with
        {
            Share = share is null ? null : new CodingSettings(
                ShareOf(share, symbol.Name, isClass).ToEquatable(), !IsZero(share, "Bits"), GivesActivations: false),
            Quantize = quantize is null ? null : new CodingSettings(
                QuantizeOf(quantize, symbol.Name, isClass).ToEquatable(),
                !IsZero(quantize, "Weights") || Given(quantize).ContainsKey("Tolerance"),
                Given(quantize).ContainsKey("Activations") && !IsZero(quantize, "Activations")),
        };
        Require(
            coded is not { Share.CodesWeights: true, Quantize.CodesWeights: true }, quantize!, "Weights", symbol.Name, "given beside [ShareWeights]",
            "a weight is either shared or quantized; give Weights = 0 for activations alone");
        return coded;
    }

    private static bool IsZero(AttributeData attribute, string name) => Given(attribute).TryGetValue(name, out var constant) && constant.Value is 0;

    // Both in the order in which the options declare them.
    private IEnumerable<NamedText> ShareOf(AttributeData attribute, string owner, bool isClass)
    {
        var read = new SettingReader(this, attribute, owner, isClass);
        return new[]
        {
            read.Number<int>("Bits", bits => bits is >= 0 and <= 12, "give 1 to 12, such as 5, or 0 for none"),
            read.Choice("By", "ByType", "CodeAssignment"),
            read.Number<double>("Rate", rate => rate is > 0 and < 1, "give a number above 0 and below 1, such as 0.125"),
            read.Epochs(),
            read.LearningRate(),
        }.OfType<NamedText>();
    }

    private IEnumerable<NamedText> QuantizeOf(AttributeData attribute, string owner, bool isClass)
    {
        const string Bits = "give 2 to 8, or 0 for none";
        var read = new SettingReader(this, attribute, owner, isClass);
        return new[]
        {
            read.Number<int>("Weights", bits => bits is 0 or (>= 2 and <= 8), Bits),
            read.Number<int>("Activations", bits => bits is 0 or (>= 2 and <= 8), Bits),
            read.Number<double>("Tolerance", error => double.IsNaN(error) || error is > 0 and < double.PositiveInfinity, "give a number above 0, such as 0.01"),
            read.Choice("Grid", null, null),
            read.Flag("PerChannel"),
            read.Choice("WeightRange", "WeightRangeType", "RangeObserver"),
            read.Choice("ActivationRange", "ActivationRangeType", "RangeObserver"),
            read.Choice("Rounding", "RoundingType", "WeightRounding"),
            read.Flag("BiasCorrection"),
            read.Number<double>("Smooth", alpha => double.IsNaN(alpha) || alpha is >= 0 and <= 1, "give a number from 0 to 1, such as 0.5"),
            read.OfModel("FoldBatchNorm", read.Flag("FoldBatchNorm")),
            read.OfModel("Training", read.Choice("Training", null, null)),
            read.Epochs(),
            read.LearningRate(),
        }.OfType<NamedText>();
    }

    /// <summary>Reads the settings of one attribute; null for what it leaves out.</summary>
    private sealed class SettingReader(AnnotationParser parser, AttributeData attribute, string owner, bool isClass)
    {
        private readonly Dictionary<string, TypedConstant> given = Given(attribute);

        public NamedText? Number<T>(string name, Func<T, bool> isAllowed, string remedy)
            where T : struct
        {
            if (!given.TryGetValue(name, out var constant) || constant.Value is not T value)
            {
                return null;
            }

            parser.Require(isAllowed(value), attribute, name, owner, value, remedy);
            return value is double.NaN ? null : new NamedText(name, Literals.Constant(constant));
        }

        public NamedText? Flag(string name) => given.TryGetValue(name, out var constant) ? new NamedText(name, Literals.Constant(constant)) : null;

        public NamedText? Choice(string name, string? typeSetting, string? seam)
        {
            if (typeSetting is not null && parser.Made(attribute, owner, typeSetting, seam!) is { } own)
            {
                return new NamedText(name, own.Text);
            }

            return given.TryGetValue(name, out var constant) ? new NamedText(name, parser.Named(attribute, owner, constant, name).Text) : null;
        }

        /// <summary>A setting that only the class of the model may give.</summary>
        public NamedText? OfModel(string name, NamedText? setting)
        {
            parser.Require(isClass || setting is null, attribute, name, owner, setting?.Text, AsksOfTheWhole);
            return setting;
        }

        public NamedText? Epochs() => OfModel("Epochs", Number<int>("Epochs", epochs => epochs >= 0, "give 0 or more"));

        public NamedText? LearningRate() => OfModel("LearningRate", Number<double>(
            "LearningRate", rate => double.IsNaN(rate) || rate is > 0 and < double.PositiveInfinity, "give a number above 0, such as 1e-4"));
    }
}
