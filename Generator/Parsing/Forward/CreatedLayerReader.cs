using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;
using PruneGen.Axes;
using PruneGen.Generator.Model;

namespace PruneGen.Generator.Parsing;

/// <summary>
/// Layers of TorchSharp that <c>forward</c> creates: those without parameters are called like any other; one that it gives parameters of
/// its own making is no part of the model, and what goes into it keeps its width.
/// </summary>
internal sealed class CreatedLayerReader(Reading reading) : Reader(reading)
{
    /// <summary>Calls that say where a module is, of what type its numbers are, or how it is used; those with a result give the module itself.</summary>
    private static readonly HashSet<string> Settings = [
        "to", "cpu", "cuda", "half", "bfloat16", "float", "double", "eval", "train", "requires_grad_", "zero_grad", "Dispose"];

    /// <summary>The parameters of such layers that were read.</summary>
    private readonly Dictionary<int, CreatedValue> parameters = [];

    /// <summary>The creation of a layer; null where that is none, or one that must not be passed by: with parameters that nobody gives a value.</summary>
    public ParsedValue? Creation(IInvocationOperation creation)
    {
        if (creation.Type is not INamedTypeSymbol type || !Torch.IsBuiltInLayer(type) || Torch.IsModule(creation.TargetMethod.ContainingType))
        {
            return null;
        }

        var isEmpty = IsWithoutParameters(type) && LayerTable.Knows(type.Name);
        if (!isEmpty && !IsGivenParameters(creation))
        {
            return null;
        }

        var given = new List<(string Name, Expression Code)>();
        foreach (var argument in creation.Arguments.Where(argument => argument.ArgumentKind != ArgumentKind.DefaultValue))
        {
            if (argument.Parameter is not { } parameter || LayerCallReader.IsAboutTensors(parameter.Type))
            {
                // Where a parameter of the model is, and of what type, is asked of it.
                if (!Repeats.Follow(argument.Value))
                {
                    return ParsedValue.Broken;
                }

                continue;
            }

            var value = Writer.AsSize(Evaluate(argument.Value));
            if (value is BrokenValue or TensorValue or LayerValue || Writer.CodeOf(value, parameter.Type, asSize: !isEmpty) is not { } code)
            {
                return value is BrokenValue ? value : Unsupported(argument.Value);
            }

            given.Add((Emission.Identifiers.Escape(parameter.Name), code));
        }

        return isEmpty
            ? new LayerValue(
                LayerFactories.Describe(type.Name, "", creation), new LayerReference(NewLocal(Factory(creation, given)), NeedsCast: false, MayBeNull: false))
            : new CreatedValue(
                NewLocal(
                    new New("global::PruneGen.CreatedLayer", [Named.Linker, new TextArgument(type.Name), .. given.Select(argument => argument.Code)], [])),
                type.Name);
    }

    /// <summary>The creation of the same layer in the generated code.</summary>
    private static Verbatim Factory(IInvocationOperation creation, IReadOnlyList<(string Name, Expression Code)> given)
    {
        var container = creation.TargetMethod.ContainingType.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat);
        var texts = given.Select((argument, i) => $"{(i == 0 ? $"{container}.{creation.TargetMethod.Name}(" : ", ")}{argument.Name}: ");
        return new Verbatim(
            given.Count == 0 ? [$"{container}.{creation.TargetMethod.Name}()"] : [.. texts, ")"],
            given.Select(argument => new Hole(argument.Code, IsOperand: false)).ToEquatable(),
            Binding.Primary);
    }

    /// <summary>A call on a module that leaves its widths as they are; null for any other, which is refused where forward created the module.</summary>
    public ParsedValue? OnModule(IInvocationOperation call)
    {
        var of = call.Instance ?? call.Arguments.FirstOrDefault()?.Value;
        if (of is null || !Torch.IsModule(of.Type))
        {
            return null;
        }

        var isSetting = Settings.Contains(call.TargetMethod.Name);
        return isSetting && Torch.IsModule(call.Type) ? Evaluate(of)
            : Conversions.Unconverted(of) is ILocalReferenceOperation local && Scope.ValueOf(local.Local) is CreatedValue
                ? isSetting ? ParsedValue.Other : Unsupported(call)
            : null;
    }

