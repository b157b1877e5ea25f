namespace TorchSharp;

public static partial class torch
{
    // Products of vectors and matrices, and functions of matrices.
    public partial class Tensor
    {
        /// <summary>Product of vectors, matrices or batches of matrices, with broadcasting of the batch dimensions.</summary>
        public Tensor matmul(Tensor target) => Dispatcher.Call(Ops.matmul, this, target);

        /// <summary>Matrix product [n, m] × [m, p].</summary>
        public Tensor mm(Tensor target) => Dispatcher.Call(Ops.mm, this, target);

        /// <summary>Batched matrix product [b, n, m] × [b, m, p].</summary>
        public Tensor bmm(Tensor batch2) => Dispatcher.Call(Ops.bmm, this, batch2);

        /// <summary>Product of a matrix and a vector.</summary>
        public Tensor mv(Tensor target) => Dispatcher.Call(Ops.mv, this, target);

        /// <summary>Inner product of two vectors.</summary>
        /// <exception cref="InvalidOperationException">The tensors are not vectors of one length.</exception>
        public Tensor dot(Tensor target) => Dispatcher.Call(Ops.dot, this, SameVector(target, "dot"));

        /// <summary>Inner product of two vectors, this one conjugated.</summary>
        /// <exception cref="InvalidOperationException">The tensors are not vectors of one length.</exception>
        public Tensor vdot(Tensor target) => Dispatcher.Call(Ops.vdot, this, SameVector(target, "vdot"));

        private Tensor SameVector(Tensor target, string caller) => ndim == 1 && target.ndim == 1 && shape[0] == target.shape[0]
            ? target
            : throw new InvalidOperationException($"{caller} needs two vectors of the same length, "
                + $"but got shapes [{string.Join(", ", shape)}] and [{string.Join(", ", target.shape)}].");

        /// <summary>Inner product over the last dimensions of both tensors.</summary>
        public Tensor inner(Tensor vec2) => Dispatcher.Call(Ops.inner, this, vec2);

        /// <summary>Outer product of two vectors.</summary>
        public Tensor outer(Tensor vec2) => Dispatcher.Call(Ops.outer, this, vec2);

        /// <summary>Same as <see cref="outer(Tensor)"/>.</summary>
        public Tensor ger(Tensor vec2) => outer(vec2);

        /// <summary>Kronecker product.</summary>
        public Tensor kron(Tensor other) => Dispatcher.Call(Ops.kron, this, other);

        /// <summary>
        /// <paramref name="beta"/> · this + <paramref name="alpha"/> · <paramref name="mat1"/> ×
        /// <paramref name="mat2"/>.
        /// </summary>
        public Tensor addmm(Tensor mat1, Tensor mat2, float beta = 1, float alpha = 1) =>
            Dispatcher.Call(Ops.addmm, this, mat1, mat2, beta, alpha);

        /// <summary>In-place form of <see cref="addmm(Tensor, Tensor, float, float)"/>.</summary>
        public Tensor addmm_(Tensor mat1, Tensor mat2, float beta = 1, float alpha = 1) =>
            Dispatcher.CallInPlace(this, Ops.addmm_, mat1, mat2, beta, alpha);

        /// <summary>
        /// <paramref name="beta"/> · this + <paramref name="alpha"/> · Σ <paramref name="batch1"/>[b] ×
        /// <paramref name="batch2"/>[b].
        /// </summary>
        public Tensor addbmm(Tensor batch1, Tensor batch2, float beta = 1, float alpha = 1) =>
            Dispatcher.Call(Ops.addbmm, this, batch1, batch2, beta, alpha);

        /// <summary>In-place form of <see cref="addbmm(Tensor, Tensor, float, float)"/>.</summary>
        public Tensor addbmm_(Tensor batch1, Tensor batch2, float beta = 1, float alpha = 1) =>
            Dispatcher.CallInPlace(this, Ops.addbmm_, batch1, batch2, beta, alpha);

