using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;
using PruneGen.Generator.Diagnostics;
using PruneGen.Generator.Model;

namespace PruneGen.Generator.Parsing;

/// <summary>Expressions: what each stands for, and the steps that it leaves.</summary>
internal sealed class ExpressionReader(Reading reading) : Reader(reading)
{
    private const int DeepestExpression = 500;
    private int depth;

    public ParsedValue Read(IOperation operation)
    {
        if (depth == DeepestExpression)
        {
            return Unsupported(operation, RuleIds.UnsupportedExpression, $"more than {DeepestExpression} calls inside each other");
        }

        depth++;
        var outer = Evaluating;
        Evaluating = (operation, Mark());
        var value = EvaluateAny(operation);
        Evaluating = outer;
        depth--;
        return IsOpen(value) && IsChangedBehind(operation) ? AsOfNow(value, operation) : value;
    }

    private ParsedValue EvaluateAny(IOperation operation)
    {
        if ((Dynamics.ValueAt(operation) ?? Places.ValueAt(operation)) is { } read)
        {
            return read;
        }

        if (operation.ConstantValue.HasValue)
        {
            return Constant(operation);
        }

        if (Live.IsLive(operation))
        {
            return Live.Told(operation);
        }

        if (Live.IsChanged(operation))
        {
            return Unsupported(operation, LiveReader.Changed(operation));
        }

        switch (operation)
        {
            case ITranslatedQueryOperation query:
                return Queries.Read(query);
            case IParameterReferenceOperation
                or IPropertyReferenceOperation
                    when operation.Syntax is IdentifierNameSyntax && Context.Symbol(operation.Syntax) is IRangeVariableSymbol variable:
                return Lookup(variable, operation);
            case IRangeOperation range:
                return Indices.RangeOf(range);
            case IInvocationOperation
                or IMemberReferenceOperation
                    when Indices.IsIndex(operation.Type)
                        && Indices.IsIndex(
                            (operation as IInvocationOperation)?.TargetMethod.ContainingType
                                ?? (operation as IMemberReferenceOperation)?.Member.ContainingType):
                return Indices.Slice(operation) is { } slice ? new IndexValue(slice)
                    : Context.HasErrors || Context.IsBroken ? ParsedValue.Broken
                    : Unsupported(operation);
            case IConversionOperation conversion:
                return Conversion(conversion);
            case IParenthesizedOperation inner:
                return Evaluate(inner.Operand);
            case IInstanceReferenceOperation { ReferenceKind: InstanceReferenceKind.ContainingTypeInstance }:
                return Frames.Peek().This ?? Unsupported(operation);
            case IConditionalAccessInstanceOperation when Choices.ConditionalInstances.Count > 0:
                return Choices.ConditionalInstances.Peek().Value;
            case ILocalReferenceOperation local:
                return Lookup(local.Local, local);
            case IParameterReferenceOperation parameter:
                return Lookup(parameter.Parameter, parameter);
            case IFieldReferenceOperation field:
                return Members.Member(field, field.Field);
            case IPropertyReferenceOperation property:
                return Members.Property(property);
            case IInvocationOperation call:
                return Calls.Call(call);
            case IDynamicInvocationOperation or IDynamicMemberReferenceOperation or IDynamicIndexerAccessOperation:
                return Dynamics.Read(operation);
            case IAssignmentOperation or IIncrementOrDecrementOperation when Objects.Counts(operation):
                return Objects.Count(operation);
            case ISimpleAssignmentOperation assignment when Created.Assign(assignment) is { } given:
                return given;
            case ISimpleAssignmentOperation assignment:
                return Places.Told(assignment.Target, [assignment.Value], () => Assign(assignment.Target, Evaluate(assignment.Value), assignment));
            case ICompoundAssignmentOperation compound:
                return Places.Told(
                    compound.Target,
                    [compound.Value],
                    () => Assign(compound.Target, Operators.Binary(compound.OperatorKind, compound.Target, compound.Value, compound), compound));
            case ICoalesceAssignmentOperation coalesce:
                return Places.Told(coalesce.Target, [coalesce.Value], () => Choices.CoalesceAssignment(coalesce));
            case IDeconstructionAssignmentOperation deconstruction:
                return Places.Told(deconstruction.Target, [deconstruction.Value], () => Deconstructions.Deconstruct(deconstruction));
            case IIncrementOrDecrementOperation step
                when step.Target is IMemberReferenceOperation { Instance: not (IInstanceReferenceOperation or ILocalReferenceOperation
                    or IParameterReferenceOperation) } && Effects.IsQuiet(step):
                return Repeats.Untold(step);
            case IIncrementOrDecrementOperation step:
                return Places.Told(step.Target, [], () => Step(step));
            case IBinaryOperation binary:
                return Operators.Binary(binary.OperatorKind, binary.LeftOperand, binary.RightOperand, binary);
            case IUnaryOperation unary:
                return Operators.Unary(unary);
            case IConditionalOperation choice:
                return Choices.Ternary(choice);
            case ICoalesceOperation coalesce:
                return Choices.Coalesce(coalesce);
            case IConditionalAccessOperation access:
                return Choices.ConditionalAccess(access);
            case ISwitchExpressionOperation choice:
                return Switches.SwitchExpression(choice);
            case IArrayElementReferenceOperation element:
                return Collections.Element(element);
            case IArrayCreationOperation { Initializer: { } list }:
                return Collections.List(list.ElementValues, operation);
            case IObjectCreationOperation creation:
                return Collections.Creation(creation);
            case IIsPatternOperation { Value: var named, Pattern: IDeclarationPatternOperation { MatchesNull: true, DeclaredSymbol: { } name } }:
                return Bindings.Begin(name, Evaluate(named)) ? new ArgumentValue(new FlagArgument(true)) : ParsedValue.Broken;
            case IIsPatternOperation test when Patterns.OfNothing(test) is { } never:
                return never;
            case IIsPatternOperation test when Patterns.IntoRecord(test.Pattern) is { } inside:
                return Unsupported(inside, PatternReader.NotInto(inside));
            case IIsPatternOperation test when Patterns.Test(test) is { } matches:
                return matches;
            case IIsPatternOperation { Pattern: IDeclarationPatternOperation or ITypePatternOperation } test
                when Patterns.OfType(Conditions.Attempt(test.Value), test.Value.Type, test.Pattern, isNot: false) is { } known:
                return known;
            case IIsPatternOperation { Pattern: INegatedPatternOperation { Pattern: IDeclarationPatternOperation or ITypePatternOperation } not } test
                when Patterns.OfType(Conditions.Attempt(test.Value), test.Value.Type, not.Pattern, isNot: true) is { } known:
                return known;
            case IIsPatternOperation { Pattern: IRecursivePatternOperation { DeconstructionSubpatterns.IsEmpty: true,
                PropertySubpatterns.IsEmpty: true } any } test when Patterns.IsThere(test, any, isNot: false) is { } there:
                return there;
            case IIsPatternOperation { Pattern: INegatedPatternOperation { Pattern: IRecursivePatternOperation { DeconstructionSubpatterns.IsEmpty: true,
                PropertySubpatterns.IsEmpty: true } any } } test when Patterns.IsThere(test, any, isNot: true) is { } there:
                return there;
            case IIsPatternOperation { Pattern: IConstantPatternOperation { Value.ConstantValue: { HasValue: true, Value: null } } } test:
                return Operators.NullTest(Evaluate(test.Value), test.Value.Type, isNull: true);
            case IIsPatternOperation { Pattern: INegatedPatternOperation { Pattern: IConstantPatternOperation { Value.ConstantValue: { HasValue: true,
                Value: null } } } } test:
                return Operators.NullTest(Evaluate(test.Value), test.Value.Type, isNull: false);
            case ITupleOperation tuple:
                return Collections.Tuple(tuple.Elements, tuple.Type);
            case IAnonymousFunctionOperation lambda:
                return Captures.Made(lambda.Symbol, Frames.Peek().This);
            case IDelegateCreationOperation creation:
                return Evaluate(creation.Target);
            case IMethodReferenceOperation method:
                return Overrides.MethodValue(method, method.Instance is null ? null : Evaluate(method.Instance));
            case IDefaultValueOperation:
                return operation.Type is { IsValueType: true, OriginalDefinition.SpecialType: not SpecialType.System_Nullable_T } type && !Torch.IsTensor(type)
                    ? Repeats.Repeated(operation)
                    : new ArgumentValue(new NullArgument());
            case IDiscardOperation or ITypeOfOperation or INameOfOperation:
                return operation is IDiscardOperation ? ParsedValue.Other : Repeats.Repeated(operation);
            case IWithOperation with:
                return Records.With(with);
            case IThrowOperation:
                Methods.Throw();
                return new ArgumentValue(new NullArgument());
            case IInvalidOperation:
                Context.Break(operation.Syntax);
                return ParsedValue.Broken;
        }

        // The operation of a collection expression has a type of its own only in later compilers than the one built against.
        if (operation.Syntax is CollectionExpressionSyntax collection)
        {
            return Collections.Collection(collection, operation);
        }

        // An array on the stack holds what any other does.
        if (operation.Syntax is StackAllocArrayCreationExpressionSyntax { Initializer: { } cells, Type: ArrayTypeSyntax array }
            && Context.TypeOf(array.ElementType) is { } ofEach)
        {
            return Collections.List(
                cells.Expressions.Select(Context.Operation).OfType<IOperation>(), operation, Context.Compilation.CreateArrayTypeSymbol(ofEach));
        }

        return Repeats.Repeated(operation);
    }

