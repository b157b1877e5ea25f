namespace TorchSharp;

public static partial class torch
{
    /// <summary>Linear algebra, as PyTorch's torch.linalg has it; every function takes batches of matrices as well.</summary>
    public static class linalg
    {
        /// <summary>Lower Cholesky factor of a symmetric positive-definite matrix.</summary>
        public static Tensor cholesky(Tensor input) => Dispatcher.Call(Ops.cholesky, input);

        /// <summary>Lower Cholesky factor, and for each matrix the order of the leading minor that is not positive (0: none).</summary>
        public static (Tensor L, Tensor info) cholesky_ex(Tensor input, bool check_errors = false) =>
            Dispatcher.Call2(Ops.cholesky_ex, input, false, check_errors);

        /// <summary>Condition number in the matrix norm <paramref name="p"/>.</summary>
        public static Tensor cond(Tensor input, int p) => Dispatcher.Call(Ops.cond, input, p);

        /// <summary>Condition number in the matrix norm <paramref name="p"/>.</summary>
        public static Tensor cond(Tensor input, double p) => Dispatcher.Call(Ops.cond, input, p);

        /// <summary>Condition number in the matrix norm <paramref name="p"/>: "fro" or "nuc".</summary>
        public static Tensor cond(Tensor input, string p) => Dispatcher.Call(Ops.cond_name, input, p);

        /// <summary>Condition number in the 2-norm.</summary>
        public static Tensor cond(Tensor input) => Dispatcher.Call(Ops.cond, input);

        /// <summary>Cross product of vectors of three elements along <paramref name="dim"/>.</summary>
        public static Tensor cross(Tensor input, Tensor other, long dim = -1) => Dispatcher.Call(Ops.cross, input, other, dim);

        /// <summary>Determinant.</summary>
        public static Tensor det(Tensor input) => Dispatcher.Call(Ops.det, input);

        /// <summary>Sign of the determinant, and the logarithm of its absolute value.</summary>
        public static (Tensor, Tensor) slogdet(Tensor input) => Dispatcher.Call2(Ops.slogdet, input);

        /// <summary>The diagonal of the planes <paramref name="dim1"/>, <paramref name="dim2"/> as a last dimension; a view.</summary>
        public static Tensor diagonal(Tensor input, int offset = 0, int dim1 = -2, int dim2 = -1) =>
            input.diagonal(offset, dim1, dim2);

        /// <summary>Eigenvalues and eigenvectors (in columns), as complex numbers.</summary>
        public static (Tensor, Tensor) eig(Tensor input) => Dispatcher.Call2(Ops.eig, input);

        /// <summary>
        /// Eigenvalues in rising order and eigenvectors of a symmetric matrix, read from its lower ('L') or upper
        /// ('U') triangle.
        /// </summary>
        public static (Tensor, Tensor) eigh(Tensor input, char UPLO = 'L') => Dispatcher.Call2(Ops.eigh, input, UPLO.ToString());

        /// <summary>Eigenvalues, as complex numbers.</summary>
        public static Tensor eigvals(Tensor input) => Dispatcher.Call(Ops.eigvals, input);

        /// <summary>Eigenvalues in rising order of a symmetric matrix, read from its lower ('L') or upper ('U') triangle.</summary>
        public static Tensor eigvalsh(Tensor input, char UPLO = 'L') => Dispatcher.Call(Ops.eigvalsh, input, UPLO.ToString());

        /// <summary>The first columns of a product of Householder reflections, as <see cref="Tensor.geqrf()"/> packs them.</summary>
        public static Tensor householder_product(Tensor A, Tensor tau) => Dispatcher.Call(Ops.householder_product, A, tau);

        /// <summary>Inverse of each square matrix.</summary>
        public static Tensor inv(Tensor input) => Dispatcher.Call(Ops.inv, input);

        /// <summary>Inverse of each square matrix, and 0 for each matrix that has one.</summary>
        public static (Tensor L, Tensor info) inv_ex(Tensor input, bool check_errors = false) =>
            Dispatcher.Call2(Ops.inv_ex, input, check_errors);

        /// <summary>
        /// Least squares: the X with the smallest ‖input · X - other‖, its squared residuals, the rank and the singular
        /// values (those the driver computes).
        /// </summary>
        public static (Tensor Solution, Tensor Residuals, Tensor Rank, Tensor SingularValues) lstsq(Tensor input, Tensor other) =>
            Dispatcher.Call4(Ops.lstsq, input, other);

