namespace PruneGen.Generator.Tests;

/// <summary>
/// What forward leaves in an object that outlasts it is another value the next time: it is not what the live model says when it is linked, for the model's own
/// forward or for another's that goes by the same object.
/// </summary>
public class KeptStateTests
{
    private static readonly long[] Batch = [2, 6];

    private const string Kept = """
        private readonly Linear layer = Linear(8, 8);
        private readonly BatchNorm1d norm = BatchNorm1d(8);
        private readonly Dropout drop = Dropout(0.5);
        private readonly ModuleList<Linear> layers = new(Linear(8, 8), Linear(8, 8));
        """;

    [Theory]
    [InlineData("var k = child.Tick(); return child.call(y) * k;", "child.Tick()")]
    [InlineData("var k = child.Ticked; return child.call(y) * k;", "child.Ticked")]
    [InlineData("child.Factor++; var h = child.call(y); child.Factor--; return h;", "child.Factor++")]
    [InlineData("child.Doubled = 3; return child.call(y);", "child.Doubled")]
    [InlineData("child.Held.K += 2; return child.call(y);", "child.Held.K += 2")]
    [InlineData("child.Held.Up(); return child.call(y);", "child.Held.Up()")]
    [InlineData("var k = child.Held.Up(); return child.call(y) * k;", "child.Held.Up()")]
    [InlineData("box.K += 2; return child.call(y);", "box.K += 2")]
    [InlineData("var other = box; other.K += 2; return child.call(y);", "other.K += 2")]
    [InlineData("foreach (var one in boxes) { one.K += 2; } return child.call(y);", "one.K += 2")]
    [InlineData("Shared.K += 2; return child.call(y);", "Shared.K += 2")]
    [InlineData("var k = Shared.Up(); return child.call(y) * k;", "Shared.Up()")]
    [InlineData("var k = child.Raise(); return child.call(y) * k;", "child.Raise()")]
    [InlineData("Go(); return child.call(y);", "child.Count()", "private void Go() => child.Count();")]
    [InlineData("Go(); return child.call(y);", "child.Factor += 1", "private void Go() => child.Factor += 1;")]
    [InlineData("if (training) { box.K += 1; } return child.call(y);", "box.K += 1")]
    [InlineData("var h = child.call(y); box.K += 1; return h;", "box.K += 1")]
    public void What_a_layers_forward_goes_by_is_not_changed_elsewhere(string statements, string at, string members = "") =>
        Compiled.From(Source(statements, members)).Reported("PG0006", at);

    [Theory]
    [InlineData("var h = telling.call(y); return h * told.K;", "told.K")]
    [InlineData("var h = telling.call(y); return h * Shared.Told;", "Shared.Told")]
    [InlineData("return telling.call(y * told.K);", "told.K")]
    public void What_a_layers_forward_changes_is_not_read_elsewhere(string statements, string at) =>
        Compiled.From(Source(statements)).Reported("PG0006", at);

    [Theory]
    [InlineData("Log.Write(\"here\"); return child.call(y);", "private static class Log { private static int lines; public static void Write(string text) { if (lines < 9) { lines++; } } }")]
    [InlineData("counted += 1; return like.call(y);", "private readonly Like like = new();")]
    public void What_only_a_log_reads_or_another_object_of_the_class_is_no_matter(string statements, string members) =>
        Loaded.From(Source(statements, members).Replace("class Net : Module<Tensor, Tensor>", "class Net : Like")).Prunes(Batch);

    [Fact]
    public void What_a_layers_forward_changes_in_what_it_is_handed_is_not_read_elsewhere() => Compiled
        .From(Source("var h = taking.call(y, box); return h * box.K;").Replace("#pragma warning disable ", "#pragma warning disable PG0025, "))
        .Reported("PG0006", "taking.call(y, box)");

    [Fact]
    public void What_a_layers_forward_changes_is_not_what_anothers_goes_by() =>
        Compiled.From(Source("return hearing.call(telling.call(y));", "private readonly Hearing hearing = new();")).Reported("PG0006", "Net");

