using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using PruneGen.Generator.Diagnostics;
using PruneGen.Generator.Model;

namespace PruneGen.Generator.Parsing;

/// <summary>
/// Reads one class with <c>[Prunable]</c>: how it is declared, what its attributes say, and what its <c>forward</c>
/// does. The only door from Roslyn's world to the model.
/// </summary>
internal static class ModelParser
{
    /// <summary>The full name of the attribute that asks for pruning.</summary>
    public const string PrunableAttribute = "PruneGen.PrunableAttribute";

    /// <summary>The full name of the attribute that asks for export.</summary>
    public const string ExportableAttribute = "PruneGen.ExportableAttribute";

    /// <summary>Reads a class.</summary>
    /// <param name="net">Sees that nothing of <c>forward</c> is left out; null for the usual one.</param>
    public static ParseResult Parse(INamedTypeSymbol type, Compilation compilation, CancellationToken cancellation, ForwardNet? net = null)
    {
        var findings = new List<Finding>();
        var context = new ParseContext(type, compilation, findings, cancellation);
        var spec = Read(context, net ?? new ForwardNet());
        return new ParseResult(
            context.HasErrors || context.IsBroken ? null : spec,
            findings,
            context.Sites,
            context.Files,
            type.Locations.FirstOrDefault() ?? Location.None,
            context.Read,
            context.AskedChanges,
            context.BrokenAt);
    }

    private static ModelSpec? Read(ParseContext context, ForwardNet net)
    {
        var type = context.Type;
        var at = context.Sites.Add(type.Locations.FirstOrDefault());
        var (torch, problem) = TorchSymbols.Find(context.Compilation);
        if (torch is null)
        {
            context.Report(RuleIds.TorchSharpMissing, at, problem);
            return null;
        }

        if (!torch.DerivesFromModule(type))
        {
            // A base that does not resolve is the compiler's to report.
            if (type.BaseType is not { TypeKind: TypeKind.Error })
            {
                var attribute = AnnotationParser.FindModel(type)?.AttributeClass?.Name.Replace("Attribute", "");
                context.Report(RuleIds.NotAModule, at, type.Name, attribute ?? "Prunable");
            }

            return null;
        }

        var declared = TypeParser.Read(context, at);
        var layerParser = new LayerParser(context, torch);
        var annotations = new AnnotationParser(context, torch, layerParser);
        var (settings, settingsSite) = annotations.ReadClass();
        var layers = annotations.ReadLayers();
        var forward = ForwardMethod.Find(ForwardMethod.Entry(type, context, torch), context, torch, at);
        if (forward is null)
        {
            return null;
        }

        var inputs = ForwardMethod.Inputs(forward, context, torch);
        var program = new ForwardParser(context, torch, layerParser, net).Read(forward, inputs);
        if (program is null
            && !context.IsBroken
            && !context.HasErrors
            && ForwardMethod.Instead(forward, context, torch) is { } other
            && ForwardMethod.Find(other, context, torch, at) is { } instead)
        {
            // What a base class asks for hands on to it, without something that it cannot do without.
            (forward, inputs) = (instead, ForwardMethod.Inputs(instead, context, torch));
            program = new ForwardParser(context, torch, layerParser, net).Read(forward, inputs);
        }

        if (program is null && !context.IsBroken && !context.HasErrors)
        {
            // It throws whatever it is given.
            var thrown = forward.DeclaringSyntaxReferences[0].ReadBy(context).DescendantNodes()
                .Select(node => node is ThrowStatementSyntax statement ? statement.Expression : (node as ThrowExpressionSyntax)?.Expression)
                    .FirstOrDefault(exception => exception is not null);
            context.Report(RuleIds.NoForward, thrown is null ? at : context.Sites.Add(thrown), type.Name);
        }

        if (program is null)
        {
            return null;
        }

        new RegistrationParser(context, torch, layerParser).Check();
        var spec = new ModelSpec(
            declared with { UsesObsolete = program.UsesObsolete },
            inputs,
            program.Values,
            program.Body,
            ForwardMethod.Results(forward, context, torch),
            program.Reached,
            ForwardMethod.IsCalled(forward, torch) ? "call" : forward.Name,
            settings,
            settingsSite,
            annotations.ReadRetrain(),
            layers,
            type.IsAbstract ? [] : ConstructorParser.Read(type))
        {
            Numbers = program.Numbers,
            Export = annotations.ReadExport(),
            ResultNames = ForwardMethod.ResultNames(forward, context, torch),
            PrivateValues = new PrivateValues(context, torch).Of(type, forward).Select(Emission.Identifiers.Escape).ToEquatable(),
        };
        if (!spec.TakesBatches)
        {
            var asked = forward.Parameters.Where((_, i) => spec.Inputs[i].Kind != InputKind.Tensor && spec.Inputs[i].Default.Length == 0).FirstOrDefault();
            context.Report(
                RuleIds.LinkedOnly,
                context.Sites.Add((asked as ISymbol ?? forward).Locations.FirstOrDefault()),
                asked is null
                    ? $"{type.Name}.forward gives a {forward.ReturnType.ToDisplayString(SymbolDisplayFormat.MinimallyQualifiedFormat)}"
                    : $"The input '{asked.Name}' of type {asked.Type.ToDisplayString(SymbolDisplayFormat.MinimallyQualifiedFormat)} has no default",
                type.Name);
        }

        return spec;
    }
}

