using System.Text;

namespace PruneGen;

/// <summary>A line, or points, of a chart.</summary>
/// <param name="Name">What the legend calls it.</param>
/// <param name="Points">Its points, from left to right.</param>
internal sealed record Series(string Name, IReadOnlyList<(double X, double Y)> Points);

/// <summary>
/// Pictures as inline SVG whose colours are those of the page, light and dark. Plotting libraries write colours into the picture, where a style sheet does not
/// reach them.
/// </summary>
internal static class Charts
{
    private const int Width = 480;
    private const int Height = 240;
    private const int Left = 68;

    // Half of the widest number has room beyond the end of an axis.
    private const int Right = 24;
    private const int Top = 12;
    private const int Bottom = 46;

    /// <summary>How many lines of one chart have a colour of their own.</summary>
    public const int Colours = 6;

    /// <summary>Bars of what was before and what is left, one below the other, as wide as the page.</summary>
    /// <param name="bars">A name, both numbers, and what is said of them.</param>
    /// <param name="each">Whether each bar is as long as the page, to show shares, where sizes would be too different to be seen.</param>
    public static string Bars(IEnumerable<(string Name, double Before, double After, string Said)> bars, bool each = false)
    {
        var all = bars.ToList();
        var most = all.Select(bar => Math.Max(bar.Before, bar.After)).DefaultIfEmpty(1).Max();
        var text = new StringBuilder("<div class=\"bars\">\n");
        foreach (var (name, before, after, said) in all)
        {
            text.Append($"<div><div class=\"name\"><span>{Html.Text(name)}</span><span>{said}</span></div>");
            text.Append(Html.Number($"<div class=\"track\"><i class=\"b\" style=\"width:{Percent(before, before, after)}%\"></i>"));
            text.Append(Html.Number($"<i class=\"a\" style=\"width:{Percent(after, before, after)}%\"></i></div></div>\n"));
        }

        return text.Append("</div>\n").ToString();

        double Percent(double value, double before, double after)
        {
            var whole = each ? Math.Max(before, after) : most;
            return whole > 0 ? Math.Round(100 * value / whole, 2) : 0;
        }
    }

    /// <summary>Lines over a common axis.</summary>
    /// <param name="title">What the chart shows.</param>
    /// <param name="xName">What stands below.</param>
    /// <param name="series">The lines; those without points are left out.</param>
    /// <param name="joined">Whether points are joined by lines.</param>
    /// <param name="highest">How far the axis upwards goes at least, so that several charts have the same.</param>
    public static string Lines(string title, string xName, IReadOnlyList<Series> series, bool joined = true, double highest = 0)
    {
        var shown = series.Where(one => one.Points.Any(point => double.IsFinite(point.Y))).ToList();
        var points = shown.SelectMany(one => one.Points).Where(point => double.IsFinite(point.Y)).ToList();
        if (points.Count == 0)
        {
            return "";
        }

        var (x, y) = (Scale.Of(points.Select(point => point.X), fromZero: false), Scale.Of(points.Select(point => point.Y).Append(highest), fromZero: true));
        var text = Frame(title, xName, x, y);
        for (var i = 0; i < shown.Count; i++)
        {
            var places = shown[i].Points.Where(point => double.IsFinite(point.Y)).Select(point => (X: X(x, point.X), Y: Y(y, point.Y))).ToList();
            if (joined && places.Count > 1)
            {
                var corners = string.Join(' ', places.Select(place => Html.Number($"{place.X:0.#},{place.Y:0.#}")));
                text.Append(Html.Number($"<polyline class=\"series {Look(i)}\" style=\"fill:none\" points=\"{corners}\"/>\n"));
            }

            foreach (var (place, point) in places.Zip(shown[i].Points.Where(point => double.IsFinite(point.Y))))
            {
                text.Append(Html.Number($"<circle class=\"dot {Look(i)}\" cx=\"{place.X:0.#}\" cy=\"{place.Y:0.#}\" r=\"{(joined ? 2.5 : 4)}\">"));
                text.Append(Html.Number($"<title>{Html.Text(shown[i].Name)}: {point.X:0.###}, {point.Y:0.####}</title></circle>\n"));
            }
        }

        return Figure(text, title, string.Join(" ", shown.Select((one, i) =>
            $"<svg width=\"12\" height=\"12\" viewBox=\"0 0 12 12\" aria-hidden=\"true\"><circle class=\"{Look(i)}\" cx=\"6\" cy=\"6\" r=\"4.5\"/></svg> "
                + $"{Html.Text(one.Name)}")));
    }

