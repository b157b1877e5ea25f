using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using PruneGen.Generator.Analysis;
using PruneGen.Generator.Emission;
using PruneGen.Generator.Model;
using PruneGen.Generator.Parsing;

namespace PruneGen.Generator;

/// <summary>
/// Writes the code of every class with <c>[Prunable]</c> or <c>[Exportable]</c>: parse, analyse, emit. Each step ends in plain values that
/// are equal where nothing that matters has changed, so that an edit elsewhere re-runs none of them. What is wrong with a
/// class is said by <see cref="PruneAnalyzer"/>, whose reports can be configured and suppressed like any other.
/// </summary>
[Generator(LanguageNames.CSharp)]
public sealed class PruneGenerator : IIncrementalGenerator
{
    internal const string ParseStep = "PruneGen.Parse";
    internal const string AnalyseStep = "PruneGen.Analyse";
    internal const string EmitStep = "PruneGen.Emit";
    internal const string CollisionStep = "PruneGen.Collisions";

    private static readonly ParseCache Cache = new();

    /// <inheritdoc/>
    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        var settings = context.AnalyzerConfigOptionsProvider.Select(static (options, _) => ProjectSettings.Of(options.GlobalOptions));
        var pruned = Files(context, ModelParser.PrunableAttribute, settings);
        var exported = Files(context, ModelParser.ExportableAttribute, settings);

        // Files are told apart without regard to case; classes are not.
        var collisions = pruned.Collect().Combine(exported.Collect()).Select(
            static (both, _) =>
                both.Left.Concat(both.Right).Select(file => file.Name).GroupBy(name => name, StringComparer.OrdinalIgnoreCase)
                    .Where(same => same.Skip(1).Any()).SelectMany(same => same).ToEquatable())
            .WithTrackingName(CollisionStep);

        foreach (var files in new[] { pruned, exported })
        {
            context.RegisterSourceOutput(files.Combine(collisions), static (output, pair) => output.AddSource(pair.Left.HintName(pair.Right), pair.Left.Text));
        }
    }

    /// <summary>The files of the classes that an attribute stands on.</summary>
    private static IncrementalValuesProvider<GeneratedFile> Files(
        IncrementalGeneratorInitializationContext context, string attribute, IncrementalValueProvider<ProjectSettings> settings) =>
        context.SyntaxProvider
            .ForAttributeWithMetadataName(
                attribute,
                static (node, _) => node is ClassDeclarationSyntax,
                static (found, cancellation) => Parse(found, cancellation))
            .Where(static model => model is not null)
            .WithTrackingName(ParseStep)
            .Select(static (model, _) => PruningAnalysis.Run(model!).Spec)
            .Where(static spec => spec is not null)
            .WithTrackingName(AnalyseStep)
            .Combine(settings)
            .Where(static pair => pair.Right.IsEnabled)
            .Select(static (pair, _) => new GeneratedFile(pair.Left!.Model.Type.FullName, ModelEmitter.Emit(pair.Left, pair.Right)))
            .WithTrackingName(EmitStep);

    private static ModelSpec? Parse(GeneratorAttributeSyntaxContext found, CancellationToken cancellation)
    {
        // A class whose parts all carry the attribute is still one class.
        var type = (INamedTypeSymbol)found.TargetSymbol;
        var model = AnnotationParser.FindModel(type);
        if (!found.Attributes.Any(attribute => SymbolEqualityComparer.Default.Equals(attribute.AttributeClass, model?.AttributeClass)))
        {
            return null;
        }

        var first = model?.ApplicationSyntaxReference;
        return first is null || (first.SyntaxTree == found.TargetNode.SyntaxTree && found.TargetNode.Span.Contains(first.Span))
            ? Cache.Parse(type, found.TargetNode, found.SemanticModel.Compilation, cancellation).Spec
            : null;
    }
}
