using static TorchSharp.torch;

namespace PruneGen;

/// <summary>What writers of steps build their nodes of: arithmetic with TorchSharp's types and broadcasting, and the moving of dimensions.</summary>
public static class OnnxMath
{
    /// <summary>Adds a node that works number by number, in the type and shape of its first input.</summary>
    public static OnnxValue Map(this OnnxStep step, string op, OnnxValue value, params (string Name, object Value)[] attributes) =>
        step.Graph.Node(op, value.Type, value.Shape, [value], attributes);

    /// <summary>A number of the element type of another tensor.</summary>
    public static OnnxValue Number(this OnnxStep step, double number, OnnxValue like) => step.Graph.Scalar(number, like.Type);

    /// <summary>Adds a node that works on two tensors number by number; they must be of one element type.</summary>
    public static OnnxValue Join(this OnnxStep step, string op, OnnxValue left, OnnxValue right, ScalarType? type = null)
    {
        if (left.Constant is { } first && right.Constant is { } second && Folded(op, first, second) is { } folded)
        {
            return step.Graph.Constant(folded);
        }

        return step.Graph.Node(op, type ?? left.Type, step.Broadcast(left.Shape, right.Shape), [left, right]);
    }

    /// <summary>The same with a number on the right.</summary>
    public static OnnxValue Join(this OnnxStep step, string op, OnnxValue left, double right) => step.Join(op, left, step.Number(right, left));

    /// <summary>Two tensors under the element type that an operation of both gives.</summary>
    public static (OnnxValue Left, OnnxValue Right) Alike(this OnnxStep step, OnnxValue left, OnnxValue right)
    {
        var type = TypeOf(left, right);
        return (step.Graph.Cast(left, type), step.Graph.Cast(right, type));
    }

    /// <summary>The element type that an operation of two tensors gives.</summary>
    public static ScalarType TypeOf(OnnxValue left, OnnxValue right) =>
        TensorTypes.Promote(left.Type, left.Shape is { Length: 0 }, right.Type, right.Shape is { Length: 0 });

    /// <summary>Whole numbers and yes or no as fractions; fractions as they are.</summary>
    public static OnnxValue Fraction(this OnnxStep step, OnnxValue value) =>
        TensorTypes.IsFloating(value.Type) ? value : step.Graph.Cast(value, ScalarType.Float32);

    /// <summary>The dimensions of two tensors together.</summary>
    public static OnnxSize[]? Broadcast(this OnnxStep step, OnnxSize[]? left, OnnxSize[]? right)
    {
        if (left is null || right is null)
        {
            return null;
        }

        var one = step.Graph.Size(1);
        return [.. Enumerable.Range(1, Math.Max(left.Length, right.Length)).Reverse().Select(fromEnd =>
        {
            var (a, b) = (fromEnd <= left.Length ? left[^fromEnd] : one, fromEnd <= right.Length ? right[^fromEnd] : one);
            return a.With(b, (x, y) => x == 1 ? y : x);
        })];
    }

    /// <summary>How many numbers a tensor of such dimensions has.</summary>
    public static OnnxSize Count(this OnnxStep step, IEnumerable<OnnxSize> sizes) =>
        sizes.Aggregate(step.Graph.Size(1), (all, size) => all.With(size, (a, b) => a * b));

    /// <summary>The same numbers in row-major order under other dimensions.</summary>
    public static OnnxValue Reshape(this OnnxStep step, OnnxValue value, params OnnxSize[] shape)
    {
        if (value.Shape?.SequenceEqual(shape) == true)
        {
            return value;
        }

        if (value.Constant is { } constant && Array.TrueForAll(shape, size => size.IsConstant))
        {
            return step.Graph.Constant(constant.reshape([.. shape.Select(size => size.Value)]));
        }

        if (Array.Exists(shape, size => size.IsConstant && size.Value == 0))
        {
            return step.Graph.Node("Reshape", value.Type, shape, [value, step.Sizes.Vector(shape, value)], ("allowzero", 1));
        }

        // Zero copies a dimension, and one that is left over is what the others leave.
        var open = Enumerable.Range(0, shape.Length).Where(i => !shape[i].IsConstant && !Copies(i)).ToList();
        var target = open.Count <= 1
            ? step.Graph.Longs([.. shape.Select((size, i) => size.IsConstant ? size.Value : open.Contains(i) ? -1 : 0)])
            : step.Sizes.Vector(shape, value);
        return step.Graph.Node("Reshape", value.Type, shape, [value, target]);

        bool Copies(int place) => value.Shape is { } from && place < from.Length && from[place] == shape[place];
    }

