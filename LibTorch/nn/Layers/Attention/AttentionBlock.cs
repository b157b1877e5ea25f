using System.Runtime.InteropServices;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharp.Modules;

/// <summary>
/// The parameters and the computation of multi-head attention (Vaswani et al., 2017), for the layers that have it.
/// Sequences are (time, batch, features).
/// </summary>
internal sealed class AttentionBlock
{
    private readonly Module owner;
    private readonly string prefix;
    private readonly long embed_dim;
    private readonly long num_heads;
    private readonly double dropout;
    private readonly bool add_zero_attn;

    /// <summary>Registers the parameters with their owner, their names after a prefix.</summary>
    /// <exception cref="ExternalException">The features cannot be divided evenly among the heads.</exception>
    internal AttentionBlock(Module owner, string prefix, long embed_dim, long num_heads, double dropout, bool bias = true, bool add_bias_kv = false, bool add_zero_attn = false, long? kdim = null, long? vdim = null)
    {
        if (embed_dim % num_heads != 0)
            throw new ExternalException("embed_dim must be divisible by num_heads");

        this.owner = owner;
        this.prefix = prefix;
        this.embed_dim = embed_dim;
        this.num_heads = num_heads;
        this.dropout = dropout;
        this.add_zero_attn = add_zero_attn;

        Tensor[] inward;
        if ((kdim ?? embed_dim) == embed_dim && (vdim ?? embed_dim) == embed_dim)
            inward = [Add("in_proj_weight", 3 * embed_dim, embed_dim)];
        else
            inward = [Add("q_proj_weight", embed_dim, embed_dim), Add("k_proj_weight", embed_dim, kdim ?? embed_dim), Add("v_proj_weight", embed_dim, vdim ?? embed_dim)];
        var inward_bias = bias ? Add("in_proj_bias", 3 * embed_dim) : null;
        Tensor[] extra = add_bias_kv ? [Add("bias_k", 1, 1, embed_dim), Add("bias_v", 1, 1, embed_dim)] : [];
        var outward = Add("out_proj.weight", embed_dim, embed_dim);
        var outward_bias = bias ? Add("out_proj.bias", embed_dim) : null;

        // In the order in which PyTorch draws: the projection outwards is a linear layer, made first.
        LayerDefaults.Reset(outward, outward_bias);
        foreach (var weight in inward) init.xavier_uniform_(weight);
        if (bias)
        {
            init.zeros_(inward_bias!);
            init.zeros_(outward_bias!);
        }
        foreach (var vector in extra) init.xavier_normal_(vector);
    }

    private Parameter Add(string name, params long[] shape) => RegisteredParameter.Add(owner, prefix + name, shape);

    private Parameter? Find(string name) => owner.get_parameter(prefix + name);

    /// <summary>Attends.</summary>
    /// <param name="query">Shape (L, N, embed_dim).</param>
    /// <param name="key">Shape (S, N, kdim).</param>
    /// <param name="value">Shape (S, N, vdim).</param>
    /// <param name="key_padding_mask">Shape (N, S): true where a key is padding; or null.</param>
    /// <param name="need_weights">Whether the attention weights are wanted.</param>
    /// <param name="attn_mask">Shape (L, S): numbers that are added, or truth values that say what is left out; or null.</param>
    /// <returns>(L, N, embed_dim), and the weights' mean over the heads, (N, L, S), or null.</returns>
    internal (Tensor output, Tensor? weights) Forward(Tensor query, Tensor key, Tensor value, Tensor? key_padding_mask, bool need_weights, Tensor? attn_mask)
    {
        if (query.ndim != 3 || query.size(2) != embed_dim)
            throw new ExternalException($"Expected a query of shape (L, N, {embed_dim}), but got [{string.Join(", ", query.shape)}]");

        using var scope = NewDisposeScope();
        var (length, batch) = (query.size(0), query.size(1));
        var (q, k, v) = Project(query, key, value);
        if (Find("bias_k") is { } bias_k)
        {
            k = cat([k, bias_k.repeat(1, batch, 1)], 0);
            v = cat([v, Find("bias_v")!.repeat(1, batch, 1)], 0);
            (attn_mask, key_padding_mask) = (OneMore(attn_mask), OneMore(key_padding_mask));
        }
        if (add_zero_attn)
        {
            k = functional.pad(k, [0, 0, 0, 0, 0, 1]);
            v = functional.pad(v, [0, 0, 0, 0, 0, 1]);
            (attn_mask, key_padding_mask) = (OneMore(attn_mask), OneMore(key_padding_mask));
        }

        (q, k, v) = (Heads(q), Heads(k), Heads(v));
        var scores = (q / Math.Sqrt(embed_dim / num_heads)).matmul(k.transpose(2, 3));
        if (attn_mask is not null)
            scores = attn_mask.dtype == ScalarType.Bool ? scores.masked_fill(attn_mask, double.NegativeInfinity) : scores + attn_mask;
        if (key_padding_mask is not null)
            scores = scores.masked_fill(key_padding_mask.unsqueeze(1).unsqueeze(2), double.NegativeInfinity);

        var weights = functional.dropout(functional.softmax(scores, -1), dropout, owner.training);
        var attended = weights.matmul(v).permute(2, 0, 1, 3).reshape(length, batch, embed_dim);
        var output = functional.linear(attended, Find("out_proj.weight")!, Find("out_proj.bias")).MoveToOuterDisposeScope();
        return (output, need_weights ? weights.mean([1]).MoveToOuterDisposeScope() : null);
    }

    private (Tensor q, Tensor k, Tensor v) Project(Tensor query, Tensor key, Tensor value)
    {
        var bias = Find("in_proj_bias");
        if (Find("in_proj_weight") is not { } weight)
        {
            return (
                functional.linear(query, Find("q_proj_weight")!, Third(bias, 0)),
                functional.linear(key, Find("k_proj_weight")!, Third(bias, 1)),
                functional.linear(value, Find("v_proj_weight")!, Third(bias, 2)));
        }

        if (ReferenceEquals(query, key) && ReferenceEquals(key, value))
        {
            var all = functional.linear(query, weight, bias).chunk(3, -1);
            return (all[0], all[1], all[2]);
        }
        return (
            functional.linear(query, Third(weight, 0)!, Third(bias, 0)),
            functional.linear(key, Third(weight, 1)!, Third(bias, 1)),
            functional.linear(value, Third(weight, 2)!, Third(bias, 2)));
    }

    private Tensor? Third(Tensor? rows, int which) => rows?.narrow(0, which * embed_dim, embed_dim);

    /// <summary>(time, batch, embed_dim) as (batch, heads, time, embed_dim / heads).</summary>
    private Tensor Heads(Tensor sequence) =>
        sequence.reshape(sequence.size(0), sequence.size(1), num_heads, embed_dim / num_heads).permute(1, 2, 0, 3);

    /// <summary>A mask with one key more, which it lets through.</summary>
    private static Tensor? OneMore(Tensor? mask) => mask is null ? null : functional.pad(mask, [0, 1]);
}
