using Microsoft.CodeAnalysis;

namespace PruneGen.Generator.Tests;

/// <summary>An assignment inside an expression: each reading has the value of its moment, in the order in which C# computes.</summary>
public class AssignedWhereReadTests
{
    private static readonly long[] Image = [2, 3, 8, 8];

    public static TheoryData<string> Expressions
    {
        get
        {
            var data = new TheoryData<string>();
            foreach (var (made, place) in new[]
            {
                ("var w = new[] { 1f, 2f };", "w[0]"), ("var w = new List<float> { 1, 2 };", "w[1]"), ("var w = new Dictionary<string, int> { [\"q\"] = 1 };", "w[\"q\"]"),
                ("var w = new Box { V = 2 };", "w.V"), ("var w = new Part { V = 2 };", "w.V"), ("depth = 2;", "depth"), ("var w = 2;", "w"),
            })
            {
                foreach (var changed in new[] { $"++{place}", $"{place}--", $"({place} += 2)" })
                {
                    data.Add($"{made} x = x * {changed} + {place};");
                    data.Add($"{made} for (var i = 0; i < 2; i++) {{ x = x * {changed} + {place}; }}");
                }

                data.Add($"{made} for (var i = 0; i < 2; i++) {{ x = x * 0.01 * ({place} * 10 + ({place} += 2)); }}");
            }

            return data;
        }
    }

    /// <summary>The trace is compared with forward: a value of another moment shows there.</summary>
    [Theory]
    [MemberData(nameof(Expressions))]
    [InlineData("var w = new[] { 1f, 2f, 3f, 5f }; var i = 0; while (i < 3) { x = x * (w[i] * 10 + w[++i]) * 0.1; }")]
    [InlineData("var f = new List<Tensor> { x, x * 2, x * 3 }; x = zeros_like(x); var i = 0; while (i < 2) { x = x * 0.5 + f[i] - f[++i] * 2; }")]
    [InlineData("var f = new List<Tensor> { x, x * 2, x * 3 }; x = zeros_like(x); var i = 0; while (i < 2) { x = x * 0.5 + f[i++] - f[i] * 2; }")]
    [InlineData("for (var i = 0; i < 2; i++) { x = x * 2 - (x = relu(x)); }")]
    [InlineData("var k = 0; for (var i = 0; i < 2; i++) { x = Mixed(x, k++, k++, k); }")]
    [InlineData("var k = 1; for (var i = 0; i < 2; i++) { x = x * k + Next(ref k); }")]
    [InlineData("var k = 0; for (var i = 0; i < 2; i++) { var w = new[] { k++, k++, k }; x = x * w[0] + w[1] * 2 + w[2] * 3; }")]
    public void Each_reading_has_the_value_of_its_moment(string statements) => Assert.Contains(
        "conv1",
        Loaded.From("#pragma warning disable CS0169\nusing System.Collections.Generic;\n" + Models.WithForward($"x = conv1.call(x);\n{statements}\nreturn fc2.call(fc1.call(flatten(x, 1)));", """
                private int depth;
                private static Tensor Mixed(Tensor x, int p, int q, int r) => x * (p + 1) * 0.1 + q + r * 2;
                private static float Next(ref int k) { k += 3; return k; }
            """) + "\ninternal sealed class Box { public float V { get; set; } }\ninternal struct Part { public float V { get; set; } }")
            .Prunes(Image).Plan(Image).Groups.Select(group => group.Name));
}
