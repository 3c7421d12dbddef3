//===- Compile.h - From a model to a directory ------------------*- C++ -*-===//

#ifndef FINNGL_DRIVER_COMPILE_H
#define FINNGL_DRIVER_COMPILE_H

#include "finngl/Driver/Hardware.h"

namespace finngl::driver {

enum class StopAfter { Import, Convert, Map, Nothing };

struct CompileOptions {
  std::string model, output;
  std::map<std::string, int64_t> dims;
  StopAfter stopAfter = StopAfter::Nothing;
  /// Softmax, LogSoftmax, Sigmoid as graph outputs are the host's.
  bool headToHost = false;
  HardwareOptions hardware;
};

/// `finngl compile`; an exit code, everything is reported.
int compile(const CompileOptions &options);

/// One entry of `streams` for each argument, then each result: what a host must
/// know to talk to the integers.
nlohmann::ordered_json describeStreams(const Plan &plan);

} // namespace finngl::driver

#endif // FINNGL_DRIVER_COMPILE_H
