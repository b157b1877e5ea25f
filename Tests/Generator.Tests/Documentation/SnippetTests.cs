using System.Runtime.Loader;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace PruneGen.Generator.Tests;

/// <summary>
/// The C# of the documentation is true: every block compiles as it stands, with the generator, and what can run runs. The pages of diagnostics have tests of
/// their own.
/// </summary>
public sealed class SnippetTests : IDisposable
{
    private const string Usings = "using System;\nusing System.Collections.Generic;\nusing System.IO;\nusing System.Linq;\n" + Compiled.Usings;

    /// <summary>The model that most snippets are about.</summary>
    private const string Net = """
        [Prunable, Retrain(Epochs = 1)]
        public sealed partial class Net : Module<Tensor, Tensor>
        {
            private readonly Conv2d conv1 = Conv2d(1, 20, 5);
            private readonly Conv2d conv2 = Conv2d(20, 50, 5);
            private readonly Linear fc1 = Linear(800, 50);
            private readonly Linear fc2 = Linear(50, 10);
            public Net() : base(nameof(Net)) => RegisterComponents();
            public override Tensor forward(Tensor x) => fc2.call(relu(fc1.call(max_pool2d(relu(conv2.call(max_pool2d(relu(conv1.call(x)), 2))), 2).flatten(1))));
            public Tensor[] Forward(Tensor[] inputs) => [call(inputs[0])];
        }

        """;

    /// <summary>One that reads features.</summary>
    private const string FeatureNet = """
        [Prunable, Retrain(Epochs = 1)]
        public sealed partial class Net : Module<Tensor, Tensor>
        {
            private readonly Linear fc1 = Linear(40, 20);
            private readonly Linear fc2 = Linear(20, 10);
            public Net() : base(nameof(Net)) => RegisterComponents();
            public override Tensor forward(Tensor x) => fc2.call(relu(fc1.call(x)));
        }

        """;

    private const string Images = "Tensor trainImages = rand(64, 1, 28, 28), trainLabels = randint(10, 64, dtype: ScalarType.Int64), testImages = trainImages, testLabels = trainLabels;\n";
    private const string Data = Images + "TrainingData train = TrainingData.FromTensors(trainImages, trainLabels), test = train, validation = train;\n";
    private const string Model = "var model = new Net();\n" + Data;
    private const string Body = "private readonly Linear a = Linear(784, 16), b = Linear(16, 10); public Net() : base(\"net\") => RegisterComponents(); public override Tensor forward(Tensor x) => b.call(relu(a.call(x.flatten(1))));";

    private readonly string folder = Directory.CreateTempSubdirectory("prunegen-snippets-").FullName;
    private readonly string home = Directory.GetCurrentDirectory();

