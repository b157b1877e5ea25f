using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>One batch: what <c>forward</c> takes, and what it should have answered.</summary>
/// <param name="Inputs">One tensor an input of <c>forward</c>, the batch in dimension 0.</param>
/// <param name="Targets">One tensor or more: class indices (int64), or values (floating) in the shape of the model's result. None where nobody looks at them:
/// for criteria without labels, and for the calibration of ranges.</param>
public readonly record struct Batch(Tensor[] Inputs, params Tensor[] Targets)
{
    /// <summary>The first target; of a model with one result it is the only one.</summary>
    /// <exception cref="InvalidOperationException">There are no targets.</exception>
    public Tensor Target
    {
        get
        {
            LossFunctions.RequireTargets(Targets);
            return Targets[0];
        }
    }

    /// <summary>What a model answers to it.</summary>
    /// <exception cref="InvalidOperationException">The model cannot be called with such inputs.</exception>
    internal Tensor[] Through(Func<Tensor[], Tensor[]> forward)
    {
        try
        {
            return forward(Inputs);
        }
        catch (ExternalException error) when (!error.Message.Contains("memory", StringComparison.Ordinal))
        {
            var given = string.Join(" and ", Inputs.Select(input => $"[{string.Join(", ", input.shape)}] of {input.dtype} on {input.device}"));
            throw new InvalidOperationException(
                $"The model cannot be called with a batch of the data, {given}: {error.Message.Split('\n')[0].TrimEnd('.')}. Give inputs in the shape "
                    + "and of the element type that forward takes.",
                error);
        }
    }

    /// <summary>Which samples of the data these are, [batch], where all are tensors in memory; null where that is not known.</summary>
    internal Tensor? Samples { get; init; }

    /// <summary>Number of samples.</summary>
    public long Size => Targets.Concat(Inputs).FirstOrDefault() is not { } first ? 0 : first.dim() == 0 ? 1 : first.size(0);
}

/// <summary>Data in batches, labelled where somebody looks at labels, from tensors in memory, from a data loader, or from any enumerable.</summary>
public abstract class TrainingData
{
    private int? counted;
    private long? countedSamples;

    private protected TrainingData()
    {
    }

    /// <summary>Takes all samples from tensors. They stay the caller's, on the device where they are.</summary>
    /// <param name="x">The inputs, [samples, …].</param>
    /// <param name="y">The targets, [samples] or [samples, …].</param>
    /// <param name="batchSize">Samples in a batch; the last one of an epoch may be smaller.</param>
    /// <param name="shuffle">Whether each epoch draws a new order.</param>
    /// <exception cref="ArgumentException">There is no sample, or the numbers of samples differ.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="batchSize"/> is below 1.</exception>
    public static TrainingData FromTensors(Tensor x, Tensor y, int batchSize = 64, bool shuffle = true) =>
        new TensorData([x], [y], batchSize, shuffle);

    /// <summary>Takes all samples from tensors, for a model of several inputs.</summary>
    /// <param name="inputs">One tensor an input of <c>forward</c>, each [samples, …].</param>
    /// <inheritdoc cref="FromTensors(Tensor, Tensor, int, bool)"/>
    /// <param name="y"/><param name="batchSize"/><param name="shuffle"/>
    public static TrainingData FromTensors(Tensor[] inputs, Tensor y, int batchSize = 64, bool shuffle = true) =>
        new TensorData(inputs, [y], batchSize, shuffle);

    /// <summary>Takes all samples from tensors, for a model of several inputs and results.</summary>
    /// <param name="inputs">One tensor an input of <c>forward</c>, each [samples, …].</param>
    /// <param name="targets">What the loss compares the results with, each [samples, …].</param>
    /// <inheritdoc cref="FromTensors(Tensor, Tensor, int, bool)"/>
    /// <param name="batchSize"/><param name="shuffle"/>
    public static TrainingData FromTensors(Tensor[] inputs, Tensor[] targets, int batchSize = 64, bool shuffle = true) =>
        new TensorData(inputs, targets, batchSize, shuffle);

