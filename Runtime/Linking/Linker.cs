using System.Reflection;
using System.Runtime.CompilerServices;
using PruneGen.Axes;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>
/// Walks a live model along its generated <c>Link</c> method: reads each layer's shapes and settings, applies the same
/// rules that the generator applied to the source, and so finds which slices of which parameters belong together.
/// </summary>
public sealed class Linker
{
    private readonly Dictionary<string, PruneOptions> nested = new(StringComparer.Ordinal);
    private readonly Dictionary<(nn.Module Owner, string Member), Axis> numbers = [];
    private readonly OtherInputs others = new();
    private readonly TraceRecorder trace;
    private readonly WidthTies ties;
    private readonly HeldObjects objects;
    private Choices choices = new();

    internal Linker(nn.Module root)
    {
        Modules = new LinkedModules(root);
        ties = new WidthTies(Graph);
        trace = new TraceRecorder(Graph);
        objects = new HeldObjects(KeptByObject);
    }

    /// <summary>The axes found so far.</summary>
    public AxisGraph Graph { get; } = new(isLive: true);

    /// <summary>The modules of the model.</summary>
    internal LinkedModules Modules { get; }

    /// <summary>The attribute defaults of every annotated model below the root, by its path.</summary>
    internal IReadOnlyDictionary<string, PruneOptions> Nested => nested;

    /// <summary>A trace of each way through <c>forward</c> that was gone.</summary>
    internal IReadOnlyList<ForwardTrace> Traces => trace.Traces;

    /// <summary>Those that forward goes with other inputs than the given ones, and other values of its optional parameters than their defaults.</summary>
    internal IReadOnlyList<ForwardTrace> OfOtherInputs => trace.OfOtherInputs;

    /// <summary>The modules with parameters of their own that no way reaches.</summary>
    internal IEnumerable<nn.Module> Unreached => Modules.NotIn(trace.Steps);

    /// <summary>Calls a layer, or a model, that has one result.</summary>
    /// <param name="module">The layer.</param>
    /// <param name="inputs">What it is called with: axis tensors, and whatever else its <c>forward</c> takes.</param>
    /// <exception cref="InvalidOperationException">The module is not registered, or not one that PruneGen knows.</exception>
    /// <exception cref="AxisException">What reaches the layer does not fit it.</exception>
    public AxisTensor Layer(nn.Module module, params object?[] inputs)
    {
        var results = Call(module, inputs);
        return results is [AxisTensor only]
            ? only
            : throw new InvalidOperationException($"{Modules.PathOf(module)} has {results.Length} results where one tensor is used.");
    }

    /// <summary>Calls a layer, or a model, whose results are all tensors.</summary>
    /// <inheritdoc cref="Layer"/>
    public AxisTensor[] Layers(nn.Module module, params object?[] inputs) => Array.ConvertAll(Call(module, inputs), result => (AxisTensor)result!);

    /// <summary>Calls a layer, or a model, with results of any kind.</summary>
    /// <inheritdoc cref="Layer"/>
    public object?[] Call(nn.Module module, params object?[] inputs)
    {
        var results = Called(module, inputs);
        return ForwardHooks.Any(module) ? Hooked(module, inputs, results) : results;
    }

    /// <summary>Holds what a hook may change; what it makes of the results is a gap of the trace.</summary>
    private object?[] Hooked(nn.Module module, object?[] inputs, object?[] results)
    {
        var spec = Modules.SpecOf(module);
        var parameters = module.named_parameters(recurse: false).Select(entry => Graph.ParameterOf(spec, entry.name));
        foreach (var axis in TensorsIn.Result(inputs).Concat(TensorsIn.Result(results)).Concat(parameters).SelectMany(tensor => tensor.Dims))
        {
            Graph.Fix(axis, ForwardHooks.Reason);
        }

        return Array.ConvertAll(results, result => result is AxisTensor tensor
            ? Opaque("forward_hook", [tensor], [("hook", OpArguments.Unknown)], () => [tensor.WithDims(tensor.Dims)])[0]
            : result);
    }

