using System.Diagnostics;
using System.Reflection;
using System.Runtime.CompilerServices;
using PruneGen.Axes;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PruneGen.Benchmarks.Corpus;

/// <summary>What became of a class that was created and run.</summary>
internal enum Verdict
{
    /// <summary>Compacted, it answers as it does masked.</summary>
    Equal,

    /// <summary>All that can be pruned is said to be inexact; compacted, it runs.</summary>
    Inexact,

    /// <summary>Nothing of it can be pruned.</summary>
    Held,

    /// <summary>It answers differently twice; compacted, it runs.</summary>
    Random,

    /// <summary>It could not be created, or threw before anything was pruned.</summary>
    NotRun,

    /// <summary>Linking says why this object, other than its source, cannot be pruned.</summary>
    LinkRefused,

    /// <summary>Masked and compacted differ, or pruning throws.</summary>
    Wrong,
}

/// <summary>What became of one class.</summary>
/// <param name="Name">The class.</param>
/// <param name="Verdict">How it went.</param>
/// <param name="Because">The reasons, where there are any to tell.</param>
internal sealed record Outcome(string Name, Verdict Verdict, string Because);

/// <summary>Creates models that nobody told how to create, finds an input that they take, and compares masked with compacted.</summary>
internal static class ClassRunner
{
    private const double Tolerance = 1e-4;
    private const long MostParameters = 70_000_000;
    private const int MostTries = 200;
    private static readonly TimeSpan LongestSearch = TimeSpan.FromSeconds(30);

    /// <summary>Runs one class.</summary>
    /// <param name="type">The class.</param>
    /// <param name="name">Its name.</param>
    /// <param name="compares">Called when it was created and run, before anything is pruned.</param>
    public static Outcome Run(Type type, string name, Action compares)
    {
        if (type.ContainsGenericParameters)
        {
            return new Outcome(name, Verdict.NotRun, "is generic");
        }

        using var scope = NewDisposeScope();
        using var noGradients = no_grad();
        var calls = ForwardCall.Of(type).ToList();
        if (calls.Count == 0)
        {
            return new Outcome(name, Verdict.NotRun, "forward takes what cannot be guessed");
        }

        var reason = "";
        var stop = Stopwatch.StartNew();
        for (var variant = 0; variant < Guesses.Variants && stop.Elapsed < LongestSearch; variant++)
        {
            if (Sample(type, calls, variant, () => stop.Elapsed > LongestSearch, ref reason) is { } sample)
            {
                compares();
                try
                {
                    return (Outcome)typeof(ClassRunner).GetMethod(nameof(Compare), BindingFlags.NonPublic | BindingFlags.Static)!
                        .MakeGenericMethod(sample.Call.NeedsCaller ? typeof(Caller) : type)
                        .Invoke(null, BindingFlags.DoNotWrapExceptions, null, [sample, name], null)!;
                }
#pragma warning disable CA1031 // Whatever is thrown is what the run is there to find; it is reported with the class.
                catch (Exception error)
#pragma warning restore CA1031
                {
                    return new Outcome(name, Verdict.Wrong, error.ToString());
                }
            }
        }

        return new Outcome(name, Verdict.NotRun, reason);
    }

    /// <summary>How to make a model that runs, and what it takes; null where this guess does not lead to one.</summary>
    private static Subject? Sample(Type type, IReadOnlyList<ForwardCall> calls, int variant, Func<bool> late, ref string reason)
    {
        var guesses = new Guesses(type.Assembly, variant);
        try
        {
            using var inner = NewDisposeScope();
            manual_seed(1);
            using var model = Made(guesses, type);
            if (model.parameters().Sum(parameter => parameter.numel()) > MostParameters)
            {
                reason = "has too many parameters";
                return null;
            }

            Settle(model);
            var candidates = Guesses.Inputs(model);
            foreach (var (call, chosen) in calls.SelectMany(
                call => Choices(call.TensorCount, candidates.Count).Take(MostTries).Select(chosen => (call, chosen))))
            {
                if (late())
                {
                    return null;
                }

                var subject = new Subject(() => Made(guesses, type), call, chosen.Select(index => candidates[index]).ToArray());
                try
                {
                    using var attempt = NewDisposeScope();
                    if (subject.Answer(model).Count > 0)
                    {
                        return subject;
                    }

                    reason = "answers with no tensor";
                }
#pragma warning disable CA1031 // A model throws at an input that is not for it; the next one is tried, and the last reason told.
                catch (Exception error)
#pragma warning restore CA1031
                {
                    reason = $"forward threw {error.GetType().Name}: {error.Message.Split('\n')[0]}";
                }
            }
        }
#pragma warning disable CA1031 // As above, of a constructor.
        catch (Exception error)
#pragma warning restore CA1031
        {
            reason = error is NotSupportedException ? error.Message : $"the constructor threw {error.GetType().Name}: {error.Message.Split('\n')[0]}";
        }

        return null;
    }

