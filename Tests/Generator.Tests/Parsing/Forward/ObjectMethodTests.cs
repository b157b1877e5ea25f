using System.Reflection;
using System.Reflection.Emit;

namespace PruneGen.Generator.Tests;

/// <summary>Objects of the user's own that hold no tensors, settings, strategies and helpers: their methods are read with what the live object holds.</summary>
public class ObjectMethodTests
{
    private static readonly long[] Batch = [2, 6];

    [Theory]
    [InlineData("private readonly double k = 2; public Tensor Run(Tensor t) => t * k;")]
    [InlineData("public double K { get; } = 3; public Tensor Run(Tensor t) => t * K;")]
    [InlineData("private readonly int[] factors = [2, 3]; public Tensor Run(Tensor t) { foreach (var k in factors) { t = t * k; } return t; }")]
    [InlineData("private readonly string way = \"relu\"; public Tensor Run(Tensor t) => way switch { \"relu\" => t.relu(), \"tanh\" => t.tanh(), _ => throw new System.ArgumentException(way) };")]
    [InlineData("private readonly System.Collections.Generic.Dictionary<string, double> all = new() { [\"a\"] = 2 }; public Tensor Run(Tensor t) => all.TryGetValue(\"a\", out var k) ? t * k : t;")]
    [InlineData("private readonly double k = 2; private double Twice() => 2 * k; private Tensor Times(Tensor t) => t * Twice(); public Tensor Run(Tensor t) => Times(t);")]
    [InlineData("private readonly (double A, int B) pair = (0.3, 2); public Tensor Run(Tensor t) => t * pair.A + pair.B;")]
    [InlineData("private readonly double k = 3; public Tensor Run(Tensor t) { Tensor Times(Tensor u) => u * k; System.Func<Tensor, Tensor> plus = u => u + k; return plus(Times(t)); }")]
    [InlineData("private readonly double k = 2; public Tensor Run(Tensor t) => Inner(t, this); private static Tensor Inner(Tensor t, Way way) => t * way.k;")]
    [InlineData("private readonly Inner inner = new(); public Tensor Run(Tensor t) => t.view(t.shape[0], inner.Parts, -1).flatten(1); internal sealed class Inner { public int Parts => 2; }")]
    [InlineData("private readonly double k = 2; public void Into(Tensor t, out Tensor into) => into = t * k; public Tensor Run(Tensor t) { Into(t, out var h); h.mul_(k); return h; }")]
    [InlineData("private readonly System.Collections.Generic.Dictionary<string, float> means = new(); private readonly float[] last = new float[1]; public Tensor Run(Tensor t) { means[\"a\"] = t.mean().item<float>(); last[0] = t.max().item<float>(); return t; }")]
    [InlineData("private int calls; private long seen; public Tensor Run(Tensor t) { calls++; seen += t.shape[0]; return t.relu(); }")]
    public void What_an_object_that_the_model_holds_does(string members)
    {
        Traced(Source("private readonly Way way = Made(); private static Way Made() => new();", "way.Run(h)", $"public sealed class Way {{ {members} }}"));
        Traced(Source("private readonly Way[] ways = [new(), new()]; private Tensor Run(Tensor t) { foreach (var way in ways) { t = way.Run(t); } return t; }", "Run(h)", $"public sealed class Way {{ {members} }}"));
    }

    /// <summary>What a class is created with and names in its methods, the compiler keeps for it.</summary>
    [Theory]
    [InlineData("(double k)", "public Tensor Run(Tensor t) => t * k;", "new(2)")]
    [InlineData("(double k)", "private double Twice => k * 2; public Tensor Run(Tensor t) => t * Twice;", "new(2)")]
    [InlineData("(Linear layer)", "public Tensor Run(Tensor t) => layer.call(t).relu();", "new(second)")]
    public void What_a_class_is_created_with(string given, string members, string made) => Traced(
        Source("private readonly Linear second = Linear(12, 12); private readonly Way way;", "way.Run(h)", $"public sealed class Way{given} {{ {members} }}", $"way = {made};"));

