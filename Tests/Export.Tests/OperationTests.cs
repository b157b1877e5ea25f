using System.Globalization;
using System.Reflection;
using PruneGen.OnnxRunning;
using TorchSharp;
using static TorchSharp.torch;

namespace PruneGen.Export.Tests;

/// <summary>
/// Operations and layers one by one, with the arguments that are easily got wrong. Each is the forward of a model of its own that is exported and
/// compared, shape, element type and numbers, for several batches.
/// </summary>
public class OperationTests
{
    private const double Tolerance = 2e-5;

    /// <summary>
    /// What is written, and what it is called with: <c>2x3 i5:2x4</c> is a tensor of fractions and one of whole numbers below 5; <c>b:</c> yes or no,
    /// <c>p:</c> above zero. After an exclamation mark no dimension is dynamic. A layer is called with all of them.
    /// </summary>
    private static readonly (string Code, string Inputs)[] Cases =
    [
        .. new[]
        {
            "functional.relu(x)", "functional.relu6(x * 4)", "functional.leaky_relu(x, 0.3)", "functional.elu(x, 0.7)", "functional.selu(x)", "functional.celu(x, 0.4)",
            "functional.gelu(x)", "functional.silu(x)", "functional.mish(x)", "x.tanh()", "x.sigmoid()", "functional.softsign(x)", "functional.hardswish(x * 3)",
            "functional.hardsigmoid(x * 3)", "functional.hardshrink(x, 0.4)", "functional.softshrink(x, 0.4)",
            "functional.tanhshrink(x)", "x.softplus()", "functional.softplus(x * 30)", "functional.softplus(x * 5, 2.0, 3.0)", "functional.logsigmoid(x)",
            "functional.threshold(x, 0.2, -7)", "functional.rrelu(x)", "functional.dropout(x, 0.5, false)", "x.exp()", "x.expm1()", "x.exp2()", "x.sin()",
            "x.cos()", "x.tan()", "x.atan()", "x.sinh()", "x.cosh()", "x.asinh()", "x.erf()", "x.erfc()", "x.sign()", "x.abs()", "-x", "x.floor()", "x.ceil()",
            "(x * 2).round()", "x.trunc()", "x.frac()", "x.square()", "x.reciprocal()", "x.deg2rad()", "x.rad2deg()", "x.sinc()", "x.clamp(-0.5, 0.5)",
            "x.clamp(min: 0.1)", "x.clamp(max: 0.1)", "x.clamp_min(0.25)", "x.clamp_max(0.25)", "x + 1", "1 - x", "x - 2.5", "x * 3", "x / 4", "2 / (x + 9)",
            "x.add(x, 0.5)", "x.pow(2)", "x.abs().pow(0.5)", "x.remainder(0.7)", "x.fmod(0.7)", "x.floor_divide(0.3)",
            "x.div(0.3, RoundingMode.trunc)", "x.div(0.3, RoundingMode.floor)", "x > 0.1", "x <= 0", "x == x", "x.ne(0.5)", "(x > 0).logical_not()",
            "(x > 0).logical_and(x < 1)", "(x > 0).logical_xor(x < 1)", "x.isnan()", "x.isfinite()", "x.to_type(ScalarType.Int64)", "(x > 0).to_type(ScalarType.Float32)",
            "x.to(ScalarType.Float64)", "x.@long() + 1", "x.@long() / 2", "x.@long() * 1.5", "x.@int() + x.@long()", "x.@long().floor_divide(3)", "x.@long().remainder(3)", "x.@long().fmod(3)",
            "x.masked_fill(x > 0, -1)", "where(x > 0, x, x * 0.1)", "x.nan_to_num()", "x.logaddexp(x * 2)", "maximum(x, x * 2)", "minimum(x, -x)", "x.hypot(x + 1)", "x.atan2(x.flip(1))",
            "lerp(x, x + 1, tensor(0.3f))", "x.addcmul(x, x, 0.5)", "x.addcdiv(x, x.abs() + 1, 0.5)", "x.clone().relu_()", "x.clone().add_(1).mul_(2)",
        }.Select(code => (code, "2x5x4")),
        .. new[]
        {
            "x.log()", "x.sqrt()", "x.rsqrt()", "x.log2()", "x.log10()", "x.log1p()", "x.acosh()", "(x / 9).acos()", "(x / 9).asin()", "(x / 9).atanh()", "(x / 9).logit(1e-3)",
        }.Select(code => (code, "p:2x5x4")),
        .. new[]
        {
            "x + y", "x - y", "x * y", "x / (y * y + 1)", "x.maximum(y)", "x > y", "x == y", "x.pow(y.@int())", "where(x > y, x, y)", "x.fmax(y)",
        }.Select(code => (code, "2x5x4 5x1")),
        .. new[]
        {
            "x.sum()", "x.sum(1)", "x.sum(-1, true)", "x.sum(new long[] { 1, 2 })", "x.mean()", "x.mean(new long[] { 1 }, true)", "x.mean(new long[] { -1, 1 })", "x.@long().sum(1)",
            "(x > 0).sum(2)", "x.amax(new long[] { 1 })", "x.amin(new long[] { 1, 2 }, true)", "x.prod(1)", "x.logsumexp(1)", "x.logsumexp(-1, true)", "x.@var(1)", "x.@var(new long[] { 1, 2 }, false, true)",
            "x.std(1)", "x.std(new long[] { 2 }, false)", "x.std()", "x.norm(1)", "x.norm(1, true, 1)", "linalg.vector_norm(x, 3, new long[] { 1, 2 })", "linalg.vector_norm(x, double.PositiveInfinity, new long[] { 1 }, true)",
            "(x > 1).any(1)", "(x > -3).all(2, true)", "x.argmax(1)", "x.argmin(-1, true)", "x.max()", "x.max(1).values", "x.min(2, true).indexes", "x.topk(2, 1).values", "x.topk(3, -1, false).indexes",
            "x.sort(1).Values", "x.sort(-1, true).Indices", "x.argsort(1)", "x.kthvalue(2, 1).Item1", "x.softmax(1)", "x.log_softmax(-1)", "functional.softmin(x, 2)", "x.cumsum(1)", "x.@long().cumsum(-1)", "functional.normalize(x)",
            "functional.normalize(x, 1, 2)", "functional.glu(x, 2)", "x.count_nonzero(new long[] { 1 })", "x.flatten()", "x.flatten(1)", "x.flatten(0, 1)", "x.view(-1, 20)", "x.view(x.shape[0], 2, 10)", "x.reshape(x.shape[0] * 5, 4)",
            "x.unsqueeze(1)", "x.unsqueeze(-1)", "x.unsqueeze(1).squeeze(1)", "x.permute(2, 0, 1)", "x.T", "x[0].T", "x[0, 0].T", "x.mT", "x.transpose(1, -1)", "x.transpose(0, 1)", "cat(new[] { x, x * 2 }, 1)", "cat(new[] { x, x }, -1)", "cat(new[] { x, x.@long() }, 0)", "stack(new[] { x, x + 1 }, 1)", "stack(new[] { x, x + 1 }, -1)",
            "x.unsqueeze(1).expand(-1, 3, -1, -1)", "x.unsqueeze(1).expand(x.shape[0], 3, 5, 4)", "x.repeat(1, 2, 3)", "x.repeat(2, 1, 1)", "x.tile(new long[] { 2, 1 })", "x.repeat_interleave(3, 1)", "x.flip(1)", "x.flip(0, -1)", "x.roll(2, 1)", "x.roll(-1, 2)", "x.rot90(1, (1, 2))",
            "x[.., 1]", "x[.., -1]", "x[.., 1..3]", "x[.., ^3..^1]", "x[.., .., 0]", "x[TensorIndex.Ellipsis, -2]", "x[TensorIndex.Colon, TensorIndex.Slice(0, null, 2)]", "x[TensorIndex.Colon, TensorIndex.Null, 1]", "x[.., 1..]", "x[.., 0..100]", "x.narrow(1, 2, 2)", "x.narrow(1, -3, 2)", "x.select(1, -2)", "x.slice(1, 1, 5, 2)", "x[0]", "x[-1]",
            "x.chunk(2, 2)[1]", "x.chunk(2, 1)[1]", "x.split(2, 1)[2]", "x.split(new long[] { 1, 4 }, 1)[1]", "x.tensor_split(3, 1)[1]", "x.unbind(1)[2]", "x.tril()", "x.triu(1)", "x.tril(-1)",
            "zeros_like(x) + x", "ones_like(x) * 3", "full_like(x, 2.5)", "zeros(x.shape[0], 3)", "ones(new long[] { 2, x.shape[0] })", "full(new long[] { x.shape[0], 2 }, 7)", "x.new_zeros(new long[] { x.shape[0], 2 })", "arange(x.shape[1])", "arange(x.shape[0])", "arange(1, 10, 2) + 0.5", "x + arange(4)", "eye(3) + x[0, 0, 0]", "x * tensor(new[] { 1f, 2f, 3f, 4f })", "x + tensor(2)",
            "x / x.shape[0]", "x * Math.Sqrt(x.shape[2])", "x.matmul(x.transpose(1, 2))", "x.bmm(x.transpose(1, 2))", "einsum(\"bij,bkj->bik\", x, x)", "einsum(\"bij->bji\", x)", "tensordot(x, x[0], new long[] { 2 }, new long[] { 1 })", "nn.functional.cosine_similarity(x, x + 1)", "functional.pairwise_distance(x, x * 2)",
            "functional.scaled_dot_product_attention(x, x, x)", "functional.scaled_dot_product_attention(x, x, x, is_casual: true)", "functional.pad(x, (1, 2))", "functional.pad(x, (1, 0, 0, 2), value: 3)", "functional.pad(x, (1, 1), PaddingModes.Reflect)", "functional.pad(x, (2, 1), PaddingModes.Replicate)", "functional.pad(x, (2, 1), PaddingModes.Circular)", "functional.pad(x, (-1, 1))",
            "functional.max_pool1d(x, 2)", "functional.max_pool1d(x, 3, 2, 1)", "functional.avg_pool1d(x, 3, 2, 1)", "functional.adaptive_avg_pool1d(x, 3)", "functional.adaptive_avg_pool1d(x, 2)", "functional.adaptive_max_pool1d(x, 3)", "functional.interpolate(x, scale_factor: new[] { 2.0 })", "functional.interpolate(x, size: new long[] { 7 })", "functional.interpolate(x, size: new long[] { 7 }, mode: InterpolationMode.Linear)",
            "x.unfold(2, 2, 1)", "x.std_mean(new long[] { 1 }).std", "x[0].median()", "x.diff()", "x.diff(1, 1)", "x.diagonal(1, 1, 2)",  "x[0].trace()", "cdist(x, x + 1)", "meshgrid(new[] { x[0, 0], x[0, 1] })[1]", "x.nansum()", "x.copysign(x.flip(1))", "x.xlogy(x.abs() + 1)", "x.isclose(x.@long() + 0.0)", "x.take_along_dim(x.argsort(1), 1)", "hann_window(6) + x[0, 0, 0]", "x.select_scatter(x[.., 0], 1, 2)", "x.index_select(1, tensor(new long[] { 0, 3 }))", "x[TensorIndex.Colon, TensorIndex.Tensor(tensor(new long[] { 4, 0, 1 }))]", "hstack(new[] { x, x })", "vstack(new[] { x, x })", "dstack(new[] { x, x })",
        }.Select(code => (code, "2x5x4")),
        .. new[]
        {
            "functional.max_pool2d(x, 3, 2, 1)", "functional.max_pool2d(x, 3, 2, 1, ceil_mode: true)", "functional.max_pool2d(x, 2, 2, ceil_mode: true)", "functional.max_pool2d(x, 3, 1, 1, 2)", "functional.max_pool2d(x, (2, 3), (1, 2), (1, 0))",
            "functional.avg_pool2d(x, 3, 2, 1)", "functional.avg_pool2d(x, 3, 2, 1, ceil_mode: true)", "functional.avg_pool2d(x, 3, 2, 1, count_include_pad: false)", "functional.avg_pool2d(x, 3, 2, 1, ceil_mode: true, count_include_pad: false)", "functional.avg_pool2d(x, 2, 2, ceil_mode: true, divisor_override: 3)", "functional.lp_pool2d(x, 2.0, 2)",
            "functional.adaptive_avg_pool2d(x, 1)", "functional.adaptive_avg_pool2d(x, (3, 4))", "functional.adaptive_max_pool2d(x, new long[] { 2, 5 })", "functional.interpolate(x, scale_factor: new[] { 2.0, 3.0 })", "functional.interpolate(x, size: new long[] { 10, 13 }, mode: InterpolationMode.Nearest)", "functional.interpolate(x, size: new long[] { 5, 4 }, mode: InterpolationMode.NearestExact)",
            "functional.interpolate(x, size: new long[] { 10, 13 }, mode: InterpolationMode.Bilinear, align_corners: false)", "functional.interpolate(x, size: new long[] { 10, 13 }, mode: InterpolationMode.Bilinear, align_corners: true)", "functional.interpolate(x, size: new long[] { 4, 3 }, mode: InterpolationMode.Bilinear)", "functional.interpolate(x, scale_factor: new[] { 1.7, 2.3 }, mode: InterpolationMode.Bilinear)", "functional.interpolate(x, size: new long[] { 10, 13 }, mode: InterpolationMode.Bicubic)", "functional.interpolate(x, size: new long[] { 4, 5 }, mode: InterpolationMode.Area)",
            "functional.pixel_shuffle(x, 2)", "functional.pixel_unshuffle(x[.., .., ..6, ..6], 3)", "x.channel_shuffle(2)", "functional.unfold(x, 3, padding: 1, stride: 2)", "functional.fold(functional.unfold(x, 2), (7, 9), (2, 2))", "functional.pad(x, (1, 1, 2, 2), PaddingModes.Reflect)", "functional.pad(x, (1, 2, 3, 0), PaddingModes.Replicate)", "functional.local_response_norm(x, 3)", "functional.local_response_norm(x, 4, 0.5, 0.6, 2)", "functional.softmax2d(x)", "functional.instance_norm(x)", "functional.group_norm(x, 2)", "functional.layer_norm(x, new long[] { 7, 9 })",
            "x[x.shape[0] - 1, 1]", "x.mean(new long[] { 2, 3 })", "x.flatten(2).transpose(1, 2)", "x.view(x.shape[0], x.shape[1], -1)", "x.max(1, true).values - x.amin(new long[] { 1 }, true)",
        }.Select(code => (code, "2x4x7x9")),
        ("functional.grid_sample(x, y.tanh())", "2x3x5x6 2x4x4x2"), ("functional.grid_sample(x, y, GridSampleMode.Nearest, GridSamplePaddingMode.Border)", "2x3x5x6 2x4x4x2"), ("functional.grid_sample(x, y, GridSampleMode.Bilinear, GridSamplePaddingMode.Reflection, true)", "2x3x5x6 2x4x4x2"),
        ("functional.affine_grid(x, new long[] { x.shape[0], 1, 4, 5 })", "2x2x3"), ("functional.affine_grid(x, new long[] { x.shape[0], 1, 4, 5 }, true)", "2x2x3"),
        ("functional.one_hot(x, 6)", "i6:2x3"), ("x + 1", "i6:2x3"), ("x * 0.5", "i6:2x3"), ("x / 2", "i6:2x3"), ("x.sum(1)", "i6:2x3"), ("x.bitwise_and(3)", "i6:2x3"), ("x.bitwise_or(8)", "i6:2x3"), ("x.gather(1, y)", "2x5 i5:2x3"), ("x.index_select(0, y)", "!4x5 i4:3"), ("x.scatter(1, y, z)", "2x5 i5:2x2 2x2"), ("x.scatter_add(1, y, z)", "2x5 i5:2x3 2x3"), ("x.index_add(1, y, z, 2)", "2x5 i5:3 2x3"),
        ("x[TensorIndex.Tensor(y)]", "!5x3 i5:2x2"), ("x[TensorIndex.Colon, TensorIndex.Tensor(y)]", "2x6 i6:3"), ("x[TensorIndex.Tensor(y), TensorIndex.Tensor(z)]", "!4x5x3 i4:6 i5:6"), ("x.masked_fill(y, 0.5)", "2x4 b:2x4"), ("where(x, y, z)", "b:2x3 2x3 1x3"),
        ("functional.linear(x, y, z)", "2x3x4 5x4 5"), ("functional.conv2d(x, y, z, new long[] { 2, 1 }, new long[] { 1, 0 }, new long[] { 1, 2 })", "2x4x8x8 6x4x3x3 6"), ("functional.conv2d(x, y, groups: 2)", "2x4x8x8 6x2x3x3"), ("functional.conv_transpose2d(x, y, strides: new long[] { 2, 2 }, output_padding: new long[] { 1, 1 })", "2x4x5x5 4x3x3x3"), ("x.index_select(1, y)", "2x7 i7:4"), ("addmm(x, y, z, 0.5f, 2f)", "2x5 2x3 3x5"), ("x.outer(y)", "!3 4"), ("x.inner(y)", "2x4 5x4"), ("x.dot(y)", "!4 4"), ("x.mv(y)", "2x4 4"), ("functional.prelu(x, y)", "2x3x4 3"), ("functional.batch_norm(x, y, z.abs() + 1)", "2x3x4 3 3"),
        ("functional.scaled_dot_product_attention(x, y, y, z)", "2x3x4 2x5x4 b:3x5"), ("functional.scaled_dot_product_attention(x, y, y, z)", "2x3x4 2x5x4 3x5"),
        .. new[]
        {
            ("Conv1d(4, 6, 3)", "2x4x9"), ("Conv1d(4, 6, 3)", "!4x9"), ("Conv1d(4, 6, 3, padding: Padding.Same)", "2x4x9"), ("Conv2d(4, 6, 3, stride: 2, padding: 1)", "2x4x9x8"), ("Conv2d(4, 6, 3, groups: 2, dilation: 2, bias: false)", "2x4x9x8"), ("Conv2d(4, 8, 3, groups: 4, padding: 1)", "2x4x9x8"), ("Conv2d(4, 6, (3, 5), padding: (1, 2), padding_mode: PaddingModes.Reflect)", "2x4x9x8"), ("Conv2d(4, 6, 3, padding: 1, padding_mode: PaddingModes.Replicate)", "2x4x9x8"), ("Conv2d(4, 6, 3, padding: 2, padding_mode: PaddingModes.Circular)", "2x4x9x8"), ("Conv3d(2, 3, 3, padding: 1)", "2x2x5x6x7"),
            ("ConvTranspose1d(4, 6, 3, stride: 2, padding: 1)", "2x4x9"), ("ConvTranspose2d(4, 6, 3, stride: 2, padding: 1, output_padding: 1)", "2x4x5x6"), ("ConvTranspose2d(4, 6, 3, groups: 2, dilation: 2)", "2x4x5x6"), ("ConvTranspose3d(2, 3, 2, stride: 2)", "2x2x3x4x5"),
            ("Linear(4, 6)", "2x4"), ("Linear(4, 6, hasBias: false)", "2x3x4"), ("Linear(4, 6)", "2x3x5x4"), ("Linear(4, 6)", "!4"), ("Embedding(9, 5)", "i9:2x3"),
            ("BatchNorm1d(4)", "2x4"), ("BatchNorm1d(4)", "2x4x5"), ("BatchNorm2d(4, affine: false)", "2x4x5x6"), ("BatchNorm2d(4, eps: 0.1)", "2x4x5x6"), ("BatchNorm3d(4)", "2x4x3x3x3"), ("InstanceNorm2d(4, affine: true)", "2x4x5x6"), ("InstanceNorm1d(4)", "2x4x5"), ("InstanceNorm2d(4, affine: true, track_running_stats: true)", "2x4x5x6"), ("LayerNorm(6)", "2x4x6"), ("LayerNorm(new long[] { 4, 6 }, eps: 0.01)", "2x4x6"), ("LayerNorm(6, elementwise_affine: false)", "2x4x6"), ("GroupNorm(2, 6)", "2x6x4x3"), ("GroupNorm(6, 6)", "2x6x4"), ("GroupNorm(1, 6, affine: false)", "2x6x4"), ("LocalResponseNorm(5)", "2x6x4x4"), ("PReLU(1)", "2x6x4"), ("PReLU(6)", "2x6x4"),
            ("MaxPool1d(3, 2)", "2x4x9"), ("MaxPool2d(3, 2, 1, ceil_mode: true)", "2x4x8x9"), ("MaxPool2d(2, 3, ceil_mode: true)", "2x4x8x9"), ("MaxPool3d(2)", "2x2x4x4x4"), ("AvgPool2d(3, 2, 1, ceil_mode: true)", "2x4x8x9"), ("AvgPool2d(3, 2, 1, count_include_pad: false)", "2x4x8x9"), ("AvgPool3d(2)", "2x2x4x4x4"), ("AdaptiveAvgPool2d(3)", "2x4x7x9"), ("AdaptiveMaxPool2d(new long[] { 1, 1 })", "2x4x7x9"), ("AdaptiveMaxPool1d(4)", "2x4x9"), ("MaxPool2d(2)", "!4x8x8"),
            ("Flatten()", "2x4x5"), ("Flatten(0, 1)", "2x4x5"), ("Unflatten(1, new long[] { 2, 3 })", "2x6x4"), ("PixelShuffle(2)", "2x8x3x4"), ("PixelUnshuffle(2)", "2x3x4x6"), ("ChannelShuffle(3)", "2x6x4x4"), ("Upsample(scale_factor: new double[] { 2, 2 })", "2x3x4x5"), ("Upsample(size: new long[] { 7, 9 }, mode: UpsampleMode.Bilinear, align_corners: true)", "2x3x4x5"), ("Unfold(3, padding: 1)", "2x3x5x5"), ("Fold((4, 4), (2, 2))", "2x12x9"), ("ZeroPad2d((1, 2, 3, 4))", "2x3x4x5"), ("ConstantPad1d(2, 3.5)", "2x3x4"), ("ReflectionPad2d(2)", "2x3x5x6"), ("ReplicationPad1d(3)", "2x3x5"), ("ConstantPad3d(1, 2.0)", "2x2x3x3x3"),
            ("CosineSimilarity(2)", "2x3x4 2x3x4"), ("Softmax(1)", "2x3x4"), ("LogSoftmax(-1)", "2x3x4"), ("GLU(1)", "2x6x4"), ("Softplus(2.0, 3.0)", "2x6"), ("Threshold(0.1, 20)", "2x6"), ("GELU()", "2x6"), ("Dropout(0.5)", "2x6"), ("ELU(0.5)", "2x6"), ("LeakyReLU(0.2)", "2x6"),
            ("GRUCell(3, 4)", "2x3 2x4"), ("RNNCell(3, 4)", "2x3 2x4"), ("RNNCell(3, 4, NonLinearities.ReLU, bias: false)", "2x3 2x4"), ("TransformerEncoderLayer(8, 2, 16, 0.0)", "5x2x8"), ("TransformerEncoderLayer(12, 3, 16, 0.0, Activations.GELU)", "5x2x12"),
        }.Select(layer => ("layer " + layer.Item1, layer.Item2)),
        ("private readonly LSTM layer = LSTM(3, 4, 2, bidirectional: true, batchFirst: true); public $NAME() : base(\"m\") { RegisterComponents(); } public override Tensor forward(Tensor x) => layer.call(x).Item1;", "2x5x3"),
        ("private readonly LSTM layer = LSTM(3, 4, bias: false); public $NAME() : base(\"m\") { RegisterComponents(); } public override (Tensor, Tensor, Tensor) forward(Tensor x) => layer.call(x);", "5x2x3"),
        ("private readonly LSTM layer = LSTM(3, 4, 2); public $NAME() : base(\"m\") { RegisterComponents(); } public override Tensor forward(Tensor x, Tensor h, Tensor c) => layer.call(x, (h, c)).Item2;", "!5x2x3 2x2x4 2x2x4"),
        ("private readonly GRU layer = GRU(3, 4, 2, bidirectional: true); public $NAME() : base(\"m\") { RegisterComponents(); } public override (Tensor, Tensor) forward(Tensor x) => layer.call(x);", "5x2x3"),
        ("private readonly RNN layer = RNN(3, 4, nonLinearity: NonLinearities.ReLU, batchFirst: true); public $NAME() : base(\"m\") { RegisterComponents(); } public override (Tensor, Tensor) forward(Tensor x) => layer.call(x);", "2x5x3"),
        ("private readonly LSTMCell layer = LSTMCell(3, 4); public $NAME() : base(\"m\") { RegisterComponents(); } public override (Tensor, Tensor) forward(Tensor x, Tensor h, Tensor c) => layer.call(x, (h, c));", "2x3 2x4 2x4"),
        ("private readonly MultiheadAttention layer = MultiheadAttention(8, 2); public $NAME() : base(\"m\") { RegisterComponents(); } public override (Tensor, Tensor) forward(Tensor x, Tensor y) { var (a, b) = layer.call(x, y, y, null, true, null); return (a, b); }", "!5x2x8 3x2x8"),
        ("private readonly MaxPool2d pool = MaxPool2d(2); private readonly MaxUnpool2d back = MaxUnpool2d(2); public $NAME() : base(\"m\") { RegisterComponents(); } public override Tensor forward(Tensor x) { var (y, places) = pool.forward_with_indices(x); return back.call(y, places); }", "2x3x6x8"),
        ("public $NAME() : base(\"m\") { RegisterComponents(); } public override Tensor forward(Tensor x) { var y = x.clone(); y[.., 1] = 5; y[TensorIndex.Colon, TensorIndex.Slice(2, 4)] = x[TensorIndex.Colon, TensorIndex.Slice(0, 2)]; return y; }", "2x5x4"),
        ("public $NAME() : base(\"m\") { RegisterComponents(); } public override Tensor forward(Tensor x) { var y = x * 2; y[x > 0] = -1; return y; }", "2x5x4"),
        ("public $NAME() : base(\"m\") { RegisterComponents(); } public override Tensor forward(Tensor x) { var y = x + 1; var z = y.mul_(2); y.add_(1); return z + y; }", "2x5x4"),
        ("private readonly ReLU act = ReLU(inplace: true); public $NAME() : base(\"m\") { RegisterComponents(); } public override Tensor forward(Tensor x) { var y = x + 0.0; var z = act.call(y); return z + y; }", "2x5x4"),
    ];