    private static ParsedValue Constant(IOperation operation)
    {
        var constant = Constants.Of(operation.ConstantValue.Value);
        return constant.IsKnown ? new ArgumentValue(constant)
            : operation.Type is { } type ? new CodeValue(ConstantCode(operation.ConstantValue.Value, type), type)
            : ParsedValue.Other;
    }

    private static Expression ConstantCode(object? constant, ITypeSymbol type) => constant switch
    {
        string text => new TextArgument(text),
        double fraction
            when type.SpecialType == SpecialType.System_Double && !double.IsNaN(fraction) && !double.IsInfinity(fraction) => new FractionArgument(fraction),
        _ => new Literal(Emission.Literals.Value(constant, type)),
    };

    private ParsedValue Conversion(IConversionOperation conversion)
    {
        var value = Evaluate(conversion.Operand);
        if (Calls.CallOperator(conversion.OperatorMethod, [value], conversion) is { } converting)
        {
            return converting;
        }

        switch (value)
        {
            // What a conversion of the user's own makes, generated code is told by calling it; so of .NET's what makes a number.
            case CodeValue or ArgumentValue { Argument: { IsKnown: true } and not (NullArgument or ListArgument) }
                when conversion is { OperatorMethod: { } user, Type: { } becomes }
                && (CallReader.IsOwnOperator(user, Torch) || (value is CodeValue && NumberTypes.IsFraction(becomes) && !Torch.IsTorch(user))):
                return Types.Translate(becomes) is { } made
                    ? Writer.Typed(new Cast(made, value is CodeValue plain ? plain.Code : ((ArgumentValue)value).Argument.Plain), becomes)
                    : Unsupported(conversion);
            case LateValue or TensorValue when Dynamics.Converted(value, conversion) is { } converted:
                return converted;
            case CodeValue when conversion.Type is IDynamicTypeSymbol:
                return value;
            case LayerValue { Class: null } named when conversion.Type is IDynamicTypeSymbol && Dynamics.IsExact(conversion.Operand.Type):
                return named with { Class = conversion.Operand.Type };

            // A tensor of one number as that number, and a fraction out of one as a whole number.
            case TensorValue
                when (conversion.OperatorMethod is not null || conversion.Operand.Type is IDynamicTypeSymbol)
                    && (NumberTypes.IsNumber(conversion.Type) || NumberTypes.IsFraction(conversion.Type)):
                return Operations.Content(value, conversion);
            case ContentValue { Number: >= 0 and var content } fraction
                when NumberTypes.IsNumber(conversion.Type) && NumberTypes.IsFraction(conversion.Operand.Type):
                return fraction with { Number = Operations.Apply("trunc", [content], [], conversion).Number };

            // A number that becomes a tensor or a scalar has no dimensions.
            case ContentValue { Number: >= 0 and var content } when Torch.IsTensor(conversion.Type):
                return new TensorValue(content);
            case ContentValue or ContentsValue or OtherValue
                when Torch.IsTensor(conversion.Type) && (NumberTypes.IsNumber(conversion.Operand.Type) || NumberTypes.IsFraction(conversion.Operand.Type)):
                return Writer.NewTensor(new ScalarValue().Code, conversion);
            case ArgumentValue or CodeValue when conversion.OperatorMethod is not null && Torch.IsTorch(conversion.OperatorMethod):
                return conversion.Operand.Type is { } from && Types.CarriesTensors(from) ? value
                    : Torch.IsTensor(conversion.Type) && conversion.Operand.Type is IArrayTypeSymbol numbers
                        ? Operations.Apply(
                            "tensor", [], [new NamedArgument("rank", new NumberArgument(numbers.Rank)), .. Operators.Operand("data", value)], conversion)
                    : Torch.IsTensor(conversion.Type)
                        && value is not ArgumentValue { Argument: NullArgument }
                        ? new ScalarValue(Writer.NumberCode(value), IsZero(conversion.Operand))
                    : Torch.IsTensor(conversion.Type) ? value
                    : value;

            case ArgumentValue { Argument: { IsKnown: true } argument } when NumberTypes.IsFraction(conversion.Type) && argument is not NullArgument:
                return new CodeValue(new Cast(conversion.Type!.ToDisplayString(), argument.Plain), conversion.Type);

            case ArgumentValue when NumberTypes.IsFraction(conversion.Type):
                return ParsedValue.Other;

            // A smaller number, or one with a name of its own, is no size.
            case ArgumentValue { Argument: { IsKnown: true } small }
                when conversion is { OperatorMethod: null, Type: { } narrow }
                    && small is not (NullArgument or ListArgument)
                    && IsNarrow(narrow)
                    && !SymbolEqualityComparer.Default.Equals(narrow, conversion.Operand.Type)
                    && Types.Translate(narrow) is { } narrowed:
                return new CodeValue(WithOverflow(new Cast(narrowed, small.Plain), conversion), narrow);

            // What is no size keeps its casts: an index must be an int.
            case ArgumentValue { Argument: { IsKnown: true, IsSize: false } number }
                when conversion is { IsImplicit: false, OperatorMethod: null }
                    && NumberTypes.IsNumber(conversion.Type)
                    && number is not (NumberArgument or NullArgument or ListArgument)
                    && !SymbolEqualityComparer.Default.Equals(conversion.Type, conversion.Operand.Type):
                return new ArgumentValue(new CodeArgument(new Cast(conversion.Type!.ToDisplayString(), number)));

            // A fraction that becomes a number is computed by the generated code.
            case CodeValue { Code: var code } when NumberTypes.IsNumber(conversion.Type) && conversion.OperatorMethod is null:
                return new ArgumentValue(new CodeArgument(new Cast(conversion.Type!.ToDisplayString(), code)));

            case CodeValue { Code: var code, Made: null } held
                when conversion is { IsImplicit: false, OperatorMethod: null, Type: { } to } && !SymbolEqualityComparer.Default.Equals(held.Type, to):
                return SizeLists.AreSizes(conversion) ? held with { Code = new Cast(Types.TranslateSizes(to)!, code), Type = to }
                    : Types.Translate(to) is { } type ? Writer.Typed(new Cast(type, code), to) : Repeats.Repeated(conversion);

            // A layer as what it is known to be.
            case LayerValue { Reference: var reference } layer
                when conversion is { IsImplicit: false, Type: { } to } && (Torch.IsModule(to) || to.TypeKind == TypeKind.Interface):
                var cast = SymbolEqualityComparer.Default.Equals(to, conversion.Operand.Type) ? reference.As : Types.Translate(to) ?? "";
                if (conversion.IsTryCast && cast.Length > 0)
                {
                    reference = reference with { Code = new Cast(cast, reference.Code, OrNull: true), MayBeNull = true };
                    cast = "";
                }

                return layer with {
                    Reference = reference with { As = cast, NeedsCast = reference.NeedsCast || (cast.Length > 0 && to.TypeKind == TypeKind.Interface)
                        || (layer.Layer.Kind == LayerKind.Deferred && !Torch.DerivesFromModule(to) && !Torch.DerivesFromModule(conversion.Operand.Type)) } };

            case OtherValue when NumberTypes.IsNumber(conversion.Type):
                return new ArgumentValue(new UnknownArgument());

            default:
                return value;
        }
    }

