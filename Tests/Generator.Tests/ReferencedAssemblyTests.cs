using static TorchSharp.torch;

namespace PruneGen.Generator.Tests;

/// <summary>Models of another assembly, which was generated there: only what its metadata and its code tell is seen.</summary>
public sealed class ReferencedAssemblyTests
{
    private const string Library = """
        namespace Blocks
        {
            /// <summary>Two convolutions and a way around them.</summary>
            [Prunable(Structured, Ratio = 0.5)]
            public sealed partial class Block : Module<Tensor, Tensor>
            {
                private readonly Conv2d first, second;
                private readonly BatchNorm2d norm;
                private readonly Gate gate;

                private Block(long width) : base("block")
                {
                    first = Conv2d(width, 2 * width, 3, padding: 1);
                    norm = BatchNorm2d(2 * width);
                    second = Conv2d(2 * width, width, 1);
                    gate = new Gate(width);
                    RegisterComponents();
                }

                /// <summary>Creates one.</summary>
                public static Block Of(long width) => new(width);

                /// <inheritdoc/>
                public override Tensor forward(Tensor x) => gate.call(x + second.call(relu(norm.call(first.call(x)))));

                [Prunable(Structured, Ratio = 0.5)]
                private sealed partial class Gate : Module<Tensor, Tensor>
                {
                    private readonly Conv2d squeeze, excite;

                    public Gate(long width) : base("gate")
                    {
                        squeeze = Conv2d(width, 4, 1);
                        excite = Conv2d(4, width, 1);
                        RegisterComponents();
                    }

                    public override Tensor forward(Tensor x) => x * torch.sigmoid(excite.call(relu(squeeze.call(x.mean(new long[] { 2, 3 }, keepdim: true)))));
                }
            }

            /// <summary>A base whose forward is here.</summary>
            [Prunable(Structured, Ratio = 0.5)]
            public abstract partial class Backbone : Module<Tensor, Tensor>
            {
                private readonly Conv2d stem = Conv2d(3, 8, 3, padding: 1);

                /// <summary>Creates it.</summary>
                protected Backbone(string name) : base(name) { }

                /// <inheritdoc/>
                public override Tensor forward(Tensor x) => relu(stem.call(x));
            }

            /// <summary>It as it is.</summary>
            public sealed class Plain : Backbone
            {
                /// <summary>Creates it.</summary>
                public Plain() : base("plain") => RegisterComponents();
            }
        }
        """;

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
