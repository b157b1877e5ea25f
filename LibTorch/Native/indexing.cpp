// Python's tensor[...]: reading and writing by numbers, slices, tensors, None and ellipses.

#include "shim.h"

#include <ATen/TensorIndexing.h>

#include <vector>

using namespace shim;

namespace {

// The numbers are shared with TensorIndex.Kind.
enum class IndexKind : int32_t { None = 0, Single = 1, Null = 2, Ellipsis = 3, Bool = 4, Tensor = 5, Slice = 6 };

// What a slice leaves open.
constexpr int64_t open = INT64_MIN;

// The same layout as NativeIndex in Tensor/TensorIndex.cs.
struct Index {
  IndexKind kind;
  int64_t start; // or the number of a Single, or a Bool
  int64_t stop;
  int64_t step;
  Handle tensor;
};

at::indexing::TensorIndex convert(const Index& index) {
  using at::indexing::TensorIndex;
  switch (index.kind) {
    case IndexKind::None:
    case IndexKind::Null:
      return TensorIndex(at::indexing::None);
    case IndexKind::Single:
      return TensorIndex(index.start);
    case IndexKind::Ellipsis:
      return TensorIndex(at::indexing::Ellipsis);
    case IndexKind::Bool:
      return TensorIndex(index.start != 0);
    case IndexKind::Tensor:
      return TensorIndex(borrow(index.tensor));
    case IndexKind::Slice: {
      // What is left open follows the sign of the step.
      const auto step = index.step == open ? 1 : index.step;
      const auto start = index.start != open ? index.start : step < 0 ? INT64_MAX : 0;
      const auto stop = index.stop != open ? index.stop : step < 0 ? INT64_MIN : INT64_MAX;
      return TensorIndex(at::indexing::Slice(start, stop, step));
    }
  }
  throw std::runtime_error("unknown kind of index");
}

std::vector<at::indexing::TensorIndex> convert(const Index* indices, int32_t count) {
  std::vector<at::indexing::TensorIndex> converted;
  converted.reserve(static_cast<size_t>(count));
  for (int32_t i = 0; i < count; i++)
    converted.push_back(convert(indices[i]));
  return converted;
}

// The part of a tensor at one position of each of its first dimensions.
at::Tensor select(at::Tensor part, const int64_t* positions, int32_t count) {
  for (int32_t i = 0; i < count; i++)
    part = part.select(0, positions[i]);
  return part;
}

} // namespace

// tensor[i][j]…
SHIM Handle tensor_select(Handle tensor, const int64_t* positions, int32_t count) {
  return guarded<Handle>(nullptr, [&] { return release(select(*tensor, positions, count)); });
}

SHIM int32_t tensor_select_put(Handle tensor, const int64_t* positions, int32_t count, Handle value) {
  return attempt([&] { select(*tensor, positions, count).copy_(borrow(value)); });
}

SHIM Handle tensor_index(Handle tensor, const Index* indices, int32_t count) {
  return guarded<Handle>(nullptr, [&] { return release(tensor->index(convert(indices, count))); });
}

SHIM int32_t tensor_index_put(Handle tensor, const Index* indices, int32_t count, Handle value) {
  return attempt([&] { tensor->index_put_(convert(indices, count), borrow(value)); });
}

SHIM int32_t tensor_index_put_scalar(Handle tensor, const Index* indices, int32_t count, const Value* value) {
  return attempt([&] {
    const auto number = value->tag == Tag::Int ? c10::Scalar(value->i)
        : value->tag == Tag::Bool              ? c10::Scalar(value->i != 0)
        : value->tag == Tag::Double            ? c10::Scalar(value->d)
                                               : c10::Scalar(c10::complex<double>(
                                                     static_cast<const double*>(value->p)[0],
                                                     static_cast<const double*>(value->p)[1]));
    tensor->index_put_(convert(indices, count), number);
  });
}
