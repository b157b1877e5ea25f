using Xunit;

namespace PruneGen.Interruptions.Tests;

/// <summary>More of them: <c>dotnet run --project Tests/Interruptions -- --kills 100 --seed 1</c>.</summary>
public class KillTests
{
    [Fact]
    public void Runs_that_are_killed_at_random_instants_end_as_if_they_had_not_been()
    {
        var outcome = Killer.Run(Work.Runs, kills: 6, seed: 1, _ => { });
        Assert.True(outcome is { IsGood: true, Kills: 6 }, outcome.ToString());
    }

    [Fact]
    public void Searches_that_are_killed_at_random_instants_find_what_they_would_have_found()
    {
        var outcome = Killer.Run(Work.Searches, kills: 6, seed: 1, _ => { });
        Assert.True(outcome is { IsGood: true, Kills: 6 }, outcome.ToString());
    }
}