    /// <summary>What each block stands in, by its page and its place there.</summary>
    private static readonly Dictionary<string, Frame> Frames = new()
    {
        ["README.md 0"] = new("var model = new LeNet5();\n" + Data),
        ["README.md 1"] = Frame.OfAttributes,
        ["README.md 2"] = new(Data, Net, Runs: false),
        ["README.md 3"] = new(Model, Net, Edit: FewEvaluations),
        ["README.md 4"] = new(Model + "model.PruneAndRetrain(train, test);\n", Net),
        ["README.md 5"] = new(Model, "public sealed class MyTeacher : TrainingCallback { }\n", Fills: ["[.. Enumerable.Range(1, (int)group.Width).Select(i => (double)i)];", Body]),
        ["README.md 6"] = Frame.OfMembers("private readonly Conv2d student = Conv2d(3, 32, 3); private sealed class Native { public static Tensor Whiten(Tensor x) => x; } private sealed class Mixer(long c, long o) : Module<Tensor, Tensor>(\"m\") { public long C => c; public long O => o; public override Tensor forward(Tensor x) => x; } "),
        ["Package/README.md 0"] = new("var model = new LeNet5();\n" + Data),
        ["Reports/README.md 0"] = new(Model + "PruneReport first = model.PruneAndRetrain(train, test), second = first; var comparison = new ComparisonResult([]);\n", Net),
        ["PyTorch/README.md 0"] = new(Data + "new Net().SavePyTorch(\"resnet18.pth\");\n", Net, Edit: code => code.Replace("ResNet.ResNet18()", "new Net()", StringComparison.Ordinal)),
        ["docs/getting-started.md 0"] = new("var model = new Net();\n"),
        ["docs/getting-started.md 1"] = new("var model = new Net();\n" + Images, Net),
        ["docs/getting-started.md 2"] = new(Model, Net),
        ["docs/getting-started.md 3"] = Frame.OfAttributes,
        ["docs/concepts.md 0"] = new(Model, Net),
        ["docs/concepts.md 1"] = new(Model, Net),
        ["docs/concepts.md 2"] = new(Model, Net),
        ["docs/gpu.md 0"] = new("", Net),
        ["docs/torch-pruning.md 0"] = new(Model, Net),
        ["docs/checkpoints.md 0"] = new(Model, Net),
        ["docs/checkpoints.md 1"] = new("", Net),
        ["docs/pytorch.md 0"] = new(Model + "model.SavePyTorch(\"net.pth\");\n", Net),
        ["docs/pytorch.md 1"] = new(Model + "model.SavePyTorch(\"parallel.pth\", name => \"module.\" + name);\n", Net),
        ["docs/reports.md 0"] = new(Model, Net),
        ["docs/reports.md 1"] = new(Model + "PruneReport half = model.PruneAndRetrain(train, test), most = half; var comparison = new ComparisonResult([]);\n", Net),
        ["docs/reports.md 2"] = new(
            Model + "var options = new PruneOptions { Allocator = Allocator.NonDominatedSorting }; PruneReport half = model.PruneAndRetrain(train, test); var comparison = new ComparisonResult([]);\n"
                + "var sensitivity = new Net().AnalyzeSensitivity(train, test, points: 2); var found = new Net().FindRatios(new PruneBudget { Parameters = 0.5 }, train, test, options, new SearchSettings { Evaluations = 6 });\n",
            Net),
        ["docs/reports.md 3"] = new(Model, Net),
        ["docs/resnet18.md 0"] = new("ResNet.ResNet18(8).SavePyTorch(\"resnet18.pth\");\n", ResNet, Edit: Small),
        ["docs/resnet18.md 1"] = new("using var model = ResNet.ResNet18(8);\n" + Folders, ResNet, Edit: Small),
        ["docs/resnet18.md 2"] = new("using var model = ResNet.ResNet18(8); model.Compact();\n", ResNet, Edit: Small),
        ["docs/several-machines.md 0"] = new(Model + "Communicator all = new Alone();\n", Net + "public sealed class Alone : Communicator { public override int Rank => 0; public override int Size => 1; public override void Sum(Span<float> values) { } public override void Sum(Span<double> values) { } public override void Broadcast(Span<byte> values) { } }\n"),
        ["docs/onnx.md 0"] = new("", Fills: [Body.Replace("Net()", "LeNet5()", StringComparison.Ordinal)], Edit: OfOnnxRuntime),
        ["docs/onnx.md 1"] = new("var model = new Gpt();\n", "[Exportable] public sealed partial class Gpt : Module<Tensor, Tensor> { private readonly Embedding e = Embedding(50, 8); public Gpt() : base(\"gpt\") => RegisterComponents(); public override Tensor forward(Tensor tokens) => e.call(tokens); }\n"),
        ["docs/onnx.md 2"] = new(Model, Net),
        ["docs/onnx.md 3"] = new("var model = new Net();\n", Net),
        ["docs/onnx.md 4"] = new("", "public sealed class MyNorm() : Module<Tensor, Tensor>(\"norm\") { public override Tensor forward(Tensor x) => x.softmax(-1); }\n"),
        ["docs/quantization.md 0"] = new("var model = new LeNet300100();\n" + Data, Fills: [Body.Replace("Net()", "LeNet300100()", StringComparison.Ordinal)]),
        ["docs/methods/granularities.md 0"] = new("var model = new Net();\nTensor features = rand(64, 40), labels = randint(10, 64, dtype: ScalarType.Int64);\nTrainingData train = TrainingData.FromTensors(features, labels), test = train;\n", FeatureNet),
        ["docs/methods/search.md 0"] = new("var model = new Net();\n" + Data, Fills: [Body], Edit: FewEvaluations),
        ["docs/methods/search.md 1"] = new(Model, Net, Edit: FewEvaluations),
        ["docs/methods/sparse-training.md 0"] = new(Model, Net, Runs: false),
    };

    /// <summary>The zoo's model, as a user copies it.</summary>
    private static string ResNet => Regex.Replace(File.ReadAllText(Repository.PathOf("Samples/ModelZoo/Models/ResNet.cs")), @"^(using|namespace) .*$", "", RegexOptions.Multiline);

    private const string Folders = "foreach (var folder in new[] { \"train\", \"val\" }) { Directory.CreateDirectory(folder); File.WriteAllText($\"{folder}/1.batch\", \"\"); }\n"
        + "static (Tensor, Tensor) ReadBatch(string file) => (rand(4, 3, 64, 64), randint(10, 4, dtype: ScalarType.Int64));\n";

    /// <summary>The same with a narrower model, fewer epochs and smaller images.</summary>
    private static string Small(string code) => OfOnnxRuntime(code)
        .Replace("ResNet18()", "ResNet18(8)", StringComparison.Ordinal).Replace("Epochs = 10", "Epochs = 1", StringComparison.Ordinal)
        .Replace("count: 10_000", "count: 1", StringComparison.Ordinal).Replace("count: 400", "count: 1", StringComparison.Ordinal).Replace("224", "64", StringComparison.Ordinal);

    private static string OfOnnxRuntime(string code) => Regex.Replace(
        code, @"\b(InferenceSession\(|NamedOnnxValue|DenseTensor)", match => (match.Value[0] == 'D' ? "Microsoft.ML.OnnxRuntime.Tensors." : "Microsoft.ML.OnnxRuntime.") + match.Value);

    private static string FewEvaluations(string code) => code.Replace("Evaluations = 200", "Evaluations = 12", StringComparison.Ordinal);

