// State of libtorch as a whole: errors and warnings, threads, gradient modes, random generators, devices.

#include "shim.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/core/Generator.h>
#include <ATen/core/grad_mode.h>
#include <ATen/detail/CUDAHooksInterface.h>
#include <c10/core/InferenceMode.h>
#include <c10/util/Exception.h>
#include <torch/version.h>

#include <cstdlib>
#include <mutex>
#include <string>

#ifdef __GLIBC__
#include <malloc.h>
#endif

using namespace shim;

// ---- errors and warnings --------------------------------------------------------------------------

namespace {

thread_local std::string error_text;

// libtorch's warnings go nowhere: a library prints nothing on its own.
class Silence : public c10::WarningHandler {
 public:
#if TORCH_VERSION_MAJOR < 2
  void process(const c10::SourceLocation&, const std::string&, const bool) override {}
#else
  void process(const c10::Warning&) override {}
#endif
};

// Runs when the shim is loaded.
[[maybe_unused]] const bool silenced = [] {
  static Silence silence;
#if TORCH_VERSION_MAJOR < 2
  c10::Warning::set_warning_handler(&silence);
#else
  c10::WarningUtils::set_warning_handler(&silence);
#endif
  return true;
}();

} // namespace

void shim::set_last_error(const std::exception& error) {
  const auto* torch_error = dynamic_cast<const c10::Error*>(&error);
  error_text = torch_error != nullptr ? torch_error->what_without_backtrace() : error.what();
  error_text.resize(std::min(error_text.size(), error_text.find('\n')));
}

// The message of this thread's last error; valid until its next one.
SHIM const char* last_error() {
  return error_text.c_str();
}

SHIM const char* torch_version() {
  return TORCH_VERSION;
}

// ---- memory ---------------------------------------------------------------------------------------

#ifdef __GLIBC__
namespace {

// A training step frees what the next one asks for again. By default glibc hands blocks of that size back to
// the system, so that every step faults its pages in anew: a tenth of the time of a small network. It keeps
// them up to the limits below, which are the largest that it takes, and a quarter of a gigabyte. Whoever sets
// the variables named here decides for himself.
[[maybe_unused]] const bool memory_kept = [] {
  if (std::getenv("MALLOC_MMAP_THRESHOLD_") == nullptr && std::getenv("MALLOC_TRIM_THRESHOLD_") == nullptr) {
    mallopt(M_MMAP_THRESHOLD, 32 << 20);
    mallopt(M_TRIM_THRESHOLD, 256 << 20);
  }
  return true;
}();

} // namespace
#endif

// ---- threads --------------------------------------------------------------------------------------

SHIM int32_t get_num_threads() {
  return at::get_num_threads();
}

SHIM int32_t set_num_threads(int32_t count) {
  return attempt([&] { at::set_num_threads(count); });
}

SHIM int32_t get_num_interop_threads() {
  return at::get_num_interop_threads();
}

SHIM int32_t set_num_interop_threads(int32_t count) {
  return attempt([&] { at::set_num_interop_threads(count); });
}

// ---- gradient modes -------------------------------------------------------------------------------

SHIM int32_t grad_mode() {
  return at::GradMode::is_enabled();
}

SHIM void set_grad_mode(int32_t enabled) {
  at::GradMode::set_enabled(enabled != 0);
}

SHIM int32_t inference_mode() {
  return c10::InferenceMode::is_enabled();
}

SHIM void* inference_mode_enter(int32_t enabled) {
  return guarded<void*>(nullptr, [&]() -> void* { return new c10::InferenceMode(enabled != 0); });
}

SHIM void inference_mode_leave(void* guard) {
  delete static_cast<c10::InferenceMode*>(guard);
}

// ---- random generators ----------------------------------------------------------------------------

SHIM at::Generator* generator_new(uint64_t seed, int32_t device_type, int32_t device_index) {
  return guarded<at::Generator*>(nullptr, [&]() -> at::Generator* {
    const auto type = static_cast<c10::DeviceType>(device_type);
    if (type == c10::DeviceType::CPU)
      return new at::Generator(at::detail::createCPUGenerator(seed));
    const c10::Device device(type, static_cast<c10::DeviceIndex>(device_index));
    auto generator = at::globalContext().defaultGenerator(device).clone();
    generator.set_current_seed(seed);
    return new at::Generator(generator);
  });
}

SHIM at::Generator* generator_default() {
  return guarded<at::Generator*>(nullptr, [&]() -> at::Generator* {
    return new at::Generator(at::globalContext().defaultGenerator(c10::Device(c10::DeviceType::CPU)));
  });
}

SHIM void generator_release(at::Generator* generator) {
  delete generator;
}

SHIM int32_t generator_seed(at::Generator* generator, uint64_t seed) {
  return attempt([&] {
    std::lock_guard<std::mutex> lock(generator->mutex());
    generator->set_current_seed(seed);
  });
}

SHIM uint64_t generator_initial_seed(at::Generator* generator) {
  std::lock_guard<std::mutex> lock(generator->mutex());
  return generator->current_seed();
}

SHIM Handle generator_state(at::Generator* generator) {
  return guarded<Handle>(nullptr, [&] {
    std::lock_guard<std::mutex> lock(generator->mutex());
    return release(generator->get_state());
  });
}

SHIM int32_t generator_set_state(at::Generator* generator, Handle state) {
  return attempt([&] {
    std::lock_guard<std::mutex> lock(generator->mutex());
    generator->set_state(borrow(state));
  });
}

// The default generators of every device that is present.
SHIM int32_t manual_seed(uint64_t seed) {
  return attempt([&] { at::manual_seed(seed); });
}

// ---- CUDA -----------------------------------------------------------------------------------------

SHIM int32_t cuda_device_count() {
  return guarded<int32_t>(0, [] {
    return at::globalContext().hasCUDA() ? static_cast<int32_t>(at::detail::getCUDAHooks().getNumGPUs()) : 0;
  });
}

SHIM int32_t cuda_has_cudnn() {
  return guarded<int32_t>(0, []() -> int32_t { return at::detail::getCUDAHooks().hasCuDNN(); });
}

// -1 as index: the current device.
SHIM int32_t cuda_synchronize(int32_t index) {
  return attempt([&] {
    const auto& hooks = at::detail::getCUDAHooks();
    hooks.deviceSynchronize(index < 0 ? hooks.current_device() : index);
  });
}

// -1 as index: the current device; -2: every device.
SHIM int32_t cuda_manual_seed(uint64_t seed, int32_t index) {
  return attempt([&] {
    const auto& hooks = at::detail::getCUDAHooks();
    const int first = index == -2 ? 0 : index == -1 ? static_cast<int>(hooks.current_device()) : index;
    const int last = index == -2 ? static_cast<int>(hooks.getNumGPUs()) - 1 : first;
    for (int i = first; i <= last; i++) {
      auto generator = at::globalContext().defaultGenerator(
          c10::Device(c10::DeviceType::CUDA, static_cast<c10::DeviceIndex>(i)));
      std::lock_guard<std::mutex> lock(generator.mutex());
      generator.set_current_seed(seed);
    }
  });
}