    private object?[] Called(nn.Module module, object?[] inputs)
    {
        var path = Modules.PathOf(module);
        switch (module)
        {
            case var _ when Modules.IsDescribed(module):
                return Described(module, inputs);

            case IPrunable model:
                nested.TryAdd(path, model.PruneDefaults);
                var (asked, outer, kept) = (choices.Asked, trace.Within, objects.Unchanged());
                trace.Within = path;
                var results = model.Link(this, new LinkInputs(inputs));
                trace.Within = outer;
                kept.Where(one => one.IsChanged()).ToList().ForEach(one => trace.CarryOver(one.Path, held: null));
                if (choices.Asked > asked)
                {
                    Join($"the result of {path}", results);
                }

                return results;

            case TorchSharp.Modules.Sequential sequence:
                return sequence.children().Aggregate(inputs, (x, child) => Call(child, x));

            case var _ when LayerAdapters.Knows(module):
                return trace.Add(TraceStepKind.Layer, path, module, inputs, null, () => Apply(module, inputs), "call");

            default:
                return Described(module, inputs);
        }
    }

    /// <summary>Calls <c>forward_with_indices</c> of a layer that takes maxima: these, and the places where it finds them.</summary>
    /// <inheritdoc cref="Layer"/>
    public AxisTensor[] LayerWithIndices(nn.Module module, params object?[] inputs)
    {
        return trace.Add(TraceStepKind.Layer, Modules.PathOf(module), module, inputs, null, MaximaAndPlaces, "forward_with_indices");

        AxisTensor[] MaximaAndPlaces()
        {
            var maxima = Apply(module, inputs)[0];
            return [maxima, maxima];
        }
    }

    private AxisTensor[] Apply(nn.Module module, object?[] inputs) =>
        LayerTable.Apply(Graph, Modules.SpecOf(module), inputs.SelectMany(TensorsIn.Argument).ToArray());

    /// <summary>Describes a module, or each module of a list, as <c>[Axes]</c> on the member that holds it does.</summary>
    /// <param name="owner">The model that it is in.</param>
    /// <param name="path">Its path there; where the live model has no such module, nothing is described.</param>
    /// <param name="notation">The dimensions of its inputs and results.</param>
    /// <param name="parameters">The dimensions of its parameters and buffers.</param>
    /// <param name="inexact">The names whose removal changes the values of the others.</param>
    /// <param name="macs">The multiply-accumulates for one sample.</param>
    public void Describe(nn.Module owner, string path, string notation, string parameters = "", string inexact = "", string macs = "")
    {
        Modules.Describe(owner, path, new AxesAttribute(notation) { Parameters = parameters, Inexact = inexact, Macs = macs });
    }

    /// <summary>Makes the outputs of two layers shrink together, as <c>[CoupledWith]</c> on a member does, once the whole model is linked.</summary>
    /// <param name="owner">The model that has both.</param>
    /// <param name="layer">The name that the one is registered under.</param>
    /// <param name="other">The name of the other, or the path of a layer inside it.</param>
    public void Couple(nn.Module owner, string layer, string other)
    {
        ties.Couple(Modules.Within(owner, layer), Modules.Within(owner, other));
    }

    /// <summary>Applies an operation to one tensor.</summary>
    /// <param name="name">TorchSharp's name of the operation.</param>
    /// <param name="input">The tensor.</param>
    /// <param name="arguments">Its other arguments, by TorchSharp's parameter names.</param>
    /// <exception cref="AxisException">The operation is not known, or its arguments do not fit.</exception>
    public AxisTensor Op(string name, AxisTensor input, params (string Name, object? Value)[] arguments) => Op(name, [input], arguments);

    /// <summary>Applies an operation that has one result to several tensors.</summary>
    /// <inheritdoc cref="Op(string, AxisTensor, ValueTuple{string, object}[])"/>
    public AxisTensor Op(string name, AxisTensor?[] inputs, params (string Name, object? Value)[] arguments)
    {
        var results = Ops(name, inputs, arguments);
        return results.Length == 1
            ? results[0]
            : throw new InvalidOperationException($"{name} has {results.Length} results where one is used.");
    }