    [Fact]
    public void A_record_with_methods() => Traced(Source(
        "private readonly Way way = Made(); private static Way Made() => new(2);", "way.Run(h)", "public sealed record Way(double K) { public Tensor Run(Tensor t) => t * K; }"));

    /// <summary>Layers that an object holds are the model's, and pruned like any.</summary>
    [Theory]
    [InlineData("private readonly Linear layer; public Way(Linear layer) => this.layer = layer; public Tensor Run(Tensor t) => layer.call(t).relu();")]
    [InlineData("public Linear Layer { get; } public Way(Linear layer) => Layer = layer; public Tensor Run(Tensor t) { t = Layer.call(t); return t.view(t.shape[0], Layer.out_features).relu(); }")]
    [InlineData("private readonly System.Collections.Generic.List<Module<Tensor, Tensor>> all = []; public Way(Linear layer) => all.Add(layer); public Tensor Run(Tensor t) { foreach (var one in all) { t = one.call(t); } return t.relu(); }")]
    public void The_layers_that_an_object_holds(string members)
    {
        var net = Traced(Source("private readonly Linear second = Linear(12, 12); private readonly Way way;", "way.Run(h)", $"public sealed class Way {{ {members} }}", "way = new Way(second);"));
        Assert.Contains(net.Plan(Batch).Groups, group => group.Name == "second");
    }

    /// <summary>Which of several classes an object is of is told by the object itself.</summary>
    [Theory]
    [InlineData("interface", "", "new Scaled(0.5)")]
    [InlineData("interface", "", "new Plain()")]
    [InlineData("interface", "", "new Whole { Times = 3 }")]
    [InlineData("abstract class", "override ", "new Scaled(0.5)")]
    [InlineData("abstract class", "override ", "new Below()")]
    public void Which_of_several_classes_runs(string kind, string overrides, string made)
    {
        var whole = kind == "interface" ? $"public struct Whole : Way {{ public int Times; public readonly Tensor Run(Tensor t) => t * Times; }}" : "";
        var classes = $$"""
            public {{kind}} Way { {{(kind == "interface" ? "" : "public abstract ")}}Tensor Run(Tensor t); }
            public sealed class Scaled : Way { private readonly double k; public Scaled(double k) => this.k = k; public {{overrides}}Tensor Run(Tensor t) => t.tanh() * k; }
            public class Plain : Way { protected virtual double K => 2; public {{overrides}}Tensor Run(Tensor t) => t.relu() * K; }
            public class Below : Plain { protected override double K => 5; }
            {{whole}}
            """;
        Traced(Source($"private readonly Way way = Made(); private static Way Made() => {made};", "way.Run(h)", classes));
    }

    /// <summary>The only class with an interface that no other project sees.</summary>
    [Fact]
    public void The_only_class_behind_an_interface() => Traced(Source(
        "private readonly IWay way = Made(); private static IWay Made() => new Only();",
        "way.Run(h)",
        "internal interface IWay { Tensor Run(Tensor t); } internal sealed class Only : IWay { public double K => 2; public double Times(double by) => K * by; public Tensor Run(Tensor t) => t * Times(System.Math.Abs(Times(2))) * K; }"));

    [Fact]
    public void An_object_that_another_model_is_handed()
    {
        const string Classes = """
            public interface IWay { Tensor Run(Tensor t); }
            public sealed class Scaled : IWay { private readonly double k = 2; public Tensor Run(Tensor t) => t * k; }
            public sealed class Plain : IWay { public Tensor Run(Tensor t) => t.relu(); }
            [Prunable] public partial class Child : Module<Tensor, IWay, Tensor>
            {
                private readonly Linear inner = Linear(12, 12);
                public Child() : base("child") => RegisterComponents();
                public override Tensor forward(Tensor t, IWay way) => way.Run(inner.call(t));
            }
            """;
        Traced(Source("private readonly Child one = new(), two = new(); private readonly IWay way = new Scaled();", "two.call(one.call(h, way), new Plain())", Classes));
    }

