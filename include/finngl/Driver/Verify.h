//===- Verify.h - Level against level ---------------------------*- C++ -*-===//

#ifndef FINNGL_DRIVER_VERIFY_H
#define FINNGL_DRIVER_VERIFY_H

#include "finngl/Driver/Command.h"
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace finngl::driver {

struct VerifyOptions {
  std::string model;             ///< an .onnx file or a compile directory
  std::vector<std::string> data; ///< default: test_data_set_* beside the model
  std::vector<Level> levels = {Level::Onnx, Level::Exact, Level::Int};
  int64_t seeds = 20;
  std::string json; ///< file for the exactness object
  std::map<std::string, int64_t> dims;
};

/// `finngl verify`: prints one table of pairs of levels; an exit code.
int verify(const VerifyOptions &options);

} // namespace finngl::driver

#endif // FINNGL_DRIVER_VERIFY_H
