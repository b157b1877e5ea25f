using PruneGen.Generator.Model;

namespace PruneGen.Generator.Emission;

/// <summary>The call that an instruction is in the generated code.</summary>
internal static class InstructionCode
{
    private const string Tensor = "global::PruneGen.Axes.AxisTensor";

    public static Expression Of(Instruction instruction)
    {
        switch (instruction)
        {
            case LayerCall call:
                var method = call.Results switch
                {
                    _ when call.WithIndices => "LayerWithIndices",
                    ResultKind.Tensor => "Layer",
                    ResultKind.Tensors => "Layers",
                    _ => "Call",
                };
                return Expression.Link(method, [Layer(call.Reference), .. Inputs(call)]);
            case OpCall { Name: "index", Arguments: [{ Value: SlicesArgument slices }] } index:
                return Expression.Link("Index", [new ValueName(index.Inputs[0]), .. slices.Slices.Select(slice => slice.Code)]);
            case OpCall operation:
                var inputs = operation.Several
                    ?? (operation.Inputs.Count == 1 && operation.Inputs[0] >= 0 ? new ValueName(operation.Inputs[0])
                    : operation.Inputs.Count == 0 ? new NewArray(Tensor, [])
                    : new NewArray(
                        operation.Inputs.Any(input => input >= 0) ? "" : Tensor,
                        operation.Inputs.Select(input => input < 0 ? new NullArgument() : (Expression)new ValueName(input)).ToEquatable()));
                var arguments = operation.Arguments.Select(argument => (Expression)new TupleOf(new TextArgument(argument.Name), Value(argument.Value)));
                return Expression.Link(operation.Results == ResultKind.Tensor ? "Op" : "Ops", [new TextArgument(operation.Name), inputs, .. arguments]);
            case Copy copy:
                return new ValueName(copy.From);
            case Item item:
                return item.Code;
            case Let let:
                return let.Code;
            default:
                throw new InvalidOperationException($"{instruction.GetType().Name} is not an instruction that can be printed.");
        }
    }

    /// <summary>An expression with the steps that lead to it written into it; null where one of them is no expression, or is used twice.</summary>
    public static Expression? Inline(IReadOnlyList<Node> steps, Expression code)
    {
        for (var i = steps.Count - 1; i >= 0; i--)
        {
            if (steps[i] is not Instruction { Result: var result } instruction)
            {
                return null;
            }

            var uses = code.Values().Count(value => value == result);
            if (uses != 1)
            {
                // What nobody reads is a step all the same.
                if (uses > 1 || instruction is not (Copy or Let { HasEffect: false } or Item))
                {
                    return null;
                }

                continue;
            }

            code = code.Replace(result, At(instruction));
        }

        return code;
    }

    /// <summary>What a lambda does: the steps that lead to an expression, and the expression; null where one of them branches.</summary>
    public static Lambda? Block(IEnumerable<int> parameters, IReadOnlyList<Node> steps, Expression code) => steps.Any(step => step is not Instruction)
        ? null
        : new Lambda(
            parameters.ToEquatable(),
            steps.Cast<Instruction>().Select(step => new LambdaStep(step.Result, (step as Let)?.Type ?? "", At(step))).ToEquatable(),
            code);

    private static Expression At(Instruction step) => step.Site > 0 ? new Sited(Of(step), step.Site) : Of(step);

    private static IEnumerable<Expression> Inputs(LayerCall call)
    {
        // A null or an array alone would be taken for all of the arguments.
        var alone = call.Arguments.Count == 1 && call.Arguments[0] is not TensorArgument;
        return call.Arguments.Select(argument => alone ? new Cast("object?", argument) : (Expression)argument);
    }

    private static Expression Layer(LayerReference reference)
    {
        var code = reference.MayBeNull ? new NotNull(reference.Code) : reference.Code;
        return reference.NeedsCast ? new Cast("global::TorchSharp.torch.nn.Module", code) : code;
    }

    private static Expression Value(Argument argument) => argument is NumberArgument number ? new Literal(Literals.Integer(number.Value) + "L") : argument;
}
