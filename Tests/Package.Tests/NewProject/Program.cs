using PruneGen;
using TorchSharp;
using TorchSharp.Modules;
using static PruneGen.Granularity;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;
using static TorchSharp.torch.nn.functional;

manual_seed(1);
using var model = new Perceptron();
using Tensor input = rand(3, 6);

Console.WriteLine($"hidden units before: {model.HiddenUnits}");
model.Compact();
Console.WriteLine($"hidden units after: {model.HiddenUnits}");
using Tensor output = model.call(input);
Console.WriteLine($"output: {string.Join("x", output.shape)}");

[Prunable(Structured, Ratio = 0.75)]
public sealed partial class Perceptron : Module<Tensor, Tensor>
{
    private readonly Linear hidden = Linear(6, 8);
    [KeepWidth] private readonly Linear scores = Linear(8, 2);

    public Perceptron()
        : base(nameof(Perceptron)) =>
        RegisterComponents();

    public long HiddenUnits => hidden.weight.shape[0];

    public override Tensor forward(Tensor input) => scores.call(relu(hidden.call(input)));
}
