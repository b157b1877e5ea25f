namespace PruneGen;

/// <summary>
/// Where a graph is cut into stages. No stage has many more multiply-accumulates than its share, and among such cuts those are taken over which the
/// fewest bytes go.
/// </summary>
internal sealed class StageCuts
{
    /// <summary>How much more than its share a stage may have to do, where fewer bytes then go over the cuts.</summary>
    public const double Slack = 0.25;

    private static readonly HashSet<string> Products = new(StringComparer.Ordinal)
    {
        "Conv", "ConvInteger", "ConvTranspose", "Gemm", "MatMul", "Einsum", "LSTM", "GRU", "RNN",
    };

    private readonly OnnxProgram program;
    private readonly HashSet<OnnxNode> constant = new(ReferenceEqualityComparer.Instance);
    private readonly List<OnnxNode> nodes;
    private readonly Dictionary<string, int> made = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> lastRead = new(StringComparer.Ordinal);
    private readonly long[] work;
    private readonly long?[] bytes;

    /// <param name="program">The graph.</param>
    /// <param name="macs">The multiply-accumulates of each step of forward.</param>
    public StageCuts(OnnxProgram program, IReadOnlyList<long> macs)
    {
        this.program = program;
        var outputs = program.Outputs.Select(output => output.Name).ToHashSet(StringComparer.Ordinal);
        var fixedNames = new HashSet<string>(StringComparer.Ordinal) { "" };
        foreach (var node in program.Graph.Written.Where(node =>
            node.Inputs.All(input => fixedNames.Contains(input) || program.Graph.Initializer(input) is not null) && !node.Outputs.Any(outputs.Contains)))
        {
            // What is computed of constants alone goes with whatever reads it.
            constant.Add(node);
            fixedNames.UnionWith(node.Outputs);
        }

        nodes = InOrder();
        foreach (var input in program.Inputs)
        {
            made[input.Name] = -1;
        }

        for (var i = 0; i < nodes.Count; i++)
        {
            foreach (var read in nodes[i].Inputs)
            {
                lastRead[read] = i;
            }

            foreach (var output in nodes[i].Outputs)
            {
                made[output] = i;
            }
        }

        work = Work(macs);
        bytes = [.. Enumerable.Range(0, nodes.Count).Select(at => at == 0 ? null : BytesOver(at))];
    }

    /// <summary>In how many places it can be cut.</summary>
    public int Count => bytes.Count(over => over is not null);

    /// <summary>Cuts it.</summary>
    /// <param name="stages">Into how many stages; one more than places at most.</param>
    /// <returns>The nodes of each, its multiply-accumulates, and the bytes that later ones need of what there is up to its end.</returns>
    public List<(IReadOnlyList<OnnxNode> Nodes, long Macs, long CutBytes)> Cut(int stages)
    {
        var total = work.Sum();
        var sums = new long[nodes.Count + 1];
        for (var i = 0; i < nodes.Count; i++)
        {
            sums[i + 1] = sums[i] + work[i];
        }

        long Of(int from, int to) => sums[to] - sums[from];
        var least = Best(stages, (from, to, before) => Math.Max(before, Of(from, to)));
        var limit = Math.Max(least.Cost, (long)(total * (1 + Slack) / stages));
        var cuts = Best(stages, (from, to, before) => Of(from, to) > limit ? long.MaxValue : before + (bytes.ElementAtOrDefault(to) ?? 0)).Cuts;
        return [.. cuts.Append(nodes.Count).Select((end, i) =>
        {
            var start = i == 0 ? 0 : cuts[i - 1];
            return ((IReadOnlyList<OnnxNode>)WithConstants(nodes[start..end]), Of(start, end), bytes.ElementAtOrDefault(end) ?? 0);
        })];
    }

