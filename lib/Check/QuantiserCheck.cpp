//===- QuantiserCheck.cpp - One quantiser and its kernel ------------------===//
//
// Where the exact value x is affine in the kernel's operand z, both sides are
// step functions of z and the exact one is monotone: if they agree at the ends
// and on both sides of every step of the kernel, they agree everywhere. Where
// terms of different scales meet, each level is a pair of half planes.
//
//===----------------------------------------------------------------------===//

#include "QuantiserCheck.h"
#include "finngl/Support/Diagnostics.h"
#include "finngl/Support/Indexing.h"
#include "llvm/ADT/STLExtras.h"
#include <cmath>

using namespace mlir;
using namespace finngl;
using namespace finngl::check;
using exact::gridOf;
using exact::integerOf;
using exact::isDyadic;

/// Domains up to this size are compared at each integer.
static constexpr int64_t kAllPoints = int64_t(1) << 12;
/// Steps of a kernel with more are not listed.
static constexpr int64_t kMaxSteps = int64_t(1) << 20;
/// Values of further groups, together, that are tried one by one: at most so
/// many, and fewer where a quantiser has many elements and levels.
static constexpr int64_t kMaxCombinations = int64_t(1) << 12;
static constexpr int64_t kMinCombinations = 16;
static constexpr int64_t kMaxComparisons = int64_t(1) << 17; ///< about 2 s

void QuantiserCheck::report(size_t element, const std::string &code,
                            int64_t exact, int64_t integer) {
  result.mismatch(describe(op.getLoc()) + ", element " +
                  std::to_string(element) + ", operand " + code + ": exactly " +
                  std::to_string(exact) + ", the kernel gives " +
                  (integer == INT64_MIN ? "nothing" : std::to_string(integer)));
}

void QuantiserCheck::note(size_t element, const char *what) {
  Unchecked found{
      describe(op.getLoc()) + ", element " + std::to_string(element), what};
  if (!llvm::is_contained(result.notes, found))
    result.notes.push_back(std::move(found));
}

//===----------------------------------------------------------------------===//
// One group: points
//===----------------------------------------------------------------------===//

std::optional<std::vector<int64_t>>
QuantiserCheck::breaks(size_t element, int64_t lo, int64_t hi) {
  std::optional<std::vector<int64_t>> steps;
  if (!tail.ops.empty())
    steps =
        graph.dialect().breaks(tail.ops.front(), element % channels, lo, hi);
  if (steps || hi - lo > kMaxSteps)
    return steps;
  steps.emplace();
  for (int64_t z = lo; z < hi; ++z)
    steps->push_back(z + 1);
  return steps;
}

/// Units u of a group to compare at: all of a small domain, else both sides of
/// each step of the kernel and the ends.
std::vector<Integer> QuantiserCheck::unitsOf(size_t element, const Group &group,
                                             const Integer &constant) {
  std::vector<Integer> units{group.lo, group.hi};
  if (group.hi - group.lo < kAllPoints) {
    units.clear();
    for (Integer u = group.lo; u <= group.hi; ++u)
      units.push_back(u);
    return units;
  }
  if (group.stride == 0)
    return units; // the exact side is monotone
  auto steps =
      breaks(element, toInt64(Integer(constant + group.stride * group.lo)),
             toInt64(Integer(constant + group.stride * group.hi)));
  if (!steps) {
    result.mismatch(describe(op.getLoc()) + ", element " +
                    std::to_string(element) +
                    ": a kernel of more steps than can be listed");
    return units;
  }
  for (int64_t step : *steps) {
    Integer above;
    mpz_cdiv_q(above.get_mpz_t(),
               Integer(toInteger(step) - constant).get_mpz_t(),
               group.stride.get_mpz_t());
    for (const Integer &u : {Integer(above - 1), above})
      if (u >= group.lo && u <= group.hi)
        units.push_back(u);
  }
  std::sort(units.begin(), units.end());
  units.erase(std::unique(units.begin(), units.end()), units.end());
  return units;
}

void QuantiserCheck::addPoints(size_t element, const Group &group,
                               const Rational &offset,
                               const Integer &constant) {
  for (const Integer &u : unitsOf(element, group, constant))
    points[element].push_back({offset + group.slope * u,
                               toInt64(Integer(constant + group.stride * u))});
}

