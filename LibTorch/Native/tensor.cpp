// What a tensor tells about itself, its gradient, and the backward passes.

#include "shim.h"

#include <torch/csrc/autograd/anomaly_mode.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/variable.h>

#include <vector>

using namespace shim;

namespace {

std::vector<at::Tensor> borrow_all(const Handle* handles, int32_t count) {
  std::vector<at::Tensor> tensors;
  tensors.reserve(count);
  for (int32_t i = 0; i < count; i++)
    tensors.push_back(borrow(handles[i]));
  return tensors;
}

} // namespace

SHIM void tensor_release(Handle tensor) {
  // Takes the caller's reference over and lets it go.
  c10::intrusive_ptr<c10::TensorImpl, c10::UndefinedTensorImpl>::reclaim(tensor);
}

SHIM Handle tensor_alias(Handle tensor) {
  return release(borrow(tensor));
}

SHIM int32_t tensor_dtype(Handle tensor) {
  return static_cast<int32_t>(c10::typeMetaToScalarType(tensor->dtype()));
}

SHIM int32_t tensor_device_type(Handle tensor) {
  return static_cast<int32_t>(tensor->device().type());
}

SHIM int32_t tensor_device_index(Handle tensor) {
  return tensor->device().index();
}

SHIM int32_t tensor_layout(Handle tensor) {
  return static_cast<int32_t>(tensor->layout());
}

SHIM int64_t tensor_dim(Handle tensor) {
  return tensor->dim();
}

SHIM int64_t tensor_numel(Handle tensor) {
  return tensor->numel();
}

SHIM int64_t tensor_item_size(Handle tensor) {
  return static_cast<int64_t>(tensor->itemsize());
}

SHIM int64_t tensor_storage_offset(Handle tensor) {
  return tensor->storage_offset();
}

SHIM int32_t tensor_sizes(Handle tensor, int64_t* result) {
  return attempt([&] {
    const auto sizes = tensor->sizes();
    std::copy(sizes.begin(), sizes.end(), result);
  });
}

SHIM int32_t tensor_strides(Handle tensor, int64_t* result) {
  return attempt([&] {
    const auto strides = tensor->strides();
    std::copy(strides.begin(), strides.end(), result);
  });
}

// The size of one dimension, counted from the end where `dim` is negative; -1 after an error.
SHIM int64_t tensor_size(Handle tensor, int64_t dim) {
  return guarded<int64_t>(-1, [&] { return tensor->size(dim); });
}

SHIM int32_t tensor_is_contiguous(Handle tensor) {
  return tensor->is_contiguous();
}

// The first element; null after an error, and for a tensor without elements too.
SHIM void* tensor_data(Handle tensor) {
  return guarded<void*>(nullptr, [&]() -> void* { return borrow(tensor).data_ptr(); });
}

SHIM void* tensor_storage_data(Handle tensor) {
  return guarded<void*>(nullptr, [&]() -> void* {
    return const_cast<void*>(static_cast<const void*>(tensor->storage().data()));
  });
}

SHIM int64_t tensor_storage_bytes(Handle tensor) {
  return guarded<int64_t>(-1, [&] { return static_cast<int64_t>(tensor->storage().nbytes()); });
}

// ---- autograd -------------------------------------------------------------------------------------

SHIM int32_t tensor_requires_grad(Handle tensor) {
  return borrow(tensor).requires_grad();
}

SHIM int32_t tensor_set_requires_grad(Handle tensor, int32_t value) {
  return attempt([&] { borrow(tensor).set_requires_grad(value != 0); });
}

SHIM int32_t tensor_is_leaf(Handle tensor) {
  return borrow(tensor).is_leaf();
}

SHIM int32_t tensor_retain_grad(Handle tensor) {
  return attempt([&] { borrow(tensor).retain_grad(); });
}

// Null when there is none.
SHIM Handle tensor_grad(Handle tensor) {
  return guarded<Handle>(nullptr, [&] { return release(borrow(tensor).grad()); });
}

SHIM int32_t tensor_set_grad(Handle tensor, Handle grad) {
  return attempt([&] { borrow(tensor).mutable_grad() = borrow(grad); });
}

// Calls back with the gradient, whose reference the callee takes over. The callee returns a replacement
// (whose reference is ours), null for none; *failed != 0 stops the backward pass.
using HookCallback = Handle (*)(int64_t key, Handle grad, int32_t* failed);

SHIM int64_t tensor_register_hook(Handle tensor, HookCallback callback, int64_t key) {
  return guarded<int64_t>(-1, [&]() -> int64_t {
    return borrow(tensor).register_hook([callback, key](at::Tensor grad) {
      int32_t failed = 0;
      const auto replacement = callback(key, release(std::move(grad)), &failed);
      if (failed)
        throw std::runtime_error("A hook of a tensor threw an exception");
      return replacement == nullptr
          ? at::Tensor()
          : at::Tensor(c10::intrusive_ptr<c10::TensorImpl, c10::UndefinedTensorImpl>::reclaim(replacement));
    });
  });
}

SHIM int32_t tensor_remove_hook(Handle tensor, int64_t position) {
  return attempt([&] { borrow(tensor).remove_hook(static_cast<unsigned>(position)); });
}

SHIM int32_t autograd_backward(
    const Handle* tensors, int32_t tensor_count,
    const Handle* grads, int32_t grad_count,
    int32_t retain_graph, int32_t create_graph,
    const Handle* inputs, int32_t input_count) {
  return attempt([&] {
    torch::autograd::backward(
        borrow_all(tensors, tensor_count), borrow_all(grads, grad_count),
        retain_graph != 0, create_graph != 0, borrow_all(inputs, input_count));
  });
}

// Writes one handle per input to `results`; null for an unused one.
SHIM int32_t autograd_grad(
    const Handle* outputs, int32_t output_count,
    const Handle* inputs, int32_t input_count,
    const Handle* grads, int32_t grad_count,
    int32_t retain_graph, int32_t create_graph, int32_t allow_unused,
    Handle* results) {
  return attempt([&] {
    auto found = torch::autograd::grad(
        borrow_all(outputs, output_count), borrow_all(inputs, input_count), borrow_all(grads, grad_count),
        retain_graph != 0, create_graph != 0, allow_unused != 0);
    for (auto& grad : found)
      *results++ = release(std::move(grad));
  });
}

SHIM int32_t anomaly_enabled() {
  return torch::autograd::AnomalyMode::is_enabled();
}

SHIM int32_t anomaly_checks_nan() {
  return torch::autograd::AnomalyMode::should_check_nan();
}

SHIM void set_anomaly(int32_t enabled, int32_t check_nan) {
  torch::autograd::AnomalyMode::set_enabled(enabled != 0, check_nan != 0);
}
