//===- Quantise.cpp - A quantiser collapses a linear form -----------------===//

#include "finngl/Analysis/Quantise.h"
#include "QuantiserLevels.h"
#include "StepThresholds.h"
#include "finngl/Core/StepFunction.h"
#include <algorithm>

using namespace mlir;
using namespace finngl;

static constexpr int64_t kMaxLevels = int64_t(1) << 12;

//===----------------------------------------------------------------------===//
// Grids of quantisers
//===----------------------------------------------------------------------===//

Grid finngl::portGridOf(const Quantiser &quantiser) {
  Grid grid;
  for (float scale : quantiser.scale)
    grid.scale.push_back(toRational(scale));
  Rationals zeroPoint = {Rational(0)};
  if (!quantiser.bipolar) {
    zeroPoint.clear();
    for (float zp : quantiser.zeroPoint)
      zeroPoint.push_back(toRational(zp));
  }
  grid.offset = negated(product(grid.scale, zeroPoint));
  return grid;
}

Grid finngl::gridOf(const Quantiser &quantiser) {
  Grid grid = portGridOf(quantiser);
  if (quantiser.bipolar) // -s, +s as -s + 2s * v
    return {product(grid.scale, {Rational(2)}), negated(grid.scale)};
  if (quantiser.zeroPointAfterRounding)
    grid.offset = {Rational(0)};
  return grid;
}

/// Nothing if an after-rounding zero point differs between channels, which
/// would need clamp bounds per channel.
static std::optional<QuantiserLevels> levelsOf(const Quantiser &quantiser) {
  QuantiserLevels levels;
  Grid port = portGridOf(quantiser);
  levels.scale = port.scale;
  levels.rounding = quantiser.rounding;
  if (quantiser.bipolar) {
    // x >= 0 gives 1: the floor of x / s + 1, clamped.
    levels.shift = {Rational(1)};
    levels.rounding = Rounding::Floor;
    levels.lo = 0;
    levels.hi = 1;
    return levels;
  }
  Rationals zeroPoint = negated(quotient(port.offset, port.scale));
  levels.lo = quantiser.lo;
  levels.hi = quantiser.hi;
  levels.shift = zeroPoint;
  if (quantiser.zeroPointAfterRounding) {
    std::optional<Rational> zp = uniform(zeroPoint);
    if (!zp || zp->get_den() != 1)
      return std::nullopt;
    levels.lo -= toInt64(zp->get_num());
    levels.hi -= toInt64(zp->get_num());
    levels.shift = {Rational(0)};
  }
  return levels;
}

std::optional<Interval> finngl::levelRange(const Quantiser &quantiser) {
  std::optional<QuantiserLevels> levels = levelsOf(quantiser);
  return levels ? std::optional<Interval>({levels->lo, levels->hi})
                : std::nullopt;
}

//===----------------------------------------------------------------------===//
// Thresholds
//===----------------------------------------------------------------------===//

Result<IntValue>
finngl::stepThresholds(FinnEmitter &emitter, const IntValue &value,
                       const std::vector<StepFunction> &steps) {
  int64_t lo = steps[0].first, hi = steps[0].last();
  for (const StepFunction &function : steps) {
    lo = std::min(lo, function.first);
    hi = std::max(hi, function.last());
  }
  if (hi - lo > kMaxLevels)
    return Failure{"a quantiser of " + std::to_string(hi - lo + 1) +
                       " levels that no multiply-shift form reproduces",
                   "at most 4097 levels"};
  std::vector<int64_t> all;
  for (const StepFunction &function : steps) {
    auto row = multiThresholds(function, lo, hi);
    if (!row)
      return Failure{"a quantised function that falls and rises",
                     "only monotone functions of more than 4096 codes"};
    all.insert(all.end(), row->begin(), row->end());
  }
  return emitter.multiThreshold(value, all, int64_t(steps.size()), lo);
}

Result<IntValue> finngl::turned(FinnEmitter &emitter, const IntValue &value,
                                const std::vector<bool> &falls) {
  if (llvm::none_of(falls, [](bool f) { return f; }))
    return value;
  if (llvm::all_of(falls, [](bool f) { return f; }))
    return emitter.lincomb(value, {-1}, {0});
  return emitter.negateChannels(value, falls);
}

/// Affine quantisation whose ratio differs between channels (or that no
/// requant reproduces): thresholds per channel.
static Result<IntValue> thresholds(FinnEmitter &emitter, const IntValue &value,
                                   const Rationals &ratio,
                                   const AffineQuantisation &affine) {
  std::vector<bool> falls;
  for (const Rational &r : ratio)
    falls.push_back(r < 0);
  Result<IntValue> input = turned(emitter, value, falls);
  if (!input)
    return input;
  size_t channels =
      std::max({ratio.size(), affine.offset.size(), input->range.size()});
  std::vector<StepFunction> steps;
  for (size_t c = 0; c < channels; ++c) {
    AffineQuantisation one{abs(at(ratio, c)), {affine.offsetAt(c)},
                           affine.rounding,   affine.lo,
                           affine.hi,         {input->rangeAt(c)}};
    steps.push_back(stepFunction(one));
  }
  return stepThresholds(emitter, *input, steps);
}

