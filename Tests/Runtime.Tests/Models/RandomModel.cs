using PruneGen.Axes;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PruneGen.Runtime.Tests;

/// <summary>
/// A model drawn at random from a seed: convolutions (plain, grouped, depthwise), normalisation, activations, pooling,
/// additions, concatenations, channel gates and a classifier. Each step knows how to compute and how to link, the way
/// that a generated class does, so that masks and compaction can be compared on graphs that nobody thought of.
/// </summary>
internal sealed class RandomModel : nn.Module<Tensor, Tensor>, IPrunable
{
    private const long InputChannels = 3;
    private const long InputSize = 12;
    private const int Classes = 4;
    private readonly List<Step> steps = [];
    private readonly List<Value> values = [new(InputChannels, InputSize)];
    private readonly Random random;

    public RandomModel(int seed)
        : base(nameof(RandomModel))
    {
        random = new Random(seed);
        var length = random.Next(3, 12);
        for (var i = 0; i < length; i++)
        {
            AddRandomStep();
        }

        AddClassifier();
    }

    /// <summary>The shape of an input, batch included.</summary>
    public static long[] InputShape { get; } = [2, InputChannels, InputSize, InputSize];

    public PruneOptions PruneDefaults { get; } = new();

    public int InputCount => 1;

    /// <summary>The steps, for the message of a failing test.</summary>
    public string Description => string.Join("; ", steps.Select((step, i) => $"v{i + 1} = {step.Text}"));

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var tensors = new List<Tensor> { input };
        foreach (var step in steps)
        {
            tensors.Add(step.Compute(step.Inputs.Select(i => tensors[i]).ToArray()));
        }

