// Calls libtorch's operators by name with boxed arguments.

#include "shim.h"

#include <ATen/core/Generator.h>
#include <ATen/core/dispatch/Dispatcher.h>

#include <cstdlib>
#include <string>
#include <vector>

namespace {

using namespace shim;

// std::optional in 2.x, c10::optional in 1.13.
using OptionalTensor = decltype(std::declval<c10::IValue&>().toOptional<at::Tensor>());

// What the schema wants of an argument, read once per operator.
enum class Kind { Tensor, OptionalTensor, TensorList, OptionalTensorList, Int, IntList, Double, DoubleList, Bool, BoolList, Other };

struct Parameter {
  std::string name;
  Kind kind;
  int64_t fixed_length; // the 2 of int[2], else 0: one number stands for that many
  bool has_default;
  c10::IValue default_value;
};

struct Operator {
  c10::OperatorHandle handle;
  std::string name;
  std::vector<Parameter> parameters;
};

Kind kind_of(const c10::Type& type) {
  switch (type.kind()) {
    case c10::TypeKind::TensorType: return Kind::Tensor;
    case c10::TypeKind::IntType: return Kind::Int;
    case c10::TypeKind::FloatType: return Kind::Double;
    case c10::TypeKind::BoolType: return Kind::Bool;
    case c10::TypeKind::OptionalType: {
      const auto kind = kind_of(*type.containedType(0));
      return kind == Kind::Tensor ? Kind::OptionalTensor : kind;
    }
    case c10::TypeKind::ListType: {
      switch (kind_of(*type.containedType(0))) {
        case Kind::Tensor: return Kind::TensorList;
        case Kind::OptionalTensor: return Kind::OptionalTensorList;
        case Kind::Int: return Kind::IntList;
        case Kind::Double: return Kind::DoubleList;
        case Kind::Bool: return Kind::BoolList;
        default: return Kind::Other;
      }
    }
    default: return Kind::Other;
  }
}

[[noreturn]] void mismatch(const Operator& op, const Parameter& parameter) {
  throw std::runtime_error(op.name + ": the value given for '" + parameter.name + "' is of the wrong type");
}

template <class T>
c10::ArrayRef<T> items(const Value& value) {
  return c10::ArrayRef<T>(static_cast<const T*>(value.p), static_cast<size_t>(value.length));
}

template <class List>
c10::IValue tensor_list(const Value& value) {
  List list;
  list.reserve(value.length);
  for (auto handle : items<Handle>(value)) {
    if (handle == nullptr)
      list.push_back(typename List::value_type());
    else
      list.push_back(borrow(handle));
  }
  return list;
}

c10::IValue box(const Operator& op, const Parameter& parameter, const Value& value) {
  switch (value.tag) {
    case Tag::None:
      // An undefined tensor where the schema has no None: the kernel's own message is the better one.
      return parameter.kind == Kind::Tensor ? c10::IValue(at::Tensor()) : c10::IValue();
    case Tag::Tensor:
      return borrow(static_cast<Handle>(const_cast<void*>(value.p)));
    case Tag::Int:
      switch (parameter.kind) {
        case Kind::Double: return static_cast<double>(value.i);
        case Kind::Bool: return value.i != 0;
        case Kind::IntList:
          return std::vector<int64_t>(parameter.fixed_length > 0 ? parameter.fixed_length : 1, value.i);
        default: return value.i;
      }
    case Tag::Double:
      switch (parameter.kind) {
        case Kind::Int: mismatch(op, parameter);
        case Kind::DoubleList:
          return std::vector<double>(parameter.fixed_length > 0 ? parameter.fixed_length : 1, value.d);
        default: return value.d;
      }
    case Tag::Bool:
      return parameter.kind == Kind::Int ? c10::IValue(value.i) : c10::IValue(value.i != 0);
    case Tag::String:
      return std::string(static_cast<const char*>(value.p), static_cast<size_t>(value.length));
    case Tag::Device:
      return c10::Device(static_cast<c10::DeviceType>(value.i), static_cast<c10::DeviceIndex>(value.length));
    case Tag::Generator:
      return *static_cast<const at::Generator*>(value.p);
    case Tag::IntList:
      switch (parameter.kind) {
        case Kind::DoubleList: {
          const auto numbers = items<int64_t>(value);
          return std::vector<double>(numbers.begin(), numbers.end());
        }
        default: return items<int64_t>(value).vec();
      }
    case Tag::DoubleList:
      return items<double>(value).vec();
    case Tag::BoolList: {
      c10::List<bool> list;
      for (auto flag : items<uint8_t>(value))
        list.push_back(flag != 0);
      return list;
    }
    case Tag::TensorList:
      return parameter.kind == Kind::OptionalTensorList ? tensor_list<c10::List<OptionalTensor>>(value)
                                                        : tensor_list<c10::List<at::Tensor>>(value);
    case Tag::Complex: {
      const auto parts = static_cast<const double*>(value.p);
      return c10::complex<double>(parts[0], parts[1]);
    }
  }
  mismatch(op, parameter);
}

template <class T, class List>
Value copied_list(Tag tag, const List& list) {
  auto copy = static_cast<T*>(std::malloc(sizeof(T) * (list.size() + 1)));
  for (size_t i = 0; i < list.size(); i++)
    copy[i] = static_cast<T>(list[i]);
  Value result{tag, static_cast<int32_t>(list.size()), {}};
  result.p = copy;
  return result;
}

// Lists are copied to memory that the caller frees with free_list().
Value unbox(c10::IValue&& value) {
  Value result{Tag::None, 0, {0}};
  if (value.isTensor()) {
    result.tag = Tag::Tensor;
    result.p = release(std::move(value).toTensor());
  } else if (value.isInt()) {
    result.tag = Tag::Int;
    result.i = value.toInt();
  } else if (value.isDouble()) {
    result.tag = Tag::Double;
    result.d = value.toDouble();
  } else if (value.isBool()) {
    result.tag = Tag::Bool;
    result.i = value.toBool();
  } else if (value.isTensorList()) {
    const auto tensors = value.toTensorVector();
    auto handles = static_cast<Handle*>(std::malloc(sizeof(Handle) * (tensors.size() + 1)));
    for (size_t i = 0; i < tensors.size(); i++)
      handles[i] = release(tensors[i]);
    result.tag = Tag::TensorList;
    result.length = static_cast<int32_t>(tensors.size());
    result.p = handles;
  } else if (value.isIntList()) {
    result = copied_list<int64_t>(Tag::IntList, value.toIntVector());
  } else if (value.isDoubleList()) {
    result = copied_list<double>(Tag::DoubleList, value.toDoubleVector());
  } else if (value.isComplexDouble()) {
    const auto number = value.toComplexDouble();
    result = copied_list<double>(Tag::Complex, std::vector<double>{number.real(), number.imag()});
  } else if (!value.isNone()) {
    throw std::runtime_error("A result of type " + value.tagKind() + " cannot be passed to .NET");
  }
  return result;
}

// The stack of this thread's last call, kept for its memory. A call made from inside another one (by a
// hook in a backward pass) finds it taken and starts with an empty one.
thread_local std::vector<c10::IValue> spare_stack;

class BorrowedStack {
 public:
  BorrowedStack() : stack(std::move(spare_stack)) {
    stack.clear();
  }
  ~BorrowedStack() {
    stack.clear();
    spare_stack = std::move(stack);
  }
  BorrowedStack(const BorrowedStack&) = delete;
  BorrowedStack& operator=(const BorrowedStack&) = delete;

