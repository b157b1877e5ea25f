// What a tensor tells about itself, its gradient, and the backward passes; tensors over memory of .NET.

#include "shim.h"

#include <ATen/Dimname.h>
#include <ATen/ops/from_blob.h>
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
  delete tensor;
}

SHIM Handle tensor_alias(Handle tensor) {
  return release(*tensor);
}

SHIM int32_t tensor_dtype(Handle tensor) {
  return static_cast<int32_t>(tensor->scalar_type());
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

// -1 after an error: not every tensor has one storage.
SHIM int64_t tensor_storage_offset(Handle tensor) {
  return guarded<int64_t>(-1, [&] { return tensor->storage_offset(); });
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

// -1 after an error: a sparse tensor has no order in memory.
SHIM int32_t tensor_is_contiguous(Handle tensor) {
  return guarded<int32_t>(-1, [&]() -> int32_t { return tensor->is_contiguous(); });
}

// The first element; null after an error, and for a tensor without elements too.
SHIM void* tensor_data(Handle tensor) {
  return guarded<void*>(nullptr, [&]() -> void* { return tensor->data_ptr(); });
}

// ---- creation -------------------------------------------------------------------------------------

// A tensor over memory of the caller, who hears by release(context) when nothing uses it any more.
SHIM Handle tensor_from_memory(
    void* data, const int64_t* sizes, int32_t dim, int32_t dtype, void (*release_memory)(void*), void* context) {
  return guarded<Handle>(nullptr, [&] {
    return release(at::from_blob(
        data, at::IntArrayRef(sizes, static_cast<size_t>(dim)), [=](void*) { release_memory(context); },
        at::TensorOptions(static_cast<at::ScalarType>(dtype))));
  });
}

// ---- names of dimensions --------------------------------------------------------------------------

SHIM int32_t tensor_has_names(Handle tensor) {
  return tensor->has_names();
}

// Null where the dimension has none. The string lives as long as the process: libtorch interns names.
SHIM const char* tensor_name(Handle tensor, int64_t dim) {
  return guarded<const char*>(nullptr, [&]() -> const char* {
    const auto name = tensor->names().at(static_cast<size_t>(dim));
    return name.isWildcard() ? nullptr : name.symbol().toUnqualString();
  });
}

// `names` holds one entry per dimension, null for none; no names at all where it is null itself.
SHIM Handle tensor_rename(Handle handle, const char* const* names, int32_t in_place) {
  return guarded<Handle>(nullptr, [&] {
    const auto& tensor = *handle;
    std::vector<at::Dimname> list;
    for (int64_t i = 0; names != nullptr && i < tensor.dim(); i++)
      list.push_back(names[i] == nullptr ? at::Dimname::wildcard()
                                         : at::Dimname::fromSymbol(c10::Symbol::dimname(names[i])));
    const at::DimnameList view(list);
    if (names == nullptr)
      return release(in_place != 0 ? tensor.rename_({}) : tensor.rename({}));
    return release(in_place != 0 ? tensor.rename_(view) : tensor.rename(view));
  });
}

// ---- autograd -------------------------------------------------------------------------------------

SHIM int32_t tensor_requires_grad(Handle tensor) {
  return tensor->requires_grad();
}

SHIM int32_t tensor_set_requires_grad(Handle tensor, int32_t value) {
  return attempt([&] { tensor->set_requires_grad(value != 0); });
}

SHIM int32_t tensor_is_leaf(Handle tensor) {
  return tensor->is_leaf();
}

SHIM int32_t tensor_retain_grad(Handle tensor) {
  return attempt([&] { tensor->retain_grad(); });
}

// Null when there is none.
SHIM Handle tensor_grad(Handle tensor) {
  return guarded<Handle>(nullptr, [&] { return release(tensor->grad()); });
}

SHIM int32_t tensor_set_grad(Handle tensor, Handle grad) {
  return attempt([&] { tensor->mutable_grad() = borrow(grad); });
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
