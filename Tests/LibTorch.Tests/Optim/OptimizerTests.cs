using System.Runtime.InteropServices;
using TorchSharp;
using TorchSharp.Modules;
using Xunit;
using static TorchSharp.torch;
using static TorchSharp.torch.optim;

namespace PruneGen.LibTorch.Tests.Optim;

/// <summary>Every optimizer beside the same update written by hand for plain numbers, over several steps.</summary>
public class OptimizerTests
{
    private static readonly double[] Start = [0.5, -1.2, 2.0, 0.1];

    /// <summary>Gradients that change from step to step.</summary>
    private static double Gradient(int step, int element) => Math.Sin(1.7 * step + element) + 0.3 * element;

    private static Parameter NewParameter() => nn.Parameter(tensor(Start));

    private static void SetGradient(Parameter parameter, int step) =>
        parameter.grad = tensor(Enumerable.Range(0, (int)parameter.NumberOfElements).Select(i => Gradient(step, i)).ToArray()).reshape(parameter.shape);

    /// <summary>Runs the optimizer and the rule side by side.</summary>
    private static void AssertFollows(Func<Parameter[], Optimizer> create, Func<int, Rule> rule, int steps = 6)
    {
        var parameters = new[] { NewParameter(), nn.Parameter(tensor(Start).reshape(2, 2)) };
        using var optimizer = create(parameters);
        var rules = Enumerable.Range(0, Start.Length).Select(rule).ToArray();
        var expected = (double[])Start.Clone();
        for (var step = 1; step <= steps; step++)
        {
            foreach (var parameter in parameters) SetGradient(parameter, step);
            Assert.Null(optimizer.step());
            for (var i = 0; i < expected.Length; i++) expected[i] = rules[i](expected[i], Gradient(step, i), step);
            foreach (var parameter in parameters) Near.Equal(expected, parameter, 1e-12);
        }
    }

    /// <summary>The value after a step from a value, its gradient and the number of the step.</summary>
    private delegate double Rule(double value, double gradient, int step);

    private static Rule SgdRule(double lr, double momentum = 0, double dampening = 0, double decay = 0, bool nesterov = false, bool maximize = false)
    {
        double? buffer = null;
        return (p, g, _) =>
        {
            g += decay * p;
            if (momentum != 0)
            {
                buffer = buffer is { } b ? momentum * b + (1 - dampening) * g : g;
                g = nesterov ? g + momentum * buffer.Value : buffer.Value;
            }
            return p + (maximize ? lr : -lr) * g;
        };
    }

    [Fact]
    public void SGD_follows_its_rule()
    {
        AssertFollows(p => optim.SGD(p, 0.1), _ => SgdRule(0.1));
        AssertFollows(p => optim.SGD(p, 0.1, momentum: 0.9), _ => SgdRule(0.1, 0.9));
        AssertFollows(p => optim.SGD(p, 0.1, momentum: 0.9, dampening: 0.4), _ => SgdRule(0.1, 0.9, 0.4));
        AssertFollows(p => optim.SGD(p, 0.1, weight_decay: 0.05), _ => SgdRule(0.1, decay: 0.05));
        AssertFollows(p => optim.SGD(p, 0.1, momentum: 0.8, weight_decay: 0.05, nesterov: true), _ => SgdRule(0.1, 0.8, decay: 0.05, nesterov: true));
        AssertFollows(p => optim.SGD(p, 0.1, momentum: 0.8, maximize: true), _ => SgdRule(0.1, 0.8, maximize: true));
    }

    private static Rule AdamRule(double lr = 1e-3, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-8, double decay = 0, bool amsgrad = false, bool maximize = false, bool decoupled = false)
    {
        double m = 0, v = 0, largest = 0;
        return (p, g, t) =>
        {
            if (maximize) g = -g;
            if (decoupled) p *= 1 - lr * decay;
            else g += decay * p;
            m = beta1 * m + (1 - beta1) * g;
            v = beta2 * v + (1 - beta2) * g * g;
            largest = Math.Max(largest, v);
            var mean = m / (1 - Math.Pow(beta1, t));
            var divisor = Math.Sqrt((amsgrad ? largest : v) / (1 - Math.Pow(beta2, t))) + eps;
            return p - lr * mean / divisor;
        };
    }