    private static bool IsNarrow(ITypeSymbol type) => type.TypeKind == TypeKind.Enum
        || type.SpecialType is SpecialType.System_Byte
            or SpecialType.System_SByte
            or SpecialType.System_Int16
            or SpecialType.System_UInt16
            or SpecialType.System_UInt32
            or SpecialType.System_UInt64
            or SpecialType.System_Char
            or SpecialType.System_IntPtr
            or SpecialType.System_UIntPtr;

    /// <summary>A conversion that throws where it does not fit, or not, as it stands in the source.</summary>
    private Expression WithOverflow(Expression code, IConversionOperation conversion) =>
        conversion.IsChecked == Context.Compilation.Options.CheckOverflow
            ? code
            : new Call(new Named(conversion.IsChecked ? "checked" : "unchecked"), new[] { code }.ToEquatable());

    private static bool IsZero(IOperation operation) =>
        operation.ConstantValue is { HasValue: true, Value: IConvertible and not (string or bool or char) and var number }
            && Convert.ToDouble(number, System.Globalization.CultureInfo.InvariantCulture) == 0;

    private ParsedValue Lookup(ISymbol symbol, IOperation operation)
    {
        if (Bindings.Unknown.Contains(symbol))
        {
            return new ContentsValue();
        }

        if (Scope.ValueOf(symbol) is { } value)
        {
            return value;
        }

        if (symbol is ILocalSymbol { IsConst: true } or ILocalSymbol { HasConstantValue: true })
        {
            return Constant(operation);
        }

        if (symbol is IParameterSymbol parameter && LocalUse.IsKept(parameter, Frames.Peek().Method))
        {
            if (Objects.Self is { } self)
            {
                return Objects.Held(self, parameter, operation);
            }

            if (Frames.Peek().This is RecordValue or CodeValue && Frames.Peek().This is { } record)
            {
                return Records.Captured(record, parameter, operation);
            }
        }

        // Not assigned yet, which the compiler reports; or a constructor's parameter, which is gone by now.
        return Types.MayCarryTensors(operation.Type) ? Unsupported(operation) : new ArgumentValue(new UnknownArgument());
    }

