using System.Xml.Linq;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PruneGen.Runtime.Tests;

public partial class PlanGraphTests
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

    [Fact]
    public void Parameters_of_the_model_itself_have_their_own_names()
    {
        var plan = ShapeCases.All["patches, a class token and positions"]().Plan();
        var own = plan.Groups.SelectMany(group => group.Members).Where(member => member.Parameter.Layer.Name.Length == 0).Select(member => member.Parameter.Name).Distinct().ToList();
        Assert.NotEmpty(own);
        foreach (var drawn in new[] { PlanGraph.ToMermaid(plan), PlanGraph.ToSvg(plan) })
        {
            Assert.All(own, name => Assert.Contains(name, drawn, StringComparison.Ordinal));
            Assert.DoesNotContain("[\"\"]", drawn, StringComparison.Ordinal);
            Assert.DoesNotContain("></text>", drawn, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Boxes_are_as_wide_as_their_labels()
    {
        var picture = XElement.Parse(PlanGraph.ToSvg(new ResidualNet().Plan()));
        Assert.All(picture.Descendants().Where(element => element.Name.LocalName == "g"), box =>
            Assert.True((int)box.Elements().Single(element => element.Name.LocalName == "rect").Attribute("width")! > 6 * box.Elements().Single(element => element.Name.LocalName == "text").Value.Length));
    }

    /// <summary>A dense network: every layer reads all before it, which are thousands of lines.</summary>
    [Fact]
    public void A_large_model_is_drawn_with_the_layers_of_a_list_as_one()
    {
        var plan = new DenselyJoined(layers: 40).Plan();
        Assert.True(plan.Groups.Sum(group => group.Members.Select(member => (member.Parameter.Layer.Name, member.Role)).Distinct().Count()) > 800);
        var lines = PlanGraph.ToMermaid(plan).Split('\n');
        Assert.InRange(lines.Count(line => line.Contains("--", StringComparison.Ordinal) || line.Contains("-.-", StringComparison.Ordinal)), 1, 100);
        Assert.Contains(lines, line => line.Contains("[\"layers.*\"]", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.Contains("([\"layers.*: 4, 39 times\"])", StringComparison.Ordinal));
        Assert.InRange((int)XElement.Parse(PlanGraph.ToSvg(plan)).Attribute("height")!, 1, 1000);
    }

    [Prunable]
    private sealed partial class DenselyJoined : TestModel
    {
        private readonly ModuleList<Linear> layers;
        private readonly Linear head;

        public DenselyJoined(int layers)
            : base(nameof(DenselyJoined))
        {
            this.layers = nn.ModuleList(Enumerable.Range(0, layers).Select(i => nn.Linear(8 + (4 * i), 4)).ToArray());
            head = nn.Linear(8 + (4 * layers), 3);
            Initialise(1);
        }

        public override long[] InputShape { get; } = [2, 8];

        public override Tensor forward(Tensor input) => head.call(layers.Aggregate(input, (x, layer) => cat([x, layer.call(x)], 1)));
    }
}
