using System.Runtime.InteropServices;

namespace TorchSharp;

/// <summary>One operator of libtorch, such as <c>aten::add.Tensor</c>; looked up on its first use.</summary>
/// <remarks>Declare each as a static field beside its use: the look-up costs microseconds, the call does not.</remarks>
internal sealed class Op(string name, string overload = "")
{
    private nint handle;

    internal nint Handle => handle != 0 ? handle : Find();

    /// <summary>Whether the libtorch at hand has it: some operators are younger than others.</summary>
    internal bool Exists => handle != 0 || Native.find_operator(name, overload) is not 0;

    public override string ToString() => overload.Length == 0 ? name : $"{name}.{overload}";

    private nint Find()
    {
        var found = Native.find_operator(name, overload);
        if (found == 0)
            throw Native.LastError();
        return handle = found;
    }
}
