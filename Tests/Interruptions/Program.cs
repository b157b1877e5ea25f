using System.CommandLine;
using PruneGen.Interruptions;

var all = new Dictionary<string, IReadOnlyList<Work>> { ["runs"] = Work.Runs, ["searches"] = Work.Searches };
var kills = new Option<int>("--kills") { DefaultValueFactory = _ => 100, Description = "How often runs are killed, and how often searches are." };
var seed = new Option<int>("--seed") { DefaultValueFactory = _ => 1, Description = "The seed of the instants." };
var what = new Option<string[]>("--what")
{
    DefaultValueFactory = _ => [.. all.Keys],
    AllowMultipleArgumentsPerToken = true,
    Description = "runs: prune-and-retrain and saving; searches: those for ratios; or both.",
};
what.AcceptOnlyFromAmong([.. all.Keys]);
var command = new RootCommand("Kills prune-and-retrain, saving and searches at random instants, and sees that each ends as if it had never been killed.")
{
    kills, seed, what,
};
command.SetAction(arguments =>
{
    var outcomes = arguments.GetValue(what)!.ToDictionary(
        one => one, one => Killer.Run(all[one], arguments.GetValue(kills), arguments.GetValue(seed), Console.WriteLine));
    foreach (var (one, outcome) in outcomes)
    {
        Console.WriteLine($"{one}: {outcome}");
    }

    return outcomes.Values.All(outcome => outcome.IsGood) ? 0 : 1;
});

var folder = new Argument<string>("folder");
var kind = new Argument<string>("kind");
var child = new Command("run", "What is killed.") { folder, kind };
child.SetAction(arguments => all.Values.SelectMany(works => works).Single(work => work.Name == arguments.GetValue(kind)).Run(arguments.GetValue(folder)!));
command.Add(child);
return command.Parse(args).Invoke();
