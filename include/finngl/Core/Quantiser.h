//===- Quantiser.h - The shared quantiser record ----------------*- C++ -*-===//
//
// One record for Brevitas' quantisers, QONNX Quant and ONNX QuantizeLinear
// with Clip. See docs/adr/0001-foundations.md, section 2.
//
//===----------------------------------------------------------------------===//

#ifndef FINNGL_CORE_QUANTISER_H
#define FINNGL_CORE_QUANTISER_H

#include "finngl/Core/Number.h"
#include <optional>
#include <string_view>
#include <vector>

namespace finngl {

/// Rounding modes of QONNX Quant; `round` is half to even. Up is away from
/// zero, Down toward zero; the Half* modes act on the magnitude except
/// HalfEven, as in QONNX.
enum class Rounding { HalfEven, Ceil, Floor, Up, Down, HalfUp, HalfDown };

/// Any letter case; ROUND = HALF_EVEN, ROUND_TO_ZERO = DOWN. Empty if unknown.
std::optional<Rounding> parseRounding(std::string_view name);
std::string_view stringify(Rounding rounding);

/// Rounds an exact value to an integer.
Integer roundTo(const Rational &value, Rounding rounding);
/// The same for numerator / denominator, which need not be in lowest terms;
/// denominator > 0.
Integer roundQuotient(const Integer &numerator, const Integer &denominator,
                      Rounding rounding);

/// `code = clamp(round(x / scale + zeroPoint), lo, hi)`, or with
/// `zeroPointAfterRounding` `clamp(round(x / scale) + zeroPoint, lo, hi)`;
/// value = `(code - zeroPoint) * scale`. Bipolar: code is +1 if x >= 0, else
/// -1 (zero point ignored). Scale and zero point hold 1 or C entries; `axis` is
/// the channel dimension of the tensor when C > 1.
struct Quantiser {
  std::vector<float> scale;
  std::vector<float> zeroPoint = {0.0f};
  int64_t lo = 0, hi = 0;
  Rounding rounding = Rounding::HalfEven;
  bool zeroPointAfterRounding = false;
  bool bipolar = false;
  int64_t axis = -1;

  float scaleAt(size_t channel) const {
    return scale.size() == 1 ? scale[0] : scale[channel];
  }
  float zeroPointAt(size_t channel) const {
    return zeroPoint.size() == 1 ? zeroPoint[0] : zeroPoint[channel];
  }

  /// The code of an exact real value in `channel`.
  int64_t code(const Rational &value, size_t channel = 0) const;
  /// The same of a finite float32, by doubles where they are certain.
  int64_t codeOfFloat(float value, size_t channel = 0) const;
  /// The code of a float32 value computed in float32, operator by operator, as
  /// ONNX Runtime and Brevitas do it (divide, add, round, clamp).
  int64_t codeFloat32(float value, size_t channel = 0) const;
  /// The exact value of a code.
  Rational value(int64_t code, size_t channel = 0) const;
  /// The float32 value of a code: one subtraction and one product in float32.
  float valueFloat32(int64_t code, size_t channel = 0) const;
};

} // namespace finngl

#endif // FINNGL_CORE_QUANTISER_H