    /// <summary>The same numbers with dimensions of one at these places of the result.</summary>
    public static OnnxValue Unsqueeze(this OnnxStep step, OnnxValue value, params int[] places)
    {
        var shape = value.Dims.ToList();
        foreach (var place in places.Order())
        {
            shape.Insert(place, step.Graph.Size(1));
        }

        return value.Constant is not null ? step.Reshape(value, [.. shape])
            : step.Graph.Node("Unsqueeze", value.Type, [.. shape], [value, step.Graph.Longs([.. places.Order().Select(place => (long)place)])]);
    }

    /// <summary>The same numbers without dimensions of one.</summary>
    public static OnnxValue Squeeze(this OnnxStep step, OnnxValue value, params int[] places)
    {
        OnnxSize[] shape = [.. value.Dims.Where((_, i) => !places.Contains(i))];
        return value.Constant is not null ? step.Reshape(value, shape)
            : step.Graph.Node("Squeeze", value.Type, shape, [value, step.Graph.Longs([.. places.Order().Select(place => (long)place)])]);
    }

    /// <summary>The dimensions in another order.</summary>
    public static OnnxValue Transpose(this OnnxStep step, OnnxValue value, params int[] order)
    {
        if (order.SequenceEqual(Enumerable.Range(0, order.Length)))
        {
            return value;
        }

        OnnxSize[] shape = [.. order.Select(place => value.Dims[place])];
        return value.Constant is { } constant
            ? step.Graph.Constant(constant.permute([.. order.Select(place => (long)place)]).contiguous())
            : step.Graph.Node("Transpose", value.Type, shape, [value], ("perm", order.Select(place => (long)place).ToArray()));
    }

    /// <summary>The last two dimensions exchanged.</summary>
    public static OnnxValue Turn(this OnnxStep step, OnnxValue value) =>
        step.Transpose(value, [.. Enumerable.Range(0, value.Rank - 2), value.Rank - 1, value.Rank - 2]);

    /// <summary>A dimension moved to another place.</summary>
    public static OnnxValue MoveDim(this OnnxStep step, OnnxValue value, int from, int to)
    {
        var order = Enumerable.Range(0, value.Rank).Where(place => place != from).ToList();
        order.Insert(to, from);
        return step.Transpose(value, [.. order]);
    }

    /// <summary>Dimensions of one repeated, and new ones in front, until the tensor has a shape.</summary>
    public static OnnxValue Expand(this OnnxStep step, OnnxValue value, params OnnxSize[] shape) => value.Shape?.SequenceEqual(shape) == true
        ? value
        : step.Graph.Node("Expand", value.Type, shape, [value, step.Sizes.Vector(shape, value)]);

    /// <summary>Tensors of one element type, one behind the other along a dimension.</summary>
    public static OnnxValue Concat(this OnnxStep step, int place, params OnnxValue[] values)
    {
        if (values.Length == 1)
        {
            return values[0];
        }

        var shape = Array.TrueForAll(values, value => value.Shape is not null)
            ? values[0].Shape!.Select((size, i) => i != place ? size
                : values.Select(value => value.Shape![place]).Aggregate((all, one) => all.With(one, (x, y) => x + y))).ToArray()
            : null;
        return step.Graph.Node("Concat", values[0].Type, shape, values, ("axis", place));
    }

