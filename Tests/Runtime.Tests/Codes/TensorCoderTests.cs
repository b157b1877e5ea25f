using TorchSharp;
using static TorchSharp.torch;

namespace PruneGen.Runtime.Tests;

public class TensorCoderTests
{
    [Fact]
    public void Random_numbers_are_left_as_they_are()
    {
        using var scope = NewDisposeScope();
        Assert.Null(TensorCoder.Encode(randn(50, 40), code: null, held: null));
    }

    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.Float64)]
    [InlineData(ScalarType.BFloat16)]
    [InlineData(ScalarType.Int64)]
    [InlineData(ScalarType.Bool)]
    public void Tensors_come_back_bit_by_bit(ScalarType type)
    {
        using var scope = NewDisposeScope();
        manual_seed(3);
        foreach (var zeros in new[] { 0.0, 0.3, 0.9, 0.99, 1.0 })
        {
            foreach (var values in new[] { 1, 2, 5, 300 })
            {
                var table = (randn(values) * 100).to_type(type);
                var tensor = table.index_select(0, randint(0, values, 3000)) * rand(3000).ge(zeros).to_type(type);
                Same(tensor.to_type(type).reshape(30, 100), code: null, held: null);
            }
        }
    }

    [Fact]
    public void Negative_zeros_and_numbers_that_are_none_come_back()
    {
        using var scope = NewDisposeScope();
        var odd = tensor([0f, -0f, float.NaN, float.PositiveInfinity, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -0f, 0, 0, 0, 0, 0, 0, 0]);
        Same(odd, code: null, held: null);
    }

    [Fact]
    public void Scattered_elements_are_placed_by_distances_and_many_by_a_bit_each()
    {
        var few = ElementPlaces.Of([5, 700, 10_000], 20_000);
        var many = ElementPlaces.Of([.. Enumerable.Range(0, 20_000).Where(i => i % 3 != 1)], 20_000);
        Assert.InRange(few.Bits, 1, 1000);
        Assert.InRange(many.Bits, 1, 20_002);
        foreach (var (places, stored) in new[] { (few, new[] { 5, 700, 10_000 }), (many, [.. Enumerable.Range(0, 20_000).Where(i => i % 3 != 1)]) })
        {
            var writer = new BitWriter();
            places.Write(writer);
            Assert.Equal(places.Bits, writer.Bits);
            var reader = new BitReader(writer.ToArray());
            Assert.Equal(stored, ElementPlaces.Read(ref reader, 20_000));
        }
    }

    [Fact]
    public void Sixteen_elements_of_four_values_take_the_bits_of_their_codes()
    {
        using var scope = NewDisposeScope();

        // Eight, four, two and two of a value: 28 bits beside the four values and the table, where two bits each are 32, so the table does not pay.
        var shared = new SharedWeight([4, 4], [1, 2, 3, 4], [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 3, 3]);
        var coded = TensorCoder.Encode(shared.Decode(ScalarType.Float32), shared, held: null)!;
        Assert.Equal((32, 0, 0), (coded.Sizes.Codes, coded.Sizes.Positions - 2, coded.Sizes.Values));
        Assert.Equal(16 + (4 * 32) + 1, coded.Sizes.Tables);

        // A hundred times as many: now it does.
        var larger = new SharedWeight([40, 40], [1, 2, 3, 4], [.. Enumerable.Repeat(shared.Codes, 100).SelectMany(codes => codes)]);
        var sizes = TensorCoder.Encode(larger.Decode(ScalarType.Float32), larger, held: null)!.Sizes;
        Assert.Equal((2800, 16 + (4 * 32) + 1 + 16), (sizes.Codes, sizes.Tables));
    }

    /// <summary>Found by random lives: an emptied block that shared values shared none once it was read.</summary>
    [Fact]
    public void A_shared_weight_that_is_all_zero_stays_shared()
    {
        using var scope = NewDisposeScope();
        var code = new SharedWeight([4, 8], [0], new ushort[32]);
        Assert.IsType<SharedWeight>(Same(code.Decode(ScalarType.Float32), code, held: null));
        Assert.IsType<SharedWeight>(Same(code.Decode(ScalarType.Float32), code, [.. Enumerable.Repeat(true, 32)]));
    }

    [Theory]
    [InlineData(5000)]
    [InlineData(ushort.MaxValue)]
    public void A_weight_stays_shared_however_many_values_it_has(int count)
    {
        using var scope = NewDisposeScope();
        var values = Enumerable.Range(1, count).Select(i => (double)i).ToArray();
        var code = new SharedWeight([2, count], values, [.. Enumerable.Range(0, 2 * count).Select(i => (ushort)(i % count))]);
        Assert.IsType<SharedWeight>(Same(code.Decode(ScalarType.Float32), code, held: null));
    }

    /// <summary>Found by random lives: a weight that underflows to -0 in a training was held from the next load on.</summary>
    [Fact]
    public void A_weight_that_is_a_negative_zero_is_not_held_after_it_was_read()
    {
        using var scope = NewDisposeScope();
        var odd = tensor([0f, -0f, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        Same(odd, code: null, held: [.. odd.data<float>().Select((one, i) => i != 1 && one == 0)]);
    }

    [Fact]
    public void What_is_held_comes_back_whether_or_not_it_is_what_is_zero()
    {
        using var scope = NewDisposeScope();
        var tensor = torch.tensor([0f, 1, 0, 2, 0, 3]);
        foreach (var held in new bool[][] { [true, false, true, false, true, false], [true, false, false, false, true, false] })
        {
            Same(tensor, code: null, held);
        }
    }

    [Fact]
    public void Quantized_and_hashed_weights_come_back_with_their_codes()
    {
        using var scope = NewDisposeScope();
        manual_seed(1);
        var weight = randn(6, 20);
        var held = rand(6, 20).gt(0.4);
        foreach (var options in new QuantizeOptions[] { new(), new() { Weights = 3, PerChannel = false }, new() { Grid = WeightGrid.Affine, Weights = 4 }, new() { Grid = WeightGrid.Binary }, new() { Grid = WeightGrid.Ternary } })
        {
            var code = WeightQuantizer.Quantize("fc.weight", weight * held.logical_not(), held, 0, options.Over(QuantizeOptions.Defaults));
            var again = (QuantizedWeight)Same(code.Decode(ScalarType.Float32), code, held.data<bool>().ToArray())!;
            Assert.Equal(code.Codes, again.Codes);
            Assert.Equal(code.Scales, again.Scales);
            Assert.Equal(code.ZeroPoints, again.ZeroPoints);
            Assert.Equal((code.Axis, code.Bits, code.Grid), (again.Axis, again.Bits, again.Grid));
        }

        var hashed = new HashedWeight([6, 20], [0.5, -1, 2], 7, held.data<bool>().ToArray());
        var read = (HashedWeight)Same(hashed.Decode(ScalarType.Float32), hashed, held.data<bool>().ToArray())!;
        Assert.Equal((7, 0.5, -1, 2), (read.Seed, read.Values[0], read.Values[1], read.Values[2]));
    }

    [Fact]
    public void Bytes_that_are_none_of_a_tensor_are_refused_or_read_without_more_memory_than_it_has()
    {
        using var scope = NewDisposeScope();
        manual_seed(2);
        var weight = new SharedWeight([30, 100], [0, 1, 2, 3, 4, 5], [.. Enumerable.Range(0, 3000).Select(i => (ushort)(i % 7 == 0 ? i % 5 : 0))]);
        var bytes = TensorCoder.Encode(weight.Decode(ScalarType.Float32), weight, held: null)!.Bytes;
        var random = new Random(5);
        var refused = 0;
        for (var trial = 0; trial < 3000; trial++)
        {
            var damaged = (byte[])bytes.Clone();
            for (var flip = random.Next(1, 4); flip > 0; flip--)
            {
                damaged[random.Next(damaged.Length)] ^= (byte)(1 << random.Next(8));
            }

            damaged = trial % 3 == 0 ? damaged[..random.Next(damaged.Length)] : damaged;
            try
            {
                var before = GC.GetAllocatedBytesForCurrentThread();
                TensorCoder.Decode(damaged, [30, 100], ScalarType.Float32, new FileParts()).Tensor.Dispose();
                Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
            }
            catch (InvalidDataException)
            {
                refused++;
            }
        }

        Assert.InRange(refused, 1500, 3000);
    }

    private static WeightCode? Same(Tensor tensor, WeightCode? code, bool[]? held)
    {
        if (TensorCoder.Encode(tensor, code, held) is not { } coded)
        {
            return null;
        }

        var sizes = new FileParts();
        var (again, read, readHeld) = TensorCoder.Decode(coded.Bytes, tensor.shape, tensor.dtype, sizes);
        Assert.Equal(tensor.contiguous().bytes.ToArray(), again.bytes.ToArray());
        Assert.Equal(held, readHeld);
        Assert.Equal(code?.GetType(), read?.GetType());
        Assert.Equal(coded.Sizes.Of(0, coded.Bytes.Length), sizes.Of(0, coded.Bytes.Length));
        return read;
    }
}
