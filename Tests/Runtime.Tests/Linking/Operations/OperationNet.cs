using PruneGen.Axes;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PruneGen.Runtime.Tests;

/// <summary>
/// A small model around some operations: layers and bare parameters by name, <c>forward</c> over tensors and the same steps
/// over axes, as the generator writes them. Each case of a test is one of these.
/// </summary>
internal sealed class OperationNet : TestModel, IPrunable
{
    private readonly Dictionary<string, nn.Module> layers = [];
    private readonly Func<OperationNet, Tensor, Tensor> compute;
    private readonly Func<OperationNet, Linker, AxisTensor, AxisTensor> link;

    /// <param name="shape">The shape of an input.</param>
    /// <param name="modules">The layers; a <see cref="Parameter"/> becomes a parameter of the model itself.</param>
    /// <param name="compute">What <c>forward</c> does.</param>
    /// <param name="link">What <c>Link</c> does.</param>
    public OperationNet(long[] shape, Dictionary<string, object> modules, Func<OperationNet, Tensor, Tensor> compute, Func<OperationNet, Linker, AxisTensor, AxisTensor> link)
        : base(nameof(OperationNet))
    {
        InputShape = shape;
        (this.compute, this.link) = (compute, link);
        foreach (var (name, module) in modules)
        {
            if (module is Parameter parameter)
            {
                register_parameter(name, parameter);
            }
            else if (module is Tensor buffer)
            {
                register_buffer(name, buffer);
            }
            else
            {
                layers.Add(name, (nn.Module)module);
                register_module(name, (nn.Module)module);
            }
        }

        Initialise(1);
    }

    public override long[] InputShape { get; }

    public nn.Module<Tensor, Tensor> this[string name] => (nn.Module<Tensor, Tensor>)layers[name];

    public TLayer Layer<TLayer>(string name)
        where TLayer : nn.Module => (TLayer)layers[name];

    public Tensor Tensor(string name) => get_parameter(name) ?? get_buffer(name)!;

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        return compute(this, input).MoveToOuterDisposeScope();
    }

    object?[] IPrunable.Link(Linker linker, LinkInputs inputs) => [link(this, linker, inputs[0])];
}

/// <summary>Short forms for the link half of a case.</summary>
internal static class OperationLinks
{
    public static AxisTensor Parameter(this Linker link, OperationNet model, string name) =>
        link.Graph.ParameterOf(new LayerSpec("", "", new Dictionary<string, object?>(), new Dictionary<string, long[]?> { [name] = model.Tensor(name).shape }, model), name);

    public static AxisTensor View(this Linker link, AxisTensor x, params AxisSize[] shape) => link.Op("view", x, ("shape", shape));

    public static AxisTensor Index(this Linker link, AxisTensor x, params AxisSlice[] indices) => link.Op("index", x, ("indices", indices));

    public static AxisTensor Transpose(this Linker link, AxisTensor x, long first, long second) => link.Op("transpose", x, ("dim0", first), ("dim1", second));

    public static AxisTensor Permute(this Linker link, AxisTensor x, params long[] order) => link.Op("permute", x, ("permutation", order));

    public static AxisTensor MatMul(this Linker link, AxisTensor x, AxisTensor y) => link.Op("matmul", [x, y]);

    public static AxisTensor Softmax(this Linker link, AxisTensor x) => link.Op("softmax", x, ("dim", -1L));
}
