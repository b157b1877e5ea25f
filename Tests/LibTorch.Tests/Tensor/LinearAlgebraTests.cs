using System.Runtime.InteropServices;
using TorchSharp;
using Xunit;
using static PruneGen.LibTorch.Tests.Numbers;
using static TorchSharp.torch;

namespace PruneGen.LibTorch.Tests;

/// <summary>Products against loops; factorizations by putting the factors together again.</summary>
public class LinearAlgebraTests
{
    private static readonly double[] A = [1, 2, -1, 0.5, 3, 4];
    private static readonly double[] B = [2, 0, 1, -1, 5, 3];
    private static readonly double[] Square = [4, 1, 2, 1, 3, 0, 2, 0, 5];

    private static Tensor Symmetric => Shaped([3, 3], Square);

    [Fact]
    public void Products_of_matrices()
    {
        using var a = Shaped([2, 3], A);
        using var b = Shaped([3, 2], B);
        var expected = Product(A, B, 2, 3, 2);
        Close([2, 2], expected, a.matmul(b));
        Close([2, 2], expected, matmul(a, b));
        Close([2, 2], expected, a.mm(b));
        Close([2, 2], expected, mm(a, b));
        Close([2, 2], expected, einsum("ij,jk->ik", a, b));
        Close([2, 2], expected, chain_matmul(a, b));
        Close([2, 2], expected, a.tensordot(b, [1], [0]));
        Close([2, 2], expected, tensordot(a, b, [(1L, 0L)]));
        Close([2, 2], expected, a.unsqueeze(0).bmm(b.unsqueeze(0)).squeeze(0));
        Close([2, 2], expected.Select(v => 2 * v + 3).ToArray(), ones(2, 2, dtype: float64).addmm(a, b, 3, 2));
        Close([2, 2], expected.Select(v => 2 * v + 1).ToArray(), ones(2, 2, dtype: float64).addbmm(stack([a, a]), stack([b, b])));
        using var sum = ones(2, 2, dtype: float64);
        Assert.Same(sum, sum.addmm_(a, b));
        Close([2, 2], expected.Select(v => v + 1).ToArray(), sum);
        Assert.Same(sum, sum.addbmm_(stack([a, a]), stack([b, b]), beta: 0));
        Close([2, 2], expected.Select(v => 2 * v).ToArray(), sum);
        Assert.Same(sum, sum.addr_(Vector(1, 2), Vector(3, 4), beta: 0));
        Close([2, 2], [3, 4, 6, 8], sum);
    }

    [Fact]
    public void Products_with_vectors()
    {
        using var a = Shaped([2, 3], A);
        using var v = Vector(1, 2, 3);
        using var w = Vector(4, 5, 6);
        Close([2], Product(A, [1, 2, 3], 2, 3, 1), a.mv(v));
        Close([2], Product(A, [1, 2, 3], 2, 3, 1), a.matmul(v));
        Close([2], Product(A, [1, 2, 3], 2, 3, 1).Select(x => x + 1).ToArray(), ones(2, dtype: float64).addmv(a, v));
        using var sum = ones(2, dtype: float64);
        Assert.Same(sum, sum.addmv_(a, v, beta: 0));
        Close([2], Product(A, [1, 2, 3], 2, 3, 1), sum);
        Close([], [32], v.dot(w));
        Close([], [32], v.vdot(w));
        Close([], [32], inner(v, w));
        Close([3, 3], Product([1, 2, 3], [4, 5, 6], 3, 1, 3), v.outer(w));
        Close([3, 3], Product([1, 2, 3], [4, 5, 6], 3, 1, 3), ger(v, w));
        Close([3, 3], Product([1, 2, 3], [4, 5, 6], 3, 1, 3), zeros(3, 3, dtype: float64).addr(v, w));
        Close([9], Product([1, 2, 3], [4, 5, 6], 3, 1, 3), v.kron(w));
        Close([3], [-3, 6, -3], linalg.cross(v, w));
        Close([], [32], linalg.vecdot(v, w));
        Assert.Throws<InvalidOperationException>(() => v.dot(Vector(1, 2)));
        Assert.Throws<InvalidOperationException>(() => a.vdot(v));
    }

