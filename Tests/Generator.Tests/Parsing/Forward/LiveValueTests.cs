using System.Collections;
using System.Reflection;

namespace PruneGen.Generator.Tests;

/// <summary>Objects that count, clocks and random numbers: linking neither asks nor changes them, and the trace says that it does not tell what they give.</summary>
public class LiveValueTests
{
    private static readonly long[] Batch = [2, 3];

    private const string Kinds = """
        /// <summary>Counts how often it is asked.</summary>
        public sealed class Counter
        {
            /// <summary>How often.</summary>
            public int Asked;

            /// <summary>Once more.</summary>
            public int Next() => ++Asked;

            /// <summary>Once more, too.</summary>
            public int Value => ++Asked;

            /// <summary>By another.</summary>
            public int Through() => Next() + 1;

            private int? kept;
            private int built;
            private bool turned;

            /// <summary>Computed once.</summary>
            public int Kept => kept ??= 3;

            /// <summary>Computed once, too.</summary>
            public int Built()
            {
                if (built == 0)
                {
                    built = 2;
                }

                return built;
            }

            /// <summary>Remembers what it is told.</summary>
            public int Told(int by)
            {
                Asked = by;
                return by;
            }

            /// <summary>Now and then.</summary>
            public bool Turned() => turned = !turned;

            /// <summary>Once more, for nothing.</summary>
            public void Count() => Asked++;

            /// <summary>Changes nothing.</summary>
            public int Half => Asked / 2;

            /// <summary>Changes nothing.</summary>
            public int Twice() => 2 * Asked;
        }

        /// <summary>Anything.</summary>
        public interface IScale
        {
            /// <summary>A number.</summary>
            double Of();
        }

        /// <summary>One that changes.</summary>
        public sealed class Warmup : IScale
        {
            /// <summary>Steps.</summary>
            public int Asked;

            /// <inheritdoc/>
            public double Of() => ++Asked / 10.0;
        }

        /// <summary>One that others are made from.</summary>
        public class Stages
        {
            /// <summary>A number.</summary>
            public virtual double Of() => 2;
        }

        /// <summary>Has another in it.</summary>
        public static class Around<T>
        {
            /// <summary>Draws.</summary>
            public static class Inside
            {
                /// <summary>Numbers.</summary>
                public static readonly System.Random Random = new(2);
            }
        }

        /// <summary>One of these.</summary>
        public sealed class Later : Stages
        {
            private int asked;

            /// <inheritdoc/>
            public override double Of() => ++asked;
        }

        """;

    [Theory]
    [InlineData("a.call(x) * counter.Next()")]
    [InlineData("a.call(x) * (1 + counter.Value)")]
    [InlineData("a.call(x) * System.Math.Max(counter.Through(), 1)")]
    [InlineData("a.call(x) * warmup.Of()")]
    [InlineData("a.call(x) * counter.Told(2)")]
    [InlineData("a.call(x) * (maybe?.Next() ?? 1)")]
    [InlineData("Each(a.call(x))")]
    [InlineData("a.call(x) * (counter.Turned() ? 1 : 2)")]
    [InlineData("a.call(x) * Named(counter)")]
    [InlineData("a.call(x) * queue.Dequeue()")]
    [InlineData("a.call(x) * (seen.Add(3) ? 2 : 1)")]
    [InlineData("Taken(a.call(x))")]
    [InlineData("a.call(x) * System.Threading.Interlocked.Increment(ref steps)")]
    [InlineData("a.call(x) * stages.Of()")]
    [InlineData("a.call(x) * delegated()")]
    [InlineData("Counted(a.call(x)) * System.Math.Abs(counter.Half)")]
    [InlineData("a.call(x) * Scaled(2)")]
    [InlineData("a.call(x) * Own")]
    [InlineData("queue.TryDequeue(out var k) ? a.call(x) * k : a.call(x)")]
    [InlineData("Logged(a.call(x)) * System.Math.Max(log.Count, 1)")]
    public void An_object_that_counts_is_not_asked_when_the_model_is_linked(string result)
    {
        var net = Loaded.From(Net(result));
        var plan = net.Plan(Batch);
        Assert.Equal(["a"], plan.Groups.Select(group => group.Name));
        Assert.True(plan.Traces.Count > 1 || plan.Trace.Gaps.Count > 0);
        Assert.Equal(0, Count(net, "counter", "Asked"));
        Assert.Equal(0, Count(net, "warmup", "Asked"));
        Assert.Equal(0, Field(net.Model, "steps"));
        Assert.Equal(0, Count(net, "maybe", "Asked"));
        Assert.All(Assert.IsAssignableFrom<IEnumerable>(Field(net.Model, "counters")).Cast<object>(), one => Assert.Equal(0, Field(one, "Asked")));
        Assert.Equal([4, 5], Assert.IsAssignableFrom<IEnumerable<int>>(Field(net.Model, "queue")));
        Assert.Empty(Assert.IsAssignableFrom<IEnumerable<int>>(Field(net.Model, "seen")));
    }

