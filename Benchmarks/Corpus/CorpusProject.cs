extern alias Generator;

using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Diagnostics;
using Generator::PruneGen.Generator;

namespace PruneGen.Benchmarks.Corpus;

/// <summary>What became of one class that has a <c>forward</c> of its own.</summary>
/// <param name="Name">The class.</param>
/// <param name="Place">File and line.</param>
/// <param name="Text">Its source, by which a copy in another folder is known.</param>
/// <param name="OwnErrors">The compiler's errors inside the class, or in the classes that it uses: packages that are not here,
/// code that is not meant to compile.</param>
/// <param name="IsAnalysed">Whether the generator wrote code for it.</param>
/// <param name="Refusals">What PruneGen says of a class that it wrote no code for.</param>
internal sealed record CorpusClass(string Name, string Place, string Text, IReadOnlyList<string> OwnErrors, bool IsAnalysed, IReadOnlyList<Diagnostic> Refusals)
{
    /// <summary>Whether it was refused itself.</summary>
    public bool IsRefused => !IsAnalysed && OwnErrors.Count == 0;

    /// <summary>What PruneGen says that keeps an analysed class from being exported.</summary>
    public IReadOnlyList<Diagnostic> NotExported { get; init; } = [];

    /// <summary>The first class that this one holds which is refused or not exported; null where there is none.</summary>
    public string? HoldsNotExported { get; init; }

    /// <summary>The first refused class that this one holds, in its fields or theirs; null where there is none.</summary>
    public string? HoldsRefused { get; init; }

    /// <summary>What became of it when it was run; null where it was not.</summary>
    public Outcome? Outcome { get; init; }

    /// <summary>What is said, but not at an expression or at a type that is named: at a declaration, at a keyword, nowhere.</summary>
    public IReadOnlyList<Diagnostic> RefusalsElsewhere { get; } = Refusals.Where(refusal => !StandsAtExpression(refusal.Location)).ToList();

    private static bool StandsAtExpression(Location location) => location.SourceTree is { } tree
        && tree.GetRoot().FindNode(location.SourceSpan, getInnermostNodeForTie: true).AncestorsAndSelf()
            .TakeWhile(node => node.Span == location.SourceSpan)
            .Any(node => node is ExpressionSyntax);
}

/// <summary>The sources of a folder, annotated and put through the generator and the analyzer as a build would.</summary>
/// <param name="Name">The folder's name.</param>
/// <param name="Classes">Every class that was annotated.</param>
/// <param name="BrokenOutput">Errors and warnings in generated code.</param>
/// <param name="Crash">An exception of the generator or the analyzer; null for none.</param>
internal sealed record CorpusProject(string Name, IReadOnlyList<CorpusClass> Classes, IReadOnlyList<Diagnostic> BrokenOutput, string? Crash)
{
    /// <summary>Why none of its classes could be run; null where they could, or were not meant to be.</summary>
    public string? NotRun { get; init; }

    /// <summary>What a project's SDK brings into every file, and what these sources name through their own project files.</summary>
    private const string ImplicitUsings = """
        global using global::System;
        global using global::System.Collections.Generic;
        global using global::System.IO;
        global using global::System.Linq;
        global using global::System.Net.Http;
        global using global::System.Threading;
        global using global::System.Threading.Tasks;
        """;

    /// <summary>The symbols that an SDK defines for the framework that this program runs on.</summary>
    private static readonly string[] Symbols = ["NET", .. Enumerable.Range(5, Environment.Version.Major - 4)
        .Select(major => $"NET{major}_0_OR_GREATER"), $"NET{Environment.Version.Major}_0"];