    [Fact]
    public void Shapes_that_do_not_fit_throw()
    {
        using var a = Counting(2, 3);
        Assert.Throws<ExternalException>(() => a.mm(Vector(1, 2, 3)));
        Assert.Throws<ExternalException>(() => a.bmm(a));
        Assert.Throws<ExternalException>(() => einsum("ij,jk->ik", a, a));
    }

    [Fact]
    public void Matmul_broadcasts_batches()
    {
        using var a = Counting(2, 1, 2, 3);
        using var b = Counting(5, 3, 4);
        Assert.Equal(new long[] { 2, 5, 2, 4 }, a.matmul(b).shape);
        Close(a[1, 0].matmul(b[3]).Values(), a.matmul(b)[1, 3]);
    }

    [Fact]
    public void Einsum_traces_and_batches()
    {
        using var x = Counting(3, 3);
        Close([], [12], einsum("ii->", x));
        Close([3], [0, 4, 8], einsum("ii->i", x));
        using var batch = Counting(2, 2, 3);
        Close(batch.matmul(batch.mT).Values(), einsum("bij,bkj->bik", batch, batch));
    }

    [Fact]
    public void Determinant_and_inverse()
    {
        using var x = Symmetric;
        // By cofactors: 4·(3·5 - 0) - 1·(1·5 - 0) + 2·(0 - 3·2).
        Close([], [43], x.det());
        Close([], [43], linalg.det(x));
        Close([], [Math.Log(43)], x.logdet());
        var (sign, logarithm) = linalg.slogdet(-x);
        Close([-1], sign);
        Close([Math.Log(43)], logarithm);
        Close([3, 3], [1, 0, 0, 0, 1, 0, 0, 0, 1], x.matmul(x.inverse()), 1e-9);
        Close([3, 3], [1, 0, 0, 0, 1, 0, 0, 0, 1], x.matmul(linalg.inv(x)), 1e-9);
        Close(x.inverse().Values(), x.pinverse(), 1e-9);
        Close(x.inverse().Values(), linalg.pinv(x), 1e-9);
        Close(x.inverse().Values(), x.matrix_power(-1), 1e-9);
        Close(x.matmul(x).Values(), matrix_power(x, 2), 1e-9);
        Assert.Throws<ExternalException>(() => linalg.inv(zeros(2, 2)));
        Assert.Throws<ArgumentException>(() => Counting(2, 3).logdet());
    }

    [Fact]
    public void Solutions_of_linear_systems()
    {
        using var x = Symmetric;
        using var b = Vector(1, 2, 3);
        Close([1, 2, 3], x.mv(linalg.solve(x, b)), 1e-9);
        var (solution, info) = linalg.solve_ex(x, b);
        Close([1, 2, 3], x.mv(solution), 1e-9);
        Assert.Equal([0L], info.Integers());
        using var lower = linalg.cholesky(x);
        Close([1, 2, 3], x.mv(b.unsqueeze(1).cholesky_solve(lower).squeeze(1)), 1e-9);
        Close([1, 2, 3], lower.mv(linalg.solve_triangular(lower, b.unsqueeze(1), upper: false).squeeze(1)), 1e-9);
        var (factors, pivots, _) = lu(x);
        Close([1, 2, 3], x.mv(linalg.lu_solve(factors, pivots!, b.unsqueeze(1)).squeeze(1)), 1e-9);
        // The line through (0, 1), (1, 3), (2, 5), exactly.
        var (line, _, _, _) = linalg.lstsq(Shaped([3, 2], 0, 1, 1, 1, 2, 1), Shaped([3, 1], 1, 3, 5));
        Close([2, 1], [2, 1], line, 1e-9);
    }

