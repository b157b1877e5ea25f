using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.optim;

namespace TorchSharp.Modules;

/// <summary>What the optimizers have in common: the state of each parameter, saving and loading it, and the frame of a step.</summary>
public abstract class OptimizerHelper : Optimizer
{
    /// <summary>The options that groups take which leave theirs open.</summary>
    protected OptimizerOptions _defaults = null!;

    /// <summary>The state of each parameter, by the parameter's native handle.</summary>
    protected OrderedDict<IntPtr, OptimizerState> _state = new();

    /// <summary>For derived classes.</summary>
    public OptimizerHelper() { }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (!disposing) return;

        foreach (var (_, state) in _state) (state as IDisposable)?.Dispose();
        _state.Clear();
    }

    /// <summary>The frame of a step: evaluates the closure with gradients, then changes each group's parameters without.</summary>
    /// <param name="body">Changes the parameters of one group. What it creates is disposed, unless it moves it out of the scope.</param>
    /// <param name="loss_closure">Evaluates the model, or null.</param>
    /// <returns>What the closure returned; null without one.</returns>
    protected Tensor _step<T>(Action<T> body, Func<Tensor>? loss_closure = null) where T : ParamGroup
    {
        Tensor? loss = null;
        if (loss_closure is not null)
        {
            using var _ = enable_grad();
            loss = loss_closure();
        }

        using (no_grad())
        using (NewDisposeScope())
        {
            foreach (var group in _parameter_groups) body((T)group);
        }
        return loss!;
    }

    /// <summary>The parameters of a group that have a gradient, with their gradients and their state.</summary>
    private protected (Parameter[] parameters, Tensor[] gradients, TState[] states) Updates<TState>(ParamGroup group) where TState : OptimizerState
    {
        var parameters = new List<Parameter>();
        var gradients = new List<Tensor>();
        var states = new List<TState>();
        foreach (var parameter in group.Parameters)
        {
            if (parameter.grad is not { } gradient) continue;

            parameters.Add(parameter);
            gradients.Add(gradient);
            states.Add((TState)_state[parameter.Handle]);
        }
        return ([.. parameters], [.. gradients], [.. states]);
    }

    /// <summary>Takes in a group whose options are complete, with fresh state for its parameters.</summary>
    private protected void AddGroup(ParamGroup group, Func<Parameter, OptimizerState> newState)
    {
        group.InitialLearningRate = group.LearningRate;
        _parameter_groups.Add(group);

        foreach (var parameter in group.Parameters)
        {
            var state = newState(parameter);
            state.Initialize(group.Options);
            _state[parameter.Handle] = state;
        }
    }

    /// <summary>Moves the state to another device.</summary>
    /// <param name="device">The device.</param>
    public void to(Device device)
    {
        foreach (var parameter in parameters()) _state[parameter.Handle].to(device);
    }

    /// <summary>The options and the state, by group and by parameter. It refers to the optimizer's own objects: it is no copy.</summary>
    public virtual StateDictionary state_dict()
    {
        var dictionary = new StateDictionary();
        foreach (var group in _parameter_groups)
        {
            dictionary.Options.Add(group.Options);

            var indices = new List<int>();
            foreach (var parameter in group.Parameters)
            {
                indices.Add(dictionary.State.Count);
                dictionary.State.Add(_state[parameter.Handle]);
            }
            dictionary.StateIndexRef.Add(indices);
        }
        return dictionary;
    }

    /// <summary>Takes over a copy of the options and the state of another optimizer of the same kind.</summary>
    /// <param name="state_dict">What the other's <see cref="state_dict"/> returned.</param>
    /// <exception cref="ArgumentException">The number of groups or of parameters differs.</exception>
    public virtual void load_state_dict(StateDictionary state_dict)
    {
        var own = this.state_dict();
        CheckCounts(own, state_dict.Options.Count, state_dict.State.Count);

        foreach (var (options, source) in own.Options.Zip(state_dict.Options))
            if (options != source) options.LoadStateDict(source);
        foreach (var (state, source) in own.State.Zip(state_dict.State))
            if (state != source) state.LoadStateDict(source);
    }

    /// <summary>Writes the options and the state to a file. The format is TorchSharp's own; PyTorch cannot read it.</summary>
    /// <param name="location">The file's path.</param>
    public void save_state_dict(string location)
    {
        using var writer = new BinaryWriter(File.Create(location));
        save_state_dict(writer);
    }

    /// <summary>Writes the options and the state. The format is TorchSharp's own; PyTorch cannot read it.</summary>
    /// <param name="writer">Where to.</param>
    public void save_state_dict(BinaryWriter writer)
    {
        writer.Write(GetType().Name);

        var own = state_dict();
        writer.Encode(own.Options.Count);
        writer.Encode(own.State.Count);
        foreach (var options in own.Options) options.SaveStateDict(writer);
        foreach (var state in own.State) state.SaveStateDict(writer);
    }

    /// <summary>Reads the options and the state from a file that <see cref="save_state_dict(string)"/> wrote.</summary>
    /// <param name="location">The file's path.</param>
    /// <exception cref="InvalidDataException">The file is that of another kind of optimizer.</exception>
    /// <exception cref="ArgumentException">The number of groups or of parameters differs.</exception>
    public void load_state_dict(string location)
    {
        using var reader = new BinaryReader(File.OpenRead(location));
        load_state_dict(reader);
    }

    /// <summary>Reads the options and the state that <see cref="save_state_dict(BinaryWriter)"/> wrote.</summary>
    /// <param name="reader">Where from.</param>
    /// <exception cref="InvalidDataException">It is the state of another kind of optimizer.</exception>
    /// <exception cref="ArgumentException">The number of groups or of parameters differs.</exception>
    public void load_state_dict(BinaryReader reader)
    {
        var kind = reader.ReadString();
        if (kind != GetType().Name)
            throw new InvalidDataException($"Mismatched optimizer type: expected '{GetType().Name}', but found '{kind}' in the loaded stream.");

        var own = state_dict();
        CheckCounts(own, reader.Decode(), reader.Decode());
        foreach (var options in own.Options) options.LoadStateDict(reader);
        foreach (var state in own.State) state.LoadStateDict(reader);
    }

    private static void CheckCounts(StateDictionary own, long groups, long states)
    {
        if (groups != own.Options.Count)
            throw new ArgumentException($"Invalid optimizer state -- different number of parameter groups: {groups}, but this optimizer has {own.Options.Count}.");
        if (states != own.State.Count)
            throw new ArgumentException($"Invalid optimizer state -- different number of states: {states}, but this optimizer has {own.State.Count}.");
    }
}
