namespace PruneGen.Axes;

/// <summary>What the tables of operations and layers have and ONNX has not, each with the reason: the end of a sentence that begins with its name.</summary>
public static class ExportTable
{
    private const string NoCounterpart = "has no counterpart in ONNX";
    private const string Random = "is random, and a file has evaluation mode alone";
    private const string Complex = "goes by complex numbers, which ONNX has none of";
    private const string Loss = "is a loss, which belongs to training";

    private static readonly Dictionary<string, string> Operations = Read();

    private static readonly Dictionary<string, string> Layers = ReadLayers();

    /// <summary>Why an operation is not exported; null where it is.</summary>
    /// <param name="name">TorchSharp's name, with an underscore where it works in place.</param>
    public static string? Operation(string name) =>
        Operations.TryGetValue(name, out var because) || Operations.TryGetValue(name.TrimEnd('_'), out because) ? because : null;

    /// <summary>Why a layer is not exported; null where it is.</summary>
    /// <param name="type">TorchSharp's class name.</param>
    public static string? Layer(string type) => Layers.TryGetValue(type, out var because) ? because : null;

    private static Dictionary<string, string> Read()
    {
        var table = new Dictionary<string, string>(StringComparer.Ordinal);
        void Add(string because, params string[] names)
        {
            foreach (var name in names)
            {
                table.Add(name, because);
            }
        }

        Add(
            Random,
            "bernoulli", "exponential", "fractional_max_pool2d", "fractional_max_pool2d_with_indices", "fractional_max_pool3d",
            "fractional_max_pool3d_with_indices", "gumbel_softmax", "multinomial", "normal", "normal_", "poisson", "rand", "rand_like", "randint",
            "randint_like", "randn", "randn_like", "random", "randperm", "uniform");
        Add(
            Complex,
            "angle", "complex", "fft", "fft2", "fft_", "fftn", "fftshift", "hfft", "hfft2", "hfftn", "ifft", "ifft2", "ifftn", "ifftshift", "ihfft", "ihfft2",
            "ihfftn", "imag", "irfft", "irfft2", "irfftn", "isreal", "istft", "polar", "rfft", "rfft2", "rfftn", "stft", "view_as_complex", "view_as_real");
        Add(
            Loss,
            "binary_cross_entropy", "binary_cross_entropy_with_logits", "cosine_embedding_loss", "cross_entropy", "ctc_loss", "gaussian_nll_loss",
            "hinge_embedding_loss", "huber_loss", "kl_div", "l1_loss", "margin_ranking_loss", "mse_loss", "multi_label_margin_loss", "multi_margin_loss",
            "multilabel_margin_loss", "multilabel_soft_margin_loss", "nll_loss", "poisson_nll_loss", "smooth_l1_loss", "soft_margin_loss",
            "triplet_margin_loss", "triplet_margin_with_distance_loss");
        Add(
            NoCounterpart,
            "adaptive_max_pool1d_with_indices", "adaptive_max_pool2d_with_indices", "adaptive_max_pool3d_with_indices", "as_strided", "baddbmm", "bilinear",
            "bincount", "bitwise_left_shift", "bitwise_right_shift", "block_diag", "bucketize", "cartesian_prod", "cholesky", "combinations", "corrcoef",
            "cov", "cross", "cummax", "cummin", "cumprod", "cumulative_trapezoid", "det", "diag", "diag_embed", "diagflat", "diagonal_scatter", "digamma",
            "eig", "eigh", "eigvals", "eigvalsh", "erfinv", "fftfreq", "frombuffer", "hamming_window", "histc", "index_reduce", "inv", "inverse",
            "isin", "kaiser_window", "kron", "ldexp", "lgamma", "logcumsumexp", "logdet", "logspace", "masked_scatter", "matrix_exp", "matrix_norm",
            "matrix_power", "mode", "nanmedian", "nanquantile", "nextafter", "pack_padded_sequence", "pack_sequence", "pad_packed_sequence", "pad_sequence",
            "pinv", "pinverse", "qr", "quantile", "renorm", "rfftfreq", "searchsorted", "signbit", "slogdet", "solve", "svd", "svdvals", "trapezoid", "trapz",
            "unique", "unique_consecutive", "vander");
        return table;
    }

    private static Dictionary<string, string> ReadLayers()
    {
        var table = new Dictionary<string, string>(StringComparer.Ordinal) { ["EmbeddingBag"] = NoCounterpart };
        foreach (var layer in LayerTable.Layers.Select(layer => layer.Type).Where(type => type.EndsWith("Loss", StringComparison.Ordinal)))
        {
            table.Add(layer, Loss);
        }

        return table;
    }
}
