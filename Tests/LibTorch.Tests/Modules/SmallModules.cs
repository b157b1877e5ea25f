using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace PruneGen.LibTorch.Tests;

/// <summary>y = x · weight + bias, element by element; and a buffer that counts nothing.</summary>
internal sealed class Affine : Module<Tensor, Tensor>
{
    internal readonly Parameter weight;
    internal readonly Parameter bias;
    internal readonly Tensor steps = zeros(1, dtype: ScalarType.Int64);

    internal Affine(float weight = 1, float bias = 0, string name = nameof(Affine)) : base(name)
    {
        this.weight = Parameter(tensor(new[] { weight }));
        this.bias = Parameter(tensor(new[] { bias }));
        RegisterComponents();
    }

    public override Tensor forward(Tensor input) => input * weight + bias;
}

/// <summary>A module without tensors that tells the order of events.</summary>
internal sealed class Recorder(List<string> events) : Module<Tensor, Tensor>(nameof(Recorder))
{
    public override Tensor forward(Tensor input)
    {
        events.Add("forward");
        return input + 1;
    }
}

/// <summary>Calls two modules one after the other.</summary>
internal sealed class Pair : Module<Tensor, Tensor>
{
    internal readonly Affine first = new(2, 1);
    internal readonly Module<Tensor, Tensor> second = new Affine(3, -1);

    internal Pair() : base(nameof(Pair)) => RegisterComponents();

    public override Tensor forward(Tensor input) => second.call(first.call(input));
}
