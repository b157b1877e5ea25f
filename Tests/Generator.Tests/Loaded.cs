using System.Runtime.Loader;
using Microsoft.CodeAnalysis;
using PruneGen.Tracing;
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
    public static Loaded From(string source, params object?[] arguments) =>
        Create(Compiled.From(source), new AssemblyLoadContext(name: null), arguments);

    /// <summary>The same beside another assembly, with the code that the generator wrote there: of its source nothing is seen here.</summary>
    public static Loaded Beside(string library, string source)
    {
        var other = Library(library);
        var context = new AssemblyLoadContext(name: null);
        context.LoadFromStream(new MemoryStream(other));
        return Create(Compiled.From([Compiled.Parse(Compiled.Usings + source)], without: "", MetadataReference.CreateFromImage(other)), context);
    }

    private static Loaded Create(Compiled compiled, AssemblyLoadContext context, params object?[] arguments)
    {
        var assembly = context.LoadFromStream(new MemoryStream(Emit(compiled.Clean().Output)));
        manual_seed(7);
        var constructor = assembly.GetType("Net")!.GetConstructors().First();
        var model = (nn.Module)constructor.Invoke(constructor.GetParameters().Select((parameter, i) => i < arguments.Length ? arguments[i] : parameter.DefaultValue).ToArray());
        using var noGradients = no_grad();
        foreach (var parameter in model.parameters())
        {
            // What comes out is about as large as what goes in, so that rounding is as small in every model.
            var bound = parameter.dim() < 2 ? 0.5 : Math.Min(0.5, Math.Sqrt(3.0 * parameter.size(0) / parameter.numel()));
            parameter.uniform_(-bound, bound);
        }

        model.eval();
        return new Loaded(model);
    }

    /// <summary>Another assembly.</summary>
    public static byte[] Library(string source) => Emit(Compiled.From(source).Output.WithAssemblyName("Library"));

    private static byte[] Emit(Compilation compilation)
    {
        using var file = new MemoryStream();
        var result = compilation.Emit(file);
        Assert.True(result.Success, string.Join('\n', result.Diagnostics.Where(report => report.Severity == DiagnosticSeverity.Error)));
        return file.ToArray();
    }

    /// <summary>The groups of the live model, each as its name with the parameters that shrink with it.</summary>
    public IReadOnlyList<string> Groups(params long[][] inputShapes) =>
        Plan(inputShapes).Groups.Select(group => $"{group.Name}: {string.Join(" ", group.Members.Select(member => $"{member.Parameter.Path}[{member.Dim}]"))}").ToList();

    /// <summary>
    /// Requires that the trace of forward computes what forward does, where it has no gaps. Then prunes half of every group, once by masks and once by
    /// removing, and requires that both give the same output and that something was removed.
    /// </summary>
    public Loaded Prunes(params long[][] inputShapes) => Prunes(inputShapes.Select(shape => randn(shape)).ToArray());

    /// <inheritdoc cref="Prunes(long[][])"/>
    public Loaded Prunes(params Tensor[] inputs)
    {
        var inputShapes = inputs.Select(input => input.shape).ToArray();
        var before = Model.parameters().Sum(parameter => parameter.numel());
        if (Plan(inputShapes) is { Trace.Gaps.Count: 0 } plan)
        {
            Assert.InRange(TraceInterpreter.Difference(plan, Forward, inputs), 0, 1e-6);
        }

        using var importance = Importance.Of(Plan(inputShapes), Forward);
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

    /// <summary>Takes one step of training, after which there must be an output still.</summary>
    public Loaded Trains(params Tensor[] inputs)
    {
        Model.train();
        using var optimizer = optim.SGD(Model.parameters(), 1e-3);
        Forward(inputs).Aggregate(zeros(1), (loss, result) => loss + result.square().mean()).backward();
        optimizer.step();
        Assert.All(Forward(inputs), result => Assert.True(result.isfinite().all().item<bool>()));
        Model.eval();
        return this;
    }

    /// <summary>Saves the model, makes it again, and requires the same output of both.</summary>
    public Loaded Returns(params long[][] inputShapes) => Returns(inputShapes.Select(shape => randn(shape)).ToArray());

    /// <inheritdoc cref="Returns(long[][])"/>
    public Loaded Returns(params Tensor[] inputs)
    {
        var path = Path.GetTempFileName();
        try
        {
            type.GetMethod("SavePruned")!.Invoke(Model, [path]);
            var again = new Loaded((nn.Module)type.GetMethod("LoadPruned")!.Invoke(null, [path])!);
            again.Model.eval();
            foreach (var (expected, actual) in Forward(inputs).Zip(again.Forward(inputs)))
            {
                Assert.True(expected.allclose(actual));
            }

            return this;
        }
        finally
        {
            File.Delete(path);
        }
    }

    /// <summary>Calls a generated method with its first arguments; those behind them are left out.</summary>
    public object? Call(string method, params object?[] arguments)
    {
        var called = type.GetMethods().Where(candidate => candidate.Name == method && candidate.GetParameters().Length >= arguments.Length)
            .OrderBy(candidate => candidate.GetParameters().Length).First();
        return called.Invoke(Model, [.. arguments, .. Enumerable.Repeat(Type.Missing, called.GetParameters().Length - arguments.Length)]);
    }

    /// <summary>The model, linked for inputs of the given shapes.</summary>
    public PruningPlan Plan(params long[][] shapes)
    {
        var method = type.GetMethod("PruningPlan")!;
        return (PruningPlan)method.Invoke(Model, method.GetParameters()[0].ParameterType == typeof(long[]) ? [shapes.SingleOrDefault() ?? []] : [shapes])!;
    }

    /// <summary>What the model makes of tensors.</summary>
    public Tensor[] Forward(params Tensor[] inputs)
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
