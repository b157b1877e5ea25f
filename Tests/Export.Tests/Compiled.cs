extern alias Generator;

using System.Reflection;
using System.Runtime.Loader;
using System.Text;
using Generator::PruneGen.Generator;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace PruneGen.Export.Tests;

/// <summary>Models of one expression each, compiled together through the real generator.</summary>
internal static class Compiled
{
    private static readonly CSharpParseOptions Options = new(LanguageVersion.CSharp12);

    /// <summary>A class with [Exportable] for each source of members; its forward is among them.</summary>
    /// <param name="members">What the bodies of the classes are.</param>
    /// <returns>The classes, in order.</returns>
    public static Type[] Models(IReadOnlyList<string> members)
    {
        var source = new StringBuilder("""
            using System;
            using System.Collections.Generic;
            using System.Linq;
            using PruneGen;
            using TorchSharp;
            using TorchSharp.Modules;
            using static TorchSharp.torch;
            using static TorchSharp.torch.nn;

            namespace Exported;

            """);
        for (var i = 0; i < members.Count; i++)
        {
            source.Append($$"""

                [Exportable]
                public sealed partial class Model{{i}} : {{BaseOf(members[i])}}
                {
                    {{members[i].Replace("$NAME", $"Model{i}")}}
                }

                """);
        }

        var tree = CSharpSyntaxTree.ParseText(source.ToString(), Options, "Models.cs");
        var input = CSharpCompilation.Create("Exported", [tree], References(), new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary));
        CSharpGeneratorDriver.Create([new PruneGenerator().AsSourceGenerator()], parseOptions: Options).RunGeneratorsAndUpdateCompilation(input, out var output, out _);
        using var image = new MemoryStream();
        var emitted = output.Emit(image);
        if (!emitted.Success)
        {
            var errors = emitted.Diagnostics.Where(report => report.Severity == DiagnosticSeverity.Error);
            throw new InvalidOperationException(string.Join('\n', errors.Select(error => $"{error}\n{LineOf(error)}")));
        }

        image.Position = 0;
        var assembly = new AssemblyLoadContext("exported models").LoadFromStream(image);
        return [.. Enumerable.Range(0, members.Count).Select(i => assembly.GetType($"Exported.Model{i}")!)];
    }

    private static string LineOf(Diagnostic error) => error.Location.SourceTree?.GetText().Lines[error.Location.GetLineSpan().StartLinePosition.Line].ToString() ?? "";

    /// <summary>The module's type, by what forward takes and gives.</summary>
    private static string BaseOf(string members)
    {
        var at = members.IndexOf("forward(", StringComparison.Ordinal);
        var result = members[..at].Split("override ")[^1].Trim();
        var parameters = members[(at + "forward(".Length)..].Split(')')[0].Split(',').Select(parameter => parameter.Trim().Split(' ')[0]);
        return $"Module<{string.Join(", ", parameters.Append(result))}>";
    }

    private static IEnumerable<MetadataReference> References() => ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
        .Where(path => !Path.GetFileName(path).StartsWith("PruneGen.Generator", StringComparison.Ordinal))
        .Select(path => MetadataReference.CreateFromFile(path));
}
