using System.Text.Json.Serialization;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>What process 0 has chosen, as the others are told it.</summary>
internal sealed record SharedChoice
{
    private const string Weight = "weight.";
    private const string Value = "value.";

    /// <summary>See <see cref="PruneSelection.Kept"/>.</summary>
    public required IReadOnlyDictionary<string, long[]> Kept { get; init; }

    /// <summary>See <see cref="PruneSelection.Asked"/>.</summary>
    public required IReadOnlyDictionary<string, double>? Asked { get; init; }

    /// <summary>Chooses, in process 0 where there are several, and gives each what was chosen.</summary>
    /// <param name="options">How the model is trained.</param>
    /// <param name="plan">The model of this process.</param>
    /// <param name="choose">Scores and chooses.</param>
    public static PruneSelection Of(RetrainOptions options, PruningPlan plan, Func<PruneSelection> choose)
    {
        if (Ranks.Of(options) is not { } all)
        {
            return choose();
        }

        PruneSelection? own = null;
        var bytes = all.FromRoot(() => ToBytes(own = choose()));
        return own ?? FromBytes(bytes, plan);
    }

    private static byte[] ToBytes(PruneSelection chosen)
    {
        var tensors = chosen.Weights.Select(entry => (Name: Weight + entry.Key, entry.Value))
            .Concat(chosen.Values.Select(entry => (Name: Value + entry.Key, entry.Value))).ToDictionary(entry => entry.Name, entry => entry.Value);
        return TensorArchive<SharedChoice>.ToBytes(
            new SharedChoice { Kept = chosen.Kept, Asked = chosen.Asked }, RanksJson.Default.SharedChoice, tensors);
    }

    private static PruneSelection FromBytes(byte[] bytes, PruningPlan plan)
    {
        using var archive = TensorArchive<SharedChoice>.FromBytes(bytes, RanksJson.Default.SharedChoice);
        Dictionary<string, Tensor> Of(string kind) => archive.Tensors.Where(entry => entry.Key.StartsWith(kind, StringComparison.Ordinal)).ToDictionary(
            entry => entry.Key[kind.Length..], entry => entry.Value.to(DeviceOf(entry.Key[kind.Length..]), copy: true).DetachFromDisposeScope());
        Device DeviceOf(string path) => plan.Parameters.First(parameter => parameter.Path == path).Tensor.device;
        return new PruneSelection(plan, archive.Record.Kept, Of(Weight)) { Asked = archive.Record.Asked, Values = Of(Value) };
    }
}

/// <summary>How what processes tell each other is written as JSON; generated, so that it works where reflection is trimmed away.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(SharedChoice))]
[JsonSerializable(typeof(string))]
internal sealed partial class RanksJson : JsonSerializerContext
{
}
