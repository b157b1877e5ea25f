using System.CommandLine;
using PruneGen;
using PruneGen.Samples;
using PruneGen.Samples.ModelZoo;
using Spectre.Console;

var model = new Argument<string>("model") { Description = "Name of the model; 'list' tells them." };
model.CompletionSources.Add(_ => Zoo.Models.Select(entry => new System.CommandLine.Completions.CompletionItem(entry.Name)));
var small = new Option<bool>("--small") { Description = "Narrow layers and small inputs, instead of what the paper has." };
var ratio = new Option<double>("--ratio") { Description = "Share of every group to remove, in [0, 1).", DefaultValueFactory = _ => 0.5 };
var seed = new Option<int>("--seed") { Description = "Seed of the weights and inputs; the same seed gives the same result." };

var list = new Command("list", "Names the models.");
list.SetAction(_ =>
{
    var table = new Table().Border(TableBorder.Simple).AddColumns("model", "what it is");
    foreach (var entry in Zoo.Models)
    {
        table.AddRow(Markup.Escape(entry.Name), Markup.Escape(entry.Title));
    }

    AnsiConsole.Write(table);
});

var mermaid = new Option<FileInfo?>("--mermaid") { Description = "File to draw the groups into, as a Mermaid flow chart." };
var svg = new Option<FileInfo?>("--svg") { Description = "File to draw the groups into, as a picture." };
var groups = new Command("groups", "Prints what shrinks together in a model.") { model, small, mermaid, svg };
groups.SetAction((arguments, _) => ThisProgram.Guarded(() =>
{
    using var instance = Zoo.Named(arguments.GetValue(model)!).Create(SizeOf(arguments));
    var plan = instance.Plan();
    Console.WriteLine(GroupText.Of(plan));
    foreach (var (file, draw) in new[] { (
        arguments.GetValue(mermaid), (Func<PruningPlan, string>)PlanGraph.ToMermaid), (arguments.GetValue(svg), PlanGraph.ToSvg) })
    {
        if (file is not null)
        {
            File.WriteAllText(file.FullName, draw(plan));
            Console.WriteLine($"Wrote {file.FullName}.");
        }
    }

    return Task.FromResult(0);
}));

var prune = new Command(
    "prune",
    "Prunes a model with random weights, and checks that it answers as the masked one, also when it is loaded in a new process.") { model, ratio, small, seed };
prune.SetAction((arguments, _) => ThisProgram.Guarded(() =>
{
    var entry = Zoo.Named(arguments.GetValue(model)!);
    return Task.FromResult(PruneCheck.Run(entry, SizeOf(arguments), arguments.GetValue(ratio), arguments.GetValue(seed)));
}));

var root = new RootCommand(
    "Models as people write them for TorchSharp, pruned by the code that PruneGen generates.") { list, groups, prune, ReloadCheck.Command() };
return await ThisProgram.Run(root, args);

ZooSize SizeOf(ParseResult arguments) => arguments.GetValue(small) ? ZooSize.Small : ZooSize.Full;
