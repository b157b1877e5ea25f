using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>What Adam and AdamW have in common.</summary>
internal static class AdamRule
{
    /// <exception cref="ArgumentException">A value is out of range.</exception>
    internal static void Check(double lr, double beta1, double beta2, double eps, double weight_decay)
    {
        if (lr < 0) throw new ArgumentException($"Invalid learning rate: {lr}");
        if (eps < 0) throw new ArgumentException($"Invalid ε: {eps}");
        if (beta1 is < 0 or >= 1) throw new ArgumentException($"Invalid beta1: {beta1}");
        if (beta2 is < 0 or >= 1) throw new ArgumentException($"Invalid beta2: {beta2}");
        if (weight_decay < 0) throw new ArgumentException($"Invalid weight_decay value: {weight_decay}");
    }

    /// <summary>
    /// m = β₁·m + (1 − β₁)·g; v = β₂·v + (1 − β₂)·g²; p −= lr·m/(1 − β₁ᵗ) / (√(v/(1 − β₂ᵗ)) + eps), where v is its own
    /// <paramref name="maxima"/> if those are kept.
    /// </summary>
    internal static void Update(Tensor[] parameters, Tensor[] gradients, Tensor[] means, Tensor[] squares, Tensor[]? maxima, long step, double lr, double beta1, double beta2, double eps)
    {
        var stepSize = lr / (1 - Math.Pow(beta1, step));
        var correction = Math.Sqrt(1 - Math.Pow(beta2, step));
        if (UpdateInOnePass(parameters, gradients, means, squares, maxima, stepSize, beta1, beta2, correction, eps)) return;

        Foreach.Multiply(means, beta1);
        Foreach.Add(means, gradients, 1 - beta1);
        Foreach.Multiply(squares, beta2);
        Foreach.AddProduct(squares, gradients, gradients, 1 - beta2);

        if (maxima is not null)
        {
            Foreach.Raise(maxima, squares);
            squares = maxima;
        }

        var divisors = Foreach.Sqrt(squares);
        Foreach.Divide(divisors, correction);
        Foreach.Add(divisors, eps);
        Foreach.AddQuotient(parameters, means, divisors, -stepSize);
    }

    /// <summary>The same by the shim, which touches every number once.</summary>
    /// <returns>False, and nothing has changed, where the tensors are not all dense ones of one type on the CPU.</returns>
    private static unsafe bool UpdateInOnePass(Tensor[] parameters, Tensor[] gradients, Tensor[] means, Tensor[] squares, Tensor[]? maxima, double stepSize, double beta1, double beta2, double correction, double eps)
    {
        fixed (nint* p = Handles(parameters), g = Handles(gradients), m = Handles(means), v = Handles(squares), largest = maxima is null ? null : Handles(maxima))
        {
            var done = Native.adam_update(p, g, m, v, largest, parameters.Length, stepSize, beta1, beta2, correction, eps);
            Native.Check(done);
            return done == 1;
        }
    }

    private static nint[] Handles(Tensor[] tensors) => Array.ConvertAll(tensors, tensor => tensor.Handle);
}