    private static readonly Lazy<Type[]> Compiling = new(() => Compiled.Models(Array.ConvertAll(Cases, Members)));

    public static TheoryData<int, string> Written() => Data(Cases.Length, i => Cases[i].Code);

    [Theory]
    [MemberData(nameof(Written))]
    public void What_is_written_gives_what_TorchSharp_gives(int number, string code)
    {
        Assert.Equal(Cases[number].Code, code);
        using var scope = NewDisposeScope();
        manual_seed(number + 1);
        dynamic model = Activator.CreateInstance(Compiling.Value[number])!;
        Settle(model);
        var spec = Cases[number].Inputs;
        var (samples, names) = (Inputs(spec, null), new[] { "x", "y", "z" });
        if (code.Contains("Tensor h", StringComparison.Ordinal))
        {
            names = ["x", "h", "c"];
        }

        var options = new OnnxOptions
        {
            DynamicDimensions = spec.StartsWith('!') ? [] : null,
            InputTypes = samples.Zip(names).ToDictionary(pair => pair.Second, pair => pair.First.dtype),
        };
        var shapes = Array.ConvertAll(samples, input => input.shape);
        using var exported = new Exported(path => shapes.Length == 1 ? model.ExportOnnx(path, options, shapes[0]) : model.ExportOnnx(path, options, shapes));
        foreach (var batch in spec.StartsWith('!') ? new long?[] { null } : [null, 1, 3])
        {
            var inputs = Inputs(spec, batch);
            Assert.True(exported.Difference(Call(model, inputs), inputs) is var difference && difference <= Tolerance, $"{code}: {difference}");
        }
    }

