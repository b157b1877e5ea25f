using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using PruneGen.Axes;
using PruneGen.Generator.Analysis;
using PruneGen.Generator.Diagnostics;
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
        if (type.TypeKind != TypeKind.Class)
        {
            return;
        }

        if (AnnotationParser.Find(type, "PrunableAttribute") is null)
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
            if (finding.Rule == RuleIds.HeldOutputs && FixedReasons.IsPort(finding.Arguments[1]) && Composition.IsPart(type, context.Compilation, context.CancellationToken))
            {
                continue;
            }

            context.ReportDiagnostic(parsed.ToDiagnostic(finding));
        }
    }

    /// <summary>An annotated layer in a class that is not annotated, nor has a subclass that could be, does nothing.</summary>
    private static void ReportStrayAnnotations(SymbolAnalysisContext context, INamedTypeSymbol type)
    {
        if (type.IsAbstract)
        {
            return;
        }

        foreach (var member in type.GetMembers().Where(member => member is IFieldSymbol or IPropertySymbol))
        {
            foreach (var name in new[] { "Prunable", "KeepWidth", "CoupledWith" })
            {
                if (AnnotationParser.Find(member, name + "Attribute")?.ApplicationSyntaxReference is { } attribute)
                {
                    context.ReportDiagnostic(Diagnostic.Create(Rules.ClassNotAnnotated, attribute.GetSyntax(context.CancellationToken).GetLocation(), name, member.Name, type.Name));
                }
            }
        }
    }

    /// <summary>A class that inherits pruning code must not change what that code was made from.</summary>
    private static void ReportReplacedMethods(SymbolAnalysisContext context, INamedTypeSymbol type)
    {
        var model = type.BaseType;
        while (model is not null && AnnotationParser.Find(model, "PrunableAttribute") is null)
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

        var methods = replacing.SelectMany(owner => owner.GetMembers().OfType<IMethodSymbol>()).Where(method => Replaces(method, model)).ToList();
        foreach (var method in methods.Where(method => !methods.Any(other => SymbolEqualityComparer.Default.Equals(other.OverriddenMethod, method))))
        {
            var at = SymbolEqualityComparer.Default.Equals(method.ContainingType, type) ? method.Locations : type.Locations;
            context.ReportDiagnostic(Diagnostic.Create(Rules.ForwardReplaced, at.FirstOrDefault(), type.Name, method.Name, model.Name));
        }
    }

    /// <summary>Whether a method overrides the model's forward, or a helper of the model's that tensors go through.</summary>
    private static bool Replaces(IMethodSymbol method, INamedTypeSymbol model)
    {
        for (var overridden = method.OverriddenMethod; overridden is not null; overridden = overridden.OverriddenMethod)
        {
            if (method.Name == "forward" || (SymbolEqualityComparer.Default.Equals(overridden.ContainingType, model) && method.Parameters.Any(parameter => parameter.Type.Name == "Tensor")))
            {
                return true;
            }
        }

        return false;
    }
}
