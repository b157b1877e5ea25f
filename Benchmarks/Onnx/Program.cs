using System.CommandLine;
using System.Globalization;
using PruneGen;
using PruneGen.Benchmarks.Onnx;
using PruneGen.Samples.ModelZoo;
using Spectre.Console;
using static TorchSharp.torch;

var names = new Argument<string[]>("models")
{
    DefaultValueFactory = _ => ["lenet", "resnet18", "mobilenet-v2"], Description = "Models of the zoo with one image as input and one result.",
};
var batch = new Option<int>("--batch") { DefaultValueFactory = _ => 1, Description = "Images in a pass." };
var rounds = new Option<int>("--rounds") { DefaultValueFactory = _ => 31, Description = "Passes of each side; they take turns." };
var threads = new Option<int>("--threads") { DefaultValueFactory = _ => 1, Description = "Threads of each side." };
var ratios = new Option<double[]>("--ratios")
{
    DefaultValueFactory = _ => [0, 0.5], AllowMultipleArgumentsPerToken = true, Description = "How much of every group is removed; 0 for the dense model.",
};
var command = new RootCommand("Float32 and whole numbers in ONNX Runtime beside TorchSharp: time of a pass, bytes of the file, and how far the answers are.")
{
    names, batch, rounds, threads, ratios,
};
command.SetAction(arguments =>
{
    set_num_threads(arguments.GetValue(threads));
    AnsiConsole.Profile.Width = Math.Max(AnsiConsole.Profile.Width, 150);
    foreach (var name in arguments.GetValue(names)!)
    {
        Run(name, arguments.GetValue(ratios)!, arguments.GetValue(batch), arguments.GetValue(rounds), arguments.GetValue(threads));
    }
});
return command.Parse(args).Invoke();

static void Run(string name, double[] ratios, int batch, int rounds, int threads)
{
    using var scope = NewDisposeScope();
    var sides = new List<(Side Side, Side Exact)>();
    manual_seed(1);
    using var like = Zoo.Named(name).Create(ZooSize.Full);
    var input = like.Inputs(batch)[0];
    foreach (var ratio in ratios)
    {
        var pruned = ratio > 0 ? string.Create(CultureInfo.InvariantCulture, $"pruned by {ratio}, ") : "";
        var exact = Side.Torch(pruned + "TorchSharp", Make(ratio), input);
        sides.Add((exact, exact));
        using (var model = Make(ratio))
        {
            sides.Add((Side.Onnx(pruned + "ONNX Runtime, float32", model, input, threads, isWide: false), exact));
        }

        foreach (var bits in new[] { 8, 7 })
        {
            using var model = Make(ratio);
            Quantize(model, bits);
            sides.Add((Side.Onnx($"{pruned}ONNX Runtime, int8, weights of {bits} bits", model, input, threads, isWide: bits == 8), exact));
        }
    }

    // A few each to warm up: caches, kernels that are chosen at the first call.
    var times = sides.ConvertAll(_ => new List<double>());
    for (var round = -3; round < rounds; round++)
    {
        for (var i = 0; i < sides.Count; i++)
        {
            var seconds = sides[i].Side.Seconds();
            if (round >= 0)
            {
                times[i].Add(seconds);
            }
        }
    }

    var table = new Table().Border(TableBorder.Ascii).AddColumns(name, "ms", "times TorchSharp's first", "file", "difference of answers");
    var first = Median(times[0]);
    for (var i = 0; i < sides.Count; i++)
    {
        var (side, exact) = sides[i];
        var (answer, expected) = (side.Answer(), exact.Answer());
        table.AddRow(
            side.Name,
            Text($"{Median(times[i]) * 1000:f2}"),
            Text($"{first / Median(times[i]):f2}"),
            side.Bytes is long bytes ? Text($"{bytes:N0}") : "",
            side == exact ? "" : Text($"{Norm(answer.Zip(expected, (x, y) => x - y)) / Norm(expected):p2}"));
    }

    AnsiConsole.Write(table);
    Console.WriteLine(
        $"Medians of {rounds} passes of a batch of {batch}, taken in turns after 3 to warm up; {threads} thread{(threads == 1 ? "" : "s")}. "
            + "Weights are random and statistics those of a batch; differences are those of the logits, RMS over RMS, to TorchSharp in float32 at the same "
            + "widths. 8 bits with session.x64quantprecision = 1, 7 bits without.");
    sides.ForEach(pair => pair.Side.Dispose());

    ZooInstance Make(double ratio)
    {
        manual_seed(1);
        var model = Zoo.Named(name).Create(ZooSize.Full);
        AsIfTrained.Make(model, seed: 1);
        if (ratio > 0)
        {
            using var importance = Importance.Of(model.Plan(new PruneOptions { Ratio = ratio, Criterion = Criterion.L2 }));
            using var selection = Selection.Of(importance);
            using var result = Compaction.Apply(selection);
        }

        return model;
    }

    static void Quantize(ZooInstance model, int bits)
    {
        using var data = NewDisposeScope();
        var images = TrainingData.FromTensors(model.Inputs(16)[0], zeros(16, ScalarType.Int64), batchSize: 8);
        model.Module.eval();
        Pruning.Quantize((dynamic)model.Module, (Func<Tensor[], Tensor[]>)(x => model.Forward(x)), images, new QuantizeOptions { Weights = bits });
    }

    static double Norm(IEnumerable<float> numbers) => Math.Sqrt(numbers.Sum(number => (double)number * number));

    static double Median(List<double> numbers) => numbers.Order().ElementAt(numbers.Count / 2);

    static string Text(FormattableString text) => FormattableString.Invariant(text);
}
