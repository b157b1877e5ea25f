using Microsoft.CodeAnalysis;

namespace PruneGen.Generator.Emission;

/// <summary>The names of the members that PruneGen adds to a class.</summary>
internal static class GeneratedNames
{
    public const string Defaults = "DefaultPruneOptions";
    public const string Groups = "Groups";
    public const string GroupsType = "PruningGroups";
    public const string Plan = "PruningPlan";
    public const string Score = "Score";
    public const string Mask = "Mask";
    public const string Compact = "Compact";
    public const string CompactZeros = "CompactZeros";
    public const string CompactInputs = "CompactInputs";
    public const string InputsInUse = "InputsInUse";
    public const string RemoveBlocks = "RemoveBlocks";
    public const string PermuteChannels = "PermuteChannels";
    public const string PruneAndRetrain = "PruneAndRetrain";
    public const string FindRatios = "FindRatios";
    public const string AnalyzeSensitivity = "AnalyzeSensitivity";
    public const string Save = "SavePruned";
    public const string Load = "LoadPruned";
    public const string Release = "ReleaseMasks";
    public const string Count = "Count";
    public const string Export = "ExportOnnx";
    public const string ExportStages = "ExportOnnxStages";
    public const string ShareWeights = "ShareWeights";
    public const string Quantize = "Quantize";
    public const string ReleaseCodes = "ReleaseCodes";

    public static IReadOnlyList<string> All { get; } =
    [
        Defaults, Groups, GroupsType, Plan, Score, Mask, Compact, CompactZeros, CompactInputs, InputsInUse, RemoveBlocks, PermuteChannels, PruneAndRetrain,
        FindRatios, AnalyzeSensitivity, Save, Load, Release, Count, Export, ExportStages,
    ];

    /// <summary>Those of models that ask for shared or quantized weights, beside.</summary>
    public static IReadOnlyList<string> OfCoding { get; } = [ShareWeights, Quantize, ReleaseCodes];

    /// <summary>Whether a method of the user's cannot stand beside the generated one of its name.</summary>
    public static bool Clashes(IMethodSymbol method) =>
        method.Name is Defaults or Groups or GroupsType
        || method.Parameters.Any(parameter => parameter.Type.ToDisplayString().StartsWith("PruneGen.", StringComparison.Ordinal))
        || (method.Name is Save or Load or Export or ExportStages && method.Parameters.FirstOrDefault()?.Type.SpecialType == SpecialType.System_String)
        || (method.Name is Release or ReleaseCodes && method.Parameters.IsEmpty)
        || (method.Name is Plan or Count && method.Parameters is [{ Type: IArrayTypeSymbol }]);
}
