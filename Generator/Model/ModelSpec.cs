namespace PruneGen.Generator.Model;

/// <summary>
/// An annotated model as its source tells it: plain values, equal where the source says the same, and nothing of
/// Roslyn's. Comments, blank lines and positions leave no trace in it.
/// </summary>
/// <param name="Type">How the class is declared.</param>
/// <param name="Inputs">What <c>forward</c> takes: the first of <paramref name="Values"/>.</param>
/// <param name="Values">Every value of <c>forward</c>, by number; the text is the name it goes by in the source.</param>
/// <param name="Body">What <c>forward</c> does, in order.</param>
/// <param name="Results">The tensors in what <c>forward</c> returns, each as what follows the result to take it out: nothing, or <c>.Item2</c>.</param>
/// <param name="Reached">Layers that <c>forward</c> reaches in ways that the source does not tell one by one: lists, choices.</param>
/// <param name="Invocation">How a batch is sent through the model: <c>call</c>, or <c>forward</c> where there is no <c>call</c>.</param>
/// <param name="Settings">What <c>[Prunable]</c> on the class says.</param>
/// <param name="SettingsSite">Where that stands.</param>
/// <param name="Retrain">What <c>[Retrain]</c> says: each setting as C#.</param>
/// <param name="Annotations">What attributes on layers say.</param>
/// <param name="Constructors">The constructors that <c>LoadPruned</c> offers.</param>
internal sealed record ModelSpec(
    TypeSpec Type,
    EquatableArray<InputSpec> Inputs,
    EquatableArray<string> Values,
    EquatableArray<Node> Body,
    EquatableArray<string> Results,
    EquatableArray<string> Reached,
    string Invocation,
    PruneSettings Settings,
    int SettingsSite,
    EquatableArray<NamedText> Retrain,
    EquatableArray<LayerAnnotation> Annotations,
    EquatableArray<ConstructorSpec> Constructors)
{
    /// <summary>The fields that <c>forward</c> cuts widths by.</summary>
    public EquatableArray<NumberField> Numbers { get; init; } = [];

    /// <summary>The members that the class keeps to itself, and that methods read which others may run.</summary>
    public EquatableArray<string> PrivateValues { get; init; } = [];

    /// <summary>Whether it is annotated to be exported.</summary>
    public ExportWish Export { get; init; }

    /// <summary>What the tensors that <c>forward</c> gives are called; none where nothing tells how many there are.</summary>
    public EquatableArray<string> ResultNames { get; init; } = [];

    /// <summary>Whether a batch of tensors is all that <c>forward</c> asks for, and tensors are what it gives.</summary>
    public bool TakesBatches => Results.Count > 0 && Inputs.All(input => input.Kind == InputKind.Tensor || input.Default.Length > 0);

    /// <summary>How many tensors a batch must bring.</summary>
    public int TensorCount => Inputs.Count(input => input.Kind == InputKind.Tensor);

    /// <summary>How many more it may bring.</summary>
    public int OptionalCount => Inputs.Count(input => input.Kind == InputKind.OptionalTensor);
}

/// <summary>Whether <c>[Exportable]</c> stands on a class.</summary>
internal enum ExportWish
{
    /// <summary>It does not.</summary>
    None,

    /// <summary>It does, beside <c>[Prunable]</c>.</summary>
    Beside,

    /// <summary>It does, and nothing is to be pruned.</summary>
    Alone,
}

/// <summary>A field of the model that a width is cut by, and that follows what is pruned.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its type.</param>
/// <param name="IsField">Whether it is a field, which may be read-only, and no property.</param>
internal sealed record NumberField(string Name, string Type, bool IsField);

/// <summary>One parameter of <c>forward</c>.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Kind">What it takes.</param>
/// <param name="Type">Its type in the generated code.</param>
/// <param name="Default">Its default value as C#; empty where it has none.</param>
/// <param name="Others">Other values as C#, of which each may decide which way forward goes: what the source compares values of its type with.</param>
internal sealed record InputSpec(string Name, InputKind Kind, string Type, string Default, EquatableArray<string> Others);

/// <summary>What a parameter of <c>forward</c> takes.</summary>
internal enum InputKind
{
    /// <summary>A tensor.</summary>
    Tensor,

    /// <summary>A tensor or null.</summary>
    OptionalTensor,

    /// <summary>A whole number, which may be the size of a tensor.</summary>
    Size,

    /// <summary>A flag, or one of an enumeration, that may be left out: it is linked with each value.</summary>
    Setting,

    /// <summary>Anything else.</summary>
    Value,
}

/// <summary>How the class is declared.</summary>
/// <param name="Namespace">Its namespace with keywords escaped; empty for the global one.</param>
/// <param name="Containers">The types it is nested in, outermost first, each as <c>class Outer&lt;T&gt;</c>.</param>
/// <param name="Name">Its name, escaped.</param>
/// <param name="TypeParameters"><c>&lt;T&gt;</c>, or empty.</param>
/// <param name="FullName">The name that no other type of the compilation has, for the file.</param>
/// <param name="SourceFile">The name of the file that it stands in.</param>
/// <param name="FileScopedNamespace">Whether the compilation's C# knows file-scoped namespaces.</param>
/// <param name="HidesBase">Whether a base class has generated members of its own.</param>
/// <param name="UsesObsolete">Whether a member that the generated code reads is marked obsolete.</param>
internal sealed record TypeSpec(
    string Namespace,
    EquatableArray<string> Containers,
    string Name,
    string TypeParameters,
    string FullName,
    string SourceFile,
    bool FileScopedNamespace,
    bool HidesBase,
    bool UsesObsolete);

