//===- ScratchCompile.h - Hardware of a bare .onnx file ---------*- C++ -*-===//

#ifndef FINNGL_DRIVER_SCRATCHCOMPILE_H
#define FINNGL_DRIVER_SCRATCHCOMPILE_H

#include "finngl/Driver/Command.h"
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

namespace finngl::driver {

/// A compile directory in the system's temporary folder, with the default
/// options, for commands that are given a model and asked for its hardware.
/// Removed with the object.
class ScratchCompile {
public:
  ScratchCompile() = default;
  ScratchCompile(const ScratchCompile &) = delete;
  ~ScratchCompile();

  /// Compiles an .onnx file and makes `model` the directory; does nothing for
  /// any other path. An exit code, everything is reported.
  int compile(std::string &model, const std::map<std::string, int64_t> &dims);

private:
  std::filesystem::path folder;
};

} // namespace finngl::driver

#endif // FINNGL_DRIVER_SCRATCHCOMPILE_H
