namespace PruneGen.Axes;

/// <summary>Einstein sums with an equation that the source states: each letter is one axis.</summary>
internal static class EinsumOps
{
    public static void Define(OpList ops)
    {
        ops.Add((graph, a) => [Einsum(graph, a)], "einsum");
    }

    public static AxisTensor Einsum(AxisGraph graph, OpArguments a)
    {
        var equation = (a.Text("equation") ?? throw new AxisException(AxisRule.Unsupported, $"{a.Name} is followed where its equation is a constant"))
            .Replace(" ", "");
        var sides = equation.Split(["->"], StringSplitOptions.None);
        var operands = sides[0].Split(',');
        var tensors = a.Given;
        if (operands.Length != tensors.Count)
        {
            throw new AxisException(AxisRule.Mismatch, $"{a.Name}(\"{equation}\") names {operands.Length} tensors, but gets {tensors.Count}");
        }

        var letters = new Dictionary<char, Axis>();
        var zeroes = new HashSet<char>();
        AxisTensor? broadcast = null;
        for (var i = 0; i < operands.Length; i++)
        {
            broadcast = Read(graph, a.Name, equation, operands[i], tensors[i], letters, zeroes) is { } rest
                ? broadcast is null ? rest : PointwiseOps.Pointwise(graph, a.Name, [broadcast, rest], Zeros.Kept)
                : broadcast;
        }

        var result = sides.Length > 1 ? sides[1] : Implicit(operands);
        foreach (var letter in letters.Keys.Where(letter => result.IndexOf(letter) < 0 && !zeroes.Contains(letter)))
        {
            graph.MarkInexact(letters[letter], $"{a.Name} sums over it, and what a mask switches off is not zero there");
        }

        // What one operand alone has, and the sum keeps, is what it makes: of a weight that forward uses by itself the start of a group.
        foreach (var letter in letters.Keys.Where(letter => result.IndexOf(letter) >= 0 && operands.Count(operand => operand.IndexOf(letter) >= 0) == 1))
        {
            graph.StartOutput(letters[letter]);
        }

        graph.Mac(a.Name, letters.OrderBy(letter => letter.Value.Order).Skip(1).Select(letter => letter.Value));
        var dots = result.IndexOf("...", StringComparison.Ordinal);
        Axis[] Named(string names) =>
            names.Select(
                letter =>
                    letters.TryGetValue(letter, out var axis)
                        ? axis.Resolve()
                        : throw new AxisException(AxisRule.Mismatch, $"{a.Name}(\"{equation}\") makes {letter} of nothing")).ToArray();
        var dims = dots < 0 ? Named(result) : [.. Named(result.Substring(0, dots)), .. broadcast?.Dims ?? [], .. Named(result.Substring(dots + 3))];
        return new AxisTensor(dims).WithZeros(tensors.All(tensor => tensor.KeepsZeros));
    }

    /// <summary>Ties the dimensions of one operand to their letters; returns those that an ellipsis stands for.</summary>
    private static AxisTensor? Read(
        AxisGraph graph, string name, string equation, string operand, AxisTensor x, Dictionary<char, Axis> letters, HashSet<char> zeroes)
    {
        var dots = operand.IndexOf("...", StringComparison.Ordinal);
        var named = operand.Replace("...", "");
        if (x.IsOpen)
        {
            throw new AxisException(AxisRule.UnknownShape, $"{name}(\"{equation}\") needs the rank of {x}; give the shape of the model's input");
        }

        if (dots < 0 ? named.Length != x.Dims.Count : named.Length > x.Dims.Count)
        {
            throw new AxisException(AxisRule.Mismatch, $"{name}(\"{equation}\") calls the dimensions of {x} {operand}");
        }

        var hidden = x.Dims.Count - named.Length;
        for (var i = 0; i < named.Length; i++)
        {
            var axis = x.Dims[dots < 0 || i < dots ? i : i + hidden];
            if (named.IndexOf(named[i]) != i)
            {
                graph.Fix(axis, $"{name} takes a diagonal of it");
            }

            if (letters.TryGetValue(named[i], out var known))
            {
                graph.Tie(known, axis, $"{name} calls both {named[i]}");
            }
            else
            {
                letters.Add(named[i], axis);
            }

            if (x.KeepsZeros)
            {
                zeroes.Add(named[i]);
            }
        }

        return dots < 0 ? null : new AxisTensor(x.Dims.Skip(dots).Take(hidden).ToArray());
    }

    /// <summary>Without an arrow, the letters that stand once, in the order of the alphabet.</summary>
    private static string Implicit(string[] operands)
    {
        var all = string.Concat(operands).Replace("...", "");
        var once = all.Where(letter => all.IndexOf(letter) == all.LastIndexOf(letter)).OrderBy(letter => letter);
        return (operands.Any(operand => operand.Contains("...")) ? "..." : "") + string.Concat(once);
    }
}