/// <summary>How the parser gets at declarations: nothing is read that the cache does not hear of.</summary>
internal static class Declarations
{
    /// <summary>The syntax of a declaration. What is made of the class hangs on its file from now on.</summary>
    public static SyntaxNode ReadBy(this SyntaxReference declaration, ParseContext context)
    {
        context.Files.Add(declaration.SyntaxTree);
        return declaration.GetSyntax(context.Cancellation);
    }
}

/// <summary>What every part of the parser needs while it reads one class.</summary>
internal sealed class ParseContext
{
    private readonly List<Finding> findings;
    private readonly Dictionary<SyntaxTree, SemanticModel> models = [];
    private readonly Dictionary<SyntaxTree, SyntaxNode> places = [];

    public ParseContext(INamedTypeSymbol type, Compilation compilation, List<Finding> findings, CancellationToken cancellation)
    {
        Type = type;
        Compilation = compilation;
        Cancellation = cancellation;
        this.findings = findings;
        Files = [.. type.DeclaringSyntaxReferences.Select(reference => reference.SyntaxTree)];
    }

    /// <summary>The files that declare the class, or hold a method that was read.</summary>
    public HashSet<SyntaxTree> Files { get; }

    /// <summary>The virtual methods that were read, by their documentation ids.</summary>
    public HashSet<string> Read { get; } = new(StringComparer.Ordinal);

    /// <summary>The names of members of which was asked whether anything changes them, and the answer.</summary>
    public List<(IReadOnlyList<string> Names, bool Answer)> AskedChanges { get; } = [];

    public INamedTypeSymbol Type { get; }

    public Compilation Compilation { get; }

    public CancellationToken Cancellation { get; }

    public SiteMap Sites { get; } = new();

    /// <summary>Whether the compiler itself reports errors in what was read, so that nothing more is to be said.</summary>
    public bool IsBroken => BrokenAt is not null;

    /// <summary>Where an error of the compiler was met first; null for nowhere.</summary>
    public int? BrokenAt { get; private set; }

    /// <summary>Notes an error that the compiler reports.</summary>
    /// <param name="at">What cannot be read.</param>
    public void Break(SyntaxNode at) => Break(Sites.Add(at));

    /// <inheritdoc cref="Break(SyntaxNode)"/>
    public void Break(int at) => BrokenAt ??= at;

    /// <summary>Whether anything reported so far keeps pruning code from being generated.</summary>
    public bool HasErrors => findings.Any(finding => Rules.Blocks(finding.Rule));

