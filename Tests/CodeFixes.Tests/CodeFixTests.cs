namespace PruneGen.CodeFixes.Tests;

/// <summary>Each fix, on the source that it is for; and that it keeps away where there is no mechanical remedy.</summary>
public class CodeFixTests
{
    [Theory]
    [InlineData("[Prunable]\npublic sealed class Net : Module<Tensor, Tensor>", "[Prunable]\npublic sealed partial class Net : Module<Tensor, Tensor>")]
    [InlineData("/// <summary>Under test.</summary>\n[Prunable] class Net : Module<Tensor, Tensor>", "/// <summary>Under test.</summary>\n[Prunable] partial class Net : Module<Tensor, Tensor>")]
    [InlineData("// A comment.\n[Prunable]\n// Another.\nclass Net : Module<Tensor, Tensor>", "// A comment.\n[Prunable]\n// Another.\npartial class Net : Module<Tensor, Tensor>")]
    public async Task A_class_becomes_partial(string before, string after)
    {
        const string Body = "\n{\n    private readonly Linear fc = Linear(2, 2);\n    public Net() : base(\"net\") => RegisterComponents();\n    public override Tensor forward(Tensor x) => fc.call(x);\n}\n";
        Assert.Equal(Usings + after + Body, await Fixing.Fixed(Usings + before + Body, "PG0001", new AddPartialFix()));
    }

    [Fact]
    public async Task Every_type_around_a_class_becomes_partial()
    {
        const string Inner = "{\n    struct Inner\n    {\n        [Prunable] partial class Net : Module<Tensor, Tensor>\n        {\n            private readonly Linear fc = Linear(2, 2);\n            public Net() : base(\"net\") => RegisterComponents();\n            public override Tensor forward(Tensor x) => fc.call(x);\n        }\n    }\n}\n";
        Assert.Equal(
            Usings + "public static partial class Outer\n" + Inner.Replace("    struct Inner", "    partial struct Inner", StringComparison.Ordinal),
            await Fixing.Fixed(Usings + "public static class Outer\n" + Inner, "PG0001", new AddPartialFix()));
    }

    [Fact]
    public async Task Layers_are_invoked_by_call()
    {
        var before = Model("[Prunable(Criterion = Criterion.Taylor)]", "x = conv1.forward( x ); // first\n        x = relu(this.conv2 . forward(x));\n        return fc.forward(x.flatten(1));");
        var after = Model("[Prunable(Criterion = Criterion.Taylor)]", "x = conv1.call( x ); // first\n        x = relu(this.conv2 . call(x));\n        return fc.forward(x.flatten(1));");
        Assert.Equal(after, await Fixing.Fixed(before, "PG0016", new CallInsteadOfForwardFix()));
    }

    [Theory]
    [InlineData("x.view(-1, 16 * 8 * 8)", "x.view(x.shape[0], -1)")]
    [InlineData("x.view(x.shape[0], 1024)", "x.view(x.shape[0], -1)")]
    [InlineData("x.view(n, 1024 /* all */)", "x.view(n, -1 /* all */)")]
    [InlineData("x.reshape(new long[] { n, 1024 })", "x.reshape(new long[] { n, -1 })")]
    [InlineData("torch.reshape(x, -1, 1024)", "torch.reshape(x, x.shape[0], -1)")]
    [InlineData("torch.reshape(x, new long[] { -1, 1024 })", "torch.reshape(x, new long[] { x.shape[0], -1 })")]
    [InlineData("relu(x).view(n, 1024)", "relu(x).view(n, -1)")]
    public async Task A_baked_width_is_read_from_the_tensor(string before, string after)
    {
        string Text(string view) => Model("[Prunable]", $"var n = x.shape[0];\n        x = conv1.call(x);\n        x = {view};\n        return fc.call(x);");
        Assert.Equal(Text(after), await Fixing.Fixed(Text(before), "PG0009", new ReadWidthFix()));
    }

    [Theory]
    [InlineData("view(x.shape[0], x.shape[1], 2, 8)", "view(x.shape[0], x.shape[1], 2, -1)")]
    [InlineData("reshape(new long[] { x.shape[0], x.shape[1], heads, 16 / heads })", "reshape(new long[] { x.shape[0], x.shape[1], heads, -1 })")]
    public async Task The_width_of_heads_follows_the_tensor(string before, string after)
    {
        string Text(string view) => $"{Usings}[Prunable]\npublic partial class Net : Module<Tensor, Tensor>\n{{\n    private readonly int heads = 2;\n    private readonly Linear query = Linear(16, 16), last = Linear(8, 2);\n\n    public Net() : base(\"net\") => RegisterComponents();\n\n    public override Tensor forward(Tensor x)\n    {{\n        var q = query.call(x);\n        return last.call(q.{view});\n    }}\n}}\n";
        Assert.Equal(Text(after), await Fixing.Fixed(Text(before), "PG0033", new ReadWidthFix()));
    }

