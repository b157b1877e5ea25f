using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using PruneGen.Axes;
using PruneGen.Generator.Analysis;
using PruneGen.Generator.Diagnostics;
using PruneGen.Generator.Model;
using PruneGen.Generator.Parsing;

namespace PruneGen.Generator;

/// <summary>
/// Says what is wrong with annotated classes, at the expression that causes it. It runs the generator's own parser and
/// analysis, so that the two cannot disagree.
/// </summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class PruneAnalyzer : DiagnosticAnalyzer
{
    private static readonly ParseCache Cache = new();

    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics => Rules.All;

    /// <inheritdoc/>
    public override void Initialize(AnalysisContext context)
    {
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.EnableConcurrentExecution();
        context.RegisterSymbolAction(Analyse, SymbolKind.NamedType);
    }

    private static void Analyse(SymbolAnalysisContext context)
    {
        var type = (INamedTypeSymbol)context.Symbol;
        if (type.TypeKind != TypeKind.Class || !ProjectSettings.Of(context.Options.AnalyzerConfigOptionsProvider.GlobalOptions).IsEnabled)
        {
            return;
        }

        if (AnnotationParser.FindModel(type) is null)
        {
            ReportStrayAnnotations(context, type);
            ReportReplacedMethods(context, type);
            return;
        }

        var parsed = Cache.Parse(type, type.DeclaringSyntaxReferences[0].GetSyntax(context.CancellationToken), context.Compilation, context.CancellationToken);
        var findings = parsed.Spec is null ? parsed.Findings : parsed.Findings.Concat(PruningAnalysis.Run(parsed.Spec).Findings);
        foreach (var finding in findings)
        {
            // What holds the ports of a model is no reason where it is part of another, which joins them to its own.
            if (finding.Rule == RuleIds.KeptWidth
                && FixedReasons.IsPort(finding.Arguments[1])
                && Composition.IsPart(type, context.Compilation, context.CancellationToken))
            {
                continue;
            }

            context.ReportDiagnostic(parsed.ToDiagnostic(finding));
        }

        if (parsed.Gap(context.Compilation, type, context.CancellationToken) is { } gap)
        {
            context.ReportDiagnostic(gap);
        }
    }

    /// <summary>An annotated layer in a class that is not annotated, nor has a subclass that could be, does nothing.</summary>
    private static void ReportStrayAnnotations(SymbolAnalysisContext context, INamedTypeSymbol type)
    {
        if (type.IsAbstract)
        {
            return;
        }

        foreach (var member in type.GetMembers().Where(member => member is IFieldSymbol or IPropertySymbol).Append(type))
        {
            // On a class itself [Axes] says what it does; the others would ask for something.
            var asking = ReferenceEquals(member, type)
                ? new[] { "ShareWeights", "Quantize", "Budget" } : ["Prunable", "KeepWidth", "CoupledWith", "Axes", "ShareWeights", "Quantize"];
            foreach (var name in asking)
            {
                if (AnnotationParser.Find(member, name + "Attribute")?.ApplicationSyntaxReference is { } attribute
                    && !IsAnnotatedBelow(type, context.Compilation))
                {
                    context.ReportDiagnostic(
                        Diagnostic.Create(Rules.ClassNotAnnotated, attribute.GetSyntax(context.CancellationToken).GetLocation(), name, member.Name, type.Name));
                }
            }
        }
    }

    /// <summary>Whether a class that derives from this one is annotated: what is said of inherited layers is read there.</summary>
    private static bool IsAnnotatedBelow(INamedTypeSymbol type, Compilation compilation) => ClassesIn(compilation.Assembly.GlobalNamespace).Any(other =>
    {
        for (var above = other.BaseType; above is not null && AnnotationParser.FindModel(other) is not null; above = above.BaseType)
        {
            if (SymbolEqualityComparer.Default.Equals(above.OriginalDefinition, type))
            {
                return true;
            }
        }

        return false;
    });

    /// <summary>Every class in a namespace or class.</summary>
    internal static IEnumerable<INamedTypeSymbol> ClassesIn(INamespaceOrTypeSymbol space) => space.GetMembers().OfType<INamespaceOrTypeSymbol>()
        .SelectMany(member => member is INamedTypeSymbol type ? ClassesIn(type).Prepend(type) : ClassesIn(member));

    /// <summary>A class that inherits pruning code must not change what that code was made from.</summary>
    private static void ReportReplacedMethods(SymbolAnalysisContext context, INamedTypeSymbol type)
    {
        var model = type.BaseType;
        while (model is not null && AnnotationParser.FindModel(model) is null)
        {
            model = model.BaseType;
        }

        if (model is null || type.IsAbstract)
        {
            return;
        }

        // What an abstract class replaces counts where a class that can be created inherits it.
        var replacing = new List<INamedTypeSymbol> { type };
        for (var between = type.BaseType!; between.IsAbstract && !SymbolEqualityComparer.Default.Equals(between, model); between = between.BaseType!)
        {
            replacing.Add(between);
        }

        // Of a model in this project it is known which methods were read; of one elsewhere, only which tensors go through.
        var read = model.DeclaringSyntaxReferences.IsEmpty
            ? null
            : Cache.Parse(model, model.DeclaringSyntaxReferences[0].GetSyntax(context.CancellationToken), context.Compilation, context.CancellationToken).Read;
        var methods = replacing.SelectMany(owner => owner.GetMembers().OfType<IMethodSymbol>()).Where(method => Replaces(method, model, read)).ToList();
        foreach (var method in methods.Where(method => !methods.Any(other => SymbolEqualityComparer.Default.Equals(other.OverriddenMethod, method))))
        {
            var at = SymbolEqualityComparer.Default.Equals(method.ContainingType, type) ? (method.AssociatedSymbol ?? method).Locations : type.Locations;
            context.ReportDiagnostic(
                Diagnostic.Create(Rules.ForwardReplaced, at.FirstOrDefault(), type.Name, (method.AssociatedSymbol ?? method).Name, model.Name));
        }
    }

    /// <summary>Whether a method overrides the model's forward, or a helper that was read for it.</summary>
    private static bool Replaces(IMethodSymbol method, INamedTypeSymbol model, IReadOnlyCollection<string>? read)
    {
        for (var overridden = method.OverriddenMethod; overridden is not null; overridden = overridden.OverriddenMethod)
        {
            if (method.Name == "forward"
                || (read is null
                    ? IsOf(model, overridden) && TakesOrGivesTensors(method)
                    : overridden.OriginalDefinition.GetDocumentationCommentId() is { } id && read.Contains(id)))
            {
                return true;
            }
        }

        return false;
    }

    private static bool TakesOrGivesTensors(IMethodSymbol method) =>
        method.Parameters.Select(parameter => parameter.Type).Append(method.ReturnType).Any(type => type.Name == "Tensor");

    /// <summary>Whether a method belongs to a model or a class that it derives from, TorchSharp's aside.</summary>
    private static bool IsOf(INamedTypeSymbol model, IMethodSymbol method)
    {
        for (INamedTypeSymbol? type = model; type is not null && type.ContainingNamespace?.Name != "TorchSharp"; type = type.BaseType)
        {
            if (SymbolEqualityComparer.Default.Equals(type.OriginalDefinition, method.ContainingType.OriginalDefinition))
            {
                return true;
            }
        }

        return false;
    }
}
