using System.Text.Json;
using System.Text.Json.Serialization;
using Google.Protobuf;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>What was exported.</summary>
/// <param name="Path">The file.</param>
/// <param name="DataPath">The file beside it that has the weights; null where the file itself has them.</param>
/// <param name="Inputs">The model's inputs.</param>
/// <param name="Outputs">Its outputs.</param>
/// <param name="Nodes">How many nodes the graph has.</param>
/// <param name="WeightBytes">How many bytes the constants have.</param>
/// <param name="Notes">What the exported model does otherwise than the model while it is trained: random steps that are left out.</param>
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
        return Write(model, program, path, options);
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

    private static OnnxFile Write(nn.Module model, OnnxProgram program, string path, OnnxOptions options)
    {
        var constants = program.Graph.Initializers.ToList();
        var bytes = constants.Sum(constant => TensorTypes.Bytes(constant.Tensor));
        var external = bytes >= Math.Min(options.ExternalDataThreshold, MostBytes);
        var (dataPath, partial, partialData) = (path + ".data", path + ".partial", path + ".data.partial");
        try
        {
            var tensors = external ? WriteData(constants, partialData, System.IO.Path.GetFileName(dataPath)) : constants.Select(
                constant => OnnxSchema.Tensor(constant.Name, constant.Tensor));
            var graph = OnnxSchema.Graph(
                model.GetType().Name,
                program.Graph.ToMessages(),
                tensors,
                program.Inputs.Select(value => OnnxSchema.Value(value.Name, value.Type, program.DimensionsOf(value))),
                program.Outputs.Select(value => OnnxSchema.Value(value.Name, value.Type, program.DimensionsOf(value))));
            var message = OnnxSchema.Model(graph, program.Graph.Domains, Version, Metadata(model, options));
            using (var file = File.Create(partial))
            using (var output = new CodedOutputStream(file))
            {
                message.WriteTo(output);
            }

            if (external)
            {
                File.Move(partialData, dataPath, overwrite: true);
            }

            File.Move(partial, path, overwrite: true);
        }
        finally
        {
            File.Delete(partial);
            File.Delete(partialData);
        }

        return new OnnxFile(path, external ? dataPath : null, program.Inputs, program.Outputs, program.Graph.NodeCount, bytes, program.Notes);
    }

    private static List<ProtoMessage> WriteData(List<(string Name, Tensor Tensor)> constants, string path, string name)
    {
        using var file = File.Create(path);
        return constants.ConvertAll(constant =>
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
    }

    private static string Version => typeof(OnnxExporter).Assembly.GetName().Version?.ToString(3) ?? "";

    private static Dictionary<string, string> Metadata(nn.Module model, OnnxOptions options)
    {
        var state = PruneState.Of(model);
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["prunegen.version"] = Version,
            ["prunegen.model"] = model.GetType().FullName ?? model.GetType().Name,
            ["prunegen.widths"] = JsonSerializer.Serialize(
                model.named_parameters().ToDictionary(entry => entry.name, entry => entry.parameter.shape), OnnxJson.Default.DictionaryStringInt64Array),
        };
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
