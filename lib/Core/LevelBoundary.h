//===- LevelBoundary.h - Where a rounded value reaches a level --*- C++ -*-===//
//
// The closed form of every rounding mode, ties included. Private to Core.
//
//===----------------------------------------------------------------------===//

#ifndef FINNGL_LIB_CORE_LEVELBOUNDARY_H
#define FINNGL_LIB_CORE_LEVELBOUNDARY_H

#include "finngl/Core/Quantiser.h"

namespace finngl {

/// round(x) >= level iff 2x >= twice (inclusive) or 2x > twice.
struct LevelBoundary {
  Integer twice;
  bool inclusive;
};

/// Modes by magnitude (Up, Down, HalfUp, HalfDown) change their tie rule at
/// zero: levels above it are reached from zero's side, the others left from it.
inline LevelBoundary levelBoundary(const Integer &level, Rounding rounding) {
  bool positive = level > 0;
  Integer reached = 2 * level, half = reached - 1, left = reached - 2;
  switch (rounding) {
  case Rounding::HalfEven:
    return {half, mpz_even_p(level.get_mpz_t()) != 0};
  case Rounding::Ceil:
    return {left, false};
  case Rounding::Floor:
    return {reached, true};
  case Rounding::Up:
    return positive ? LevelBoundary{left, false} : LevelBoundary{reached, true};
  case Rounding::Down:
    return positive ? LevelBoundary{reached, true} : LevelBoundary{left, false};
  case Rounding::HalfUp:
    return {half, positive};
  case Rounding::HalfDown:
    return {half, !positive};
  }
  return {reached, true};
}

} // namespace finngl

#endif // FINNGL_LIB_CORE_LEVELBOUNDARY_H
