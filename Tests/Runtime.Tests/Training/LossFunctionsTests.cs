using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace PruneGen.Runtime.Tests;

/// <summary>Losses and errors go by the dimension in which the classes are, and say where targets do not fit.</summary>
public sealed class LossFunctionsTests
{
    /// <summary>What a model of texts answers: two texts, three words each, four classes of words in the last dimension.</summary>
    private static readonly float[] Words =
    [
        9, 0, 0, 0, 0, 9, 0, 0, 0, 0, 0, 9,
        0, 0, 9, 0, 9, 0, 0, 0, 0, 0, 9, 0,
    ];

    [Fact]
    public void Classes_in_the_last_dimension_are_counted_by_a_loss_of_ones_own()
    {
        using var scope = NewDisposeScope();

        // Answers 0 1 3 and 2 0 2: two of six are wrong.
        var result = Evaluate(tensor(Words, [2, 3, 4]), tensor(new long[] { 0, 1, 1, 2, 0, 3 }, [2, 3]), ByWord);
        Assert.Equal(2 / 6.0, result.Error!.Value, 12);
    }

    [Fact]
    public void What_cross_entropy_passes_over_is_no_wrong_answer()
    {
        using var scope = NewDisposeScope();
        var result = Evaluate(tensor(Words, [2, 3, 4]), tensor(new long[] { 0, 1, -100, 2, 1, -100 }, [2, 3]), ByWord);
        Assert.Equal(1 / 4.0, result.Error!.Value, 12);
    }

    [Fact]
    public void A_column_of_classes_is_a_class_for_each_sample()
    {
        using var scope = NewDisposeScope();

        // Compared with [2], the column would be four comparisons.
        var result = Evaluate(
            tensor(new float[] { 5, 1, 1, 5 }, [2, 2]),
            tensor(new long[] { 0, 0 }, [2, 1]),
            (output, target) => functional.cross_entropy(output, target.squeeze(1)));
        Assert.Equal(0.5, result.Error!.Value, 12);
    }

    [Fact]
    public void One_number_that_says_yes_or_no_has_no_classes_to_choose_from()
    {
        using var scope = NewDisposeScope();
        var result = Evaluate(
            tensor(new float[] { 5, -5 }, [2, 1]),
            tensor(new long[] { 1, 0 }),
            (output, target) => functional.binary_cross_entropy_with_logits(output.squeeze(1), target.to_type(ScalarType.Float32)));
        Assert.Null(result.Error);
    }

    [Fact]
    public void Targets_that_stand_for_something_else_are_the_losss_own_matter()
    {
        using var scope = NewDisposeScope();
        Assert.Null(Evaluate(tensor(Words, [2, 3, 4]), zeros(2, 7, ScalarType.Int64), (output, _) => output.mean()).Error);
    }

    [Theory]
    [InlineData(new long[] { 8 }, "[8, 10, 5]", "[8]", "give them in the shape [8, 5]")]
    [InlineData(new long[] { 8, 10 }, "[8, 10, 5]", "[8, 10]", "cross_entropy(output.flatten(0, -2), target.flatten())")]
    public void Class_indices_that_do_not_fit_are_named_with_the_remedy(long[] shape, params string[] named)
    {
        using var scope = NewDisposeScope();
        var error = Assert.Throws<ArgumentException>(() => LossFunctions.Default(zeros(8, 10, 5), zeros(shape, ScalarType.Int64)));
        Assert.All(named, part => Assert.Contains(part, error.Message, StringComparison.Ordinal));
    }

    private static Tensor ByWord(Tensor output, Tensor target) => functional.cross_entropy(output.flatten(0, -2), target.flatten());

    private static Evaluation Evaluate(Tensor answers, Tensor targets, Func<Tensor, Tensor, Tensor> loss)
    {
        var identity = Identity();
        return Retrainer.Evaluate(
            identity, inputs => [identity.call(inputs[0])], TrainingData.FromTensors(answers, targets), new RetrainOptions { Loss = loss, Device = CPU });
    }
}
