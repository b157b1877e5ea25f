using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using Xunit;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace PruneGen.LibTorch.Tests;

/// <summary>What a module registers, under which names, and what it refuses.</summary>
public class ModuleRegistrationTests
{
    private abstract class Base : Module<Tensor, Tensor>
    {
        private readonly Parameter inBase = Parameter(ones(1));

        protected Base() : base("Base") { }

        public override Tensor forward(Tensor input) => input * inBase;
    }

    private sealed class Derived : Base
    {
        [ComponentName(Name = "renamed")]
        private readonly Parameter _renamed = Parameter(ones(2));
        private readonly Tensor plainTensor = ones(3);
        private readonly Affine? none = null;
        private readonly List<Affine> list = [new Affine()];
        private readonly Affine[] array = [new Affine()];
        internal readonly Affine affine = new();

        internal Derived() => RegisterComponents();

        internal int InLists => list.Count + array.Length + (none is null ? 0 : 1);
        internal Tensor PlainTensor => plainTensor;
        internal Parameter Renamed => _renamed;
    }

    /// <summary>Opens the protected members.</summary>
    private sealed class Open() : Module(nameof(Open))
    {
        internal Parameter? late;

        internal void Register() => RegisterComponents();
        internal void Put(string name, Parameter? value) => ConditionallyRegisterParameter(name, value);
        internal void PutBuffer(string name, Tensor? value, bool persistent = true) => ConditionallyRegisterBuffer(name, value, persistent);
        internal void Clear() => ClearModules();
        internal IEnumerable<string> ParameterNames => _internal_params.Select(((string name, Parameter) entry) => entry.name);
        internal (Tensor, bool) Buffer(string name) => _internal_buffers[name];
        internal int ModuleCount => _internal_submodules.Count;
    }

    [Fact]
    public void Fields_are_registered_own_and_inherited_by_name_or_attribute()
    {
        using var module = new Derived();

        Assert.Equal(["affine.bias", "affine.weight", "inBase", "renamed"], module.named_parameters().Select(p => p.name).Order());
        Assert.Equal(["affine.steps", "plainTensor"], module.named_buffers().Select(b => b.name).Order());
        Assert.Equal(["affine"], module.named_children().Select(c => c.name));
        Assert.Equal(2, module.InLists); // Held, and not registered.
        Assert.Same(module.Renamed, module.get_parameter("renamed"));
        Assert.Same(module.PlainTensor, module.get_buffer("plainTensor"));
    }

    private sealed class WithAutoProperty : Module<Tensor, Tensor>
    {
        internal Affine part { get; } = new();

        internal WithAutoProperty() : base(nameof(WithAutoProperty)) => RegisterComponents();

        public override Tensor forward(Tensor input) => part.call(input);
    }

    [Fact]
    public void An_automatic_property_is_registered_under_its_hidden_field()
    {
        using var module = new WithAutoProperty();
        Assert.Equal(["<part>k__BackingField"], module.named_children().Select(c => c.name));
    }

    [Fact]
    public void A_field_set_after_registration_is_not_registered()
    {
        using var module = new Open();
        module.Register();
        module.late = Parameter(ones(1));
        module.Register();

        Assert.Empty(module.parameters());
    }

    [Fact]
    public void What_has_a_name_already_is_left_alone()
    {
        using var module = new Open { late = Parameter(zeros(1)) };
        using var other = Parameter(ones(1));
        module.register_parameter("late", other);
        module.Register();

        Assert.Same(other, module.get_parameter("late"));
    }

    [Fact]
    public void A_module_registers_its_components_when_it_is_registered()
    {
        using var parent = new Open();
        var child = new Open { late = Parameter(ones(1)) };
        parent.register_module("child", child);

        Assert.True(parent.has_parameter("child.late"));
    }

    [Fact]
    public void A_taken_module_name_is_refused_until_null_frees_it()
    {
        using var parent = new Open();
        using var first = new Affine();
        using var second = new Affine();
        parent.register_module("part", first);

        var error = Assert.Throws<InvalidOperationException>(() => parent.register_module("part", second));
        Assert.StartsWith("Sub-module part is already registered.", error.Message);

        parent.register_module("part", null!);
        Assert.Empty(parent.children());
        parent.add_module("part", second);
        Assert.Same(second, Assert.Single(parent.children()));
    }

    [Fact]
    public void Null_for_an_unknown_module_name_does_nothing()
    {
        using var parent = new Open();
        parent.register_module("nothing", null!);
        Assert.Empty(parent.children());
    }

    [Theory]
    [InlineData("a.b", "can't contain \".\"")]
    [InlineData("", "can't be empty")]
    public void Module_names_are_checked(string name, string reason)
    {
        using var parent = new Open();
        using var child = new Affine();
        Assert.Contains(reason, Assert.Throws<ArgumentException>(() => parent.register_module(name, child)).Message);
    }

    [Fact]
    public void A_taken_parameter_or_buffer_name_is_refused()
    {
        using var module = new Open();
        using var parameter = Parameter(ones(1));
        using var buffer = ones(1);
        module.register_parameter("p", parameter);
        module.register_buffer("b", buffer);

        Assert.StartsWith("Parameter p is already registered.",
            Assert.Throws<InvalidOperationException>(() => module.register_parameter("p", parameter)).Message);
        Assert.StartsWith("Tensor b is already registered.",
            Assert.Throws<InvalidOperationException>(() => module.register_buffer("b", buffer)).Message);
    }

