extern alias Generator;

using System.Runtime.Loader;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;
using Generator::PruneGen.Generator;

namespace PruneGen.RandomModels;

/// <summary>What became of one random model.</summary>
/// <param name="Seed">What it was drawn from.</param>
/// <param name="Source">Its source.</param>
/// <param name="Groups">How many groups it has.</param>
/// <param name="TraceDifference">How far the trace's results are from the model's; null where linking cannot go every way.</param>
/// <param name="Dead">How many parameters left it once random filters were zero.</param>
/// <param name="Removals">What else was removed.</param>
/// <param name="Refusal">Why it is not pruned, as a diagnostic at an expression; null where it is.</param>
/// <param name="Failure">What went wrong; null where nothing did.</param>
public sealed record Outcome(int Seed, string Source, int Groups, double? TraceDifference, long Dead, Removals Removals, string? Refusal, string? Failure)
{
    /// <summary>How far ONNX Runtime's answers are from the model's, relative to the largest; null where it was not exported.</summary>
    public double? OnnxDifference { get; init; }

    /// <summary>What became of the verbs that were called on it; null where it is not what was asked for.</summary>
    public Lives? Lives { get; init; }

    /// <summary>What was moved in it; nothing where parts were removed instead.</summary>
    public Moves Moves { get; init; }

    /// <summary>How many of the four budgets that were drawn for it were met, the others being out of reach; null where none were.</summary>
    public int? Budgets { get; init; }
}

/// <summary>What is done with random models.</summary>
public enum RandomTest
{
    /// <summary>Masked and compacted ones are compared.</summary>
    Compaction,

    /// <summary>They are exported, and compared with what ONNX Runtime answers.</summary>
    Onnx,

    /// <summary>Verbs are called on them in a random order.</summary>
    Lives,
}

/// <summary>Random models compiled together through the real generator, loaded, pruned and compared.</summary>
public static class Batch
{
    private static readonly CSharpParseOptions Options = new(LanguageVersion.CSharp12);

    /// <summary>Draws, compiles and runs the models of some seeds.</summary>
    /// <param name="seeds">The seeds.</param>
    /// <param name="test">What is done with them.</param>
    public static IReadOnlyList<Outcome> Run(IReadOnlyList<int> seeds, RandomTest test = RandomTest.Compaction)
    {
        var sources = seeds.ToDictionary(seed => seed, ModelWriter.Write);
        var trees = sources.Select(source => CSharpSyntaxTree.ParseText(source.Value, Options, $"{source.Key}.cs")).ToArray();
        var input = CSharpCompilation.Create("RandomModels", trees, References(), new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable, warningLevel: 9999));
        var driver = CSharpGeneratorDriver.Create([new PruneGenerator().AsSourceGenerator()], parseOptions: Options).RunGeneratorsAndUpdateCompilation(input, out var output, out _);
        if (driver.GetRunResult().Results[0].Exception is { } crash)
        {
            throw new InvalidOperationException($"The generator threw: {crash}", crash);
        }

        var refused = Refusals(output);
        var broken = Broken(output, input);
        if (broken.Count > 0)
        {
            // One that does not compile hides what the others do.
            var rest = seeds.Where(seed => !broken.ContainsKey(seed)).ToList();
            return [.. broken.Select(pair => new Outcome(pair.Key, sources[pair.Key], 0, null, 0, default, null, pair.Value)), .. rest.Count == seeds.Count ? throw new InvalidOperationException(string.Join('\n', broken.Values)) : Run(rest, test)];
        }

        using var image = new MemoryStream();
        var emitted = output.Emit(image);
        if (!emitted.Success)
        {
            throw new InvalidOperationException(string.Join('\n', emitted.Diagnostics.Where(report => report.Severity == DiagnosticSeverity.Error)));
        }

