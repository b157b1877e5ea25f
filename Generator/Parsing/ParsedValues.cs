using System.Collections.Immutable;
using PruneGen.Generator.Model;

namespace PruneGen.Generator.Parsing;

/// <summary>What an expression of <c>forward</c> stands for while it is read.</summary>
internal abstract record ParsedValue
{
    /// <summary>Something that has been reported already; whatever is made of it is not reported again.</summary>
    public static ParsedValue Broken { get; } = new BrokenValue();

    /// <summary>Something that says nothing about dimensions: a probability, a device.</summary>
    public static ParsedValue Other { get; } = new OtherValue();
}

internal sealed record BrokenValue : ParsedValue;

internal sealed record OtherValue : ParsedValue;

/// <summary>The model itself.</summary>
internal sealed record ModelValue : ParsedValue;

/// <summary>A tensor, by its number.</summary>
internal sealed record TensorValue(int Number) : ParsedValue;

/// <summary>A list or array of tensors.</summary>
internal sealed record TensorsValue(ImmutableArray<int> Numbers) : ParsedValue;

/// <summary>The sizes of all dimensions of a tensor.</summary>
internal sealed record ShapeValue(int Tensor) : ParsedValue;

/// <summary>A layer.</summary>
internal sealed record LayerValue(LayerNode Layer, LayerReference Reference) : ParsedValue;

/// <summary>A number, a flag, a size or a list of these.</summary>
internal sealed record ArgumentValue(Argument Argument) : ParsedValue;
