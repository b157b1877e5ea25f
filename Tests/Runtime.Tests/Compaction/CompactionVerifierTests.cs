using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PruneGen.Runtime.Tests;

/// <summary>A compacted model is compared with the masked one before it takes its place.</summary>
public sealed class CompactionVerifierTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    public void Dispose() => scope.Dispose();

    [Fact]
    public void A_model_that_answers_as_the_masked_one_is_compared()
    {
        var model = new LeNet(1);
        using var result = Pruning.Compact(model, model.Forward, inputShapes: [1, 1, 28, 28]);
        Assert.Equal(CompactionCheck.Compared, result.Check);
        using var unknown = Pruning.Compact(new LeNet(1), new LeNet(1).Forward, new PruneOptions { Verify = false }, inputShapes: [1, 1, 28, 28]);
        Assert.Equal(CompactionCheck.None, unknown.Check);
    }

    [Fact]
    public void A_model_that_throws_comes_back_and_the_group_is_named()
    {
        // Linked without the check that forward does.
        var model = new Net((m, x) => x.shape[1] == 8 ? x : throw new ArgumentException("8 features are needed"));
        AssertRefused(model, "throws when it is called: 8 features are needed. The group that does it is second.");
    }

    [Fact]
    public void A_model_that_answers_otherwise_comes_back_and_the_group_is_named()
    {
        var model = new Net((m, x) => x * x.shape[1]);
        AssertRefused(model, "answers otherwise than the masked one: the result differs by", "The group that does it is second.");
    }

    [Fact]
    public void A_model_that_answers_at_random_is_only_run()
    {
        var model = new Net((m, x) => x + rand_like(x));
        var expected = Draw();
        manual_seed(3);
        using var result = Pruning.Compact(model, model.Forward, inputShapes: [2, 4]);
        Assert.Equal(CompactionCheck.Run, result.Check);
        Assert.Equal(expected, rand(1).item<float>());

        static float Draw()
        {
            manual_seed(3);
            return rand(1).item<float>();
        }
    }

    [Fact]
    public void What_a_mask_removes_is_compared_as_well()
    {
        var model = new LeNet(1);
        using var mask = Pruning.Mask(model, model.Forward, inputShapes: [1, 1, 28, 28]);
        using var result = Pruning.Compact(model, model.Forward, mask);
        Assert.Equal(CompactionCheck.Compared, result.Check);

        var wrong = new Net((m, x) => x * x.shape[1]);
        using var other = Pruning.Mask(wrong, wrong.Forward, inputShapes: [2, 4]);
        var bits = TinyNet.Bits(wrong);
        var error = Assert.Throws<InvalidOperationException>(() => Pruning.Compact(wrong, wrong.Forward, other));
        Assert.Contains("The group that does it is second.", error.Message);
        Assert.Equal(bits, TinyNet.Bits(wrong));
        Assert.NotEmpty(WeightMasks.Of(wrong));
    }

    private static void AssertRefused(Net model, params string[] parts)
    {
        var bits = TinyNet.Bits(model);
        var error = Assert.Throws<InvalidOperationException>(() => Pruning.Compact(model, model.Forward, inputShapes: [2, 4]));
        Assert.All(parts, part => Assert.Contains(part, error.Message));
        Assert.Contains("The model is as it was before. Put [KeepWidth]", error.Message);
        Assert.Equal(bits, TinyNet.Bits(model));
        Assert.Equal((8, 8), (model.first.out_features, model.second.out_features));
    }

    /// <summary>A model whose forward does something more than its Link says.</summary>
    private sealed class Net : nn.Module<Tensor, Tensor>, IPrunable
    {
        public readonly Linear first = nn.Linear(4, 8);
        public readonly Linear second = nn.Linear(8, 8);
        private readonly Linear output = nn.Linear(8, 3);
        private readonly Func<Net, Tensor, Tensor> more;

        public Net(Func<Net, Tensor, Tensor> more)
            : base(nameof(Net))
        {
            this.more = more;
            RegisterComponents();
        }

        public PruneOptions PruneDefaults { get; } = new();

        public int InputCount => 1;

        public Tensor[] Forward(Tensor[] inputs) => [call(inputs[0])];

        public override Tensor forward(Tensor input) => output.call(more(this, second.call(first.call(input).relu())));

        public object?[] Link(Linker link, LinkInputs inputs) => [link.Layer(output, link.Layer(second, link.Op("relu", link.Layer(first, inputs[0]))))];
    }
}
