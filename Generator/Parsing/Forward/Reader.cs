using Microsoft.CodeAnalysis;
using PruneGen.Generator.Model;

namespace PruneGen.Generator.Parsing;

/// <summary>Reads one kind of syntax of <c>forward</c>. What all readers share is at hand under the names that it has in <see cref="Reading"/>.</summary>
internal abstract class Reader(Reading reading)
{
    /// <summary>What the readers share.</summary>
    protected Reading Reading => reading;

    protected ParseContext Context => reading.Context;

    protected TorchSymbols Torch => reading.Torch;

    protected LayerParser LayerTypes => reading.LayerTypes;

    protected TypeTranslator Types => reading.Types;

    protected RegistrationParser Registration => reading.Registration;

    protected TensorUse Uses => reading.Uses;

    protected List<string> Values => reading.Values;

    protected HashSet<string> Reached => reading.Reached;

    protected Stack<Frame> Frames => reading.Frames;

    protected Scope Scope => reading.Scope;

    protected List<Node> Nodes { get => reading.Nodes; set => reading.Nodes = value; }

    protected string Quoted { get => reading.Quoted; set => reading.Quoted = value; }

    protected string Target { get => reading.Target; set => reading.Target = value; }

    protected string ResultTarget { get => reading.ResultTarget; set => reading.ResultTarget = value; }

    protected bool UsesObsolete { get => reading.UsesObsolete; set => reading.UsesObsolete = value; }

    protected (IOperation? Operation, Checkpoint Start) Evaluating { get => reading.Evaluating; set => reading.Evaluating = value; }

    protected MethodReader Methods => reading.Methods;

    protected StatementReader Statements => reading.Statements;

    protected GuardReader Guards => reading.Guards;

    protected ChoiceReader Choices => reading.Choices;

    protected SwitchReader Switches => reading.Switches;

    protected ConditionReader Conditions => reading.Conditions;

    protected LoopReader Loops => reading.Loops;

    protected Bindings Bindings => reading.Bindings;

    protected ValueWriter Writer => reading.Writer;

    protected ExpressionReader Expressions => reading.Expressions;

    protected OperatorReader Operators => reading.Operators;

    protected MemberReader Members => reading.Members;

    protected CollectionReader Collections => reading.Collections;

    protected SizeListReader SizeLists => reading.SizeLists;

    protected DeconstructionReader Deconstructions => reading.Deconstructions;

    protected RecordReader Records => reading.Records;

    protected ObjectReader Objects => reading.Objects;

    protected IndexReader Indices => reading.Indices;

    protected RepeatedSyntax Repeats => reading.Repeats;

    protected LambdaReader Lambdas => reading.Lambdas;

    protected CallReader Calls => reading.Calls;

    protected LayerCallReader LayerCalls => reading.LayerCalls;

    protected CreatedLayerReader Created => reading.Created;

    protected OperationReader Operations => reading.Operations;

    protected ArgumentReader Arguments => reading.Arguments;

    protected DescribedCallReader Described => reading.Described;

    protected OutsideReader Outside => reading.Outside;

    protected OverrideResolver Overrides => reading.Overrides;

    protected EffectReader Effects => reading.Effects;

    protected LiveReader Live => reading.Live;

    protected KeptState Kept => reading.Kept;

    protected QueryReader Queries => reading.Queries;

    protected PlaceReader Places => reading.Places;

    protected CaptureReader Captures => reading.Captures;

    protected PatternReader Patterns => reading.Patterns;

    protected DynamicReader Dynamics => reading.Dynamics;

    /// <summary>What an expression stands for.</summary>
    protected ParsedValue Evaluate(IOperation operation) => Expressions.Read(operation);

    /// <inheritdoc cref="Reading.Unsupported(IOperation)"/>
    protected ParsedValue Unsupported(IOperation operation) => reading.Unsupported(operation);

    /// <inheritdoc cref="Reading.Unsupported(IOperation, string, string)"/>
    protected ParsedValue Unsupported(IOperation operation, string rule, string what) => reading.Unsupported(operation, rule, what);

    /// <inheritdoc cref="Reading.Unsupported(IOperation, string, Problem)"/>
    protected ParsedValue Unsupported(IOperation operation, Problem problem) =>
        reading.Unsupported(operation, Diagnostics.RuleIds.UnsupportedExpression, problem);

    /// <summary>Whether reading goes on behind a statement that came to a value.</summary>
    protected static Flow After(ParsedValue value) => value is BrokenValue ? Flow.Stops : Flow.Continues;

    /// <inheritdoc cref="Reading.Mark"/>
    protected Checkpoint Mark() => reading.Mark();

    /// <inheritdoc cref="Reading.Restore"/>
    protected void Restore(Checkpoint mark, bool findingsToo) => reading.Restore(mark, findingsToo);
}