/// The range of the levels alone: each end of the form's exact values, rounded.
static Result<IntValue> draftedLevels(FinnEmitter &emitter,
                                      const LinearForm &form,
                                      const QuantiserLevels &levels) {
  size_t channels =
      std::max({levels.scale.size(), levels.shift.size(), form.offset.size()});
  for (const Term &term : form.terms)
    channels = std::max({channels, term.scale.size(), term.value.range.size()});
  Ranges range;
  auto level = [&](const Rational &value) {
    Integer rounded = roundTo(value, levels.rounding);
    return rounded < toInteger(levels.lo)   ? levels.lo
           : rounded > toInteger(levels.hi) ? levels.hi
                                            : toInt64(rounded);
  };
  for (size_t c = 0; c < channels; ++c) {
    Rational least = at(form.offset, c), most = least;
    for (const Term &term : form.terms) {
      auto [lo, hi] = term.value.rangeAt(c);
      const Rational &scale = at(term.scale, c);
      least += scale * toInteger(scale < 0 ? hi : lo);
      most += scale * toInteger(scale < 0 ? lo : hi);
    }
    const Rational &scale = at(levels.scale, c), &shift = at(levels.shift, c);
    range.push_back(
        {level(least / scale + shift), level(most / scale + shift)});
  }
  return emitter.drafted(form.terms[0].value, form.channels(), range);
}

Result<IntValue> finngl::affine(FinnEmitter &emitter, const IntValue &value,
                                const Rationals &ratio, const Rationals &offset,
                                const QuantiserLevels &levels) {
  AffineQuantisation quantisation{ratio[0],  offset,    levels.rounding,
                                  levels.lo, levels.hi, value.range};
  auto [lo, hi] = hull(value.range);
  if (std::optional<Rational> same = uniform(ratio)) {
    if (*same == 1 && isZero(offset) && lo >= levels.lo && hi <= levels.hi)
      return value;
    if (auto requant = solveRequant(quantisation))
      return emitter.requant(value, *requant);
  }
  return thresholds(emitter, value, ratio, quantisation);
}

Result<LinearForm> finngl::quantised(FinnEmitter &emitter,
                                     const LinearForm &form,
                                     const Quantiser &quantiser) {
  std::optional<QuantiserLevels> levels = levelsOf(quantiser);
  if (!levels)
    return Failure{"a quantiser whose zero point differs between channels and "
                   "is added after rounding",
                   "use one zero point for the tensor"};
  Result<IntValue> value =
      emitter.isDraft() ? draftedLevels(emitter, form, *levels)
      : form.terms.size() > 1
          ? quantisedSum(emitter, form, *levels)
          : affine(emitter, form.terms[0].value,
                   quotient(form.terms[0].scale, levels->scale),
                   sum(quotient(form.offset, levels->scale), levels->shift),
                   *levels);
  if (!value)
    return value.failure();
  Grid grid = gridOf(quantiser);
  return LinearForm{{Term{*value, grid.scale}}, grid.offset};
}

std::optional<Result<LinearForm>>
finngl::clamped(FinnEmitter &emitter, const LinearForm &form,
                const std::optional<Rational> &lower,
                const std::optional<Rational> &upper) {
  if (form.terms.size() != 1)
    return std::nullopt;
  auto below = [](const Rational &scale) { return scale < 0; };
  Term term = form.terms[0];
  if (llvm::any_of(term.scale, below))
    return std::nullopt;
  // The grid becomes finer until it holds the bounds.
  for (const auto *bound : {&lower, &upper}) {
    if (!*bound)
      continue;
    auto by = finerBy({term.scale, form.offset}, {**bound});
    if (!by)
      return std::nullopt;
    if (*by == 1)
      continue;
    auto value = emitter.lincomb(term.value, {*by}, {0});
    if (!value)
      return Result<LinearForm>(value.failure());
    term = {*value, quotient(term.scale, {Rational(toInteger(*by))})};
  }
  auto [lo, hi] = hull(term.value.range);
  for (const auto *bound : {&lower, &upper}) {
    if (!*bound)
      continue;
    auto level =
        uniform(quotient(sum({**bound}, negated(form.offset)), term.scale));
    if (!level || !fitsInt64(level->get_num()))
      return std::nullopt;
    (bound == &lower ? lo : hi) = toInt64(level->get_num());
  }
  if (!lower) // bounds outside of the range leave one value
    lo = std::min(lo, hi);
  if (!upper)
    hi = std::max(lo, hi);
  auto value = affine(emitter, term.value, {Rational(1)}, {Rational(0)},
                      {{}, {}, Rounding::Floor, lo, hi});
  if (!value)
    return Result<LinearForm>(value.failure());
  return LinearForm{{Term{*value, term.scale}}, form.offset};
}
