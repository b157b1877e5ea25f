namespace PruneGen.Generator.Tests;

/// <summary>What touches nothing that can be pruned stops nobody from pruning.</summary>
public class NothingPrunableTests
{
    private static readonly long[] Batch = [2, 8];

    [Theory]
    [InlineData("h = stack((from i in System.Linq.Enumerable.Range(0, 3) select h * (i + 1.0)).ToList(), dim: 1);")]
    [InlineData("h = stack((from i in System.Linq.Enumerable.Range(0, 3) where i > 0 select h * i).ToArray(), dim: 1);")]
    [InlineData("h = stack((from i in System.Linq.Enumerable.Range(0, 2) from j in System.Linq.Enumerable.Range(1, 2) select h * (i + j)).ToArray(), dim: 1);")]
    [InlineData("h = stack((from i in System.Linq.Enumerable.Range(1, 3) let twice = i * 2 select h * twice).ToArray(), dim: 1);")]
    [InlineData("h = stack((from i in System.Linq.Enumerable.Range(1, 3) orderby i descending select h * i).ToArray(), dim: 1);")]
    [InlineData("h = h * (from i in System.Linq.Enumerable.Range(1, 3) select i * 0.5).Sum();")]
    [InlineData("h = h * (from i in factors where i > 1 select i).First();")]
    [InlineData("var parts = (from f in factors select h * f).ToArray(); foreach (var part in parts) { h = h + part; }")]
    [InlineData("h = (from t in new[] { h, h * 2 } select relu(t)).Aggregate((p, q) => p + q);")]
    [InlineData("h = (from t in h.chunk(2, 1) select t * 2).ToArray()[1]; h = cat(new[] { h, h }, 1);")]
    [InlineData("foreach (var f in from f in factors orderby f select f) { h = h * f; }")]
    [InlineData("h = h * (from f in factors group f by f > 1 into g select g.Count()).First();")]
    [InlineData("h = h * (from f in factors join i in System.Linq.Enumerable.Range(0, 3) on (int)f equals i select i).Count();")]
    public void Queries(string statements) => Prunes(statements, "private readonly double[] factors = { 1, 2 };");

    [Theory]
    [InlineData("var owned = true; try { return b.call(h); } finally { if (owned) { h.Dispose(); } }")]
    [InlineData("try { return b.call(h); } finally { System.Console.Write(\"done\"); }")]
    [InlineData("busy = true; try { return b.call(h); } finally { busy = false; }")]
    [InlineData("busy = true; try { h = relu(h); } finally { this.busy = false; }")]
    [InlineData("calls++; try { h = relu(h); } finally { calls--; }")]
    [InlineData("try { h = relu(h); } finally { foreach (var t in new Tensor?[] { null }) { t?.Dispose(); } }")]
    [InlineData("var watch = System.Diagnostics.Stopwatch.StartNew(); try { h = relu(h); } finally { watch.Stop(); spent += watch.ElapsedMilliseconds; }")]
    [InlineData("System.Threading.Monitor.Enter(gate); try { h = relu(h); } finally { System.Threading.Monitor.Exit(gate); }")]
    [InlineData("try { h = relu(h); } catch (System.Exception e) when (e.Message.Length > 3) { System.Console.WriteLine(e); throw; }")]
    [InlineData("try { h = relu(h); } catch (System.Exception e) { if (e is System.ArgumentException) { throw new System.InvalidOperationException(\"no\", e); } else { throw; } }")]
    [InlineData("try { h = relu(h); } catch (System.Exception e) { System.Runtime.ExceptionServices.ExceptionDispatchInfo.Capture(e).Throw(); throw; }")]
    [InlineData("try { try { h = relu(h); } finally { busy = false; } } catch { throw; } finally { lines.Clear(); }")]
    [InlineData("try { h = relu(h); } finally { try { lines.Clear(); } catch { } }")]
    [InlineData("try { h = relu(h); } finally { busy = false; Note(\"end\"); }")]
    [InlineData("Tensor? left = null; try { left = h * 2; h = relu(left); } finally { left?.Dispose(); left = null; }")]
    [InlineData("try { h = relu(h); } catch (System.Exception e) { Fail(e); throw; }")]
    [InlineData("try { h = relu(h); } catch (System.Exception e) { throw Wrapped(e); }")]
    public void A_try_that_ends_in_nothing_of_tensors(string statements) => Prunes(statements, """
        private bool busy;
        private int calls;
        private long spent;
        private readonly object gate = new();
        private readonly System.Collections.Generic.List<string> lines = new();
        private void Note(string text) { lines.Add(text); busy = calls > 3 && spent > 4; }
        private static void Fail(System.Exception e) { System.Console.WriteLine(e); }
        private static System.Exception Wrapped(System.Exception e) => new System.InvalidOperationException("no", e);
        """);

