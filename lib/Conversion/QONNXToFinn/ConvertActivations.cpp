//===- ConvertActivations.cpp - Quantisers and what they absorb -----------===//
//
// An activation is no number of its own: it waits as a chain of steps until a
// quantiser turns it into codes.
//
//===----------------------------------------------------------------------===//

#include "Converter.h"

using namespace mlir;
using namespace finngl;
using Kind = Converted::Kind;

static ArrayRef<int64_t> shapeOf(Value value) {
  return cast<RankedTensorType>(value.getType()).getShape();
}

static Failure notOfChannels(int64_t axis) {
  return {"a quantiser per index of axis " + std::to_string(axis) +
              ", which is not the axis of the channels",
          "quantise per tensor or per channel"};
}

/// True if each parameter is that of one channel, in their order.
static bool isOfChannels(qonnx::QuantOp op, const Converted &input) {
  qonnx::QuantiserAttr quantiser = op.getQuantiser();
  int64_t axis = quantiser.getAxis();
  return axis < 0 || (axis == channelAxis(shapeOf(op)) &&
                      shapeOf(op)[axis] == input.form.channels());
}

/// The quantiser with one parameter a channel of the value that it quantises.
static Result<Quantiser> channelQuantiser(qonnx::QuantOp op,
                                          const Converted &input) {
  Quantiser quantiser = qonnx::toQuantiser(op.getQuantiser());
  if (quantiser.scale.size() == 1 && quantiser.zeroPoint.size() == 1)
    return quantiser;
  int64_t axis = quantiser.axis;
  if (input.layout.isPlain() && isOfChannels(op, input))
    return quantiser;
  auto channels = input.layout.perChannel(channelIndices(shapeOf(op), axis),
                                          input.form.channels());
  if (!channels)
    return notOfChannels(axis);
  auto gather = [&](std::vector<float> &parameter) {
    std::vector<float> all;
    for (int64_t channel : *channels)
      all.push_back(parameter[parameter.size() == 1 ? 0 : channel]);
    parameter = std::move(all);
  };
  gather(quantiser.scale);
  gather(quantiser.zeroPoint);
  return quantiser;
}

/// Clips alone, straight before a quantiser, are bounds of its codes: it never
/// falls, so q(clip(x, l, u)) = clip(q(x), q(l), q(u)).
static bool narrowed(Quantiser &quantiser, const ActivationChain &chain) {
  if (quantiser.bipolar || quantiser.scale.size() > 1 ||
      quantiser.zeroPoint.size() > 1)
    return false;
  Quantiser result = quantiser;
  for (const ActivationStep &step : llvm::reverse(chain)) {
    if (step.kind != ActivationStep::Kind::Clip)
      return false;
    int64_t lo = result.lo, hi = result.hi;
    if (step.lower)
      lo = result.code(*step.lower, 0);
    if (step.upper)
      hi = result.code(*step.upper, 0);
    result.lo = lo;
    result.hi = hi;
  }
  quantiser = result;
  return true;
}

Result<Converted> Converter::convertOp(qonnx::QuantOp op) {
  const Converted &input = lookup(op.getInput());
  if (input.kind == Kind::Port) {
    // convertPort has checked that all quantisers of a port are equal.
    if (!input.portQuantiser)
      return notLinear(input).value();
    if (!isOfChannels(op, input))
      return notOfChannels(op.getQuantiser().getAxis());
    return asForm(input.form, input.layout);
  }
  auto quantiser = channelQuantiser(op, input);
  if (!quantiser)
    return quantiser.failure();
  if (input.kind == Kind::Activation && !narrowed(*quantiser, input.chain))
    return asForm(quantised(emitter, input.form, input.chain, *quantiser),
                  input.layout);
  return asForm(quantised(emitter, input.form, *quantiser), input.layout);
}

Result<Converted> Converter::activated(Operation *op, ActivationStep step) {
  const Converted &input = lookup(op->getOperand(0));
  if (input.kind == Kind::Port)
    return notLinear(input).value();
  Converted result = input;
  result.absorbed.clear();
  result.kind = Kind::Activation;
  result.chain.push_back(std::move(step));
  return result;
}

Result<Converted> Converter::convertOp(qonnx::SigmoidOp op) {
  return activated(op, {.kind = ActivationStep::Kind::Sigmoid});
}

Result<Converted> Converter::convertOp(qonnx::TanhOp op) {
  return activated(op, {.kind = ActivationStep::Kind::Tanh});
}

/// A quantiser that absorbs clips reads the value, and nothing else does.
static bool onlyQuantised(Value value) {
  return llvm::all_of(value.getUsers(), [](Operation *user) {
    if (isa<qonnx::QuantOp>(user))
      return true;
    return isa<qonnx::ReluOp, qonnx::ClipOp, qonnx::LeakyReluOp,
               qonnx::BatchNormOp, qonnx::ReshapeOp, qonnx::TransposeOp>(
               user) &&
           onlyQuantised(user->getResult(0));
  });
}

Result<Converted> Converter::clipped(Operation *op,
                                     std::optional<Rational> lower,
                                     std::optional<Rational> upper) {
  const Converted &input = lookup(op->getOperand(0));
  if (input.kind == Kind::Form && !onlyQuantised(op->getResult(0)))
    if (auto form = clamped(emitter, input.form, lower, upper))
      return asForm(std::move(*form), input.layout);
  return activated(op, {.kind = ActivationStep::Kind::Clip,
                        .lower = std::move(lower),
                        .upper = std::move(upper)});
}

Result<Converted> Converter::convertOp(qonnx::SoftsignOp op) {
  return activated(op, {.kind = ActivationStep::Kind::Softsign});
}

Result<Converted> Converter::convertOp(qonnx::EluOp op) {
  return activated(op,
                   {.kind = ActivationStep::Kind::Elu,
                    .factor = {toRational(op.getAlpha().convertToFloat())}});
}

Result<Converted> Converter::convertOp(qonnx::LeakyReluOp op) {
  const Converted &input = lookup(op.getInput());
  ArrayRef<float> slopes = op.getSlope();
  ActivationStep step{.kind = ActivationStep::Kind::LeakyRelu};
  step.factor.clear();
  if (slopes.size() == 1 || input.kind == Kind::Port) {
    step.factor.push_back(toRational(slopes[0]));
    return activated(op, std::move(step));
  }
  auto channels = input.layout.perChannel(
      channelIndices(shapeOf(op), op.getAxis()), input.form.channels());
  if (!channels)
    return Failure{"a slope per index of axis " + std::to_string(op.getAxis()) +
                       ", which is not the axis of the channels",
                   "give the tensor one slope, or each channel one"};
  for (int64_t channel : *channels)
    step.factor.push_back(toRational(slopes[channel]));
  return activated(op, std::move(step));
}

Result<Converted> Converter::convertOp(qonnx::ReluOp op) {
  return clipped(op, Rational(0), std::nullopt);
}

Result<Converted> Converter::convertOp(qonnx::ClipOp op) {
  auto bound = [](const APFloat &value) {
    return value.isInfinity() ? std::optional<Rational>()
                              : toRational(value.convertToDouble());
  };
  if (isa<IntegerType>(getElementTypeOrSelf(op.getType())))
    return Failure{"a clip on integer codes",
                   "run convert-qcdq-to-quant before this pass"};
  return clipped(op, bound(op.getMin()), bound(op.getMax()));
}