    /// <summary>Whether the statement that reads a place gives it another value later on, as <c>w[i] + w[++i]</c> does.</summary>
    private bool IsChangedBehind(IOperation read)
    {
        if (PlaceReader.Of(read) is not { } place)
        {
            return false;
        }

        for (var (inner, outer) = (read, read.Parent); outer is not (null or { Syntax: StatementSyntax }); (inner, outer) = (outer, outer.Parent))
        {
            if (outer.ChildOperations.SkipWhile(child => child != inner).Skip(1).Any(later => later.DescendantsAndSelf().Any(Changes)))
            {
                return true;
            }
        }

        return false;

        bool Changes(IOperation part) => part switch
        {
            IAssignmentOperation { Target: var target } => IsThere(target),
            IIncrementOrDecrementOperation { Target: var target } => IsThere(target),
            IArgumentOperation { Parameter.RefKind: RefKind.Ref or RefKind.Out, Value: var target } => IsThere(target),
            IInvocationOperation { TargetMethod.MethodKind: MethodKind.LocalFunction } or IInvocationOperation { Instance: IInstanceReferenceOperation } =>
                LocalUse.AssignedIn([part], Reading).Assigned.Contains(place, SymbolEqualityComparer.Default),
            _ => false,
        };

        bool IsThere(IOperation target) =>
            target is ITupleOperation tuple ? tuple.Elements.Any(IsThere) : SymbolEqualityComparer.Default.Equals(PlaceReader.Of(target), place);
    }

