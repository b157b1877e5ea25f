using Microsoft.CodeAnalysis;
using PruneGen.Axes;
using PruneGen.Generator.Model;

namespace PruneGen.Generator.Parsing;

/// <summary>Calls of methods that [Axes] describes.</summary>
internal sealed class DescribedCallReader(Reading reading) : Reader(reading)
{
    public AttributeData? Description(IMethodSymbol method) =>
        Torch.IsTorch(method) || TypeTranslator.IsOfSystem(method) ? null : AxesReader.Find((method.ReducedFrom ?? method).OriginalDefinition);

    public ParsedValue CallDescribed(IMethodSymbol method, AttributeData attribute, IReadOnlyList<ParsedValue> given, IOperation call)
    {
        method = (method.ReducedFrom ?? method).OriginalDefinition;
        if (LayerTypes.Axes.Read(method, attribute, call.Syntax) is not { } words || given.Any(value => value is BrokenValue))
        {
            return ParsedValue.Broken;
        }

        if (Misfit(method, AxesNotation.Parse(words.Notation)) is (string problem, string remedy))
        {
            LayerTypes.Axes.ReportMisfit(method, attribute, call.Syntax, problem, remedy);
            return ParsedValue.Broken;
        }

        var inputs = new List<int>();
        foreach (var value in given)
        {
            switch (value)
            {
                case TensorValue tensor:
                    inputs.Add(tensor.Number);
                    break;
                case ArgumentValue { Argument: NullArgument }:
                    inputs.Add(-1);
                    break;
                default:
                    return Unsupported(call);
            }
        }

        var arguments =
            new[] { (
                DescribedCalls.Notation,
                words.Notation), (DescribedCalls.Inexact, words.Inexact), (DescribedCalls.Macs, words.Macs), (DescribedCalls.Function, method.Name) }
            .Where(argument => argument.Item2.Length > 0)
            .Select(argument => new NamedArgument(argument.Item1, new TextArgument(argument.Item2))).ToList();
        if (Torch.IsTensor(method.ReturnType))
        {
            return Operations.Apply(DescribedCalls.Operation, inputs, arguments, call);
        }

        var results = Bindings.NewValue(Target.Length > 0 ? Target : "parts");
        Nodes.Add(
            new OpCall(
                results.Number,
                inputs.ToEquatable(),
                Quoted,
                Context.Sites.Add(call.Syntax),
                DescribedCalls.Operation,
                arguments.ToEquatable(),
                Results: ResultKind.Tensors));
        return new ResultsValue(results.Number, method.ReturnType, AreObjects: false);
    }

    /// <summary>Why a description does not fit the method that it stands on, and what to do about it.</summary>
    private (string Problem, string Remedy)? Misfit(IMethodSymbol method, AxesNotation notation)
    {
        var inputs = method.Parameters.Count(parameter => Torch.IsTensor(parameter.Type));
        if (method.Parameters.FirstOrDefault(parameter => !Torch.IsTensor(parameter.Type) && Types.CarriesTensors(parameter.Type)) is { } several)
        {
            return (
                $"'{several.Name}' is a {several.Type.ToDisplayString(SymbolDisplayFormat.MinimallyQualifiedFormat)}",
                "take tensors one by one, each as a parameter of its own");
        }

        if (inputs != notation.Inputs.Count)
        {
            return (
                $"it describes {Words.Count(notation.Inputs.Count, "input")}, and the method takes {Words.Count(inputs, "tensor")}",
                "describe each tensor that it takes, in order, with commas between them");
        }

        return ResultMisfit(method.ReturnType, notation);
    }

    public (string Problem, string Remedy)? ResultMisfit(ITypeSymbol type, AxesNotation notation)
    {
        int? results = Torch.IsTensor(type) ? 1 : !LayerCalls.IsTensors(type) ? 0 : type is INamedTypeSymbol tuple ? tuple.TupleElements.Length : null;
        return results is null || results == notation.Results.Count ? null
            : results == 0 ? (
                $"what it gives is a {type.ToDisplayString(SymbolDisplayFormat.MinimallyQualifiedFormat)}", "give a tensor, or a tuple or an array of tensors")
            : (
                $"it describes {Words.Count(notation.Results.Count, "result")}, and what it gives has {Words.Count(results.Value, "tensor")}",
                "describe each tensor that it gives, in order, with commas between them");
    }
}
