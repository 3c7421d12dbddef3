//===- LevelRunner.h - Floats in, floats out at any level -------*- C++ -*-===//

#ifndef FINNGL_DRIVER_LEVELRUNNER_H
#define FINNGL_DRIVER_LEVELRUNNER_H

#include "finngl/Driver/Model.h"
#include "finngl/Support/Tensor.h"
#include <memory>
#include <span>

namespace finngl::driver {

/// One level of one model, prepared once and run on many inputs.
class LevelRunner {
public:
  virtual ~LevelRunner();
  /// Outputs in graph order, float32. Nothing on failure: `error` says why, or
  /// is empty where a diagnostic has said it.
  virtual std::optional<std::vector<FloatTensor>>
  run(std::span<const FloatTensor> inputs, std::string &error) = 0;
};

/// Brings the model to the level. Null if that failed; it has been reported.
/// With `dumpValues` level int prints every value of every step to stderr.
std::unique_ptr<LevelRunner> createRunner(Model &model, Level level,
                                          bool dumpValues = false);

} // namespace finngl::driver

#endif // FINNGL_DRIVER_LEVELRUNNER_H
