namespace PruneGen;

/// <summary>
/// Asks for a TorchSharp model to be exported: PruneGen generates <c>ExportOnnx</c>, and says at each expression of <c>forward</c> that ONNX has no
/// counterpart of (PG0040). It may stand beside <see cref="PrunableAttribute"/>; alone it asks for no pruning, so no width of the source is looked at
/// for that.
/// </summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class ExportableAttribute : Attribute
{
}
