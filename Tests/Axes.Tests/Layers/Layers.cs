namespace PruneGen.Axes.Tests;

/// <summary>Layers with known shapes, as the linker describes live ones.</summary>
internal static class Layers
{
    public static LayerSpec Conv2d(string name, long input, long output, long kernel = 3, long stride = 1, long padding = 0, long groups = 1, bool bias = true)
    {
        var parameters = new Dictionary<string, long[]?> { ["weight"] = [output, input / groups, kernel, kernel] };
        if (bias)
        {
            parameters["bias"] = [output];
        }

        return new LayerSpec(
            name,
            "Conv2d",
            new Dictionary<string, object?> { ["kernel_size"] = kernel, ["stride"] = stride, ["padding"] = padding, ["dilation"] = 1L, ["groups"] = groups },
            parameters);
    }

    public static LayerSpec Linear(string name, long input, long output) => new(
        name,
        "Linear",
        new Dictionary<string, object?>(),
        new Dictionary<string, long[]?> { ["weight"] = [output, input], ["bias"] = [output] });

    public static LayerSpec BatchNorm2d(string name, long channels) => new(
        name,
        "BatchNorm2d",
        new Dictionary<string, object?>(),
        new[] { "weight", "bias", "running_mean", "running_var" }.ToDictionary(p => p, _ => (long[]?)[channels]));

    public static LayerSpec ConvTranspose2d(string name, long input, long output, long kernel, long stride = 1) => new(
        name,
        "ConvTranspose2d",
        new Dictionary<string, object?> { ["kernel_size"] = kernel, ["stride"] = stride, ["padding"] = 0L, ["output_padding"] = 0L, ["dilation"] = 1L, ["groups"] = 1L },
        new Dictionary<string, long[]?> { ["weight"] = [input, output, kernel, kernel], ["bias"] = [output] });

    public static LayerSpec Norm(string type, string name, long width, params (string Name, object? Value)[] settings) => new(
        name,
        type,
        settings.ToDictionary(setting => setting.Name, setting => setting.Value),
        new Dictionary<string, long[]?> { ["weight"] = [width], ["bias"] = [width] });

    public static AxisTensor Call(this AxisGraph graph, LayerSpec layer, params AxisTensor[] inputs) => Assert.Single(LayerTable.Apply(graph, layer, inputs));

    public static AxisTensor Call(this AxisGraph graph, string op, AxisTensor[] inputs, params (string Name, object? Value)[] arguments) =>
        Assert.Single(OpTable.Apply(graph, new OpArguments(op, inputs, arguments.ToDictionary(a => a.Name, a => a.Value))));

    public static AxisTensor[] CallAll(this AxisGraph graph, string op, AxisTensor input, params (string Name, object? Value)[] arguments) =>
        OpTable.Apply(graph, new OpArguments(op, [input], arguments.ToDictionary(a => a.Name, a => a.Value)));

    public static AxisTensor Call(this AxisGraph graph, string op, AxisTensor input, params (string Name, object? Value)[] arguments) =>
        graph.Call(op, [input], arguments);

    public static AxisTensor Input(this AxisGraph graph, params long[] shape) =>
        new(shape.Select(size => graph.NewFixed("", size, "it belongs to the model's input")).ToArray());

    /// <summary>The members of a group, as <c>conv2.weight[1]</c>.</summary>
    public static string[] Members(this AxisGraph graph, Axis group) => graph.Parameters
        .SelectMany(p => p.Axes.Select((axis, dim) => (p, axis, dim)))
        .Where(m => m.axis.Leaves().Contains(group))
        .Select(m => $"{m.p.Path}[{m.dim}]")
        .ToArray();

    public static string[] GroupNames(this AxisGraph graph) => graph.Groups().Select(group => group.Name).ToArray();
}
