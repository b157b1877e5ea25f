using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharp.Modules;

/// <summary>
/// A layer of a transformer's encoder or decoder (Vaswani et al., 2017): its parameters, whose names follow a prefix, and its
/// computation. Sequences are (time, batch, features).
/// </summary>
internal abstract class TransformerBlock
{
    protected readonly Module owner;
    protected readonly string prefix;

    /// <summary>The settings of a layer.</summary>
    internal sealed record Settings(long d_model, long nhead, long dim_feedforward, double dropout, Activations activation);

    internal readonly Settings settings;

    protected TransformerBlock(Module owner, string prefix, Settings settings)
    {
        this.owner = owner;
        this.prefix = prefix;
        this.settings = settings;
    }

    protected void AddLinear(string name, long inputs, long outputs) =>
        LayerDefaults.Reset(
            RegisteredParameter.Add(owner, $"{prefix}{name}.weight", [outputs, inputs]),
            RegisteredParameter.Add(owner, $"{prefix}{name}.bias", [outputs]));

    protected void AddNorm(string name)
    {
        init.ones_(RegisteredParameter.Add(owner, $"{prefix}{name}.weight", [settings.d_model]));
        init.zeros_(RegisteredParameter.Add(owner, $"{prefix}{name}.bias", [settings.d_model]));
    }

    protected Tensor Linear(string name, Tensor x) =>
        functional.linear(x, owner.get_parameter($"{prefix}{name}.weight")!, owner.get_parameter($"{prefix}{name}.bias"));

    protected Tensor Norm(string name, Tensor x) =>
        functional.layer_norm(x, [settings.d_model], owner.get_parameter($"{prefix}{name}.weight"), owner.get_parameter($"{prefix}{name}.bias"));

    protected Tensor Dropout(Tensor x) => functional.dropout(x, settings.dropout, owner.training);

    protected Tensor FeedForward(Tensor x)
    {
        var hidden = Linear("linear1", x);
        hidden = settings.activation == Activations.GELU ? functional.gelu(hidden) : functional.relu(hidden);
        return Linear("linear2", Dropout(hidden));
    }

    /// <summary>Takes over the values of another layer's parameters.</summary>
    internal void CopyFrom(TransformerBlock other)
    {
        using var _ = no_grad();
        foreach (var (name, source) in other.owner.named_parameters().Where(named => named.name.StartsWith(other.prefix, StringComparison.Ordinal)).ToList())
        {
            var own = owner.get_parameter(prefix + name[other.prefix.Length..])!;
            own.copy_(source);
            own.requires_grad = source.requires_grad;
        }
    }
}

/// <summary>Self-attention and a feed-forward network, each with a residual connection and a normalisation after it.</summary>
internal sealed class EncoderBlock : TransformerBlock
{
    private readonly AttentionBlock self_attn;

    internal EncoderBlock(Module owner, string prefix, Settings settings) : base(owner, prefix, settings)
    {
        self_attn = new(owner, prefix + "self_attn.", settings.d_model, settings.nhead, settings.dropout);
        AddLinear("linear1", settings.d_model, settings.dim_feedforward);
        AddLinear("linear2", settings.dim_feedforward, settings.d_model);
        AddNorm("norm1");
        AddNorm("norm2");
    }

    internal Tensor Forward(Tensor src, Tensor? src_mask, Tensor? src_key_padding_mask)
    {
        using var scope = NewDisposeScope();
        var x = Norm("norm1", src + Dropout(self_attn.Forward(src, src, src, src_key_padding_mask, false, src_mask).output));
        return Norm("norm2", x + Dropout(FeedForward(x))).MoveToOuterDisposeScope();
    }
}

/// <summary>Self-attention, attention to the encoder's result and a feed-forward network, each with a residual connection and a normalisation after it.</summary>
internal sealed class DecoderBlock : TransformerBlock
{
    private readonly AttentionBlock self_attn;
    private readonly AttentionBlock multihead_attn;

    internal DecoderBlock(Module owner, string prefix, Settings settings) : base(owner, prefix, settings)
    {
        self_attn = new(owner, prefix + "self_attn.", settings.d_model, settings.nhead, settings.dropout);
        multihead_attn = new(owner, prefix + "multihead_attn.", settings.d_model, settings.nhead, settings.dropout);
        AddLinear("linear1", settings.d_model, settings.dim_feedforward);
        AddLinear("linear2", settings.dim_feedforward, settings.d_model);
        AddNorm("norm1");
        AddNorm("norm2");
        AddNorm("norm3");
    }

    internal Tensor Forward(Tensor tgt, Tensor memory, Tensor? tgt_mask, Tensor? memory_mask, Tensor? tgt_key_padding_mask, Tensor? memory_key_padding_mask)
    {
        using var scope = NewDisposeScope();
        var x = Norm("norm1", tgt + Dropout(self_attn.Forward(tgt, tgt, tgt, tgt_key_padding_mask, false, tgt_mask).output));
        x = Norm("norm2", x + Dropout(multihead_attn.Forward(x, memory, memory, memory_key_padding_mask, false, memory_mask).output));
        return Norm("norm3", x + Dropout(FeedForward(x))).MoveToOuterDisposeScope();
    }
}