    /// <summary>The tensors at the borders of some nodes.</summary>
    /// <param name="part">The nodes of a stage.</param>
    public (List<OnnxValue> Inputs, List<OnnxValue> Outputs) Borders(IReadOnlyList<OnnxNode> part)
    {
        var own = part.SelectMany(node => node.Outputs).ToHashSet(StringComparer.Ordinal);
        var end = part.Where(node => !constant.Contains(node)).Max(node => made[node.Outputs.First(output => output.Length > 0)]);
        var results = program.Outputs.ToDictionary(output => output.Name, StringComparer.Ordinal);
        var inputs = program.Inputs.ToDictionary(input => input.Name, StringComparer.Ordinal);
        return (
            [
                .. part.SelectMany(node => node.Inputs).Where(read => made.ContainsKey(read) && !own.Contains(read)).Distinct().OrderBy(read => made[read])
                    .Select(read => inputs.GetValueOrDefault(read) ?? program.Graph.Known(read)),
            ],
            [
                .. own.Where(output => made.TryGetValue(output, out _) && (lastRead.GetValueOrDefault(output, -1) > end || results.ContainsKey(output)))
                    .OrderBy(output => made[output]).Select(output => results.GetValueOrDefault(output) ?? program.Graph.Known(output)),
            ]);
    }

    /// <summary>
    /// The nodes that are not constant. What reads the shape of a tensor stands behind what makes that, so that the tensor need not go along.
    /// </summary>
    private List<OnnxNode> InOrder()
    {
        var moving = program.Graph.Written.Where(node => !constant.Contains(node)).ToList();
        var shapes = moving.Where(node => node.Op == "Shape").ToLookup(node => node.Inputs[0], StringComparer.Ordinal);
        return
        [
            .. program.Inputs.SelectMany(input => shapes[input.Name]),
            .. moving.Where(node => node.Op != "Shape").SelectMany(node => node.Outputs.SelectMany(output => shapes[output]).Prepend(node)),
        ];
    }

    /// <summary>The multiply-accumulates of each node: those of a step are with its products.</summary>
    private long[] Work(IReadOnlyList<long> macs)
    {
        var each = new long[nodes.Count];
        foreach (var step in Enumerable.Range(0, nodes.Count).GroupBy(i => nodes[i].Step).Where(step => macs[step.Key] > 0))
        {
            var products = step.Where(i => Products.Contains(nodes[i].Op)).ToList();
            products = products.Count > 0 ? products : [step.Last()];
            foreach (var i in products)
            {
                each[i] = macs[step.Key] / products.Count;
            }

            each[products[0]] += macs[step.Key] % products.Count;
        }

        return each;
    }

    /// <summary>The bytes of all that is there before a node and read by it or later; null where it cannot be cut there, for nothing tells them.</summary>
    private long? BytesOver(int at)
    {
        var sum = 0L;
        foreach (var (name, maker) in made)
        {
            if (maker < at && lastRead.GetValueOrDefault(name, -1) >= at)
            {
                if (program.BytesOf(program.Graph.Known(name)) is not { } size)
                {
                    return null;
                }

                sum += size;
            }
        }

        return sum;
    }

    /// <summary>The cuts of least cost, which the stages add to one after the other.</summary>
    private (long Cost, int[] Cuts) Best(int stages, Func<int, int, long, long> add)
    {
        var cost = Enumerable.Range(0, nodes.Count + 1).Select(to => to == 0 ? long.MaxValue : add(0, to, 0)).ToArray();
        var from = new List<int[]>();
        for (var stage = 1; stage < stages; stage++)
        {
            var (next, origin) = (Enumerable.Repeat(long.MaxValue, nodes.Count + 1).ToArray(), new int[nodes.Count + 1]);
            for (var cut = 1; cut < nodes.Count; cut++)
            {
                for (var to = cut + 1; bytes[cut] is not null && cost[cut] < long.MaxValue && to <= nodes.Count; to++)
                {
                    var sum = add(cut, to, cost[cut]);
                    if (sum < next[to])
                    {
                        (next[to], origin[to]) = (sum, cut);
                    }
                }
            }

            cost = next;
            from.Add(origin);
        }

        var cuts = new int[stages - 1];
        for (var (stage, to) = (stages - 2, nodes.Count); stage >= 0; stage--)
        {
            to = cuts[stage] = from[stage][to];
        }

        return (cost[nodes.Count], cuts);
    }

    /// <summary>Nodes with those constant ones that they read.</summary>
    private List<OnnxNode> WithConstants(List<OnnxNode> part)
    {
        var read = part.SelectMany(node => node.Inputs).ToHashSet(StringComparer.Ordinal);
        var needed = new List<OnnxNode>();
        foreach (var node in program.Graph.Written.Where(constant.Contains).Reverse().Where(node => node.Outputs.Any(read.Contains)))
        {
            needed.Add(node);
            read.UnionWith(node.Inputs);
        }

        return [.. Enumerable.Reverse(needed), .. part];
    }
}
