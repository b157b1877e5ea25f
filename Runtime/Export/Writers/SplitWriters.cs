namespace PruneGen;

/// <summary>Operations that cut one dimension into several tensors; the trace tells how long each is.</summary>
internal static class SplitWriters
{
    public static void Define(WriterList list)
    {
        list.AddSeveral(s => Cut(s, s.Long(0, "dim")), "chunk", "split", "split_with_sizes", "tensor_split");
        list.AddSeveral(s => Cut(s, s.Input.Rank == 1 ? 0 : 1), "hsplit");
        list.AddSeveral(s => Cut(s, 0), "vsplit");
        list.AddSeveral(s => Cut(s, 2), "dsplit");
        list.AddSeveral(Unbind, "unbind");
    }

    private static OnnxValue[] Cut(OnnxStep step, long along)
    {
        step.Ignore("chunks", "size", "sizes", "split_size", "split_size_or_sections", "indices_or_sections");
        var x = step.Input;
        var dim = x.Dim(along);
        return Pieces(step, x, dim, [.. step.Shapes.Select(shape => shape![dim])]);
    }

    private static OnnxValue[] Unbind(OnnxStep step)
    {
        var x = step.Input;
        var dim = x.Dim(step.Long(0, "dimension", "dim"));
        return Array.ConvertAll(
            Pieces(step, x, dim, [.. Enumerable.Repeat(step.Graph.Size(1), step.Shapes.Count)]), piece => step.Squeeze(piece, dim));
    }

    private static OnnxValue[] Pieces(OnnxStep step, OnnxValue x, int dim, OnnxSize[] lengths)
    {
        if (lengths.Length == 1)
        {
            return [x];
        }

        var shapes = lengths.Select(length => x.Dims.Select((size, i) => i == dim ? length : size).ToArray());
        return step.Graph.Nodes(
            "Split",
            [.. shapes.Select(shape => ((TorchSharp.torch.ScalarType?)x.Type, (OnnxSize[]?)shape))],
            [x, step.Sizes.Vector(lengths, x)],
            ("axis", dim));
    }
}
