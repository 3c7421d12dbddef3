//===- DependentTerms.h - Kernels whose terms share operands ----*- C++ -*-===//
//
// In `z * n + (1 - z) * h` the terms depend on one another: their values do not
// fill a box, and a kernel that is wrong in a corner of the box may be right
// wherever it is used. Such elements are compared at operands that exist.
//
//===----------------------------------------------------------------------===//

#ifndef FINNGL_LIB_CHECK_DEPENDENTTERMS_H
#define FINNGL_LIB_CHECK_DEPENDENTTERMS_H

#include "finngl/Analysis/ValueRange.h"
#include "finngl/Exact/Polynomial.h"
#include "finngl/Exact/Symbolic.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include <optional>

namespace finngl::check {

/// Levels of a chain of operators by the boundaries of its first quantiser.
struct Levels {
  int64_t lowest = 0;
  std::vector<std::pair<int64_t, exact::CodeBoundary>> steps; ///< ascend

  int64_t at(const Rational &x) const;
};

/// What an element is exactly, and the operand of its kernel, over its atoms.
struct DependentElement {
  const exact::Polynomial &exact, &integer;
  const std::vector<Interval> &atoms;
  const Levels &levels;
  llvm::function_ref<int64_t(int64_t)> kernel;
};

struct Difference {
  int64_t operand, exact, kernel;
};

/// Looks for operands with which the kernel is wrong: all that exist where they
/// are few, else atoms drawn at random, one of them then moved by bisection to
/// where the exact level changes. `compared` counts the operands tried.
/// Deterministic.
std::optional<Difference> sampleDependent(const DependentElement &element,
                                          int64_t &compared);

} // namespace finngl::check

#endif // FINNGL_LIB_CHECK_DEPENDENTTERMS_H
