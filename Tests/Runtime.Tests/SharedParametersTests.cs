using PruneGen.Axes;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PruneGen.Runtime.Tests;

/// <summary>One parameter under two names: a table of words that also scores them.</summary>
public sealed class SharedParametersTests
{
    [Fact]
    public void Both_names_shrink_together_and_stay_one_parameter()
    {
        using var scope = NewDisposeScope();
        for (var seed = 1; seed <= 4; seed++)
        {
            var model = Tied();
            var plan = model.Plan();
            var group = Assert.Single(plan.Groups);
            Assert.Equal(["words.weight[1]", "mix.weight[0]", "mix.weight[1]", "mix.bias[0]", "head.weight[1]"], group.Members.Select(member => member.ToString()));
            Assert.Equal((11 * 6) + (6 * 6) + 6, plan.ParameterCount());
            Assert.Equal("words.weight", Assert.Single(plan.Parameters, parameter => parameter.SharedWith is not null).SharedWith!.Path);

            using var selection = Pruned.RandomSelection(plan, seed);
            Pruned.AssertMaskedEqualsCompacted(model, plan, selection, randint(0, 11, [2, 5]));

            using var noGradients = no_grad();
            model.Layer<Embedding>("words").weight!.fill_(3);
            Assert.All(Pruned.Values(model.Layer<Linear>("head").weight!), value => Assert.Equal(3, value));
        }
    }

    private static OperationNet Tied()
    {
        var (words, head) = (nn.Embedding(11, 6), nn.Linear(6, 11, hasBias: false));
        head.weight = words.weight!;
        return new OperationNet(
            [2, 5],
            new() { ["words"] = words, ["mix"] = nn.Linear(6, 6), ["head"] = head },
            (m, x) =>
            {
                var y = m.Layer<Embedding>("words").call(x.to_type(ScalarType.Int64));
                return m["head"].call(y + m["mix"].call(y).relu());
            },
            (m, link, x) =>
            {
                var y = link.Layer(m.Layer<Embedding>("words"), x);
                return link.Layer(m["head"], link.Op("add", [y, link.Op("relu", link.Layer(m["mix"], y))]));
            });
    }
}
