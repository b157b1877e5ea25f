using System.Collections.Immutable;
using Microsoft.CodeAnalysis;

namespace PruneGen.Generator.Diagnostics;

/// <summary>Every rule that PruneGen reports, with its id, words and severity. Each has a page in docs/diagnostics.</summary>
internal static class Rules
{
    public static readonly DiagnosticDescriptor NotPartial = Error(
        RuleIds.NotPartial, "A prunable class must be partial",
        "Declare '{0}' as partial, so that PruneGen can add pruning code to {1}");

    public static readonly DiagnosticDescriptor NotAModule = Error(
        RuleIds.NotAModule, "Only models can be pruned",
        "[{1}] stands on '{0}', which does not derive from torch.nn.Module; annotate the model");

    public static readonly DiagnosticDescriptor NoForward = Error(
        RuleIds.NoForward, "A prunable model needs a forward method",
        "'{0}' has no forward method with a body in this project, so what its layers have to do with each other cannot be told; annotate the class that "
            + "has one");

    public static readonly DiagnosticDescriptor UnsupportedSignature = Error(
        RuleIds.UnsupportedSignature, "This signature of forward is not understood",
        "{0}; PruneGen follows tensors, numbers, and tuples, lists and records of them");

    public static readonly DiagnosticDescriptor UnsupportedStatement = Error(
        RuleIds.UnsupportedStatement, "This statement is not understood",
        "PruneGen does not understand {0} in forward, so nothing of '{1}' is pruned; write it without, or in a method that [Axes] describes");

    public static readonly DiagnosticDescriptor UnsupportedExpression = Error(
        RuleIds.UnsupportedExpression, "This expression is not understood",
        "PruneGen cannot follow tensors through {0}, so nothing of '{1}' is pruned{2}");

    public static readonly DiagnosticDescriptor UnsupportedOperation = Error(
        RuleIds.UnsupportedOperation, "This operation is not understood",
        "What {0} does to the dimensions of a tensor is not known, so nothing of '{1}' is pruned; a method with [Axes] around it can say");

    public static readonly DiagnosticDescriptor UnsupportedLayer = Error(
        RuleIds.UnsupportedLayer, "This layer is not understood",
        "What {0} of type {1} does to the dimensions of a tensor is not known; {2}");

    public static readonly DiagnosticDescriptor BakedWidth = Error(
        RuleIds.BakedWidth, "A constant states a width that pruning changes",
        "{0}");

    public static readonly DiagnosticDescriptor NotConstant = Error(
        RuleIds.NotConstant, "This argument cannot be told from the source",
        "The argument '{0}' of {1} decides about dimensions; write a constant, a size read from a tensor, or a field of the model");

    public static readonly DiagnosticDescriptor Mismatch = Error(
        RuleIds.Mismatch, "Dimensions do not fit",
        "{0}");

    public static readonly DiagnosticDescriptor InvalidSetting = Error(
        RuleIds.InvalidSetting, "A setting is outside its range",
        "{0} of '{1}' is {2}; {3}");

    public static readonly DiagnosticDescriptor ContradictoryRatios = Error(
        RuleIds.ContradictoryRatios, "Layers that shrink together ask for different ratios",
        "'{0}' asks for a ratio of {1}, but its outputs shrink together with those of '{2}', which asks for {3}; give one of them, or the same on both");

    public static readonly DiagnosticDescriptor NotALayer = Error(
        RuleIds.NotALayer, "Only layers can be annotated",
        "[{0}] stands on '{1}', which is of type {2} and not a layer; annotate the layers");

    public static readonly DiagnosticDescriptor NotReached = Warning(
        RuleIds.NotReached, "An annotated layer is never called",
        "[{0}] on '{1}' has no effect, because forward never calls it; take it off, or call the layer");

    public static readonly DiagnosticDescriptor HooksSkipped = Warning(
        RuleIds.HooksSkipped, "A layer is invoked by forward, which skips hooks",
        "{0} needs the activations of '{1}', and forward() does not run the hooks that collect them; write call() instead");