    [Theory]
    [InlineData("var h = y * own.K; own.K += 1; return h;")]
    [InlineData("var h = y * own.K; own.Up(); return h;")]
    [InlineData("var h = y * own.Twice(); own.K = 4; return h;")]
    [InlineData("var other = own; var h = y * other.K; other.K = 4; return h;")]
    [InlineData("var h = y * factor; factor += 1; return h;", "private double factor = 1;")]
    [InlineData("return y * Next;", "private double factor = 1; private double Next => factor++;")]
    [InlineData("var h = y * Own.K; Own.K += 1; return h;", "private static class Own { public static double K = 1; }")]
    [InlineData("var h = y * queue.Peek(); queue.Dequeue(); return h;", "private readonly System.Collections.Generic.Queue<int> queue = new([1, 2, 3]);")]
    [InlineData("var h = y * pair.One; pair.One = 5; return h;", "private (double One, double Two) pair = (1, 2);")]
    [InlineData("var h = y * own.K; void Up() { own.K += 1; } Up(); return h;")]
    [InlineData("var h = y * factors[0]; factors[0] = 5; return h;", "private readonly double[] factors = [1, 2];")]
    [InlineData("factors[0]++; return y * factors[0];", "private readonly int[] factors = [1, 2];")]
    [InlineData("var h = y * factor; up(); return h;", "private double factor = 1; private readonly System.Action up;", "up = () => factor += 1;")]
    [InlineData("var h = y * factor; Done?.Invoke(); return h;", "private double factor = 1; public event System.Action? Done;", "Done += () => factor += 1;")]
    [InlineData("var h = y * factor; Done?.Invoke(); return h;", "private double factor = 1; public event System.Action? Done; private void Up() => factor += 1;", "Done += Up;")]
    [InlineData("var h = y * own.K; using (new Leaving(own)) { } return h;")]
    [InlineData("return y * (own + 1);")]
    [InlineData("double d = own; return y * d;")]
    [InlineData("var n = tallies.AddOrUpdate(1, 1, (_, old) => old + 1); return y * n;", "private readonly System.Collections.Concurrent.ConcurrentDictionary<int, int> tallies = new();")]
    [InlineData("if (memory is not null) { y = y + memory; } memory = y.detach(); return y;", "private Tensor? memory;")]
    [InlineData(
        "var (h, n) = gru.call(y.unsqueeze(1), hidden); hidden = n.detach(); return h.squeeze(1);",
        "private readonly GRU gru = GRU(8, 8, batchFirst: true); private Tensor? hidden;")]
    [InlineData("var h = y + memory; memory = 0.9 * memory + 0.1 * y.mean(); return h;", "private Tensor memory = torch.zeros(8);")]
    [InlineData("var h = y + memory; memory = memory * 2; return h;", "private Tensor memory = torch.ones(8);")]
    [InlineData("var h = y * factors[0]; var other = factors; other[0] += 1; return h;", "private readonly double[] factors = [1, 2];")]
    [InlineData("var h = y * factors[0]; Same[0] += 1; return h;", "private readonly double[] factors = [1, 2]; private double[] Same => factors;")]
    [InlineData("var h = y * factors[0]; Up(factors); return h;", "private readonly double[] factors = [1, 2]; private static void Up(double[] given) { var other = given; other[0] += 1; }")]
    [InlineData("var h = y * list[0]; var other = list; other.Add(2); other[0] += 1; return h;", "private readonly System.Collections.Generic.List<double> list = [1, 2];")]
    [InlineData("var h = y * factors[0]; System.Span<double> other = factors; other[0] += 1; return h;", "private readonly double[] factors = [1, 2];")]
    [InlineData("var h = y * factors[0]; var other = new System.ArraySegment<double>(factors); other[0] += 1; return h;", "private readonly double[] factors = [1, 2];")]
    [InlineData("var h = y * factors[0]; factors.SetValue(5.0, 0); return h;", "private readonly double[] factors = [1, 2];")]
    [InlineData("var h = y * factors[0]; new[] { 7.0 }.CopyTo(factors, 0); return h;", "private readonly double[] factors = [1, 2];")]
    [InlineData("var h = y * factors[0]; System.Buffer.BlockCopy(new[] { 3.0 }, 0, factors, 0, 8); return h;", "private readonly double[] factors = [1, 2];")]
    [InlineData("foreach (var one in rows) { one.mul_(2); y = y * one; } return y;", "private readonly Tensor[] rows = [torch.ones(8)];")]
    [InlineData("if (rows.TryGetValue(1, out var one)) { one.mul_(2); y = y * one; } return y;", "private readonly System.Collections.Generic.Dictionary<int, Tensor> rows = new() { [1] = torch.ones(8) };")]
    [InlineData("var (one, _) = pair; one.mul_(2); return y * one;", "private readonly (Tensor, Tensor) pair = (torch.ones(8), torch.ones(8));")]
    [InlineData("foreach (var one in rows) { one.Row.mul_(2); y = y * one.Row; } return y;", "private sealed record Part(Tensor Row); private readonly System.Collections.Generic.List<Part> rows = [new(torch.ones(8))];")]
    [InlineData("memory.mul_(0.5); return y + memory;", "private readonly Tensor memory = torch.ones(8); ")]
    [InlineData("memory.add_(y.mean()); return y + memory;", "private readonly Tensor memory = torch.ones(8); ")]
    [InlineData("var h = y + memory; memory.copy_(y.mean(new long[] { 0 })); return h;", "private readonly Tensor memory = torch.ones(8); ")]
    [InlineData("memory.mul_(0.9).add_(y.mean() * 0.1); return y + memory;", "private readonly Tensor memory = torch.ones(8); ")]
    [InlineData("memory.narrow(0, 0, 2).mul_(0.5); return y + memory;", "private readonly Tensor memory = torch.ones(8); ")]
    [InlineData("var other = memory.view(2, 4); other.add_(1); return y + memory;", "private readonly Tensor memory = torch.ones(8); ")]
    [InlineData("var h = y + memory; var other = memory.view(-1); other[0] = y.mean(); return h;", "private readonly Tensor memory = torch.ones(8); ")]
    [InlineData("var h = y + memory; Up(y); return h;", "private readonly Tensor memory = torch.ones(8); private void Up(Tensor t) => memory.lerp_(t.mean(), 0.5);")]
    [InlineData("var h = y + memory; Up(memory, y); return h;", "private readonly Tensor memory = torch.ones(8); private static void Up(Tensor m, Tensor t) => m.mul_(t.mean());")]
    [InlineData("var h = y + memory; Up(memory, y); return h;", "private readonly Tensor memory = torch.ones(8); private static Tensor Up(Tensor m, Tensor t) { var v = m.view(-1); v[0] = t.mean(); return m; }")]
    public void What_forward_changes_behind_where_it_reads_it_is_a_gap_of_the_trace(string statements, string members = "", string constructor = "") =>
        Assert.NotEmpty(Loaded.From(Source(statements, members + " private readonly Box own = new();", constructor)).Plan(Batch).Trace.Gaps);

