// What the parts of the shim share: the boxed value, tensor handles, and how errors are reported.
//
// A tensor handle is an at::Tensor* that the caller owns. No function lets a C++ exception pass:
// one that fails says so in its result, and last_error() then has libtorch's first line.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <exception>
#include <utility>

#if defined(_WIN32)
#define SHIM extern "C" __declspec(dllexport)
#else
#define SHIM extern "C" __attribute__((visibility("default")))
#endif

namespace shim {

// The numbers are shared with Core/Arg.cs.
enum class Tag : int32_t {
  None = 0,
  Tensor = 1,
  Int = 2,
  Double = 3,
  Bool = 4,
  String = 5,
  Device = 6,
  Generator = 7,
  IntList = 8,
  DoubleList = 9,
  BoolList = 10,
  TensorList = 11,
  Complex = 12,
};

// One boxed argument or result; the same 16 bytes as NativeValue in Core/Arg.cs.
struct Value {
  Tag tag;
  int32_t length; // of lists and strings; a device's index
  union {
    int64_t i;
    double d;
    const void* p;
  };
};

using Handle = at::Tensor*;

// The tensor of a handle; an undefined one for null.
inline const at::Tensor& borrow(Handle handle) {
  static const at::Tensor undefined;
  return handle == nullptr ? undefined : *handle;
}

// A handle for the caller to own; null for an undefined tensor.
inline Handle release(at::Tensor tensor) {
  return tensor.defined() ? new at::Tensor(std::move(tensor)) : nullptr;
}

void set_last_error(const std::exception& error);

// Runs `body`; what it throws becomes last_error() and the result `failed`.
template <class Result, class Body>
Result guarded(Result failed, Body&& body) {
  try {
    return body();
  } catch (const std::exception& error) {
    set_last_error(error);
    return failed;
  }
}

// As above for functions without a result: 0, or -1 after an error.
template <class Body>
int32_t attempt(Body&& body) {
  return guarded<int32_t>(-1, [&]() -> int32_t {
    body();
    return 0;
  });
}

} // namespace shim
