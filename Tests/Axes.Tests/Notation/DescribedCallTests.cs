namespace PruneGen.Axes.Tests;

/// <summary>Layers and functions that [Axes] describes: what their names do to the groups, and what the live shapes must be.</summary>
public class DescribedCallTests
{
    private readonly AxisGraph graph = new(isLive: true);

    [Fact]
    public void A_name_of_a_result_and_a_parameter_is_the_layers_outputs()
    {
        var x = graph.Call(Layers.Linear("fc", 4, 8), graph.Input(2, 4));
        x = graph.Call(Layer("project", "N C -> N O", "weight: O C, bias: O", ("weight", [6, 8]), ("bias", [6])), x);
        graph.Call(Layers.Linear("head", 6, 3), x);

        Assert.Equal(["fc", "project", "head"], graph.GroupNames());
        Assert.Equal(["fc.weight[0]", "fc.bias[0]", "project.weight[1]"], graph.Members(graph.Groups()[0]));
        Assert.Equal(["project.weight[0]", "project.bias[0]", "head.weight[1]"], graph.Members(graph.Groups()[1]));
        Assert.Equal(1, graph.Parameters.Single(parameter => parameter.Path == "project.weight").ReadDim);
        Assert.All(graph.Groups(), group => Assert.Null(group.InexactBecause));
        Assert.False(x.KeepsZeros);
    }

    [Fact]
    public void A_name_on_both_sides_and_in_a_parameter_follows()
    {
        var x = graph.Call(Layers.Conv2d("conv", 3, 8), graph.Input(1, 3, 8, 8));
        x = graph.Call(Layer("scale", "N C H W -> N C H W", "gamma: C", ("gamma", [8])), x);

        Assert.Equal(["conv.weight[0]", "conv.bias[0]", "scale.gamma[0]"], graph.Members(Assert.Single(graph.Groups())));
        Assert.Null(graph.OutputOf("scale"));
        Assert.Equal(6, x.Dims[2].Size);
    }

    [Fact]
    public void What_is_reduced_and_what_is_normalised_is_inexact()
    {
        var x = graph.Call(Layers.Linear("fc", 4, 8), graph.Input(2, 5, 4));
        var summed = graph.Call("axes", x, ("axes", "N L C -> N L"), ("function", "Energy"));
        Assert.Equal([2L, 5L], summed.Dims.Select(dim => dim.Size!.Value));
        Assert.Equal("Energy sums over it, as [Axes] says", Assert.Single(graph.Groups()).InexactBecause);

        var y = graph.Call(Layers.Linear("other", 4, 8), graph.Input(2, 5, 4));
        graph.Call("axes", y, ("axes", "... C -> ... C"), ("inexact", "C"), ("function", "Whiten"));
        Assert.Equal("Whiten makes its values depend on each other, as [Axes] says", graph.Groups()[1].InexactBecause);
    }

    [Fact]
    public void Products_are_taken_apart_and_put_together_row_by_row()
    {
        var x = graph.Call(Layers.Conv2d("conv", 3, 8, padding: 1), graph.Input(2, 3, 6, 6));
        var flat = graph.Call("axes", x, ("axes", "N C H W -> N (C H W)"));
        Assert.Equal("conv·6·6", flat.Dims[1].ToString());
        var apart = graph.Call("axes", flat, ("axes", "N (C 6 6) -> N C 6 6"));
        Assert.Equal("conv", apart.Dims[1].ToString());

        var heads = graph.Call("axes", graph.Call(Layers.Linear("qkv", 4, 24), graph.Input(2, 5, 4)), ("axes", "N L (3 h 4) -> 3 N h L 4"));
        Assert.Equal([3L, 2L, 2L, 5L, 4L], heads.Dims.Select(dim => dim.Size!.Value));
        Assert.Equal("qkv", heads.Dims[2].ToString());
        Assert.Equal(["qkv.weight[0]", "qkv.bias[0]"], graph.Members(heads.Dims[2].Resolve()));
    }

    [Fact]
    public void Inputs_that_share_a_name_are_tied_and_a_new_one_keeps_its_width()
    {
        var first = graph.Call(Layers.Linear("a", 4, 8), graph.Input(2, 4));
        var second = graph.Call(Layers.Linear("b", 4, 8), graph.Input(2, 4));
        var results = OpTable.Apply(graph, new OpArguments("axes", [first, second], new Dictionary<string, object?> { ["axes"] = "N C, N C -> N C, N K" }));
        Assert.Equal("a", Assert.Single(graph.Groups()).Name);
        Assert.Equal("a", results[0].Dims[1].ToString());
        Assert.False(results[1].Dims[1].IsPrunable);
    }