    /// <summary>
    /// Cuts few samples into parts for cross-validation: each part is once the test data, the next one the validation data, and the rest is trained on.
    /// Compare on each, and take the results together by <see cref="ComparisonResult.Together"/>.
    /// </summary>
    /// <param name="x">The inputs, [samples, …]; they stay the caller's, and each fold copies them.</param>
    /// <param name="y">The targets, [samples] or [samples, …].</param>
    /// <param name="folds">How many parts, at least 3 and at most as many as there are samples.</param>
    /// <param name="batchSize">Samples in a batch.</param>
    /// <param name="seed">The seed of the order in which the samples are dealt out.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are fewer than 3 parts, or more than samples.</exception>
    public static IReadOnlyList<(TrainingData Train, TrainingData Validation, TrainingData Test)> Folds(
        Tensor x, Tensor y, int folds = 5, int batchSize = 64, int seed = 0)
    {
        var samples = y.size(0);
        if (folds < 3 || folds > samples)
        {
            throw new ArgumentOutOfRangeException(
                nameof(folds), folds, $"{samples} samples are to be cut into {folds} parts; give 3 or more, and no more than there are samples.");
        }

        using var generator = new Generator((ulong)seed, CPU);
        using var order = randperm(samples, ScalarType.Int64, CPU, generator: generator);
        var dealt = order.data<long>().ToArray();
        TrainingData Of(bool shuffle, Func<int, bool> wanted)
        {
            using var places = tensor(dealt.Where((_, i) => wanted(i % folds)).ToArray(), device: y.device);
            return FromTensors(x.index_select(0, places), y.index_select(0, places), batchSize, shuffle);
        }

        return
        [
            .. Enumerable.Range(0, folds).Select(fold => (
                Of(true, part => part != fold && part != (fold + 1) % folds), Of(false, part => part == (fold + 1) % folds), Of(false, part => part == fold))),
        ];
    }

    /// <summary>Takes the batches of an enumerable, which is enumerated once an epoch.</summary>
    /// <param name="batches">Gives the batches of one epoch.</param>
    /// <param name="count">Their number; without it they are enumerated once more to count them where a schedule needs the number.</param>
    /// <param name="dispose">Whether a batch is disposed of after its use. Say so where each epoch makes new tensors; the default
    /// leaves them to the caller.</param>
    public static TrainingData FromBatches(Func<IEnumerable<(Tensor x, Tensor y)>> batches, int? count = null, bool dispose = false) =>
        new EnumeratedData(() => batches().Select(batch => new Batch([batch.x], batch.y)), count, dispose);

    /// <summary>Takes the batches of an enumerable, for a model of several inputs.</summary>
    /// <inheritdoc cref="FromBatches(Func{IEnumerable{ValueTuple{Tensor, Tensor}}}, int?, bool)"/>
    public static TrainingData FromBatches(Func<IEnumerable<Batch>> batches, int? count = null, bool dispose = false) =>
        new EnumeratedData(batches, count, dispose);

    /// <summary>Takes the batches of a data loader, which disposes of them (or not) and shuffles (or not) as it was told.</summary>
    /// <param name="loader">The loader. For repeatable results give it a seed of its own.</param>
    /// <param name="input">The key of the inputs.</param>
    /// <param name="label">The key of the targets.</param>
    public static TrainingData FromLoader(DataLoader loader, string input = "data", string label = "label")
    {
        Tensor Entry(Dictionary<string, Tensor> batch, string key) => batch.TryGetValue(key, out var found)
            ? found
            : throw new InvalidOperationException(
                $"The data loader gives no '{key}' but {string.Join(", ", batch.Keys)}; name the keys in FromLoader(loader, input, label).");
        return new EnumeratedData(
            () => loader.Select(batch => new Batch([Entry(batch, input)], Entry(batch, label))), checked((int)loader.Count), dispose: false);
    }

