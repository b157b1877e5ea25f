using System.Globalization;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using PruneGen.Generator.Diagnostics;
using PruneGen.Generator.Emission;
using PruneGen.Generator.Model;

namespace PruneGen.Generator.Parsing;

/// <summary>Reads what attributes say of a model and its members, and checks their values.</summary>
internal sealed class AnnotationParser
{
    private readonly ParseContext context;
    private readonly TorchSymbols torch;
    private readonly LayerParser layers;

    public AnnotationParser(ParseContext context, TorchSymbols torch, LayerParser layers)
    {
        this.context = context;
        this.torch = torch;
        this.layers = layers;
    }

    /// <summary>What <c>[Prunable]</c> on the class says, and where it stands.</summary>
    public (PruneSettings Settings, int Site) ReadClass() => Find(context.Type, "PrunableAttribute") is { } attribute
        ? (Settings(attribute, context.Type.Name, isClass: true), context.Sites.Add(Location(attribute)))
        : (PruneSettings.None, context.Sites.Add(location: null));

    /// <summary>What <c>[Retrain]</c> on the class says, each setting as C#.</summary>
    public EquatableArray<NamedText> ReadRetrain()
    {
        if (Find(context.Type, "RetrainAttribute") is not { } attribute)
        {
            return [];
        }

        foreach (var argument in attribute.NamedArguments)
        {
            var (name, value) = (argument.Key, argument.Value);
            var (holds, remedy) = (name, value.Value) switch
            {
                ("Epochs", int n) => (n >= 0, "give 0 or more"),
                ("LearningRate", double rate) => (rate > 0 && !double.IsInfinity(rate), "give a number above 0, such as 1e-3"),
                ("Momentum", double m) => (m is >= 0 and < 1, "give a number from 0 to below 1, such as 0.9"),
                ("WeightDecay", double d) => (d >= 0 && !double.IsInfinity(d), "give 0 or more, such as 5e-4"),
                _ => (true, ""),
            };
            Require(holds, attribute, name, context.Type.Name, value.Value, remedy);
        }

        return attribute.NamedArguments.Where(argument => argument.Value.Kind != TypedConstantKind.Error)
            .Select(argument => new NamedText(argument.Key, Literals.Constant(argument.Value)))
            .ToEquatable();
    }

    /// <summary>What attributes on fields and properties say, those of base classes too.</summary>
    public EquatableArray<LayerAnnotation> ReadLayers()
    {
        var found = new List<LayerAnnotation>();
        for (INamedTypeSymbol? type = context.Type; type is not null && !torch.IsTorch(type); type = type.BaseType)
        {
            foreach (var member in type.GetMembers().Where(member => member is IFieldSymbol { AssociatedSymbol: null } or IPropertySymbol))
            {
                var (prunable, keep, coupled, axes) = (
                    Find(member, "PrunableAttribute"),
                    Find(member, "KeepWidthAttribute"),
                    FindAll(member, "CoupledWithAttribute").ToList(),
                    AxesReader.Find(member));
                if ((prunable ?? keep ?? coupled.FirstOrDefault() ?? axes) is not { } attribute)
                {
                    continue;
                }

                var memberType = TypeOf(member);
                var name = attribute.AttributeClass!.Name.Replace("Attribute", "");
                var site = context.Sites.Add(Location(attribute));
                if (memberType.TypeKind == TypeKind.Error)
                {
                    context.IsBroken = true;
                }
                else if (!torch.IsModule(memberType))
                {
                    context.Report(RuleIds.NotALayer, site, name, member.Name, memberType.ToDisplayString(SymbolDisplayFormat.MinimallyQualifiedFormat));
                }
                else
                {
                    found.Add(new LayerAnnotation(
                        layers.PathOf(member),
                        member.Name,
                        prunable is null ? PruneSettings.None : Settings(prunable, member.Name, isClass: false),
                        keep is not null,
                        coupled.Select(coupling => Coupled(coupling, member)).OfType<Coupling>().ToEquatable(),
                        axes is null ? null : layers.AxesOf(member, axes),
                        name,
                        site));
                }
            }
        }

        return found.ToEquatable();
    }

    /// <summary>The attribute of PruneGen's of a given name.</summary>
    public static AttributeData? Find(ISymbol symbol, string name) => FindAll(symbol, name).FirstOrDefault();

    private static IEnumerable<AttributeData> FindAll(ISymbol symbol, string name) => symbol.GetAttributes().Where(attribute =>
        attribute.AttributeClass is { ContainingNamespace: { Name: "PruneGen", ContainingNamespace.IsGlobalNamespace: true } } type && type.Name == name);

