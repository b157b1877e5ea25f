using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using PruneGen.Generator.Diagnostics;
using PruneGen.Generator.Model;

namespace PruneGen.Generator.Parsing;

/// <summary>What the parser makes of one annotated class.</summary>
internal sealed class ParseResult
{
    private readonly SiteMap sites;
    private readonly Location model;
    private readonly Location? notRead;

    public ParseResult(
        ModelSpec? spec,
        IReadOnlyList<Finding> findings,
        SiteMap sites,
        IReadOnlyCollection<SyntaxTree> files,
        Location model,
        IReadOnlyCollection<string> read,
        IReadOnlyList<(IReadOnlyList<string> Names, bool Answer)> askedChanges,
        int? brokenAt)
    {
        this.model = model;
        notRead = brokenAt is { } site && !findings.Any(finding => Rules.Blocks(finding.Rule)) ? sites[site] : null;
        Read = read;
        AskedChanges = askedChanges;
        Files = [.. files, .. sites.Files];
        Spec = spec;

        // A helper that is read more than once is refused as often.
        Findings = findings.GroupBy(finding => (finding.Rule, Location: sites[finding.Site], finding.Arguments)).Select(same => same.First()).ToList();
        this.sites = sites;
    }

    /// <summary>The model, or null where something keeps it from being understood.</summary>
    public ModelSpec? Spec { get; }

    /// <summary>What is to be told to the model's author.</summary>
    public IReadOnlyList<Finding> Findings { get; }

    /// <summary>The files that declare the class, hold a method that was read, or have a place that a finding may point at.</summary>
    public IReadOnlyCollection<SyntaxTree> Files { get; }

    /// <summary>The virtual methods that were read, by their documentation ids: what a class below must not replace.</summary>
    public IReadOnlyCollection<string> Read { get; }

    /// <summary>The names of members of which was asked whether anything in the project changes them, and the answer.</summary>
    public IReadOnlyList<(IReadOnlyList<string> Names, bool Answer)> AskedChanges { get; }

    /// <summary>
    /// What kept the class from being read with nothing said of it, where the compiler, which should have said it, finds nothing either;
    /// null where all was read, or anything is said.
    /// </summary>
    public Diagnostic? Gap(Compilation compilation, INamedTypeSymbol type, CancellationToken cancellation)
    {
        if (notRead?.SourceTree is not { } tree)
        {
            return null;
        }

        var files = new HashSet<SyntaxTree>(Files);
        for (INamedTypeSymbol? declared = type; declared is not null; declared = declared.BaseType)
        {
            files.UnionWith(declared.DeclaringSyntaxReferences.Select(reference => reference.SyntaxTree));
        }

        // A base class may be of another project, whose errors are told there.
        var said = files.Where(compilation.ContainsSyntaxTree).SelectMany(file => compilation.GetSemanticModel(file).GetDiagnostics(null, cancellation));
        return said.Any(report => report.DefaultSeverity == DiagnosticSeverity.Error) ? null : Diagnostic.Create(
            Rules.LeftOut, notRead, new[] { model }, SourceText.Quote(tree.GetRoot(cancellation).FindNode(notRead.SourceSpan)), type.Name);
    }

    /// <summary>
    /// A finding, of the parser or of the analysis, as the compiler reports it. It may stand in a helper of another class,
    /// and is about this model all the same, which is its additional location.
    /// </summary>
    public Diagnostic ToDiagnostic(Finding finding) => Diagnostic.Create(
        Rules.Get(finding.Rule),
        sites[finding.Site],
        new[] { model },
        finding.Fix.ToImmutableDictionary(fix => fix.Name, fix => (string?)fix.Text),
        finding.Arguments.Cast<object?>().ToArray());
}

/// <summary>
/// The places that a model's findings may point at, by number. The model itself carries only the numbers, so that it
/// stays equal when an edit merely moves its text.
/// </summary>
internal sealed class SiteMap
{
    private readonly List<Location> locations = [];
    private readonly Dictionary<SyntaxTree, Location> places = [];

    public Location this[int site] => locations[site];

    public int Add(Location? location)
    {
        locations.Add(location is { SourceTree: { } tree } && places.TryGetValue(tree, out var place) ? place : location ?? Location.None);
        return locations.Count - 1;
    }

    /// <summary>Lets everything in a tree that was bound in the place of an expression stand where that stands.</summary>
    public void Place(SyntaxTree bound, Location at) => places[bound] = at;

    /// <summary>The files that the places are in.</summary>
    public IEnumerable<SyntaxTree> Files => locations.Select(location => location.SourceTree).OfType<SyntaxTree>().Distinct();

    public int Add(SyntaxNode node) => Add(node.GetLocation());
}
