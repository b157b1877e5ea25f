using System.Globalization;
using System.Net;
using System.Text;

namespace PruneGen;

/// <summary>Points with a name, joined by a line or not.</summary>
internal sealed record ChartSeries(string Name, IReadOnlyList<(double X, double Y)> Points, bool HasLine);

/// <summary>A picture of numbers over numbers, as SVG.</summary>
internal sealed class Chart(string title, string x, string y)
{
    private const int Width = 760;
    private const int Height = 460;
    private const int Left = 70;
    private const int Right = 190;
    private const int Top = 40;
    private const int Bottom = 55;
    private const int Ticks = 5;
    private const int LegendLine = 18;
    private static readonly string[] Colours = ["#1f77b4", "#d62728", "#2ca02c", "#9467bd", "#ff7f0e", "#17becf", "#8c564b", "#e377c2", "#7f7f7f", "#bcbd22"];

    /// <summary>What is drawn.</summary>
    public required IReadOnlyList<ChartSeries> Series { get; init; }

    /// <summary>The picture.</summary>
    public string ToSvg()
    {
        var body = new StringBuilder();
        var points = Series.SelectMany(series => series.Points).ToList();
        var (lowX, highX) = Range(points.ConvertAll(point => point.X));
        var (lowY, highY) = Range(points.ConvertAll(point => point.Y));
        double AtX(double value) => Left + ((Width - Left - Right) * (value - lowX) / (highX - lowX));
        double AtY(double value) => Height - Bottom - ((Height - Top - Bottom) * (value - lowY) / (highY - lowY));
        void Line(double x1, double y1, double x2, double y2, string style) =>
            body.Append(CultureInfo.InvariantCulture, $"<line x1=\"{x1:0.#}\" y1=\"{y1:0.#}\" x2=\"{x2:0.#}\" y2=\"{y2:0.#}\" {style}/>\n");
        void Words(double left, double top, string words, string style = "") =>
            body.Append(CultureInfo.InvariantCulture, $"<text x=\"{left:0.#}\" y=\"{top:0.#}\" {style}>{WebUtility.HtmlEncode(words)}</text>\n");

        for (var tick = 0; tick <= Ticks; tick++)
        {
            var (valueX, valueY) = (lowX + ((highX - lowX) * tick / Ticks), lowY + ((highY - lowY) * tick / Ticks));
            Line(AtX(valueX), Top, AtX(valueX), Height - Bottom, "stroke=\"#ddd\"");
            Line(Left, AtY(valueY), Width - Right, AtY(valueY), "stroke=\"#ddd\"");
            Words(AtX(valueX), Height - Bottom + LegendLine, Number(valueX), "text-anchor=\"middle\"");
            Words(Left - 6, AtY(valueY) + 4, Number(valueY), "text-anchor=\"end\"");
        }

        Words((Left + Width - Right) / 2.0, Top / 2.0, title, "text-anchor=\"middle\" font-weight=\"bold\"");
        Words((Left + Width - Right) / 2.0, Height - 12, x, "text-anchor=\"middle\"");
        Words(14, Height / 2.0, y, FormattableString.Invariant($"text-anchor=\"middle\" transform=\"rotate(-90 14 {Height / 2})\""));
        foreach (var (series, i) in Series.Select((series, i) => (series, i)))
        {
            var colour = Colours[i % Colours.Length];
            if (series.HasLine)
            {
                var line = string.Join(' ', series.Points.Select(point => FormattableString.Invariant($"{AtX(point.X):0.#},{AtY(point.Y):0.#}")));
                body.Append(CultureInfo.InvariantCulture, $"<polyline points=\"{line}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"1.5\"/>\n");
            }

            foreach (var (pointX, pointY) in series.Points)
            {
                body.Append(CultureInfo.InvariantCulture, $"<circle cx=\"{AtX(pointX):0.#}\" cy=\"{AtY(pointY):0.#}\" r=\"3\" fill=\"{colour}\"/>\n");
            }

            var top = Top + (LegendLine * i);
            body.Append(CultureInfo.InvariantCulture, $"<circle cx=\"{Width - Right + 16}\" cy=\"{top + 6}\" r=\"4\" fill=\"{colour}\"/>\n");
            Words(Width - Right + 26, top + 10, series.Name);
        }

        return $"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{Width}\" height=\"{Height}\" viewBox=\"0 0 {Width} {Height}\" font-family=\"sans-serif\" "
            + $"font-size=\"11\">\n<rect width=\"{Width}\" height=\"{Height}\" fill=\"white\"/>\n{body}</svg>\n";
    }

    /// <summary>From the least to the most, a little apart where all are the same.</summary>
    private static (double Low, double High) Range(List<double> values)
    {
        var (low, high) = values.Count == 0 ? (0, 1) : (values.Min(), values.Max());
        return high > low ? (low, high) : (low - 0.5, high + 0.5);
    }

    private static string Number(double value) => value.ToString(Math.Abs(value) >= 1000 ? "N0" : "0.###", CultureInfo.InvariantCulture);
}
