using System.Globalization;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using PruneGen.Generator.Diagnostics;
using PruneGen.Generator.Emission;
using PruneGen.Generator.Model;

namespace PruneGen.Generator.Parsing;

/// <summary>Reads what attributes say of a model and its members, and checks their values.</summary>
internal sealed partial class AnnotationParser
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

    /// <summary>What makes a class a model: <c>[Prunable]</c>, or <c>[Exportable]</c> alone; null where neither stands on it.</summary>
    public static AttributeData? FindModel(ISymbol type) => Find(type, "PrunableAttribute") ?? Find(type, "ExportableAttribute");

    /// <summary>What <c>[Prunable]</c> on the class says, and where it stands.</summary>
    public (PruneSettings Settings, int Site) ReadClass() => FindModel(context.Type) is not { } attribute
        ? (PruneSettings.None, context.Sites.Add(location: null))
        : (IsOfPruning(attribute) ? OfModel(attribute) : PruneSettings.None, context.Sites.Add(Location(attribute)));

    private PruneSettings OfModel(AttributeData attribute) =>
        WithCoding(WithBudget(Settings(attribute, context.Type.Name, isClass: true)), context.Type, isClass: true);

    /// <summary>How far the class is exported.</summary>
    public ExportWish ReadExport() => Find(context.Type, "ExportableAttribute") is null ? ExportWish.None
        : Find(context.Type, "PrunableAttribute") is null ? ExportWish.Alone
        : ExportWish.Beside;

    private static bool IsOfPruning(AttributeData attribute) => attribute.AttributeClass?.Name == "PrunableAttribute";

    /// <summary>The same with what <c>[Budget]</c> on the class says.</summary>
    private PruneSettings WithBudget(PruneSettings settings)
    {
        if (Find(context.Type, "BudgetAttribute") is not { } attribute)
        {
            return settings;
        }

        var owner = context.Type.Name;
        var given = Given(attribute).Where(argument => argument.Value.Value is not (double.NaN or null or 0L))
            .ToDictionary(argument => argument.Key, argument => argument.Value);
        foreach (var (name, constant) in given.Select(argument => (argument.Key, argument.Value)))
        {
            var absolute = name.StartsWith("Max", StringComparison.Ordinal) && name != "MaxErrorIncrease";
            var (holds, remedy) = (name, constant.Value) switch
            {
                ("MaxErrorIncrease", double rise) => (rise >= 0 && !double.IsInfinity(rise), "give 0 or more, such as 0.005 for half a point"),
                ("LatencyBatchSize", int size) => (size >= 1, "give 1 or more"),
                ("LatencyFile", _) => (true, ""),
                (_, double most) when absolute => (most > 0 && !double.IsInfinity(most), "give a number above 0"),
                (_, long most) => (most > 0, "give a number above 0"),
                (_, double share) => (share is > 0 and <= 1, $"give a share above 0 and up to 1, such as 0.3, or Max{name} for a number"),
                _ => (true, ""),
            };
            Require(holds, attribute, name, owner, constant.Value, remedy);
            Require(
                !absolute || !given.ContainsKey(name.Substring("Max".Length)), attribute, name, owner, constant.Value,
                $"{(absolute ? name.Substring("Max".Length) : name)} is given, too: give a share of the dense original or a number, not both");
        }

        Require(
            given.Keys.Any(name => name is not ("LatencyBatchSize" or "LatencyFile")), attribute, "Budget", owner, "empty",
            "give Macs, Parameters, Bytes, Latency, BitOperations, StoredBytes, one of them with Max before it, or MaxErrorIncrease");
        var limits = string.Join(", ", given.Select(limit => $"{limit.Key} = {Literals.Constant(limit.Value)}"));
        return settings with { OfModel = settings.OfModel.Append(new NamedText("Budget", $"new() {{ {limits} }}")).ToEquatable() };
    }

    /// <summary>What <c>[Retrain]</c> on the class says, each setting as C#.</summary>
    public EquatableArray<NamedText> ReadRetrain()
    {
        if (Find(context.Type, "RetrainAttribute") is not { } attribute)
        {
            return [];
        }

        foreach (var argument in attribute.NamedArguments)
        {
            var (name, value) = (argument.Key, argument.Value.Kind == TypedConstantKind.Array ? null : argument.Value.Value);
            var (holds, remedy) = (name, value) switch
            {
                ("Epochs", int n) => (n >= 0, "give 0 or more"),
                ("LearningRate", double rate) => (rate > 0 && !double.IsInfinity(rate), "give a number above 0, such as 1e-3"),
                ("Momentum", double m) => (m is >= 0 and < 1, "give a number from 0 to below 1, such as 0.9"),
                ("MaxGradientNorm", double norm) => (norm > 0, "give a number above 0, such as 1, or leave it out for no limit"),
                ("Temperature", double t) => (t > 0 && !double.IsInfinity(t), "give a number above 0, such as 4"),
                ("DistillWeight", double w) => (w is >= 0 and <= 1, "give a number from 0 to 1, such as 0.9"),
                ("WeightDecay", double d) => (d >= 0 && !double.IsInfinity(d), "give 0 or more, such as 5e-4"),
                _ => (true, ""),
            };
            Require(holds, attribute, name, context.Type.Name, value, remedy);
        }

        return Given(attribute).Select(argument => argument.Key == "CallbackTypes"
            ? new NamedText("Callbacks", Callbacks(attribute, argument.Value))
            : new NamedText(argument.Key, Literals.Constant(argument.Value)))
            .Where(setting => setting is not { Name: "MaxGradientNorm", Text: "double.PositiveInfinity" })
            .ToEquatable();
    }

    private string Callbacks(AttributeData attribute, TypedConstant types)
    {
        var made = (types.IsNull ? Enumerable.Empty<TypedConstant>() : types.Values).Select(value => value.Value).OfType<ITypeSymbol>()
            .Select(type => Made(attribute, context.Type.Name, "CallbackTypes", "TrainingCallback", type))
            .OfType<ChosenMethod>().Select(callback => callback.Text);
        return $"new global::PruneGen.TrainingCallback[] {{ {string.Join(", ", made)} }}";
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
                var coding = Find(member, "ShareWeightsAttribute") ?? Find(member, "QuantizeAttribute");
                if ((prunable ?? keep ?? coupled.FirstOrDefault() ?? coding ?? axes) is not { } attribute)
                {
                    continue;
                }

                var memberType = TypeOf(member);
                var name = attribute.AttributeClass!.Name.Replace("Attribute", "");
                var site = context.Sites.Add(Location(attribute));
                if (memberType.TypeKind == TypeKind.Error)
                {
                    context.Break(site);
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
                        WithCoding(prunable is null ? PruneSettings.None : Settings(prunable, member.Name, isClass: false), member, isClass: false),
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
        var site = context.Sites.Add(Syntax(attribute)?.ArgumentList?.Arguments.FirstOrDefault()?.Expression.GetLocation() ?? Location(attribute));
        if (attribute.ConstructorArguments is not [{ Kind: TypedConstantKind.Primitive, Value: var value }])
        {
            context.Break(site);
            return null;
        }

        var written = (string?)value ?? "";
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
        var given = Given(attribute);
        T? Number<T>(string name, Func<T, bool> isAllowed, string remedy)
            where T : struct
        {
            var value = given.TryGetValue(name, out var constant) ? constant.Value as T? : null;
            Require(value is null || isAllowed(value.Value), attribute, name, owner, value, remedy);
            return value;
        }

        var saysGranularity = Syntax(attribute)?.ArgumentList?.Arguments.Any(argument => argument.NameEquals is null) == true;
        TypedConstant? granularity = saysGranularity && attribute.ConstructorArguments is [{ Kind: not TypedConstantKind.Error } one] ? one : null;
        var chosen = GranularityOf(attribute, owner, granularity);
        var weightThreshold = Number<double>(
            "WeightThreshold", number => double.IsNaN(number) || number is >= 0 and < double.PositiveInfinity, "give 0 or more");
        weightThreshold = weightThreshold is double w && !double.IsNaN(w) ? w : null;
        Require(
            weightThreshold is null || chosen?.IsOfWeights != true, attribute, "WeightThreshold", owner, weightThreshold,
            $"it goes beside whole channels; with {chosen?.Name ?? "a granularity of weights"} give Threshold");
        var threshold = Number<double>("Threshold", number => !double.IsInfinity(number), "give a finite number, or leave it out to go by the ratio");
        return new PruneSettings(
            chosen,
            Number<double>("Ratio", number => number is >= 0 and < 1, "give a number from 0 to below 1; 0.5 removes half"),
            Number<int>("Keep", number => number >= 0, "give 1 or more, or leave it out to go by the ratio") is int keep and > 0 ? keep : null,
            ChoiceOf(attribute, owner, Of("Criterion"), "CriterionType", "ImportanceCriterion"),
            ChoiceOf(attribute, owner, Of("Scope"), "ScopeType", "RankingScope"),
            threshold is double t && !double.IsNaN(t) ? t : null,
            Of("ThresholdRule") is { } rule ? Named(attribute, owner, rule) : null,
            Number<int>("MinWidth", number => number >= 1, "give 1 or more"),
            Number<int>("RoundTo", number => number >= 1, "give 1 (no rounding) or more, such as 8"))
        {
            WeightThreshold = weightThreshold,
            OfModel = OfModel().ToEquatable(),
        };

        TypedConstant? Of(string name) => given.TryGetValue(name, out var constant) ? constant : null;

        // In the order in which the options declare them.
        IEnumerable<NamedText> OfModel()
        {
            var budget = Number<double>("ErrorBudget", _ => true, "") is double rise && !double.IsNaN(rise) ? rise : (double?)null;
            foreach (var name in new[]
            {
                "AllocatorType", "Allocator", "ScheduleType", "Schedule", "Rounds", "ErrorBudget", "Verify", "ScoringSamples", "MeasureLatency",
            })
            {
                if (Of(name) is not { } constant)
                {
                    continue;
                }

                const string OneSchedule = "give either a ScheduleType, which has rounds of its own, or Schedule and Rounds";
                const string Whole = "put it on the class of the model that is pruned, which is asked for it as a whole";
                Require(isClass, attribute, name, owner, Literals.Constant(constant), Whole);
                switch (name)
                {
                    case "AllocatorType" when Made(attribute, owner, name, "RatioAllocator") is { } allocator:
                        yield return new NamedText("Allocator", allocator.Text);
                        break;
                    case "Allocator" when Of("AllocatorType") is null:
                        yield return new NamedText(name, $"global::PruneGen.RatioAllocator.Of({Named(attribute, owner, constant, name).Text})");
                        break;
                    case "ScheduleType" when Made(attribute, owner, name, "PruneSchedule") is { } own:
                        yield return new NamedText("Schedule", own.Text);
                        break;
                    case "Schedule":
                        Require(Of("ScheduleType") is null, attribute, name, owner, Literals.Constant(constant), OneSchedule);
                        var schedule = Named(attribute, owner, constant, name);
                        var steps = Number<int>("Rounds", number => number >= 1, "give 1 or more") ?? (schedule.Name == "Gradual" ? 20 : 1);
                        yield return new NamedText(name, budget is null || schedule.Name != "ShallowToDeep"
                            ? $"global::PruneGen.PruneSchedule.Of({schedule.Text}, {Literals.Integer(steps)})"
                            : $"global::PruneGen.PruneSchedule.ShallowToDeep({Literals.Integer(steps)}, {Literals.Double(budget.Value)})");
                        break;
                    case "ErrorBudget" when budget is not null:
                        const string Rise = "give 0 or more, such as 0.01 for one in a hundred";
                        Require(budget is >= 0 and < double.PositiveInfinity, attribute, name, owner, budget, Rise);
                        Require(
                            Of("Schedule") is { } by && Named(attribute, owner, by, "Schedule").Name == "ShallowToDeep", attribute, name, owner, budget,
                            "give it with Schedule = SparsitySchedule.ShallowToDeep, which alone goes by it");
                        break;
                    case "Rounds" when Of("Schedule") is null && Number<int>(name, number => number >= 1, "give 1 or more") is >= 1 and int rounds:
                        Require(Of("ScheduleType") is null, attribute, name, owner, rounds, OneSchedule);
                        yield return new NamedText("Schedule", $"global::PruneGen.PruneSchedule.Iterative({Literals.Integer(rounds)})");
                        break;
                    case "ScoringSamples":
                        Number<int>(name, number => number >= 1, "give 1 or more, such as 1024");
                        yield return new NamedText(name, Literals.Constant(constant));
                        break;
                    case "Verify" or "MeasureLatency":
                        yield return new NamedText(name, Literals.Constant(constant));
                        break;
                }
            }
        }
    }

    private static Dictionary<string, TypedConstant> Given(AttributeData attribute) =>
        attribute.NamedArguments.Where(argument => argument.Value.Kind != TypedConstantKind.Error)
            .ToDictionary(argument => argument.Key, argument => argument.Value);

    /// <summary>A class of the user's where one is given, else what a name stands for; null for neither.</summary>
    private ChosenMethod? ChoiceOf(AttributeData attribute, string owner, TypedConstant? named, string typeSetting, string seam) =>
        Made(attribute, owner, typeSetting, seam) ?? (named is { } constant ? Named(attribute, owner, constant) : null);

    /// <summary>A granularity: a class of the user's, or a name with its numbers.</summary>
    private ChosenMethod? GranularityOf(AttributeData attribute, string owner, TypedConstant? named)
    {
        var chosen = ChoiceOf(attribute, owner, named, "GranularityType", "PruneGranularity");
        if (!Given(attribute).TryGetValue("Sizes", out var given) || given.Values is not { IsDefaultOrEmpty: false } values)
        {
            return chosen;
        }

        var sizes = values.Select(value => value.Value as int? ?? 0).ToArray();
        var problem = (chosen?.Name, sizes) switch
        {
            ("NOfM", [var n, var m]) => n >= 1 && n <= m ? null : "give an N from 1 to M, such as 2 and 4",
            ("NOfM", _) => "give N and M, such as 2 and 4",
            ("Block" or "SuperBlock", [var rows, var columns]) => rows >= 1 && columns >= 1 ? null : "give rows and columns of 1 or more, such as 4 and 4",
            ("Block" or "SuperBlock", _) => "give rows and columns, such as 4 and 4",
            ("Pattern", [var patterns]) => patterns is >= 1 and <= 56 ? null : "give 1 to 56 patterns, such as 8",
            ("Pattern", _) => "give the number of patterns, such as 8",
            _ => "leave it out, or name a granularity that takes sizes: NOfM, Block, SuperBlock or Pattern",
        };
        Require(problem is null, attribute, "Sizes", owner, $"[{string.Join(", ", sizes)}]", problem ?? "");
        var arguments = string.Join(", ", sizes.Select(size => Literals.Integer(size)).Prepend(chosen?.Text));
        return problem is null ? chosen! with { Text = $"global::PruneGen.PruneGranularity.Of({arguments})", Sizes = sizes.ToEquatable() } : chosen;
    }

    private ChosenMethod Named(AttributeData attribute, string owner, TypedConstant constant, string? setting = null)
    {
        var names = constant.Type!.GetMembers().OfType<IFieldSymbol>().Where(field => field.HasConstantValue).ToList();
        var name = names.FirstOrDefault(field => Equals(field.ConstantValue, constant.Value))?.Name;
        var remedy = $"give one of {string.Join(", ", names.Select(field => field.Name))}";
        Require(name is not null, attribute, setting ?? constant.Type.Name, owner, constant.Value, remedy);
        return new ChosenMethod(Literals.Constant(constant), name, IsOfWeights: name is not (null or "Structured" or "AttentionHead" or "HeadWidth"));
    }

    /// <summary>An object of a class that an attribute names; null where it names none, or one that cannot be made, which is reported.</summary>
    private ChosenMethod? Made(AttributeData attribute, string owner, string setting, string seam) =>
        Given(attribute).TryGetValue(setting, out var constant) && constant.Value is ITypeSymbol type ? Made(attribute, owner, setting, seam, type) : null;

    private ChosenMethod? Made(AttributeData attribute, string owner, string setting, string seam, ITypeSymbol type)
    {
        foreach (var reference in type.DeclaringSyntaxReferences)
        {
            context.Files.Add(reference.SyntaxTree);
        }

        var bases = new List<string>();
        for (var above = type.BaseType; above is not null; above = above.BaseType)
        {
            if (above is { ContainingNamespace: { Name: "PruneGen", ContainingNamespace.IsGlobalNamespace: true } })
            {
                bases.Add(above.Name);
            }
        }

        var canBeMade = bases.Contains(seam)
            && type is INamedTypeSymbol { IsAbstract: false, IsUnboundGenericType: false } named
            && context.Compilation.IsSymbolAccessibleWithin(named, context.Type)
            && named.InstanceConstructors.Any(
                constructor => constructor.Parameters.IsEmpty && context.Compilation.IsSymbolAccessibleWithin(constructor, context.Type));
        Require(
            canBeMade, attribute, setting, owner, type.ToDisplayString(SymbolDisplayFormat.MinimallyQualifiedFormat),
            $"give a class that derives from {seam}, and has a constructor without parameters that {context.Type.Name} can call");
        var name = type.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat);
        return canBeMade ? new ChosenMethod($"new {name}()", Name: null, bases.Contains("WeightGranularity")) : null;
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
