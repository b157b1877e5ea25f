using System.Text;
using TorchSharp;
using TorchSharp.Modules;
using Xunit;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace PruneGen.LibTorch.Tests;

/// <summary>The state of a module as a dictionary, and as a <c>.dat</c> file.</summary>
public sealed class ModuleStateTests : IDisposable
{
    private readonly string path = Path.Combine(Path.GetTempPath(), $"module-{Guid.NewGuid():N}.dat");

    public void Dispose() => File.Delete(path);

    private sealed class Registry() : Module(nameof(Registry));

    private static byte[] Saved(Module module, IList<string>? skip = null)
    {
        using var stream = new MemoryStream();
        module.save(stream, skip);
        return stream.ToArray();
    }

    [Fact]
    public void The_state_is_the_modules_own_tensors_parameters_first()
    {
        using var pair = new Pair();
        var state = pair.state_dict();

        Assert.Equal(
            ["first.weight", "first.bias", "second.weight", "second.bias", "first.steps", "second.steps"],
            state.Keys);
        Assert.Same(pair.first.weight, state["first.weight"]);
        Assert.Same(pair.first.steps, state["first.steps"]);
    }

    [Fact]
    public void The_state_can_be_added_to_a_dictionary_under_a_prefix()
    {
        using var affine = new Affine();
        using var there = ones(1);
        var state = new Dictionary<string, Tensor> { ["net.bias"] = there };

        Assert.Same(state, affine.state_dict(state, "net"));
        Assert.Equal(["net.bias", "net.steps", "net.weight"], state.Keys.Order());
        Assert.Same(there, state["net.bias"]);
    }

    [Fact]
    public void Loading_a_state_copies_the_values_and_keeps_the_tensors()
    {
        using Pair from = new(), to = new();
        using (no_grad()) from.first.weight.fill_(7);
        var weight = to.first.weight;

        var (missing, unexpected) = to.load_state_dict(from.state_dict());

        Assert.Empty(missing);
        Assert.Empty(unexpected);
        Assert.Same(weight, to.first.weight);
        Assert.Equal(7f, weight.item<float>());
        Assert.True(weight.requires_grad);
        Assert.True(weight.is_leaf);
    }

    [Fact]
    public void Other_keys_are_refused_when_strict_and_reported_when_not()
    {
        using var affine = new Affine(weight: 1, bias: 2);
        using Tensor weight = full([1], 5f), stranger = ones(1);
        var state = new Dictionary<string, Tensor> { ["weight"] = weight, ["stranger"] = stranger };

        var error = Assert.Throws<InvalidOperationException>(() => affine.load_state_dict(state));
        Assert.StartsWith("The loaded state_dict is not identical to the target dictionary.", error.Message);
        Assert.Equal(1f, affine.weight.item<float>());

        var (missing, unexpected) = affine.load_state_dict(state, strict: false);
        Assert.Equal(["bias", "steps"], missing);
        Assert.Equal(["stranger"], unexpected);
        Assert.Equal(5f, affine.weight.item<float>());
        Assert.Equal(2f, affine.bias.item<float>());
    }

    [Fact]
    public void Skipped_keys_count_neither_as_missing_nor_as_unexpected_and_are_not_copied()
    {
        using var affine = new Affine(weight: 1);
        using Tensor weight = full([1], 5f), bias = full([1], 6f), stranger = ones(1);
        var state = new Dictionary<string, Tensor> { ["weight"] = weight, ["bias"] = bias, ["stranger"] = stranger };

        affine.load_state_dict(state, strict: true, skip: ["weight", "stranger", "steps"]);

        Assert.Equal(1f, affine.weight.item<float>());
        Assert.Equal(6f, affine.bias.item<float>());
    }

    [Fact]
    public void A_saved_module_loads_into_another()
    {
        using Pair from = new(), to = new();
        using (no_grad())
        {
            from.first.weight.fill_(7);
            from.first.steps.fill_(123456789012);
        }

        Assert.Same(from, from.save(path));
        Assert.Same(to, to.load(path));

        Assert.Equal(7f, to.first.weight.item<float>());
        Assert.Equal(123456789012, to.first.steps.item<long>());
        Assert.True(to.first.weight.requires_grad);
        foreach (var (name, value) in from.state_dict())
            Assert.True(value.Equals(to.state_dict()[name]), name);
    }

