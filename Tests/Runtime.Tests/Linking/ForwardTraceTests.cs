using PruneGen.Axes;
using PruneGen.Tracing;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PruneGen.Runtime.Tests;

/// <summary>Linking writes down each step of forward with its arguments, its results and what is known of their shapes.</summary>
public sealed class ForwardTraceTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    public void Dispose() => scope.Dispose();

    [Fact]
    public void Each_step_has_its_inputs_arguments_and_results()
    {
        var trace = new LeNet(1).Plan().Trace;
        Assert.Empty(trace.Conditions);
        Assert.Empty(trace.OpenLoops);
        var convolution = trace.Steps[0];
        Assert.Equal((TraceStepKind.Layer, "conv1", "call"), (convolution.Kind, convolution.Name, convolution.Method));
        Assert.Same(trace.Inputs[0], Assert.Single(convolution.Inputs));
        Assert.Equal("input", Assert.Single(convolution.Arguments).Name);
        var pool = trace.Steps.First(step => step.Name == "max_pool2d");
        Assert.Equal(TraceStepKind.Operation, pool.Kind);
        Assert.Equal([("kernel_size", 2L)], pool.Arguments);
        Assert.Same(trace.Steps[^1].Results[0], Assert.Single(trace.Results));
    }

    [Fact]
    public void Shapes_are_closed_forms_with_numbers_as_far_as_these_are_known()
    {
        var model = new LeNet(1);
        var flat = model.Plan().Trace.Steps.First(step => step.Name == "flatten").Results[0];
        Assert.Equal("[2, conv2·4·4]", flat.ToString());
        Assert.Equal(Conv2Outputs * 16, flat.Size(1).Value);
        Assert.Null(PruningPlan.Link(new LeNet(1)).Trace.Steps.First(step => step.Name == "flatten").Results[0].Dims[^1].Size);
    }

    [Fact]
    public void A_trace_reads_as_a_program()
    {
        var model = new Asking((link, x) =>
        {
            var y = link.Op("add", new[] { link.Op("relu", x), x }, ("alpha", 2L));
            return link.Op("view", y, ("shape", link.Sizes(x.Size(0), x.Size(1))));
        });
        Assert.Equal(
            [
                "%0 = input    [2, 4]",
                "%1 = layer(%0)    [2, layer]",
                "%2 = relu(%1)    [2, layer]",
                "%3 = add(%2, %1, alpha: 2)    [2, layer]",
                "%4 = view(%3, shape: [2, layer = 4])    [2, layer]",
                "return %4",
                "",
            ],
            PruningPlan.Link(model, null, [2L, 4]).Trace.ToString().Split('\n'));
    }

    [Fact]
    public void What_is_read_is_told_with_who_has_it()
    {
        var model = new Net();
        var trace = PruningPlan.Link(model, null, [2L, 4]).Trace;
        var scale = trace.Steps.Single(step => step.Kind == TraceStepKind.Parameter);
        Assert.Equal(("scale", model), (scale.Name, scale.Module));
        Assert.Same(model.table, trace.Steps.Single(step => step.Kind == TraceStepKind.Tensor).Tensor);
    }

    [Fact]
    public void Each_way_has_a_trace_and_the_first_is_that_of_evaluation()
    {
        var traces = PruningPlan.Link(new Net(), null, [2L, 4]).Traces;
        Assert.Equal([false, true], traces.Select(trace => Assert.Single(trace.Conditions)).Select(condition => condition.Holds));
        Assert.All(traces, trace => Assert.Equal(("training", true), (trace.Conditions[0].Text, trace.Conditions[0].IsSetting)));
        Assert.DoesNotContain(traces[0].Steps, step => step.Name == "dropout");
        Assert.Equal(("training", (object?)true), traces[1].Steps.Single(step => step.Name == "dropout").Arguments[^1]);
    }

    [Fact]
    public void Questions_on_values_are_told_in_order_with_their_answers()
    {
        var traces = PruningPlan.Link(new Asking((link, x) => link.Either("x is small") ? link.Op("relu", x) : link.Either("x is large") ? link.Op("tanh", x) : x)).Traces;
        Assert.Equal(
            ["x is small: True", "x is small: False, x is large: True", "x is small: False, x is large: False"],
            traces.Select(trace => string.Join(", ", trace.Conditions.Select(condition => $"{condition.Text}: {condition.Holds}"))));
    }

    [Fact]
    public void A_step_of_a_nested_model_tells_whose_it_is()
    {
        var inner = new Asking((link, x) => link.Op("relu", x));
        var outer = new Holding(inner);
        Assert.Equal([("inner.layer", "inner"), ("relu", "inner"), ("tanh", "")], PruningPlan.Link(outer).Trace.Steps.Select(step => (step.Name, step.Within)));
    }

    [Fact]
    public void Multiply_accumulates_are_told_step_by_step()
    {
        var plan = new LeNet(1).Plan();
        var macs = plan.Trace.Steps.Select(step => (step.Name, Macs: plan.Macs(step))).Where(step => step.Macs > 0).ToList();
        Assert.Equal(["conv1", "conv2", "fc1", "fc2"], macs.Select(step => step.Name));
        Assert.Equal(plan.Macs(), macs.Sum(step => step.Macs));
        Assert.Equal(plan.Macs(group => group.Width / 2), plan.Trace.Steps.Sum(step => plan.Macs(step, group => group.Width / 2)));
    }

    /// <summary>Two rounds are followed; how many there are nobody knows.</summary>
    [Fact]
    public void A_loop_of_unknown_length_is_not_counted_but_named()
    {
        var plan = PruningPlan.Link(
            new Asking((link, x) =>
            {
                while (link.Again("x is large"))
                {
                    x = link.Op("matmul", new AxisTensor?[] { x, link.Op("transpose", x, ("dim0", 0L), ("dim1", 1L)) });
                }

                return x;
            }),
            null,
            [4L, 4]);
        Assert.Equal(["matmul"], plan.UncountedMacs);
        Assert.Equal(4L * 4, plan.Macs());
        Assert.Equal(["x is large"], plan.Trace.OpenLoops);
        Assert.Equal([false, true, true, true, true], plan.Trace.Steps.Select(step => step.IsRepeated));
    }

    /// <summary>Lists that forward goes on to change are in the trace as they were.</summary>
    [Fact]
    public void A_step_keeps_its_operands_whatever_becomes_of_the_list_that_held_them()
    {
        var trace = PruningPlan.Link(
            new Asking((link, x) =>
            {
                var parts = link.Ops("chunk", x, ("chunks", 2L), ("dim", 1L));
                var sizes = new AxisSize[] { 2, 2 };
                var joined = link.Op("cat", parts, ("dim", 1L));
                var viewed = link.Op("view", joined, ("shape", sizes));
                (parts[0], parts[1], sizes[0]) = (parts[1], parts[0], 7);
                return viewed;
            }),
            null,
            [1L, 4]).Trace;
        Assert.Equal(trace.Steps[1].Results, trace.Steps[2].Inputs);
        Assert.Equal([2L, 2L], ((AxisSize[])trace.Steps[3].Arguments[0].Value!).Select(size => size.Value));
    }

    [Fact]
    public void A_value_of_another_trace_has_no_number()
    {
        var (first, second) = (new LeNet(1).Plan().Trace, new LeNet(1).Plan().Trace);
        Assert.Equal(1, first.NumberOf(first.Steps[0].Results[0]));
        Assert.Throws<KeyNotFoundException>(() => first.NumberOf(second.Inputs[0]));
    }

    [Fact]
    public void What_is_traced_is_what_forward_computes()
    {
        var model = new Net();
        model.eval();
        Assert.Equal(0, TraceInterpreter.Difference(PruningPlan.Link(model, null, [2L, 4]), inputs => [model.call(inputs[0])], randn(2, 4)));
    }

    /// <summary>The check is none if it cannot fail.</summary>
    [Theory]
    [InlineData(3)]
    [InlineData(0)]
    public void A_trace_that_computes_something_else_is_seen(int operand)
    {
        var model = new Asking((link, x) => operand == 0 ? x : link.Op("mul", x, ("other", (long)operand)), x => x * 2);
        Assert.True(TraceInterpreter.Difference(PruningPlan.Link(model, null, [2L, 4]), inputs => [model.call(inputs[0])], ones(2, 4)) > 1e-3);
    }

    [Fact]
    public void An_operation_that_TorchSharp_does_not_have_with_such_arguments_is_seen()
    {
        var model = new Asking((link, x) => link.Op("relu", x, ("nothing", 3L)), x => x.relu());
        Assert.Contains("TorchSharp has no relu", Assert.Throws<InvalidOperationException>(() => TraceInterpreter.Difference(PruningPlan.Link(model, null, [2L, 4]), inputs => [model.call(inputs[0])], ones(2, 4))).Message);
    }

    private const long Conv2Outputs = 50;

    /// <summary>A model with a parameter of its own, a tensor that is not registered, a part of a tensor, and something that only training does.</summary>
    private sealed class Net : nn.Module<Tensor, Tensor>, IPrunable
    {
        public readonly Linear first = nn.Linear(4, 6);
        public readonly Parameter scale = nn.Parameter(rand(6));
        public readonly Tensor table;

        public Net()
            : base(nameof(Net))
        {
            RegisterComponents();
            table = rand(3).DetachFromDisposeScope();
        }

        public PruneOptions PruneDefaults { get; } = new();

        public int InputCount => 1;

        public override Tensor forward(Tensor input)
        {
            var x = first.call(input).mul_(scale);
            if (training)
            {
                x = nn.functional.dropout(x, 0.5, training);
            }

            return x[TensorIndex.Ellipsis, TensorIndex.Slice(null, x.shape[1] / 2)].add(table, 2);
        }

        public object?[] Link(Linker link, LinkInputs inputs)
        {
            var x = link.Op("mul_", new[] { link.Layer(first, inputs[0]), link.Parameter(this, "scale") });
            if (link.Training)
            {
                x = link.Op("dropout", x, ("p", 0.5), ("training", link.InTraining));
            }

            return [link.Op("add", new[] { link.Index(x, AxisSlice.Ellipsis, AxisSlice.Range(null, x.Size(1) / 2)), link.Parameter(this, "table", table) }, ("alpha", 2L))];
        }
    }

    /// <summary>A layer, and then what a test asks for.</summary>
    private sealed class Asking : nn.Module<Tensor, Tensor>, IPrunable
    {
        private readonly Linear layer = nn.Linear(4, 4);
        private readonly Func<Linker, AxisTensor, AxisTensor> link;
        private readonly Func<Tensor, Tensor> more;

        public Asking(Func<Linker, AxisTensor, AxisTensor> link, Func<Tensor, Tensor>? more = null)
            : base(nameof(Asking))
        {
            (this.link, this.more) = (link, more ?? (x => x));
            RegisterComponents();
        }

        public PruneOptions PruneDefaults { get; } = new();

        public int InputCount => 1;

        public override Tensor forward(Tensor input) => more(layer.call(input));

        public object?[] Link(Linker linker, LinkInputs inputs) => [link(linker, linker.Layer(layer, inputs[0]))];
    }

    private sealed class Holding : nn.Module<Tensor, Tensor>, IPrunable
    {
        private readonly Asking inner;

        public Holding(Asking inner)
            : base(nameof(Holding))
        {
            this.inner = inner;
            RegisterComponents();
        }

        public PruneOptions PruneDefaults { get; } = new();

        public int InputCount => 1;

        public override Tensor forward(Tensor input) => inner.call(input).tanh();

        public object?[] Link(Linker link, LinkInputs inputs) => [link.Op("tanh", link.Layer(inner, inputs[0]))];
    }
}
