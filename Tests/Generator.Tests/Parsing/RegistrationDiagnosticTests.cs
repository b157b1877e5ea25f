using System.Globalization;
using Microsoft.CodeAnalysis;

namespace PruneGen.Generator.Tests;

/// <summary>Layers and tensors that TorchSharp would not find: RegisterComponents looks elsewhere, has run before, or is not called (PG0027, PG0028, PG0034).</summary>
public class RegistrationDiagnosticTests
{
    [Theory]
    [InlineData("private readonly List<Linear> layers = new() { Linear(8, 8), Linear(8, 8) };", "", "RegisterComponents() does not look into a List<Linear>", "make it a ModuleList<Linear>")]
    [InlineData("private readonly Linear[] layers = new Linear[2];", "for (var i = 0; i < 2; i++) { layers[i] = Linear(8, 8); } RegisterComponents();", "RegisterComponents() does not look into a Linear[]", "make it a ModuleList<Linear>")]
    [InlineData("private readonly List<Module<Tensor, Tensor>> layers = new();", "for (var i = 0; i < 2; i++) { var layer = Linear(8, 8); layers.Add(layer); } RegisterComponents();", "RegisterComponents() does not look into a List<Module<Tensor, Tensor>>", "make it a ModuleList<Module<Tensor, Tensor>>")]
    [InlineData("private readonly Dictionary<int, Linear> layers = new() { [0] = Linear(8, 8) };", "", "RegisterComponents() does not look into a Dictionary<int, Linear>", "make it a ModuleDict<Linear>")]
    [InlineData("private static readonly Linear layers = Linear(8, 8);", "", "RegisterComponents() passes over static members", "make it an instance field")]
    public void PG0027_layers_where_RegisterComponents_does_not_look(string member, string body, string why, string remedy)
    {
        var used = member.Contains("Dictionary", StringComparison.Ordinal) || member.Contains("[]", StringComparison.Ordinal) || member.Contains("List", StringComparison.Ordinal) ? "fc.call(layers[0].call(x))" : "fc.call(layers.call(x))";
        var report = WithLists(Registering(member, body, used)).Reported("PG0027", "layers");
        Assert.Equal($"{why}, so 'layers' is not registered: it is neither pruned, trained nor saved; {remedy}", report.GetMessage(CultureInfo.InvariantCulture));
        Assert.Equal(DiagnosticSeverity.Warning, report.DefaultSeverity);
    }

    [Theory]
    [InlineData("public static readonly Linear Layer = Linear(8, 8);", true)]
    [InlineData("public static readonly ReLU Layer = ReLU();", false)]
    public void PG0027_a_layer_in_a_static_member_of_another_class(string member, bool isSaid)
    {
        var compiled = Compiled.From($"internal static class Shared {{ {member} }} [Prunable] internal partial class Net : Module<Tensor, Tensor> {{ private readonly Linear fc = Linear(8, 8), last = Linear(8, 3); public Net() : base(\"net\") => RegisterComponents(); public override Tensor forward(Tensor x) => last.call(Shared.Layer.call(fc.call(x))); }}");
        if (isSaid)
        {
            Assert.Equal("RegisterComponents() passes over static members, so 'Layer' is not registered: it is neither pruned, trained nor saved; make it an instance field", compiled.Reported("PG0027", "Shared.Layer").GetMessage(CultureInfo.InvariantCulture));
        }
        else
        {
            compiled.Clean();
        }
    }

