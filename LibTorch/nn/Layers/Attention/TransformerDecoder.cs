using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharp.Modules
{
    /// <summary>A layer of a transformer's decoder (Vaswani et al., 2017). Sequences are (time, batch, features).</summary>
    public sealed class TransformerDecoderLayer : Module<Tensor, Tensor, Tensor?, Tensor?, Tensor?, Tensor?, Tensor>, IModule<Tensor, Tensor, Tensor>
    {
        internal readonly DecoderBlock block;

        internal TransformerDecoderLayer(TransformerBlock.Settings settings) : base(nameof(TransformerDecoderLayer)) =>
            block = new(this, "", settings);

        /// <summary>Decodes.</summary>
        /// <param name="tgt">Shape (T, N, d_model): the sequence so far.</param>
        /// <param name="memory">Shape (S, N, d_model): the encoder's result.</param>
        /// <param name="tgt_mask">Shape (T, T): what is added to the scores of the self-attention; or null.</param>
        /// <param name="memory_mask">Shape (T, S): what is added to the scores of the attention to the memory; or null.</param>
        /// <param name="tgt_key_padding_mask">Shape (N, T): true where the sequence is padding; or null.</param>
        /// <param name="memory_key_padding_mask">Shape (N, S): true where the memory is padding; or null.</param>
        public override Tensor forward(Tensor tgt, Tensor memory, Tensor? tgt_mask, Tensor? memory_mask, Tensor? tgt_key_padding_mask, Tensor? memory_key_padding_mask) =>
            block.Forward(tgt, memory, tgt_mask, memory_mask, tgt_key_padding_mask, memory_key_padding_mask);

        /// <inheritdoc cref="forward"/>
        public new Tensor call(Tensor tgt, Tensor memory, Tensor? tgt_mask, Tensor? memory_mask = null, Tensor? tgt_key_padding_mask = null, Tensor? memory_key_padding_mask = null) =>
            base.call(tgt, memory, tgt_mask, memory_mask, tgt_key_padding_mask, memory_key_padding_mask);

        /// <summary>Decodes without masks.</summary>
        /// <param name="tgt">Shape (T, N, d_model): the sequence so far.</param>
        /// <param name="memory">Shape (S, N, d_model): the encoder's result.</param>
        public Tensor call(Tensor tgt, Tensor memory) => base.call(tgt, memory, null, null, null, null);
    }

    /// <summary>A transformer's decoder (Vaswani et al., 2017). Sequences are (time, batch, features).</summary>
    public sealed class TransformerDecoder : Module<Tensor, Tensor, Tensor?, Tensor?, Tensor?, Tensor?, Tensor>
    {
        private readonly DecoderBlock[] layers;

        internal TransformerDecoder(TransformerDecoderLayer layer, long num_layers) : base(nameof(TransformerDecoder))
        {
            layers = new DecoderBlock[num_layers];
            for (var i = 0; i < num_layers; i++)
            {
                layers[i] = new(this, $"layers.{i}.", layer.block.settings);
                layers[i].CopyFrom(layer.block);
            }
        }

        /// <summary>Decodes.</summary>
        /// <param name="tgt">Shape (T, N, d_model): the sequence so far.</param>
        /// <param name="memory">Shape (S, N, d_model): the encoder's result.</param>
        /// <param name="tgt_mask">Shape (T, T): what is added to the scores of the self-attention; or null.</param>
        /// <param name="memory_mask">Shape (T, S): what is added to the scores of the attention to the memory; or null.</param>
        /// <param name="tgt_key_padding_mask">Shape (N, T): true where the sequence is padding; or null.</param>
        /// <param name="memory_key_padding_mask">Shape (N, S): true where the memory is padding; or null.</param>
        public override Tensor forward(Tensor tgt, Tensor memory, Tensor? tgt_mask, Tensor? memory_mask = null, Tensor? tgt_key_padding_mask = null, Tensor? memory_key_padding_mask = null)
        {
            using var scope = NewDisposeScope();
            var x = tgt;
            foreach (var layer in layers) x = layer.Forward(x, memory, tgt_mask, memory_mask, tgt_key_padding_mask, memory_key_padding_mask);
            return (ReferenceEquals(x, tgt) ? tgt.alias() : x).MoveToOuterDisposeScope();
        }

        /// <inheritdoc cref="forward"/>
        public new Tensor call(Tensor tgt, Tensor memory, Tensor? tgt_mask, Tensor? memory_mask = null, Tensor? tgt_key_padding_mask = null, Tensor? memory_key_padding_mask = null) =>
            base.call(tgt, memory, tgt_mask, memory_mask, tgt_key_padding_mask, memory_key_padding_mask);

        /// <summary>Decodes without masks.</summary>
        /// <param name="tgt">Shape (T, N, d_model): the sequence so far.</param>
        /// <param name="memory">Shape (S, N, d_model): the encoder's result.</param>
        public Tensor call(Tensor tgt, Tensor memory) => base.call(tgt, memory, null, null, null, null);
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            /// <summary>Creates a layer of a transformer's decoder.</summary>
            /// <param name="d_model">Features of the sequences.</param>
            /// <param name="nhead">Heads of the attention; they divide the features.</param>
            /// <param name="dim_feedforward">Features inside the feed-forward network.</param>
            /// <param name="dropout">Probability of dropout.</param>
            /// <param name="activation">The function of the feed-forward network.</param>
            public static TransformerDecoderLayer TransformerDecoderLayer(long d_model = 512, long nhead = 8, long dim_feedforward = 2048, double dropout = 0.1, Activations activation = Activations.ReLU) =>
                new(new TransformerBlock.Settings(d_model, nhead, dim_feedforward, dropout, activation));

            /// <summary>Creates a transformer's decoder of copies of a layer.</summary>
            /// <param name="decoder_layer">The layer. It stays the caller's.</param>
            /// <param name="num_layers">How many copies.</param>
            public static TransformerDecoder TransformerDecoder(TransformerDecoderLayer decoder_layer, long num_layers) => new(decoder_layer, num_layers);
        }
    }
}