void QuantiserCheck::comparePoints() {
  size_t rounds = 0;
  for (const std::vector<Point> &list : points)
    rounds = std::max(rounds, list.size());
  std::vector<Rational> values(points.size());
  for (size_t round = 0; round < rounds; ++round) {
    for (size_t e = 0; e < points.size(); ++e)
      if (round < points[e].size())
        values[e] = points[e][round].x;
    auto codes = symbolic.codes(chain, values);
    if (failed(codes)) {
      result.mismatch(describe(op.getLoc()) + ": undecided");
      return;
    }
    for (size_t e = 0; e < points.size(); ++e) {
      if (round >= points[e].size())
        continue;
      ++result.elements;
      int64_t z = points[e][round].z;
      int64_t exact = integerOf(quantiser, (*codes)[e], ownChannels[e]);
      if (int64_t integer = kernel(z, e); integer != exact)
        report(e, std::to_string(z), exact, integer);
    }
  }
}

//===----------------------------------------------------------------------===//
// Two groups: half planes
//===----------------------------------------------------------------------===//

static bool movesNothing(Operation *op) {
  return isa<qonnx::ReshapeOp, qonnx::TransposeOp>(op);
}

std::optional<Levels> QuantiserCheck::makeLevels(qonnx::QuantOp first,
                                                 size_t channel,
                                                 ArrayRef<Operation *> rest) {
  Quantiser own = qonnx::toQuantiser(first.getQuantiser());
  Levels levels;
  int64_t lo = own.bipolar ? -1 : own.lo;
  std::vector<exact::CodeBoundary> boundaries =
      symbolic.boundaries(first, channel);
  if (llvm::all_of(rest, movesNothing)) {
    levels.lowest = integerOf(own, lo, channel);
    for (const exact::CodeBoundary &boundary : boundaries)
      levels.steps.emplace_back(integerOf(own, boundary.code, channel),
                                boundary);
    return levels;
  }
  // What the rest of the chain makes of each code of its first quantiser.
  auto type = cast<RankedTensorType>(first.getType());
  exact::ValueGrid grid = gridOf(own, type.getShape());
  exact::Chain behind{first.getResult(), {rest.begin(), rest.end()}};
  auto finalOf = [&](int64_t code) -> std::optional<int64_t> {
    std::vector<Rational> values;
    for (size_t e = 0; e < grid.scale.size(); ++e)
      values.push_back(grid.scale[e] *
                           toInteger(integerOf(own, code, channel)) +
                       grid.offset[e]);
    auto codes = symbolic.codes(behind, values);
    if (failed(codes))
      return std::nullopt;
    return integerOf(quantiser, (*codes)[0], 0);
  };
  auto reached = finalOf(lo);
  if (!reached || own.axis >= 0 || quantiser.axis >= 0)
    return std::nullopt;
  levels.lowest = *reached;
  for (const exact::CodeBoundary &boundary : boundaries) {
    auto next = finalOf(boundary.code);
    if (!next || *next < *reached)
      return std::nullopt;
    while (*reached < *next)
      levels.steps.emplace_back(++*reached, boundary);
  }
  return levels;
}

const Levels *QuantiserCheck::levelsOf(size_t element) {
  ArrayRef<Operation *> ops = chain.ops;
  while (movesNothing(ops.front()))
    ops = ops.drop_front();
  auto first = dyn_cast<qonnx::QuantOp>(ops.front());
  if (!first)
    return nullptr;
  auto shape = cast<RankedTensorType>(first.getType()).getShape();
  int64_t axis = first.getQuantiser().getAxis();
  int64_t channel = axis < 0 ? 0 : channelIndices(shape, axis)[element];
  auto [found, isNew] = levelCache.try_emplace(channel);
  if (isNew)
    found->second = makeLevels(first, channel, ops.drop_front());
  return found->second ? &*found->second : nullptr;
}

/// Where a half plane lies: +1 holds the whole box, -1 none of it.
static int sideOf(const HalfPlane &plane, const Box &box) {
  auto bounds = [](const Integer &a, const Integer &lo, const Integer &hi) {
    Integer first = a * lo, second = a * hi;
    return first < second ? std::pair(first, second) : std::pair(second, first);
  };
  auto x = bounds(plane.a, box.xLo, box.xHi);
  auto y = bounds(plane.b, box.yLo, box.yHi);
  if (x.first + y.first >= plane.c)
    return 1;
  return x.second + y.second < plane.c ? -1 : 0;
}

