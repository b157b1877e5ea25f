using System.Globalization;
using System.Text;

namespace PruneGen.Generator.Model;

/// <summary>
/// C# with places for names that are only given when everything is known: of values, and of the model's own members,
/// which a local of the same name may hide.
/// </summary>
internal static class Code
{
    private const char ValueMark = '\u0001';
    private const char MemberMark = '\u0003';
    private const char End = '\u0002';

    /// <summary>All sizes of a tensor.</summary>
    public const string Shape = ".Shape";

    /// <summary>Makes a plain number of a size.</summary>
    public const string Known = ".Known";

    /// <summary>The place of a value's name.</summary>
    public static string Value(int number) => ValueMark + number.ToString(CultureInfo.InvariantCulture) + End;

    /// <summary>The place of a member of the model.</summary>
    public static string Member(string name) => MemberMark + name + End;

    /// <summary>The values whose names it has places for, each as often as it stands.</summary>
    public static IEnumerable<int> Values(string code)
    {
        for (var at = code.IndexOf(ValueMark); at >= 0; at = code.IndexOf(ValueMark, at + 1))
        {
            yield return int.Parse(code.Substring(at + 1, code.IndexOf(End, at) - at - 1), CultureInfo.InvariantCulture);
        }
    }

    /// <summary>Whether it is the name of a value and nothing more.</summary>
    public static bool IsValue(string code) => code.Length > 0 && code[0] == ValueMark && code.IndexOf(End) == code.Length - 1;

    /// <summary>Whether it is a member of the model and nothing more.</summary>
    public static bool IsMember(string code) => code.Length > 0 && code[0] == MemberMark && code.IndexOf(End) == code.Length - 1;

    /// <summary>The text with every name in its place.</summary>
    public static string Fill(string code, Func<int, string> value, Func<string, string> member)
    {
        if (code.IndexOf(End) < 0)
        {
            return code;
        }

        var text = new StringBuilder();
        for (var at = 0; at < code.Length; at++)
        {
            if (code[at] is not (ValueMark or MemberMark))
            {
                text.Append(code[at]);
                continue;
            }

            var end = code.IndexOf(End, at);
            var name = code.Substring(at + 1, end - at - 1);
            text.Append(code[at] == ValueMark ? value(int.Parse(name, CultureInfo.InvariantCulture)) : member(name));
            at = end;
        }

        return text.ToString();
    }

    /// <summary>An argument as C#.</summary>
    /// <param name="outer">Whether nothing stands around it that an operator inside could be torn apart by.</param>
    public static string Of(Argument argument, bool outer = true) => argument switch
    {
        NullArgument => "null",
        FlagArgument flag => flag.Value ? "true" : "false",
        NumberArgument number => number.Value.ToString(CultureInfo.InvariantCulture),
        TensorArgument tensor => Value(tensor.Value),
        SizeArgument size => $"{Value(size.Tensor)}.Size({Plain(size.Dim)})",
        RankArgument rank => $"{Value(rank.Tensor)}.Rank",
        MemberArgument member => member.Code,
        CodeArgument { Code: var code } => outer || IsSimple(code) ? code : $"({code})",
        ArithmeticArgument sum when outer => $"{Of(sum.Left, outer: false)} {sum.Operator} {Of(sum.Right, outer: false)}",
        ArithmeticArgument sum => $"({Of(sum)})",
        ListArgument list => $"link.Sizes({string.Join(", ", list.Items.Select(item => Of(item)))})",
        SlicesArgument slices => string.Join(", ", slices.Slices.Select(Of)),
        _ => throw new InvalidOperationException($"{argument.GetType().Name} is not an argument that can be printed."),
    };

    private static string Of(SliceSpec slice)
    {
        const string Slice = "global::PruneGen.Axes.AxisSlice.";
        string End(Argument? end) => end is null ? "null" : Of(end);
        return slice.Kind switch
        {
            "At" => $"{Slice}At({End(slice.Start)})",
            "By" => $"{Slice}By({Value(slice.Tensor)})",
            "Range" => $"{Slice}Range({End(slice.Start)}, {End(slice.Stop)}{(slice.Step is NumberArgument { Value: 1 } ? "" : $", {Plain(slice.Step)}")})",
            var kind => Slice + kind,
        };
    }

    /// <summary>An argument as a number of C#'s own, where a size will not do.</summary>
    public static string Plain(Argument argument, bool outer = true) => argument.IsSize
        ? argument is SizeArgument ? Of(argument) + Known : $"({Of(argument)}){Known}"
        : Of(argument, outer);

    /// <summary>Whether no operator stands outside of brackets.</summary>
    public static bool IsSimple(string code)
    {
        var depth = 0;
        for (var i = 0; i < code.Length; i++)
        {
            switch (code[i])
            {
                case '(' or '[' or '{':
                    depth++;
                    break;
                case ')' or ']' or '}':
                    depth--;
                    break;
                case ' ' or '?' or '-' or '!' or '~' when depth == 0:
                    return false;
            }
        }

        // A cast stands in brackets, but binds more loosely than what follows.
        return code.Length > 0 && (code[0] != '(' || ClosesAtEnd(code));
    }

    private static bool ClosesAtEnd(string code)
    {
        var depth = 0;
        for (var i = 0; i < code.Length; i++)
        {
            depth += code[i] == '(' ? 1 : code[i] == ')' ? -1 : 0;
            if (depth == 0)
            {
                return i == code.Length - 1;
            }
        }

        return false;
    }
}
