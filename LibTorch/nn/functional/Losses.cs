using System.Runtime.InteropServices;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        // Every loss takes a reduction: the mean over the batch's elements, their sum, or none.
        public static partial class functional
        {
            private static class LossOps
            {
                internal static readonly Op binary_cross_entropy = new("aten::binary_cross_entropy");
                internal static readonly Op binary_cross_entropy_with_logits = new("aten::binary_cross_entropy_with_logits");
                internal static readonly Op cosine_embedding_loss = new("aten::cosine_embedding_loss");
                internal static readonly Op cross_entropy_loss = new("aten::cross_entropy_loss");
                internal static readonly Op ctc_loss = new("aten::ctc_loss", "Tensor");
                internal static readonly Op hinge_embedding_loss = new("aten::hinge_embedding_loss");
                internal static readonly Op huber_loss = new("aten::huber_loss");
                internal static readonly Op kl_div = new("aten::kl_div");
                internal static readonly Op l1_loss = new("aten::l1_loss");
                internal static readonly Op margin_ranking_loss = new("aten::margin_ranking_loss");
                internal static readonly Op mse_loss = new("aten::mse_loss");
                internal static readonly Op multi_margin_loss = new("aten::multi_margin_loss");
                internal static readonly Op multilabel_margin_loss = new("aten::multilabel_margin_loss");
                internal static readonly Op nll_loss = new("aten::nll_loss_nd");
                internal static readonly Op pairwise_distance = new("aten::pairwise_distance");
                internal static readonly Op poisson_nll_loss = new("aten::poisson_nll_loss");
                internal static readonly Op smooth_l1_loss = new("aten::smooth_l1_loss");
                internal static readonly Op soft_margin_loss = new("aten::soft_margin_loss");
                internal static readonly Op triplet_margin_loss = new("aten::triplet_margin_loss");
            }

            /// <summary>−(t·log x + (1 − t)·log(1 − x)) of probabilities.</summary>
            /// <param name="input">Probabilities, of any shape.</param>
            /// <param name="target">Targets between 0 and 1, of the same shape.</param>
            /// <param name="weight">Weights of the elements, which can be broadcast to that shape, or null.</param>
            /// <param name="reduction">What becomes of the elements' losses.</param>
            /// <exception cref="ExternalException">Input and target differ in shape.</exception>
            public static Tensor binary_cross_entropy(Tensor input, Tensor target, Tensor? weight = null, Reduction reduction = Reduction.Mean)
            {
                CheckSameShape(input, target);
                return Dispatcher.Call(LossOps.binary_cross_entropy, input, target, weight, (long)reduction);
            }

            /// <summary>The binary cross entropy of sigmoid(x), computed without overflow.</summary>
            /// <param name="input">Logits, of any shape.</param>
            /// <param name="target">Targets between 0 and 1, of the same shape.</param>
            /// <param name="weight">Weights of the elements, which can be broadcast to that shape, or null.</param>
            /// <param name="reduction">What becomes of the elements' losses.</param>
            /// <param name="pos_weights">Weights of the positive targets, or null.</param>
            /// <exception cref="ExternalException">Input and target differ in shape.</exception>
            public static Tensor binary_cross_entropy_with_logits(Tensor input, Tensor target, Tensor? weight = null, Reduction reduction = Reduction.Mean, Tensor? pos_weights = null)
            {
                CheckSameShape(input, target);
                return Dispatcher.Call(LossOps.binary_cross_entropy_with_logits, input, target, weight, pos_weights, (long)reduction);
            }

            /// <summary>The negative logarithm of the target classes' softmax.</summary>
            /// <param name="input">Logits of shape (N, C), (N, C, …) or (C).</param>
            /// <param name="target">Class numbers of shape (N), (N, …) or (), or probabilities of the input's shape.</param>
            /// <param name="weight">Weights of the classes, shape (C), or null.</param>
            /// <param name="ignore_index">A class number that does not count.</param>
            /// <param name="reduction">What becomes of the elements' losses.</param>
            /// <param name="label_smoothing">The share of the target that is spread evenly over all classes.</param>
            public static Tensor cross_entropy(Tensor input, Tensor target, Tensor? weight = null, long ignore_index = -100, Reduction reduction = Reduction.Mean, double label_smoothing = 0.0) =>
                Dispatcher.Call(LossOps.cross_entropy_loss, input, target, weight, (long)reduction, ignore_index, label_smoothing);

            /// <summary>The negative log-likelihood of target classes.</summary>
            /// <param name="input">Log-probabilities of shape (N, C), (N, C, …) or (C).</param>
            /// <param name="target">Class numbers of shape (N), (N, …) or ().</param>
            /// <param name="weight">Weights of the classes, shape (C), or null.</param>
            /// <param name="reduction">What becomes of the elements' losses.</param>
            public static Tensor nll_loss(Tensor input, Tensor target, Tensor? weight = null, Reduction reduction = Reduction.Mean) =>
                Dispatcher.Call(LossOps.nll_loss, input, target, weight, (long)reduction);

            /// <summary>The negative log-likelihood of counts under Poisson distributions.</summary>
            /// <param name="input">The rates, or their logarithms.</param>
            /// <param name="target">The counts.</param>
            /// <param name="log_input">Whether the input holds logarithms.</param>
            /// <param name="full">Whether Stirling's approximation of log(target!) is added.</param>
            /// <param name="eps">Added to rates before their logarithm is taken.</param>
            /// <param name="reduction">What becomes of the elements' losses.</param>
            public static Tensor poisson_nll_loss(Tensor input, Tensor target, bool log_input = true, bool full = false, float eps = 1e-8f, Reduction reduction = Reduction.Mean) =>
                Dispatcher.Call(LossOps.poisson_nll_loss, input, target, log_input, full, eps, (long)reduction);

            /// <summary>The negative log-likelihood of targets under normal distributions.</summary>
            /// <param name="input">The means, shape (N, …).</param>
            /// <param name="target">The targets, of the same shape.</param>
            /// <param name="variance">The variances: of the same shape, or one per sample.</param>
            /// <param name="full">Whether the constant log(2π) / 2 is added.</param>
            /// <param name="eps">The smallest variance.</param>
            /// <param name="reduction">What becomes of the samples' losses.</param>
            /// <exception cref="ArgumentException">A shape does not fit, or a variance is negative.</exception>
            public static Tensor gaussian_nll_loss(Tensor input, Tensor target, Tensor variance, bool full = false, float eps = 1e-6f, Reduction reduction = Reduction.Mean)
            {
                using var scope = NewDisposeScope();
                var samples = input.size(0);
                var mean = input.reshape(samples, -1);
                var value = target.reshape(target.size(0), -1);
                var spread = variance.reshape(target.size(0), -1);
                if (!mean.shape.AsSpan().SequenceEqual(value.shape))
                    throw new ArgumentException("input and target must have the same shape");
                if (spread.size(1) != mean.size(1) && spread.size(1) != 1)
                    throw new ArgumentException("variance has the wrong shape");
                if ((spread < 0).any().ToBoolean())
                    throw new ArgumentException("variance has negative entry/entries");

                // The bound is no part of what is learned.
                using (no_grad()) spread = spread.clamp_min(eps);

                var loss = (0.5 * (spread.log() + (mean - value).square() / spread)).sum(1);
                if (full) loss += 0.5 * mean.size(1) * Math.Log(2 * Math.PI);
                return Reduce(loss, reduction).MoveToOuterDisposeScope();
            }

            /// <summary>The Kullback-Leibler divergence t·(log t − x) of distributions.</summary>
            /// <param name="input">Log-probabilities.</param>
            /// <param name="target">Log-probabilities, or probabilities.</param>
            /// <param name="log_target">Whether the target holds logarithms.</param>
            /// <param name="reduction">What becomes of the elements' losses. The mean is that over all elements, not over the batch.</param>
            public static Tensor kl_div(Tensor input, Tensor target, bool log_target = true, Reduction reduction = Reduction.Mean) =>
                Dispatcher.Call(LossOps.kl_div, input, target, (long)reduction, log_target);

            /// <summary>(x − t)².</summary>
            public static Tensor mse_loss(Tensor input, Tensor target, Reduction reduction = Reduction.Mean) =>
                Dispatcher.Call(LossOps.mse_loss, input, target, (long)reduction);

            /// <summary>|x − t|.</summary>
            public static Tensor l1_loss(Tensor input, Tensor target, Reduction reduction = Reduction.Mean) =>
                Dispatcher.Call(LossOps.l1_loss, input, target, (long)reduction);

            /// <summary>(x − t)² / (2·beta) where |x − t| &lt; beta, else |x − t| − beta / 2.</summary>
            public static Tensor smooth_l1_loss(Tensor input, Tensor target, Reduction reduction = Reduction.Mean, double beta = 1.0) =>
                Dispatcher.Call(LossOps.smooth_l1_loss, input, target, (long)reduction, beta);

            /// <summary>(x − t)² / 2 where |x − t| &lt; delta, else delta·(|x − t| − delta / 2).</summary>
            public static Tensor huber_loss(Tensor input, Tensor target, double delta = 1.0, Reduction reduction = Reduction.Mean) =>
                Dispatcher.Call(LossOps.huber_loss, input, target, (long)reduction, delta);

            /// <summary>1 − cos of the angle of two vectors where the target is 1, max(0, cos − margin) where it is −1.</summary>
            public static Tensor cosine_embedding_loss(Tensor input1, Tensor input2, Tensor target, double margin = 0.0, Reduction reduction = Reduction.Mean) =>
                Dispatcher.Call(LossOps.cosine_embedding_loss, input1, input2, target, margin, (long)reduction);

            /// <summary>Connectionist temporal classification (Graves et al., 2006).</summary>
            /// <param name="log_probs">Log-probabilities of shape (T, N, C) or (T, C).</param>
            /// <param name="targets">Class numbers of shape (N, S), or all of them in one row.</param>
            /// <param name="input_lengths">Lengths of the inputs, shape (N).</param>
            /// <param name="target_lengths">Lengths of the targets, shape (N).</param>
            /// <param name="blank">The number of the blank class.</param>
            /// <param name="zero_infinity">Whether infinite losses, of targets that do not fit the input, become zero.</param>
            /// <param name="reduction">What becomes of the samples' losses.</param>
            public static Tensor ctc_loss(Tensor log_probs, Tensor targets, Tensor input_lengths, Tensor target_lengths, long blank = 0, bool zero_infinity = false, Reduction reduction = Reduction.Mean) =>
                Dispatcher.Call(LossOps.ctc_loss, log_probs, targets, input_lengths, target_lengths, blank, (long)reduction, zero_infinity);

            /// <summary>x where the target is 1, max(0, margin − x) where it is −1.</summary>
            public static Tensor hinge_embedding_loss(Tensor input, Tensor target, double margin = 0.0, Reduction reduction = Reduction.Mean) =>
                Dispatcher.Call(LossOps.hinge_embedding_loss, input, target, margin, (long)reduction);

            /// <summary>max(0, −t·(x₁ − x₂) + margin): the target says by 1 or −1 which input is to be the larger.</summary>
            public static Tensor margin_ranking_loss(Tensor input1, Tensor input2, Tensor target, double margin = 0.0, Reduction reduction = Reduction.Mean) =>
                Dispatcher.Call(LossOps.margin_ranking_loss, input1, input2, target, margin, (long)reduction);

            /// <summary>The hinge loss of several classes per sample, which stand in the target up to the first −1.</summary>
            public static Tensor multi_label_margin_loss(Tensor input, Tensor target, Reduction reduction = Reduction.Mean) =>
                Dispatcher.Call(LossOps.multilabel_margin_loss, input, target, (long)reduction);

            /// <summary>The mean over the classes of the binary cross entropy of sigmoid(x).</summary>
            public static Tensor multilabel_soft_margin_loss(Tensor input, Tensor target, Tensor? weight = null, Reduction reduction = Reduction.Mean)
            {
                using var scope = NewDisposeScope();
                var elements = binary_cross_entropy_with_logits(input, target, weight, Reduction.None);
                return Reduce(elements.mean([-1]), reduction).MoveToOuterDisposeScope();
            }

            /// <summary>The mean over the other classes of max(0, margin − x[target] + x[class])^p.</summary>
            public static Tensor multi_margin_loss(Tensor input, Tensor target, int p = 1, double margin = 1.0, Tensor? weight = null, Reduction reduction = Reduction.Mean) =>
                Dispatcher.Call(LossOps.multi_margin_loss, input, target, p, margin, weight, (long)reduction);

            /// <summary>log(1 + exp(−t·x)) for targets 1 and −1.</summary>
            public static Tensor soft_margin_loss(Tensor input, Tensor target, Reduction reduction = Reduction.Mean) =>
                Dispatcher.Call(LossOps.soft_margin_loss, input, target, (long)reduction);

            /// <summary>max(0, |anchor − positive| − |anchor − negative| + margin), by the p-norm.</summary>
            /// <param name="anchor">Shape (N, D).</param>
            /// <param name="positive">Shape (N, D): what the anchor is to be near to.</param>
            /// <param name="negative">Shape (N, D): what it is to be far from.</param>
            /// <param name="margin">By how much farther.</param>
            /// <param name="p">The order of the norm.</param>
            /// <param name="eps">Added to differences, so that the norm has a gradient at 0.</param>
            /// <param name="swap">Whether the positive's distance from the negative counts where it is the smaller.</param>
            /// <param name="reduction">What becomes of the samples' losses.</param>
            public static Tensor triplet_margin_loss(Tensor anchor, Tensor positive, Tensor negative, double margin = 1.0, long p = 2, double eps = 1e-06, bool swap = false, Reduction reduction = Reduction.Mean) =>
                Dispatcher.Call(LossOps.triplet_margin_loss, anchor, positive, negative, margin, p, eps, swap, (long)reduction);

            /// <summary>The triplet margin loss by a distance function of the caller's; the Euclidean distance if null.</summary>
            public static Tensor triplet_margin_with_distance_loss(Tensor anchor, Tensor positive, Tensor negative, Func<Tensor, Tensor, Tensor>? distance = null, double margin = 1.0, bool swap = false, Reduction reduction = Reduction.Mean)
            {
                distance ??= static (x, y) => Dispatcher.Call(LossOps.pairwise_distance, x, y);

                using var scope = NewDisposeScope();
                var near = distance(anchor, positive);
                var far = distance(anchor, negative);
                if (swap) far = minimum(far, distance(positive, negative));
                return Reduce((near - far + margin).clamp_min(0), reduction).MoveToOuterDisposeScope();
            }

            private static Tensor Reduce(Tensor losses, Reduction reduction) => reduction switch
            {
                Reduction.Mean => losses.mean(),
                Reduction.Sum => losses.sum(),
                _ => losses,
            };

            private static void CheckSameShape(Tensor input, Tensor target)
            {
                if (!input.shape.AsSpan().SequenceEqual(target.shape))
                    throw new ExternalException($"Using a target size ([{string.Join(", ", target.shape)}]) that is different to the input size ([{string.Join(", ", input.shape)}]) is deprecated. Please ensure they have the same size.");
            }
        }
    }
}
