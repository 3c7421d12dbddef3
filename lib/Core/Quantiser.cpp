//===- Quantiser.cpp - The shared quantiser record ------------------------===//

#include "finngl/Core/Quantiser.h"
#include <algorithm>
#include <cassert>
#include <cctype>
#include <cmath>

using namespace finngl;

std::optional<Rounding> finngl::parseRounding(std::string_view name) {
  static constexpr std::pair<std::string_view, Rounding> names[] = {
      {"ROUND", Rounding::HalfEven},
      {"HALF_EVEN", Rounding::HalfEven},
      {"CEIL", Rounding::Ceil},
      {"FLOOR", Rounding::Floor},
      {"UP", Rounding::Up},
      {"DOWN", Rounding::Down},
      {"ROUND_TO_ZERO", Rounding::Down},
      {"HALF_UP", Rounding::HalfUp},
      {"HALF_DOWN", Rounding::HalfDown}};
  auto sameLetter = [](char upper, char any) {
    return upper == std::toupper(static_cast<unsigned char>(any));
  };
  for (const auto &[upper, rounding] : names)
    if (std::equal(upper.begin(), upper.end(), name.begin(), name.end(),
                   sameLetter))
      return rounding;
  return std::nullopt;
}

std::string_view finngl::stringify(Rounding rounding) {
  switch (rounding) {
  case Rounding::HalfEven:
    return "HALF_EVEN";
  case Rounding::Ceil:
    return "CEIL";
  case Rounding::Floor:
    return "FLOOR";
  case Rounding::Up:
    return "UP";
  case Rounding::Down:
    return "DOWN";
  case Rounding::HalfUp:
    return "HALF_UP";
  case Rounding::HalfDown:
    return "HALF_DOWN";
  }
  return "";
}

/// Whether a value strictly between `below` and `below + 1` goes up; `half` is
/// the sign of its fraction less 1/2.
static bool roundsUp(Rounding rounding, const Integer &below, bool positive,
                     int half) {
  switch (rounding) {
  case Rounding::HalfEven:
    return half > 0 || (half == 0 && mpz_odd_p(below.get_mpz_t()));
  case Rounding::Ceil:
    return true;
  case Rounding::Floor:
    return false;
  case Rounding::Up:
    return positive;
  case Rounding::Down:
    return !positive;
  case Rounding::HalfUp:
    return half > 0 || (half == 0 && positive);
  case Rounding::HalfDown:
    return half > 0 || (half == 0 && !positive);
  }
  return false;
}

Integer finngl::roundQuotient(const Integer &numerator,
                              const Integer &denominator, Rounding rounding) {
  assert(denominator > 0);
  Integer below, rest;
  mpz_fdiv_qr(below.get_mpz_t(), rest.get_mpz_t(), numerator.get_mpz_t(),
              denominator.get_mpz_t());
  if (rest == 0)
    return below;
  int half = cmp(Integer(2 * rest), denominator);
  if (roundsUp(rounding, below, numerator > 0, half))
    ++below;
  return below;
}

Integer finngl::roundTo(const Rational &value, Rounding rounding) {
  return roundQuotient(value.get_num(), value.get_den(), rounding);
}

/// The same in float32, by the formulas of QONNX' executor: it adds 0.5 in
/// float32 for the HALF modes, and so does this.
static float roundFloat32(float value, Rounding rounding) {
  float magnitude = std::fabs(value);
  switch (rounding) {
  case Rounding::HalfEven:
    return std::nearbyint(value);
  case Rounding::Ceil:
    return std::ceil(value);
  case Rounding::Floor:
    return std::floor(value);
  case Rounding::Up:
    return std::copysign(std::ceil(magnitude), value);
  case Rounding::Down:
    return std::trunc(value);
  case Rounding::HalfUp:
    return std::copysign(std::floor(magnitude + 0.5f), value);
  case Rounding::HalfDown:
    return std::copysign(std::ceil(magnitude - 0.5f), value);
  }
  return value;
}

