namespace TorchSharp;

// Products and matrix functions in their static form, and those with several inputs.
public static partial class torch
{
    /// <summary>Product of vectors, matrices or batches of matrices, with broadcasting of the batch dimensions.</summary>
    public static Tensor matmul(Tensor input, Tensor target) => input.matmul(target);

    /// <summary>Matrix product [n, m] × [m, p].</summary>
    public static Tensor mm(Tensor input, Tensor target) => input.mm(target);

    /// <summary>Batched matrix product [b, n, m] × [b, m, p].</summary>
    public static Tensor bmm(Tensor input, Tensor batch2) => input.bmm(batch2);

    /// <summary>Product of a matrix and a vector.</summary>
    public static Tensor mv(Tensor input, Tensor target) => input.mv(target);

    /// <summary>Inner product of two vectors.</summary>
    /// <exception cref="InvalidOperationException">The tensors are not vectors of one length.</exception>
    public static Tensor dot(Tensor input, Tensor other) => input.dot(other);

    /// <summary>Inner product of two vectors, <paramref name="input"/> one conjugated.</summary>
    /// <exception cref="InvalidOperationException">The tensors are not vectors of one length.</exception>
    public static Tensor vdot(Tensor input, Tensor target) => input.vdot(target);

    /// <summary>Inner product over the last dimensions of both tensors.</summary>
    public static Tensor inner(Tensor input, Tensor vec2) => input.inner(vec2);

    /// <summary>Outer product of two vectors.</summary>
    public static Tensor outer(Tensor input, Tensor vec2) => input.outer(vec2);

    /// <summary>Same as <see cref="Tensor.outer(Tensor)"/>.</summary>
    public static Tensor ger(Tensor input, Tensor vec2) => input.ger(vec2);

    /// <summary>Kronecker product.</summary>
    public static Tensor kron(Tensor input, Tensor other) => input.kron(other);

    /// <summary>
    /// <paramref name="beta"/> · <paramref name="input"/> + <paramref name="alpha"/> · <paramref name="mat1"/> ×
    /// <paramref name="mat2"/>.
    /// </summary>
    public static Tensor addmm(Tensor input, Tensor mat1, Tensor mat2, float beta, float alpha) =>
        input.addmm(mat1, mat2, beta, alpha);

    /// <summary>In-place form of <see cref="Tensor.addmm(Tensor, Tensor, float, float)"/>.</summary>
    public static Tensor addmm_(Tensor input, Tensor mat1, Tensor mat2, float beta, float alpha) =>
        input.addmm_(mat1, mat2, beta, alpha);

    /// <summary>
    /// <paramref name="beta"/> · <paramref name="input"/> + <paramref name="alpha"/> · Σ <paramref name="batch1"/>[b]
    /// × <paramref name="batch2"/>[b].
    /// </summary>
    public static Tensor addbmm(Tensor input, Tensor batch1, Tensor batch2, float beta = 1, float alpha = 1) =>
        input.addbmm(batch1, batch2, beta, alpha);

    /// <summary>In-place form of <see cref="Tensor.addbmm(Tensor, Tensor, float, float)"/>.</summary>
    public static Tensor addbmm_(Tensor input, Tensor batch1, Tensor batch2, float beta = 1, float alpha = 1) =>
        input.addbmm_(batch1, batch2, beta, alpha);

    /// <summary>
    /// <paramref name="beta"/> · <paramref name="input"/> + <paramref name="alpha"/> · <paramref name="batch1"/> ×
    /// <paramref name="batch2"/>, batch by batch.
    /// </summary>
    public static Tensor baddbmm(Tensor input, Tensor batch1, Tensor batch2, float beta = 1, float alpha = 1) =>
        input.baddbmm(batch1, batch2, beta, alpha);

    /// <summary>
    /// <paramref name="beta"/> · <paramref name="input"/> + <paramref name="alpha"/> · <paramref name="mat1"/> ×
    /// <paramref name="mat2"/>.
    /// </summary>
    public static Tensor addmv(Tensor input, Tensor mat1, Tensor mat2, float beta, float alpha) =>
        input.addmv(mat1, mat2, beta, alpha);

