using System.Runtime.CompilerServices;
using TorchSharp;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>
/// Sets what a selection removes to zero and holds it there while the model is trained. Every slice that a removed channel
/// touches is zero, those of the layers that read it included, so that the masked model answers as the compacted one would.
/// </summary>
public sealed class PruneMask : IDisposable
{
    // What was held before a mask was applied, by that mask: released in whatever order, each leaves what is under it.
    private static readonly ConditionalWeakTable<Tensor, Tensor> Under = [];

    private readonly List<(PlannedParameter Parameter, Tensor Mask)> parameters = [];
    private readonly List<(PlannedParameter Parameter, Tensor Mask)> buffers = [];
    private readonly List<(PlannedParameter Parameter, Tensor Values)> values = [];

    private PruneMask(PruneSelection? selection)
    {
        Selection = selection;
    }

    /// <summary>What the mask was made from; null for the rest of a mask that is left after compaction.</summary>
    public PruneSelection? Selection { get; }

    /// <summary>What the mask was made from.</summary>
    /// <exception cref="InvalidOperationException">It is the rest of a mask that is left after compaction.</exception>
    internal PruneSelection RequireSelection() => Selection
        ?? throw new InvalidOperationException("This mask is what an earlier compaction left; there is nothing more to remove by it. Make a new selection.");

    /// <summary>The masked parameters, by path: one where a weight stays and zero where it goes, in the parameter's shape.</summary>
    public IReadOnlyDictionary<string, Tensor> Parameters =>
        parameters.ToDictionary(entry => entry.Parameter.Path, entry => entry.Mask, StringComparer.Ordinal);

    /// <summary>Makes the masks of a selection. The model stays as it is until <see cref="Apply"/>.</summary>
    /// <param name="selection">What stays; it stays the caller's.</param>
    /// <exception cref="InvalidOperationException">The model was changed since the selection was made.</exception>
    public static PruneMask Of(PruneSelection selection)
    {
        Compaction.RequireUnchanged(selection.Plan);
        using var scope = NewDisposeScope();
        using var noGradients = no_grad();
        var mask = new PruneMask(selection);
        var positions = selection.KeptPositions();
        foreach (var parameter in selection.Plan.Parameters)
        {
            var single = selection.Weights.GetValueOrDefault(parameter.Path) ?? WeightMasks.Of(parameter.Module, parameter.Name);
            if (positions.TryGetValue(parameter, out var dims) || single is not null)
            {
                mask.Add(parameter, MaskOf(parameter.Tensor, dims, single));
            }

            if (selection.ValuesOf(parameter) is { } values)
            {
                mask.values.Add((parameter, values.clone().DetachFromDisposeScope()));
            }
        }

        return mask;
    }

    /// <summary>
    /// Sets everything that goes to zero, in place; running means too, so that what BatchNorm subtracts is zero. Where the criterion makes good for
    /// what goes, the weights that stay get their new values, once. From now on whatever trains the model holds the zeros, until the mask is disposed of or
    /// the model is compacted by it.
    /// </summary>
    /// <exception cref="InvalidOperationException">The model was changed since the mask was made.</exception>
    public void Apply()
    {
        if (Selection is not null)
        {
            Compaction.RequireUnchanged(Selection.Plan);
        }

        Write();
        foreach (var (parameter, mask) in parameters)
        {
            if (WeightMasks.Of(parameter.Module, parameter.Name) is { } held && !ReferenceEquals(held, mask))
            {
                Under.AddOrUpdate(mask, held);
            }

            WeightMasks.Set(parameter.Module, parameter.Name, mask);
        }

        if (Selection is not null)
        {
            Selection.IsWritten = true;
        }
    }

    /// <summary>Gives the model the values of one that is masked.</summary>
    internal void Write()
    {
        using var noGradients = no_grad();
        foreach (var (parameter, given) in values)
        {
            parameter.Tensor.copy_(given);
            given.Dispose();
        }

        values.Clear();
        Hold();
        foreach (var (buffer, mask) in buffers)
        {
            buffer.Tensor.mul_(mask);
        }
    }

