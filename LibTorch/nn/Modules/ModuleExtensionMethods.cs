using static TorchSharp.torch;

namespace TorchSharp;

/// <summary>
/// Moving and converting modules. These are extension methods so that they return the module as the type it has:
/// <c>var model = new LeNet().to(device);</c>.
/// </summary>
public static class ModuleExtensionMethods
{
    /// <summary>Converts the parameters and buffers.</summary>
    /// <typeparam name="T">The module's class.</typeparam>
    /// <param name="module">The module.</param>
    /// <param name="type">The target element type. Tensors of integers keep theirs.</param>
    /// <param name="non_blocking">Whether the host may go on before a copy to a GPU is done.</param>
    /// <returns>The module itself.</returns>
    /// <exception cref="ArgumentException">The type is neither floating point nor complex.</exception>
    public static T to<T>(this T module, ScalarType type, bool non_blocking = false) where T : nn.Module =>
        (T)module._to(type, non_blocking);

    /// <summary>Moves and converts the parameters and buffers.</summary>
    /// <typeparam name="T">The module's class.</typeparam>
    /// <param name="module">The module.</param>
    /// <param name="device">The target device.</param>
    /// <param name="type">The target element type. Tensors of integers keep theirs.</param>
    /// <param name="non_blocking">Whether the host may go on before a copy to a GPU is done.</param>
    /// <returns>The module itself.</returns>
    /// <exception cref="ArgumentException">The type is neither floating point nor complex.</exception>
    /// <exception cref="InvalidOperationException">The device is a GPU, and there is none.</exception>
    public static T to<T>(this T module, Device device, ScalarType type, bool non_blocking = false) where T : nn.Module =>
        (T)module._to(device, type, non_blocking);

    /// <summary>Moves the parameters and buffers.</summary>
    /// <typeparam name="T">The module's class.</typeparam>
    /// <param name="module">The module.</param>
    /// <param name="deviceType">The kind of the target device.</param>
    /// <param name="deviceIndex">Its index; -1 for the current one.</param>
    /// <param name="non_blocking">Whether the host may go on before a copy to a GPU is done.</param>
    /// <returns>The module itself.</returns>
    /// <exception cref="InvalidOperationException">The device is a GPU, and there is none.</exception>
    public static T to<T>(this T module, DeviceType deviceType, int deviceIndex = -1, bool non_blocking = false) where T : nn.Module =>
        (T)module._to(deviceType, deviceIndex, non_blocking);

    /// <summary>Moves the parameters and buffers.</summary>
    /// <typeparam name="T">The module's class.</typeparam>
    /// <param name="module">The module.</param>
    /// <param name="device">The target device.</param>
    /// <param name="non_blocking">Whether the host may go on before a copy to a GPU is done.</param>
    /// <returns>The module itself.</returns>
    /// <exception cref="InvalidOperationException">The device is a GPU, and there is none.</exception>
    public static T to<T>(this T module, Device device, bool non_blocking = false) where T : nn.Module =>
        (T)module._to(device.type, device.index, non_blocking);

    /// <summary>Moves the parameters and buffers.</summary>
    /// <typeparam name="T">The module's class.</typeparam>
    /// <param name="module">The module.</param>
    /// <param name="device">The target device, such as "cpu" or "cuda:1".</param>
    /// <param name="non_blocking">Whether the host may go on before a copy to a GPU is done.</param>
    /// <returns>The module itself.</returns>
    /// <exception cref="InvalidOperationException">The device is a GPU, and there is none.</exception>
    public static T to<T>(this T module, string device, bool non_blocking = false) where T : nn.Module =>
        module.to(new Device(device), non_blocking);

    /// <summary>Moves and converts the parameters and buffers to the device and the element type of a tensor.</summary>
    /// <typeparam name="T">The module's class.</typeparam>
    /// <param name="module">The module.</param>
    /// <param name="other">The tensor.</param>
    /// <param name="non_blocking">Whether the host may go on before a copy to a GPU is done.</param>
    /// <returns>The module itself.</returns>
    public static T to<T>(this T module, Tensor other, bool non_blocking = false) where T : nn.Module =>
        (T)module._to(other.device, other.dtype, non_blocking);