    [Fact]
    public void What_is_obsolete_still_works()
    {
        using var x = Symmetric;
        using var b = Vector(1, 2, 3);
        var (factors, pivots, _) = lu(x);
#pragma warning disable CS0618
        using var lower = x.cholesky();
        Close(Square, lower.matmul(lower.t()), 1e-9);
        Close(cholesky(x, upper: true).Values(), lower.t(), 1e-9);
        Close([1, 2, 3], x.mv(lu_solve(b.unsqueeze(1), factors, pivots!).squeeze(1)), 1e-9);
#pragma warning restore CS0618
    }

    [Fact]
    public void Factorizations()
    {
        using var x = Symmetric;
        using var lower = linalg.cholesky(x);
        Close(Square, lower.matmul(lower.t()), 1e-9);
        Close(x.inverse().Values(), lower.cholesky_inverse(), 1e-9);
        var (q, r) = linalg.qr(x);
        Close(Square, q.matmul(r), 1e-9);
        Close([1, 0, 0, 0, 1, 0, 0, 0, 1], q.t().matmul(q), 1e-9);
        var (u, s, vh) = linalg.svd(x);
        Close(Square, u.matmul(s.diag()).matmul(vh), 1e-9);
        Close(s.Values(), linalg.svdvals(x), 1e-9);
        var (values, vectors) = linalg.eigh(x);
        Close(Square, vectors.matmul(values.diag()).matmul(vectors.t()), 1e-9);
        Close(values.Values(), linalg.eigvalsh(x), 1e-9);
        Close([values.Values().Sum()], linalg.eigvals(x).real.sum(), 1e-9);
        var (p, l, up) = linalg.lu(x);
        Close(Square, p.matmul(l).matmul(up), 1e-9);
        var (packed, tau) = x.geqrf();
        Close(q.Values(), orgqr(packed, tau), 1e-9);
        Assert.Throws<ExternalException>(() => linalg.cholesky(-x));
    }

    [Fact]
    public void Factorizations_that_report_rather_than_throw()
    {
        using var x = Symmetric;
        var (lower, info) = linalg.cholesky_ex(x);
        Close(Square, lower.matmul(lower.t()), 1e-9);
        Assert.Equal([0L], info.Integers());
        Assert.NotEqual([0L], linalg.cholesky_ex(-x).info.Integers());
        var (packed, pivots) = linalg.lu_factor(x);
        Close([1, 2, 3], x.mv(linalg.lu_solve(packed, pivots!, Shaped([3, 1], 1, 2, 3)).squeeze(1)), 1e-9);
        var (p, l, u) = lu_unpack(packed, pivots!);
        Close(Square, p.matmul(l!).matmul(u!), 1e-9);
        var (ld, ldPivots) = linalg.ldl_factor(x);
        Close([1, 2, 3], x.mv(linalg.ldl_solve(ld, ldPivots!, Shaped([3, 1], 1, 2, 3), hermitian: true).squeeze(1)), 1e-9);
        Assert.Equal([0L], linalg.ldl_factor_ex(x).Info!.Integers());
    }

    [Fact]
    public void Eigenvalues_of_a_rotation_are_complex()
    {
        using var turn = Shaped([2, 2], 0, -1, 1, 0);
        var (values, vectors) = linalg.eig(turn);
        Close([0, 0], values.real, 1e-9);
        Close([-1, 1], values.imag.sort().Values, 1e-9);
        Close([1, 1], vectors.abs().square().sum(0L), 1e-9);
    }

    [Fact]
    public void Results_written_to_a_given_tensor()
    {
        using var x = Symmetric;
        using var b = Shaped([3, 1], 1, 2, 3);
        using var target = zeros(3, 1, dtype: float64);
        var (packed, pivots) = linalg.lu_factor(x);
        linalg.lu_solve(packed, pivots!, b, @out: target);
        Close([1, 2, 3], x.mm(target), 1e-9);
        using var lower = linalg.cholesky(x);
        linalg.solve_triangular(lower, b, upper: false, @out: target);
        Close([1, 2, 3], lower.mm(target), 1e-9);
        using var products = zeros(2, dtype: float64);
        linalg.vecdot(Counting(2, 2), Counting(2, 2), @out: products);
        Close([1, 13], products);
    }