    [Fact]
    public void Adam_follows_its_rule()
    {
        AssertFollows(p => optim.Adam(p), _ => AdamRule());
        AssertFollows(p => optim.Adam(p, 0.05, 0.8, 0.95, 1e-3), _ => AdamRule(0.05, 0.8, 0.95, 1e-3));
        AssertFollows(p => optim.Adam(p, 0.05, weight_decay: 0.1), _ => AdamRule(0.05, decay: 0.1));
        AssertFollows(p => optim.Adam(p, 0.05, beta2: 0.6, amsgrad: true), _ => AdamRule(0.05, beta2: 0.6, amsgrad: true));
        AssertFollows(p => optim.Adam(p, 0.05, maximize: true), _ => AdamRule(0.05, maximize: true));
    }

    [Fact]
    public void AdamW_follows_its_rule()
    {
        AssertFollows(p => optim.AdamW(p), _ => AdamRule());
        AssertFollows(p => optim.AdamW(p, 0.05, weight_decay: 0.1), _ => AdamRule(0.05, decay: 0.1, decoupled: true));
        AssertFollows(p => optim.AdamW(p, 0.05, 0.8, 0.6, 1e-4, 0.1, amsgrad: true, maximize: true), _ => AdamRule(0.05, 0.8, 0.6, 1e-4, 0.1, true, true, true));
    }

    [Fact]
    public void Parameters_without_a_gradient_are_left_alone()
    {
        foreach (var create in new Func<Parameter[], Optimizer>[] { p => optim.SGD(p, 0.1, momentum: 0.9), p => optim.Adam(p, 0.1), p => optim.AdamW(p, 0.1, weight_decay: 0.5) })
        {
            var (with, without) = (NewParameter(), NewParameter());
            using var optimizer = create([without, with]);
            SetGradient(with, 1);
            optimizer.step();
            Near.Equal(Start, without);
            Assert.NotEqual(Start, Near.Values(with));

            // It starts then as the other did.
            var after = Near.Values(with);
            SetGradient(without, 1);
            with.grad = null;
            optimizer.step();
            Near.Equal(after, without, 1e-12);
            Near.Equal(after, with);
        }
    }

    [Fact]
    public void Adam_counts_the_steps_of_each_parameter()
    {
        var (often, seldom) = (NewParameter(), NewParameter());
        using var optimizer = optim.Adam([often, seldom], 0.05);
        var (often_expected, seldom_expected) = (Start[0], Start[0]);
        var (often_rule, seldom_rule) = (AdamRule(0.05), AdamRule(0.05));
        for (int step = 1, seldom_steps = 0; step <= 6; step++)
        {
            SetGradient(often, step);
            often_expected = often_rule(often_expected, Gradient(step, 0), step);
            if (step % 2 == 0)
            {
                SetGradient(seldom, step);
                seldom_expected = seldom_rule(seldom_expected, Gradient(step, 0), ++seldom_steps);
            }
            else
            {
                seldom.grad = null;
            }
            optimizer.step();
        }
        Near.Equal([often_expected], often[0], 1e-12);
        Near.Equal([seldom_expected], seldom[0], 1e-12);
    }

    [Fact]
    public void Groups_have_options_of_their_own()
    {
        var (first, second) = (NewParameter(), NewParameter());
        using var optimizer = optim.SGD([new SGD.ParamGroup([first], lr: 0.5), new SGD.ParamGroup { Parameters = [second] }], 0.01, weight_decay: 0.1);
        SetGradient(first, 1);
        SetGradient(second, 1);
        optimizer.step();
        Near.Equal(Start.Select((p, i) => p - 0.5 * Gradient(1, i)).ToArray(), first, 1e-12);
        Near.Equal(Start.Select((p, i) => p - 0.01 * (Gradient(1, i) + 0.1 * p)).ToArray(), second, 1e-12);
        Assert.Equal([0.5, 0.01], optimizer.ParamGroups.Select(group => group.LearningRate));

        var third = NewParameter();
        optimizer.add_param_group(new SGD.ParamGroup([third], new SGD.Options { LearningRate = 1 }));
        SetGradient(third, 1);
        optimizer.step();
        Near.Equal(Start.Select((p, i) => p - (Gradient(1, i) + 0.1 * p)).ToArray(), third, 1e-12);
        Assert.Equal(3, optimizer.parameters().Count());
    }