    private static TheoryData<int, string> Data(int count, Func<int, string> code)
    {
        var data = new TheoryData<int, string>();
        for (var i = 0; i < count; i++)
        {
            data.Add(i, code(i));
        }

        return data;
    }

    private static string Members((string Code, string Inputs) one)
    {
        var (code, inputs) = one;
        if (code.Contains("forward(", StringComparison.Ordinal))
        {
            return code;
        }

        var names = new[] { "x", "y", "z" }.Take(inputs.Split(' ').Length).ToList();
        var (field, expression) = ("", code);
        if (code.StartsWith("layer ", StringComparison.Ordinal))
        {
            var made = code["layer ".Length..];
            (field, expression) = ($"private readonly {made.Split('(')[0]} layer = {made};", $"layer.call({string.Join(", ", names)})");
        }

        return $"{field} public $NAME() : base(\"m\") {{ RegisterComponents(); }} public override Tensor forward({string.Join(", ", names.Select(name => "Tensor " + name))}) => {expression};";
    }

    /// <summary>Gives parameters and statistics values that tell them apart.</summary>
    private static void Settle(nn.Module model)
    {
        using var noGradients = no_grad();
        foreach (var parameter in model.parameters().Where(parameter => parameter.dim() == 1))
        {
            parameter.copy_(rand_like(parameter) + 0.3);
        }

        foreach (var (name, buffer) in model.named_buffers().Where(entry => entry.buffer.is_floating_point()))
        {
            buffer.copy_(name.EndsWith("var", StringComparison.Ordinal) ? rand_like(buffer) + 0.5 : rand_like(buffer) - 0.5);
        }

        model.eval();
    }

