using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;
using PruneGen.Generator.Model;

namespace PruneGen.Generator.Parsing;

/// <summary>What an expression of <c>forward</c> stands for while it is read.</summary>
internal abstract record ParsedValue
{
    /// <summary>Something that has been reported already; whatever is made of it is not reported again.</summary>
    public static ParsedValue Broken { get; } = new BrokenValue();

    /// <summary>Something that says nothing about dimensions and cannot be repeated: a probability, a device, the content of a tensor.</summary>
    public static ParsedValue Other { get; } = new OtherValue();
}

internal sealed record BrokenValue : ParsedValue;

internal sealed record OtherValue : ParsedValue;

/// <summary>A number in the place of a tensor.</summary>
/// <param name="Number">The number; null where it cannot be written.</param>
/// <param name="IsZero">Whether it is zero, as the source says.</param>
internal sealed record ScalarValue(Argument? Number = null, bool IsZero = false) : ParsedValue
{
    /// <summary>The tensor of one number that it is where it must be one.</summary>
    public Expression Code
    {
        get
        {
            var rank = new TupleOf(new TextArgument("rank"), new Literal("0L"));
            var tensors = new NewArray(TypeTranslator.AxisTensor, []);
            return Expression.Link("Op", new TextArgument("tensor"), tensors, rank, new TupleOf(new TextArgument("data"), Number ?? CodeArgument.Untold));
        }
    }
}

/// <summary>A number that is read from the content of a tensor.</summary>
/// <param name="Number">The tensor of one number that it is; -1 where that is not followed.</param>
/// <param name="Text">The expression as the source writes it.</param>
/// <param name="Sizes">The sizes that it is computed from, too.</param>
internal sealed record ContentValue(int Number, string Text, EquatableArray<Expression> Sizes) : ParsedValue
{
    /// <summary>The number as a size.</summary>
    public CodeArgument Size =>
        new(Expression.Link("Content", [new TextArgument(Text), Number < 0 ? new NullArgument() : new ValueName(Number), .. Sizes]), OfSizes: true);
}

/// <summary>Several numbers that are read from the content of a tensor.</summary>
internal sealed record ContentsValue : ParsedValue;

/// <summary>The model itself.</summary>
internal sealed record ModelValue : ParsedValue;

/// <summary>A tensor, by its number.</summary>
internal sealed record TensorValue(int Number) : ParsedValue
{
    /// <summary>Its name in the generated code.</summary>
    public ValueName Name => new(Number);
}

/// <summary>An array or list whose elements the source names one by one.</summary>
internal sealed record ItemsValue(ImmutableArray<ParsedValue> Items, ITypeSymbol? Type) : ParsedValue;

/// <summary>A tuple.</summary>
internal sealed record TupleValue(ImmutableArray<ParsedValue> Items, INamedTypeSymbol? Type) : ParsedValue;

/// <summary>An object of the user's that hands tensors around, with what was put into it.</summary>
internal sealed record RecordValue(ImmutableArray<(string Name, ParsedValue Value)> Parts, INamedTypeSymbol Type) : ParsedValue
{
    public ParsedValue this[string name] => Parts.LastOrDefault(part => part.Name == name).Value ?? new ArgumentValue(new NullArgument());
}

/// <summary>Several results of one call: an array in the generated code, a tuple or an array in the source.</summary>
/// <param name="AreObjects">Whether they are results of a model of the user's, which may be anything.</param>
internal sealed record ResultsValue(int Number, ITypeSymbol Type, bool AreObjects) : ParsedValue;

/// <summary>The sizes of all dimensions of a tensor.</summary>
internal sealed record ShapeValue(int Tensor) : ParsedValue;

/// <summary>What the call of a layer gives that is known when models are linked and not before.</summary>
/// <param name="Number">The array of the generated code that holds it.</param>
internal sealed record LateValue(int Number) : ParsedValue;

/// <summary>A layer.</summary>
internal sealed record LayerValue(LayerNode Layer, LayerReference Reference) : ParsedValue
{
    /// <summary>What class it is and no other, where it goes by a name that is declared as dynamic; null where that is not told.</summary>
    public ITypeSymbol? Class { get; init; }
}

/// <summary>A layer without parameters that forward creates where it calls it: an operation.</summary>
/// <param name="Operation">The operation that it is.</param>
/// <param name="Arguments">What the layer was created with.</param>
/// <param name="Creation">Where it is created.</param>
internal sealed record PassingValue(string Operation, EquatableArray<NamedArgument> Arguments, IInvocationOperation Creation) : ParsedValue;

/// <summary>A layer that forward creates and gives parameters of its own making.</summary>
/// <param name="Code">The local of the generated code that stands for it.</param>
/// <param name="Type">TorchSharp's class name.</param>
internal sealed record CreatedValue(ValueName Code, string Type) : ParsedValue;

/// <summary>An index of a tensor: a <c>TensorIndex</c> held in a variable, or made by a helper.</summary>
internal sealed record IndexValue(SliceSpec Slice) : ParsedValue;

/// <summary>A <c>System.Range</c>.</summary>
internal sealed record RangeValue(EndValue Start, EndValue End) : ParsedValue;

/// <summary>A <c>System.Index</c>: a place counted from the start or from the end.</summary>
internal sealed record EndValue(Argument At, bool FromEnd) : ParsedValue;

/// <summary>A number, a flag, a size or a list of these.</summary>
internal sealed record ArgumentValue(Argument Argument) : ParsedValue;

/// <summary>Anything else that the generated code repeats: a list, a text, an object of the user's.</summary>
/// <param name="Code">The expression.</param>
/// <param name="Type">Its type in the source.</param>
internal sealed record CodeValue(Expression Code, ITypeSymbol Type) : ParsedValue
{
    /// <summary>What an object that forward itself creates was given, for the methods that it is asked to run.</summary>
    public RecordValue? Made { get; init; }

    /// <summary>Whether it is a list or sequence of sizes, where the source has numbers.</summary>
    public bool IsOfSizes { get; init; }

    /// <summary>Whether it is an object of its type and of no other class of the project.</summary>
    public bool IsExact { get; init; }
}

/// <summary>A lambda, a local function or a method as a value, which is read where it is called.</summary>
/// <param name="Method">The method.</param>
/// <param name="This">The object that it belongs to, if any.</param>
internal sealed record FunctionValue(IMethodSymbol Method, ParsedValue? This) : ParsedValue
{
    /// <summary>The variables from around it that it names, and the calls that they belonged to when it was made.</summary>
    public ImmutableArray<(ISymbol Symbol, Frame? Home)> Homes { get; init; } = ImmutableArray<(ISymbol, Frame?)>.Empty;

    /// <summary>What those of them are whose call is done.</summary>
    public ImmutableArray<(ISymbol Symbol, ParsedValue Value)> Kept { get; init; } = ImmutableArray<(ISymbol, ParsedValue)>.Empty;
}