        /// <summary>
        /// <paramref name="beta"/> · this + <paramref name="alpha"/> · <paramref name="batch1"/> ×
        /// <paramref name="batch2"/>, batch by batch.
        /// </summary>
        public Tensor baddbmm(Tensor batch1, Tensor batch2, float beta = 1, float alpha = 1) =>
            Dispatcher.Call(Ops.baddbmm, this, batch1, batch2, beta, alpha);

        /// <summary><paramref name="beta"/> · this + <paramref name="alpha"/> · <paramref name="mat"/> × <paramref name="vec"/>.</summary>
        public Tensor addmv(Tensor mat, Tensor vec, float beta = 1.0f, float alpha = 1.0f) =>
            Dispatcher.Call(Ops.addmv, this, mat, vec, beta, alpha);

        /// <summary>In-place form of <see cref="addmv(Tensor, Tensor, float, float)"/>.</summary>
        public Tensor addmv_(Tensor mat, Tensor vec, float beta = 1.0f, float alpha = 1.0f) =>
            Dispatcher.CallInPlace(this, Ops.addmv_, mat, vec, beta, alpha);

        /// <summary><paramref name="beta"/> · this + <paramref name="alpha"/> times the outer product of two vectors.</summary>
        public Tensor addr(Tensor vec1, Tensor vec2, float beta = 1.0f, float alpha = 1.0f) =>
            Dispatcher.Call(Ops.addr, this, vec1, vec2, beta, alpha);

        /// <summary>In-place form of <see cref="addr(Tensor, Tensor, float, float)"/>.</summary>
        public Tensor addr_(Tensor vec1, Tensor vec2, float beta = 1.0f, float alpha = 1.0f) =>
            Dispatcher.CallInPlace(this, Ops.addr_, vec1, vec2, beta, alpha);

        /// <summary>
        /// Sum of products over the dimensions <paramref name="dims1"/> of this and <paramref name="dims2"/> of
        /// <paramref name="b"/>.
        /// </summary>
        public Tensor tensordot(Tensor b, long[] dims1, long[] dims2) => Dispatcher.Call(Ops.tensordot, this, b, dims1, dims2);

        /// <summary>Sum of products over pairs of dimensions.</summary>
        public Tensor tensordot(Tensor b, (long, long)[] dims) =>
            tensordot(b, Array.ConvertAll(dims, pair => pair.Item1), Array.ConvertAll(dims, pair => pair.Item2));

        /// <summary>
        /// Sum of products over the last <paramref name="dims"/> dimensions of this and the first of
        /// <paramref name="b"/>.
        /// </summary>
        /// <exception cref="ArgumentOutOfRangeException">The count is negative.</exception>
        public Tensor tensordot(Tensor b, long dims = 2)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(dims);
            var first = Enumerable.Range(0, (int)dims).Select(i => (long)i).ToArray();
            return tensordot(b, Array.ConvertAll(first, i => i - dims), first);
        }

        /// <summary>Cholesky factor of a symmetric positive-definite matrix: lower, or upper on request.</summary>
        [Obsolete("Use torch.linalg.cholesky; libtorch will remove this one.")]
        public Tensor cholesky(bool upper = false) => Dispatcher.Call(Ops.cholesky, this, upper);

        /// <summary>Inverse of the matrix whose Cholesky factor this is.</summary>
        public Tensor cholesky_inverse(bool upper = false) => Dispatcher.Call(Ops.cholesky_inverse, this, upper);

        /// <summary>Solves A · x = this, with <paramref name="input2"/> the Cholesky factor of A.</summary>
        public Tensor cholesky_solve(Tensor input2, bool upper = false) => Dispatcher.Call(Ops.cholesky_solve, this, input2, upper);

        /// <summary>Determinant of each square matrix.</summary>
        public Tensor det() => Dispatcher.Call(Ops.det, this);

