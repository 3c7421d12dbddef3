//===- ScratchCompile.cpp - Hardware of a bare .onnx file -----------------===//

#include "finngl/Driver/ScratchCompile.h"
#include "finngl/Driver/Compile.h"
#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>
#include <stdlib.h>

using namespace finngl::driver;
namespace fs = std::filesystem;

ScratchCompile::~ScratchCompile() {
  std::error_code code;
  if (!folder.empty())
    fs::remove_all(folder, code);
}

int ScratchCompile::compile(std::string &model,
                            const std::map<std::string, int64_t> &dims) {
  std::error_code code;
  if (!fs::is_regular_file(model, code) ||
      fs::path(model).extension() != ".onnx")
    return Good;
  fs::path parent = fs::temp_directory_path(code);
  std::string name = (parent / "finngl.XXXXXX").string();
  if (code || !::mkdtemp(name.data()))
    return fail(BadUsage,
                "cannot make a temporary folder in " + parent.string() + ": " +
                    std::strerror(errno),
                "set TMPDIR, or compile to a directory of your own first");
  folder = name;
  CompileOptions options;
  options.model = model;
  options.output = (folder / "out").string();
  options.dims = dims;
  if (int exit = driver::compile(options))
    return exit;
  model = options.output;
  return Good;
}