    /// <summary>Applies an operation that has several results to one tensor.</summary>
    /// <inheritdoc cref="Op(string, AxisTensor, ValueTuple{string, object}[])"/>
    public AxisTensor[] Ops(string name, AxisTensor input, params (string Name, object? Value)[] arguments) => Ops(name, [input], arguments);

    /// <summary>Applies an operation that has several results.</summary>
    /// <inheritdoc cref="Op(string, AxisTensor, ValueTuple{string, object}[])"/>
    public AxisTensor[] Ops(string name, AxisTensor?[] inputs, params (string Name, object? Value)[] arguments) => trace.Add(
        TraceStepKind.Operation, name, null, inputs, arguments,
        () => OpTable.Apply(Graph, new OpArguments(name, inputs, arguments.ToDictionary(argument => argument.Name, argument => argument.Value))));

    /// <summary>A step of which the trace tells that it is there, and not what it computes.</summary>
    internal AxisTensor[] Opaque(string name, AxisTensor?[] inputs, (string Name, object? Value)[] arguments, Func<AxisTensor[]> apply) =>
        trace.Add(TraceStepKind.Operation, name, null, inputs, arguments, apply);

    /// <summary>
    /// Calls a function of TorchScript, which is text to this program: what goes in keeps its widths, and of what comes out no more is known than
    /// that nothing of it is pruned.
    /// </summary>
    /// <param name="name">Its name.</param>
    /// <param name="inputs">The tensors and sizes that it is given; null for a tensor that is not there.</param>
    public AxisTensor Script(string name, params object?[] inputs) =>
        OutsideCall.Follow(this, name, "script", $"it goes into {name}, a function of TorchScript", 1, inputs)[0];

    /// <summary>
    /// Calls a method of an object that <c>forward</c> is given, which goes by what only the object knows, such as a cache of keys and values: what goes in
    /// keeps its widths, and of what comes out no more is known than that nothing of it is pruned.
    /// </summary>
    /// <param name="name">The method's name.</param>
    /// <param name="results">How many tensors it gives.</param>
    /// <param name="inputs">The tensors and sizes that it is given; null for a tensor that is not there.</param>
    public AxisTensor[] Handed(string name, int results, params object?[] inputs)
    {
        var because = $"it goes into {name}, a method of an object that forward is given, which may do anything (describe it with [Axes])";
        return OutsideCall.Follow(this, name, "object", because, results, inputs);
    }

    /// <summary>A part of a tensor.</summary>
    /// <param name="input">The tensor.</param>
    /// <param name="indices">What is asked of each dimension.</param>
    /// <exception cref="AxisException">There is no such part, or it depends on widths that pruning changes.</exception>
    public AxisTensor Index(AxisTensor input, params AxisSlice[] indices) => Op("index", input, ("indices", indices));

    /// <summary>A parameter or buffer that <c>forward</c> uses by itself; null where the module has none of that name.</summary>
    /// <param name="owner">The module that has it: the model, or one of its layers.</param>
    /// <param name="name">Its name there.</param>
    /// <exception cref="InvalidOperationException">The module is not registered in the model.</exception>
    public AxisTensor Parameter(nn.Module owner, string name) => Modules.SpecOf(owner) is var spec && spec.Has(name)
        ? trace.Add(
            TraceStepKind.Parameter,
            Modules.Within(owner, name),
            owner,
            [name],
            null,
            () => [Graph.ParameterOf(spec, name, isBuffer: owner.get_parameter(name) is null)])[0]
        : null!;

    /// <summary>The parameters of a <c>ParameterList</c>, in order.</summary>
    /// <param name="list">The list.</param>
    /// <exception cref="InvalidOperationException">It is not registered in the model.</exception>
    public IReadOnlyList<AxisTensor> Parameters(nn.Module list) =>
        [.. NamedParameters(list).Select(entry => entry.Parameter)];

