using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;
using PruneGen.Generator.Emission;
using PruneGen.Generator.Model;

namespace PruneGen.Generator.Parsing;

/// <summary>
/// Objects of the user's own that hold no tensors: settings, strategies, helpers. What their methods do to the tensors that they are given is read with what
/// the live object holds.
/// </summary>
internal sealed class ObjectReader(Reading reading) : Reader(reading)
{
    /// <summary>What the method that is being read runs on, where that is such an object.</summary>
    public CodeValue? Self => Frames.Peek().This is CodeValue self && IsPlain(self.Type) ? self : null;

    /// <summary>Whether a type is one whose objects hold no tensors, and are of the user's own.</summary>
    public bool IsPlain(ITypeSymbol? type) =>
        type is INamedTypeSymbol { IsGenericType: false, TypeKind: TypeKind.Class or TypeKind.Struct or TypeKind.Interface } named
            && !named.DeclaringSyntaxReferences.IsEmpty && !Torch.IsModule(type) && !Torch.IsTensor(type)
            && !Types.CarriesTensors(type) && !type.AllInterfaces.Any(Types.CarriesTensors);

    /// <summary>The object that a method is called on, as something whose method can be read.</summary>
    public CodeValue Of(CodeValue held, IInvocationOperation call) =>
        held.Code.IsPath ? held : held with { Code = Bindings.NewLocal(call.TargetMethod.ContainingType.Name, held.Code, isSize: false) };

    /// <summary>Whether what a method of such an object answers goes by what changes from call to call.</summary>
    public bool GoesByCalls(IMethodSymbol method, IInvocationOperation? call = null)
    {
        var touched = Kept.Changes(method, keepsThis: true, Live.KeptBy(call));
        return touched.Asks
            || touched.Reads.Keys.Any(read => touched.Changes.ContainsKey(read) || Live.WillChange(read) || Effects.Elsewhere.Contains(read));
    }

    /// <summary>Whether a method of such an object gives one of its members a value, and nothing else: it counts, and nothing goes by what it counts.</summary>
    public bool Counts(IOperation operation) => Self is not null && operation.Parent is IExpressionStatementOperation && operation switch
    {
        IAssignmentOperation { Target: var target } => IsOwn(target),
        IIncrementOrDecrementOperation { Target: var target } => IsOwn(target),
        _ => false,
    };

    private bool IsOwn(IOperation target) => target is IMemberReferenceOperation { Instance: IInstanceReferenceOperation } own
        && !Torch.IsModule(own.Type) && !Types.MayCarryTensors(own.Type);

    /// <summary>What is counted is not known from here on.</summary>
    public ParsedValue Count(IOperation counting)
    {
        Effects.Elsewhere.UnionWith(counting.ChildOperations.OfType<IMemberReferenceOperation>().Select(target => target.Member.OriginalDefinition));
        return Repeats.FollowParts(counting) ? ParsedValue.Other : ParsedValue.Broken;
    }

    /// <summary>A member of such an object, which one of its own methods names.</summary>
    public ParsedValue Part(CodeValue self, IMemberReferenceOperation reference, ISymbol member)
    {
        var type = reference.Type!;
        if (member is IPropertySymbol { GetMethod: { } asked } property && LayerParser.BackingField(property) is null
            && (Torch.IsModule(type) || Uses.TellsWidth(asked) || Members.GoesByState(reference)))
        {
            return Overrides.Getter(property, self, reference.Instance) is { } getter ? Records.GetterOf(getter, self) : Unsupported(reference);
        }

        // Anything may be in what is declared as object.
        if (type is { SpecialType: SpecialType.System_Object } or IDynamicTypeSymbol || Types.CarriesTensors(type))
        {
            return Unsupported(reference);
        }

        return Members.IsReachable(member) ? Valued(CodeOf(self, member), type)
            : Hidden(self, member.ContainingType, member.MetadataName, type, reference, MemberReader.Private(member));
    }

    /// <summary>How generated code writes a member of such an object, which may be declared as of an interface or of a class below.</summary>
    public static Expression CodeOf(CodeValue self, ISymbol member) =>
        (SymbolEqualityComparer.Default.Equals(self.Type, member.ContainingType) ? self.Code : new Cast(NameOf(member.ContainingType), self.Code))
            .Member(Identifiers.Escape(member.Name));

    /// <summary>A parameter of its class's constructor, which one of its methods names: the compiler keeps it in a field.</summary>
    public ParsedValue Held(CodeValue self, IParameterSymbol parameter, IOperation operation) => Hidden(
        self,
        parameter.ContainingType,
        $"<{parameter.Name}>P",
        parameter.Type,
        operation,
        new Problem($"'{parameter.Name}', which {parameter.ContainingType.Name} is created with", "keep it in a field"));

    private ParsedValue Hidden(CodeValue self, INamedTypeSymbol owner, string member, ITypeSymbol type, IOperation operation, Problem problem) =>
        Types.CarriesTensors(type) || Types.Translate(type) is not { } name || !Members.IsReachable(owner) ? Unsupported(operation, problem)
            : Valued(
                new Cast(
                    name,
                    new NotNull(
                        new Named("global::PruneGen.LiveObjects").Method(
                            "Hidden", self.Code, new Named($"typeof({NameOf(owner)})"), new TextArgument(member)))),
                type);

    private ParsedValue Valued(Expression code, ITypeSymbol type) =>
        NumberTypes.IsNumberLike(type) ? new ArgumentValue(new MemberArgument(code)) : Writer.Typed(code, type);

    /// <summary>A method that several classes of the project have: the live object decides which body counts. Null where one of them cannot be named.</summary>
    public ParsedValue? CallOneOf(IInvocationOperation call, CodeValue self)
    {
        var ways = Overrides.WaysOfEach(call.TargetMethod, self.Type);
        if (ways.Count == 0
            || call.Arguments.Any(argument => argument.Parameter!.RefKind is RefKind.Out or RefKind.Ref)
            || ways.Any(way => Frames.Any(frame => SymbolEqualityComparer.Default.Equals(frame.Method, way.Method))))
        {
            return null;
        }

        var given = call.Arguments.Select(argument => (argument.Parameter!.Ordinal, Evaluate(argument.Value))).ToList();
        return ways.Count == 1 ? Read(ways[0]) : Choices.OneOf(
            [.. ways.Select((way, i) => (i < ways.Count - 1 ? Asked(way.Class) : null, (Func<ParsedValue>)(() => Read(way))))], call);

        Expression Asked(INamedTypeSymbol type) => new IsNull(new Cast(NameOf(type) + (type.IsValueType ? "?" : ""), self.Code, OrNull: true), Not: true);

        ParsedValue Read((INamedTypeSymbol Class, IMethodSymbol Method) way)
        {
            var cast = new Cast(NameOf(way.Class), self.Code);
            var one = Torch.IsModule(way.Class) ? Writer.Typed(cast, way.Class) : self with { Code = cast, Type = way.Class, IsExact = true };
            return Overrides.RequireWhereOpen(way.Method, one, (INamedTypeSymbol)self.Type)
                ? Methods.ReadInPlace(way.Method, one, given)
                : Unsupported(call, OverrideResolver.Replaceable(call.TargetMethod));
        }
    }

    private static string NameOf(INamedTypeSymbol type) => type.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat);
}
