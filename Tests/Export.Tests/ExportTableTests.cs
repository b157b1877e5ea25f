using PruneGen.Axes;

namespace PruneGen.Export.Tests;

public class ExportTableTests
{
    [Fact]
    public void The_table_says_of_every_operation_whether_it_is_written()
    {
        var wrong = OpTable.Names.Where(name => name != DescribedCalls.Operation && (OnnxOperations.Find(name) is null) != (ExportTable.Operation(name) is not null));
        Assert.Equal("", string.Join(" ", wrong));
        Assert.Equal("", string.Join(" ", OnnxOperations.Names.Except(OpTable.Names)));
    }

    [Fact]
    public void The_table_says_of_every_layer_whether_it_is_written()
    {
        var written = OnnxLayers.Types.Select(type => type.Name).ToHashSet();
        var wrong = LayerTable.Layers.Select(layer => layer.Type).Where(type => written.Contains(type) == (ExportTable.Layer(type) is not null));
        Assert.Equal("", string.Join(" ", wrong));
    }
}
