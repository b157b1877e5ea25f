using TorchSharp;
using TorchSharp.Modules;
using Xunit;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace PruneGen.LibTorch.Tests;

/// <summary>Converting and moving modules.</summary>
public class ModuleMoveTests
{
    [Fact]
    public void Converting_replaces_floating_point_tensors_in_fields_and_registry()
    {
        using var pair = new Pair();
        Parameter weight = pair.first.weight;

        Pair same = pair.to(ScalarType.Float64);

        Assert.Same(pair, same);
        Assert.NotSame(weight, pair.first.weight);
        Assert.True(weight.IsInvalid);
        Assert.Same(pair.first.weight, pair.get_parameter("first.weight"));
        Assert.All(pair.parameters(), p => Assert.Equal(ScalarType.Float64, p.dtype));
        Assert.Equal(2.0, pair.first.weight.item<double>());
        Assert.True(pair.first.weight.requires_grad);
        Assert.True(pair.first.weight.is_leaf);
        Assert.Equal(["first.weight", "first.bias", "second.weight", "second.bias"], pair.named_parameters().Select(p => p.name));
    }

    [Fact]
    public void Integers_keep_their_type()
    {
        using var affine = new Affine();
        affine.@double();
        Assert.Equal(ScalarType.Int64, affine.steps.dtype);
        Assert.Same(affine.steps, affine.get_buffer("steps"));
        Assert.False(affine.steps.IsInvalid);
    }

    private sealed class WithBuffer : Module<Tensor, Tensor>
    {
        internal Tensor mean = full([2], 0.5f);

        internal WithBuffer() : base(nameof(WithBuffer)) => RegisterComponents();

        public override Tensor forward(Tensor input) => input - mean;
    }

    [Fact]
    public void Buffers_are_converted_and_leave_their_dispose_scope()
    {
        var module = new WithBuffer();
        using (NewDisposeScope())
            module.to(ScalarType.Float64);

        Assert.Same(module.mean, module.get_buffer("mean"));
        Assert.Equal(ScalarType.Float64, module.mean.dtype);
        Assert.Equal([0.5, 0.5], module.mean.data<double>().ToArray());
        module.Dispose();
    }

    [Fact]
    public void Parameters_leave_their_dispose_scope()
    {
        using var affine = new Affine(weight: 4);
        using (NewDisposeScope())
            affine.to(ScalarType.Float64);
        Assert.Equal(4.0, affine.weight.item<double>());
    }

    [Fact]
    public void The_gradient_is_converted_with_its_parameter()
    {
        using var affine = new Affine(weight: 2);
        using (var x = full([1], 3f))
        using (var y = affine.call(x))
            y.sum().backward();

        affine.to(ScalarType.Float64);

        using var grad = affine.weight.grad;
        Assert.NotNull(grad);
        Assert.Equal(ScalarType.Float64, grad.dtype);
        Assert.Equal(3.0, grad.item<double>());
    }

    [Fact]
    public void A_frozen_parameter_stays_frozen()
    {
        using var affine = new Affine();
        affine.weight.requires_grad = false;
        affine.to(ScalarType.Float64);
        Assert.False(affine.weight.requires_grad);
        Assert.True(affine.bias.requires_grad);
    }

    [Fact]
    public void Converting_to_the_type_that_is_there_changes_nothing()
    {
        using var affine = new Affine();
        var weight = affine.weight;
        affine.to(ScalarType.Float32);
        Assert.Same(weight, affine.weight);
        Assert.False(weight.IsInvalid);
    }

    private sealed class WithProperty : Module<Tensor, Tensor>
    {
        private Parameter? _scale;

        internal WithProperty() : base(nameof(WithProperty)) => scale = Parameter(ones(1));

        public int Sets { get; private set; }

        public Parameter? scale
        {
            get => _scale;
            set
            {
                Sets++;
                _scale = value;
                ConditionallyRegisterParameter(nameof(scale), value);
            }
        }

        public override Tensor forward(Tensor input) => input * scale!;
    }

    [Fact]
    public void A_property_with_the_parameters_name_is_set()
    {
        using var module = new WithProperty();
        module.to(ScalarType.Float64);
        Assert.Equal(2, module.Sets);
        Assert.Equal(ScalarType.Float64, module.scale!.dtype);
        Assert.Same(module.scale, module.get_parameter("scale"));
    }

    [Theory]
    [InlineData(ScalarType.Int32)]
    [InlineData(ScalarType.Bool)]
    public void Only_floating_point_and_complex_types_are_taken(ScalarType dtype)
    {
        using var affine = new Affine();
        var error = Assert.Throws<ArgumentException>(() => affine.to(dtype));
        Assert.Contains($"dtype={dtype}", error.Message);
        Assert.Throws<ArgumentException>(() => affine.to(CPU, dtype));
    }

    [Fact]
    public void The_short_names_convert_to_their_types()
    {
        using var affine = new Affine();
        Assert.Equal(ScalarType.Float16, affine.half().weight.dtype);
        Assert.Equal(ScalarType.BFloat16, affine.bfloat16().weight.dtype);
        Assert.Equal(ScalarType.Float64, affine.@double().weight.dtype);
        Assert.Equal(ScalarType.Float32, affine.@float().weight.dtype);
        Assert.Throws<ArgumentException>(() => affine.@int());
        Assert.Throws<ArgumentException>(() => affine.@long());
        Assert.Throws<ArgumentException>(() => affine.@short());
        Assert.Throws<ArgumentException>(() => affine.@byte());
        Assert.Throws<ArgumentException>(() => affine.@char());
        Assert.Throws<ArgumentException>(() => affine.@bool());
    }

    [Fact]
    public void Every_way_to_the_cpu_leaves_a_module_there_as_it_is()
    {
        using var affine = new Affine();
        var weight = affine.weight;
        affine.cpu().to(CPU).to("cpu").to(DeviceType.CPU).to(CPU, ScalarType.Float32);
        Assert.Same(weight, affine.weight);
    }

    [Fact]
    public void A_tensor_says_type_and_device()
    {
        using var affine = new Affine();
        using var template = zeros(1, dtype: ScalarType.Float64);
        affine.to(template);
        Assert.Equal(ScalarType.Float64, affine.weight.dtype);
    }

    [Fact]
    public void Without_a_gpu_moving_there_is_refused()
    {
        if (cuda.is_available())
        {
            using var moved = new Affine().cuda();
            Assert.Equal(DeviceType.CUDA, moved.weight.device_type);
            return;
        }
        using var affine = new Affine();
        Assert.Throws<InvalidOperationException>(() => affine.cuda());
        Assert.Throws<InvalidOperationException>(() => affine.to(DeviceType.CUDA));
    }

    [Fact]
    public void Parameter_lists_and_dictionaries_are_converted()
    {
        using var module = new WithCollections();
        module.to(ScalarType.Float64);

        Assert.Equal(ScalarType.Float64, module.list[0].dtype);
        Assert.Equal(ScalarType.Float64, module.dict["a"].dtype);
        Assert.Equal(ScalarType.Float64, module.dict[0].Item2.dtype);
        Assert.Same(module.list[0], module.get_parameter("list.0"));
        Assert.Same(module.dict["a"], module.get_parameter("dict.a"));
    }

    private sealed class WithCollections : Module<Tensor, Tensor>
    {
        internal readonly ParameterList list = new(Parameter(ones(1)));
        internal readonly ParameterDict dict = new() { ("a", Parameter(ones(1))) };

        internal WithCollections() : base(nameof(WithCollections)) => RegisterComponents();

        public override Tensor forward(Tensor input) => input * list[0] + dict["a"];
    }
}