    /// <summary>A branch, a loop and a switch give a member of the model a variable of its own, which holds what was there before.</summary>
    [Theory]
    [InlineData("if (y.shape[0] == 2) { y = y + memory; memory = y.mean(); } return y;")]
    [InlineData("if (!training) { y = y + memory; memory = y.mean(); } return y;")]
    [InlineData("if (training == false) { y = y + memory; memory = y.mean(); } return y;")]
    [InlineData("if (y.mean().item<float>() > 0) { y = y + memory; memory = y.mean(); } return y;")]
    [InlineData("if (y.shape[0] == 3) { memory = y.mean(); } return y + memory;")]
    [InlineData("if (!once) { memory = y.mean(); once = true; } return y + memory;", "private bool once;")]
    [InlineData("for (var i = 0; i < 2; i++) { y = y + memory; memory = y.mean(); } return y;")]
    [InlineData("switch (y.shape[0]) { case 2: y = y + memory; memory = y.mean(); break; default: memory = y; break; } return y;")]
    [InlineData("return Up(y);", "private Tensor Up(Tensor t) { if (t.shape[0] == 2) { t = t + memory; memory = t.mean(); } return t; }")]
    [InlineData("if (y.shape[0] == 2) { if (last is not null) { y = y + last; } last = y.mean(); } return y;", "private Tensor? last;")]
    [InlineData("if (y.shape[0] == 2) { y = y + Last; Last = y.mean(); } return y;", "private Tensor Last { get; set; } = torch.ones(1);")]
    [InlineData("if (y.shape[0] == 2) { y = y * factor; factor *= 0.5; } return y;", "private double factor = 2;")]
    [InlineData("if (y.shape[0] == 2) { y = y * count; count++; } return y;", "private int count = 2;")]
    [InlineData("if (y.shape[0] == 3) { count = 5; } return y * count;", "private int count = 2;")]
    public void What_a_branch_changes_behind_where_it_reads_it_is_a_gap_of_the_trace(string statements, string members = "") =>
        Assert.NotEmpty(Loaded.From(Source(statements, members + " private Tensor memory = torch.ones(1);")).Plan(Batch).Trace.Gaps);

