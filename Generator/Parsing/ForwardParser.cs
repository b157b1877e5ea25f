using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;
using PruneGen.Generator.Model;

namespace PruneGen.Generator.Parsing;

/// <summary>What <c>forward</c> does.</summary>
/// <param name="Values">Every value by number; the text is the name it goes by in the source.</param>
/// <param name="Body">Its steps.</param>
/// <param name="UsesObsolete">Whether it reads a member that is marked obsolete.</param>
/// <param name="Reached">The paths of layers that it names without calling them one by one: a list that it loops over.</param>
internal sealed record ForwardProgram(EquatableArray<string> Values, EquatableArray<Node> Body, bool UsesObsolete, EquatableArray<string> Reached);

/// <summary>
/// Follows <c>forward</c> statement by statement, and through helper methods, and writes down what happens to tensors.
/// Every local is bound to the value that it holds at the moment, so that reassignment needs no care later; one that a
/// branch or a loop gives a new value becomes a variable of the generated code. Each kind of syntax has its own part:
/// Statements, Choices, Loops, Variables; Expressions, Members, Collections, Code; Calls, Layers, Operations.
/// </summary>
internal sealed partial class ForwardParser
{
    private readonly ParseContext context;
    private readonly TorchSymbols torch;
    private readonly LayerParser layers;
    private readonly TypeTranslator types;
    private readonly RegistrationParser registration;
    private readonly TensorUse uses;
    private readonly List<string> values = [];
    private readonly HashSet<string> reached = new(StringComparer.Ordinal);
    private readonly Stack<Frame> frames = new();
    private readonly Scope scope = new();
    private List<Node> nodes = [];
    private string statement = "";
    private string target = "";
    private string resultTarget = "result";
    private bool usesObsolete;

    public ForwardParser(ParseContext context, TorchSymbols torch, LayerParser layers)
    {
        this.context = context;
        this.torch = torch;
        this.layers = layers;
        types = new TypeTranslator(context, torch);
        registration = new RegistrationParser(context, torch, layers);
        uses = new TensorUse(torch, BodyOf);
    }

    /// <summary>Whether a statement lets the next one run.</summary>
    private enum Flow
    {
        Continues,

        /// <summary>It returns.</summary>
        Returns,

        /// <summary>It leaves in another way: break, continue, throw.</summary>
        Leaves,

        /// <summary>Reported; what follows would only confuse.</summary>
        Stops,
    }

    /// <summary>Reads the method; null where it cannot be followed, which has been reported.</summary>
    public ForwardProgram? Read(IMethodSymbol forward, EquatableArray<InputSpec> inputs)
    {
        // The body of a generic base's method speaks of the base's own parameters.
        forward = forward.OriginalDefinition;
        for (var i = 0; i < inputs.Count; i++)
        {
            var tensor = NewValue(inputs[i].Name);
            var parameter = forward.Parameters[i];
            if (inputs[i].Kind == InputKind.Tensor)
            {
                definite.Add(tensor.Number);
            }

            if (inputs[i].Kind == InputKind.Size)
            {
                sizes.Add(tensor.Number);
            }

            scope.Bind(parameter, inputs[i].Kind switch
            {
                InputKind.Tensor or InputKind.OptionalTensor => tensor,
                InputKind.Size => new ArgumentValue(new CodeArgument(new ValueName(tensor.Number), OfSizes: true)),
                _ => Typed(new ValueName(tensor.Number), parameter.Type),
            });
        }

        var result = Run(forward, new ModelValue(), isRoot: true);
        return result is BrokenValue
            ? null
            : new ForwardProgram(values.ToEquatable(), nodes.ToEquatable(), usesObsolete, reached.OrderBy(path => path, StringComparer.Ordinal).ToEquatable());
    }

