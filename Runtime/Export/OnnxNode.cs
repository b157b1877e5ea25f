namespace PruneGen;

/// <summary>A node of a graph that is being written.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Op">ONNX's operator.</param>
/// <param name="Inputs">The names of the tensors that it takes; empty where an optional one is left out.</param>
/// <param name="Outputs">The names of those that it makes.</param>
/// <param name="Attributes">Its attributes.</param>
/// <param name="Domain">The domain of its operator; empty for ONNX's own.</param>
internal sealed record OnnxNode(
    string Name, string Op, string[] Inputs, string[] Outputs, (string Name, object Value)[] Attributes, string Domain = "")
{
    /// <summary>The number of the step of forward that it belongs to.</summary>
    public int Step { get; init; }

    /// <summary>An attribute; null where it is left to its default.</summary>
    public object? Attribute(string name) => Array.Find(Attributes, attribute => attribute.Name == name).Value;
}