    /// <summary>The indices of one dimension from one until before another.</summary>
    public static OnnxValue Slice(this OnnxStep step, OnnxValue value, int place, OnnxSize start, OnnxSize stop, long by = 1)
    {
        var shape = value.Dims.Select((size, i) => i != place ? size
            : stop.With(start, (to, from) => Math.Max(0, (to - from + Math.Abs(by) - 1) / Math.Abs(by)))).ToArray();
        return step.Graph.Node(
            "Slice",
            value.Type,
            shape,
            [value, step.Sizes.Vector([start], value), step.Sizes.Vector([stop], value), step.Graph.Longs(place), step.Graph.Longs(by)]);
    }

    /// <summary>The same with plain numbers.</summary>
    public static OnnxValue Slice(this OnnxStep step, OnnxValue value, int place, long start, long stop) =>
        step.Slice(value, place, step.Graph.Size(start), step.Graph.Size(stop));

    /// <summary>The indices of a dimension in the reverse order.</summary>
    public static OnnxValue Reverse(this OnnxStep step, OnnxValue value, int place) => step.Graph.Node(
        "Slice",
        value.Type,
        value.Shape,
        [value, step.Graph.Longs(-1), step.Graph.Longs(long.MinValue + 1), step.Graph.Longs(place), step.Graph.Longs(-1)]);

    /// <summary>What a reduction over some dimensions gives.</summary>
    public static OnnxValue Reduce(this OnnxStep step, string op, OnnxValue value, int[] places, bool keep)
    {
        var one = step.Graph.Size(1);
        OnnxSize[] shape = [.. value.Dims.Select((size, i) => !places.Contains(i) ? (OnnxSize?)size : keep ? one : null).OfType<OnnxSize>()];
        return places.Length == 0
            ? value
            : step.Graph.Node(op, value.Type, shape, [value, step.Graph.Longs([.. places.Select(place => (long)place)])], ("keepdims", keep));
    }

    /// <summary>A product of matrices, or of a matrix and a vector.</summary>
    public static OnnxValue MatMul(this OnnxStep step, OnnxValue left, OnnxValue right)
    {
        OnnxSize[]? shape = null;
        if (left.Shape is { Length: > 0 } a && right.Shape is { Length: > 0 } b)
        {
            var batch = step.Broadcast(a[..^Math.Min(2, a.Length)], b[..^Math.Min(2, b.Length)])!;
            shape = [.. batch, .. a.Length > 1 ? new[] { a[^2] } : [], .. b.Length > 1 ? new[] { b[^1] } : []];
        }

        return step.Graph.Node("MatMul", left.Type, shape, [left, right]);
    }

    /// <summary>A softmax along a dimension.</summary>
    public static OnnxValue Softmax(this OnnxStep step, OnnxValue value, int place, string op = "Softmax") => step.Map(op, value, ("axis", place));

    /// <summary>One or the other, number by number, as a condition says.</summary>
    public static OnnxValue Where(this OnnxStep step, OnnxValue condition, OnnxValue yes, OnnxValue no) =>
        step.Graph.Node("Where", yes.Type, step.Broadcast(condition.Shape, step.Broadcast(yes.Shape, no.Shape)), [condition, yes, no]);

    /// <summary>The whole numbers from zero until before a size.</summary>
    public static OnnxValue Range(this OnnxStep step, OnnxSize size, params OnnxValue[] near) => size.IsConstant
        ? step.Graph.Constant(arange(size.Value, dtype: ScalarType.Int64))
        : step.Graph.Node(
            "Range",
            ScalarType.Int64,
            [size],
            [step.Graph.Scalar(0L, ScalarType.Int64), step.Sizes.Scalar(size, near), step.Graph.Scalar(1L, ScalarType.Int64)]);

    /// <summary>A tensor of a shape, all of one number.</summary>
    public static OnnxValue Filled(this OnnxStep step, OnnxValue number, OnnxSize[] shape, params OnnxValue[] near) => shape.Length == 0
        ? number
        : step.Graph.Node("Expand", number.Type, shape, [number, step.Sizes.Vector(shape, near)]);

    private static Tensor? Folded(string op, Tensor left, Tensor right) => op switch
    {
        "Add" => left.add(right),
        "Sub" => left.sub(right),
        "Mul" => left.mul(right),
        "Div" when left.is_floating_point() => left.div(right),
        _ => null,
    };
}
