//===- Float32.h - Rounding an exact number once ----------------*- C++ -*-===//

#ifndef FINNGL_CORE_FLOAT32_H
#define FINNGL_CORE_FLOAT32_H

#include "finngl/Core/Number.h"

namespace finngl {

/// The float32 nearest to an exact value, ties to even; infinity beyond the
/// largest one, subnormals included.
float nearestFloat32(const Rational &value);

} // namespace finngl

#endif // FINNGL_CORE_FLOAT32_H
