using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;
using PruneGen.Generator.Model;

namespace PruneGen.Generator.Parsing;

/// <summary>What the readers of one <c>forward</c> share: what is known of the class, where they are, what they have written down, and one another.</summary>
internal sealed class Reading
{
    public Reading(ParseContext context, TorchSymbols torch, LayerParser layers, ForwardNet net)
    {
        Net = net;
        Context = context;
        Torch = torch;
        LayerTypes = layers;
        Types = new TypeTranslator(context, torch);
        Registration = new RegistrationParser(context, torch, layers);
        Methods = new MethodReader(this);
        Statements = new StatementReader(this);
        Guards = new GuardReader(this);
        Choices = new ChoiceReader(this);
        Switches = new SwitchReader(this);
        Conditions = new ConditionReader(this);
        Loops = new LoopReader(this);
        Bindings = new Bindings(this);
        Writer = new ValueWriter(this);
        Expressions = new ExpressionReader(this);
        Operators = new OperatorReader(this);
        Members = new MemberReader(this);
        Collections = new CollectionReader(this);
        SizeLists = new SizeListReader(this);
        Deconstructions = new DeconstructionReader(this);
        Records = new RecordReader(this);
        Objects = new ObjectReader(this);
        Indices = new IndexReader(this);
        Repeats = new RepeatedSyntax(this);
        Lambdas = new LambdaReader(this);
        Calls = new CallReader(this);
        LayerCalls = new LayerCallReader(this);
        Created = new CreatedLayerReader(this);
        Operations = new OperationReader(this);
        Arguments = new ArgumentReader(this);
        Described = new DescribedCallReader(this);
        Outside = new OutsideReader(this);
        Overrides = new OverrideResolver(this);
        Effects = new EffectReader(this);
        Live = new LiveReader(this);
        Queries = new QueryReader(this);
        Patterns = new PatternReader(this);
        Places = new PlaceReader(this);
        Captures = new CaptureReader(this);
        Dynamics = new DynamicReader(this);
        Kept = new KeptState(this);
        Counting = new CountingFields(context);
        Uses = new TensorUse(torch, Methods.BodyOf, Counting);
    }

    /// <summary>What is known of the class.</summary>
    public ParseContext Context { get; }

    public TorchSymbols Torch { get; }

    public LayerParser LayerTypes { get; }

    public TypeTranslator Types { get; }

    public RegistrationParser Registration { get; }

    public TensorUse Uses { get; }

    public CountingFields Counting { get; }

    /// <summary>Every value by number; the text is the name it goes by in the source.</summary>
    public List<string> Values { get; } = [];

    /// <summary>The paths of layers that forward names without calling them one by one.</summary>
    public HashSet<string> Reached { get; } = new(StringComparer.Ordinal);

    /// <summary>The methods that are being read, the innermost on top.</summary>
    public Stack<Frame> Frames { get; } = new();

    public Scope Scope { get; } = new();

    /// <summary>The steps of the block that is being read.</summary>
    public List<Node> Nodes { get => field ??= Outermost; set; }

    /// <summary>The steps that no branch or loop is around.</summary>
    public List<Node> Outermost { get; } = [];

    /// <summary>The statement that is being read, as a comment quotes it.</summary>
    public string Quoted { get; set; } = "";

    /// <summary>What the value that is being read goes to: what a new tensor is called after.</summary>
    public string Target { get; set; } = "";

    /// <summary>The same of what the method that is being read returns.</summary>
    public string ResultTarget { get; set; } = "result";

    /// <summary>Sees that nothing is left out.</summary>
    public ForwardNet Net { get; }

    /// <summary>What was passed by, and may be.</summary>
    public List<Passed> Passed { get; } = [];

    /// <summary>Whether a member that is marked obsolete was read.</summary>
    public bool UsesObsolete { get; set; }

    /// <summary>What is being evaluated, and how everything was before.</summary>
    public (IOperation? Operation, Checkpoint Start) Evaluating { get; set; }

    public MethodReader Methods { get; }

    public StatementReader Statements { get; }

    public GuardReader Guards { get; }

