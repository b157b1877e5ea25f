using PruneGen.Axes;
using PruneGen.Generator.Diagnostics;
using PruneGen.Generator.Model;

namespace PruneGen.Generator.Analysis;

/// <summary>Where the source shows that <c>forward</c> does what a graph of ONNX cannot.</summary>
internal static class ExportChecks
{
    private const string WriteOperation = "give OnnxOptions.Operations a writer of that name, or call it outside of forward";
    private const string WriteLayer = "give OnnxOptions.Layers a writer of that class, or call it outside of forward";
    private const string Choose = "choose with where, or decide outside of forward";

    /// <summary>What is wrong with exporting a model, each at the expression that it is about.</summary>
    public static IEnumerable<Finding> Of(ModelSpec model) => Of(model.Body).Distinct()
        .Select(problem => new Finding(RuleIds.NotExported, problem.Site, problem.What, model.Type.Name, problem.Remedy));

    private static IEnumerable<(int Site, string What, string Remedy)> Of(IEnumerable<Node> body)
    {
        foreach (var node in body)
        {
            foreach (var problem in OfStep(node).Concat(Expressions(node).SelectMany(code => OfCode(code, node.Site))).Concat(Of(Inner(node))))
            {
                yield return problem;
            }
        }
    }

    private static IEnumerable<(int Site, string What, string Remedy)> OfStep(Node node)
    {
        switch (node)
        {
            case OpCall { Name: DescribedCalls.Operation } described:
                yield return (described.Site, "what [Axes] describes is not told by the source", WriteOperation);
                break;
            case OpCall operation when ExportTable.Operation(operation.Name) is { } because:
                yield return (operation.Site, $"{operation.Name} {because}", WriteOperation);
                break;
            case LayerCall call:
                foreach (var layer in call.Layer.WithChildren().Where(layer => layer.Kind == LayerKind.Layer))
                {
                    if ((layer.Axes is null ? ExportTable.Layer(layer.Type) : "computes what [Axes] does not tell") is { } why)
                    {
                        yield return (call.Site, $"{layer.Path}, a {layer.Type}, {why}", WriteLayer);
                    }
                }

                break;
        }
    }

    private static IEnumerable<(int Site, string What, string Remedy)> OfCode(Expression code, int site)
    {
        foreach (var call in code.All().OfType<Call>())
        {
            if (call.IsOfLinker("Either") && call.Arguments is [TextArgument { Value: var condition }, ..])
            {
                yield return (site, $"which way forward goes depends on the values of tensors ({condition})", Choose);
            }
            else if (call.IsOfLinker("AnyOf"))
            {
                yield return (site, "which layer is called depends on the values of tensors", Choose);
            }
            else if (call.IsOfLinker("Again") && call.Arguments is [TextArgument { Value: var loop }, ..])
            {
                yield return (site, $"how often the loop by {loop} runs depends on the values of tensors", "run it a fixed number of times");
            }
            else if (call.IsOfLinker("Content") && call.Arguments is [TextArgument { Value: var content }, ..])
            {
                yield return (site, $"{content} is a number that only the values of tensors tell", "compute with the tensor itself");
            }
            else if (call.Function is MemberOf { Of: ValueName, Name: "Call" })
            {
                yield return (site, "a layer that forward creates has weights that only the running model tells", "create it once, in a field");
            }
            else if (call.IsOfLinker("Script") && call.Arguments is [TextArgument { Value: var function }, ..])
            {
                yield return (site, $"{function} is a function of TorchScript, which ONNX has none of", "write it in C#");
            }
        }
    }

    private static IEnumerable<Expression> Expressions(Node node) => node switch
    {
        OpCall operation => operation.Arguments.Select(argument => (Expression)argument.Value),
        LayerCall call => call.Arguments,
        Let let => [let.Code],
        Assign assign => [assign.Code],
        Do run => [run.Code],
        Item item => [item.Code],
        Choice choice => new[] { choice.Switch }.Concat(choice.Arms.Select(arm => arm.Condition)).OfType<Expression>(),
        Loop loop => loop.Head.Parts,
        Return end => end.Results,
        _ => [],
    };

    private static IEnumerable<Node> Inner(Node node) => node switch
    {
        Choice choice => choice.Arms.SelectMany(arm => arm.Body),
        Loop loop => loop.Body,
        _ => [],
    };
}
