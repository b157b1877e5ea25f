using System.Text.Json;
using System.Text.Json.Serialization;
using Google.Protobuf;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>What was exported.</summary>
/// <param name="Path">The file.</param>
/// <param name="DataPath">The file beside it that has the weights; null where the file itself has them.</param>
/// <param name="Inputs">The model's inputs.</param>
/// <param name="Outputs">Its outputs.</param>
/// <param name="Nodes">How many nodes the graph has.</param>
/// <param name="WeightBytes">How many bytes the constants have.</param>
/// <param name="Notes">
/// What the exported model does otherwise than the model while it is trained, such as random steps that are left out; and what is to be known of a
/// quantized one.
/// </param>
public sealed record OnnxFile(
    string Path,
    string? DataPath,
    IReadOnlyList<OnnxValue> Inputs,
    IReadOnlyList<OnnxValue> Outputs,
    int Nodes,
    long WeightBytes,
    IReadOnlyList<string> Notes);

/// <summary>What the generated <c>ExportOnnx</c> calls.</summary>
public static class OnnxExporter
{
    /// <summary>The weights in a file of their own begin at multiples of this, as memory is mapped.</summary>
    private const long Alignment = 4096;

    private const long MostBytes = 2_000_000_000;

    /// <summary>What has fewer bytes stays in the file itself: shapes must, which are read before weights are loaded.</summary>
    private const long LeastExternal = 1024;

