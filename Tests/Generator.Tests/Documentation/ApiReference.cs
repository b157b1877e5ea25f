using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace PruneGen.Generator.Tests;

/// <summary>What is public of a library as a page of Markdown, from its metadata and its XML documentation.</summary>
internal sealed class ApiReference
{
    private static readonly SymbolDisplayFormat Shown = new(
        globalNamespaceStyle: SymbolDisplayGlobalNamespaceStyle.Omitted,
        typeQualificationStyle: SymbolDisplayTypeQualificationStyle.NameOnly,
        genericsOptions: SymbolDisplayGenericsOptions.IncludeTypeParameters,
        memberOptions: SymbolDisplayMemberOptions.IncludeParameters | SymbolDisplayMemberOptions.IncludeType | SymbolDisplayMemberOptions.IncludeModifiers
            | SymbolDisplayMemberOptions.IncludeConstantValue,
        parameterOptions: SymbolDisplayParameterOptions.IncludeType | SymbolDisplayParameterOptions.IncludeName | SymbolDisplayParameterOptions.IncludeDefaultValue
            | SymbolDisplayParameterOptions.IncludeParamsRefOut | SymbolDisplayParameterOptions.IncludeExtensionThis,
        propertyStyle: SymbolDisplayPropertyStyle.ShowReadWriteDescriptor,
        miscellaneousOptions: SymbolDisplayMiscellaneousOptions.UseSpecialTypes | SymbolDisplayMiscellaneousOptions.IncludeNullableReferenceTypeModifier);

    private static readonly SymbolDisplayFormat NameAlone = new(
        typeQualificationStyle: SymbolDisplayTypeQualificationStyle.NameOnly, genericsOptions: SymbolDisplayGenericsOptions.IncludeTypeParameters);

