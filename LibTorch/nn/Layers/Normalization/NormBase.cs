using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharp.Modules;

/// <summary>What the normalisations that can keep running statistics have in common.</summary>
public abstract class NormBase : Module<Tensor, Tensor>
{
    /// <summary>Creates the parameters and running statistics that are asked for.</summary>
    public NormBase(long num_features, double eps, double? momentum, bool affine, bool track_running_stats, Device? device, ScalarType? dtype, string name) : base(name)
    {
        this.num_features = num_features;
        this.eps = eps;
        this.momentum = momentum;
        this.affine = affine;
        this.track_running_stats = track_running_stats;

        if (affine)
        {
            weight = Parameter(ones(num_features, dtype: dtype, device: device));
            bias = Parameter(zeros(num_features, dtype: dtype, device: device));
        }
        if (track_running_stats)
        {
            running_mean = zeros(num_features, dtype: dtype, device: device);
            running_var = ones(num_features, dtype: dtype, device: device);
            num_batches_tracked = tensor(0L, dtype: dtype, device: device);
        }
    }

    /// <summary>Throws unless the input has the number of dimensions that the layer is for.</summary>
    /// <exception cref="ArgumentException">It has not.</exception>
    protected abstract void ValidateInputDimensions(Tensor input);

    /// <summary>Forgets the running statistics: mean 0, variance 1.</summary>
    public void reset_running_stats()
    {
        if (!track_running_stats) return;

        init.zeros_(running_mean!);
        init.ones_(running_var!);
        init.zeros_(num_batches_tracked!);
    }

    /// <summary>Forgets the running statistics, and sets the weight to 1 and the bias to 0.</summary>
    public void reset_parameters()
    {
        reset_running_stats();
        if (!affine) return;

        init.ones_(weight);
        init.zeros_(bias!);
    }

    /// <summary>Factor of each channel, shape (num_features). The setter releases the old one and registers the new one.</summary>
    /// <exception cref="ArgumentNullException">Set to null.</exception>
    public Parameter weight
    {
        get => _weight!;
        set { if (ParameterSlot.ReplaceRequired(ref _weight, value, nameof(weight))) ConditionallyRegisterParameter(nameof(weight), _weight); }
    }

    /// <summary>Shift of each channel, shape (num_features). The setter releases the old one and registers the new one.</summary>
    public Parameter? bias
    {
        get => _bias;
        set { if (ParameterSlot.Replace(ref _bias, value)) ConditionallyRegisterParameter(nameof(bias), _bias); }
    }

    /// <summary>Running mean of each channel, shape (num_features), or null. The setter releases the old one and registers the new one.</summary>
    public Tensor? running_mean
    {
        get => _running_mean;
        set { if (ParameterSlot.Replace(ref _running_mean, value)) ConditionallyRegisterBuffer(nameof(running_mean), _running_mean); }
    }

    /// <summary>Running variance of each channel, shape (num_features), or null. The setter releases the old one and registers the new one.</summary>
    public Tensor? running_var
    {
        get => _running_var;
        set { if (ParameterSlot.Replace(ref _running_var, value)) ConditionallyRegisterBuffer(nameof(running_var), _running_var); }
    }

    /// <summary>How many batches went into the running statistics, or null. The setter releases the old one and registers the new one.</summary>
    public Tensor? num_batches_tracked
    {
        get => _num_batches_tracked;
        set { if (ParameterSlot.Replace(ref _num_batches_tracked, value)) ConditionallyRegisterBuffer(nameof(num_batches_tracked), _num_batches_tracked); }
    }

    /// <summary>Number of channels.</summary>
    public long num_features { get; private set; }

    /// <summary>Added to the variance, so that nothing is divided by zero.</summary>
    public double eps { get; set; }

    /// <summary>The share of each batch in the running statistics; null for their plain mean over all batches.</summary>
    public double? momentum { get; set; }

    /// <summary>Whether there are a weight and a bias.</summary>
    public bool affine { get; private set; }

    /// <summary>Whether there are running statistics.</summary>
    public bool track_running_stats { get; private set; }

    [ComponentName(Name = nameof(bias))]
    private Parameter? _bias;

    [ComponentName(Name = nameof(weight))]
    private Parameter? _weight;

    [ComponentName(Name = nameof(running_mean))]
    private Tensor? _running_mean;

    [ComponentName(Name = nameof(running_var))]
    private Tensor? _running_var;

    [ComponentName(Name = nameof(num_batches_tracked))]
    private Tensor? _num_batches_tracked;
}
