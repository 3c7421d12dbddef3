//===- ConvertShapes.cpp - Reshape, transpose, concat, gather -------------===//

#include "Converter.h"

using namespace mlir;
using namespace finngl;
using Kind = Converted::Kind;

static ArrayRef<int64_t> shapeOf(Value value) {
  return cast<RankedTensorType>(value.getType()).getShape();
}

//===----------------------------------------------------------------------===//
// Shapes
//===----------------------------------------------------------------------===//

/// Row-major order stays.
Result<Converted> Converter::convertOp(qonnx::ReshapeOp op) {
  Converted result = lookup(op.getInput());
  result.absorbed.clear();
  return result;
}

/// Nothing moves, elements get other names; whoever needs an order says so.
Result<Converted> Converter::convertOp(qonnx::TransposeOp op) {
  Converted result = lookup(op.getInput());
  result.absorbed.clear();
  result.layout =
      result.layout.transposed(shapeOf(op.getInput()), op.getPerm());
  return result;
}

//===----------------------------------------------------------------------===//
// Concat
//===----------------------------------------------------------------------===//

/// `[1, C, D...]` with the channels of each position together.
static bool isImage(ArrayRef<int64_t> shape, const Converted &input) {
  return shape.size() > 1 && input.form.channels() == shape[1] &&
         input.layout == Layout::channelsLast(shape);
}

/// Whether `axis` is that of the channels: what stands before it is the steps
/// of a sequence `[T, n]`, or nothing.
static bool isChannels(ArrayRef<int64_t> shape, int64_t axis,
                       const Converted &input) {
  if (isImage(shape, input))
    return axis == 1;
  return input.layout.isPlain() &&
         ShapedType::getNumElements(shape.take_front(axis)) ==
             ShapedType::getNumElements(input.form.shape().drop_back());
}

/// Rows [first, first + n) of an identity matrix with `rows` rows.
static std::vector<int64_t> selection(int64_t rows, int64_t first, int64_t n) {
  std::vector<int64_t> weights(rows * n, 0);
  for (int64_t c = 0; c < n; ++c)
    weights[(first + c) * n + c] = 1;
  return weights;
}

static Rationals compact(Rationals values) {
  auto same = uniform(values);
  return same ? Rationals{*same} : values;
}

/// One value: parts moved to their channels by selection matrices and added;
/// scales and offsets per channel.
Result<Converted> Converter::convertOp(qonnx::ConcatOp op) {
  std::vector<LinearForm> parts;
  int64_t channels = 0;
  bool images = true;
  for (Value operand : op->getOperands()) {
    const Converted &part = lookup(operand);
    if (part.kind != Kind::Form)
      return notLinear(part).value_or(
          Failure{"a concatenation with a constant",
                  "only quantised values can be concatenated"});
    images &= isImage(shapeOf(operand), part);
    auto single = collapsed(emitter, part.form);
    if (!single)
      return single.failure();
    if (!isChannels(shapeOf(operand), op.getAxis(), part))
      return Failure{"a concatenation along axis " +
                         std::to_string(op.getAxis()) +
                         ", which is not the axis of the channels",
                     "concatenate channels"};
    channels += single->channels();
    parts.push_back(std::move(*single));
  }
  SmallVector<IntValue, 4> moved;
  Rationals scale, offset;
  for (const LinearForm &part : parts) {
    int64_t n = part.channels();
    const Term &term = part.terms[0];
    auto value = emitter.matmul(
        term.value, selection(channels, int64_t(scale.size()), n), channels);
    if (!value)
      return value.failure();
    moved.push_back(*value);
    for (int64_t c = 0; c < n; ++c) {
      scale.push_back(at(term.scale, c));
      offset.push_back(at(part.offset, c));
    }
  }
  auto total =
      emitter.lincomb(moved, SmallVector<int64_t, 4>(moved.size(), 1), {0});
  if (!total)
    return total.failure();
  return asForm(LinearForm{{Term{*total, compact(scale)}}, compact(offset)},
                images ? Layout::channelsLast(shapeOf(op)) : Layout());
}

//===----------------------------------------------------------------------===//
// Gather
//===----------------------------------------------------------------------===//

/// Channels are taken by a selection matrix, with their scales and offsets.
Result<Converted> Converter::convertOp(qonnx::GatherOp op) {
  const Converted &input = lookup(op.getInput());
  if (input.kind != Kind::Form)
    return notLinear(input).value();
  ArrayRef<int64_t> positions = op.getIndices();
  ArrayRef<int64_t> shape = shapeOf(op.getInput());
  if (!isChannels(shape, op.getAxis(), input) ||
      shape[op.getAxis()] != input.form.channels())
    return Failure{"a selection along axis " + std::to_string(op.getAxis()) +
                       ", which is not the axis of the channels",
                   "use the whole sequence or its last step, which is the "
                   "scan's state; export a loop as LSTM, GRU, RNN or Scan, not "
                   "unrolled (torch.onnx.export: dynamo=False)"};
  int64_t channels = input.form.channels();
  std::vector<int64_t> selection(positions.size() * size_t(channels), 0);
  for (auto [row, position] : llvm::enumerate(positions))
    selection[row * size_t(channels) + size_t(position)] = 1;
  auto taken = [&](const Rationals &values) {
    Rationals result;
    for (int64_t position : positions)
      result.push_back(at(values, size_t(position)));
    return compact(std::move(result));
  };
  LinearForm form{{}, taken(input.form.offset)};
  for (const Term &term : input.form.terms) {
    auto value =
        emitter.matmul(term.value, selection, int64_t(positions.size()));
    if (!value)
      return value.failure();
    form.terms.push_back({*value, taken(term.scale)});
  }
  return asForm(std::move(form), isImage(shape, input)
                                     ? Layout::channelsLast(shapeOf(op))
                                     : Layout());
}