    [Fact]
    public void A_class_with_a_plain_constructor_is_created_from_a_file()
    {
        using (var from = new PublicPair())
        {
            using (no_grad()) from.inner.weight.fill_(7);
            from.save(path);
        }
        using var created = Assert.IsType<PublicPair>(Module.Create<PublicPair>(path));
        Assert.Equal(7f, created.inner.weight.item<float>());
    }

    public sealed class PublicPair : Module<Tensor, Tensor>
    {
        internal readonly Affine inner = new();

        public PublicPair() : base(nameof(PublicPair)) => RegisterComponents();

        public override Tensor forward(Tensor input) => inner.call(input);
    }

    /// <summary>A module with a tensor of every kind of entry, and the bytes that TorchSharp's format gives it.</summary>
    private static (Registry module, byte[] bytes) Specimen()
    {
        var longKey = new string('k', 130);
        var module = new Registry();
        module.register_parameter("w", Parameter(tensor(new[,] { { 1f }, { -2.5f } })));
        module.register_buffer("n", tensor(300L));
        module.register_buffer("é", arange(200, dtype: ScalarType.Float64));
        module.register_buffer(longKey, zeros(3, 0, dtype: ScalarType.Bool));

        using var bytes = new MemoryStream();
        using var writer = new BinaryWriter(bytes);
        writer.Write((byte)4);                                      // four entries
        writer.Write([(byte)1, (byte)'w', 6, 2, 2, 1]);             // key, Float32, two dimensions: 2 and 1
        writer.Write(BitConverter.GetBytes(1f));
        writer.Write(BitConverter.GetBytes(-2.5f));
        writer.Write([(byte)1, (byte)'n', 4, 0]);                   // key, Int64, no dimensions
        writer.Write([0x2c, 1, 0, 0, 0, 0, 0, 0]);                  // 300, low byte first
        writer.Write([2, 0xc3, 0xa9, 7, 1, 0xc8, 1]);               // key in UTF-8, Float64, one dimension: 200 = 0x48 | 0x80, 1
        for (int i = 0; i < 200; i++)
            writer.Write(BitConverter.GetBytes((double)i));
        writer.Write([0x82, 1]);                                    // 130 = 0x02 | 0x80, 1
        writer.Write(Encoding.ASCII.GetBytes(longKey));
        writer.Write([11, 2, 3, 0]);                                // Bool, two dimensions: 3 and 0, and so no data
        return (module, bytes.ToArray());
    }

    [Fact]
    public void The_bytes_are_those_of_TorchSharps_format()
    {
        var (module, bytes) = Specimen();
        using (module)
            Assert.Equal(bytes, Saved(module));
    }

    [Fact]
    public void Bytes_of_TorchSharps_format_load()
    {
        var (module, bytes) = Specimen();
        using (module)
        {
            using (no_grad())
            {
                module.get_parameter("w")!.zero_();
                module.get_buffer("n")!.zero_();
                module.get_buffer("é")!.zero_();
            }

            module.load(new MemoryStream(bytes));

            Assert.Equal([1f, -2.5f], module.get_parameter("w")!.data<float>().ToArray());
            Assert.Equal(300, module.get_buffer("n")!.item<long>());
            Assert.Equal(Enumerable.Range(0, 200).Select(i => (double)i), module.get_buffer("é")!.data<double>().ToArray());
        }
    }

    [Fact]
    public void A_writer_stays_open_and_holds_several_modules()
    {
        using Affine a = new(weight: 3), b = new(weight: 4), c = new(), d = new();
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        a.save(writer);
        b.save(writer);

        stream.Position = 0;
        using var reader = new BinaryReader(stream);
        c.load(reader);
        d.load(reader);
        Assert.Equal(3f, c.weight.item<float>());
        Assert.Equal(4f, d.weight.item<float>());
    }

    [Fact]
    public void A_state_dictionary_can_be_saved_without_its_module()
    {
        using var affine = new Affine(weight: 3);
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        Module.save_state_dict(writer, affine.state_dict(), skip: ["steps"]);
        Assert.Equal(Saved(affine, skip: ["steps"]), stream.ToArray());
    }

