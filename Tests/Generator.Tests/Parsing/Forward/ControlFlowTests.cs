namespace PruneGen.Generator.Tests;

/// <summary>Branches, loops and early ends of forward, at compile time and on live models.</summary>
public class ControlFlowTests
{
    /// <summary>A residual network as everybody writes one.</summary>
    internal static readonly string ResNet = Input.Read("ResNet");

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