        image.Position = 0;
        var context = new AssemblyLoadContext("random models", isCollectible: true);
        var assembly = context.LoadFromStream(image);
        try
        {
            return seeds.Select(seed => refused.TryGetValue(seed, out var refusal)
                ? new Outcome(seed, sources[seed], 0, null, 0, default, refusal, null)
                : Compare(seed, sources[seed], assembly.GetType($"RandomModels.Seed{seed}.Model")!, test)).ToList();
        }
        finally
        {
            context.Unload();
        }
    }

    private static Outcome Compare(int seed, string source, Type type, RandomTest test)
    {
        try
        {
            if (test != RandomTest.Compaction)
            {
                var outcome = new Outcome(seed, source, 0, null, 0, default, null, null);
                return test == RandomTest.Onnx ? outcome with { OnnxDifference = ExportedAlike.Compare(type, seed) } : outcome with { Lives = Lives.Of(type, seed) };
            }

            var (groups, difference, dead, removals, moves, budgets) = MaskedAndCompacted.Compare(type, seed);
            return new Outcome(seed, source, groups, difference, dead, removals, null, null) { Moves = moves, Budgets = budgets };
        }
        catch (OnnxExportException refusal)
        {
            return new Outcome(seed, source, 0, null, 0, default, $"error {refusal.Message}", null);
        }
#pragma warning disable CA1031 // Whatever is thrown is what the run is there to find; it is reported with the seed.
        catch (Exception error)
#pragma warning restore CA1031
        {
            return new Outcome(seed, source, 0, null, 0, default, null, error.ToString());
        }
    }

    /// <summary>The first diagnostic of each model that is refused.</summary>
    private static Dictionary<int, string> Refusals(Compilation output)
    {
        var crashes = new List<Exception>();
        var reports = output
            .WithAnalyzers([new PruneAnalyzer()], new CompilationWithAnalyzersOptions(new AnalyzerOptions([]), (crash, _, _) => crashes.Add(crash), concurrentAnalysis: true, logAnalyzerExecutionTime: false))
            .GetAnalyzerDiagnosticsAsync().GetAwaiter().GetResult();
        return crashes.Count == 0
            ? BySeed(reports.Where(report => report.Severity == DiagnosticSeverity.Error))
            : throw new InvalidOperationException($"The analyzer threw: {crashes[0]}", crashes[0]);
    }

    /// <summary>What the compiler says of generated code; of the drawn source it must say nothing.</summary>
    private static Dictionary<int, string> Broken(Compilation output, Compilation input)
    {
        var own = input.SyntaxTrees.ToHashSet();
        return BySeed(output.GetDiagnostics().Where(report => report.Severity == DiagnosticSeverity.Error || (report.Severity == DiagnosticSeverity.Warning && report.Location.SourceTree is { } tree && !own.Contains(tree))));
    }

    private static Dictionary<int, string> BySeed(IEnumerable<Diagnostic> reports) => reports
        .GroupBy(report => SeedOf(report.Location.SourceTree!))
        .ToDictionary(same => same.Key, same => same.First() + "\n" + same.First().Location.SourceTree!.GetText().Lines[same.First().Location.GetLineSpan().StartLinePosition.Line]);

    private static int SeedOf(SyntaxTree tree)
    {
        // A drawn file is called after its seed; a generated one after its class, RandomModels.Seed7.Model.g.cs.
        var name = Path.GetFileName(tree.FilePath);
        return int.Parse(name.StartsWith("RandomModels.Seed", StringComparison.Ordinal) ? name.Split('.')[1]["Seed".Length..] : name.Split('.')[0], System.Globalization.CultureInfo.InvariantCulture);
    }

    private static IEnumerable<MetadataReference> References() => ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
        .Where(path => !Path.GetFileName(path).StartsWith("PruneGen.Generator", StringComparison.Ordinal) && !Path.GetFileName(path).StartsWith("Microsoft.CodeAnalysis", StringComparison.Ordinal))
        .Select(path => MetadataReference.CreateFromFile(path));
}
