using static TorchSharp.torch;

namespace PruneGen.Generator.Tests;

/// <summary>What models for vision, detection and generation do: each must prune what it can, and say so where removing is not masking.</summary>
public class VisionPatternsTests
{
    private const string Conv = "private readonly Conv2d a = Conv2d(3, 8, 3, padding: 1), head = Conv2d(8, 4, 1);";
    private static readonly long[] Image = [2, 3, 8, 8];

    /// <summary>The lines are the groups that must be found, among others.</summary>
    [Theory]
    [InlineData(
        Conv + "private readonly Conv2d psi = Conv2d(8, 1, 1);",
        "x = a.call(x); return head.call(x * torch.sigmoid(psi.call(x)));",
        "a: a.weight[0] a.bias[0] psi.weight[1] head.weight[1]")]
    [InlineData(
        Conv + "private readonly Sequential psi = Sequential(Conv2d(8, 2, 1), BatchNorm2d(2), Sigmoid());",
        "x = a.call(x); var gates = psi.call(x).chunk(2, 1); return head.call(x * gates[0] + x * gates[1]);",
        "a: a.weight[0] a.bias[0] psi.0.weight[1] head.weight[1]")]
    [InlineData(
        Conv + "private readonly Conv2d join = Conv2d(9, 4, 1);",
        "x = a.call(x); var row = torch.arange(8).view(1, 1, 1, -1).expand(x.shape[0], 1, 8, 8); return join.call(torch.cat(new[] { x, row.type_as(x) }, 1)) + head.call(x + row.to(x));",
        "a: a.weight[0] a.bias[0] join.weight[1] head.weight[1]")]
    [InlineData(
        Conv + "private readonly Parameter row = Parameter(torch.randn(8, 3)), column = Parameter(torch.randn(8, 5));",
        "x = a.call(x).permute(0, 2, 3, 1) + torch.cat(new[] { row.unsqueeze(0).repeat(8, 1, 1), column.unsqueeze(1).repeat(1, 8, 1) }, -1); return head.call(x.permute(0, 3, 1, 2));",
        "row: a.weight[0] a.bias[0] row[1] head.weight[1]\ncolumn: a.weight[0] a.bias[0] column[1] head.weight[1]")]
    [InlineData(
        Conv + "private readonly Conv2d gates = Conv2d(11, 16, 3, padding: 1);",
        "var h = torch.zeros(x.shape[0], gates.weight!.shape[0] / 2, 8, 8); for (var i = 0; i < 2; i++) { var parts = gates.call(torch.cat(new[] { x, h }, 1)).chunk(2, 1); h = parts[0] * torch.sigmoid(parts[1]); } return head.call(h + a.call(x));",
        "gates: gates.weight[0] gates.weight[1] gates.bias[0] a.weight[0] a.bias[0] head.weight[1]")]
    [InlineData(
        Conv + "private readonly Tensor kernel = torch.ones(1, 1, 3, 3) / 9;",
        "x = a.call(x); var c = x.shape[1]; return head.call(x + conv2d(x, kernel.expand(c, -1, -1, -1), padding: new long[] { 1, 1 }, groups: c) - conv2d(x, kernel.repeat(c, 1, 1, 1), padding: new long[] { 1, 1 }, groups: c));",
        "a: a.weight[0] a.bias[0] head.weight[1]")]
    [InlineData(
        Conv + "private readonly Tensor kernel = torch.randn(8, 1, 3, 3);",
        "x = a.call(x); return head.call(conv2d(pad(x, new long[] { 1, 1, 1, 1 }, PaddingModes.Reflect), kernel, strides: new long[] { 2, 2 }, groups: x.shape[1]));",
        "a: a.weight[0] a.bias[0] kernel[0] head.weight[1]")]
    [InlineData(
        Conv + "private readonly Linear style = Linear(3, 8); private readonly Parameter weight = Parameter(torch.randn(6, 8, 3, 3)); private readonly Conv2d last = Conv2d(6, 4, 1);",
        "var s = style.call(x.mean(new long[] { 2, 3 })); x = a.call(x); var (n, h, w) = (x.shape[0], x.shape[2], x.shape[3]); var weights = weight.unsqueeze(0) * s.view(n, 1, -1, 1, 1); x = conv2d(x.reshape(1, -1, h, w), weights.reshape(-1, weights.shape[2], 3, 3), padding: new long[] { 1, 1 }, groups: n); return last.call(x.reshape(n, -1, h, w));",
        "style: style.weight[0] style.bias[0] a.weight[0] a.bias[0] weight[1]\nweight: weight[0] last.weight[1]")]
    [InlineData(
        Conv + "private readonly Conv2d cheap = Conv2d(8, 8, 3, padding: 1, groups: 8), last = Conv2d(15, 4, 1), rest = Conv2d(16, 4, 1); private readonly int outputs = 16;",
        "x = a.call(x); x = torch.cat(new[] { x, cheap.call(x) }, 1); return rest.call(x[.., ..outputs]) + rest.call(x[TensorIndex.Colon, TensorIndex.Slice(0, 100)]);",
        "a: a.weight[0] a.bias[0] cheap.weight[0] cheap.bias[0] rest.weight[1]")]
    [InlineData(
        "private readonly Linear up = Linear(8, 12), down = Linear(6, 4); private readonly Conv1d tokens = Conv1d(24, 24, 1);",
        "var parts = up.call(x.flatten(1, 2)).chunk(2, -1); return down.call(parts[0] * tokens.call(parts[1]));",
        "up: up.weight[0] up.bias[0] down.weight[1]")]
    [InlineData(
        Conv + "private readonly Conv2d spatial = Conv2d(2, 1, 7, padding: 3);",
        "x = a.call(x); var (most, _) = torch.max(x, 1, keepdim: true); var least = x.min(1, keepdim: true).values; return head.call(x * torch.sigmoid(spatial.call(torch.cat(new[] { most, least }, 1))));",
        "a: a.weight[0] a.bias[0] head.weight[1]")]
    [InlineData(
        Conv + "private readonly Upsample up = Upsample(scale_factor: new double[] { 2, 1.5 }); private readonly Linear fc = Linear(8 * 16 * 12, 4);",
        "x = up.call(a.call(x)); var y = interpolate(interpolate(x, scale_factor: new double[] { 0.5 }), scale_factor: [2, 2]); double[] one = { 1, 1 }, same = [1, 1]; y = interpolate(interpolate(y, scale_factor: one), scale_factor: same); var (h, w) = (x.shape[2] - y.shape[2], x.shape[3] - y.shape[3]); x = x + pad(y, new long[] { w / 2, w - w / 2, h / 2, h - h / 2 }); return fc.call(x.view(x.shape[0], -1));",
        "a: a.weight[0] a.bias[0] fc.weight[1]")]
    [InlineData(
        Conv + "private readonly Sequential style = Sequential(new System.Collections.Generic.List<Module<Tensor, Tensor>> { Conv2d(3, 8, 1), ReLU() });",
        "var s = style.call(x); x = a.call(x); var size = s.size(); return head.call((x - x.mean(new long[] { 2, 3 }, keepdim: true).expand(size)) * s.mean(new long[] { 2, 3 }, keepdim: true).expand(size));",
        "style.0: style.0.weight[0] style.0.bias[0] a.weight[0] a.bias[0] head.weight[1]")]
    [InlineData(
        Conv + "private readonly Conv2d span = Conv2d(8, 18, 1); private readonly int groups = 2, k = 3;",
        "x = relu(a.call(x)); var kernels = span.call(x); var (b, h, w) = (kernels.shape[0], kernels.shape[2], kernels.shape[3]); var windows = unfold(x, k, padding: (k - 1) / 2).view(b, groups, -1, k * k, h, w); return head.call((kernels.view(b, groups, k * k, h, w).unsqueeze(2) * windows).sum(dim: 3).view(b, -1, h, w));",
        "a: a.weight[0] a.bias[0] span.weight[1] head.weight[1]")]
    [InlineData(
        Conv + "private readonly Sequential unfold = Sequential(Unfold(2, stride: 2)); private readonly Fold fold = Fold(8, 2, stride: 2);",
        "return head.call(fold.call(unfold.call(a.call(x))));",
        "a: a.weight[0] a.bias[0] head.weight[1]")]
    [InlineData(
        Conv + "private readonly Linear theta = Linear(3, 6); private readonly Conv2d offset = Conv2d(8, 2, 1);",
        "x = a.call(grid_sample(x, affine_grid(theta.call(x.mean(new long[] { 2, 3 })).view(-1, 2, 3), x.size()))); return head.call(grid_sample(x, offset.call(x).permute(0, 2, 3, 1), padding_mode: GridSamplePaddingMode.Border));",
        "a: a.weight[0] a.bias[0] offset.weight[1] head.weight[1]")]
    public void Groups_are_found(string members, string statements, string groups)
    {
        var net = Loaded.From(Net(members, statements));
        var found = net.Groups(Image);
        Assert.All(groups.Split('\n'), group => Assert.Contains(group, found));
    }

