//===- Quantise.cpp - A quantiser collapses a linear form -----------------===//

#include "finngl/Analysis/Quantise.h"
#include "QuantiserLevels.h"
#include "finngl/Core/StepFunction.h"
#include <algorithm>

using namespace mlir;
using namespace finngl;

static constexpr int64_t kMaxTable = int64_t(1) << 12;
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

/// Step functions, one or one per channel, none falling, as one finn op.
static Result<IntValue> thresholds(FinnEmitter &emitter, const IntValue &value,
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

static Result<IntValue> mirrored(FinnEmitter &emitter, const IntValue &value) {
  return emitter.lincomb(value, {-1}, {0});
}

/// Affine quantisation whose ratio differs between channels (or that no
/// requant reproduces): thresholds per channel.
static Result<IntValue> thresholds(FinnEmitter &emitter, const IntValue &value,
                                   const Rationals &ratio,
                                   const AffineQuantisation &affine) {
  bool falls = ratio[0] < 0;
  for (const Rational &r : ratio)
    if ((r < 0) != falls)
      return Failure{"scales of both signs in one quantised value",
                     "negate weights instead of scales"};
  Result<IntValue> input = falls ? mirrored(emitter, value) : value;
  if (!input)
    return input;
  size_t channels =
      std::max({ratio.size(), affine.offset.size(), input->range.size()});
  std::vector<StepFunction> steps;
  for (size_t c = 0; c < channels; ++c) {
    AffineQuantisation one{falls ? Rational(-at(ratio, c)) : at(ratio, c),
                           {affine.offsetAt(c)},
                           affine.rounding,
                           affine.lo,
                           affine.hi,
                           {input->rangeAt(c)}};
    steps.push_back(stepFunction(one));
  }
  return thresholds(emitter, *input, steps);
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
  const Term &term = form.terms[0];
  std::optional<Rational> scale = uniform(term.scale);
  std::optional<Rational> offset = uniform(form.offset);
  if (!scale || !offset || *scale < 0)
    return std::nullopt;
  auto [lo, hi] = hull(term.value.range);
  for (const auto *bound : {&lower, &upper}) {
    if (!*bound)
      continue;
    Rational level = (**bound - *offset) / *scale;
    if (level.get_den() != 1 || !fitsInt64(level.get_num()))
      return std::nullopt;
    int64_t limit = toInt64(level.get_num());
    (bound == &lower ? lo : hi) = limit;
  }
  auto value = affine(emitter, term.value, {Rational(1)}, {Rational(0)},
                      {{}, {}, Rounding::Floor, lo, hi});
  if (!value)
    return Result<LinearForm>(value.failure());
  return LinearForm{{Term{*value, term.scale}}, form.offset};
}

//===----------------------------------------------------------------------===//
// Activations
//===----------------------------------------------------------------------===//

namespace {
/// quantiser(chain(scale * a + offset)) as a function of the integer a.
struct Activation {
  const ActivationChain &chain;
  const Quantiser &quantiser;
  Rational scale, offset;
  size_t channel;

  /// The v of gridOf(quantiser).
  std::optional<int64_t> operator()(int64_t a) const {
    Rational x = scale * toInteger(a) + offset;
    std::optional<int64_t> code = codeOf(chain, x, quantiser, channel);
    if (!code)
      return code;
    if (quantiser.bipolar)
      return *code > 0;
    if (quantiser.zeroPointAfterRounding)
      return *code - int64_t(quantiser.zeroPointAt(channel));
    return code;
  }
};
} // namespace

static Failure undecided() {
  return {"an activation that 4096 bits do not separate from a rounding "
          "boundary",
          "change the scale of the quantiser behind it slightly"};
}

/// Appends the steps of a monotone f in (lo, hi] by bisection.
static bool appendSteps(const Activation &f, int64_t lo, int64_t atLo,
                        int64_t hi, int64_t atHi, StepFunction &steps) {
  if (atLo == atHi)
    return true;
  if (hi - lo == 1) {
    steps.append(hi, atHi);
    return true;
  }
  int64_t middle = lo + (hi - lo) / 2;
  std::optional<int64_t> value = f(middle);
  return value && appendSteps(f, lo, atLo, middle, *value, steps) &&
         appendSteps(f, middle, *value, hi, atHi, steps);
}

static Result<IntValue> table(FinnEmitter &emitter, const IntValue &value,
                              const Activation &f) {
  auto [lo, hi] = hull(value.range);
  std::vector<int64_t> values;
  for (int64_t a = lo; a <= hi; ++a) {
    std::optional<int64_t> code = f(a);
    if (!code)
      return undecided();
    values.push_back(*code);
  }
  return emitter.table(value, lo, values);
}

/// The range of the codes alone: monotone, so its ends.
static Result<IntValue> draftedActivation(FinnEmitter &emitter,
                                          const LinearForm &form,
                                          const ActivationChain &chain,
                                          const Quantiser &quantiser) {
  const Term &term = form.terms[0];
  size_t channels =
      std::max({term.scale.size(), form.offset.size(), term.value.range.size(),
                quantiser.scale.size(), quantiser.zeroPoint.size()});
  Ranges range;
  for (size_t c = 0; c < channels; ++c) {
    Activation f{chain, quantiser, at(term.scale, c), at(form.offset, c), c};
    auto [lo, hi] = term.value.rangeAt(c);
    std::optional<int64_t> first = f(lo), second = f(hi);
    if (!first || !second)
      return undecided();
    range.push_back(std::minmax(*first, *second));
  }
  return emitter.drafted(term.value, form.channels(), range);
}

static Result<IntValue> activationThresholds(FinnEmitter &emitter,
                                             const LinearForm &form,
                                             const ActivationChain &chain,
                                             const Quantiser &quantiser) {
  const Term &term = form.terms[0];
  size_t channels =
      std::max({term.scale.size(), form.offset.size(), term.value.range.size(),
                quantiser.scale.size(), quantiser.zeroPoint.size()});
  std::vector<StepFunction> steps;
  for (size_t c = 0; c < channels; ++c) {
    Activation f{chain, quantiser, at(term.scale, c), at(form.offset, c), c};
    auto [lo, hi] = term.value.rangeAt(c);
    std::optional<int64_t> atLo = f(lo), atHi = f(hi);
    if (!atLo || !atHi)
      return undecided();
    steps.push_back({lo, hi, *atLo, {}});
    if (!appendSteps(f, lo, *atLo, hi, *atHi, steps.back()))
      return undecided();
  }
  return thresholds(emitter, term.value, steps);
}

Result<LinearForm> finngl::quantised(FinnEmitter &emitter,
                                     const LinearForm &form,
                                     const ActivationChain &chain,
                                     const Quantiser &quantiser) {
  Result<LinearForm> single = collapsed(emitter, form);
  if (!single)
    return single;
  if (!levelsOf(quantiser))
    return Failure{"a quantiser whose zero point differs between channels and "
                   "is added after rounding",
                   "use one zero point for the tensor"};
  const Term &term = single->terms[0];
  auto [lo, hi] = hull(term.value.range);
  Grid grid = gridOf(quantiser);
  if (emitter.isDraft()) {
    auto value = draftedActivation(emitter, *single, chain, quantiser);
    if (!value)
      return value.failure();
    return LinearForm{{Term{*value, grid.scale}}, grid.offset};
  }
  std::optional<Rational> scale = uniform(term.scale);
  std::optional<Rational> offset = uniform(single->offset);
  bool perTensor = scale && offset && quantiser.scale.size() == 1 &&
                   quantiser.zeroPoint.size() == 1;
  Result<IntValue> value = Failure{};
  if (perTensor && hi - lo < kMaxTable) {
    value = table(emitter, term.value,
                  Activation{chain, quantiser, *scale, *offset, 0});
  } else {
    bool falls = (term.scale[0] < 0) != (direction(chain) < 0);
    if (falls) {
      auto turned = mirrored(emitter, term.value);
      if (!turned)
        return turned.failure();
      (*single).terms[0] = Term{*turned, negated(term.scale)};
    }
    value = activationThresholds(emitter, *single, chain, quantiser);
  }
  if (!value)
    return value.failure();
  return LinearForm{{Term{*value, grid.scale}}, grid.offset};
}
