namespace PruneGen.Axes.Tests;

/// <summary>The words of [Axes]: what they are read as, and what is said of those that cannot be read.</summary>
public class AxesNotationTests
{
    [Theory]
    [InlineData("N C H W -> N C H W", "N C H W", "N C H W")]
    [InlineData(" N   C->N\tC ", "N C", "N C")]
    [InlineData("N C, 1 C -> N C, N", "N C | 1 C", "N C | N")]
    [InlineData("N (C H W) -> N C H W", "N (C H W)", "N C H W")]
    [InlineData("... C -> ... (2 C)", "... C", "... (2 C)")]
    [InlineData("... -> ...", "...", "...")]
    [InlineData("N 3 224 x_1 -> N O", "N 3 224 x_1", "N O")]
    [InlineData("N C L -> N C C", "N C L", "N C C")]
    public void Inputs_and_results(string text, string inputs, string results)
    {
        var notation = AxesNotation.Parse(text);
        Assert.Equal(inputs, string.Join(" | ", notation.Inputs));
        Assert.Equal(results, string.Join(" | ", notation.Results));
    }

    [Theory]
    [InlineData("O C H W, O", "O C H W|O")]
    [InlineData("2 O  H 3", "2 O H 3")]
    [InlineData("0", "")]
    [InlineData("", null)]
    public void Multiply_accumulates_are_products(string text, string? products) =>
        Assert.Equal(products, AxesNotation.Parse("N C H W -> N O H W", "weight: O C", "", text).Macs is { } macs ? string.Join('|', macs.Select(product => string.Join(' ', product))) : null);

    [Theory]
    [InlineData("O X", "no input, result or parameter has a dimension X (character 3); write their names, and numbers")]
    [InlineData("O (C H)", "a product of multiply-accumulates has ... or parentheses (character 1); write each factor by itself, with spaces between them")]
    [InlineData("O -> C", "'-' is not understood (character 3); write names and numbers, with spaces between factors and commas between products")]
    public void Multiply_accumulates_that_cannot_be_read(string text, string message)
    {
        var exception = Assert.Throws<AxesNotationException>(() => AxesNotation.Parse("N C H W -> N O H W", "", "", text));
        Assert.Equal((message, AxesText.Macs), (exception.Message, exception.Part));
    }

    [Fact]
    public void Parameters_and_inexact_names()
    {
        var notation = AxesNotation.Parse("N C -> N O", "weight: O C, inner.bias_1 : (2 O), scale: 1 3", "C  N");
        Assert.Equal(["weight: O C", "inner.bias_1: (2 O)", "scale: 1 3"], notation.Parameters.Select(parameter => $"{parameter.Parameter}: {parameter}"));
        Assert.Equal(["C", "N"], notation.Inexact);
    }

    [Theory]
    [InlineData("", 1, "nothing is said; write the dimensions of each input")]
    [InlineData("   ", 4, "nothing is said")]
    [InlineData("N C", 4, "there is no ->; write ->")]
    [InlineData("N C H W ->", 11, "a tensor without dimensions is described; write its dimensions")]
    [InlineData("-> N C", 1, "a tensor without dimensions is described")]
    [InlineData("N C, -> N C", 6, "a tensor without dimensions is described")]
    [InlineData("N (C H -> N C H", 8, "'-' stands in parentheses; write names and numbers there")]
    [InlineData("N C -> N (C H", 10, "a ( is never closed; write ) behind the last factor")]
    [InlineData("N C) -> N C", 4, "a ) closes nothing; write ( before the first factor")]
    [InlineData("N ((C H) W) -> N C", 4, "'(' stands in parentheses")]
    [InlineData("N () -> N", 3, "a product has no factors; name them: (C H W)")]
    [InlineData("N C C -> N C", 5, "C stands twice in one input; give one of the two dimensions another name")]
    [InlineData("NC C (C H) -> N C", 7, "C stands twice in one input")]
    [InlineData("N C -> N C -> N C", 12, "'-' is not understood; behind -> stand the results")]
    [InlineData("N C : N C", 5, "':' is not understood; write ->")]
    [InlineData("N 0 -> N", 3, "0 is no size; write a number of 1 or more")]
    [InlineData("N 2d -> N", 3, "2d is no size")]
    [InlineData("N * -> N", 3, "'*' is not understood; names have letters, digits and _")]
    [InlineData("N ... C -> N C", 3, "'.' is not understood; write ..., at the front of a tensor")]
    [InlineData("N C -> ... C", 8, "a result has ... but no input has; write ... at the front of the input")]
    public void What_cannot_be_read_is_refused_where_it_stands(string text, int character, string message)
    {
        var exception = Assert.Throws<AxesNotationException>(() => AxesNotation.Parse(text));
        Assert.Equal(AxesText.Notation, exception.Part);
        Assert.Equal(character - 1, exception.Position);
        Assert.Contains($" (character {character}); ", exception.Message, StringComparison.Ordinal);
        Assert.StartsWith(message, exception.Message.Replace($" (character {character})", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("weight", 7, "a parameter's name and a colon are missing")]
    [InlineData(": C", 1, "a parameter's name and a colon are missing")]
    [InlineData("weight: O C bias: O", 17, "':' is not understood")]
    [InlineData("weight:", 8, "a tensor without dimensions is described")]
    [InlineData("weight: C, weight: C", 20, "weight is described twice")]
    [InlineData("weight: ... C", 14, "weight has ...")]
    public void Parameters_that_cannot_be_read(string text, int character, string problem)
    {
        var exception = Assert.Throws<AxesNotationException>(() => AxesNotation.Parse("N C -> N C", text));
        Assert.Equal((AxesText.Parameters, character - 1), (exception.Part, exception.Position));
        Assert.StartsWith($"{problem} (character {character}); ", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_inexact_name_is_one_of_an_input()
    {
        var exception = Assert.Throws<AxesNotationException>(() => AxesNotation.Parse("N C -> N O", "", "C O"));
        Assert.Equal((AxesText.Inexact, 2), (exception.Part, exception.Position));
        Assert.Equal("no input has a dimension O (character 3); write names of the inputs, with spaces between them", exception.Message);
    }
}
