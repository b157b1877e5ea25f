using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>What an optimizer remembers of one parameter.</summary>
public abstract class OptimizerState
{
    /// <summary>The parameter.</summary>
    protected Parameter _parameter;

    /// <summary>Creates the state of a parameter.</summary>
    protected OptimizerState(Parameter parameter) => _parameter = parameter;

    /// <summary>Writes the state.</summary>
    public abstract void SaveStateDict(BinaryWriter writer);

    /// <summary>Reads what <see cref="SaveStateDict"/> wrote.</summary>
    public abstract void LoadStateDict(BinaryReader reader);

    /// <summary>Takes over a copy of the state of another optimizer.</summary>
    public abstract void LoadStateDict(OptimizerState source);

    /// <summary>Whether another state is the same but for rounding.</summary>
    public virtual bool ApproximatelyEquals(OptimizerState other) => false;

    /// <summary>Puts the state back to what it is before the first step.</summary>
    public abstract void Initialize(OptimizerOptions options);

    /// <summary>Moves the state to another device.</summary>
    public virtual void to(Device device) { }

    /// <summary>Reads a tensor that may be missing.</summary>
    protected static void LoadConditionalStateTensor(BinaryReader reader, ref Tensor? result, Device device)
    {
        if (!reader.ReadBoolean())
        {
            result?.Dispose();
            result = null;
            return;
        }

        TensorExtensionMethods.Load(ref result, reader);
        var moved = result!.to(device).DetachFromDisposeScope();
        if (!ReferenceEquals(moved, result)) result.Dispose();
        result = moved;
    }

    /// <summary>Writes a tensor that may be missing.</summary>
    protected static void SaveConditionalStateTensor(BinaryWriter writer, Tensor? tensor)
    {
        writer.Write(tensor is not null);
        tensor?.Save(writer);
    }

    /// <summary>Zeros of the parameter's shape, type and device, which belong to no dispose scope.</summary>
    private protected Tensor Zeros()
    {
        using var _ = no_grad();
        return zeros_like(_parameter).DetachFromDisposeScope();
    }

    /// <summary>Puts a copy of a state tensor, on the parameter's device, in the place of another.</summary>
    private protected void Copy(ref Tensor? target, Tensor? source)
    {
        var copy = source?.to(_parameter.device, copy: true).DetachFromDisposeScope();
        target?.Dispose();
        target = copy;
    }

    private protected static void Move(ref Tensor? tensor, Device device)
    {
        var moved = tensor?.to(device).DetachFromDisposeScope();
        if (!ReferenceEquals(moved, tensor)) tensor?.Dispose();
        tensor = moved;
    }

    private protected static bool Close(Tensor? left, Tensor? right) =>
        left is null ? right is null : right is not null && left.allclose(right);
}