    [Fact]
    public void Skipped_keys_are_not_saved()
    {
        using Affine from = new(weight: 3, bias: 4), to = new();
        var bytes = Saved(from, skip: ["weight"]);

        Assert.Throws<ArgumentException>(() => to.load(new MemoryStream(bytes)));

        var loaded = new Dictionary<string, bool>();
        to.load(new MemoryStream(bytes), strict: false, loadedParameters: loaded);
        Assert.Equal(1f, to.weight.item<float>());
        Assert.Equal(4f, to.bias.item<float>());
        Assert.Equal(["bias", "steps"], loaded.Keys.Order());
    }

    [Fact]
    public void Skipped_keys_are_read_past_when_loading()
    {
        using Affine from = new(weight: 3, bias: 4), to = new();
        to.load(new MemoryStream(Saved(from)), skip: ["weight"]);
        Assert.Equal(1f, to.weight.item<float>());
        Assert.Equal(4f, to.bias.item<float>());
    }

    [Fact]
    public void A_missing_file_is_named()
    {
        using var affine = new Affine();
        var error = Assert.Throws<FileNotFoundException>(() => affine.load(path));
        Assert.Contains(path, error.Message);
    }

    [Fact]
    public void Another_number_of_entries_is_refused_when_strict()
    {
        using var affine = new Affine();
        using var pair = new Pair();
        var error = Assert.Throws<ArgumentException>(() => pair.load(new MemoryStream(Saved(affine))));
        Assert.Contains("expected 6, but found 3 entries", error.Message);
    }

    [Fact]
    public void Unknown_keys_are_refused_when_strict_and_passed_over_when_not()
    {
        using Registry from = new(), to = new();
        from.register_buffer("a", ones(2));
        from.register_buffer("b", full([1], 5f));
        to.register_buffer("other", ones(2));
        to.register_buffer("b", zeros(1));
        var bytes = Saved(from);

        var error = Assert.Throws<ArgumentException>(() => to.load(new MemoryStream(bytes)));
        Assert.Contains("'a'", error.Message);

        var loaded = new Dictionary<string, bool>();
        to.load(new MemoryStream(bytes), strict: false, loadedParameters: loaded);
        Assert.Equal(5f, to.get_buffer("b")!.item<float>());
        Assert.Equal(new() { ["a"] = false, ["b"] = true }, loaded);
    }

    [Fact]
    public void Another_shape_is_refused_strict_or_not()
    {
        using Registry from = new(), to = new();
        from.register_buffer("a", ones(2));
        to.register_buffer("a", ones(3));

        foreach (bool strict in new[] { true, false })
        {
            var error = Assert.Throws<ArgumentException>(() => to.load(new MemoryStream(Saved(from)), strict));
            Assert.StartsWith("Mismatched tensor shape while loading.", error.Message);
        }
    }

    [Fact]
    public void Another_element_type_is_refused()
    {
        using Registry from = new(), to = new();
        from.register_buffer("a", ones(2, dtype: ScalarType.Float64));
        to.register_buffer("a", ones(2));
        var error = Assert.Throws<ArgumentException>(() => to.load(new MemoryStream(Saved(from))));
        Assert.StartsWith("Mismatched tensor data types while loading.", error.Message);
    }

    [Fact]
    public void A_file_cut_short_does_not_load()
    {
        using Affine from = new(), to = new();
        var bytes = Saved(from);
        foreach (int length in new[] { 0, 1, 5, bytes.Length - 1 })
            Assert.ThrowsAny<Exception>(() => to.load(new MemoryStream(bytes[..length])));
    }

    [Fact]
    public void A_parameter_resized_in_place_stays_registered_and_saves_in_its_new_shape()
    {
        using Registry module = new(), twin = new();
        var parameter = Parameter(arange(4, dtype: ScalarType.Float32));
        module.register_parameter("p", parameter);
        using (no_grad())
        using (var kept = tensor(new[] { 1f, 3f }))
            parameter.set_(kept);

        Assert.Same(parameter, module.get_parameter("p"));
        Assert.Equal([2L], module.state_dict()["p"].shape);
        Assert.True(parameter.requires_grad);
        Assert.True(parameter.is_leaf);

        twin.register_parameter("p", Parameter(zeros(2)));
        twin.load(new MemoryStream(Saved(module)));
        Assert.Equal([1f, 3f], twin.get_parameter("p")!.data<float>().ToArray());
    }
}
