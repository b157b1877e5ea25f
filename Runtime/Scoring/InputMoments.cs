using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>
/// The second moments of what the weights of a layer multiply, H = (1/N) Σ x xᵀ over N samples and all positions, in float64: by how much the outputs
/// change, Σ (Δw x)² / N, is Δw H Δwᵀ for each row of the weight.
/// </summary>
internal static class InputMoments
{
    // So many numbers of unfolded inputs are held at a time.
    private const long AtOnce = 1 << 23;

    /// <summary>For each weight its H, [groups, columns, columns], a row of the weight being [columns]; on the CPU.</summary>
    /// <param name="context">The model, and data to run it over.</param>
    /// <param name="criterion">Who asks, for messages.</param>
    /// <param name="weights">The weights, of Linear layers and of one- and two-dimensional convolutions.</param>
    /// <exception cref="InvalidOperationException">A layer is another, or was not observed, or there is no data.</exception>
    public static Tensor[] Of(ScoringContext context, string criterion, IReadOnlyList<PlannedParameter> weights)
    {
        if (weights.FirstOrDefault(weight => weight.Name != "weight" || !IsKnown(weight.Module)) is { } other)
        {
            throw new InvalidOperationException(
                $"{criterion} cannot score {other.Path}: it takes in what Linear layers multiply, and one- and two-dimensional convolutions padded with zeros "
                    + $"by numbers, and this is of a {other.Module.GetType().Name}. Choose L1, L2 or Random for it.");
        }

        var sums = new Tensor?[weights.Count];
        var samples = LayerInputs.Observe(context, criterion, weights, (i, input) =>
        {
            var groups = weights[i].Module is Convolution convolution ? convolution.groups : 1;
            var width = weights[i].Tensor.numel() / weights[i].Shape[0];
            var sum = sums[i] ??= zeros([groups, width, width], ScalarType.Float64, input.device).DetachFromDisposeScope();
            ForEachPart(weights[i].Module, input.detach(), columns => sum.add_(columns.matmul(columns.transpose(1, 2))));
        });
        return Array.ConvertAll(sums, sum =>
        {
            using (sum)
            {
                return (sum! / samples).cpu();
            }
        });
    }

    /// <summary>A weight as the rows that multiply the columns, [groups, outputs of a group, columns], float64 on the CPU.</summary>
    public static Tensor Rows(PlannedParameter weight, Tensor values)
    {
        var groups = weight.Module is Convolution convolution ? convolution.groups : 1;
        return values.detach().cpu().to_type(ScalarType.Float64).reshape(groups, values.size(0) / groups, -1);
    }

    private static bool IsKnown(nn.Module layer) => layer is Linear
        or Conv1d { padding: not null, padding_mode: PaddingModes.Zeros } or Conv2d { padding: not null, padding_mode: PaddingModes.Zeros };

    /// <summary>What the rows of a layer's weight multiply, some samples at a time: [groups, columns, samples × positions], float64.</summary>
    private static void ForEachPart(nn.Module layer, Tensor input, Action<Tensor> visit)
    {
        if (layer is Linear)
        {
            visit(input.reshape(-1, input.size(-1)).to_type(ScalarType.Float64).t().unsqueeze(0));
            return;
        }

        // One dimension is two of which one has the length 1.
        var convolution = (Convolution)layer;
        var isFlat = layer is Conv1d;
        var batch = input.dim() == (isFlat ? 2 : 3) ? input.unsqueeze(0) : input;
        batch = isFlat ? batch.unsqueeze(2) : batch;
        var (kernel, stride, padding, dilation) =
            (Both(convolution.kernel_size, 1), Both(convolution.stride, 1), Both(convolution.padding!, 0), Both(convolution.dilation, 1));
        var positions = Places(batch.size(2), 0) * Places(batch.size(3), 1);
        var atOnce = Math.Max(1, AtOnce / Math.Max(1, batch.size(1) * kernel.Item1 * kernel.Item2 * positions));
        for (var start = 0L; start < batch.size(0); start += atOnce)
        {
            using var scope = NewDisposeScope();
            var some = batch.narrow(0, start, Math.Min(atOnce, batch.size(0) - start)).to_type(ScalarType.Float64);
            var columns = nn.functional.unfold(some, kernel, dilation, padding, stride);
            var byGroup = columns.reshape(columns.size(0), convolution.groups, -1, columns.size(2));
            visit(byGroup.permute(1, 2, 0, 3).reshape(convolution.groups, byGroup.size(2), -1));
        }

        (long, long) Both(long[] sizes, long none) => isFlat ? (none, sizes[0]) : (sizes[0], sizes[1]);

        long Places(long length, int dim)
        {
            var (k, s, p, d) = dim == 0
                ? (kernel.Item1, stride.Item1, padding.Item1, dilation.Item1)
                : (kernel.Item2, stride.Item2, padding.Item2, dilation.Item2);
            return ((length + (2 * p) - (d * (k - 1)) - 1) / s) + 1;
        }
    }
}