    [Theory]
    [InlineData("private readonly ModuleList<Linear> layers = ModuleList(Linear(8, 8));", "")]
    [InlineData("private readonly List<Linear> layers;", "layers = new List<Linear> { fc }; RegisterComponents();")]
    [InlineData("private readonly List<Linear> layers = new();", "layers.Add(Linear(8, 8)); register_module(\"first\", layers[0]); RegisterComponents();")]
    [InlineData("private readonly List<Linear> layers = new(); private readonly ModuleList<Linear> all;", "layers.Add(Linear(8, 8)); all = ModuleList(layers.ToArray()); RegisterComponents();")]
    [InlineData("private readonly List<Module<Tensor, Tensor>> layers = new() { ReLU() };", "")]
    public void PG0027_is_not_said_of_what_is_registered_otherwise_or_has_nothing_to_register(string member, string body) =>
        Assert.DoesNotContain(WithLists(Registering(member, body, "fc.call(layers[0].call(x))")).Reports, report => report.Id is "PG0027" or "PG0028");

    [Theory]
    [InlineData("", "RegisterComponents(); late = Linear(8, 8);", "late = Linear(8, 8)")]
    [InlineData("", "RegisterComponents(); gain = new Parameter(zeros(8));", "gain = new Parameter(zeros(8))")]
    [InlineData("public Net(int width) : this() { late = Linear(width, 8); }", "RegisterComponents();", "late = Linear(width, 8)")]
    public void PG0027_what_is_assigned_after_RegisterComponents_has_run(string other, string body, string at)
    {
        var report = Compiled.From(Registering("private readonly Linear late = null!; private readonly Parameter gain = null!;" + other, body, "fc.call(late.call(x * gain))")).Reported("PG0027", at);
        Assert.Equal($"RegisterComponents() has run before, and does nothing a second time, so '{at[..4]}' is not registered: it is neither pruned, trained nor saved; call it once, after the last assignment", report.GetMessage(CultureInfo.InvariantCulture));
    }

    [Fact]
    public void PG0027_what_is_assigned_after_a_base_constructor_has_registered() => Compiled.From("""
        internal abstract class Base : Module<Tensor, Tensor> { protected Base(string name) : base(name) { RegisterComponents(); } }

        [Prunable]
        internal partial class Net : Base
        {
            private readonly Linear early = Linear(8, 8);
            private readonly Linear late;
            public Net() : base("net") { late = Linear(8, 8); RegisterComponents(); }
            public override Tensor forward(Tensor x) => late.call(early.call(x));
        }
        """).Reported("PG0027", "late = Linear(8, 8)");

    [Theory]
    [InlineData("public Net() : base(\"net\") { }")]
    [InlineData("public Net() : base(\"net\") => Other(); private void Other() { }")]
    [InlineData("private readonly Parameter gain = new Parameter(zeros(8)); public Net() : base(\"net\") { }")]
    public void PG0028_a_constructor_that_registers_nothing(string constructor)
    {
        var report = Compiled.From($"[Prunable] internal partial class Net : Module<Tensor, Tensor> {{ private readonly Linear fc = Linear(8, 8); private readonly Linear fc2 = Linear(8, 8); {constructor} public override Tensor forward(Tensor x) => fc2.call(fc.call(x)); }}").Reported("PG0028", "Net");
        Assert.Equal("This constructor of 'Net' does not call RegisterComponents(), so the model has no parameters unless it is registered in another; add the call at its end", report.GetMessage(CultureInfo.InvariantCulture));
        Assert.Equal(DiagnosticSeverity.Warning, report.DefaultSeverity);
    }

    [Theory]
    [InlineData("", "Module<Tensor, Tensor>", "public Net() : base(\"net\") { Init(); } private void Init() => RegisterComponents();")]
    [InlineData("", "Module<Tensor, Tensor>", "public Net() : base(\"net\") { register_module(\"fc\", fc); }")]
    [InlineData("", "Module<Tensor, Tensor>", "public Net(int n) : this() { _ = n; } private Net() : base(\"net\") { RegisterComponents(); }")]
    [InlineData("internal abstract class Base : Module<Tensor, Tensor> { protected Base(string name) : base(name) => RegisterComponents(); }", "Base", "public Net() : base(\"net\") { }")]
    [InlineData("internal abstract class Base : Module<Tensor, Tensor> { protected Base() : base(\"base\") => RegisterComponents(); }", "Base", "")]
    public void PG0028_is_not_said_where_something_on_the_way_registers(string before, string @base, string constructor) =>
        Compiled.From($"{before} [Prunable] internal partial class Net : {@base} {{ private readonly Linear fc = Linear(8, 8); {constructor} public override Tensor forward(Tensor x) => fc.call(x); }}").Clean();

