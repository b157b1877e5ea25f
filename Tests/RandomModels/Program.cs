using System.CommandLine;
using PruneGen.RandomModels;

var count = new Option<int>("--count") { DefaultValueFactory = _ => 3000, Description = "How many models." };
var seed = new Option<int>("--seed") { DefaultValueFactory = _ => 1, Description = "The first model's seed; the others follow." };
var show = new Option<bool>("--show") { Description = "Prints the source of each model instead of running it." };
var size = new Option<int>("--batch") { DefaultValueFactory = _ => 100, Description = "How many models are compiled together." };
var onnx = new Option<bool>("--onnx") { Description = "Exports the models, and compares what ONNX Runtime answers." };
var lives = new Option<bool>("--lives") { Description = "Prunes, trains, compacts, codes, saves and loads the models in a random order." };
var command = new RootCommand("Draws model classes, compiles them through the generator, prunes them at random, and compares masked with compacted.")
{
    count, seed, show, size, onnx, lives,
};
command.SetAction(arguments =>
{
    var seeds = Enumerable.Range(arguments.GetValue(seed), arguments.GetValue(count)).ToList();
    if (arguments.GetValue(show))
    {
        seeds.ForEach(one => Console.WriteLine(ModelWriter.Write(one)));
        return 0;
    }

    var outcomes = new List<Outcome>();
    foreach (var some in seeds.Chunk(arguments.GetValue(size)))
    {
        outcomes.AddRange(Batch.Run(some, arguments.GetValue(lives) ? RandomTest.Lives : arguments.GetValue(onnx) ? RandomTest.Onnx : RandomTest.Compaction));
        Console.WriteLine($"{outcomes.Count} of {seeds.Count}: {outcomes.Count(outcome => outcome.Failure is not null)} failed, {outcomes.Count(outcome => outcome.Refusal is not null)} refused");
    }

    foreach (var failed in outcomes.Where(outcome => outcome.Failure is not null))
    {
        Console.WriteLine($"\nseed {failed.Seed}: {failed.Failure}");
    }

    foreach (var refusals in outcomes.Where(outcome => outcome.Refusal is not null).GroupBy(outcome => outcome.Refusal!.Split("error ")[1].Split('\n')[0]).OrderByDescending(same => same.Count()))
    {
        Console.WriteLine($"{refusals.Count(),5} refused (seed {refusals.First().Seed}): {refusals.First().Refusal}");
    }

    if (arguments.GetValue(onnx))
    {
        var exported = outcomes.Select(outcome => outcome.OnnxDifference).OfType<double>().ToList();
        Console.WriteLine($"Seeds {seeds[0]} to {seeds[^1]}: {exported.Count} of {seeds.Count} models exported, dense and pruned, within {exported.DefaultIfEmpty(0).Max():g2}; {outcomes.Count(outcome => outcome.Failure is not null)} failed, {outcomes.Count(outcome => outcome.Refusal is not null)} refused.");
        return outcomes.Any(outcome => outcome.Failure is not null) ? 1 : 0;
    }

    if (arguments.GetValue(lives))
    {
        var all = outcomes.Select(outcome => outcome.Lives).OfType<Lives>().ToList();
        foreach (var refusal in all.SelectMany(life => life.Refusals).CountBy(refusal => refusal).OrderByDescending(counted => counted.Value))
        {
            Console.WriteLine($"{refusal.Value,5} {refusal.Key}");
        }

        Console.WriteLine($"Seeds {seeds[0]} to {seeds[^1]}: {all.Count} lives, {all.Sum(life => life.Verbs)} verbs, {all.Sum(life => life.Refusals.Count)} refused; {outcomes.Count(outcome => outcome.Failure is not null)} failed.");
        return outcomes.Any(outcome => outcome.Failure is not null) ? 1 : 0;
    }

    var traces = outcomes.Select(outcome => outcome.TraceDifference).OfType<double>().ToList();
    var removals = outcomes.Aggregate(default(Removals), (sum, outcome) => sum + outcome.Removals);
    Console.WriteLine($"Masked as compacted, too: {removals.Heads} models with heads removed, {removals.HeadWidths} with heads made narrower, {removals.Joint} with channels and weights removed together; {removals.Blocks} with a residual block emptied; {removals.Inputs} without features of the input.");
    var moves = outcomes.Aggregate(default(Moves), (sum, outcome) => sum + outcome.Moves);
    Console.WriteLine($"As before: {moves.Folded} models with norms folded, {moves.Smoothed} with channels smoothed, {moves.Permuted} with channels in another order.");
    var budgets = outcomes.Select(outcome => outcome.Budgets).OfType<int>().ToList();
    Console.WriteLine($"Budgets: {budgets.Count} models with four each, {budgets.Sum()} met and {(4 * budgets.Count) - budgets.Sum()} out of reach.");
    Console.WriteLine($"Seeds {seeds[0]} to {seeds[^1]}: {seeds.Count} models, {outcomes.Sum(outcome => outcome.Groups)} groups, {traces.Count} traces ({traces.Count(difference => difference == 0)} exact, the others within {traces.Max():g2}), {outcomes.Sum(outcome => outcome.Dead)} parameters dead with random filters; {outcomes.Count(outcome => outcome.Failure is not null)} failed, {outcomes.Count(outcome => outcome.Refusal is not null)} refused.");
    return outcomes.Any(outcome => outcome.Failure is not null) ? 1 : 0;
});
return command.Parse(args).Invoke();
