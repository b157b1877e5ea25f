namespace PruneGen.RandomModels;

/// <summary>Writes what decides, when the model is called, which way <c>forward</c> goes: by widths, by values, by flags.</summary>
internal sealed class WayWriter(ModelWriter model)
{
    /// <summary>A width that <c>forward</c> insists on.</summary>
    public void AddGuard()
    {
        var x = model.Map();
        model.Line(model.Draw(4) switch
        {
            0 => $"if ({x.Name}.shape[1] != {x.Width}) throw new System.ArgumentException(\"channels\", nameof(x));",
            1 => $"System.ArgumentOutOfRangeException.ThrowIfNotEqual({x.Name}.size(1), {x.Width}L);",
            2 => $"if ({x.Name}.shape is not [_, {x.Width}, ..]) {{ throw new System.InvalidOperationException($\"{{{x.Name}.shape[1]}} channels\"); }}",
            _ => $"var {model.NewName("count")} = {x.Name}.shape[1] == {x.Width} ? 1 : throw new System.ArgumentException(\"channels\");",
        });
    }

    /// <summary>A head of its own, by which forward ends where a value says so.</summary>
    public void AddEarlyExit()
    {
        var x = model.Map();
        var (head, scores) = (model.Field("exit", "Linear", $"Linear({x.Width}, {ModelWriter.Classes})"), model.NewName("scores"));
        var pooled = $"{x.Name}.mean(new long[] {{ 2, 3 }})";
        if (model.Draw(2) == 0)
        {
            model.Line($"var {scores} = {head}.call({pooled});");
            model.Line($"if (softmax({scores}, 1).max().item<float>() > {Threshold()}) {{ return {scores}.MoveToOuterDisposeScope(); }}");
        }
        else
        {
            model.Line($"if ({pooled}.abs().max().item<float>() > {Threshold()}) return {head}.call({pooled}).MoveToOuterDisposeScope();");
        }
    }

    /// <summary>One of two or three layers, by a value.</summary>
    public void AddValueBranch()
    {
        var (x, width, local) = (model.Map(), model.NewWidth(), model.NewName("v"));
        var ways = Enumerable.Range(0, 2 + model.Draw(2)).Select(_ => model.Call(model.NewConvolution(x.Width, width), x.Name)).ToArray();
        var mean = $"{x.Name}.mean().item<float>()";
        if (ways.Length == 2 && model.Draw(2) == 0)
        {
            model.Assign($"{mean} > {Threshold()} ? {ways[0]} : {ways[1]}", width, x.Size);
            return;
        }

        model.Line($"Tensor {local};");
        model.Line($"if ({mean} > {Threshold()}) {{ {local} = {ways[0]}; }}");
        if (ways.Length == 3)
        {
            model.Line($"else if ({x.Name}.std().item<float>() > {Threshold()}) {{ {local} = {ways[2]}; }}");
        }

        model.Line($"else {{ {local} = {ways[1]}; }}");
        model.Keep(local, width, x.Size);
    }

    /// <summary>A layer that is called for nothing but a condition.</summary>
    public void AddLayerInCondition()
    {
        var (x, local) = (model.Map(), model.NewName("v"));
        var (gate, layer) = (model.Field("gate", "Linear", $"Linear({x.Width}, 1)"), model.NewConvolution(x.Width, x.Width));
        var (value, other) = ($"{gate}.call({x.Name}.mean(new long[] {{ 2, 3 }})).mean().item<float>()", $"{x.Name}.max().item<float>()");
        var condition = model.Draw(3) switch
        {
            0 => $"{value} > {Threshold()}",
            1 => $"!({value} > {Threshold()}) && {other} > {Threshold()}",
            _ => $"{other} > {Threshold()} || {value} < {Threshold()}",
        };
        model.Line($"var {local} = {x.Name};");
        model.Line($"if ({condition}) {{ {local} = {model.Activated($"{layer}.call({local})")}; }}");
        model.Keep(local, x.Width, x.Size);
    }