    /// <summary>A layer behind an interface of the user's own is the class that it is.</summary>
    [Theory]
    [InlineData("private readonly IScale one; private readonly Big big = new();", "one.Do(h) * one.K", "one = big;")]
    [InlineData("private readonly IScale one; private readonly Big big = new();", "((Module<Tensor, Tensor>)one).call(one.Do(h))", "one = big;")]
    [InlineData("private readonly ModuleList<Module<Tensor, Tensor>> all = new(new Big(), ReLU());", "((IScale)all[0]).Do(h) * ((IScale)all[0]).K", "")]
    [InlineData("private readonly ModuleList<Module<Tensor, Tensor>> all = new(new Big(), ReLU()); private Tensor Run(Tensor t) { foreach (var one in all) { t = one is IScale scale ? scale.Do(t) * scale.K : one.call(t); } return t; }", "Run(h)", "")]
    [InlineData("private readonly ModuleList<Module<Tensor, Tensor>> all = new(new Big(), ReLU()); private Tensor Run(Tensor t) => all[0] switch { IScale scale => scale.Do(t), var other => other.call(t) };", "Run(h)", "")]
    [InlineData("private readonly System.Collections.Generic.List<IScale> all; private readonly Big big = new(); private Tensor Run(Tensor t) { foreach (var one in all) { t = one.Do(t); } return t; }", "Run(h)", "all = [big, new Plain()];")]
    [InlineData("private readonly Through<Big> big = new(new());", "big.call(h)", "")]
    public void A_layer_behind_an_interface(string members, string call, string constructor)
    {
        const string Classes = """
            public interface IScale { double K { get; } Tensor Do(Tensor t); }
            [Prunable] public partial class Big : Module<Tensor, Tensor>, IScale
            {
                private readonly Linear up = Linear(12, 16), down = Linear(16, 12);
                public double K => 3;
                public Big() : base("big") => RegisterComponents();
                public override Tensor forward(Tensor t) => down.call(up.call(t).relu());
                public Tensor Do(Tensor t) => down.call(up.call(t)) * K;
            }
            public sealed class Plain : IScale { public double K => 1; public Tensor Do(Tensor t) => t * 2; }
            // Of one class alone.
            [Prunable] public partial class Through<T> : Module<Tensor, Tensor> where T : Module<Tensor, Tensor>, IScale
            {
                private readonly T inner;
                public Through(T inner) : base("through") { this.inner = inner; RegisterComponents(); }
                public override Tensor forward(Tensor t) => inner.Do(t);
            }
            """;
        var classes = members.Contains("List<IScale>", StringComparison.Ordinal) ? Classes[..Classes.IndexOf("//", StringComparison.Ordinal)] : Classes.Replace("public sealed class Plain : IScale", "public sealed class Plain", StringComparison.Ordinal);
        Traced(Source(members, call, classes, constructor));
    }

