using TorchSharp.Modules;
using static PruneGen.Granularity;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;
using static TorchSharp.torch.nn.functional;

namespace PruneGen.Samples.ModelZoo;

/// <summary>Packs an image into a few feature maps by strided convolutions, and unpacks it by transposed ones.</summary>
[Prunable(Structured, Ratio = 0.5)]
public sealed partial class Autoencoder : Module<Tensor, Tensor>
{
    private readonly Conv2d conv1;
    private readonly BatchNorm2d bn1;
    private readonly Conv2d conv2;
    private readonly BatchNorm2d bn2;
    private readonly Conv2d encoded;
    private readonly ConvTranspose2d deconv1;
    private readonly BatchNorm2d bn3;
    private readonly ConvTranspose2d deconv2;
    private readonly BatchNorm2d bn4;
    private readonly ConvTranspose2d decoded;

    /// <summary>Creates the model.</summary>
    /// <param name="width">Channels of the first convolution.</param>
    /// <param name="code">Channels of the code.</param>
    /// <param name="channels">Channels of the image.</param>
    public Autoencoder(int width = 32, int code = 64, int channels = 3)
        : base(nameof(Autoencoder))
    {
        conv1 = Conv2d(channels, width, 3, stride: 2, padding: 1);
        bn1 = BatchNorm2d(width);
        conv2 = Conv2d(width, 2 * width, 3, stride: 2, padding: 1);
        bn2 = BatchNorm2d(2 * width);
        encoded = Conv2d(2 * width, code, 3, stride: 2, padding: 1);
        deconv1 = ConvTranspose2d(code, 2 * width, 3, stride: 2, padding: 1, output_padding: 1);
        bn3 = BatchNorm2d(2 * width);
        deconv2 = ConvTranspose2d(2 * width, width, 3, stride: 2, padding: 1, output_padding: 1);
        bn4 = BatchNorm2d(width);
        decoded = ConvTranspose2d(width, channels, 3, stride: 2, padding: 1, output_padding: 1);
        RegisterComponents();
    }

    /// <summary>Repeats its input.</summary>
    /// <param name="input">Images, N×channels×H×W, H and W multiples of 8, values in [0, 1].</param>
    /// <returns>Images of the same shape.</returns>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        return Decode(Encode(input)).MoveToOuterDisposeScope();
    }

    private Tensor Encode(Tensor x)
    {
        x = leaky_relu(bn1.call(conv1.call(x)), 0.2);
        x = leaky_relu(bn2.call(conv2.call(x)), 0.2);
        return encoded.call(x).tanh();
    }

    private Tensor Decode(Tensor x)
    {
        x = relu(bn3.call(deconv1.call(x)));
        x = relu(bn4.call(deconv2.call(x)));
        return decoded.call(x).sigmoid();
    }
}