    private static nn.Module Made(Guesses guesses, Type type)
    {
        var model = (nn.Module)guesses.Create(type);
        if (!model.named_children().Any())
        {
            // Some leave it to the model that uses them.
            typeof(nn.Module).GetMethod("RegisterComponents", BindingFlags.Instance | BindingFlags.NonPublic)!
                .Invoke(model, BindingFlags.DoNotWrapExceptions, null, null, null);
        }

        return model;
    }

    private static Outcome Compare<TModel>(Subject subject, string name)
        where TModel : nn.Module, IPrunable
    {
        var shapes = subject.Inputs.Select(input => input.Shape).ToArray();
        var (exact, inexact, random) = (0, 0, false);
        foreach (var seed in new[] { 1, 2, 3 })
        {
            using var scope = NewDisposeScope();
            manual_seed(seed);
            using var model = (TModel)subject.Create();
            Settle(model);
            PruningPlan plan;
            try
            {
                plan = PruningPlan.Link(model, null, shapes);
            }
            catch (Exception error) when (error is AxisException or InvalidOperationException)
            {
                return new Outcome(name, Verdict.LinkRefused, error.Message);
            }

            if (plan.Groups.Count == 0)
            {
                var reasons = plan.Unpruned.Select(layer => layer.Because).Distinct().ToList();
                var none = model.parameters().Any() ? "NO REASON" : "has no parameters";
                return new Outcome(name, Verdict.Held, reasons.Count == 0 ? none : string.Join("; ", reasons));
            }

            // Zeros would count in a statistic from which removal takes them; the last turn only sees that it runs.
            var last = seed == 3;
            var groups = plan.Groups.Where(group => last ? !group.Exact : group.Exact).ToList();
            (exact, inexact) = last ? (exact, groups.Count) : (groups.Count, inexact);
            if (groups.Count == 0)
            {
                continue;
            }

            using var selection = new PruneSelection(plan, RandomSelection(groups, seed));
            using var mask = PruneMask.Of(selection);
            mask.Apply();
            var masked = subject.Answer(model);
            if (masked.All(answer => answer.is_floating_point() && !answer.isfinite().any().item<bool>()))
            {
                return new Outcome(name, Verdict.NotRun, "answers with no number that could be compared");
            }

            random |= Difference(masked, subject.Answer(model)) is not null;
            var expected = plan.ParameterCount(selection.WidthOf);
            Compaction.Apply(selection).Dispose();
            var actual = model.parameters().Sum(parameter => parameter.numel());
            if (actual != expected)
            {
                return new Outcome(name, Verdict.Wrong, $"{actual} parameters are left where {expected} should be");
            }

            var compacted = subject.Answer(model);
            if (!last && !random && Difference(masked, compacted) is { } difference)
            {
                var taken = string.Join(", ", shapes.Select(shape => $"[{string.Join(",", shape)}]"));
                return new Outcome(name, Verdict.Wrong, $"{difference}; inputs {taken}, groups {plan.Groups.Count}");
            }
        }

        return new Outcome(name, random ? Verdict.Random : exact > 0 ? Verdict.Equal : Verdict.Inexact, inexact > 0 ? $"{inexact} inexact" : "");
    }