    [Fact]
    public void Named_parameters_are_taken()
    {
        using var layer = nn.Linear(2, 2);
        using var optimizer = optim.Adam(layer.named_parameters());
        Assert.Equal(2, optimizer.parameters().Count());
        using var sgd = optim.SGD(layer.named_parameters(), 0.1);
        using var adamw = optim.AdamW(layer.named_parameters());
        Assert.Equal(2, sgd.parameters().Concat(adamw.parameters()).Distinct().Count());
    }

    [Fact]
    public void The_learning_rate_can_be_changed()
    {
        var parameter = NewParameter();
        using var optimizer = optim.SGD([parameter], 0.1);
        foreach (var group in optimizer.ParamGroups) group.LearningRate = 2;
        SetGradient(parameter, 1);
        optimizer.step();
        Near.Equal(Start.Select((p, i) => p - 2 * Gradient(1, i)).ToArray(), parameter, 1e-12);
        Assert.Equal(0.1, optimizer.ParamGroups.Single().InitialLearningRate);
    }

    [Fact]
    public void zero_grad_sets_gradients_to_zero()
    {
        var (with, without) = (NewParameter(), NewParameter());
        using var optimizer = optim.SGD([with, without], 0.1);
        SetGradient(with, 1);
        optimizer.zero_grad();
        Near.Equal([0, 0, 0, 0], with.grad!);
        Assert.Null(without.grad);
    }

    [Fact]
    public void A_closure_is_evaluated_with_gradients_and_its_loss_returned()
    {
        var parameter = NewParameter();
        using var optimizer = optim.SGD([parameter], 0.1);
        using var _ = no_grad();
        using var loss = optimizer.step(() =>
        {
            optimizer.zero_grad();
            var value = (parameter * parameter).sum();
            value.backward();
            return value;
        });
        Near.Equal([Start.Sum(p => p * p)], loss);
        Near.Equal(Start.Select(p => p * 0.8).ToArray(), parameter, 1e-12);
    }

    [Fact]
    public void A_step_leaves_no_tensors_behind()
    {
        var parameter = NewParameter();
        foreach (var create in new Func<Optimizer>[] { () => optim.SGD([parameter], 0.1, momentum: 0.9, nesterov: true), () => optim.Adam([parameter], weight_decay: 0.1, amsgrad: true), () => optim.AdamW([parameter]) })
        {
            using var optimizer = create();
            SetGradient(parameter, 1);
            optimizer.step();
            // Of this thread: the finalizers of other tests' tensors run when they like.
            var counters = DisposeScopeManager.Statistics.TensorStatistics;
            var before = counters.ThreadTotalLiveCount;
            for (var i = 0; i < 5; i++) optimizer.step();
            Assert.Equal(before, counters.ThreadTotalLiveCount);
        }
    }

    [Fact]
    public void State_outlives_the_dispose_scope_of_a_step()
    {
        var parameter = NewParameter();
        using var optimizer = optim.SGD([parameter], 0.1, momentum: 0.9);
        for (var step = 1; step <= 3; step++)
        {
            using var scope = NewDisposeScope();
            SetGradient(parameter, step);
            optimizer.step();
        }
        var rules = Start.Select(_ => SgdRule(0.1, 0.9)).ToArray();
        var expected = Start.Select((p, i) => Enumerable.Range(1, 3).Aggregate(p, (value, step) => rules[i](value, Gradient(step, i), step))).ToArray();
        Near.Equal(expected, parameter, 1e-12);
    }

    public static TheoryData<string> Kinds => ["SGD", "Adam", "AdamW"];

    private static OptimizerHelper Make(string kind, Parameter parameter, double lr = 0.05) => kind switch
    {
        "SGD" => optim.SGD([parameter], lr, momentum: 0.9),
        "Adam" => optim.Adam([parameter], lr, amsgrad: true),
        _ => optim.AdamW([parameter], lr, weight_decay: 0.1),
    };