    [Theory]
    [InlineData("a.call(x) * random.NextDouble()")]
    [InlineData("a.call(x) * (float)System.Random.Shared.NextDouble()")]
    [InlineData("a.call(x) * (1 + System.DateTime.Now.Ticks % 7)")]
    [InlineData("a.call(x) * System.Environment.TickCount64")]
    [InlineData("a.call(x) * new System.Random().Next(3)")]
    [InlineData("Often(a.call(x), random.Next(1, 4))")]
    [InlineData("Drawn(a.call(x), random)")]
    [InlineData("Drawn(a.call(x), System.Random.Shared)")]
    [InlineData("Drawn(a.call(x), Around<int>.Inside.Random)")]
    [InlineData("Inner(a.call(x))")]
    public void A_random_number_or_a_clock_is_a_gap_of_the_trace(string result)
    {
        var plan = Loaded.From(Net(result)).Plan(Batch);
        Assert.Equal(["a"], plan.Groups.Select(group => group.Name));
        Assert.NotEmpty(plan.Trace.Gaps);
    }

    [Fact]
    public void A_random_choice_leads_both_ways() =>
        Assert.Equal(2, Loaded.From(Net("random.NextDouble() < 0.5 ? a.call(x) : a.call(x) * 2")).Plan(Batch).Traces.Count);

    [Theory]
    [InlineData("a.call(x) * counter.Twice()")]
    [InlineData("a.call(x) * pure(3)")]
    [InlineData("a.call(x) * counter.Kept")]
    [InlineData("a.call(x) * epoch.Add(System.TimeSpan.FromDays(1)).Day * epoch.Day")]
    [InlineData("a.call(x) * fixedSizes.Add(3).Count * fixedSizes.Count")]
    [InlineData("a.call(x) * counter.Built()")]
    [InlineData("a.call(x) * (1 + new System.Random(3).Next(3))")]
    [InlineData("Logged(a.call(x))")]
    [InlineData("Timed(a.call(x))")]
    [InlineData("Metered(a.call(x))")]
    public void What_changes_nothing_that_forward_reads_is_followed_as_before(string result)
    {
        var net = Loaded.From(Net(result));
        Assert.Empty(net.Plan(Batch).Trace.Gaps);
        Assert.Empty(Assert.IsAssignableFrom<IList>(Field(net.Model, "log")));
        net.Prunes(Batch);
    }

    /// <summary>An array of the model that forward fills is one of the link's own, which begins with what the model's holds.</summary>
    [Theory]
    [InlineData("System.Array.Sort(tally, (one, other) => other - one);", 5)]
    [InlineData("System.Array.Fill(tally, 7);", 7)]
    [InlineData("tally[0] = 4; tally[1] = 2 * 4;", 4)]
    [InlineData("tally.AsSpan().Fill(7);", 7)]
    [InlineData("if (x.shape[0] > 1) { tally[0] = 9; } else { tally[0] = 8; } tally[1] = 1;", 9, false)]
    public void An_array_that_forward_fills_stays_as_it_is_when_the_model_is_linked(string statements, int expected, bool isFollowed = true)
    {
        var source = "using System;\n" + $$"""
            /// <summary>Under test.</summary>
            [Prunable(Structured, Ratio = 0.5)]
            public partial class Net : Module<Tensor, Tensor>
            {
                private readonly Linear a = Linear(3, 8), head = Linear(8, 2);
                private readonly int[] tally = [2, 5];

                /// <summary>Creates it.</summary>
                public Net() : base("net") => RegisterComponents();

                /// <inheritdoc/>
                public override Tensor forward(Tensor x)
                {
                    {{statements}}
                    return head.call(a.call(x) * tally[0]);
                }
            }
            """;
        if (!isFollowed)
        {
            Assert.Equal("PG0006", Assert.Single(Compiled.Refused(source).Reports.Select(report => report.Id).Distinct()));
            return;
        }

        var net = Loaded.From(source);
        var plan = net.Plan(Batch);
        Assert.Equal([2, 5], Assert.IsType<int[]>(Field(net.Model, "tally")));
        var step = Assert.Single(plan.Trace.Steps, one => one.Name == "mul");
        Assert.Equal((long)expected, Convert.ToInt64(step.Arguments.Single().Value, System.Globalization.CultureInfo.InvariantCulture));
    }

