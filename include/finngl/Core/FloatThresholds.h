//===- FloatThresholds.h - A quantiser as thresholds of floats --*- C++ -*-===//
//
// A quantiser is a step function of the real numbers, so among the floats each
// code has a least one. These are found once, exactly; then a code is a matter
// of comparing floats.
//
//===----------------------------------------------------------------------===//

#ifndef FINNGL_CORE_FLOATTHRESHOLDS_H
#define FINNGL_CORE_FLOATTHRESHOLDS_H

#include "finngl/Core/Kernels.h"
#include "finngl/Core/Quantiser.h"

namespace finngl {

/// Nothing for a quantiser of several channels, a bipolar one (its codes are no
/// steps of 1) and one of more than 12 bits.
std::optional<kernels::EncodeConstants>
floatThresholds(const Quantiser &quantiser);

} // namespace finngl

#endif // FINNGL_CORE_FLOATTHRESHOLDS_H
