using PruneGen.Tracing;
using static TorchSharp.torch;

namespace PruneGen.Generator.Tests;

/// <summary>What linking writes down of a model is all that forward computes; what it cannot tell, it names.</summary>
public sealed class TraceTests
{
    [Theory]
    [InlineData("x[.., 0] = 5;")]
    [InlineData("x[.., 0] = 0;")]
    [InlineData("x[x < 0.2] = 0.5f;")]
    [InlineData("x[.., ..2] = x[.., 2..4] * 2;")]
    [InlineData("x[.., ^1] = x.sum().item<float>();")]
    [InlineData("x[.., ..8].add_(1);")]
    [InlineData("x[.., 1..15, TensorIndex.Null] *= 3; ")]
    [InlineData("x = x.clamp_(0.1, 0.5).sub_(0.2);")]
    [InlineData("var y = x; x = x.view(2, -1, 4); x[0].zero_(); x = y;")]
    [InlineData("x = 3 - x; x = 2 / (x + 5); x = x % 0.3f;")]
    [InlineData("x = 7 % (x + 5);")]
    [InlineData("x = x * ((x > 0.1) & (x < 0.5) | (0.7 < x) ^ ~(x <= 0.9)); x = x + (x.to(int32) & tensor(2)) + (~x.to(int64) | tensor(1));")]
    [InlineData("x = -x; x = x * (x > 0.1); x = x.masked_fill(x.le(0.3), -1);")]
    [InlineData("x = where(x > 0.2, x, full_like(x, 0.25)); x = x.where(x > 0.5, x * 2);")]
    [InlineData("x = x + arange(0, 4, 0.25);")]
    [InlineData("x = x + arange(16, dtype: x.dtype) / 16;")]
    [InlineData("x = x + arange(2, 18).to(x.dtype);")]
    [InlineData("x = x + tensor(new[] { 1f, 2f }, dtype: ScalarType.Float64).mean().to(float32);")]
    [InlineData("Tensor t = new[] { 1f, 2f, 3f, 4f }; x = x + t.sum();")]
    [InlineData("x = x + zeros(2, 16, dtype: x.dtype, device: x.device) + ones_like(x) + eye(16)[0];")]
    [InlineData("x = x + linspace(0, 1, 16) + logspace(0, 1, 16);")]
    [InlineData("x = layer_norm(x, new long[] { 16 }, eps: 0.1);")]
    [InlineData("x = normalize(x, p: 1, dim: 1, eps: 0.5); x = x.norm(1, true, 3) * x;")]
    [InlineData("x = pad(x, new long[] { 1, 1 }, PaddingModes.Constant, 0.75)[.., 1..17];")]
    [InlineData("x = softplus(x, 2, 5); x = elu(x, 0.3); x = hardtanh(x, 0, 0.8); x = threshold(x, 0.1, 0.2); x = celu(x, 0.7);")]
    [InlineData("x = nn.LeakyReLU(0.3).call(x); x = nn.Softmax(1).call(x); x = nn.ELU(0.4).call(x);")]
    [InlineData("x = dropout(x, 0.5, training); x = alpha_dropout(x, 0.5, training);")]
    [InlineData("x = dropout(x, 0.5);")]
    [InlineData("x = nn.Dropout(0.5).call(x); x = feature_alpha_dropout(x.unsqueeze(0), 0.5)[0];")]
    [InlineData("x = x + rand(2, 16) + randn_like(x) + normal(0.5, 0.1, new long[] { 16 });")]
    [InlineData("x = einsum(\"nc,nd->nd\", x, x); x = x.matmul(x.transpose(0, 1)).matmul(x); x = addmm(x, x.mm(x.t()), x, 0.5f, 2f);")]
    [InlineData("x = addcmul(x, x, x, 0.5); x = addcdiv(x, x, x + 1, 0.3); x = lerp(x, x * 2, 0.25); x = x.lerp(x + 1, full_like(x, 0.5));")]
    [InlineData("x = x.topk(16, 1, false).Item1 + x.sort(1, true).Item2; x = x.max(1, true).values + x.argmax(1, true) + x;")]
    [InlineData("x = x.var(1, false, true) + x.std(new long[] { 1 }, keepdim: true) + x.logsumexp(1, true) + x.amax(1).unsqueeze(1) + x;")]
    [InlineData("x = x.cumsum(1) + x.flip(1) + x.roll(3, 1) + x.repeat(1, 2)[.., ..16] + x.tile(new long[] { 2 })[.., ..16];")]
    [InlineData("x = x.to(float64).mul(2).to(float32).to_type(ScalarType.Float32).@double().@float();")]
    [InlineData("x = x.gather(1, x.argsort(1)); x = x.index_select(1, arange(16)); x = x.scatter(1, x.argsort(1), x); x = x.scatter_add(1, x.argsort(1), x);")]
    [InlineData("x = x.tril(1) + x.triu(-1); x = bucketize(x, x[0].sort().Values, right: true) + x;")]
    [InlineData("x = pixel_shuffle(x.view(2, -1, 2, 2), 2).flatten(1); x = functional.interpolate(x.unsqueeze(1), scale_factor: new[] { 2.0 }, mode: InterpolationMode.Linear, align_corners: true)[.., 0, ..16];")]
    [InlineData("x = max_pool1d(x.unsqueeze(1), 3, 1, 1)[.., 0]; x = avg_pool1d(x.unsqueeze(1), 3, 1, 1, ceil_mode: false, count_include_pad: false)[.., 0];")]
    [InlineData("x = scaled_dot_product_attention(x.view(2, 1, -1, 4), x.view(2, 1, -1, 4), x.view(2, 1, -1, 4), is_casual: true).flatten(1);")]
    [InlineData("if (training) { x = x * 2; } else { x = x * 3; }")]
    [InlineData("if (x.sum().item<float>() > 0) { x = x * 2; } else { x = x * 3; }")]
    [InlineData("x = (x.shape[1] > 4 ? x * 2 : x * 3) * System.Math.Sqrt(x.shape[1]);")]
    public void Every_operand_is_in_the_trace(string statements)
    {
        var net = Loaded.From(Net(statements));
        var plan = net.Plan([2, 8]);
        Assert.Empty(plan.Trace.Gaps);
        Assert.InRange(TraceInterpreter.Difference(plan, net.Forward, randn(2, 8)), 0, 1e-6);
    }

