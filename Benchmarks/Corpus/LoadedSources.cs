using System.Reflection;
using System.Runtime.Loader;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace PruneGen.Benchmarks.Corpus;

/// <summary>A folder's sources with what was generated for them, as far as they compile, loaded into this program.</summary>
internal sealed class LoadedSources : IDisposable
{
    /// <summary>What one thing that does not compile is used by, and that again.</summary>
    private const int MostRounds = 20;

    private readonly AssemblyLoadContext context = new("corpus", isCollectible: true);

    private LoadedSources(Stream image) => Assembly = context.LoadFromStream(image);

    /// <summary>The classes.</summary>
    public Assembly Assembly { get; }

    /// <summary>Takes out what does not compile, and loads the rest.</summary>
    /// <param name="output">The sources and what was generated.</param>
    /// <param name="generated">What was generated: a file of it that does not compile any more goes as a whole.</param>
    /// <param name="failure">Why nothing could be loaded.</param>
    public static LoadedSources? Of(Compilation output, IReadOnlySet<SyntaxTree> generated, out string? failure)
    {
        failure = null;
        for (var round = 0; round < MostRounds; round++)
        {
            using var image = new MemoryStream();
            var emitted = output.Emit(image);
            if (emitted.Success)
            {
                image.Position = 0;
                return new LoadedSources(image);
            }

            var errors = emitted.Diagnostics.Where(report => report.Severity == DiagnosticSeverity.Error).ToList();
            failure = $"{errors.Count} errors: {errors[0]}";
            foreach (var broken in errors.Where(error => error.Location.SourceTree is not null).GroupBy(error => error.Location.SourceTree!))
            {
                output = generated.Contains(broken.Key)
                    ? output.RemoveSyntaxTrees(broken.Key)
                    : Without(output, broken.Key, broken.Select(error => error.Location));
            }
        }

        return null;
    }

    public void Dispose() => context.Unload();

    /// <summary>Lets bodies that do not compile throw, and takes out members, types and directives that do not.</summary>
    private static Compilation Without(Compilation output, SyntaxTree tree, IEnumerable<Location> places)
    {
        var root = tree.GetRoot();
        var nodes = places
            .Select(place => root.FindNode(place.SourceSpan, getInnermostNodeForTie: true).AncestorsAndSelf().FirstOrDefault(CanGo))
            .OfType<SyntaxNode>().ToHashSet();
        nodes.RemoveWhere(node => node.Ancestors().Any(nodes.Contains));
        if (nodes.Count == 0)
        {
            return output.RemoveSyntaxTrees(tree);
        }

        var throwing = SyntaxFactory.ParseExpression("throw new global::System.NotSupportedException(\"does not compile\")");
        root = root.ReplaceNodes(nodes, (node, _) => node switch
        {
            BlockSyntax => SyntaxFactory.Block(SyntaxFactory.ThrowStatement(((ThrowExpressionSyntax)throwing).Expression)),
            ArrowExpressionClauseSyntax arrow => arrow.WithExpression(throwing),
            _ => node.WithAdditionalAnnotations(Goes),
        });
        root = root.RemoveNodes(root.GetAnnotatedNodes(Goes), SyntaxRemoveOptions.KeepDirectives)!;
        return output.ReplaceSyntaxTree(tree, tree.WithRootAndOptions(root, tree.Options));
    }

    private static readonly SyntaxAnnotation Goes = new();

    private static bool CanGo(SyntaxNode node) => node
        is BlockSyntax { Parent: BaseMethodDeclarationSyntax or AccessorDeclarationSyntax or LocalFunctionStatementSyntax }
        or ArrowExpressionClauseSyntax or UsingDirectiveSyntax or AttributeListSyntax or MemberDeclarationSyntax;
}
