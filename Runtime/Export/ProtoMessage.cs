using System.Text;
using Google.Protobuf;

namespace PruneGen;

/// <summary>
/// One message of the protocol buffer encoding, as a list of numbered fields: all that is needed to write a file of a schema that is known by its
/// field numbers.
/// </summary>
internal sealed class ProtoMessage
{
    private readonly List<(int Field, object Value)> fields = [];

    /// <summary>Its length in bytes.</summary>
    public long Size => fields.Sum(SizeOf);

    /// <summary>Adds a whole number.</summary>
    public ProtoMessage Add(int field, long value) => Append(field, value);

    /// <summary>Adds a single-precision number.</summary>
    public ProtoMessage Add(int field, float value) => Append(field, value);

    /// <summary>Adds a text.</summary>
    public ProtoMessage Add(int field, string value) => Append(field, value);

    /// <summary>Adds a message.</summary>
    public ProtoMessage Add(int field, ProtoMessage value) => Append(field, value);

    /// <summary>Adds bytes that are made when they are written.</summary>
    /// <param name="field">The number of the field.</param>
    /// <param name="length">How many they are.</param>
    /// <param name="bytes">Makes them.</param>
    public ProtoMessage Add(int field, int length, Func<byte[]> bytes) => Append(field, new Bytes(length, bytes));

    /// <summary>Adds each of several whole numbers.</summary>
    public ProtoMessage AddAll(int field, IEnumerable<long> values)
    {
        foreach (var value in values)
        {
            Add(field, value);
        }

        return this;
    }

    /// <summary>Adds each of several messages.</summary>
    public ProtoMessage AddAll(int field, IEnumerable<ProtoMessage> values)
    {
        foreach (var value in values)
        {
            Add(field, value);
        }

        return this;
    }

    /// <summary>Writes it.</summary>
    public void WriteTo(CodedOutputStream output)
    {
        foreach (var (field, value) in fields)
        {
            output.WriteTag(field, WireTypeOf(value));
            switch (value)
            {
                case long number:
                    output.WriteInt64(number);
                    break;
                case float number:
                    output.WriteFloat(number);
                    break;
                case string text:
                    output.WriteString(text);
                    break;
                case Bytes bytes:
                    output.WriteBytes(UnsafeByteOperations.UnsafeWrap(bytes.Make()));
                    break;
                case ProtoMessage message:
                    output.WriteLength(checked((int)message.Size));
                    message.WriteTo(output);
                    break;
            }
        }
    }

    private static WireFormat.WireType WireTypeOf(object value) => value switch
    {
        long => WireFormat.WireType.Varint,
        float => WireFormat.WireType.Fixed32,
        _ => WireFormat.WireType.LengthDelimited,
    };

    private static long SizeOf((int Field, object Value) field) => CodedOutputStream.ComputeTagSize(field.Field) + field.Value switch
    {
        long number => CodedOutputStream.ComputeInt64Size(number),
        float => sizeof(float),
        string text => Delimited(Encoding.UTF8.GetByteCount(text)),
        Bytes bytes => Delimited(bytes.Length),
        _ => Delimited(((ProtoMessage)field.Value).Size),
    };

    private static long Delimited(long length) => CodedOutputStream.ComputeUInt64Size((ulong)length) + length;

    private ProtoMessage Append(int field, object value)
    {
        fields.Add((field, value));
        return this;
    }

    private sealed record Bytes(int Length, Func<byte[]> Make);
}
