using PruneGen.Axes;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PruneGen.Runtime.Tests;

/// <summary>Conditions that linking cannot decide are followed both ways.</summary>
public class WaysTests
{
    [Fact]
    public void A_way_on_which_widths_disagree_is_one_that_forward_cannot_take() =>
        Assert.Equal(["hidden"], PruningPlan.Link(new TwoWays((link, x, model) => link.Layer(model.hidden, x))).Groups.Select(group => group.Name));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_way_that_forward_cannot_take_costs_nothing(bool tried)
    {
        // The layer that is called on either way is counted once.
        var model = new TwoWays((link, x, model) => link.Layer(tried ? model.hidden : model.output, x), either: true);
        Assert.Equal((4 * 6) + (6 * 2), PruningPlan.Link(model, null, [1L, 4]).Macs());
    }

    [Fact]
    public void A_way_that_is_not_understood_is_refused_although_the_other_is() =>
        Assert.Contains("no_such_operation", Assert.Throws<AxisException>(() => PruningPlan.Link(new TwoWays((link, x, _) => link.Op("no_such_operation", x)))).Message, StringComparison.Ordinal);

    private sealed class TwoWays : nn.Module<Tensor, Tensor>, IPrunable
    {
        public readonly Linear hidden = nn.Linear(4, 6);
        public readonly Linear output = nn.Linear(6, 2);
        private readonly Func<Linker, AxisTensor, TwoWays, AxisTensor> other;
        private readonly bool either;

        public TwoWays(Func<Linker, AxisTensor, TwoWays, AxisTensor> other, bool either = false)
            : base(nameof(TwoWays))
        {
            this.other = other;
            this.either = either;
            RegisterComponents();
        }

        public PruneOptions PruneDefaults { get; } = new();

        public int InputCount => 1;

        public override Tensor forward(Tensor input) => output.call(hidden.call(input));

        public object?[] Link(Linker link, LinkInputs inputs)
        {
            var x = link.Layer(hidden, inputs[0]);
            if (either ? link.Either("input is small") : link.Holds(() => inputs[0].Size(0) > 1000))
            {
                return [other(link, x, this)];
            }

            return [link.Layer(output, x)];
        }
    }
}
