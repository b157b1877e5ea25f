using static TorchSharp.torch;

namespace PruneGen.Samples.ModelZoo;

/// <summary>How large a model of the zoo is made.</summary>
public enum ZooSize
{
    /// <summary>As its paper has it.</summary>
    Full,

    /// <summary>The same class with narrow layers and small inputs, which runs in milliseconds.</summary>
    Small,
}

/// <summary>One model of the zoo: what it is called, and how to make it.</summary>
public abstract class ZooModel(string name, string title)
{
    /// <summary>What the program calls it.</summary>
    public string Name => name;

    /// <summary>What it is, and who described it first.</summary>
    public string Title => title;

    /// <summary>Makes a model with random weights.</summary>
    public abstract ZooInstance Create(ZooSize size);

    /// <summary>Makes a model that <see cref="ZooInstance.Save"/> wrote.</summary>
    /// <param name="path">The file.</param>
    /// <param name="size">The size that the saved model was created with.</param>
    /// <exception cref="InvalidDataException">The file is damaged or holds another model.</exception>
    public abstract ZooInstance Load(string path, ZooSize size);
}

/// <summary>One model of the zoo, by its class.</summary>
/// <typeparam name="TModel">The class; PruneGen has generated its pruning code.</typeparam>
/// <param name="name">What the program calls it.</param>
/// <param name="title">What it is, and who described it first.</param>
/// <param name="create">Constructs it.</param>
/// <param name="inputs">Random inputs for so many samples.</param>
/// <param name="forward">Calls it.</param>
public sealed class ZooModel<TModel>(
    string name, string title, Func<ZooSize, TModel> create, Func<ZooSize, long, Tensor[]> inputs, Func<TModel, Tensor[], Tensor[]> forward)
    : ZooModel(name, title)
    where TModel : nn.Module, IPrunable
{
    /// <inheritdoc/>
    public override ZooInstance Create(ZooSize size) => Wrap(create(size), size);

    /// <inheritdoc/>
    public override ZooInstance Load(string path, ZooSize size) => Wrap(Pruning.Load(path, () => create(size)), size);

    private ZooInstance Wrap(TModel model, ZooSize size) => new Instance(model, samples => inputs(size, samples), forward);

    private sealed class Instance(TModel model, Func<long, Tensor[]> inputs, Func<TModel, Tensor[], Tensor[]> forward) : ZooInstance
    {
        private readonly Lazy<long[][]> inputShapes = new(() =>
        {
            using var scope = NewDisposeScope();
            return Array.ConvertAll(inputs(1), input => input.shape);
        });

        public override nn.Module Module => model;

        public override IReadOnlyList<long[]> InputShapes => inputShapes.Value;

        public override Tensor[] Inputs(long samples) => inputs(samples);

        public override Tensor[] Forward(params Tensor[] tensors) => forward(model, tensors);

        public override PruningPlan Plan(PruneOptions? options = null) => PruningPlan.Link(model, options, inputShapes.Value);

        public override void Save(string path) => Pruning.Save(model, path);
    }
}

/// <summary>A model that was made, whatever its class and the number of its inputs and results.</summary>
public abstract class ZooInstance : IDisposable
{
    /// <summary>The model.</summary>
    public abstract nn.Module Module { get; }

    /// <summary>Random inputs for so many samples.</summary>
    public abstract Tensor[] Inputs(long samples);

    /// <summary>The shape of each input, for one sample.</summary>
    public abstract IReadOnlyList<long[]> InputShapes { get; }

    /// <summary>Calls the model.</summary>
    public abstract Tensor[] Forward(params Tensor[] tensors);

    /// <summary>Calls the model in evaluation mode, without gradients.</summary>
    public Tensor[] Evaluate(params Tensor[] tensors)
    {
        Module.eval();
        using var noGradients = no_grad();
        return Forward(tensors);
    }

    /// <summary>Links the model with the shapes of its inputs.</summary>
    /// <param name="options">What to prune and how; null for what the attributes say.</param>
    public abstract PruningPlan Plan(PruneOptions? options = null);

    /// <summary>Saves the model with its widths.</summary>
    public abstract void Save(string path);

    /// <summary>Releases the model.</summary>
    public void Dispose() => Module.Dispose();
}
