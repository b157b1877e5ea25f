namespace PruneGen.Generator.Tests;

/// <summary>Branches, loops and early ends of forward, at compile time and on live models.</summary>
public class ControlFlowTests
{
    /// <summary>A residual network as everybody writes one.</summary>
    internal const string ResNet = """
        /// <summary>Two convolutions and a shortcut.</summary>
        [Prunable(Structured, Ratio = 0.5)]
        public sealed partial class BasicBlock : Module<Tensor, Tensor>
        {
            private readonly Conv2d conv1;
            private readonly BatchNorm2d bn1;
            private readonly Conv2d conv2;
            private readonly BatchNorm2d bn2;
            private readonly Sequential? downsample;

            /// <summary>Creates it.</summary>
            public BasicBlock(long inputs, long outputs, long stride) : base("block")
            {
                conv1 = Conv2d(inputs, outputs, 3, stride: stride, padding: 1, bias: false);
                bn1 = BatchNorm2d(outputs);
                conv2 = Conv2d(outputs, outputs, 3, padding: 1, bias: false);
                bn2 = BatchNorm2d(outputs);
                if (stride != 1 || inputs != outputs)
                {
                    downsample = Sequential(Conv2d(inputs, outputs, 1, stride: stride, bias: false), BatchNorm2d(outputs));
                }

                RegisterComponents();
            }

            /// <inheritdoc/>
            public override Tensor forward(Tensor x)
            {
                var identity = x;
                var y = relu(bn1.call(conv1.call(x)));
                y = bn2.call(conv2.call(y));
                if (downsample is not null)
                {
                    identity = downsample.call(x);
                }

                return relu(y + identity);
            }
        }

        /// <summary>A residual network.</summary>
        [Prunable(Structured, Ratio = 0.5)]
        public sealed partial class Net : Module<Tensor, Tensor>
        {
            private readonly Conv2d stem = Conv2d(3, 8, 3, padding: 1);
            private readonly ModuleList<BasicBlock> blocks = new();
            private readonly Linear head;

            /// <summary>Creates it.</summary>
            public Net(int depth = 2) : base("net")
            {
                for (var i = 0; i < depth; i++)
                {
                    blocks.Add(new BasicBlock(i == 0 ? 8 : 16, 16, i == 0 ? 2 : 1));
                }

                head = Linear(16, 10);
                RegisterComponents();
            }

            /// <inheritdoc/>
            public override Tensor forward(Tensor x)
            {
                x = relu(stem.call(x));
                foreach (var block in blocks)
                {
                    x = block.call(x);
                }

                return head.call(x.mean(new long[] { 2, 3 }));
            }
        }
        """;

    private const string Head = "return fc2.call(fc1.call(flatten(x, 1)));";

