using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PruneGen.Runtime.Tests;

/// <summary>
/// What PruneGen relies on in TorchSharp and TorchSharp does not promise. A version that breaks one of these fails here, under
/// a name that says what has changed.
/// </summary>
public sealed class AssumptionTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    public void Dispose() => scope.Dispose();

    [Fact]
    public void Set_gives_a_parameter_another_shape_and_keeps_handle_registration_and_gradient_wish()
    {
        var layer = nn.Linear(4, 3);
        var weight = layer.weight!;
        var handle = weight.Handle;
        using (no_grad())
        {
            weight.set_(ones(2, 4));
        }

        Assert.Equal(handle, weight.Handle);
        Assert.Same(weight, layer.named_parameters().First(entry => entry.name == "weight").parameter);
        Assert.Equal([2, 4], layer.state_dict()["weight"].shape);
        Assert.True(weight.requires_grad && weight.is_leaf);
        weight.sum().backward();
        Assert.Equal([2, 4], weight.grad!.shape);
    }

    [Fact]
    public void Set_gives_a_buffer_another_shape()
    {
        var norm = nn.BatchNorm1d(4);
        norm.running_mean!.set_(zeros(3));
        Assert.Equal([3], norm.state_dict()["running_mean"].shape);
    }

    [Fact]
    public void Set_makes_a_tensor_share_the_memory_of_another()
    {
        var (parameter, other) = (nn.Parameter(zeros(2)), ones(2));
        using (no_grad())
        {
            parameter.set_(other);
        }

        other.fill_(5);
        Assert.Equal([5f, 5f], Pruned.Values(parameter));
    }

    [Fact]
    public void A_convolution_checks_its_input_against_the_width_that_is_told_to_it()
    {
        var layer = nn.Conv2d(4, 3, 1);
        using (no_grad())
        {
            layer.weight!.set_(ones(2, 3, 1, 1));
            layer.bias!.set_(zeros(2));
        }

        Assert.Throws<ArgumentException>(() => layer.call(ones(1, 3, 2, 2)));
        LayerProperty.Of(typeof(Conv2d), "in_channels").Set(layer, 3);
        LayerProperty.Of(typeof(Conv2d), "out_channels").Set(layer, 2);
        Assert.Equal((3, 2), (layer.in_channels, layer.out_channels));
        Assert.Equal([1, 2, 2, 2], layer.call(ones(1, 3, 2, 2)).shape);
    }

    [Fact]
    public void Norms_and_activations_tell_the_width_that_is_told_to_them()
    {
        var (norm, activation) = (nn.InstanceNorm1d(4, affine: true), nn.PReLU(4));
        LayerProperty.Of(typeof(InstanceNorm1d), "num_features").Set(norm, 3);
        LayerProperty.Of(typeof(PReLU), "num_parameters").Set(activation, 3);
        Assert.Equal((3, 3), (norm.num_features, activation.num_parameters));
    }

    [Fact]
    public void The_widths_of_the_other_layers_can_be_set()
    {
        var (linear, norm, groups) = (nn.Linear(4, 3), nn.LayerNorm([4]), nn.GroupNorm(4, 8));
        (linear.in_features, linear.out_features, norm.normalized_shape, groups.num_groups) = (2, 1, [3], 2);
        Assert.Equal((2, 1, 3, 2), (linear.in_features, linear.out_features, norm.normalized_shape[0], groups.num_groups));
    }

    [Fact]
    public void Recurrent_layers_exchange_their_native_modules()
    {
        var (own, other) = (nn.GRU(2, 3, batchFirst: true), nn.GRU(2, 5, batchFirst: true));
        TorchSharpInternals.Exchange(own, other);
        Assert.Equal(5, TorchSharpInternals.HiddenSize(own));
        Assert.True(TorchSharpInternals.BatchFirst(own));
        Assert.Equal([1, 4, 5], own.call(ones(1, 4, 2), null).Item1.shape);
        Assert.Equal([15, 2], own.get_parameter("weight_ih_l0")!.shape);
    }

    [Fact]
    public void Native_layers_name_their_parameters_as_PyTorch_does()
    {
        static IEnumerable<string> Names(nn.Module layer) => layer.named_parameters().Select(entry => entry.name).Order(StringComparer.Ordinal);
        Assert.Equal(
            ["bias_hh_l0", "bias_hh_l0_reverse", "bias_ih_l0", "bias_ih_l0_reverse", "weight_hh_l0", "weight_hh_l0_reverse", "weight_ih_l0", "weight_ih_l0_reverse"],
            Names(nn.LSTM(2, 3, bidirectional: true)));
        Assert.Equal(["bias_hh", "bias_ih", "weight_hh", "weight_ih"], Names(nn.LSTMCell(2, 3)));
        Assert.Equal(["in_proj_bias", "in_proj_weight", "out_proj.bias", "out_proj.weight"], Names(nn.MultiheadAttention(4, 2)));
    }

    [Fact]
    public void Bytes_are_the_memory_of_a_contiguous_tensor_itself()
    {
        var parameter = nn.Parameter(arange(6, float32).reshape(2, 3));
        Assert.True(PlainMemory.Holds(parameter));
        MemoryMarshal.Cast<byte, float>(parameter.bytes)[4] = 40;
        Assert.Equal([0f, 1, 2, 3, 40, 5], Pruned.Values(parameter));
        Assert.False(PlainMemory.Holds(parameter.t()));
    }

    [Fact]
    public void Views_of_one_tensor_have_one_storage()
    {
        var whole = rand(4, 6, dtype: ScalarType.BFloat16);
        Assert.NotEqual(0, TorchSharpInternals.StorageAddress(whole));
        Assert.Equal(TorchSharpInternals.StorageAddress(whole), TorchSharpInternals.StorageAddress(whole.t().narrow(0, 2, 1)));
        Assert.NotEqual(TorchSharpInternals.StorageAddress(whole), TorchSharpInternals.StorageAddress(whole.clone()));
    }

    [Fact]
    public void Call_runs_hooks_and_forward_does_not()
    {
        var layer = nn.Linear(2, 2);
        var heard = 0;
        layer.register_forward_hook((_, _, output) =>
        {
            heard++;
            return output;
        });
        layer.call(ones(1, 2));
        layer.forward(ones(1, 2));
        Assert.Equal(1, heard);
    }

    [Fact]
    public void An_error_of_libtorch_is_an_ExternalException_that_begins_with_its_message()
    {
        var error = Assert.Throws<ExternalException>(() => ones(2, 3) + ones(2, 4));
        Assert.StartsWith("The size of tensor a (3) must match the size of tensor b (4) at non-singleton dimension 1", error.Message);
    }

    [Fact]
    public void An_optimizer_made_before_a_change_of_shape_throws()
    {
        var parameter = nn.Parameter(ones(4));
        using var optimizer = optim.Adam([parameter]);
        parameter.sum().backward();
        optimizer.step();
        using (no_grad())
        {
            parameter.grad = null;
            parameter.set_(ones(2));
        }

        parameter.sum().backward();
        Assert.Throws<ExternalException>(() => optimizer.step());
    }

    [Fact]
    public void Saved_weights_load_into_the_same_shapes_alone()
    {
        using var stream = new MemoryStream();
        var layer = nn.Linear(3, 2);
        layer.save(new BinaryWriter(stream));

        // LEB128 counts and lengths: two entries, the first name has six letters.
        Assert.Equal([2, 6, .. "weight"u8], stream.ToArray()[..8]);
        stream.Position = 0;
        var other = nn.Linear(3, 2);
        other.load(new BinaryReader(stream));
        Assert.Equal(Pruned.Values(layer.weight!), Pruned.Values(other.weight!));
        stream.Position = 0;
        Assert.Throws<ArgumentException>(() => nn.Linear(2, 2).load(new BinaryReader(stream)));
    }

    [Fact]
    public void A_detached_tensor_outlives_its_scope()
    {
        Tensor kept;
        using (NewDisposeScope())
        {
            kept = ones(2).DetachFromDisposeScope();
        }

        Assert.Equal([1f, 1f], Pruned.Values(kept));
        kept.Dispose();
    }

    [Fact]
    public void The_random_state_can_be_read_and_put_back()
    {
        manual_seed(3);
        var state = get_rng_state();
        var first = Pruned.Values(rand(4));
        set_rng_state(state);
        Assert.Equal(first, Pruned.Values(rand(4)));
    }

    [Fact]
    public void A_field_that_this_TorchSharp_lacks_is_reported_with_both_versions()
    {
        var version = typeof(torch).Assembly.GetName().Version!.ToString(3);
        var error = Assert.Throws<NotSupportedException>(() => TorchSharpInternals.Require(() => Missing(nn.Linear(1, 1)) = 0));
        Assert.Contains($"made for TorchSharp {version}", error.Message);
        Assert.Contains("a_field_of_another_version", error.Message);
        Assert.Contains($"Use TorchSharp {version}", error.Message);
        error = Assert.Throws<NotSupportedException>(() => TorchSharpInternals.Require(() => LayerProperty.Of(typeof(Linear), "a_width_of_another_version")));
        Assert.Contains("a_width_of_another_version", error.Message);
        error = Assert.Throws<NotSupportedException>(() => TorchSharpInternals.Require(() => LayerProperty.Of(typeof(Layer), nameof(Layer.width)).RequireSetter()));
        Assert.Contains("a setter of width", error.Message);
    }

    private sealed class Layer
    {
        public long width => 4;
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "a_field_of_another_version")]
    private static extern ref long Missing(Linear layer);
}
