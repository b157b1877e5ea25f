using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PruneGen.Runtime.Tests;

/// <summary>The optimizers that go over each parameter once give the numbers of TorchSharp's own.</summary>
public class FusedOptimizerTests
{
    // Elements: fewer than a vector, a vector and a rest, several threads' worth.
    private static readonly long[][] Shapes = [[], [3], [13, 5], [4, 3, 5, 5], [700, 300]];

    [Theory]
    [InlineData(0)]
    [InlineData(0.01)]
    public void Adam_gives_TorchSharps_numbers(double weightDecay) => AssertSame(
        parameters => new FusedAdam(parameters, 0.01, weightDecay), parameters => optim.Adam(parameters, 0.01, weight_decay: weightDecay));

    [Theory]
    [InlineData(0, 0)]
    [InlineData(0.9, 0)]
    [InlineData(0.9, 0.01)]
    [InlineData(0, 0.01)]
    public void SGD_gives_TorchSharps_numbers(double momentum, double weightDecay) => AssertSame(
        parameters => new FusedSGD(parameters, 0.01, momentum, weightDecay), parameters => optim.SGD(parameters, 0.01, momentum, weight_decay: weightDecay));

    [Theory]
    [InlineData(RetrainOptimizer.Adam, LearningRateSchedule.Cosine)]
    [InlineData(RetrainOptimizer.SGD, LearningRateSchedule.Step)]
    public void Retraining_gives_the_numbers_of_a_plain_loop(RetrainOptimizer which, LearningRateSchedule schedule)
    {
        var options = new RetrainOptions { Epochs = 3, Optimizer = which, Schedule = schedule, LearningRate = 0.01, WeightDecay = 1e-3, Device = CPU };
        using var ours = new TiedNet();
        using var plain = new TiedNet();
        var (x, y) = TinyNet.Samples(96);
        var data = TrainingData.FromTensors(x, y, batchSize: 32, shuffle: false);
        var addresses = ours.parameters().Select(PlainMemory.AddressOf).ToArray();
        var shared = ours.first.weight;
        Retrainer.Train(ours, inputs => [ours.call(inputs[0])], data, options: options);

        var trained = plain.parameters().Where(parameter => parameter.requires_grad).ToArray();
        using optim.Optimizer optimizer = which == RetrainOptimizer.SGD
            ? optim.SGD(trained, options.LearningRate, options.Momentum, weight_decay: options.WeightDecay)
            : optim.Adam(trained, options.LearningRate, weight_decay: options.WeightDecay);
        for (var step = 0; step < 9; step++)
        {
            optimizer.ParamGroups.Single().LearningRate = LearningRates.At(options, step / 3, step % 3, 3);
            var loss = nn.functional.cross_entropy(plain.call(x.narrow(0, 32 * (step % 3), 32)), y.narrow(0, 32 * (step % 3), 32));
            optimizer.zero_grad();
            loss.backward();
            optimizer.step();
        }

        AssertClose(plain.parameters(), ours.parameters());
        Assert.Equal(addresses, ours.parameters().Select(PlainMemory.AddressOf));
        Assert.Same(shared, ours.first.weight);
        Assert.All(ours.parameters(), parameter => Assert.Null(parameter.grad));
    }

    [Fact]
    public void A_closure_is_asked_for_the_loss_with_gradients_and_the_loss_is_given_back()
    {
        using var parameter = new Parameter(ones(3));
        using var optimizer = new FusedAdam([parameter], 0.1, 0);
        var loss = optimizer.step(() =>
        {
            var sum = parameter.sum();
            sum.backward();
            return sum;
        });
        Assert.Equal(3, loss!.item<float>());
        Assert.All(parameter.data<float>().ToArray(), value => Assert.Equal(0.9f, value, 5));
    }

    [Fact]
    public void The_state_goes_to_TorchSharps_optimizer_and_back()
    {
        using var ours = new Parameter(ones(20));
        using var theirs = new Parameter(ones(20));
        using var first = new FusedAdam([ours], 0.1, 0);
        using var second = optim.Adam([theirs], 0.1);
        for (var step = 0; step < 3; step++)
        {
            ours.grad = theirs.grad = linspace(-1, 1, 20) * (step + 1);
            first.step();
            second.step();
            second.load_state_dict(first.state_dict());
            first.load_state_dict(second.state_dict());
        }

        AssertClose([theirs], [ours]);
    }

