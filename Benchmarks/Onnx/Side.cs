using System.Diagnostics;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using PruneGen.Samples.ModelZoo;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace PruneGen.Benchmarks.Onnx;

/// <summary>One way to run a model of one input and one result: in TorchSharp, or a file of it in ONNX Runtime.</summary>
internal abstract class Side(string name) : IDisposable
{
    /// <summary>What the table calls it.</summary>
    public string Name => name;

    /// <summary>Bytes of its file; null where it has none.</summary>
    public virtual long? Bytes => null;

    /// <summary>Answers once more, and tells how many seconds that took.</summary>
    public double Seconds()
    {
        var started = Stopwatch.GetTimestamp();
        Run();
        return Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    /// <summary>What it answers.</summary>
    public abstract float[] Answer();

    public abstract void Dispose();

    protected abstract void Run();

    /// <summary>TorchSharp, eager, in evaluation mode and without gradients.</summary>
    public static Side Torch(string name, ZooInstance model, Tensor input) => new Eager(name, model, input);

    /// <summary>A file of the model in ONNX Runtime.</summary>
    /// <param name="name">What the table calls it.</param>
    /// <param name="model">The model as it is now: the file has its weights.</param>
    /// <param name="input">What is run.</param>
    /// <param name="threads">How many threads it computes with.</param>
    /// <param name="isWide">Whether codes have 8 bits: then sums of products must not be of 16 bits.</param>
    public static Side Onnx(string name, ZooInstance model, Tensor input, int threads, bool isWide) => new Exported(name, model, input, threads, isWide);

    private sealed class Eager(string name, ZooInstance model, Tensor input) : Side(name)
    {
        public override float[] Answer()
        {
            using var scope = NewDisposeScope();
            return model.Evaluate(input)[0].data<float>().ToArray();
        }

        public override void Dispose() => model.Dispose();

        protected override void Run()
        {
            using var scope = NewDisposeScope();
            model.Evaluate(input);
        }
    }

    private sealed class Exported : Side
    {
        private readonly InferenceSession session;
        private readonly NamedOnnxValue[] inputs;

        public Exported(string name, ZooInstance model, Tensor input, int threads, bool isWide)
            : base(name)
        {
            var folder = Directory.CreateTempSubdirectory("prunegen-onnx-").FullName;
            try
            {
                OnnxFile file = ((dynamic)model.Module).ExportOnnx(
                    Path.Combine(folder, "model.onnx"), new OnnxOptions { FoldBatchNorm = true }, model.InputShapes[0]);
                Bytes = new FileInfo(file.Path).Length;
                using var options = new SessionOptions { IntraOpNumThreads = threads, InterOpNumThreads = 1 };
                if (isWide)
                {
                    options.AddSessionConfigEntry("session.x64quantprecision", "1");
                }

                session = new InferenceSession(file.Path, options);
                inputs = [NamedOnnxValue.CreateFromTensor(
                    file.Inputs[0].Name, new DenseTensor<float>(input.data<float>().ToArray(), Array.ConvertAll(input.shape, size => (int)size)))];
            }
            finally
            {
                Directory.Delete(folder, recursive: true);
            }
        }

        public override long? Bytes { get; }

        public override float[] Answer()
        {
            using var results = session.Run(inputs);
            return [.. results[0].AsEnumerable<float>()];
        }

        public override void Dispose() => session.Dispose();

        protected override void Run()
        {
            using var results = session.Run(inputs);
        }
    }
}
