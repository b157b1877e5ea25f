using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            /// <summary>What becomes of the losses of a batch's elements.</summary>
            public enum Reduction : long
            {
                /// <summary>They are returned as they are.</summary>
                None = 0,
                /// <summary>Their mean is returned.</summary>
                Mean = 1,
                /// <summary>Their sum is returned.</summary>
                Sum = 2,
            }
        }
    }

    /// <summary>Base class of losses of two inputs.</summary>
    public abstract class Loss<T1, T2, TResult> : Module<T1, T2, TResult>
    {
        /// <summary>Creates the loss.</summary>
        public Loss(Reduction reduction = Reduction.Mean) : base(nameof(Loss<T1, T2, TResult>)) => this.reduction = reduction;

        /// <summary>What becomes of the losses of a batch's elements.</summary>
        public Reduction reduction { get; }
    }

    /// <summary>Base class of losses of three inputs.</summary>
    public abstract class Loss<T1, T2, T3, TResult> : Module<T1, T2, T3, TResult>
    {
        /// <summary>Creates the loss.</summary>
        public Loss(Reduction reduction = Reduction.Mean) : base(nameof(Loss<T1, T2, T3, TResult>)) => this.reduction = reduction;

        /// <summary>What becomes of the losses of a batch's elements.</summary>
        public Reduction reduction { get; }
    }

    /// <summary>Base class of losses of four inputs.</summary>
    public abstract class Loss<T1, T2, T3, T4, TResult> : Module<T1, T2, T3, T4, TResult>
    {
        /// <summary>Creates the loss.</summary>
        public Loss(Reduction reduction = Reduction.Mean) : base(nameof(Loss<T1, T2, T3, T4, TResult>)) => this.reduction = reduction;

        /// <summary>What becomes of the losses of a batch's elements.</summary>
        public Reduction reduction { get; }
    }

    /// <summary>Base class of losses of two inputs whose elements or classes have weights.</summary>
    public abstract class WeightedLoss<T1, T2, TResult> : Loss<T1, T2, TResult>
    {
        /// <summary>Creates the loss.</summary>
        public WeightedLoss(Tensor? weight = null, Reduction reduction = Reduction.Mean) : base(reduction) => this.weight = weight;

        /// <summary>The weights, or null for equal ones.</summary>
        public Tensor? weight { get; }
    }

    /// <summary>Base class of losses of three inputs whose elements or classes have weights.</summary>
    public abstract class WeightedLoss<T1, T2, T3, TResult> : Loss<T1, T2, T3, TResult>
    {
        /// <summary>Creates the loss.</summary>
        public WeightedLoss(Tensor? weight = null, Reduction reduction = Reduction.Mean) : base(reduction) => this.weight = weight;

        /// <summary>The weights, or null for equal ones.</summary>
        public Tensor? weight { get; }
    }

    /// <summary>Base class of losses of four inputs whose elements or classes have weights.</summary>
    public abstract class WeightedLoss<T1, T2, T3, T4, TResult> : Loss<T1, T2, T3, T4, TResult>
    {
        /// <summary>Creates the loss.</summary>
        public WeightedLoss(Tensor? weight = null, Reduction reduction = Reduction.Mean) : base(reduction) => this.weight = weight;

        /// <summary>The weights, or null for equal ones.</summary>
        public Tensor? weight { get; }
    }
}
