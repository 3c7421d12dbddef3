//===- ConvertClasses.cpp - Decisions between classes ---------------------===//
//
// The positions of the largest elements need the order of the elements only. So
// values of one scale and offsets of their own become integers in the same
// order, of few more bits than the values'.
//
//===----------------------------------------------------------------------===//

#include "Converter.h"
#include "finngl/Dialect/Finn/IR/Finn.h"
#include <algorithm>

using namespace mlir;
using namespace finngl;

/// The value with one scale for all channels: rows of a product take integer
/// factors.
static Result<Term> ofOneScale(FinnEmitter &emitter, const Term &term) {
  if (auto same = uniform(term.scale))
    return Term{term.value, {*same}};
  Rational common = term.scale[0];
  for (const Rational &scale : term.scale)
    common = commonDivisor(common, scale);
  std::vector<int64_t> factors;
  for (const Rational &scale : term.scale) {
    Rational factor = scale / common;
    if (!fitsInt64(factor.get_num()))
      return Failure{"channels whose scales have no common divisor within 63 "
                     "bits",
                     "give the weights of the last layer one scale"};
    factors.push_back(toInt64(factor.get_num()));
  }
  if (!emitter.isDraft() && !term.value.value.getDefiningOp<finn::MatMulOp>())
    return Failure{"the largest of quantised values with scales of their own",
                   "quantise them per tensor"};
  auto value = emitter.rowsScaled(term.value, factors);
  if (!value)
    return value.failure();
  return Term{*value, {common}};
}

/// Integers in the order of `sign * v + offset`, equal where these are: offsets
/// count by their integer part and the rank of what is left of it.
static Result<IntValue> inOrder(FinnEmitter &emitter, const IntValue &value,
                                int64_t sign, const Rationals &offset) {
  std::vector<Rational> rests;
  for (const Rational &o : offset)
    rests.push_back(o - floorOf(o));
  std::vector<Rational> ranks = rests;
  std::sort(ranks.begin(), ranks.end());
  ranks.erase(std::unique(ranks.begin(), ranks.end()), ranks.end());
  int64_t count = int64_t(ranks.size());
  std::vector<int64_t> moved;
  for (size_t c = 0; c < offset.size(); ++c) {
    auto rank = std::lower_bound(ranks.begin(), ranks.end(), rests[c]);
    Integer whole = floorOf(offset[c]) * toInteger(count) +
                    toInteger(int64_t(rank - ranks.begin()));
    if (!fitsInt64(whole))
      return Failure{"an offset of more than 63 bits in units of its value's "
                     "scale",
                     "check the bias of the last layer"};
    moved.push_back(toInt64(whole));
  }
  return emitter.lincomb(value, {sign * count}, moved);
}

/// One term of one scale, and an offset, of an operand whose channels lie along
/// `axis`.
static Result<LinearForm> rankable(FinnEmitter &emitter, const Converted &input,
                                   ArrayRef<int64_t> shape, int64_t axis) {
  if (auto refusal = notLinear(input))
    return *refusal;
  int64_t channels = input.form.channels();
  if (!input.layout.isPlain() || shape[axis] != channels ||
      (channels > 1 && axis != channelAxis(shape)))
    return Failure{"the largest element along axis " + std::to_string(axis) +
                       ", which is not the axis of the channels",
                   "transpose the value so that classes are innermost"};
  auto form = collapsed(emitter, input.form);
  if (!form)
    return form.failure();
  auto term = ofOneScale(emitter, form->terms[0]);
  if (!term)
    return term.failure();
  return LinearForm{{*term}, form->offset};
}

/// Extent of dimension `axis`.
static int64_t extentOf(Value value, int64_t axis) {
  return cast<RankedTensorType>(value.getType()).getDimSize(axis);
}

Result<Converted> Converter::convertOp(qonnx::ArgMaxOp op) {
  auto form = rankable(
      emitter, lookup(op.getInput()),
      cast<RankedTensorType>(op.getInput().getType()).getShape(), op.getAxis());
  if (!form)
    return form.failure();
  const Term &term = form->terms[0];
  const Rational &scale = term.scale[0];
  int64_t sign = scale < 0 ? -1 : 1;
  Result<IntValue> value = term.value;
  bool oneOffset = uniform(form->offset).has_value();
  if (sign < 0 || !oneOffset)
    value = inOrder(emitter, term.value, sign,
                    oneOffset ? Rationals{Rational(0)}
                              : quotient(form->offset, {Rational(abs(scale))}));
  if (value)
    value = emitter.argMax(*value, extentOf(op.getResult(), op.getAxis()),
                           op.getSelectLast());
  if (!value)
    return value.failure();
  return asForm(LinearForm{{Term{*value, {Rational(1)}}}, {Rational(0)}});
}

/// Values of the largest need more than an order: one grid for all channels.
Result<Converted> Converter::convertOp(qonnx::TopKOp op) {
  auto form = rankable(
      emitter, lookup(op.getInput()),
      cast<RankedTensorType>(op.getInput().getType()).getShape(), op.getAxis());
  if (!form)
    return form.failure();
  const Term &term = form->terms[0];
  Rational base = form->offset[0], grid = abs(term.scale[0]);
  for (const Rational &offset : form->offset)
    grid = commonDivisor(grid, offset - base);
  Rational factor = term.scale[0] / grid;
  bool fits = fitsInt64(factor.get_num());
  std::vector<int64_t> moved;
  for (const Rational &offset : form->offset) {
    Rational distance = (offset - base) / grid;
    fits &= fitsInt64(distance.get_num());
    moved.push_back(fits ? toInt64(distance.get_num()) : 0);
  }
  if (!fits)
    return Failure{"the values of the largest of channels whose scales and "
                   "offsets have no common divisor within 63 bits",
                   "quantise the bias to the scale of its channel, or use the "
                   "positions only"};
  Result<IntValue> value = term.value;
  if (factor != 1 || !uniform(form->offset))
    value = emitter.lincomb(term.value, {toInt64(factor.get_num())}, moved);
  if (value)
    value = emitter.topK(*value, extentOf(op.getResult(), op.getAxis()));
  if (!value)
    return value.failure();
  return asForm(LinearForm{{Term{*value, {grid}}}, {base}});
}

Result<Converted> Converter::convertOp(qonnx::SoftmaxOp op) {
  return Failure{op.getLog() ? "a LogSoftmax" : "a Softmax",
                 qonnx::kHeadRemedy};
}
