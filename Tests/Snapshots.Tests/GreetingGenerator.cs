using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace PruneGen.Snapshots.Tests;

/// <summary>Two files for each class, and two diagnostics: one at the class, one at a place in a file that Roslyn has not read.</summary>
internal sealed class GreetingGenerator : IIncrementalGenerator
{
    private static readonly DiagnosticDescriptor Seen = new(
        "TEST1", "A class was seen", "The class '{0}' was seen", "Greetings", DiagnosticSeverity.Warning, isEnabledByDefault: true,
        description: "Says which.", helpLinkUri: "docs/TEST1.md", customTags: ["One", "Two"]);

    private static readonly DiagnosticDescriptor Elsewhere = new(
        "TEST2", "Elsewhere", "Something is elsewhere", "Greetings", DiagnosticSeverity.Info, isEnabledByDefault: true);

    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        var classes = context.SyntaxProvider.CreateSyntaxProvider(
            (node, _) => node is ClassDeclarationSyntax,
            (node, _) => (ClassDeclarationSyntax)node.Node);
        context.RegisterSourceOutput(classes, (output, node) =>
        {
            string name = node.Identifier.Text;
            output.AddSource($"{name}.Hello.g.cs", $"// Hello, {name}\n");
            output.AddSource($"{name}.Bye.g.cs", $"// Bye, {name}\n");
            if (name == "Noted")
            {
                output.ReportDiagnostic(Diagnostic.Create(Seen, node.Identifier.GetLocation(), name));
                output.ReportDiagnostic(Diagnostic.Create(Elsewhere, Location.Create("folder/other.txt", new TextSpan(0, 1), new(new(1, 2), new(3, 4)))));
            }

            if (name == "Broken")
            {
                throw new InvalidOperationException("broken on purpose");
            }
        });
    }

    /// <summary>A run of this generator over a source.</summary>
    public static GeneratorDriver Run(string source) =>
        CSharpGeneratorDriver.Create(new GreetingGenerator())
            .RunGenerators(CSharpCompilation.Create("Test", [CSharpSyntaxTree.ParseText(source, path: "src/source.cs")]));
}
