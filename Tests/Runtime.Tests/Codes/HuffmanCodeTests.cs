namespace PruneGen.Runtime.Tests;

public class HuffmanCodeTests
{
    [Fact]
    public void Frequent_symbols_have_short_codes()
    {
        // Halves, quarters and eighths: 1, 2, 3 and 3 bits.
        var code = HuffmanCode.Of([8, 4, 2, 2]);
        Assert.Equal([1, 2, 3, 3], Enumerable.Range(0, 4).Select(code.LengthOf));
        Assert.Equal(28, code.BitsFor([8, 4, 2, 2]));
        Assert.Equal(1.75, code.BitsFor([8, 4, 2, 2]) / 16.0);
    }

    [Fact]
    public void A_single_symbol_has_a_code_of_one_bit()
    {
        var code = HuffmanCode.Of([0, 5, 0]);
        Assert.Equal([0, 1, 0], Enumerable.Range(0, 3).Select(code.LengthOf));
        Assert.Equal([1, 1, 1], Again([1, 1, 1], 3));
    }

    [Theory]
    [InlineData(2, 1)]
    [InlineData(7, 2)]
    [InlineData(200, 3)]
    [InlineData(4096, 4)]
    public void Symbols_come_back_and_take_hardly_more_bits_than_they_tell(int alphabet, int seed)
    {
        var random = new Random(seed);
        var symbols = Enumerable.Range(0, 5000).Select(_ => (int)(alphabet * Math.Pow(random.NextDouble(), 4))).ToArray();
        Assert.Equal(symbols, Again(symbols, alphabet));
        var counts = Counts(symbols, alphabet);
        var entropy = counts.Where(count => count > 0).Sum(count => -count / 5000.0 * Math.Log2(count / 5000.0));
        Assert.InRange(HuffmanCode.Of(counts).BitsFor(counts) / 5000.0, entropy, entropy + 1);
    }

    [Fact]
    public void No_code_is_longer_than_its_table_can_say()
    {
        // Each as frequent as the two before together: the deepest code of all.
        var counts = new List<long> { 1, 1 };
        while (counts.Count < 40)
        {
            counts.Add(counts[^1] + counts[^2]);
        }

        var code = HuffmanCode.Of(counts);
        Assert.All(Enumerable.Range(0, 40), symbol => Assert.InRange(code.LengthOf(symbol), 1, HuffmanCode.MaxLength));
        var writer = new BitWriter();
        code.WriteTable(writer);
        var reader = new BitReader(writer.ToArray());
        var again = HuffmanCode.ReadTable(ref reader, 40);
        Assert.Equal(Enumerable.Range(0, 40).Select(code.LengthOf), Enumerable.Range(0, 40).Select(again.LengthOf));
    }

    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(2, 2, 2)]
    [InlineData(0, 0, 0)]
    public void Lengths_of_no_code_are_refused(int one, int two, int three)
    {
        var writer = new BitWriter();
        Array.ForEach([one, two, three], length => writer.Write((uint)length, 4));
        Assert.Throws<InvalidDataException>(() =>
        {
            var reader = new BitReader(writer.ToArray());
            HuffmanCode.ReadTable(ref reader, 3);
        });
    }

    private static long[] Counts(int[] symbols, int alphabet)
    {
        var counts = new long[alphabet];
        Array.ForEach(symbols, symbol => counts[symbol]++);
        return counts;
    }

    private static int[] Again(int[] symbols, int alphabet)
    {
        var writer = new BitWriter();
        var code = HuffmanCode.Of(Counts(symbols, alphabet));
        code.WriteTable(writer);
        Array.ForEach(symbols, symbol => code.Write(writer, symbol));
        var reader = new BitReader(writer.ToArray());
        var again = HuffmanCode.ReadTable(ref reader, alphabet);
        var read = new int[symbols.Length];
        for (var i = 0; i < read.Length; i++)
        {
            read[i] = again.Read(ref reader);
        }

        reader.RequireEnd();
        return read;
    }
}
