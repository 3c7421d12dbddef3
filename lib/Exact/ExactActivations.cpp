//===- ExactActivations.cpp - Elementwise functions exactly ---------------===//

#include "ExactDomain.h"
#include "llvm/ADT/TypeSwitch.h"
#include <algorithm>

using namespace mlir;
using namespace finngl;
using namespace finngl::exact;

static constexpr double kInfinity = std::numeric_limits<double>::infinity();

static FixedTensor numbers(size_t count, int value) {
  return {std::vector<Integer>(count, Integer(value))};
}

static FailureOr<ExactValue> term(Operation *op, Function function,
                                  const ExactValue &input) {
  if (input.term)
    return refuseTerm(op);
  ExactValue result;
  result.shape = input.shape;
  size_t count = input.fixed.numerators.size();
  result.fixed = numbers(count, 0);
  result.term = Term{function, input.fixed, numbers(count, 1)};
  return result;
}

/// max(x, 0) + alpha * expm1(min(x, 0)).
static FailureOr<ExactValue> elu(qonnx::EluOp op, const ExactValue &input) {
  if (input.term)
    return refuseTerm(op);
  ExactValue result;
  result.shape = input.shape;
  result.fixed = exact::clip(input.fixed, 0, kInfinity);
  Indices same(input.fixed.numerators.size(), 0);
  result.term =
      Term{Function::Expm1, exact::clip(input.fixed, -kInfinity, 0),
           exact::gather(fromDouble(op.getAlpha().convertToFloat()), same)};
  return result;
}

/// Bounds behind bounds: those of the first are clipped by the second.
static ExactValue clipped(const ExactValue &input, double lower, double upper) {
  ExactValue result;
  result.shape = input.shape;
  if (!input.term) {
    result.fixed = exact::clip(input.fixed, lower, upper);
    return result;
  }
  result.fixed = input.fixed;
  result.term = input.term;
  result.term->lower = std::clamp(input.term->lower, lower, upper);
  result.term->upper = std::clamp(input.term->upper, lower, upper);
  return result;
}

std::optional<int> ExactDomain::signOf(const Value &value, size_t i) {
  const Term &term = *value.term;
  FixedTensor argument = element(term.argument, i);
  FixedTensor factor = element(term.factor, i);
  auto signAt = [&](const FixedTensor &of) {
    return sgn(
        add(multiply(factor, of), element(value.fixed, i)).numerators[0]);
  };
  if (auto rational = rationalValue(term.function, argument))
    return signAt(*rational);
  for (unsigned bits = 64; bits <= options.maxPrecisionBits; bits *= 2) {
    Enclosure enclosure = enclose(term.function, argument, bits);
    int low = signAt({{enclosure.low.numerator}, enclosure.low.exponent});
    if (low == signAt({{enclosure.high.numerator}, enclosure.high.exponent}))
      return low;
  }
  return std::nullopt;
}

/// A term stays one: where the sum is below zero, all of it is multiplied.
FailureOr<ExactValue> ExactDomain::leakyRelu(qonnx::LeakyReluOp op,
                                             const Value &input) {
  Indices channels =
      channelIndices(input.shape, op.getSlope().size() > 1 ? op.getAxis() : -1);
  FixedTensor slope = exact::gather(fromFloats(op.getSlope()), channels);
  Value result;
  result.shape = input.shape;
  if (!input.term) {
    result.fixed = selectNegative(input.fixed, multiply(input.fixed, slope));
    return result;
  }
  if (input.term->isClipped())
    return refuseTerm(op);
  FixedTensor signs = numbers(channels.size(), 1);
  for (size_t i = 0; i < channels.size(); ++i) {
    std::optional<int> sign = signOf(input, i);
    if (!sign)
      return op.emitError()
             << "cannot tell the sign of element " << i << " within "
             << options.maxPrecisionBits << " bits";
    if (*sign < 0)
      signs.numerators[i] = -1;
  }
  FixedTensor factor = selectNegative(signs, slope);
  result.fixed = multiply(input.fixed, factor);
  result.term = input.term;
  result.term->factor = multiply(input.term->factor, factor);
  return result;
}

FailureOr<ExactValue> ExactDomain::activation(Operation *op,
                                              const Value &input) {
  return llvm::TypeSwitch<Operation *, FailureOr<Value>>(op)
      .Case(
          [&](qonnx::SigmoidOp) { return term(op, Function::Sigmoid, input); })
      .Case([&](qonnx::TanhOp) { return term(op, Function::Tanh, input); })
      .Case([&](qonnx::SoftsignOp) {
        return term(op, Function::Softsign, input);
      })
      .Case([&](qonnx::EluOp typed) { return elu(typed, input); })
      .Case([&](qonnx::LeakyReluOp typed) { return leakyRelu(typed, input); })
      .Case([&](qonnx::ReluOp) { return clipped(input, 0, kInfinity); })
      .Case([&](qonnx::ClipOp clip) {
        return clipped(input, clip.getMin().convertToDouble(),
                       clip.getMax().convertToDouble());
      });
}
