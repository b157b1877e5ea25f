using System.Globalization;
using System.Reflection;
using System.Reflection.Emit;
using static TorchSharp.torch;

namespace PruneGen.Generator.Tests;

/// <summary>Methods that other classes may replace: their bodies are read only where it is certain what runs.</summary>
public class VirtualMethodTests
{
    private static readonly long[][] Row = [[4, 8]];

    private const string Steps = "internal class Step { public virtual Tensor Run(Tensor x) => x; } internal class Summing : Step { public override Tensor Run(Tensor x) => softmax(x, 1); } ";

    /// <summary>An object whose creation is in sight runs what its own class has, whatever it is declared as.</summary>
    [Theory]
    [InlineData("x = ((Step)new Summing()).Run(x);", false)]
    [InlineData("Step step = new Summing(); x = step.Run(x);", false)]
    [InlineData("x = new Step().Run(x);", true)]
    public void The_method_of_an_object_that_forward_creates(string statements, bool isExact)
    {
        var net = Loaded.From(Steps + Source("public Net() : base(\"net\") => RegisterComponents();", "relu(x)", statements));
        Assert.Equal(isExact, net.Plan(Row).Groups[0].Exact);
        if (isExact)
        {
            net.Prunes(Row);
        }
    }

    [Theory]
    [InlineData("internal record Input(Tensor X) { public virtual Tensor Sum() => X; }", "input.Sum()", null)]
    [InlineData("internal sealed record Input(Tensor X) { public Tensor Sum() => X; }", "input.Sum()", null)]
    [InlineData("internal record Input(Tensor X) { public virtual Tensor Sum() => X; } internal sealed record Wide(Tensor X, Tensor Y) : Input(X) { public override Tensor Sum() => X + Y; }", "input.Sum()", "input.Sum()")]
    [InlineData("internal record Input(Tensor X) { public virtual Tensor Sum => X; } internal sealed record Wide(Tensor X, Tensor Y) : Input(X) { public override Tensor Sum => X + Y; }", "input.Sum", "input.Sum")]
    [InlineData("/// <summary>Given.</summary>\n/// <param name=\"X\">One.</param>\npublic record Input(Tensor X) { /** <summary>All.</summary> */ public virtual Tensor Sum() => X; }", "input.Sum()", "input.Sum()")]
    public void The_method_of_what_forward_is_given(string classes, string call, string? at)
    {
        var compiled = Compiled.From($"{classes}\n[Prunable] internal partial class Net : Module<Input, Tensor> {{ private readonly Linear fc = Linear(8, 8); public Net() : base(\"net\") => RegisterComponents(); public override Tensor forward(Input input) => fc.call({call}); }}");
        Assert.Equal(at is null ? [] : [at], compiled.Reports.Where(report => report.Id == "PG0006").Select(report => report.Location.SourceTree!.GetText().ToString(report.Location.SourceSpan)));
        if (at?.EndsWith(')') == true)
        {
            Assert.Equal("PruneGen cannot follow tensors through a call of Sum, which a class derived from Input may replace (seal the method or the class, or describe Sum with [Axes]), so nothing of 'Net' is pruned", compiled.Reported("PG0006", at).GetMessage(CultureInfo.InvariantCulture));
        }
    }

