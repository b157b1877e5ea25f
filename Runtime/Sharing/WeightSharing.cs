using TorchSharp;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>
/// Keeps weights that share values sharing them while a model is trained, as every training does of itself where some do: the gradient of a value is the sum
/// of those of its weights (Han et al., 2016), and which weights have it stays. With options it also shares them, when the training begins: give it among
/// <see cref="RetrainOptions.Callbacks"/>.
/// </summary>
/// <remarks>
/// Any optimizer moves the values: all weights of one get its gradient, and are put back to one number after the step. Weights that are held at zero, and
/// those that were zero when they were shared, stay zero. <see cref="Pruning.ReleaseCodes"/> ends it.
/// </remarks>
/// <param name="options">What to share and how, where the training is to begin with that; null to go on with what is shared.</param>
public sealed class WeightSharing(ShareOptions? options = null) : TrainingCallback
{
    private readonly List<TrainedCode> weights = [];

    /// <inheritdoc/>
    public override void OnBegin(TrainingContext context)
    {
        if (options is not null)
        {
            options.Validate("the training");
            Share(context.Link(), options.Over(ShareOptions.Defaults), context.Options.Seed);
        }

        foreach (var coded in WeightCodes.Of(context.Model).Where(coded => coded.Code is SharedCode))
        {
            var live = coded.Layer.get_parameter(coded.Parameter)!;
            if (live.requires_grad && coded.IsLive)
            {
                RequireSettled(context, coded);
                weights.Add(new TrainedCode(coded, live));
            }
        }
    }

    private static void RequireSettled(TrainingContext context, CodedParameter coded)
    {
        if (context.Options.Callbacks.FirstOrDefault(callback => callback.ChoosesZeros) is { } other)
        {
            throw new InvalidOperationException(
                $"{other.GetType().Name} chooses which weights are zero, and those of {coded.Path} share values, so that each of them keeps its own. Call "
                    + $"ReleaseCodes() before the training, and ShareWeights() behind it.");
        }
    }

    /// <inheritdoc/>
    public override void OnBackward(TrainingContext context) => weights.ForEach(weight => weight.SumGradients());

    /// <inheritdoc/>
    public override void OnStep(TrainingContext context) => weights.ForEach(weight => weight.PutTogether());

    /// <inheritdoc/>
    public override void OnEnd(TrainingContext context) => weights.ForEach(weight => weight.Keep());

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, Tensor>? SaveState(TrainingContext context) => weights.Count == 0 ? Nothing : null;

    /// <inheritdoc/>
    public override void OnRelease(TrainingContext context)
    {
        weights.ForEach(weight => weight.Dispose());
        weights.Clear();
    }

    /// <summary>Shares the weights of the layers of a linked model that ask for it.</summary>
    /// <param name="plan">The model.</param>
    /// <param name="all">What is asked of every layer; null for what each asks for itself.</param>
    /// <param name="seed">The seed of everything random.</param>
    /// <returns>Whether any does.</returns>
    internal static bool Share(PruningPlan plan, ShareOptions? all, int seed)
    {
        var isAsked = false;
        using var noGradients = no_grad();
        var weights = plan.Parameters.Where(parameter => parameter is { IsBuffer: false, SharedWith: null, ReadDim: >= 0, IsOfOtherInputs: false }).ToList();
        for (var i = 0; i < weights.Count; i++)
        {
            if ((all ?? plan.SettingsOf(weights[i].Layer.Name).Share?.Over(ShareOptions.Defaults)) is { IsOn: true } asked)
            {
                isAsked = true;
                WeightCodes.Apply(weights[i].Module, weights[i].Name, Assign(weights[i], asked, unchecked((seed * 1_000_003) + i)));
            }
        }

        return isAsked;
    }

