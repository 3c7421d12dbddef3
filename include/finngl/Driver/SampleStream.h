//===- SampleStream.h - Samples in, answers out -----------------*- C++ -*-===//
//
// A stream of samples and what level int answers to each: with --mode sliding
// the window that ends there, with --mode stream the network whose image is the
// stream so far.
//
//===----------------------------------------------------------------------===//

#ifndef FINNGL_DRIVER_SAMPLESTREAM_H
#define FINNGL_DRIVER_SAMPLESTREAM_H

#include "finngl/Driver/Model.h"
#include "finngl/Driver/Simulation.h"
#include "finngl/Driver/SlidingWindows.h"
#include <map>

namespace finngl::driver {

/// Samples for the hardware, one packet each, and what each is answered;
/// nothing where it has no answer.
struct StreamTraffic {
  std::vector<Packet> packets;
  std::vector<std::vector<CodeTensor>> expected;
};

/// A stream as codes, one `[n]` a sample and graph input.
class SampleStream {
public:
  /// `plan`: of one window.
  SampleStream(const Plan &plan, SlidingWindows windows, SampleRows answered);
  virtual ~SampleStream() = default;

  /// Appends a stream of floats.
  bool append(std::span<const FloatTensor> stream, std::string &error);
  /// Appends one window of codes.
  void append(std::span<const CodeTensor> window);
  int64_t length() const { return int64_t(rows.size()); }
  /// The sample behind a restart that is answered first.
  int64_t firstAnswer() const { return answered.first; }
  /// The stream for the hardware as it is.
  std::vector<Packet> packets() const;
  /// Seed 0: as it is; others: it restarts here and there. Level int says the
  /// answers.
  std::optional<StreamTraffic> traffic(unsigned seed, std::string &error);
  /// Floats of one answer's codes, in an output's shape with one row of time.
  virtual FloatTensor decode(CodeTensor codes, size_t output) const;

protected:
  const Plan &plan;
  SlidingWindows windows;
  SampleRows answered;
  std::vector<std::vector<CodeTensor>> rows;

  using Answers = std::vector<std::vector<CodeTensor>>;
  /// Level int's first `count` answers to a stream that began with sample
  /// `begin`; at least one.
  virtual std::optional<Answers> answers(int64_t begin, int64_t count,
                                         std::string &error) = 0;
  /// A graph input's codes of so many samples from `first` on; what lies beyond
  /// the stream's end is nothing that the network reads.
  CodeTensor codesFrom(int64_t first, int64_t samples, size_t input) const;

private:
  void setRows(int64_t first, size_t input, const CodeTensor &window);
};

/// Of a compile directory of --mode sliding, or --mode stream with windows;
/// `plan` outlives it.
std::unique_ptr<SampleStream> createSampleStream(Model &model,
                                                 const Plan &plan);

/// One answer behind the other: `[answers]` before the shape of an output.
std::vector<FloatTensor> stacked(std::vector<std::vector<FloatTensor>> answers);

/// Floats of all answers to a stream that has one, from `codes[sample]`, empty
/// where there is no answer.
std::optional<std::vector<FloatTensor>>
decodeAnswers(const SampleStream &stream,
              const std::vector<std::vector<CodeTensor>> &codes,
              std::string &error);

/// Level int on the streams of --mode stream. Null after an error.
std::unique_ptr<LevelRunner> createStreamRunner(Model &model);

} // namespace finngl::driver

#endif // FINNGL_DRIVER_SAMPLESTREAM_H
