namespace PruneGen;

/// <summary>
/// Says what a call does to the dimensions of its tensors, where no source can: a layer from another assembly, a native
/// operation, a loop over values. On a method its tensor parameters are the inputs, in order; on a field or property it
/// describes the module that stands there (or each module of a list), on a class each of its modules.
/// </summary>
/// <example>
/// A layer with a weight of its own, one that mixes channels, and a native function:
/// <code>
/// [Axes("N C H W -> N O H W", Parameters = "weight: O C, bias: O")]
/// private readonly Projection project = new(32, 64);
///
/// [Axes("N C L -> N C L", Inexact = "C")]
/// private static Tensor Whiten(Tensor x) { … }
///
/// [Axes("N (C P), C -> N C P")]
/// private static Tensor Scale(Tensor flat, Tensor perChannel, int threads) { … }
/// </code>
/// </example>
/// <remarks>
/// <para>
/// The notation names each dimension: names stand between spaces, inputs and results between commas, and <c>-></c> between
/// the two. A name is one axis wherever it stands, element by element. A number is a size that stays, <c>1</c> a
/// dimension of one index, <c>(C H W)</c> the row-major product of three, and <c>...</c> at the front any further dimensions.
/// </para>
/// <para>
/// A name of an input that neither a result nor a parameter has is summed over, so its group is marked inexact; one that
/// only a result has keeps its width. Nothing is assumed of zeros: relu-like or not, the call is taken to change them.
/// Multiply-accumulates inside the call are counted where <see cref="Macs"/> tells them; where it is left out, counts and
/// reports leave them out too, and reports name the call.
/// </para>
/// <para>
/// Linking the live model compares all of it with the shapes that are there, and compaction cuts the described parameters.
/// The properties of known layers inside a described one follow; a width that a layer keeps in a field of its own does not,
/// so write such a dimension as a number.
/// </para>
/// </remarks>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Field | AttributeTargets.Property | AttributeTargets.Method)]
public sealed class AxesAttribute : Attribute
{
    /// <summary>Describes a call.</summary>
    /// <param name="notation">The dimensions of its inputs and results: <c>N C H W -> N C H W</c>.</param>
    public AxesAttribute(string notation)
    {
        Notation = notation;
    }

    /// <summary>The dimensions of the inputs and results.</summary>
    public string Notation { get; }

    /// <summary>
    /// The dimensions of every parameter and buffer of a module, by its registered name: <c>weight: O C kH kW, bias: O</c>; that
    /// of a child module is <c>inner.weight</c>. A counter without dimensions need not be described. A name that a result and a
    /// parameter have but no input is the layer's outputs,
    /// which may be pruned; one that an input and a parameter have but no result is what the layer reads.
    /// </summary>
    public string Parameters { get; set; } = "";

    /// <summary>
    /// Names, with spaces between them, whose removal changes the values of the others: what a softmax or a norm runs over.
    /// </summary>
    public string Inexact { get; set; } = "";

    /// <summary>
    /// The multiply-accumulates for one sample: products of names and numbers, with commas between them, such as
    /// <c>O C H W, O H W</c> for a 1×1 convolution and a gain. The batch is not among the factors. <c>0</c> says that there are none.
    /// </summary>
    public string Macs { get; set; } = "";
}
