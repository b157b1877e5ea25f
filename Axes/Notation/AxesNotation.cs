using System.Globalization;

namespace PruneGen.Axes;

/// <summary>
/// The words of <c>[Axes]</c>, read: <c>N C H W -> N O H W</c> with the dimensions of parameters, <c>weight: O C, bias: O</c>,
/// and the names that are inexact. Both halves read them here, the generator from the source and the linker from the live model.
/// </summary>
public sealed class AxesNotation
{
    private AxesNotation(
        IReadOnlyList<AxesShape> inputs,
        IReadOnlyList<AxesShape> results,
        IReadOnlyList<AxesShape> parameters,
        IReadOnlyList<string> inexact,
        IReadOnlyList<IReadOnlyList<AxesDim>>? macs)
    {
        Macs = macs;
        Inputs = inputs;
        Results = results;
        Parameters = parameters;
        Inexact = inexact;
    }

    /// <summary>The inputs, in order; one or more.</summary>
    public IReadOnlyList<AxesShape> Inputs { get; }

    /// <summary>The results, in order; one or more.</summary>
    public IReadOnlyList<AxesShape> Results { get; }

    /// <summary>The parameters and buffers, each with its name.</summary>
    public IReadOnlyList<AxesShape> Parameters { get; }

    /// <summary>The names whose removal changes the values of the others.</summary>
    public IReadOnlyList<string> Inexact { get; }

    /// <summary>The multiply-accumulates, as the factors of each product; null where nothing is said of them.</summary>
    public IReadOnlyList<IReadOnlyList<AxesDim>>? Macs { get; }

    /// <summary>Reads the words of <c>[Axes]</c>.</summary>
    /// <param name="notation">The inputs and results.</param>
    /// <param name="parameters">The parameters; may be empty.</param>
    /// <param name="inexact">The inexact names; may be empty.</param>
    /// <param name="macs">The multiply-accumulates; may be empty.</param>
    /// <exception cref="AxesNotationException">They cannot be read; the message says where and what to write.</exception>
    public static AxesNotation Parse(string notation, string parameters = "", string inexact = "", string macs = "")
    {
        var reader = new Reader(AxesText.Notation, notation);
        if (reader.AtEnd)
        {
            throw reader.Error("nothing is said", "write the dimensions of each input, -> and those of each result, such as \"N C H W -> N C H W\"");
        }

        var inputs = reader.Shapes(distinct: true);
        if (!reader.Take("->"))
        {
            throw reader.Error(
                reader.AtEnd ? "there is no ->" : $"'{reader.Word()}' is not understood", "write ->, and behind it the dimensions of each result");
        }

        var results = reader.Shapes();
        reader.RequireEnd();
        if (results.Any(result => result.HasRest) && !inputs.Any(input => input.HasRest))
        {
            throw new AxesNotationException(
                AxesText.Notation,
                notation.LastIndexOf("...", StringComparison.Ordinal),
                "a result has ... but no input has",
                "write ... at the front of the input that its dimensions come from");
        }

        var weights = ReadParameters(parameters);
        var names = inputs.Concat(results).Concat(weights).SelectMany(shape => shape.Names).ToList();
        return new AxesNotation(inputs, results, weights, ReadInexact(inexact, inputs), ReadMacs(macs, names));
    }

    private static List<IReadOnlyList<AxesDim>>? ReadMacs(string text, IReadOnlyList<string> names)
    {
        if (text.Trim() is "" or "0")
        {
            return text.Trim() == "0" ? [] : null;
        }

        var reader = new Reader(AxesText.Macs, text);
        var products = reader.Shapes();
        reader.RequireEnd("write names and numbers, with spaces between factors and commas between products");
        var factors = products.SelectMany(product => product.Dims).ToList();
        return products.Any(product => product.HasRest) || factors.Any(factor => factor.Factors.Count > 0)
            ? throw new AxesNotationException(
                AxesText.Macs, 0, "a product of multiply-accumulates has ... or parentheses", "write each factor by itself, with spaces between them")
            : factors.SelectMany(factor => factor.Names).FirstOrDefault(name => !names.Contains(name)) is { } unknown
                ? throw new AxesNotationException(
                    AxesText.Macs,
                    text.IndexOf(unknown, StringComparison.Ordinal),
                    $"no input, result or parameter has a dimension {unknown}",
                    "write their names, and numbers")
                : products.ConvertAll(product => product.Dims);
    }

