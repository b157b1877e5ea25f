using TorchSharp;
using TorchSharp.Modules;
using Xunit;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace PruneGen.LibTorch.Tests;

/// <summary>Sequential, and its forms for modules of any kind.</summary>
public class SequentialTests
{
    private static float Run(Module<Tensor, Tensor> module, float input)
    {
        using var x = full([1], input);
        using var y = module.call(x);
        Assert.False(x.IsInvalid);
        return y.item<float>();
    }

    [Fact]
    public void Modules_are_called_in_order_under_their_positions()
    {
        using var chain = Sequential(new Affine(2, 1), new Affine(3, -1), new Affine(1, 10));

        Assert.Equal(18f, Run(chain, 1)); // ((1 * 2 + 1) * 3 - 1) * 1 + 10
        Assert.Equal(3, chain.Count);
        Assert.Equal(["0", "1", "2"], chain.named_children().Select(c => c.name));
        Assert.Equal(
            ["0.weight", "0.bias", "1.weight", "1.bias", "2.weight", "2.bias", "0.steps", "1.steps", "2.steps"],
            chain.state_dict().Keys);
    }

    [Fact]
    public void Every_way_to_name_modules()
    {
        using var named = Sequential(("a", new Affine()), ("b", new Affine()));
        using var tuples = Sequential(Tuple.Create<string, Module<Tensor, Tensor>>("a", new Affine()));
        using var listed = Sequential(new List<Module<Tensor, Tensor>> { new Affine(), new Affine() });
        using var listedNames = Sequential(new List<(string, Module<Tensor, Tensor>)> { ("x", new Affine()) });
        using var listedTuples = Sequential(new List<Tuple<string, Module<Tensor, Tensor>>> { new("y", new Affine()) });

        static IEnumerable<string> Names(Module module) => module.named_children().Select(c => c.name);
        Assert.Equal(["a", "b"], Names(named));
        Assert.Equal(["a"], Names(tuples));
        Assert.Equal(["0", "1"], Names(listed));
        Assert.Equal(["x"], Names(listedNames));
        Assert.Equal(["y"], Names(listedTuples));
        Assert.True(named.has_parameter("b.weight"));
        Assert.Same(((Affine)named[1]).weight, named.get_parameter("b.weight"));
    }

    [Fact]
    public void Modules_are_appended_one_by_one()
    {
        using var chain = Sequential();
        Assert.Same(chain, chain.append(new Affine(2)).append("named", new Affine(5)).append(new Affine(1, 1)));
        Assert.Equal(["0", "named", "2"], chain.named_children().Select(c => c.name));
        Assert.Equal(11f, Run(chain, 1));
    }

    [Fact]
    public void Without_modules_the_input_comes_back_under_a_new_handle()
    {
        using var chain = Sequential();
        using var x = full([1], 3f);
        using var y = chain.call(x);
        Assert.NotSame(x, y);
        Assert.Equal(3f, y.item<float>());
    }

    [Fact]
    public void Results_in_between_are_disposed()
    {
        using var chain = Sequential(new Affine(), new Affine(), new Affine());
        var seen = new List<Tensor>();
        foreach (var module in chain.children())
            ((Affine)module).register_forward_hook((_, _, result) => { seen.Add(result); return result; });
        using var x = ones(1);

        using var y = chain.call(x);

        Assert.Equal([true, true, false], seen.Select(t => t.IsInvalid));
        Assert.Same(y, seen[2]);
    }

    [Fact]
    public void A_backward_pass_goes_through_the_chain()
    {
        using var chain = Sequential(new Affine(2, 1), new Affine(3, -1));
        using (var x = ones(1))
        using (var y = chain.call(x))
            y.sum().backward();
        Assert.Equal(3f, chain.get_parameter("0.weight")!.grad!.item<float>()); // dy/dw0 = w1 * x
        Assert.Equal(3f, chain.get_parameter("1.weight")!.grad!.item<float>()); // dy/dw1 = w0 * x + b0
    }

