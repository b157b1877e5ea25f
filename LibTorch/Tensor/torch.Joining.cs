namespace TorchSharp;

// Several tensors joined into one, or brought to one shape.
public static partial class torch
{
    /// <summary>Joins tensors along an existing dimension.</summary>
    /// <exception cref="ArgumentException">No tensor is given.</exception>
    public static Tensor cat(IList<Tensor> tensors, long dim = 0) => tensors.Count switch
    {
        0 => throw new ArgumentException("cat needs at least one tensor.", nameof(tensors)),
        1 => tensors[0].alias(),
        _ => Dispatcher.Call(Ops.cat, Arg.Tensors(tensors), dim),
    };

    /// <summary>Joins tensors along an existing dimension.</summary>
    /// <exception cref="ArgumentException">No tensor is given.</exception>
    public static Tensor cat(Tensor[] tensors, long dim = 0) => cat((IList<Tensor>)tensors, dim);

    /// <summary>Joins tensors along an existing dimension.</summary>
    /// <exception cref="ArgumentException">No tensor is given.</exception>
    public static Tensor cat(ReadOnlySpan<Tensor> tensors, long dim = 0) => cat((IList<Tensor>)tensors.ToArray(), dim);

    /// <summary>Same as cat, along <paramref name="dim"/>.</summary>
    public static Tensor concat(IList<Tensor> tensors, long dim = 0) => cat(tensors, dim);

    /// <summary>Same as cat, along <paramref name="dim"/>.</summary>
    public static Tensor concat(Tensor[] tensors, long dim = 0) => cat(tensors, dim);

    /// <summary>Same as cat, along <paramref name="dim"/>.</summary>
    public static Tensor concat(ReadOnlySpan<Tensor> tensors, long dim = 0) => cat(tensors, dim);

    /// <summary>Same as cat, along <paramref name="axis"/>.</summary>
    public static Tensor concatenate(IList<Tensor> tensors, long axis = 0) => cat(tensors, axis);

    /// <summary>Same as cat, along <paramref name="axis"/>.</summary>
    public static Tensor concatenate(Tensor[] tensors, long axis = 0) => cat(tensors, axis);

    /// <summary>Same as cat, along <paramref name="axis"/>.</summary>
    public static Tensor concatenate(ReadOnlySpan<Tensor> tensors, long axis = 0) => cat(tensors, axis);

    /// <summary>Joins tensors of one shape along a new dimension.</summary>
    public static Tensor stack(IEnumerable<Tensor> tensors, long dim = 0) =>
        Dispatcher.Call(Ops.stack, Arg.Tensors(tensors), dim);

    /// <summary>Joins tensors along the second dimension, vectors along their only one.</summary>
    public static Tensor hstack(IList<Tensor> tensors) => Dispatcher.Call(Ops.hstack, Arg.Tensors(tensors));

    /// <summary>Joins tensors along the second dimension, vectors along their only one.</summary>
    public static Tensor hstack(params Tensor[] tensors) => Dispatcher.Call(Ops.hstack, tensors);

    /// <summary>Joins tensors along the second dimension, vectors along their only one.</summary>
    public static Tensor hstack(IEnumerable<Tensor> tensors) => Dispatcher.Call(Ops.hstack, Arg.Tensors(tensors));

    /// <summary>Joins tensors along the second dimension, vectors along their only one.</summary>
    public static Tensor hstack(ReadOnlySpan<Tensor> tensors) => Dispatcher.Call(Ops.hstack, tensors.ToArray());

    /// <summary>Joins tensors along the first dimension; vectors count as rows.</summary>
    public static Tensor vstack(IList<Tensor> tensors) => Dispatcher.Call(Ops.vstack, Arg.Tensors(tensors));

    /// <summary>Joins tensors along the first dimension; vectors count as rows.</summary>
    public static Tensor vstack(Tensor[] tensors) => Dispatcher.Call(Ops.vstack, tensors);

    /// <summary>Joins tensors along the first dimension; vectors count as rows.</summary>
    public static Tensor vstack(ReadOnlySpan<Tensor> tensors) => Dispatcher.Call(Ops.vstack, tensors.ToArray());

    /// <summary>Joins tensors along the third dimension.</summary>
    public static Tensor dstack(IList<Tensor> tensors) => Dispatcher.Call(Ops.dstack, Arg.Tensors(tensors));

    /// <summary>Joins tensors along the third dimension.</summary>
    public static Tensor dstack(params Tensor[] tensors) => Dispatcher.Call(Ops.dstack, tensors);

    /// <summary>Joins tensors along the third dimension.</summary>
    public static Tensor dstack(IEnumerable<Tensor> tensors) => Dispatcher.Call(Ops.dstack, Arg.Tensors(tensors));

    /// <summary>Joins tensors along the third dimension.</summary>
    public static Tensor dstack(ReadOnlySpan<Tensor> tensors) => Dispatcher.Call(Ops.dstack, tensors.ToArray());

    /// <summary>Same as vstack.</summary>
    public static Tensor row_stack(IList<Tensor> tensors) => Dispatcher.Call(Ops.row_stack, Arg.Tensors(tensors));

    /// <summary>Same as vstack.</summary>
    public static Tensor row_stack(params Tensor[] tensors) => Dispatcher.Call(Ops.row_stack, tensors);

