using System.Buffers.Binary;
using System.Security.Cryptography;
using TorchSharp;
using static TorchSharp.torch;

namespace PruneGen.Runtime.Tests;

public sealed class PruneFileTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("prunegen-");
    private readonly string path;

    public PruneFileTests() => path = Path.Combine(folder.FullName, "model.prune");

    public void Dispose() => folder.Delete(recursive: true);

    public static TheoryData<string> ModelNames() => [.. Pruned.Models.Keys];

    [Theory]
    [MemberData(nameof(ModelNames))]
    public void A_loaded_model_answers_as_the_saved_one(string name)
    {
        using var scope = NewDisposeScope();
        var model = Pruned.Models[name](1);
        Pruned.Compact(model, new PruneOptions { Ratio = 0.6 }).Dispose();
        PruneFile.Save(model.Plan(), path);

        var loaded = Load(Pruned.Models[name]);

        var input = randn(model.InputShape);
        Assert.Equal(0, Pruned.MaxDifference(Pruned.Evaluate(model, input), Pruned.Evaluate(loaded, input)));
        Assert.Equal(TinyNet.Bits(model), TinyNet.Bits(loaded));
        Assert.Equal(ModelCount.Of(model.Plan()), ModelCount.Of(loaded.Plan()));
        Assert.Equal([path], Directory.GetFiles(folder.FullName));
    }

    [Fact]
    public void Groups_that_shrank_to_one_channel_come_back()
    {
        using var scope = NewDisposeScope();

        // One channel in one group is a plain convolution to whoever links the pruned model; so are groups of one channel.
        var depthwise = new DepthwiseNet();
        Pruned.Compact(depthwise, new PruneOptions { Ratio = 0.99 }).Dispose();
        Assert.Equal(1, depthwise.depthwise.groups);
        PruneFile.Save(depthwise.Plan(), path);
        Assert.Equal(TinyNet.Bits(depthwise), TinyNet.Bits(Load(seed => new DepthwiseNet(seed))));

        var grouped = new GroupedNet();
        Pruned.Compact(grouped, new PruneOptions { Ratio = 0.99 }).Dispose();
        Assert.Equal([4L, 1, 3, 3], grouped.four.weight!.shape);
        PruneFile.Save(grouped.Plan(), path);
        Assert.Equal(TinyNet.Bits(grouped), TinyNet.Bits(Load(seed => new GroupedNet(seed))));
    }

    [Theory]
    [InlineData(ScalarType.Float64)]
    [InlineData(ScalarType.BFloat16)]
    public void A_model_of_another_element_type_comes_back_in_it(ScalarType type)
    {
        using var scope = NewDisposeScope();
        var model = new LeNet();
        model.to(type);
        model.fc2.to(ScalarType.Float32);
        Pruned.Compact(model).Dispose();
        PruneFile.Save(model.Plan(), path);
        var again = Pruning.Load(path, () => new LeNet());
        Assert.Equal(TinyNet.Bits(model), TinyNet.Bits(again));
        Assert.Equal((type, ScalarType.Float32), (again.fc1.weight!.dtype, again.fc2.weight!.dtype));
    }

    [Fact]
    public void Groups_that_shrink_in_a_later_run_come_back()
    {
        using var scope = NewDisposeScope();
        var model = new GroupedNet();
        for (var round = 0; round < 4; round++)
        {
            Pruned.Compact(model).Dispose();
            PruneFile.Save(model.Plan(), path);
            Assert.Equal(TinyNet.Bits(model), TinyNet.Bits(Load(seed => new GroupedNet(seed))));
        }
    }

    [Fact]
    public void A_failed_count_leaves_the_model_as_it_can_be_saved()
    {
        using var scope = NewDisposeScope();
        var model = new LeNet();
        Assert.ThrowsAny<Exception>(() => Pruning.Count(model, [1L, 1, 3, 3]));
        Pruning.Save(model, path);
        Assert.Equal(TinyNet.Bits(model), TinyNet.Bits(Load(seed => new LeNet(seed))));
    }

    [Fact]
    public void A_report_without_MACs_comes_back_and_goes_on_into_the_next_file()
    {
        using var scope = NewDisposeScope();
        var model = new LeNet();
        var report = PruneReportTests.Sample() with { Macs = null };
        PruneFile.Save(model.Plan(), path, report);
        var again = Pruning.Load(path, () => new LeNet());
        Pruning.Save(again, path);
        Assert.Equal(report.ToJson(), PruneFile.ReadHeader(path).Report!.ToJson());
    }

    [Fact]
    public void The_report_in_a_file_counts_what_the_model_has_now()
    {
        using var scope = NewDisposeScope();
        var model = new LeNet();
        var data = TrainingData.FromTensors(rand(8, 1, 28, 28), randint(0, 10, 8, ScalarType.Int64));
        var report = Pruning.PruneAndRetrain(model, model.Forward, data, data, new PruneOptions { Ratio = 0.25, Retrain = new() { Epochs = 0 } }, PruneProgress.Quiet);
        Pruning.Compact(model, model.Forward, new PruneOptions { Ratio = 0.5 }).Dispose();
        Pruning.Save(model, path);
        var saved = PruneFile.ReadHeader(path).Report!;
        Assert.True(saved.IsCompactedSince);
        Assert.Equal(new Change(report.Parameters.Before, model.parameters().Sum(parameter => parameter.numel())), saved.Parameters);
        Assert.Equal(saved.Groups.Select(group => (group.Name, group.Before)), report.Groups.Select(group => (group.Name, group.Before)));
        Assert.Equal(saved.Groups.Single(group => group.Name == "conv1").After, model.conv1.out_channels);
        Assert.Contains("compacted since", saved.ToString());
    }

    [Fact]
    public void The_header_tells_what_is_inside()
    {
        using var scope = NewDisposeScope();
        var model = new LeNet();
        var options = new PruneOptions { Ratio = 0.25, RoundTo = 4, Layers = { ["conv2"] = new() { Criterion = Criterion.Taylor } }, Retrain = new() { Epochs = 7 } };
        PruneFile.Save(model.Plan(options), path);

        var header = PruneFile.ReadHeader(path);

        Assert.Equal("PruneGen.Runtime.Tests.LeNet", header.Model);
        Assert.Equal(new Dictionary<string, long> { ["conv1"] = 20, ["conv2"] = 50, ["fc1"] = 500 }, header.Widths);
        Assert.Equal("Float32 [20, 1, 5, 5]", header.Tensors["conv1.weight"].ToString());
        Assert.Equal((0.25, 4, 7), (header.Options.Ratio, header.Options.RoundTo, header.Options.Retrain.Epochs));
        Assert.Equal(Criterion.Taylor, header.Options.Layers["conv2"].Criterion);
        Assert.Null(header.Report);
    }

    [Fact]
    public void The_same_model_gives_the_same_bytes()
    {
        using var scope = NewDisposeScope();
        var model = new LeNet();
        PruneFile.Save(model.Plan(), path);
        var first = File.ReadAllBytes(path);
        PruneFile.Save(model.Plan(), path);
        Assert.Equal(first, File.ReadAllBytes(path));
    }

    [Fact]
    public void A_truncated_file_is_refused_wherever_it_ends()
    {
        using var scope = NewDisposeScope();
        var bytes = SaveTwoNeurons();
        for (var length = 0; length < bytes.Length; length++)
        {
            File.WriteAllBytes(path, bytes[..length]);
            var error = Assert.Throws<InvalidDataException>(() => PruneFile.ReadHeader(path));
            Assert.Contains(path, error.Message);
            Assert.Contains(length == 0 ? "is not a .prune file" : "is truncated", error.Message);
        }
    }

    [Fact]
    public void A_damaged_file_is_refused_wherever_a_byte_is_wrong()
    {
        using var scope = NewDisposeScope();
        var bytes = SaveTwoNeurons();
        for (var i = 0; i < bytes.Length; i++)
        {
            bytes[i] ^= 0x40;
            File.WriteAllBytes(path, bytes);
            Assert.Contains(path, Assert.Throws<InvalidDataException>(() => PruneFile.ReadHeader(path)).Message);
            bytes[i] ^= 0x40;
        }

        File.WriteAllBytes(path, [.. bytes, 0]);
        Assert.Contains("1 bytes too many", Assert.Throws<InvalidDataException>(() => PruneFile.ReadHeader(path)).Message);
    }

    [Fact]
    public void A_foreign_file_is_refused()
    {
        File.WriteAllText(path, "PK\u0003\u0004 something else altogether, long enough");
        var error = Assert.Throws<InvalidDataException>(() => Load(seed => new LeNet(seed)));
        Assert.Contains("is not a .prune file: it begins with 504B0304", error.Message);
        Assert.Throws<FileNotFoundException>(() => PruneFile.ReadHeader(Path.Combine(folder.FullName, "absent.prune")));
    }

    [Fact]
    public void Another_version_is_refused()
    {
        using var scope = NewDisposeScope();
        var bytes = SaveTwoNeurons();
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(8), 3);
        Rehash(bytes);
        File.WriteAllBytes(path, bytes);
        var error = Assert.Throws<InvalidDataException>(() => PruneFile.ReadHeader(path));
        Assert.Contains("is of version 3 of the .prune format, and this PruneGen reads versions 1 to 2; update PruneGen", error.Message);
    }

    [Fact]
    public void A_header_that_is_not_one_is_refused()
    {
        using var scope = NewDisposeScope();
        var bytes = SaveTwoNeurons();
        bytes[16] = (byte)'[';
        Rehash(bytes);
        File.WriteAllBytes(path, bytes);
        Assert.Contains("has a header that is not what a .prune file has", Assert.Throws<InvalidDataException>(() => PruneFile.ReadHeader(path)).Message);
    }

    [Fact]
    public void Another_model_is_refused()
    {
        using var scope = NewDisposeScope();
        SaveTwoNeurons();
        var error = Assert.Throws<InvalidDataException>(() => Load(seed => new LeNet(seed)));
        Assert.Contains("holds a PruneGen.Runtime.Tests.TwoNeurons, not a PruneGen.Runtime.Tests.LeNet", error.Message);
    }

    [Fact]
    public void Other_constructor_arguments_are_refused()
    {
        using var scope = NewDisposeScope();
        PruneFile.Save(new LeNet(1, classes: 12).Plan(), path);
        var error = Assert.Throws<InvalidDataException>(() => Load(seed => new LeNet(seed)));
        Assert.Contains("has Float32 [12] for fc2.bias, and a new LeNet of the saved widths has Float32 [10]", error.Message);

        PruneFile.Save(new DepthwiseNet(1, width: 10).Plan(), path);
        error = Assert.Throws<InvalidDataException>(() => Load(seed => new DepthwiseNet(seed)));
        Assert.Contains("has 10 channels of stem, and a new DepthwiseNet has 8", error.Message);

        PruneFile.Save(new DepthwiseNet(1, multiplier: 1).Plan(), path);
        error = Assert.Throws<InvalidDataException>(() => Load(seed => new DepthwiseNet(seed)));
        Assert.Contains("depthwise", error.Message);
    }

    [Fact]
    public void A_file_that_cannot_be_replaced_stays_as_it_was()
    {
        using var scope = NewDisposeScope();
        var model = new TwoNeurons();
        var target = folder.CreateSubdirectory("taken.prune");
        Assert.ThrowsAny<SystemException>(() => PruneFile.Save(model.Plan(), target.FullName));
        Assert.Equal([target.FullName], Directory.GetFileSystemEntries(folder.FullName));
        Assert.Throws<DirectoryNotFoundException>(() => PruneFile.Save(model.Plan(), Path.Combine(folder.FullName, "no", "such", "folder.prune")));
    }

    private byte[] SaveTwoNeurons()
    {
        PruneFile.Save(new TwoNeurons().Plan(), path);
        return File.ReadAllBytes(path);
    }

    private static void Rehash(byte[] bytes) => SHA256.HashData(bytes.AsSpan(0, bytes.Length - 32), bytes.AsSpan(bytes.Length - 32));

    private TestModel Load(Func<int, TestModel> create) => PruneFile.Load(path, () => create(99));
}
