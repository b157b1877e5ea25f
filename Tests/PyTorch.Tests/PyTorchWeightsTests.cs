using PruneGen.Samples.ModelZoo;
using TorchSharp;
using TorchSharp.PyBridge;
using static TorchSharp.torch;

namespace PruneGen.PyTorch.Tests;

public sealed partial class PyTorchWeightsTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("prunegen-pytorch-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData("dense.pth")]
    [InlineData("dense.pt")]
    [InlineData("dense.safetensors")]
    public void Weights_go_there_and_come_back(string name)
    {
        using var model = Small(seed: 1);
        using var other = Small(seed: 2);
        model.SavePyTorch(In(name));
        other.LoadPyTorch(In(name));
        AssertSame(model, other);
        Assert.Equal([In(name)], Directory.GetFiles(folder));
    }

    [Theory]
    [InlineData("pruned.pth")]
    [InlineData("pruned.safetensors")]
    public void A_pruned_models_weights_make_a_dense_one_as_narrow(string name)
    {
        using var model = Small(seed: 1);
        model.Compact();
        model.SavePyTorch(In(name));
        using var other = Small(seed: 2);
        other.LoadPyTorch(In(name));
        AssertSame(model, other);

        // Into one that is as narrow already, too; and it can be pruned further.
        model.LoadPyTorch(In(name));
        AssertSame(model, other);
        var before = other.Count().Parameters;
        other.Compact(new PruneOptions { Ratio = 0.75 });
        Assert.True(other.Count().Parameters < before);
    }

    [Fact]
    public void What_TorchSharps_models_save_fits_those_of_the_zoo()
    {
        // By the same names and shapes, in the same order: their state dictionaries are PyTorch's.
        using var theirs = torchvision.models.resnet18(num_classes: 10);
        theirs.save_py(In("resnet18.pth"));
        using var ours = ResNet.ResNet18(classes: 10);
        ours.LoadPyTorch(In("resnet18.pth"));
        using var x = rand(2, 3, 64, 64);
        theirs.eval();
        ours.eval();
        using var mode = no_grad();
        Assert.True((theirs.call(x) - ours.call(x)).abs().max().item<float>() < 1e-5);
    }

    [Fact]
    public void The_zoos_models_have_TorchVisions_names()
    {
        using var vgg = torchvision.models.vgg16_bn();
        using var ourVgg = new Vgg16();
        AssertSameNames(vgg, ourVgg);
        using var mobile = torchvision.models.mobilenet_v2();
        using var ourMobile = new MobileNetV2();
        AssertSameNames(mobile, ourMobile);
        using var resnet = torchvision.models.resnet50();
        using var ourResnet = ResNet.ResNet50();
        AssertSameNames(resnet, ourResnet);
    }

    [Fact]
    public void Names_are_mapped_both_ways()
    {
        using var model = Small(seed: 1);
        model.SavePyTorch(In("module.pth"), name => name.EndsWith("num_batches_tracked", StringComparison.Ordinal) ? null : "module." + name);
        using var other = Small(seed: 2);
        other.LoadPyTorch(In("module.pth"), name => name["module.".Length..]);
        AssertSame(model, other, "num_batches_tracked");
    }

    [Fact]
    public void A_state_dictionary_inside_of_a_checkpoint_is_found()
    {
        using var model = Small(seed: 1);
        using (var stream = File.Create(In("checkpoint.pth")))
        {
            PyTorchPickler.PickleStateDict(stream, new Dictionary<string, object> { ["epoch"] = 3, ["state_dict"] = model.state_dict() });
        }

        using var other = Small(seed: 2);
        other.LoadPyTorch(In("checkpoint.pth"));
        AssertSame(model, other);
    }

    [Fact]
    public void Names_that_differ_are_told_and_the_model_stays_as_it_was()
    {
        using var model = Small(seed: 1);
        model.SavePyTorch(In("other.safetensors"), name => name.Replace("fc.", "head.", StringComparison.Ordinal));
        using var other = Small(seed: 2);
        var before = Bits(other);
        var error = Assert.Throws<InvalidDataException>(() => other.LoadPyTorch(In("other.safetensors")));
        Assert.Contains("it lacks fc.bias, fc.weight, and has head.bias, head.weight", error.Message, StringComparison.Ordinal);
        Assert.Equal(before, Bits(other));
    }

    [Fact]
    public void Shapes_that_do_not_fit_are_told_and_the_model_stays_as_it_was()
    {
        using var wide = ResNet.ResNet18(width: 16, classes: 10);
        wide.SavePyTorch(In("wide.pth"));
        using var fewer = ResNet.ResNet18(width: 8, classes: 7);
        fewer.SavePyTorch(In("fewer.pth"));
        using var model = Small(seed: 2);
        var before = Bits(model);
        Assert.Throws<InvalidDataException>(() => model.LoadPyTorch(In("wide.pth")));
        Assert.Equal(before, Bits(model));
        var error = Assert.Throws<InvalidDataException>(() => model.LoadPyTorch(In("fewer.pth")));
        Assert.Contains("fc.weight [7, 64], here [10, 64]", error.Message, StringComparison.Ordinal);
        Assert.Equal(before, Bits(model));
    }

    [Theory]
    [InlineData("text.pth", "is no state dictionary of PyTorch's")]
    [InlineData("text.safetensors", "is no safetensors file")]
    public void Another_file_is_refused(string name, string message)
    {
        File.WriteAllText(In(name), "This is a text, and no weights.");
        using var model = Small(seed: 1);
        Assert.Contains(message, Assert.Throws<InvalidDataException>(() => model.LoadPyTorch(In(name))).Message, StringComparison.Ordinal);
        Assert.Throws<FileNotFoundException>(() => model.LoadPyTorch(In("missing.pth")));
    }

    [Theory]
    [InlineData("cut.pth")]
    [InlineData("cut.safetensors")]
    public void A_truncated_file_is_refused_with_its_name(string name)
    {
        using var model = Small(seed: 1);
        model.SavePyTorch(In(name));
        var (bytes, before) = (File.ReadAllBytes(In(name)), Bits(model));
        foreach (var length in Enumerable.Range(0, 40).Select(i => i < 20 ? i * 7 : (int)(bytes.Length * (i - 20L) / 20)).Append(bytes.Length - 1))
        {
            File.WriteAllBytes(In(name), bytes[..length]);
            var error = Assert.Throws<InvalidDataException>(() => model.LoadPyTorch(In(name)));
            Assert.StartsWith(In(name), error.Message, StringComparison.Ordinal);
            Assert.Contains("Write it by", error.Message, StringComparison.Ordinal);
            Assert.Equal(before, Bits(model));
        }
    }

    [Theory]
    [InlineData("flipped.pth")]
    [InlineData("flipped.safetensors")]
    public void A_byte_that_was_flipped_allocates_nothing_and_is_refused_unless_it_is_a_weights(string name)
    {
        using var model = new Tiny();
        model.SavePyTorch(In(name));
        var bytes = File.ReadAllBytes(In(name));
        for (var at = 0; at < bytes.Length; at++)
        {
            var flipped = (byte[])bytes.Clone();
            flipped[at] ^= (byte)(1 << (at % 8));
            File.WriteAllBytes(In(name), flipped);
            var allocated = GC.GetTotalAllocatedBytes(precise: true);
            var error = Record.Exception(() => model.LoadPyTorch(In(name)));
            Assert.True(error is null or InvalidDataException, $"byte {at}: {error}");
            Assert.True(GC.GetTotalAllocatedBytes(precise: true) - allocated < 16_000_000, $"byte {at} allocates {GC.GetTotalAllocatedBytes(precise: true) - allocated}");
        }
    }

    public static TheoryData<string, string> Forged() => new()
    {
        { """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}""", "b begins at byte 4 of the data, where 8 should stand" },
        { """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", "its tensors have 8 bytes, and the file has 12 for them" },
        { """{"a":{"dtype":"F32","shape":[4],"data_offsets":[0,12]}}""", "a is F32 [4], and stands at [0, 12] of the data, which is another length" },
        { """{"a":{"dtype":"F32","shape":[-3],"data_offsets":[0,-12]}}""", "a is F32 [-3]" },
        { """{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,0]}}""", "its header tells no type, shape and place of a" },
        { """{"a":{"dtype":"F31","shape":[3],"data_offsets":[0,12]}}""", "a is of the type F31" },
        { """{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}""", "it has a twice" },
        { """{"a":{"shape":[3],"data_offsets":[0,12]}}""", "its header tells no type, shape and place of a" },
        { "[1]", "its header names no tensors" },
    };

    [Theory]
    [MemberData(nameof(Forged))]
    public void A_header_that_does_not_fit_the_data_is_refused(string header, string expected)
    {
        var text = System.Text.Encoding.UTF8.GetBytes(header);
        File.WriteAllBytes(In("forged.safetensors"), [.. BitConverter.GetBytes((ulong)text.Length), .. text, .. new byte[12]]);
        using var model = new Tiny();
        var error = Assert.Throws<InvalidDataException>(() => model.LoadPyTorch(In("forged.safetensors")));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Whole_numbers_in_the_place_of_others_are_refused()
    {
        using var model = new Tiny();
        model.SavePyTorch(In("whole.safetensors"));
        var text = System.Text.Encoding.Latin1.GetString(File.ReadAllBytes(In("whole.safetensors"))).Replace("F32", "I32", StringComparison.Ordinal);
        File.WriteAllBytes(In("whole.safetensors"), System.Text.Encoding.Latin1.GetBytes(text));
        var before = Bits(model);
        var error = Assert.Throws<InvalidDataException>(() => model.LoadPyTorch(In("whole.safetensors")));
        Assert.Contains("has Int32 for fc1.weight, which is Float32 in a Tiny", error.Message, StringComparison.Ordinal);
        Assert.Equal(before, Bits(model));
    }

    [Fact]
    public void A_quantized_model_that_is_given_other_weights_is_quantized_no_more()
    {
        using var model = new Tiny();
        using var other = new Tiny();
        other.SavePyTorch(In("float.safetensors"));
        var data = TrainingData.FromTensors(rand(8, 4), arange(8).remainder(3));
        var codes = Pruning.Quantize(model, inputs => [model.call(inputs[0])], data, new QuantizeOptions());
        Assert.Equal((2, 2), (codes.Weights.Count, codes.Activations.Count));
        model.LoadPyTorch(In("float.safetensors"));
        Assert.Equal((0, 0), (Pruning.Codes(model).Weights.Count, Pruning.Codes(model).Activations.Count));
        using var x = rand(5, 4);
        Assert.Equal(other.call(x).data<float>().ToArray(), model.call(x).data<float>().ToArray());

        // Where it fails it is as it was.
        Pruning.Quantize(model, inputs => [model.call(inputs[0])], data, new QuantizeOptions());
        using var small = Small(seed: 1);
        small.SavePyTorch(In("small.safetensors"));
        Assert.Throws<InvalidDataException>(() => model.LoadPyTorch(In("small.safetensors")));
        Assert.Equal((2, 2), (Pruning.Codes(model).Weights.Count, Pruning.Codes(model).Activations.Count));
    }

    private static ResNet Small(int seed)
    {
        manual_seed(seed);
        return ResNet.ResNet18(width: 8, classes: 10);
    }

    private static Dictionary<string, byte[]> Bits(nn.Module model) =>
        model.state_dict().ToDictionary(entry => entry.Key, entry => entry.Value.bytes.ToArray());

    private static void AssertSame(nn.Module expected, nn.Module actual, string but = "?")
    {
        Assert.Equal(
            Bits(expected).Where(entry => !entry.Key.EndsWith(but, StringComparison.Ordinal)),
            Bits(actual).Where(entry => !entry.Key.EndsWith(but, StringComparison.Ordinal)));
    }

    private static void AssertSameNames(nn.Module expected, nn.Module actual) => Assert.Equal(
        expected.state_dict().Select(entry => $"{entry.Key} [{string.Join(", ", entry.Value.shape)}]").Order(StringComparer.Ordinal),
        actual.state_dict().Select(entry => $"{entry.Key} [{string.Join(", ", entry.Value.shape)}]").Order(StringComparer.Ordinal));

    private string In(string name) => Path.Combine(folder, name);

    [Prunable]
    internal sealed partial class Tiny : nn.Module<Tensor, Tensor>
    {
        private readonly TorchSharp.Modules.Linear fc1 = nn.Linear(4, 8);
        private readonly TorchSharp.Modules.Linear fc2 = nn.Linear(8, 3);

        public Tiny()
            : base(nameof(Tiny)) => RegisterComponents();

        public override Tensor forward(Tensor input)
        {
            using var scope = NewDisposeScope();
            return fc2.call(fc1.call(input).relu()).MoveToOuterDisposeScope();
        }
    }
}
