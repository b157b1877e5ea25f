using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using System.Text;
using TorchSharp;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>What processes tell each other: what process 0 found, gradients, weights.</summary>
internal static class Ranks
{
    // Spans count in int32; messages of this many bytes are large enough for any network.
    private const long Piece = 1L << 28;
    private const string Root = "Process 0";

    /// <summary>The processes that train together; null where there is one, or process 0 does something by itself.</summary>
    public static Communicator? Of(RetrainOptions options) => options.Communicator is { Size: > 1, IsAlone: false } all ? all : null;

    /// <summary>Whether this is process 0, or the only one.</summary>
    public static bool IsRoot(RetrainOptions options) => options.Communicator is null or { Rank: 0 };

    /// <exception cref="InvalidOperationException">Several processes are to do together what one does.</exception>
    public static void RequireOne(RetrainOptions options, string method)
    {
        if (Of(options) is { } all)
        {
            throw new InvalidOperationException(
                $"{method} runs in one process, and {nameof(RetrainOptions.Communicator)} has {all.Size}; leave it out of these options, and give what one "
                    + "process finds to the PruneAndRetrain of all.");
        }
    }

    /// <summary>Gives each process what process 0 makes.</summary>
    /// <param name="all">The processes.</param>
    /// <param name="make">Makes it, in process 0 alone.</param>
    /// <exception cref="InvalidOperationException">Process 0 failed; there it throws what it failed of.</exception>
    public static byte[] FromRoot(this Communicator all, Func<byte[]> make)
    {
        byte[]? bytes = null;
        ExceptionDispatchInfo? failure = null;
        if (all.Rank == 0)
        {
            try
            {
                bytes = all.Alone(make);
            }
            catch (Exception error)
            {
                failure = ExceptionDispatchInfo.Capture(error);
                bytes = Encoding.UTF8.GetBytes(error.Message);
            }
        }

        var header = new long[] { bytes?.Length ?? 0, failure is null ? 0 : 1 };
        all.Broadcast(MemoryMarshal.AsBytes(header.AsSpan()));
        bytes ??= new byte[header[0]];
        all.BroadcastAll(bytes);
        failure?.Throw();
        return header[1] == 0 ? bytes : throw new InvalidOperationException($"{Root} failed: {Encoding.UTF8.GetString(bytes)}");
    }

    /// <summary>Gives each process the values that process 0 has, in place.</summary>
    /// <param name="all">The processes.</param>
    /// <param name="values">In main memory.</param>
    public static void Broadcast(this Communicator all, Tensor values)
    {
        using var rows = values.contiguous();
        var bytes = rows.bytes.ToArray();
        all.BroadcastAll(bytes);
        bytes.CopyTo(rows.bytes);
        values.copy_(rows);
    }

    private static void BroadcastAll(this Communicator all, byte[] bytes)
    {
        for (long start = 0; start < bytes.Length; start += Piece)
        {
            all.Broadcast(bytes.AsSpan((int)start, (int)Math.Min(Piece, bytes.Length - start)));
        }
    }

    /// <summary>Has process 0, or the only one, do something; the others wait until it is done, and have null.</summary>
    public static T? AtRoot<T>(RetrainOptions options, Func<T> work)
        where T : class
    {
        if (Of(options) is not { } all)
        {
            return work();
        }

        T? result = null;
        all.FromRoot(() =>
        {
            result = work();
            return [];
        });
        return result;
    }

    /// <exception cref="InvalidOperationException">Process 0 has another text.</exception>
    public static void RequireSame(this Communicator all, string what, string text)
    {
        var given = Encoding.UTF8.GetString(all.FromRoot(() => Encoding.UTF8.GetBytes(text)));
        if (given != text)
        {
            throw new InvalidOperationException(
                $"Process {all.Rank} does not train what process 0 does: {what} there {given}; {what} here {text}. Give all the same model, data and options.");
        }
    }

    /// <summary>Adds up the numbers of all processes, in place.</summary>
    /// <param name="all">The processes.</param>
    /// <param name="flat">[n] float32 or float64, contiguous, in main memory.</param>
    public static void Sum(this Communicator all, Tensor flat)
    {
        var most = Piece / flat.ElementSize;
        for (long start = 0; start < flat.numel(); start += most)
        {
            using var piece = flat.narrow(0, start, Math.Min(most, flat.numel() - start));
            if (flat.dtype == ScalarType.Float64)
            {
                all.Sum(MemoryMarshal.Cast<byte, double>(piece.bytes));
            }
            else
            {
                all.Sum(MemoryMarshal.Cast<byte, float>(piece.bytes));
            }
        }
    }

