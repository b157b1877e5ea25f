namespace PruneGen.Generator.Model;

/// <summary>Walks over the steps of <c>forward</c>.</summary>
internal static class Steps
{
    /// <summary>Every step, those inside branches and loops too.</summary>
    public static IEnumerable<Node> Within(IEnumerable<Node> body) => body.SelectMany(node => node switch
    {
        Choice choice => choice.Arms.SelectMany(arm => Within(arm.Body)).Prepend(choice),
        Loop loop => Within(loop.Body).Prepend(loop),
        _ => [node],
    });

    /// <summary>The values that a step itself names, each as often as it does, its own result not counted.</summary>
    public static IEnumerable<int> Reads(Node node) => node is OpCall operation
        ? operation.Inputs.Where(input => input >= 0).Concat(Expressions(node).SelectMany(code => code.Values()))
        : Expressions(node).SelectMany(code => code.Values());

    /// <summary>The expressions in a step itself, those in the steps inside of it not counted.</summary>
    public static IEnumerable<Expression> Expressions(Node node) => node switch
    {
        LayerCall call => call.Arguments.Append(call.Reference.Code),
        OpCall operation => operation.Arguments.Select(argument => (Expression)argument.Value).Concat(operation.Several is { } several ? [several] : []),
        Copy copy => [new ValueName(copy.From)],
        Item item => [item.Code],
        Let let => [let.Code],
        Assign assign => [assign.Code],
        Do @do => [@do.Code],
        Guard guard => [guard.Condition],
        Choice choice => choice.Arms.SelectMany(Tests).Concat(choice.Switch is { } head ? [head] : []),
        Loop loop => loop.Head.Parts,
        Return @return => @return.Results,
        _ => [],
    };

    private static IEnumerable<Expression> Tests(Arm arm) =>
        arm.Labels.SelectMany(label => new[] { label.Pattern, label.When }).Append(arm.Condition).OfType<Expression>();
}