    /// <summary>A condition that forward turns round itself holds on one way, and does not on another.</summary>
    [Fact]
    public void A_flag_that_a_branch_changes_is_followed_both_ways() => Assert.InRange(
        Loaded.From(Source("if (y.shape[0] == 2) { if (isOdd) { y = y * 2; } isOdd = !isOdd; } return y;", "private bool isOdd;")).Plan(Batch).Traces.Count, 2, 4);

    [Theory]
    [InlineData("if (y.shape[0] == 2) { memory = y.mean(); y = y + memory; } return y;")]
    [InlineData("if (y.shape[0] == 2) { memory = y.mean(); } else { memory = y.max(); } return y + memory;")]
    [InlineData("if (y.mean().item<float>() > 0) { memory = y.mean(); y = y + memory; } return y;")]
    [InlineData("if (y.shape[0] == 2) { memory = y.mean(); } return y + memory;")]
    [InlineData("memory = y.max(); for (var i = 0; i < 2; i++) { y = y + memory; memory = y.mean(); } return y;")]
    [InlineData("if (y.shape[0] == 2) { count = 3; y = y * count; } return y;", "private int count = 2;")]
    [InlineData("if (training && !isFrozen) { memory = y.mean().detach(); } return y + memory;", "private bool isFrozen;")]
    [InlineData("if (!training) { y = y + memory; } else { memory = y.mean().detach(); } return y;")]
    public void What_a_branch_has_changed_before_it_is_read_is_none(string statements, string members = "") =>
        Assert.Empty(Loaded.From(Source(statements, members + " private Tensor memory = torch.ones(1);")).Plan(Batch).Trace.Gaps);

    [Theory]
    [InlineData("var h = y * list.Count; var up = (System.Collections.Generic.List<double> given) => given.Add(1); up(list); return h;", "given.Add(1)")]
    [InlineData("var h = y * factors[0]; System.Action<double[]> up = given => given[0] = 5; up(factors); return h;", "given[0] = 5")]
    [InlineData("var h = y * factors[0]; void Raise(double[] given) => given[0] = 5; System.Action<double[]> up = Raise; up(factors); return h;", "given[0] = 5")]
    [InlineData("var h = y * factors[0]; System.Action<double[]> up = Add; up(factors); return h;", "given[0] = 6")]
    [InlineData("var h = y * rows[0][0]; rows.ForEach(row => row[0] = 5); return h;", "rows.ForEach(row => row[0] = 5)")]
    public void What_a_delegate_is_given_it_does_not_change(string statements, string at) => Compiled.From(Source(statements, """
        private readonly System.Collections.Generic.List<double> list = [1, 2];
        private readonly double[] factors = [1, 2];
        private readonly System.Collections.Generic.List<double[]> rows = [[1]];
        private static void Add(double[] given) => given[0] = 6;
        """)).Reported("PG0006", at);