        /// <summary>Logarithm of the determinant of each square matrix; NaN where that is negative.</summary>
        /// <exception cref="ArgumentException">The last two dimensions differ.</exception>
        public Tensor logdet()
        {
            if (ndim < 2 || shape[^1] != shape[^2])
                throw new ArgumentException($"logdet needs square matrices, but the shape is [{string.Join(", ", shape)}].");
            return Dispatcher.Call(Ops.logdet, this);
        }

        /// <summary>Inverse of each square matrix.</summary>
        public Tensor inverse() => torch.linalg.inv(this);

        /// <summary>Pseudo-inverse; singular values below <paramref name="rcond"/> times the greatest count as zero.</summary>
        public Tensor pinverse(double rcond = 1e-15, bool hermitian = false) =>
            Dispatcher.Call(Ops.linalg_pinv, this, rcond, hermitian);

        /// <summary>Matrix exponential of each square matrix.</summary>
        public Tensor matrix_exp() => Dispatcher.Call(Ops.matrix_exp, this);

        /// <summary>Each square matrix multiplied with itself <paramref name="n"/> times; its inverse for negative counts.</summary>
        public Tensor matrix_power(int n) => Dispatcher.Call(Ops.matrix_power, this, n);

        /// <summary>QR factorization in LAPACK's packed form.</summary>
        public (Tensor a, Tensor tau) geqrf() => Dispatcher.Call2(Ops.geqrf, this);

        /// <summary>
        /// Product of <paramref name="other"/> and the orthogonal matrix that <see cref="geqrf()"/> packed into this and
        /// <paramref name="tau"/>.
        /// </summary>
        public Tensor ormqr(Tensor tau, Tensor other, bool left = true, bool transpose = false) =>
            Dispatcher.Call(Ops.ormqr, this, tau, other, left, transpose);

        /// <summary>
        /// Vandermonde matrix of a vector, with <paramref name="N"/> columns (-1: square) of falling or increasing
        /// powers.
        /// </summary>
        public Tensor vander(long N = -1, bool increasing = false) =>
            Dispatcher.Call(Ops.vander, this, N < 0 ? Arg.None : N, increasing);

        private static partial class Ops
        {
            internal static readonly Op matmul = new("aten::matmul");
            internal static readonly Op mm = new("aten::mm");
            internal static readonly Op bmm = new("aten::bmm");
            internal static readonly Op mv = new("aten::mv");
            internal static readonly Op dot = new("aten::dot");
            internal static readonly Op vdot = new("aten::vdot");
            internal static readonly Op inner = new("aten::inner");
            internal static readonly Op outer = new("aten::outer");
            internal static readonly Op kron = new("aten::kron");
            internal static readonly Op addmm = new("aten::addmm");
            internal static readonly Op addmm_ = new("aten::addmm_");
            internal static readonly Op addbmm = new("aten::addbmm");
            internal static readonly Op addbmm_ = new("aten::addbmm_");
            internal static readonly Op baddbmm = new("aten::baddbmm");
            internal static readonly Op addmv = new("aten::addmv");
            internal static readonly Op addmv_ = new("aten::addmv_");
            internal static readonly Op addr = new("aten::addr");
            internal static readonly Op addr_ = new("aten::addr_");
            internal static readonly Op tensordot = new("aten::tensordot");
            internal static readonly Op cholesky = new("aten::cholesky");
            internal static readonly Op cholesky_inverse = new("aten::cholesky_inverse");
            internal static readonly Op cholesky_solve = new("aten::cholesky_solve");
            internal static readonly Op det = new("aten::det");
            internal static readonly Op logdet = new("aten::logdet");
            internal static readonly Op linalg_pinv = new("aten::linalg_pinv");
            internal static readonly Op matrix_exp = new("aten::matrix_exp");
            internal static readonly Op matrix_power = new("aten::matrix_power");
            internal static readonly Op geqrf = new("aten::geqrf");
            internal static readonly Op ormqr = new("aten::ormqr");
            internal static readonly Op vander = new("aten::vander");
        }
    }
}
