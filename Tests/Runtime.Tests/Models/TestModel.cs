using PruneGen.Axes;
using TorchSharp;
using static TorchSharp.torch;

namespace PruneGen.Runtime.Tests;

/// <summary>What the models of these tests have in common; what they link with is generated.</summary>
internal abstract class TestModel(string name) : nn.Module<Tensor, Tensor>(name), IPrunable
{
    public PruneOptions PruneDefaults { get; } = new();

    public int InputCount => 1;

    /// <summary>The shape of an input, batch included.</summary>
    public abstract long[] InputShape { get; }

    object?[] IPrunable.Link(Linker link, LinkInputs inputs) => throw new NotSupportedException($"{GetType().Name} has no generated part; put [Prunable] on it.");

    public Tensor[] Forward(Tensor[] inputs) => [call(inputs[0])];

    /// <summary>Links the model with the shape of its input.</summary>
    public PruningPlan Plan(PruneOptions? options = null) => PruningPlan.Link(this, options, InputShape);

    /// <summary>Registers the layers and gives every parameter, bias, shift and running statistic a value that matters.</summary>
    protected void Initialise(int seed)
    {
        RegisterComponents();
        manual_seed(seed);
        using var noGradients = no_grad();
        foreach (var parameter in this.parameters())
        {
            parameter.uniform_(-0.5, 0.5);
        }

        foreach (var (path, buffer) in this.named_buffers())
        {
            if (path.EndsWith("running_mean", StringComparison.Ordinal))
            {
                buffer.uniform_(-1, 1);
            }
            else if (path.EndsWith("running_var", StringComparison.Ordinal))
            {
                buffer.uniform_(0.5, 2);
            }
        }
    }
}