    [Theory]
    [InlineData("Log.Write(\"after a\");")]
    [InlineData("Log.Write($\"after a: {h.shape[0]} rows\");")]
    [InlineData("Log.Write(string.Format(\"{0}\", h.dtype));")]
    [InlineData("Log.Count++; Log.Last = \"a\";")]
    [InlineData("log.Info(\"after a\");")]
    [InlineData("log.Info(\"rows\", h.shape[0]);")]
    [InlineData("log?.Info(\"after a\");")]
    [InlineData("if (log.Enabled) { log.Info(\"after a\"); }")]
    [InlineData("lock (gate) { calls++; }")]
    [InlineData("lock (gate) { h = relu(h); }")]
    [InlineData("lock (gate) { return b.call(relu(h)); }")]
    [InlineData("var text = new System.Text.StringBuilder(); text.Append(\"a\").Append(h.shape[0]); text.AppendLine(); System.Console.Write(text.ToString());")]
    [InlineData("var text = \"\"; text += \"a\"; text += h.shape[0]; System.Console.Write(text);")]
    [InlineData("var watch = System.Diagnostics.Stopwatch.StartNew(); h = relu(h); watch.Stop(); spent = watch.Elapsed;")]
    [InlineData("var from = System.DateTime.Now; h = relu(h); spent = System.DateTime.Now - from;")]
    [InlineData("var from = System.Diagnostics.Stopwatch.GetTimestamp(); h = relu(h); spent = System.Diagnostics.Stopwatch.GetElapsedTime(from);")]
    [InlineData("System.Threading.Interlocked.Increment(ref calls);")]
    [InlineData("System.Threading.Volatile.Write(ref calls, 3);")]
    [InlineData("System.IO.File.AppendAllText(\"never.txt\".Substring(0, 0) + System.IO.Path.GetTempFileName(), \"a\");")]
    [InlineData("Seen?.Invoke(this, System.EventArgs.Empty);")]
    [InlineData("names.Add(\"a\"); names.Sort(); names.Clear();")]
    [InlineData("counts[\"a\"] = counts.TryGetValue(\"a\", out var n) ? n + 1 : 1;")]
    [InlineData("if (!counts.ContainsKey(\"a\")) { counts.Add(\"a\", 1); } else { counts[\"a\"]++; }")]
    [InlineData("Note(); void Note() { calls++; names.Add(\"a\"); }")]
    [InlineData("System.Action note = () => calls++; note();")]
    [InlineData("unchecked { calls = calls * 31; } checked { calls++; }")]
    [InlineData("var seed = random.Next(4); calls = seed;")]
    [InlineData("Stats.Push(h.shape[0], \"a\");")]
    [InlineData("using (log.Begin(\"a\")) { h = relu(h); }")]
    [InlineData("var sizes = new long[] { 0, 0 }; Sizes(sizes, 2); h = h.view(sizes);")]
    [InlineData("var sizes = new[] { h.shape[0], 4 }; sizes[1] = -1; h = h.view(sizes);")]
    [InlineData("var sizes = new int[] { 1, 2 }; sizes[1] = 4; h = h * sizes[1];")]
    [InlineData("var text = new System.Text.StringBuilder(); text.Append(h.shape[0]).Append(1).Append(2).Append(3).Append(4).Append(5).Append(6).Append(7).Append(8).Append(9).Append(10).Append(11);")]
    [InlineData("using var scope = log.Begin(\"a\"); h = relu(h);")]
    [InlineData("foreach (var name in names) { System.Console.WriteLine(name); }")]
    [InlineData("for (var i = 0; i < names.Count; i++) { log.Info(names[i]); }")]
    [InlineData("while (names.Count > 3) { names.RemoveAt(0); }")]
    [InlineData("calls = (calls + 1) % 7; if (calls == 0) { names.Clear(); }")]
    public void Messages_and_counts(string statements) => Prunes(statements, """
        private static void Sizes(long[] sizes, long rows) { sizes[0] = rows; sizes[1] = -1; }
        private int calls;
        private System.TimeSpan spent;
        private readonly object gate = new();
        private readonly System.Random random = new(1);
        private readonly System.Collections.Generic.List<string> names = new();
        private readonly System.Collections.Generic.Dictionary<string, int> counts = new();
        private readonly ILog log = new Quiet();
        /// <summary>E.</summary>
        public event System.EventHandler? Seen;
        /// <summary>S.</summary>
        public System.TimeSpan Spent => Seen is null ? spent : spent * random.Next(calls);
        """, """
        internal interface ILog { bool Enabled { get; } void Info(string text, params object[] more); System.IDisposable Begin(string text); }
        internal sealed class Quiet : ILog, System.IDisposable
        {
            private readonly System.Collections.Generic.List<string> all = new();
            public bool Enabled => true;
            public void Info(string text, params object[] more) { lock (all) { all.Add(string.Format("{0}", text)); } }
            public System.IDisposable Begin(string text) { all.Add(text); return this; }
            public void Dispose() { all.Clear(); }
        }
        internal static class Stats
        {
            private static readonly System.Collections.Concurrent.ConcurrentDictionary<string, long> rows = new();
            public static void Push(long n, string name) => rows.AddOrUpdate(name, n, (_, old) => System.Math.Max(old, n));
        }
        internal static class Log
        {
            private static readonly System.Collections.Generic.List<string> lines = new();
            public static int Count;
            public static string? Last { get; set; }
            public static void Write(string text) { lock (lines) { lines.Add(text); } }
        }
        """);