    private static readonly CSharpCompilation Compilation = CSharpCompilation.Create(
        "reference", references: ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator).Select(path => MetadataReference.CreateFromFile(path)));

    private readonly IAssemblySymbol assembly;
    private readonly Dictionary<string, XElement> documented;

    /// <param name="library">A type of the library.</param>
    public ApiReference(Type library)
    {
        var reference = Compilation.References.Single(one => Path.GetFileName(one.Display) == Path.GetFileName(library.Assembly.Location));
        assembly = (IAssemblySymbol)Compilation.GetAssemblyOrModuleSymbol(reference)!;
        documented = XDocument.Load(Path.ChangeExtension(library.Assembly.Location, ".xml")).Descendants("member")
            .ToDictionary(member => (string)member.Attribute("name")!, StringComparer.Ordinal);
    }

    /// <summary>The public types, by name.</summary>
    public IReadOnlyList<INamedTypeSymbol> Types => [.. Inside(assembly.GlobalNamespace).OrderBy(Named, StringComparer.Ordinal)];

    /// <summary>The page.</summary>
    /// <param name="title">What stands above it.</param>
    public string Page(string title)
    {
        var text = new StringBuilder($"# {title}\n\nWritten from the documentation in the source by `ApiReferenceTests`; a test sees that both are the same.\n");
        foreach (var type in Types)
        {
            text.Append($"\n## {Named(type)}\n\n`{Kind(type)} {Named(type)}{Bases(type)}`\n\n{Of(type, "\n\n")}\n");
            var members = type.GetMembers().Where(IsShown).Select(member => (Signature: Signature(member), Said: Of(member, "<br>"))).Where(member => member.Said.Length > 0).ToList();
            if (members.Count > 0)
            {
                text.Append("\n| member | |\n|---|---|\n");
                members.ForEach(member => text.Append($"| `{member.Signature.Replace("|", "\\|", StringComparison.Ordinal)}` | {member.Said.Replace("|", "\\|", StringComparison.Ordinal)} |\n"));
            }
        }

        return text.ToString();
    }

    private static IEnumerable<INamedTypeSymbol> Inside(INamespaceOrTypeSymbol symbol) => symbol.GetMembers().OfType<INamespaceOrTypeSymbol>()
        .Where(member => member is INamespaceSymbol || member.DeclaredAccessibility == Accessibility.Public)
        .SelectMany(member => member is INamedTypeSymbol type ? Inside(type).Prepend(type) : Inside(member));

    private static string Named(INamedTypeSymbol type) => type.ContainingType is { } outer ? $"{Named(outer)}.{Shortly(type)}" : Shortly(type);

    private static string Shortly(ISymbol symbol) => symbol.ToDisplayString(NameAlone);

    private static string Kind(INamedTypeSymbol type) => (type.IsStatic ? "static " : type is { IsAbstract: true, TypeKind: TypeKind.Class } ? "abstract " : type is { IsSealed: true, TypeKind: TypeKind.Class } ? "sealed " : "")
        + (type.GetMembers("<Clone>$").Length > 0 ? "record" : type.TypeKind.ToString().ToLowerInvariant());

    private static string Bases(INamedTypeSymbol type)
    {
        string[] bases =
        [
            .. type.BaseType is { SpecialType: SpecialType.None } parent ? new[] { Shortly(parent) } : [],
            .. type.TypeKind == TypeKind.Enum ? [] : type.Interfaces.Where(one => one.Name != "IEquatable").Select(Shortly),
        ];
        return bases.Length > 0 ? $" : {string.Join(", ", bases)}" : "";
    }

    private static bool IsShown(ISymbol member) =>
        member.DeclaredAccessibility is Accessibility.Public or Accessibility.Protected or Accessibility.ProtectedOrInternal
        && member is not (INamedTypeSymbol or IMethodSymbol { MethodKind: MethodKind.PropertyGet or MethodKind.PropertySet or MethodKind.EventAdd or MethodKind.EventRemove })
        && (member.CanBeReferencedByName || member is IMethodSymbol { MethodKind: MethodKind.Constructor or MethodKind.Conversion or MethodKind.UserDefinedOperator } or IPropertySymbol { IsIndexer: true });

    private static string Signature(ISymbol member) => member is IFieldSymbol { ContainingType.TypeKind: TypeKind.Enum } value ? value.Name : member.ToDisplayString(Shown);

    /// <summary>What is said of a symbol: its summary, remarks, parameters, result and exceptions.</summary>
    private string Of(ISymbol symbol, string between)
    {
        if (Find(symbol) is not { } own)
        {
            return "";
        }

        List<string> parts = [.. new[] { Inherited(own, symbol, "summary"), Inherited(own, symbol, "remarks") }.OfType<XElement>().Select(Text)];
        var parameters = symbol switch { IMethodSymbol method => method.Parameters.Select(parameter => parameter.Name), _ => own.Elements("param").Select(Name) };
        foreach (var name in parameters)
        {
            if (InheritedChain(own, symbol).SelectMany(member => member.Elements("param")).FirstOrDefault(param => Name(param) == name && param.Value.Length > 0) is { } said)
            {
                parts.Add($"`{name}`: {Text(said)}");
            }
        }

        if (Inherited(own, symbol, "returns") is { } returns)
        {
            parts.Add($"Returns: {Text(returns)}");
        }

        parts.AddRange(InheritedChain(own, symbol).SelectMany(member => member.Elements("exception"))
            .Select(thrown => $"`{Last((string)thrown.Attribute("cref")!)}`: {Text(thrown)}").Distinct());
        return string.Join(between, parts.Where(part => part.Length > 0));
    }

    private static string Name(XElement parameter) => (string)parameter.Attribute("name")!;

    private XElement? Inherited(XElement own, ISymbol symbol, string part) => InheritedChain(own, symbol).Select(member => member.Element(part)).FirstOrDefault(found => found is not null);

    /// <summary>What stands at a member, and at what it takes its documentation from.</summary>
    private IEnumerable<XElement> InheritedChain(XElement own, ISymbol symbol)
    {
        for (var member = own; member is not null;)
        {
            yield return member;
            var from = member.Element("inheritdoc");
            member = from is null ? null : (string?)from.Attribute("cref") is { } cref ? documented.GetValueOrDefault(cref) : Base(symbol);
            symbol = Overridden(symbol) ?? symbol;
        }
    }

    private XElement? Base(ISymbol symbol) => Overridden(symbol) is { } above ? Find(above) : symbol.ContainingType?.AllInterfaces
        .SelectMany(one => one.GetMembers()).Where(member => SymbolEqualityComparer.Default.Equals(symbol.ContainingType.FindImplementationForInterfaceMember(member), symbol))
        .Select(Find).FirstOrDefault(found => found is not null);

    private static ISymbol? Overridden(ISymbol symbol) => symbol switch { IMethodSymbol method => method.OverriddenMethod, IPropertySymbol property => property.OverriddenProperty, _ => null };

    private XElement? Find(ISymbol symbol) => documented.GetValueOrDefault(symbol.OriginalDefinition.GetDocumentationCommentId() ?? "");

    /// <summary>Documentation as Markdown, on one line.</summary>
    private static string Text(XElement said)
    {
        var text = new StringBuilder();
        foreach (var node in said.Nodes())
        {
            text.Append(node switch
            {
                XText plain => Escaped(plain.Value),
                XElement { Name.LocalName: "see" or "seealso" } link => $"`{((string?)link.Attribute("cref") is { } cref ? Last(cref) : (string?)link.Attribute("langword") ?? link.Value)}`",
                XElement { Name.LocalName: "paramref" or "typeparamref" } name => $"`{Name(name)}`",
                XElement { Name.LocalName: "c" or "code" } code => $"`{code.Value.Trim()}`",
                XElement { Name.LocalName: "para" or "item" or "list" or "description" or "term" } part => $" {Text(part)} ",
                _ => "",
            });
        }

        return Regex.Replace(text.ToString(), @"\s+", " ").Trim();
    }

    private static string Escaped(string text) => text.Replace("<", "&lt;", StringComparison.Ordinal).Replace("*", "\\*", StringComparison.Ordinal).Replace("_", "\\_", StringComparison.Ordinal);

    /// <summary>The name of what a reference means: of a member with its type's.</summary>
    private static string Last(string cref)
    {
        var name = Regex.Replace(cref[(cref.IndexOf(':') + 1)..].Split('(')[0], @"`+\d+", "");
        var parts = name.Split('.');
        return cref[0] is 'T' or '!' || parts.Length < 2 ? parts[^1] : parts[^1] == "#ctor" ? parts[^2] : $"{parts[^2]}.{parts[^1]}";
    }
}
