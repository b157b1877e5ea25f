namespace PruneGen.RandomModels;

/// <summary>Writes what holds widths outside layers: parameters that <c>forward</c> uses itself, tensors that it writes into, constants.</summary>
internal sealed class WeightWriter(ModelWriter model)
{
    /// <summary>A convolution or a matrix whose weights are the model's own.</summary>
    public void AddOwnWeight()
    {
        var (x, width) = (model.Map(), model.NewWidth());
        if (model.Draw(2) == 0)
        {
            var kernel = model.Draw(2) == 0 ? 3 : 1;
            var (weight, bias) = (Parameter("kernel", $"{width}, {x.Width}, {kernel}, {kernel}"), Parameter("bias", $"{width}"));
            model.Assign($"conv2d({x.Name}, {weight}, {bias}{(kernel == 3 ? ", padding: new long[] { 1, 1 }" : "")})", width, x.Size);
            return;
        }

        var matrix = Parameter("matrix", $"{width}, {x.Width}");
        var local = model.NewName("v");
        model.Line($"var {local} = {x.Name}.permute(0, 2, 3, 1);");
        model.Assign(
            (model.Draw(2) == 0 ? $"linear({local}, {matrix})" : $"{local}.matmul({matrix}.t())") + ".permute(0, 3, 1, 2)", width, x.Size);
    }

    /// <summary>Values that are written into a tensor whose width the source states.</summary>
    public void AddWrite()
    {
        var x = model.Map();
        var width = x.Width + model.Draw(3);
        var target = $"zeros({x.Name}.shape[0], {width}, {x.Size}, {x.Size})";
        model.Assign(
            model.Draw(4) switch
            {
                0 => $"{target}.index_add(1, arange({x.Width}), {x.Name}, 1)",
                1 => $"{target}.index_copy(1, arange({x.Width}), {x.Name})",
                2 => $"{target}.slice_scatter({x.Name}, 1, 0, {x.Width}, 1)",
                _ => $"{target}.scatter_add(1, arange({x.Width}).view(1, -1, 1, 1).expand({x.Name}.shape[0], -1, {x.Size}, {x.Size}), {x.Name})",
            },
            width,
            x.Size);
    }

    /// <summary>Attention whose heads are stated as constants, as most people write it.</summary>
    public void AddConstantHeads()
    {
        var (x, heads, headWidth) = (model.Map(), 1 + model.Draw(4), 2 + model.Draw(3));
        var width = heads * headWidth;
        var (tokens, merged) = (model.NewName("tokens"), model.NewName("merged"));
        var (headsField, widthField) = (model.Field("heads", "int", $"{heads}"), model.Field("headDim", "int", $"{headWidth}"));
        model.Line($"var {tokens} = {x.Name}.flatten(2).transpose(1, 2);");
        var parts = new[] { "query", "key", "value" }.Select(kind =>
        {
            var (layer, part) = (model.Field(kind, "Linear", $"Linear({x.Width}, {width})"), model.NewName(kind[..1]));
            model.Line($"var {part} = {layer}.call({tokens}).view({tokens}.shape[0], {tokens}.shape[1], {headsField}, {widthField}).transpose(1, 2);");
            return part;
        }).ToArray();
        model.Line($"var {merged} = scaled_dot_product_attention({parts[0]}, {parts[1]}, {parts[2]}).transpose(1, 2).contiguous();");
        var output = model.Field("output", "Linear", $"Linear({width}, {x.Width})");
        var flat = model.Draw(2) == 0 ? $"{headsField} * {widthField}" : "-1";
        model.Assign(
            $"{output}.call({merged}.view({tokens}.shape[0], {tokens}.shape[1], {flat})).transpose(1, 2).reshape({x.Name}.shape)", x.Width, x.Size);
    }

    private string Parameter(string prefix, string shape) => model.Field(prefix, "Parameter", $"Parameter(randn({shape}) * 0.1)");
}