    [Theory]
    [InlineData("return Inner(x, null);")]
    [InlineData("return Inner(x);")]
    [InlineData("return Inner(x, default);")]
    [InlineData("return Inner(x, (Tensor?)null);")]
    [InlineData("Tensor? none = null; return Inner(x, none);")]
    [InlineData("return Inner(targets: null, x: x);")]
    public void Null_in_the_place_of_a_tensor(string statements) => Prunes(statements, """
        private readonly Embedding emb = Embedding(10, 16);
        private Tensor Inner(Tensor x, Tensor? targets = null)
        {
            var h = a.call(x);
            if (training && targets is not null) h = h + emb.call(targets.to_type(ScalarType.Int64));
            if (targets is not null && targets.shape[0] > 1) { h = h + targets; }
            if (targets is { } given) { h = h + given; }
            if (targets is Tensor there) { h = h * there; }
            if (!(targets is null) && training) { h = h - targets; }
            h = targets is not null ? h + targets : h;
            h = h * (targets?.shape[0] ?? 1);
            return b.call(h);
        }
        """);

    [Theory]
    [InlineData("var list = new System.Collections.Generic.List<Tensor>(); for (var i = 0; i < 3; i++) list.append(a.call(x)); return b.call(stack(list, dim: 1));")]
    [InlineData("var list = new System.Collections.Generic.List<Tensor>(); list.append(a.call(x)); list.append(relu(list[0])); return b.call(cat(list, dim: 0));")]
    [InlineData("var list = new System.Collections.Generic.List<Tensor> { a.call(x) }; list.extend(new[] { relu(list[0]), list[0] * 2 }); return b.call(stack(list, dim: 1));")]
    [InlineData("var list = new System.Collections.Generic.List<Tensor>(); for (var i = 0; i < 2; i++) { list.insert(0, a.call(x) * i); } return b.call(stack(list, dim: 1));")]
    [InlineData("var list = new System.Collections.Generic.List<Tensor> { a.call(x) }; list.AddRange(list[0].chunk(1, 0)); return b.call(stack(list, dim: 1));")]
    [InlineData("var list = new System.Collections.Generic.List<Tensor> { a.call(x) }; list.Insert(0, relu(list[0])); return b.call(list[1] + list[0]);")]
    [InlineData("var list = new System.Collections.Generic.List<Tensor> { a.call(x) }; Collect(list, relu(list[0])); return b.call(stack(list, dim: 1));")]
    [InlineData("var list = new Tensor[2]; Fill(list, a.call(x)); return b.call(stack(list, dim: 1));")]
    [InlineData("return b.call(stack(new[] { a.call(x) }.Append(a.call(x) * 2).ToList(), dim: 1));")]
    [InlineData("var list = new System.Collections.Generic.Stack<Tensor>(); list.push(a.call(x)); list.push(relu(list.Peek())); return b.call(list.Pop() + list.Pop());")]
    [InlineData("var list = new System.Collections.Generic.Dictionary<string, Tensor>(); list.put(\"a\", a.call(x)); return b.call(list[\"a\"]);")]
    public void Lists_that_extensions_and_helpers_fill(string statements) => Prunes(statements, """
        private static void Collect(System.Collections.Generic.ICollection<Tensor> list, Tensor t) { list.Add(t); list.Add(t * 2); }
        private static void Fill(Tensor[] list, Tensor t) { for (var i = 0; i < list.Length; i++) { list[i] = t * i; } }
        """, """
        internal static class Py
        {
            public static void append<T>(this System.Collections.Generic.ICollection<T> list, T item) => list.Add(item);
            public static void extend<T>(this System.Collections.Generic.List<T> list, System.Collections.Generic.IEnumerable<T> items) => list.AddRange(items);
            public static void insert<T>(this System.Collections.Generic.IList<T> list, int at, T item) => list.Insert(at, item);
            public static void push<T>(this System.Collections.Generic.Stack<T> list, T item) { list.Push(item); }
            public static void put<K, V>(this System.Collections.Generic.IDictionary<K, V> list, K key, V item) { list[key] = item; }
        }
        """);

