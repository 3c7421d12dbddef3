//===- Run.h - run and eval -------------------------------------*- C++ -*-===//

#ifndef FINNGL_DRIVER_RUN_H
#define FINNGL_DRIVER_RUN_H

#include "finngl/Driver/Command.h"
#include "finngl/Support/Tensor.h"
#include <cstdint>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace finngl::driver {

struct RunOptions {
  std::string model;
  std::vector<std::string> inputs; ///< PATH in graph order, or NAME=PATH
  std::string output;              ///< directory for output_0.npy, ...
  Level level = Level::Int;
  bool dumpValues = false;
  std::map<std::string, int64_t> dims;
};

/// `finngl run`; an exit code.
int run(const RunOptions &options);

struct EvalOptions {
  std::string model;
  std::string data;   ///< [N, ...], each sample shaped as the first input
  std::string labels; ///< [N] class numbers
  Level level = Level::Int;
  std::string json;
  std::map<std::string, int64_t> dims;
};

/// `finngl eval`: the class of a sample is the largest element of the first
/// output (of its last step, if it is a sequence of them), or the first of the
/// positions that an ArgMax or TopK gives there; an exit code.
int evaluate(const EvalOptions &options);

/// Counts by [true class][predicted class].
class ConfusionMatrix {
public:
  explicit ConfusionMatrix(size_t classes)
      : counts(classes, std::vector<int64_t>(classes, 0)) {}
  void add(size_t label, size_t predicted) { ++counts[label][predicted]; }
  double accuracy() const;
  /// Mean F1 over the classes that occur as label or prediction.
  double macroF1() const;
  const std::vector<std::vector<int64_t>> &rows() const { return counts; }

private:
  std::vector<std::vector<int64_t>> counts;
};

} // namespace finngl::driver

#endif // FINNGL_DRIVER_RUN_H
