using System.Globalization;
using System.Net;
using System.Text;

namespace PruneGen;

/// <summary>Writes a page that needs nothing but itself: no script, no font, no picture from elsewhere.</summary>
internal static class Html
{
    /// <summary>A whole page.</summary>
    /// <param name="title">Its title, as plain text.</param>
    /// <param name="body">What stands in it, as HTML.</param>
    public static string Page(string title, string body) => $"""
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8"/>
        <meta name="viewport" content="width=device-width, initial-scale=1"/>
        <title>{Text(title)}</title>
        <style>
        {Style()}</style>
        </head>
        <body>
        <main>
        {body}
        </main>
        </body>
        </html>

        """.ReplaceLineEndings("\n");

    /// <summary>A text in which nothing is markup.</summary>
    public static string Text(string text) => WebUtility.HtmlEncode(text);

    /// <summary>Numbers as they are written everywhere, in whatever culture.</summary>
    public static string Number(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    /// <summary>A table; cells are HTML.</summary>
    /// <param name="head">The first row.</param>
    /// <param name="rows">The others.</param>
    /// <param name="ofNumbers">Whether all columns but the first are numbers.</param>
    public static string Table(IReadOnlyList<string> head, IEnumerable<IReadOnlyList<string>> rows, bool ofNumbers = true)
    {
        var text = new StringBuilder("<div class=\"scroll\"><table>\n<thead>").Append(Row("th", head)).Append("</thead>\n<tbody>\n");
        foreach (var row in rows)
        {
            text.Append(Row("td", row)).Append('\n');
        }

        return text.Append("</tbody></table></div>\n").ToString();

        string Row(string cell, IReadOnlyList<string> cells) =>
            $"<tr>{string.Concat(cells.Select((content, i) => $"<{cell}{(ofNumbers && i > 0 ? " class=\"n\"" : "")}>{content}</{cell}>"))}</tr>";
    }

    private static string Style()
    {
        using var stream = typeof(Html).Assembly.GetManifestResourceStream("report.css")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