    /// <summary>In-place form of <see cref="Tensor.addmv(Tensor, Tensor, float, float)"/>.</summary>
    public static Tensor addmv_(Tensor input, Tensor mat1, Tensor mat2, float beta, float alpha) =>
        input.addmv_(mat1, mat2, beta, alpha);

    /// <summary>
    /// <paramref name="beta"/> · <paramref name="input"/> + <paramref name="alpha"/> times the outer product of
    /// two vectors.
    /// </summary>
    public static Tensor addr(Tensor input, Tensor vec1, Tensor vec2, float beta = 1, float alpha = 1) =>
        input.addr(vec1, vec2, beta, alpha);

    /// <summary>In-place form of <see cref="Tensor.addr(Tensor, Tensor, float, float)"/>.</summary>
    public static Tensor addr_(Tensor input, Tensor vec1, Tensor vec2, float beta = 1, float alpha = 1) =>
        input.addr_(vec1, vec2, beta, alpha);

    /// <summary>Sum of products over pairs of dimensions.</summary>
    public static Tensor tensordot(Tensor a, Tensor b, (long, long)[] dims) => a.tensordot(b, dims);

    /// <summary>
    /// Sum of products over the last <paramref name="dims"/> dimensions of <paramref name="a"/> and the first of
    /// <paramref name="b"/>.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The count is negative.</exception>
    public static Tensor tensordot(Tensor a, Tensor b, long dims = 2) => a.tensordot(b, dims);

    /// <summary>
    /// Sum of products over the dimensions <paramref name="dims1"/> of <paramref name="a"/> and
    /// <paramref name="dims2"/> of <paramref name="b"/>.
    /// </summary>
    public static Tensor tensordot(Tensor a, Tensor b, long[] dims1, long[] dims2) => a.tensordot(b, dims1, dims2);

    /// <summary>Cholesky factor of a symmetric positive-definite matrix: lower, or upper on request.</summary>
    [Obsolete("Use torch.linalg.cholesky; libtorch will remove this one.")]
    public static Tensor cholesky(Tensor input) => input.cholesky();

    /// <summary>Cholesky factor of a symmetric positive-definite matrix: lower, or upper on request.</summary>
    [Obsolete("Use torch.linalg.cholesky; libtorch will remove this one.")]
    public static Tensor cholesky(Tensor input, bool upper) => input.cholesky(upper);

    /// <summary>Inverse of the matrix whose Cholesky factor <paramref name="input"/> is.</summary>
    public static Tensor cholesky_inverse(Tensor input, bool upper = false) => input.cholesky_inverse(upper);

    /// <summary>Solves A · x = <paramref name="input"/>, with <paramref name="input2"/> the Cholesky factor of A.</summary>
    public static Tensor cholesky_solve(Tensor input, Tensor input2, bool upper = false) => input.cholesky_solve(input2, upper);

    /// <summary>Determinant of each square matrix.</summary>
    public static Tensor det(Tensor input) => input.det();

    /// <summary>Logarithm of the determinant of each square matrix; NaN where that is negative.</summary>
    /// <exception cref="ArgumentException">The last two dimensions differ.</exception>
    public static Tensor logdet(Tensor input) => input.logdet();

    /// <summary>Inverse of each square matrix.</summary>
    public static Tensor inverse(Tensor input) => input.inverse();

    /// <summary>Pseudo-inverse; singular values below <paramref name="rcond"/> times the greatest count as zero.</summary>
    public static Tensor pinverse(Tensor input, double rcond = 1e-15, bool hermitian = false) =>
        input.pinverse(rcond, hermitian);

    /// <summary>Matrix exponential of each square matrix.</summary>
    public static Tensor matrix_exp(Tensor input) => input.matrix_exp();

    /// <summary>Each square matrix multiplied with itself <paramref name="n"/> times; its inverse for negative counts.</summary>
    public static Tensor matrix_power(Tensor input, int n) => input.matrix_power(n);

    /// <summary>QR factorization in LAPACK's packed form.</summary>
    public static (Tensor a, Tensor tau) geqrf(Tensor input) => input.geqrf();

