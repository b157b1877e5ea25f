namespace TorchSharp;

/// <summary>libtorch's functions, named as in PyTorch's <c>torch</c>.</summary>
public static partial class torch
{
    private static ScalarType defaultDtype = ScalarType.Float32;
    private static Device defaultDevice = new(DeviceType.CPU);

    /// <summary>The version of the libtorch in use, such as "2.10.0".</summary>
    public static unsafe string __version__ =>
        System.Runtime.InteropServices.Marshal.PtrToStringUTF8((nint)Native.torch_version())!;

    // ---- defaults -------------------------------------------------------------------------------------

    /// <summary>Sets the element type of tensors that are created from no particular one.</summary>
    /// <exception cref="ArgumentException">It is not a floating-point type.</exception>
    public static void set_default_dtype(ScalarType dtype)
    {
        if (!is_floating_point(dtype))
            throw new ArgumentException("only floating-point types are supported as the default type");
        defaultDtype = dtype;
    }

    /// <summary>The element type of tensors that are created from no particular one.</summary>
    public static ScalarType get_default_dtype() => defaultDtype;

    /// <summary>Sets the element type of <paramref name="t"/> as the default.</summary>
    /// <exception cref="ArgumentException">It is not a floating-point type.</exception>
    public static void set_default_tensor_type(Tensor t) => set_default_dtype(t.dtype);

    /// <summary>The device of tensors that are created without one.</summary>
    public static Device get_default_device() => defaultDevice;

    /// <summary>Sets the device of tensors that are created without one.</summary>
    public static void set_default_device(Device device)
    {
        ArgumentNullException.ThrowIfNull(device);
        defaultDevice = device;
    }

    /// <summary>Sets the device of tensors that are created without one.</summary>
    public static void set_default_device(string device) => set_default_device(new Device(device));

    // ---- dispose scopes -------------------------------------------------------------------------------

    /// <summary>The innermost dispose scope that is open on this thread.</summary>
    public static DisposeScope? CurrentDisposeScope => DisposeScopeManager.ThreadSingleton.CurrentDisposeScope;

    /// <summary>Opens a scope that disposes, at its end, the tensors created in it that were not moved out.</summary>
    /// <example><code>
    /// using var scope = torch.NewDisposeScope();
    /// …
    /// return result.MoveToOuterDisposeScope();
    /// </code></example>
    public static DisposeScope NewDisposeScope() => DisposeScopeManager.ThreadSingleton.NewDisposeScope();

    /// <summary>Runs <paramref name="expr"/> in a scope of its own, out of which only the result goes.</summary>
    public static Tensor WrappedTensorDisposeScope(Func<Tensor> expr)
    {
        using var scope = NewDisposeScope();
        return expr().MoveToOuterDisposeScope();
    }

    // ---- threads --------------------------------------------------------------------------------------

    /// <summary>How many threads one operator on the CPU may use.</summary>
    public static int get_num_threads() => Native.get_num_threads();

    /// <summary>Sets how many threads one operator on the CPU may use.</summary>
    public static void set_num_threads(int num) => Native.Check(Native.set_num_threads(num));

    /// <summary>How many operators libtorch may run side by side.</summary>
    public static int get_num_interop_threads() => Native.get_num_interop_threads();

    /// <summary>Sets how many operators libtorch may run side by side; once, before any has run.</summary>
    public static void set_num_interop_threads(int num) => Native.Check(Native.set_num_interop_threads(num));

    // ---- random numbers -------------------------------------------------------------------------------

    /// <summary>Starts the random numbers of every device from <paramref name="seed"/>.</summary>
    /// <returns>The CPU's generator.</returns>
    public static Generator manual_seed(long seed) => random.manual_seed(seed);

    /// <summary>The default generators.</summary>
    public static partial class random
    {
        /// <summary>Starts the CPU's random numbers from a seed that depends on the time, and returns it.</summary>
        public static long seed() => Generator.Default.seed();

        /// <summary>The seed that the CPU's random numbers started from.</summary>
        public static long initial_seed() => Generator.Default.initial_seed();

        /// <summary>Starts the random numbers of every device from <paramref name="seed"/>.</summary>
        /// <returns>The CPU's generator.</returns>
        public static Generator manual_seed(long seed)
        {
            Native.Check(Native.manual_seed((ulong)seed));
            return Generator.Default;
        }

        /// <summary>The state of the CPU's random numbers, as a tensor of bytes.</summary>
        public static Tensor get_rng_state() => Generator.Default.get_state();

        /// <summary>Returns to a state that <see cref="get_rng_state"/> gave.</summary>
        public static void set_rng_state(Tensor new_state) => Generator.Default.set_state(new_state);
    }

    // ---- CUDA -----------------------------------------------------------------------------------------

    /// <summary>Whether the installed libtorch and this machine have CUDA.</summary>
    public static bool cuda_is_available() => cuda.is_available();

    /// <summary>NVIDIA's GPUs.</summary>
    public static partial class cuda
    {
        private static readonly Lazy<int> DeviceCount = new(Native.cuda_device_count);

        /// <summary>Whether the installed libtorch and this machine have CUDA.</summary>
        public static bool is_available() => DeviceCount.Value > 0;

        /// <summary>Whether cuDNN is there.</summary>
        public static bool is_cudnn_available() => is_available() && Native.cuda_has_cudnn() != 0;

        /// <summary>How many GPUs there are.</summary>
        public static int device_count() => DeviceCount.Value;

        /// <summary>Starts the random numbers of the current GPU from <paramref name="seed"/>; nothing without CUDA.</summary>
        public static void manual_seed(long seed)
        {
            if (is_available())
                Native.Check(Native.cuda_manual_seed((ulong)seed, -1));
        }

        /// <summary>Starts the random numbers of all GPUs from <paramref name="seed"/>; nothing without CUDA.</summary>
        public static void manual_seed_all(long seed)
        {
            if (is_available())
                Native.Check(Native.cuda_manual_seed((ulong)seed, -2));
        }

        /// <summary>Waits until the GPU has done everything that it was given.</summary>
        /// <param name="device">The GPU; the current one by default.</param>
        public static void synchronize(Device? device = null)
        {
            if (is_available())
                Native.Check(Native.cuda_synchronize(device?.index ?? -1));
        }
    }
}