    /// <summary>Writes what a model's <c>forward</c> does in evaluation mode, with its weights, as an ONNX file. The model stays as it is.</summary>
    /// <param name="model">The model, pruned or not.</param>
    /// <param name="path">Where to; a file of that name is replaced once the new one is complete.</param>
    /// <param name="options">How; null for the defaults.</param>
    /// <param name="inputShapes">The shape of each input, batch included; without them, those that it was last called or linked with.</param>
    /// <exception cref="OnnxExportException">A step of forward has no counterpart in ONNX, or depends on values; the message names it.</exception>
    /// <exception cref="ArgumentException">The shapes or options do not fit the model's inputs.</exception>
    /// <exception cref="IOException">The file cannot be written; one that was there is as it was.</exception>
    public static OnnxFile Export<TModel>(TModel model, string path, OnnxOptions? options = null, params long[][] inputShapes)
        where TModel : nn.Module, IPrunable
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        options ??= new OnnxOptions();
        using var scope = NewDisposeScope();
        using var noGradients = no_grad();
        var program = OnnxProgram.Of(model, options, ShapesOf(model, inputShapes));
        return Write(model, program, options, [new OnnxPart(path, program.Graph.Written, program.Inputs, program.Outputs)])[0];
    }

    /// <summary>
    /// Writes the same as several ONNX files, stage1.onnx, stage2.onnx and so on, which are run one after the other, in one process or on several machines.
    /// The model is cut so that no stage has more than a quarter more multiply-accumulates than its share, where it can be, and the fewest bytes go over
    /// the cuts.
    /// </summary>
    /// <param name="model">The model, pruned, quantized or as it is.</param>
    /// <param name="folder">Where to; files of those names are replaced once all new ones are complete.</param>
    /// <param name="stages">How many, at least 1.</param>
    /// <param name="options">How; null for the defaults.</param>
    /// <param name="inputShapes">The shape of each input, batch included; without them, those that it was last called or linked with.</param>
    /// <returns>The stages, in the order that they are run.</returns>
    /// <exception cref="OnnxExportException">A step of forward has no counterpart in ONNX, or depends on values; the message names it.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There are more stages than the model can be cut into.</exception>
    /// <exception cref="ArgumentException">The shapes or options do not fit the model's inputs.</exception>
    /// <exception cref="IOException">A file cannot be written; those that were there are as they were.</exception>
    public static IReadOnlyList<OnnxStage> ExportStages<TModel>(
        TModel model, string folder, int stages, OnnxOptions? options = null, params long[][] inputShapes)
        where TModel : nn.Module, IPrunable
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        options ??= new OnnxOptions();
        using var scope = NewDisposeScope();
        using var noGradients = no_grad();
        var shapes = ShapesOf(model, inputShapes);
        var program = OnnxProgram.Of(model, options, shapes);
        var plan = PruningPlan.Link(model, options: null, shapes);
        var steps = program.Trace.Steps;
        var macs = plan.Trace.Steps.Select(step => plan.Macs(step) ?? 0).ToList();
        var cuts = new StageCuts(program, macs.Count == steps.Count ? macs : new long[steps.Count]);
        if (stages < 1 || stages > cuts.Count + 1)
        {
            throw new ArgumentOutOfRangeException(
                nameof(stages),
                stages,
                $"{model.GetType().Name} can be cut in {cuts.Count} places, and {stages} stages are asked for; give 1 to {cuts.Count + 1}.");
        }

        Directory.CreateDirectory(folder);
        var parts = cuts.Cut(stages);
        var files = Write(model, program, options, [.. parts.Select((part, i) =>
        {
            var (inputs, outputs) = cuts.Borders(part.Nodes);
            return new OnnxPart(Path.Combine(folder, $"stage{i + 1}.onnx"), part.Nodes, inputs, outputs, $"{i + 1} of {stages}");
        })]);
        var parameters = Parameters(steps, parts.ConvertAll(part => part.Nodes));
        return [.. files.Select((file, i) => new OnnxStage(file, parts[i].Macs, parameters[i], parts[i].CutBytes))];
    }

    private static long[][] ShapesOf(nn.Module model, long[][] given)
    {
        var shapes = given.Where(shape => shape.Length > 0).ToArray();
        shapes = shapes.Length > 0 ? shapes : PruneState.Of(model).InputShapes;
        var (name, least) = (model.GetType().Name, ((IPrunable)model).InputCount);
        var most = least + ((IPrunable)model).OptionalInputCount;
        return shapes.Length >= Math.Max(1, least) && shapes.Length <= most ? shapes
            : throw new ArgumentException(
                $"{name} takes {least}{(most > least ? $" to {most}" : "")} inputs, and {(shapes.Length == 0 ? "no shape is" : $"{shapes.Length} shapes are")} "
                    + "known; give the shape of each input, batch included.",
                nameof(given));
    }

    /// <summary>The parameters that each stage's layers have.</summary>
    private static long[] Parameters(IReadOnlyList<TraceStep> steps, List<IReadOnlyList<OnnxNode>> stages)
    {
        var counted = stages.ConvertAll(_ => new Dictionary<IntPtr, long>());
        for (var (number, stage) = (0, 0); number < steps.Count; number++)
        {
            // A step without nodes is part of the one before it.
            var step = steps[number];
            var own = Enumerable.Range(0, stages.Count).Where(i => step.Kind == TraceStepKind.Parameter
                ? stages[i].Any(node => node.Inputs.Contains(step.Name)) : stages[i].Any(node => node.Step == number)).ToList();
            own = own.Count > 0 ? own : [stage];
            stage = own[^1];
            var parameters = step.Kind == TraceStepKind.Layer ? step.Module!.parameters().ToList() : step.Tensor is Parameter read ? [read] : [];
            foreach (var (i, parameter) in own.SelectMany(i => parameters.Select(parameter => (i, parameter))))
            {
                counted[i][parameter.Handle] = parameter.numel();
            }
        }

        return [.. counted.Select(stage => stage.Values.Sum())];
    }

    private static List<OnnxFile> Write(nn.Module model, OnnxProgram program, OnnxOptions options, IReadOnlyList<OnnxPart> parts)
    {
        var (files, written) = (new List<(string, Action<FileStream>)>(), new List<OnnxFile>());
        foreach (var part in parts)
        {
            var constants = program.Graph.InitializersOf(part.Nodes).ToList();
            var bytes = constants.Sum(constant => TensorTypes.Bytes(constant.Tensor));
            var data = bytes >= Math.Min(options.ExternalDataThreshold, MostBytes) ? part.Path + ".data" : null;
            var tensors = data is null ? constants.ConvertAll(constant => OnnxSchema.Tensor(constant.Name, constant.Tensor)) : [];
            if (data is not null)
            {
                files.Add((data, stream => tensors = WriteData(constants, stream, Path.GetFileName(data))));
            }

            files.Add((part.Path, stream =>
            {
                var graph = OnnxSchema.Graph(
                    model.GetType().Name,
                    OnnxGraph.ToMessages(part.Nodes),
                    tensors,
                    part.Inputs.Select(value => OnnxSchema.Value(value.Name, value.Type, program.DimensionsOf(value))),
                    part.Outputs.Select(value => OnnxSchema.Value(value.Name, value.Type, program.DimensionsOf(value))));
                using var output = new CodedOutputStream(stream, leaveOpen: true);
                OnnxSchema.Model(graph, OnnxGraph.Domains(part.Nodes), Version, Metadata(model, options, part.Stage)).WriteTo(output);
            }));
            written.Add(new OnnxFile(part.Path, data, part.Inputs, part.Outputs, part.Nodes.Count, bytes, program.Notes));
        }

        AtomicFile.WriteTogether([.. files]);
        return written;
    }

    private static List<ProtoMessage> WriteData(List<(string Name, Tensor Tensor)> constants, FileStream file, string name) => constants.ConvertAll(constant =>
    {
        if (TensorTypes.Bytes(constant.Tensor) < LeastExternal)
        {
            return OnnxSchema.Tensor(constant.Name, constant.Tensor);
        }

        file.Position = (file.Position + Alignment - 1) / Alignment * Alignment;
        var offset = file.Position;
        file.Write(TensorTypes.ToBytes(constant.Tensor));
        return OnnxSchema.ExternalTensor(constant.Name, constant.Tensor, name, offset);
    });

    private static string Version => typeof(OnnxExporter).Assembly.GetName().Version?.ToString(3) ?? "";

    private static Dictionary<string, string> Metadata(nn.Module model, OnnxOptions options, string? stage)
    {
        var state = PruneState.Of(model);
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["prunegen.version"] = Version,
            ["prunegen.model"] = model.GetType().FullName ?? model.GetType().Name,
            ["prunegen.widths"] = JsonSerializer.Serialize(
                model.named_parameters().ToDictionary(entry => entry.name, entry => entry.parameter.shape), OnnxJson.Default.DictionaryStringInt64Array),
        };
        if (stage is not null)
        {
            metadata.Add("prunegen.stage", stage);
        }

        if (state.Report is { } report)
        {
            metadata.Add("prunegen.report", report.ToJson());
        }

        foreach (var input in state.Inputs)
        {
            // An index into what the dense model takes, which whoever calls this one has to know.
            metadata.Add($"prunegen.{input.Group}", string.Join(",", input.InUse));
        }

        foreach (var (key, value) in options.Metadata)
        {
            metadata[key] = value;
        }

        return metadata;
    }
}

/// <summary>How metadata is written without reflection.</summary>
[JsonSerializable(typeof(Dictionary<string, long[]>))]
internal sealed partial class OnnxJson : JsonSerializerContext;
