//===- QuadraticRange.h - Range of a polynomial of degree two ---*- C++ -*-===//

#ifndef FINNGL_LIB_CHECK_QUADRATICRANGE_H
#define FINNGL_LIB_CHECK_QUADRATICRANGE_H

#include "finngl/Analysis/ValueRange.h"
#include "finngl/Core/Number.h"
#include "finngl/Exact/Polynomial.h"

namespace finngl::check {

/// A monomial with an integer coefficient.
using QuadraticTerm = std::pair<exact::Monomial, Integer>;

/// Least and greatest value of a polynomial, or bounds of them.
struct QuadraticRange {
  Integer lo, hi;
  bool exact = true;
};

/// Where atom i lies in `atoms[i]`. Exact for `p x^2 + q x` and for products
/// without squares in which at most six atoms meet all others, and for sums
/// of such parts that share no atom.
QuadraticRange quadraticRange(llvm::ArrayRef<QuadraticTerm> terms,
                              llvm::ArrayRef<Interval> atoms);

} // namespace finngl::check

#endif // FINNGL_LIB_CHECK_QUADRATICRANGE_H