    [Theory]
    [InlineData(RetrainOptimizer.Adam, 0)]
    [InlineData(RetrainOptimizer.SGD, 0)]
    [InlineData(RetrainOptimizer.SGD, 0.9)]
    public void Held_weights_stay_zero_and_the_others_get_the_numbers_of_a_plain_loop_whose_gradients_are_masked(RetrainOptimizer which, double momentum)
    {
        var options = new RetrainOptions { Epochs = 1, Optimizer = which, LearningRate = 0.01, WeightDecay = 1e-3, Momentum = momentum, Device = CPU };
        using var ours = new TiedNet();
        using var plain = new TiedNet();
        var (x, y) = TinyNet.Samples(96);
        var masks = new Dictionary<string, Tensor>();
        foreach (var (name, parameter) in ours.named_parameters())
        {
            var mask = (rand_like(parameter) > 0.5).to(float32);
            masks[name] = mask;
            WeightMasks.Set(ours.named_modules().First(entry => entry.name == name.Split('.')[0]).module, name.Split('.')[1], mask);
        }

        Retrainer.Train(ours, inputs => [ours.call(inputs[0])], TrainingData.FromTensors(x, y, batchSize: 32, shuffle: false), options: options);

        var trained = plain.named_parameters().Where(entry => entry.parameter.requires_grad).ToArray();
        using (no_grad())
        {
            foreach (var (name, parameter) in plain.named_parameters())
            {
                parameter.mul_(masks[name]);
            }
        }

        using optim.Optimizer optimizer = which == RetrainOptimizer.SGD
            ? optim.SGD(trained.Select(entry => entry.parameter), options.LearningRate, momentum, weight_decay: options.WeightDecay)
            : optim.Adam(trained.Select(entry => entry.parameter), options.LearningRate, weight_decay: options.WeightDecay);
        for (var step = 0; step < 3; step++)
        {
            optimizer.ParamGroups.Single().LearningRate = LearningRates.At(options, 0, step, 3);
            var loss = nn.functional.cross_entropy(plain.call(x.narrow(0, 32 * step, 32)), y.narrow(0, 32 * step, 32));
            optimizer.zero_grad();
            loss.backward();
            Array.ForEach(trained, entry => entry.parameter.grad?.mul_(masks[entry.name]));
            optimizer.step();
        }

        AssertClose(trained.Select(entry => entry.parameter), ours.named_parameters().Where(entry => entry.parameter.requires_grad).Select(entry => entry.parameter));
        Assert.All(ours.named_parameters(), entry => Assert.Equal(0, (entry.parameter * (1 - masks[entry.name])).abs().sum().item<float>()));
        Assert.NotEqual(0, (plain.first.weight! - new TiedNet().first.weight! * masks["first.weight"]).abs().sum().item<float>());
    }

    [Fact]
    public void A_weight_that_is_held_stays_zero_though_another_parameter_in_the_same_memory_is_trained()
    {
        using var model = new OverlappingNet();
        using var mask = zeros_like(model.whole.weight!);
        WeightMasks.Set(model.whole, "weight", mask);
        var (x, y) = TinyNet.Samples(32);
        Retrainer.Train(model, inputs => [model.call(inputs[0])], TrainingData.FromTensors(x, y), options: new RetrainOptions { Epochs = 2, Device = CPU });
        Assert.Equal(0, model.whole.weight!.abs().sum().item<float>());
    }

    private static void AssertSame(Func<Parameter[], optim.Optimizer> fused, Func<Parameter[], optim.Optimizer> plain)
    {
        var (ours, theirs) = (Parameters(), Parameters());
        using var first = fused(ours);
        using var second = plain(theirs);
        for (var step = 0; step < 6; step++)
        {
            manual_seed(step);
            first.ParamGroups.Single().LearningRate = second.ParamGroups.Single().LearningRate = 0.01 / (step + 1);
            for (var i = 0; i < ours.Length; i++)
            {
                // The first parameter never has a gradient, and the others none in one of the steps.
                if (i == 0 || i == step)
                {
                    ours[i].grad = theirs[i].grad = null;
                }
                else
                {
                    using var gradient = randn_like(ours[i]);
                    ours[i].grad = gradient.clone();
                    theirs[i].grad = gradient.clone();
                }
            }

            first.step();
            second.step();
            AssertClose(theirs, ours);
        }
    }

    /// <summary>Parameters of several shapes, of float64, strided, and two that share their memory.</summary>
    private static Parameter[] Parameters()
    {
        manual_seed(1);
        var wide = new Parameter(randn(100, 40));
        return
        [
            .. Shapes.Select(shape => new Parameter(randn(shape))),
            new Parameter(randn(6, 7, dtype: float64)),
            new Parameter(randn(9, 8).t()),
            new Parameter(randn(12, 10).slice(1, 0, 10, 2)),
            wide,
            new Parameter(wide.detach().narrow(0, 50, 50)),
        ];
    }

    private static void AssertClose(IEnumerable<Parameter> expected, IEnumerable<Parameter> actual)
    {
        foreach (var (theirs, ours) in expected.Zip(actual))
        {
            Assert.Equal(theirs.shape, ours.shape);
            Assert.True(theirs.allclose(ours, rtol: 1e-5, atol: 1e-6), $"{(theirs - ours).abs().max().ToDouble()}");
        }
    }

    /// <summary>A network with a parameter of two layers, a frozen one, one that no result depends on, and a strided one.</summary>
    private sealed class TiedNet : nn.Module<Tensor, Tensor>
    {
        public readonly Linear first = nn.Linear(4, 4);
        public readonly Linear second = nn.Linear(4, 4);
        private readonly Linear output = nn.Linear(4, 3);
        private readonly Linear unused = nn.Linear(2, 2);

        public TiedNet()
            : base(nameof(TiedNet))
        {
            RegisterComponents();
            manual_seed(3);
            using var noGradients = no_grad();
            foreach (var parameter in this.parameters())
            {
                parameter.uniform_(-0.5, 0.5);
            }

            second.weight = first.weight;
            first.bias!.requires_grad = false;
            output.weight!.set_(output.weight.detach().t().contiguous().t());
        }

        public override Tensor forward(Tensor input)
        {
            using var scope = NewDisposeScope();
            var x = first.call(input).tanh();
            return output.call(second.call(x).tanh()).MoveToOuterDisposeScope();
        }
    }

    /// <summary>A network with a layer whose weights lie in those of another.</summary>
    private sealed class OverlappingNet : nn.Module<Tensor, Tensor>
    {
        public readonly Linear whole = nn.Linear(4, 3);
        private readonly Linear part = nn.Linear(3, 3);

        public OverlappingNet()
            : base(nameof(OverlappingNet))
        {
            RegisterComponents();
            using var noGradients = no_grad();
            part.weight!.set_(whole.weight!.detach().flatten().narrow(0, 0, 9).view(3, 3));
        }

        public override Tensor forward(Tensor input)
        {
            using var scope = NewDisposeScope();
            return part.call(whole.call(input)).MoveToOuterDisposeScope();
        }
    }
}