    /// <summary>The parameters of a <c>ParameterDict</c> with their keys, in order.</summary>
    /// <param name="dictionary">The dictionary.</param>
    /// <exception cref="InvalidOperationException">It is not registered in the model.</exception>
    public IReadOnlyList<(string Key, AxisTensor Parameter)> NamedParameters(nn.Module dictionary) =>
        [.. dictionary.named_parameters(recurse: false).Select(entry => (entry.name, Parameter(dictionary, entry.name)))];

    /// <summary>
    /// What a field or property holds that <c>forward</c> uses by itself: a parameter or buffer, or a tensor that was never
    /// registered, or was put there after that. Such a tensor is not cut, so it keeps its width, and what meets it does too.
    /// </summary>
    /// <param name="owner">The module that has it.</param>
    /// <param name="name">The name that it would be registered under.</param>
    /// <param name="held">The tensor that is there now; null where there is none.</param>
    /// <exception cref="InvalidOperationException">The module is not registered in the model.</exception>
    public AxisTensor Parameter(nn.Module owner, string name, Tensor? held)
    {
        if (held is null || held.IsInvalid)
        {
            return null!;
        }

        var registered = owner.named_parameters(recurse: false).Select(entry => (entry.name, tensor: (Tensor)entry.parameter))
            .Concat(owner.named_buffers(recurse: false).Select(entry => (entry.name, tensor: entry.buffer)))
            .FirstOrDefault(entry => entry.tensor.Handle == held.Handle).name;
        return registered is null ? Unregistered(Modules.Within(owner, name), held) : Parameter(owner, registered);
    }

    /// <summary>A tensor that is no parameter or buffer of any module: its sizes stay.</summary>
    /// <param name="name">What holds it.</param>
    /// <param name="held">The tensor; null where there is none.</param>
    public AxisTensor Unregistered(string name, Tensor? held) => held is null || held.IsInvalid
        ? null!
        : trace.Add(TraceStepKind.Tensor, name, null, [held], null, () => [new AxisTensor([.. held.shape.Select(size => OfUnregistered(name, size))])])[0];

    /// <summary>
    /// A list, tuple, dictionary or object with tensors in it that was there before <c>forward</c> was called, and that it does not change: its tensors stay
    /// as they are.
    /// </summary>
    /// <param name="name">What holds it.</param>
    /// <param name="held">The live object; null where there is none.</param>
    /// <typeparam name="T">What generated code has in the place of its type.</typeparam>
    /// <exception cref="InvalidOperationException">It is none of these.</exception>
    public T Held<T>(string name, object? held) =>
        (T)objects.Read(typeof(T), trace.Within.Length == 0 ? name : $"{trace.Within}.{name}", held)!;

    /// <summary>A tensor that an object holds; a parameter or buffer that it holds, too, keeps its widths for it.</summary>
    private AxisTensor? KeptByObject(string name, Tensor? held)
    {
        if (held is not null && !held.IsInvalid && Modules.OwnerOf(held) is var (owner, registered))
        {
            var axes = Parameter(owner, registered);
            for (var dim = 0; dim < held.dim(); dim++)
            {
                axes.Size(dim).Hold($"{name} holds it, too, so it keeps its width: use the module's own in forward");
            }
        }

        return Unregistered(name, held);
    }

    /// <summary>
    /// What <c>forward</c> finds in a field where it left it the last time: what is there now is not what it will be, which is a gap of the trace
    /// (<see cref="ForwardTrace.CarriedOver"/>).
    /// </summary>
    /// <param name="name">The field or property.</param>
    /// <param name="held">What is there now; null where there is nothing. What forward itself has put there on this way is no gap.</param>
    public AxisTensor CarriedOver(string name, AxisTensor? held)
    {
        trace.CarryOver(trace.Within.Length == 0 ? name : $"{trace.Within}.{name}", held);
        return held!;
    }

    private Axis OfUnregistered(string name, long size) => size == 1
        ? Graph.NewConstant(1)
        : Graph.NewFixed(
            "", size, $"{name} is not registered, so it keeps its width: create it before RegisterComponents() runs, or hand it to register_buffer");

