using System.Diagnostics;
using TorchSharp;
using static TorchSharp.torch;

namespace PruneGen.Benchmarks.Retraining;

/// <summary>The loop that a user of TorchSharp writes by hand.</summary>
internal sealed class PlainLoop(string name, Data data) : ISide
{
    public double Round()
    {
        using var model = Models.Create(name);
        using var optimizer = optim.Adam(model.parameters(), 1e-3);
        var started = Stopwatch.GetTimestamp();
        var images = data.Y.size(0);
        var total = 0f;
        using var order = randperm(images, int64);
        for (var start = 0L; start < images; start += data.BatchSize)
        {
            using var scope = NewDisposeScope();
            var taken = order.narrow(0, start, Math.Min(data.BatchSize, images - start));
            var loss = nn.functional.cross_entropy(model.call(data.X.index_select(0, taken)), data.Y.index_select(0, taken));
            optimizer.zero_grad();
            loss.backward();
            optimizer.step();
            total += loss.ToSingle();
        }

        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        return float.IsFinite(total) ? seconds : throw new InvalidOperationException("The plain loop's loss is not finite.");
    }
}
