using System.Numerics;
using TorchSharp;
using Xunit;
using static PruneGen.LibTorch.Tests.Numbers;
using static TorchSharp.torch;

namespace PruneGen.LibTorch.Tests;

public class ComplexTests
{
    private static Tensor Sample => tensor(new[] { new Complex(1, 2), new Complex(-3, 0.5) });

    [Fact]
    public void Parts()
    {
        using var z = Sample;
        Close([1, -3], z.real);
        Close([2, 0.5], z.imag);
        Close([1, -3], real(z));
        Close([2, 0.5], imag(z));
        Close([Math.Sqrt(5), Math.Sqrt(9.25)], z.abs());
        Close([Math.Atan2(2, 1), Math.Atan2(0.5, -3)], z.angle());
        Close([2, 2], [1, 2, -3, 0.5], z.view_as_real());
        Close([2, 0.5], view_as_complex(view_as_real(z)).imag);
        Assert.Equal([0L, 1], tensor(new[] { new Complex(1, 2), new Complex(3, 0) }).isreal().Integers());
    }

    [Fact]
    public void Conjugates()
    {
        using var z = Sample;
        using var lazily = z.conj();
        Assert.True(lazily.is_conj());
        Assert.False(z.is_conj());
        Assert.False(lazily.resolve_conj().is_conj());
        Close([-2, -0.5], lazily.resolve_conj().imag);
        Close([-2, -0.5], z.conj_physical().imag);
        Close([-2, -0.5], conj_physical(z).imag);
        Assert.False(z.is_neg());
        Assert.True(lazily.imag.is_neg());
        Close([-2, -0.5], lazily.imag.resolve_neg());
        Assert.Same(z, z.conj_physical_());
        Close([-2, -0.5], z.imag);
    }

    [Fact]
    public void The_conjugate_transpose()
    {
        using var z = Sample.reshape(1, 2);
        Assert.Equal(new long[] { 2, 1 }, z.H.shape);
        Close([-2, -0.5], z.H.resolve_conj().imag);
        Close([-2, -0.5], z.mH.resolve_conj().imag);
        Close([-2, -0.5], z.adjoint().resolve_conj().imag);
    }
}