    [Fact]
    public void A_weight_among_the_inputs_is_read_and_made_like_a_layers()
    {
        var x = graph.Call(Layers.Linear("fc", 4, 8), graph.Input(2, 4));
        var weight = graph.ParameterOf(new LayerSpec("", "Net", new Dictionary<string, object?>(), new Dictionary<string, long[]?> { ["w"] = [6, 8] }), "w");
        graph.Call("axes", [x, weight], ("axes", "N C, O C -> N O"));
        Assert.Equal(["fc.weight[0]", "fc.bias[0]", "w[1]"], graph.Members(graph.Groups()[0]));
        Assert.Equal(["w[0]"], graph.Members(graph.Groups()[1]));
        Assert.Equal(1, graph.Parameters.Single(parameter => parameter.Path == "w").ReadDim);
        Assert.All(graph.Groups(), group => Assert.Null(group.InexactBecause));
    }

    [Fact]
    public void Several_outputs_of_a_layer_are_all_its_outputs()
    {
        var results = LayerTable.Apply(graph, Layer("split", "N C -> N A, N B", "a: A C, b: B C", ("a", [3, 4]), ("b", [5, 4])), [graph.Input(2, 4)]);
        Assert.Equal(["split", "split.2"], graph.GroupNames());
        graph.Fix(graph.OutputOf("split")!, "it is asked for");
        Assert.All(results, result => Assert.False(result.Dims[1].IsPrunable));
    }

    [Fact]
    public void A_tensor_of_unknown_rank_gets_the_dimensions_that_are_named()
    {
        var x = AxisTensor.Open();
        var result = graph.Call("axes", x, ("axes", "N C H W -> N C H W"));
        Assert.Equal(4, result.Rank);
        Assert.Same(x.Dims[0].Resolve(), result.Dims[0].Resolve());
        Assert.True(graph.Call("axes", AxisTensor.Open(), ("axes", "... C -> ... C")).IsOpen);
    }

    [Fact]
    public void A_layer_that_is_called_twice_has_one_set_of_axes()
    {
        var layer = Layer("mix", "N C -> N C", "weight: C C", ("weight", [8, 8]));
        var x = graph.Call(Layers.Linear("fc", 4, 8), graph.Input(2, 4));
        graph.Call(layer, graph.Call(layer, x));
        Assert.Equal(["fc.weight[0]", "fc.bias[0]", "mix.weight[0]", "mix.weight[1]"], graph.Members(Assert.Single(graph.Groups())));
    }

    [Theory]
    [InlineData("N C H -> N C H", "", "[Axes] of it names 3 dimensions of its input 1 (N C H), which is [2, fc]; name as many as the tensor has, or put ... in front")]
    [InlineData("N C, N C -> N C", "", "[Axes] of it describes another number of inputs (2) than it is called with (1); describe each of them, with commas between them")]
    [InlineData("N 7 -> N 7", "", "[Axes] of it states 7 for dimension 1 of input 1, which has 8 indices; write 8, or a name")]
    [InlineData("N (3 C) -> N C", "", "[Axes] of it takes dimension 1 of input 1 for (3 C), but it has 8 indices, and 3 has 3; correct the notation, or the widths")]
    [InlineData("N (A B) -> N A B", "", "[Axes] of it takes dimension 1 of input 1 for (A B), but nothing tells how wide A is; state a factor as a number, or name it in another input or a parameter")]
    [InlineData("N C -> N O", "weight: O C, shift: O", "[Axes] of it describes shift, but the live Layer has weight, bias; correct the name, or leave it out")]
    [InlineData("N C -> N O", "weight: O C", "[Axes] of it does not describe bias, [6]; add it: Parameters = \"bias: …\"")]
    [InlineData("N C -> N O", "weight: O C 1, bias: O", "[Axes] of it describes weight as O C 1, but the live one is [6, 8]; name each of its 2 dimensions")]
    [InlineData("N C -> N O", "weight: C O, bias: O", "[Axes] of it calls both dimension 1 of input 1 and dimension 0 of weight C, but they have 8 and 6 indices; give one of them another name, or both one width")]
    [InlineData("N C -> N O", "weight: O C, bias: C", "[Axes] of it calls both dimension 1 of input 1 and dimension 0 of bias C, but they have 8 and 6 indices; give one of them another name, or both one width")]
    [InlineData("N C -> ", "", "[Axes] of it cannot be read: a tensor without dimensions is described (character 8); write its dimensions, with spaces between them; 1 is a dimension of one index")]
    public void What_does_not_fit_the_live_layer_is_refused(string notation, string parameters, string message)
    {
        var x = graph.Call(Layers.Linear("fc", 4, 8), graph.Input(2, 4));
        (string, long[])[] shapes = parameters.Length == 0 ? [] : [("weight", [6, 8]), ("bias", [6])];
        Assert.Equal(message, Assert.Throws<AxisException>(() => graph.Call(Layer("it", notation, parameters, shapes), x)).Message);
    }

    private static LayerSpec Layer(string name, string notation, string parameters, params (string Name, long[] Shape)[] shapes) =>
        LayerSpec.Described(name, "Layer", notation, parameters, "", "", shapes.ToDictionary(shape => shape.Name, shape => (long[]?)shape.Shape), module: new object());
}
