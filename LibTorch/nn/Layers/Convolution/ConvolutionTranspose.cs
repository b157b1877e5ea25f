using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>What the transposed convolutions in one to three dimensions have in common.</summary>
public abstract class ConvolutionTranspose : Convolution
{
    /// <summary>Creates the layer and draws its parameters.</summary>
    protected ConvolutionTranspose(string name, long in_channels, long out_channels, long[] kernel_size, long[] stride, long[]? padding, Padding? padding_type, long[] dilation, bool transposed, long[] output_padding, long groups, bool bias, PaddingModes padding_mode, Device? device = null, ScalarType? dtype = null)
        : base(name, in_channels, out_channels, kernel_size, stride, padding, padding_type, dilation, transposed, output_padding, groups, bias, padding_mode, device, dtype) { }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input) => forward(input, null);

    /// <summary>
    /// Applies the layer. For a stride above 1 several output sizes belong to one input size;
    /// <paramref name="output_size"/> chooses among them.
    /// </summary>
    /// <param name="input">The input, batched or not.</param>
    /// <param name="output_size">Spatial sizes of the output, or all its sizes; null for the smallest plus <see cref="Convolution.output_padding"/>.</param>
    /// <exception cref="ArgumentException">The input has another number of dimensions or channels, or the output cannot have that size.</exception>
    public abstract Tensor forward(Tensor input, long[]? output_size);

    /// <summary>The elements that must be added to one side of the output to give it the size <paramref name="output_size"/>.</summary>
    protected long[] _output_padding(Tensor input, long[]? output_size, long[] kernel_size, long[] stride, long[] padding, long[] dilation, long num_spatial_dims)
    {
        if (output_size is null) return output_padding;

        var leading = input.ndim == num_spatial_dims + 2 ? 2 : 1;
        if (output_size.Length == leading + num_spatial_dims) output_size = output_size[leading..];
        if (output_size.Length != num_spatial_dims)
            throw new ArgumentException($"ConvTranspose{num_spatial_dims}D: for {input.ndim}D input, output_size must have {num_spatial_dims} or {leading + num_spatial_dims} elements (got {output_size.Length})", nameof(output_size));

        var added = new long[num_spatial_dims];
        for (var d = 0; d < added.Length; d++)
        {
            var smallest = (input.size(leading + d) - 1) * stride[d] - 2 * padding[d] + dilation[d] * (kernel_size[d] - 1) + 1;
            added[d] = output_size[d] - smallest;
            if (added[d] < 0 || added[d] >= stride[d])
                throw new ArgumentException($"Requested an output size of [{string.Join(", ", output_size)}], but valid sizes for dimension {d} range from {smallest} to {smallest + stride[d] - 1}", nameof(output_size));
        }
        return added;
    }
}
