//===- SlidingWindows.h - Windows over a stream of samples ------*- C++ -*-===//
//
// What --mode sliding answers, by its definition: one inference of the network
// for the window that begins with each sample.
//
//===----------------------------------------------------------------------===//

#ifndef FINNGL_DRIVER_SLIDINGWINDOWS_H
#define FINNGL_DRIVER_SLIDINGWINDOWS_H

#include "finngl/Driver/LevelRunner.h"
#include "finngl/Engine/Plan.h"

namespace finngl::driver {

/// Windows of `samples` steps over tensors in which the time axis may be
/// longer.
class SlidingWindows {
public:
  /// Streams have `shortest` samples or more.
  SlidingWindows(std::span<const PlanPort> inputs, int64_t samples,
                 int64_t shortest);
  SlidingWindows(std::span<const PlanPort> inputs, int64_t samples)
      : SlidingWindows(inputs, samples, samples) {}

  int64_t samples() const { return window; }
  /// Samples of a stream, one tensor a graph input. Nothing and `error` if a
  /// tensor has another shape than the model's but for time, too few samples,
  /// or another length than the others.
  std::optional<int64_t> lengthOf(std::span<const FloatTensor> stream,
                                  std::string &error) const;
  /// The window that begins with the sample `first`; zeros beyond the end.
  std::vector<FloatTensor> slice(std::span<const FloatTensor> stream,
                                 int64_t first) const;

private:
  struct Input {
    std::string name;
    std::vector<int64_t> shape;
    size_t axis; ///< of time
  };
  std::vector<Input> inputs;
  int64_t window, shortest;
};

/// Runs another level once for each window of a stream.
std::unique_ptr<LevelRunner>
createSlidingRunner(std::unique_ptr<LevelRunner> level, SlidingWindows windows);

} // namespace finngl::driver

#endif // FINNGL_DRIVER_SLIDINGWINDOWS_H