    /// <summary>Whether what a value is depends on when it is asked for.</summary>
    private bool IsOpen(ParsedValue value) => value switch
    {
        TensorValue => Bindings.Changed(value),
        ArgumentValue { Argument: { IsKnown: true } number } => number is not (NumberArgument or FlagArgument or NullArgument or ListArgument),
        CodeValue { Code: not Literal, Type: var type } =>
            NumberTypes.IsNumberLike(type) || NumberTypes.IsFraction(type) || type.SpecialType == SpecialType.System_String,
        _ => false,
    };

    /// <summary>A value as it is now, whatever becomes of the place that it is read from.</summary>
    public ParsedValue AsOfNow(ParsedValue value, IOperation read)
    {
        var name = PlaceReader.Of(read)?.Name ?? "number";
        return value switch
        {
            _ when !IsOpen(value) => value,
            TensorValue => Bindings.Keep(PlaceReader.Of(read)!, value),
            ArgumentValue { Argument: var number } =>
                new ArgumentValue(new CodeArgument(Bindings.NewLocal(name, number, number.IsSize), number.IsSize)),
            CodeValue code => code with { Code = Bindings.NewLocal(name, code.Code, isSize: false) },
            _ => value,
        };
    }

    public ParsedValue Assign(IOperation to, ParsedValue value, IOperation operation)
    {
        if (value is BrokenValue)
        {
            return value;
        }

        // The place is read anew where its value is used again, and by then it may hold another.
        if (IsUsed(operation) && to is not (ILocalReferenceOperation or IParameterReferenceOperation or IDeclarationExpressionOperation))
        {
            value = AsOfNow(value, to);
        }

        // What is declared as one goes by one name only, so that it is certain what is called.
        if (value is CreatedValue)
        {
            return Unsupported(operation);
        }

        if (to is IPropertyReferenceOperation property && Members.Set(property, value) is { } set)
        {
            return set;
        }

        switch (to)
        {
            case IPropertyReferenceOperation { Property.Name: "requires_grad", Instance: { } tensor } when Torch.IsTensor(tensor.Type):
                return Repeats.Follow(tensor) ? value : ParsedValue.Broken;
            case IMemberReferenceOperation { Instance: IArrayElementReferenceOperation { Type.IsValueType: true } }:
                return Unsupported(to, new Problem("a part of a structure in an array", "take the structure out, change it and put it back"));
            case ILocalReferenceOperation local:
                return Bindings.Bind(local.Local, value) ? Lookup(local.Local, local) : ParsedValue.Broken;
            case IParameterReferenceOperation parameter:
                return Bindings.Bind(parameter.Parameter, value) ? Lookup(parameter.Parameter, parameter) : ParsedValue.Broken;
            case IDiscardOperation:
                return value;
            case IDeclarationExpressionOperation { Expression: var declared }:
                return Assign(declared, value, operation);
            case ITupleOperation tuple:
                return Deconstructions.Scatter(tuple, value, operation);
            case IArrayElementReferenceOperation or IPropertyReferenceOperation { Property.IsIndexer: true }:
                return Collections.Replace(to, value, operation);
            case IMemberReferenceOperation { Instance: { } record } part when Types.IsRecord(record.Type):
                return Records.SetPart(part, value);
            case IMemberReferenceOperation { Instance: IInstanceReferenceOperation } own
                when Torch.IsTensor(to.Type) || (!Types.MayCarryTensors(to.Type) && Frames.Peek().This is ModelValue):
                // Until forward is left, it is what forward left there.
                return Bindings.Bind(own.Member.OriginalDefinition, value) ? Scope.ValueOf(own.Member.OriginalDefinition) ?? value : ParsedValue.Broken;
            case IMemberReferenceOperation { Instance: { } of and not IInstanceReferenceOperation } part when !Types.MayCarryTensors(to.Type)
                && (of is ILocalReferenceOperation or IParameterReferenceOperation || (of.Type is { IsReferenceType: true } && Effects.IsMade(of))):
                return SetPart(part, value);
            case IMemberReferenceOperation { Instance: { } layer, Member: var setting } when Torch.IsModule(layer.Type) && Members.IsReadBy(setting):
                return Unsupported(to, new Problem($"'{SourceText.Quote(to.Syntax)}', which the layer goes by", "hand it to the layer's forward"));
            case IMemberReferenceOperation { Member: var member, Instance: var holder } when !Types.MayCarryTensors(to.Type)
                && (Effects.IsQuiet(operation) || (!Torch.IsModule(holder?.Type) && Live.KeptIn(holder) is not null)):
                Effects.Elsewhere.UnionWith(Live.Alike(member.OriginalDefinition));
                return value;
            default:
                return Unsupported(to);
        }
    }

