namespace PruneGen;

/// <summary>One of the stages that a model was exported in, to be run one after the other, each for itself.</summary>
/// <param name="File">
/// Its file. <see cref="OnnxFile.Inputs"/> and <see cref="OnnxFile.Outputs"/> name the tensors at its borders: each input is an input of the model or an
/// output of an earlier stage, by the same name.
/// </param>
/// <param name="Macs">Multiply-accumulates of one sample in it, as <see cref="ModelCount.Macs"/> counts them.</param>
/// <param name="Parameters">How many parameters of the model its layers have; what two stages share counts in both.</param>
/// <param name="CutBytes">
/// How many bytes later stages need of what there is up to its end, at the shapes of inputs that the model was exported with; 0 of the last.
/// </param>
public sealed record OnnxStage(OnnxFile File, long Macs, long Parameters, long CutBytes);