    /// <summary>Reads a folder.</summary>
    /// <param name="folder">The sources.</param>
    /// <param name="torchSharp">The TorchSharp.dll to compile against; null for this program's own.</param>
    /// <param name="generatedTo">Where the generated files go; null for nowhere.</param>
    /// <param name="run">Whether to create and run the classes that were analysed.</param>
    public static CorpusProject Read(DirectoryInfo folder, FileInfo? torchSharp, DirectoryInfo? generatedTo, bool run)
    {
        var options = new CSharpParseOptions(LanguageVersion.Latest, preprocessorSymbols: Symbols);
        var trees = folder.EnumerateFiles("*.cs", SearchOption.AllDirectories)
            .OrderBy(file => file.FullName, StringComparer.Ordinal)
            .Select(file => CSharpSyntaxTree.ParseText(File.ReadAllText(file.FullName), options, Path.GetRelativePath(folder.FullName, file.FullName)))
            .Append(CSharpSyntaxTree.ParseText(ImplicitUsings, options, "ImplicitUsings.cs"))
            .ToArray();
        var plain = Compile(trees, torchSharp, IsProgram(folder) ? OutputKind.ConsoleApplication : OutputKind.DynamicallyLinkedLibrary);
        var (annotated, names) = Annotate(plain);

        var driver = CSharpGeneratorDriver.Create([new PruneGenerator().AsSourceGenerator()], parseOptions: options)
            .RunGeneratorsAndUpdateCompilation(annotated, out var output, out _);
        var crashes = driver.GetRunResult().Results.Select(result => result.Exception).OfType<Exception>().ToList();
        var reports = output
            .WithAnalyzers(
                [new PruneAnalyzer()],
                new CompilationWithAnalyzersOptions(
                    new AnalyzerOptions([]), (failure, _, _) => crashes.Add(failure), concurrentAnalysis: false, logAnalyzerExecutionTime: false))
            .GetAnalyzerDiagnosticsAsync().GetAwaiter().GetResult();

        var generated = driver.GetRunResult().GeneratedTrees.ToHashSet();
        if (generatedTo is not null)
        {
            var files = generatedTo.CreateSubdirectory(folder.Name);
            foreach (var tree in generated)
            {
                File.WriteAllText(Path.Combine(files.FullName, Path.GetFileName(tree.FilePath)), tree.ToString());
            }
        }

        var compiler = output.GetDiagnostics();
        var own = annotated.GetDiagnostics().Where(report => report.Severity == DiagnosticSeverity.Error).ToList();
        var classes = names.ToDictionary(
            name => name, name => Describe(annotated.GetTypeByMetadataName(name)!, HasCode(output.GetTypeByMetadataName(name)!), annotated, own, reports));
        var refused = names.Where(name => classes[name].IsRefused).ToHashSet();
        var known = new Dictionary<INamedTypeSymbol, IReadOnlyList<INamedTypeSymbol>>(SymbolEqualityComparer.Default);
        foreach (var name in names.Where(name => classes[name].IsAnalysed))
        {
            var held = Held(annotated.GetTypeByMetadataName(name)!, annotated, known);
            classes[name] = classes[name] with
            {
                HoldsRefused = held.FirstOrDefault(refused.Contains),
                HoldsNotExported = held.FirstOrDefault(
                    other => refused.Contains(other) || (classes.TryGetValue(other, out var one) && one.NotExported.Count > 0)),
            };
        }

        var failure = run ? Run(folder.Name, output, generated, classes) : null;
        return new CorpusProject(
            folder.Name,
            classes.Values.OrderBy(one => one.Name, StringComparer.Ordinal).ToList(),
            compiler.Where(report => report.Severity >= DiagnosticSeverity.Warning && report.Location.SourceTree is { } tree && generated.Contains(tree))
                .ToList(),
            crashes.Count == 0 ? null : string.Join('\n', crashes.Select(crash => crash.ToString()).Distinct())) { NotRun = failure };
    }