    /// <summary>A parameter of a created layer, or a number that it tells.</summary>
    public ParsedValue Part(CreatedValue layer, IMemberReferenceOperation reference, ISymbol member)
    {
        if (!Torch.IsTensor(reference.Type))
        {
            return Unsupported(reference);
        }

        var parameter = Writer.NewTensor(layer.Code.Method("Parameter", new TextArgument(member.Name)), reference);
        parameters[parameter.Number] = layer;
        return parameter;
    }

    /// <summary>Keeps what an operation that works in place puts into a parameter of a created layer.</summary>
    /// <param name="tensors">The tensor that it changes, and what it changes it by.</param>
    public void Give(IReadOnlyList<int> tensors)
    {
        if (parameters.TryGetValue(tensors[0], out var layer) && tensors.Skip(1).Where(tensor => tensor >= 0).ToList() is { Count: > 0 } given)
        {
            Nodes.Add(new Do(layer.Code.Method("Give", given.Select(tensor => (Expression)new ValueName(tensor)).ToArray()), Quoted, 0));
        }
    }

    /// <summary>Gives a created layer another parameter; null where the assignment is to something else.</summary>
    public ParsedValue? Assign(ISimpleAssignmentOperation assignment)
    {
        if (assignment.Target is not IMemberReferenceOperation { Instance: ILocalReferenceOperation { Local: var local } }
            || !Torch.IsTensor(assignment.Target.Type)
            || Scope.ValueOf(local) is not CreatedValue layer)
        {
            return null;
        }

        // A parameter is made of a tensor here, and goes no further.
        var value = Conversions.Unconverted(assignment.Value) switch
        {
            IObjectCreationOperation { Type.Name: "Parameter", Arguments: [{ Value: var inside }, ..] } made when Torch.IsTensor(made.Type) => Evaluate(inside),
            IInvocationOperation { TargetMethod.Name: "Parameter", Arguments: [{ Value: var inside }, ..] } made
                when Torch.IsTorch(made.TargetMethod) => Evaluate(inside),
            var other => Evaluate(other),
        };
        switch (value)
        {
            case TensorValue tensor:
                Nodes.Add(new Do(layer.Code.Method("Give", tensor.Name), Quoted, 0));
                return value;
            case BrokenValue or ArgumentValue { Argument: NullArgument }:
                return value;
            default:
                return Unsupported(assignment.Value);
        }
    }

    /// <summary>Calls a created layer.</summary>
    public ParsedValue Call(CreatedValue layer, IInvocationOperation call)
    {
        var inputs = call.Arguments.Where(argument => argument.ArgumentKind != ArgumentKind.DefaultValue)
            .OrderBy(argument => argument.Parameter?.Ordinal)
            .Select(argument => Evaluate(argument.Value)).ToList();
        return inputs.Any(input => input is BrokenValue) ? ParsedValue.Broken
            : Torch.IsTensor(call.Type) && inputs.All(input => input is TensorValue)
                ? Writer.NewTensor(layer.Code.Method("Call", inputs.Select(input => (Expression)((TensorValue)input).Name).ToArray()), call)
            : Unsupported(call);
    }

    private ValueName NewLocal(Expression code) => Bindings.NewLocal(Target.Length > 0 ? Target : "layer", code, isSize: false);

    private static bool IsWithoutParameters(INamedTypeSymbol type)
    {
        for (var at = type; at is not null; at = at.BaseType)
        {
            if (at.Name == "ParameterLessModule")
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether a layer goes into a local variable of which forward names parameters: else they are random numbers, new ones each time.</summary>
    private bool IsGivenParameters(IOperation creation)
    {
        var at = creation.Parent;
        while (at is IConversionOperation or IVariableInitializerOperation or IArgumentOperation
            || at is IInvocationOperation { TargetMethod.Name: var name } && Settings.Contains(name))
        {
            at = at.Parent;
        }

        return at is IVariableDeclaratorOperation { Symbol: var local }
            && Methods.BodyOf(Frames.Peek().Method) is { } body
            && body.Descendants().Any(
                inner =>
                    inner is IMemberReferenceOperation { Instance: ILocalReferenceOperation { Local: var named } }
                        && Torch.IsTensor(inner.Type)
                        && SymbolEqualityComparer.Default.Equals(named, local));
    }
}
