//===- ActivationChain.h - Nonlinear functions, decided exactly -*- C++ -*-===//
//
// The code that a quantiser gives to f(x), x rational: decided with rigorous
// intervals of growing precision (MPFR), never with a rounded value.
//
//===----------------------------------------------------------------------===//

#ifndef FINNGL_ANALYSIS_ACTIVATIONCHAIN_H
#define FINNGL_ANALYSIS_ACTIVATIONCHAIN_H

#include "finngl/Core/Quantiser.h"
#include <vector>

namespace finngl {

/// One elementwise function of a chain.
struct ActivationStep {
  /// LeakyRelu: `factor * min(x, 0) + max(x, 0)`. Elu: `factor * expm1(min(x,
  /// 0)) + max(x, 0)`. Gate: x times `factor * foot + offset`, of what the
  /// whole chain is applied to.
  enum class Kind {
    Sigmoid,
    Tanh,
    Softsign,
    Clip,
    Affine,
    LeakyRelu,
    Elu,
    Gate
  };
  Kind kind;
  /// Clip: bounds, nothing where there is none (Relu: lower bound 0).
  std::optional<Rational> lower = {}, upper = {};
  /// 1 entry or one per channel. Affine: `factor / sqrt(radicand) * x +
  /// offset`, radicands above 0.
  std::vector<Rational> factor = {1}, offset = {0}, radicand = {1};
};

/// Steps from the inside out.
using ActivationChain = std::vector<ActivationStep>;

/// +1 if the chain never falls in `channel`, -1 if it never rises, 0 if a step
/// may do both.
int direction(const ActivationChain &chain, size_t channel);

/// quantiser(chain(x)) in `channel`. sigmoid(0) = 1/2, tanh(0) = 0, softsign
/// and rational roots are exact; nothing if the value is not decided within
/// 4,096 bits.
std::optional<int64_t> codeOf(const ActivationChain &chain, const Rational &x,
                              const Quantiser &quantiser, size_t channel);

} // namespace finngl

#endif // FINNGL_ANALYSIS_ACTIVATIONCHAIN_H
