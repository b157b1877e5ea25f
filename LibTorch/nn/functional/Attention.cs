namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public static partial class functional
        {
            private static class AttentionOps
            {
                // From libtorch 2.0 on; before, the formula is computed step by step.
                internal static readonly Op scaled_dot_product_attention = new("aten::scaled_dot_product_attention");
                internal static readonly bool HasScaledDotProduct = scaled_dot_product_attention.Exists;
            }

            /// <summary>Attention (Vaswani et al., 2017): softmax(Q·Kᵀ / √E + mask)·V.</summary>
            /// <param name="query">Shape (…, L, E).</param>
            /// <param name="key">Shape (…, S, E).</param>
            /// <param name="value">Shape (…, S, V).</param>
            /// <param name="attn_mask">What can be broadcast to (…, L, S): numbers that are added, or truth values that say what takes part; or null.</param>
            /// <param name="p">Probability of dropout of the attention weights.</param>
            /// <param name="is_casual">Whether each position sees only those before it and itself.</param>
            /// <exception cref="ArgumentException">The probability is negative, or there is a mask beside the causal one.</exception>
            public static Tensor scaled_dot_product_attention(Tensor query, Tensor key, Tensor value, Tensor? attn_mask = null, double p = 0.0, bool is_casual = false)
            {
                if (p < 0)
                    throw new ArgumentException("Dropout probability must be greater than or equal to zero.");
                if (is_casual && attn_mask is not null)
                    throw new ArgumentException("Casual attention masking cannot pass a mask.");
                if (AttentionOps.HasScaledDotProduct)
                    return Dispatcher.Call(AttentionOps.scaled_dot_product_attention, query, key, value, attn_mask, p, is_casual);

                using var scope = NewDisposeScope();
                var scores = query.matmul(key.transpose(-2, -1)) / Math.Sqrt(query.size((int)query.ndim - 1));
                if (is_casual)
                    attn_mask = ones(query.size((int)query.ndim - 2), key.size((int)key.ndim - 2), dtype: ScalarType.Bool, device: query.device).tril();
                if (attn_mask is not null)
                    scores = Masked(scores, attn_mask);

                var weights = softmax(scores, -1);
                if (p > 0) weights = dropout(weights, p);
                return weights.matmul(value).MoveToOuterDisposeScope();
            }

            private static Tensor Masked(Tensor scores, Tensor mask)
            {
                if (mask.dtype != ScalarType.Bool) return scores + mask;
                return scores.masked_fill(mask.logical_not(), double.NegativeInfinity);
            }
        }
    }
}
