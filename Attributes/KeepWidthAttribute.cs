namespace PruneGen;

/// <summary>Keeps the outputs of a layer, and of every layer coupled to it, at their full width. Its inputs may shrink.</summary>
[AttributeUsage(AttributeTargets.Field | AttributeTargets.Property)]
public sealed class KeepWidthAttribute : Attribute
{
}
