using static TorchSharp.torch;

namespace PruneGen.Samples.ModelZoo.Tests;

/// <summary>The models are those of the papers, and shrink as published.</summary>
public sealed class ParameterCountTests
{
    /// <summary>Published sizes: those of torchvision's models where it has one.</summary>
    [Theory]
    [InlineData("lenet", 431_080)]
    [InlineData("vgg16", 138_365_992)]
    [InlineData("resnet18", 11_689_512)]
    [InlineData("resnet50", 25_557_032)]
    [InlineData("resnext50", 25_028_904)]
    [InlineData("mobilenet-v2", 3_504_872)]
    [InlineData("densenet121", 7_978_856)]
    [InlineData("googlenet", 6_624_904)]
    [InlineData("shufflenet-v2", 2_278_604)]
    [InlineData("convnext", 28_589_128)]
    [InlineData("mlp-mixer", 59_880_472)]
    [InlineData("vit", 86_567_656)]
    public void The_dense_model_has_the_published_size(string name, long parameters)
    {
        using var instance = Zoo.Named(name).Create(ZooSize.Full);
        Assert.Equal(parameters, instance.Module.parameters().Sum(parameter => parameter.numel()));
    }

    /// <summary>What Torch-Pruning leaves at ratio 0.5, local, by L2 norm of the group, with the last layer's outputs kept.</summary>
    [Theory]
    [InlineData("lenet", 109_295)]
    [InlineData("vgg16", 35_621_896)]
    [InlineData("resnet18", 3_055_880)]
    [InlineData("resnet50", 6_917_640)]
    [InlineData("mobilenet-v2", 1_221_768)]
    [InlineData("densenet121", 2_274_728)]
    public void Half_of_every_group_leaves_what_the_reference_leaves(string name, long parameters)
    {
        using var scope = NewDisposeScope();
        using var instance = Zoo.Named(name).Create(ZooSize.Full);
        using var selection = Pruned.ByRatio(instance, 0.5);

        using var result = Compaction.Apply(selection);

        Assert.Equal(parameters, result.After.Parameters);
        Assert.Equal(parameters, selection.Plan.ParameterCount(selection.WidthOf));
    }
}
