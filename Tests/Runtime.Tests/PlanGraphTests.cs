using System.Xml.Linq;

namespace PruneGen.Runtime.Tests;

public class PlanGraphTests
{
    [Fact]
    public void A_flow_chart_leads_from_each_producer_through_its_group_to_the_readers()
    {
        var lines = PlanGraph.ToMermaid(new LeNet().Plan()).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        Assert.Equal("flowchart LR", lines[0]);
        var conv1 = Assert.Single(lines, line => line.EndsWith("[\"conv1\"]", StringComparison.Ordinal)).Split('[')[0];
        var conv2 = Assert.Single(lines, line => line.EndsWith("[\"conv2\"]", StringComparison.Ordinal)).Split('[')[0];
        var group = Assert.Single(lines, line => line.Contains("([\"conv1: ", StringComparison.Ordinal)).Split('(')[0];
        Assert.Contains($"{conv1} --> {group}", lines);
        Assert.Contains($"{group} --> {conv2}", lines);
    }

    [Fact]
    public void A_picture_shows_every_group_and_every_layer_of_it()
    {
        var plan = new ResidualNet().Plan();
        var picture = XElement.Parse(PlanGraph.ToSvg(plan));
        var texts = picture.Descendants().Where(element => element.Name.LocalName == "text").Select(element => element.Value).ToList();
        foreach (var group in plan.Groups)
        {
            Assert.Contains($"{group.Name}: {group.Width}", texts);
            Assert.All(group.Members, member => Assert.Contains(member.Parameter.Layer.Name, texts));
        }
    }
}