    private static ITypeSymbol TypeOf(ISymbol member) => (member as IFieldSymbol)?.Type ?? ((IPropertySymbol)member).Type;

    /// <summary>The layer that <c>[CoupledWith]</c> names; null where it names none, which has been reported.</summary>
    private Coupling? Coupled(AttributeData attribute, ISymbol owner)
    {
        if (attribute.ConstructorArguments is not [{ Value: string written }])
        {
            context.IsBroken = true;
            return null;
        }

        var site = context.Sites.Add(Syntax(attribute)?.ArgumentList?.Arguments.FirstOrDefault()?.Expression.GetLocation() ?? Location(attribute));
        var names = written.Split(new[] { '.' }, 2);
        ISymbol? other = null;
        for (INamedTypeSymbol? type = context.Type; other is null && type is not null && !torch.IsTorch(type); type = type.BaseType)
        {
            other = type.GetMembers(names[0]).FirstOrDefault(member => member is IFieldSymbol or IPropertySymbol);
        }

        var problem = other is null ? $"but '{context.Type.Name}' has no member '{names[0]}'"
            : !torch.IsModule(TypeOf(other)) ? $"which is of type {TypeOf(other).ToDisplayString(SymbolDisplayFormat.MinimallyQualifiedFormat)} and not a layer"
            : names.Length == 1 && SymbolEqualityComparer.Default.Equals(other, owner) ? "which is itself"
            : null;
        if (problem is null)
        {
            return new Coupling(layers.PathOf(other!) + written.Substring(names[0].Length), written, site);
        }

        context.Report(RuleIds.BadCoupling, site, owner.Name, written, problem, context.Type.Name);
        return null;
    }

    private PruneSettings Settings(AttributeData attribute, string owner, bool isClass)
    {
        TypedConstant? Named(string name) =>
            attribute.NamedArguments.Where(argument => argument.Key == name && argument.Value.Kind != TypedConstantKind.Error)
                .Select(argument => (TypedConstant?)argument.Value)
                .FirstOrDefault();
        var ratio = Named("Ratio")?.Value as double?;
        var minWidth = Named("MinWidth")?.Value as int?;
        var roundTo = Named("RoundTo")?.Value as int?;
        var threshold = Named("Threshold")?.Value as double?;
        Require(ratio is null or (>= 0 and < 1), attribute, "Ratio", owner, ratio, "give a number from 0 to below 1; 0.5 removes half");
        Require(minWidth is null or >= 1, attribute, "MinWidth", owner, minWidth, "give 1 or more");
        Require(roundTo is null or >= 1, attribute, "RoundTo", owner, roundTo, "give 1 (no rounding) or more, such as 8");
        Require(
            threshold is null || !double.IsInfinity(threshold.Value),
            attribute,
            "Threshold",
            owner,
            threshold,
            "give a finite number, or leave it out to go by the ratio");

        var verify = Named("Verify")?.Value as bool?;
        Require(isClass || verify is null, attribute, "Verify", owner, verify, "put it on the class of the model that is pruned, which is checked as a whole");

        var saysGranularity = Syntax(attribute)?.ArgumentList?.Arguments.Any(argument => argument.NameEquals is null) == true;
        return new PruneSettings(
            saysGranularity && attribute.ConstructorArguments is [{ Kind: not TypedConstantKind.Error } granularity] ? Literals.Constant(granularity) : null,
            ratio,
            Named("Criterion") is { } criterion ? Literals.Constant(criterion) : null,
            Named("Scope") is { } scope ? Literals.Constant(scope) : null,
            threshold is double t && !double.IsNaN(t) ? t : null,
            minWidth,
            roundTo)
        {
            Verify = isClass ? verify : null,
        };
    }

    private void Require(bool holds, AttributeData attribute, string name, string owner, object? value, string remedy)
    {
        if (holds)
        {
            return;
        }

        var argument = Syntax(attribute)?.ArgumentList?.Arguments.FirstOrDefault(argument => argument.NameEquals?.Name.Identifier.ValueText == name);
        context.Report(
            RuleIds.InvalidSetting,
            context.Sites.Add(argument?.GetLocation() ?? Location(attribute)),
            name,
            owner,
            Convert.ToString(value, CultureInfo.InvariantCulture),
            remedy);
    }

    private AttributeSyntax? Syntax(AttributeData attribute) => attribute.ApplicationSyntaxReference?.ReadBy(context) as AttributeSyntax;

    private Location? Location(AttributeData attribute) => Syntax(attribute)?.GetLocation();
}
