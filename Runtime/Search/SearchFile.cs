using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>
/// What was evaluated, in memory and, where a file is given, in that: it is written whole after each evaluation, and what stands in it is of one model, one set
/// of data and one way to evaluate, whoever asks for it.
/// </summary>
internal sealed class SearchFile
{
    private readonly string? path;
    private readonly string fingerprint;
    private readonly Dictionary<string, Evaluation> evaluations = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> states = new(StringComparer.Ordinal);

    /// <param name="path">The file; null for none.</param>
    /// <param name="fingerprint">What must be the same for an evaluation to be.</param>
    /// <exception cref="InvalidOperationException">The file is of something else.</exception>
    public SearchFile(string? path, string fingerprint)
    {
        (this.path, this.fingerprint) = (path, fingerprint);
        if (path is null || !File.Exists(path))
        {
            return;
        }

        var read = Read(path);
        if (read.Fingerprint != fingerprint)
        {
            throw new InvalidOperationException(
                $"{path} is of another search: of other weights or data, another criterion, or another way to evaluate. Give another file, or delete it.");
        }

        (evaluations, states) = (new(read.Evaluations, StringComparer.Ordinal), new(read.States, StringComparer.Ordinal));
    }

    /// <summary>What a choice came to; null where it is not known.</summary>
    public Evaluation? this[long[] kept] => evaluations.GetValueOrDefault(Key(kept));

    /// <summary>A choice as text.</summary>
    public static string Key(long[] kept) => string.Join(' ', kept.Select(count => count.ToString(CultureInfo.InvariantCulture)));

    /// <summary>Everything that decides what an evaluation comes to, as a hash.</summary>
    public static string Fingerprint(PruningPlan plan, TrainingData validation, SearchSettings settings)
    {
        using var scope = NewDisposeScope();
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        void Add(Tensor values) => hash.AppendData(values.detach().cpu().contiguous().bytes.ToArray());

        hash.AppendData(Encoding.UTF8.GetBytes(string.Join(
            '\n',
            [
                plan.Model.GetType().FullName, (plan.Options with { Budget = null, Allocator = null }).ToJson(),
                $"{settings.RecoveryEpochs} {settings.BatchNormBatches}",
                .. plan.Options.Budget is { LimitsBits: true } ? ["quantized"] : Array.Empty<string>(),
            ])));
        foreach (var (_, values) in plan.Model.state_dict().OrderBy(entry => entry.Key, StringComparer.Ordinal))
        {
            Add(values);
        }

        foreach (var batch in validation.Batches().Take(1))
        {
            Array.ForEach([.. batch.Inputs, .. batch.Targets], Add);
        }

        return Convert.ToHexString(hash.GetHashAndReset());
    }

    /// <summary>Keeps what a choice came to.</summary>
    public void Add(long[] kept, Evaluation evaluation)
    {
        evaluations.Add(Key(kept), evaluation);
        Write();
    }

    /// <summary>What a search by steps kept of where it was; null for nothing.</summary>
    /// <param name="search">Its name, with all that its way depends on.</param>
    public string? State(string search) => states.GetValueOrDefault(search);

    /// <summary>Keeps where a search by steps is.</summary>
    public void SetState(string search, string state)
    {
        states[search] = state;
        Write();
    }

    private static SearchRecord Read(string path)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllText(path), SearchJson.Default.SearchRecord) is { Evaluations: not null, States: not null } read
                ? read : throw new JsonException("It has no evaluations.");
        }
        catch (JsonException error)
        {
            throw new InvalidOperationException($"{path} holds no search: {error.Message} Give another file, or delete it.", error);
        }
    }

    private void Write()
    {
        if (path is not null)
        {
            AtomicFile.WriteText(path, JsonSerializer.Serialize(new SearchRecord(fingerprint, evaluations, states), SearchJson.Default.SearchRecord));
        }
    }
}

/// <summary>A search file.</summary>
/// <param name="Fingerprint">What it is of.</param>
/// <param name="Evaluations">What each choice came to, by the pieces that each group keeps.</param>
/// <param name="States">Where searches by steps are.</param>
internal sealed record SearchRecord(string Fingerprint, Dictionary<string, Evaluation> Evaluations, Dictionary<string, string> States);

/// <summary>How search files, results and curves are written as JSON; generated, so that it works where reflection is trimmed away.</summary>
[JsonSourceGenerationOptions(
    WriteIndented = true,
    UseStringEnumConverter = true,
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(SearchRecord))]
[JsonSerializable(typeof(SensitivityReport))]
[JsonSerializable(typeof(RatioResult))]
[JsonSerializable(typeof(MaskState))]
[JsonSerializable(typeof(LatencyTable))]
internal sealed partial class SearchJson : JsonSerializerContext
{
}
