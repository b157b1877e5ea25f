using static PruneGen.Samples.ModelZoo.ZooSize;
using static TorchSharp.torch;

namespace PruneGen.Samples.ModelZoo;

/// <summary>The models of the zoo. A new one is a class in <c>Models/</c> and an entry here.</summary>
public static class Zoo
{
    /// <summary>Every model.</summary>
    public static IReadOnlyList<ZooModel> Models { get; } =
    [
        Images("lenet", "LeNet-5 (LeCun et al., 1998), as Caffe defines it",
            size => size == Full ? new LeNet() : new LeNet(width: 10),
            size => (1, 28)),
        Images("vgg16", "VGG-16 with batch normalisation (Simonyan and Zisserman, 2014)",
            size => size == Full ? new Vgg16() : new Vgg16(width: 8, hidden: 32, classes: 10),
            size => (3, size == Full ? 224 : 32)),
        Images("googlenet", "GoogLeNet with batch normalisation (Szegedy et al., 2015)",
            size => size == Full ? new GoogLeNet() : new GoogLeNet(classes: 10, divisor: 8),
            size => (3, size == Full ? 224 : 64)),
        Images("autoencoder", "Convolutional autoencoder with transposed convolutions (Masci et al., 2011)",
            size => size == Full ? new Autoencoder() : new Autoencoder(width: 8, code: 12),
            size => (3, size == Full ? 64 : 32)),
        Images("super-resolution", "SRResNet, super-resolution by pixel shuffle (Ledig et al., 2017)",
            size => size == Full ? new SuperResolution() : new SuperResolution(width: 8, blocks: 2),
            size => (3, size == Full ? 24 : 8)),
        new ZooModel<Siamese>("siamese", "Siamese network: one encoder for two images (Koch et al., 2015)",
            size => size == Full ? new Siamese() : new Siamese(width: 8, features: 16),
            (size, samples) => [Image(samples, 1, size == Full ? 105 : 28), Image(samples, 1, size == Full ? 105 : 28)],
            (model, x) => [model.call(x[0], x[1])]),
    ];

    /// <summary>The model of the given name.</summary>
    /// <exception cref="ArgumentException">There is none; the message names those there are.</exception>
    public static ZooModel Named(string name) => Models.FirstOrDefault(model => model.Name == name)
        ?? throw new ArgumentException($"The zoo has no '{name}'. Its models: {string.Join(", ", Models.Select(model => model.Name))}.", nameof(name));

    /// <summary>A model that takes square images and gives one result.</summary>
    private static ZooModel<TModel> Images<TModel>(string name, string title, Func<ZooSize, TModel> create, Func<ZooSize, (long Channels, long Size)> input)
        where TModel : nn.Module<Tensor, Tensor>, IPrunable =>
        new(name, title, create, (size, samples) => [Image(samples, input(size).Channels, input(size).Size)], (model, x) => [model.call(x[0])]);

    private static Tensor Image(long samples, long channels, long size) => randn(samples, channels, size, size);
}