int64_t Quantiser::code(const Rational &value, size_t channel) const {
  if (bipolar)
    return value >= 0 ? 1 : -1;
  assert(scaleAt(channel) != 0.0f && "a scale of zero is refused on import");
  Rational scaled = value / toRational(scaleAt(channel));
  Rational offset = toRational(zeroPointAt(channel));
  Integer rounded = zeroPointAfterRounding
                        ? Integer(roundTo(scaled, rounding) + floorOf(offset))
                        : roundTo(scaled + offset, rounding);
  if (rounded < toInteger(lo))
    return lo;
  return rounded > toInteger(hi) ? hi : toInt64(rounded);
}

/// The code where doubles are certain of it, else nothing. |quotient| < 2^30
/// makes the error of one division and one sum less than 2^-21; only quotients
/// farther than that from every boundary of the rounding are decided here.
static std::optional<int64_t> certainCode(const Quantiser &quantiser,
                                          float value, size_t channel) {
  constexpr double margin = 0x1p-20;
  double zero = quantiser.zeroPointAt(channel);
  double quotient = double(value) / double(quantiser.scaleAt(channel));
  if (!quantiser.zeroPointAfterRounding)
    quotient += zero;
  if (quantiser.bipolar || !(std::fabs(quotient) < 0x1p30) ||
      !(std::fabs(zero) < 0x1p29))
    return std::nullopt;
  double below = std::floor(quotient), part = quotient - below;
  bool up = false;
  switch (quantiser.rounding) {
  case Rounding::HalfEven:
  case Rounding::HalfUp:
  case Rounding::HalfDown:
    if (std::fabs(part - 0.5) < margin)
      return std::nullopt;
    up = part > 0.5;
    break;
  case Rounding::Ceil:
  case Rounding::Floor:
  case Rounding::Up:
  case Rounding::Down:
    if (part < margin || part > 1.0 - margin)
      return std::nullopt;
    up = quantiser.rounding == Rounding::Ceil ||
         (quantiser.rounding == Rounding::Up && below >= 0) ||
         (quantiser.rounding == Rounding::Down && below < 0);
    break;
  }
  int64_t rounded = int64_t(below) + (up ? 1 : 0);
  if (quantiser.zeroPointAfterRounding)
    rounded += int64_t(std::floor(zero));
  return std::clamp(rounded, quantiser.lo, quantiser.hi);
}

int64_t Quantiser::codeOfFloat(float value, size_t channel) const {
  if (auto certain = certainCode(*this, value, channel))
    return *certain;
  return code(toRational(value), channel);
}

int64_t Quantiser::codeFloat32(float value, size_t channel) const {
  assert(!std::isnan(value) && "NaN is refused before it is quantised");
  if (bipolar)
    return value >= 0.0f ? 1 : -1;
  float quotient = value / scaleAt(channel);
  float offset = zeroPointAt(channel);
  float rounded = zeroPointAfterRounding
                      ? roundFloat32(quotient, rounding) + offset
                      : roundFloat32(quotient + offset, rounding);
  // Clamped as integers: a bound above 2^24 need not be a float32. The test
  // against 2^63 also catches an overflowed quotient.
  if (rounded >= 0x1p63f)
    return hi;
  if (rounded < -0x1p63f)
    return lo;
  return std::clamp(static_cast<int64_t>(rounded), lo, hi);
}

Rational Quantiser::value(int64_t code, size_t channel) const {
  Rational level = toInteger(code);
  if (!bipolar)
    level -= toRational(zeroPointAt(channel));
  return level * toRational(scaleAt(channel));
}

float Quantiser::valueFloat32(int64_t code, size_t channel) const {
  float level = static_cast<float>(code);
  return bipolar ? level * scaleAt(channel)
                 : (level - zeroPointAt(channel)) * scaleAt(channel);
}
