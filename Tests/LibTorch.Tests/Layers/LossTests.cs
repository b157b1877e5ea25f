using System.Runtime.InteropServices;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace PruneGen.LibTorch.Tests.Layers;

public class LossTests
{
    private static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));

    /// <summary>An element-wise loss: its functional form, its module, its formula of x and t, and targets that fit it.</summary>
    private sealed record ElementWise(Func<Tensor, Tensor, Reduction, Tensor> Function, Func<Reduction, Module<Tensor, Tensor, Tensor>> Layer, Func<double, double, double> Formula, double[] Input, double[] Target);

    private static readonly double[] Inputs = [-2.1, -0.4, 0.3, 0.8, 1.9, 3.2];
    private static readonly double[] Targets = [-0.5, 0.2, 0.1, 2.4, 1.7, -1.3];
    private static readonly double[] Probabilities = [0.05, 0.3, 0.42, 0.77, 0.9, 0.99];
    private static readonly double[] Shares = [0, 1, 0.25, 0.5, 0.9, 0.1];
    private static readonly double[] Signs = [1, -1, 1, -1, 1, -1];

    private static readonly Dictionary<string, ElementWise> Losses = new()
    {
        ["MSE"] = new(functional.mse_loss, r => MSELoss(r), (x, t) => (x - t) * (x - t), Inputs, Targets),
        ["L1"] = new(functional.l1_loss, r => L1Loss(r), (x, t) => Math.Abs(x - t), Inputs, Targets),
        ["SmoothL1"] = new((x, t, r) => functional.smooth_l1_loss(x, t, r, 0.7), r => SmoothL1Loss(r, 0.7), (x, t) => Math.Abs(x - t) < 0.7 ? (x - t) * (x - t) / 1.4 : Math.Abs(x - t) - 0.35, Inputs, Targets),
        ["Huber"] = new((x, t, r) => functional.huber_loss(x, t, 0.7, r), r => HuberLoss(0.7, r), (x, t) => Math.Abs(x - t) < 0.7 ? (x - t) * (x - t) / 2 : 0.7 * (Math.Abs(x - t) - 0.35), Inputs, Targets),
        ["BCE"] = new((x, t, r) => functional.binary_cross_entropy(x, t, null, r), r => BCELoss(null, r), (x, t) => -(t * Math.Log(x) + (1 - t) * Math.Log(1 - x)), Probabilities, Shares),
        ["BCEWithLogits"] = new((x, t, r) => functional.binary_cross_entropy_with_logits(x, t, null, r), r => BCEWithLogitsLoss(null, r), (x, t) => -(t * Math.Log(Sigmoid(x)) + (1 - t) * Math.Log(1 - Sigmoid(x))), Inputs, Shares),
        ["KLDiv"] = new((x, t, r) => functional.kl_div(x, t, false, r), r => KLDivLoss(false, r), (x, t) => t * (Math.Log(t) - x), Inputs, Probabilities),
        ["KLDivOfLogarithms"] = new((x, t, r) => functional.kl_div(x, t, reduction: r), r => KLDivLoss(reduction: r), (x, t) => Math.Exp(t) * (t - x), Inputs, Targets),
        ["PoissonNLL"] = new((x, t, r) => functional.poisson_nll_loss(x, t, reduction: r), r => PoissonNLLLoss(reduction: r), (x, t) => Math.Exp(x) - t * x, Inputs, Probabilities),
        ["SoftMargin"] = new(functional.soft_margin_loss, r => SoftMarginLoss(r), (x, t) => Math.Log(1 + Math.Exp(-t * x)), Inputs, Signs),
        ["HingeEmbedding"] = new((x, t, r) => functional.hinge_embedding_loss(x, t, 1, r), r => HingeEmbeddingLoss(reduction: r), (x, t) => t > 0 ? x : Math.Max(0, 1 - x), Inputs, Signs),
    };

    public static TheoryData<string> Names => [.. Losses.Keys];

    [Theory, MemberData(nameof(Names))]
    public void Element_wise_losses_follow_their_formula(string name)
    {
        var loss = Losses[name];
        var elements = loss.Input.Zip(loss.Target, loss.Formula).ToArray();
        var (x, t) = (tensor(loss.Input), tensor(loss.Target));

        Near.Equal(elements, loss.Function(x, t, Reduction.None));
        Near.Equal([elements.Average()], loss.Function(x, t, Reduction.Mean));
        Near.Equal([elements.Sum()], loss.Function(x, t, Reduction.Sum));
        Near.Equal(elements, loss.Layer(Reduction.None).call(x, t));
        Near.Equal([elements.Average()], loss.Layer(Reduction.Mean).call(x, t));
        Near.Equal([elements.Sum()], loss.Layer(Reduction.Sum).call(x, t));
    }

    [Theory, MemberData(nameof(Names))]
    public void Gradients_match_finite_differences(string name)
    {
        var loss = Losses[name];
        var target = tensor(loss.Target);
        Gradients.AssertMatchDifferences(x => loss.Function(x, target, Reduction.Mean), tensor(loss.Input), tolerance: 1e-5);
    }

    // Logits of five samples of three classes.
    private static readonly double[,] Logits = { { 0.2, -1.3, 0.5 }, { 2.1, 0.4, -0.6 }, { -0.2, 0.7, 0.1 }, { 1.0, 1.1, 0.9 }, { -2, 0, 3 } };
    private static readonly long[] Classes = [2, 0, 1, 2, 0];

    private static double[] LogSoftmax(int row)
    {
        var logits = Enumerable.Range(0, 3).Select(c => Logits[row, c]).ToArray();
        var total = Math.Log(logits.Sum(Math.Exp));
        return Array.ConvertAll(logits, logit => logit - total);
    }

    [Fact]
    public void CrossEntropy_is_the_negative_logarithm_of_the_softmax()
    {
        var (x, t) = (tensor(Logits), tensor(Classes));
        var losses = Enumerable.Range(0, 5).Select(row => -LogSoftmax(row)[Classes[row]]).ToArray();
        Near.Equal(losses, functional.cross_entropy(x, t, reduction: Reduction.None));
        Near.Equal([losses.Average()], CrossEntropyLoss().call(x, t));
        Near.Equal([losses.Sum()], CrossEntropyLoss(reduction: Reduction.Sum).call(x, t));
        Near.Equal(losses, functional.nll_loss(functional.log_softmax(x, 1), t, reduction: Reduction.None));
        Near.Equal([losses.Average()], NLLLoss().call(functional.log_softmax(x, 1), t));
        Gradients.AssertMatchDifferences(input => functional.cross_entropy(input, t), x);
    }

    [Fact]
    public void CrossEntropy_weighs_ignores_and_smooths()
    {
        var (x, t) = (tensor(Logits), tensor(Classes));
        double[] weights = [0.5, 2, 1.5];
        var losses = Enumerable.Range(0, 5).Select(row => -LogSoftmax(row)[Classes[row]]).ToArray();

        // The weighted mean is over the weights of the targets.
        var weighted = losses.Zip(Classes, (loss, c) => loss * weights[c]).Sum() / Classes.Sum(c => weights[c]);
        Near.Equal([weighted], CrossEntropyLoss(tensor(weights)).call(x, t));
        Near.Equal([weighted], functional.cross_entropy(x, t, tensor(weights)));
        Near.Equal([weighted], NLLLoss(tensor(weights)).call(functional.log_softmax(x, 1), t));

        var counted = losses.Where((_, row) => Classes[row] != 2).Average();
        Near.Equal([counted], CrossEntropyLoss(ignore_index: 2).call(x, t));
        Near.Equal([counted], functional.cross_entropy(x, t, ignore_index: 2));
        var masked = tensor(Classes.Select(c => c == 2 ? -100 : c).ToArray());
        Near.Equal([counted], CrossEntropyLoss().call(x, masked));

        var smoothed = Enumerable.Range(0, 5).Average(row => 0.9 * losses[row] - 0.1 * LogSoftmax(row).Average());
        Near.Equal([smoothed], functional.cross_entropy(x, t, label_smoothing: 0.1));
        Near.Equal([smoothed], new TorchSharp.Modules.CrossEntropyLoss(label_smoothing: 0.1).call(x, t));

        var shares = functional.softmax(Near.Random(1, 5, 3), 1);
        var values = Near.Values(shares);
        Near.Equal([Enumerable.Range(0, 5).Average(row => -LogSoftmax(row).Select((l, c) => l * values[row * 3 + c]).Sum())], functional.cross_entropy(x, shares));
    }

    [Fact]
    public void CrossEntropy_takes_classes_per_pixel()
    {
        var x = Near.Random(2, 2, 3, 4, 5);
        var t = tensor(Enumerable.Range(0, 40).Select(i => (long)(i * 7 % 3)).ToArray()).reshape(2, 4, 5);
        var expected = functional.cross_entropy(x.permute(0, 2, 3, 1).reshape(40, 3), t.reshape(40));
        Near.Equal(expected, functional.cross_entropy(x, t));
    }

    [Fact]
    public void Weights_of_elements_and_of_positives_count()
    {
        var (x, p, t) = (tensor(Inputs), tensor(Probabilities), tensor(Shares));
        double[] weights = [1, 2, 0.5, 3, 0, 1];
        var byElement = Probabilities.Zip(Shares, (v, s) => -(s * Math.Log(v) + (1 - s) * Math.Log(1 - v))).Zip(weights, (loss, w) => loss * w).ToArray();
        Near.Equal(byElement, BCELoss(tensor(weights), Reduction.None).call(p, t));

        var byPositive = Inputs.Zip(Shares, (v, s) => -(3 * s * Math.Log(Sigmoid(v)) + (1 - s) * Math.Log(1 - Sigmoid(v)))).ToArray();
        Near.Equal(byPositive, BCEWithLogitsLoss(reduction: Reduction.None, pos_weights: tensor(new[] { 3.0 })).call(x, t));
    }

    [Fact]
    public void Gaussian_likelihood_knows_the_variance()
    {
        var (mean, target, variance) = (Near.Random(1, 4, 3), Near.Random(2, 4, 3), Near.Random(3, 4, 3).exp());
        var (m, t, v) = (Near.Values(mean), Near.Values(target), Near.Values(variance));
        var samples = Enumerable.Range(0, 4).Select(row => Enumerable.Range(row * 3, 3).Sum(i => (Math.Log(v[i]) + Math.Pow(m[i] - t[i], 2) / v[i]) / 2)).ToArray();
        Near.Equal([samples.Average()], functional.gaussian_nll_loss(mean, target, variance), 1e-7);
        Near.Equal(samples, GaussianNLLLoss(reduction: Reduction.None).call(mean, target, variance), 1e-7);
        Assert.Throws<ArgumentException>(() => functional.gaussian_nll_loss(mean, target, -variance));
        Assert.Throws<ArgumentException>(() => functional.gaussian_nll_loss(mean, target, variance.narrow(1, 0, 2)));
    }

    [Fact]
    public void Ranking_losses_follow_their_formulas()
    {
        var (a, b) = (tensor(Inputs), tensor(Targets));
        var expected = Inputs.Zip(Targets).Zip(Signs, (pair, s) => Math.Max(0, -s * (pair.First - pair.Second) + 0.4)).ToArray();
        Near.Equal(expected, MarginRankingLoss(0.4, Reduction.None).call(a, b, tensor(Signs)));
        Near.Equal([expected.Average()], functional.margin_ranking_loss(a, b, tensor(Signs), 0.4));

        var (anchor, positive, negative) = (Near.Random(1, 4, 3), Near.Random(2, 4, 3), Near.Random(3, 4, 3));
        Tensor Distance(Tensor x, Tensor y) => (x - y + 1e-6).pow(2).sum(1).sqrt();
        var triplets = (Distance(anchor, positive) - Distance(anchor, negative) + 1.5).clamp_min(0);
        Near.Equal(triplets, TripletMarginLoss(1.5, reduction: Reduction.None).call(anchor, positive, negative));
        Near.Equal(triplets.mean(), functional.triplet_margin_loss(anchor, positive, negative, 1.5));
        Near.Equal(triplets.sum(), TripletMarginWithDistanceLoss(Distance, 1.5, reduction: Reduction.Sum).call(anchor, positive, negative));
        Near.Equal(triplets.mean(), functional.triplet_margin_with_distance_loss(anchor, positive, negative, margin: 1.5), 1e-6);

        var cosine = (anchor * positive).sum(1) / (anchor.pow(2).sum(1) * positive.pow(2).sum(1)).sqrt();
        var signs = tensor(new[] { 1.0, -1, 1, -1 });
        var embedded = torch.where(signs > 0, 1 - cosine, (cosine - 0.1).clamp_min(0));
        Near.Equal(embedded, CosineEmbeddingLoss(0.1, Reduction.None).call(anchor, positive, signs), 1e-7);
    }

    [Fact]
    public void Multi_class_margins_follow_their_formulas()
    {
        var (x, t) = (tensor(Logits), tensor(Classes));
        var margins = Enumerable.Range(0, 5).Select(row =>
            Enumerable.Range(0, 3).Where(c => c != Classes[row]).Sum(c => Math.Pow(Math.Max(0, 0.8 - Logits[row, Classes[row]] + Logits[row, c]), 2)) / 3).ToArray();
        Near.Equal(margins, MultiMarginLoss(2, 0.8, reduction: Reduction.None).call(x, t));

        var several = tensor(new double[,] { { 1, 0, 1 }, { 0, 0, 1 }, { 1, 1, 0 }, { 0, 1, 0 }, { 1, 1, 1 } });
        var soft = functional.binary_cross_entropy_with_logits(x, several, null, Reduction.None).mean([1]);
        Near.Equal(soft, MultiLabelSoftMarginLoss(reduction: Reduction.None).call(x, several));
        Near.Equal(soft.mean(), functional.multilabel_soft_margin_loss(x, several));

        // Classes 2 and 0 in the first sample, 1 in the second.
        var labels = tensor(new long[,] { { 2, 0, -1 }, { 1, -1, 0 } });
        var first = (Math.Max(0, 1 - (0.5 + 1.3)) + Math.Max(0, 1 - (0.2 + 1.3))) / 3;
        var second = (Math.Max(0, 1 - (0.4 - 2.1)) + Math.Max(0, 1 - (0.4 + 0.6))) / 3;
        Near.Equal([first, second], MultiLabelMarginLoss(Reduction.None).call(x.narrow(0, 0, 2), labels));
    }

    [Fact]
    public void CTC_sums_over_the_alignments()
    {
        // Two steps, the target "1": the alignments are 11, 1-, -1.
        var logs = functional.log_softmax(Near.Random(1, 2, 1, 3), 2);
        var p = Near.Values(logs.exp());
        var expected = -Math.Log(p[1] * p[4] + p[1] * p[3] + p[0] * p[4]);
        var lengths = (tensor(new long[] { 2 }), tensor(new long[] { 1 }));
        Near.Equal([expected], CTCLoss().call(logs, tensor(new long[,] { { 1 } }), lengths.Item1, lengths.Item2));
        Near.Equal([expected], functional.ctc_loss(logs, tensor(new long[,] { { 1 } }), lengths.Item1, lengths.Item2));
    }

    [Fact]
    public void Shapes_that_do_not_fit_are_refused()
    {
        Assert.Throws<ExternalException>(() => functional.binary_cross_entropy(ones(3), ones(4)));
        Assert.Throws<ExternalException>(() => functional.binary_cross_entropy_with_logits(ones(3), ones(3, 1)));
        Assert.Throws<ExternalException>(() => functional.cross_entropy(ones(3, 2), tensor(new long[] { 0, 1, 2 })));
    }

    [Fact]
    public void Modules_tell_their_settings()
    {
        Assert.Equal(Reduction.Sum, MSELoss(Reduction.Sum).reduction);
        Assert.Equal(7, CrossEntropyLoss(ignore_index: 7).ignore_index);
        Assert.Null(CrossEntropyLoss().weight);
        Assert.Equal(0.5, HuberLoss(0.5).delta);
        Assert.Empty(CrossEntropyLoss(ones(3)).parameters());
    }
}