    /// <summary>Takes the batches of a data loader over lists of tensors, such as those of a <c>TensorDataset</c>.</summary>
    /// <param name="loader">The loader. For repeatable results give it a seed of its own.</param>
    /// <param name="input">Position of the inputs in the list.</param>
    /// <param name="label">Position of the targets in the list.</param>
    public static TrainingData FromLoader(IterableDataLoader loader, int input = 0, int label = 1)
    {
        Tensor Entry(IList<Tensor> batch, int index) => index >= 0 && index < batch.Count
            ? batch[index]
            : throw new InvalidOperationException(
                $"The data loader gives {batch.Count} tensors a batch, so there is none at position {index}; name the positions in FromLoader(loader, "
                    + $"input, label).");
        return new EnumeratedData(
            () => loader.Select(batch => new Batch([Entry(batch, input)], Entry(batch, label))), checked((int)loader.Count), dispose: false);
    }

    /// <summary>The batches of one epoch. A batch may be used until the next one is asked for.</summary>
    /// <param name="epoch">Which epoch, from 0.</param>
    /// <param name="seed">With the epoch it decides the order of the samples, where they are shuffled.</param>
    public abstract IEnumerable<Batch> Batches(int epoch = 0, int seed = 0);

    /// <summary>Number of batches in an epoch.</summary>
    public int CountBatches() => counted ??= KnownCount ?? Batches().Count();

    /// <summary>Number of batches in an epoch where it can be told without drawing them.</summary>
    internal abstract int? KnownCount { get; }

    /// <summary>Number of samples in an epoch.</summary>
    internal virtual long CountSamples() => countedSamples ??= Batches().Sum(batch => batch.Size);

    /// <summary>
    /// What tells the data from other data, as text: tensors by their values; batches that come from elsewhere, which may be shuffled or drawn anew each time,
    /// by their number and what the first looks like.
    /// </summary>
    internal virtual string Fingerprint()
    {
        using var scope = NewDisposeScope();
        static string Of(Tensor tensor) => $"{tensor.dtype} [{string.Join(", ", tensor.shape)}]";
        var first = Batches().Select(batch => string.Join(", ", batch.Inputs.Concat(batch.Targets).Select(Of))).FirstOrDefault();
        return $"{KnownCount?.ToString(CultureInfo.InvariantCulture) ?? "?"} batches of {first}";
    }

    /// <summary>Whether some target may be one that the default loss passes over.</summary>
    internal virtual bool MayPassOver => true;

    /// <summary>How many inputs a batch has; null where one would have to be taken to tell, which may be another one the next time.</summary>
    internal virtual int? InputCount => null;

    /// <summary>The shapes of the first batch's inputs; none where there is no batch.</summary>
    internal long[][] FirstShapes() => Batches().Select(batch => Array.ConvertAll(batch.Inputs, input => input.shape)).FirstOrDefault() ?? [];

    private sealed class TensorData : TrainingData
    {
        private readonly Tensor[] inputs;
        private readonly Tensor[] targets;
        private readonly int batchSize;
        private readonly bool shuffle;
        private readonly long samples;

        public TensorData(Tensor[] inputs, Tensor[] targets, int batchSize, bool shuffle)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
            if (inputs.Length == 0 || targets.Length == 0 || inputs.Concat(targets).Any(tensor => tensor.dim() == 0 || tensor.size(0) == 0))
            {
                throw new ArgumentException(
                    "There is no sample in the data; give at least one tensor of inputs, and targets, with one sample or more in dimension 0.");
            }

            samples = targets[0].size(0);
            var device = targets[0].device;
            foreach (var other in targets.Where(target => target.size(0) != samples))
            {
                throw new ArgumentException($"There are {other.size(0)} targets of one result but {samples} of another; give as many of each.");
            }

            foreach (var input in inputs.Where(input => input.size(0) != samples))
            {
                throw new ArgumentException($"There are {input.size(0)} inputs but {samples} targets; give as many of one as of the other.");
            }

            foreach (var other in inputs.Concat(targets).Where(tensor => tensor.device.ToString() != device.ToString()))
            {
                throw new ArgumentException($"The inputs are on {other.device} but the targets on {device}; move them to one device.");
            }

            this.inputs = inputs;
            this.targets = targets;
            this.batchSize = batchSize;
            this.shuffle = shuffle;
        }

        internal override int? KnownCount => checked((int)((samples + batchSize - 1) / batchSize));

