using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace TorchSharp;

/// <summary>Calls libtorch's operators; arguments that are left out at the end take the operator's defaults.</summary>
/// <exception cref="ExternalException">libtorch refused the call; the message is the first line of its own.</exception>
internal static unsafe class Dispatcher
{
    // Beyond this many words, lists travel by the heap rather than by the stack.
    private const int StackWords = 128;

    /// <summary>Calls an operator whose (first) result is a tensor.</summary>
    internal static Tensor Call(Op op, params ReadOnlySpan<Arg> args)
    {
        NativeValue result;
        Invoke(op, args, &result, 1);
        return new Tensor((nint)result.Bits);
    }

    /// <summary>Calls an operator with two tensors as results.</summary>
    internal static (Tensor, Tensor) Call2(Op op, params ReadOnlySpan<Arg> args)
    {
        var results = stackalloc NativeValue[2];
        Invoke(op, args, results, 2);
        return (new Tensor((nint)results[0].Bits), new Tensor((nint)results[1].Bits));
    }

    /// <summary>Calls an operator with three tensors as results.</summary>
    internal static (Tensor, Tensor, Tensor) Call3(Op op, params ReadOnlySpan<Arg> args)
    {
        var results = stackalloc NativeValue[3];
        Invoke(op, args, results, 3);
        return (new Tensor((nint)results[0].Bits), new Tensor((nint)results[1].Bits), new Tensor((nint)results[2].Bits));
    }

    /// <summary>Calls an operator with four tensors as results.</summary>
    internal static (Tensor, Tensor, Tensor, Tensor) Call4(Op op, params ReadOnlySpan<Arg> args)
    {
        var results = stackalloc NativeValue[4];
        Invoke(op, args, results, 4);
        return (new Tensor((nint)results[0].Bits), new Tensor((nint)results[1].Bits), new Tensor((nint)results[2].Bits), new Tensor((nint)results[3].Bits));
    }

    /// <summary>Calls an operator whose result is a list of tensors.</summary>
    internal static Tensor[] CallList(Op op, params ReadOnlySpan<Arg> args)
    {
        NativeValue result;
        Invoke(op, args, &result, 1);
        var tensors = new Tensor[result.Length];
        for (var i = 0; i < tensors.Length; i++)
            tensors[i] = new Tensor(((nint*)result.Pointer)[i]);
        Native.free_list(result.Pointer);
        return tensors;
    }

    /// <summary>Calls an operator and drops its result.</summary>
    internal static void CallVoid(Op op, params ReadOnlySpan<Arg> args) => Invoke(op, args, null, 0);

    /// <summary>Calls an operator that changes its first argument, <paramref name="self"/>, and returns that:
    /// <c>CallInPlace(this, Ops.add_, other)</c>.</summary>
    internal static Tensor CallInPlace(Tensor self, Op op, params ReadOnlySpan<Arg> rest)
    {
        Invoke(op, rest, null, 0, self);
        return self;
    }

    /// <summary>Calls an operator whose result is an integer.</summary>
    internal static long CallLong(Op op, params ReadOnlySpan<Arg> args)
    {
        NativeValue result;
        Invoke(op, args, &result, 1);
        return result.Bits;
    }

    /// <summary>Calls an operator whose result is a floating-point number.</summary>
    internal static double CallDouble(Op op, params ReadOnlySpan<Arg> args)
    {
        NativeValue result;
        Invoke(op, args, &result, 1);
        return result.Double;
    }

    /// <summary>Calls an operator whose result is a truth value.</summary>
    internal static bool CallBool(Op op, params ReadOnlySpan<Arg> args) => CallLong(op, args) != 0;

    /// <summary>Calls an operator whose result is a number of whatever kind.</summary>
    internal static Scalar CallScalar(Op op, params ReadOnlySpan<Arg> args)
    {
        NativeValue result;
        Invoke(op, args, &result, 1);
        if (result.Tag != Tag.Complex)
            return Scalar.FromNative(result);
        var parts = (double*)result.Pointer;
        var number = new System.Numerics.Complex(parts[0], parts[1]);
        Native.free_list(parts);
        return number;
    }

    [SkipLocalsInit]
    private static void Invoke(Op op, ReadOnlySpan<Arg> args, NativeValue* results, int capacity, Tensor? self = null)
    {
        var words = 0;
        foreach (ref readonly var arg in args)
            words += arg.ScratchWords;

        var native = stackalloc NativeValue[args.Length + 1];
        var count = 0;
        if (self is not null)
            native[count++] = new() { Tag = Tag.Tensor, Bits = self.Handle };
        var scratch = words <= StackWords ? stackalloc long[StackWords] : new long[words];
        fixed (long* start = scratch)
        {
            var next = start;
            foreach (ref readonly var arg in args)
                next += arg.Write(native + count++, next);
            var written = Native.call_operator(op.Handle, native, count, results, capacity);
            GC.KeepAlive(self);
            foreach (ref readonly var arg in args)
                arg.KeepAlive();
            if (written < 0)
                throw Native.LastError();
        }
    }
}
