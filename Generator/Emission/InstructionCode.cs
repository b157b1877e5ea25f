using PruneGen.Generator.Model;

namespace PruneGen.Generator.Emission;

/// <summary>The call that an instruction is in the generated code.</summary>
internal static class InstructionCode
{
    public static string Of(Instruction instruction)
    {
        switch (instruction)
        {
            case LayerCall call:
                var method = call.Results switch
                {
                    ResultKind.Tensor => "Layer",
                    ResultKind.Tensors => "Layers",
                    _ => "Call",
                };
                return $"link.{method}({string.Join(", ", Inputs(call).Prepend(Layer(call.Reference)))})";
            case OpCall { Name: "index", Arguments: [{ Value: SlicesArgument slices }] } index:
                return $"link.Index({Code.Value(index.Inputs[0])}, {Code.Of(slices)})";
            case OpCall operation:
                var inputs = operation.Several.Length > 0 ? operation.Several
                    : operation.Inputs.Count == 1 ? Code.Value(operation.Inputs[0])
                    : operation.Inputs.Count == 0 ? "new global::PruneGen.Axes.AxisTensor[0]"
                    : $"new[] {{ {string.Join(", ", operation.Inputs.Select(input => input < 0 ? "null" : Code.Value(input)))} }}";
                var arguments = operation.Arguments.Select(argument => $", ({Literals.Text(argument.Name)}, {Value(argument.Value)})");
                return $"link.{(operation.Results == ResultKind.Tensor ? "Op" : "Ops")}({Literals.Text(operation.Name)}, {inputs}{string.Concat(arguments)})";
            case Copy copy:
                return Code.Value(copy.From);
            case Item item:
                return item.Code;
            case Let let:
                return let.Code;
            default:
                throw new InvalidOperationException($"{instruction.GetType().Name} is not an instruction that can be printed.");
        }
    }

    /// <summary>An expression with the steps that lead to it written into it; null where one of them is no expression, or is used twice.</summary>
    public static string? Inline(IReadOnlyList<Node> steps, string code)
    {
        for (var i = steps.Count - 1; i >= 0; i--)
        {
            if (steps[i] is not Instruction { Result: var result } instruction)
            {
                return null;
            }

            var name = Code.Value(result);
            var uses = Code.Values(code).Count(value => value == result);
            if (uses > 1)
            {
                return null;
            }

            var text = Of(instruction);
            code = code.Replace(name, uses == 1 && code.Length > name.Length && !Code.IsSimple(text) ? $"({text})" : text);
        }

        return code;
    }

    /// <summary>The body of a lambda: the steps that lead to an expression, and the expression; null where one of them branches.</summary>
    public static string? Block(IReadOnlyList<Node> steps, string code)
    {
        if (steps.Any(step => step is not Instruction))
        {
            return null;
        }

        var lines = steps.Cast<Instruction>().Select(step => $"{(step is Let { Type.Length: > 0 } let ? let.Type : "var")} {Code.Value(step.Result)} = {Of(step)}; ");
        return $"{{ {string.Concat(lines)}return {code}; }}";
    }

    private static IEnumerable<string> Inputs(LayerCall call)
    {
        // A null or an array alone would be taken for all of the arguments.
        var alone = call.Arguments.Count == 1 && call.Arguments[0] is not TensorArgument;
        return call.Arguments.Select(argument => alone ? $"(object?){Code.Of(argument, outer: false)}" : argument is NumberArgument number ? Code.Of(number) : Code.Of(argument));
    }

    private static string Layer(LayerReference reference)
    {
        var code = reference.Code + (reference.MayBeNull ? "!" : "");
        return reference.NeedsCast ? $"(global::TorchSharp.torch.nn.Module){code}" : code;
    }

    private static string Value(Argument argument) => argument switch
    {
        NumberArgument => Code.Of(argument) + "L",
        SlicesArgument => $"new[] {{ {Code.Of(argument)} }}",
        _ => Code.Of(argument),
    };
}