    /// <summary>The means of tensors over all processes, by one sum.</summary>
    /// <param name="all">The processes.</param>
    /// <param name="tensors">The tensors of this process, null for one that it does not have, each with one of the shape, type and place of the result.</param>
    /// <param name="weight">How much this process counts; those of all add up to 1.</param>
    /// <returns>The means, null for those that no process has. They have their memory in common.</returns>
    public static Tensor?[] Mean(this Communicator all, IReadOnlyList<(Tensor? Value, Tensor Like)> tensors, double weight)
    {
        var type = tensors.Any(entry => entry.Like.dtype == ScalarType.Float64) ? ScalarType.Float64 : ScalarType.Float32;
        Tensor[] parts =
        [
            .. tensors.Select(entry => entry.Value is null ? zeros(entry.Like.numel(), type, entry.Like.device) : Dense(entry.Value).flatten().to_type(type)),
            tensor(tensors.Select(entry => entry.Value is null ? 0.0 : 1).ToArray(), type),
        ];

        // What lies in one place is brought together there.
        var places = Enumerable.Range(0, parts.Length).GroupBy(i => parts[i].device.ToString()).ToList();
        var joined = places.ConvertAll(place => cat([.. place.Select(i => parts[i])]).cpu());
        var flat = (joined.Count == 1 ? joined[0] : cat(joined)).mul_(weight);
        all.Sum(flat);
        var (sums, offset) = (new Tensor[parts.Length], 0L);
        foreach (var i in places.SelectMany(place => place))
        {
            sums[i] = flat.narrow(0, offset, parts[i].numel());
            offset += parts[i].numel();
        }

        var isThere = sums[^1].to_type(ScalarType.Float64).data<double>().ToArray();
        return
        [
            .. tensors.Select((entry, i) => isThere[i] == 0 ? null : sums[i].reshape(entry.Like.shape).to_type(entry.Like.dtype).to(entry.Like.device)),
        ];
    }

    /// <summary>Gives each process the weights, buffers and held weights that process 0 has.</summary>
    /// <param name="all">The processes.</param>
    /// <param name="model">The model of this process.</param>
    /// <param name="when">When that is, for the message, where weights should be the same but for rounding already; null where they need not.</param>
    /// <exception cref="InvalidOperationException">They are not.</exception>
    public static void Unify(this Communicator all, nn.Module model, string? when = null)
    {
        using var scope = NewDisposeScope();
        using var noGradients = no_grad();
        var bytes = all.FromRoot(() => TensorArchive<string>.ToBytes("weights", RanksJson.Default.String, ModelTensors.Of(model)));
        if (all.Rank == 0)
        {
            return;
        }

        using var root = TensorArchive<string>.FromBytes(bytes, RanksJson.Default.String);
        if (when is not null && ComeApart(ModelTensors.Of(model), root.Tensors) is string what)
        {
            throw new InvalidOperationException(
                $"{what} in process {all.Rank} {when}. All processes take the same steps, so something moves weights by what one process alone knows: give "
                    + $"each the same data and callbacks; in a callback of your own average what it learns by {nameof(TrainingContext.AverageGradients)}.");
        }

        // Masks that are what they should be belong to whoever made them, and stay.
        var held = ModelTensors.Of(model).Where(entry => ModelTensors.IsMask(entry.Key)).ToList();
        if (held.Count == root.Tensors.Keys.Count(ModelTensors.IsMask)
            && held.TrueForAll(entry => IsSame(entry.Value, root.Tensors.GetValueOrDefault(entry.Key))))
        {
            ModelTensors.PutValues(model, root.Tensors, Root);
        }
        else
        {
            ModelTensors.Put(model, root.Tensors, Root);
        }
    }

    private static bool IsSame(Tensor mask, Tensor? other) => other is not null && mask.cpu().Equals(other);

    private static Tensor Dense(Tensor tensor) => tensor.is_sparse ? tensor.to_dense() : tensor;

    /// <summary>What of a model is not what it is in process 0; null where all is.</summary>
    private static string? ComeApart(IReadOnlyDictionary<string, Tensor> here, IReadOnlyDictionary<string, Tensor> root)
    {
        const double Rounding = 1e-2;
        foreach (var name in here.Keys.Union(root.Keys))
        {
            if (!here.TryGetValue(name, out var own) || !root.TryGetValue(name, out var theirs))
            {
                return $"{name} is {(here.ContainsKey(name) ? "there, and not in process 0," : "missing, unlike in process 0,")}";
            }

            if (!own.is_floating_point() || !own.requires_grad)
            {
                // Buffers may be what a process has seen of its own data; masks may not.
                if (ModelTensors.IsMask(name) && !IsSame(own, theirs))
                {
                    return $"{name} is not what it is in process 0";
                }

                continue;
            }

            var difference = (own.detach().cpu() - theirs).abs().max().to_type(ScalarType.Float64).item<double>();
            var largest = theirs.abs().max().to_type(ScalarType.Float64).item<double>();
            if (difference > Rounding * largest)
            {
                return FormattableString.Invariant($"{name} differs from that in process 0 by up to {difference:g3}, with {largest:g3} for the largest,");
            }
        }

        return null;
    }
}