    /// <summary>The same of a layer: its class is linked live, but a method of it that the model calls is read.</summary>
    [Theory]
    [InlineData("internal partial class Block", "", "private readonly Block block = new();", null)]
    [InlineData("internal partial class Block", "internal sealed class Other : Block { public override Tensor Encode(Tensor x) => relu(x); }", "private readonly Block block = new();", null)]
    [InlineData("internal partial class Block", "internal sealed class Other : Block { public override Tensor Encode(Tensor x) => relu(x); }", "private readonly Block block; public Net(Block block) : base(\"net\") { this.block = block; RegisterComponents(); }", null)]
    [InlineData("public partial class Block", "", "private readonly Block block; internal Net(Block block) : base(\"net\") { this.block = block; RegisterComponents(); }", null)]
    [InlineData("public partial class Block", "internal sealed class Other : Block { public override Tensor Encode(Tensor x) => relu(x); }", "private readonly Block block; internal Net(Block block) : base(\"net\") { this.block = block; RegisterComponents(); }", null)]
    [InlineData("internal partial class Block", "internal sealed class Other<T> : Block { public override Tensor Encode(Tensor x) => relu(x); }", "private readonly Block block; public Net(Block block) : base(\"net\") { this.block = block; RegisterComponents(); }", "block.Encode(x)")]
    [InlineData("internal partial class Block", "file sealed class Other : Block { public override Tensor Encode(Tensor x) => relu(x); }", "private readonly Block block; public Net(Block block) : base(\"net\") { this.block = block; RegisterComponents(); }", "block.Encode(x)")]
    [InlineData("internal partial class Block", "internal static class Hidden { private sealed class Other : Block { public override Tensor Encode(Tensor x) => relu(x); } }", "private readonly Block block; public Net(Block block) : base(\"net\") { this.block = block; RegisterComponents(); }", "block.Encode(x)")]
    [InlineData("internal partial class Block", "", "private readonly Block block; public Net(Block block) : base(\"net\") { this.block = block; RegisterComponents(); }", null)]
    [InlineData("public sealed partial class Block", "", "private readonly Block block; internal Net(Block block) : base(\"net\") { this.block = block; RegisterComponents(); }", null)]
    public void The_method_of_another_model(string declaration, string other, string member, string? at)
    {
        var isSealed = declaration.Contains("sealed", StringComparison.Ordinal);
        var block = $"/// <summary>Inside.</summary>\n[Prunable] {declaration} : Module<Tensor, Tensor> {{ private readonly Linear fc = Linear(12, 12); /** <summary>Creates it.</summary> */ public Block() : base(\"block\") => RegisterComponents(); /** <inheritdoc/> */ public override Tensor forward(Tensor x) => Encode(x); /** <summary>Helps.</summary> */ public {(isSealed ? "" : "virtual ")}Tensor Encode(Tensor x) => fc.call(x); }}\n";
        var members = member + (member.Contains("Net(", StringComparison.Ordinal) ? "" : " public Net() : base(\"net\") => RegisterComponents();");
        var compiled = Compiled.From(block + other + Source(members, "block.Encode(x)"));
        var reports = compiled.Reports.Where(report => report.Id == "PG0006").ToList();
        Assert.Equal(at is null ? [] : [at], reports.Select(report => report.Location.SourceTree!.GetText().ToString(report.Location.SourceSpan)));
        if (at is not null)
        {
            Assert.Equal("PruneGen cannot follow tensors through a call of Encode, which a class derived from Block may replace (seal the method or the class, or describe Encode with [Axes]), so nothing of 'Net' is pruned", reports[0].GetMessage(CultureInfo.InvariantCulture));
        }
    }

    /// <summary>Where classes of the project replace a method, the live layer decides which of them is linked.</summary>
    [Theory]
    [InlineData("new Block()", "block.up block.down")]
    [InlineData("new Plain()", "block.up block.down")]
    [InlineData("new Wide()", "block.up block.down block.more block.less")]
    [InlineData("new Widest()", "block.up block.down block.more block.less block.most block.least")]
    public void The_live_layer_decides_which_of_several_overrides_runs(string made, string groups)
    {
        const string Classes = """
            [Prunable] internal partial class Block : Module<Tensor, Tensor>
            {
                internal readonly Linear up = Linear(12, 16), down = Linear(16, 12);
                public Block() : base("block") => RegisterComponents();
                public override Tensor forward(Tensor x) => Encode(x);
                public virtual Tensor Encode(Tensor x, double gain = 1) => down.call(relu(up.call(x))) * gain;
            }

            [Prunable] internal sealed partial class Plain : Block;

            [Prunable] internal partial class Wide : Block
            {
                internal readonly Linear more = Linear(12, 20), less = Linear(20, 12);
                public Wide() => RegisterComponents();
                public override Tensor Encode(Tensor x, double gain) => less.call(relu(more.call(base.Encode(x, gain))));
            }

            [Prunable] internal sealed partial class Widest : Wide
            {
                internal readonly Linear most = Linear(12, 24), least = Linear(24, 12);
                public Widest() => RegisterComponents();
                public override Tensor Encode(Tensor x, double gain) => least.call(relu(most.call(base.Encode(x, gain))));
            }

            """;
        var net = Loaded.From(Classes + Source($"private readonly Block block; private static Block Made() => {made}; public Net() : base(\"net\") {{ block = Made(); RegisterComponents(); }}", "block.Encode(x, 2)"));
        Assert.Equal(groups.Split(' '), net.Plan(Row).Groups.Select(group => group.Name).Where(name => name.StartsWith("block.", StringComparison.Ordinal)));
        net.Prunes(Row);
    }

