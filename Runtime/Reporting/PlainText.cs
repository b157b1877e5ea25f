using System.Globalization;
using Spectre.Console;

namespace PruneGen;

/// <summary>Tables as plain ASCII text, the same with a terminal and without.</summary>
internal static class PlainText
{
    /// <summary>A table of at most so many columns of text.</summary>
    public static string Of(Table table, int width)
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture) { NewLine = "\n" };
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.No,
            ColorSystem = ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(text),
        });
        console.Profile.Width = width;
        console.Write(table.Border(TableBorder.Ascii));
        return string.Join('\n', text.ToString().Split('\n').Select(line => line.TrimEnd())).TrimEnd('\n') + "\n";
    }
}
