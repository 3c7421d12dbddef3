//===- QuantiseChain.cpp - Activations and their quantiser ----------------===//
//
// quantiser(chain(form)) as a table over codes, or as thresholds of the
// accumulator, found by a search: every step of a chain is monotone.
//
//===----------------------------------------------------------------------===//

#include "StepThresholds.h"
#include "finngl/Analysis/Quantise.h"
#include <algorithm>

using namespace mlir;
using namespace finngl;

static constexpr int64_t kMaxTable = int64_t(1) << 12;

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

/// The first place behind `from` at which a monotone f has another value, known
/// to be one at `to`: in doubled strides around a guess, without one by
/// bisection.
static std::optional<Step> nextStep(const Activation &f, Step from, Step to,
                                    std::optional<int64_t> guess) {
  int64_t same = from.at, stride = guess ? 1 : to.at - from.at;
  int64_t probe = guess.value_or(to.at);
  while (to.at - same > 1) {
    int64_t middle = same + (to.at - same) / 2;
    probe = same < probe && probe < to.at ? probe : middle;
    std::optional<int64_t> value = f(probe);
    if (!value)
      return std::nullopt;
    if (*value == from.value) {
      same = probe;
      probe = std::min(same + stride, same + (to.at - same) / 2);
    } else {
      to = {probe, *value};
      probe = std::max(to.at - stride, same + (to.at - same) / 2);
    }
    stride = std::min(2 * stride, to.at - same);
  }
  return to;
}

/// Appends the steps of a monotone f in (from, to]. Those of a quantiser are
/// evenly spaced, or nearly: one tells about where the next one is.
static bool appendSteps(const Activation &f, Step from, Step to,
                        StepFunction &steps) {
  std::optional<int64_t> guess;
  while (from.value != to.value) {
    std::optional<Step> next = nextStep(f, from, to, guess);
    if (!next)
      return false;
    if (!steps.steps.empty())
      guess = 2 * next->at - from.at;
    steps.append(next->at, next->value);
    from = *next;
  }
  return true;
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

/// Entries that chain and quantiser have: 1 if they treat all channels alike.
static size_t channelsOf(const ActivationChain &chain,
                         const Quantiser &quantiser) {
  size_t channels =
      std::max(quantiser.scale.size(), quantiser.zeroPoint.size());
  for (const ActivationStep &step : chain)
    channels = std::max({channels, step.factor.size(), step.offset.size(),
                         step.radicand.size()});
  return channels;
}

/// The same with those of the only term.
static size_t channelsOf(const LinearForm &form, const ActivationChain &chain,
                         const Quantiser &quantiser) {
  const Term &term = form.terms[0];
  return std::max({term.scale.size(), form.offset.size(),
                   term.value.range.size(), channelsOf(chain, quantiser)});
}

/// `visit(f, range, f(lo), f(hi))` for each channel. False where one of them is
/// undecided or a visit fails.
template <typename Visit>
static bool forEachChannel(const LinearForm &form, const ActivationChain &chain,
                           const Quantiser &quantiser, Visit visit) {
  const Term &term = form.terms[0];
  size_t channels = channelsOf(form, chain, quantiser);
  for (size_t c = 0; c < channels; ++c) {
    Activation f{chain, quantiser, at(term.scale, c), at(form.offset, c), c};
    Interval range = term.value.rangeAt(c);
    std::optional<int64_t> atLo = f(range.first), atHi = f(range.second);
    if (!atLo || !atHi || !visit(f, range, *atLo, *atHi))
      return false;
  }
  return true;
}

/// The range of the codes alone: its ends if monotone, else all codes.
static Result<IntValue> draftedActivation(FinnEmitter &emitter,
                                          const LinearForm &form,
                                          const ActivationChain &chain,
                                          const Quantiser &quantiser) {
  Ranges range;
  auto addEnds = [&](const Activation &f, Interval, int64_t atLo,
                     int64_t atHi) {
    range.push_back(direction(chain, f.channel) == 0
                        ? *levelRange(quantiser)
                        : Interval(std::minmax(atLo, atHi)));
    return true;
  };
  if (!forEachChannel(form, chain, quantiser, addEnds))
    return undecided();
  return emitter.drafted(form.terms[0].value, form.channels(), range);
}

static Result<IntValue> activationThresholds(FinnEmitter &emitter,
                                             const LinearForm &form,
                                             const ActivationChain &chain,
                                             const Quantiser &quantiser) {
  std::vector<StepFunction> steps;
  auto addSteps = [&](const Activation &f, Interval range, int64_t atLo,
                      int64_t atHi) {
    steps.push_back({range.first, range.second, atLo, {}});
    return appendSteps(f, {range.first, atLo}, {range.second, atHi},
                       steps.back());
  };
  if (!forEachChannel(form, chain, quantiser, addSteps))
    return undecided();
  return stepThresholds(emitter, form.terms[0].value, steps);
}

static std::optional<Failure> notMonotone(const ActivationChain &chain,
                                          size_t channels) {
  for (size_t c = 0; c < channels; ++c)
    if (direction(chain, c) == 0)
      return Failure{"an activation that falls and rises, of more than " +
                         std::to_string(kMaxTable) +
                         " codes or with channels of their own",
                     "quantise its operand per tensor to at most 12 bits"};
  return std::nullopt;
}

/// The form of the integer whose growth no channel's chain turns into a fall.
static Result<LinearForm> risingForm(FinnEmitter &emitter, LinearForm form,
                                     const ActivationChain &chain) {
  Term &term = form.terms[0];
  size_t channels = term.scale.size();
  for (const ActivationStep &step : chain)
    channels = std::max(channels, step.factor.size());
  std::vector<bool> falls;
  Rationals scale;
  for (size_t c = 0; c < channels; ++c) {
    falls.push_back((at(term.scale, c) < 0) != (direction(chain, c) < 0));
    scale.push_back(falls[c] ? Rational(-at(term.scale, c))
                             : at(term.scale, c));
  }
  auto value = turned(emitter, term.value, falls);
  if (!value)
    return value.failure();
  form.terms[0] = Term{*value, scale};
  return form;
}

Result<LinearForm> finngl::quantised(FinnEmitter &emitter,
                                     const LinearForm &form,
                                     const ActivationChain &chain,
                                     const Quantiser &quantiser) {
  Result<LinearForm> single = collapsed(emitter, form);
  if (!single)
    return single;
  if (!levelRange(quantiser))
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
  bool perTensor = scale && offset && channelsOf(chain, quantiser) == 1;
  Result<IntValue> value = Failure{};
  if (perTensor && hi - lo < kMaxTable) {
    value = table(emitter, term.value,
                  Activation{chain, quantiser, *scale, *offset, 0});
  } else if (auto refusal = notMonotone(chain, channelsOf(chain, quantiser))) {
    return *refusal;
  } else {
    auto rising = risingForm(emitter, *single, chain);
    if (!rising)
      return rising;
    value = activationThresholds(emitter, *rising, chain, quantiser);
  }
  if (!value)
    return value.failure();
  return LinearForm{{Term{*value, grid.scale}}, grid.offset};
}