    /// <summary>What goes by what the object counts is another the next time.</summary>
    [Theory]
    [InlineData("private double k = 1; public Tensor Run(Tensor t) { k *= 2; return t * k; }", "way.Run(h)")]
    [InlineData("private long last; public Tensor Run(Tensor t) { this.last = t.shape[0]; return last > 8 ? t.relu() : t; }", "way.Run(h)")]
    [InlineData("private readonly System.Random random = new(1); public Tensor Run(Tensor t) => t * random.NextDouble();", "way.Run(h)")]
    [InlineData("private readonly double[] k = [2]; public Tensor Run(Tensor t) { System.Span<double> all = k; all[0] += 1; return t * k[0]; }", "way.Run(h)")]
    [InlineData("public double K = 1; public Tensor Run(Tensor t) => t * K;", "way.Run(h)", "way.K = 4;")]
    [InlineData("private double k = 1; public void Up() => k += 1; public Tensor Run(Tensor t) => t * k;", "way.Run(h)", "way.Up();")]
    [InlineData("private int calls; public int Calls => calls; public Tensor Run(Tensor t) { calls++; return t; }", "way.Calls", "h = way.Run(h);", "h * way.Calls")]
    [InlineData("(double k)", "way.K", "way.Set(4);", "h * way.K")]
    public void What_changes_from_call_to_call_is_refused(string members, string at, string before = "", string call = "way.Run(h)") => Compiled.From(Source(
        "private readonly Way way = Made(); private static Way Made() => new Way" + (members[0] == '(' ? "(2)" : "()") + ";",
        call,
        members[0] == '(' ? "public sealed class Way(double k) { public double K => k; public void Set(double v) => k = v; }" : $"public sealed class Way {{ {members} }}",
        before: before)).Reported("PG0006", at);

    [Fact]
    public void What_a_class_is_created_with_and_counts_is_a_gap() => Assert.NotEmpty(Loaded.From(Source(
        "private readonly Way way = new(2);", "h * way.K", "public sealed class Way(double k) { public double K => k++; }")).Plan(Batch).Trace.Gaps);

    /// <summary>A class of another project may have the interface, too: that is seen where the live object is.</summary>
    [Fact]
    public void An_object_of_a_class_out_of_sight_is_refused_when_the_model_is_linked()
    {
        const string Classes = """
            /// <summary>Seen by all.</summary>
            public interface IWay
            {
                /// <summary>Runs.</summary>
                Tensor Run(Tensor t);
            }
            internal sealed class Plain : IWay { public Tensor Run(Tensor t) => t.relu(); }
            """;
        var net = Loaded.From(Source("internal IWay Way = new Plain();", "Way.Run(h)", Classes));
        net.Prunes(Batch);
        var field = net.Model.GetType().GetField("Way", BindingFlags.Instance | BindingFlags.NonPublic)!;
        var module = AssemblyBuilder.DefineDynamicAssembly(new AssemblyName("OutOfSight"), AssemblyBuilderAccess.Run).DefineDynamicModule("OutOfSight");
        var other = module.DefineType("Other", TypeAttributes.Public, typeof(object), [field.FieldType]);
        var run = other.DefineMethod("Run", MethodAttributes.Public | MethodAttributes.Virtual, typeof(TorchSharp.torch.Tensor), [typeof(TorchSharp.torch.Tensor)]);
        run.GetILGenerator().Emit(OpCodes.Ldarg_1);
        run.GetILGenerator().Emit(OpCodes.Ret);
        field.SetValue(net.Model, Activator.CreateInstance(other.CreateType()));
        var error = Assert.ThrowsAny<Exception>(() => net.Plan(Batch)).GetBaseException();
        Assert.IsType<InvalidOperationException>(error);
        Assert.Contains("A Other is of another project, and forward calls Run of it", error.Message, StringComparison.Ordinal);
        Assert.Contains("Describe Run with [Axes] where it is declared, or hand the model a Plain.", error.Message, StringComparison.Ordinal);
    }

    private static Loaded Traced(string source)
    {
        var net = Loaded.From(source);
        Assert.Empty(net.Plan(Batch).Trace.Gaps);
        return net.Prunes(Batch);
    }

    private static string Source(string members, string call, string classes, string constructor = "", string before = "") => $$"""
        #pragma warning disable CS1591
        [Prunable(Structured)]
        public partial class Net : Module<Tensor, Tensor>
        {
            private readonly Linear first = Linear(6, 12), last = Linear(12, 4);
            {{members}}
            public Net() : base("net") { {{constructor}} RegisterComponents(); }
            public override Tensor forward(Tensor x)
            {
                var h = first.call(x);
                {{before}}
                return last.call({{call}});
            }
        }

        {{classes}}
        """;
}