    /// <summary>
    /// Product of <paramref name="other"/> and the orthogonal matrix that <see cref="Tensor.geqrf()"/> packed into
    /// <paramref name="input"/> and <paramref name="tau"/>.
    /// </summary>
    public static Tensor ormqr(Tensor input, Tensor tau, Tensor other, bool left = true, bool transpose = false) =>
        input.ormqr(tau, other, left, transpose);

    /// <summary>Vandermonde matrix of a vector, with <paramref name="N"/> columns (-1: square) of falling or increasing powers.</summary>
    public static Tensor vander(Tensor x, long N = -1, bool increasing = false) => x.vander(N, increasing);

    /// <summary>exp(x) / Σ exp(x) along <paramref name="dim"/>, computed in <paramref name="dtype"/> when given.</summary>
    public static Tensor softmax(Tensor input, int dim, ScalarType? dtype = null) => input.softmax(dim, dtype);

    /// <summary>Sum of products by Einstein's notation, such as "bij,bjk->bik".</summary>
    public static Tensor einsum(string equation, params Tensor[] tensors) => Dispatcher.Call(Ops.einsum, equation, tensors);

    /// <summary>Product of a chain of matrices, in the order that costs least.</summary>
    public static Tensor chain_matmul(params Tensor[] matrices) => linalg.multi_dot(matrices);

    /// <summary>Sign and logarithm of the absolute value of the determinant.</summary>
    public static (Tensor res, Tensor logabsdet) slogdet(Tensor A) => linalg.slogdet(A);

    /// <summary>
    /// p-norm distances between the rows of <paramref name="x1"/> [b, n, d] and <paramref name="x2"/> [b, m, d]:
    /// shape [b, n, m].
    /// </summary>
    /// <exception cref="ArgumentException"><paramref name="p"/> is negative.</exception>
    public static Tensor cdist(
        Tensor x1, Tensor x2, double p = 2.0, compute_mode compute_mode = compute_mode.use_mm_for_euclid_dist_if_necessary)
    {
        if (p < 0)
            throw new ArgumentException($"cdist: p is {p}, but must not be negative.", nameof(p));
        return Dispatcher.Call(Ops.cdist, x1, x2, p, (long)compute_mode);
    }

    /// <summary>Packed LU factorization, with the pivots and, on request, what LAPACK reported.</summary>
    public static (Tensor A_LU, Tensor? pivots, Tensor? infos) lu(Tensor A, bool pivot = true, bool get_infos = false)
    {
        var (factors, pivots, infos) = Dispatcher.Call3(Ops.linalg_lu_factor_ex, A, pivot, false);
        if (get_infos)
            return (factors, pivots, infos);
        infos.Dispose();
        return (factors, pivots, null);
    }

    /// <summary>Solves A · x = b from the packed LU factorization of A.</summary>
    [Obsolete("Use torch.linalg.lu_solve(LU, pivots, B); libtorch will remove this one.")]
    public static Tensor lu_solve(Tensor b, Tensor LU_data, Tensor LU_pivots) => linalg.lu_solve(LU_data, LU_pivots, b);

    /// <summary>Permutation, lower and upper triangle of a packed LU factorization; parts not asked for are empty.</summary>
    public static (Tensor P, Tensor? L, Tensor? U) lu_unpack(
        Tensor LU_data, Tensor LU_pivots, bool unpack_data = true, bool unpack_pivots = true) =>
        Dispatcher.Call3(Ops.lu_unpack, LU_data, LU_pivots, unpack_data, unpack_pivots);

    /// <summary>The orthogonal matrix of a packed QR factorization.</summary>
    public static Tensor orgqr(Tensor input, Tensor tau) => linalg.householder_product(input, tau);

    private static partial class Ops
    {
        internal static readonly Op einsum = new("aten::einsum");
        internal static readonly Op cdist = new("aten::cdist");
        internal static readonly Op linalg_lu_factor_ex = new("aten::linalg_lu_factor_ex");
        internal static readonly Op lu_unpack = new("aten::lu_unpack");
    }
}