    /// <summary>Moves the parameters and buffers to the CPU.</summary>
    public static T cpu<T>(this T module, bool non_blocking = false) where T : nn.Module =>
        (T)module._to(DeviceType.CPU, -1, non_blocking);

    /// <summary>
    /// Moves the parameters and buffers to a GPU. They become other tensors, so an optimizer is to be created afterwards.
    /// </summary>
    /// <typeparam name="T">The module's class.</typeparam>
    /// <param name="module">The module.</param>
    /// <param name="deviceIndex">The index of the GPU; -1 for the current one.</param>
    /// <param name="non_blocking">Whether the host may go on before a copy to a GPU is done.</param>
    /// <returns>The module itself.</returns>
    /// <exception cref="InvalidOperationException">There is no GPU.</exception>
    public static T cuda<T>(this T module, int deviceIndex = -1, bool non_blocking = false) where T : nn.Module =>
        (T)module._to(DeviceType.CUDA, deviceIndex, non_blocking);

    /// <summary>Always throws: modules take floating point and complex types only.</summary>
    /// <exception cref="ArgumentException">Always.</exception>
    public static T @bool<T>(this T module, bool non_blocking = false) where T : nn.Module => module.to(ScalarType.Bool, non_blocking);

    /// <inheritdoc cref="@bool{T}(T, bool)"/>
    public static T @byte<T>(this T module, bool non_blocking = false) where T : nn.Module => module.to(ScalarType.Byte, non_blocking);

    /// <inheritdoc cref="@bool{T}(T, bool)"/>
    public static T @char<T>(this T module, bool non_blocking = false) where T : nn.Module => module.to(ScalarType.Int8, non_blocking);

    /// <inheritdoc cref="@bool{T}(T, bool)"/>
    public static T @short<T>(this T module, bool non_blocking = false) where T : nn.Module => module.to(ScalarType.Int16, non_blocking);

    /// <inheritdoc cref="@bool{T}(T, bool)"/>
    public static T @int<T>(this T module, bool non_blocking = false) where T : nn.Module => module.to(ScalarType.Int32, non_blocking);

    /// <inheritdoc cref="@bool{T}(T, bool)"/>
    public static T @long<T>(this T module, bool non_blocking = false) where T : nn.Module => module.to(ScalarType.Int64, non_blocking);

    /// <summary>Converts the parameters and buffers to <c>Float16</c>.</summary>
    public static T half<T>(this T module, bool non_blocking = false) where T : nn.Module => module.to(ScalarType.Float16, non_blocking);

    /// <summary>Converts the parameters and buffers to <c>BFloat16</c>.</summary>
    public static T bfloat16<T>(this T module, bool non_blocking = false) where T : nn.Module => module.to(ScalarType.BFloat16, non_blocking);

    /// <summary>Converts the parameters and buffers to <c>Float32</c>.</summary>
    public static T @float<T>(this T module, bool non_blocking = false) where T : nn.Module => module.to(ScalarType.Float32, non_blocking);

    /// <summary>Converts the parameters and buffers to <c>Float64</c>.</summary>
    public static T @double<T>(this T module, bool non_blocking = false) where T : nn.Module => module.to(ScalarType.Float64, non_blocking);

    /// <summary>Converts the parameters and buffers to <c>ComplexFloat32</c>.</summary>
    public static T cfloat<T>(this T module, bool non_blocking = false) where T : nn.Module => module.to(ScalarType.ComplexFloat32, non_blocking);

    /// <summary>Converts the parameters and buffers to <c>ComplexFloat64</c>.</summary>
    public static T cdouble<T>(this T module, bool non_blocking = false) where T : nn.Module => module.to(ScalarType.ComplexFloat64, non_blocking);
}
