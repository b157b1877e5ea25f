using PruneGen.Generator.Analysis;
using PruneGen.Generator.Model;

namespace PruneGen.Generator.Emission;

/// <summary>
/// Prints the body of <c>Link</c>: under each statement of <c>forward</c>, what it does to the axes, and behind each line
/// the dimensions of its result.
/// </summary>
internal sealed class LinkEmitter
{
    private const int FurthestComment = 76;
    private readonly PruningSpec spec;
    private readonly ModelSpec model;
    private readonly string[] names;
    private readonly HashSet<string> locals;

    public LinkEmitter(PruningSpec spec)
    {
        this.spec = spec;
        model = spec.Model;
        names = NameValues();
        locals = [.. names, "link", "inputs"];
    }

    public IEnumerable<string> Lines()
    {
        var code = new List<(string Statement, string Code, string Axes)>();
        for (var i = 0; i < model.InputCount; i++)
        {
            code.Add(("", $"var {Name(i)} = inputs[{i}];", spec.Axes[i]));
        }

        code.AddRange(model.Body.Select(instruction => (instruction.Statement, $"var {Name(instruction.Result)} = {Call(instruction)};", spec.Axes[instruction.Result])));

        var column = Math.Min(FurthestComment, code.Max(line => line.Code.Length)) + 2;
        var statement = "";
        foreach (var line in code)
        {
            if (line.Statement != statement)
            {
                statement = line.Statement;
                yield return "";
                yield return $"// {statement}";
            }

            yield return $"{line.Code.PadRight(column)}// {Identifiers.Readable(line.Axes)}";
        }

        yield return "";
        yield return $"return new[] {{ {string.Join(", ", model.Results.Select(Name))} }};";
    }

    /// <summary>
    /// A value goes by the name of the variable that it was assigned to; where that holds several in turn, they are numbered.
    /// </summary>
    private string[] NameValues()
    {
        var taken = new HashSet<string>(StringComparer.Ordinal) { "link", "inputs" };
        var counts = model.Values.GroupBy(name => name).ToDictionary(group => group.Key, group => group.Count(), StringComparer.Ordinal);
        var next = new Dictionary<string, int>(StringComparer.Ordinal);
        var result = new string[model.Values.Count];
        for (var i = 0; i < result.Length; i++)
        {
            var name = model.Values[i];
            var number = next.TryGetValue(name, out var last) ? last : i < model.InputCount || counts[name] == 1 ? 0 : 1;
            string candidate;
            do
            {
                candidate = number == 0 ? name : name + Literals.Integer(number);
                number++;
            }
            while (!taken.Add(candidate));
            next[name] = number;
            result[i] = candidate;
        }

        return result;
    }

    private string Name(int value) => Identifiers.Escape(names[value]);

    private string Call(Instruction instruction)
    {
        switch (instruction)
        {
            case LayerCall call:
                return $"link.Layer({string.Join(", ", call.Inputs.Select(Name).Prepend(Layer(call.Reference)))})";
            case OpCall operation:
                var inputs = operation.Inputs.Count == 1 ? Name(operation.Inputs[0]) : $"new[] {{ {string.Join(", ", operation.Inputs.Select(Name))} }}";
                var arguments = operation.Arguments.Select(argument => $", ({Literals.Text(argument.Name)}, {Value(argument.Value)})");
                return $"link.Op({Literals.Text(operation.Name)}, {inputs}{string.Concat(arguments)})";
            default:
                throw new InvalidOperationException($"{instruction.GetType().Name} is not an instruction that can be printed.");
        }
    }

    private string Layer(LayerReference reference)
    {
        var code = Member(reference.Code) + (reference.MayBeNull ? "!" : "");
        return reference.NeedsCast ? $"(global::TorchSharp.torch.nn.Module){code}" : code;
    }

    /// <summary>A member that a local hides is reached by <c>this</c>.</summary>
    private string Member(string code)
    {
        var root = code.Split('.', '[', '!')[0].TrimStart('@');
        return locals.Contains(root) ? "this." + code : code;
    }

    private string Value(Argument argument) => argument switch
    {
        NumberArgument number => Literals.Integer(number.Value) + "L",
        ListArgument list => $"link.Sizes({string.Join(", ", list.Items.Select(item => Size(item, outer: true)))})",
        _ => Size(argument, outer: true),
    };

    private string Size(Argument argument, bool outer) => argument switch
    {
        NullArgument => "null",
        FlagArgument flag => flag.Value ? "true" : "false",
        NumberArgument number => Literals.Integer(number.Value),
        SizeArgument size => $"{Name(size.Tensor)}.Size({Size(size.Dim, outer: true)})",
        MemberArgument member => Member(member.Code),
        ArithmeticArgument sum when outer => $"{Size(sum.Left, outer: false)} {sum.Operator} {Size(sum.Right, outer: false)}",
        ArithmeticArgument sum => $"({Size(sum, outer: true)})",
        _ => throw new InvalidOperationException($"{argument.GetType().Name} is not an argument that can be printed."),
    };
}
