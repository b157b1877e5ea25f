using static TorchSharp.torch;

namespace PruneGen;

/// <summary>What is known of writing TorchSharp's layers in ONNX, by their classes.</summary>
public static class OnnxLayers
{
    private static readonly Dictionary<(Type Type, string Method), OnnxWriter> Known = Collect(
        ActivationWriters.DefineLayers,
        ConvolutionWriters.DefineLayers,
        NormWriters.DefineLayers,
        ReductionWriters.DefineLayers,
        PoolWriters.DefineLayers,
        ShapeWriters.DefineLayers,
        ResizeWriters.DefineLayers,
        PadWriters.DefineLayers,
        WindowWriters.DefineLayers,
        ProductWriters.DefineLayers,
        RecurrentWriters.DefineLayers,
        AttentionWriters.DefineLayers);

    /// <summary>The classes of layers that are written.</summary>
    public static IEnumerable<Type> Types => Known.Keys.Select(key => key.Type).Distinct();

    /// <summary>The writer of a call of a layer; null where ONNX has no counterpart that is known.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="method">The method that is called: <c>call</c>, or <c>forward_with_indices</c>.</param>
    public static OnnxWriter? Find(nn.Module layer, string method) => Known.GetValueOrDefault((layer.GetType(), method));

    private static Dictionary<(Type Type, string Method), OnnxWriter> Collect(params Action<LayerList>[] families)
    {
        var list = new LayerList();
        foreach (var define in families)
        {
            define(list);
        }

        return list.Writers;
    }
}

/// <summary>Takes the writers of each family of layers.</summary>
internal sealed class LayerList
{
    /// <summary>All of them.</summary>
    public Dictionary<(Type Type, string Method), OnnxWriter> Writers { get; } = [];

    /// <summary>A layer with one result.</summary>
    public void Add<TLayer>(Func<OnnxStep, TLayer, OnnxValue> write)
        where TLayer : nn.Module =>
        AddSeveral<TLayer>((step, layer) => [write(step, layer)]);

    /// <summary>A layer with several results.</summary>
    public void AddSeveral<TLayer>(Func<OnnxStep, TLayer, OnnxValue[]> write, string method = "call")
        where TLayer : nn.Module =>
        Writers.Add((typeof(TLayer), method), step => write(step, (TLayer)step.Step.Module!));
}
