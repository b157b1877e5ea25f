using BenchmarkDotNet.Attributes;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using PruneGen.Generator;

namespace PruneGen.Benchmarks.Generator;

/// <summary>
/// What the generator costs a build and an IDE, for projects of 1, 100 and 1,000 annotated classes: from nothing, after
/// an edit inside one <c>forward</c>, and after an edit elsewhere.
/// </summary>
[MemoryDiagnoser]
public class GeneratorBenchmarks
{
    private static readonly CSharpParseOptions Options = new(LanguageVersion.CSharp12);
    private CSharpCompilation project = null!;
    private CSharpCompilation fresh = null!;
    private GeneratorDriver warm = null!;
    private CSharpCompilation forwardEdited = null!;
    private CSharpCompilation elsewhereEdited = null!;

    /// <summary>How many annotated classes the project has, each in a file of its own.</summary>
    [Params(1, 100, 1000)]
    public int Classes { get; set; }

    /// <summary>Compiles the project once and lets a driver see it.</summary>
    [GlobalSetup]
    public void Prepare()
    {
        var models = Enumerable.Range(0, Classes).Select(i => Tree(Model(i, "relu"), $"Model{i}.cs")).ToList();
        var other = Tree("class Other { int A() => 1; }", "Other.cs");
        project = CSharpCompilation.Create(
            "Models",
            [.. models, other],
            References(),
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable));
        forwardEdited = project.ReplaceSyntaxTree(models[0], Tree(Model(0, "tanh"), "Model0.cs"));
        elsewhereEdited = project.ReplaceSyntaxTree(other, Tree("class Other { int A() => 2; }", "Other.cs"));
        warm = NewDriver().RunGenerators(project);
        var result = warm.GetRunResult();
        if (result.GeneratedTrees.Length != Classes || result.Results[0].Exception is not null)
        {
            throw new InvalidOperationException($"{result.GeneratedTrees.Length} files generated for {Classes} classes. {result.Results[0].Exception}");
        }
    }

    /// <summary>Parses the sources anew: what is remembered of a class goes with its file.</summary>
    [IterationSetup(Target = nameof(Cold))]
    public void Forget() => fresh = project.RemoveAllSyntaxTrees().AddSyntaxTrees(project.SyntaxTrees.Select(tree => Tree(tree.ToString(), tree.FilePath)));

    /// <summary>Everything for the first time; the compiler's own binding of the sources included.</summary>
    [Benchmark]
    public GeneratorDriver Cold() => NewDriver().RunGenerators(fresh);

    /// <summary>One operation in one <c>forward</c> is another.</summary>
    [Benchmark]
    public GeneratorDriver EditInForward() => warm.RunGenerators(forwardEdited.Clone());

    /// <summary>A file without models has changed.</summary>
    [Benchmark]
    public GeneratorDriver EditElsewhere() => warm.RunGenerators(elsewhereEdited.Clone());

    private static CSharpGeneratorDriver NewDriver() => CSharpGeneratorDriver.Create([new PruneGenerator().AsSourceGenerator()], parseOptions: Options);

    private static SyntaxTree Tree(string source, string path) => CSharpSyntaxTree.ParseText(source, Options, path);

    /// <summary>A residual network of a dozen layers, as long as a class that people write.</summary>
    private static string Model(int number, string activation) => $$"""
        using PruneGen;
        using TorchSharp.Modules;
        using static TorchSharp.torch;
        using static TorchSharp.torch.nn;
        using static TorchSharp.torch.nn.functional;

        namespace Models;

        [Prunable(Granularity.Structured, Ratio = 0.5)]
        public sealed partial class Model{{number}} : Module<Tensor, Tensor>
        {
            private readonly Conv2d stem = Conv2d(3, 32, 3, padding: 1);
            private readonly BatchNorm2d norm0 = BatchNorm2d(32);
            private readonly Conv2d conv1 = Conv2d(32, 32, 3, padding: 1);
            private readonly BatchNorm2d norm1 = BatchNorm2d(32);
            private readonly Conv2d conv2 = Conv2d(32, 32, 3, padding: 1);
            private readonly BatchNorm2d norm2 = BatchNorm2d(32);
            private readonly Conv2d conv3 = Conv2d(32, 64, 3, stride: 2, padding: 1);
            private readonly BatchNorm2d norm3 = BatchNorm2d(64);
            private readonly Conv2d conv4 = Conv2d(64, 64, 3, padding: 1);
            private readonly Linear hidden = Linear(64, 128);
            private readonly Linear head = Linear(128, 10);

            public Model{{number}}() : base("Model{{number}}") => RegisterComponents();

            public override Tensor forward(Tensor input)
            {
                using var scope = NewDisposeScope();
                var x = relu(norm0.call(stem.call(input)));
                var identity = x;
                x = {{activation}}(norm1.call(conv1.call(x)));
                x = norm2.call(conv2.call(x));
                x = relu(x + identity);
                x = relu(norm3.call(conv3.call(x)));
                x = relu(conv4.call(x));
                x = adaptive_avg_pool2d(x, 1).flatten(1);
                x = relu(hidden.call(x));
                return head.call(x).MoveToOuterDisposeScope();
            }
        }
        """;

    private static IEnumerable<MetadataReference> References() => ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
        .Where(
            path =>
                !Path.GetFileName(path).StartsWith("PruneGen.Generator", StringComparison.Ordinal)
                    && !Path.GetFileName(path).StartsWith("Microsoft.CodeAnalysis", StringComparison.Ordinal)
                    && !Path.GetFileName(path).StartsWith("BenchmarkDotNet", StringComparison.Ordinal))
        .Select(path => MetadataReference.CreateFromFile(path));
}
