using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharp.Modules
{
    /// <summary>The negative logarithm of the target classes' softmax.</summary>
    public sealed class CrossEntropyLoss : WeightedLoss<Tensor, Tensor, Tensor>
    {
        /// <summary>Creates the loss; see torch.nn.CrossEntropyLoss.</summary>
        public CrossEntropyLoss(Tensor? weight = null, long? ignore_index = null, Reduction reduction = Reduction.Mean, double label_smoothing = 0.0) : base(weight, reduction)
        {
            this.ignore_index = ignore_index;
            this.label_smoothing = label_smoothing;
        }

        /// <summary>A class number that does not count.</summary>
        public long? ignore_index { get; }

        /// <summary>The share of the target that is spread evenly over all classes.</summary>
        public double label_smoothing { get; }

        /// <inheritdoc/>
        public override Tensor forward(Tensor input, Tensor target) =>
            functional.cross_entropy(input, target, weight, ignore_index ?? -100, reduction, label_smoothing);
    }

    /// <summary>The negative log-likelihood of target classes.</summary>
    public sealed class NLLLoss : WeightedLoss<Tensor, Tensor, Tensor>
    {
        /// <summary>Creates the loss; see torch.nn.NLLLoss.</summary>
        public NLLLoss(Tensor? weight = null, Reduction reduction = Reduction.Mean) : base(weight, reduction) { }

        /// <inheritdoc/>
        public override Tensor forward(Tensor input, Tensor target) =>
            functional.nll_loss(input, target, weight, reduction);
    }

    /// <summary>The binary cross entropy of probabilities.</summary>
    public sealed class BCELoss : WeightedLoss<Tensor, Tensor, Tensor>
    {
        /// <summary>Creates the loss; see torch.nn.BCELoss.</summary>
        public BCELoss(Tensor? weight = null, Reduction reduction = Reduction.Mean) : base(weight, reduction) { }

        /// <inheritdoc/>
        public override Tensor forward(Tensor input, Tensor target) =>
            functional.binary_cross_entropy(input, target, weight, reduction);
    }

    /// <summary>The binary cross entropy of sigmoid(x), computed without overflow.</summary>
    public sealed class BCEWithLogitsLoss : WeightedLoss<Tensor, Tensor, Tensor>
    {
        /// <summary>Creates the loss; see torch.nn.BCEWithLogitsLoss.</summary>
        public BCEWithLogitsLoss(Tensor? weight = null, Reduction reduction = Reduction.Mean, Tensor? pos_weights = null) : base(weight, reduction) => this.pos_weights = pos_weights;

        /// <summary>Weights of the positive targets, or null.</summary>
        public Tensor? pos_weights { get; }

        /// <inheritdoc/>
        public override Tensor forward(Tensor input, Tensor target) =>
            functional.binary_cross_entropy_with_logits(input, target, weight, reduction, pos_weights);
    }

    /// <summary>The hinge loss of several classes per sample, which stand in the target up to the first −1.</summary>
    public sealed class MultiLabelMarginLoss : Loss<Tensor, Tensor, Tensor>
    {
        /// <summary>Creates the loss; see torch.nn.MultiLabelMarginLoss.</summary>
        public MultiLabelMarginLoss(Reduction reduction = Reduction.Mean) : base(reduction) { }

        /// <inheritdoc/>
        public override Tensor forward(Tensor input, Tensor target) =>
            functional.multi_label_margin_loss(input, target, reduction);
    }

    /// <summary>The mean over the classes of the binary cross entropy of sigmoid(x).</summary>
    public sealed class MultiLabelSoftMarginLoss : WeightedLoss<Tensor, Tensor, Tensor>
    {
        /// <summary>Creates the loss; see torch.nn.MultiLabelSoftMarginLoss.</summary>
        public MultiLabelSoftMarginLoss(Tensor? weight = null, Reduction reduction = Reduction.Mean) : base(weight, reduction) { }

        /// <inheritdoc/>
        public override Tensor forward(Tensor input, Tensor target) =>
            functional.multilabel_soft_margin_loss(input, target, weight, reduction);
    }

    /// <summary>The mean over the other classes of max(0, margin − x[target] + x[class])^p.</summary>
    public sealed class MultiMarginLoss : WeightedLoss<Tensor, Tensor, Tensor>
    {
        /// <summary>Creates the loss; see torch.nn.MultiMarginLoss.</summary>
        public MultiMarginLoss(int p = 1, double margin = 1.0, Tensor? weight = null, Reduction reduction = Reduction.Mean) : base(weight, reduction)
        {
            this.p = p;
            this.margin = margin;
        }

        /// <summary>The exponent.</summary>
        public int p { get; }

        /// <summary>By how much the target class is to lead.</summary>
        public double margin { get; }

        /// <inheritdoc/>
        public override Tensor forward(Tensor input, Tensor target) =>
            functional.multi_margin_loss(input, target, p, margin, weight, reduction);
    }

    /// <summary>log(1 + exp(−t·x)) for targets 1 and −1.</summary>
    public sealed class SoftMarginLoss : Loss<Tensor, Tensor, Tensor>
    {
        /// <summary>Creates the loss; see torch.nn.SoftMarginLoss.</summary>
        public SoftMarginLoss(Reduction reduction = Reduction.Mean) : base(reduction) { }

        /// <inheritdoc/>
        public override Tensor forward(Tensor input, Tensor target) =>
            functional.soft_margin_loss(input, target, reduction);
    }

    /// <summary>Connectionist temporal classification (Graves et al., 2006).</summary>
    public sealed class CTCLoss : Loss<Tensor, Tensor, Tensor, Tensor, Tensor>
    {
        /// <summary>Creates the loss; see torch.nn.CTCLoss.</summary>
        public CTCLoss(long blank = 0, bool zero_infinity = false, Reduction reduction = Reduction.Mean) : base(reduction)
        {
            this.blank = blank;
            this.zero_infinity = zero_infinity;
        }

        /// <summary>The number of the blank class.</summary>
        public long blank { get; }

        /// <summary>Whether infinite losses become zero.</summary>
        public bool zero_infinity { get; }

        /// <inheritdoc/>
        public override Tensor forward(Tensor log_probs, Tensor targets, Tensor input_lengths, Tensor target_lengths) =>
            functional.ctc_loss(log_probs, targets, input_lengths, target_lengths, blank, zero_infinity, reduction);
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            /// <summary>Creates a loss: the negative logarithm of the target classes' softmax.</summary>
            /// <param name="weight">Weights of the classes or elements, or null for equal ones.</param>
            /// <param name="ignore_index">A class number that does not count.</param>
            /// <param name="reduction">What becomes of the elements' losses.</param>
            public static CrossEntropyLoss CrossEntropyLoss(Tensor? weight = null, long? ignore_index = null, Reduction reduction = Reduction.Mean) =>
                new(weight, ignore_index, reduction);

            /// <summary>Creates a loss: the negative log-likelihood of target classes.</summary>
            /// <param name="weight">Weights of the classes or elements, or null for equal ones.</param>
            /// <param name="reduction">What becomes of the elements' losses.</param>
            public static NLLLoss NLLLoss(Tensor? weight = null, Reduction reduction = Reduction.Mean) =>
                new(weight, reduction);

            /// <summary>Creates a loss: the binary cross entropy of probabilities.</summary>
            /// <param name="weight">Weights of the classes or elements, or null for equal ones.</param>
            /// <param name="reduction">What becomes of the elements' losses.</param>
            public static BCELoss BCELoss(Tensor? weight = null, Reduction reduction = Reduction.Mean) =>
                new(weight, reduction);

            /// <summary>Creates a loss: the binary cross entropy of sigmoid(x), computed without overflow.</summary>
            /// <param name="weight">Weights of the classes or elements, or null for equal ones.</param>
            /// <param name="reduction">What becomes of the elements' losses.</param>
            /// <param name="pos_weights">Weights of the positive targets, or null.</param>
            public static BCEWithLogitsLoss BCEWithLogitsLoss(Tensor? weight = null, Reduction reduction = Reduction.Mean, Tensor? pos_weights = null) =>
                new(weight, reduction, pos_weights);

            /// <summary>Creates a loss: the hinge loss of several classes per sample, which stand in the target up to the first −1.</summary>
            /// <param name="reduction">What becomes of the elements' losses.</param>
            public static MultiLabelMarginLoss MultiLabelMarginLoss(Reduction reduction = Reduction.Mean) =>
                new(reduction);

            /// <summary>Creates a loss: the mean over the classes of the binary cross entropy of sigmoid(x).</summary>
            /// <param name="weight">Weights of the classes or elements, or null for equal ones.</param>
            /// <param name="reduction">What becomes of the elements' losses.</param>
            public static MultiLabelSoftMarginLoss MultiLabelSoftMarginLoss(Tensor? weight = null, Reduction reduction = Reduction.Mean) =>
                new(weight, reduction);

            /// <summary>Creates a loss: the mean over the other classes of max(0, margin − x[target] + x[class])^p.</summary>
            /// <param name="p">The exponent.</param>
            /// <param name="margin">By how much the target class is to lead.</param>
            /// <param name="weight">Weights of the classes or elements, or null for equal ones.</param>
            /// <param name="reduction">What becomes of the elements' losses.</param>
            public static MultiMarginLoss MultiMarginLoss(int p = 1, double margin = 1.0, Tensor? weight = null, Reduction reduction = Reduction.Mean) =>
                new(p, margin, weight, reduction);

            /// <summary>Creates a loss: log(1 + exp(−t·x)) for targets 1 and −1.</summary>
            /// <param name="reduction">What becomes of the elements' losses.</param>
            public static SoftMarginLoss SoftMarginLoss(Reduction reduction = Reduction.Mean) =>
                new(reduction);

            /// <summary>Creates a loss: connectionist temporal classification (Graves et al., 2006).</summary>
            /// <param name="blank">The number of the blank class.</param>
            /// <param name="zero_infinity">Whether infinite losses become zero.</param>
            /// <param name="reduction">What becomes of the elements' losses.</param>
            public static CTCLoss CTCLoss(long blank = 0, bool zero_infinity = false, Reduction reduction = Reduction.Mean) =>
                new(blank, zero_infinity, reduction);
        }
    }
}
