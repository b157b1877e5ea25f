using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharp.Modules
{
    /// <summary>1 − cos of the angle of two vectors where the target is 1, max(0, cos − margin) where it is −1.</summary>
    public sealed class CosineEmbeddingLoss : Loss<Tensor, Tensor, Tensor, Tensor>
    {
        /// <summary>Creates the loss; see torch.nn.CosineEmbeddingLoss.</summary>
        public CosineEmbeddingLoss(double margin = 0.0, Reduction reduction = Reduction.Mean) : base(reduction) => this.margin = margin;

        /// <summary>The cosine that dissimilar vectors may have.</summary>
        public double margin { get; }

        /// <inheritdoc/>
        public override Tensor forward(Tensor input1, Tensor input2, Tensor target) =>
            functional.cosine_embedding_loss(input1, input2, target, margin, reduction);
    }

    /// <summary>x where the target is 1, max(0, margin − x) where it is −1.</summary>
    public sealed class HingeEmbeddingLoss : Loss<Tensor, Tensor, Tensor>
    {
        /// <summary>Creates the loss; see torch.nn.HingeEmbeddingLoss.</summary>
        public HingeEmbeddingLoss(double margin = 0.0, Reduction reduction = Reduction.Mean) : base(reduction) => this.margin = margin;

        /// <summary>The distance that dissimilar inputs are to have.</summary>
        public double margin { get; }

        /// <inheritdoc/>
        public override Tensor forward(Tensor input, Tensor target) =>
            functional.hinge_embedding_loss(input, target, margin, reduction);
    }

    /// <summary>max(0, −t·(x₁ − x₂) + margin): the target says by 1 or −1 which input is to be the larger.</summary>
    public sealed class MarginRankingLoss : Loss<Tensor, Tensor, Tensor, Tensor>
    {
        /// <summary>Creates the loss; see torch.nn.MarginRankingLoss.</summary>
        public MarginRankingLoss(double margin = 0.0, Reduction reduction = Reduction.Mean) : base(reduction) => this.margin = margin;

        /// <summary>By how much larger.</summary>
        public double margin { get; }

        /// <inheritdoc/>
        public override Tensor forward(Tensor input1, Tensor input2, Tensor target) =>
            functional.margin_ranking_loss(input1, input2, target, margin, reduction);
    }

    /// <summary>max(0, |anchor − positive| − |anchor − negative| + margin), by the p-norm.</summary>
    public sealed class TripletMarginLoss : Loss<Tensor, Tensor, Tensor, Tensor>
    {
        private readonly double eps;
        private readonly bool swap;

        /// <summary>Creates the loss; see torch.nn.TripletMarginLoss.</summary>
        public TripletMarginLoss(double margin = 1.0, long p = 2, double eps = 1e-06, bool swap = false, Reduction reduction = Reduction.Mean) : base(reduction)
        {
            this.margin = margin;
            this.p = p;
            this.eps = eps;
            this.swap = swap;
        }

        /// <summary>By how much farther the negative is to be.</summary>
        public double margin { get; }

        /// <summary>The order of the norm.</summary>
        public long p { get; }

        /// <inheritdoc/>
        public override Tensor forward(Tensor anchor, Tensor positive, Tensor negative) =>
            functional.triplet_margin_loss(anchor, positive, negative, margin, p, eps, swap, reduction);
    }

    /// <summary>The triplet margin loss by a distance function of the caller's.</summary>
    public sealed class TripletMarginWithDistanceLoss : Loss<Tensor, Tensor, Tensor, Tensor>
    {
        private readonly Func<Tensor, Tensor, Tensor>? distance;
        private readonly bool swap;

        /// <summary>Creates the loss; see torch.nn.TripletMarginWithDistanceLoss.</summary>
        public TripletMarginWithDistanceLoss(Func<Tensor, Tensor, Tensor>? distance = null, double margin = 1.0, bool swap = false, Reduction reduction = Reduction.Mean) : base(reduction)
        {
            this.distance = distance;
            this.margin = margin;
            this.swap = swap;
        }

        /// <summary>By how much farther the negative is to be.</summary>
        public double margin { get; }

        /// <inheritdoc/>
        public override Tensor forward(Tensor anchor, Tensor positive, Tensor negative) =>
            functional.triplet_margin_with_distance_loss(anchor, positive, negative, distance, margin, swap, reduction);
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            /// <summary>Creates a loss: 1 − cos of the angle of two vectors where the target is 1, max(0, cos − margin) where it is −1.</summary>
            /// <param name="margin">The cosine that dissimilar vectors may have.</param>
            /// <param name="reduction">What becomes of the elements' losses.</param>
            public static CosineEmbeddingLoss CosineEmbeddingLoss(double margin = 0.0, Reduction reduction = Reduction.Mean) =>
                new(margin, reduction);

            /// <summary>Creates a loss: x where the target is 1, max(0, margin − x) where it is −1.</summary>
            /// <param name="margin">The distance that dissimilar inputs are to have.</param>
            /// <param name="reduction">What becomes of the elements' losses.</param>
            public static HingeEmbeddingLoss HingeEmbeddingLoss(double margin = 1.0, Reduction reduction = Reduction.Mean) =>
                new(margin, reduction);

            /// <summary>Creates a loss: max(0, −t·(x₁ − x₂) + margin): the target says by 1 or −1 which input is to be the larger.</summary>
            /// <param name="margin">By how much larger.</param>
            /// <param name="reduction">What becomes of the elements' losses.</param>
            public static MarginRankingLoss MarginRankingLoss(double margin = 0, Reduction reduction = Reduction.Mean) =>
                new(margin, reduction);

            /// <summary>Creates a loss: max(0, |anchor − positive| − |anchor − negative| + margin), by the p-norm.</summary>
            /// <param name="margin">By how much farther the negative is to be.</param>
            /// <param name="p">The order of the norm.</param>
            /// <param name="eps">Added to differences, so that the norm has a gradient at 0.</param>
            /// <param name="swap">Whether the positive's distance from the negative counts where it is the smaller.</param>
            /// <param name="reduction">What becomes of the elements' losses.</param>
            public static TripletMarginLoss TripletMarginLoss(double margin = 1.0, long p = 2, double eps = 1e-06, bool swap = false, Reduction reduction = Reduction.Mean) =>
                new(margin, p, eps, swap, reduction);

            /// <summary>Creates a loss: the triplet margin loss by a distance function of the caller's.</summary>
            /// <param name="distance">The distance; the Euclidean one if null.</param>
            /// <param name="margin">By how much farther the negative is to be.</param>
            /// <param name="swap">Whether the positive's distance from the negative counts where it is the smaller.</param>
            /// <param name="reduction">What becomes of the elements' losses.</param>
            public static TripletMarginWithDistanceLoss TripletMarginWithDistanceLoss(Func<Tensor, Tensor, Tensor>? distance = null, double margin = 1.0, bool swap = false, Reduction reduction = Reduction.Mean) =>
                new(distance, margin, swap, reduction);
        }
    }
}
