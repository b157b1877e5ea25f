using static TorchSharp.torch;

namespace PruneGen;

/// <summary>Operations that make a tensor of given sizes or numbers.</summary>
internal static class CreationWriters
{
    private static readonly string[][] SizeNames = [["size", "sizes"], ["rows", "dim0"], ["columns", "dim1"], ["dim2"], ["dim3"]];

    public static void Define(WriterList list)
    {
        list.Add(s => OfSizes(s, 0), "zeros", "empty", "new_zeros", "new_empty");
        list.Add(s => OfSizes(s, 1), "ones", "new_ones");
        list.Add(Full, "full", "new_full");
        list.Add(s => Like(s, 0), "zeros_like", "empty_like");
        list.Add(s => Like(s, 1), "ones_like");
        list.Add(FullLike, "full_like");
        list.Add(Eye, "eye");
        list.Add(Arange, "arange");
        list.Add(Linspace, "linspace");
        list.Add(s => Window(s, (length, periodic, type) => hann_window(length, periodic, dtype: type)), "hann_window");
        list.Add(s => Window(s, (length, periodic, type) => blackman_window(length, periodic, dtype: type)), "blackman_window");
        list.Add(s => Window(s, (length, periodic, type) => bartlett_window(length, periodic, dtype: type)), "bartlett_window");
        list.Add(OfValues, "tensor", "as_tensor", "from_array", "scalar_tensor", "new_tensor");
    }

    private static void IgnorePlace(OnnxStep step) => step.Ignore("device", "requires_grad", "names", "memory_format", "layout", "pin_memory");

    private static OnnxSize[] Sizes(OnnxStep step) => [.. SizeNames.Where(step.Has).SelectMany(step.SizeList)];

    private static ScalarType TypeOf(OnnxStep step, ScalarType otherwise)
    {
        IgnorePlace(step);
        return step.Type("dtype", "type") ?? otherwise;
    }

    /// <summary>Of the tensor that it is made like, or the default one.</summary>
    private static ScalarType DefaultType(OnnxStep step) => step.Optional(0)?.Type ?? get_default_dtype();

    private static OnnxValue OfSizes(OnnxStep step, long number) =>
        step.Filled(step.Graph.Scalar(number, TypeOf(step, DefaultType(step))), Sizes(step), [.. step.Tensors()]);

    private static OnnxValue Full(OnnxStep step)
    {
        string[] names = ["value", "fill_value"];
        var type = TypeOf(step, step.Optional(0)?.Type ?? (step.NumberType(names) == ScalarType.Float32 ? get_default_dtype() : step.NumberType(names)));
        return step.Filled(step.NumberValue(type, names), Sizes(step), [.. step.Tensors()]);
    }

    private static OnnxValue Like(OnnxStep step, long number)
    {
        var x = step.Input;
        return step.Filled(step.Graph.Scalar(number, TypeOf(step, x.Type)), x.Dims, x);
    }

    private static OnnxValue FullLike(OnnxStep step)
    {
        var x = step.Input;
        return step.Filled(step.NumberValue(TypeOf(step, x.Type), "value", "fill_value"), x.Dims, x);
    }

    private static OnnxValue Eye(OnnxStep step)
    {
        var type = TypeOf(step, get_default_dtype());
        var sizes = Sizes(step);
        sizes = sizes.Length == 1 || sizes[1] == step.Graph.Size(-1) ? [sizes[0], sizes[0]] : sizes;
        return Array.TrueForAll(sizes, size => size.IsConstant)
            ? step.Graph.Constant(eye(sizes[0].Value, sizes[1].Value, dtype: type))
            : step.Graph.Node("EyeLike", type, sizes, [step.Filled(step.Graph.Scalar(0L, type), sizes)]);
    }

    private static OnnxValue Arange(OnnxStep step)
    {
        string[] bounds = [.. new[] { "start", "stop", "step" }.Where(name => step.Has(name))];
        var whole = bounds.All(name => step.NumberType(name) == ScalarType.Int64);
        var type = TypeOf(step, whole ? ScalarType.Int64 : get_default_dtype());
        var size = step.Shape[0];
        if (!whole)
        {
            return size.IsConstant
                ? step.Graph.Constant(arange(step.Double(0, "start"), step.Double(null, "stop"), step.Double(1, "step"), dtype: type))
                : throw step.Refusal("it goes by fractions until a dynamic dimension");
        }

        var (start, by) = (step.Has("start") ? step.SizeOf("start") : step.Graph.Size(0), step.Has("step") ? step.SizeOf("step") : step.Graph.Size(1));
        step.SizeOf("stop");
        if (size.IsConstant && start.IsConstant && by.IsConstant)
        {
            return step.Graph.Constant(arange(start.Value, start.Value + (size.Value * by.Value), by.Value, dtype: type));
        }

        OnnxValue Number(OnnxSize number) => step.Sizes.Scalar(number, step.Tensors());
        var range = step.Graph.Node("Range", ScalarType.Int64, [size], [Number(start), Number(step.SizeOf("stop")), Number(by)]);
        return step.Graph.Cast(range, type);
    }

    private static OnnxValue Linspace(OnnxStep step) => step.Graph.Constant(
        linspace(step.Double(null, "start"), step.Double(null, "end"), step.Long(null, "steps"), dtype: TypeOf(step, get_default_dtype())));

    private static OnnxValue Window(OnnxStep step, Func<long, bool, ScalarType, Tensor> make) =>
        step.Graph.Constant(make(step.Long(null, "len"), step.Flag(true, "periodic"), TypeOf(step, get_default_dtype())));

    /// <summary>Numbers of the source: one, or an array of them.</summary>
    private static OnnxValue OfValues(OnnxStep step)
    {
        string[] names = ["data", "scalar", "rawArray", "dataArray", "value"];
        step.Ignore("rank");
        IgnorePlace(step);
        var given = step.Raw(names) ?? throw step.Refusal("the numbers that it is made of are not told");
        var asked = step.Type("dtype", "type");
        var shape = step.Has("dimensions") ? step.SizeList("dimensions")
            : new[] { "rows", "columns" }.All(name => step.Has(name)) ? [step.SizeOf("rows"), step.SizeOf("columns")] : null;
        if (given is not Array several)
        {
            var number = step.NumberValue(null, names);
            return step.Graph.Cast(number, asked ?? number.Type);
        }

        var values = several.Cast<object>().ToList();
        var made = values.TrueForAll(value => value is bool) ? tensor([.. values.Cast<bool>()])
            : values.TrueForAll(value => value is long or int or short or byte)
                ? tensor([.. values.Select(Convert.ToInt64)], given is int[] ? ScalarType.Int32 : ScalarType.Int64)
            : values.TrueForAll(value => value is IConvertible and not string)
                ? tensor([.. values.Select(Convert.ToDouble)], given is double[] ? ScalarType.Float64 : ScalarType.Float32)
            : throw step.Refusal("it is made of something that is no number");
        made = shape is null ? made : made.reshape([.. shape.Select(size => size.Value)]);
        return step.Graph.Constant(asked is { } type ? made.to_type(type) : made);
    }
}
