using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>What every settable weight, bias and running statistic of the layers has in common.</summary>
internal static class ParameterSlot
{
    /// <summary>
    /// Puts <paramref name="value"/> in the place of the tensor in <paramref name="field"/>: the old tensor is
    /// released, the new one is taken out of its dispose scope, because the layer owns it from now on.
    /// </summary>
    /// <returns>False where the field holds that very tensor already, so that there is nothing to register.</returns>
    internal static bool Replace<T>(ref T? field, T? value) where T : Tensor
    {
        if (ReferenceEquals(field, value)) return false;
        if (field is { IsInvalid: false } && value is not null && field.Handle == value.Handle) return false;

        field?.Dispose();
        value?.DetachFromDisposeScope();
        field = value;
        return true;
    }

    /// <summary>The same for a parameter that a layer cannot be without.</summary>
    /// <exception cref="ArgumentNullException"><paramref name="value"/> is null.</exception>
    internal static bool ReplaceRequired(ref Parameter? field, Parameter value, string name)
    {
        if (value is null) throw new ArgumentNullException(name);
        return Replace(ref field, value);
    }
}
