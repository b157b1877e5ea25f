using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PruneGen.Runtime.Tests;

/// <summary>What is ranked together, and by what: importance, importance for its cost, among groups of one structure.</summary>
public sealed partial class ScopeTests
{
    [Theory]

    // With equal scores the dearest go first. A channel of conv1 costs 25·576 + 50·25·64 = 94,400 multiply-accumulates, one of conv2
    // 20·25·64 + 16·500 = 40,000, a neuron of fc1 810; of parameters 26 + 1,250, 501 + 8,000 and 811. 30 of 570 go, and one of each stays.
    [InlineData(Scope.GlobalByMacs, 1, 39, 500)]
    [InlineData(Scope.GlobalByParameters, 20, 20, 500)]
    public void What_costs_most_goes_first_where_importance_is_the_same(Scope scope, int conv1, int conv2, int fc1)
    {
        using var tensors = NewDisposeScope();
        var options = new PruneOptions { Ratio = 30 / 570.0, Scope = scope, Criterion = new Same() };
        using var importance = Importance.Of(new LeNet().Plan(options));
        using var selection = Selection.Of(importance);
        Assert.Equal((conv1, conv2, fc1), (selection.Kept["conv1"].Length, selection.Kept["conv2"].Length, selection.Kept["fc1"].Length));
    }

    [Fact]
    public void Without_the_shape_of_the_input_no_multiply_accumulates_are_known()
    {
        using var tensors = NewDisposeScope();
        using var importance = Importance.Of(PruningPlan.Link(new LeNet(), new PruneOptions { Scope = Scope.GlobalByMacs }));
        Assert.Contains("no shape of the input was given", Assert.Throws<InvalidOperationException>(() => Selection.Of(importance)).Message);
    }

    [Fact]
    public void Single_weights_cost_no_fewer_multiply_accumulates_when_they_are_zero()
    {
        using var tensors = NewDisposeScope();
        var options = new PruneOptions { Granularity = Granularity.Unstructured, Scope = Scope.GlobalByMacs };
        using var importance = Importance.Of(new LeNet().Plan(options));
        Assert.Contains("choose Global or GlobalByParameters", Assert.Throws<InvalidOperationException>(() => Selection.Of(importance)).Message);
    }

    [Fact]
    public void Groups_of_one_structure_are_ranked_together_and_no_others()
    {
        using var tensors = NewDisposeScope();
        var model = new Alike();
        using (no_grad())
        {
            model.first.weight!.fill_(0.1f);
            model.conv.weight!.fill_(0.01f);
        }

        using var importance = Importance.Of(model.Plan(new PruneOptions { Scope = Scope.Isomorphic, Criterion = new Weight() }));
        using var selection = Selection.Of(importance);

        // first and second: 8 of 16 go, and all but one of them from first, which is smaller. conv is alone: half of it goes.
        Assert.Equal((1, 7, 2), (selection.Kept["first"].Length, selection.Kept["second"].Length, selection.Kept["conv"].Length));
    }

    private sealed class Same : ImportanceCriterion, IChannelCriterion
    {
        public override bool OnOneScale => true;

        public double[][] ScoreChannels(ScoringContext context, IReadOnlyList<PruningGroup> groups) =>
            [.. groups.Select(group => Enumerable.Repeat(1.0, (int)group.Width).ToArray())];
    }

    /// <summary>The largest weight that makes a channel.</summary>
    private sealed class Weight : ImportanceCriterion, IChannelCriterion
    {
        public override bool OnOneScale => true;

        public double[][] ScoreChannels(ScoringContext context, IReadOnlyList<PruningGroup> groups) =>
        [
            .. groups.Select(group => Pruned.Values(group.Members.First(member => member.Role == MemberRole.Produces).Parameter.Tensor.abs().flatten(1).amax([1]))),
        ];
    }

    [Prunable]
    private sealed partial class Alike : TestModel
    {
        public readonly Conv2d conv = nn.Conv2d(1, 4, 1);
        public readonly Linear first = nn.Linear(4, 8);
        public readonly Linear second = nn.Linear(8, 8);
        public readonly Linear head = nn.Linear(8, 3);

        public Alike()
            : base(nameof(Alike)) => Initialise(1);

        public override long[] InputShape => [2, 1, 3, 3];

        public override Tensor forward(Tensor input) => head.call(second.call(first.call(conv.call(input).mean([2, 3])).relu()).relu());
    }
}