    /// <summary>A class of another project may replace a method that was read: that is seen where the live object is.</summary>
    [Theory]
    [InlineData("block.Encode(x)", "block")]
    [InlineData("block.call(x) * block.Gain", "block")]
    [InlineData("((System.Func<Tensor, Tensor>)block.Encode)(x)", "block")]
    [InlineData("block.Both(x)", "block")]
    [InlineData("inner.Twice(x)", "A Replaced")]
    [InlineData("ways[0].Encode(x)", "block")]
    [InlineData("wide.Encode(x)", "wide")]
    public void A_method_that_a_class_out_of_sight_replaces_is_refused_when_the_model_is_linked(string call, string named)
    {
        const string Classes = """
            /// <summary>Inside.</summary>
            [Prunable] public partial class Block : Module<Tensor, Tensor>
            {
                private readonly Linear up = Linear(12, 16), down = Linear(16, 12);
                /// <summary>Creates it.</summary>
                public Block() : base("block") => RegisterComponents();
                /// <summary>A factor.</summary>
                public virtual Tensor Gain => up.weight.sum();
                /// <inheritdoc/>
                public override Tensor forward(Tensor x) => down.call(relu(up.call(x)));
                /// <summary>Helps.</summary>
                public virtual Tensor Encode(Tensor x) => down.call(relu(up.call(x)));
                /// <summary>Helps, by way of another.</summary>
                public Tensor Both(Tensor x) => Encode(x) + x;
            }

            /// <summary>Inside, of anything.</summary>
            [Prunable] public partial class Wide<T> : Module<Tensor, Tensor>
            {
                private readonly Linear up = Linear(12, 16), down = Linear(16, 12);
                /// <summary>Creates it.</summary>
                public Wide() : base("wide") => RegisterComponents();
                /// <inheritdoc/>
                public override Tensor forward(Tensor x) => Encode(x);
                /// <summary>Helps.</summary>
                public virtual Tensor Encode(Tensor x) => down.call(relu(up.call(x)));
            }

            /// <summary>No layer.</summary>
            public class Inner
            {
                /// <summary>Doubles.</summary>
                public virtual Tensor Twice(Tensor x) => x + x;
            }

            """;
        var net = Loaded.From(Classes + Source("private readonly Block block; private readonly Inner inner; private readonly ModuleList<Block> ways = new(); private readonly Wide<int> wide; public Net(Block? block = null, Inner? inner = null, Wide<int>? wide = null) : base(\"net\") { this.block = block ?? new(); this.inner = inner ?? new(); this.wide = wide ?? new(); ways.Add(this.block); RegisterComponents(); }", call));
        net.Prunes(Row);

        var types = net.Model.GetType().Assembly;
        var replaced = new[] { types.GetType("Block")!, types.GetType("Inner")!, types.GetType("Wide`1")!.MakeGenericType(typeof(int)) }.Select(Replacing).ToArray();
        var other = (nn.Module)Activator.CreateInstance(net.Model.GetType(), replaced)!;
        var thrown = Assert.Throws<TargetInvocationException>(() => other.GetType().GetMethod("PruningPlan")!.Invoke(other, [Row[0]])).InnerException;
        var refusal = Assert.IsType<InvalidOperationException>(thrown);
        Assert.StartsWith(named, refusal.Message, StringComparison.Ordinal);
        Assert.Contains(" replaces ", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("[Axes]", refusal.Message, StringComparison.Ordinal);
    }

    /// <summary>An object of a class made at run time that replaces every virtual method and property of another by what it is given, or by zero.</summary>
    private static object Replacing(Type type)
    {
        var module = AssemblyBuilder.DefineDynamicAssembly(new AssemblyName("OutOfSight"), AssemblyBuilderAccess.Run).DefineDynamicModule("OutOfSight");
        var below = module.DefineType("Replaced", TypeAttributes.Public, type);
        foreach (var method in type.GetMethods().Where(method => method.IsVirtual && method.DeclaringType == type && method.Name is "Encode" or "Twice" or "get_Gain"))
        {
            var own = below.DefineMethod(method.Name, MethodAttributes.Public | MethodAttributes.Virtual | MethodAttributes.HideBySig, method.ReturnType, Array.ConvertAll(method.GetParameters(), parameter => parameter.ParameterType));
            var body = own.GetILGenerator();
            body.Emit(method.GetParameters().Length > 0 ? OpCodes.Ldarg_1 : OpCodes.Ldnull);
            body.Emit(OpCodes.Ret);
        }

        return Activator.CreateInstance(below.CreateType())!;
    }

    /// <summary>The method that runs is that of the class which the object is of, where all classes of the project can be read.</summary>
    [Theory]
    [InlineData("internal", "", "IStep step = new Twice(); x = step.Run(x);", null)]
    [InlineData("internal", "", "x = Given.Run(x);", null)]
    [InlineData("internal", "internal abstract class Half : IStep { public abstract Tensor Run(Tensor x); } ", "x = Given.Run(x);", null)]
    [InlineData("internal", "internal sealed class Same : IStep { public Tensor Run(Tensor x) => x; } ", "IStep step = new Twice(); x = step.Run(x);", null)]
    [InlineData("internal", "internal sealed class Same : IStep { public Tensor Run(Tensor x) => x; } ", "x = Given.Run(x);", null)]
    [InlineData("internal", "internal class More : Twice { public override Tensor Run(Tensor x) => x; } ", "x = Given.Run(x);", null)]
    [InlineData("/** <summary>Seen.</summary> */ public", "", "x = Given.Run(x);", null)]
    [InlineData("internal", "internal sealed class Same<T> : IStep { public Tensor Run(Tensor x) => x; } ", "x = Given.Run(x);", "Given.Run(x)")]
    [InlineData("internal", "internal sealed class Kept : IStep { private Tensor? last; public Tensor Run(Tensor x) => last = x; } ", "x = Given.Run(x);", "Given.Run(x)")]
    public void The_method_of_an_interface(string access, string others, string statements, string? at)
    {
        var classes = $"{access} interface IStep {{ /** <summary>Steps.</summary> */ Tensor Run(Tensor x); }} internal class Twice : IStep {{ public virtual Tensor Run(Tensor x) => x + x; }} {others}";
        var source = classes + Source("private static IStep Given => new Twice(); public Net() : base(\"net\") => RegisterComponents();", "relu(x)", statements);
        if (at is null)
        {
            Loaded.From(source).Prunes(Row);
        }
        else
        {
            Assert.Equal("PruneGen cannot follow tensors through a call of Run, which each class with the interface IStep has of its own (call it on the class that it is, or describe Run with [Axes]), so nothing of 'Net' is pruned", Compiled.From(source).Reported("PG0006", at).GetMessage(CultureInfo.InvariantCulture));
        }
    }

    /// <summary>A helper object that is chosen from outside.</summary>
    [Theory]
    [InlineData("public override Tensor Run(Linear layer, Tensor x) => relu(layer.call(x));")]
    [InlineData("public override Tensor Run(Linear layer, Tensor x) { var made = new long[] { -1, layer.out_features }; return layer.call(x).reshape(made); }")]
    [InlineData("private readonly int times = 2; public override Tensor Run(Linear layer, Tensor x) => layer.call(x) * times;")]
    [InlineData("public override Tensor Run(Linear layer, Tensor x) => Twice(layer.call(x)); private Tensor Twice(Tensor x) => x * 2;")]
    public void The_method_of_an_object_that_the_model_is_given(string method) => Loaded.From(
        $"internal abstract class Way {{ public abstract Tensor Run(Linear layer, Tensor x); }} internal sealed class Plain : Way {{ {method} }} "
            + Source("private readonly Way way; internal Net(Way? way) : base(\"net\") { this.way = way ?? new Plain(); RegisterComponents(); } public Net() : this(null) { }", "way.Run(second, x)").Replace("relu(second.call(x))", "x", StringComparison.Ordinal))
        .Prunes(Row);

    /// <summary>A helper may be handed the model itself, and call back.</summary>
    [Theory]
    [InlineData("internal static class Way { public static Tensor Run(Net net, Tensor x) => relu(net.Twice(x)); }", "internal Tensor Twice(Tensor x) => second.call(x) * 2;")]
    [InlineData("internal static class Way { public static Tensor Run(Net net, Tensor x) => net.Twice(x); }", "internal virtual Tensor Twice(Tensor x) => relu(second.call(x)) * times; private readonly int times = 3;")]
    public void A_helper_that_is_handed_the_model(string helper, string member)
    {
        var net = Loaded.From(helper + Source(member + " public Net() : base(\"net\") => RegisterComponents();", "Way.Run(this, x)").Replace("relu(second.call(x)));", "x);", StringComparison.Ordinal));
        Assert.Contains(net.Plan(Row).Groups, group => group.Name == "second");
        net.Prunes(Row);
    }

    /// <summary>A layer of another model may be of a class that only that model can name.</summary>
    [Theory]
    [InlineData("inside.call(x)")]
    [InlineData("inside.Twice(x)")]
    public void The_layer_of_a_class_that_another_model_keeps_to_itself(string inner)
    {
        var block = $$"""
            [Prunable] internal partial class Block : Module<Tensor, Tensor>
            {
                private readonly Inside inside = new();
                public Block() : base("block") => RegisterComponents();
                public override Tensor forward(Tensor x) => inside.call(x);
                internal Tensor Encode(Tensor x) => {{inner}};

                [Prunable] private sealed partial class Inside : Module<Tensor, Tensor>
                {
                    private readonly Linear up = Linear(12, 16), down = Linear(16, 12);
                    private readonly int times = 2;
                    public Inside() : base("inside") => RegisterComponents();
                    public override Tensor forward(Tensor x) => down.call(relu(up.call(x)));
                    public Tensor Twice(Tensor x) => down.call(relu(up.call(x))) * times;
                }
            }

            """;
        var net = Loaded.From(block + Source("private readonly Block block = new(); public Net() : base(\"net\") => RegisterComponents();", "block.Encode(x)"));
        Assert.Contains(net.Plan(Row).Groups, group => group.Name == "block.inside.up");
        net.Prunes(Row);
    }

    /// <summary>A class may have a call of its own that hands on to the one that every module has.</summary>
    [Theory]
    [InlineData("public new Tensor call(Tensor x) => base.call(x);", "block.call(x)")]
    [InlineData("public new Tensor call(Tensor x) { x = x * 2; return base.call(x); }", "block.call(x)")]
    [InlineData("public Tensor call(Tensor x, double gain) => this.call(x) * gain;", "block.call(x, 2)")]
    public void A_call_that_runs_the_call_of_the_module(string own, string call)
    {
        var block = $"[Prunable] internal partial class Block : Module<Tensor, Tensor> {{ private readonly Linear up = Linear(12, 16), down = Linear(16, 12); public Block() : base(\"block\") => RegisterComponents(); public override Tensor forward(Tensor x) => down.call(relu(up.call(x))); {own} }} ";
        var net = Loaded.From(block + Source("private readonly Block block = new(); public Net() : base(\"net\") => RegisterComponents();", call));
        Assert.Contains(net.Plan(Row).Groups, group => group.Name == "block.up");
        net.Prunes(Row);
    }

    [Theory]
    [InlineData("protected override Tensor Step(Tensor x) => softmax(x, 1);", "x = Step(x);")]
    [InlineData("protected override Tensor Step(Tensor x) => softmax(x, 1);", "System.Func<Tensor, Tensor> step = Step; x = step(x);")]
    [InlineData("protected override Module<Tensor, Tensor> Middle => other;", "x = Middle.call(x);")]
    [InlineData("protected override Tensor Gain => other.weight;", "x = matmul(x, Gain);")]
    public void What_the_annotated_class_itself_replaces_is_what_is_read(string replaced, string statements)
    {
        var net = Loaded.From($$"""
            internal abstract class Base : Module<Tensor, Tensor>
            {
                protected readonly Linear first = Linear(8, 12), second = Linear(12, 12), last = Linear(12, 3), other = Linear(12, 12);
                protected Base() : base("net") { }
                public override Tensor forward(Tensor x)
                {
                    x = relu(first.call(x));
                    {{statements}}
                    return last.call(relu(second.call(x)));
                }

                protected virtual Tensor Step(Tensor x) => x;
                protected virtual Module<Tensor, Tensor> Middle => second;
                protected virtual Tensor Gain => second.weight;
            }

            /// <summary>Under test.</summary>
            [Prunable] internal partial class Net : Base
            {
                public Net() => RegisterComponents();
                {{replaced}}
            }
            """);
        var groups = net.Groups(Row);
        Assert.Equal(replaced.Contains("other", StringComparison.Ordinal), string.Join(' ', groups).Contains("other", StringComparison.Ordinal));
        Assert.Equal(!replaced.Contains("softmax", StringComparison.Ordinal), net.Plan(Row).Groups[0].Exact);
        if (net.Plan(Row).Groups[0].Exact)
        {
            net.Prunes(Row);
        }
    }

    [Theory]
    [InlineData("protected override Tensor Last(Tensor x) => relu(x);", "Last")]
    [InlineData("protected override Module<Tensor, Tensor> Middle => other;", "Middle")]
    [InlineData("protected override Tensor Loss(Tensor x) => x;", null)]
    [InlineData("protected override string Title() => \"below\";", null)]
    public void PG0023_what_a_class_below_replaces_is_said_where_it_was_read(string replaced, string? at)
    {
        var reports = Compiled.From($$"""
            internal abstract class Base : Module<Tensor, Tensor>
            {
                protected readonly Linear fc = Linear(8, 8), other = Linear(8, 8);
                protected Base() : base("net") { }
                public override Tensor forward(Tensor x) => Last(Middle.call(x));
                protected virtual Tensor Last(Tensor x) => x;
                protected virtual Tensor Loss(Tensor x) => x;
                protected virtual string Title() => "net";
                protected virtual Module<Tensor, Tensor> Middle => fc;
            }

            [Prunable] internal partial class Net : Base { public Net() => RegisterComponents(); }
            internal sealed class Below : Net { {{replaced}} }
            """).Reports.Where(report => report.Id == "PG0023").Select(report => report.Location.SourceTree!.GetText().ToString(report.Location.SourceSpan));
        Assert.Equal(at is null ? [] : [at], reports);
    }

    private static string Source(string members, string call, string statements = "") => $$"""
        [Prunable]
        internal partial class Net : Module<Tensor, Tensor>
        {
            private readonly Linear first = Linear(8, 12), second = Linear(12, 12), last = Linear(12, 3);
            {{members}}

            public override Tensor forward(Tensor x)
            {
                x = first.call(x);
                {{statements}}
                x = {{call}};
                return last.call(relu(second.call(x)));
            }
        }
        """;
}