    private static List<AxesShape> ReadParameters(string text)
    {
        var reader = new Reader(AxesText.Parameters, text);
        var parameters = new List<AxesShape>();
        while (!reader.AtEnd)
        {
            if (parameters.Count > 0 && !reader.Take(","))
            {
                throw reader.Error($"'{reader.Word()}' is not understood", "write a comma between parameters");
            }

            var name = reader.Path();
            if (name.Length == 0 || !reader.Take(":"))
            {
                throw reader.Error("a parameter's name and a colon are missing", "write them as \"weight: O C, bias: O\"");
            }

            if (parameters.Any(parameter => parameter.Parameter == name))
            {
                throw reader.Error($"{name} is described twice", "leave one of the two out");
            }

            var shape = reader.Shape(name);
            parameters.Add(shape.HasRest ? throw reader.Error($"{name} has ...", "name every dimension of a parameter") : shape);
        }

        return parameters;
    }

    private static List<string> ReadInexact(string text, IReadOnlyList<AxesShape> inputs)
    {
        var reader = new Reader(AxesText.Inexact, text);
        var names = new List<string>();
        while (!reader.AtEnd)
        {
            var name = reader.Word();
            if (!inputs.Any(input => input.Names.Contains(name)))
            {
                throw reader.Error($"no input has a dimension {name}", "write names of the inputs, with spaces between them");
            }

            names.Add(name);
            reader.Skip(name.Length);
        }

        return names;
    }

    /// <summary>Goes through one text from front to back.</summary>
    private sealed class Reader
    {
        private const string Rest = "...";
        private readonly AxesText part;
        private readonly string text;
        private HashSet<string>? taken;
        private int at;

        public Reader(AxesText part, string text)
        {
            (this.part, this.text) = (part, text);
            SkipSpace();
        }

        public bool AtEnd => at == text.Length;

        public AxesNotationException Error(string problem, string remedy, int? position = null) => new(part, position ?? at, problem, remedy);

        public bool Take(string sign)
        {
            if (string.CompareOrdinal(text, at, sign, 0, sign.Length) != 0)
            {
                return false;
            }

            Skip(sign.Length);
            return true;
        }

        public void Skip(int count)
        {
            at += count;
            SkipSpace();
        }

        /// <summary>What stands here up to the next space, or the next sign; for messages and names.</summary>
        public string Word()
        {
            var end = at;
            while (end < text.Length && IsOfName(text[end]))
            {
                end++;
            }

            return text.Substring(at, Math.Max(end - at, AtEnd ? 0 : 1));
        }

        /// <summary>The name of a parameter, which may have dots.</summary>
        public string Path()
        {
            var start = at;
            while (at < text.Length && (IsOfName(text[at]) || text[at] == '.'))
            {
                at++;
            }

            var path = text.Substring(start, at - start);
            SkipSpace();
            return path;
        }

        /// <param name="distinct">Whether no name may stand twice in one of them.</param>
        public List<AxesShape> Shapes(bool distinct = false)
        {
            var shapes = new List<AxesShape>();
            do
            {
                taken = distinct ? new(StringComparer.Ordinal) : null;
                shapes.Add(Shape(""));
            }
            while (Take(","));
            taken = null;
            return shapes;
        }

        public AxesShape Shape(string parameter)
        {
            var hasRest = Take(Rest);
            var dims = new List<AxesDim>();
            while (Dim() is { } dim)
            {
                dims.Add(dim);
            }

            if (dims.Count == 0 && !hasRest)
            {
                throw Error("a tensor without dimensions is described", "write its dimensions, with spaces between them; 1 is a dimension of one index");
            }

            return new AxesShape(parameter, dims, hasRest);
        }

        public void RequireEnd(string remedy = "behind -> stand the results, with commas between them, and nothing more")
        {
            if (!AtEnd)
            {
                throw Error($"'{Word()}' is not understood", remedy);
            }
        }

        private AxesDim? Dim()
        {
            var start = at;
            if (Take("("))
            {
                var factors = new List<AxesDim>();
                while (!Take(")"))
                {
                    factors.Add(
                        AtEnd
                            ? throw Error("a ( is never closed", "write ) behind the last factor", start)
                            : Simple() ?? throw Error($"'{Word()}' stands in parentheses", "write names and numbers there, with spaces between them"));
                }

                return factors.Count > 0 ? new AxesDim(factors) : throw Error("a product has no factors", "name them: (C H W)", start);
            }

            return Simple();
        }

