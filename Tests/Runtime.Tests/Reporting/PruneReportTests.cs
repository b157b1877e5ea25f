namespace PruneGen.Runtime.Tests;

public class PruneReportTests
{
    [Fact]
    public void Json_round_trips()
    {
        var report = Sample();
        var json = report.ToJson();
        var again = PruneReport.FromJson(json);
        Assert.Equal(json, again.ToJson());
        Assert.Equal(report.Groups, again.Groups);
        Assert.Equal(report.Retraining.Epochs, again.Retraining.Epochs);
        Assert.Equal(report.Latencies, again.Latencies);
        Assert.Equal((report.Dense, report.Pruned, report.Final, report.Macs), (again.Dense, again.Pruned, again.Final, again.Macs));
    }

    [Fact]
    public void Json_names_things_plainly()
    {
        using var json = System.Text.Json.JsonDocument.Parse(Sample().ToJson());
        var root = json.RootElement;
        Assert.Equal("LeNet5", root.GetProperty("model").GetString());
        Assert.Equal("Structured", root.GetProperty("granularity").GetString());
        Assert.Equal(431080, root.GetProperty("parameters").GetProperty("before").GetInt64());
        Assert.Equal(10, root.GetProperty("groups")[0].GetProperty("after").GetInt64());
        Assert.Equal(0.0091, root.GetProperty("final").GetProperty("error").GetDouble());
        Assert.Equal(128, root.GetProperty("latencies")[1].GetProperty("after").GetProperty("batchSize").GetInt32());
    }

    [Fact]
    public void Json_holds_a_loss_that_is_not_finite()
    {
        var report = Sample() with { Pruned = new Evaluation(double.PositiveInfinity, 0.9, 10000), Macs = null };
        Assert.Equal(report.Pruned, PruneReport.FromJson(report.ToJson()).Pruned);
        Assert.Null(PruneReport.FromJson(report.ToJson()).Macs);
    }

    [Fact]
    public void The_table_is_plain_text_without_a_terminal()
    {
        const string Expected = """
                               LeNet5, pruned (structured)
            +---------------------------------------------------------------+
            |                         |     dense |   pruned |       change |
            |-------------------------+-----------+----------+--------------|
            | width of conv1          |        20 |       10 |   2.00x less |
            | width of conv2          |        50 |       25 |   2.00x less |
            | parameters              |   431,080 |  109,295 |   3.94x less |
            | MACs                    | 2,293,000 |  665,750 |   3.44x less |
            | bytes                   | 1,724,320 |  437,180 |   3.94x less |
            | test error              |    0.83 % |   0.91 % | +0.08 points |
            |   before retraining     |           |   3.12 % |              |
            |   best seen, in epoch 1 |           |   0.87 % |              |
            | latency, batch 1        |  0.400 ms | 0.500 ms | 1.25x slower |
            | latency, batch 128      | 10.000 ms | 4.000 ms | 2.50x faster |
            +---------------------------------------------------------------+
                            latency: median on cpu, 2 threads

            """;
        var text = Sample().ToString();
        Assert.Equal(Lines(Expected), Lines(text));
        Assert.All(text, c => Assert.True(c is '\n' or (>= ' ' and <= '~')));
    }

    [Fact]
    public void The_table_shows_losses_where_no_errors_are_counted_and_zeros_where_weights_are_masked()
    {
        var report = Sample() with
        {
            Granularity = nameof(Granularity.Unstructured),
            Groups = [],
            Parameters = new Change(100, 100),
            NonZeroParameters = new Change(100, 50),
            Macs = null,
            Dense = new Evaluation(0.5, null, 10),
            Pruned = new Evaluation(0.75, null, 10),
            Final = new Evaluation(0.25, null, 10),
            Retraining = new RetrainResult([]),
            Latencies = [],
        };
        var rows = Lines(report.ToString());
        Assert.Contains("| test loss | 0.5000 | 0.2500 | -0.2500 |", rows.Select(Squeezed));
        Assert.Contains("| not zero | 100 | 50 | 2.00x less |", rows.Select(Squeezed));
        Assert.DoesNotContain(rows, row => row.Contains("MACs", StringComparison.Ordinal) || row.Contains("latency", StringComparison.Ordinal) || row.Contains("best", StringComparison.Ordinal));
    }

    [Fact]
    public void The_table_says_where_less_was_removed_than_asked_for()
    {
        var report = Sample() with { Groups = [new("heads", 2, 2, 0.3), new("conv", 5, 3, 0.5), new("fc", 10, 7, 0.3), new("all", 20, 19)] };
        var rows = Lines(report.ToString()).Select(Squeezed).ToList();
        Assert.Contains("| width of heads | 2 | 2 | 0 % of 30 % asked |", rows);
        Assert.Contains("| width of conv | 5 | 3 | 1.67x less, 40 % of 50 % asked |", rows);
        Assert.Contains("| width of fc | 10 | 7 | 1.43x less |", rows);
        Assert.Contains("| width of all | 20 | 19 | 1.05x less |", rows);
        Assert.Equal([true, true, false, false], report.Groups.Select(group => group.IsShort));
        Assert.Equal(report.Groups, PruneReport.FromJson(report.ToJson()).Groups);
    }

    [Fact]
    public void The_best_epoch_is_the_first_of_the_best()
    {
        EpochResult Epoch(int epoch, double loss, double? error) => new(epoch, 1e-3, 1, new Evaluation(loss, error, 10), 1, 1, 10);
        Assert.Equal(2, new RetrainResult([Epoch(1, 1, 0.3), Epoch(2, 3, 0.1), Epoch(3, 2, 0.1)]).Best!.Epoch);
        Assert.Equal(3, new RetrainResult([Epoch(1, 1, null), Epoch(2, 3, null), Epoch(3, 0.5, null)]).Best!.Epoch);
        Assert.Null(new RetrainResult([]).Best);
    }

    internal static PruneReport Sample() => new()
    {
        Model = "LeNet5",
        Granularity = nameof(Granularity.Structured),
        Groups = [new("conv1", 20, 10), new("conv2", 50, 25)],
        Parameters = new Change(431080, 109295),
        NonZeroParameters = new Change(431080, 109295),
        Macs = new Change(2293000, 665750),
        Bytes = new Change(1724320, 437180),
        Dense = new Evaluation(0.031, 0.0083, 10000),
        Pruned = new Evaluation(0.112, 0.0312, 10000),
        Final = new Evaluation(0.036, 0.0091, 10000),
        Retraining = new RetrainResult(
        [
            new EpochResult(1, 5e-4, 0.05, new Evaluation(0.035, 0.0087, 10000), 12.5, 0.5, 60000),
            new EpochResult(2, 1e-6, 0.03, new Evaluation(0.036, 0.0091, 10000), 12.25, 0.5, 60000),
        ]),
        Latencies =
        [
            new(new Latency(1, 0.4, 1000, 2, "cpu"), new Latency(1, 0.5, 1000, 2, "cpu")),
            new(new Latency(128, 10, 50, 2, "cpu"), new Latency(128, 4, 125, 2, "cpu")),
        ],
        Seconds = 33.5,
    };

    private static string[] Lines(string text) => text.ReplaceLineEndings("\n").Split('\n').Select(line => line.TrimEnd()).ToArray();

    private static string Squeezed(string row) => string.Join(' ', row.Split(' ', StringSplitOptions.RemoveEmptyEntries));
}
