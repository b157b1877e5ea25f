namespace PruneGen.Generator.Tests;

/// <summary>A tensor in a field of another class, which forward sets: what is read behind that is what was left there.</summary>
public class FieldsElsewhereTests
{
    [Theory]
    [InlineData("if (x.shape[0] > 1) { kept = inner.call(x); } else { kept = x; } return relu(kept!);", "cell.Run(inner, y)")]
    [InlineData("kept = x; if (x.shape[0] > 1) { kept = inner.call(x); } return kept;", "cell.Run(inner, y)")]
    [InlineData("kept = x; for (var i = 0; i < 2; i++) { kept = relu(inner.call(kept)); } return kept;", "cell.Run(inner, y)")]
    [InlineData("if (x.shape[0] > 1) { kept = inner.call(x); } return x;", "relu(cell.Run(inner, y) + cell.kept!)")]
    [InlineData("kept = inner.call(x); return x;", "relu(cell.Run(inner, y) + cell.kept!)")]
    [InlineData("if (x.shape[0] > 1) { kept = inner.call(x); return x * 2; } kept = x; return x;", "relu(cell.Run(inner, y) + cell.kept!)")]
    [InlineData("kept = inner.call(x); return x;", "relu(cell.Run(inner, y) + cell.kept! + cell.Run(inner, y * 2) - cell.kept! * 3)")]
    public void What_is_left_there_is_read(string statements, string result)
    {
        var source = $$"""
            #nullable enable
            /// <summary>Another.</summary>
            public sealed class Cell
            {
                /// <summary>What was left here.</summary>
                public Tensor? kept;
                /// <summary>Runs it.</summary>
                public Tensor Run(Linear inner, Tensor x)
                {
                    {{statements}}
                }
            }

            /// <summary>It.</summary>
            [Prunable(Structured)]
            public partial class Net : Module<Tensor, Tensor>
            {
                private readonly Linear a = Linear(8, 16), inner = Linear(16, 16), b = Linear(16, 3);
                /// <summary>Creates it.</summary>
                public Net() : base("net") => RegisterComponents();
                /// <inheritdoc/>
                public override Tensor forward(Tensor x)
                {
                    var cell = new Cell();
                    var y = relu(a.call(x));
                    return b.call({{result}});
                }
            }
            """;
        Assert.Contains("a", Loaded.From(source).Prunes([4, 8]).Plan([4, 8]).Groups.Select(group => group.Name));
    }
}
