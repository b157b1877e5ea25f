using System.Globalization;
using System.Runtime.CompilerServices;
using PruneGen.Axes;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>What a step of a <see cref="ForwardTrace"/> does.</summary>
public enum TraceStepKind
{
    /// <summary>Reads a parameter or buffer of <see cref="TraceStep.Module"/>.</summary>
    Parameter,

    /// <summary>Reads a tensor that is registered in no module: <see cref="TraceStep.Tensor"/>.</summary>
    Tensor,

    /// <summary>Applies an operation of TorchSharp's.</summary>
    Operation,

    /// <summary>Calls a layer, <see cref="TraceStep.Module"/>.</summary>
    Layer,
}

/// <summary>
/// One step of <c>forward</c>. Its values are <see cref="AxisTensor"/>s, each the result of one step or an input of the model, and told
/// apart by reference; <see cref="ForwardTrace.NumberOf"/> numbers them.
/// </summary>
public sealed class TraceStep
{
    private readonly object?[] given;
    private readonly (string Name, object? Value)[]? named;

    internal TraceStep(TraceStepKind kind, string name, nn.Module? module, object?[] given, (string Name, object? Value)[]? named, AxisTensor[] results)
    {
        (Kind, Name, Module, this.given, this.named, Results) = (kind, name, module, given, named, results);
    }

    /// <summary>What it does.</summary>
    public TraceStepKind Kind { get; }

    /// <summary>
    /// The operation by TorchSharp's name, with an underscore at its end where it works in place (<c>relu_</c>); the layer or the parameter
    /// by its path in the model (<c>features.0</c>, <c>features.0.weight</c>); or what holds a tensor that is not registered.
    /// </summary>
    public string Name { get; }

    /// <summary>The live layer that is called, or the module that owns the parameter; else null.</summary>
    public nn.Module? Module { get; }

    /// <summary>
    /// The live tensor that is read: the parameter or buffer as it is now, or the one that is not registered as it was when the model was
    /// linked; null of other steps. It is the model's.
    /// </summary>
    public Tensor? Tensor =>
        Kind == TraceStepKind.Parameter ? Module!.get_parameter((string)given[0]!) ?? Module.get_buffer((string)given[0]!)
            : Kind == TraceStepKind.Tensor ? (Tensor)given[0]!
            : null;

    /// <summary>The method of the layer that is called: <c>call</c>, or <c>forward_with_indices</c>; else empty.</summary>
    public string Method { get; internal init; } = "";

    /// <summary>The path of the model whose <c>forward</c> takes the step; empty for the root.</summary>
    public string Within { get; internal init; } = "";

    /// <summary>Whether it belongs to a loop of which only the values of tensors tell how often it runs; see <see cref="ForwardTrace.OpenLoops"/>.</summary>
    public bool IsRepeated { get; internal init; }

    /// <summary>
    /// The tensors that it takes, in the order of TorchSharp's parameters, the receiver first; null where an optional one is left out.
    /// Those that pick in an indexer are in its <see cref="Arguments"/>, each in its <see cref="AxisSlice"/>.
    /// </summary>
    public IReadOnlyList<AxisTensor?> Inputs =>
        given is AxisTensor?[] tensors ? tensors : Kind == TraceStepKind.Layer ? given.SelectMany(TensorsIn.Argument).ToList() : [];

    /// <summary>
    /// The arguments. Of an operation: those that are no tensors, by TorchSharp's parameter names, as far as <c>forward</c> gives them; a number
    /// in the place of a tensor goes by <c>other</c>, or by <c>input</c> where it stands first (<c>1 - x</c>). Of a layer: all of them, in order
    /// and by name, tensors (and tuples of them) among them, without those at the end that are left to their defaults.
    /// </summary>
    /// <remarks>
    /// A value is a number, a yes or no, a text, an enumeration, null, an <see cref="AxisSize"/> or <see cref="AxisSlice"/>, an array of any of
    /// these, a tensor whose element type is meant, or <see cref="OpArguments.Unknown"/> for what linking cannot tell. A size tells its number,
    /// where it is known, and its closed form as text. Devices and generators of random numbers are left out.
    /// </remarks>
    public IReadOnlyList<(string Name, object? Value)> Arguments =>
        named ?? (Kind != TraceStepKind.Layer ? [] : [.. given.Select((value, i) => (NameOf(i), value))]);

    /// <summary>What it makes, with the axes, and so the closed forms and as far as they are known the sizes, of its dimensions.</summary>
    public IReadOnlyList<AxisTensor> Results { get; }

    /// <summary>What it does that the trace cannot tell; null where it tells everything.</summary>
    internal string? Gap =>
        Name == DescribedCalls.Operation && Kind == TraceStepKind.Operation
            ? $"what {named!.FirstOrDefault(argument => argument.Name == DescribedCalls.Function).Value} computes, which [Axes] describes"
        : Arguments.Where(argument => ReferenceEquals(argument.Value, OpArguments.Unknown)).Select(argument => $"the argument {argument.Name} of {Name}")
            .Concat(Arguments.Select(argument => argument.Value).Concat(given).SelectMany(Untold).Select(size => $"the number {size}, by which {Name} goes"))
                .FirstOrDefault();

    /// <summary>The sizes in an argument that no shape of an input tells.</summary>
    private static IEnumerable<AxisSize> Untold(object? argument) => argument switch
    {
        AxisSize { Value: null } size => [size],
        AxisSize[] sizes => sizes.Where(size => size.Value is null),
        AxisSlice slice => new[] { slice.Start, slice.Stop }.OfType<AxisSize>().Where(size => size.Value is null),
        AxisSlice[] slices => slices.SelectMany(Untold),
        _ => [],
    };

    /// <summary>Where the graph's multiply-accumulates of the step begin and end.</summary>
    internal ((int Counted, int Uncounted) From, (int Counted, int Uncounted) To) Counted { get; init; }

    /// <summary>The step as one line, with its values by a name for each.</summary>
    internal string ToString(Func<AxisTensor, string> name)
    {
        var arguments = Kind == TraceStepKind.Layer
            ? given.Select(Text)
            : Inputs.Select(input => Text(input)).Concat(Arguments.Select(argument => $"{argument.Name}: {Text(argument.Value)}"));
        var call = Kind is TraceStepKind.Parameter or TraceStepKind.Tensor ? Name : $"{Name}({string.Join(", ", arguments)})";
        return $"{string.Join(", ", Results.Select(name))} = {call}";

        string Text(object? value) => value switch
        {
            null => "null",
            AxisTensor tensor => name(tensor),
            AxisSlice { Indices: { } indices } => name(indices),
            AxisSize { Value: long number } size when size.ToString() is var form && form != Number(number) => $"{form} = {Number(number)}",
            string text => $"\"{text}\"",
            bool flag => flag ? "true" : "false",
            ITuple tuple => $"({string.Join(", ", Enumerable.Range(0, tuple.Length).Select(i => Text(tuple[i])))})",
            Array several => $"[{string.Join(", ", several.Cast<object?>().Select(Text))}]",
            IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
            _ => value.ToString()!,
        };

        static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>The name of a layer's parameter, as its own <c>forward</c> has it; empty where it has none of that place.</summary>
    private string NameOf(int place) =>
        Module!.GetType().GetMethods().Where(method => method.Name == (Method == "call" ? "forward" : Method) && method.GetParameters().Length >= given.Length)
        .OrderBy(method => method.GetParameters().Length).FirstOrDefault()?.GetParameters()[place].Name ?? "";
}