    private static Tensor[] Inputs(string spec, long? batch)
    {
        var specs = spec.TrimStart('!').Split(' ');
        var first = long.Parse(specs[0].Split(':')[^1].Split('x')[0], CultureInfo.InvariantCulture);
        return Array.ConvertAll(specs, one =>
        {
            var shape = Array.ConvertAll(one.Split(':')[^1].Split('x'), size => long.Parse(size, CultureInfo.InvariantCulture));
            shape[0] = shape[0] == first && batch is { } size ? size : shape[0];
            return one[0] switch
            {
                'i' => randint(0, int.Parse(one[1..].Split(':')[0], CultureInfo.InvariantCulture), shape),
                'b' => rand(shape) > 0.3,
                'p' => (rand(shape) * 3) + 1.1,
                _ => randn(shape),
            };
        });
    }

    private static Tensor[] Call(dynamic model, Tensor[] x)
    {
        using var noGradients = no_grad();
        object result = x.Length switch { 1 => model.call(x[0]), 2 => model.call(x[0], x[1]), _ => model.call(x[0], x[1], x[2]) };
        return result is System.Runtime.CompilerServices.ITuple several ? [.. Enumerable.Range(0, several.Length).Select(i => (Tensor)several[i]!)] : [(Tensor)result];
    }
}
