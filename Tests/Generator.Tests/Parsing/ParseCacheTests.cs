using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using PruneGen.Generator.Parsing;

namespace PruneGen.Generator.Tests;

/// <summary>A class is parsed again when something that it depends on has changed, and only then.</summary>
public class ParseCacheTests
{
    private static readonly (string Path, string Source)[] Files =
    [
        ("Model.cs", Models.WithForward("x = relu(conv1.call(x));\nreturn fc2.call(fc1.call(Helpers.Flat(x)));")),
        ("Helpers.cs", "static class Helpers { public static Tensor Flat(Tensor x) { return flatten(x, Start); } public const int Start = 1; }"),
        ("Other.cs", "static class Other { static int A() => 1; static int B() { return 2; } }"),
    ];

    [Theory]
    [InlineData("Other.cs", "=> 1", "=> 3")]
    [InlineData("Other.cs", "return 2;", "var x = 1; return x;")]
    [InlineData("Other.cs", "static class", "/* a remark */ static class")]
    public void What_other_methods_do_does_not_matter(string file, string from, string to)
    {
        var (before, after) = ParseTwice(file, from, to);
        Assert.Same(before, after);
    }

    [Theory]
    [InlineData("Model.cs", "relu(", "torch.tanh(")]
    [InlineData("Model.cs", "relu(", "relu( /* a place moves */ ")]
    [InlineData("Helpers.cs", "flatten(x, Start)", "flatten(x, Start, -1)")]
    [InlineData("Helpers.cs", "Start = 1", "Start = 2")]
    [InlineData("Other.cs", "static class Other", "static class Another")]
    [InlineData("Other.cs", "static class", "\n#nullable disable\nstatic class")]
    public void What_was_read_and_what_is_declared_does(string file, string from, string to)
    {
        var (before, after) = ParseTwice(file, from, to);
        Assert.NotSame(before, after);
    }

    /// <summary>Whether anything changes the objects that forward makes is told by all files.</summary>
    [Theory]
    [InlineData("return 2;", "var x = 1; return x;", true)]
    [InlineData("return 2;", "pair.Other = pair.Shown; return 2;", false)]
    [InlineData("return 2;", "pair.Shown = pair.Other; return 2;", false)]
    public void So_does_what_changes_an_object_that_forward_makes(string from, string to, bool isSame)
    {
        var compilation = Compile(
        [
            ("Model.cs", Models.WithForward("var pair = new Pair(relu(conv1.call(x)), x);\nreturn fc2.call(fc1.call(flatten(pair.Shown, 1)));")),
            ("Pair.cs", "class Pair { public Tensor Shown, Other; public Pair(Tensor shown, Tensor other) { Shown = shown; Other = other; } }"),
            ("Other.cs", "static class Other { static int B(Pair pair) { return 2; } }"),
        ]);
        var cache = new ParseCache();
        var before = Parse(cache, compilation);
        var tree = compilation.SyntaxTrees.Single(one => one.FilePath == "Other.cs");
        var edited = compilation.ReplaceSyntaxTree(tree, Compiled.Parse(tree.ToString().Replace(from, to, StringComparison.Ordinal), "Other.cs"));
        var after = Parse(cache, edited);
        Assert.Equal(isSame, ReferenceEquals(before, after));
        Assert.Equal(Parse(new ParseCache(), edited).Spec, after.Spec);
    }

