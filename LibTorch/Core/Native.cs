using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

[assembly: DisableRuntimeMarshalling]

namespace TorchSharp;

/// <summary>The functions of the C++ shim (<c>LibTorch/Native/</c>), as it names them.</summary>
internal static unsafe partial class Native
{
    private const string Shim = "torchshim";

    /// <summary>The exception for the error that a function of the shim has just reported on this thread.</summary>
    internal static ExternalException LastError() => new(Marshal.PtrToStringUTF8((nint)last_error()));

    /// <summary>Throws when a function of the shim returned that it failed (-1).</summary>
    internal static void Check(int result)
    {
        if (result < 0)
            throw LastError();
    }

    // dispatch.cpp
    [LibraryImport(Shim, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial nint find_operator(string name, string overload);
    [LibraryImport(Shim)]
    internal static partial int call_operator(nint op, NativeValue* arguments, int count, NativeValue* results, int capacity);
    [LibraryImport(Shim)]
    internal static partial void free_list(void* list);

    // tensor.cpp
    [LibraryImport(Shim)]
    internal static partial void tensor_release(nint tensor);
    [LibraryImport(Shim)]
    internal static partial nint tensor_alias(nint tensor);
    [LibraryImport(Shim)]
    internal static partial int tensor_dtype(nint tensor);
    [LibraryImport(Shim)]
    internal static partial int tensor_device_type(nint tensor);
    [LibraryImport(Shim)]
    internal static partial int tensor_device_index(nint tensor);
    [LibraryImport(Shim)]
    internal static partial int tensor_layout(nint tensor);
    [LibraryImport(Shim)]
    internal static partial long tensor_dim(nint tensor);
    [LibraryImport(Shim)]
    internal static partial long tensor_numel(nint tensor);
    [LibraryImport(Shim)]
    internal static partial long tensor_item_size(nint tensor);
    [LibraryImport(Shim)]
    internal static partial long tensor_storage_offset(nint tensor);
    [LibraryImport(Shim)]
    internal static partial int tensor_sizes(nint tensor, long* result);
    [LibraryImport(Shim)]
    internal static partial int tensor_strides(nint tensor, long* result);
    [LibraryImport(Shim)]
    internal static partial long tensor_size(nint tensor, long dim);
    [LibraryImport(Shim)]
    internal static partial int tensor_is_contiguous(nint tensor);
    [LibraryImport(Shim)]
    internal static partial void* tensor_data(nint tensor);
    [LibraryImport(Shim)]
    internal static partial int tensor_requires_grad(nint tensor);
    [LibraryImport(Shim)]
    internal static partial int tensor_set_requires_grad(nint tensor, int value);
    [LibraryImport(Shim)]
    internal static partial int tensor_is_leaf(nint tensor);
    [LibraryImport(Shim)]
    internal static partial int tensor_retain_grad(nint tensor);
    [LibraryImport(Shim)]
    internal static partial nint tensor_grad(nint tensor);
    [LibraryImport(Shim)]
    internal static partial int tensor_set_grad(nint tensor, nint grad);
    [LibraryImport(Shim)]
    internal static partial int autograd_backward(
        nint* tensors, int tensorCount, nint* grads, int gradCount, int retainGraph, int createGraph, nint* inputs, int inputCount);
    [LibraryImport(Shim)]
    internal static partial int autograd_grad(
        nint* outputs, int outputCount, nint* inputs, int inputCount, nint* grads, int gradCount,
        int retainGraph, int createGraph, int allowUnused, nint* results);
    [LibraryImport(Shim)]
    internal static partial int anomaly_enabled();
    [LibraryImport(Shim)]
    internal static partial int anomaly_checks_nan();
    [LibraryImport(Shim)]
    internal static partial void set_anomaly(int enabled, int checkNan);

    [LibraryImport(Shim)]
    internal static partial nint tensor_from_memory(
        void* data, long* sizes, int dim, int dtype, delegate* unmanaged<void*, void> releaseMemory, void* context);
    [LibraryImport(Shim)]
    internal static partial int tensor_has_names(nint tensor);
    [LibraryImport(Shim)]
    internal static partial byte* tensor_name(nint tensor, long dim);
    [LibraryImport(Shim)]
    internal static partial nint tensor_rename(nint tensor, byte** names, int inPlace);

    // indexing.cpp
    [LibraryImport(Shim)]
    internal static partial nint tensor_select(nint tensor, long* positions, int count);
    [LibraryImport(Shim)]
    internal static partial int tensor_select_put(nint tensor, long* positions, int count, nint value);
    [LibraryImport(Shim)]
    internal static partial nint tensor_index(nint tensor, NativeIndex* indices, int count);
    [LibraryImport(Shim)]
    internal static partial int tensor_index_put(nint tensor, NativeIndex* indices, int count, nint value);
    [LibraryImport(Shim)]
    internal static partial int tensor_index_put_scalar(nint tensor, NativeIndex* indices, int count, NativeValue* value);

    // optim.cpp
    [LibraryImport(Shim)]
    internal static partial int adam_update(
        nint* parameters, nint* gradients, nint* means, nint* squares, nint* maxima,
        int count, double stepSize, double beta1, double beta2, double correction, double eps);

    // runtime.cpp
    [LibraryImport(Shim)]
    internal static partial byte* last_error();
    [LibraryImport(Shim)]
    internal static partial byte* torch_version();
    [LibraryImport(Shim)]
    internal static partial int get_num_threads();
    [LibraryImport(Shim)]
    internal static partial int set_num_threads(int count);
    [LibraryImport(Shim)]
    internal static partial int get_num_interop_threads();
    [LibraryImport(Shim)]
    internal static partial int set_num_interop_threads(int count);
    [LibraryImport(Shim)]
    internal static partial int grad_mode();
    [LibraryImport(Shim)]
    internal static partial void set_grad_mode(int enabled);
    [LibraryImport(Shim)]
    internal static partial int inference_mode();
    [LibraryImport(Shim)]
    internal static partial nint inference_mode_enter(int enabled);
    [LibraryImport(Shim)]
    internal static partial void inference_mode_leave(nint guard);
    [LibraryImport(Shim)]
    internal static partial nint generator_new(ulong seed, int deviceType, int deviceIndex);
    [LibraryImport(Shim)]
    internal static partial nint generator_default();
    [LibraryImport(Shim)]
    internal static partial void generator_release(nint generator);
    [LibraryImport(Shim)]
    internal static partial int generator_seed(nint generator, ulong seed);
    [LibraryImport(Shim)]
    internal static partial ulong generator_initial_seed(nint generator);
    [LibraryImport(Shim)]
    internal static partial nint generator_state(nint generator);
    [LibraryImport(Shim)]
    internal static partial int generator_set_state(nint generator, nint state);
    [LibraryImport(Shim)]
    internal static partial int manual_seed(ulong seed);
    [LibraryImport(Shim)]
    internal static partial int cuda_device_count();
    [LibraryImport(Shim)]
    internal static partial int cuda_has_cudnn();
    [LibraryImport(Shim)]
    internal static partial int cuda_synchronize(int index);
    [LibraryImport(Shim)]
    internal static partial int cuda_manual_seed(ulong seed, int index);

    // serialize.cpp
    [LibraryImport(Shim, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int tensor_save(nint tensor, string path);
    [LibraryImport(Shim, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial nint tensor_load(string path);
}