        internal override long CountSamples() => samples;

        internal override int? InputCount => inputs.Length;

        internal override string Fingerprint()
        {
            using var scope = NewDisposeScope();
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            foreach (var tensor in inputs.Concat(targets))
            {
                hash.AppendData(Encoding.UTF8.GetBytes($"{tensor.dtype} [{string.Join(", ", tensor.shape)}]"));
                for (var start = 0L; start < samples; start += batchSize)
                {
                    using var part = tensor.narrow(0, start, Math.Min(batchSize, samples - start)).detach().cpu().contiguous();
                    hash.AppendData(part.clone().bytes.ToArray());
                }
            }

            var order = shuffle ? "shuffled" : "in order";
            return $"{samples} samples in batches of {batchSize}, {order}, hash {Convert.ToHexString(hash.GetHashAndReset())[..16]}";
        }

        internal override bool MayPassOver => targets.Any(LossFunctions.HasIgnored);

        public override IEnumerable<Batch> Batches(int epoch, int seed)
        {
            RequireTensors(inputs, "input", "the data");
            RequireTensors(targets, "target", "the data");

            // A part of a tensor of inference mode is one, too, and no layer can be trained by it.
            var copies = !shuffle && Array.Exists(inputs, GradientMode.IsOfInference);
            using var order = shuffle ? Order(epoch, seed) : null;
            for (long start = 0; start < samples; start += batchSize)
            {
                var count = Math.Min(batchSize, samples - start);
                using var taken = order?.narrow(0, start, count).DetachFromDisposeScope();
                Tensor Take(Tensor source) => (taken is not null ? source.index_select(0, taken)
                    : copies ? source.narrow(0, start, count).clone() : source.narrow(0, start, count)).DetachFromDisposeScope();

                var batch = new Batch(Array.ConvertAll(inputs, Take), Array.ConvertAll(targets, Take)) { Samples = taken };
                try
                {
                    yield return batch;
                }
                finally
                {
                    DisposeOf(batch);
                }
            }
        }

        private Tensor Order(int epoch, int seed)
        {
            // libtorch's generator uses 32 bits of its seed. The multiplier (2³² over the golden ratio) sets neighbouring
            // seeds so far apart that the epochs of one do not repeat the epochs of another.
            using var generator = new Generator(unchecked(((uint)seed * 0x9E3779B9u) + (uint)epoch), CPU);
            using var order = randperm(samples, ScalarType.Int64, CPU, generator: generator);
            return order.to(targets[0].device).DetachFromDisposeScope();
        }
    }

    private sealed class EnumeratedData(Func<IEnumerable<Batch>> batches, int? count, bool dispose) : TrainingData
    {
        internal override int? KnownCount => count;

        public override IEnumerable<Batch> Batches(int epoch, int seed)
        {
            var number = 0;
            foreach (var batch in batches())
            {
                number++;
                RequireTensors(batch.Inputs, "input", $"batch {number} of the data");
                RequireTensors(batch.Targets, "target", $"batch {number} of the data");
                try
                {
                    // What stands in the place of samples may have been changed since these were drawn.
                    yield return batch with { Samples = null };
                }
                finally
                {
                    if (dispose)
                    {
                        DisposeOf(batch);
                    }
                }
            }
        }
    }

    /// <exception cref="InvalidOperationException">One is null, or was disposed of.</exception>
    private static void RequireTensors(Tensor[]? tensors, string what, string where)
    {
        var wrong = tensors is null ? 0 : Array.FindIndex(tensors, tensor => tensor is null || tensor.IsInvalid);
        if (wrong >= 0)
        {
            throw new InvalidOperationException(
                tensors?[wrong] is null
                    ? $"There is null in place of {what} {wrong + 1} of {where}; give a tensor, or a Batch without targets where none are needed."
                    : $"The {what} {wrong + 1} of {where} was disposed of; keep it as long as the data is used, out of the reach of a dispose scope.");
        }
    }

    private static void DisposeOf(Batch batch)
    {
        foreach (var tensor in batch.Inputs.Concat(batch.Targets))
        {
            tensor.Dispose();
        }
    }
}
