using System.Buffers.Binary;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using PruneGen.Axes;
using TorchSharp;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>
/// Saves a pruned model and makes it again. The file: the eight letters <c>PRUNEGEN</c>, the version (int32), the length of
/// the header (int32), the header (the length of its text, int32, and the text, UTF-8 JSON, <see cref="PruneFileHeader"/>, compressed by Brotli), the length
/// of the weights (int64), the weights (<see cref="WeightsSection"/>), and the SHA-256 of all that. Numbers are little-endian. In version 1 the header is not
/// compressed, and the weights are in TorchSharp's <c>.dat</c> format.
/// </summary>
public static class PruneFile
{
    private const int Version = 2;
    private const int Preamble = 16;
    private const int HashLength = 32;

    /// <summary>What to do where a file is damaged.</summary>
    internal const string CopyAgain = "Copy it again from where it came, or save the model again.";

    private const string Another = "Give a file that SavePruned wrote, or save the model again.";
    private static readonly byte[] Magic = "PRUNEGEN"u8.ToArray();

    /// <summary>Saves a model with its widths. A file of that name is replaced once the new one is complete, and not before.</summary>
    /// <param name="plan">The model, linked as it is now.</param>
    /// <param name="path">Where to.</param>
    /// <param name="report">What the pruning run came to, to keep it with the model.</param>
    /// <exception cref="IOException">The file cannot be written; one that was there is as it was.</exception>
    public static void Save(PruningPlan plan, string path, PruneReport? report = null)
    {
        var (header, weights) = (HeaderOf(plan, report), WeightsOf(plan.Model));
        AtomicFile.Write(path, stream => Write(stream, header, weights));
    }

    /// <summary>How many bytes a model's file would have, and what for.</summary>
    /// <param name="plan">The model, linked as it is now.</param>
    /// <param name="report">What the pruning run came to, as it would be kept with the model.</param>
    public static BytesOnDisk Measure(PruningPlan plan, PruneReport? report = null)
    {
        var (header, weights) = (HeaderOf(plan, report), WeightsOf(plan.Model));
        return weights.Sizes.Of(header.Length, LengthOf(header, weights));
    }