    /// <summary>A property that tells the width of a layer: the axis that it counts, or the number where it follows none.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="property">The property: <c>out_channels</c>.</param>
    /// <param name="now">What it says now.</param>
    public AxisSize Width(nn.Module layer, string property, long now) =>
        LayerAdapters.StatedWidths(layer)?.Where(width => width.Property == property)
            .Select(width => (AxisSize?)Graph.ParameterOf(Modules.SpecOf(layer), width.Parameter).Size(width.Dim)).FirstOrDefault() ?? now;

    /// <summary>
    /// A number that a field of the model states, and that a width is cut by: heads, channels. It may shrink with what it counts;
    /// compaction then writes the field. Where anything else is computed from it, it stays.
    /// </summary>
    /// <param name="owner">The model that has the field.</param>
    /// <param name="member">The field or property.</param>
    /// <param name="now">What it says now.</param>
    public AxisSize Number(nn.Module owner, string member, long now)
    {
        if (!numbers.TryGetValue((owner, member), out var axis))
        {
            numbers.Add((owner, member), axis = Graph.Number(Modules.SpecOf(owner), member, now));
        }

        return new AxisTensor(axis).Size(0);
    }

    /// <summary>A layer that another model keeps to itself.</summary>
    /// <param name="owner">The model that has it.</param>
    /// <param name="name">The name that it is registered under there.</param>
    /// <param name="optional">Whether the model may be without it; then null stands for that.</param>
    /// <exception cref="InvalidOperationException">The model has registered no layer of that name.</exception>
    public nn.Module Child(nn.Module owner, string name, bool optional = false)
    {
        var children = owner.named_children().ToList();
        var found = children.FirstOrDefault(child => child.name == name).module;

        // A model without any registered layer has not left one out: it has forgotten them.
        return found is not null || (optional && children.Count > 0)
            ? found!
            : throw new InvalidOperationException(
                $"{Modules.PathOf(owner)}, a {owner.GetType().Name}, has registered no layer '{name}', which forward calls. Call RegisterComponents() at the "
                    + $"end of its constructor, or register_module.");
    }

    /// <summary>What a member holds that another model keeps to itself, where one of its methods is run that reads it.</summary>
    /// <param name="owner">The model that has it.</param>
    /// <param name="member">The name of the field or property.</param>
    /// <exception cref="InvalidOperationException">The model has no generated part, or that does not tell of the member.</exception>
    public object? PrivateValue(nn.Module owner, string member) => owner is IPrunable model
        ? model.PrivateValue(member)
        : throw new InvalidOperationException(
            $"{Modules.PathOf(owner)}, a {owner.GetType().Name}, is no model with [Prunable], and forward reads its '{member}'. Annotate the class, or "
                + $"make the member internal.");

    /// <summary>A whole number among the results of a model, which may be the size of a tensor.</summary>
    /// <param name="results">The results.</param>
    /// <param name="index">Its place.</param>
    public static AxisSize SizeOf(object?[] results, int index) => new LinkInputs(results).Size(index);

    /// <summary>Any other value among the results of a model, as forward declares it; null where it is null.</summary>
    /// <param name="results">The results.</param>
    /// <param name="index">Its place.</param>
    /// <exception cref="InvalidOperationException">It is of another type.</exception>
    public static T? ValueOf<T>(object?[] results, int index) => results[index] is null ? default
        : HandedValue.TryRead<T>(results[index], out var value) ? value
        : throw new InvalidOperationException(
            $"Result {index} of a linked model is {LinkInputs.NameOf(results[index]!.GetType())}, where forward reads a {LinkInputs.NameOf(typeof(T))}.");

    /// <summary>Collects the sizes that <c>view</c> and its like take.</summary>
    public AxisSize[] Sizes(params AxisSize[] sizes) => sizes;

    /// <summary>A condition on the values of tensors, which linking cannot know: both ways are followed.</summary>
    /// <param name="condition">The condition as the source writes it.</param>
    /// <param name="from">The sizes that it reads, too, which therefore stay, and tensors all of whose sizes it reads.</param>
    public bool Either(string condition, params object?[] from)
    {
        Ask(condition, from);
        return choices.At(condition);
    }

