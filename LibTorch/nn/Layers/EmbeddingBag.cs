using System.Diagnostics.CodeAnalysis;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharp
{
    /// <summary>How the vectors of a bag become one.</summary>
    public enum EmbeddingBagMode
    {
        /// <summary>They are added up.</summary>
        Sum = 0,

        /// <summary>Their average is taken.</summary>
        Mean = 1,

        /// <summary>The largest of each element is taken.</summary>
        Max = 2,
    }

    namespace Modules
    {
        /// <summary>A table of vectors, of which those of several numbers become one.</summary>
        public sealed class EmbeddingBag : Module<Tensor, Tensor?, Tensor?, Tensor>, IModule<Tensor, Tensor, Tensor>, IModule<Tensor, Tensor?, Tensor?, Tensor>
        {
            private static class Ops
            {
                internal static readonly Op embedding_bag = new("aten::embedding_bag", "padding_idx");
                internal static readonly Op embedding_renorm_ = new("aten::embedding_renorm_");
            }

            private readonly double? max_norm;
            private readonly double norm_type;
            private readonly bool scale_grad_by_freq;
            private readonly EmbeddingBagMode mode;
            private readonly bool sparse;
            private readonly bool include_last_offset;
            private readonly long? padding_index;

            internal EmbeddingBag(Parameter weight, double? max_norm, double norm_type, bool scale_grad_by_freq, EmbeddingBagMode mode, bool sparse, bool include_last_offset, long padding_index) : base(nameof(EmbeddingBag))
            {
                this.max_norm = max_norm;
                this.norm_type = norm_type;
                this.scale_grad_by_freq = scale_grad_by_freq;
                this.mode = mode;
                this.sparse = sparse;
                this.include_last_offset = include_last_offset;
                this.padding_index = padding_index < 0 ? null : padding_index;
                RegisteredParameter.Add(this, nameof(weight), weight);
            }

            /// <summary>One vector for each bag.</summary>
            /// <param name="input">The numbers: a bag a row, or one after the other.</param>
            /// <param name="offsets">Where the bags begin that stand one after the other.</param>
            /// <param name="perSampleWeights">What the vector of each number is multiplied by, of the shape of <paramref name="input"/>; only where vectors are added up.</param>
            public override Tensor forward(Tensor input, Tensor? offsets, Tensor? perSampleWeights)
            {
                using var scope = NewDisposeScope();
                var table = get_parameter(nameof(weight))!;
                var indices = input;
                if (input.Dimensions == 2)
                {
                    offsets = arange(0, input.numel(), input.shape[1], dtype: input.dtype, device: input.device);
                    indices = input.reshape(-1);
                    perSampleWeights = perSampleWeights?.reshape(-1);
                }

                if (max_norm is { } limit)
                {
                    using var _ = no_grad();
                    Dispatcher.CallVoid(Ops.embedding_renorm_, table, indices.contiguous(), limit, norm_type);
                }

                var (result, _, _, _) = Dispatcher.Call4(Ops.embedding_bag, table, indices, offsets, scale_grad_by_freq, (long)mode, sparse, perSampleWeights, include_last_offset, padding_index);
                return result.MoveToOuterDisposeScope();
            }

            /// <inheritdoc cref="forward(Tensor, Tensor?, Tensor?)"/>
            /// <exception cref="ArgumentException">The numbers are no whole numbers, or of another type than the offsets; or there are offsets for rows, or none for numbers one after the other.</exception>
            /// <exception cref="NotImplementedException">Rows of 32-bit numbers, which TorchSharp refuses.</exception>
            public new Tensor call(Tensor input, Tensor? offsets, Tensor? perSampleWeights)
            {
                if (!input.IsIntegral())
                    throw new ArgumentException($"The numbers of an EmbeddingBag's vectors are whole numbers, not {input.dtype}.", nameof(input));
                if (offsets is not null && input.dtype != offsets.dtype)
                    throw new ArgumentException($"The numbers are of type {input.dtype} and the offsets of {offsets.dtype}; convert one of them.", nameof(offsets));
                if (input.Dimensions == 1 && offsets is null)
                    throw new ArgumentException("Where the bags stand one after the other, offsets tell where each begins; or give a bag a row.", nameof(offsets));
                if (input.Dimensions == 2 && offsets is not null)
                    throw new ArgumentException("Each row is a bag already; leave the offsets out.", nameof(offsets));
                if (input.Dimensions == 2 && input.dtype == ScalarType.Int32)
                    throw new NotImplementedException("TorchSharp takes no rows of 32-bit numbers; convert them with to(ScalarType.Int64).");

                return base.call(input, offsets, perSampleWeights);
            }

            /// <inheritdoc cref="call(Tensor, Tensor?, Tensor?)"/>
            public Tensor call(Tensor input, Tensor offsets) => call(input, offsets, null);

            /// <inheritdoc cref="call(Tensor, Tensor?, Tensor?)"/>
            public Tensor call(Tensor input) => call(input, null, null);

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

    public static partial class torch
    {
        public static partial class nn
        {
            /// <summary>Creates a table of vectors, drawn from N(0, 1), of which those of a bag become one.</summary>
            /// <param name="num_embeddings">Number of vectors.</param>
            /// <param name="embedding_dims">Elements of a vector.</param>
            /// <param name="max_norm">Vectors that are longer are shortened to this norm when they are looked up.</param>
            /// <param name="norm_type">The order of that norm.</param>
            /// <param name="scale_grad_by_freq">Whether gradients are divided by how often the number occurs in the batch.</param>
            /// <param name="mode">How the vectors of a bag become one.</param>
            /// <param name="sparse">Whether the gradient of the table is a sparse tensor.</param>
            /// <param name="include_last_offset">Whether the last of the offsets is where the last bag ends.</param>
            /// <param name="padding_index">A number whose vector is zero, gets no gradient and counts in no bag; below zero for none.</param>
            /// <param name="device">Where the table lives; the default device if null.</param>
            /// <param name="dtype">Type of the table; the default type if null.</param>
            public static EmbeddingBag EmbeddingBag(long num_embeddings, long embedding_dims, double? max_norm = null, double norm_type = 2.0, bool scale_grad_by_freq = false, EmbeddingBagMode mode = EmbeddingBagMode.Mean, bool sparse = false, bool include_last_offset = false, long padding_index = -1, Device? device = null, ScalarType? dtype = null) =>
                new(Modules.Embedding.NewTable(num_embeddings, embedding_dims, padding_index < 0 ? null : padding_index, device, dtype), max_norm, norm_type, scale_grad_by_freq, mode, sparse, include_last_offset, padding_index);

            /// <summary>Creates a table of given vectors, of which those of a bag become one.</summary>
            /// <param name="embeddings">The vectors, of shape (num_embeddings, embedding_dims). The table shares their memory unless it is to live elsewhere.</param>
            /// <param name="freeze">Whether the table is not to be trained.</param>
            /// <param name="max_norm">Vectors that are longer are shortened to this norm when they are looked up.</param>
            /// <param name="norm_type">The order of that norm.</param>
            /// <param name="scale_grad_by_freq">Whether gradients are divided by how often the number occurs in the batch.</param>
            /// <param name="mode">How the vectors of a bag become one.</param>
            /// <param name="sparse">Whether the gradient of the table is a sparse tensor.</param>
            /// <param name="include_last_offset">Whether the last of the offsets is where the last bag ends.</param>
            /// <param name="padding_index">A number whose vector gets no gradient and counts in no bag; below zero for none.</param>
            /// <param name="device">Where the table lives; where the vectors do if null.</param>
            /// <param name="dtype">Type of the table; that of the vectors if null.</param>
            public static EmbeddingBag EmbeddingBag_from_pretrained(Tensor embeddings, bool freeze = true, double? max_norm = null, double norm_type = 2.0, bool scale_grad_by_freq = false, EmbeddingBagMode mode = EmbeddingBagMode.Mean, bool sparse = false, bool include_last_offset = false, long padding_index = -1, Device? device = null, ScalarType? dtype = null)
            {
                using var values = embeddings.detach();
                using var moved = values.to(dtype ?? values.dtype, device ?? values.device);
                var table = new Parameter(moved.alias(), requires_grad: !freeze);
                return new(table, max_norm, norm_type, scale_grad_by_freq, mode, sparse, include_last_offset, padding_index);
            }
        }
    }
}
