namespace PruneGen.Benchmarks.Corpus;

/// <summary>The counts, and what stands in the way most often.</summary>
internal static class Report
{
    public static void Write(IReadOnlyList<CorpusProject> projects, bool details)
    {
        foreach (var project in projects)
        {
            Line(project.Name, project.Classes);
            if (project.Crash is { } crash)
            {
                Console.WriteLine($"  CRASH {crash}");
            }

            foreach (var broken in project.BrokenOutput)
            {
                Console.WriteLine($"  GENERATED CODE {broken}");
            }

            if (project.NotRun is { } reason)
            {
                Console.WriteLine($"  cannot be run: {reason}");
            }

            foreach (var one in project.Classes)
            {
                if (one.Outcome is { } outcome && (details || outcome.Verdict is Verdict.Wrong or Verdict.LinkRefused))
                {
                    Console.WriteLine($"  {one.Name}: {outcome.Verdict.ToString().ToUpperInvariant()} {outcome.Because}");
                }

                if (!details)
                {
                    continue;
                }

                foreach (var refusal in one.Refusals)
                {
                    Console.WriteLine($"  {one.Name}: {(one.RefusalsElsewhere.Contains(refusal) ? "NOT AT AN EXPRESSION " : "")}{refusal}");
                }

                if (one.HoldsRefused is { } held)
                {
                    Console.WriteLine($"  {one.Name}: holds {held}, which is refused");
                }

                if (one.OwnErrors.Count > 0)
                {
                    Console.WriteLine($"  {one.Name} at {one.Place} does not compile: {one.OwnErrors[0]}");
                }
            }
        }

        var all = projects.SelectMany(project => project.Classes).ToList();
        Console.WriteLine();
        foreach (var rule in all.SelectMany(
            one =>
                one.Refusals.DistinctBy(refusal => (refusal.Id, refusal.GetMessage()))
                    .Select(refusal => (refusal.Id, Message: refusal.GetMessage().Replace(one.Name.Split('.')[^1], "…", StringComparison.Ordinal))))
            .GroupBy(refusal => refusal).OrderByDescending(same => same.Count()).Take(40))
        {
            Console.WriteLine($"{rule.Count(),4} × {rule.Key.Id} {rule.Key.Message}");
        }

        Console.WriteLine();
        Line("all", all);
        Line("each source once, whoever copied it", all.DistinctBy(one => one.Text).ToList());
        Exported("all", all);
        Exported("each source once, whoever copied it", all.DistinctBy(one => one.Text).ToList());
        Ran("all", all);
        Ran("each source once, whoever copied it", all.DistinctBy(one => one.Text).ToList());
    }

    /// <summary>How many of the analysed classes can be exported to ONNX, and what keeps the others from it.</summary>
    private static void Exported(string name, IReadOnlyList<CorpusClass> classes)
    {
        var analysed = classes.Where(one => one is { IsAnalysed: true, OwnErrors.Count: 0 }).ToList();
        var exported = analysed.Where(one => one.NotExported.Count == 0).ToList();
        var closed = exported.Count(one => one.HoldsNotExported is null);
        var share = 100.0 * exported.Count / Math.Max(1, analysed.Count);
        Console.WriteLine(FormattableString.Invariant(
            $"\n{name}: {exported.Count} of {analysed.Count} analysed classes ({share:f1} %) have nothing in forward that ONNX lacks; ")
                + FormattableString.Invariant($"{closed} with every class that they hold"));
        foreach (var reason in analysed.SelectMany(one => one.NotExported.Select(report => Reason(report.GetMessage())).Distinct()).GroupBy(reason => reason)
            .OrderByDescending(same => same.Count()).Take(25))
        {
            Console.WriteLine($"{reason.Count(),10} × {reason.Key}");
        }
    }

    /// <summary>Why, without the class, the remedy and the expression in brackets.</summary>
    private static string Reason(string message) => message.Split("because ")[^1].Split(';')[0].Split('(')[0].Split(", a ")[^1].Trim();

    /// <summary>How the classes went that were run, and for each kind the reasons.</summary>
    private static void Ran(string name, IReadOnlyList<CorpusClass> classes)
    {
        var outcomes = classes.Select(one => one.Outcome).OfType<Outcome>().ToList();
        if (outcomes.Count == 0)
        {
            return;
        }

        Console.WriteLine($"\n{name}: {outcomes.Count(outcome => outcome.Verdict != Verdict.NotRun)} of {outcomes.Count} analysed classes created and run");
        foreach (var same in outcomes.GroupBy(outcome => outcome.Verdict).OrderBy(same => same.Key))
        {
            Console.WriteLine($"{same.Count(),5} {same.Key}");
            foreach (var reason in same.Where(outcome => outcome.Because.Length > 0).GroupBy(outcome => outcome.Because.Split('\n')[0])
                .OrderByDescending(alike => alike.Count()).Take(25))
            {
                Console.WriteLine($"{reason.Count(),10} × {reason.Key}");
            }
        }
    }

    private static void Line(string name, IReadOnlyList<CorpusClass> classes)
    {
        var broken = classes.Count(one => one.OwnErrors.Count > 0);
        var sound = classes.Where(one => one.OwnErrors.Count == 0).ToList();
        var analysed = sound.Count(one => one.IsAnalysed);
        var refused = sound.Where(one => !one.IsAnalysed).ToList();
        var unsaid = refused.Count(one => one.Refusals.Count == 0);
        var elsewhere = refused.Count(one => one.RefusalsElsewhere.Count > 0);
        var closed = sound.Count(one => one is { IsAnalysed: true, HoldsRefused: null });
        var closedShare = sound.Count == 0 ? "" : FormattableString.Invariant($" ({100.0 * closed / sound.Count:f1} %)");
        var share = sound.Count == 0 ? "" : FormattableString.Invariant($", {100.0 * analysed / sound.Count:f1} %");
        Console.WriteLine(
            $"{name}: {classes.Count} classes with a forward of their own, {broken} of them do not compile by themselves; of the others {analysed} "
                + $"analysed, {refused.Count} refused{share}; {closed}{closedShare} analysed with every class that they hold; "
                + $"{refused.Count - unsaid - elsewhere} of the refused with a diagnostic at an expression or "
                + $"at a type that is named{Unless(elsewhere, "ELSEWHERE")}{Unless(unsaid, "WITHOUT A DIAGNOSTIC")}");
    }

    private static string Unless(int count, string what) => count == 0 ? "" : $", {count} {what}";
}
