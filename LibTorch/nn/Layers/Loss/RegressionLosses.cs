using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharp.Modules
{
    /// <summary>(x − t)².</summary>
    public sealed class MSELoss : Loss<Tensor, Tensor, Tensor>
    {
        /// <summary>Creates the loss; see torch.nn.MSELoss.</summary>
        public MSELoss(Reduction reduction = Reduction.Mean) : base(reduction) { }

        /// <inheritdoc/>
        public override Tensor forward(Tensor input, Tensor target) =>
            functional.mse_loss(input, target, reduction);
    }

    /// <summary>|x − t|.</summary>
    public sealed class L1Loss : Loss<Tensor, Tensor, Tensor>
    {
        /// <summary>Creates the loss; see torch.nn.L1Loss.</summary>
        public L1Loss(Reduction reduction = Reduction.Mean) : base(reduction) { }

        /// <inheritdoc/>
        public override Tensor forward(Tensor input, Tensor target) =>
            functional.l1_loss(input, target, reduction);
    }

    /// <summary>(x − t)² / (2·beta) where |x − t| &lt; beta, else |x − t| − beta / 2.</summary>
    public sealed class SmoothL1Loss : Loss<Tensor, Tensor, Tensor>
    {
        /// <summary>Creates the loss; see torch.nn.SmoothL1Loss.</summary>
        public SmoothL1Loss(Reduction reduction = Reduction.Mean, double beta = 1.0) : base(reduction) => this.beta = beta;

        /// <summary>Where the parabola ends.</summary>
        public double beta { get; }

        /// <inheritdoc/>
        public override Tensor forward(Tensor input, Tensor target) =>
            functional.smooth_l1_loss(input, target, reduction, beta);
    }

    /// <summary>(x − t)² / 2 where |x − t| &lt; delta, else delta·(|x − t| − delta / 2).</summary>
    public sealed class HuberLoss : Loss<Tensor, Tensor, Tensor>
    {
        /// <summary>Creates the loss; see torch.nn.HuberLoss.</summary>
        public HuberLoss(double delta = 1.0, Reduction reduction = Reduction.Mean) : base(reduction) => this.delta = delta;

        /// <summary>Where the parabola ends.</summary>
        public double delta { get; }

        /// <inheritdoc/>
        public override Tensor forward(Tensor input, Tensor target) =>
            functional.huber_loss(input, target, delta, reduction);
    }

    /// <summary>The Kullback-Leibler divergence t·(log t − x) of distributions.</summary>
    public sealed class KLDivLoss : Loss<Tensor, Tensor, Tensor>
    {
        /// <summary>Creates the loss; see torch.nn.KLDivLoss.</summary>
        public KLDivLoss(bool log_target = true, Reduction reduction = Reduction.Mean) : base(reduction) => this.log_target = log_target;

        /// <summary>Whether the target holds logarithms.</summary>
        public bool log_target { get; }

        /// <inheritdoc/>
        public override Tensor forward(Tensor input, Tensor target) =>
            functional.kl_div(input, target, log_target, reduction);
    }

    /// <summary>The negative log-likelihood of counts under Poisson distributions.</summary>
    public sealed class PoissonNLLLoss : Loss<Tensor, Tensor, Tensor>
    {
        /// <summary>Creates the loss; see torch.nn.PoissonNLLLoss.</summary>
        public PoissonNLLLoss(bool log_input = true, bool full = false, float eps = 1e-8f, Reduction reduction = Reduction.Mean) : base(reduction)
        {
            this.log_input = log_input;
            this.full = full;
            this.eps = eps;
        }

        /// <summary>Whether the input holds logarithms of rates.</summary>
        public bool log_input { get; }

        /// <summary>Whether Stirling's approximation of log(target!) is added.</summary>
        public bool full { get; }

        /// <summary>Added to rates before their logarithm is taken.</summary>
        public float eps { get; }

        /// <inheritdoc/>
        public override Tensor forward(Tensor input, Tensor target) =>
            functional.poisson_nll_loss(input, target, log_input, full, eps, reduction);
    }

    /// <summary>The negative log-likelihood of targets under normal distributions.</summary>
    public sealed class GaussianNLLLoss : Loss<Tensor, Tensor, Tensor, Tensor>
    {
        /// <summary>Creates the loss; see torch.nn.GaussianNLLLoss.</summary>
        public GaussianNLLLoss(bool full = false, float eps = 1e-8f, Reduction reduction = Reduction.Mean) : base(reduction)
        {
            this.full = full;
            this.eps = eps;
        }

        /// <summary>Whether the constant log(2π) / 2 is added.</summary>
        public bool full { get; }

        /// <summary>The smallest variance.</summary>
        public float eps { get; }

        /// <inheritdoc/>
        public override Tensor forward(Tensor input, Tensor target, Tensor variance) =>
            functional.gaussian_nll_loss(input, target, variance, full, eps, reduction);
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            /// <summary>Creates a loss: (x − t)².</summary>
            /// <param name="reduction">What becomes of the elements' losses.</param>
            public static MSELoss MSELoss(Reduction reduction = Reduction.Mean) =>
                new(reduction);

            /// <summary>Creates a loss: |x − t|.</summary>
            /// <param name="reduction">What becomes of the elements' losses.</param>
            public static L1Loss L1Loss(Reduction reduction = Reduction.Mean) =>
                new(reduction);

            /// <summary>Creates a loss: (x − t)² / (2·beta) where |x − t| &lt; beta, else |x − t| − beta / 2.</summary>
            /// <param name="reduction">What becomes of the elements' losses.</param>
            /// <param name="beta">Where the parabola ends.</param>
            public static SmoothL1Loss SmoothL1Loss(Reduction reduction = Reduction.Mean, double beta = 1.0) =>
                new(reduction, beta);

            /// <summary>Creates a loss: (x − t)² / 2 where |x − t| &lt; delta, else delta·(|x − t| − delta / 2).</summary>
            /// <param name="delta">Where the parabola ends.</param>
            /// <param name="reduction">What becomes of the elements' losses.</param>
            public static HuberLoss HuberLoss(double delta = 1.0, Reduction reduction = Reduction.Mean) =>
                new(delta, reduction);

            /// <summary>Creates a loss: the Kullback-Leibler divergence t·(log t − x) of distributions.</summary>
            /// <param name="log_target">Whether the target holds logarithms.</param>
            /// <param name="reduction">What becomes of the elements' losses.</param>
            public static KLDivLoss KLDivLoss(bool log_target = true, Reduction reduction = Reduction.Mean) =>
                new(log_target, reduction);

            /// <summary>Creates a loss: the negative log-likelihood of counts under Poisson distributions.</summary>
            /// <param name="log_input">Whether the input holds logarithms of rates.</param>
            /// <param name="full">Whether Stirling's approximation of log(target!) is added.</param>
            /// <param name="eps">Added to rates before their logarithm is taken.</param>
            /// <param name="reduction">What becomes of the elements' losses.</param>
            public static PoissonNLLLoss PoissonNLLLoss(bool log_input = true, bool full = false, float eps = 1e-8f, Reduction reduction = Reduction.Mean) =>
                new(log_input, full, eps, reduction);

            /// <summary>Creates a loss: the negative log-likelihood of targets under normal distributions.</summary>
            /// <param name="full">Whether the constant log(2π) / 2 is added.</param>
            /// <param name="eps">The smallest variance.</param>
            /// <param name="reduction">What becomes of the elements' losses.</param>
            public static GaussianNLLLoss GaussianNLLLoss(bool full = false, float eps = 1e-8f, Reduction reduction = Reduction.Mean) =>
                new(full, eps, reduction);
        }
    }
}
