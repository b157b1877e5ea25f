using System.CommandLine;
using PruneGen.Interruptions;

var kills = new Option<int>("--kills") { DefaultValueFactory = _ => 100, Description = "How often a run is killed." };
var seed = new Option<int>("--seed") { DefaultValueFactory = _ => 1, Description = "The seed of the instants." };
var command = new RootCommand("Kills prune-and-retrain and saving at random instants, and sees that each run ends as if it had never been killed.")
{
    kills, seed,
};
command.SetAction(arguments =>
{
    var outcome = Killer.Run(arguments.GetValue(kills), arguments.GetValue(seed), Console.WriteLine);
    Console.WriteLine(outcome);
    return outcome.IsGood ? 0 : 1;
});

var folder = new Argument<string>("folder");
var kind = new Argument<Kind>("kind");
var child = new Command("run", "What is killed: prunes, retrains, and saves many times.") { folder, kind };
child.SetAction(arguments => Work.Run(arguments.GetValue(folder)!, arguments.GetValue(kind)));
command.Add(child);
return command.Parse(args).Invoke();
