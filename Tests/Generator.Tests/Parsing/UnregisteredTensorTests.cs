using static TorchSharp.torch;

namespace PruneGen.Generator.Tests;

/// <summary>Tensors in fields that are no parameters or buffers: compaction does not cut them, so whatever meets them stays.</summary>
public class UnregisteredTensorTests
{
    private static readonly long[][] Row = [[4, 8]];

    [Theory]
    [InlineData("private Tensor gain = null!;", "RegisterComponents(); gain = rand(12);", "x * gain")]
    [InlineData("private Tensor gain = ones(12);", "RegisterComponents(); gain = gain * 2;", "gain * x")]
    [InlineData("private Tensor gain { get; set; } = null!;", "RegisterComponents(); gain = rand(12);", "x + gain")]
    [InlineData("private static readonly Tensor gain = rand(12);", "RegisterComponents();", "x * gain")]
    [InlineData("private static class Constants { public static readonly Tensor Gain = rand(12); }", "RegisterComponents();", "x * Constants.Gain")]
    [InlineData("private Tensor gain = null!;", "RegisterComponents(); gain = rand(12, 12);", "matmul(x, gain)")]
    public void What_meets_a_tensor_that_is_not_registered_keeps_its_width(string member, string body, string use)
    {
        var net = Loaded.From(Net(member, body, use));
        Assert.Equal(["second"], net.Plan(Row).Groups.Select(group => group.Name));
        net.Prunes(Row);
    }

    [Theory]
    [InlineData("private readonly Tensor gain = rand(12);", "RegisterComponents();", "x * gain")]
    [InlineData("private readonly Tensor gain;", "gain = rand(12); register_buffer(\"factors\", gain); register_module(\"first\", first); register_module(\"second\", second); register_module(\"last\", last);", "x * gain")]
    [InlineData("private Tensor gain = null!;", "RegisterComponents(); gain = rand(1);", "x * gain")]
    [InlineData("private static readonly Tensor gain = ones(1);", "RegisterComponents();", "x * gain")]
    [InlineData("private Tensor? gain;", "RegisterComponents();", "gain is null ? x : x * gain")]
    public void What_is_registered_or_single_or_not_there_holds_nothing(string member, string body, string use)
    {
        var net = Loaded.From(Net(member, body, use));
        Assert.Equal(["first", "second"], net.Plan(Row).Groups.Select(group => group.Name));
        net.Prunes(Row);
    }

    [Theory]
    [InlineData("internal", "RegisterComponents(); gain = rand(12);", true)]
    [InlineData("private", "gain = rand(12); RegisterComponents();", true)]
    [InlineData("private", "RegisterComponents(); gain = rand(12);", false)]
    public void A_tensor_of_another_model(string access, string body, bool isFollowed)
    {
        var source = $$"""
            #pragma warning disable PG0034
            [Prunable] internal partial class Block : Module<Tensor, Tensor>
            {
                {{access}} Tensor gain = null!;
                public Block() : base("block") { {{body}} }
                public override Tensor forward(Tensor x) => Scaled(x);
                public Tensor Scaled(Tensor x) => x * gain;
            }

            [Prunable] internal partial class Net : Module<Tensor, Tensor>
            {
                private readonly Linear first = Linear(8, 12), second = Linear(12, 12), last = Linear(12, 3);
                private readonly Block block = new();
                public Net() : base("net") => RegisterComponents();
                public override Tensor forward(Tensor x) => last.call(relu(second.call(block.Scaled(first.call(x)))));
            }
            """;
        if (isFollowed)
        {
            Assert.Equal(body.StartsWith("gain", StringComparison.Ordinal) ? 2 : 1, Loaded.From(source).Prunes(Row).Plan(Row).Groups.Count);
        }
        else
        {
            Assert.Equal("PruneGen cannot follow tensors through 'gain', which is not registered and private to Block (register it, or make it internal), so nothing of 'Net' is pruned", Compiled.From(source).Reported("PG0006", "gain").GetMessage(System.Globalization.CultureInfo.InvariantCulture));
        }
    }

    [Fact]
    public void The_plan_says_what_to_do_about_a_tensor_that_is_not_registered()
    {
        var plan = Loaded.From(Net("private Tensor? table;", "RegisterComponents(); table = arange(12, dtype: ScalarType.Float32).cos();", "x * table!.to(x.dtype)")).Prunes(Row).Plan(Row);
        Assert.Contains(plan.Unpruned, held => held.Layer == "first" && held.Because.Contains("register_buffer", StringComparison.Ordinal));
    }

    private static string Net(string member, string body, string use) => $$"""
        #pragma warning disable PG0034, CS0649
        /// <summary>Under test.</summary>
        [Prunable]
        public partial class Net : Module<Tensor, Tensor>
        {
            private readonly Linear first = Linear(8, 12), second = Linear(12, 12), last = Linear(12, 3);
            {{member}}

            /// <summary>Creates it.</summary>
            public Net() : base("net")
            {
                {{body}}
            }

            /// <inheritdoc/>
            public override Tensor forward(Tensor x)
            {
                x = first.call(x);
                x = {{use}};
                return last.call(relu(second.call(x)));
            }
        }
        """;
}
