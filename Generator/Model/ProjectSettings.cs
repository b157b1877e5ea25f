using System.Globalization;
using Microsoft.CodeAnalysis.Diagnostics;

namespace PruneGen.Generator.Model;

/// <summary>What the project says in its properties.</summary>
/// <param name="IsEnabled">PruneGenEnabled: whether anything is generated and reported.</param>
/// <param name="Ratio">PruneGenRatio: the ratio of models that name none; null for PruneGen's own.</param>
/// <param name="Criterion">PruneGenCriterion: their criterion; null for PruneGen's own.</param>
/// <param name="Problem">What is wrong with them; null where nothing is.</param>
internal sealed record ProjectSettings(bool IsEnabled, double? Ratio, string? Criterion, string? Problem)
{
    /// <summary>Nothing said.</summary>
    public static ProjectSettings None { get; } = new(IsEnabled: true, Ratio: null, Criterion: null, Problem: null);

    /// <summary>Whether models have other defaults than PruneGen's own.</summary>
    public bool HasDefaults => Ratio is not null || Criterion is not null;

    /// <summary>Reads the properties of a build.</summary>
    public static ProjectSettings Of(AnalyzerConfigOptions options)
    {
        string? Value(string name) => options.TryGetValue($"build_property.{name}", out var value) && value.Trim().Length > 0 ? value.Trim() : null;
        var (ratio, criterion) = (Value("PruneGenRatio"), Value("PruneGenCriterion"));
        var isNumber = double.TryParse(ratio, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number is >= 0 and < 1;
        var isName = criterion is null || criterion.All(char.IsLetterOrDigit);
        var problem = ratio is not null && !isNumber ? $"PruneGenRatio is {ratio}; give a number from 0 to below 1, such as 0.5"
            : !isName ? $"PruneGenCriterion is {criterion}; give a name of PruneGen.Criterion, such as L2"
            : null;
        return new ProjectSettings(
            IsEnabled: !string.Equals(Value("PruneGenEnabled"), "false", StringComparison.OrdinalIgnoreCase),
            isNumber ? number : null,
            problem is null ? criterion : null,
            problem);
    }
}