        return tensors[^1].MoveToOuterDisposeScope();
    }

    public object?[] Link(Linker link, LinkInputs inputs)
    {
        var tensors = new List<AxisTensor> { inputs[0] };
        foreach (var step in steps)
        {
            tensors.Add(step.Link(link, step.Inputs.Select(i => tensors[i]).ToArray()));
        }

        return [tensors[^1]];
    }

    private void AddRandomStep()
    {
        switch (random.Next(14))
        {
            case 0 or 1:
                AddConvolution(Any(), 4 * random.Next(1, 5), groups: 1);
                break;
            case 2:
                AddConvolution(AnyWith(value => value.Channels % 4 == 0), 4 * random.Next(1, 4), groups: random.Next(2) * 2 + 2);
                break;
            case 3:
                var x = Any();
                AddConvolution(x, values[x].Channels, groups: values[x].Channels);
                break;
            case 4:
                AddBatchNorm(Any());
                break;
            case 5:
                var activation = new[] { "relu", "sigmoid", "tanh" }[random.Next(3)];
                var input = Any();
                AddOp(activation, [input], t => activation switch { "relu" => t[0].relu(), "sigmoid" => t[0].sigmoid(), _ => t[0].tanh() }, values[input]);
                break;
            case 6:
                AddPooling(AnyWith(value => value.Size >= 4));
                break;
            case 7 or 8:
                AddSum(Any());
                break;
            case 9:
                AddConcatenation(Any());
                break;
            case 10:
                AddGate(Any());
                break;
            case 11:
                AddHalves(AnyWith(value => value.Channels % 2 == 0));
                break;
            case 12:
                AddShuffle(AnyWith(value => value.Channels % 2 == 0));
                break;
            default:
                AddScale(Any());
                break;
        }
    }

    private int Any() => random.Next(Math.Max(0, values.Count - 4), values.Count);

    private int AnyWith(Func<Value, bool> fits)
    {
        var candidates = Enumerable.Range(0, values.Count).Where(i => fits(values[i])).ToList();
        return candidates.Count > 0 ? candidates[random.Next(candidates.Count)] : AddConvolution(0, 8, groups: 1);
    }

    private int Add(string text, int[] inputs, Func<Tensor[], Tensor> compute, Func<Linker, AxisTensor[], AxisTensor> link, Value result)
    {
        steps.Add(new Step(text, inputs, compute, link));
        values.Add(result);
        return values.Count - 1;
    }

    private int AddOp(string op, int[] inputs, Func<Tensor[], Tensor> compute, Value result, params (string Name, object? Value)[] arguments) =>
        Add($"{op}({string.Join(", ", inputs.Select(i => "v" + i))})", inputs, compute, (link, x) => link.Op(op, x, arguments), result);

    private int AddLayer(nn.Module<Tensor, Tensor> layer, int input, Value result)
    {
        var name = $"{layer.GetType().Name.ToLowerInvariant()}{steps.Count}";
        register_module(name, layer);
        return Add($"{name}(v{input})", [input], t => layer.call(t[0]), (link, x) => link.Layer(layer, x), result);
    }

    private int AddConvolution(int input, long output, long groups)
    {
        var kernel = random.Next(2) == 0 ? 1 : 3;
        var layer = nn.Conv2d(values[input].Channels, output, kernel, padding: kernel / 2, groups: groups, bias: random.Next(3) > 0);
        return AddLayer(layer, input, new Value(output, values[input].Size));
    }

    private void AddBatchNorm(int input)
    {
        var layer = nn.BatchNorm2d(values[input].Channels);
        using (no_grad())
        {
            layer.weight!.uniform_(0.5, 1.5);
            layer.bias!.uniform_(-1, 1);
            layer.running_mean!.uniform_(-1, 1);
            layer.running_var!.uniform_(0.5, 2);
        }

        AddLayer(layer, input, values[input]);
    }

    private void AddPooling(int input)
    {
        var half = new Value(values[input].Channels, values[input].Size / 2);
        if (random.Next(2) == 0)
        {
            AddOp("max_pool2d", [input], t => nn.functional.max_pool2d(t[0], 2), half, ("kernel_size", 2L));
        }
        else
        {
            AddLayer(nn.AvgPool2d(2), input, half);
        }
    }

    private void AddSum(int first)
    {
        var other = Any();
        if (values[other] != values[first])
        {
            var sources = Enumerable.Range(0, values.Count).Where(i => values[i].Size == values[first].Size).ToList();
            other = AddConvolution(sources[random.Next(sources.Count)], values[first].Channels, groups: 1);
        }

        AddOp("add", [first, other], t => t[0] + t[1], values[first]);
    }

    private void AddConcatenation(int first)
    {
        var others = Enumerable.Range(0, values.Count).Where(i => values[i].Size == values[first].Size).ToList();
        var second = others[random.Next(others.Count)];
        var joined = new Value(values[first].Channels + values[second].Channels, values[first].Size);
        AddOp("cat", [first, second], t => cat([t[0], t[1]], 1), joined, ("dim", 1L));
    }

    /// <summary>Squeeze and excitation: a weight a channel, computed from the channels' means.</summary>
    private void AddGate(int input)
    {
        var pooled = AddOp("adaptive_avg_pool2d", [input], t => nn.functional.adaptive_avg_pool2d(t[0], 1), new Value(values[input].Channels, 1), ("output_size", 1L));
        var gate = AddConvolution(AddConvolution(pooled, 4, groups: 1), values[input].Channels, groups: 1);
        AddOp("mul", [input, gate], t => t[0] * t[1].sigmoid(), values[input]);
    }

    /// <summary>Two halves of the channels change places, one of them through a layer: by chunk, or by ranges up to half of the width.</summary>
    private void AddHalves(int input)
    {
        var (channels, size) = values[input];
        var layer = nn.Conv2d(channels / 2, channels / 2, 1);
        var name = $"half{steps.Count}";
        register_module(name, layer);
        var byRange = random.Next(2) == 0;
        Add(
            $"cat({name}(second half of v{input}{(byRange ? " by range" : "")}), first half)",
            [input],
            t =>
            {
                var halves = t[0].chunk(2, 1);
                return cat([layer.call(halves[1]), halves[0]], 1);
            },
            (link, x) =>
            {
                var half = x[0].Size(1) / 2;
                var halves = byRange
                    ? [link.Index(x[0], AxisSlice.All, AxisSlice.Range(null, half)), link.Index(x[0], AxisSlice.All, AxisSlice.Range(half, null))]
                    : link.Ops("chunk", x, ("chunks", 2L), ("dim", 1L));
                return link.Op("cat", [link.Layer(layer, halves[1]), halves[0]], ("dim", 1L));
            },
            new Value(channels, size));
    }

    /// <summary>The channels of two groups take turns.</summary>
    private void AddShuffle(int input) => Add(
        $"shuffle(v{input})",
        [input],
        t => t[0].view(t[0].shape[0], 2, t[0].shape[1] / 2, t[0].shape[2], t[0].shape[3]).transpose(1, 2).reshape(t[0].shape[0], t[0].shape[1], t[0].shape[2], t[0].shape[3]),
        (link, x) =>
        {
            var (n, c, h, w) = (x[0].Size(0), x[0].Size(1), x[0].Size(2), x[0].Size(3));
            var turned = link.Op("transpose", link.Op("view", x[0], ("shape", link.Sizes(n, 2, c / 2, h, w))), ("dim0", 1L), ("dim1", 2L));
            return link.Op("reshape", turned, ("shape", link.Sizes(n, c, h, w)));
        },
        values[input]);

    /// <summary>A parameter of the model's own scales the channels.</summary>
    private void AddScale(int input)
    {
        var name = $"scale{steps.Count}";
        register_parameter(name, new Parameter(rand(values[input].Channels, 1, 1) + 0.5));
        Add($"v{input} * {name}", [input], t => t[0] * get_parameter(name)!, (link, x) => link.Op("mul", [x[0], link.Parameter(this, name)]), values[input]);
    }

    /// <summary>The positions in a row, read by a recurrent layer in both directions; its last state.</summary>
    private int AddSequence(int input)
    {
        var layer = nn.LSTM(values[input].Channels, 5, numLayers: random.Next(1, 3), batchFirst: true, bidirectional: true);
        var name = $"lstm{steps.Count}";
        register_module(name, layer);
        return Add(
            $"{name}(v{input})",
            [input],
            t => layer.call(t[0].flatten(2).transpose(1, 2)).Item1[.., -1],
            (link, x) =>
            {
                var sequence = link.Op("transpose", link.Op("flatten", x[0], ("start_dim", 2L)), ("dim0", 1L), ("dim1", 2L));
                return link.Index(link.Layers(layer, sequence)[0], AxisSlice.All, AxisSlice.At(-1));
            },
            new Value(10, 0));
    }

    private void AddClassifier()
    {
        var last = values.Count - 1;
        long features;
        switch (random.Next(4))
        {
            case 3:
                last = AddSequence(last);
                features = values[last].Channels;
                break;
            case 0:
                features = values[last].Channels * values[last].Size * values[last].Size;
                last = AddOp("flatten", [last], t => t[0].flatten(1), new Value(features, 0), ("start_dim", 1L));
                break;
            case 1:
                features = values[last].Channels;
                last = AddOp("mean", [last], t => t[0].mean([2, 3]), new Value(features, 0), ("dimensions", new long[] { 2, 3 }));
                break;
            default:
                features = values[last].Channels * values[last].Size * values[last].Size;
                last = Add($"view(v{last})", [last], t => t[0].view(t[0].shape[0], -1), (link, x) => link.Op("view", x[0], ("shape", link.Sizes(x[0].Size(0), -1))), new Value(features, 0));
                break;
        }

        var hidden = AddLayer(nn.Linear(features, 12), last, new Value(12, 0));
        AddLayer(nn.Linear(12, Classes), AddLayer(nn.BatchNorm1d(12), hidden, values[hidden]), new Value(Classes, 0));
    }

    private readonly record struct Value(long Channels, long Size);

    private sealed record Step(string Text, int[] Inputs, Func<Tensor[], Tensor> Compute, Func<Linker, AxisTensor[], AxisTensor> Link);
}