        /// <summary>Least squares as above; singular values below <paramref name="rcond"/> times the greatest count as zero.</summary>
        public static (Tensor Solution, Tensor Residuals, Tensor Rank, Tensor SingularValues) lstsq(
            Tensor input, Tensor other, double rcond) =>
            Dispatcher.Call4(Ops.lstsq, input, other, rcond);

        /// <summary>LU factorization with row exchanges: input = P · L · U.</summary>
        public static (Tensor P, Tensor L, Tensor U) lu(Tensor input, bool pivot = true) => Dispatcher.Call3(Ops.lu, input, pivot);

        /// <summary>Packed LU factorization and its pivots.</summary>
        public static (Tensor LU, Tensor? Pivots) lu_factor(Tensor input, bool pivot = true) =>
            Dispatcher.Call2(Ops.lu_factor, input, pivot);

        /// <summary>Solves A · X = B (X · A = B unless <paramref name="left"/>) from the packed LU factorization of A.</summary>
        public static Tensor lu_solve(
            Tensor LU, Tensor pivots, Tensor B, bool left = true, bool adjoint = false, Tensor? @out = null) => @out is null
            ? Dispatcher.Call(Ops.lu_solve, LU, pivots, B, left, adjoint)
            : Dispatcher.Call(Ops.lu_solve_out, LU, pivots, B, left, adjoint, @out);

        /// <summary>Packed LDL factorization of a symmetric matrix and its pivots.</summary>
        public static (Tensor LU, Tensor? Pivots) ldl_factor(Tensor input, bool hermitian = true) =>
            Dispatcher.Call2(Ops.ldl_factor, input, hermitian);

        /// <summary>Packed LDL factorization of a symmetric matrix, its pivots and what LAPACK reported.</summary>
        public static (Tensor LU, Tensor? Pivots, Tensor? Info) ldl_factor_ex(
            Tensor input, bool hermitian = true, bool check_errors = false) =>
            Dispatcher.Call3(Ops.ldl_factor_ex, input, hermitian, check_errors);

        /// <summary>Solves A · X = B from the packed LDL factorization of A.</summary>
        public static Tensor ldl_solve(Tensor LD, Tensor pivots, Tensor B, bool hermitian = false) =>
            Dispatcher.Call(Ops.ldl_solve, LD, pivots, B, hermitian);

        /// <summary>Matrix exponential of each square matrix.</summary>
        public static Tensor matrix_exp(Tensor input) => input.matrix_exp();

        /// <summary>Matrix norm over two dimensions (by default the last): "fro" or "nuc".</summary>
        public static Tensor matrix_norm(Tensor input, string ord = "fro", long[]? dims = null, bool keepdim = false) =>
            Dispatcher.Call(Ops.matrix_norm_name, input, ord, dims ?? [-2, -1], keepdim);

        /// <summary>Matrix norm over two dimensions (by default the last), of order ±1, ±2 or ±∞.</summary>
        public static Tensor matrix_norm(Tensor input, double ord, long[]? dims = null, bool keepdim = false) =>
            Dispatcher.Call(Ops.matrix_norm, input, ord, dims ?? [-2, -1], keepdim);

        /// <summary>Number of singular values above the tolerances.</summary>
        public static Tensor matrix_rank(Tensor input, double? atol = null, double? rtol = null, bool hermitian = false) =>
            Dispatcher.Call(Ops.matrix_rank, input, atol, rtol, hermitian);

        /// <summary>Number of singular values above the tolerances.</summary>
        public static Tensor matrix_rank(Tensor input, Tensor atol, Tensor? rtol = null, bool hermitian = false) =>
            Dispatcher.Call(Ops.matrix_rank_tensor, input, atol, rtol, hermitian);

        /// <summary>Product of a chain of matrices, in the order that costs least.</summary>
        /// <exception cref="ArgumentException">No tensor is given.</exception>
        public static Tensor multi_dot(IList<Tensor> tensors) => tensors.Count switch
        {
            0 => throw new ArgumentException("multi_dot needs at least one tensor.", nameof(tensors)),
            1 => tensors[0].alias(),
            _ => Dispatcher.Call(Ops.multi_dot, Arg.Tensors(tensors)),
        };