    public ChoiceReader Choices { get; }

    public SwitchReader Switches { get; }

    public ConditionReader Conditions { get; }

    public LoopReader Loops { get; }

    public Bindings Bindings { get; }

    public ValueWriter Writer { get; }

    public ExpressionReader Expressions { get; }

    public OperatorReader Operators { get; }

    public MemberReader Members { get; }

    public CollectionReader Collections { get; }

    public SizeListReader SizeLists { get; }

    public DeconstructionReader Deconstructions { get; }

    public RecordReader Records { get; }

    public ObjectReader Objects { get; }

    public IndexReader Indices { get; }

    public RepeatedSyntax Repeats { get; }

    public LambdaReader Lambdas { get; }

    public CallReader Calls { get; }

    public LayerCallReader LayerCalls { get; }

    public CreatedLayerReader Created { get; }

    public OperationReader Operations { get; }

    public ArgumentReader Arguments { get; }

    public DescribedCallReader Described { get; }

    public OutsideReader Outside { get; }

    public OverrideResolver Overrides { get; }

    public EffectReader Effects { get; }

    public LiveReader Live { get; }

    public QueryReader Queries { get; }

    public PatternReader Patterns { get; }

    public PlaceReader Places { get; }

    public CaptureReader Captures { get; }

    public DynamicReader Dynamics { get; }

    public KeptState Kept { get; }

    public Checkpoint Mark() => new(Context.Mark(), Nodes.Count, Scope.Mark, Passed.Count);

    /// <summary>Makes everything as it was at a point of the same block.</summary>
    /// <param name="mark">The point.</param>
    /// <param name="findingsToo">Whether what was reported since is forgotten, too.</param>
    public void Restore(Checkpoint mark, bool findingsToo)
    {
        if (findingsToo)
        {
            Context.Rollback(mark.Findings);
        }

        Nodes.RemoveRange(mark.Steps, Nodes.Count - mark.Steps);
        Passed.RemoveRange(mark.Passed, Passed.Count - mark.Passed);
        Scope.Restore(mark.Scope);
    }

    /// <summary>Notes that <c>forward</c> never comes to something.</summary>
    public void NeverRuns(IOperation? way)
    {
        if (way is not null)
        {
            Passed.Add(new Passed(Context.AsWritten(way.Syntax), Whole: true));
        }
    }

    /// <summary>Notes that an expression only names what is a step, or is read, elsewhere.</summary>
    public void IsElsewhere(IOperation name) => Passed.Add(new Passed(Context.AsWritten(name.Syntax), Whole: false));

    public ParsedValue Unsupported(IOperation operation) =>
        Unsupported(operation, Diagnostics.RuleIds.UnsupportedExpression, new Problem(Words.Of(operation), Words.RemedyOf(operation)));

    public ParsedValue Unsupported(IOperation operation, string rule, string what) => Unsupported(operation, rule, new Problem(what));

    /// <summary>Reports what cannot be followed, and what to do about it.</summary>
    public ParsedValue Unsupported(IOperation operation, string rule, Problem problem)
    {
        if (operation is IInvocationOperation or IObjectCreationOperation
            && (Torch.IsModule(operation.Type) || operation is IObjectCreationOperation && Torch.IsTensor(operation.Type)))
        {
            (
                rule,
                problem) = (
                    Diagnostics.RuleIds.UnsupportedExpression,
                    new($"a {operation.Type!.Name} that forward creates anew each time and nothing trains", "create it once, in a field"));
        }

        if (operation is ICoalesceAssignmentOperation { Value: { } late } && Torch.IsModule(late.Type))
        {
            (
                rule,
                problem) = (
                    Diagnostics.RuleIds.UnsupportedExpression,
                    new(
                        $"a {Conversions.Unconverted(late).Type!.Name} that forward creates when it first needs one and that is registered nowhere",
                        "create it in the constructor"));
        }

        Context.Report(rule, operation.Syntax, problem.ToString(), Context.Type.Name, problem.Remedy.Length > 0 ? "" : Diagnostics.Rules.CanBeDescribed);
        return ParsedValue.Broken;
    }
}
