using System.Collections;
using TorchSharp;
using TorchSharp.PyBridge;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>
/// Weights to and from PyTorch: state dictionaries as <c>torch.save(model.state_dict(), "model.pth")</c> and safetensors write them. A file whose name
/// ends in <c>.safetensors</c> is one of these; any other is one of PyTorch's own.
/// </summary>
public static class PyTorchWeights
{
    private const string Counted = "num_batches_tracked";

    /// <summary>
    /// Loads a state dictionary. Where its shapes are narrower than the model's, as those of a pruned one are, the model is brought to these widths first. On
    /// any failure it is as it was before.
    /// </summary>
    /// <remarks>
    /// A state dictionary says nothing of zeros that are held, nor of codes: every weight may be trained again, and neither weights nor activations are
    /// quantized any more. It must hold each parameter and buffer of the model and no
    /// other; only the counters of BatchNorm may be missing, which old files lack.
    /// </remarks>
    /// <param name="model">The model: dense, or as narrow as the file already.</param>
    /// <param name="path">The file.</param>
    /// <param name="rename">Gives for each name in the file the model's name of it, and null for what is to be left out; null where the names are the
    /// same.</param>
    /// <exception cref="InvalidDataException">The file is no state dictionary, or not of this model; the message names what differs.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static void LoadPyTorch<TModel>(this TModel model, string path, Func<string, string?>? rename = null)
        where TModel : nn.Module, IPrunable
    {
        using var mode = GradientMode.Begin();
        using var scope = NewDisposeScope();
        using var noGradients = no_grad();
        var saved = Renamed(Read(path), rename, path);
        RequireSameNames(model, saved, path);
        var plan = PruningPlan.LinkModel(model, options: null, []);
        using var before = new ModelState(model, plan.Widths);
        try
        {
            Pruning.ReleaseCodes(model);
            PruneFile.BringToShapes(model, saved.ToDictionary(entry => entry.Key, entry => entry.Value.shape), path);
            var live = model.state_dict();
            if (live.Where(entry => saved.TryGetValue(entry.Key, out var tensor) && !tensor.shape.SequenceEqual(entry.Value.shape))
                    .Select(entry => $"{entry.Key} [{string.Join(", ", saved[entry.Key].shape)}], here [{string.Join(", ", entry.Value.shape)}]").ToList()
                is { Count: > 0 } differing)
            {
                throw new InvalidDataException(
                    $"{path} has other shapes than a {model.GetType().Name} can be brought to: {string.Join("; ", differing.Take(5))}"
                        + $"{(differing.Count > 5 ? $"; and {differing.Count - 5} more" : "")}. Construct the model with the arguments that fit the file.");
            }

            foreach (var (name, tensor) in saved)
            {
                if (tensor.is_floating_point() != live[name].is_floating_point())
                {
                    throw new InvalidDataException(
                        $"{path} has {tensor.dtype} for {name}, which is {live[name].dtype} in a {model.GetType().Name}; save the weights as they "
                            + "are trained.");
                }

                live[name].copy_(tensor);
            }

            Pruning.ReleaseMasks(model);
        }
        catch
        {
            before.Restore();
            throw;
        }
    }

    /// <summary>Saves a model's parameters and buffers as a state dictionary, dense or pruned.</summary>
    /// <param name="model">The model.</param>
    /// <param name="path">The file; it is replaced once the new one is complete.</param>
    /// <param name="rename">Gives for each name of the model the name in the file, and null for what is to be left out; null where the names are the
    /// same.</param>
    /// <exception cref="IOException">The file cannot be written; one that was there is as it was.</exception>
    public static void SavePyTorch(this nn.Module model, string path, Func<string, string?>? rename = null)
    {
        using var scope = NewDisposeScope();
        using var noGradients = no_grad();
        var live = model.state_dict().ToDictionary(entry => entry.Key, entry => entry.Value.detach().cpu().contiguous());
        var tensors = Renamed(live, rename, model.GetType().Name);
        AtomicFile.Write(path, stream =>
        {
            if (IsSafetensors(path))
            {
                Safetensors.SaveStateDict(stream, tensors, leaveOpen: true);
            }
            else
            {
                PyTorchPickler.PickleStateDict(stream, tensors, leaveOpen: true);
            }
        });
    }

    private static bool IsSafetensors(string path) => path.EndsWith(".safetensors", StringComparison.OrdinalIgnoreCase);

    private static Dictionary<string, Tensor> Read(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        try
        {
            if (IsSafetensors(path))
            {
                WholeFile.RequireSafetensors(stream);
                return Safetensors.LoadStateDict(stream, leaveOpen: true);
            }

            WholeFile.RequireArchive(stream);
            return Flat(PyTorchUnpickler.UnpickleStateDict(stream, leaveOpen: true));
        }
        catch (Exception error) when (error is EndOfStreamException or not (IOException or OutOfMemoryException))
        {
            // The package throws whatever its parsers throw at bytes that are something else.
            throw new InvalidDataException(
                $"{path} is no {(IsSafetensors(path) ? "safetensors file" : "state dictionary of PyTorch's")}: {error.Message} Write it by "
                    + (IsSafetensors(path)
                        ? "safetensors.torch.save_file(model.state_dict(), …)." : "torch.save(model.state_dict(), …), with PyTorch 1.6 or later."),
                error);
        }
    }

    /// <summary>The tensors of a state dictionary, also where a training program has put it beside other things.</summary>
    private static Dictionary<string, Tensor> Flat(Hashtable table)
    {
        foreach (var name in new[] { "state_dict", "model_state_dict", "model" })
        {
            if (table[name] is Hashtable inner)
            {
                return Flat(inner);
            }
        }

        var tensors = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        foreach (DictionaryEntry entry in table)
        {
            if (entry is { Key: string name, Value: Tensor tensor })
            {
                tensors.Add(name, tensor);
            }
        }

        return tensors.Count > 0 ? tensors : throw new InvalidDataException("it holds no tensor by name.");
    }

    private static Dictionary<string, Tensor> Renamed(Dictionary<string, Tensor> tensors, Func<string, string?>? rename, string from)
    {
        if (rename is null)
        {
            return tensors;
        }

        var renamed = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        foreach (var (name, tensor) in tensors)
        {
            if (rename(name) is { } other && !renamed.TryAdd(other, tensor))
            {
                throw new InvalidDataException($"Two tensors of {from} are to be called {other}, one of them {name}; give each a name of its own.");
            }
        }

        return renamed;
    }

    private static void RequireSameNames(nn.Module model, Dictionary<string, Tensor> saved, string path)
    {
        var names = model.state_dict().Keys.ToHashSet(StringComparer.Ordinal);
        var missing = names.Where(name => !saved.ContainsKey(name) && !name.EndsWith(Counted, StringComparison.Ordinal)).Order(StringComparer.Ordinal).ToList();
        var unknown = saved.Keys.Where(name => !names.Contains(name)).Order(StringComparer.Ordinal).ToList();
        if (missing.Count > 0 || unknown.Count > 0)
        {
            throw new InvalidDataException(
                $"{path} is not of a {model.GetType().Name}: it lacks {Listed(missing)}, and has {Listed(unknown)}, which the model has not. Where only names "
                    + "differ, give rename, which takes a name of the file and gives the model's.");
        }
    }

    private static string Listed(List<string> names) => names.Count == 0 ? "nothing"
        : $"{string.Join(", ", names.Take(5))}{(names.Count > 5 ? $" and {names.Count - 5} more" : "")}";
}