    /// <summary>Reads a method's body; its parameters are bound already.</summary>
    private ParsedValue Run(IMethodSymbol method, ParsedValue? self, bool isRoot = false)
    {
        if (BodyOf(method) is not { } body)
        {
            return ParsedValue.Broken;
        }

        IEnumerable<IOperation> statements = body switch
        {
            IMethodBodyOperation { BlockBody: { } block } => block.Operations,
            IMethodBodyOperation { ExpressionBody: { } expression } => expression.Operations,
            ILocalFunctionOperation { Body: { } block } => block.Operations,
            IAnonymousFunctionOperation { Body: var block } => block.Operations,
            IBlockOperation block => block.Operations,
            _ => new[] { body },
        };
        NoteRead(method);
        var frame = new Frame(method, self, isRoot);
        if (!isRoot && ReturnsInside(body) && !OpenResult(frame, method.ReturnType))
        {
            // Of a type that generated code cannot name.
            return Unsupported(body.Descendants().OfType<IReturnOperation>().Select(result => result.ReturnedValue).FirstOrDefault(value => value is not null) ?? body);
        }

        var start = nodes.Count;
        frames.Push(frame);
        var outerLocals = locals;
        locals = new LocalUse(body, this);
        var flow = Block(statements.ToList());
        locals = outerLocals;
        frames.Pop();
        if (frame.Label is not null)
        {
            nodes.Add(new Label(frame.Label));
            if (frame.Variable >= 0 && carriers.Contains(frame.Variable) && Steps.Within(nodes.Skip(start)).SelectMany(Steps.Expressions).FirstOrDefault(IsOpen) is { } open)
            {
                Join(open, [frame.Variable]);
            }
        }

        if (flow == Flow.Continues && !method.ReturnsVoid && !IsLambdaForEffect(method))
        {
            context.IsBroken = true;
        }

        return flow switch
        {
            Flow.Stops => ParsedValue.Broken,
            Flow.Leaves => isRoot && !frame.Returned ? ParsedValue.Broken : frame.Result,
            _ => frame.Result,
        };
    }

    private static bool IsLambdaForEffect(IMethodSymbol method) => method.MethodKind == MethodKind.AnonymousFunction;

    private IOperation? BodyOf(IMethodSymbol method) => (method.PartialImplementationPart ?? method).DeclaringSyntaxReferences
        .Select(reference => context.Operation(reference.GetSyntax(context.Cancellation)))
        .FirstOrDefault(operation => operation is IMethodBodyOperation { BlockBody: not null } or IMethodBodyOperation { ExpressionBody: not null } or ILocalFunctionOperation { Body: not null } or IAnonymousFunctionOperation or IBlockOperation);

    private ParsedValue Unsupported(IOperation operation) => Unsupported(operation, Diagnostics.RuleIds.UnsupportedExpression, Words.Of(operation));

    private ParsedValue Unsupported(IOperation operation, string rule, string what)
    {
        if (operation is IInvocationOperation or IObjectCreationOperation && (torch.IsModule(operation.Type) || operation is IObjectCreationOperation && torch.IsTensor(operation.Type)))
        {
            (rule, what) = (Diagnostics.RuleIds.UnsupportedExpression, $"a {operation.Type!.Name} that forward creates anew each time and nothing trains (create it once, in a field)");
        }

        if (operation is ICoalesceAssignmentOperation { Value: { } late } && torch.IsModule(late.Type))
        {
            (rule, what) = (Diagnostics.RuleIds.UnsupportedExpression, $"a {Unconverted(late).Type!.Name} that forward creates when it first needs one and that is registered nowhere (create it in the constructor)");
        }

        context.Report(rule, operation.Syntax, what, context.Type.Name, Words.HasRemedy(what) ? "" : Diagnostics.Rules.CanBeDescribed);
        return ParsedValue.Broken;
    }

    /// <summary>One method that is being read.</summary>
    private sealed class Frame
    {
        public Frame(IMethodSymbol method, ParsedValue? self, bool isRoot)
        {
            (Method, This, IsRoot) = (method, self, isRoot);
        }

        public IMethodSymbol Method { get; }

        /// <summary>The object that it belongs to.</summary>
        public ParsedValue? This { get; }

        public bool IsRoot { get; }

        /// <summary>What it returns.</summary>
        public ParsedValue Result { get; set; } = ParsedValue.Other;

        /// <summary>The variable that takes the result where several places return one, or -1.</summary>
        public int Variable { get; set; } = -1;

        /// <summary>Where a return from the middle of it goes on; null while there was none.</summary>
        public string? Label { get; set; }

        /// <summary>Whether any return was read.</summary>
        public bool Returned { get; set; }

        /// <summary>Whether the statement being read is the last that runs.</summary>
        public bool AtEnd { get; set; } = true;

        /// <summary>How many branches and loops the statement being read stands in.</summary>
        public int Depth { get; set; }
    }
}