        /// <summary>A name or a number; null where neither stands here, which whoever asked may be waiting for.</summary>
        private AxesDim? Simple()
        {
            if (AtEnd || text[at] is ',' or '-' or '(' or ')' or ':')
            {
                return text.Length > at && text[at] == ')' ? throw Error("a ) closes nothing", "write ( before the first factor, or take it out") : null;
            }

            var (start, word) = (at, Word());
            if (!IsOfName(word[0]))
            {
                throw text[at] == '.'
                    ? Error("'.' is not understood", "write ..., at the front of a tensor, for any further dimensions")
                    : Error($"'{word}' is not understood", "names have letters, digits and _");
            }

            Skip(word.Length);
            if (!char.IsDigit(word[0]))
            {
                return taken?.Add(word) == false
                    ? throw Error($"{word} stands twice in one input", "give one of the two dimensions another name", start)
                    : new AxesDim(word);
            }

            return long.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var size) && size > 0
                ? new AxesDim(size)
                : throw Error($"{word} is no size", "write a number of 1 or more, or a name that begins with a letter", start);
        }

        private void SkipSpace()
        {
            while (at < text.Length && char.IsWhiteSpace(text[at]))
            {
                at++;
            }
        }

        private static bool IsOfName(char letter) => char.IsLetterOrDigit(letter) || letter == '_';
    }
}

/// <summary>Which of the texts of <c>[Axes]</c>.</summary>
public enum AxesText
{
    /// <summary>The inputs and results.</summary>
    Notation,

    /// <summary>The parameters.</summary>
    Parameters,

    /// <summary>The inexact names.</summary>
    Inexact,

    /// <summary>The multiply-accumulates.</summary>
    Macs,
}

/// <summary>One tensor in the notation.</summary>
public sealed class AxesShape
{
    internal AxesShape(string parameter, IReadOnlyList<AxesDim> dims, bool hasRest) => (Parameter, Dims, HasRest) = (parameter, dims, hasRest);

    /// <summary>The name of the parameter that it is; empty for an input or result.</summary>
    public string Parameter { get; }

    /// <summary>Its dimensions, behind <c>...</c> where it has that.</summary>
    public IReadOnlyList<AxesDim> Dims { get; }

    /// <summary>Whether further dimensions may stand in front.</summary>
    public bool HasRest { get; }

    /// <summary>Every name in it, those inside of products too.</summary>
    public IEnumerable<string> Names => Dims.SelectMany(dim => dim.Names);

    /// <inheritdoc/>
    public override string ToString() => string.Join(" ", (HasRest ? new[] { "..." } : []).Concat(Dims.Select(dim => dim.ToString())));
}

/// <summary>One dimension in the notation: a name, a number, or a product of these.</summary>
public sealed class AxesDim
{
    internal AxesDim(string name) => Name = name;

    internal AxesDim(long size) => Size = size;

    internal AxesDim(IReadOnlyList<AxesDim> factors) => Factors = factors;

    /// <summary>Its name, or null.</summary>
    public string? Name { get; }

    /// <summary>Its size, or null where it is no number.</summary>
    public long? Size { get; }

    /// <summary>The factors of a product, outermost first; empty for a name or a number.</summary>
    public IReadOnlyList<AxesDim> Factors { get; } = [];

    /// <summary>Every name in it.</summary>
    public IEnumerable<string> Names => Name is not null ? [Name] : Factors.SelectMany(factor => factor.Names);

    /// <inheritdoc/>
    public override string ToString() => Name ?? Size?.ToString(CultureInfo.InvariantCulture) ?? $"({string.Join(" ", Factors)})";
}

/// <summary>What is wrong with the words of <c>[Axes]</c>, and what to write instead.</summary>
public sealed class AxesNotationException : Exception
{
    internal AxesNotationException(AxesText part, int position, string problem, string remedy)
        : base($"{problem} (character {(position + 1).ToString(CultureInfo.InvariantCulture)}); {remedy}")
    {
        Part = part;
        Position = position;
    }

    /// <summary>The text that it is in.</summary>
    public AxesText Part { get; }

    /// <summary>Where in the text, from 0.</summary>
    public int Position { get; }
}
