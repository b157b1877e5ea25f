// One tensor to a file and back, in the format of C++'s torch::save.

#include "shim.h"

#include <torch/csrc/jit/api/compilation_unit.h>
#include <torch/serialize/archive.h>

using namespace shim;

SHIM int32_t tensor_save(Handle tensor, const char* path) {
  return attempt([&] {
    torch::serialize::OutputArchive archive(std::make_shared<torch::jit::CompilationUnit>());
    archive.write("0", *tensor);
    archive.save_to(path);
  });
}

SHIM Handle tensor_load(const char* path) {
  return guarded<Handle>(nullptr, [&] {
    torch::serialize::InputArchive archive;
    archive.load_from(path);
    at::Tensor tensor;
    archive.read("0", tensor);
    return release(std::move(tensor));
  });
}