    private static SharedCode Assign(PlannedParameter weight, ShareOptions options, int seed)
    {
        using var scope = NewDisposeScope();
        var live = weight.Tensor;
        if (!live.isfinite().all().item<bool>())
        {
            throw new InvalidOperationException($"{weight.Path} holds NaN or infinite values, which cannot share others; train the model to finite weights.");
        }

        var values = live.detach().cpu().to_type(ScalarType.Float64).contiguous().data<double>().ToArray();
        var held = WeightMasks.Of(weight.Module, weight.Name)?.cpu().eq(0).contiguous().data<bool>().ToArray();
        var type = live.dtype;
        var code = options.By!.Assign(new WeightToShare(weight.Path, live.shape, values, held, options.Bits!.Value, options.Rate!.Value, seed, Round));
        if (code?.Shape.SequenceEqual(live.shape) != true)
        {
            throw new InvalidOperationException(
                $"{options.By.Name} gives {(code is null ? "nothing" : $"codes of the shape [{string.Join(", ", code.Shape)}]")} for {weight.Path}, which is "
                    + $"[{string.Join(", ", live.shape)}]; have it give a code for each element.");
        }

        var decoded = code.Decode(type).to_type(ScalarType.Float64).contiguous().data<double>();
        for (var i = 0; i < values.Length; i++)
        {
            // A hash may draw another value for what is zero by chance, and not for what is held there.
            var isZero = held?[i] == true || (values[i] == 0 && code is not HashedWeight);
            if (!double.IsFinite(decoded[i]) || (isZero && decoded[i] != 0))
            {
                throw new InvalidOperationException(FormattableString.Invariant(
                    $"{options.By.Name} makes {decoded[i]} of element {i} of {weight.Path}, which is {values[i]}; have it give finite values of {type}, ")
                        + "and zero for what is zero.");
            }
        }

        return code;

        double Round(double value)
        {
            using var number = tensor(value, ScalarType.Float64).to_type(type).to_type(ScalarType.Float64);
            return number.ToDouble();
        }
    }

    /// <summary>A weight whose values are trained.</summary>
    private sealed class TrainedCode : IDisposable
    {
        private readonly CodedParameter coded;
        private readonly SharedCode code;
        private readonly Tensor indices;
        private readonly Tensor? signs;
        private readonly Tensor first;
        private readonly Tensor? firstSigns;

        // Zero for a value that stays zero, else one.
        private readonly Tensor moves;
        private readonly bool[] hasElements;

        public TrainedCode(CodedParameter coded, Tensor live)
        {
            using var scope = NewDisposeScope();
            this.coded = coded;
            code = (SharedCode)coded.Code;
            var (places, signs) = (code.Indices(), code.Signs());

            // The first element of each value stands for it; one that no element has is no element's.
            var firsts = Enumerable.Repeat(-1L, code.Values.Count).ToArray();
            var (indexOf, signOf) = (places.data<long>(), signs?.data<float>().ToArray());
            for (var i = 0; i < indexOf.Count; i++)
            {
                if (firsts[indexOf[i]] < 0 && signOf?[i] != 0)
                {
                    firsts[indexOf[i]] = i;
                }
            }

            hasElements = Array.ConvertAll(firsts, element => element >= 0);
            first = tensor(Array.ConvertAll(firsts, element => Math.Max(0, element))).to(live.device).DetachFromDisposeScope();
            indices = places.to(live.device).DetachFromDisposeScope();
            this.signs = signs?.to(live.device).to_type(live.dtype).DetachFromDisposeScope();
            firstSigns = this.signs?.index_select(0, first).DetachFromDisposeScope();
            moves = tensor([.. code.Values.Select(value => value != 0 || code is HashedWeight)])
                .to(live.device).to_type(live.dtype).DetachFromDisposeScope();
        }

        private Tensor Live => coded.Layer.get_parameter(coded.Parameter)!;

        /// <summary>Gives each weight the gradient of its value.</summary>
        public void SumGradients()
        {
            if (Live.grad is not { } gradient)
            {
                return;
            }

            using var scope = NewDisposeScope();
            var flat = gradient.flatten();
            var own = signs is null ? flat : flat * signs;
            var sums = zeros_like(moves).scatter_add_(0, indices, own) * moves;
            var each = sums.index_select(0, indices);
            gradient.copy_((signs is null ? each : each * signs).reshape(gradient.shape));
        }

        /// <summary>Gives all weights of a value the number that the step has made of the first of them.</summary>
        public void PutTogether()
        {
            using var scope = NewDisposeScope();
            var each = Values().index_select(0, indices);

            // Of a zero, no sign stays: the file has none.
            Live.copy_(((signs is null ? each : each * signs) + 0).reshape([.. code.Shape]));
        }

        /// <summary>Remembers the values as they are now.</summary>
        public void Keep()
        {
            using var scope = NewDisposeScope();
            using var noGradients = no_grad();
            var now = Values().to_type(ScalarType.Float64).cpu().data<double>().ToArray();
            WeightCodes.Set(coded.Layer, coded.Parameter, code.With([.. now.Select((value, k) => hasElements[k] ? value : code.Values[k])]));
        }

        public void Dispose()
        {
            indices.Dispose();
            first.Dispose();
            moves.Dispose();
            signs?.Dispose();
            firstSigns?.Dispose();
        }

        private Tensor Values()
        {
            var elements = Live.detach().flatten().index_select(0, first);
            return (firstSigns is null ? elements : elements * firstSigns) * moves;
        }
    }
}