    [Theory]
    [InlineData("var h = norm.call(y); norm.reset_running_stats(); return h;", "norm.reset_running_stats()")]
    [InlineData("layer.load_state_dict(layer.state_dict()); return layer.call(y);", "layer.load_state_dict(layer.state_dict())")]
    [InlineData("var hook = layer.register_forward_hook((_, _, output) => output * 2); y = layer.call(y); hook.remove(); return y;", "layer.register_forward_hook((_, _, output) => output * 2)")]
    [InlineData("foreach (var one in layers) { y = one.call(y); } layers.append(torch.nn.Linear(8, 8)); return y;", "layers.append(torch.nn.Linear(8, 8))")]
    [InlineData("foreach (var one in layers) { y = one.call(y); } layers.Add(torch.nn.Linear(8, 8)); return y;", "layers.Add(torch.nn.Linear(8, 8))")]
    [InlineData("foreach (var one in layers) { y = one.call(y); } layers.RemoveAt(0); return y;", "layers.RemoveAt(0)")]
    [InlineData("apply(module => module.eval()); return layer.call(y);", "apply(module => module.eval())")]
    [InlineData("drop.train(); return drop.call(y);", "drop.train()")]
    public void What_makes_another_of_a_layer_is_refused_in_forward(string statements, string at) =>
        Compiled.From(Source(statements, Kept)).Reported("PG0006", at);

    [Theory]
    [InlineData("drop.eval(); return drop.call(layer.call(y));")]
    [InlineData("drop.train(false); return drop.call(layer.call(y));")]
    [InlineData("drop.train(training); layer.zero_grad(); return drop.call(layer.call(y));")]
    public void What_leaves_a_layer_as_it_is_in_evaluation_is_read(string statements) =>
        Assert.Empty(Loaded.From(Source(statements, Kept)).Prunes(Batch).Plan(Batch).Trace.Gaps);

    /// <summary>Which of several arrays it is that forward changes cannot be told.</summary>
    [Theory]
    [InlineData("var h = y * factors[0]; var other = y.shape[0] > 1 ? factors : more; other[0] += 1; return h;", "private readonly double[] factors = [1, 2]; private readonly double[] more = [2];")]
    [InlineData("var h = y * named[\"a\"][0]; if (named.TryGetValue(\"a\", out var other)) { other[0] += 1; } return h;", "private readonly System.Collections.Generic.Dictionary<string, double[]> named = new() { [\"a\"] = [1] };")]
    public void What_may_be_one_of_several_is_not_changed(string statements, string members) =>
        Compiled.From(Source(statements, members)).Reported("PG0006", "other[0] += 1");

    [Theory]
    [InlineData("var h = y * factors[0]; void Up(double[] given) => given[0] += 1; Up(factors); return h;", "private readonly double[] factors = [1, 2];")]
    [InlineData("var h = y * factors[0]; Up(factors); return h;", "private readonly double[] factors = [1, 2]; private static void Up(double[] given) => given[0] += 1;")]
    public void What_a_helper_is_given_it_does_not_change(string statements, string members) =>
        Compiled.From(Source(statements, members)).Reported("PG0006", "given[0] += 1");

    /// <summary>Random numbers behind a seed are the same each time, which no trace tells.</summary>
    [Fact]
    public void A_seed_that_forward_sets_is_refused() =>
        Compiled.From(Source("torch.manual_seed(1); return y + torch.rand(1);")).Reported("PG0006", "torch.manual_seed(1)");

    /// <summary>Which parameters are trained is no matter to what forward computes.</summary>
    [Fact]
    public void A_parameter_that_forward_says_is_trained() =>
        Assert.Empty(Loaded.From(Source("scale.requires_grad = true; return y * scale;", "private readonly Parameter scale = Parameter(torch.ones(1));")).Plan(Batch).Trace.Gaps);