    /// <summary>Sets the masked weights to zero again, after an optimizer has moved them: one multiplication a parameter.</summary>
    public void Hold()
    {
        using var noGradients = no_grad();
        Holder()();
    }

    /// <summary>
    /// The same for the inner loop of a training run: the live parameters and the masks on their device are looked up once.
    /// To be called without gradients.
    /// </summary>
    internal Action Holder()
    {
        var pairs = parameters.Select(entry => (entry.Parameter.Tensor, OnDeviceOf(entry.Parameter))).ToArray();
        return () =>
        {
            foreach (var (tensor, mask) in pairs)
            {
                tensor.mul_(mask);
            }
        };
    }

    /// <summary>What is left of single weights' masks after compaction, for the smaller parameters.</summary>
    internal static PruneMask? Remainder(IEnumerable<(PlannedParameter Parameter, Tensor Mask)> entries)
    {
        var mask = new PruneMask(selection: null);
        foreach (var (parameter, tensor) in entries)
        {
            mask.Add(parameter, tensor);
        }

        return mask.parameters.Count > 0 ? mask : null;
    }

    /// <summary>The mask of one parameter; null where nothing of it is masked.</summary>
    internal Tensor? Of(PlannedParameter parameter) => parameters.Find(entry => entry.Parameter == parameter).Mask;

    /// <summary>
    /// Releases the masks. What they have set to zero stays zero until it is trained; what was held before they were applied is held again.
    /// </summary>
    public void Dispose()
    {
        foreach (var (parameter, mask) in parameters.Where(entry => ReferenceEquals(WeightMasks.Of(entry.Parameter.Module, entry.Parameter.Name), entry.Mask)))
        {
            var held = mask;
            do
            {
                held = Under.TryGetValue(held, out var under) ? under : null;
            }
            while (held is { IsInvalid: true });

            WeightMasks.Set(parameter.Module, parameter.Name, held);
        }

        foreach (var (_, mask) in parameters.Concat(buffers).Concat(values))
        {
            mask.Dispose();
        }
    }

    private void Add(PlannedParameter parameter, Tensor mask)
    {
        if (!parameter.IsBuffer)
        {
            parameters.Add((parameter, mask.DetachFromDisposeScope()));
        }
        else if (parameter.Name != "running_var")
        {
            // A variance divides; the channel is zero whatever it is.
            buffers.Add((parameter, mask.DetachFromDisposeScope()));
        }
    }

    /// <summary>The mask where its parameter is now, if the model has moved to another device.</summary>
    private Tensor OnDeviceOf(PlannedParameter parameter)
    {
        var i = parameters.FindIndex(entry => entry.Parameter == parameter);
        var mask = parameters[i].Mask;
        var tensor = parameter.Tensor;
        if (mask.device_type != tensor.device_type || mask.device_index != tensor.device_index)
        {
            parameters[i] = (parameter, mask.to(tensor.device).DetachFromDisposeScope());
            if (ReferenceEquals(WeightMasks.Of(parameter.Module, parameter.Name), mask))
            {
                if (Under.TryGetValue(mask, out var under))
                {
                    Under.AddOrUpdate(parameters[i].Mask, under);
                }

                WeightMasks.Set(parameter.Module, parameter.Name, parameters[i].Mask);
            }

            mask.Dispose();
        }

        return parameters[i].Mask;
    }

    private static Tensor MaskOf(Tensor tensor, long[]?[]? positions, Tensor? single)
    {
        var mask = single is null ? ones_like(tensor) : single.to(tensor.dtype, tensor.device, copy: true);
        for (var dim = 0; dim < (positions?.Length ?? 0); dim++)
        {
            if (positions![dim] is not long[] kept)
            {
                continue;
            }

            var shape = Enumerable.Repeat(1L, positions.Length).ToArray();
            shape[dim] = tensor.size(dim);
            var stays = zeros(shape[dim], tensor.dtype, tensor.device).index_fill_(0, torch.tensor(kept, device: tensor.device), 1);
            mask = mask * stays.reshape(shape);
        }

        return mask;
    }
}
