using TorchSharp;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>
/// The tensors of a model in a <c>.prune</c> file, in the order in which the header names them: of each twice its length, and one more where it is coded (as
/// a number of seven bits a byte), then its bytes, as they are in memory or as <see cref="TensorCoder"/> codes them.
/// </summary>
internal sealed class WeightsSection
{
    // So many elements of a tensor that is stored as it is are written at a time.
    private const long AtOnce = 1 << 24;

    private readonly List<(Tensor Tensor, CodedTensor? Coded)> tensors = [];

    private WeightsSection()
    {
    }

    /// <summary>Its length in bytes.</summary>
    public long Length { get; private set; }

    /// <summary>What its bits are for.</summary>
    public FileParts Sizes { get; } = new();

    /// <summary>Codes the tensors of a model.</summary>
    public static WeightsSection Of(nn.Module model)
    {
        var section = new WeightsSection();
        foreach (var (name, tensor) in model.state_dict())
        {
            var owner = Owner(model, name, out var parameter);
            var held = owner is null ? null : WeightMasks.Of(owner, parameter);
            var code = owner is null ? null : WeightCodes.Of(owner, parameter);
            var coded = tensor.numel() > TensorCoder.MostElements && held is null ? null : TensorCoder.Encode(
                tensor,
                code?.Is(tensor) == true ? code : null,
                held is null ? null : IsZero(held));
            section.tensors.Add((tensor, coded));
            if (coded is not null)
            {
                section.Sizes.Add(coded.Sizes);
            }
            else
            {
                section.Sizes.Values += 8 * BytesOf(tensor);
            }

            var length = coded?.Bytes.Length ?? BytesOf(tensor);
            section.Length += length + PrefixLength((2 * length) + 1);
        }

        return section;
    }

    public void Write(BinaryWriter writer)
    {
        foreach (var (tensor, coded) in tensors)
        {
            if (coded is not null)
            {
                writer.Write7BitEncodedInt64((2L * coded.Bytes.Length) + 1);
                writer.Write(coded.Bytes);
                continue;
            }

            writer.Write7BitEncodedInt64(2 * BytesOf(tensor));
            var count = tensor.numel();
            for (var start = 0L; start < count; start += AtOnce)
            {
                using var scope = NewDisposeScope();
                writer.Write(tensor.detach().flatten().narrow(0, start, Math.Min(AtOnce, count - start)).cpu().contiguous().bytes);
            }
        }
    }

    /// <summary>Reads the tensors into a model that has just these, with what they are stored as and what of them is held.</summary>
    /// <param name="stream">Where they begin.</param>
    /// <param name="length">The length of the section.</param>
    /// <param name="names">The tensors, in the order of the file.</param>
    /// <param name="model">The model.</param>
    /// <param name="path">The file, for messages.</param>
    /// <returns>What its bits are for.</returns>
    /// <exception cref="InvalidDataException">They are none of this model.</exception>
    public static FileParts Read(Stream stream, long length, IEnumerable<string> names, nn.Module model, string path)
    {
        using var reader = new BinaryReader(stream, System.Text.Encoding.UTF8, leaveOpen: true);
        using var noGradients = no_grad();
        var (sizes, end, live) = (new FileParts(), stream.Position + length, model.state_dict());
        foreach (var name in names)
        {
            using var scope = NewDisposeScope();
            try
            {
                var told = reader.Read7BitEncodedInt64();
                var (bytes, isCoded) = (told >> 1, (told & 1) == 1);
                if (told < 0 || bytes > end - stream.Position)
                {
                    throw new InvalidDataException($"it is to have {bytes} bytes of {end - stream.Position} that are left");
                }

                if (isCoded)
                {
                    ReadCoded(reader.ReadBytes(checked((int)bytes)), model, name, live[name], sizes);
                }
                else
                {
                    ReadPlain(reader, bytes, live[name], sizes);
                }
            }
            catch (Exception error) when (error is InvalidDataException or EndOfStreamException or FormatException or OverflowException)
            {
                throw new InvalidDataException($"{path} is damaged: {name} cannot be read, because {error.Message}. {PruneFile.CopyAgain}", error);
            }
        }

        return stream.Position == end
            ? sizes
            : throw new InvalidDataException($"{path} is damaged: {end - stream.Position} bytes follow its last tensor. {PruneFile.CopyAgain}");
    }

    private static void ReadCoded(byte[] bytes, nn.Module model, string name, Tensor live, FileParts sizes)
    {
        var (tensor, code, held) = TensorCoder.Decode(bytes, live.shape, live.dtype, sizes);
        live.copy_(tensor);
        if (Owner(model, name, out var parameter) is not { } owner)
        {
            return;
        }

        WeightCodes.Set(owner, parameter, code);
        if (held is not null)
        {
            var mask = torch.tensor(Array.ConvertAll(held, isHeld => !isHeld)).reshape(live.shape).to_type(live.dtype);
            WeightMasks.Set(owner, parameter, mask.DetachFromDisposeScope());
        }
    }

    private static void ReadPlain(BinaryReader reader, long bytes, Tensor live, FileParts sizes)
    {
        if (bytes != BytesOf(live))
        {
            throw new InvalidDataException($"it has {bytes} bytes where {BytesOf(live)} should stand");
        }

        sizes.Values += 8 * bytes;
        var (count, size) = (live.numel(), (int)live.element_size());
        var whole = empty(count, live.dtype);
        for (var start = 0L; start < count; start += AtOnce)
        {
            using var scope = NewDisposeScope();
            var some = Math.Min(AtOnce, count - start);
            var part = empty(some, live.dtype);
            reader.BaseStream.ReadExactly(part.bytes[..(int)(some * size)]);
            whole.narrow(0, start, some).copy_(part);
        }

        live.copy_(whole.reshape(live.shape));
    }

    private static bool[] IsZero(Tensor mask)
    {
        using var scope = NewDisposeScope();
        return mask.eq(0).cpu().contiguous().data<bool>().ToArray();
    }

    /// <summary>The module that has a parameter of a path; null where that is a buffer.</summary>
    private static nn.Module? Owner(nn.Module model, string path, out string name)
    {
        var dot = path.LastIndexOf('.');
        name = path[(dot + 1)..];
        var owner = dot < 0 ? model : model.named_modules().FirstOrDefault(entry => entry.name == path[..dot]).module;
        return owner?.get_parameter(name) is null ? null : owner;
    }

    private static long BytesOf(Tensor tensor) => tensor.numel() * tensor.element_size();

    private static int PrefixLength(long value) => value < 0x80 ? 1 : 1 + PrefixLength(value >> 7);
}