    [Fact]
    public void Indices_and_ranges()
    {
        Affine a = new(), b = new(), c = new();
        using var chain = Sequential(("a", a), ("b", b), ("c", c));

        Assert.Same(b, chain[1]);
        Assert.ThrowsAny<ArgumentException>(() => chain[3]);

        static IEnumerable<string> Names(Sequential part) => part.named_children().Select(child => child.name);
        Assert.Equal(["b", "c"], Names(chain[1..]));
        Assert.Equal(["a", "b"], Names(chain[..^1]));
        Assert.Equal(["b"], Names(chain[(1, 2)]));
        Assert.Equal(["a", "b", "c"], Names(chain[(null, null)]));
        Assert.Empty(Names(chain[2..1]));
        Assert.Same(b, chain[1..][0]);
        Assert.Throws<IndexOutOfRangeException>(() => chain[(0, 4)]);
        Assert.Throws<IndexOutOfRangeException>(() => chain[(-1, 2)]);
    }

    [Fact]
    public void What_is_done_to_the_chain_is_done_to_its_modules()
    {
        var module = new Affine();
        var chain = Sequential(module, new Affine());
        var visited = new List<Module>();

        chain.apply(visited.Add);
        Assert.Equal<Module>([.. chain.children(), chain], visited);

        chain.eval();
        Assert.False(module.training);
        chain.train();
        Assert.True(module.training);

        chain.to(ScalarType.Float64);
        Assert.Equal(ScalarType.Float64, module.weight.dtype);

        chain.Dispose();
        Assert.True(module.weight.IsInvalid);
    }

    [Fact]
    public void Modules_inside_modules_have_paths()
    {
        using var chain = Sequential(("pair", new Pair()), ("inner", Sequential(new Affine())));
        Assert.Equal(
            ["pair", "inner", "pair.first", "pair.second", "inner.0"],
            chain.named_modules().Select(m => m.name));
        Assert.Equal(chain.named_modules().Select(m => m.module), chain.modules());
        Assert.True(chain.has_parameter("pair.first.weight"));
        Assert.True(chain.has_buffer("inner.0.steps"));
    }

    [Fact]
    public void A_module_that_stands_twice_is_listed_once_and_called_twice()
    {
        var twice = new Affine(2);
        using var chain = Sequential(twice, twice);
        Assert.Equal(["0.weight", "0.bias"], chain.named_parameters().Select(p => p.name));
        Assert.Equal(4f, Run(chain, 1));
    }

    [Fact]
    public void A_chain_has_no_tensors_of_its_own()
    {
        using var chain = Sequential(new Affine());
        Assert.Empty(chain.parameters(recurse: false));
        Assert.Empty(chain.buffers(recurse: false));
    }

    private sealed class Derived : Sequential
    {
        internal Derived() : base(("one", new Affine(2)), ("two", new Affine(5))) { }
    }

    private sealed class DerivedByPosition : Sequential
    {
        internal DerivedByPosition() : base(new Affine(2), new Affine(5)) { }
    }

    [Fact]
    public void Derived_chains()
    {
        using var named = new Derived();
        using var positions = new DerivedByPosition();
        Assert.Equal(["one", "two"], named.named_children().Select(c => c.name));
        Assert.Equal(["0", "1"], positions.named_children().Select(c => c.name));
        Assert.Equal(10f, Run(named, 1));
        Assert.Equal(10f, Run(positions, 1));
    }

    [Fact]
    public void A_chain_in_a_field_is_registered_with_what_is_appended_later()
    {
        using var model = new Model();
        model.body.append(new Affine());
        Assert.Equal(["body.0.weight", "body.0.bias", "body.1.weight", "body.1.bias"], model.named_parameters().Select(p => p.name));
    }

    private sealed class Model : Module<Tensor, Tensor>
    {
        internal readonly Sequential body = Sequential(new Affine());

        internal Model() : base(nameof(Model)) => RegisterComponents();

        public override Tensor forward(Tensor input) => body.call(input);
    }

    /// <summary>Adds two tensors, and goes on with one.</summary>
    private sealed class Add() : Module<Tensor, Tensor, Tensor>(nameof(Add))
    {
        public override Tensor forward(Tensor input1, Tensor input2) => input1 + input2;
    }

    private class AddThen : Sequential<Tensor, Tensor, Tensor>
    {
        internal AddThen(params (string, Module)[] modules) : base(modules) { }

        internal AddThen(params Module[] modules) : base(modules) { }