    /// <summary>A number that only the content of a tensor tells: what goes by it stays as it is.</summary>
    /// <param name="expression">The expression as the source writes it.</param>
    /// <param name="value">The tensor of one number that it is; null where it is not followed so far.</param>
    /// <param name="from">The sizes that it is computed from, too, and tensors all of whose sizes are.</param>
    public AxisSize Content(string expression, AxisTensor? value, params object?[] from)
    {
        value?.Read();
        return AxisSize.OfContent(expression, [.. Sizes(from)]);
    }

    private static IEnumerable<AxisSize> Sizes(object?[] from) => from.SelectMany(each => each switch
    {
        AxisSize size => [size],
        AxisTensor tensor => tensor.Dims.Select(AxisSize.Of),
        _ => Enumerable.Empty<AxisSize>(),
    });

    /// <summary>Keeps what a condition reads that cannot be computed here, so that pruning does not change which way is taken.</summary>
    private static void Ask(string condition, object?[] from) => Sizes(from).ToList().ForEach(size => size.Hold($"forward asks for it: {condition}"));

    /// <summary>One of several, by a number that only the content of a tensor tells: each of them has its turn.</summary>
    /// <typeparam name="T">What they are.</typeparam>
    /// <param name="all">All of them.</param>
    /// <param name="index">The number as the source writes it.</param>
    public T AnyOf<T>(IEnumerable<T> all, string index)
    {
        var each = all.ToList();
        return each.Where((_, i) => i == each.Count - 1 || choices.At($"{index} is {i}")).First();
    }

    /// <summary>
    /// Whether the model is trained: both ways are followed, whichever mode it is linked in, and what is counted is the way that it is used in.
    /// </summary>
    public bool Training => choices.Setting("training", first: false);

    /// <summary>Whether the model is trained on the way that is being followed, where nothing but values depends on it: no question is asked.</summary>
    public bool InTraining => choices.Now("training") ?? false;

    /// <summary>
    /// A setting that a parameter of <c>forward</c> makes: what it is called with or, where that is left to the caller, each value in turn, the default first.
    /// </summary>
    /// <typeparam name="T"><see cref="bool"/> or an enumeration.</typeparam>
    /// <param name="inputs">What the model is called with.</param>
    /// <param name="index">The place of the parameter.</param>
    /// <param name="name">The parameter's name.</param>
    /// <param name="otherwise">Its default value.</param>
    public T Setting<T>(LinkInputs inputs, int index, string name, T otherwise)
        where T : struct
    {
        if (index < inputs.Count && inputs.Optional<object>(index) is not null)
        {
            return inputs.Get<T>(index);
        }

        var values = typeof(T).IsEnum ? Enum.GetValues(typeof(T)).Cast<T>() : new[] { true, false }.Cast<T>();
        var others = values.Where(value => !value.Equals(otherwise)).Distinct().ToList();
        return others.Where(value => choices.Setting($"{name} is {value}", first: false)).Append(otherwise).First();
    }

    /// <summary>
    /// The place behind a condition where ways meet that linking follows one after the other: what comes there is one or the
    /// other, and must be of one width whichever it is.
    /// </summary>
    /// <param name="condition">The condition as the source writes it.</param>
    /// <param name="values">What either way gives its own value: tensors, and lists and tuples of them.</param>
    public void Join(string condition, params object?[] values)
    {
        var tensors = TensorsIn.Result(values).ToList();
        if (choices.Meeting(condition, tensors) is not { } first)
        {
            return;
        }

        for (var i = 0; i < Math.Max(first.Count, tensors.Count); i++)
        {
            if (i < first.Count && i < tensors.Count)
            {
                ties.Meet(first[i], tensors[i], $"{condition} decides which tensor goes on");
            }
            else
            {
                ties.Hold(i < first.Count ? first[i] : tensors[i], $"{condition} decides whether there is such a tensor");
            }
        }
    }