/// <summary>A constructor of the model, as <c>LoadPruned</c> repeats it.</summary>
/// <param name="Accessibility"><c>public</c> or <c>internal</c>.</param>
/// <param name="Parameters">The parameters as declared, with full type names and default values.</param>
/// <param name="Arguments">The arguments that pass them on.</param>
/// <param name="PathName">A name for the file's path that no parameter has.</param>
internal sealed record ConstructorSpec(string Accessibility, EquatableArray<string> Parameters, EquatableArray<string> Arguments, string PathName);

/// <summary>What an attribute chooses: one of those with a name, or a class of the user's.</summary>
/// <param name="Text">It as C#.</param>
/// <param name="Name">Its name; null where it is a class of the user's.</param>
/// <param name="IsOfWeights">Whether it is a granularity that sets weights to zero.</param>
internal sealed record ChosenMethod(string Text, string? Name, bool IsOfWeights = false)
{
    /// <summary>The numbers that are given with it.</summary>
    public EquatableArray<int> Sizes { get; init; } = [];
}

/// <summary>What an attribute says of how weights are coded.</summary>
/// <param name="Settings">Each setting as C#.</param>
/// <param name="CodesWeights">Whether weights are coded at all.</param>
/// <param name="GivesActivations">Whether it asks in so many words for activations to be quantized.</param>
internal sealed record CodingSettings(EquatableArray<NamedText> Settings, bool CodesWeights, bool GivesActivations);

/// <summary>What <c>[Prunable]</c> says; null for what it leaves out.</summary>
internal sealed record PruneSettings(
    ChosenMethod? Granularity,
    double? Ratio,
    int? Keep,
    ChosenMethod? Criterion,
    ChosenMethod? Scope,
    double? Threshold,
    ChosenMethod? ThresholdRule,
    int? MinWidth,
    int? RoundTo)
{
    public static PruneSettings None { get; } = new(null, null, null, null, null, null, null, null, null);

    /// <summary>Below which magnitude single weights go beside whole channels.</summary>
    public double? WeightThreshold { get; init; }

    /// <summary>What <c>[ShareWeights]</c> says; null where it is not there.</summary>
    public CodingSettings? Share { get; init; }

    /// <summary>What <c>[Quantize]</c> says; null where it is not there.</summary>
    public CodingSettings? Quantize { get; init; }

    /// <summary>What is asked of a whole model, each setting as C#.</summary>
    public EquatableArray<NamedText> OfModel { get; init; } = [];

    /// <summary>These settings, with what they leave null taken from others: as the runtime's <c>PruneSettings.Over</c>.</summary>
    /// <param name="under">The settings underneath.</param>
    public PruneSettings Over(PruneSettings under) => new(
        Granularity ?? under.Granularity,
        Ratio ?? under.Ratio,
        Keep ?? (Ratio is null ? under.Keep : null),
        Criterion ?? under.Criterion,
        Scope ?? under.Scope,
        Threshold ?? (Ratio is null && Keep is null ? under.Threshold : null),
        ThresholdRule ?? under.ThresholdRule,
        MinWidth ?? under.MinWidth,
        RoundTo ?? under.RoundTo)
    {
        WeightThreshold = WeightThreshold ?? (Granularity?.IsOfWeights == true ? null : under.WeightThreshold),
        Share = Share ?? under.Share,
        Quantize = Quantize ?? under.Quantize,
    };
}

/// <summary>What the attributes on one layer say.</summary>
/// <param name="Path">The layer's path in the model.</param>
/// <param name="Layer">The member's name in the source.</param>
/// <param name="Settings">What <c>[Prunable]</c> says.</param>
/// <param name="KeepWidth">Whether <c>[KeepWidth]</c> stands on it.</param>
/// <param name="Couplings">What <c>[CoupledWith]</c> says.</param>
/// <param name="Axes">What <c>[Axes]</c> says, or null.</param>
/// <param name="Attribute">The first of these attributes that stands on it.</param>
/// <param name="Site">Where that stands.</param>
internal sealed record LayerAnnotation(
    string Path, string Layer, PruneSettings Settings, bool KeepWidth, EquatableArray<Coupling> Couplings, AxesWords? Axes, string Attribute, int Site);

/// <summary>Another layer whose outputs shrink together with those of an annotated one.</summary>
/// <param name="Path">Its path in the model.</param>
/// <param name="Written">What the attribute calls it.</param>
/// <param name="Site">Where the attribute says so.</param>
internal sealed record Coupling(string Path, string Written, int Site);

/// <summary>What <c>[Axes]</c> says, in its own words, which can be read.</summary>
internal sealed record AxesWords(string Notation, string Parameters, string Inexact, string Macs);

/// <summary>A name and what is said of it.</summary>
internal sealed record NamedText(string Name, string Text);