    [Theory]
    [InlineData(Conv + "private readonly Conv2d psi = Conv2d(8, 1, 1);", "x = a.call(x); return head.call(x * torch.sigmoid(psi.call(x)));")]
    [InlineData(Conv + "private readonly Tensor kernel = torch.ones(1, 1, 3, 3) / 9;", "x = a.call(x); var c = x.shape[1]; return head.call(x + conv2d(x, kernel.expand(c, -1, -1, -1), padding: new long[] { 1, 1 }, groups: c));")]
    [InlineData(Conv + "private readonly Linear style = Linear(3, 8); private readonly Parameter weight = Parameter(torch.randn(6, 8, 3, 3)); private readonly Conv2d last = Conv2d(6, 4, 1);", "var s = style.call(x.mean(new long[] { 2, 3 })); x = a.call(x); var (n, h, w) = (x.shape[0], x.shape[2], x.shape[3]); var weights = weight.unsqueeze(0) * s.view(n, 1, -1, 1, 1); x = conv2d(x.reshape(1, -1, h, w), weights.reshape(-1, weights.shape[2], 3, 3), padding: new long[] { 1, 1 }, groups: n); return last.call(x.reshape(n, -1, h, w));")]
    [InlineData(Conv + "private readonly Conv2d rest = Conv2d(16, 4, 1); private readonly int outputs = 16;", "x = a.call(x); x = torch.cat(new[] { x, relu(x) }, 1); return rest.call(x[.., ..outputs]);")]
    [InlineData("private readonly Linear up = Linear(8, 12), down = Linear(6, 4); private readonly Conv1d tokens = Conv1d(24, 24, 1);", "var parts = up.call(x.flatten(1, 2)).chunk(2, -1); return down.call(parts[0] * tokens.call(parts[1]));")]
    [InlineData(Conv + "private readonly Conv2d gates = Conv2d(11, 16, 3, padding: 1);", "var h = torch.zeros(x.shape[0], gates.weight!.shape[0] / 2, 8, 8); for (var i = 0; i < 2; i++) { var parts = gates.call(torch.cat(new[] { x, h }, 1)).chunk(2, 1); h = parts[0] * torch.sigmoid(parts[1]); } return head.call(h + a.call(x));")]
    [InlineData(Conv + "private readonly Parameter row = Parameter(torch.randn(8, 3)), column = Parameter(torch.randn(8, 5));", "x = a.call(x).permute(0, 2, 3, 1) + torch.cat(new[] { row.unsqueeze(0).repeat(8, 1, 1), column.unsqueeze(1).repeat(1, 8, 1) }, -1); return head.call(x.permute(0, 3, 1, 2));")]
    [InlineData(Conv + "private readonly Conv2d span = Conv2d(8, 18, 1); private readonly int groups = 2, k = 3;", "x = relu(a.call(x)); var kernels = span.call(x); var (b, h, w) = (kernels.shape[0], kernels.shape[2], kernels.shape[3]); var windows = unfold(x, k, padding: (k - 1) / 2).view(b, groups, -1, k * k, h, w); return head.call((kernels.view(b, groups, k * k, h, w).unsqueeze(2) * windows).sum(dim: 3).view(b, -1, h, w));")]
    [InlineData(Conv + "private readonly Linear theta = Linear(3, 6); private readonly Conv2d offset = Conv2d(8, 2, 1);", "x = a.call(grid_sample(x, affine_grid(theta.call(x.mean(new long[] { 2, 3 })).view(-1, 2, 3), x.size()))); return head.call(grid_sample(x, offset.call(x).permute(0, 2, 3, 1)));")]
    [InlineData(Conv + "private readonly Sequential unfold = Sequential(Unfold(2, stride: 2)); private readonly Fold fold = Fold(8, 2, stride: 2);", "return head.call(fold.call(unfold.call(a.call(x))));")]
    public void What_is_found_prunes(string members, string statements) => Loaded.From(Net(members, statements)).Prunes(Image).Returns(Image);