    /// <summary>What is filled anew each time, changed while the model is trained, or is a copy, is what the trace says.</summary>
    [Theory]
    [InlineData("memory.fill_(2); return y + memory;")]
    [InlineData("var other = System.Linq.Enumerable.ToArray(factors); other[0] += 1; return y * factors[0];", "private readonly double[] factors = [1, 2];")]
    [InlineData("if (training) { memory.mul_(0.9).add_(y.mean() * 0.1); } return y + memory;")]
    [InlineData("var h = memory.clone().mul_(2); h.relu_(); var other = memory * 2; other.add_(1); return y + h + other;")]
    [InlineData("return Act(y) + memory;", "private static Tensor Act(Tensor t) => t.relu_();")]
    public void What_no_call_leaves_for_the_next_is_none(string statements, string members = "") =>
        Assert.Empty(Loaded.From(Source(statements, members + " private readonly Tensor memory = torch.ones(8);")).Prunes(Batch).Plan(Batch).Trace.Gaps);

    /// <summary>A text, a loop, a query and a comparison call what nobody names there, and a reference or a span is changed in place of what it is to.</summary>
    [Theory]
    [InlineData("var h = y * odd.K; var text = $\"{odd}\"; return h;", "private readonly Odd odd = new();")]
    [InlineData("var text = \"\" + odd; return y * odd.K;", "private readonly Odd odd = new();")]
    [InlineData("System.Console.Write(odd); return y * odd.K;", "private readonly Odd odd = new();")]
    [InlineData("var h = y; foreach (var one in odd) { h = h * one; } return h * odd.K;", "private readonly Odd odd = new();")]
    [InlineData("var n = System.Linq.Enumerable.Count(odd); return y * odd.K;", "private readonly Odd odd = new();")]
    [InlineData("var all = System.Linq.Enumerable.OrderBy(odds, one => one); var h = y * odds[0].K; System.Linq.Enumerable.First(all); return h;",
        "private readonly Odd[] odds = [new(), new()];")]
    [InlineData("var h = y * odd.Place; odd.Place += 1; return h;", "private readonly Odd odd = new();")]
    [InlineData("var h = y * odd.Place; odd.Place += 1; return h * odd.K;", "private readonly Odd odd = new();")]
    [InlineData("var h = y * some[0]; System.Runtime.InteropServices.CollectionsMarshal.AsSpan(some)[0] = 9; return h;",
        "private readonly System.Collections.Generic.List<double> some = [1, 2];")]
    [InlineData("var h = y * some.Value; some.Value += 1; return h;", "private readonly System.Threading.ThreadLocal<double> some = new(() => 2);")]
    [InlineData("var h = y * some.Value[0]; some.Value[0] = 3; return h;", "private readonly System.Lazy<double[]> some = new(() => [1, 2]);")]
    public void What_is_changed_without_its_name_is_a_gap_of_the_trace(string statements, string members) =>
        Assert.NotEmpty(Loaded.From(Source(statements, members) + """

            public sealed class Odd : System.Collections.Generic.IEnumerable<int>, System.IComparable<Odd>
            {
                private double k = 1;
                public double K => k;
                public ref double Place => ref k;
                public int CompareTo(Odd? other) { k += 1; return 0; }
                public override string ToString() { k += 1; return "odd"; }
                public System.Collections.Generic.IEnumerator<int> GetEnumerator() { k += 1; yield return 1; }
                System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();
            }
            """).Plan(Batch).Trace.Gaps);

    [Fact]
    public void Texts_and_loops_that_change_nothing_are_followed() => Loaded.From(Source(
        "var text = $\"{calm}\"; var h = y; foreach (var one in calm) { h = h * one; } return h * calm.K;", "private readonly Calm calm = new();") + """

        public sealed class Calm : System.Collections.Generic.IEnumerable<int>
        {
            public double K { get; } = 2;
            public override string ToString() => $"calm {K}";
            public System.Collections.Generic.IEnumerator<int> GetEnumerator() { yield return 1; }
            System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();
        }
        """).Prunes(Batch);

