namespace TorchSharp;

public static partial class torch
{
    // Random numbers: sampled from the tensor, or written over it.
    public partial class Tensor
    {
        /// <summary>Draws 1 with the probability that each element gives, else 0.</summary>
        public Tensor bernoulli(Generator? generator = null) => Dispatcher.Call(Ops.bernoulli, this, generator);

        /// <summary>Overwrites each element with 1 with probability <paramref name="p"/>, else 0.</summary>
        public Tensor bernoulli_(double p = 0.5, Generator? generator = null) =>
            Dispatcher.CallInPlace(this, Ops.bernoulli_, p, generator);

        /// <summary>Overwrites each element with 1 with the matching probability, else 0.</summary>
        public Tensor bernoulli_(Tensor p, Generator? generator = null) =>
            Dispatcher.CallInPlace(this, Ops.bernoulli_tensor_, p, generator);

        /// <summary>Draws numbers of successes; the elements are the trial counts, <paramref name="prob"/> the chances.</summary>
        public Tensor binomial(Tensor prob, Generator? generator = null) => Dispatcher.Call(Ops.binomial, this, prob, generator);

        /// <summary>Draws <paramref name="num_samples"/> column numbers from each row of weights.</summary>
        public Tensor multinomial(long num_samples, bool replacement = false, Generator? generator = null) =>
            Dispatcher.Call(Ops.multinomial, this, num_samples, replacement, generator);

        /// <summary>Draws from Poisson distributions with the elements as rates.</summary>
        public Tensor poisson(Generator? generator = null) => Dispatcher.Call(Ops.poisson, this, generator);

        /// <summary>Overwrites the tensor with draws from a Cauchy distribution.</summary>
        public Tensor cauchy_(double median = 0.0, double sigma = 1.0, Generator? generator = null) =>
            Dispatcher.CallInPlace(this, Ops.cauchy_, median, sigma, generator);

        /// <summary>Overwrites the tensor with draws from an exponential distribution of rate <paramref name="lambda"/>.</summary>
        public Tensor exponential_(double lambda = 1.0, Generator? generator = null) =>
            Dispatcher.CallInPlace(this, Ops.exponential_, lambda, generator);

        /// <summary>Overwrites the tensor with draws from a geometric distribution: trials until the first success.</summary>
        public Tensor geometric_(double p, Generator? generator = null) =>
            Dispatcher.CallInPlace(this, Ops.geometric_, p, generator);

        /// <summary>Overwrites the tensor with draws from a normal distribution.</summary>
        public Tensor normal_(double mean = 0.0, double std = 1.0, Generator? generator = null) =>
            Dispatcher.CallInPlace(this, Ops.normal_, mean, std, generator);

        /// <summary>Overwrites the tensor with exponentials of draws from a normal distribution.</summary>
        public Tensor log_normal_(double mean = 0.0, double std = 1.0, Generator? generator = null) =>
            Dispatcher.CallInPlace(this, Ops.log_normal_, mean, std, generator);

        /// <summary>Overwrites the tensor with whole numbers from <paramref name="from"/> to below <paramref name="to"/>.</summary>
        public Tensor random_(double from, double to, Generator? generator = null) =>
            Dispatcher.CallInPlace(this, Ops.random_, (long)from, (long)to, generator);

        /// <summary>Overwrites the tensor with draws from [<paramref name="from"/>, <paramref name="to"/>).</summary>
        public Tensor uniform_(double from, double to, Generator? generator = null) =>
            Dispatcher.CallInPlace(this, Ops.uniform_, from, to, generator);

        private static partial class Ops
        {
            internal static readonly Op bernoulli = new("aten::bernoulli");
            internal static readonly Op bernoulli_ = new("aten::bernoulli_", "float");
            internal static readonly Op bernoulli_tensor_ = new("aten::bernoulli_", "Tensor");
            internal static readonly Op binomial = new("aten::binomial");
            internal static readonly Op multinomial = new("aten::multinomial");
            internal static readonly Op poisson = new("aten::poisson");
            internal static readonly Op cauchy_ = new("aten::cauchy_");
            internal static readonly Op exponential_ = new("aten::exponential_");
            internal static readonly Op geometric_ = new("aten::geometric_");
            internal static readonly Op normal_ = new("aten::normal_");
            internal static readonly Op log_normal_ = new("aten::log_normal_");
            internal static readonly Op random_ = new("aten::random_", "from");
            internal static readonly Op uniform_ = new("aten::uniform_");
        }
    }
}
