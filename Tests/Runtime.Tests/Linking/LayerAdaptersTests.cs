using PruneGen.Axes;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PruneGen.Runtime.Tests;

public sealed class LayerAdaptersTests
{
    [Fact]
    public void Every_layer_that_the_rules_know_can_be_read() =>
        Assert.Equal(LayerTable.Layers.Select(layer => layer.Type), LayerAdapters.Types.Select(type => type.Name).Order(StringComparer.Ordinal));

    [Fact]
    public void A_convolution_is_read_with_its_settings_and_shapes()
    {
        using var scope = NewDisposeScope();
        var layer = LayerAdapters.Describe(nn.Conv2d(4, 8, (3, 5), stride: (1, 2), padding: (1, 0), dilation: (1, 1), groups: 2, bias: false), "features.0");
        Assert.Equal(("features.0", "Conv2d"), (layer.Name, layer.Type));
        Assert.Equal(2, layer.Number("groups"));
        Assert.Equal([3L, 5], layer.Numbers("kernel_size", 2)!);
        Assert.Equal([1L, 2], layer.Numbers("stride", 2)!);
        Assert.Equal([1L, 0], layer.Numbers("padding", 2)!);
        Assert.Equal([1L, 1], layer.Numbers("dilation", 2)!);
        Assert.Equal([8L, 2, 3, 5], layer.ShapeOf("weight")!);
        Assert.False(layer.Has("bias"));
    }

    public static TheoryData<string> Pretrained => ["Embedding", "EmbeddingBag"];

    [Theory]
    [MemberData(nameof(Pretrained))]
    public void An_embedding_that_computes_with_another_tensor_than_its_parameter_is_refused_until_it_does_not(string type)
    {
        using var scope = NewDisposeScope();
        nn.Module layer = type == "Embedding"
            ? nn.Embedding_from_pretrained(randn(10, 4), freeze: false)
            : nn.EmbeddingBag_from_pretrained(randn(10, 4), freeze: false);
        var refusal = Assert.Throws<InvalidOperationException>(() => LayerAdapters.Describe(layer, "words"));
        Assert.Contains("'words.weight = words.weight;'", refusal.Message, StringComparison.Ordinal);

        if (layer is Embedding embedding)
        {
            embedding.weight = embedding.weight!;
        }
        else
        {
            ((EmbeddingBag)layer).weight = ((EmbeddingBag)layer).weight!;
        }

        Assert.Equal([10L, 4], LayerAdapters.Describe(layer, "words").ShapeOf("weight")!);
    }

    [Fact]
    public void An_embedding_is_read_whatever_was_done_to_its_weight()
    {
        using var scope = NewDisposeScope();
        var (moved, tied, copied) = (nn.Embedding(10, 4).to(float64), nn.Embedding(10, 4), nn.Embedding(10, 4));
        tied.weight = nn.Linear(4, 10).weight;
        copied.load_state_dict(nn.Embedding(10, 4).state_dict());
        nn.Module[] all = [moved, tied, copied, nn.Embedding(10, 4).to(float32), nn.EmbeddingBag(10, 4).half()];
        Assert.All(all, layer => Assert.Equal([10L, 4], LayerAdapters.Describe(layer, "words").ShapeOf("weight")!));
    }

    [Fact]
    public void Padding_by_name_is_read_as_numbers_where_both_sides_get_the_same()
    {
        using var scope = NewDisposeScope();
        Assert.Equal([0L, 0], LayerAdapters.Describe(nn.Conv2d(1, 1, 3, Padding.Valid), "c").Numbers("padding", 2)!);
        Assert.Equal([2L, 2], LayerAdapters.Describe(nn.Conv2d(1, 1, 5, Padding.Same), "c").Numbers("padding", 2)!);
        Assert.Null(LayerAdapters.Describe(nn.Conv2d(1, 1, 4, Padding.Same), "c").Numbers("padding", 2));
    }

    [Fact]
    public void Buffers_are_read_too()
    {
        using var scope = NewDisposeScope();
        var layer = LayerAdapters.Describe(nn.BatchNorm1d(6), "norm");
        Assert.Equal(["bias", "num_batches_tracked", "running_mean", "running_var", "weight"], layer.Parameters.Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_width_is_set_and_read()
    {
        using var scope = NewDisposeScope();
        (nn.Module Layer, string[] Properties)[] layers =
        [
            (nn.Linear(3, 4), ["in_features", "out_features"]),
            (nn.Conv1d(4, 4, 1), ["in_channels", "out_channels", "groups"]),
            (nn.Conv2d(4, 4, 1), ["in_channels", "out_channels", "groups"]),
            (nn.Conv3d(4, 4, 1), ["in_channels", "out_channels", "groups"]),
            (nn.ConvTranspose1d(4, 4, 1), ["in_channels", "out_channels", "groups"]),
            (nn.ConvTranspose2d(4, 4, 1), ["in_channels", "out_channels", "groups"]),
            (nn.ConvTranspose3d(4, 4, 1), ["in_channels", "out_channels", "groups"]),
            (nn.BatchNorm1d(4), ["num_features"]),
            (nn.BatchNorm2d(4), ["num_features"]),
            (nn.BatchNorm3d(4), ["num_features"]),
            (nn.InstanceNorm1d(4), ["num_features"]),
            (nn.InstanceNorm2d(4), ["num_features"]),
            (nn.InstanceNorm3d(4), ["num_features"]),
            (nn.GroupNorm(2, 4), ["num_groups"]),
            (nn.PReLU(4), ["num_parameters"]),
        ];
        foreach (var (layer, properties) in layers)
        {
            foreach (var property in properties)
            {
                LayerAdapters.SetWidth(layer, property, 17);
                Assert.Equal(17, LayerAdapters.GetWidth(layer, property));
                Assert.Equal(17L, layer.GetType().GetProperty(property)!.GetValue(layer));
            }
        }
    }

    [Fact]
    public void The_shape_of_a_LayerNorm_is_replaced_and_not_written_to()
    {
        using var scope = NewDisposeScope();
        long[] shape = [5, 6];
        var layer = nn.LayerNorm(shape);
        LayerAdapters.SetWidth(layer, "normalized_shape[1]", 3);
        Assert.Equal([5L, 3], layer.normalized_shape);
        Assert.Equal([5L, 6], shape);
        Assert.Equal(5, LayerAdapters.GetWidth(layer, "normalized_shape[0]"));
    }

    [Fact]
    public void A_layer_that_nobody_knows_is_named()
    {
        using var scope = NewDisposeScope();
        var error = Assert.Throws<InvalidOperationException>(() => LayerAdapters.Describe(new TinyNet(), "inner"));
        Assert.Contains("inner is a PruneGen.Runtime.Tests.TinyNet", error.Message);
        Assert.Contains("put [Prunable] on its class", error.Message);
    }
}