    /// <summary>Makes a saved model again: constructs it, brings it to the saved widths and loads its weights.</summary>
    /// <param name="path">The file.</param>
    /// <param name="create">Constructs the dense model, as the saved one was constructed.</param>
    /// <exception cref="InvalidDataException">The file is not one of these, is truncated or damaged, or holds another model.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static TModel Load<TModel>(string path, Func<TModel> create)
        where TModel : nn.Module, IPrunable
    {
        using var mode = GradientMode.Begin();
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        var (header, version, headerLength, length) = Read(stream, path);
        var model = create();
        try
        {
            if (header.Model != NameOf(model))
            {
                throw new InvalidDataException(
                    $"{path} holds a {header.Model}, not a {NameOf(model)}; load it with {header.Model}.LoadPruned, or, where that is no [Prunable] class "
                        + $"itself but one derived from such, with Pruning.Load(path, () => new {header.Model}(…)).");
            }

            BringToTypes(model, header);
            BringToSaved(model, header, path);
            RequireSameTensors(model, header, path);
            var report = header.Report;
            if (version == 1)
            {
                using var reader = new BinaryReader(stream, Encoding.UTF8, leaveOpen: true);
                model.load(reader);
                Hold(model, header, path);
            }
            else
            {
                var sizes = WeightsSection.Read(stream, length, header.Tensors.Keys, model, path);
                QuantizeActivations(model, header, path);
                report = report is null ? null : report with { OnDisk = sizes.Of(headerLength, stream.Length) };
            }

            var state = PruneState.Of(model);
            (state.Options, state.Report, state.EarlierReports) = (header.Options, report, header.EarlierReports ?? []);
            state.Inputs = header.Inputs ?? [];
            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>Reads what a file says about its model. The whole file is checked.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="InvalidDataException">The file is not one of these, or is truncated or damaged.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static PruneFileHeader ReadHeader(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        return Read(stream, path).Header;
    }

    private static byte[] HeaderOf(PruningPlan plan, PruneReport? report)
    {
        var text = JsonSerializer.SerializeToUtf8Bytes(
            new PruneFileHeader
            {
                Model = NameOf(plan.Model),
                Widths = plan.Groups.ToDictionary(group => group.Name, group => group.Width),
                DenseWidths = PruneState.Of(plan.Model).Dense?.Widths ?? plan.Groups.ToDictionary(group => group.Name, group => group.Width),
                Tensors = plan.Model.state_dict().ToDictionary(entry => entry.Key, entry => Describe(entry.Value)),
                InputShapes = plan.InputShapes.Count > 0 ? plan.InputShapes : null,
                Inputs = PruneState.Of(plan.Model).Inputs is { Count: > 0 } inputs ? inputs : null,
                LayerGroups = LayerGroups(plan),
                Options = plan.Options,
                Activations = ActivationPoints.Of(plan.Model) is { Count: > 0 } points
                    ? points.ToDictionary(entry => entry.Path, entry => entry.Hook.Point, StringComparer.Ordinal) : null,

                // How many bytes the file has is told by the file.
                Report = report is null ? null : report with { OnDisk = null },
                EarlierReports = PruneState.Of(plan.Model).EarlierReports is { Count: > 0 } earlier ? earlier : null,
            },
            PruneFileJson.Default.PruneFileHeader);
        using var compressed = new MemoryStream();
        var length = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(length, text.Length);
        compressed.Write(length);
        using (var brotli = new BrotliStream(compressed, CompressionLevel.SmallestSize, leaveOpen: true))
        {
            brotli.Write(text);
        }

        return compressed.ToArray();
    }

    /// <summary>The weights as they are stored. What is held at zero becomes a positive one: products with a mask leave negative zeros, too.</summary>
    private static WeightsSection WeightsOf(nn.Module model)
    {
        using var noGradients = no_grad();
        foreach (var held in WeightMasks.Of(model))
        {
            using var scope = NewDisposeScope();
            held.Tensor.masked_fill_(held.Tensor.eq(0).logical_and(held.OnDevice().eq(0)), 0);
        }

        return WeightsSection.Of(model);
    }

    private static long LengthOf(byte[] header, WeightsSection weights) => Preamble + header.Length + sizeof(long) + weights.Length + HashLength;

    private static void Write(FileStream stream, byte[] header, WeightsSection weights)
    {
        using var writer = new BinaryWriter(stream, Encoding.UTF8, leaveOpen: true);
        writer.Write(Magic);
        writer.Write(Version);
        writer.Write(header.Length);
        writer.Write(header);
        writer.Write(weights.Length);
        weights.Write(writer);
        writer.Flush();
        stream.Position = 0;
        var hash = SHA256.HashData(stream);
        writer.Write(hash);
    }

    /// <summary>Checks the whole file, reads its header, and leaves the stream where the weights begin.</summary>
    private static (PruneFileHeader Header, int Version, int HeaderLength, long Length) Read(FileStream stream, string path)
    {
        Span<byte> preamble = stackalloc byte[Preamble];
        var read = stream.ReadAtLeast(preamble, Preamble, throwOnEndOfStream: false);
        if (!preamble[..Math.Min(read, Magic.Length)].SequenceEqual(Magic.AsSpan(0, Math.Min(read, Magic.Length))) || read == 0)
        {
            throw new InvalidDataException(
                $"{path} is not a .prune file: it begins with {(read == 0 ? "nothing" : Convert.ToHexString(preamble[..Math.Min(read, Magic.Length)]))} "
                    + $"where PRUNEGEN should stand. {Another}");
        }

        if (read < Preamble)
        {
            throw Truncated(path, stream.Length, Preamble);
        }

        var version = BinaryPrimitives.ReadInt32LittleEndian(preamble[8..]);
        if (version is < 1 or > Version)
        {
            throw new InvalidDataException(
                $"{path} is of version {version} of the .prune format, and this PruneGen reads versions 1 to {Version}; "
                    + $"{(version > Version ? "update PruneGen" : "save the model again")}.");
        }

        var headerLength = BinaryPrimitives.ReadInt32LittleEndian(preamble[12..]);
        var headerEnd = (long)Preamble + headerLength;
        if (headerLength < 0 || stream.Length < headerEnd + sizeof(long))
        {
            throw Truncated(path, stream.Length, headerEnd + sizeof(long));
        }

        var header = new byte[headerLength];
        stream.ReadExactly(header);
        Span<byte> weightsLength = stackalloc byte[sizeof(long)];
        stream.ReadExactly(weightsLength);
        var weightsAt = stream.Position;
        var length = BinaryPrimitives.ReadInt64LittleEndian(weightsLength);
        if (length < 0 || length > stream.Length - weightsAt - HashLength)
        {
            throw Truncated(path, stream.Length, weightsAt + HashLength + Math.Max(0, length));
        }

        var hashAt = weightsAt + length;
        if (stream.Length != hashAt + HashLength)
        {
            throw new InvalidDataException($"{path} has {stream.Length - hashAt - HashLength} bytes too many at its end. {Another}");
        }

        RequireHash(stream, path, hashAt);
        stream.Position = weightsAt;
        return (Parse(version == 1 ? header : Expanded(header, path), path), version, headerLength, length);
    }

    private static void RequireHash(FileStream stream, string path, long hashAt)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[1 << 16];
        stream.Position = 0;
        for (var left = hashAt; left > 0;)
        {
            var count = (int)Math.Min(left, buffer.Length);
            stream.ReadExactly(buffer, 0, count);
            hash.AppendData(buffer, 0, count);
            left -= count;
        }

        stream.ReadExactly(buffer, 0, HashLength);
        if (!hash.GetHashAndReset().AsSpan().SequenceEqual(buffer.AsSpan(0, HashLength)))
        {
            throw new InvalidDataException(
                $"{path} is damaged: its contents do not match its checksum. Copy it again from where it came, or save the model again.");
        }
    }

    /// <summary>The text of a compressed header. It takes no more memory than the header says, and than it needs.</summary>
    private static byte[] Expanded(byte[] header, string path)
    {
        try
        {
            var length = header.Length >= sizeof(int) ? BinaryPrimitives.ReadInt32LittleEndian(header) : -1;
            using var text = new MemoryStream();
            using var brotli = new BrotliStream(new MemoryStream(header[Math.Min(sizeof(int), header.Length)..]), CompressionMode.Decompress);
            var buffer = new byte[1 << 12];
            for (int count; text.Length <= length && (count = brotli.Read(buffer)) > 0;)
            {
                text.Write(buffer, 0, count);
            }

            return text.Length == length ? text.ToArray() : throw new InvalidDataException("its text has another length than it says");
        }
        catch (Exception error) when (error is InvalidDataException or InvalidOperationException)
        {
            throw new InvalidDataException($"{path} has a header that is not what a .prune file has ({error.Message}). {Another}", error);
        }
    }

    private static PruneFileHeader Parse(byte[] header, string path)
    {
        try
        {
            var read = JsonSerializer.Deserialize(header, PruneFileJson.Default.PruneFileHeader) ?? throw new JsonException("The header is null.");
            RequireWhole(read);
            return read;
        }
        catch (Exception error) when (error is JsonException or ArgumentException)
        {
            throw new InvalidDataException($"{path} has a header that is not what a .prune file has ({error.Message}). {Another}", error);
        }
    }

    /// <summary>Sees that nothing is null that must not be, and that options are within their ranges.</summary>
    private static void RequireWhole(PruneFileHeader header)
    {
        if (header.Model is null || header.Widths is null || header.Tensors?.Values.All(tensor => tensor is { Type: not null, Shape: not null }) != true
            || header.Options is not { Retrain: not null, Layers: not null } || header.Options.Layers.Values.Contains(null!)
            || header.InputShapes?.Contains(null!) == true || header.Activations?.Values.Contains(null!) == true
            || header.EarlierReports?.Contains(null!) == true || header.Inputs?.Contains(null!) == true)
        {
            throw new JsonException("Something in the header is null.");
        }

        if (header.Inputs?.FirstOrDefault(one => !one.Fits(header.InputShapes)) is { } unfit)
        {
            throw new JsonException($"The features in use, {unfit}, do not fit the shapes of the inputs.");
        }

        header.Options.ValidateValues();
    }

    /// <summary>Gives every layer the element type that its weights were saved in.</summary>
    private static void BringToTypes(nn.Module model, PruneFileHeader header)
    {
        foreach (var (path, module) in model.named_modules().Select(entry => (entry.name, entry.module)).Prepend(("", model)))
        {
            var own = module.named_parameters(recurse: false)
                .Select(entry => (entry.name, Tensor: (Tensor)entry.parameter))
                .Concat(module.named_buffers(recurse: false).Select(entry => (entry.name, Tensor: entry.buffer)));
            var types = own.Where(entry => entry.Tensor.is_floating_point())
                .Select(
                    entry =>
                        (
                            Live: entry.Tensor.dtype.ToString(),
                            Saved: header.Tensors.TryGetValue(path.Length > 0 ? $"{path}.{entry.name}" : entry.name, out var saved) ? saved.Type : null))
                .Where(entry => entry.Saved is not null && entry.Saved != entry.Live).Select(entry => entry.Saved).Distinct().ToList();

            // Parents come before their children, which get their own type last.
            if (types is [{ } one] && Enum.TryParse<ScalarType>(one, out var type))
            {
                module.to(type);
            }
        }
    }

    /// <summary>Brings a dense model to the inputs and the widths of the saved one.</summary>
    /// <exception cref="InvalidDataException">It was constructed otherwise.</exception>
    private static void BringToSaved<TModel>(TModel model, PruneFileHeader header, string path)
        where TModel : nn.Module, IPrunable
    {
        try
        {
            BringToInputs(model, header, path);
            BringToWidths(header, path, () => PruningPlan.Link(model, options: null, [.. header.InputShapes ?? []]));
        }
        catch (AxisException error)
        {
            throw new InvalidDataException(
                $"{path} does not fit a new {model.GetType().Name}: {error.Message}. Construct it with the arguments that the saved one was constructed with.",
                error);
        }
    }

    /// <summary>Ratios are shares of the dense widths, so these have to be those that the saved model had.</summary>
    private static void RequireSameDense(PruningPlan plan, PruneFileHeader header, string path)
    {
        foreach (var group in plan.Groups)
        {
            if (header.DenseWidths?.TryGetValue(group.Name, out var dense) == true && dense != group.DenseWidth)
            {
                throw new InvalidDataException(
                    $"{path} is of a {plan.Model.GetType().Name} whose {group.Name} had {dense} channels before it was pruned, and a new one has "
                        + $"{group.DenseWidth}; construct it with the arguments that the saved one was constructed with.");
            }
        }
    }

    /// <summary>Lets a dense model take as few features of its inputs as the saved one does.</summary>
    private static void BringToInputs(nn.Module model, PruneFileHeader header, string path)
    {
        if (header is not { Inputs: { Count: > 0 } inputs, InputShapes: { } narrow })
        {
            return;
        }

        var dense = narrow.Select((shape, position) => shape.Select((size, dim) =>
            inputs.FirstOrDefault(one => one.Position == position && one.Dim == dim)?.Dense ?? size).ToArray());
        var plan = PruningPlan.LinkModel(model, options: null, [.. dense], shrinksInputs: true);
        if (inputs.FirstOrDefault(one => plan.Groups.All(group => group.Name != one.Group)) is { } other)
        {
            throw new InvalidDataException(
                $"{path} takes {other}, which a new {model.GetType().Name} cannot do; load it with the sources that it was saved with.");
        }

        using var selection = new PruneSelection(
            plan, inputs.ToDictionary(one => one.Group, one => Enumerable.Range(0, one.InUse.Count).Select(i => (long)i).ToArray(), StringComparer.Ordinal));
        Compaction.Apply(selection).Dispose();
    }

    /// <summary>
    /// Brings a dense model to the saved widths. Groups that have shrunk to one channel each can then lose whole groups, as the
    /// saved model may have in a later run: so it is linked again until nothing more changes.
    /// </summary>
    private static void BringToWidths(PruneFileHeader header, string path, Func<PruningPlan> link)
    {
        for (var (plan, isDense) = (link(), true); ; (plan, isDense) = (link(), false))
        {
            using var selection = FirstOf(plan, header, path);
            if (isDense)
            {
                RequireSameDense(plan, header, path);
            }

            if (selection.Plan.Groups.All(group => selection.WidthOf(group) == group.Width))
            {
                return;
            }

            Compaction.Apply(selection).Dispose();
        }
    }

    /// <summary>Brings a model to the widths that the shapes of its parameters and buffers tell, by path; those that tell none are left.</summary>
    /// <exception cref="InvalidDataException">The model is narrower than that already.</exception>
    internal static void BringToShapes(nn.Module model, IReadOnlyDictionary<string, long[]> shapes, string path)
    {
        var header = new PruneFileHeader
        {
            Model = NameOf(model),
            Widths = new Dictionary<string, long>(),
            Tensors = shapes.ToDictionary(entry => entry.Key, entry => new SavedTensor("", entry.Value), StringComparer.Ordinal),
            Options = new PruneOptions(),
        };
        BringToWidths(header, path, () => PruningPlan.LinkModel(model, options: null, []));
    }

    private static void QuantizeActivations(nn.Module model, PruneFileHeader header, string path)
    {
        foreach (var (name, point) in header.Activations ?? new Dictionary<string, ActivationPoint>())
        {
            var layer = name.Length == 0 ? model : model.named_modules().FirstOrDefault(entry => entry.name == name).module;
            if (layer is null || !ActivationPoints.Suits(layer) || !point.IsValid)
            {
                throw new InvalidDataException(
                    $"{path} quantizes what {name} takes in ({point}), which a new {model.GetType().Name} cannot do; construct it with the arguments that the "
                        + "saved one was constructed with.");
            }

            ActivationPoints.Set(layer, point);
        }
    }

    private static void Hold(nn.Module model, PruneFileHeader header, string path)
    {
        using var noGradients = no_grad();
        foreach (var (name, bits) in header.Masks ?? new Dictionary<string, byte[]>())
        {
            var dot = name.LastIndexOf('.');
            var layer = dot < 0 ? model : model.named_modules().FirstOrDefault(entry => entry.name == name[..dot]).module;
            if (layer?.get_parameter(name[(dot + 1)..]) is not { } parameter || bits.Length != (parameter.numel() + 7) / 8)
            {
                throw new InvalidDataException(
                    $"{path} holds weights of {name} at zero, which a new {model.GetType().Name} of the saved widths does not have; construct it with "
                        + $"the arguments that the saved one was constructed with.");
            }

            var mask = Enumerable.Range(0, (int)parameter.numel()).Select(i => (bits[i / 8] >> (i % 8) & 1) == 0).ToArray();
            WeightMasks.Set(layer, name[(dot + 1)..], tensor(mask, parameter.shape).to_type(parameter.dtype).DetachFromDisposeScope());
        }
    }

    /// <summary>
    /// The first channels of each group, as many as the saved model has. Which ones does not matter: their weights are loaded
    /// next. The widths are read off the saved shapes, because a group may go by another name once it has shrunk to one.
    /// </summary>
    private static PruneSelection FirstOf(PruningPlan plan, PruneFileHeader header, string path)
    {
        var kept = new Dictionary<string, long[]>(StringComparer.Ordinal);
        foreach (var group in plan.Groups)
        {
            // Less than one: whole groups of single channels have gone too, in the next round.
            var width = Math.Max(1, SavedWidth(group, header));
            if (width > group.Width)
            {
                throw new InvalidDataException(
                    $"{path} has {width} channels of {group.Name}, and a new {plan.Model.GetType().Name} has {group.Width}; construct it with the "
                        + $"arguments that the saved one was constructed with.");
            }

            kept.Add(group.Name, Enumerable.Range(0, (int)width).Select(i => (long)i).ToArray());
        }

        return new PruneSelection(plan, kept);
    }

    private static long SavedWidth(PruningGroup group, PruneFileHeader header)
    {
        // A dimension that is the group and no more tells the width best; then those of layers whose number of groups is known.
        var widths = group.Members
            .Where(member => member.Parameter.Axes[member.Dim].Leaves().Count(leaf => leaf.IsPrunable) == 1
                && header.Tensors.TryGetValue(member.Parameter.Path, out var saved) && saved.Shape.Count == member.Parameter.Shape.Count)
            .OrderBy(member => member.IndexMap.Count == group.Width ? 0 : header.LayerGroups?.ContainsKey(member.Parameter.Layer.Name) == true ? 1 : 2)
            .Select(member => SavedWidth(group, member, header));
        return widths.Select(width => (long?)width).FirstOrDefault() ?? (header.Widths.TryGetValue(group.Name, out var found) ? found : group.Width);
    }

    /// <summary>
    /// Each index of the group takes as many positions in the saved dimension as in the dense one, and what belongs to no group
    /// stays. Where the layer works in groups, each takes as many as there are groups, and of those fewer may be left.
    /// </summary>
    private static long SavedWidth(PruningGroup group, GroupMember member, PruneFileHeader header)
    {
        var others = member.IndexMap.LongCount(index => index < 0);
        var each = (member.IndexMap.Count - others) / group.Width;
        var layer = member.Parameter.Layer.Name;
        if (header.LayerGroups?.TryGetValue(layer, out var saved) == true && GroupsOf(member.Parameter.Module) is long dense && each % dense == 0)
        {
            each = each / dense * saved;
        }

        return (header.Tensors[member.Parameter.Path].Shape[member.Dim] - others) / each;
    }

    private static Dictionary<string, long> LayerGroups(PruningPlan plan) =>
        plan.Parameters.Select(parameter => (parameter.Layer.Name, Groups: GroupsOf(parameter.Module)))
        .Where(entry => entry.Groups is not null)
            .DistinctBy(entry => entry.Name)
            .ToDictionary(entry => entry.Name, entry => entry.Groups!.Value, StringComparer.Ordinal);

    private static long? GroupsOf(nn.Module module) => module switch
    {
        TorchSharp.Modules.Convolution convolution => convolution.groups,
        TorchSharp.Modules.GroupNorm norm => norm.num_groups,
        _ => null,
    };

    private static void RequireSameTensors(nn.Module model, PruneFileHeader header, string path)
    {
        var constructed = model.state_dict().ToDictionary(entry => entry.Key, entry => Describe(entry.Value).ToString());
        var saved = header.Tensors.ToDictionary(entry => entry.Key, entry => entry.Value.ToString());
        foreach (var name in saved.Keys.Union(constructed.Keys).Order(StringComparer.Ordinal))
        {
            var (inFile, inModel) = (saved.GetValueOrDefault(name) ?? "nothing", constructed.GetValueOrDefault(name) ?? "nothing");
            if (inFile != inModel)
            {
                throw new InvalidDataException(
                    $"{path} has {inFile} for {name}, and a new {model.GetType().Name} of the saved widths has {inModel}; construct it with the "
                        + $"arguments that the saved one was constructed with.");
            }
        }
    }

    private static SavedTensor Describe(Tensor tensor) => new(tensor.dtype.ToString(), tensor.shape);

    // Without the assembly and its version, which may change.
    private static string NameOf(nn.Module model) => model.GetType().ToString();

    private static InvalidDataException Truncated(string path, long length, long least) =>
        new($"{path} is truncated: it has {length} bytes of at least {least}. {CopyAgain}");
}