    [Theory]
    [InlineData("long length, Device device", "arange(length, dtype: ScalarType.Float32, device: device).unsqueeze(1)", "table.forward(h.shape[0], h.device)")]
    [InlineData("long length, Device? device = null", "arange(length, dtype: ScalarType.Float32, device: device).unsqueeze(1)", "table.forward(h.shape[0])")]
    [InlineData("Tensor t, ScalarType dtype", "t.to(dtype)", "table.forward(h, x.dtype)")]
    [InlineData("Tensor t, ScalarType? dtype = null", "dtype is null ? t : t.to(dtype.Value)", "table.forward(h, ScalarType.Float32)")]
    [InlineData("Tensor t, ScalarType? dtype = null", "dtype is null ? t : t.to_type(dtype.Value)", "table.forward(h)")]
    [InlineData("Tensor t, ScalarType dtype = ScalarType.Float32", "dtype == ScalarType.Float64 ? t * 2 : t", "table.forward(h)")]
    [InlineData("Tensor t, Device device, ScalarType dtype", "t.to(dtype, device)", "table.forward(h, x.device, x.dtype)")]
    [InlineData("Tensor t, DeviceType type", "type == DeviceType.CPU ? t : t.cpu()", "table.forward(h, x.device_type)")]
    [InlineData("Tensor t, torch.Generator? generator = null", "t + zeros(1)", "table.forward(h, null)")]
    [InlineData("Tensor t, string text", "text.Length > 3 ? t : t * 2", "table.forward(h, $\"{x.dtype}\")")]
    [InlineData("Tensor t, System.Action<string>? log", "Logged(t, log)", "table.forward(h, null)")]
    [InlineData("Tensor t, System.Action<string>? log", "Logged(t, log)", "table.forward(h, text => System.Console.Write(text))")]
    [InlineData("Tensor t, System.Threading.CancellationToken stop", "Stopped(t, stop)", "table.forward(h, default)")]
    [InlineData("Tensor t, System.Threading.CancellationToken stop = default", "Stopped(t, stop)", "table.forward(h)")]
    public void Settings_of_a_parts_forward_that_are_about_no_dimension(string parameters, string result, string call) => Loaded.From($$"""
        /// <summary>A part.</summary>
        [Prunable(Structured)]
        public partial class Table : nn.Module
        {
            /// <summary>Creates it.</summary>
            public Table() : base("table") { }
            /// <summary>Runs it.</summary>
            public Tensor forward({{parameters}}) => {{result}};
            private static Tensor Logged(Tensor t, System.Action<string>? log) { log?.Invoke("here"); return t; }
            private static Tensor Stopped(Tensor t, System.Threading.CancellationToken stop) { stop.ThrowIfCancellationRequested(); return t; }
        }

        /// <summary>It.</summary>
        [Prunable(Structured)]
        public partial class Net : Module<Tensor, Tensor>
        {
            private readonly Table table = new();
            private readonly Linear a = Linear(8, 16), b = Linear(16, 4);
            /// <summary>Creates it.</summary>
            public Net() : base("net") => RegisterComponents();
            /// <inheritdoc/>
            public override Tensor forward(Tensor x)
            {
                var h = a.call(x);
                return b.call(h + {{call}});
            }
        }
        """).Prunes(Batch);

