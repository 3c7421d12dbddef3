//===- KernelOperand.h - What a kernel sees of an exact value ---*- C++ -*-===//

#ifndef FINNGL_LIB_CHECK_KERNELOPERAND_H
#define FINNGL_LIB_CHECK_KERNELOPERAND_H

#include "finngl/Analysis/ValueRange.h"
#include "finngl/Exact/Polynomial.h"
#include "llvm/ADT/ArrayRef.h"
#include <vector>

namespace finngl::check {

/// Monomials of one ratio between exact and integer coefficients:
/// `x = slope * u`, `z = stride * u` with the integer u of [lo, hi].
struct Group {
  Rational slope;
  Integer stride, lo, hi;
  /// u takes the values lo and hi whatever the other groups are.
  bool tight = true;
};

/// Exact value `x = offset + sum of slopes` and integer `z = constant + sum of
/// strides` of one element in front of a quantiser.
struct Operand {
  std::vector<Group> groups;
  Rational offset;
  Integer constant;
};

/// Both sides of an element as groups over their atoms, atom i in
/// `atomRanges[i]`. Terms of one ratio but of different `summands` (of the
/// kernel's sum; none if it sums nothing) stay apart: not every multiple of
/// their common unit is a sum of theirs.
Operand makeOperand(const exact::Polynomial &exact,
                    const exact::Polynomial &integer,
                    llvm::ArrayRef<const exact::Polynomial *> summands,
                    const std::vector<Interval> &atomRanges);

} // namespace finngl::check

#endif // FINNGL_LIB_CHECK_KERNELOPERAND_H
