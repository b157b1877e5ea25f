using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using TorchSharp;
using static TorchSharp.torch;

namespace PruneGen.Runtime.Tests;

/// <summary>Files of sparse, shared and quantized weights.</summary>
public sealed partial class CodedFileTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("prunegen-");
    private readonly string path;

    public CodedFileTests() => path = Path.Combine(folder.FullName, "model.prune");

    public void Dispose() => folder.Delete(recursive: true);

    public static TheoryData<string> Ways => ["sparse", "shared", "hashed", "quantized", "affine", "binary"];

    [Theory]
    [MemberData(nameof(Ways))]
    public void Weights_come_back_bit_by_bit_as_what_they_are_stored_as(string way)
    {
        using var scope = NewDisposeScope();
        var model = Coded(way);
        Pruning.Save(model, path);
        var again = Pruning.Load(path, () => new LeNet(9));
        Assert.Equal(TinyNet.Bits(model), TinyNet.Bits(again));
        var (codes, read) = (Pruning.Codes(model), Pruning.Codes(again));
        Assert.Equal(way == "sparse" ? 0 : 4, codes.Weights.Count);
        Assert.Equal(codes.Weights.Keys, read.Weights.Keys);
        Assert.Equal(codes.Weights.Values.Select(code => code.GetType()), read.Weights.Values.Select(code => code.GetType()));
        Assert.Equal(codes.Activations, read.Activations);
        var input = randn(model.InputShape);
        Assert.Equal(0, Pruned.MaxDifference(Pruned.Evaluate(model, input), Pruned.Evaluate(again, input)));

        // What is held is held again.
        var zeros = again.fc1.weight!.eq(0);
        var data = TrainingData.FromTensors(rand(8, 1, 28, 28), randint(0, 10, 8, ScalarType.Int64));
        Retrainer.Train(again, again.Forward, data, options: new RetrainOptions { Epochs = 1, Device = CPU });
        Assert.True(again.fc1.weight!.masked_select(zeros).eq(0).all().item<bool>());
    }

    [Theory]
    [InlineData("sparse", 2.5)]
    [InlineData("shared", 8)]
    [InlineData("hashed", 10)]
    [InlineData("quantized", 9)]
    [InlineData("binary", 16)]
    public void The_file_is_as_much_smaller_as_its_parts_say(string way, double times)
    {
        using var scope = NewDisposeScope();
        var model = Coded(way);
        var parts = PruneFile.Measure(PruningPlan.Link(model));
        Pruning.Save(model, path);
        var length = new FileInfo(path).Length;
        Assert.Equal(length, parts.Total);
        Assert.InRange(parts.Framing, 50, 200);
        Assert.InRange(4.0 * model.parameters().Sum(parameter => parameter.numel()) / length, times, 60);
    }

    [Fact]
    public void A_run_tells_the_bytes_of_its_file_and_the_error_behind_each_step()
    {
        using var scope = NewDisposeScope();
        var model = new LeNet();
        var data = TrainingData.FromTensors(rand(8, 1, 28, 28), randint(0, 10, 8, ScalarType.Int64));
        var options = new PruneOptions
        {
            Granularity = Granularity.Unstructured, Ratio = 0.9, MeasureLatency = false, Share = new() { Bits = 4, Epochs = 1 }, Retrain = new() { Epochs = 1 },
        };
        var report = Pruning.PruneAndRetrain(model, model.Forward, data, data, options, PruneProgress.Quiet);
        Pruning.Save(model, path);
        Assert.Equal(new FileInfo(path).Length, report.OnDisk!.Total);
        Assert.Contains("bytes on disk", report.ToString());
        Assert.Contains("shared, retrained", report.ToString());
        var again = Pruning.History(Pruning.Load(path, () => new LeNet(3))).Single();
        Assert.Equal(report.OnDisk, again.OnDisk);
        Assert.Equal(report.Steps.Select(step => (step.Name, step.Test)), again.Steps.Select(step => (step.Name, step.Test)));
        Assert.Equal(report.ToJson(), PruneReport.FromJson(report.ToJson()).ToJson());
    }

    [Fact]
    public void Files_of_version_1_load_on()
    {
        using var scope = NewDisposeScope();
        var model = Coded("sparse");
        Pruning.Save(model, path);
        var masks = WeightMasks.Of(model).ToDictionary(
            held => $"{model.named_modules().First(entry => ReferenceEquals(entry.module, held.Layer)).name}.{held.Parameter}",
            held => Bits(held.Mask));
        WriteVersion1(model, PruneFile.ReadHeader(path) with { Masks = masks });
        var again = Pruning.Load(path, () => new LeNet(9));
        Assert.Equal(TinyNet.Bits(model), TinyNet.Bits(again));
        Assert.Equal(WeightMasks.Of(model).Select(held => Bits(held.Mask)), WeightMasks.Of(again).Select(held => Bits(held.Mask)));
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void A_damaged_file_is_refused_and_takes_no_more_memory_than_it_claims(string way)
    {
        using var scope = NewDisposeScope();
        Pruning.Save(Coded(new TwoLayers(), way), path);
        var bytes = File.ReadAllBytes(path);
        for (var i = 0; i < bytes.Length; i += 1 + (bytes.Length / 300))
        {
            // As damage comes: the checksum tells.
            var damaged = (byte[])bytes.Clone();
            damaged[i] ^= 0x10;
            Refused(damaged);
            Refused(bytes[..i]);

            // As somebody makes it: with the right checksum it is another file or none.
            if (i < bytes.Length - 32)
            {
                SHA256.HashData(damaged.AsSpan(0, damaged.Length - 32), damaged.AsSpan(damaged.Length - 32));
                Write(damaged);
            }
        }

        void Refused(byte[] damaged) => Assert.Contains(path, Assert.IsType<InvalidDataException>(Write(damaged)).Message);

        Exception? Write(byte[] damaged)
        {
            File.WriteAllBytes(path, damaged);
            var before = GC.GetAllocatedBytesForCurrentThread();
            var error = Record.Exception(() => Pruning.Load(path, () => new TwoLayers()).Dispose());
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 8 << 20);
            Assert.True(error is null or InvalidDataException, $"{error}");
            return error;
        }
    }

    [Fact]
    public void A_header_that_claims_more_than_it_has_is_refused_without_the_memory()
    {
        using var scope = NewDisposeScope();
        Pruning.Save(new TwoLayers(), path);
        var bytes = File.ReadAllBytes(path);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(16), int.MaxValue);
        SHA256.HashData(bytes.AsSpan(0, bytes.Length - 32), bytes.AsSpan(bytes.Length - 32));
        File.WriteAllBytes(path, bytes);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Contains("another length than it says", Assert.Throws<InvalidDataException>(() => PruneFile.ReadHeader(path)).Message);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    private static LeNet Coded(string way) => Coded(new LeNet(), way);

    private static TModel Coded<TModel>(TModel model, string way)
        where TModel : TestModel
    {
        Pruning.Mask(model, model.Forward, new PruneOptions { Granularity = Granularity.Unstructured, Ratio = 0.8 }).Dispose();
        Hold(model);
        switch (way)
        {
            case "shared":
                Pruning.ShareWeights(model, new ShareOptions { Bits = 4 });
                break;
            case "hashed":
                Pruning.ShareWeights(model, new ShareOptions { By = SharedBy.Hash, Rate = 1 / 16.0 });
                break;
            case "quantized" or "affine" or "binary":
                var data = TrainingData.FromTensors(rand([32, .. model.InputShape[1..]]), zeros(32, ScalarType.Int64), 16);
                var grid = way == "affine" ? WeightGrid.Affine : way == "binary" ? WeightGrid.Binary : WeightGrid.Symmetric;
                Pruning.Quantize(model, model.Forward, data, new QuantizeOptions { Grid = grid, Weights = 4 });
                break;
        }

        return model;
    }

    /// <summary>Holds what is zero, as a training does that has set it to zero.</summary>
    private static void Hold(TestModel model)
    {
        using var noGradients = no_grad();
        foreach (var layer in model.named_modules().Select(entry => entry.module).Where(layer => layer.get_parameter("weight") is not null))
        {
            WeightMasks.Hold(layer, "weight", layer.get_parameter("weight")!.ne(0).to_type(ScalarType.Float32));
        }
    }

    private static byte[] Bits(Tensor mask)
    {
        var zeros = mask.eq(0).data<bool>().ToArray();
        var bits = new byte[(zeros.Length + 7) / 8];
        for (var i = 0; i < zeros.Length; i++)
        {
            bits[i / 8] |= (byte)(zeros[i] ? 1 << (i % 8) : 0);
        }

        return bits;
    }

    private void WriteVersion1(nn.Module model, PruneFileHeader header)
    {
        var text = JsonSerializer.SerializeToUtf8Bytes(header, PruneFileJson.Default.PruneFileHeader);
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream, Encoding.UTF8, leaveOpen: true);
        writer.Write("PRUNEGEN"u8);
        writer.Write(1);
        writer.Write(text.Length);
        writer.Write(text);
        using var weights = new MemoryStream();
        using (var dat = new BinaryWriter(weights, Encoding.UTF8, leaveOpen: true))
        {
            model.save(dat);
        }

        writer.Write(weights.Length);
        writer.Write(weights.ToArray());
        writer.Write(SHA256.HashData(stream.ToArray()));
        File.WriteAllBytes(path, stream.ToArray());
    }

    [Prunable]
    internal sealed partial class TwoLayers : TestModel
    {
        public readonly TorchSharp.Modules.Linear one = nn.Linear(6, 12);
        public readonly TorchSharp.Modules.Linear two = nn.Linear(12, 3);

        public TwoLayers()
            : base(nameof(TwoLayers)) => Initialise(1);

        public override long[] InputShape { get; } = [2, 6];

        public override Tensor forward(Tensor input) => two.call(one.call(input).relu());
    }
}
