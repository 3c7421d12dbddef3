//===- ExactQuantise.cpp - Decisions of level exact -----------------------===//

#include "ExactDomain.h"
#include "llvm/ADT/STLExtras.h"
#include <numeric>

using namespace mlir;
using namespace finngl;
using namespace finngl::exact;

ExactDomain::Prepared &ExactDomain::prepare(qonnx::QuantOp op) {
  std::unique_ptr<Prepared> &prepared = quantisers[op];
  if (prepared)
    return *prepared;
  prepared = std::make_unique<Prepared>();
  Quantiser &quantiser = prepared->quantiser;
  quantiser = qonnx::toQuantiser(op.getQuantiser());
  size_t count = std::max(quantiser.scale.size(), quantiser.zeroPoint.size());
  for (size_t channel = 0; channel < count; ++channel)
    prepared->channels.emplace_back(quantiser, channel);
  return *prepared;
}

/// `(code - zeroPoint) * scale`, both exactly the float32 parameters.
FixedTensor ExactDomain::valuesOfCodes(const Quantiser &quantiser,
                                       ArrayRef<int64_t> codes,
                                       const Indices &channels) {
  FixedTensor levels = fromIntegers(codes);
  std::vector<float> scales, zeroPoints;
  for (int64_t channel : channels) {
    scales.push_back(quantiser.scaleAt(channel));
    zeroPoints.push_back(quantiser.bipolar ? 0.0f
                                           : quantiser.zeroPointAt(channel));
  }
  levels = add(levels, negate(fromFloats(zeroPoints)));
  return multiply(levels, fromFloats(scales));
}

FixedTensor exact::element(const FixedTensor &tensor, size_t i) {
  return {{tensor.numerators[i]}, tensor.exponent, tensor.divisor};
}

static Decision decideFixed(const ChannelQuantiser &quantiser,
                            const FixedTensor &value) {
  return quantiser.decide(value.numerators[0], value.exponent, value.divisor);
}

/// 1 / sqrt(x) where the root is rational.
static std::optional<FixedTensor> rationalInverseSqrt(const FixedTensor &x) {
  // An odd power of two goes into the numerator; sqrt(n / d) = sqrt(n d) / d.
  Integer square = x.numerators[0] * x.divisor;
  if (x.exponent % 2 != 0)
    square *= 2;
  if (!mpz_perfect_square_p(square.get_mpz_t()))
    return std::nullopt;
  int64_t exponent = (x.exponent - (x.exponent % 2 != 0)) / 2;
  return FixedTensor{{x.divisor}, -exponent, sqrt(square)};
}

/// x / (1 + |x|), of x = n / d: n / (d + |n|).
static FixedTensor softsign(const FixedTensor &x) {
  Integer top = x.numerators[0], bottom = x.divisor;
  (x.exponent < 0 ? bottom : top) <<= std::abs(x.exponent);
  return {{top}, 0, Integer(bottom + abs(top))};
}

std::optional<FixedTensor> exact::rationalValue(Function function,
                                                const FixedTensor &argument) {
  if (function == Function::InverseSqrt)
    return rationalInverseSqrt(argument);
  if (function == Function::Softsign)
    return softsign(argument);
  if (argument.numerators[0] != 0)
    return std::nullopt;
  return function == Function::Sigmoid ? FixedTensor{{1}, -1}
                                       : FixedTensor{{0}};
}

/// Refines the enclosure until both of its ends have one code: quantisers are
/// monotone, so then the value between them has it too.
FailureOr<Decision> ExactDomain::decideTerm(qonnx::QuantOp op,
                                            const ChannelQuantiser &quantiser,
                                            const Value &input, size_t i) {
  const Term &term = *input.term;
  FixedTensor argument = element(term.argument, i);
  FixedTensor factor = element(term.factor, i);
  auto decideAt = [&](const FixedTensor &value) {
    FixedTensor total = add(multiply(factor, value), element(input.fixed, i));
    return decideFixed(quantiser, clip(total, term.lower, term.upper));
  };
  if (factor.numerators[0] == 0)
    return decideAt({{0}});
  if (auto rational = rationalValue(term.function, argument))
    return decideAt(*rational);
  Decision low{0, 0}, high{0, 0};
  for (unsigned bits = 64; bits <= options.maxPrecisionBits; bits *= 2) {
    Enclosure enclosure = enclose(term.function, argument, bits);
    low = decideAt({{enclosure.low.numerator}, enclosure.low.exponent});
    high = decideAt({{enclosure.high.numerator}, enclosure.high.exponent});
    if (low.code == high.code)
      return low;
  }
  return op.emitError() << "cannot decide the code of " << nameOf(term.function)
                        << "(" << argument.at(0).get_str() << ") within "
                        << options.maxPrecisionBits
                        << " bits: " << std::min(low.code, high.code) << " or "
                        << std::max(low.code, high.code);
}

