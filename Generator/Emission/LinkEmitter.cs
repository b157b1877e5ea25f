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
    private const int Indentation = 4;
    private static readonly Origin NoOrigin = new("", 0);
    private static readonly Origin Declaration = new("", -1);
    private readonly PruningSpec spec;
    private readonly ModelSpec model;
    private readonly string[] names;
    private readonly HashSet<string> locals;
    private readonly Dictionary<int, int> uses;
    private readonly ExpressionPrinter printer;
    private readonly List<(Origin Origin, string Code, string Axes)> lines = [];
    private int depth;

    public LinkEmitter(PruningSpec spec)
    {
        this.spec = spec;
        model = spec.Model;
        uses = CountUses(model);
        names = NameValues();
        locals = [.. names, "link", "inputs"];
        printer = new ExpressionPrinter(Name, member => locals.Contains(member.TrimStart('@')) ? "this." + member : member);
    }

    /// <summary>Whether anything but a straight line of calls is printed, with conditions and lists as the source has them.</summary>
    public static bool Repeats(ModelSpec model) =>
        model.Body.Any(node => node is not (LayerCall or OpCall or Return)) || model.Inputs.Any(input => input.Kind != InputKind.Tensor);

    public IEnumerable<string> Lines()
    {
        Hints();
        for (var i = 0; i < model.Inputs.Count; i++)
        {
            var input = model.Inputs[i];
            if (input.Kind is InputKind.Tensor or InputKind.OptionalTensor || uses.ContainsKey(i))
            {
                lines.Add((NoOrigin, $"var {Name(i)} = {Input(input, i)};", input.Kind == InputKind.Tensor ? spec.Axes[i] : ""));
            }
        }

        Print(model.Body);

        var told = lines.Where(line => line.Axes.Length > 0).Select(line => line.Code.Length).DefaultIfEmpty(0).Max();
        var column = Math.Min(FurthestComment, told) + 2;
        var (origin, opened) = (NoOrigin, false);
        foreach (var line in lines)
        {
            var indent = new string(' ', line.Code.Length - line.Code.TrimStart().Length);
            var isNew = line.Origin != origin && line.Code.Trim() is not ("{" or "}");
            if (isNew && !opened && (line.Origin != NoOrigin || line.Code.StartsWith("return", StringComparison.Ordinal)))
            {
                yield return "";
            }

            if (isNew)
            {
                origin = line.Origin;
                if (origin.Statement.Length > 0)
                {
                    yield return $"{indent}// {origin.Statement}";
                }
            }

            opened = line.Code.EndsWith("{", StringComparison.Ordinal);
            yield return line.Axes.Length == 0
                ? line.Code
                : $"{line.Code.PadRight(Math.Max(column, line.Code.Length + 2))}// {Identifiers.Readable(line.Axes)}";
        }
    }

    /// <summary>What attributes say that forward does not show.</summary>
    private void Hints()
    {
        var called = Steps.Within(model.Body)
            .OfType<LayerCall>()
            .Where(call => call.Layer is { Axes: not null, Path.Length: > 0 })
            .Select(call => (call.Layer.Path, Axes: call.Layer.Axes!));
        var own = model.Annotations.Where(annotation => annotation.Axes is not null).Select(annotation => (annotation.Path, Axes: annotation.Axes!));
        foreach (var (path, axes) in own.Concat(called).Distinct())
        {
            var rest = new[] { ("parameters", axes.Parameters), ("inexact", axes.Inexact), ("macs", axes.Macs) }.Where(part => part.Item2.Length > 0)
                .Select(part => $", {part.Item1}: {Literals.Text(part.Item2)}");
            Line("", $"link.Describe(this, {Literals.Text(path)}, {Literals.Text(axes.Notation)}{string.Concat(rest)});");
        }

        foreach (var annotation in model.Annotations.Where(
            annotation =>
                model.Reached.Any(
                    path =>
                        path == annotation.Path
                            || path.StartsWith(annotation.Path + ".", StringComparison.Ordinal)
                            || annotation.Path.StartsWith(path + ".", StringComparison.Ordinal))))
        {
            foreach (var coupling in annotation.Couplings)
            {
                Line("", $"link.Couple(this, {Literals.Text(annotation.Path)}, {Literals.Text(coupling.Path)});");
            }
        }
    }

    /// <summary>A line that opens a branch or a loop; what it says needs no comment.</summary>
    private void Open(string code) =>
        Line(lines.Count > 0 && lines[lines.Count - 1].Origin == Declaration ? Declaration : new Origin("", lines.Count + 1), code);

    private static string Input(InputSpec input, int index) => input.Kind switch
    {
        InputKind.Tensor => $"inputs[{index}]",
        InputKind.OptionalTensor => $"inputs.Optional<global::PruneGen.Axes.AxisTensor>({index})",
        InputKind.Size => $"inputs.Size({index})",
        InputKind.Setting => $"link.Setting(inputs, {index}, {Literals.Text(input.Name)}, {input.Default})",
        _ => $"inputs.Optional<{input.Type}>({index})",
    };

    private void Print(IReadOnlyList<Node> body)
    {
        for (var i = 0; i < body.Count; i++)
        {
            switch (body[i])
            {
                // A value that only goes into a variable is computed where it is assigned.
                case Instruction made
                    when i + 1 < body.Count
                        && body[i + 1] is Assign { From: var from, Variable: var variable }
                        && from == made.Result
                        && Uses(made.Result) == 1:
                    Line(made.Statement, $"{Name(variable)} = {Print(InstructionCode.Of(made))};", made.Result);
                    i++;
                    break;

                case Let { Code: Unassigned, Result: var chosen } declared
                    when i + 1 < body.Count && body[i + 1] is Choice choice && Simple(choice, chosen) is { } simple:
                    var type = simple.Any(part => part is Unassigned or NullArgument) ? declared.Type : "var";
                    Line(choice.Statement, $"{type} {Name(chosen)} = {Print(simple)};", chosen);
                    i++;
                    break;

                case Copy { IsDeclaration: true } copy:
                    Line(Declaration, $"var {Name(copy.Result)} = {Name(copy.From)};");
                    break;

                case Let { HasEffect: false, Result: var unused } when Uses(unused) == 0:
                    break;

                case Let let:
                    Line(
                        OriginOf(let),
                        $"{(let.Type.Length > 0 ? let.Type : "var")} {Name(let.Result)} = {Print(let.Code)};",
                        let is { IsTensor: true, Code: not Unassigned } ? let.Result : -1);
                    break;

                case Instruction instruction:
                    Line(
                        OriginOf(instruction),
                        $"var {Name(instruction.Result)} = {Print(InstructionCode.Of(instruction))};",
                        HasAxes(instruction) ? instruction.Result : -1);
                    break;

                case Assign assign:
                    Line(assign.Statement, $"{Name(assign.Variable)} = {Print(assign.Code)};");
                    break;

                case Guard guard:
                    Line(guard.Statement, Print(guard) + ";");
                    break;

                case Do effect:
                    Line(effect.Statement, Print(effect.Code) + ";");
                    break;

                case Choice choice:
                    Print(choice);
                    break;

                case Loop loop:
                    Open(Head(loop.Head));
                    Block(loop.Body, loop.Head is WhileHead { AtTop: false, Test: var test } ? $"while ({Print(test)});" : "");
                    break;

                case Exit exit:
                    Line(exit.Statement, Jump(exit) + ";");
                    break;

                case Label label:
                    Line("", $"{label.Name}: ;");
                    break;

                case Return end:
                    Line(depth == 0 ? "" : end.Statement, $"return {Results(end)};");
                    break;
            }
        }
    }

    private string Print(Guard guard) =>
        Print(guard.Condition is Binary { Operator: "!=", Left: Argument { IsSize: true } left, Right: Argument { IsSize: true } right }
        ? Expression.Link("Guard", left, right, new TextArgument(guard.Text))
        : Expression.Link("Guard", new Lambda(guard.Condition), new TextArgument(guard.Text)));

    private static string Jump(Exit exit) => exit.Kind switch
    {
        ExitKind.Break => "break",
        ExitKind.Continue => "continue",
        ExitKind.Jump => "goto " + exit.Label,
        _ => "throw new global::PruneGen.Axes.AxisException(global::PruneGen.Axes.AxisRule.Mismatch, \"forward throws here.\")",
    };

    private string Head(LoopHead head) => head switch
    {
        ForEachHead each => $"foreach ({Element(each.Element)} in {Print(each.Collection)})",
        ForHead count =>
            $"for ({(count.Start is { } start ? $"{count.Type} {Name(count.Counter)} = {Print(start)}" : "")}; "
                + $"{(count.Test is { } test ? Print(test) : "")}; {string.Join(", ", count.Steps.Select(Print))})",
        WhileHead { AtTop: true } loop => $"while ({Print(loop.Test)})",
        _ => "do",
    };

    private string Element(ElementName element) =>
        (element.Type.Length > 0 ? element.Type + " " : "")
            + (element.Parts.Count > 0 ? $"({string.Join(", ", element.Parts.Select(Element))})" : element.Value < 0 ? "_" : Name(element.Value));

    private static bool HasAxes(Instruction instruction) =>
        instruction is not (LayerCall { Results: not ResultKind.Tensor } or OpCall { Results: not ResultKind.Tensor });

    private string Results(Return end) =>
        $"new{(end.Results.All(result => result is TensorArgument) ? "" : " object?")}[] {{ {string.Join(", ", end.Results.Select(Print))} }}";

    private void Print(Choice choice)
    {
        if (choice.Switch is { } on)
        {
            Open($"switch ({Print(on)})");
            Line("", "{");
            depth++;
            foreach (var arm in choice.Arms)
            {
                Line("", string.Join(" ", arm.Labels.Select(LabelOf)));
                depth++;
                Print(arm.Body);
                if (arm.Body.Count == 0 || arm.Body[arm.Body.Count - 1] is not (Exit or Return))
                {
                    Line("", "break;");
                }

                depth--;
            }

            depth--;
            Line("", "}");
            return;
        }

        foreach (var arm in choice.Arms)
        {
            if (arm is { Condition: null, Body: [Choice { Switch: null } inner] })
            {
                // else if
                Line("", $"else if ({Print(inner.Arms[0].Condition!)})");
                Block(inner.Arms[0].Body);
                if (inner.Arms.Count > 1)
                {
                    Print(inner with { Arms = inner.Arms.Skip(1).ToEquatable() });
                }

                continue;
            }

            if (arm is { Condition: null, Body.Count: 0 })
            {
                continue;
            }

            if (arm.Condition is null)
            {
                Line("", "else");
            }
            else
            {
                Open($"if ({Print(arm.Condition)})");
            }

            Block(arm.Body);
        }
    }

    private string LabelOf(CaseLabel label) =>
        label.Pattern is null ? "default:" : $"case {Print(label.Pattern)}{(label.When is { } when ? $" when {Print(when)}" : "")}:";

    /// <summary>A choice that only gives a variable one of two values, as one expression.</summary>
    private static Conditional? Simple(Choice choice, int variable) =>
        choice is { Switch: null,
            Exhaustive: true,
            Arms: [{ Condition: { } condition,
                Body: [Assign { Variable: var a, Code: var yes }] }, { Condition: null, Body: [Assign { Variable: var b, Code: var no }] }] }
                    && a == variable
                    && b == variable
            ? new Conditional(condition, yes, no)
            : null;

    private void Block(IReadOnlyList<Node> body, string tail = "")
    {
        Line("", "{");
        depth++;
        Print(body);
        depth--;
        Line("", "}");
        if (tail.Length > 0)
        {
            Line("", tail);
        }
    }

    private void Line(string statement, string code, int value = -1) => Line(new Origin(statement, 0), code, value);

    private void Line(Origin origin, string code, int value = -1) =>
        lines.Add(
            (
                origin == NoOrigin && depth > 0 && lines.Count > 0 ? lines[lines.Count - 1].Origin : origin,
                new string(' ', depth * Indentation) + code,
                value >= 0 ? spec.Axes[value] : ""));

    private static Origin OriginOf(Instruction instruction) => instruction.IsDeclaration ? Declaration : new Origin(instruction.Statement, 0);

    private int Uses(int value) => uses.TryGetValue(value, out var count) ? count : 0;

    /// <summary>How often each value is read by something that is printed.</summary>
    private static Dictionary<int, int> CountUses(ModelSpec model)
    {
        var steps = Steps.Within(model.Body).ToList();
        var assigned = new HashSet<int>(steps.OfType<Assign>().Select(assign => assign.Variable));
        while (true)
        {
            var counts = steps.SelectMany(Steps.Reads).GroupBy(value => value).ToDictionary(group => group.Key, group => group.Count());

            // What nobody reads is not printed, and so reads nothing.
            var idle = steps.Where(step => step is Let { HasEffect: false } let && !counts.ContainsKey(let.Result) && !assigned.Contains(let.Result)).ToList();
            if (idle.Count == 0)
            {
                foreach (var variable in assigned.Where(variable => !counts.ContainsKey(variable)))
                {
                    counts[variable] = 1;
                }

                return counts;
            }

            steps = steps.Except(idle).ToList();
        }
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
            var number = next.TryGetValue(name, out var last) ? last : i < model.Inputs.Count || counts[name] == 1 ? 0 : 1;
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

    private string Print(Expression code) => printer.Print(code);

    /// <summary>What lines that stand together come from.</summary>
    /// <param name="Statement">The statement of the source; empty for what needs no comment.</param>
    /// <param name="Part">Tells apart what needs none.</param>
    private readonly record struct Origin(string Statement, int Part);
}