    [Theory]
    [InlineData("private readonly int heads = 2;", "", "h.view(h.shape[0], heads, -1).flatten(1)")]
    [InlineData("private readonly int heads;", "heads = 2;", "h.view(h.shape[0], heads, -1).flatten(1)")]
    [InlineData("private int heads { get; } = 2;", "", "h.view(h.shape[0], this.heads, -1).flatten(1)")]
    [InlineData("private readonly double scale = 0.5;", "", "h * scale")]
    [InlineData("private readonly double scale = 0.5;", "", "h * System.Math.Sqrt(scale * 2)")]
    [InlineData("private readonly string kind = \"relu\";", "", "kind == \"relu\" ? relu(h) : tanh(h)")]
    [InlineData("private readonly bool twice = true;", "", "twice ? h * 2 : h")]
    [InlineData("private readonly double[] factors = { 1, 2 };", "", "h * factors[1] * factors.Length")]
    [InlineData("private static readonly double Scale = 0.5;", "", "h * Scale")]
    [InlineData("private const double Scale = 0.5;", "", "h * Scale")]
    [InlineData("private static double Times(double by) => by * 2;", "", "h * Times(3)")]
    [InlineData("private double Times(double by) => by * scale; private readonly double scale = 2;", "", "h * Times(3)")]
    [InlineData("private readonly System.DayOfWeek day = System.DayOfWeek.Friday;", "", "day switch { System.DayOfWeek.Friday => h * 2, _ => h }")]
    [InlineData("private readonly int? heads = 2;", "", "h.view(h.shape[0], heads ?? 1, -1).flatten(1)")]
    [InlineData("private readonly Settings settings = new(2);", "", "h.view(h.shape[0], settings.Heads, -1).flatten(1)")]
    [InlineData("private readonly Linear more = Linear(16, 16);", "", "more.call(relu(h))")]
    [InlineData("private readonly Parameter gain = Parameter(torch.ones(16));", "", "h * gain")]
    [InlineData("private readonly Linear? more = null;", "", "more is null ? h : more.call(h)")]
    public void What_a_part_keeps_to_itself_is_read_where_its_method_is_run(string member, string constructor, string result)
    {
        var source = $$"""
            #pragma warning disable CS0649, CS0414, CS1591
            public sealed record Settings(int Heads);

            [Prunable(Structured)]
            public partial class Part : Module<Tensor, Tensor>
            {
                private readonly Linear inside = Linear(16, 16);
                {{member}}
                public Part() : base("part") { {{constructor}} RegisterComponents(); }
                public override Tensor forward(Tensor x) => Run(x, x);
                public Tensor Run(Tensor x, Tensor y)
                {
                    var h = inside.call(x + y);
                    return {{result}};
                }
            }

            [Prunable(Structured)]
            public partial class Net : Module<Tensor, Tensor>
            {
                private readonly Part part = new();
                private readonly Linear a = Linear(8, 16), b = Linear(16, 4);
                public Net() : base("net") => RegisterComponents();
                public override Tensor forward(Tensor x)
                {
                    var h = a.call(x);
                    return b.call(part.Run(h, h));
                }
            }
            """;
        Loaded.From(source).Prunes(Batch);
    }

    /// <summary>How values are filled in and scaled may be a setting: the widths do not go by it.</summary>
    [Theory]
    [InlineData("h = functional.pad(h.unsqueeze(-1), new long[] { 1, 1 }, edges, 0)[.., .., 1];")]
    [InlineData("h = functional.interpolate(h.unsqueeze(-1), new long[] { 2 }, null, how)[.., .., 1];")]
    [InlineData("h = functional.interpolate(h.unsqueeze(-1), size: new long[] { 2 }, mode: x.shape[0] > 1 ? InterpolationMode.Linear : how).mean(new long[] { 2 });")]
    public void A_setting_of_how_values_are_made(string statements) =>
        Prunes(statements, "private readonly PaddingModes edges = PaddingModes.Constant; private readonly InterpolationMode how = InterpolationMode.Nearest;");