FailureOr<Decision> ExactDomain::decide(qonnx::QuantOp op, Prepared &prepared,
                                        const Value &input, size_t i,
                                        size_t channel) {
  const ChannelQuantiser &quantiser =
      prepared.channels[prepared.channels.size() == 1 ? 0 : channel];
  const FixedTensor &fixed = input.fixed;
  if (!input.term)
    return quantiser.decide(fixed.numerators[i], fixed.exponent, fixed.divisor);
  const Term &term = *input.term;
  bool bare = fixed.numerators[i] == 0 && term.factor.numerators[i] == 1 &&
              term.factor.exponent == 0 && term.factor.divisor == 1 &&
              term.argument.divisor == 1 && !term.isClipped();
  if (!bare)
    return decideTerm(op, quantiser, input, i);
  auto key = std::make_tuple(term.argument.exponent, channel,
                             term.argument.numerators[i]);
  if (auto found = prepared.decided.find(key); found != prepared.decided.end())
    return found->second;
  auto decision = decideTerm(op, quantiser, input, i);
  if (succeeded(decision))
    prepared.decided.emplace(std::move(key), *decision);
  return decision;
}

FailureOr<ExactValue> ExactDomain::quantise(qonnx::QuantOp op,
                                            const Value &input, int64_t visit) {
  Prepared &prepared = prepare(op);
  Indices channels = channelIndices(input.shape, prepared.quantiser.axis);
  Value result;
  result.shape = input.shape;
  std::vector<double> distances;
  for (size_t i = 0; i < channels.size(); ++i) {
    auto decision = decide(op, prepared, input, i, channels[i]);
    if (failed(decision))
      return failure();
    result.codes.push_back(decision->code);
    distances.push_back(decision->distance);
  }
  result.fixed = valuesOfCodes(prepared.quantiser, result.codes, channels);
  if (options.onQuantiser)
    options.onQuantiser({op, visit, result.codes, distances});
  return result;
}

/// Positions of a line's elements, the largest first; of equal ones the first,
/// or the last.
static std::vector<size_t> ranked(const FixedTensor &tensor,
                                  const Indices &line, bool selectLast) {
  std::vector<size_t> positions(line.size());
  std::iota(positions.begin(), positions.end(), 0);
  llvm::stable_sort(positions, [&](size_t a, size_t b) {
    int order = cmp(tensor.numerators[line[a]], tensor.numerators[line[b]]);
    return order > 0 || (order == 0 && selectLast && a > b);
  });
  return positions;
}

/// How far element `rank` of a line, largest first, is from those beside it.
static double distanceToNext(const FixedTensor &tensor, const Indices &line,
                             llvm::ArrayRef<size_t> positions, size_t rank) {
  double least = std::numeric_limits<double>::infinity();
  auto gapBelow = [&](size_t above) {
    Integer gap = tensor.numerators[line[positions[above]]] -
                  tensor.numerators[line[positions[above + 1]]];
    FixedTensor distance{{gap}, tensor.exponent, tensor.divisor};
    least = std::min(least, distance.at(0).get_d());
  };
  if (rank > 0)
    gapBelow(rank - 1);
  if (rank + 1 < positions.size())
    gapBelow(rank);
  return least;
}

FailureOr<ExactValue> ExactDomain::argMax(qonnx::ArgMaxOp op,
                                          const Value &input, int64_t visit) {
  if (input.term)
    return refuseTerm(op);
  Value result;
  result.shape = resultShape(op);
  result.codes.resize(elementCount(result.shape));
  std::vector<double> distances(result.codes.size());
  for (auto [from, to] : llvm::zip(linesAlong(input.shape, op.getAxis()),
                                   linesAlong(result.shape, op.getAxis()))) {
    auto positions = ranked(input.fixed, from, op.getSelectLast());
    for (size_t rank = 0; rank < to.size(); ++rank) {
      result.codes[to[rank]] = int64_t(positions[rank]);
      distances[to[rank]] = distanceToNext(input.fixed, from, positions, rank);
    }
  }
  result.fixed = fromIntegers(result.codes);
  if (options.onQuantiser)
    options.onQuantiser({op, visit, result.codes, distances});
  return result;
}

FailureOr<ExactValue> ExactDomain::topK(qonnx::TopKOp op, const Value &input) {
  if (input.term)
    return refuseTerm(op);
  Value result;
  result.shape = resultShape(op);
  Indices chosen(elementCount(result.shape));
  for (auto [from, to] : llvm::zip(linesAlong(input.shape, op.getAxis()),
                                   linesAlong(result.shape, op.getAxis()))) {
    auto positions = ranked(input.fixed, from, /*selectLast=*/false);
    for (size_t rank = 0; rank < to.size(); ++rank)
      chosen[to[rank]] = from[positions[rank]];
  }
  result.fixed = exact::gather(input.fixed, chosen);
  return result;
}