    /// <summary>A place to go back to by <see cref="Rollback"/>.</summary>
    public int Mark() => findings.Count;

    /// <summary>Forgets what was reported since a mark.</summary>
    public void Rollback(int mark) => findings.RemoveRange(mark, findings.Count - mark);

    /// <summary>Whether anything that keeps code from being generated was reported since a mark.</summary>
    public bool HasErrorsSince(int mark) => findings.Skip(mark).Any(finding => Rules.Blocks(finding.Rule));

    public void Report(string rule, int site, params string[] arguments) => findings.Add(new Finding(rule, site, arguments));

    public void Report(string rule, SyntaxNodeOrToken node, params string[] arguments) => Report(rule, Sites.Add(node.GetLocation()), arguments);

    /// <summary>The operations of a piece of syntax, whichever file it stands in; null where it is not from source.</summary>
    public IOperation? Operation(SyntaxNode node) => ModelOf(node)?.GetOperation(node, Cancellation);

    /// <summary>What a name stands for.</summary>
    public ISymbol? Symbol(SyntaxNode node) => ModelOf(node)?.GetSymbolInfo(node, Cancellation).Symbol;

    /// <summary>What a declaration declares.</summary>
    public ISymbol? Declared(SyntaxNode node) => ModelOf(node)?.GetDeclaredSymbol(node, Cancellation);

    /// <summary>The type of an expression, or the one that a type is written as.</summary>
    public ITypeSymbol? TypeOf(SyntaxNode node) => ModelOf(node)?.GetTypeInfo(node, Cancellation).Type;

    /// <summary>The type of what a foreach brings.</summary>
    public ITypeSymbol? ElementType(ForEachStatementSyntax loop) => ModelOf(loop)?.GetForEachStatementInfo(loop).ElementType;

    /// <summary>Whether anything behind a statement can be reached through it.</summary>
    public bool IsPassed(SyntaxNode node) =>
        node is not StatementSyntax statement || ModelOf(node)?.AnalyzeControlFlow(statement)?.EndPointIsReachable != false;

    /// <summary>The type that an expression becomes where it stands.</summary>
    public ITypeSymbol? ConvertedType(SyntaxNode node) => ModelOf(node)?.GetTypeInfo(node, Cancellation).ConvertedType;

    /// <summary>The user's own method that takes a value apart where the syntax assigns it to several targets; null for none.</summary>
    public IMethodSymbol? Deconstruction(SyntaxNode node) =>
        node is AssignmentExpressionSyntax assignment && ModelOf(node)?.GetDeconstructionInfo(assignment).Method is { } method
            ? (method.ReducedFrom ?? method).OriginalDefinition
            : null;

    /// <summary>Binds a statement as if it stood where an expression stands.</summary>
    /// <returns>Whether one can stand there.</returns>
    public bool BindAt(SyntaxNode place, StatementSyntax statement)
    {
        place = AsWritten(place);
        if (ModelOf(place) is not { } model || !model.TryGetSpeculativeSemanticModel(place.SpanStart, statement, out var bound))
        {
            return false;
        }

        models.Add(statement.SyntaxTree, bound);
        places.Add(statement.SyntaxTree, place);
        Sites.Place(statement.SyntaxTree, place.GetLocation());
        return true;
    }

    /// <summary>A piece of source, or the expression in whose place it was bound.</summary>
    public SyntaxNode AsWritten(SyntaxNode node) => places.TryGetValue(node.SyntaxTree, out var place) ? place : node;

    private SemanticModel? ModelOf(SyntaxNode node)
    {
        if (!models.TryGetValue(node.SyntaxTree, out var model))
        {
            if (!Compilation.ContainsSyntaxTree(node.SyntaxTree))
            {
                return null;
            }

            Files.Add(node.SyntaxTree);
            models.Add(node.SyntaxTree, model = Compilation.GetSemanticModel(node.SyntaxTree));
        }

        return model;
    }
}