    [Theory]
    [InlineData("var h = twice ? child.call(y) : y; twice = !twice; return h;", "private bool twice;")]
    [InlineData("var h = first ? child.call(y) : y; first = false; return h;", "private bool first = true;")]
    [InlineData("step++; return step > 2 ? child.call(y) : y;", "private int step;")]
    [InlineData("own.Step++; return own.Step > 2 ? child.call(y) : y;", "private readonly Box own = new();")]
    [InlineData("var h = step > 2 ? child.call(y) : y; step++; return h;", "private static int step;")]
    [InlineData("var h = mode == \"one\" ? child.call(y) : y; mode = \"two\"; return h;", "private string mode = \"one\";")]
    [InlineData("var h = seen.Count > 0 ? child.call(y) : y; seen.Add(1); return h;", "private readonly System.Collections.Generic.List<int> seen = [];")]
    public void What_forward_changes_decides_both_ways(string statements, string members) =>
        Assert.Equal(2, Loaded.From(Source(statements, members)).Plan(Batch).Traces.Count);

    [Fact]
    public void A_model_that_leaves_a_tensor_for_its_next_call_is_not_pruned_and_told_why()
    {
        const string statements = "if (memory is not null) { y = y + memory; } memory = y.detach(); return y;";
        var net = Loaded.From(Source(statements, """
            private Tensor? memory;
            public PruneReport Prune()
            {
                var data = TrainingData.FromTensors(torch.rand(8, 6), torch.zeros(8, torch.int64));
                return PruneAndRetrain(data, data);
            }
            """));
        var error = Assert.IsType<InvalidOperationException>(
            Assert.Throws<System.Reflection.TargetInvocationException>(() => net.Model.GetType().GetMethod("Prune")!.Invoke(net.Model, null)).InnerException);
        Assert.Contains("The forward of Net leaves a tensor in 'memory' for its next call", error.Message);
    }

    [Theory]
    [InlineData("tally[0] = tally[0] + 1;")]
    [InlineData("tally[0] += 4; tally[1] = 2 * tally[0];")]
    [InlineData("(tally[0], tally[1]) = (tally[1], tally[0]);")]
    [InlineData("System.Array.Reverse(tally); tally[0] *= 2;")]
    public void What_an_array_becomes_by_what_it_was_is_refused(string statements) =>
        Compiled.From(Source(statements + " return y * tally[0];", "private readonly int[] tally = [2, 5];")).Reported("PG0006", "tally");

    [Theory]
    [InlineData("counting.Calls++; box.Seen++; box.Names.Add(\"net\"); return counting.call(y);")]
    [InlineData("var own = new Box(); return taking.call(y, own) * own.K;")]
    [InlineData("step++; if (step % 10 == 0) { System.Console.Error.WriteLine(step); } return child.call(y);", "private int step;")]
    [InlineData("if (first) { System.Console.Error.WriteLine(\"first\"); first = false; } return child.call(y);", "private bool first = true;")]
    [InlineData("return y / Scale();", "private double? scale; private double Scale() { if (scale == null) { scale = 4; } return scale.Value; }")]
    [InlineData("if (deep) { y = child.call(y); } return y;", "private bool deep = true; public void Shallow() => deep = false;")]
    [InlineData("last = y; return child.call(last);", "private Tensor? last;")]
    [InlineData("if (training) { mean = 0.9 * mean + 0.1 * y.mean(); } return y - mean;", "private Tensor mean = torch.zeros(1);")]
    [InlineData(
        "if (mask is null || mask.shape[0] < y.shape[1]) { mask = torch.ones(y.shape[1]); } return y * mask;", "private Tensor? mask = torch.ones(8);", true)]
    [InlineData("next = 0; while (next < 2) { y = child.call(y); next++; } return y;", "private int next;")]
    public void What_is_only_counted_or_computed_once_is_followed(string statements, string members = "", bool keepsItsWidth = false)
    {
        var net = Loaded.From(Source(statements, members));
        Assert.Empty(net.Plan(Batch).Trace.Gaps);
        if (!keepsItsWidth)
        {
            net.Prunes(Batch);
        }
    }

    private const string Taking = """
        [Prunable(Structured)] public partial class Taking : Module<Tensor, Box, Tensor>
        {
            private readonly Linear fc = Linear(8, 8);
            public Taking() : base("taking") => RegisterComponents();
            public override Tensor forward(Tensor x, Box box) { box.K = 3; return fc.call(x); }
        }
        """;

