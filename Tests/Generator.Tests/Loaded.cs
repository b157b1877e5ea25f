using System.Runtime.Loader;
using Microsoft.CodeAnalysis;
using static TorchSharp.torch;

namespace PruneGen.Generator.Tests;

/// <summary>A model whose generated code runs: compiled into memory, loaded, and created.</summary>
internal sealed class Loaded
{
    private readonly Type type;

    private Loaded(nn.Module model)
    {
        Model = model;
        type = model.GetType();
    }

    /// <summary>The live model.</summary>
    public nn.Module Model { get; }

    /// <summary>Compiles, loads and creates the class <c>Net</c>, with values that matter in all of its parameters.</summary>
    public static Loaded From(string source, params object?[] arguments)
    {
        var compiled = Compiled.From(source).Clean();
        using var file = new MemoryStream();
        var result = compiled.Output.Emit(file);
        Assert.True(result.Success, string.Join('\n', result.Diagnostics.Where(report => report.Severity == DiagnosticSeverity.Error)));
        file.Position = 0;
        var assembly = new AssemblyLoadContext(name: null).LoadFromStream(file);
        manual_seed(7);
        var constructor = assembly.GetType("Net")!.GetConstructors().First();
        var model = (nn.Module)constructor.Invoke(constructor.GetParameters().Select((parameter, i) => i < arguments.Length ? arguments[i] : parameter.DefaultValue).ToArray());
        using var noGradients = no_grad();
        foreach (var parameter in model.parameters())
        {
            parameter.uniform_(-0.5, 0.5);
        }

        model.eval();
        return new Loaded(model);
    }

    /// <summary>The groups of the live model, each as its name with the parameters that shrink with it.</summary>
    public IReadOnlyList<string> Groups(params long[][] inputShapes) =>
        Plan(inputShapes).Groups.Select(group => $"{group.Name}: {string.Join(" ", group.Members.Select(member => $"{member.Parameter.Path}[{member.Dim}]"))}").ToList();

    /// <summary>
    /// Prunes half of every group, once by masks and once by removing, and requires that both give the same output and
    /// that something was removed.
    /// </summary>
    public Loaded Prunes(params long[][] inputShapes)
    {
        var inputs = inputShapes.Select(shape => randn(shape)).ToArray();
        var before = Model.parameters().Sum(parameter => parameter.numel());
        using var importance = Importance.Of(Plan(inputShapes), batch => Forward(batch)[0], data: null);
        using var mask = PruneMask.Of(Selection.Of(importance));
        mask.Apply();
        var masked = Forward(inputs);
        using var compaction = Compaction.Apply(mask);
        var compacted = Forward(inputs);
        Assert.Equal(masked.Length, compacted.Length);
        foreach (var (expected, actual) in masked.Zip(compacted))
        {
            Assert.Equal(expected.shape, actual.shape);
            Assert.InRange((expected - actual).abs().max().item<float>(), 0, 1e-4f);
        }

        Assert.True(Model.parameters().Sum(parameter => parameter.numel()) < before, "Nothing was removed.");
        return this;
    }

    private PruningPlan Plan(long[][] shapes)
    {
        var method = type.GetMethod("PruningPlan")!;
        return (PruningPlan)method.Invoke(Model, method.GetParameters()[0].ParameterType == typeof(long[]) ? [shapes.SingleOrDefault() ?? []] : [shapes])!;
    }

    private Tensor[] Forward(Tensor[] inputs)
    {
        var forward = type.GetMethods().Where(method => method.Name == "forward").OrderBy(method => method.IsVirtual ? 0 : 1).First();
        var arguments = forward.GetParameters().Select((parameter, i) => i < inputs.Length ? inputs[i] : parameter.HasDefaultValue ? parameter.DefaultValue : null).ToArray();
        return forward.Invoke(Model, arguments) switch
        {
            Tensor only => [only],
            System.Runtime.CompilerServices.ITuple several => Enumerable.Range(0, several.Length).Select(i => several[i]).OfType<Tensor>().ToArray(),
            IEnumerable<Tensor> list => list.ToArray(),
            var other => throw new InvalidOperationException($"A {other?.GetType().Name ?? "null"} is no result that can be compared."),
        };
    }
}
