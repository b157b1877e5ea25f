namespace TorchSharp;

public static partial class torch
{
    private static class BareOps { internal static readonly Op zeros = new("aten::zeros"); internal static readonly Op ones = new("aten::ones"); internal static readonly Op add = new("aten::add","Tensor");}
    /// <summary>x</summary>
    public static Tensor zeros(params long[] size) => Dispatcher.Call(BareOps.zeros, size);
    /// <summary>x</summary>
    public static Tensor ones(params long[] size) => Dispatcher.Call(BareOps.ones, size);
}
