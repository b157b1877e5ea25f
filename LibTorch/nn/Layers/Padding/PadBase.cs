using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharp.Modules;

/// <summary>What the padding layers have in common.</summary>
public abstract class PadBase : ParameterLessModule<Tensor, Tensor>
{
    private readonly PaddingModes padding_mode;

    /// <summary>Creates the layer.</summary>
    protected PadBase(string name, PaddingModes mode, double value, params long[] padding) : base(name)
    {
        padding_mode = mode;
        this.value = value;
        this.padding = padding;
    }

    /// <summary>How many elements before and after the last dimension, then before and after the one before it, and so on.</summary>
    public long[] padding { get; set; }

    /// <summary>The value of the added elements, where it is a constant.</summary>
    public double value { get; set; }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input) => functional.pad(input, padding, padding_mode, value);
}
