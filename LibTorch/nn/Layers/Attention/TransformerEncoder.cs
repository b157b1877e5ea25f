using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharp.Modules
{
    /// <summary>A layer of a transformer's encoder (Vaswani et al., 2017). Sequences are (time, batch, features).</summary>
    public sealed class TransformerEncoderLayer : Module<Tensor, Tensor>, IModule<Tensor, Tensor?, Tensor>, IModule<Tensor, Tensor?, Tensor?, Tensor>
    {
        internal readonly EncoderBlock block;

        internal TransformerEncoderLayer(TransformerBlock.Settings settings) : base(nameof(TransformerEncoderLayer)) =>
            block = new(this, "", settings);

        /// <summary>Encodes without masks.</summary>
        public override Tensor forward(Tensor src) => block.Forward(src, null, null);

        /// <summary>Encodes.</summary>
        /// <param name="src">Shape (S, N, d_model).</param>
        /// <param name="src_mask">Shape (S, S): what is added to the attention scores; or null.</param>
        public Tensor call(Tensor src, Tensor? src_mask) => block.Forward(src, src_mask, null);

        /// <summary>Encodes.</summary>
        /// <param name="src">Shape (S, N, d_model).</param>
        /// <param name="src_mask">Shape (S, S): what is added to the attention scores; or null.</param>
        /// <param name="src_key_padding_mask">Shape (N, S): true where the sequence is padding; or null.</param>
        public Tensor call(Tensor src, Tensor? src_mask, Tensor? src_key_padding_mask) => block.Forward(src, src_mask, src_key_padding_mask);
    }

    /// <summary>A transformer's encoder (Vaswani et al., 2017). Sequences are (time, batch, features).</summary>
    public sealed class TransformerEncoder : Module<Tensor, Tensor?, Tensor?, Tensor>, IModule<Tensor, Tensor?, Tensor>, IModule<Tensor, Tensor>
    {
        private readonly EncoderBlock[] layers;

        /// <summary>The functions of the feed-forward network.</summary>
        public enum Activations
        {
            /// <summary>The rectified linear unit.</summary>
            ReLU = 0,
            /// <summary>The Gaussian error linear unit.</summary>
            GELU = 1,
        }

        internal TransformerEncoder(TransformerEncoderLayer layer, long num_layers) : base(nameof(TransformerEncoder))
        {
            layers = new EncoderBlock[num_layers];
            for (var i = 0; i < num_layers; i++)
            {
                layers[i] = new(this, $"layers.{i}.", layer.block.settings);
                layers[i].CopyFrom(layer.block);
            }
        }

        /// <summary>Encodes.</summary>
        /// <param name="src">Shape (S, N, d_model).</param>
        /// <param name="src_mask">Shape (S, S): what is added to the attention scores; or null.</param>
        /// <param name="src_key_padding_mask">Shape (N, S): true where the sequence is padding; or null.</param>
        public override Tensor forward(Tensor src, Tensor? src_mask, Tensor? src_key_padding_mask)
        {
            using var scope = NewDisposeScope();
            var x = src;
            foreach (var layer in layers) x = layer.Forward(x, src_mask, src_key_padding_mask);
            return (ReferenceEquals(x, src) ? src.alias() : x).MoveToOuterDisposeScope();
        }

        /// <summary>Encodes.</summary>
        /// <param name="src">Shape (S, N, d_model).</param>
        /// <param name="src_mask">Shape (S, S): what is added to the attention scores; or null.</param>
        public Tensor call(Tensor src, Tensor? src_mask) => base.call(src, src_mask, null);

        /// <summary>Encodes without masks.</summary>
        /// <param name="src">Shape (S, N, d_model).</param>
        public Tensor call(Tensor src) => base.call(src, null, null);
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            /// <summary>The functions of a transformer's feed-forward network.</summary>
            public enum Activations
            {
                /// <summary>The rectified linear unit.</summary>
                ReLU = 0,
                /// <summary>The Gaussian error linear unit.</summary>
                GELU = 1,
            }

            /// <summary>Creates a layer of a transformer's encoder.</summary>
            /// <param name="d_model">Features of the sequences.</param>
            /// <param name="nhead">Heads of the attention; they divide the features.</param>
            /// <param name="dim_feedforward">Features inside the feed-forward network.</param>
            /// <param name="dropout">Probability of dropout.</param>
            /// <param name="activation">The function of the feed-forward network.</param>
            public static TransformerEncoderLayer TransformerEncoderLayer(long d_model = 512, long nhead = 8, long dim_feedforward = 2048, double dropout = 0.1, Activations activation = Activations.ReLU) =>
                new(new TransformerBlock.Settings(d_model, nhead, dim_feedforward, dropout, activation));

            /// <summary>Creates a transformer's encoder of copies of a layer.</summary>
            /// <param name="encoder_layer">The layer. It stays the caller's.</param>
            /// <param name="num_layers">How many copies.</param>
            public static TransformerEncoder TransformerEncoder(TransformerEncoderLayer encoder_layer, long num_layers) => new(encoder_layer, num_layers);
        }
    }
}
