//===- LinearForm.h - Exact linear forms of float values --------*- C++ -*-===//
//
// Every float value of a quantised network is `sum_i s_i * v_i + o` with
// integers v_i and exact rationals s_i, o. Arithmetic maps forms to forms; a
// quantiser collapses a form into one code (Quantise.h).
//
//===----------------------------------------------------------------------===//

#ifndef FINNGL_ANALYSIS_LINEARFORM_H
#define FINNGL_ANALYSIS_LINEARFORM_H

#include "finngl/Analysis/FinnEmitter.h"
#include "finngl/Core/Number.h"

namespace finngl {

/// One rational for all channels (last dimension), or one per channel.
using Rationals = std::vector<Rational>;

const Rational &at(const Rationals &values, size_t channel);
/// Channel by channel; one entry if both have one.
Rationals sum(const Rationals &a, const Rationals &b);
Rationals product(const Rationals &a, const Rationals &b);
/// b without zeros.
Rationals quotient(const Rationals &a, const Rationals &b);
Rationals negated(Rationals values);
bool isZero(const Rationals &values);
/// The one value of all channels, or nothing.
std::optional<Rational> uniform(const Rationals &values);
/// The largest rational of which both are integer multiples; not both zero.
Rational commonDivisor(const Rational &a, const Rational &b);

struct Term {
  IntValue value;
  Rationals scale; // no zeros
};

/// At most kMaxTerms terms, all of the same shape `[n]` or `[T, n]`; at least
/// one term.
struct LinearForm {
  static constexpr size_t kMaxTerms = 4;
  llvm::SmallVector<Term, 2> terms;
  Rationals offset = {Rational(0)};

  llvm::ArrayRef<int64_t> shape() const { return terms.front().value.shape(); }
  int64_t channels() const { return terms.front().value.channels(); }
};

/// `value = scale * v + offset`: where the values of a state lie.
struct Grid {
  Rationals scale, offset;
};

/// The least integer that the scale must be divided by so that the grid holds
/// `values`, one or one a channel. Nothing above 256: more than 8 bits are not
/// worth a value beside the grid.
std::optional<int64_t> finerBy(const Grid &grid, const Rationals &values);
/// The grid with its scale divided by that integer.
Grid finer(Grid grid, int64_t by);

/// Weights of a matrix product: `weight[r, c] = codes[r, c] * rowScale[r] *
/// columnScale[c]`, row-major, MH rows.
struct WeightMatrix {
  int64_t rows = 0, columns = 0;
  std::vector<int64_t> codes;
  Rationals rowScale, columnScale;
};

LinearForm negated(LinearForm form);
/// Product with constants; zero in all channels is refused.
Result<LinearForm> scaled(FinnEmitter &emitter, LinearForm form,
                          const Rationals &factor);
/// Terms of one value, of equal scales, or of scales with an integer ratio
/// become one (finn.lincomb).
Result<LinearForm> sum(FinnEmitter &emitter, const LinearForm &a,
                       const LinearForm &b);
/// Scales that differ on the contraction axis: power-of-two ratios widen the
/// weights; at most four groups of columns remain, a term each.
Result<LinearForm> product(FinnEmitter &emitter, const WeightMatrix &weights,
                           const LinearForm &form);
/// Elementwise product.
Result<LinearForm> product(FinnEmitter &emitter, const LinearForm &a,
                           const LinearForm &b);
/// The same values with one term: a lincomb over the common divisor of the
/// scales of each channel. Fails where that leaves 63 bits.
Result<LinearForm> collapsed(FinnEmitter &emitter, const LinearForm &form);
/// The integer v on a grid, as an integer-weighted sum of the terms.
Result<IntValue> onGrid(FinnEmitter &emitter, const LinearForm &form,
                        const Grid &grid);

} // namespace finngl

#endif // FINNGL_ANALYSIS_LINEARFORM_H