void QuantiserCheck::compareLevels(size_t element, const Operand &operand,
                                   const Levels &levels, Interval range) {
  const Group &first = operand.groups[0], &second = operand.groups[1];
  Box box{first.lo, first.hi, second.lo, second.hi};
  auto integerAt = [&](const Integer &u, const Integer &v) {
    return Integer(operand.constant + first.stride * u + second.stride * v);
  };
  int64_t lo = toInt64(integerAt(first.lo, second.lo));
  int64_t hi = toInt64(integerAt(first.hi, second.hi));
  auto steps = breaks(element, lo, hi);
  int64_t value = kernel(lo, element);
  std::map<int64_t, int64_t> reachedAt; // level to operand
  int64_t lowest = value;
  for (int64_t step : steps.value_or(std::vector<int64_t>())) {
    int64_t next = kernel(step, element);
    if (next < value)
      return report(element, std::to_string(step), value, next);
    while (value < next && value != INT64_MIN)
      reachedAt[++value] = step;
  }
  int64_t highest =
      levels.steps.empty() ? levels.lowest : levels.steps.back().first;
  ++result.elements;
  if (!steps || lowest < levels.lowest)
    return report(element, std::to_string(lo), levels.lowest, lowest);
  if (value > highest)
    return report(element, std::to_string(hi), highest, value);
  Integer common = lcm(first.slope.get_den(), second.slope.get_den());
  Integer a(first.slope * common), b(second.slope * common);
  for (const auto &[level, boundary] : levels.steps) {
    ++result.elements;
    Rational bound = (boundary.at - operand.offset) * common;
    HalfPlane exact{
        a, b, boundary.reached ? ceilOf(bound) : Integer(floorOf(bound) + 1)};
    HalfPlane integer{first.stride, second.stride,
                      toInteger(lo) - operand.constant};
    if (level > lowest) {
      auto step = reachedAt.find(level);
      integer.c = (step == reachedAt.end() ? toInteger(hi) + 1
                                           : toInteger(step->second)) -
                  operand.constant;
    }
    int side = sideOf(exact, box);
    if (side && side == sideOf(integer, box))
      continue;
    if (auto point = difference(exact, integer, box)) {
      Integer z = integerAt(point->first, point->second);
      // Groups that depend on one another do not fill their box; the kernel
      // need not be right where its operand cannot be.
      if (!first.tight || !second.tight || z < toInteger(range.first) ||
          z > toInteger(range.second)) {
        compareSampled(element, levels);
        continue;
      }
      Rational x = operand.offset + first.slope * point->first +
                   second.slope * point->second;
      report(element,
             z.get_str() + " (" + point->first.get_str() + ", " +
                 point->second.get_str() + ")",
             levels.at(x), kernel(toInt64(z), element));
    }
  }
}

void QuantiserCheck::compareSampled(size_t element, const Levels &levels) {
  if (sampled == element)
    return;
  sampled = element;
  note(element, "dependent terms, sampled");
  auto found = sampleDependent({(*exactElements)[element],
                                (*integerElements)[element], atomRanges, levels,
                                [&](int64_t z) { return kernel(z, element); }},
                               result.elements);
  if (found)
    report(element, std::to_string(found->operand), found->exact,
           found->kernel);
}

//===----------------------------------------------------------------------===//
// One quantiser
//===----------------------------------------------------------------------===//

