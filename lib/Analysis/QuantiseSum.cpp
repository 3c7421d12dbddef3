//===- QuantiseSum.cpp - A quantiser over terms of unrelated scales -------===//

#include "QuantiserLevels.h"
#include "finngl/Core/LinearThresholds.h"
#include "finngl/Core/SegmentTable.h"
#include "finngl/Core/StepFunction.h"
#include "finngl/Dialect/Finn/IR/Finn.h"

using namespace mlir;
using namespace finngl;

/// Moves each threshold within its slack so that the rows become shifts of one
/// list: then one segment table serves all channels in hardware. Later
/// convergents have more slack. Without success the thresholds stay.
static void align(LinearThresholds &solved,
                  const LinearQuantisation &quantisation) {
  constexpr unsigned kTries = 4;
  if (solved.thresholds.size() == 1 || solved.thresholds[0].empty())
    return;
  Result<LinearThresholds> found = solved;
  for (unsigned skip = 0; skip < kTries && found;
       found = solveLinearThresholds(quantisation, ++skip)) {
    LinearThresholds wider = *found;
    std::pair<int64_t, int64_t> sums = sumRange(wider, quantisation.range);
    std::optional<SegmentTable> table = solveSegmentTable(wider, sums);
    if (!table)
      continue;
    for (size_t c = 0; c < wider.thresholds.size(); ++c) {
      auto row =
          multiThresholds(stepFunction(*table, c, sums.first, sums.second),
                          quantisation.lo, quantisation.hi);
      if (!row)
        return;
      wider.thresholds[c] = *row;
    }
    solved = wider;
    return;
  }
}

/// Scales of the terms in units of the levels as one ratio a term and one
/// positive gain a channel; nothing if the terms' scales vary apart.
static std::optional<std::pair<std::vector<Rational>, Rationals>>
ratiosAndGain(const LinearForm &form, const QuantiserLevels &levels) {
  Rationals first = quotient(form.terms[0].scale, levels.scale);
  if (llvm::any_of(first, [](const Rational &r) { return r <= 0; }))
    first = negated(first);
  if (llvm::any_of(first, [](const Rational &r) { return r <= 0; }))
    return std::nullopt;
  // One gain for all channels is part of the ratios.
  bool isUniform = uniform(first).has_value();
  std::vector<Rational> ratios;
  for (const Term &term : form.terms) {
    Rationals own = quotient(term.scale, levels.scale);
    auto ratio = uniform(isUniform ? own : quotient(own, first));
    if (!ratio)
      return std::nullopt;
    ratios.push_back(*ratio);
  }
  return std::pair(ratios, isUniform ? Rationals{1} : first);
}

/// All but the scales and ranges of the terms.
static LinearQuantisation withoutTerms(const LinearForm &form,
                                       const QuantiserLevels &levels) {
  LinearQuantisation quantisation;
  quantisation.offset = sum(quotient(form.offset, levels.scale), levels.shift);
  quantisation.rounding = levels.rounding;
  quantisation.lo = levels.lo;
  quantisation.hi = levels.hi;
  return quantisation;
}

static Failure unrelated(const LinearForm &form, std::string why) {
  return {"a sum of " + std::to_string(form.terms.size()) +
              " values of unrelated scales (" + std::move(why) + ")",
          "quantise the parts of the sum to one scale"};
}

/// Levels of `sum of coefficient * input` by thresholds, 1 or C rows.
static Result<IntValue> sumLevels(FinnEmitter &emitter,
                                  ArrayRef<IntValue> inputs,
                                  ArrayRef<int64_t> coefficients,
                                  const std::vector<std::vector<int64_t>> &rows,
                                  int64_t lo) {
  auto total = emitter.lincomb(inputs, coefficients, {0});
  if (!total)
    return total;
  std::vector<int64_t> all;
  for (const std::vector<int64_t> &row : rows)
    all.insert(all.end(), row.begin(), row.end());
  return emitter.multiThreshold(*total, all, int64_t(rows.size()), lo);
}

/// One coefficient a term.
static Result<IntValue> alike(FinnEmitter &emitter, const LinearForm &form,
                              LinearQuantisation quantisation) {
  SmallVector<IntValue, 4> inputs;
  for (const Term &term : form.terms) {
    quantisation.range.push_back(hull(term.value.range));
    inputs.push_back(term.value);
  }
  auto solved = solveLinearThresholds(quantisation);
  if (!solved)
    return unrelated(form, solved.failure().message);
  align(*solved, quantisation);
  return sumLevels(emitter, inputs, solved->coefficient, solved->thresholds,
                   solved->lo);
}

/// Terms whose scales vary apart: narrow coefficients of each channel's own. In
/// sums of nothing but matrix products they go into the rows of the weights.
static Result<IntValue> apart(FinnEmitter &emitter, const LinearForm &form,
                              const QuantiserLevels &levels) {
  size_t channels = size_t(form.channels());
  std::vector<std::vector<int64_t>> factors(form.terms.size()), rows;
  LinearQuantisation all = withoutTerms(form, levels);
  for (size_t c = 0; c < channels; ++c) {
    LinearQuantisation one = all;
    one.offset = {at(all.offset, c)};
    for (const Term &term : form.terms) {
      one.ratio.push_back(at(term.scale, c) / at(levels.scale, c));
      one.range.push_back(term.value.rangeAt(c));
    }
    auto solved =
        solveLinearThresholds(one, /*skip=*/0, kMaxWalks / int64_t(channels));
    if (!solved)
      return unrelated(form, solved.failure().message);
    for (auto [term, coefficient] : llvm::enumerate(solved->coefficient))
      factors[term].push_back(coefficient);
    rows.push_back(std::move(solved->thresholds[0]));
  }
  bool ofProducts = llvm::all_of(form.terms, [](const Term &term) {
    return term.value.value.getDefiningOp<finn::MatMulOp>() != nullptr;
  });
  SmallVector<IntValue, 4> inputs;
  SmallVector<int64_t> coefficients;
  for (auto [term, factor] : llvm::zip(form.terms, factors)) {
    auto scaled = ofProducts ? emitter.rowsScaled(term.value, factor)
                             : Result<IntValue>(term.value);
    if (!scaled)
      return scaled;
    inputs.push_back(*scaled);
    if (ofProducts)
      coefficients.push_back(1);
    else
      llvm::append_range(coefficients, factor);
  }
  return sumLevels(emitter, inputs, coefficients, rows, all.lo);
}

/// Narrow integer coefficients that decide every threshold alike on the whole
/// box (Core/LinearThresholds.h).
Result<IntValue> finngl::quantisedSum(FinnEmitter &emitter,
                                      const LinearForm &form,
                                      const QuantiserLevels &levels) {
  if (auto scales = ratiosAndGain(form, levels)) {
    LinearQuantisation quantisation = withoutTerms(form, levels);
    std::tie(quantisation.ratio, quantisation.gain) = *scales;
    return alike(emitter, form, std::move(quantisation));
  }
  return apart(emitter, form, levels);
}
