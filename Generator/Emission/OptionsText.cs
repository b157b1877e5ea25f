using PruneGen.Generator.Analysis;
using PruneGen.Generator.Model;

namespace PruneGen.Generator.Emission;

/// <summary>Options as the members of an object initializer.</summary>
internal static class OptionsText
{
    /// <summary>What the class asks for.</summary>
    public static IEnumerable<string> Settings(PruneSettings settings)
    {
        if (settings.Granularity is not null)
        {
            yield return $"Granularity = {settings.Granularity.Text}";
        }

        if (settings.Ratio is double ratio)
        {
            yield return $"Ratio = {Literals.Double(ratio)}";
        }

        if (settings.Keep is int keep)
        {
            yield return $"Keep = {Literals.Integer(keep)}";
        }

        if (settings.Criterion is not null)
        {
            yield return $"Criterion = {settings.Criterion.Text}";
        }

        if (settings.Scope is not null)
        {
            yield return $"Scope = {settings.Scope.Text}";
        }

        if (settings.Threshold is double threshold)
        {
            yield return $"Threshold = {Literals.Double(threshold)}";
        }

        if (settings.WeightThreshold is double weightThreshold)
        {
            yield return $"WeightThreshold = {Literals.Double(weightThreshold)}";
        }

        if (settings.ThresholdRule is not null)
        {
            yield return $"ThresholdRule = {settings.ThresholdRule.Text}";
        }

        if (settings.MinWidth is int minWidth)
        {
            yield return $"MinWidth = {Literals.Integer(minWidth)}";
        }

        if (settings.RoundTo is int roundTo)
        {
            yield return $"RoundTo = {Literals.Integer(roundTo)}";
        }

        foreach (var (name, coding) in new[] { ("Share", settings.Share), ("Quantize", settings.Quantize) })
        {
            if (coding is not null)
            {
                var inside = string.Join(", ", coding.Settings.Select(setting => $"{setting.Name} = {setting.Text}"));
                yield return inside.Length == 0 ? $"{name} = new()" : $"{name} = new() {{ {inside} }}";
            }
        }

        foreach (var setting in settings.OfModel)
        {
            yield return $"{setting.Name} = {setting.Text}";
        }
    }

    /// <summary>What one layer asks for.</summary>
    public static IEnumerable<string> Settings(LayerOption layer) =>
        layer.KeepWidth ? Settings(layer.Settings).Append("KeepWidth = true") : Settings(layer.Settings);
}
