using System.Reflection;
using TorchSharp.Modules;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        // Moving a module to another device, and converting it to another element type. A tensor cannot change either in
        // place, so parameters and buffers are replaced: in the registry, and in the field or property that holds them.
        public partial class Module
        {
            /// <summary>The kind of device that the module's tensors were last moved to.</summary>
            protected DeviceType _deviceType = DeviceType.CPU;

            /// <summary>The index of the device that the module's tensors were last moved to; -1 for none.</summary>
            protected int _deviceIndex = -1;

            /// <summary>Moves and converts the parameters and buffers.</summary>
            /// <param name="device">The target device.</param>
            /// <param name="dtype">The target element type; tensors of integers keep theirs.</param>
            /// <param name="non_blocking">Whether the host may go on before a copy to a GPU is done.</param>
            /// <exception cref="ArgumentException"><paramref name="dtype"/> is neither floating point nor complex.</exception>
            /// <exception cref="InvalidOperationException">The device is a GPU, and there is none.</exception>
            protected internal virtual Module _to(Device device, ScalarType dtype, bool non_blocking)
            {
                CheckElementType(dtype);
                CheckAvailable(device.type);
                if (device.type != DeviceType.CUDA) device = new Device(device.type, -1);

                _toEpilog(device, dtype, non_blocking);
                return this;
            }

            /// <summary>Moves the parameters and buffers.</summary>
            /// <param name="deviceType">The kind of the target device.</param>
            /// <param name="deviceIndex">Its index; -1 for the current one.</param>
            /// <param name="non_blocking">Whether the host may go on before a copy to a GPU is done.</param>
            /// <exception cref="InvalidOperationException">The device is a GPU, and there is none.</exception>
            protected internal virtual Module _to(DeviceType deviceType, int deviceIndex, bool non_blocking)
            {
                CheckAvailable(deviceType);
                if (deviceType != DeviceType.CUDA) deviceIndex = -1;

                if (deviceType != _deviceType || deviceIndex != _deviceIndex)
                    _toEpilog(deviceType, deviceIndex, non_blocking);
                return this;
            }

            /// <summary>Converts the parameters and buffers.</summary>
            /// <param name="dtype">The target element type; tensors of integers keep theirs.</param>
            /// <param name="non_blocking">Whether the host may go on before a copy to a GPU is done.</param>
            /// <exception cref="ArgumentException"><paramref name="dtype"/> is neither floating point nor complex.</exception>
            protected internal virtual Module _to(ScalarType dtype, bool non_blocking)
            {
                CheckElementType(dtype);
                _toEpilog(dtype, non_blocking);
                return this;
            }

            /// <summary>Moves and converts the parameters and buffers to the element type and the device of a tensor.</summary>
            /// <param name="other">The tensor.</param>
            /// <param name="non_blocking">Whether the host may go on before a copy to a GPU is done.</param>
            public Module _to(Tensor other, bool non_blocking)
            {
                _to(other.dtype, non_blocking);
                return _to(other.device_type, other.device_index, non_blocking);
            }

            /// <summary>Replaces the tensors by ones of another element type, here and below.</summary>
            protected void _toEpilog(ScalarType dtype, bool non_blocking) => _toEpilog(dtype, null, non_blocking);

            /// <summary>Replaces the tensors by ones of another element type on another device, here and below.</summary>
            protected void _toEpilog(Device device, ScalarType dtype, bool non_blocking) => _toEpilog(dtype, device, non_blocking);

            /// <summary>Replaces the tensors by ones on another device, here and below.</summary>
            protected void _toEpilog(DeviceType deviceType, int deviceIndex, bool non_blocking) =>
                _toEpilog(null, new Device(deviceType, deviceIndex), non_blocking);

            /// <summary>Replaces the tensors of the modules below, then the module's own; null for what stays.</summary>
            /// <exception cref="ArgumentNullException">Both are null.</exception>
            protected virtual void _toEpilog(ScalarType? dtype, Device? device, bool non_blocking)
            {
                if (dtype is null && device is null)
                    throw new ArgumentNullException(nameof(dtype), $"{nameof(dtype)} and {nameof(device)} are both null.");

                foreach (var (_, module) in named_children())
                {
                    if (device is null) module._to(dtype!.Value, non_blocking);
                    else if (dtype is null) module._to(device.type, device.index, non_blocking);
                    else module._to(device, dtype.Value, non_blocking);
                }

                // Registering changes what is being enumerated, so the lists are copied.
                foreach (var (name, parameter) in named_parameters(false).ToList())
                {
                    if (!ReplaceParameter(dtype, device, parameter, out var moved)) continue;

                    if (!SetThroughProperty(name, moved!))
                    {
                        parameter.Dispose();
                        SetField(name, moved!);
                    }
                    ConditionallyRegisterParameter(name, moved);
                }

                foreach (var (name, buffer) in named_buffers(false).ToList())
                {
                    if (!ReplaceBuffer(dtype, device, buffer, out var moved)) continue;

                    if (!SetThroughProperty(name, moved!))
                        SetField(name, moved!);
                    ConditionallyRegisterBuffer(name, moved);
                }

                if (device is not null)
                    (_deviceType, _deviceIndex) = (device.type, device.index);
            }

            /// <summary>Makes a copy of a buffer as it should be, and disposes the buffer.</summary>
            /// <param name="dtype">The target element type; null to keep it. Tensors of integers keep theirs.</param>
            /// <param name="device">The target device; null to keep it.</param>
            /// <param name="buffer">The buffer.</param>
            /// <param name="result">The copy, in no dispose scope; null if there is nothing to do.</param>
            /// <returns>Whether there was anything to do.</returns>
            protected static bool ReplaceBuffer(ScalarType? dtype, Device? device, Tensor buffer, out Tensor? result)
            {
                var (targetType, targetDevice) = Target(dtype, device, buffer);
                if (Fits(buffer, targetType, targetDevice))
                {
                    result = null;
                    return false;
                }

                result = buffer.to(targetType, targetDevice, disposeAfter: true).DetachFromDisposeScope();
                return true;
            }

            /// <summary>
            /// Makes a copy of a parameter as it should be, with a copy of its gradient. The parameter itself is left to the caller.
            /// </summary>
            /// <param name="dtype">The target element type; null to keep it. Tensors of integers keep theirs.</param>
            /// <param name="device">The target device; null to keep it.</param>
            /// <param name="param">The parameter.</param>
            /// <param name="p">The copy, in no dispose scope; null if there is nothing to do.</param>
            /// <returns>Whether there was anything to do.</returns>
            protected static bool ReplaceParameter(ScalarType? dtype, Device? device, Parameter param, out Parameter? p)
            {
                var (targetType, targetDevice) = Target(dtype, device, param);
                using var grad = param.grad;
                if (Fits(param, targetType, targetDevice) && (grad is null || Fits(grad, targetType, targetDevice)))
                {
                    p = null;
                    return false;
                }

                // The copy must be a leaf: it is not to be differentiated back to the old parameter.
                using var _ = no_grad();
                p = new Parameter(param.to(targetType, targetDevice), param.requires_grad);
                p.DetachFromDisposeScope();
                if (grad is not null)
                {
                    using var movedGrad = grad.to(targetType, targetDevice).with_requires_grad(grad.requires_grad);
                    p.grad = movedGrad;
                }
                return true;
            }

            private static (ScalarType dtype, Device device) Target(ScalarType? dtype, Device? device, Tensor tensor)
            {
                bool converts = is_floating_point(tensor) || is_complex(tensor);
                return (converts && dtype is not null ? dtype.Value : tensor.dtype, device ?? tensor.device);
            }

            private static bool Fits(Tensor tensor, ScalarType dtype, Device device) =>
                tensor.dtype == dtype && tensor.device_type == device.type && tensor.device_index == device.index;

            /// <summary>Gives a tensor to the public property with its name, if there is one that can be set.</summary>
            private bool SetThroughProperty(string name, Tensor value)
            {
                var property = GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance)
                    .FirstOrDefault(candidate => candidate.Name == name && candidate.CanWrite && candidate.PropertyType.IsInstanceOfType(value));
                property?.SetValue(this, value);
                return property is not null;
            }

            /// <summary>Gives a tensor to the field that was registered under its name, if one was.</summary>
            private void SetField(string name, Tensor value) =>
                InstanceFields(GetType()).FirstOrDefault(field => field.ComponentName() == name)?.SetValue(this, value);

            private static void CheckElementType(ScalarType dtype)
            {
                if (!is_floating_point(dtype) && !is_complex(dtype))
                    throw new ArgumentException($"nn.Module.to only accepts floating point or complex types, but got desired dtype={dtype}", nameof(dtype));
            }

            private static void CheckAvailable(DeviceType deviceType)
            {
                if (deviceType == DeviceType.CUDA && !cuda.is_available())
                    throw new InvalidOperationException("CUDA is not available.");
            }
        }
    }
}
