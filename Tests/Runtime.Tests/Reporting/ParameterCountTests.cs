using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PruneGen.Runtime.Tests;

/// <summary>Counting at widths that are only thought of.</summary>
public sealed class ParameterCountTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_map_joined_with_an_input_of_unknown_width_counts_as_what_is_left(bool twice)
    {
        using var scope = NewDisposeScope();
        var (conv, table) = (nn.Conv2d(3, 4, 3, padding: 1), nn.Embedding(64, 4));
        var model = new OperationNet(
            [2, 3, 8, 8],
            new() { ["conv"] = conv, ["table"] = table, ["head"] = nn.Linear((twice ? 10 : 7) * 64, 5) },
            (m, x) =>
            {
                var y = m["conv"].call(x) + m.Layer<Embedding>("table").call(arange(64)).transpose(0, 1).unflatten(1, [8, 8]);
                return m["head"].call(cat(twice ? [x, y, x] : [y, x], 1).flatten(1));
            },
            (m, link, x) =>
            {
                var places = link.Op("unflatten", link.Op("transpose", link.Layer(m.Layer<Embedding>("table"), link.Op("arange", [], ("stop", 64L))), ("dim0", 0L), ("dim1", 1L)), ("dim", 1L), ("sizes", link.Sizes(8, 8)));
                var y = link.Op("add", [link.Layer(m["conv"], x), places]);
                return link.Layer(m["head"], link.Op("flatten", link.Op("cat", twice ? [x, y, x] : [y, x], ("dim", 1L)), ("start_dim", 1L)));
            });

        // Without the shape of the input: how wide that is, the head alone tells.
        var plan = PruningPlan.Link(model);
        var group = Assert.Single(plan.Groups);
        var expected = plan.ParameterCount(_ => 1);
        Compaction.Apply(new PruneSelection(plan, new Dictionary<string, long[]> { [group.Name] = [2] })).Dispose();
        Assert.Equal(model.parameters().Sum(parameter => parameter.numel()), expected);
    }
}
