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

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_lies_in_one_place_does_so_again_after_a_run_that_failed(bool hasTwoParameters)
    {
        using var scope = NewDisposeScope();
        var model = new OperationNet(
            [4, 8],
            new() { ["fc"] = nn.Linear(8, 6), ["first"] = nn.Linear(6, 6), ["second"] = nn.Linear(6, 6), ["head"] = nn.Linear(6, 3) },
            (m, x) => m["fc"].call(x).relu() is var y ? m["head"].call(m["second"].call(m["first"].call(y).relu() + y).relu()) : x,
            (m, link, x) =>
            {
                var y = link.Op("relu", link.Layer(m["fc"], x));
                var z = link.Op("add", [link.Op("relu", link.Layer(m["first"], y)), y]);
                return link.Layer(m["head"], link.Op("relu", link.Layer(m["second"], z)));
            });
        var (first, second) = (model.Layer<Linear>("first"), model.Layer<Linear>("second"));
        second.weight = hasTwoParameters ? new Parameter(first.weight!.detach()) : first.weight!;
        var (before, isTrained) = (first.weight!.detach().clone(), false);
        var data = TrainingData.FromTensors(randn(8, 8), zeros(8, 1), batchSize: 4);
        Tensor Loss(Tensor[] results, Tensor[] _) => (isTrained |= model.training) ? throw new TimeoutException() : results[0].square().mean();
        Assert.Throws<TimeoutException>(() => Pruning.PruneAndRetrain(
            model, model.Forward, data, data, new PruneOptions { Ratio = 0.5, Retrain = new() { LossOfAll = Loss } }, PruneProgress.Quiet));
        Assert.True(before.equal(first.weight!).all().item<bool>() && before.equal(second.weight!).all().item<bool>());

        using var noGradients = no_grad();
        first.weight!.fill_(3);
        Assert.All(Pruned.Values(second.weight!), value => Assert.Equal(3, value));
    }

    [Fact]
    public void Equal_weights_that_are_not_row_major_are_two_parameters()
    {
        using var scope = NewDisposeScope();
        var (first, second) = (nn.Linear(4, 6), nn.Linear(4, 6));
        using (no_grad())
        {
            // A fresh model of zeros, or two copies of one pretrained layer, in column-major order.
            first.weight!.set_(ones(4, 6).t());
            second.weight!.set_(ones(4, 6).t());
        }

        var plan = Branches(first, second).Plan();
        Assert.Equal(["first", "second"], plan.Groups.Select(group => group.Name));
        Assert.All(plan.Parameters, parameter => Assert.Null(parameter.SharedWith));
    }

    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.Float64)]
    [InlineData(ScalarType.BFloat16)]
    public void One_weight_that_is_not_row_major_is_one_parameter(ScalarType type)
    {
        using var scope = NewDisposeScope();
        var (first, second) = (nn.Linear(4, 6, dtype: type), nn.Linear(4, 6, dtype: type));
        using (no_grad())
        {
            first.weight!.set_(rand(4, 6, dtype: type).t());
        }

        second.weight = first.weight;
        var plan = Branches(first, second).Plan();
        Assert.Equal("first.weight", Assert.Single(plan.Parameters, parameter => parameter.SharedWith is not null).SharedWith!.Path);
        Assert.Equal(["first"], plan.Groups.Select(group => group.Name));
    }

    [Fact]
    public void Weights_that_lie_in_the_same_memory_in_different_ways_keep_their_widths()
    {
        using var scope = NewDisposeScope();
        var (first, second) = (nn.Linear(4, 4), nn.Linear(4, 4));
        using (no_grad())
        {
            second.weight!.set_(first.weight!.detach().t());
        }

        var plan = Branches(first, second).Plan();
        Assert.Empty(plan.Groups);
        Assert.Contains(plan.Unpruned, held => held.Because == "first.weight and second.weight lie in the same memory in different ways");
    }

    [Fact]
    public void Parameters_side_by_side_in_one_storage_are_two()
    {
        using var scope = NewDisposeScope();
        var (first, second) = (nn.Linear(4, 6), nn.Linear(4, 6));
        using (no_grad())
        {
            var flat = rand(48);
            first.weight!.set_(flat.narrow(0, 0, 24).view(6, 4));
            second.weight!.set_(flat.narrow(0, 24, 24).view(4, 6).t());
        }

        Assert.Equal(["first", "second"], Branches(first, second).Plan().Groups.Select(group => group.Name));
    }

    /// <summary>Two layers side by side, each with a reader of its own.</summary>
    private static OperationNet Branches(Linear first, Linear second) => new(
        [2, 4],
        new() { ["first"] = first, ["second"] = second, ["a"] = nn.Linear(first.weight!.shape[0], 3), ["b"] = nn.Linear(second.weight!.shape[0], 3) },
        (m, x) => m["a"].call(m["first"].call(x)) + m["b"].call(m["second"].call(x)),
        (m, link, x) => link.Op("add", [link.Layer(m["a"], link.Layer(m["first"], x)), link.Layer(m["b"], link.Layer(m["second"], x))]));

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
