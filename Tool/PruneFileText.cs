using System.Globalization;
using System.Text;

namespace PruneGen.Tool;

/// <summary>What .prune files say, as text for a console.</summary>
internal static class PruneFileText
{
    private static readonly (string What, Func<PruneOptions, object?> Tell)[] OptionsTold =
    [
        ("granularity", options => options.Granularity?.ToString()),
        ("ratio", options => options.Ratio),
        ("criterion", options => options.Criterion?.ToString()),
        ("scope", options => options.Scope?.ToString()),
        ("threshold", options => options.Threshold),
        ("epochs", options => options.Retrain.Epochs),
        ("learning rate", options => options.Retrain.LearningRate),
        ("optimizer", options => options.Retrain.Optimizer),
        ("seed", options => options.Retrain.Seed),
    ];

    private static readonly (string What, Func<PruneReport, object?> Tell)[] ResultsTold =
    [
        ("test error", report => report.Final.Error),
        ("test loss", report => report.Final.Loss),
        ("parameters", report => report.Parameters.After),
        ("not zero", report => report.NonZeroParameters.After),
        ("MACs", report => report.Macs?.After),
        ("bytes", report => report.Bytes.After),
    ];

    /// <summary>A file for people: its model, its tensors, what it was pruned by and what that came to.</summary>
    public static string Show(string path)
    {
        var header = PruneFile.ReadHeader(path);
        var text = new StringBuilder();
        Line(text, $"{path}: {header.Model}, {new FileInfo(path).Length:N0} bytes");
        Line(text, $"{header.Tensors.Count} parameters and buffers, {header.Tensors.Values.Sum(Count):N0} numbers; {Types(header)}");
        if (header.Masks is { } masks)
        {
            var held = masks.Sum(mask => mask.Value.Sum(bits => (long)System.Numerics.BitOperations.PopCount(bits)));
            Line(text, $"{held:N0} weights of {masks.Count} parameters are held at zero");
        }

        if (header.InputShapes is { } shapes)
        {
            Line(text, $"inputs: {string.Join(", ", shapes.Select(shape => $"[{string.Join(", ", shape)}]"))}");
        }

        text.Append('\n').Append(Groups(header)).Append('\n');
        if (header.Report is { } report)
        {
            Line(text, $"{report}");
            if (report.Environment is { } place)
            {
                Line(text, $"Pruned by PruneGen {place.PruneGen} with TorchSharp {place.TorchSharp} on {place.Finished:yyyy-MM-dd HH:mm}, {place.System}.");
            }
        }
        else
        {
            Line(text, $"It holds no report: it was saved without having been pruned by PruneAndRetrain.");
        }

        if (header.EarlierReports is { Count: > 0 } earlier)
        {
            Line(text, $"{earlier.Count} earlier {(earlier.Count == 1 ? "run" : "runs")} of pruning stand in the file too.");
        }

        return text.ToString();
    }

    /// <summary>The width of each group; of the dense model where the report tells it.</summary>
    public static string Groups(PruneFileHeader header)
    {
        var dense = (header.Report?.Groups ?? []).ToDictionary(group => group.Name, group => group.Dense, StringComparer.Ordinal);
        var longest = header.Widths.Keys.Select(name => name.Length).DefaultIfEmpty(0).Max();
        var text = new StringBuilder();
        foreach (var (name, width) in header.Widths)
        {
            var before = dense.TryGetValue(name, out var was) && was != width
                ? Number($" of {was:N0}, {100.0 * (was - width) / was:0.#} % gone") : "";
            Line(text, $"  {name.PadRight(longest)}  {width,8:N0}{before}");
        }

        return text.ToString();
    }

    /// <summary>What differs, a line each; none where nothing does. The weights themselves are not compared.</summary>
    public static List<string> Differences(PruneFileHeader first, PruneFileHeader second)
    {
        var lines = new List<string>();
        void Compare(string what, object? one, object? other)
        {
            if (!Equals(one, other))
            {
                lines.Add(Number($"{what}: {one ?? "none"} | {other ?? "none"}"));
            }
        }

        void Tables<T>(string what, IEnumerable<KeyValuePair<string, T>> one, IEnumerable<KeyValuePair<string, T>> other, Func<T, string> tell)
        {
            var (left, right) = (one.ToDictionary(), other.ToDictionary());
            foreach (var name in left.Keys.Concat(right.Keys).Distinct())
            {
                Compare($"{what} {name}", left.TryGetValue(name, out var a) ? tell(a) : null, right.TryGetValue(name, out var b) ? tell(b) : null);
            }
        }

        Compare("model", first.Model, second.Model);
        Tables("width of", first.Widths, second.Widths, width => Number($"{width}"));
        Tables("shape of", first.Tensors, second.Tensors, tensor => tensor.ToString());
        Tables("held of", first.Masks ?? new Dictionary<string, byte[]>(), second.Masks ?? new Dictionary<string, byte[]>(), Convert.ToHexString);
        foreach (var (what, tell) in OptionsTold)
        {
            Compare(what, tell(first.Options), tell(second.Options));
        }

        foreach (var (what, tell) in ResultsTold)
        {
            Compare(what, first.Report is { } one ? tell(one) : null, second.Report is { } other ? tell(other) : null);
        }

        return lines;
    }

    private static long Count(SavedTensor tensor) => tensor.Shape.Aggregate(1L, (product, size) => product * size);

    private static string Types(PruneFileHeader header) =>
        string.Join(", ", header.Tensors.Values.GroupBy(tensor => tensor.Type).Select(same => Number($"{same.Count()} {same.Key}")));

    private static void Line(StringBuilder text, FormattableString line) => text.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');

    private static string Number(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
