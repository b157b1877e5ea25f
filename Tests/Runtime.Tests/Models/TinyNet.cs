using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PruneGen.Runtime.Tests;

/// <summary>A classifier that trains in milliseconds and has what can go wrong in training: dropout, running statistics.</summary>
internal sealed class TinyNet : nn.Module<Tensor, Tensor>
{
    public readonly Linear hidden = nn.Linear(4, 16);
    public readonly BatchNorm1d norm = nn.BatchNorm1d(16);
    public readonly Dropout dropout = nn.Dropout(0.2);
    public readonly Linear output = nn.Linear(16, 3);

    public TinyNet(int seed = 1)
        : base(nameof(TinyNet))
    {
        RegisterComponents();
        manual_seed(seed);
        using var noGradients = no_grad();
        foreach (var parameter in this.parameters())
        {
            parameter.uniform_(-0.5, 0.5);
        }
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var x = norm.call(hidden.call(input)).relu();
        return output.call(dropout.call(x)).MoveToOuterDisposeScope();
    }

    public Tensor[] Forward(Tensor[] inputs) => [call(inputs[0])];

    /// <summary>Points in four dimensions; the class is the largest of the first three coordinates.</summary>
    public static (Tensor X, Tensor Y) Samples(int count, ulong seed = 7)
    {
        using var generator = new Generator(seed);
        var x = randn(count, 4, generator: generator);
        return (x, x.narrow(1, 0, 3).argmax(1));
    }

    /// <summary>Every bit of the state, by name.</summary>
    public static Dictionary<string, byte[]> Bits(nn.Module model) =>
        model.state_dict().ToDictionary(entry => entry.Key, entry => entry.Value.bytes.ToArray());
}