    [Fact]
    public void A_residual_network_is_followed_to_its_live_blocks()
    {
        var groups = Loaded.From(ResNet).Prunes([2, 3, 8, 8]).Groups();
        Assert.Contains("blocks.0.conv1: blocks.0.conv1.weight[0] blocks.0.bn1.weight[0] blocks.0.bn1.bias[0] blocks.0.bn1.running_mean[0] blocks.0.bn1.running_var[0] blocks.0.conv2.weight[1]", groups);
        var shared = Assert.Single(groups, group => group.Contains("blocks.0.downsample.0.weight[0]", StringComparison.Ordinal));
        Assert.Contains("blocks.1.bn2.running_var[0]", shared, StringComparison.Ordinal);
        Assert.Contains("head.weight[1]", shared, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("if (training) x = conv1.call(x); else x = relu(conv1.call(x));\nx = conv2.call(x);")]
    [InlineData("x = conv1.call(x);\nif (deep) { x = relu(conv2.call(x)); }")]
    [InlineData("x = conv1.call(x);\nif (deep) { var y = relu(conv2.call(x)); x = x + y; } else if (training) { x = bn.call(x); }")]
    [InlineData("x = conv1.call(x);\nx = deep ? conv2.call(x) : x;")]
    [InlineData("x = conv1.call(x);\nvar gate = deep ? x : relu(x);\nx = conv2.call(x) + gate;")]
    [InlineData("x = deep ? relu(conv1.call(x)) : conv1.call(x);\nx = conv2.call(x);")]
    [InlineData("x = conv1.call(x);\nx = mode switch { \"a\" => conv2.call(x), \"b\" or \"c\" => relu(x), _ => x };")]
    [InlineData("x = conv1.call(x);\nswitch (mode) { case \"a\": x = conv2.call(x); break; case \"b\": case \"c\": break; default: throw new System.InvalidOperationException(); }")]
    [InlineData("x = conv1.call(x);\nfor (var i = 0; i < 2; i++) { x = relu(conv2.call(x)); }")]
    [InlineData("x = conv1.call(x);\nfor (int i = 0; i < times; i++) { if (i == 1) continue; var r = x; x = conv2.call(x); x = x + r; if (i > 2) break; }")]
    [InlineData("x = conv1.call(x);\nvar i = 0;\nwhile (i < times) { x = conv2.call(x); i++; }")]
    [InlineData("x = conv1.call(x);\nvar i = 0;\ndo { x = conv2.call(x); i += 1; } while (i < times);")]
    [InlineData("x = conv1.call(x);\nforeach (var layer in new Module<Tensor, Tensor>[] { conv2, bn }) { x = layer.call(x); }")]
    [InlineData("x = conv1.call(x);\nif (x.shape[2] > 4) { x = conv2.call(x); }")]
    [InlineData("x = conv1.call(x);\nif (x.dim() != 4) x = x.unsqueeze(0);\nx = conv2.call(x);")]
    [InlineData("x = conv1.call(x);\nif (x.max().item<float>() > 0) { x = conv2.call(x); }")]
    [InlineData("x = conv1.call(x);\nif (x.max().item<float>() > 0 && deep) { x = conv2.call(x); }")]
    [InlineData("Tensor y;\nif (deep) y = conv1.call(x); else y = relu(conv1.call(x));\nx = conv2.call(y);")]
    [InlineData("Tensor? y = null;\nx = conv1.call(x);\nif (deep) { y = relu(conv2.call(x)); }\nif (y is not null) { x = x + y; }")]
    [InlineData("x = conv1.call(x);\nx = Twice(x, deep);")]
    [InlineData("x = conv1.call(x);\nx = Find(x);")]
    [InlineData("var (a, b) = Both(x);\nx = a + b;")]
    [InlineData("x = conv1.call(x);\n(x, var y) = (conv2.call(x), x);\nx = x + y;")]
    [InlineData("var many = new System.Collections.Generic.List<Tensor>();\nx = conv1.call(x);\nmany.Add(x);\nmany.Add(conv2.call(x));\nx = torch.stack(many, 0).sum(0L);")]
    [InlineData("var many = new System.Collections.Generic.List<Tensor>();\nx = conv1.call(x);\nfor (var i = 0; i < 2; i++) { many.Add(x); x = conv2.call(x); }\nx = x + many[^1];\nmany.RemoveAt(many.Count - 1);\nx = x + many[0];")]
    [InlineData("var many = new System.Collections.Generic.Stack<Tensor>();\nx = conv1.call(x);\nmany.Push(x);\nx = conv2.call(x) + many.Pop();")]
    [InlineData("var pieces = new Tensor[2];\npieces[0] = conv1.call(x);\npieces[1] = conv2.call(pieces[0]);\nx = pieces[0] + pieces[1];")]
    [InlineData("x = conv1.call(x);\nvar parts = x.chunk(2, 1);\nx = torch.cat(new[] { parts[1], parts[0] }, 1);")]
    [InlineData("System.Func<Tensor, Tensor> act = t => relu(t);\nx = conv2.call(act(conv1.call(x)));")]
    [InlineData("x = conv1.call(x);\nx = Local(x);\nTensor Local(Tensor t) { if (deep) { return relu(t); } return conv2.call(t); }")]
    [InlineData("x = conv1.call(x);\nx = x + torch.zeros_like(x);\nx = x + torch.ones(1, 16, 1, 1);")]
    [InlineData("x = conv1.call(x);\nx = x[.., .., 1.., ..8] * 1;\nx = pad(x, new long[] { 0, 0, 1, 0 });")]
    [InlineData("x = conv1.call(x);\nx = x * conv2.weight!.mean();")]
    [InlineData("x = conv1.call(x);\nx = x * scale;")]
    [InlineData("x = conv1?.call(x) ?? x;\nx = conv2.call(x);")]
    [InlineData("x = new System.Func<Tensor, Tensor>(conv1.call)(x);\nx = conv2.call(x);")]
    [InlineData("x = conv1.call(x);\nx = Times(x, times - 1);")]
    [InlineData("x = conv1.call(x);\nx = Times(x, times);")]
    [InlineData("x = conv1.call(x);\nx = Times(x, null);")]
    [InlineData("x = conv1.call(x);\nvar shape = x.shape;\nif (deep || shape != last) { last = shape; x = relu(x); }")]
    [InlineData("x = conv1.call(x);\nvar shape = new[] { x.shape[0] }.Concat(Enumerable.Repeat(1L, (int)x.dim() - 1)).ToArray();\nx = x * torch.ones(shape);")]
    [InlineData("x = (deep ? conv1 : conv1).call(x);\nx = conv2.call(x);")]
    public void Each_way_of_writing_a_forward_prunes(string statements) => Loaded.From("using System.Linq;\n" + Models.WithForward($"{statements}\n{Head}", """
            internal readonly bool deep = true;
            internal readonly int times = 2;
            internal readonly string mode = "a";
            private readonly TorchSharp.Modules.Parameter scale = torch.nn.Parameter(torch.ones(1, 16, 1, 1));
            private Tensor Twice(Tensor t, bool on)
            {
                if (!on)
                {
                    return t;
                }

                return conv2.call(relu(conv2.call(t)));
            }

            internal long[] last = System.Array.Empty<long>();
            private Tensor Times(Tensor t, int? count)
            {
                if (count is not null)
                {
                    t = relu(t);
                }

                return count != null && count > 3 ? relu(t) : conv2.call(t);
            }

            private Tensor Find(Tensor t)
            {
                foreach (var layer in new Module<Tensor, Tensor>[] { bn, conv2 })
                {
                    t = layer.call(t);
                    if (layer is Conv2d)
                    {
                        return t;
                    }
                }

                return t;
            }

            private (Tensor, Tensor) Both(Tensor t)
            {
                var y = conv1.call(t);
                return (y, conv2.call(y));
            }
        """.Replace("            private", "    private", StringComparison.Ordinal))).Prunes([2, 3, 8, 8]);
}