    /// <summary>Where it cannot be told which index is meant, what is indexed keeps its widths, and the rest goes on.</summary>
    [Theory]
    [InlineData("var bias = table[place]; h = relu(h) + bias.sum();")]
    [InlineData("var bias = table[TensorIndex.Colon, place]; h = relu(h) + bias.sum();")]
    [InlineData("var bias = table[All(), place]; h = relu(h) + bias.sum();")]
    [InlineData("var mask = zeros(4, 4); mask[place] = 2; h = relu(h) + mask.sum();")]
    [InlineData("var mask = zeros(4, 4); mask[place] = table[1]; h = relu(h) + mask.sum();")]
    public void An_index_that_a_field_holds(string statements) =>
        Prunes(statements, "private readonly Parameter table = Parameter(ones(4, 4)); private readonly TensorIndex place = TensorIndex.Single(1); private static TensorIndex All() => TensorIndex.Slice();");

    /// <summary>The same of what would be pruned: it keeps its width.</summary>
    [Theory]
    [InlineData("h = h.unsqueeze(0)[place]; h = h.view(x.shape[0], 16);")]
    [InlineData("h[place] = 3;")]
    public void An_index_that_a_field_holds_keeps_what_it_picks_of(string statements)
    {
        var net = Loaded.From(Source(statements, "private readonly TensorIndex place = TensorIndex.Single(0);", ""));
        Assert.Empty(net.Plan(Batch).Groups);
        Assert.Contains(net.Plan(Batch).Unpruned, held => held.Layer == "a" && held.Because.Contains("not known here", StringComparison.Ordinal));
    }

    /// <summary>Code that once came out wrong: it compiles, and forward is followed.</summary>
    [Theory]
    [InlineData("h = Scaled(h, 1f);")]
    [InlineData("h = Scaled(h, 2.5f); h = Scaled(h);")]
    [InlineData("h = Doubled(h, 1f);")]
    [InlineData("h = Doubled(h, 3);")]
    public void An_optional_number_that_a_helper_is_given(string statements) => Prunes(statements, """
        private static Tensor Scaled(Tensor t, float? scale = null) { var by = scale ?? 1f / System.MathF.Sqrt(t.shape[0]); return t * by; }
        private static Tensor Doubled(Tensor t, double? scale) => t * (2 * (scale ?? 0.5));
        """);

    /// <summary>Ways that meet behind a loop meet in what was there before it.</summary>
    [Theory]
    [InlineData("for (var i = 0; i < 2; i++) { var part = i > 0 && h.sum().item<float>() > 0 ? relu(h) : h; Tensor next; switch (i) { case 0: next = part * 2; break; case 7: throw new System.ArgumentException(); default: next = part; break; } h = h + Early(next); }")]
    [InlineData("for (var i = 0; i < 2; i++) { Tensor next = Early(h); if (h.mean().item<float>() > 5) { break; } h = h + next; }")]
    public void What_a_loop_declares_is_its_own(string statements) => Prunes(statements, """
        private static Tensor Early(Tensor t) { if (t.sum().item<float>() > 3) { return t * 2; } return t; }
        """);

    /// <summary>A number that a nested model gives beside its tensor.</summary>
    [Theory]
    [InlineData("var (t, n) = part.call(h, 2); h = t.view(n, -1);")]
    [InlineData("var (t, n) = part.call(h, (int)x.shape[0]); h = t.view(n, -1);")]
    [InlineData("var (t, n) = part.call(h, (int)x.shape[0]); h = n > 1 ? t * 2 : t;")]
    [InlineData("var (t, n) = part.call(h, 2); (t, n) = part.call(t, n); h = t.view(n, -1);")]
    [InlineData("var r = part.call(h, (int)x.shape[0]); h = r.Item1.view(r.Item2, -1);")]
    [InlineData("(Tensor, int) r = part.call(h, (int)x.shape[0]); (h, var n) = part.call(r.Item1, r.Item2); h = h * (1.0 / n);")]
    public void A_size_among_the_results_of_a_model(string statements) => Prunes(statements, "private readonly Part part = new();", """
        [Prunable] internal sealed partial class Part : Module<Tensor, int, (Tensor, int)>
        {
            public Part() : base("part") => RegisterComponents();
            public override (Tensor, int) forward(Tensor x, int n) => (relu(x), n);
        }
        """);

