using PruneGen;
using PruneGenApp;
using static TorchSharp.torch;

manual_seed(1);
var train = Data.Draw(4000, seed: 1, shuffle: true);
var test = Data.Draw(1000, seed: 2, shuffle: false);

// A trained model: yours may come from a file instead.
using var model = new Net();
var trained = Retrainer.Train(model, inputs => [model.call(inputs[0])], train, test, new RetrainOptions { Epochs = 3 });
Console.WriteLine($"Trained: {100 * trained.Final!.Error:f1} % of the test pictures are wrong.");

// Prune, retrain, measure. With a checkpoint a run that was killed goes on where it was when it is started again.
PruneReport report = model.PruneAndRetrain(train, test);
Console.WriteLine(report);

model.SavePruned("net.prune");
report.SaveHtml("report.html", model);
Console.WriteLine($"Saved net.prune ({new FileInfo("net.prune").Length:N0} bytes). Open {Path.GetFullPath("report.html")} in a browser.");

// The file brings its widths with it.
using var again = Net.LoadPruned("net.prune");
Console.WriteLine($"Loaded again: {again.Count().Parameters:N0} parameters.");
