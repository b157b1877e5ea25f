using static PruneGen.Samples.ModelZoo.ZooSize;
using static TorchSharp.torch;

namespace PruneGen.Samples.ModelZoo;

/// <summary>The models of the zoo. A new one is a class in <c>Models/</c> and an entry here.</summary>
public static class Zoo
{
    private const int SmallVocabulary = 50;

    /// <summary>Every model.</summary>
    public static IReadOnlyList<ZooModel> Models { get; } =
    [
        Images("lenet", "LeNet-5 (LeCun et al., 1998), as Caffe defines it",
            size => size == Full ? new LeNet() : new LeNet(width: 10),
            size => (1, 28)),
        Images("vgg16", "VGG-16 with batch normalisation (Simonyan and Zisserman, 2014)",
            size => size == Full ? new Vgg16() : new Vgg16(width: 8, hidden: 32, classes: 10),
            size => (3, size == Full ? 224 : 32)),
        Images("resnet18", "ResNet-18 (He et al., 2016)",
            size => size == Full ? ResNet.ResNet18() : ResNet.ResNet18(width: 8, classes: 10),
            size => (3, size == Full ? 224 : 64)),
        Images("resnet50", "ResNet-50 (He et al., 2016)",
            size => size == Full ? ResNet.ResNet50() : ResNet.ResNet50(width: 8, classes: 10),
            size => (3, size == Full ? 224 : 64)),
        Images("resnext50", "ResNeXt-50 32×4d (Xie et al., 2017)",
            size => size == Full ? ResNet.ResNeXt50() : ResNet.ResNeXt50(width: 8, groups: 4, classes: 10),
            size => (3, size == Full ? 224 : 64)),
        Images("se-resnet50", "ResNet-50 with squeeze and excitation (Hu et al., 2018)",
            size => size == Full ? new SeResNet() : new SeResNet(width: 8, classes: 10, reduction: 4),
            size => (3, size == Full ? 224 : 64)),
        Images("mobilenet-v2", "MobileNetV2 (Sandler et al., 2018)",
            size => size == Full ? new MobileNetV2() : new MobileNetV2(widthMultiplier: 0.25, classes: 10),
            size => (3, size == Full ? 224 : 64)),
        Images("densenet121", "DenseNet-121 (Huang et al., 2017)",
            size => size == Full ? new DenseNet() : new DenseNet(growth: 8, blocks: [2, 3, 2], classes: 10),
            size => (3, size == Full ? 224 : 64)),
        Images("googlenet", "GoogLeNet with batch normalisation (Szegedy et al., 2015)",
            size => size == Full ? new GoogLeNet() : new GoogLeNet(classes: 10, divisor: 8),
            size => (3, size == Full ? 224 : 64)),
        Images("shufflenet-v2", "ShuffleNetV2 ×1.0 (Ma et al., 2018)",
            size => size == Full ? new ShuffleNetV2() : new ShuffleNetV2(widths: [8, 16, 24, 32, 40], classes: 10),
            size => (3, size == Full ? 224 : 64)),
        Images("convnext", "ConvNeXt-T (Liu et al., 2022)",
            size => size == Full ? new ConvNext() : new ConvNext(widths: [8, 12, 16, 24], depths: [1, 1, 2, 1], classes: 10),
            size => (3, size == Full ? 224 : 64)),
        Images("mlp-mixer", "MLP-Mixer B/16 (Tolstikhin et al., 2021)",
            size => size == Full ? new MlpMixer() : new MlpMixer(imageSize: 32, patch: 8, width: 16, depth: 2, classes: 10),
            size => (3, size == Full ? 224 : 32)),
        Images("vit", "Vision transformer, ViT-B/16 (Dosovitskiy et al., 2021)",
            size => size == Full ? new VisionTransformer() : new VisionTransformer(imageSize: 32, patch: 8, width: 32, depth: 2, heads: 4, classes: 10),
            size => (3, size == Full ? 224 : 32)),
        Images("unet", "U-Net (Ronneberger et al., 2015)",
            size => size == Full ? new UNet() : new UNet(width: 8, depth: 3),
            size => (3, size == Full ? 256 : 32)),
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
        new ZooModel<HouseJudge>("house-judge", "Two inputs, a picture and figures, and two results, a class and a number",
            size => size == Full ? new HouseJudge() : new HouseJudge(width: 8),
            (size, samples) => [Image(samples, 3, size == Full ? 64 : 16), randn(samples, 12)],
            (model, x) => model.call(x[0], x[1]) is var (kind, price) ? [kind, price] : []),
        Texts("gpt", "Decoder as GPT-2 (Radford et al., 2019), with grouped-query attention (Ainslie et al., 2023)", 50257,
            size => size == Full ? new Gpt() : new Gpt(SmallVocabulary, context: 16, width: 32, depth: 2, heads: 8, sharedHeads: 4)),
        new ZooModel<Bert>("bert", "Encoder as BERT (Devlin et al., 2019)",
            size => size == Full ? new Bert() : new Bert(SmallVocabulary, longest: 16, width: 32, depth: 2, heads: 4),
            (size, samples) => [Tokens(samples, size, 30522), Filled(samples, size)],
            (model, x) => [model.call(x[0], x[1])]),
        Texts("lstm", "Text classifier of LSTM cells in both directions (Hochreiter and Schmidhuber, 1997)", 20000,
            size => size == Full ? new LstmClassifier() : new LstmClassifier(SmallVocabulary, width: 12, hidden: 16)),
        Texts("gru", "Text classifier of gated recurrent units (Cho et al., 2014)", 20000,
            size => size == Full ? new GruClassifier() : new GruClassifier(SmallVocabulary, width: 12, hidden: 16)),
        new ZooModel<Translator>("translator", "Sequence to sequence with attention (Luong et al., 2015)",
            size => size == Full ? new Translator() : new Translator(SmallVocabulary, width: 12, hidden: 16),
            (size, samples) => [Tokens(samples, size, 10000), Tokens(samples, size, 10000)],
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

    /// <summary>A model that takes texts and gives one result.</summary>
    private static ZooModel<TModel> Texts<TModel>(string name, string title, int vocabulary, Func<ZooSize, TModel> create)
        where TModel : nn.Module<Tensor, Tensor>, IPrunable =>
        new(name, title, create, (size, samples) => [Tokens(samples, size, vocabulary)], (model, x) => [model.call(x[0])]);

    private static Tensor Image(long samples, long channels, long size) => randn(samples, channels, size, size);

    private static Tensor Tokens(long samples, ZooSize size, int vocabulary) =>
        randint(0, size == Full ? vocabulary : SmallVocabulary, [samples, Length(size)]);

    /// <summary>Ones for texts of different lengths, and zeros behind their ends.</summary>
    private static Tensor Filled(long samples, ZooSize size) =>
        arange(Length(size)).lt(Length(size) - arange(samples).remainder(3).unsqueeze(1)).to_type(ScalarType.Float32);

    private static long Length(ZooSize size) => size == Full ? 64 : 12;
}
