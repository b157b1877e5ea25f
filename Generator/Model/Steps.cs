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

    /// <summary>The values that a step itself names, its own result not counted.</summary>
    public static IEnumerable<int> Reads(Node node) => node switch
    {
        LayerCall call => call.Arguments.SelectMany(argument => Code.Values(Code.Of(argument))).Concat(Code.Values(call.Reference.Code)),
        OpCall operation => operation.Inputs.Where(input => input >= 0).Concat(operation.Arguments.SelectMany(argument => Code.Values(Code.Of(argument.Value)))).Concat(Code.Values(operation.Several)),
        Copy copy => [copy.From],
        Item item => Code.Values(item.Code),
        Let let => Code.Values(let.Code),
        Assign assign => Code.Values(assign.Code),
        Do @do => Code.Values(@do.Code),
        Choice choice => Code.Values(choice.Head).Concat(choice.Arms.SelectMany(arm => Code.Values(arm.Head))),
        Loop loop => Code.Values(loop.Head).Concat(Code.Values(loop.Tail)),
        Exit exit => Code.Values(exit.Code),
        Return @return => @return.Results.SelectMany(result => Code.Values(Code.Of(result))),
        _ => [],
    };
}