    /// <summary>A tensor that is changed in place: by another name, in a branch, in a loop, or in a helper that may return before that.</summary>
    [Theory]
    [InlineData("var y = x; if (x.shape[0] > 1) { x.add_(1); } x = x + y;")]
    [InlineData("var y = x; if (x.shape[0] > 1) { y.add_(1); } else { y.mul_(2); } x = x * 2;")]
    [InlineData("var y = x; for (var i = 0; i < 2; i++) { y.mul_(2).add_(1); } x = x + y;")]
    [InlineData("var y = x; if (x.shape[0] > 1) { y[.., 0] = 5; } x = x + y;")]
    [InlineData("Add(x); x = x * 2;")]
    [InlineData("AddTwice(x); x = x * 2;")]
    [InlineData("Grow(x); x = x * 2;")]
    [InlineData("var y = x; Grow(y); x = x + y;")]
    [InlineData("if (x.shape[0] > 1) { Grow(x); Add(x); } x = x * 2;")]
    [InlineData("var y = x.relu(); for (var i = 0; i < 2; i++) { Grow(y); AddTwice(y); } x = x + y;")]
    [InlineData("for (var i = 0; i < 2; i++) { Add(x); x = x * 2; }")]
    [InlineData("kept.zero_(); Keep(x); x = x + kept;")]
    [InlineData("kept.zero_(); if (x.shape[0] > 1) { KeepInside(x); } x = x + kept;")]
    [InlineData("kept.zero_(); Keep(x); Add(kept); x = x + kept;")]
    public void Whoever_holds_a_tensor_sees_what_is_done_to_it_in_place(string statements)
    {
        var net = Loaded.From(Net(statements, """
            private readonly Tensor kept = zeros(1);
            private static void Add(Tensor t) => t.add_(1);
            private static void AddTwice(Tensor t)
            {
                Add(t);
                t.mul_(3);
            }

            private static void Grow(Tensor t)
            {
                if (t.shape[0] > 5)
                {
                    return;
                }

                t.add_(1);
                t.mul_(2);
            }

            private void Keep(Tensor t)
            {
                if (t.shape[0] > 5)
                {
                    return;
                }

                KeepInside(t);
            }

            private void KeepInside(Tensor t) => kept.add_(t.sum());
            """));
        var plan = net.Plan([2, 8]);
        Assert.Empty(plan.Trace.Gaps);
        Assert.InRange(TraceInterpreter.Difference(plan, net.Forward, randn(2, 8)), 0, 1e-6);
    }

