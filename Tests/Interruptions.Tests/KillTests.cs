using Xunit;

namespace PruneGen.Interruptions.Tests;

public class KillTests
{
    /// <summary>More of them: <c>dotnet run --project Tests/Interruptions -- --kills 100 --seed 1</c>.</summary>
    [Fact]
    public void Runs_that_are_killed_at_random_instants_end_as_if_they_had_not_been()
    {
        var outcome = Killer.Run(kills: 6, seed: 1, _ => { });
        Assert.True(outcome is { IsGood: true, Kills: 6 }, outcome.ToString());
    }
}