        /// <summary>Vector or matrix norm by name: "fro" or "nuc".</summary>
        public static Tensor norm(Tensor input, string ord, long[]? dims = null, bool keepdim = false) =>
            Dispatcher.Call(Ops.norm_name, input, ord, dims, keepdim);

        /// <summary>Vector norm (one dimension) or matrix norm (two) of the given order.</summary>
        public static Tensor norm(Tensor input, double ord, long[]? dims = null, bool keepdim = false) =>
            Dispatcher.Call(Ops.norm, input, ord, dims, keepdim);

        /// <summary>Vector norm (one dimension) or matrix norm (two) of the given order.</summary>
        public static Tensor norm(Tensor input, int ord, long[]? dims = null, bool keepdim = false) =>
            Dispatcher.Call(Ops.norm, input, ord, dims, keepdim);

        /// <summary>2-norm of all elements, or over the given dimensions.</summary>
        public static Tensor norm(Tensor input, long[]? dims = null, bool keepdim = false) =>
            Dispatcher.Call(Ops.norm, input, Arg.None, dims, keepdim);

        /// <summary>Pseudo-inverse; singular values below the tolerances count as zero.</summary>
        public static Tensor pinv(Tensor input, double? atol = null, double? rtol = null, bool hermitian = false) =>
            Dispatcher.Call(Ops.pinv, input, atol, rtol, hermitian);

        /// <summary>Pseudo-inverse; singular values below the tolerances count as zero.</summary>
        public static Tensor pinv(Tensor input, Tensor atol, Tensor? rtol = null, bool hermitian = false) =>
            Dispatcher.Call(Ops.pinv_tensor, input, atol, rtol, hermitian);

        /// <summary>Which parts of a QR factorization are wanted.</summary>
        public enum QRMode
        {
            /// <summary>Q with as many columns as the input.</summary>
            Reduced = 0,

            /// <summary>A square Q.</summary>
            Complete = 1,

            /// <summary>R alone; Q is empty.</summary>
            R = 2,
        }

        /// <summary>QR factorization: input = Q · R.</summary>
        public static (Tensor Q, Tensor R) qr(Tensor input, QRMode mode = QRMode.Reduced) => Dispatcher.Call2(Ops.qr, input, mode switch
        {
            QRMode.Reduced => "reduced",
            QRMode.Complete => "complete",
            _ => "r",
        });

        /// <summary>Solves A · X = B (X · A = B unless <paramref name="left"/>).</summary>
        public static Tensor solve(Tensor A, Tensor B, bool left = true) => Dispatcher.Call(Ops.solve, A, B, left);

        /// <summary>As <see cref="solve(Tensor, Tensor, bool)"/>, with 0 for each system that could be solved.</summary>
        public static (Tensor result, Tensor info) solve_ex(Tensor A, Tensor B, bool left = true, bool check_errors = false) =>
            Dispatcher.Call2(Ops.solve_ex, A, B, left, check_errors);

        /// <summary>Solves a triangular system.</summary>
        public static Tensor solve_triangular(
            Tensor A, Tensor B, bool upper, bool left = true, bool unitriangular = false, Tensor? @out = null) => @out is null
            ? Dispatcher.Call(Ops.solve_triangular, A, B, upper, left, unitriangular)
            : Dispatcher.Call(Ops.solve_triangular_out, A, B, upper, left, unitriangular, @out);

        /// <summary>
        /// Singular value decomposition: input = U · diag(S) · Vh, with square U and Vh if
        /// <paramref name="fullMatrices"/>.
        /// </summary>
        public static (Tensor U, Tensor S, Tensor Vh) svd(Tensor input, bool fullMatrices = true) =>
            Dispatcher.Call3(Ops.svd, input, fullMatrices);

        /// <summary>Singular values in falling order.</summary>
        public static Tensor svdvals(Tensor input) => Dispatcher.Call(Ops.svdvals, input);

        /// <summary>Inverse for tensordot over the first <paramref name="ind"/> dimensions.</summary>
        public static Tensor tensorinv(Tensor input, long ind) => Dispatcher.Call(Ops.tensorinv, input, ind);

        /// <summary>The X with tensordot(A, X) = B, after moving the dimensions <paramref name="dims"/> of A to the end.</summary>
        public static Tensor tensorsolve(Tensor A, Tensor B, long[] dims) => Dispatcher.Call(Ops.tensorsolve, A, B, dims);