    [Theory]
    [InlineData("MultiheadAttention layer = MultiheadAttention(16, 2)", "x = x.unsqueeze(1); x = layer.call(x, x, x).Item1[.., 0];", "link.Layers(layer, x3, x3, x3)")]
    [InlineData("MultiheadAttention layer = MultiheadAttention(16, 2)", "x = x.unsqueeze(1); x = layer.call(x, x, x, null, false, null).Item1[.., 0];", "link.Layers(layer, x3, x3, x3, null, false, null)")]
    [InlineData("MultiheadAttention layer = MultiheadAttention(16, 2)", "x = x.unsqueeze(1); x = layer.call(x, x, x, need_weights: false, attn_mask: zeros(2, 2)).Item1[.., 0];", "link.Layers(layer, x3, x3, x3, null, false, x")]
    [InlineData("MultiheadAttention layer = MultiheadAttention(16, 2)", "x = x.unsqueeze(1); x = layer.call(x, x, x, key_padding_mask: null, need_weights: true).Item1[.., 0];", "link.Layers(layer, x3, x3, x3, null, true)")]
    [InlineData("LSTM layer = LSTM(16, 16)", "var (y, h, c) = layer.call(x.unsqueeze(0)); (y, _, _) = layer.call(y, (h, c)); x = y[0];", "link.Layers(layer, ")]
    [InlineData("Embedding layer = Embedding(16, 16)", "x = x + layer.call(x.argmax(1));", "link.Layer(layer, ")]
    [InlineData("MaxPool1d layer = MaxPool1d(2)", "var (y, at) = layer.forward_with_indices(x.unsqueeze(1)); x = max_unpool1d(y, at, 2, 2)[.., 0];", "link.LayerWithIndices(layer, ")]
    [InlineData("MaxPool1d layer = MaxPool1d(2)", "var (y, at) = layer.forward_with_indices(x.unsqueeze(1)); x = torch.cat(new[] { y, at.to(float32) }, 2)[.., 0];", "link.LayerWithIndices(layer, ")]
    public void A_layer_is_called_with_all_that_forward_gives_it(string layer, string statements, string step)
    {
        Assert.Contains(Compiled.From(Net(statements, $"private readonly {layer};")).Clean().Link, line => line.Contains(step, StringComparison.Ordinal));
        var net = Loaded.From(Net(statements, $"private readonly {layer};"));
        var plan = net.Plan([2, 8]);
        Assert.Empty(plan.Trace.Gaps);
        Assert.InRange(TraceInterpreter.Difference(plan, net.Forward, randn(2, 8)), 0, 1e-6);
    }

    [Theory]
    [InlineData("var kind = x.dtype; x = x.to(kind);", "the argument type of to")]
    [InlineData("x = Twice(x);", "what Twice computes, which [Axes] describes")]
    [InlineData("while (x.sum().item<float>() > 10) { x = x / 2; }", "how often the loop by x.sum().item<float>() > 10 runs")]
    public void What_a_trace_cannot_tell_it_names(string statements, string gap)
    {
        var plan = Loaded.From(Net(statements, statements.Contains("Twice", StringComparison.Ordinal) ? "[Axes(\"N C -> N C\")] private static Tensor Twice(Tensor t) => t * 2;" : "")).Plan([2, 8]);
        Assert.Equal([gap], plan.Trace.Gaps);
    }

    private static string Net(string statements, string members = "") => $$"""
        #nullable enable
        /// <summary>It.</summary>
        [Prunable(Structured)]
        public partial class Net : Module<Tensor, Tensor>
        {
            private readonly Linear a = Linear(8, 16), b = Linear(16, 3);
            {{members}}
            /// <summary>Creates it.</summary>
            public Net() : base("net") => RegisterComponents();
            /// <inheritdoc/>
            public override Tensor forward(Tensor x0)
            {
                var x = relu(a.call(x0));
                {{statements}}
                return b.call(x);
            }
        }
        """;
}