    [Theory]
    [InlineData(
        "private readonly Linear first = Linear(9, 8), head = Linear(8, 4); private readonly Tensor frequencies = torch.ones(3);",
        "var all = new List<Tensor>(); for (var i = 0; i < frequencies.shape[0]; i++) { all.Add(x * frequencies[i]); } return head.call(relu(first.call(torch.cat(all, -1))));")]
    [InlineData(
        "private readonly Linear first = Linear(15, 8), head = Linear(8, 4);",
        "var all = new List<Tensor> { x }; for (var i = 1; i < 3; i++) { foreach (var f in new Func<Tensor, Tensor>[] { torch.sin, t => torch.cos(t) * i }) { var y = f(x * i); all.Add(y); } } return head.call(relu(first.call(torch.cat(all, -1))));")]
    [InlineData(
        "private readonly List<int[]> from = new() { new[] { -1 }, new[] { -1, 0 }, new[] { 0, 1 } }; private readonly ModuleList<Linear> layers = new(Linear(3, 8), Linear(11, 6), Linear(14, 4));",
        "var seen = new List<Tensor>(); for (var i = 0; i < layers.Count; i++) { var given = from[i].Select(j => j < 0 ? x : relu(seen[j])).ToArray(); seen.Add(layers[i].call(torch.cat(given, -1))); } return seen[^1];")]
    [InlineData(
        "private readonly Linear first = Linear(3, 8), head = Linear(8, 4); private readonly Cell cell = new();",
        "return head.call(cell.Start(x.shape[0]) + cell.Widen(first.call(x)));")]
    public void Loops_and_helpers_are_read(string members, string statements)
    {
        var net = Loaded.From("using System;\nusing System.Linq;\nusing System.Collections.Generic;\n" + Net(members, statements) + Cell("private"));
        net.Prunes([5, 3]).Returns([5, 3]);
    }

