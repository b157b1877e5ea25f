using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>
/// A tensor that training changes. Unlike other tensors it is registered as a parameter where a module holds it in a
/// field, and optimizers take it.
/// </summary>
public class Parameter : Tensor
{
    /// <summary>Turns a tensor into a parameter.</summary>
    /// <param name="data">The values. This tensor becomes empty: the parameter takes its native tensor and its dispose scope over.</param>
    /// <param name="requires_grad">Whether gradients are computed for the parameter.</param>
    public Parameter(Tensor data, bool requires_grad = true) :
        base(data.with_requires_grad(requires_grad).MoveHandle(), false)
    {
        if (data.OwningDisposeScope is not null)
            DisposeScope.ReplaceWith(data, this);
    }
}