    /// <summary>A guard: <c>forward</c> throws where a condition holds, so the widths that it asks for stay.</summary>
    /// <param name="throws">The condition.</param>
    /// <param name="text">The condition as the source writes it.</param>
    /// <exception cref="AxisException">It holds.</exception>
    public void Guard(Func<bool> throws, string text)
    {
        Graph.Asking = Guarding(text);
        try
        {
            if (throws())
            {
                throw new AxisException(AxisRule.Mismatch, Guarding(text));
            }
        }
        catch (AxisException exception) when (exception.Rule == AxisRule.UnknownShape)
        {
            // It depends on an input that has not been seen; the widths in it are held all the same.
        }
        finally
        {
            Graph.Asking = null;
        }
    }

    /// <summary>A guard: <c>forward</c> throws where two sizes differ, so they shrink together or stay.</summary>
    /// <param name="first">The one.</param>
    /// <param name="other">The other.</param>
    /// <param name="text">The condition as the source writes it.</param>
    /// <exception cref="AxisException">They differ.</exception>
    public void Guard(AxisSize first, AxisSize other, string text)
    {
        if (first.Axis is { } a && other.Axis is { } b && (first.Value is null || other.Value is null || first.Value == other.Value))
        {
            ties.Tie(a, b, Guarding(text));
        }
        else
        {
            Guard(() => first != other, text);
        }
    }

    private static string Guarding(string text) => $"forward throws where {text}";

    /// <summary>A condition that reads shapes; where these are not known, both ways are followed.</summary>
    /// <param name="condition">The condition.</param>
    /// <param name="text">The condition as the source writes it.</param>
    public bool Holds(Func<bool> condition, [CallerArgumentExpression(nameof(condition))] string text = "")
    {
        try
        {
            var holds = condition();
            return others.Turns(text) ? !holds : holds;
        }
        catch (AxisException exception) when (exception.Rule == AxisRule.UnknownShape)
        {
            return choices.At(text);
        }
    }

    /// <summary>The condition of a loop that reads shapes; where these are not known, the loop runs twice.</summary>
    /// <inheritdoc cref="Holds"/>
    public bool Again(Func<bool> condition, [CallerArgumentExpression(nameof(condition))] string text = "")
    {
        try
        {
            var holds = condition();
            return others.Turns(text) ? Again(text) : holds;
        }
        catch (AxisException exception) when (exception.Rule == AxisRule.UnknownShape)
        {
            return Again(text);
        }
    }

    /// <summary>The condition of a loop on the values of tensors: the loop runs twice.</summary>
    /// <inheritdoc cref="Either"/>
    public bool Again(string condition, params object?[] from)
    {
        Ask(condition, from);
        return trace.Loop(condition, choices.Again(condition));
    }

    /// <summary>A round of a loop that only its body leaves: a way that does not leave it is given up.</summary>
    /// <param name="loop">The loop as the source writes it.</param>
    /// <returns>True.</returns>
    public bool Round(string loop)
    {
        others.IsKept = choices.Round(loop, others.Turned);
        return true;
    }

    /// <summary>Links the root once for each way through its <c>forward</c>.</summary>
    /// <param name="root">The model.</param>
    /// <param name="tensors">The tensors that it is called with.</param>
    /// <returns>Every tensor that it returns, on any way.</returns>
    internal IReadOnlyList<AxisTensor> Run(IPrunable root, AxisTensor[] tensors)
    {
        var (results, inputs) = (new List<AxisTensor>(), root.BatchInputs(tensors));
        AxisException? refusal = null;
        do
        {
            try
            {
                results.AddRange(Follow(root, inputs));
            }
            catch (AxisException exception) when (exception.Rule == AxisRule.Mismatch)
            {
                // Conditions may exclude each other; where widths disagree on a way, forward itself could not take it.
                // Whatever is not understood on a way is refused: layers behind it would be left out.
                refusal ??= exception;
            }
        }
        while (choices.Next());
        if (trace.Traces.Count == 0 || (choices.GivenUp is not null && Modules.HasLaterThan(trace.Steps)))
        {
            throw choices.GivenUp ?? refusal!;
        }

        others.Follow(root, tensors, () => Unreached.Any(), other => results.AddRange(FollowAside(root, other)));
        ties.TieCoupled(Modules);
        return results;
    }

