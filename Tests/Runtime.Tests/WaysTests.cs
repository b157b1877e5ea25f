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

    [Fact]
    public void A_way_that_is_not_understood_is_refused_although_the_other_is() =>
        Assert.Contains("no_such_operation", Assert.Throws<AxisException>(() => PruningPlan.Link(new TwoWays((link, x, _) => link.Op("no_such_operation", x)))).Message, StringComparison.Ordinal);

    private sealed class TwoWays : nn.Module<Tensor, Tensor>, IPrunable
    {
        public readonly Linear hidden = nn.Linear(4, 6);
        public readonly Linear output = nn.Linear(6, 2);
        private readonly Func<Linker, AxisTensor, TwoWays, AxisTensor> other;

        public TwoWays(Func<Linker, AxisTensor, TwoWays, AxisTensor> other)
            : base(nameof(TwoWays))
        {
            this.other = other;
            RegisterComponents();
        }

        public PruneOptions PruneDefaults { get; } = new();

        public int InputCount => 1;

        public override Tensor forward(Tensor input) => output.call(hidden.call(input));

        public object?[] Link(Linker link, LinkInputs inputs)
        {
            var x = link.Layer(hidden, inputs[0]);
            if (link.Holds(() => inputs[0].Size(0) > 1000))
            {
                return [other(link, x, this)];
            }

            return [link.Layer(output, x)];
        }
    }
}