        public override Tensor forward(Tensor input1, Tensor input2)
        {
            var result = ((Module<Tensor, Tensor, Tensor>)this[0]).call(input1, input2);
            for (int i = 1; i < Count; i++)
            {
                var input = result;
                result = ((Module<Tensor, Tensor>)this[i]).call(input);
                input.Dispose();
            }
            return result;
        }
    }

    private sealed class Sliceable(params Module[] modules) : AddThen(modules)
    {
        protected override Sequential<Tensor, Tensor, Tensor> Slice(int start, int end) =>
            new Sliceable([.. children().Take(start..end)]);
    }

    [Fact]
    public void A_chain_of_any_modules_runs_as_its_class_says()
    {
        using var chain = new AddThen(("add", new Add()), ("affine", new Affine(2, 1)));
        chain.append("last", new Affine(10)).append(new Affine(1, 5));
        using Tensor a = full([1], 3f), b = full([1], 4f);

        using var y = chain.call(a, b);

        Assert.Equal(155f, y.item<float>()); // ((3 + 4) * 2 + 1) * 10 + 5
        Assert.Equal(["add", "affine", "last", "3"], chain.named_children().Select(c => c.name));
        Assert.Equal(["affine.weight", "affine.bias", "last.weight", "last.bias", "3.weight", "3.bias"],
            chain.named_parameters().Select(p => p.name));
        chain.eval();
        Assert.False(chain[1].training);
        chain.to(ScalarType.Float64);
        Assert.All(chain.parameters(), p => Assert.Equal(ScalarType.Float64, p.dtype));
    }

    [Fact]
    public void A_chain_of_any_modules_is_sliced_by_its_class()
    {
        using var chain = new Sliceable(new Add(), new Affine(), new Affine());
        using var plain = new AddThen(new Add());

        var part = chain[..2];

        Assert.IsType<Sliceable>(part);
        Assert.Equal(2, part.Count);
        Assert.Same(chain[1], part[1]);
        Assert.Equal(2, chain[(1, null)].Count);
        Assert.ThrowsAny<Exception>(() => plain[..1]);
    }

    private sealed class Identity1(params Module[] modules) : Sequential<string, string>(modules)
    {
        public override string forward(string input) => input;
    }

    private sealed class Join3(params Module[] modules) : Sequential<string, string, string, string>(modules)
    {
        public override string forward(string input1, string input2, string input3) => input1 + input2 + input3;
    }

    private sealed class Join4(params Module[] modules) : Sequential<string, string, string, string, string>(modules)
    {
        public override string forward(string input1, string input2, string input3, string input4) => input1 + input2 + input3 + input4;
    }

    private sealed class Join5(params Module[] modules) : Sequential<string, string, string, string, string, string>(modules)
    {
        public override string forward(string input1, string input2, string input3, string input4, string input5) =>
            input1 + input2 + input3 + input4 + input5;
    }

    private sealed class Join6(params Module[] modules) : Sequential<string, string, string, string, string, string, string>(modules)
    {
        public override string forward(string input1, string input2, string input3, string input4, string input5, string input6) =>
            input1 + input2 + input3 + input4 + input5 + input6;
    }

    [Fact]
    public void Chains_take_one_to_six_inputs()
    {
        Affine Part() => new();
        using var one = new Identity1(Part()).append(Part());
        using var three = new Join3(Part()).append(Part());
        using var four = new Join4(Part()).append(Part());
        using var five = new Join5(Part()).append(Part());
        using var six = new Join6(Part()).append(Part());

        Assert.Equal("1", one.call("1"));
        Assert.Equal("123", three.call("1", "2", "3"));
        Assert.Equal("1234", four.call("1", "2", "3", "4"));
        Assert.Equal("12345", five.call("1", "2", "3", "4", "5"));
        Assert.Equal("123456", six.call("1", "2", "3", "4", "5", "6"));
        foreach (Module chain in new Module[] { one, three, four, five, six })
        {
            Assert.Equal(["0.weight", "0.bias", "1.weight", "1.bias"], chain.named_parameters().Select(p => p.name));
            Assert.Equal(2, chain.named_buffers().Count());
            Assert.Equal(2, chain.modules().Count());
            chain.eval();
            Assert.All(chain.children(), child => Assert.False(child.training));
        }
    }
}
