using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharp.Modules
{
    /// <summary>Multi-head attention (Vaswani et al., 2017). Sequences are (time, batch, features).</summary>
    public sealed class MultiheadAttention : Module<Tensor, Tensor, Tensor, Tensor?, bool, Tensor?, Tuple<Tensor, Tensor>>
    {
        private readonly AttentionBlock attention;

        internal MultiheadAttention(long embedded_dim, long num_heads, double dropout, bool bias, bool add_bias_kv, bool add_zero_attn, long? kdim, long? vdim) : base(nameof(MultiheadAttention)) =>
            attention = new(this, "", embedded_dim, num_heads, dropout, bias, add_bias_kv, add_zero_attn, kdim, vdim);

        /// <summary>Attends.</summary>
        /// <param name="query">Shape (L, N, embedded_dim).</param>
        /// <param name="key">Shape (S, N, kdim).</param>
        /// <param name="value">Shape (S, N, vdim).</param>
        /// <param name="key_padding_mask">Shape (N, S): true where a key is padding; or null.</param>
        /// <param name="need_weights">Whether the attention weights are wanted.</param>
        /// <param name="attn_mask">Shape (L, S): numbers that are added, or truth values that say what is left out; or null.</param>
        /// <returns>(L, N, embedded_dim), and the attention weights' mean over the heads, (N, L, S). Where those are not wanted, the second tensor is invalid.</returns>
        public override Tuple<Tensor, Tensor> forward(Tensor query, Tensor key, Tensor value, Tensor? key_padding_mask, bool need_weights, Tensor? attn_mask)
        {
            var (output, weights) = attention.Forward(query, key, value, key_padding_mask, need_weights, attn_mask);
            return Tuple.Create(output, weights ?? Invalid());
        }

        /// <inheritdoc cref="forward"/>
        public new Tuple<Tensor, Tensor> call(Tensor query, Tensor key, Tensor value, Tensor? key_padding_mask = null, bool need_weights = true, Tensor? attn_mask = null) =>
            base.call(query, key, value, key_padding_mask, need_weights, attn_mask);

        private static Tensor Invalid()
        {
            var tensor = empty(0);
            tensor.Dispose();
            return tensor;
        }
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            /// <summary>Creates a multi-head attention.</summary>
            /// <param name="embedded_dim">Features of the queries and of the result.</param>
            /// <param name="num_heads">Number of heads; it divides the features.</param>
            /// <param name="dropout">Probability of dropout of the attention weights.</param>
            /// <param name="bias">Whether the projections have biases.</param>
            /// <param name="add_bias_kv">Whether a key and a value that are learned are added to those given.</param>
            /// <param name="add_zero_attn">Whether a key and a value of zeros are added to those given.</param>
            /// <param name="kdim">Features of the keys; those of the queries if null.</param>
            /// <param name="vdim">Features of the values; those of the queries if null.</param>
            public static MultiheadAttention MultiheadAttention(long embedded_dim, long num_heads, double dropout = 0.0, bool bias = true, bool add_bias_kv = false, bool add_zero_attn = false, long? kdim = null, long? vdim = null) =>
                new(embedded_dim, num_heads, dropout, bias, add_bias_kv, add_zero_attn, kdim, vdim);
        }
    }
}
