//===- SlidingWindows.h - Windows over a stream of samples ------*- C++ -*-===//
//
// What --mode sliding answers, by its definition: one inference of the network
// for the window that begins with each sample.
//
//===----------------------------------------------------------------------===//

#ifndef FINNGL_DRIVER_SLIDINGWINDOWS_H
#define FINNGL_DRIVER_SLIDINGWINDOWS_H

#include "finngl/Driver/LevelRunner.h"
#include "finngl/Driver/Simulation.h"
#include "finngl/Engine/Plan.h"

namespace finngl::driver {

/// Windows of `samples` steps over tensors in which the time axis may be
/// longer.
class SlidingWindows {
public:
  SlidingWindows(std::span<const PlanPort> inputs, int64_t samples);

  int64_t samples() const { return window; }
  /// Samples of a stream, one tensor a graph input. Nothing and `error` if a
  /// tensor has another shape than the model's but for time, less than a
  /// window, or another length than the others.
  std::optional<int64_t> lengthOf(std::span<const FloatTensor> stream,
                                  std::string &error) const;
  /// The window that begins with the sample `first`.
  std::vector<FloatTensor> slice(std::span<const FloatTensor> stream,
                                 int64_t first) const;

private:
  struct Input {
    std::string name;
    std::vector<int64_t> shape;
    size_t axis; ///< of time
  };
  std::vector<Input> inputs;
  int64_t window;
};

/// The answers of all windows behind one another: `[answers]` before the shape
/// of an output. One window alone has no such dimension.
std::vector<FloatTensor> stacked(std::vector<std::vector<FloatTensor>> answers);

/// Runs another level once for each window of a stream.
std::unique_ptr<LevelRunner>
createSlidingRunner(std::unique_ptr<LevelRunner> level, SlidingWindows windows);

/// Samples for the hardware, one packet each, and what each is answered;
/// nothing where it has no answer.
struct StreamTraffic {
  std::vector<Packet> packets;
  std::vector<std::vector<CodeTensor>> expected;
};

/// A stream as codes, one `[n]` a sample and graph input.
class SampleStream {
public:
  SampleStream(const Plan &plan, int64_t samples);

  /// Appends a stream of floats, no shorter than a window.
  bool append(std::span<const FloatTensor> stream, std::string &error);
  /// Appends one window of codes.
  void append(std::span<const CodeTensor> window);
  int64_t length() const { return int64_t(rows.size()); }
  /// The stream for hardware that answers at a window's age `age`. Seed 0: as
  /// it is; others: it restarts here and there. Level int says the answers.
  std::optional<StreamTraffic> traffic(int64_t age, unsigned seed,
                                       std::string &error);

private:
  const Plan &plan;
  SlidingWindows windows;
  std::vector<std::vector<CodeTensor>> rows;
  std::vector<std::vector<CodeTensor>> answers; ///< by first sample

  void setRows(int64_t first, size_t input, const CodeTensor &window);
  std::optional<std::vector<CodeTensor>> answer(int64_t first,
                                                std::string &error) const;
};

} // namespace finngl::driver

#endif // FINNGL_DRIVER_SLIDINGWINDOWS_H