/// Further groups are tried value by value, the largest two (or one) as above.
void QuantiserCheck::compareElement(size_t element, Operand operand,
                                    Interval range, int64_t combinations) {
  std::vector<Group> &groups = operand.groups;
  if (groups.empty()) {
    points[element].push_back({operand.offset, toInt64(operand.constant)});
    return;
  }
  if (groups.size() == 1 && groups[0].stride != 0) {
    Group group = groups[0];
    if (!group.tight && !terms.empty())
      if (const Levels *levels = levelsOf(element))
        return compareSampled(element, *levels);
    Rational ratio = group.slope / group.stride;
    // Every integer that the kernel was made for, reachable or not.
    if (isDyadic(ratio) && terms.empty())
      group = {ratio, 1, toInteger(range.first) - operand.constant,
               toInteger(range.second) - operand.constant};
    return addPoints(element, group, operand.offset, operand.constant);
  }
  llvm::stable_sort(groups, [](const Group &a, const Group &b) {
    return a.hi - a.lo > b.hi - b.lo;
  });
  const Levels *levels = levelsOf(element);
  bool dependent = llvm::any_of(groups, [](auto &g) { return !g.tight; });
  if (groups.size() > 2 && levels && dependent)
    return compareSampled(element, *levels);
  if (groups.size() == 2 && levels)
    return compareLevels(element, operand, *levels, range);
  if (groups.size() == 1)
    return addPoints(element, groups[0], operand.offset, operand.constant);
  // So many values of each further group that all together stay bounded.
  size_t further = groups.size() - (levels ? 2 : 1);
  Integer most = toInteger(
      std::max<int64_t>(1, std::pow(double(combinations), 1.0 / further)));
  Group last = std::move(groups.back());
  groups.pop_back();
  Integer count = last.hi - last.lo + 1;
  Integer stride = 1;
  if (count > most) {
    stride = count / most;
    note(element, "terms of more than two scales, sampled");
  }
  combinations /= toInt64(std::min(count, most));
  for (Integer u = last.lo; u <= last.hi; u += stride) {
    Operand fixed = operand;
    fixed.offset += last.slope * u;
    fixed.constant += last.stride * u;
    if (fixed.groups.size() == 1)
      addPoints(element, fixed.groups[0], fixed.offset, fixed.constant);
    else
      compareElement(element, std::move(fixed), range, combinations);
    if (result.mismatches > 1000)
      return;
  }
}

int64_t QuantiserCheck::combinationsFor(size_t element) {
  const Levels *levels = levelsOf(element);
  size_t comparisons = points.size() * (levels ? levels->steps.size() + 1 : 1);
  return std::clamp(kMaxComparisons / int64_t(comparisons), kMinCombinations,
                    kMaxCombinations);
}

void QuantiserCheck::run(
    qonnx::QuantOp quant, Value code,
    function_ref<std::optional<Ranges>(Value)> rangeOfValue) {
  op = quant;
  auto foundChain = symbolic.chainOf(op);
  auto foundTail = graph.tailOf(code);
  if (!foundChain || !foundTail) {
    result.notes.push_back(
        {describe(op.getLoc()), "not alone between codes, not checked"});
    return;
  }
  chain = std::move(*foundChain);
  tail = std::move(*foundTail);
  quantiser = qonnx::toQuantiser(op.getQuantiser());
  auto shape = cast<RankedTensorType>(op.getType()).getShape();
  ownChannels = channelIndices(shape, quantiser.axis);
  const auto &exact = symbolic.polynomial(chain.foot)->elements;
  const Polynomials &integer = *graph.polynomials(tail.foot);
  channels = cast<RankedTensorType>(code.getType()).getShape().back();
  std::optional<Ranges> ranges = rangeOfValue(tail.foot);
  if (exact.size() != integer.size() || !ranges) {
    result.mismatch(
        describe(op.getLoc()) + ": " + std::to_string(exact.size()) +
        " elements, the kernel has " + std::to_string(integer.size()));
    return;
  }
  points.assign(exact.size(), {});
  levelCache.clear();
  exactElements = &exact;
  integerElements = &integer;
  terms.clear();
  // A sum that is itself a code is the operand as it stands.
  if (!tail.ops.empty() && !graph.atomsOf(tail.foot))
    for (Value term : graph.dialect().terms(tail.ops.front()))
      terms.push_back(graph.polynomials(term));
  if (llvm::is_contained(terms, nullptr))
    terms.clear();
  sampled = SIZE_MAX;
  // Steps of a sequence repeat the same kernels.
  std::set<std::tuple<size_t, int64_t, Rational, Rational, Integer>> seen;
  for (size_t e = 0; e < exact.size(); ++e) {
    std::vector<const exact::Polynomial *> summands;
    for (const Polynomials *term : terms)
      summands.push_back(&(*term)[e % term->size()]);
    Operand operand = makeOperand(exact[e], integer[e], summands, atomRanges);
    Interval range = (*ranges)[ranges->size() == 1 ? 0 : e % ranges->size()];
    if (operand.groups.size() == 1 && exact.size() > channels) {
      const Group &group = operand.groups[0];
      if (group.stride != 0 && isDyadic(group.slope / group.stride) &&
          !seen.insert({e % channels, ownChannels[e],
                        group.slope / group.stride, operand.offset,
                        operand.constant})
               .second)
        continue;
    }
    compareElement(e, std::move(operand), range, combinationsFor(e));
  }
  comparePoints();
}
