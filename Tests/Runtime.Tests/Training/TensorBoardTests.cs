using System.Buffers.Binary;
using System.Text;
using Tensorboard;
using TorchSharp;
using static TorchSharp.torch;

namespace PruneGen.Runtime.Tests;

public sealed class TensorBoardTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("prunegen-tensorboard-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void What_is_written_is_read_back()
    {
        using var model = new CheckpointTests.DroppingNet();
        var (x, y) = TinyNet.Samples(64);
        var data = TrainingData.FromTensors(x, y, batchSize: 16);
        var options = new PruneOptions
        {
            Granularity = Granularity.Unstructured,
            Ratio = 0.75,
            MeasureLatency = false,
            Schedule = PruneSchedule.Iterative(2),
            Retrain = new RetrainOptions { Epochs = 2, Device = CPU, Callbacks = [new TensorBoard(folder) { Every = 2 }] },
        };
        var report = model.PruneAndRetrain(data, data, options, PruneProgress.Quiet);

        var events = Directory.GetFiles(folder).Order().SelectMany(Read).ToList();
        List<(long Step, float Value)> Scalars(string tag) =>
        [
            .. events.SelectMany(one => (one.Summary?.Value ?? []).Where(value => value.Tag == tag).Select(value => (one.Step, value.SimpleValue))),
        ];

        // Two rounds of two epochs with four steps each, counted through.
        Assert.Equal([0, 2, 4, 6, 8, 10, 12, 14], Scalars("step/loss").Select(one => one.Step));
        Assert.All(Scalars("step/loss"), one => Assert.InRange(one.Value, 0.01, 10));
        Assert.Equal(8, Scalars("step/learning rate").Count);
        var epochs = report.EarlierRounds.Append(report.Retraining).SelectMany(round => round.Epochs).ToList();
        Assert.Equal(epochs.Select((epoch, i) => (i + 1L, (float)epoch.Test!.Error!.Value)), Scalars("epoch/test error"));
        Assert.Equal(epochs.Select((epoch, i) => (i + 1L, (float)epoch.TrainLoss)), Scalars("epoch/training loss"));
        Assert.Equal([0.375f, 0.375f, 0.75f, 0.75f], Scalars("sparsity/second.weight").Select(one => one.Value));
        Assert.Equal(4, events.Sum(one => one.Summary?.Value.Count(value => value.Tag == "weights/second.weight" && value.Histo.Num == 128)));
        var text = events.SelectMany(one => one.Summary?.Value ?? []).First(value => value.Tag.StartsWith("groups", StringComparison.Ordinal));
        Assert.Contains("| hidden | 16 |", Encoding.UTF8.GetString(text.Tensor.StringVal[0].ToByteArray()), StringComparison.Ordinal);
    }

    /// <summary>The events of a file: length, checksum, event, checksum.</summary>
    private static IEnumerable<Event> Read(string path)
    {
        var bytes = File.ReadAllBytes(path);
        for (var at = 0; at < bytes.Length;)
        {
            var length = (int)BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(at));
            yield return Event.Parser.ParseFrom(bytes, at + 12, length);
            at += 12 + length + 4;
        }
    }
}