    private static string Source(string statements, string members = "", string constructor = "") => $$"""
        #nullable enable
        #pragma warning disable CS0414, CS0649, CS0169, CS1591
        public class Box
        {
            public double K = 1;
            public int Step;
            public int Seen;
            public System.Collections.Generic.List<string> Names { get; } = [];
            public double Up() { K += 1; return 2; }
            public double Twice() => 2 * K;
            public static double operator +(Box box, double more) { box.K += more; return box.K; }
            public static implicit operator double(Box box) { box.K += 1; return box.K; }
        }

        public sealed class Leaving(Box box) : System.IDisposable
        {
            public void Dispose() => box.K += 1;
        }

        public static class Shared
        {
            public static double K = 1;
            public static double Told = 1;
            public static double Up() { K += 1; return 2; }
            public static double Raise(this Child child) { child.Factor += 1; return 2; }
        }

        [Prunable(Structured)] public partial class Child : Module<Tensor, Tensor>
        {
            private readonly Linear fc = Linear(8, 8);
            private readonly Box box;
            public double Factor = 1;
            private double hidden = 1;
            public Child(Box box) : base("child") { this.box = box; RegisterComponents(); }
            public Box Held => box;
            public double Ticked { get { Factor += 1; return 2; } }
            public double Doubled { get => hidden; set => hidden = 2 * value; }
            public double Tick() { Factor += 1; return 2; }
            public void Count() => Factor += 1;
            public override Tensor forward(Tensor x) => fc.call(x) * Factor * hidden * box.K * Shared.K;
        }

        [Prunable(Structured)] public partial class Telling : Module<Tensor, Tensor>
        {
            private readonly Linear fc = Linear(8, 8);
            private readonly Box told;
            public Telling(Box told) : base("telling") { this.told = told; RegisterComponents(); }
            public override Tensor forward(Tensor x) { told.K += 1; Shared.Told += 1; return fc.call(x); }
        }

        [Prunable(Structured)] public partial class Hearing : Module<Tensor, Tensor>
        {
            private readonly Linear fc = Linear(8, 8);
            public Hearing() : base("hearing") => RegisterComponents();
            public override Tensor forward(Tensor x) => fc.call(x) * Shared.Told;
        }

        {{(statements.Contains("taking.") ? Taking : "")}}

        [Prunable(Structured)] public partial class Counting : Module<Tensor, Tensor>
        {
            private readonly Linear fc = Linear(8, 8);
            private readonly Box box;
            public int Calls;
            public Counting(Box box) : base("counting") { this.box = box; RegisterComponents(); }
            public override Tensor forward(Tensor x) { Calls++; box.Seen++; box.Names.Add("counting"); return fc.call(x); }
        }

        [Prunable(Structured)] public partial class Like : Module<Tensor, Tensor>
        {
            private readonly Linear fc = Linear(8, 8);
            protected double counted = 1;
            public Like() : this("like") => RegisterComponents();
            protected Like(string name) : base(name) { }
            public override Tensor forward(Tensor x) { counted = 2; return fc.call(x) * counted; }
        }

        [Prunable(Structured)] public partial class Net : Module<Tensor, Tensor>
        {
            private readonly Linear enter = Linear(6, 8), leave = Linear(8, 2);
            {{Layers(statements + members)}}
            {{members}}
            public Net() : base("net") { {{constructor}} RegisterComponents(); }
            private Tensor Between(Tensor y) { {{statements}} }
            public override Tensor forward(Tensor x) => leave.call(Between(enter.call(x)));
        }
        """;

    /// <summary>A model has the layers that its statements speak of: others would be gone by, too.</summary>
    private static string Layers(string statements) => string.Concat(
        "private static readonly Box box = new(), told = new(); private static readonly Box[] boxes = [box, told];",
        statements.Contains("child.") ? "private readonly Child child = new(box);" : "",
        statements.Contains("telling.") ? "private readonly Telling telling = new(told);" : "",
        statements.Contains("taking.") ? "private readonly Taking taking = new();" : "",
        statements.Contains("counting.") ? "private readonly Counting counting = new(box);" : "");
}