    [Fact]
    public void Systems_of_tensors()
    {
        using var a = Shaped([2, 3, 6], Enumerable.Range(0, 36).Select(i => i % 7 == 0 ? 5.0 : i % 5).ToArray());
        using var inverse = linalg.tensorinv(a, 2);
        Assert.Equal(new long[] { 6, 2, 3 }, inverse.shape);
        Close(eye(6).Values(), a.reshape(6, 6).matmul(inverse.reshape(6, 6)), 1e-9);
        using var b = Counting(2, 3);
        Close(b.Values(), a.reshape(6, 6).mv(linalg.tensorsolve(a, b, []).flatten()), 1e-9);
    }

    [Fact]
    public void Products_of_reflections()
    {
        using var x = Shaped([3, 2], 1, 2, 3, 4, 5, 7);
        var (packed, tau) = x.geqrf();
        using var q = linalg.householder_product(packed, tau);
        using var y = Counting(3, 3);
        Close(x.Values(), q.matmul(packed[..2].triu()), 1e-9);
        // ormqr multiplies with the square Q, whose first columns are q.
        Close(q.t().matmul(y).Values(), packed.ormqr(tau, y, left: true, transpose: true)[..2], 1e-9);
    }

    [Fact]
    public void Norms_and_ranks()
    {
        using var x = Shaped([2, 2], 3, 0, 0, 4);
        Close([5], linalg.norm(x));
        Close([5], linalg.norm(x, "fro"));
        Close([7], linalg.norm(x, "nuc"));
        Close([4], linalg.norm(x, 2), 1e-9);
        Close([4], linalg.norm(x, double.PositiveInfinity));
        Close([2], [3, 4], linalg.norm(x, [1]));
        Close([5], linalg.matrix_norm(x));
        Close([4], linalg.matrix_norm(x, 2.0), 1e-9);
        Close([7], linalg.vector_norm(x, 1));
        Close([2], [3, 4], linalg.vector_norm(x, 3, [0]));
        Close([4.0 / 3], linalg.cond(x), 1e-9);
        Close([4.0 / 3], linalg.cond(x, 2), 1e-9);
        Close([4.0 / 3], linalg.cond(x, double.PositiveInfinity), 1e-9);
        Close([5 * 5 / 12.0], linalg.cond(x, "fro"), 1e-9);
        Assert.Equal([2L], linalg.matrix_rank(x).Integers());
        Assert.Equal([1L], linalg.matrix_rank(ones(2, 2)).Integers());
        Assert.Equal([1L], linalg.matrix_rank(x, atol: 3.5).Integers());
        Assert.Equal([1L], linalg.matrix_rank(x, tensor(3.5)).Integers());
        Close([2, 2], [0, 0, 0, 0.25], linalg.pinv(x, atol: tensor(3.5)));
        Close([2, 2], [Math.Exp(3), 0, 0, Math.Exp(4)], x.matrix_exp(), 1e-9);
    }

    [Fact]
    public void Distances_and_powers()
    {
        Close([1, 2], [5, 0], cdist(Shaped([1, 2], 0, 0), Shaped([2, 2], 3, 4, 0, 0)));
        Close([7], cdist(Shaped([1, 2], 0, 0), Shaped([1, 2], 3, 4), p: 1));
        Assert.Throws<ArgumentException>(() => cdist(Counting(1, 1), Counting(1, 1), -1));
        Close([2, 3], [4, 2, 1, 9, 3, 1], Vector(2, 3).vander(3));
        Close([2, 3], [1, 2, 4, 1, 3, 9], vander(Vector(2, 3), 3, increasing: true));
        Close([2, 2], [1, 2, 1, 3], linalg.vander(Vector(2, 3)));
        Close(linalg.multi_dot([Counting(2, 3), Counting(3, 4), Counting(4, 2)]).Values(), Counting(2, 3).matmul(Counting(3, 4)).matmul(Counting(4, 2)));
    }
}