    /// <summary>A tensor that is only asked for its device.</summary>
    [Theory]
    [InlineData("h = h + arange(16, dtype: ScalarType.Float32, device: b.weight!.device).sum();")]
    [InlineData("h = h + arange(0, 16, 1, device: table.device).sum();")]
    [InlineData("h = h + tensor(new[] { 2f }, device: table.device).sum();")]
    public void A_device_that_a_parameter_tells(string statements) =>
        Prunes(statements, "private readonly Parameter table = Parameter(ones(4));");

    /// <summary>What a call leaves in a variable cannot be told where the call is not followed.</summary>
    [Fact]
    public void A_tensor_that_comes_out_of_a_sorted_dictionary_is_refused_where_it_is_used() => Compiled.From(Source(
        "if (made.TryGetValue(x.shape[0], out var found) && found.Size > 2) { h = h + found.Gain; }",
        "private readonly System.Collections.Generic.SortedDictionary<long, Kept> made = new(); internal sealed record Kept(Tensor Gain, long Size);",
        "")).Reported("PG0006", "found");

    [Theory]
    [InlineData("")]
    [InlineData("[4] = new(torch.ones(16), 3)")]
    public void A_tensor_that_comes_out_of_a_dictionary(string filled) => Loaded.From(Source(
        "if (made.TryGetValue(x.shape[0], out var found) && found.Size > 2) { h = h + found.Gain; }",
        $"private readonly System.Collections.Generic.Dictionary<long, Kept> made = new() {{ {filled} }}; internal sealed record Kept(Tensor Gain, long Size);",
        "")).Prunes(Batch);

    /// <summary>The sizes of two tensors compared as lists: the same way is taken, and what is compared stays as it is or shrinks together.</summary>
    [Theory]
    [InlineData("if (!h.shape.SequenceEqual(g.shape)) { throw new System.ArgumentException(\"no\"); } h = h + g;")]
    [InlineData("h = h.shape.SequenceEqual(g.shape) ? h * 2 : h.softmax(1);")]
    public void Sizes_that_are_compared_as_lists(string statements)
    {
        var net = Loaded.From("using System.Linq;\n" + Source("var g = other.call(x); " + statements, "private readonly Linear other = Linear(8, 16);", ""));
        Assert.All(net.Plan(Batch).Groups, group => Assert.True(group.Exact));
        net.Prunes(Batch);
    }

    /// <summary>A number that is searched among widths keeps them.</summary>
    [Theory]
    [InlineData("h = h.shape.Contains(16) ? h : h * 2;")]
    [InlineData("h = new[] { 16L, 3L }.Contains(h.shape[1]) ? h : h * 2;")]
    public void A_width_that_is_searched_for_stays(string statements)
    {
        var net = Loaded.From("using System.Linq;\n" + Source(statements, "", ""));
        Assert.Contains(net.Plan(Batch).Unpruned, held => held.Layer == "a");
    }

    private static void Prunes(string statements, string members = "", string after = "") =>
        Loaded.From("using System.Linq;\n" + Source(statements, members, after)).Prunes(Batch);

    private static string Source(string statements, string members, string after) => $$"""
        #pragma warning disable CS0649, CS0414, CS0169, CS0164, CS0162, PG0034
        /// <summary>It.</summary>
        [Prunable(Structured)]
        public partial class Net : Module<Tensor, Tensor>
        {
            private readonly Linear a = Linear(8, 16), b = Linear(16, 4);
            {{members}}
            /// <summary>Creates it.</summary>
            public Net() : base("net") => RegisterComponents();
            /// <inheritdoc/>
            public override Tensor forward(Tensor x)
            {
                {{(statements.Contains("Inner", StringComparison.Ordinal) ? "" : "var h = a.call(x);")}}
                {{statements}}
                {{(statements.Contains("return", StringComparison.Ordinal) ? "" : "return b.call(h);")}}
            }
        }
        {{after}}
        """;
}
