using Microsoft.CodeAnalysis;
using PruneGen.Generator.Model;

namespace PruneGen.Generator.Parsing;

/// <summary>What <c>forward</c> does.</summary>
/// <param name="Values">Every value by number; the text is the name it goes by in the source.</param>
/// <param name="Body">Its steps.</param>
/// <param name="UsesObsolete">Whether it reads a member that is marked obsolete.</param>
/// <param name="Reached">The paths of layers that it names without calling them one by one: a list that it loops over.</param>
/// <param name="Numbers">The fields that it cuts widths by.</param>
internal sealed record ForwardProgram(
    EquatableArray<string> Values, EquatableArray<Node> Body, bool UsesObsolete, EquatableArray<string> Reached, EquatableArray<NumberField> Numbers);

/// <summary>
/// Follows <c>forward</c> statement by statement, and through helper methods, and writes down what happens to tensors.
/// Every local is bound to the value that it holds at the moment, so that reassignment needs no care later; one that a
/// branch or a loop gives a new value becomes a variable of the generated code. Each kind of syntax has a reader of its
/// own, which asks the others for what stands inside; <see cref="Reading"/> is what they share.
/// </summary>
internal sealed class ForwardParser(ParseContext context, TorchSymbols torch, LayerParser layers, ForwardNet net)
    : Reader(new Reading(context, torch, layers, net))
{
    /// <summary>Reads the method; null where it cannot be followed, which has been reported.</summary>
    public ForwardProgram? Read(IMethodSymbol forward, EquatableArray<InputSpec> inputs)
    {
        // The body of a generic base's method speaks of the base's own parameters.
        forward = forward.OriginalDefinition;
        for (var i = 0; i < inputs.Count; i++)
        {
            var tensor = Bindings.NewValue(inputs[i].Name);
            var parameter = forward.Parameters[i];
            if (inputs[i].Kind == InputKind.Tensor)
            {
                Bindings.Definite.Add(tensor.Number);
            }

            if (inputs[i].Kind == InputKind.Size)
            {
                Bindings.Sizes.Add(tensor.Number);
            }

            Scope.Bind(parameter, inputs[i].Kind switch
            {
                InputKind.Tensor or InputKind.OptionalTensor => tensor,
                InputKind.Size => new ArgumentValue(new CodeArgument(new ValueName(tensor.Number), OfSizes: true)),

                // Where tensors are, and of what type, says nothing about their dimensions.
                _ when LayerCallReader.IsAboutTensors(parameter.Type) => ParsedValue.Other,
                _ => Writer.Typed(new ValueName(tensor.Number), parameter.Type),
            });
        }

        Kept.LookInto(forward);
        var result = Methods.Run(forward, new ModelValue(), isRoot: true);
        if (result is BrokenValue || !Kept.IsSettled(forward))
        {
            return null;
        }

        var numbers = Steps.Within(Nodes).SelectMany(Steps.Expressions).SelectMany(code => code.All()).OfType<Call>()
            .Where(call => call.IsOfLinker("Number") && call.Arguments[0] is ModelItself)
            .Select(call => ((TextArgument)call.Arguments[1]).Value).Distinct().OrderBy(name => name, StringComparer.Ordinal).Select(Reading.Counting.Field);
        return new ForwardProgram(
            Values.ToEquatable(),
            Nodes.ToEquatable(),
            UsesObsolete,
            Reached.OrderBy(path => path, StringComparer.Ordinal).ToEquatable(),
            numbers.ToEquatable());
    }
}
