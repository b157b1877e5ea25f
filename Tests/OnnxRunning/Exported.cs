using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using TorchSharp;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace PruneGen.OnnxRunning;

/// <summary>An exported model in ONNX Runtime, and how far its answers are from TorchSharp's.</summary>
public sealed class Exported : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("prunegen-onnx-").FullName;

    /// <summary>Exports a model and loads it.</summary>
    /// <param name="export">Writes the file to a path.</param>
    /// <param name="asWritten">Whether ONNX Runtime computes each operator by itself, instead of what it fuses them to.</param>
    public Exported(Func<string, OnnxFile> export, bool asWritten = false)
    {
        File = export(System.IO.Path.Combine(folder, "model.onnx"));
        using var options = Options(asWritten);
        options.OptimizedModelFilePath = System.IO.Path.Combine(folder, "optimized.onnx");
        Session = new InferenceSession(File.Path, options);
        Optimized = System.IO.File.ReadAllText(options.OptimizedModelFilePath, System.Text.Encoding.Latin1);
    }

    /// <summary>One thread, and no sum of codes that overflows on older processors.</summary>
    /// <param name="asWritten">Whether each operator is computed by itself, instead of what ONNX Runtime fuses them to.</param>
    public static SessionOptions Options(bool asWritten = false)
    {
        var options = new SessionOptions { IntraOpNumThreads = 1, InterOpNumThreads = 1, LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR };
        options.AddSessionConfigEntry("session.x64quantprecision", "1");
        options.GraphOptimizationLevel = asWritten ? GraphOptimizationLevel.ORT_DISABLE_ALL : options.GraphOptimizationLevel;
        return options;
    }

    /// <summary>What was exported.</summary>
    public OnnxFile File { get; }

    /// <summary>It, loaded.</summary>
    public InferenceSession Session { get; }

    /// <summary>The model as ONNX Runtime has optimized it, byte by byte: the names of its operators are in it.</summary>
    public string Optimized { get; }

    /// <summary>What ONNX Runtime answers, in the order of the outputs.</summary>
    public Tensor[] Run(params Tensor[] inputs)
    {
        var named = Session.InputMetadata.Keys.Zip(inputs, ToOnnx).ToList();
        using var results = Session.Run(named, [.. File.Outputs.Select(output => output.Name)]);
        return [.. results.Select(ToTorch)];
    }

    /// <summary>The largest absolute difference of any number.</summary>
    /// <exception cref="InvalidOperationException">It gives another number of results, or results of other shapes or element types.</exception>
    public double Difference(Tensor[] expected, params Tensor[] inputs)
    {
        var actual = Run(inputs);
        Require(expected.Length, actual.Length);
        return expected.Zip(actual, Difference).DefaultIfEmpty(0).Max();
    }

    /// <summary>Ends the session, and deletes the file.</summary>
    public void Dispose()
    {
        Session.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    private static double Difference(Tensor expected, Tensor actual)
    {
        Require(string.Join('×', expected.shape), string.Join('×', actual.shape));
        Require(expected.dtype, actual.dtype);
        if (expected.numel() == 0)
        {
            return 0;
        }

        var (first, second) = (expected.to_type(ScalarType.Float64), actual.to_type(ScalarType.Float64));
        var same = first.eq(second).logical_or(first.isnan().logical_and(second.isnan()));
        return where(same, zeros_like(first), first - second).abs().nan_to_num(double.PositiveInfinity).max().item<double>();
    }

    private static void Require<T>(T expected, T actual)
    {
        if (!Equals(expected, actual))
        {
            throw new InvalidOperationException($"TorchSharp gives {expected}, and ONNX Runtime {actual}.");
        }
    }

    internal static NamedOnnxValue ToOnnx(string name, Tensor tensor)
    {
        var dimensions = Array.ConvertAll(tensor.shape, size => (int)size);
        return tensor.dtype switch
        {
            ScalarType.Float32 => NamedOnnxValue.CreateFromTensor(name, new DenseTensor<float>(tensor.data<float>().ToArray(), dimensions)),
            ScalarType.Float64 => NamedOnnxValue.CreateFromTensor(name, new DenseTensor<double>(tensor.data<double>().ToArray(), dimensions)),
            ScalarType.Int64 => NamedOnnxValue.CreateFromTensor(name, new DenseTensor<long>(tensor.data<long>().ToArray(), dimensions)),
            ScalarType.Int32 => NamedOnnxValue.CreateFromTensor(name, new DenseTensor<int>(tensor.data<int>().ToArray(), dimensions)),
            ScalarType.Bool => NamedOnnxValue.CreateFromTensor(name, new DenseTensor<bool>(tensor.data<bool>().ToArray(), dimensions)),
            var type => throw new NotSupportedException($"{type}"),
        };
    }

    internal static Tensor ToTorch(DisposableNamedOnnxValue value)
    {
        return value.ElementType switch
        {
            TensorElementType.Float => Of<float>(tensor),
            TensorElementType.Double => Of<double>(tensor),
            TensorElementType.Int64 => Of<long>(tensor),
            TensorElementType.Int32 => Of<int>(tensor),
            TensorElementType.Bool => Of<bool>(tensor),
            var type => throw new NotSupportedException($"{type}"),
        };

        Tensor Of<T>(Func<T[], Tensor> make)
        {
            var dense = value.AsTensor<T>();
            return make([.. dense]).reshape([.. dense.Dimensions.ToArray().Select(size => (long)size)]);
        }

        static Tensor tensor<T>(T[] numbers) => numbers switch
        {
            float[] all => torch.tensor(all),
            double[] all => torch.tensor(all),
            long[] all => torch.tensor(all),
            int[] all => torch.tensor(all),
            bool[] all => torch.tensor(all),
            _ => throw new NotSupportedException($"{typeof(T)}"),
        };
    }
}