    /// <summary>Runs the classes that were analysed, in a process of their own.</summary>
    /// <returns>Why nothing could be run; null where it could.</returns>
    private static string? Run(string folder, Compilation output, IReadOnlySet<SyntaxTree> generated, Dictionary<string, CorpusClass> classes)
    {
        var directory = Directory.CreateTempSubdirectory("prunegen-corpus-");
        try
        {
            var file = Path.Combine(directory.FullName, "Corpus.dll");
            if (SoundSources.Emit(output, generated, file) is { } failure)
            {
                return failure;
            }

            using var runner = new RunnerProcess(file);
            foreach (var name in classes.Keys.Where(name => classes[name].IsAnalysed).ToList())
            {
                var outcome = runner.Run(name);
                classes[name] = classes[name] with { Outcome = outcome };
                Console.Error.WriteLine($"{folder}: {name} {outcome.Verdict} {outcome.Because.Split('\n')[0]}");
            }

            return null;
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    /// <summary>The rule that says what cannot be exported.</summary>
    private const string ExportRule = "PG0040";

    private static bool HasCode(INamedTypeSymbol type) => type.Interfaces.Any(face => face.ToDisplayString() == "PruneGen.IPrunable");

    private static CorpusClass Describe(
        INamedTypeSymbol type, bool isAnalysed, CSharpCompilation compilation, IReadOnlyList<Diagnostic> own, ImmutableArray<Diagnostic> reports)
    {
        var places = type.DeclaringSyntaxReferences;
        bool IsInside(Location location) => places.Any(place => place.SyntaxTree == location.SourceTree && place.Span.Contains(location.SourceSpan));
        var at = places[0].SyntaxTree.GetLineSpan(((TypeDeclarationSyntax)places[0].GetSyntax()).Identifier.Span);

        // A class stands for itself, not for those that are nested in it.
        var inner = type.GetTypeMembers().SelectMany(member => member.DeclaringSyntaxReferences).ToList();
        bool IsOwn(Location location) =>
            IsInside(location) && !inner.Any(place => place.SyntaxTree == location.SourceTree && place.Span.Contains(location.SourceSpan));
        var refusals = isAnalysed
            ? []
            : reports.Where(report => report.Severity == DiagnosticSeverity.Error && IsOwn(report.AdditionalLocations.FirstOrDefault() ?? report.Location))
                .ToList();
        var errors = own.Where(error => IsOwn(error.Location)).Select(error => error.ToString()).ToList();
        if (!isAnalysed && refusals.Count == 0 && errors.Count == 0)
        {
            // PruneGen leaves to the compiler what does not compile, in another class that forward calls too.
            var used = Used(type, compilation);
            errors.AddRange(
                own.Where(error => used.Any(place => place.SyntaxTree == error.Location.SourceTree && place.Span.Contains(error.Location.SourceSpan)))
                    .Select(error => error.ToString()));
        }

        var text = string.Join('\n', places.Select(place => place.GetSyntax().ToString()));
        return new CorpusClass(type.ToDisplayString(), $"{at.Path}({at.StartLinePosition.Line + 1})", text, errors, isAnalysed, refusals)
        {
            NotExported = [.. reports.Where(report => report.Id == ExportRule && IsOwn(report.AdditionalLocations.FirstOrDefault() ?? report.Location))],
        };
    }

    /// <summary>Where the classes stand that a class uses, and those that these use.</summary>
    private static IReadOnlyList<SyntaxReference> Used(INamedTypeSymbol type, CSharpCompilation compilation)
    {
        var found = new HashSet<INamedTypeSymbol>(SymbolEqualityComparer.Default) { type };
        var waiting = new Queue<INamedTypeSymbol>(found);
        while (waiting.TryDequeue(out var user))
        {
            foreach (var place in user.DeclaringSyntaxReferences)
            {
                var semantics = compilation.GetSemanticModel(place.SyntaxTree);
                foreach (var name in place.GetSyntax().DescendantNodes().OfType<SimpleNameSyntax>())
                {
                    var symbol = semantics.GetSymbolInfo(name) is var info && info.Symbol is { } only ? only : info.CandidateSymbols.FirstOrDefault();
                    if ((symbol as INamedTypeSymbol ?? symbol?.ContainingType)?.OriginalDefinition is { DeclaringSyntaxReferences.IsEmpty: false } used
                        && found.Add(used))
                    {
                        waiting.Enqueue(used);
                    }
                }
            }
        }

        return found.SelectMany(used => used.DeclaringSyntaxReferences).ToList();
    }

    /// <summary>The classes that a class holds, and those that these hold.</summary>
    private static IEnumerable<string> Held(
        INamedTypeSymbol type, CSharpCompilation compilation, Dictionary<INamedTypeSymbol, IReadOnlyList<INamedTypeSymbol>> known)
    {
        var found = new HashSet<INamedTypeSymbol>(SymbolEqualityComparer.Default) { type };
        var waiting = new Queue<INamedTypeSymbol>(found);
        while (waiting.TryDequeue(out var holder))
        {
            if (!known.TryGetValue(holder, out var held))
            {
                known.Add(holder, held = holder.DeclaringSyntaxReferences.SelectMany(place => HeldDirectly(place, compilation)).ToList());
            }

            foreach (var one in held.Where(found.Add))
            {
                waiting.Enqueue(one);
            }
        }

        return found.Where(held => !SymbolEqualityComparer.Default.Equals(held, type)).Select(MetadataName);
    }

    /// <summary>The types of fields and properties, what is created for them, and the class that this one derives from.</summary>
    private static IEnumerable<INamedTypeSymbol> HeldDirectly(SyntaxReference place, CSharpCompilation compilation)
    {
        var semantics = compilation.GetSemanticModel(place.SyntaxTree);
        var declaration = place.GetSyntax();
        return declaration.DescendantNodes(inside => inside == declaration || inside is not BaseTypeDeclarationSyntax)
            .SelectMany(node => node switch
            {
                BaseObjectCreationExpressionSyntax creation => [semantics.GetTypeInfo(creation).Type],
                FieldDeclarationSyntax field => Named(field.Declaration.Type),
                PropertyDeclarationSyntax property => Named(property.Type),
                BaseTypeSyntax parent => Named(parent.Type),
                _ => [],
            })
            .Select(held => held?.OriginalDefinition).OfType<INamedTypeSymbol>()
            .Where(held => held is { TypeKind: TypeKind.Class, DeclaringSyntaxReferences.IsEmpty: false });

        IEnumerable<ITypeSymbol?> Named(TypeSyntax type) => type.DescendantNodesAndSelf().OfType<TypeSyntax>().Select(part => semantics.GetTypeInfo(part).Type);
    }

    /// <summary>Whether the folder's projects are all programs, from whose classes no other project derives.</summary>
    private static bool IsProgram(DirectoryInfo folder)
    {
        var projects = folder.EnumerateFiles("*.csproj", SearchOption.AllDirectories).Select(file => File.ReadAllText(file.FullName)).ToList();
        return projects.Count > 0 && projects.TrueForAll(text => text.Contains("Exe</OutputType>", StringComparison.Ordinal));
    }

    private static CSharpCompilation Compile(IEnumerable<SyntaxTree> trees, FileInfo? torchSharp, OutputKind kind)
    {
        var references = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(path => torchSharp is null || Path.GetFileName(path) != "TorchSharp.dll")
            .Where(path => !Path.GetFileName(path).StartsWith("PruneGen.Generator", StringComparison.Ordinal))
            .Select(path => MetadataReference.CreateFromFile(path));
        return CSharpCompilation.Create(
            "Corpus",
            trees,
            torchSharp is null ? references : references.Append(MetadataReference.CreateFromFile(torchSharp.FullName)),
            new CSharpCompilationOptions(kind, nullableContextOptions: NullableContextOptions.Enable, allowUnsafe: true));
    }

    /// <summary>Puts the attribute on every model, and <c>partial</c> on it and what it is nested in; names those with a forward of their own.</summary>
    private static (CSharpCompilation Compilation, IReadOnlyList<string> Names) Annotate(CSharpCompilation compilation)
    {
        var module = compilation.GetTypeByMetadataName("TorchSharp.torch+nn+Module")
            ?? throw new InvalidOperationException("No TorchSharp among the references.");
        var names = new SortedSet<string>(StringComparer.Ordinal);
        var annotated = new HashSet<string>(StringComparer.Ordinal);
        foreach (var tree in compilation.SyntaxTrees)
        {
            var semantics = compilation.GetSemanticModel(tree);
            var models = tree.GetRoot().DescendantNodes().OfType<ClassDeclarationSyntax>()
                .Where(
                    declaration => semantics.GetDeclaredSymbol(declaration) is { IsAbstract: false } type && DerivesFrom(type, module) && InheritsForward(type))
                .ToList();
            var partials = models.SelectMany(model => model.AncestorsAndSelf().OfType<TypeDeclarationSyntax>()).ToHashSet();
            names.UnionWith(models.Select(model => semantics.GetDeclaredSymbol(model)!).Where(HasForward).Select(MetadataName));

            // A class of several parts has the attribute on one of them.
            var first = models.Where(model => annotated.Add(MetadataName(semantics.GetDeclaredSymbol(model)!))).ToHashSet<TypeDeclarationSyntax>();
            var root = tree.GetRoot().ReplaceNodes(partials, (original, rewritten) => Rewrite(rewritten, annotate: first.Contains(original)));
            compilation = compilation.ReplaceSyntaxTree(tree, tree.WithRootAndOptions(root, tree.Options));
        }

        return (compilation, names.ToList());
    }

    private static TypeDeclarationSyntax Rewrite(TypeDeclarationSyntax declaration, bool annotate)
    {
        if (!declaration.Modifiers.Any(SyntaxKind.PartialKeyword))
        {
            var trivia = declaration.Modifiers.Count == 0 ? declaration.Keyword.LeadingTrivia : default;
            declaration = declaration.Modifiers.Count == 0 ? declaration.WithKeyword(declaration.Keyword.WithLeadingTrivia()) : declaration;
            declaration = declaration.AddModifiers(SyntaxFactory.Token(trivia, SyntaxKind.PartialKeyword, [SyntaxFactory.Space]));
        }

        if (annotate)
        {
            // Behind what is there, so that every line keeps its number.
            var attribute = SyntaxFactory.ParseCompilationUnit(
                    "[global::PruneGen.Prunable(global::PruneGen.Granularity.Structured, Ratio = 0.5), global::PruneGen.Exportable] class C;")
                .DescendantNodes().OfType<AttributeListSyntax>().Single();
            var (modifier, leading) = (declaration.Modifiers[0], declaration.GetLeadingTrivia());
            declaration = declaration.AttributeLists.Count == 0
                ? declaration.WithModifiers(declaration.Modifiers.Replace(modifier, modifier.WithLeadingTrivia()))
                    .AddAttributeLists(attribute.WithLeadingTrivia(leading))
                : declaration.AddAttributeLists(attribute);
        }

        return declaration;
    }

    /// <summary>Whether a class says what it computes: where all that it has does nothing but throw, it is there for others to derive from.</summary>
    private static bool HasForward(INamedTypeSymbol type) =>
        type.GetMembers("forward").OfType<IMethodSymbol>().Any(method => !method.IsAbstract)
            && new[] { "forward", "Forward", "call" }.SelectMany(name => type.GetMembers(name)).OfType<IMethodSymbol>()
                .Any(method => !method.IsStatic && !method.IsAbstract && method.Parameters.Length > 0 && !OnlyThrows(method));

    private static bool OnlyThrows(IMethodSymbol method) =>
        method.DeclaringSyntaxReferences.Select(reference => reference.GetSyntax()).OfType<MethodDeclarationSyntax>().Any(written =>
            written is { ExpressionBody.Expression: ThrowExpressionSyntax } or { Body.Statements: [ThrowStatementSyntax] });

    private static bool InheritsForward(INamedTypeSymbol? type) =>
        type is not null && (HasForward(type) ? !type.DeclaringSyntaxReferences.IsEmpty : InheritsForward(type.BaseType));

    private static bool DerivesFrom(INamedTypeSymbol type, INamedTypeSymbol module)
    {
        for (var at = type.BaseType; at is not null; at = at.BaseType)
        {
            if (SymbolEqualityComparer.Default.Equals(at.OriginalDefinition, module))
            {
                return true;
            }
        }

        return false;
    }

    private static string MetadataName(INamedTypeSymbol type) => type.ContainingType is { } outer
        ? $"{MetadataName(outer)}+{type.MetadataName}"
        : type.ContainingNamespace.IsGlobalNamespace ? type.MetadataName : $"{type.ContainingNamespace.ToDisplayString()}.{type.MetadataName}";
}