    public static readonly DiagnosticDescriptor TorchSharpMissing = Error(
        RuleIds.TorchSharpMissing, "TorchSharp is missing or too old",
        "{0}");

    public static readonly DiagnosticDescriptor MemberConflict = Error(
        RuleIds.MemberConflict, "A member has the name of a generated one",
        "'{0}' already has a member named '{1}', which PruneGen generates; rename yours");

    public static readonly DiagnosticDescriptor ClassNotAnnotated = Warning(
        RuleIds.ClassNotAnnotated, "The class of an annotated layer is not annotated",
        "[{0}] on '{1}' has no effect, because '{2}' is not annotated with [Prunable]; annotate the class too");

    public static readonly DiagnosticDescriptor NoOutputs = Warning(
        RuleIds.NoOutputs, "An annotated layer has no outputs of its own",
        "[{0}] on '{1}' has no effect, because {2} passes on the channels that it gets; annotate the layer that makes them");

    public static readonly DiagnosticDescriptor OldLanguage = Error(
        RuleIds.OldLanguage, "The language version is too low",
        "PruneGen's generated code needs C# 9 or later, but '{0}' is compiled as C# {1}; set LangVersion");

    public static readonly DiagnosticDescriptor NotFollowed = Error(
        RuleIds.NotFollowed, "Dimensions cannot be followed through this operation",
        "{0}, so nothing of '{1}' is pruned{2}");

    public static readonly DiagnosticDescriptor ForwardReplaced = Error(
        RuleIds.ForwardReplaced, "A prunable model's forward is replaced",
        "'{0}' replaces the {1} of the prunable model '{2}', whose pruning code it inherits; annotate it with [Prunable] too");

    public static readonly DiagnosticDescriptor FileLocal = Error(
        RuleIds.FileLocal, "A prunable class must be visible outside its file",
        "'{0}' is a file-local class, to which generated code cannot be added; make it internal");

    public static readonly DiagnosticDescriptor LinkedOnly = Make(
        RuleIds.LinkedOnly, "A model that takes or gives more than batches is pruned as part of another",
        "{0}, so a batch of tensors cannot be sent through '{1}' alone: it is pruned as part of a model that calls it, and has no Compact or "
            + "PruneAndRetrain of its own", DiagnosticSeverity.Info);

    public static readonly DiagnosticDescriptor KeptWidth = Warning(
        RuleIds.KeptWidth, "An annotated layer keeps its width",
        "[Prunable] on '{0}' has no effect, because its outputs keep their width: {1}; take it off, or annotate an earlier layer");

    public static readonly DiagnosticDescriptor NotRegistered = Warning(
        RuleIds.NotRegistered, "A layer is not registered",
        "{0}, so '{1}' is not registered: it is neither pruned, trained nor saved; {2}");

    public static readonly DiagnosticDescriptor NeverRegisters = Warning(
        RuleIds.NeverRegisters, "A constructor registers no layers",
        "This constructor of '{0}' does not call RegisterComponents(), so the model has no parameters unless it is registered in another; add the call at "
            + "its end");

    public static readonly DiagnosticDescriptor RatioRemovesNothing = Warning(
        RuleIds.RatioRemovesNothing, "A ratio removes nothing",
        "The ratio {0} of '{1}' removes nothing of {2}");

    public static readonly DiagnosticDescriptor BadNotation = Error(
        RuleIds.BadNotation, "A description of axes cannot be read",
        "[Axes] on '{0}' cannot be read: {1}");

    public static readonly DiagnosticDescriptor BadCoupling = Error(
        RuleIds.BadCoupling, "A layer is coupled with something that has no outputs",
        "[CoupledWith] on '{0}' names '{1}', {2}; couple layers of '{3}' that have outputs of their own");

    public static readonly DiagnosticDescriptor BadDescription = Error(
        RuleIds.BadDescription, "A description of axes does not fit what it stands on",
        "[Axes] on '{0}' does not fit: {1}; {2}");

    public static readonly DiagnosticDescriptor StatedWidth = Warning(
        RuleIds.StatedWidth, "A width is stated by numbers alone, so it stays",
        "{0} states its sizes by numbers alone, so '{1}' keeps its width; {2}");

