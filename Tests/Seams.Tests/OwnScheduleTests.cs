namespace PruneGen.Seams.Tests;

/// <summary>Most of it early.</summary>
public sealed class FastThenSlow : PruneSchedule
{
    public override int Rounds => 3;

    public override double At(double progress) => 1 - Math.Pow(1 - progress, 2);
}

[Prunable(ScheduleType = typeof(FastThenSlow), Ratio = 0.9)]
[Retrain(Epochs = 1)]
public sealed partial class GradualLeNet5 : LeNet5;

public class OwnScheduleTests
{
    [Fact]
    public void A_schedule_of_ones_own_reaches_the_ratio_in_rounds_by_attribute_and_by_option()
    {
        var report = new GradualLeNet5().PruneAndRetrain(Digits.Some, Digits.Some, progress: PruneProgress.Quiet);
        Assert.Equal([(20, 2), (50, 5), (500, 50)], report.Groups.Select(group => (group.Before, group.After)));
        Assert.Equal(2, report.EarlierRounds.Count);

        var options = new PruneOptions { Ratio = 0.9, Schedule = new FastThenSlow(), Retrain = new() { Epochs = 1 } };
        Assert.Equal(report.Groups, Digits.Prune(new PlainLeNet5(), options).Groups);

        // Rounds that say the same share again take nothing more.
        var model = new PlainLeNet5();
        Digits.Prune(model, options);
        Assert.Equal([2, 5, 50], Digits.Prune(model, options with { Schedule = PruneSchedule.OneShot }).Groups.Select(group => group.After));
    }
}
