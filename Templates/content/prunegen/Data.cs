using PruneGen;
using static TorchSharp.torch;

namespace PruneGenApp;

/// <summary>
/// Pictures of 16×16 with a bar, lying, standing or slanting, in noise: drawn here, so that nothing is to be fetched. Put your data in its place.
/// </summary>
public static class Data
{
    public const int Classes = 4;
    private const int Size = 16;

    /// <summary>So many pictures with their classes, in batches of 64.</summary>
    public static TrainingData Draw(int count, int seed, bool shuffle)
    {
        var random = new Random(seed);
        var pixels = new float[count * Size * Size];
        var classes = new long[count];
        for (var i = 0; i < count; i++)
        {
            classes[i] = random.Next(Classes);
            var (row, column) = (random.Next(3, Size - 3), random.Next(3, Size - 3));
            for (var y = 0; y < Size; y++)
            {
                for (var x = 0; x < Size; x++)
                {
                    var distance = classes[i] switch { 0 => y - row, 1 => x - column, 2 => y - row - (x - column), _ => y - row + (x - column) };
                    pixels[(((i * Size) + y) * Size) + x] = (Math.Abs(distance) < 1 ? 1 : 0) + (0.6f * (float)(random.NextDouble() - 0.5));
                }
            }
        }

        return TrainingData.FromTensors(tensor(pixels, [count, 1, Size, Size]), tensor(classes), batchSize: 64, shuffle: shuffle);
    }
}
