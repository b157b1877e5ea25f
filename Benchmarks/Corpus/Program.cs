using System.CommandLine;
using PruneGen.Benchmarks.Corpus;

var folders = new Argument<DirectoryInfo[]>(
    "folders") { Arity = ArgumentArity.OneOrMore, Description = "Folders with C# sources; each is compiled as one project." };
var torch = new Option<FileInfo?>("--torch") { Description = "The TorchSharp.dll to compile against; without it the one that this program runs on." };
var details = new Option<bool>("--details") { Description = "Every diagnostic, not only the summary." };
var generated = new Option<DirectoryInfo?>("--generated") { Description = "A folder for the generated files." };
var run = new Option<bool>("--run")
{
    Description = "Creates and runs the analysed classes too, and compares masked with compacted. It runs the folders' code: know it.",
};
var command = new RootCommand(
    "How many forward methods of models that were not written for PruneGen are analysed with nothing but the attribute added.")
{
    folders, torch, details, generated, run,
};
command.SetAction(arguments =>
{
    var projects = arguments.GetValue(folders)!
        .Select(folder => CorpusProject.Read(folder, arguments.GetValue(torch), arguments.GetValue(generated), arguments.GetValue(run))).ToList();
    Report.Write(projects, arguments.GetValue(details));
    return projects.All(
        project => project.Crash is null && project.BrokenOutput.Count == 0 && project.Classes.All(one => one.Outcome?.Verdict != Verdict.Wrong)) ? 0 : 1;
});

var assembly = new Argument<FileInfo>("assembly");
var classes = new Command(RunnerProcess.Command) { assembly };
classes.Hidden = true;
classes.SetAction(arguments => RunnerProcess.Serve(arguments.GetValue(assembly)!));
command.Add(classes);
return command.Parse(args).Invoke();