    /// <summary>A nested model whose <c>forward</c> takes a flag, or a helper that does.</summary>
    public void AddFlagOfForward()
    {
        var x = model.Map();
        var (first, second) = ("first.call(x)", model.Activated("second.call(x)"));
        if (model.Draw(2) == 0)
        {
            var (a, b, step) = (model.NewConvolution(x.Width, x.Width), model.NewConvolution(x.Width, x.Width), model.NewName("Step"));
            model.Helper($"private Tensor {step}(Tensor x, bool deep = false) {{ if (deep) {{ x = {a}.call(x); }} return {b}.call(x); }}");
            model.Assign(model.Draw(2) == 0 ? $"{step}({x.Name}, deep: true)" : $"{step}({x.Name})", x.Width, x.Size);
            return;
        }

        var name = model.NewName("Flagged");
        model.Nested($$"""
            [Prunable(Granularity.Structured, Ratio = 0.5)]
            public sealed partial class {{name}} : Module<Tensor, bool, Tensor>
            {
                private readonly Conv2d first;
                private readonly Conv2d second;

                public {{name}}(int width) : base("{{name}}")
                {
                    first = Conv2d(width, width, 3, padding: 1);
                    second = Conv2d(width, width, 1);
                    RegisterComponents();
                }

                public override Tensor forward(Tensor x, bool deep = false)
                {
                    x = {{first}};
                    return deep ? {{second}} : x;
                }
            }

            """);
        var field = model.Field("flagged", name, $"new {name}({x.Width})", isNamed: true);
        model.Assign(model.Call(field, $"{x.Name}, {(model.Draw(2) == 0 ? "true" : "false")}"), x.Width, x.Size);
    }

    /// <summary>A gate that values open, without a branch.</summary>
    public void AddValueGate()
    {
        var x = model.Map();
        model.Assign(
            model.Draw(3) switch
            {
                0 => $"where({x.Name} > 0, {x.Name}, {x.Name} * 0.1)",
                1 => $"{x.Name} * {x.Name}.mean(new long[] {{ 2, 3 }}, keepdim: true).sigmoid()",
                _ => $"{x.Name}.masked_fill({x.Name}.abs() < {Threshold()}, 0)",
            },
            x.Width,
            x.Size);
    }

    /// <summary>A nested model that takes its settings from the one that uses it, or has some of its own.</summary>
    public void AddNestedSettings()
    {
        var (x, hidden, name) = (model.Map(), model.NewWidth(), model.NewName("Inner"));
        var settings = model.Draw(4) switch
        {
            0 => "",
            1 => "(Ratio = 0.25)",
            2 => "(Criterion = Criterion.L1, RoundTo = 2)",
            _ => "(Granularity.Structured, Scope = Scope.Global)",
        };
        model.Nested($$"""
            [Prunable{{settings}}]
            public sealed partial class {{name}} : Module<Tensor, Tensor>
            {
                [Prunable(Ratio = 0.75)] private readonly Conv2d expand;
                private readonly BatchNorm2d norm;
                [KeepWidth] private readonly Conv2d contract;

                public {{name}}(int width, int hidden) : base("{{name}}")
                {
                    expand = Conv2d(width, hidden, 1);
                    norm = BatchNorm2d(hidden);
                    contract = Conv2d(hidden, width, 3, padding: 1);
                    RegisterComponents();
                }

                public override Tensor forward(Tensor x) => contract.call({{model.Activated("norm.call(expand.call(x))")}});
            }

            """);
        model.Assign(model.Call(model.Field("inner", name, $"new {name}({x.Width}, {hidden})", isNamed: true), x.Name), x.Width, x.Size);
    }

    private string Threshold() => model.Pick(["-1", "-0.1f", "0.05f", "0.3f", "1.5f"]);
}
