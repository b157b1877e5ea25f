namespace TorchSharp;

// Sampling in its static form.
public static partial class torch
{
    /// <summary>Draws 1 with the probability that each element gives, else 0.</summary>
    public static Tensor bernoulli(Tensor input, Generator? generator = null) => input.bernoulli(generator);

    /// <summary>Draws numbers of successes; the elements are the trial counts, <paramref name="probs"/> the chances.</summary>
    public static Tensor binomial(Tensor count, Tensor probs, Generator? generator = null) => count.binomial(probs, generator);

    /// <summary>Draws <paramref name="num_samples"/> column numbers from each row of weights.</summary>
    public static Tensor multinomial(Tensor input, long num_samples, bool replacement = false, Generator? generator = null) =>
        input.multinomial(num_samples, replacement, generator);

    /// <summary>Draws from Poisson distributions with the elements as rates.</summary>
    public static Tensor poisson(Tensor input, Generator? generator = null) => input.poisson(generator);

    /// <summary>Draws from normal distributions with the given means and standard deviations.</summary>
    /// <exception cref="ArgumentException">The tensors are on different devices.</exception>
    public static Tensor normal(Tensor mean, Tensor std, Generator? generator = null)
    {
        if (mean.device_type != std.device_type || mean.device_index != std.device_index)
            throw new ArgumentException($"normal: mean is on {mean.device} and std on {std.device}; move one of them.");
        return Dispatcher.Call(Ops.normal, mean, std, generator);
    }

    /// <summary>Draws from gamma distributions of scale 1 with the elements as shapes.</summary>
    public static Tensor _standard_gamma(Tensor input, Generator? generator = null) =>
        Dispatcher.Call(Ops._standard_gamma, input, generator);

    /// <summary>Draws from Dirichlet distributions with the rows as concentrations.</summary>
    public static Tensor _sample_dirichlet(Tensor input, Generator? generator = null) =>
        Dispatcher.Call(Ops._sample_dirichlet, input, generator);

    private static partial class Ops
    {
        internal static readonly Op normal = new("aten::normal", "Tensor_Tensor");
        internal static readonly Op _standard_gamma = new("aten::_standard_gamma");
        internal static readonly Op _sample_dirichlet = new("aten::_sample_dirichlet");
    }
}