    [Theory]
    [InlineData("Logged(a.call(x)) * log.Count", "log")]
    [InlineData("Tallied(a.call(x)) * tally[0]", "tally")]
    [InlineData("Sorted(a.call(x)) * tally[0]", "tally")]
    [InlineData("a.call(x) * System.Linq.Enumerable.Sum(counters, one => one.Next())", "System.Linq.Enumerable.Sum(counters, one => one.Next())")]
    [InlineData("a.call(x) * counters.ConvertAll(one => one.Next())[0]", "counters.ConvertAll(one => one.Next())")]
    [InlineData("Counted(a.call(x)) * counter.Asked", "counter.Asked")]
    [InlineData("Counted(a.call(x)) * counter.Twice()", "counter.Twice()")]
    [InlineData("Metered(a.call(x)) * counter.Asked", "counter.Asked")]
    [InlineData("a.call(x) * System.Threading.Interlocked.Increment(ref steps) * steps", "steps")]
    public void What_is_read_of_a_collection_that_forward_changes_is_refused(string result, string at) =>
        Compiled.Refused(Net(result)).Reported("PG0006", at);

    /// <summary>Under another name, it is what the last call left from the start.</summary>
    [Fact]
    public void What_is_read_of_a_collection_under_another_name_is_a_gap_of_the_trace() =>
        Assert.NotEmpty(Loaded.From(Net("Added(a.call(x))")).Plan([4, 3]).Trace.Gaps);

    private static string Net(string result) => Kinds + $$"""
        /// <summary>Under test.</summary>
        [Prunable(Structured, Ratio = 0.5)]
        public partial class Net : Module<Tensor, Tensor>
        {
            private readonly Linear a = Linear(3, 8), head = Linear(8, 2);
            private readonly Counter counter = new();
            private readonly IScale warmup = new Warmup();
            private readonly Stages stages = new Later();
            private readonly System.Random random = new(1);
            private readonly System.Collections.Generic.Queue<int> queue = new([4, 5]);
            private readonly System.Collections.Generic.HashSet<int> seen = [];
            private readonly System.Collections.Generic.List<int> log = [];
            private readonly int[] tally = [1];
            private readonly Counter? maybe = new();
            private readonly System.Collections.Generic.List<Counter> counters = [new(), new()];
            private readonly System.DateTime epoch = new(2020, 1, 1);
            private readonly System.Collections.Immutable.ImmutableList<int> fixedSizes = System.Collections.Immutable.ImmutableList.Create(2);
            private readonly System.Diagnostics.Stopwatch watch = new();
            private double spent;
            private long ticks;
            private int steps = 0;

            private readonly System.Func<int> delegated;
            private readonly System.Func<int, double> pure = of => of / 2.0;

            private int Steps() => steps;

            private double Own => counter.Next() * 2.0;

            private double Scaled(double by) => by * counter.Next();

            private Tensor Metered(Tensor y)
            {
                counter.Asked += (int)y.sum().item<float>();
                return y;
            }

            private Tensor Counted(Tensor y)
            {
                counter.Count();
                return y;
            }

            /// <summary>Creates it.</summary>
            public Net() : base("net")
            {
                delegated = () => counter.Next();
                RegisterComponents();
            }

            /// <inheritdoc/>
            public override Tensor forward(Tensor x) => head.call({{result}});

            private static int Named(Counter one) => one.Next();

            private Tensor Each(Tensor y)
            {
                foreach (var one in counters)
                {
                    y = y * one.Next();
                }

                return y;
            }

            private static Tensor Often(Tensor y, int times)
            {
                for (var i = 0; i < times; i++)
                {
                    y = relu(y + 1);
                }

                return y;
            }

            private static class Draws
            {
                public static readonly System.Random Random = new(3);
            }

            private static Tensor Inner(Tensor y)
            {
                var from = Draws.Random;
                return y * from.NextDouble();
            }

            private static Tensor Drawn(Tensor y, System.Random from)
            {
                var generator = from;
                return y * generator.NextDouble();
            }

            private Tensor Added(Tensor y)
            {
                var same = log;
                same.Add(3);
                return y * same.Count;
            }

            private Tensor Timed(Tensor y)
            {
                watch.Restart();
                y = relu(y);
                spent += watch.Elapsed.TotalMilliseconds;
                ticks += watch.ElapsedTicks;
                System.Console.WriteLine($"{spent} {ticks}");
                return y;
            }

            private Tensor Logged(Tensor y)
            {
                log.Add((int)y.shape[0]);
                return y;
            }

            private Tensor Taken(Tensor y)
            {
                var k = 1;
                return queue.TryDequeue(out k) ? y * k : y;
            }

            private Tensor Sorted(Tensor y)
            {
                System.Array.Fill(tally, 4);
                return y;
            }

            private Tensor Tallied(Tensor y)
            {
                tally[0] += 1;
                return y;
            }
        }
        """;

    private static object? Field(object owner, string name) =>
        owner.GetType().GetField(name, BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public)!.GetValue(owner);

    private static int Count(Loaded net, string field, string count) => (int)Field(Field(net.Model, field)!, count)!;
}