        /// <summary>Vandermonde matrix of a vector: rows of rising powers up to <paramref name="N"/> columns, by default square.</summary>
        public static Tensor vander(Tensor input, long? N = null) => Dispatcher.Call(Ops.vander, input, N);

        /// <summary>Inner products of vectors along <paramref name="dim"/>.</summary>
        public static Tensor vecdot(Tensor x, Tensor y, long dim = -1, Tensor? @out = null) => @out is null
            ? Dispatcher.Call(Ops.vecdot, x, y, dim)
            : Dispatcher.Call(Ops.vecdot_out, x, y, dim, @out);

        /// <summary>Norm of order <paramref name="ord"/> of the elements, of all or over the given dimensions.</summary>
        public static Tensor vector_norm(Tensor input, double ord = 2d, long[]? dims = null, bool keepdim = false) =>
            Dispatcher.Call(Ops.vector_norm, input, ord, dims, keepdim);

        private static class Ops
        {
            internal static readonly Op cholesky = new("aten::linalg_cholesky");
            internal static readonly Op cholesky_ex = new("aten::linalg_cholesky_ex");
            internal static readonly Op cond = new("aten::linalg_cond");
            internal static readonly Op cond_name = new("aten::linalg_cond", "p_str");
            internal static readonly Op cross = new("aten::linalg_cross");
            internal static readonly Op det = new("aten::linalg_det");
            internal static readonly Op slogdet = new("aten::linalg_slogdet");
            internal static readonly Op eig = new("aten::linalg_eig");
            internal static readonly Op eigh = new("aten::linalg_eigh");
            internal static readonly Op eigvals = new("aten::linalg_eigvals");
            internal static readonly Op eigvalsh = new("aten::linalg_eigvalsh");
            internal static readonly Op householder_product = new("aten::linalg_householder_product");
            internal static readonly Op inv = new("aten::linalg_inv");
            internal static readonly Op inv_ex = new("aten::linalg_inv_ex");
            internal static readonly Op lstsq = new("aten::linalg_lstsq");
            internal static readonly Op lu = new("aten::linalg_lu");
            internal static readonly Op lu_factor = new("aten::linalg_lu_factor");
            internal static readonly Op lu_solve = new("aten::linalg_lu_solve");
            internal static readonly Op lu_solve_out = new("aten::linalg_lu_solve", "out");
            internal static readonly Op ldl_factor = new("aten::linalg_ldl_factor");
            internal static readonly Op ldl_factor_ex = new("aten::linalg_ldl_factor_ex");
            internal static readonly Op ldl_solve = new("aten::linalg_ldl_solve");
            internal static readonly Op matrix_norm_name = new("aten::linalg_matrix_norm", "str_ord");
            internal static readonly Op matrix_norm = new("aten::linalg_matrix_norm");
            internal static readonly Op matrix_rank = new("aten::linalg_matrix_rank", "atol_rtol_float");
            internal static readonly Op matrix_rank_tensor = new("aten::linalg_matrix_rank", "atol_rtol_tensor");
            internal static readonly Op multi_dot = new("aten::linalg_multi_dot");
            internal static readonly Op norm_name = new("aten::linalg_norm", "ord_str");
            internal static readonly Op norm = new("aten::linalg_norm");
            internal static readonly Op pinv = new("aten::linalg_pinv", "atol_rtol_float");
            internal static readonly Op pinv_tensor = new("aten::linalg_pinv", "atol_rtol_tensor");
            internal static readonly Op qr = new("aten::linalg_qr");
            internal static readonly Op solve = new("aten::linalg_solve");
            internal static readonly Op solve_ex = new("aten::linalg_solve_ex");
            internal static readonly Op solve_triangular = new("aten::linalg_solve_triangular");
            internal static readonly Op solve_triangular_out = new("aten::linalg_solve_triangular", "out");
            internal static readonly Op svd = new("aten::linalg_svd");
            internal static readonly Op svdvals = new("aten::linalg_svdvals");
            internal static readonly Op tensorinv = new("aten::linalg_tensorinv");
            internal static readonly Op tensorsolve = new("aten::linalg_tensorsolve");
            internal static readonly Op vander = new("aten::linalg_vander");
            internal static readonly Op vecdot = new("aten::linalg_vecdot");
            internal static readonly Op vecdot_out = new("aten::linalg_vecdot", "out");
            internal static readonly Op vector_norm = new("aten::linalg_vector_norm");
        }
    }
}