    /// <summary>The style of a line: where there are more than colours, the next ones are dashed with hollow points, and those behind them dotted.</summary>
    private static string Look(int i) => Html.Number($"c{i % Colours}{new[] { "", " dashed", " dotted" }[Math.Min(i / Colours, 2)]}");

    /// <summary>A histogram.</summary>
    public static string Histogram(WeightHistogram histogram)
    {
        var (x, y) = (new Scale(histogram.From, histogram.To), Scale.Of(histogram.Counts.Select(count => (double)count), fromZero: true));
        var text = Frame(histogram.Name, "weight", x, y);
        var step = (double)(Width - Left - Right) / histogram.Counts.Count;
        for (var i = 0; i < histogram.Counts.Count; i++)
        {
            var top = Y(y, histogram.Counts[i]);
            var (left, width, height) = (Left + (i * step), Math.Max(0.5, step - 1), Height - Bottom - top);
            text.Append(Html.Number($"<rect class=\"bar\" x=\"{left:0.##}\" y=\"{top:0.##}\" width=\"{width:0.##}\" height=\"{height:0.##}\"/>\n"));
        }

        return Figure(text, histogram.Name, Html.Number(
            $"{histogram.Total:N0} weights, {100.0 * histogram.Zeros / Math.Max(1, histogram.Total):0.#} % of them zero and not drawn"));
    }

    private static StringBuilder Frame(string title, string xName, Scale x, Scale y)
    {
        var text = new StringBuilder(Html.Number(
            $"<svg class=\"chart\" viewBox=\"0 0 {Width} {Height}\" role=\"img\" aria-label=\"{Html.Text(title)}\">\n"));
        foreach (var tick in y.Ticks())
        {
            var at = Y(y, tick);
            text.Append(Html.Number($"<line class=\"frame\" x1=\"{Left}\" x2=\"{Width - Right}\" y1=\"{at:0.#}\" y2=\"{at:0.#}\"/>"));
            text.Append(Html.Number($"<text x=\"{Left - 6}\" y=\"{at + 4:0.#}\" text-anchor=\"end\">{Short(tick)}</text>\n"));
        }

        // What is counted has no parts.
        foreach (var tick in x.Ticks().Where(tick => !xName.StartsWith("epoch", StringComparison.Ordinal) || tick == Math.Floor(tick)))
        {
            text.Append(Html.Number(
                $"<text x=\"{X(x, tick):0.#}\" y=\"{Height - Bottom + 18}\" text-anchor=\"middle\">{Short(tick)}</text>\n"));
        }

        return text.Append(Html.Number($"<text x=\"{(Width + Left - Right) / 2}\" y=\"{Height - 4}\" text-anchor=\"middle\">{Html.Text(xName)}</text>\n"));
    }

    private static string Figure(StringBuilder picture, string title, string caption) =>
        $"<figure><strong>{Html.Text(title)}</strong>\n{picture}</svg>\n<figcaption>{caption}</figcaption></figure>\n";

    private static string Short(double value) => Math.Abs(value) switch
    {
        >= 1e9 => Html.Number($"{value / 1e9:0.##}G"),
        >= 1e6 => Html.Number($"{value / 1e6:0.##}M"),
        >= 1e4 => Html.Number($"{value / 1e3:0.##}k"),
        _ => Html.Number($"{value:0.####}"),
    };

    private static double X(Scale scale, double value) => Left + (scale.Share(value) * (Width - Left - Right));

    private static double Y(Scale scale, double value) => Height - Bottom - (scale.Share(value) * (Height - Top - Bottom));

    /// <summary>From where to where an axis goes.</summary>
    private sealed record Scale(double From, double To)
    {
        public static Scale Of(IEnumerable<double> values, bool fromZero)
        {
            var all = values.ToList();
            var (least, most) = (fromZero ? Math.Min(0, all.Min()) : all.Min(), all.Max());
            if (most <= least)
            {
                return new Scale(least - (fromZero ? 0 : 0.5), least + (fromZero ? 1 : 0.5));
            }

            return new Scale(least, fromZero ? most + (0.05 * (most - least)) : most);
        }

        public double Share(double value) => To > From ? (value - From) / (To - From) : 0.5;

        /// <summary>Round numbers, about five of them: 1, 2 or 5 times a power of ten apart.</summary>
        public IEnumerable<double> Ticks()
        {
            var rough = (To - From) / 5;
            var power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
            var step = power * ((rough / power) switch { <= 1 => 1, <= 2 => 2, <= 5 => 5, _ => 10 });
            for (var i = (long)Math.Ceiling((From / step) - 1e-9); i * step <= To + (1e-9 * step); i++)
            {
                yield return i * step;
            }
        }
    }
}