    public static TheoryData<string> Blocks => [.. All().Keys];

    public void Dispose()
    {
        Directory.SetCurrentDirectory(home);
        Directory.Delete(folder, recursive: true);
    }

    [Theory]
    [MemberData(nameof(Blocks))]
    public void A_snippet_compiles_and_runs(string block)
    {
        Assert.True(Frames.TryGetValue(block, out var frame), $"{block} is compiled by no test: give it a frame.");
        var compiled = Compiled.From(
            [Compiled.Parse(Usings + frame.Around(All()[block]), version: LanguageVersion.Latest)],
            without: "",
            MetadataReference.CreateFromFile(typeof(HtmlReports).Assembly.Location),
            MetadataReference.CreateFromFile(typeof(PyTorchWeights).Assembly.Location),
            MetadataReference.CreateFromFile(typeof(Microsoft.ML.OnnxRuntime.InferenceSession).Assembly.Location));
        if (frame.IsAnalysed)
        {
            Assert.Empty(compiled.Reports.Where(report => report.DefaultSeverity == DiagnosticSeverity.Error));
        }

        Assert.Empty(compiled.Output.GetDiagnostics().Where(report => report.DefaultSeverity == DiagnosticSeverity.Error && (frame.IsAnalysed || !report.Id.StartsWith("PG", StringComparison.Ordinal))));
        if (frame.Runs)
        {
            using var file = new MemoryStream();
            Assert.True(compiled.Output.WithOptions(compiled.Output.Options.WithGeneralDiagnosticOption(ReportDiagnostic.Default)).Emit(file).Success);
            file.Position = 0;
            Directory.SetCurrentDirectory(folder);
            var run = new AssemblyLoadContext(name: null).LoadFromStream(file).GetType("Snippet")!.GetMethod("Run")!;
            run.CreateDelegate<Action>()();
        }
    }

    [Fact]
    public void No_frame_is_left_over() => Assert.Empty(Frames.Keys.Except(All().Keys));

    /// <summary>The blocks of all pages, by page and place.</summary>
    private static Dictionary<string, string> All()
    {
        var root = Repository.PathOf("");
        return new[] { "README.md", "Package/README.md", "Reports/README.md", "PyTorch/README.md", "Tool/README.md", "Templates/README.md" }
            .Concat(Directory.GetFiles(Path.Combine(root, "docs"), "*.md", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(root, path).Replace('\\', '/')))
            .Where(page => !page.StartsWith("docs/diagnostics/", StringComparison.Ordinal))
            .SelectMany(page => Regex.Matches(File.ReadAllText(Path.Combine(root, page)), "```csharp\r?\n(.*?)```", RegexOptions.Singleline).Select((match, i) => ($"{page} {i}", match.Groups[1].Value)))
            .ToDictionary(block => block.Item1, block => block.Value);
    }

    /// <summary>What a block stands in.</summary>
    /// <param name="Before">Statements before its own.</param>
    /// <param name="Types">Types beside its own.</param>
    /// <param name="Fills">What stands for each … that it has, in order.</param>
    /// <param name="Runs">Whether it is run.</param>
    /// <param name="Edit">What is changed in it beforehand.</param>
    private sealed record Frame(string Before, string Types = "", string[]? Fills = null, bool Runs = true, Func<string, string>? Edit = null)
    {
        /// <summary>Paragraphs that are attributes, each of a class of its own.</summary>
        public static Frame OfAttributes { get; } = new("", Runs: false, Edit: code => string.Join("\n\n", code.Trim().Split("\n\n").Select((paragraph, i) => paragraph + "\n" + SnippetTests.Net.Replace("[Prunable, Retrain(Epochs = 1)]", "", StringComparison.Ordinal).Replace("Net", $"Net{i}", StringComparison.Ordinal))));

        /// <summary>Members of a model that does nothing with them.</summary>
        public static Frame OfMembers(string more) => new("", Runs: false, Edit: code => $"[Prunable] public sealed partial class Net : Module<Tensor, Tensor> {{ {more} {code}\n public Net() : base(\"net\") => RegisterComponents(); public override Tensor forward(Tensor x) => x; }}")
        {
            IsAnalysed = false,
        };

        /// <summary>Whether the model of it is one that can be pruned.</summary>
        public bool IsAnalysed { get; private init; } = true;

        public string Around(string code)
        {
            code = Edit?.Invoke(code) ?? code;
            foreach (var fill in Fills ?? [])
            {
                code = new Regex("…").Replace(code, fill.Replace("$", "$$", StringComparison.Ordinal), 1);
            }

            var members = CSharpSyntaxTree.ParseText(code).GetCompilationUnitRoot().Members;
            var statements = string.Concat(members.OfType<GlobalStatementSyntax>().Select(statement => statement.ToFullString()));
            var types = string.Concat(members.Where(member => member is not GlobalStatementSyntax).Select(member => member.ToFullString()));
            return $"{types}\n{Types}\ninternal static class Snippet\n{{\n    public static void Run()\n    {{\n{Before}{statements}\n    }}\n}}\n";
        }
    }
}
