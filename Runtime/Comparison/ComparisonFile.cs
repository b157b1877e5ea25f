using System.Text.Json;

namespace PruneGen;

/// <summary>
/// The runs of comparisons, in memory and, where a file is given, in that, which is written whole after each run. What stands in it is of one model, one set of
/// data and one dense training; of each recipe it knows by which options its runs were made.
/// </summary>
internal sealed class ComparisonFile
{
    private readonly string? path;
    private readonly ComparisonRecord record;

    /// <param name="path">The file; null for none.</param>
    /// <param name="setup">What must be the same for runs to be of this comparison, a line for each value.</param>
    /// <param name="recipes">The same of each recipe, by name.</param>
    /// <exception cref="InvalidOperationException">The file is of something else, or is none of these.</exception>
    public ComparisonFile(string? path, string[] setup, IReadOnlyDictionary<string, string[]> recipes)
    {
        this.path = path;
        var read = path is not null && File.Exists(path) ? Read(path) : new ComparisonRecord([], setup, []);
        RequireSame("the comparison", read.Setup!, setup);
        foreach (var (name, now) in recipes)
        {
            if (read.Recipes!.TryGetValue(name, out var then))
            {
                RequireSame($"'{name}'", then, now);
            }
        }

        record = read with { Runs = [.. read.Runs], Recipes = new(read.Recipes!.Concat(recipes).DistinctBy(entry => entry.Key), StringComparer.Ordinal) };
    }

    /// <summary>All that the file has, those of other recipes, ratios and seeds too.</summary>
    public IReadOnlyList<PruneOutcome> Runs => record.Runs;

    /// <summary>Keeps a run.</summary>
    public void Add(PruneOutcome run)
    {
        record.Runs.Add(run);
        if (path is not null)
        {
            AtomicFile.WriteText(path, JsonSerializer.Serialize(record, ComparisonJson.Default.ComparisonRecord));
        }
    }

    private static ComparisonRecord Read(string path)
    {
        ComparisonRecord read;
        try
        {
            read = JsonSerializer.Deserialize(File.ReadAllText(path), ComparisonJson.Default.ComparisonRecord) is { } found
                && ComparisonResult.AreWhole(found.Runs) && found.Recipes?.ContainsValue(null!) != true ? found : throw new JsonException("It has no runs.");
        }
        catch (JsonException error)
        {
            throw new InvalidOperationException($"{path} holds no comparison: {error.Message} Give another file, or delete it.", error);
        }

        return read is { Setup: not null, Recipes: not null } ? read : throw new InvalidOperationException(
            $"{path} does not say of which model, data and options its runs are: an earlier PruneGen wrote it. Give another file, or delete it.");
    }

    private void RequireSame(string what, string[] then, string[] now)
    {
        if (!then.SequenceEqual(now))
        {
            static string Lines(IEnumerable<string> lines) =>
                string.Join("; ", lines.Select(line => line.Trim(' ', ',')).Where(line => line.Length > 1)) is { Length: > 0 } text ? text : "nothing of that";
            throw new InvalidOperationException(
                $"{path} is of other runs than are asked for: {what} had then {Lines(then.Except(now))}, and has now {Lines(now.Except(then))}. "
                    + "Give another file, or delete it.");
        }
    }
}

/// <summary>A comparison file.</summary>
/// <param name="Runs">Every run, as <see cref="ComparisonResult"/> has them.</param>
/// <param name="Setup">What they are of.</param>
/// <param name="Recipes">By what each recipe's were made.</param>
internal sealed record ComparisonRecord(List<PruneOutcome> Runs, string[]? Setup, Dictionary<string, string[]>? Recipes);
