using System.Text;

namespace PruneGen.Generator.Emission;

/// <summary>Writes lines at an indentation, with the same line ends on every system.</summary>
internal sealed class IndentedWriter
{
    private readonly StringBuilder text = new();
    private int depth;

    /// <summary>Writes a line; text of several lines is indented as a whole.</summary>
    public void Line(string line = "")
    {
        foreach (var part in line.Split('\n'))
        {
            text.Append(' ', part.Length > 0 ? depth * 4 : 0).Append(part).Append('\n');
        }
    }

    /// <summary>Opens a block; disposing of the result closes it.</summary>
    /// <param name="close">What closes it.</param>
    public IDisposable Block(string close = "}")
    {
        Line("{");
        depth++;
        return new Closing(this, close);
    }

    public override string ToString() => text.ToString();

    private sealed class Closing : IDisposable
    {
        private readonly IndentedWriter writer;
        private readonly string close;

        public Closing(IndentedWriter writer, string close)
        {
            this.writer = writer;
            this.close = close;
        }

        public void Dispose()
        {
            writer.depth--;
            writer.Line(close);
        }
    }
}
