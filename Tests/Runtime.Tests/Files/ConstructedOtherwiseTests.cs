using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PruneGen.Runtime.Tests;

/// <summary>A file is loaded into a model that was constructed as the saved one was, and any other is told what differs.</summary>
public sealed partial class ConstructedOtherwiseTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("prunegen-");
    private readonly DisposeScope scope = NewDisposeScope();
    private readonly string path;

    public ConstructedOtherwiseTests() => path = Path.Combine(folder.FullName, "model.prune");

    public void Dispose()
    {
        scope.Dispose();
        folder.Delete(recursive: true);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Other_dense_widths_are_refused(bool isPruned)
    {
        var model = new Mlp(5, 20);
        if (isPruned)
        {
            Pruning.Compact(model, inputs => [model.call(inputs[0])], new PruneOptions { Ratio = 0.5 }, null, [2, 5]).Dispose();
        }

        model.SavePruned(path);
        var error = Assert.Throws<InvalidDataException>(() => Mlp.LoadPruned(path, 5, 200));
        Assert.Equal(
            $"{path} is of a Mlp whose fc1 had 20 channels before it was pruned, and a new one has 200; construct it with the arguments that the saved one was "
                + "constructed with.",
            error.Message);
        using var again = Mlp.LoadPruned(path, 5, 20);
        Assert.Equal(TinyNet.Bits(model), TinyNet.Bits(again));
        Assert.Equal(20, PruningPlan.Link(again).Group("fc1").DenseWidth);
    }

    [Fact]
    public void The_dense_widths_go_from_file_to_file()
    {
        var model = new Mlp(5, 20);
        Pruning.Compact(model, inputs => [model.call(inputs[0])], new PruneOptions { Ratio = 0.5 }, null, [2, 5]).Dispose();
        model.SavePruned(path);
        using var again = Mlp.LoadPruned(path, 5, 20);
        again.SavePruned(path);
        Assert.Equal((20L, 10L), (PruneFile.ReadHeader(path).DenseWidths!["fc1"], PruneFile.ReadHeader(path).Widths["fc1"]));
    }

    [Fact]
    public void Arguments_that_do_not_fit_are_told_with_the_file_and_the_remedy()
    {
        var model = new Mlp(5, 20);
        Pruning.Compact(model, inputs => [model.call(inputs[0])], new PruneOptions { Ratio = 0.5 }, null, [2, 5]).Dispose();
        model.SavePruned(path);
        var error = Assert.Throws<InvalidDataException>(() => Mlp.LoadPruned(path, 8, 20));
        Assert.Contains($"{path} does not fit a new Mlp: fc1.weight has 8 indices in dimension 1, but what reaches it has 5", error.Message, StringComparison.Ordinal);
        Assert.Contains("Construct it with the arguments that the saved one was constructed with", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_class_that_is_derived_from_a_Prunable_one_is_told_how_it_is_loaded()
    {
        var model = new Derived();
        Pruning.Save(model, path);
        var error = Assert.Throws<InvalidDataException>(() => Derived.LoadPruned(path));
        Assert.Contains("with Pruning.Load(path, () => new PruneGen.Runtime.Tests.ConstructedOtherwiseTests+Derived(…))", error.Message, StringComparison.Ordinal);
        using var again = Pruning.Load(path, () => new Derived());
        Assert.Equal(TinyNet.Bits(model), TinyNet.Bits(again));
    }

    [Prunable]
    internal sealed partial class Mlp : nn.Module<Tensor, Tensor>
    {
        private readonly Linear fc1;
        private readonly Linear fc2;

        public Mlp(int inputs, int width)
            : base(nameof(Mlp))
        {
            (fc1, fc2) = (nn.Linear(inputs, width), nn.Linear(width, 3));
            RegisterComponents();
        }

        public override Tensor forward(Tensor input)
        {
            using var scope = NewDisposeScope();
            return fc2.call(fc1.call(input).relu()).MoveToOuterDisposeScope();
        }
    }

    [Prunable]
    internal partial class Base : nn.Module<Tensor, Tensor>
    {
        private readonly Linear fc1 = nn.Linear(4, 8);
        private readonly Linear fc2 = nn.Linear(8, 3);

        public Base()
            : base(nameof(Base)) => RegisterComponents();

        public override Tensor forward(Tensor input)
        {
            using var scope = NewDisposeScope();
            return fc2.call(fc1.call(input).relu()).MoveToOuterDisposeScope();
        }
    }

    internal sealed class Derived : Base;
}
