namespace PruneGen;

/// <summary>
/// Says that the outputs of a layer shrink together with those of another, although <c>forward</c> does not show it: values
/// are exchanged outside of it, a distillation partner compares the two, an index into the one is kept for the other.
/// </summary>
/// <example><code>
/// private readonly Conv2d student = Conv2d(3, 32, 3);
/// [CoupledWith(nameof(student))] private readonly Conv2d teacher = Conv2d(3, 32, 3);
/// </code></example>
/// <remarks>
/// The same indices are then removed from both. Linking the live model fails where their widths differ, and where
/// <c>forward</c> does not reach one of them.
/// </remarks>
[AttributeUsage(AttributeTargets.Field | AttributeTargets.Property, AllowMultiple = true)]
public sealed class CoupledWithAttribute : Attribute
{
    /// <summary>Couples the layer with another one of the same class.</summary>
    /// <param name="layer">The other member's name, or the path of a layer inside it: <c>features.3</c>.</param>
    public CoupledWithAttribute(string layer)
    {
        Layer = layer;
    }

    /// <summary>The other member's name, or the path of a layer inside it.</summary>
    public string Layer { get; }
}
