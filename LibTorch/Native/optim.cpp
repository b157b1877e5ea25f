// Adam's update in one pass over the parameters, for tensors in the memory of the CPU.
//
// As a chain of operators it reads and writes every tensor a dozen times, and each operator starts and
// awaits the threads anew; in training a small network that is a tenth of all time.

#include "shim.h"

#include <ATen/Parallel.h>

#include <cmath>
#include <vector>

using namespace shim;

namespace {

// As many elements as libtorch's own element-wise operators give a thread at least.
constexpr int64_t grain = 32768;

struct Rates {
  double step_size;  // lr / (1 - beta1^t)
  double beta1;
  double beta2;
  double correction; // sqrt(1 - beta2^t)
  double eps;
};

template <class T>
struct Slices {
  T* parameter;
  const T* gradient;
  T* mean;
  T* square;
  T* maximum; // null without AMSGrad
};

template <class T>
void update(const Slices<T>& all, int64_t begin, int64_t end, const Rates& rates) {
  const auto step_size = static_cast<T>(rates.step_size);
  const auto beta1 = static_cast<T>(rates.beta1), rest1 = static_cast<T>(1 - rates.beta1);
  const auto beta2 = static_cast<T>(rates.beta2), rest2 = static_cast<T>(1 - rates.beta2);
  const auto correction = static_cast<T>(rates.correction), eps = static_cast<T>(rates.eps);
  T* const __restrict parameter = all.parameter;
  const T* const __restrict gradient = all.gradient;
  T* const __restrict mean = all.mean;
  T* const __restrict square = all.square;

  if (all.maximum == nullptr) {
    for (auto i = begin; i < end; i++) {
      mean[i] = beta1 * mean[i] + rest1 * gradient[i];
      square[i] = beta2 * square[i] + rest2 * gradient[i] * gradient[i];
      parameter[i] -= step_size * mean[i] / (std::sqrt(square[i]) / correction + eps);
    }
    return;
  }

  T* const __restrict maximum = all.maximum;
  for (auto i = begin; i < end; i++) {
    mean[i] = beta1 * mean[i] + rest1 * gradient[i];
    square[i] = beta2 * square[i] + rest2 * gradient[i] * gradient[i];
    maximum[i] = maximum[i] >= square[i] ? maximum[i] : square[i];
    parameter[i] -= step_size * mean[i] / (std::sqrt(maximum[i]) / correction + eps);
  }
}

// The tensors end to end, so that the threads share all of them in one go.
template <class T>
void update_all(const Handle* parameters, const Handle* gradients, const Handle* means, const Handle* squares, const Handle* maxima, int32_t count, const Rates& rates) {
  std::vector<Slices<T>> slices;
  std::vector<int64_t> starts{0};
  for (int32_t i = 0; i < count; i++) {
    slices.push_back({
        parameters[i]->data_ptr<T>(), gradients[i]->data_ptr<T>(), means[i]->data_ptr<T>(), squares[i]->data_ptr<T>(),
        maxima == nullptr ? nullptr : maxima[i]->data_ptr<T>()});
    starts.push_back(starts.back() + parameters[i]->numel());
  }

  at::parallel_for(0, starts.back(), grain, [&](int64_t begin, int64_t end) {
    for (size_t i = 0; i < slices.size(); i++) {
      const auto first = std::max(begin, starts[i]), last = std::min(end, starts[i + 1]);
      if (first < last)
        update(slices[i], first - starts[i], last - starts[i], rates);
    }
  });
}

bool fits(const at::Tensor& tensor, const at::Tensor& parameter) {
  return tensor.device().is_cpu() && tensor.layout() == at::kStrided && tensor.scalar_type() == parameter.scalar_type() &&
      tensor.is_contiguous() && tensor.sizes() == parameter.sizes();
}

} // namespace

// Returns 1 when done; 0 when the tensors are not all dense ones of one type on the CPU, and nothing has changed; -1 after an error.
SHIM int32_t adam_update(
    const Handle* parameters, const Handle* gradients, const Handle* means, const Handle* squares, const Handle* maxima,
    int32_t count, double step_size, double beta1, double beta2, double correction, double eps) {
  return guarded<int32_t>(-1, [&]() -> int32_t {
    const auto type = parameters[0]->scalar_type();
    if (type != at::kFloat && type != at::kDouble)
      return 0;
    for (int32_t i = 0; i < count; i++) {
      const auto& parameter = *parameters[i];
      if (parameter.scalar_type() != type || !fits(parameter, parameter) || !fits(*gradients[i], parameter) || !fits(*means[i], parameter) ||
          !fits(*squares[i], parameter) || (maxima != nullptr && !fits(*maxima[i], parameter)))
        return 0;
    }

    const Rates rates{step_size, beta1, beta2, correction, eps};
    if (type == at::kFloat)
      update_all<float>(parameters, gradients, means, squares, maxima, count, rates);
    else
      update_all<double>(parameters, gradients, means, squares, maxima, count, rates);

    // Autograd notices by this that what it may have saved is gone.
    for (const auto* changed : {parameters, means, squares, maxima})
      for (int32_t i = 0; changed != nullptr && i < count; i++)
        changed[i]->unsafeGetTensorImpl()->bump_version();
    return 1;
  });
}