    /// <summary>What is looked at without being followed counts too: whether a method only throws, whether it asks for null.</summary>
    [Theory]
    [InlineData("throw new System.InvalidOperationException();", "return relu(x);", "public Tensor Forward(Tensor x) { return b.call(relu(a.call(x))); }")]
    [InlineData("return x is null ? fallback : x;", "return x;", "public override Tensor forward(Tensor x) { return base.forward(b.call(a.call(x))); }")]
    [InlineData("return x is null ? fallback : x;", "return x.neg();", "public override Tensor forward(Tensor x) { return b.call(a.call(base.forward(x))); }")]
    public void So_does_what_a_base_does_in_a_file_of_its_own(string from, string to, string forward)
    {
        var compilation = Compile(
        [
            ("Model.cs", $"/// <summary>It.</summary>\n[Prunable] public partial class Net : Base {{ private readonly Linear a = Linear(8, 16), b = Linear(16, 8);\n/// <summary>C.</summary>\npublic Net() : base(\"net\") => RegisterComponents();\n/// <inheritdoc/>\n{forward} }}"),
            ("Base.cs", $"/// <summary>B.</summary>\npublic abstract class Base(string name) : Module<Tensor, Tensor>(name) {{ internal Tensor fallback = zeros(1);\n/// <inheritdoc/>\npublic override Tensor forward(Tensor x) {{ {from} }} }}"),
        ]);
        var cache = new ParseCache();
        var before = Parse(cache, compilation);
        var tree = compilation.SyntaxTrees.Single(one => one.FilePath == "Base.cs");
        var edited = compilation.ReplaceSyntaxTree(tree, Compiled.Parse(tree.ToString().Replace(from, to, StringComparison.Ordinal), "Base.cs"));
        Assert.NotSame(before, Parse(cache, edited));
        Assert.Equal(Parse(new ParseCache(), edited).Spec, Parse(cache, edited).Spec);
    }

    /// <summary>That a layer changes what the model reads is seen as soon as it does, though nothing of its method was read before.</summary>
    [Fact]
    public void So_does_what_a_layer_in_another_file_changes()
    {
        const string remarks = "#pragma warning disable CS1591\n", members = "private readonly Linear fc = Linear(8, 8); ";
        var compilation = Compile(
        [
            ("Model.cs", $"{remarks}[Prunable] public partial class Net : Module<Tensor, Tensor> {{ {members} private readonly Child child = new();\npublic Net() : base(\"net\") => RegisterComponents();\npublic override Tensor forward(Tensor x) {{ return child.call(fc.call(x)) * Shared.K; }} }}"),
            ("Child.cs", $"{remarks}[Prunable] public partial class Child : Module<Tensor, Tensor> {{ {members}\npublic Child() : base(\"child\") => RegisterComponents();\npublic override Tensor forward(Tensor x) {{ return fc.call(x); }} }}"),
            ("Shared.cs", $"{remarks}public static class Shared {{ public static double K = 1; }}"),
        ]);
        var cache = new ParseCache();
        Assert.NotNull(Parse(cache, compilation).Spec);
        var tree = compilation.SyntaxTrees.Single(one => one.FilePath == "Child.cs");
        var edited = compilation.ReplaceSyntaxTree(
            tree, Compiled.Parse(tree.ToString().Replace("return fc", "Shared.K += 1; return fc", StringComparison.Ordinal), "Child.cs"));
        Assert.Null(Parse(cache, edited).Spec);
    }

    [Fact]
    public void Another_reference_or_option_does()
    {
        var cache = new ParseCache();
        var compilation = Compile(Files);
        var first = Parse(cache, compilation);
        Assert.Same(first, Parse(cache, compilation.Clone()));
        Assert.NotSame(first, Parse(cache, compilation.RemoveReferences(compilation.References.Last())));
        Assert.NotSame(first, Parse(cache, compilation.WithOptions(compilation.Options.WithNullableContextOptions(NullableContextOptions.Disable))));
    }

    private static (ParseResult Before, ParseResult After) ParseTwice(string file, string from, string to)
    {
        var cache = new ParseCache();
        var compilation = Compile(Files);
        var before = Parse(cache, compilation);
        Assert.NotNull(before.Spec);
        var tree = compilation.SyntaxTrees.Single(one => one.FilePath == file);
        var text = tree.ToString();
        Assert.Contains(from, text, StringComparison.Ordinal);
        return (before, Parse(cache, compilation.ReplaceSyntaxTree(tree, Compiled.Parse(text.Replace(from, to, StringComparison.Ordinal), file))));
    }

    private static CSharpCompilation Compile((string Path, string Source)[] files) =>
        Compiled.Compilation([.. files.Select(file => Compiled.Parse(Compiled.Usings + file.Source, file.Path))]);

    private static ParseResult Parse(ParseCache cache, CSharpCompilation compilation)
    {
        var tree = compilation.SyntaxTrees.Single(one => one.FilePath == "Model.cs");
        var declaration = tree.GetRoot().DescendantNodes().OfType<ClassDeclarationSyntax>().First();
        return cache.Parse(compilation.GetSemanticModel(tree).GetDeclaredSymbol(declaration)!, declaration, compilation, CancellationToken.None);
    }
}