  std::vector<c10::IValue> stack;
};

} // namespace

// The operator of that name ("aten::add") and overload ("Tensor", or empty). It lives as long as the process.
SHIM const void* find_operator(const char* name, const char* overload) {
  return guarded<const void*>(nullptr, [&]() -> const void* {
    auto handle = c10::Dispatcher::singleton().findSchemaOrThrow(name, overload);
    auto op = new Operator{handle, *overload == 0 ? name : std::string(name) + "." + overload, {}};
    for (const auto& argument : handle.schema().arguments()) {
      const auto fixed = argument.N();
      op->parameters.push_back(
          {argument.name(),
           kind_of(*argument.type()),
           fixed ? static_cast<int64_t>(*fixed) : 0,
           argument.default_value().has_value(),
           argument.default_value().has_value() ? *argument.default_value() : c10::IValue()});
    }
    return op;
  });
}

// Calls the operator; trailing arguments that are not given take the schema's defaults.
// Returns how many results were written, or -1 after an error. Results beyond `capacity` are dropped.
SHIM int32_t call_operator(const void* op_, const Value* arguments, int32_t count, Value* results, int32_t capacity) {
  return guarded<int32_t>(-1, [&]() -> int32_t {
    const auto& op = *static_cast<const Operator*>(op_);
    const auto expected = static_cast<int32_t>(op.parameters.size());
    if (count > expected)
      throw std::runtime_error(op.name + " takes at most " + std::to_string(expected) + " arguments, " +
                               std::to_string(count) + " were given");

    BorrowedStack borrowed;
    auto& stack = borrowed.stack;
    for (int32_t i = 0; i < count; i++)
      stack.push_back(box(op, op.parameters[i], arguments[i]));
    for (int32_t i = count; i < expected; i++) {
      if (!op.parameters[i].has_default)
        throw std::runtime_error(op.name + " is missing a value for '" + op.parameters[i].name + "'");
      stack.push_back(op.parameters[i].default_value);
    }

    op.handle.callBoxed(stack);

    const auto written = std::min<int32_t>(static_cast<int32_t>(stack.size()), capacity);
    for (int32_t i = 0; i < written; i++)
      results[i] = unbox(std::move(stack[i]));
    return written;
  });
}

SHIM void free_list(void* list) {
  std::free(list);
}
