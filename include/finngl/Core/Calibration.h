//===- Calibration.h - Scales from recorded values --------------*- C++ -*-===//
//
// Post-training quantisation chooses one scale a quantiser from a sample of
// the values that it meets. Nothing here decides a code: doubles are enough.
//
//===----------------------------------------------------------------------===//

#ifndef FINNGL_CORE_CALIBRATION_H
#define FINNGL_CORE_CALIBRATION_H

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace finngl {

/// A uniform sample of at most `kCapacity` values of a stream, and the stream's
/// extremes. The same stream gives the same sample.
class ValueSample {
public:
  static constexpr size_t kCapacity = size_t(1) << 14;

  void add(float value);
  std::span<const float> values() const { return kept; }
  float least() const { return lowest; }
  float most() const { return highest; }
  bool empty() const { return kept.empty(); }

private:
  std::vector<float> kept;
  float lowest = 0, highest = 0;
  uint64_t seen = 0, random = 0x9e3779b97f4a7c15;
};

/// MinMax: the extremes fit. Percentile: that share of the magnitudes fits.
/// Mse: least mean squared error, clipped values included.
enum class CalibrationMethod { MinMax, Percentile, Mse };

/// `minmax`, `percentile` or `mse`.
std::optional<CalibrationMethod> parseCalibration(std::string_view name);

/// What reads a value, so what an error of it amounts to.
enum class Response { Identity, Sigmoid, Tanh };
double respond(double x, Response response);

/// Lowest and highest code of a bit width.
struct CodeRange {
  int64_t lo, hi;
};
/// Signed: -2^(bits-1) (one more if narrow) to 2^(bits-1) - 1; else 0 to
/// 2^bits - 1. Bits from 2 to 32.
CodeRange codeRange(unsigned bits, bool isSigned, bool narrow = false);

/// Mean of `(r(x) - r(x'))^2` with x' the nearest level of `scale` and r the
/// response; 0 without values.
double quantisationError(std::span<const float> values, double scale,
                         CodeRange range, Response response);

/// Mean of `r(x)^2` about its mean: what the error is compared with.
double signalPower(std::span<const float> values, Response response);

struct ScaleChoice {
  CalibrationMethod method = CalibrationMethod::Mse;
  double percentile = 99.9; ///< of the magnitudes
};

/// The scale for values with the extremes `least` and `most`; above zero, 1
/// where all values are zero.
double chooseScale(std::span<const float> values, float least, float most,
                   CodeRange range, Response response,
                   const ScaleChoice &choice);

} // namespace finngl

#endif // FINNGL_CORE_CALIBRATION_H
