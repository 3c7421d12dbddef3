//===- QuantiserLevels.h - A quantiser in units of its codes ----*- C++ -*-===//

#ifndef FINNGL_LIB_ANALYSIS_QUANTISERLEVELS_H
#define FINNGL_LIB_ANALYSIS_QUANTISERLEVELS_H

#include "finngl/Analysis/LinearForm.h"
#include "finngl/Core/Quantiser.h"

namespace finngl {

/// `v = clamp(round(x / scale + shift), lo, hi)` with v of gridOf.
struct QuantiserLevels {
  Rationals scale, shift;
  Rounding rounding;
  int64_t lo, hi;
};

/// v = clamp(round(ratio * value + offset)): nothing to do, requant, or
/// thresholds.
Result<IntValue> affine(FinnEmitter &emitter, const IntValue &value,
                        const Rationals &ratio, const Rationals &offset,
                        const QuantiserLevels &levels);

/// The levels of a form of two or more terms.
Result<IntValue> quantisedSum(FinnEmitter &emitter, const LinearForm &form,
                              const QuantiserLevels &levels);

} // namespace finngl

#endif // FINNGL_LIB_ANALYSIS_QUANTISERLEVELS_H