    [Theory]
    [InlineData("view(x.shape[0], x.shape[1], 16)", "view(x.shape[0], x.shape[1], -1)")]
    [InlineData("reshape(new long[] { x.shape[0], x.shape[1], heads * 8 })", "reshape(new long[] { x.shape[0], x.shape[1], -1 })")]
    [InlineData("view(x.shape[0], -1, 16)", "view(x.shape[0], -1, 16)")]
    public async Task The_width_behind_attention_follows_the_tensor_where_nothing_else_is_inferred(string before, string after)
    {
        string Text(string view) => $"{Usings}[Prunable]\npublic partial class Net : Module<Tensor, Tensor>\n{{\n    private readonly int heads = 2;\n    private readonly Linear value = Linear(16, 16), last = Linear(16, 2);\n\n    public Net() : base(\"net\") => RegisterComponents();\n\n    public override Tensor forward(Tensor x)\n    {{\n        var v = value.call(x).view(x.shape[0], x.shape[1], heads, -1).transpose(1, 2);\n        return last.call(scaled_dot_product_attention(v, v, v).transpose(1, 2).contiguous().{view});\n    }}\n}}\n";
        Assert.Equal(Text(after), await Fixing.Fixed(Text(before), "PG0033", new ReadWidthFix()));
    }

    [Theory]
    [InlineData("relu(x).view(-1, 1024)")]
    [InlineData("x.view(-1, 32, 32)")]
    public async Task A_baked_width_without_a_mechanical_remedy_is_left_to_its_author(string view)
    {
        var text = Model("[Prunable]", $"x = conv1.call(x);\n        x = {view};\n        return fc.call(x);");
        Assert.Equal(text, await Fixing.Fixed(text, "PG0009", new ReadWidthFix()));
    }

    [Theory]
    [InlineData("    {\n        fc = Linear(2, 2); // first\n    }", "    {\n        fc = Linear(2, 2); // first\n        RegisterComponents();\n    }")]
    [InlineData("    {\n    }", "    {\n        RegisterComponents();\n    }")]
    [InlineData("        => fc = Linear(2, 2);", "    {\n        fc = Linear(2, 2);\n        RegisterComponents();\n    }")]
    public async Task A_constructor_registers_its_layers(string before, string after)
    {
        string Text(string body) => $"{Usings}[Prunable]\npublic partial class Net : Module<Tensor, Tensor>\n{{\n    private readonly Linear fc;\n\n    public Net() : base(\"net\")\n{body}\n\n    public override Tensor forward(Tensor x) => fc.call(x);\n}}\n";
        Assert.Equal(Text(after), await Fixing.Fixed(Text(before), "PG0028", new RegisterComponentsFix()));
    }

    [Fact]
    public async Task A_primary_constructor_is_left_to_its_author()
    {
        var text = Usings + "[Prunable]\npublic partial class Net(int width) : Module<Tensor, Tensor>(\"net\")\n{\n    private readonly Linear fc = Linear(width, 2);\n    public override Tensor forward(Tensor x) => fc.call(x);\n}\n";
        Assert.Equal(text, await Fixing.Fixed(text, "PG0028", new RegisterComponentsFix()));
    }

    private const string Usings = """
        using PruneGen;
        using TorchSharp;
        using TorchSharp.Modules;
        using static TorchSharp.torch;
        using static TorchSharp.torch.nn;
        using static TorchSharp.torch.nn.functional;


        """;

    private static string Model(string annotation, string body) => Usings + $$"""
        {{annotation}}
        public partial class Net : Module<Tensor, Tensor>
        {
            private readonly Conv2d conv1 = Conv2d(3, 16, 3, padding: 1);
            private readonly Conv2d conv2 = Conv2d(16, 16, 3, padding: 1);
            private readonly Linear fc = Linear(1024, 10);

            public Net() : base("net") => RegisterComponents();

            public override Tensor forward(Tensor x)
            {
                {{body}}
            }
        }
        """;
}
