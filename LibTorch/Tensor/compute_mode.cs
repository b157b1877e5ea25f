namespace TorchSharp;

/// <summary>How <see cref="torch.cdist"/> computes Euclidean distances.</summary>
public enum compute_mode
{
    /// <summary>By matrix products when one of the inputs has more than 25 rows.</summary>
    use_mm_for_euclid_dist_if_necessary = 0,

    /// <summary>Always by matrix products, which is fast for many rows.</summary>
    use_mm_for_euclid_dist = 1,

    /// <summary>Never by matrix products, which is the more exact.</summary>
    donot_use_mm_for_euclid_dist = 2,
}