    [Fact]
    public void PG0028_is_said_of_a_primary_constructor_by_what_its_base_does()
    {
        const string Net = "[Prunable] internal partial class Net() : Base(\"net\") { private readonly Linear fc = Linear(8, 8); public override Tensor forward(Tensor x) => fc.call(x); }";
        Compiled.From("internal abstract class Base : Module<Tensor, Tensor> { protected Base(string name) : base(name) => RegisterComponents(); } " + Net).Clean();
        Compiled.From("internal abstract class Base : Module<Tensor, Tensor> { protected Base(string name) : base(name) { } } " + Net).Reported("PG0028", "Net");
    }

    private static Compiled WithLists(string source) => Compiled.From(Compiled.Parse("using System.Collections.Generic;\n" + Compiled.Usings + source));

    private static string Registering(string member, string body, string forward) => $$"""

        [Prunable]
        internal partial class Net : Module<Tensor, Tensor>
        {
            private readonly Linear fc = Linear(8, 8);
            {{member}}
            public Net() : base("net") { {{(body.Length > 0 ? body : "RegisterComponents();")}} }
            public override Tensor forward(Tensor x) => {{forward}};
        }
        """;

    [Theory]
    [InlineData("private static readonly Tensor gain = ones(16);", "", "RegisterComponents() passes over static members", "make it an instance field")]
    [InlineData("private Tensor gain = null!;", "gain = torch.rand(new long[] { 1, 16 });", "RegisterComponents() has run before, and does nothing a second time", "call it once, after the last assignment")]
    [InlineData("private Tensor gain = null!;", "gain = torch.tensor(new[] { 1f, 2f });", "RegisterComponents() has run before, and does nothing a second time", "call it once, after the last assignment")]
    public void PG0034_a_tensor_that_is_not_registered_and_meets_outputs(string member, string body, string because, string remedy)
    {
        var report = Compiled.From(Unregistered(member, body, "fc2.call(relu(fc1.call(x) * gain))")).Reported("PG0034", "gain");
        Assert.Equal($"'gain' is not registered, because {because}, so what compaction removes would still be in it: 'fc1' keeps its width; {remedy}", report.GetMessage(CultureInfo.InvariantCulture));
        Assert.Equal(DiagnosticSeverity.Warning, report.DefaultSeverity);
    }

    [Theory]
    [InlineData("private static readonly Tensor gain = torch.tensor(2f);", "", "fc2.call(fc1.call(x) * gain)")]
    [InlineData("private static readonly Tensor gain = ones(1, 1);", "", "fc2.call(fc1.call(x) * gain)")]
    [InlineData("private static readonly Tensor gain = ones(8);", "", "fc2.call(fc1.call(x * gain))")]
    [InlineData("private Tensor gain = ones(16);", "", "fc2.call(fc1.call(x) * gain)")]
    [InlineData("private static readonly Tensor gain = ones(3);", "", "fc2.call(fc1.call(x)) * gain")]
    public void PG0034_is_not_said_of_what_holds_nothing(string member, string body, string forward) => Assert.Empty(Compiled.From(Unregistered(member, body, forward)).Reports);

    private static string Unregistered(string member, string body, string forward) => $$"""
        [Prunable]
        internal partial class Net : Module<Tensor, Tensor>
        {
            private readonly Linear fc1 = Linear(8, 16), fc2 = Linear(16, 3);
            {{member}}
            public Net() : base("net") { RegisterComponents(); {{body}} }
            public override Tensor forward(Tensor x) => {{forward}};
        }
        """;
}
