using System.Diagnostics;
using System.Net;
using System.Text.Json;
using System.Xml.Linq;

namespace PruneGen.Reports.Tests;

/// <summary>A browser without a window, where there is one: the variable <c>PRUNEGEN_BROWSER</c> names it, else a Chromium is looked for on the path.</summary>
internal static class Browser
{
    private static readonly string[] Names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge"];

    /// <summary>Its program; null where there is none.</summary>
    public static string? Program { get; } = Environment.GetEnvironmentVariable("PRUNEGEN_BROWSER") ?? Find();

    /// <summary>What pages look like when they are laid out.</summary>
    /// <param name="pages">The pages.</param>
    /// <param name="width">Of the window, in pixels.</param>
    /// <param name="isDark">Whether the reader's machine is dark.</param>
    /// <param name="folder">Where files may be made.</param>
    public static Layout[] Show(IReadOnlyList<string> pages, int width, bool isDark, string folder)
    {
        // The pages have no script, so a page around them looks.
        var frames = string.Concat(pages.Select(page => $"<iframe style=\"border:0;width:{width}px;height:900px\" srcdoc=\"{WebUtility.HtmlEncode(page)}\"></iframe>"));
        var around = $$"""
            <!DOCTYPE html><html><body>{{frames}}<pre id="found"></pre>
            <script>
            onload = () => {
             document.getElementById('found').textContent = JSON.stringify([...document.querySelectorAll('iframe')].map(frame => {
              const page = frame.contentDocument, style = element => frame.contentWindow.getComputedStyle(element);
              const seen = [...page.querySelectorAll('svg, img, table, figure')];
              return {
                Width: page.documentElement.scrollWidth,
                Paper: style(page.body).backgroundColor,
                Ink: style(page.body).color,
                Soft: style(page.querySelector('.soft')).color,
                Card: style(page.querySelector('.card, figure') ?? page.body).backgroundColor,
                Invisible: seen.filter(element => element.getBoundingClientRect().width < 5 && !element.closest('details')).length,
                Cut: [...page.querySelectorAll('svg.chart text')].filter(text => {
                  const inside = text.getBoundingClientRect(), all = text.closest('svg').getBoundingClientRect();
                  return inside.left < all.left - 1 || inside.right > all.right + 1 || inside.bottom > all.bottom + 1 || inside.top < all.top - 1;
                }).map(text => text.textContent),
              };
             }));
            };
            </script></body></html>
            """;
        var file = Path.Combine(folder, "around.html");
        File.WriteAllText(file, around);
        var start = new ProcessStartInfo(
            Program!,
            [
                "--headless", "--no-sandbox", "--disable-gpu", "--dump-dom", $"--user-data-dir={Path.Combine(folder, "browser")}",
                $"--blink-settings=preferredColorScheme={(isDark ? 0 : 1)}", $"--window-size={width + 50},1000", new Uri(file).AbsoluteUri,
            ])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        if (!process.WaitForExit(TimeSpan.FromMinutes(2)))
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"{Program} does not end: {error.Result}");
        }

        var (from, dom) = (">", output.Result);
        var at = dom.IndexOf("id=\"found\"", StringComparison.Ordinal);
        Assert.True(at > 0, $"{Program} shows nothing: {dom}{error.Result}");
        var begin = dom.IndexOf(from, at, StringComparison.Ordinal) + 1;
        var json = WebUtility.HtmlDecode(dom[begin..dom.IndexOf("</pre>", begin, StringComparison.Ordinal)]);
        return JsonSerializer.Deserialize<Layout[]>(json)!;
    }

    private static string? Find() => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .SelectMany(folder => Names.Select(name => Path.Combine(folder, OperatingSystem.IsWindows() ? name + ".exe" : name))).FirstOrDefault(File.Exists);
}

/// <summary>What was measured of a page.</summary>
/// <param name="Width">Of all that is on it: more than the window's where one has to scroll sideways.</param>
/// <param name="Paper">The colour behind the text.</param>
/// <param name="Ink">That of the text.</param>
/// <param name="Soft">That of what matters less.</param>
/// <param name="Card">That behind charts.</param>
/// <param name="Invisible">How many pictures and tables have no width.</param>
/// <param name="Cut">What of charts stands beyond their edge.</param>
internal sealed record Layout(int Width, string Paper, string Ink, string Soft, string Card, int Invisible, string[] Cut)
{
    /// <summary>How well a colour can be read on another, from 1 to 21 (WCAG 2).</summary>
    public static double Contrast(string one, string other)
    {
        var (high, low) = (Luminance(one), Luminance(other));
        return (Math.Max(high, low) + 0.05) / (Math.Min(high, low) + 0.05);
    }

    public static double Luminance(string colour)
    {
        var parts = colour[(colour.IndexOf('(') + 1)..^1].Split(',').Take(3).Select(part => int.Parse(part) / 255.0)
            .Select(part => part <= 0.03928 ? part / 12.92 : Math.Pow((part + 0.055) / 1.055, 2.4)).ToArray();
        return (0.2126 * parts[0]) + (0.7152 * parts[1]) + (0.0722 * parts[2]);
    }
}
