//===- QuadraticRange.h - Range of a polynomial of degree two ---*- C++ -*-===//

#ifndef FINNGL_LIB_CHECK_QUADRATICRANGE_H
#define FINNGL_LIB_CHECK_QUADRATICRANGE_H

#include "finngl/Analysis/ValueRange.h"
#include "finngl/Core/Number.h"
#include "finngl/Exact/Polynomial.h"

namespace finngl::check {

/// A monomial with an integer coefficient.
using QuadraticTerm = std::pair<exact::Monomial, Integer>;

/// Least and greatest value where atom i lies in `atoms[i]`. Exact for terms
/// that share no atom, for one atom alone (`p x^2 + q x`) and for products
/// without squares of up to eight atoms; else the sum of the terms' ranges,
/// which holds it.
std::pair<Integer, Integer> quadraticRange(llvm::ArrayRef<QuadraticTerm> terms,
                                           llvm::ArrayRef<Interval> atoms);

} // namespace finngl::check

#endif // FINNGL_LIB_CHECK_QUADRATICRANGE_H
