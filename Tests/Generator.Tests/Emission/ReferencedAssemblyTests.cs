using static TorchSharp.torch;

namespace PruneGen.Generator.Tests;

/// <summary>Models of another assembly, which was generated there: only what its metadata and its code tell is seen.</summary>
public sealed class ReferencedAssemblyTests
{
    private static readonly string Library = Input.Read("Blocks");

    private const string Net = """
        /// <summary>Made of parts that another project made.</summary>
        [Prunable(Structured, Ratio = 0.5)]
        public sealed partial class Net : Module<Tensor, Tensor>
        {
            private readonly Blocks.Backbone backbone = new Blocks.Plain();
            private readonly Blocks.Block block = Blocks.Block.Of(8);
            private readonly ModuleList<Module<Tensor, Tensor>> more = new(Blocks.Block.Of(8), Conv2d(8, 8, 1));
            private readonly Conv2d head = Conv2d(8, 4, 1);

            /// <summary>Creates it.</summary>
            public Net() : base("net") => RegisterComponents();

            /// <inheritdoc/>
            public override Tensor forward(Tensor x)
            {
                x = block.call(backbone.call(x));
                foreach (var layer in more)
                {
                    x = layer.call(x);
                }

                return head.call(x);
            }
        }
        """;

    private static readonly long[] Image = [2, 3, 8, 8];

    [Fact]
    public void Its_models_are_joined_with_those_that_hold_them()
    {
        var net = Loaded.Beside(Library, Net);
        Assert.Contains(net.Groups(Image), group => group.Contains("backbone.stem.weight[0]", StringComparison.Ordinal) && group.Contains("block.second.weight[0]", StringComparison.Ordinal) && group.Contains("block.gate.squeeze.weight[1]", StringComparison.Ordinal) && group.Contains("more.0.second.weight[0]", StringComparison.Ordinal));
        Assert.Contains(net.Groups(Image), group => group.StartsWith("block.gate.squeeze: ", StringComparison.Ordinal));
        net.Prunes(Image);
    }

    [Fact]
    public void A_model_with_such_parts_is_saved_and_loaded()
    {
        using var scope = NewDisposeScope();
        var net = Loaded.Beside(Library, Net).Prunes(Image);
        var file = Path.GetTempFileName();
        try
        {
            var type = net.Model.GetType();
            type.GetMethod("SavePruned", [typeof(string)])!.Invoke(net.Model, [file]);
            var again = (nn.Module<Tensor, Tensor>)type.GetMethod("LoadPruned", [typeof(string)])!.Invoke(null, [file])!;
            again.eval();
            var input = randn(Image);
            Assert.Equal(0, (((nn.Module<Tensor, Tensor>)net.Model).call(input) - again.call(input)).abs().max().item<float>());
        }
        finally
        {
            File.Delete(file);
        }
    }
}
