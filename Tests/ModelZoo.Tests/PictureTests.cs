using System.Xml.Linq;
using static TorchSharp.torch;

namespace PruneGen.Samples.ModelZoo.Tests;

/// <summary>Every model can be looked at: its groups as text, as a Mermaid flow chart and as a picture.</summary>
public sealed class PictureTests
{
    /// <summary>What Mermaid draws without being asked for more.</summary>
    private const int MostMermaidLines = 500, MostMermaidLetters = 50_000;

    public static TheoryData<string> Models => Pruned.Models();

    [Theory]
    [MemberData(nameof(Models))]
    public void Groups_are_drawn_and_printed(string name)
    {
        using var scope = NewDisposeScope();
        using var instance = Pruned.Small(name, seed: 1);
        RequireReadable(instance.Plan());
    }

    /// <summary>As its paper has it, a DenseNet's layers read each other a thousand times.</summary>
    [Fact]
    public void A_large_model_is_drawn_too()
    {
        using var scope = NewDisposeScope();
        using var instance = Zoo.Named("densenet121").Create(ZooSize.Full);
        RequireReadable(instance.Plan());
    }

    private static void RequireReadable(PruningPlan plan)
    {
        var picture = XElement.Parse(PlanGraph.ToSvg(plan));
        Assert.All(picture.Descendants().Where(element => element.Name.LocalName == "text"), text => Assert.NotEmpty(text.Value));
        Assert.InRange((int)picture.Attribute("height")!, 1, 6000);

        var flow = PlanGraph.ToMermaid(plan);
        Assert.InRange(flow.Length, 1, MostMermaidLetters);
        Assert.InRange(flow.Split('\n').Count(line => line.Contains(" --> ", StringComparison.Ordinal) || line.Contains(" -.- ", StringComparison.Ordinal)), 1, MostMermaidLines);
        Assert.DoesNotContain("[\"\"]", flow, StringComparison.Ordinal);

        var text = GroupText.Of(plan);
        Assert.All(plan.Groups, group => Assert.Contains($"{group.Name}, {group.Width} wide", text, StringComparison.Ordinal));
        Assert.All(plan.Unpruned, held => Assert.Contains($"{held.Layer} keeps its width: {held.Because}", text, StringComparison.Ordinal));
    }
}