    public static readonly DiagnosticDescriptor UnregisteredTensor = Warning(
        RuleIds.UnregisteredTensor, "A tensor that is not registered keeps the width of what it meets",
        "'{0}' is not registered, because {1}, so what compaction removes would still be in it: '{2}' keeps its width; {3}");

    public static readonly DiagnosticDescriptor NotObserved = Warning(
        RuleIds.NotObserved, "A criterion cannot score this layer by what it puts out",
        "{0} looks at what each channel puts out, and which numbers of '{1}' belong to which channel is only known of Linear, convolution and Embedding "
            + "layers, not of {2}; choose L1, L2 or Random for it");

    public static readonly DiagnosticDescriptor LeftOut = Error(
        RuleIds.LeftOut, "A part of forward would be left out",
        "'{0}' in {1}.forward would be left out of what is linked, which is a gap in PruneGen: please report it; until it is closed, write this as a "
            + "statement of its own, or put it into a method with [Axes]");

    public static readonly DiagnosticDescriptor UnsuitedCriterion = Warning(
        RuleIds.UnsuitedCriterion, "A criterion has nothing to go by",
        "{0} cannot score '{1}': {2}; {3}");

    public static readonly DiagnosticDescriptor UnsuitedGranularity = Warning(
        RuleIds.UnsuitedGranularity, "A granularity does not fit a layer",
        "{0} does not fit '{1}': {2}; {3}");

    public static readonly DiagnosticDescriptor NothingToCode = Warning(
        RuleIds.NothingToCode, "A layer has nothing to share or quantize",
        "[{0}] on '{1}' has no effect: {2}; {3}");

    public static readonly DiagnosticDescriptor NotExported = Warning(
        RuleIds.NotExported, "A part of forward cannot be exported",
        "ExportOnnx of '{1}' will stop here, because {0}; {2}");

    /// <summary>The end of a message that has no other remedy.</summary>
    public const string CanBeDescribed = "; a method with [Axes] around it can say what it does";

    public static ImmutableArray<DiagnosticDescriptor> All { get; } = ImmutableArray.Create(
        NotPartial, NotAModule, NoForward, UnsupportedSignature, UnsupportedStatement, UnsupportedExpression,
        UnsupportedOperation, UnsupportedLayer, BakedWidth, NotConstant, Mismatch, InvalidSetting, ContradictoryRatios,
        NotALayer, NotReached, HooksSkipped, TorchSharpMissing, MemberConflict, ClassNotAnnotated, NoOutputs, OldLanguage, NotFollowed,
        ForwardReplaced,
            FileLocal,
            LinkedOnly,
            KeptWidth,
            NotRegistered,
            NeverRegisters,
            RatioRemovesNothing,
            BadNotation,
            BadCoupling,
            BadDescription,
            StatedWidth,
            UnregisteredTensor,
            NotObserved,
            LeftOut,
            UnsuitedCriterion,
            UnsuitedGranularity,
            NothingToCode,
            NotExported);

    private static readonly Dictionary<string, DiagnosticDescriptor> ById = All.ToDictionary(rule => rule.Id);

    /// <summary>The rule of an id.</summary>
    public static DiagnosticDescriptor Get(string id) => ById[id];

    /// <summary>Whether a finding of this rule keeps pruning code from being generated.</summary>
    public static bool Blocks(string id) => ById[id].DefaultSeverity == DiagnosticSeverity.Error;

    private static DiagnosticDescriptor Error(string id, string title, string message) => Make(id, title, message, DiagnosticSeverity.Error);

    private static DiagnosticDescriptor Warning(string id, string title, string message) => Make(id, title, message, DiagnosticSeverity.Warning);

    private static DiagnosticDescriptor Make(string id, string title, string message, DiagnosticSeverity severity) =>
        new(id, title, message, "PruneGen", severity, isEnabledByDefault: true, helpLinkUri: $"{BuildFacts.Documentation}diagnostics/{id}.md");
}