    /// <summary>How two answers differ; null where they do not.</summary>
    private static string? Difference(IReadOnlyList<Tensor> expected, IReadOnlyList<Tensor> actual)
    {
        for (var i = 0; i < expected.Count; i++)
        {
            if (!expected[i].shape.SequenceEqual(actual[i].shape))
            {
                return $"result {i} is [{string.Join(",", actual[i].shape)}], masked [{string.Join(",", expected[i].shape)}]";
            }

            if (expected[i].numel() == 0 || !expected[i].is_floating_point())
            {
                continue;
            }

            // Infinite values and NaN compare with each other, as masks of attention give them.
            var (first, second) = (Comparable(expected[i]), Comparable(actual[i]));
            var difference = (first - second).abs().max().item<double>();
            var largest = first.abs().max().item<double>();
            if (!(difference <= Tolerance * Math.Max(1, largest)))
            {
                return FormattableString.Invariant($"result {i} differs by {difference:g3} of {largest:g3}");
            }
        }

        return null;

        static Tensor Comparable(Tensor answer) => answer.to_type(ScalarType.Float64).nan_to_num(7, 11, -11);
    }

    /// <summary>Gives parameters values as training leaves them: some layers' are what memory happens to hold.</summary>
    private static void Settle(nn.Module model)
    {
        foreach (var parameter in model.parameters().Where(parameter => parameter.is_floating_point() && parameter.numel() > 0))
        {
            var random = rand_like(parameter);
            parameter.detach().copy_(parameter.dim() == 1 ? random + 0.5 : (random - 0.5) * (2 / Math.Sqrt(parameter.numel() / parameter.shape[0])));
        }

        foreach (var norm in model.modules().OfType<NormBase>().Where(norm => norm.running_mean is not null))
        {
            norm.running_mean!.uniform_(-0.5, 0.5);
            norm.running_var!.uniform_(0.5, 1.5);
        }

        model.eval();
    }

    private static Dictionary<string, long[]> RandomSelection(IEnumerable<PruningGroup> groups, int seed)
    {
        var random = new Random(seed);
        return groups.ToDictionary(group => group.Name, group =>
        {
            var indices = Enumerable.Range(0, (int)group.Width).Select(i => (long)i).ToArray();
            random.Shuffle(indices);
            return indices.Take(random.Next(1, (int)group.Width + 1)).Order().ToArray();
        });
    }

    /// <summary>Which candidate each input is: the same for all first, then those near the front.</summary>
    private static IEnumerable<int[]> Choices(int inputs, int count) => inputs == 1
        ? Enumerable.Range(0, count).Select(index => new[] { index })
        : Enumerable.Range(0, count).Select(index => Enumerable.Repeat(index, inputs).ToArray())
            .Concat(
                Enumerable.Range(0, count).SelectMany(first => Enumerable.Range(0, count).Select(second => (first, second)))
                    .Where(pair => pair.first != pair.second)
                    .OrderBy(pair => pair.first + pair.second)
                    .Select(pair => Enumerable.Range(0, inputs).Select(i => i == 0 ? pair.first : pair.second).ToArray()));

    /// <param name="Make">Makes the model anew.</param>
    /// <param name="Call">How it is called.</param>
    /// <param name="Inputs">The tensors that it takes.</param>
    private sealed record Subject(Func<nn.Module> Make, ForwardCall Call, IReadOnlyList<(long[] Shape, ScalarType Type)> Inputs)
    {
        public nn.Module Create() => Call.NeedsCaller ? new Caller(Make(), Call) : Make();

        public IReadOnlyList<Tensor> Answer(nn.Module model)
        {
            using var random = new torch.Generator(1);
            var tensors = Inputs.Select(input => input.Type switch
            {
                ScalarType.Int64 => randint(0, 2, input.Shape, ScalarType.Int64, generator: random),
                ScalarType.Bool => randint(0, 2, input.Shape, ScalarType.Bool, generator: random),
                _ => rand(input.Shape, input.Type, generator: random),
            });
            return Tensors(Call.Invoke(Caller.ModelOf(model), tensors)).Select(tensor => tensor.clone()).ToList();
        }

        private static IEnumerable<Tensor> Tensors(object? value) => value switch
        {
            Tensor tensor => [tensor],
            ITuple tuple => Enumerable.Range(0, tuple.Length).SelectMany(i => Tensors(tuple[i])),
            System.Collections.IDictionary entries => entries.Values.Cast<object?>().SelectMany(Tensors),
            System.Collections.IEnumerable items and not string => items.Cast<object?>().SelectMany(Tensors),
            null => [],
            _ => value.GetType().GetProperties().Where(property => property.PropertyType == typeof(Tensor))
                .SelectMany(property => Tensors(property.GetValue(value))),
        };
    }
}
