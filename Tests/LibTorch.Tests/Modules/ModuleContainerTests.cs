using TorchSharp;
using TorchSharp.Modules;
using Xunit;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace PruneGen.LibTorch.Tests;

/// <summary>Lists and dictionaries of modules and parameters.</summary>
public class ModuleContainerTests
{
    private sealed class Holder(Module held) : Module(nameof(Holder))
    {
        internal Module Held => held;

        internal Holder Registered()
        {
            register_module("held", held);
            return this;
        }
    }

    [Fact]
    public void A_module_list_is_a_list()
    {
        Affine a = new(), b = new(), c = new(), d = new();
        using var list = ModuleList(a, b);
        list.Add(c);
        list.append(d);
        Assert.IsType<ModuleList<Affine>>(list);
        Assert.Equal([a, b, c, d], list);
        Assert.Equal(4, list.Count);
        Assert.False(list.IsReadOnly);
        Assert.Same(b, list[1]);
        Assert.Equal(2, list.IndexOf(c));
        Assert.Contains(d, list);

        list.RemoveAt(0);
        Assert.True(list.Remove(c));
        Assert.False(list.Remove(c));
        list.Insert(0, c);
        list[1] = a;
        list.extend([b]);
        Assert.Equal([c, a, d, b], list);

        var copy = new Affine[5];
        list.CopyTo(copy, 1);
        Assert.Null(copy[0]);
        Assert.Equal([c, a, d, b], copy[1..]);

        list.Clear();
        Assert.Empty(list);
        foreach (var module in new[] { a, b, c, d }) module.Dispose();
    }

    [Fact]
    public void A_module_list_is_registered_by_position_when_it_is_registered()
    {
        var list = new ModuleList<Affine>(new Affine(), new Affine());
        Assert.Empty(list.parameters());

        using var holder = new Holder(list).Registered();
        list.Add(new Affine());

        Assert.Equal(
            ["held.0.weight", "held.0.bias", "held.1.weight", "held.1.bias"],
            holder.named_parameters().Select(p => p.name));
        Assert.Equal(["held", "held.0", "held.1"], holder.named_modules().Select(m => m.name));
        Assert.Equal(nameof(ModuleList), list.GetName());

        holder.eval();
        Assert.False(list[0].training);
        list[2].Dispose();
    }

    [Fact]
    public void A_module_list_of_mixed_modules()
    {
        using ModuleList<Module> list = ModuleList(new Affine(), new Recorder([]));
        Assert.Equal(2, list.Count);
    }

    [Fact]
    public void A_module_dictionary_keeps_its_order()
    {
        Affine a = new(), b = new(), c = new();
        using var dict = ModuleDict(("z", a), ("y", b));
        Assert.IsType<ModuleDict<Affine>>(dict);
        dict.Add("x", c);

        Assert.Equal(["z", "y", "x"], dict.Keys);
        Assert.Equal([a, b, c], dict.Values);
        Assert.Equal(3, dict.Count);
        Assert.Same(b, dict["y"]);
        Assert.Equal(("x", c), dict[2]);
        Assert.True(dict.ContainsKey("z"));
        Assert.True(dict.TryGetValue("x", out var found));
        Assert.Same(c, found);
        Assert.False(dict.TryGetValue("w", out _));
        Assert.Throws<KeyNotFoundException>(() => dict["w"]);
        Assert.Throws<ArgumentException>(() => dict.Add("x", a));

        dict["y"] = c;
        Assert.Equal(["z", "y", "x"], dict.Keys);
        Assert.Same(c, dict["y"]);

        var seen = new List<string>();
        foreach (var (name, _) in dict) seen.Add(name);
        Assert.Equal(["z", "y", "x"], seen);

        Assert.True(dict.Remove("y"));
        dict.RemoveAt(0);
        Assert.Equal(["x"], dict.Keys);
        dict.clear();
        Assert.Empty(dict.Keys);
        foreach (var module in new[] { a, b, c }) module.Dispose();
    }

    [Fact]
    public void A_module_dictionary_is_registered_by_name_when_it_is_registered()
    {
        var dict = ModuleDict(("up", new Affine()), ("down", new Affine()));
        Assert.Empty(dict.parameters());
        using var holder = new Holder(dict).Registered();
        Assert.Equal(
            ["held.up.weight", "held.up.bias", "held.down.weight", "held.down.bias"],
            holder.named_parameters().Select(p => p.name));
        Assert.Equal("ModuleDict", dict.GetName());
    }

    [Fact]
    public void A_parameter_list_lists_its_parameters_registered_or_not()
    {
        var list = ParameterList(Parameter(ones(1)), Parameter(ones(2)));
        Assert.Equal(["0", "1"], list.named_parameters().Select(p => p.name));
        Assert.True(list.has_parameter("1"));
        Assert.False(list.has_parameter("2"));
        Assert.False(list.has_parameter("x"));
        Assert.Same(list[1], list.get_parameter("1"));
        Assert.Null(list.get_parameter("-1"));

        using var holder = new Holder(list).Registered();
        list.append(Parameter(ones(3)));
        Assert.Equal(["held.0", "held.1", "held.2"], holder.named_parameters().Select(p => p.name));
        Assert.True(holder.has_parameter("held.2"));
        Assert.Equal("ParameterList", list.GetName());
    }

    [Fact]
    public void A_parameter_list_is_a_list()
    {
        // Tensors are compared by their values, so these differ.
        Parameter a = Parameter(ones(1)), b = Parameter(ones(2)), c = Parameter(ones(3));
        using var list = new ParameterList(a);
        list.extend([b]);
        list.Add(c);
        Assert.Equal(3, list.Count);
        Assert.Same(b, list[1]);
        Assert.Equal(2, list.IndexOf(c));
        list.RemoveAt(1);
        list.Insert(0, b);
        Assert.Same(b, list[0]);
        Assert.True(list.Remove(b));
        b.Dispose();
        Assert.Equal(2, list.Count);
    }

    [Fact]
    public void A_parameter_dictionary_lists_its_parameters_by_name()
    {
        var dict = ParameterDict(("b", Parameter(ones(1))), ("a", Parameter(ones(2))));
        Assert.Equal(["b", "a"], dict.keys());
        Assert.Equal(["b", "a"], dict.named_parameters(true).Select(p => p.name));
        Assert.True(dict.has_parameter("a"));
        Assert.False(dict.has_parameter("c"));
        Assert.Same(dict["a"], dict.get_parameter("a"));
        Assert.Null(dict.get_parameter("c"));

        using var holder = new Holder(dict).Registered();
        Assert.Equal(["held.b", "held.a"], holder.named_parameters().Select(p => p.name));
        Assert.Equal(["held.b", "held.a"], holder.state_dict().Keys);
        Assert.Equal("ParameterDict", dict.GetName());
    }
}
