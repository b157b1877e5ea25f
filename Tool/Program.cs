using System.CommandLine;
using PruneGen;
using PruneGen.Tool;

var file = new Argument<string>("file") { Description = "A file that SavePruned wrote." };

var show = new Command("show", "Tells what is in a file: the model, what it was pruned by, what that came to, and how large it is.") { file };
show.SetAction(arguments => Guarded(() => Write(PruneFileText.Show(arguments.GetValue(file)!))));

var groups = new Command("groups", "Tells the width of each group, dense and now.") { file };
groups.SetAction(arguments => Guarded(() => Write(PruneFileText.Groups(PruneFile.ReadHeader(arguments.GetValue(file)!)))));

var page = new Argument<string?>("page")
{
    Description = "Where to write the page; by default beside the file, with the ending .html.",
    Arity = ArgumentArity.ZeroOrOne,
};
var report = new Command("report", "Writes the report that a file holds as a page that opens without a network.") { file, page };
report.SetAction(arguments => Guarded(() =>
{
    var from = arguments.GetValue(file)!;
    var to = arguments.GetValue(page) ?? Path.ChangeExtension(from, ".html");
    HtmlReports.SaveHtml(from, to);
    return Write($"Wrote {to}.\n");
}));

var first = new Argument<string>("first");
var second = new Argument<string>("second");
var diff = new Command("diff", "Tells what differs between two files; the exit code is 1 where anything does.") { first, second };
diff.SetAction(arguments => Guarded(() =>
{
    var differences = PruneFileText.Differences(PruneFile.ReadHeader(arguments.GetValue(first)!), PruneFile.ReadHeader(arguments.GetValue(second)!));
    Write(differences.Count == 0 ? "Nothing differs but, maybe, the weights.\n" : string.Join('\n', differences) + "\n");
    return differences.Count == 0 ? 0 : 1;
}));

return new RootCommand("Looks into the .prune files of PruneGen.") { show, groups, report, diff }.Parse(args).Invoke();

static int Write(string text)
{
    Console.Write(text);
    return 0;
}

// What a user can do something about becomes one line on the error stream, and a defect of ours keeps its stack trace.
static int Guarded(Func<int> action)
{
    try
    {
        return action();
    }
    catch (Exception error) when (error is IOException or InvalidDataException or UnauthorizedAccessException)
    {
        Console.Error.WriteLine($"error: {error.Message}");
        return 1;
    }
}