    /// <summary>Same as vstack.</summary>
    public static Tensor row_stack(ReadOnlySpan<Tensor> tensors) => Dispatcher.Call(Ops.row_stack, tensors.ToArray());

    /// <summary>Joins tensors side by side; vectors count as columns.</summary>
    public static Tensor column_stack(IList<Tensor> tensors) => Dispatcher.Call(Ops.column_stack, Arg.Tensors(tensors));

    /// <summary>Joins tensors side by side; vectors count as columns.</summary>
    public static Tensor column_stack(params Tensor[] tensors) => Dispatcher.Call(Ops.column_stack, tensors);

    /// <summary>Joins tensors side by side; vectors count as columns.</summary>
    public static Tensor column_stack(ReadOnlySpan<Tensor> tensors) => Dispatcher.Call(Ops.column_stack, tensors.ToArray());

    /// <summary>All combinations of the elements of vectors, one row each.</summary>
    public static Tensor cartesian_prod(IList<Tensor> tensors) => Dispatcher.Call(Ops.cartesian_prod, Arg.Tensors(tensors));

    /// <summary>All combinations of the elements of vectors, one row each.</summary>
    public static Tensor cartesian_prod(params Tensor[] tensors) => Dispatcher.Call(Ops.cartesian_prod, tensors);

    /// <summary>All combinations of the elements of vectors, one row each.</summary>
    public static Tensor cartesian_prod(ReadOnlySpan<Tensor> tensors) => Dispatcher.Call(Ops.cartesian_prod, tensors.ToArray());

    /// <summary>Matrices on the diagonal of one matrix, zero elsewhere.</summary>
    public static Tensor block_diag(params Tensor[] tensors) => Dispatcher.Call(Ops.block_diag, tensors);

    /// <summary>Tensors expanded to their common shape.</summary>
    /// <exception cref="ArgumentException">No tensor is given.</exception>
    public static IList<Tensor> broadcast_tensors(params Tensor[] tensors) => tensors.Length switch
    {
        0 => throw new ArgumentException("broadcast_tensors needs at least one tensor.", nameof(tensors)),
        1 => [tensors[0].alias()],
        _ => Dispatcher.CallList(Ops.broadcast_tensors, tensors),
    };

    /// <summary>The shape that tensors of the given shapes have after broadcasting.</summary>
    /// <exception cref="ArgumentException">The shapes cannot be broadcast together.</exception>
    public static Size broadcast_shapes(params long[][] shapes)
    {
        var result = new long[shapes.Length == 0 ? 0 : shapes.Max(shape => shape.Length)];
        Array.Fill(result, 1);
        foreach (var shape in shapes)
        {
            for (var i = 1; i <= shape.Length; i++)
            {
                if (shape[^i] == 1 || shape[^i] == result[^i])
                    continue;
                if (result[^i] != 1)
                    throw new ArgumentException(
                        $"Sizes {result[^i]} and {shape[^i]}, {i} from the end, cannot be broadcast together; one must be 1.",
                        nameof(shapes));
                result[^i] = shape[^i];
            }
        }
        return result;
    }

    /// <summary>Coordinate grids of vectors; <paramref name="indexing"/> is "ij" (rows first) or "xy".</summary>
    public static Tensor[] meshgrid(IEnumerable<Tensor> tensors, string indexing = "ij") =>
        Dispatcher.CallList(Ops.meshgrid, Arg.Tensors(tensors), indexing);

    /// <summary>All choices of <paramref name="r"/> elements of a vector, one row each.</summary>
    /// <exception cref="ArgumentException">The input is not a vector, or <paramref name="r"/> is negative.</exception>
    public static Tensor combinations(Tensor input, int r = 2, bool with_replacement = false)
    {
        if (input.ndim != 1)
            throw new ArgumentException($"combinations: the input has {input.ndim} dimensions, but must be a vector.", nameof(input));
        if (r < 0)
            throw new ArgumentException($"combinations: r is {r}, but must not be negative.", nameof(r));
        return Dispatcher.Call(Ops.combinations, input, r, with_replacement);
    }

    /// <summary>The tensors with at least one dimension each.</summary>
    public static IEnumerable<Tensor> atleast_1d(params Tensor[] input) => input.Select(tensor => tensor.atleast_1d());

    /// <summary>The tensors with at least two dimensions each.</summary>
    public static IEnumerable<Tensor> atleast_2d(params Tensor[] input) => input.Select(tensor => tensor.atleast_2d());

    /// <summary>The tensors with at least three dimensions each.</summary>
    public static IEnumerable<Tensor> atleast_3d(params Tensor[] input) => input.Select(tensor => tensor.atleast_3d());

    private static partial class Ops
    {
        internal static readonly Op cat = new("aten::cat");
        internal static readonly Op stack = new("aten::stack");
        internal static readonly Op hstack = new("aten::hstack");
        internal static readonly Op vstack = new("aten::vstack");
        internal static readonly Op dstack = new("aten::dstack");
        internal static readonly Op row_stack = new("aten::row_stack");
        internal static readonly Op column_stack = new("aten::column_stack");
        internal static readonly Op cartesian_prod = new("aten::cartesian_prod");
        internal static readonly Op block_diag = new("aten::block_diag");
        internal static readonly Op broadcast_tensors = new("aten::broadcast_tensors");
        internal static readonly Op meshgrid = new("aten::meshgrid", "indexing");
        internal static readonly Op combinations = new("aten::combinations");
    }
}
