using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>
/// What PruneGen writes inside TorchSharp's layers because no setter does: the native module of a recurrent layer. Each is a field that another
/// version of TorchSharp may lack. (A class derived from Module may name the type of its handle.)
/// </summary>
internal abstract class TorchSharpInternals() : nn.Module(nameof(TorchSharpInternals))
{
    /// <summary>Looks, before anything is changed, whether this TorchSharp has the fields of a layer.</summary>
    /// <exception cref="NotSupportedException">It has not.</exception>
    public static void Require(nn.Module layer)
    {
        switch (layer)
        {
            case LSTM lstm:
                _ = (Handle(lstm), Parameters(lstm), BatchFirst(lstm), HiddenSize(lstm));
                break;
            case GRU gru:
                _ = (Handle(gru), Parameters(gru), BatchFirst(gru), HiddenSize(gru));
                break;
            case RNN rnn:
                _ = (Handle(rnn), Parameters(rnn), BatchFirst(rnn), HiddenSize(rnn));
                break;
            case LSTMCell or GRUCell or RNNCell:
                _ = (Handle(layer), Parameters(layer));
                break;
        }
    }

    /// <summary>The address of the memory that a tensor's numbers lie in, on its device; views of one tensor have one.</summary>
    public static nint StorageAddress(Tensor tensor)
    {
        var address = THSStorage_data_ptr(tensor.Handle);
        GC.KeepAlive(tensor);
        return address;
    }

    /// <summary>Exchanges the native modules, parameters and hidden sizes of two recurrent layers of one type.</summary>
    public static void Exchange(nn.Module first, nn.Module second)
    {
        (Handle(first), Handle(second)) = (Handle(second), Handle(first));
        (Parameters(first), Parameters(second)) = (Parameters(second), Parameters(first));
        switch (first, second)
        {
            case (LSTM a, LSTM b):
                (HiddenSize(a), HiddenSize(b)) = (HiddenSize(b), HiddenSize(a));
                break;
            case (GRU a, GRU b):
                (HiddenSize(a), HiddenSize(b)) = (HiddenSize(b), HiddenSize(a));
                break;
            case (RNN a, RNN b):
                (HiddenSize(a), HiddenSize(b)) = (HiddenSize(b), HiddenSize(a));
                break;
        }
    }

    /// <param name="use">Uses such a field.</param>
    internal static void Require(Action use)
    {
        try
        {
            use();
        }
        catch (MissingMemberException error)
        {
            var (built, loaded) = (
                typeof(TorchSharpInternals).Assembly.GetReferencedAssemblies().Single(name => name.Name == "TorchSharp").Version!,
                typeof(torch).Assembly.GetName().Version!);
            throw new NotSupportedException(
                $"PruneGen was made for TorchSharp {built.ToString(3)}, and the loaded TorchSharp {loaded.ToString(3)} has changed inside ("
                    + $"{error.Message}). Use TorchSharp {built.ToString(3)}, or a PruneGen that was made for {loaded.ToString(3)}.",
                error);
        }
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_batch_first")]
    public static extern ref bool BatchFirst(LSTM layer);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_batch_first")]
    public static extern ref bool BatchFirst(GRU layer);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_batch_first")]
    public static extern ref bool BatchFirst(RNN layer);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_hidden_size")]
    public static extern ref long HiddenSize(LSTM layer);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_hidden_size")]
    public static extern ref long HiddenSize(GRU layer);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_hidden_size")]
    public static extern ref long HiddenSize(RNN layer);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "handle")]
    private static extern ref HType Handle(nn.Module layer);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_internal_params")]
    private static extern ref OrderedDict<string, Parameter> Parameters(nn.Module layer);

    // TorchSharp's own Storage copies tensors of most element types before it tells an address.
    [DllImport("LibTorchSharp")]
    private static extern nint THSStorage_data_ptr(nint tensor);
}