    [Fact]
    public void The_width_that_a_layer_was_made_with_follows_it()
    {
        var net = Loaded.From(Net(
            "private readonly Conv2d gates = Conv2d(11, 16, 3, padding: 1), head = Conv2d(8, 4, 1); private readonly Linear fc = Linear(8, 6), last = Linear(6, 4); private readonly BatchNorm2d norm = BatchNorm2d(8);",
            "var h = torch.zeros(x.shape[0], gates.out_channels / 2, 8, 8); for (var i = 0; i < 2; i++) { var parts = gates.call(torch.cat(new[] { x, h }, 1)).chunk(2, 1); h = parts[0] * torch.sigmoid(parts[1]); } "
            + "var y = fc.call(norm.call(h).view(x.shape[0], norm.num_features, -1).transpose(1, 2)); return head.call(h).flatten(2).transpose(1, 2) + last.call(y.view(x.shape[0], -1, fc.out_features));"));
        Assert.Equal(["gates", "fc"], net.Plan(Image).Groups.Select(group => group.Name));
        net.Prunes(Image).Returns(Image);
    }

    [Theory]
    [InlineData("private readonly Conv2d a = Conv2d(3, 8, 1); private Conv2d? late;", "late ??= Conv2d(8, 4, 1); return late.call(a.call(x));", "late ??= Conv2d(8, 4, 1)", "a Conv2d that forward creates when it first needs one and that is registered nowhere (create it in the constructor)")]
    [InlineData("private readonly Conv2d a = Conv2d(3, 8, 1);", "var grid = new Tensor[2, 2]; grid[0, 0] = a.call(x); return grid[0, 0] + 1;", "grid[0, 0]", "an array of more than one dimension (an array of arrays is followed)")]
    public void What_is_not_followed_comes_with_what_to_do(string members, string statements, string at, string message)
    {
        var report = Compiled.From("using System;\n" + Net(members, statements)).Reported("PG0006", at);
        Assert.Contains(message, report.GetMessage(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal);
    }

    /// <summary>A sum over channels is the same without them only where a mask leaves zeros in every one.</summary>
    [Theory]
    [InlineData("(a + b.mean(new long[] { 1 }, keepdim: true)).abs().sum(1)", "a b")]
    [InlineData("(a + bias).abs().sum(1) + b.abs().sum(1)", "a")]
    [InlineData("a.sum(1) + (a.mean(new long[] { 2 }, keepdim: true) * bias.expand_as(a)).sum(1) + b.sum(1)", "")]
    [InlineData("a.sum(1) + bias.expand_as(b).sum(1)", "b")]
    [InlineData("a.sum(1) + bias.view(1, 1, 1, 1).expand(-1, b.shape[1], -1, -1).sum(1) + b.sum(1)", "b")]
    [InlineData("(a.unsqueeze(1) * b.sigmoid().unsqueeze(2)).sum(1).sum(1)", "a b")]
    [InlineData("(a.unsqueeze(1) * b.unsqueeze(2)).sum(1).sum(1)", "")]
    [InlineData("(a * scale).abs().sum(1) + b.sum(1)", "")]
    [InlineData("tokens.call(a.flatten(2)).abs().sum(1) + b.sum()", "a")]
    [InlineData("tokens.call(a.flatten(2)).sigmoid().mean() + line.call(b.flatten(2).transpose(1, 2)).abs().sum(2)", "a b")]
    [InlineData("linear(a.permute(0, 2, 3, 1), weight * 0.5).sum() + b.sum()", "")]
    [InlineData("a.pow(2).sum(1) + torch.pow(b.abs(), 0.5).sum(1)", "")]
    [InlineData("a.pow(-2).sum(1) + b.pow(bias).sum(1)", "a b")]
    [InlineData("pad(a, new long[] { 1, 0 }, value: 0).sum() + pad(b, new long[] { 1, 0 }, PaddingModes.Constant, 0.5).sum()", "b")]
    [InlineData("border.call(a).sum() + ring.call(b).sum()", "b")]
    [InlineData("each.call(a.view(-1, 1, a.shape[2], a.shape[3])).view(a.shape[0], -1, a.shape[2], a.shape[3]).sum(1) + b.sum(1)", "a")]
    [InlineData("norm.call(a.flatten(2).transpose(1, 2)).abs().sum(2) + b.sum()", "a")]
    [InlineData("groups.call(a.flatten(2).transpose(1, 2)).mean() + layer.call(b.flatten(2)).abs().sum()", "a b")]
    [InlineData("linear(a.flatten(2), square, square.mean(new long[] { 0 })).abs().sum() + b.sum()", "a")]
    public void A_sum_knows_whether_a_mask_leaves_zeros(string result, string inexact)
    {
        var net = Loaded.From(Net(
            "private readonly Conv2d c = Conv2d(3, 8, 1), d = Conv2d(3, 6, 1); private readonly Linear tokens = Linear(64, 64); private readonly Conv1d line = Conv1d(64, 64, 1); private readonly Parameter bias = Parameter(torch.randn(1)), scale = Parameter(torch.randn(8, 1, 1)), weight = Parameter(torch.randn(5, 8)), square = Parameter(torch.randn(64, 64)); "
            + "private readonly ConstantPad2d border = ConstantPad2d(1, 0), ring = ConstantPad2d(1, 1); private readonly Conv2d each = Conv2d(1, 1, 1); private readonly BatchNorm1d norm = BatchNorm1d(64); private readonly GroupNorm groups = GroupNorm(4, 64); private readonly LayerNorm layer = LayerNorm(64);",
            $"var (a, b) = (c.call(x), d.call(x)); return {result};"));
        var groups = net.Plan(Image).Groups;
        var names = inexact.Replace('a', 'c').Replace('b', 'd').Split(' ', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(names, groups.Where(group => !group.Exact).Select(group => group.Name).Where(name => name is "c" or "d").Order());
        if (names.Length == 0)
        {
            net.Prunes(Image);
        }
    }

    /// <summary>A part that is run by helpers of its own, which read a number that it keeps.</summary>
    private static string Cell(string accessibility) => $$"""

        /// <summary>A part.</summary>
        [Prunable(Structured, Ratio = 0.5)]
        public sealed partial class Cell : Module<Tensor, Tensor>
        {
            {{accessibility}} readonly int width = 8;
            private readonly Linear wide = Linear(8, 12), narrow = Linear(12, 8);

            /// <summary>Creates it.</summary>
            public Cell() : base("cell") => RegisterComponents();

            /// <summary>What it begins with.</summary>
            public Tensor Start(long batch) => torch.zeros(batch, width);

            /// <summary>Runs it.</summary>
            public Tensor Widen(Tensor x) => narrow.call(relu(wide.call(x)));

            /// <inheritdoc/>
            public override Tensor forward(Tensor x) => Widen(x);
        }
        """;

    private static string Net(string members, string statements) => $$"""
        /// <summary>Under test.</summary>
        [Prunable(Structured, Ratio = 0.5)]
        public sealed partial class Net : Module<Tensor, Tensor>
        {
            {{members}}

            /// <summary>Creates it.</summary>
            public Net() : base("net") => RegisterComponents();

            /// <inheritdoc/>
            public override Tensor forward(Tensor x)
            {
                {{statements}}
            }
        }
        """;
}