    [Fact]
    public void Null_and_disposed_tensors_are_refused()
    {
        using var module = new Open();
        var disposed = Parameter(ones(1));
        disposed.Dispose();

        Assert.Throws<ArgumentNullException>(() => module.register_parameter("p", null!));
        Assert.Throws<ArgumentNullException>(() => module.register_parameter("p", disposed));
        Assert.Throws<ArgumentNullException>(() => module.register_buffer("b", null!));
        Assert.Throws<ArgumentNullException>(() => module.register_buffer("b", disposed));
    }

    [Fact]
    public void Conditional_registration_replaces_in_place_and_null_removes()
    {
        using var module = new Open();
        using Parameter a = Parameter(ones(1)), b = Parameter(ones(1)), c = Parameter(ones(1));
        module.Put("x", a);
        module.Put("y", b);
        module.Put("x", c);
        Assert.Equal(["x", "y"], module.ParameterNames);
        Assert.Same(c, module.get_parameter("x"));

        module.Put("x", null);
        module.Put("unknown", null);
        Assert.Equal(["y"], module.ParameterNames);

        module.PutBuffer("x", a, persistent: false);
        Assert.Equal((a, false), module.Buffer("x"));
        module.PutBuffer("x", null);
        Assert.False(module.has_buffer("x"));
    }

    [Fact]
    public void Clearing_the_modules_empties_the_registry()
    {
        using var module = new Open();
        using var child = new Affine();
        module.register_module("child", child);
        Assert.Equal(1, module.ModuleCount);
        module.Clear();
        Assert.Empty(module.named_modules());
    }

    [Fact]
    public void A_buffer_that_is_not_persistent_is_found_by_name_alone()
    {
        using var module = new Open();
        using var scratch = ones(1);
        module.register_buffer("scratch", scratch, persistent: false);

        Assert.True(module.has_buffer("scratch"));
        Assert.Same(scratch, module.get_buffer("scratch"));
        Assert.Empty(module.state_dict());
    }

    [Fact]
    public void A_tensor_registered_twice_is_listed_once()
    {
        using var parent = new Open();
        var shared = new Affine();
        parent.register_module("a", shared);
        parent.register_module("b", shared);

        Assert.Equal(["a.weight", "a.bias"], parent.named_parameters().Select(p => p.name));
        Assert.Equal(["a.steps"], parent.named_buffers().Select(b => b.name));
        Assert.Equal(["a.bias", "a.steps", "a.weight", "b.bias", "b.steps", "b.weight"], parent.state_dict().Keys.Order());
    }

    [Fact]
    public void Modules_come_level_by_level_then_branch_by_branch()
    {
        using var root = new Open();
        Open left = new(), right = new(), leaf = new();
        left.register_module("leaf", leaf);
        root.register_module("left", left);
        root.register_module("right", right);

        Assert.Equal(["left", "right", "left.leaf"], root.named_modules().Select(m => m.name));
        Assert.Equal<Module>([left, right, leaf], root.modules());
        Assert.Equal<Module>([left, right], root.children());
    }

    [Fact]
    public void Paths_find_tensors_below()
    {
        using var pair = new Pair();

        Assert.Same(pair.first.weight, pair.get_parameter("first.weight"));
        Assert.Same(pair.first.steps, pair.get_buffer("first.steps"));
        Assert.True(pair.has_parameter("second.bias"));
        Assert.True(pair.has_buffer("second.steps"));
        Assert.False(pair.has_parameter("second.steps"));
        Assert.False(pair.has_parameter("third.weight"));
        Assert.False(pair.has_buffer("weight"));
        Assert.Null(pair.get_parameter("first"));
        Assert.Null(pair.get_buffer("first.nothing"));
        Assert.Throws<ArgumentNullException>(() => pair.get_buffer(null!));
    }

    [Fact]
    public void Without_recursion_only_own_tensors_come()
    {
        using var module = new Derived();
        Assert.Equal(["inBase", "renamed"], module.named_parameters(recurse: false).Select(p => p.name).Order());
        Assert.Equal(["plainTensor"], module.named_buffers(recurse: false).Select(b => b.name));
        Assert.Equal(2, module.parameters(recurse: false).Count());
        Assert.Single(module.buffers(recurse: false));
    }

    [Fact]
    public void A_field_is_named_by_its_attribute_or_itself()
    {
        const System.Reflection.BindingFlags hidden = System.Reflection.BindingFlags.NonPublic | System.Reflection.BindingFlags.Instance;
        Assert.Equal("renamed", typeof(Derived).GetField("_renamed", hidden)!.ComponentName());
        Assert.Equal("plainTensor", typeof(Derived).GetField("plainTensor", hidden)!.ComponentName());
    }

    private sealed class NoTensors : ParameterLessModule<Tensor, Tensor>
    {
        internal NoTensors() : base(nameof(NoTensors)) { }

        public override Tensor forward(Tensor input) => input.alias();
    }

    [Fact]
    public void A_parameterless_module_refuses_tensors_and_modules_that_may_have_them()
    {
        using var module = new NoTensors();
        using var parameter = Parameter(ones(1));

        Assert.Throws<InvalidOperationException>(() => module.register_parameter("p", parameter));
        Assert.Throws<InvalidOperationException>(() => module.register_buffer("b", parameter));
        Assert.Throws<InvalidOperationException>(() => module.register_module("m", new Affine()));

        module.register_module("m", new NoTensors());
        Assert.Single(module.children());
    }
}
