using System.Diagnostics.CodeAnalysis;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharp.Modules
{
    /// <summary>A table of vectors, looked up by number.</summary>
    public sealed class Embedding : Module<Tensor, Tensor>
    {
        private static class Ops
        {
            internal static readonly Op embedding = new("aten::embedding");
            internal static readonly Op embedding_renorm_ = new("aten::embedding_renorm_");
        }

        private readonly long? padding_idx;
        private readonly double? max_norm;
        private readonly double norm_type;
        private readonly bool scale_grad_by_freq;
        private readonly bool sparse;

        internal Embedding(Parameter weight, long? padding_idx, double? max_norm, double norm_type, bool scale_grad_by_freq, bool sparse) : base(nameof(Embedding))
        {
            var rows = weight.size(0);
            if (padding_idx < -rows || padding_idx >= rows)
                throw new System.Runtime.InteropServices.ExternalException("Padding_idx must be within num_embeddings");

            this.padding_idx = padding_idx < 0 ? padding_idx + rows : padding_idx;
            this.max_norm = max_norm;
            this.norm_type = norm_type;
            this.scale_grad_by_freq = scale_grad_by_freq;
            this.sparse = sparse;

            RegisteredParameter.Add(this, nameof(weight), weight);
        }

        /// <summary>The vectors of rows drawn from N(0, 1); that of the padding is zero.</summary>
        internal static Parameter NewTable(long rows, long columns, long? padding_idx, Device? device, ScalarType? dtype)
        {
            var table = Parameter(empty(rows, columns, dtype: dtype, device: device));
            init.normal_(table);
            if (padding_idx is { } row)
            {
                using var padding = table.select(0, row);
                init.zeros_(padding);
            }
            return table;
        }

        /// <summary>The vectors of the numbers in <paramref name="input"/>: its shape, and one dimension more.</summary>
        public override Tensor forward(Tensor input)
        {
            var table = get_parameter(nameof(weight))!;
            if (max_norm is { } limit)
            {
                using var _ = no_grad();
                using var indices = input.contiguous();
                Dispatcher.CallVoid(Ops.embedding_renorm_, table, indices, limit, norm_type);
            }
            return Dispatcher.Call(Ops.embedding, table, input, padding_idx ?? -1, scale_grad_by_freq, sparse);
        }

        /// <summary>The table, of shape (num_embeddings, embedding_dims). What is got is a handle of its own, which the caller may dispose.</summary>
        /// <exception cref="ArgumentNullException">Set to null.</exception>
        [DisallowNull]
        public Parameter? weight
        {
            get => RegisteredParameter.Handle(this, nameof(weight));
            set
            {
                ArgumentNullException.ThrowIfNull(value, nameof(weight));
                value.DetachFromDisposeScope();
                ConditionallyRegisterParameter(nameof(weight), value);
            }
        }
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            /// <summary>Creates a table of vectors, drawn from N(0, 1).</summary>
            /// <param name="num_embeddings">Number of vectors.</param>
            /// <param name="embedding_dims">Elements of a vector.</param>
            /// <param name="padding_idx">A number whose vector is zero and gets no gradient.</param>
            /// <param name="max_norm">Vectors that are longer are shortened to this norm when they are looked up.</param>
            /// <param name="norm_type">The order of that norm.</param>
            /// <param name="scale_grad_by_freq">Whether gradients are divided by how often the number occurs in the batch.</param>
            /// <param name="sparse">Whether the gradient of the table is a sparse tensor.</param>
            /// <param name="device">Where the table lives; the default device if null.</param>
            /// <param name="dtype">Type of the table; the default type if null.</param>
            public static Embedding Embedding(long num_embeddings, long embedding_dims, long? padding_idx = null, double? max_norm = null, double norm_type = 2.0, bool scale_grad_by_freq = false, bool sparse = false, Device? device = null, ScalarType? dtype = null) =>
                new(Modules.Embedding.NewTable(num_embeddings, embedding_dims, padding_idx, device, dtype), padding_idx, max_norm, norm_type, scale_grad_by_freq, sparse);

            /// <summary>Creates a table of given vectors.</summary>
            /// <param name="embeddings">The vectors, of shape (num_embeddings, embedding_dims). The table shares their memory unless it is to live elsewhere.</param>
            /// <param name="freeze">Whether the table is not to be trained.</param>
            /// <param name="padding_idx">A number whose vector gets no gradient.</param>
            /// <param name="max_norm">Vectors that are longer are shortened to this norm when they are looked up.</param>
            /// <param name="norm_type">The order of that norm.</param>
            /// <param name="scale_grad_by_freq">Whether gradients are divided by how often the number occurs in the batch.</param>
            /// <param name="sparse">Whether the gradient of the table is a sparse tensor.</param>
            /// <param name="device">Where the table lives; where the vectors do if null.</param>
            /// <param name="dtype">Type of the table; that of the vectors if null.</param>
            public static Embedding Embedding_from_pretrained(Tensor embeddings, bool freeze = true, long? padding_idx = null, double? max_norm = null, double norm_type = 2.0, bool scale_grad_by_freq = false, bool sparse = false, Device? device = null, ScalarType? dtype = null)
            {
                using var values = embeddings.detach();
                using var moved = values.to(dtype ?? values.dtype, device ?? values.device);
                var table = new Parameter(moved.alias(), requires_grad: !freeze);
                return new(table, padding_idx, max_norm, norm_type, scale_grad_by_freq, sparse);
            }
        }
    }
}