    /// <summary>Gives a part of an object that forward has made another value.</summary>
    private ParsedValue SetPart(IMemberReferenceOperation to, ParsedValue value)
    {
        if (Live.KeptIn(to.Instance) is not null)
        {
            Effects.Elsewhere.UnionWith(Live.Alike(to.Member.OriginalDefinition));
            return value;
        }

        switch (Evaluate(to.Instance!))
        {
            case BrokenValue:
                return ParsedValue.Broken;
            case CodeValue { Code: var code }
                when Members.IsReachable(to.Member) && !code.Any(one => one is New) && Writer.CodeOf(value, to.Type) is { } part:
                Nodes.Add(new Do(new Assignment(code.Member(Emission.Identifiers.Escape(to.Member.Name)), part), Quoted, 0));
                return value;

            // What it is not known of has no say in what is computed.
            case OtherValue:
                return value;
            default:
                return Unsupported(to);
        }
    }

    /// <summary>Counts up or down.</summary>
    private ParsedValue Step(IIncrementOrDecrementOperation step)
    {
        var now = Evaluate(step.Target);
        var sign = step.Kind == OperationKind.Increment ? '+' : '-';
        switch (now)
        {
            case not BrokenValue when step.OperatorMethod is { } own && CallReader.IsOwnOperator(own, Torch):
                return Calls.CallOperator(own, [now], step) is { } made ? made is BrokenValue ? made : Stepped(made) : Unsupported(step);
            case ArgumentValue { Argument: { IsKnown: true } whole }:
                return Operators.Fits(Constants.Combine(sign, whole, new NumberArgument(1)), step.IsChecked, step) is { } count
                    ? Stepped(new ArgumentValue(count))
                    : ParsedValue.Broken;
            case CodeValue { Code: var code, Type: var type } when Types.Translate(type) is { } number:
                return Stepped(new CodeValue(new Cast(number, new Binary(sign.ToString(), code, new NumberArgument(1))), type));
            default:
                return now;
        }

        ParsedValue Stepped(ParsedValue next)
        {
            var old = step.IsPostfix && IsUsed(step) ? AsOfNow(now, step.Target) : now;
            var after = Assign(step.Target, next, step);
            return step.IsPostfix ? old : after;
        }
    }

    /// <summary>Whether what an assignment gives goes anywhere but where it is assigned.</summary>
    private static bool IsUsed(IOperation assignment) => assignment.Parent is not IExpressionStatementOperation;
}
