using static TorchSharp.torch;

namespace PruneGen;

/// <summary>
/// A × D: how much a neuron is active, times how much the loss answers to it, A = mean |a| and D = mean |∂L/∂a| over samples and positions, by the
/// loss of each sample, not of the batch. The scores of a group are divided by its largest, so that a threshold τ is a share of the best neuron's.
/// </summary>
/// <remarks>
/// <para>
/// The other form takes the product first, mean |a · ∂L/∂a|: a neuron that is active where the loss does not answer scores zero by it, and not by
/// A × D.
/// </para>
/// <para>
/// Both are measured where layers take the neuron in, behind its activation function. Where several layers do, what each of them tells is added up.
/// </para>
/// </remarks>
public sealed class ActivationDerivativeCriterion : ImportanceCriterion, IChannelCriterion
{
    internal static ActivationDerivativeCriterion OfMeans { get; } = new();

    internal static ActivationDerivativeCriterion OfProducts { get; } = new() { ProductFirst = true };

    /// <summary>Whether the product is taken of each sample, before the mean: <see cref="Criterion.ActivationDerivativeProduct"/>. False by default.</summary>
    public bool ProductFirst { get; init; }

    /// <summary>Whether the scores of a group are divided by its largest. True by default.</summary>
    public bool Normalized { get; init; } = true;

    /// <inheritdoc/>
    public override string Name =>
        (ProductFirst ? nameof(Criterion.ActivationDerivativeProduct) : nameof(Criterion.ActivationDerivative)) + (Normalized ? "" : ", not normalised");

    /// <inheritdoc/>
    public override CriterionNeeds Needs => CriterionNeeds.Labels | CriterionNeeds.Gradients | CriterionNeeds.Activations;

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">Nothing that could be observed takes a group in, or it was not observed.</exception>
    public double[][] ScoreChannels(ScoringContext context, IReadOnlyList<PruningGroup> groups)
    {
        var activations = groups.Select(group => new ChannelMeans(group.Width)).ToArray();
        var derivatives = groups.Select(group => new ChannelMeans(group.Width)).ToArray();
        var gates = new List<(string Reader, Tensor Gate, int Dim, IReadOnlyList<TappedGroup> Groups)>();
        using var inputs = new InputTaps(Name, groups, (reader, input, dim, channels) =>
        {
            ChannelMeans.Add(activations, reader, channels, Magnitudes(input.detach(), dim), input.numel() / input.size(dim));

            // The gradient of a one that multiplies is activation × derivative, that of a zero that is added the derivative.
            var gate = full_like(input, ProductFirst ? 1 : 0).detach().requires_grad_().DetachFromDisposeScope();
            gates.Add((reader, gate, dim, channels));
            return ProductFirst ? input * gate : input + gate;
        });
        foreach (var group in groups.Where(group => !inputs.Read(group)))
        {
            throw new InvalidOperationException(
                $"{Name} cannot score {group.Name}: no Linear, convolution or recurrent layer takes in what comes out of it, and there it is measured. "
                    + "Choose Taylor, L1 or L2 for it, or keep its width.");
        }

        try
        {
            context.ForEachBatch(Name, gradients: true, (results, batch) =>
            {
                var gradients = Gradients.Of(context.SummedLoss(results, batch), [.. gates.Select(gate => gate.Gate)]);
                foreach (var ((reader, gate, dim, channels), gradient) in gates.Zip(gradients))
                {
                    var sums = gradient is null ? zeros(gate.size(dim), ScalarType.Float64) : Magnitudes(gradient, dim);
                    ChannelMeans.Add(derivatives, reader, channels, sums, gate.numel() / gate.size(dim));
                }

                Release();
            });
        }
        finally
        {
            Release();
        }

        inputs.RequireAllObserved();
        return [.. activations.Zip(derivatives, Scores)];

        void Release()
        {
            gates.ForEach(gate => gate.Gate.Dispose());
            gates.Clear();
        }
    }

    private static Tensor Magnitudes(Tensor tensor, int dim) => ChannelSums.Rows(tensor, dim).abs().sum(1);

    private double[] Scores(ChannelMeans activations, ChannelMeans derivatives)
    {
        var derivative = derivatives.Layers().ToDictionary(layer => layer.Layer, layer => layer.Means, StringComparer.Ordinal);
        var parts = activations.Layers()
            .Select(layer => ProductFirst ? derivative[layer.Layer] : [.. layer.Means.Zip(derivative[layer.Layer], (a, d) => a * d)]).ToList();
        var scores = parts.Aggregate((sum, next) => [.. sum.Zip(next, (first, second) => first + second)]);
        var largest = scores.Max();
        return Normalized && largest > 0 ? Array.ConvertAll(scores, score => score / largest) : scores;
    }
}
