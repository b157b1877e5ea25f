using static TorchSharp.torch;

namespace TorchSharp;

/// <summary>Kinds of device that hold tensors; the numbers are libtorch's.</summary>
public enum DeviceType
{
    /// <summary>The processor.</summary>
    CPU = 0,

    /// <summary>NVIDIA's GPUs.</summary>
    CUDA = 1,

    /// <summary>Explicit MKLDNN.</summary>
    MKLDNN = 2,

    /// <summary>OpenGL.</summary>
    OPENGL = 3,

    /// <summary>OpenCL.</summary>
    OPENCL = 4,

    /// <summary>IDEEP.</summary>
    IDEEP = 5,

    /// <summary>AMD's HIP.</summary>
    HIP = 6,

    /// <summary>FPGA.</summary>
    FPGA = 7,

    /// <summary>MSNPU.</summary>
    MSNPU = 8,

    /// <summary>XLA, TPU.</summary>
    XLA = 9,

    /// <summary>Apple's GPUs.</summary>
    MPS = 13,

    /// <summary>Shapes without data.</summary>
    META = 14,
}

public static partial class torch
{
    private static Device? cudaDevice;
    private static Device? mpsDevice;

    /// <summary>Where a tensor's data is: a kind of device and the index of one of that kind.</summary>
    public class Device
    {
        /// <summary>The kind of device.</summary>
        public DeviceType type { get; private set; } = DeviceType.CPU;

        /// <summary>Which device of the kind; -1 for the current one.</summary>
        public int index { get; private set; } = -1;

        /// <summary>Reads "cpu", "cuda" or "cuda:1".</summary>
        /// <exception cref="ArgumentException">There is no such kind of device.</exception>
        public Device(string description)
        {
            var parts = description.Split(':');
            if (parts.Length > 2)
                return; // As TorchSharp: what has two colons is taken for the CPU.
            type = Enum.Parse<DeviceType>(parts[0].ToUpper());
            if (parts.Length == 2)
                index = int.Parse(parts[1]);
        }

        /// <summary>A device by the name of its kind ("cuda") and its index.</summary>
        /// <exception cref="ArgumentException">There is no such kind of device.</exception>
        public Device(string deviceType, int index = -1)
        {
            type = Enum.Parse<DeviceType>(deviceType.ToUpper());
            this.index = index;
        }

        /// <summary>A device by its kind and index.</summary>
        public Device(DeviceType deviceType, int index = -1)
        {
            type = deviceType;
            this.index = index;
        }

        /// <summary>The CUDA device of that index.</summary>
        public Device(int index)
        {
            type = DeviceType.CUDA;
            this.index = index;
        }

        /// <summary>"cpu", "cuda" or "cuda:1".</summary>
        public override string ToString()
        {
            if (type == DeviceType.CPU)
                return "cpu";
            var name = type.ToString().ToLower();
            return index == -1 ? name : $"{name}:{index}";
        }

        /// <summary>Reads "cpu", "cuda" or "cuda:1".</summary>
        public static implicit operator Device(string description) => new(description);
    }

    /// <summary>The current CUDA device.</summary>
    /// <exception cref="InvalidOperationException">There is none.</exception>
    public static Device CUDA => cudaDevice ??= InitializeDevice(new Device(DeviceType.CUDA));

    /// <summary>Apple's GPU.</summary>
    /// <exception cref="InvalidOperationException">There is none.</exception>
    public static Device MPS => mpsDevice ??= InitializeDevice(new Device(DeviceType.MPS));

    /// <summary>The processor.</summary>
    public static readonly Device CPU = new(DeviceType.CPU);

    /// <summary>The device of tensors that have a shape and no data.</summary>
    public static readonly Device META = new(DeviceType.META);

    /// <summary>The device of that description ("cpu", "cuda:1").</summary>
    /// <exception cref="InvalidOperationException">The machine has no such device.</exception>
    public static Device device(string description) => InitializeDevice(new Device(description));

    /// <summary>The device of that kind and index.</summary>
    /// <exception cref="InvalidOperationException">The machine has no such device.</exception>
    public static Device device(string deviceType, int index = -1) => InitializeDevice(new Device(deviceType, index));

    /// <summary>The device of that kind and index.</summary>
    /// <exception cref="InvalidOperationException">The machine has no such device.</exception>
    public static Device device(DeviceType deviceType, int index = -1) => InitializeDevice(new Device(deviceType, index));

    /// <summary>The CUDA device of that index.</summary>
    public static Device device(int index) => new(DeviceType.CUDA, index);

    /// <summary>Whether the machine has that kind of device.</summary>
    public static bool TryInitializeDeviceType(DeviceType deviceType) => deviceType switch
    {
        DeviceType.CUDA => cuda.is_available(),
        DeviceType.MPS => mps_is_available(),
        _ => true,
    };

    /// <summary>Makes sure that the machine has that kind of device.</summary>
    /// <exception cref="InvalidOperationException">It has not.</exception>
    public static void InitializeDeviceType(DeviceType deviceType)
    {
        if (deviceType is not (DeviceType.CUDA or DeviceType.MPS) || TryInitializeDeviceType(deviceType))
            return;
        throw new InvalidOperationException(deviceType == DeviceType.MPS
            ? "Torch device type 'MPS' is not available on this platform."
            : $"Torch device type {deviceType} did not initialise on the current machine: the installed libtorch has no CUDA, or there is no CUDA device.");
    }

    /// <summary>The device, or the default one for null, after making sure that the machine has it.</summary>
    /// <exception cref="InvalidOperationException">The machine has no such device.</exception>
    public static Device InitializeDevice(Device? device)
    {
        device ??= get_default_device();
        InitializeDeviceType(device.type);
        return device;
    }

    /// <summary>Whether this is a Mac with Apple's own processor, which libtorch's MPS backend runs on.</summary>
    public static bool mps_is_available() =>
        OperatingSystem.IsMacOS()
        && System.Runtime.InteropServices.RuntimeInformation.OSArchitecture == System.Runtime.InteropServices.Architecture.Arm64;
}
