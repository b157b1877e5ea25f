namespace PruneGen.Generator.Diagnostics;

/// <summary>The stable ids of the rules; a number is never given to another rule.</summary>
internal static class RuleIds
{
    public const string NotPartial = "PG0001";
    public const string NotAModule = "PG0002";
    public const string NoForward = "PG0003";
    public const string UnsupportedSignature = "PG0004";
    public const string UnsupportedStatement = "PG0005";
    public const string UnsupportedExpression = "PG0006";
    public const string UnsupportedOperation = "PG0007";
    public const string UnsupportedLayer = "PG0008";
    public const string BakedWidth = "PG0009";
    public const string NotConstant = "PG0010";
    public const string Mismatch = "PG0011";
    public const string InvalidSetting = "PG0012";
    public const string ContradictoryRatios = "PG0013";
    public const string NotALayer = "PG0014";
    public const string NotReached = "PG0015";
    public const string HooksSkipped = "PG0016";
    public const string TorchSharpMissing = "PG0017";
    public const string MemberConflict = "PG0018";
    public const string ClassNotAnnotated = "PG0019";
    public const string NoOutputs = "PG0020";
    public const string OldLanguage = "PG0021";
    public const string NotFollowed = "PG0022";
    public const string ForwardReplaced = "PG0023";
    public const string FileLocal = "PG0024";
    public const string LinkedOnly = "PG0025";
    public const string KeptWidth = "PG0026";
    public const string NotRegistered = "PG0027";
    public const string NeverRegisters = "PG0028";
    public const string RatioRemovesNothing = "PG0029";

    public const string BadNotation = "PG0030";
    public const string BadCoupling = "PG0031";
    public const string BadDescription = "PG0032";
    public const string StatedWidth = "PG0033";
    public const string UnregisteredTensor = "PG0034";
    public const string NotObserved = "PG0035";
    public const string LeftOut = "PG0036";
    public const string UnsuitedCriterion = "PG0037";
    public const string UnsuitedGranularity = "PG0038";
    public const string NothingToCode = "PG0039";

    public const string NotExported = "PG0040";

    /// <summary>The property of a diagnostic that names the size it stands at; the others say what each size becomes.</summary>
    public const string FixedSize = "size";

    /// <summary>The property of a diagnostic that names the layer whose width could be kept instead.</summary>
    public const string KeptLayer = "keep";
}
