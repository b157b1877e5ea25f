using Microsoft.ML.OnnxRuntime;
using static TorchSharp.torch;

namespace PruneGen.OnnxRunning;

/// <summary>A model that was exported in stages, run one after the other, each in a session of its own.</summary>
public sealed class Staged : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("prunegen-stages-").FullName;

    /// <summary>Exports a model and loads its stages.</summary>
    /// <param name="export">Writes them to a folder.</param>
    /// <param name="asWritten">Whether ONNX Runtime computes each operator by itself, instead of what it fuses them to.</param>
    public Staged(Func<string, IReadOnlyList<OnnxStage>> export, bool asWritten = false)
    {
        Stages = export(folder);
        using var options = Exported.Options(asWritten);
        Sessions = [.. Stages.Select(stage => new InferenceSession(stage.File.Path, options))];
    }

    /// <summary>What was exported.</summary>
    public IReadOnlyList<OnnxStage> Stages { get; }

    /// <summary>The stages, loaded.</summary>
    public IReadOnlyList<InferenceSession> Sessions { get; }

    /// <summary>Runs the stages. Each takes by name what the model is called with and what earlier stages have made.</summary>
    /// <param name="names">The names of the model's inputs.</param>
    /// <param name="inputs">The inputs.</param>
    /// <param name="results">The names of the model's outputs.</param>
    public Tensor[] Run(IEnumerable<string> names, Tensor[] inputs, IEnumerable<string> results)
    {
        var made = new List<IDisposable>();
        try
        {
            var known = names.Zip(inputs, Exported.ToOnnx).ToDictionary(value => value.Name);
            foreach (var session in Sessions)
            {
                var run = session.Run([.. session.InputMetadata.Keys.Select(name => known[name])]);
                made.Add(run);
                foreach (var value in run)
                {
                    known[value.Name] = value;
                }
            }

            return [.. results.Select(name => Exported.ToTorch((DisposableNamedOnnxValue)known[name]))];
        }
        finally
        {
            made.ForEach(run => run.Dispose());
        }
    }

    /// <summary>Ends the sessions, and deletes the files.</summary>
    public void Dispose()
    {
        foreach (var session in Sessions)
        {
            session.Dispose();
        }

        Directory.Delete(folder, recursive: true);
    }
}