    [Theory, MemberData(nameof(Kinds))]
    public void Saved_state_goes_on_where_it_stood(string kind)
    {
        var (original, byFile, byDictionary) = (NewParameter(), NewParameter(), NewParameter());
        using var optimizer = Make(kind, original);
        for (var step = 1; step <= 3; step++)
        {
            SetGradient(original, step);
            optimizer.step();
        }

        using var stream = new MemoryStream();
        var writer = new BinaryWriter(stream);
        optimizer.save_state_dict(writer);
        writer.Flush();
        stream.Position = 0;
        // One step of their own, so that there is state to be overwritten.
        using var second = Make(kind, byFile, lr: 0.7);
        using var third = Make(kind, byDictionary, lr: 0.7);
        foreach (var (other, parameter) in new[] { (second, byFile), (third, byDictionary) })
        {
            SetGradient(parameter, 9);
            other.step();
            using (no_grad()) parameter.copy_(original);
        }
        second.load_state_dict(new BinaryReader(stream));
        third.load_state_dict(optimizer.state_dict());
        Assert.True(optimizer.state_dict().State[0].ApproximatelyEquals(second.state_dict().State[0]));
        Assert.Equal(stream.Length, stream.Position);

        for (var step = 4; step <= 6; step++)
        {
            foreach (var (other, parameter) in new[] { (optimizer, original), (second, byFile), (third, byDictionary) })
            {
                SetGradient(parameter, step);
                other.step();
            }
        }
        Near.Equal(original, byFile, 1e-12);
        Near.Equal(original, byDictionary, 1e-12);
        Assert.Equal(0.05, second.ParamGroups.Single().LearningRate);
    }

    [Fact]
    public void Foreign_state_is_refused()
    {
        using var adam = optim.Adam([NewParameter()]);
        using var sgd = optim.SGD([NewParameter()], 0.1);
        using var two = optim.Adam([NewParameter(), NewParameter()]);
        using var stream = new MemoryStream();
        adam.save_state_dict(new BinaryWriter(stream));

        stream.Position = 0;
        Assert.Throws<InvalidDataException>(() => sgd.load_state_dict(new BinaryReader(stream)));
        stream.Position = 0;
        Assert.Throws<ArgumentException>(() => two.load_state_dict(new BinaryReader(stream)));
        Assert.Throws<ArgumentException>(() => two.load_state_dict(adam.state_dict()));
    }

    [Fact]
    public void Values_out_of_range_are_refused()
    {
        var parameters = new[] { NewParameter() };
        Assert.Throws<ArgumentException>(() => optim.SGD(parameters, -1));
        Assert.Throws<ArgumentException>(() => optim.SGD(parameters, 0.1, momentum: -1));
        Assert.Throws<ArgumentException>(() => optim.SGD(parameters, 0.1, weight_decay: -1));
        Assert.Throws<ArgumentException>(() => optim.SGD(parameters, 0.1, nesterov: true));
        Assert.Throws<ArgumentException>(() => optim.SGD(parameters, 0.1, momentum: 0.9, dampening: 0.1, nesterov: true));
        Assert.Throws<ArgumentException>(() => optim.Adam(parameters, -1));
        Assert.Throws<ArgumentException>(() => optim.Adam(parameters, beta1: 1));
        Assert.Throws<ArgumentException>(() => optim.Adam(parameters, beta2: -0.1));
        Assert.Throws<ArgumentException>(() => optim.AdamW(parameters, eps: -1));
        Assert.Throws<ArgumentException>(() => optim.AdamW(parameters, weight_decay: -1));
    }

    [Fact]
    public void A_parameter_that_changed_its_shape_makes_the_step_fail()
    {
        var parameter = NewParameter();
        using var optimizer = optim.SGD([parameter], 0.1, momentum: 0.9);
        SetGradient(parameter, 1);
        optimizer.step();
        parameter.grad = null;
        using (no_grad()) parameter.set_(ones(2, dtype: float64));
        parameter.grad = ones(2, dtype: float64);
        Assert.Throws<ExternalException>(() => optimizer.step());
    }
}