    /// <summary>Goes one way.</summary>
    private List<AxisTensor> Follow(IPrunable root, LinkInputs inputs, bool isOfOthers = false)
    {
        trace.Begin();
        objects.Begin();
        others.Begin();
        var found = TensorsIn.Result(root.Link(this, inputs)).ToList();
        found.ForEach(result => result.Read());
        trace.End(choices.Answers, inputs.Tensors, found, isOfOthers);
        return found;
    }

    /// <summary>
    /// Goes the ways that forward goes with other inputs, as far as it can: the widths of layers that only these reach go with those of the layers in whose
    /// place they stand.
    /// </summary>
    private List<AxisTensor> FollowAside(IPrunable root, LinkInputs inputs)
    {
        var results = new List<AxisTensor>();
        choices = new Choices();
        do
        {
            try
            {
                results.AddRange(Follow(root, inputs, isOfOthers: true));
            }
            catch (Exception)
            {
                // Nobody has said that forward is ever called so, and it need not bear it. A layer that is not reached is named as such.
            }
        }
        while (choices.Next());
        return results;
    }

    /// <summary>Calls a layer that <c>[Axes]</c> describes; where nothing does, the layer is refused.</summary>
    private AxisTensor[] Described(nn.Module module, object?[] inputs)
    {
        var layer = Modules.AxesOf(module) is null ? LayerAdapters.Describe(module, Modules.PathOf(module)) : Modules.SpecOf(module);
        var tensors = inputs.SelectMany(TensorsIn.Argument).ToArray();
        var results = trace.Add(TraceStepKind.Layer, layer.Name, module, inputs, null, () => LayerTable.Apply(Graph, layer, tensors), "call");
        FollowWidths(module, layer, tensors);
        return results;
    }

    /// <summary>
    /// The properties of known layers inside a described one tell its widths too; where they cannot, these stay, and those of what it is called with.
    /// </summary>
    private void FollowWidths(nn.Module module, LayerSpec layer, IReadOnlyList<AxisTensor?> inputs)
    {
        foreach (var (path, inner) in module.named_modules().Append((name: "", module)).Where(entry => LayerAdapters.Knows(entry.module)))
        {
            var prefix = path.Length == 0 ? "" : path + ".";
            var parameters = Graph.Parameters.Where(parameter => parameter.Layer == layer && parameter.Name.StartsWith(prefix, StringComparison.Ordinal))
                .ToDictionary(parameter => parameter.Name[prefix.Length..]);
            if (LayerAdapters.StatedWidths(inner) is { } told)
            {
                foreach (var (property, parameter, dim) in told.Where(width => parameters.ContainsKey(width.Parameter)))
                {
                    Graph.Width(Modules.SpecOf(inner), property, parameters[parameter].Axes[dim]);
                }

                continue;
            }

            foreach (var axis in parameters.Values.SelectMany(parameter => parameter.Axes).Concat(inputs.OfType<AxisTensor>().SelectMany(input => input.Dims)))
            {
                Graph.Fix(axis, $"{layer.Name} has a {inner.GetType().Name} inside, which keeps the width that it was made with");
            }
        }
    }

    /// <summary>The axes of an input of the model: with the sizes of its shape, or of unknown rank without one.</summary>
    /// <param name="shape">The shape; null or empty for none.</param>
    /// <param name="name">What to call its dimensions, all but the batch, where they may shrink; null where they are fixed.</param>
    internal AxisTensor Input(long[]? shape, string? name = null)
    {
        return shape is null || shape.Length == 0
            ? AxisTensor.Open()
            : new AxisTensor(shape.Select(Dimension).ToArray());

        Axis Dimension(long size, int dim) => name is null || dim == 0
            ? Graph.NewFixed("", size, FixedReasons.Input)
            : Graph.NewOutput(InputFeatures.GroupOf(name, dim), size);
    }
}
