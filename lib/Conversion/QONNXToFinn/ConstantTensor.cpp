//===- ConstantTensor.cpp - Values known at compile time ------------------===//

#include "ConstantTensor.h"
#include "finngl/Support/Indexing.h"
#include "finngl/Support/IntElements.h"
#include "llvm/ADT/TypeSwitch.h"
#include <cmath>

using namespace mlir;
using namespace finngl;

static ArrayRef<int64_t> shapeOf(Value value) {
  return cast<RankedTensorType>(value.getType()).getShape();
}

/// Elements between neighbours of dimension `axis` (1 if axis is -1).
static size_t strideOf(ArrayRef<int64_t> shape, int64_t axis) {
  size_t stride = 1;
  for (size_t d = size_t(axis + 1); d < shape.size(); ++d)
    stride *= shape[d];
  return stride;
}

static size_t indexOnAxis(ArrayRef<int64_t> shape, int64_t axis, size_t i) {
  return axis < 0 ? 0 : i / strideOf(shape, axis) % shape[axis];
}

size_t ConstantTensor::scaleIndex(size_t i) const {
  return scale.size() == 1 ? 0 : indexOnAxis(shape, axis, i);
}

Rational ConstantTensor::exact(size_t i) const {
  if (!isQuantised())
    return toRational(values[i]);
  return toInteger(levels[i]) * toRational(scale[scaleIndex(i)]);
}

float ConstantTensor::float32(size_t i) const {
  return isQuantised() ? float(levels[i]) * scale[scaleIndex(i)] : values[i];
}

static ConstantTensor emptyLike(Value value) {
  ConstantTensor tensor;
  tensor.shape.assign(shapeOf(value).begin(), shapeOf(value).end());
  return tensor;
}

//===----------------------------------------------------------------------===//
// Quantised constants
//===----------------------------------------------------------------------===//

/// Bits that make every zero point an integer; nothing above 16.
static std::optional<unsigned> fractionBits(const std::vector<float> &values) {
  for (unsigned bits = 0; bits <= 16; ++bits)
    if (llvm::all_of(values, [&](float value) {
          float shifted = std::ldexp(value, int(bits));
          return shifted == std::nearbyint(shifted);
        }))
      return bits;
  return std::nullopt;
}

/// levels = (code - zero point) on a grid fine enough for the zero point.
template <typename CodeOf>
static Result<ConstantTensor> withCodes(ConstantTensor result,
                                        const Quantiser &q, size_t count,
                                        CodeOf codeOf) {
  std::optional<unsigned> bits = q.bipolar ? 0u : fractionBits(q.zeroPoint);
  if (!bits)
    return Failure{"a constant with a zero point of more than 16 fraction bits",
                   "use an integer zero point"};
  result.axis = q.axis;
  result.scale = q.scale;
  size_t channels = std::max(q.scale.size(), q.zeroPoint.size());
  for (float &scale : result.scale)
    scale = std::ldexp(scale, -int(*bits));
  result.levels.resize(count);
  for (size_t i = 0; i < count; ++i) {
    size_t c = channels == 1 ? 0 : indexOnAxis(result.shape, q.axis, i);
    int64_t zeroPoint =
        q.bipolar ? 0 : int64_t(std::ldexp(q.zeroPointAt(c), int(*bits)));
    result.levels[i] = codeOf(i, c) * (int64_t(1) << *bits) - zeroPoint;
  }
  return result;
}

using Operands = ArrayRef<const ConstantTensor *>;

static Result<ConstantTensor> fold(qonnx::QuantOp op, Operands operands) {
  const ConstantTensor &input = *operands[0];
  Quantiser q = qonnx::toQuantiser(op.getQuantiser());
  for (size_t i = 0; i < input.size(); ++i)
    if (!std::isfinite(input.float32(i)))
      return Failure{"a constant that is not finite", "check the model's data"};
  return withCodes(emptyLike(op), q, input.size(), [&](size_t i, size_t c) {
    return q.codeFloat32(input.float32(i), c);
  });
}

static Quantiser linearQuantiser(ArrayRef<float> scale,
                                 ArrayRef<int64_t> zeroPoint, int64_t axis) {
  Quantiser q;
  q.scale.assign(scale.begin(), scale.end());
  q.zeroPoint.assign(zeroPoint.begin(), zeroPoint.end());
  q.axis = axis;
  return q;
}

/// An integer constant: levels without a scale of its own (scale 1).
static Result<ConstantTensor> fold(qonnx::DequantizeLinearOp op,
                                   Operands operands) {
  const ConstantTensor &input = *operands[0];
  if (!input.isQuantised())
    return Failure{"a dequantised constant that holds no integers", ""};
  return withCodes(
      emptyLike(op),
      linearQuantiser(op.getScale(), op.getZeroPoint(), op.getAxis()),
      input.size(), [&](size_t i, size_t) { return input.levels[i]; });
}

static Result<ConstantTensor> fold(qonnx::ConstantOp op, Operands) {
  ConstantTensor result = emptyLike(op);
  auto dense = dyn_cast<DenseElementsAttr>(op.getValue());
  if (!dense)
    return Failure{"a constant without inline data", ""};
  if (isa<IntegerType>(dense.getElementType())) {
    result.levels = intElements(dense);
    result.scale = {1.0f};
  } else {
    auto values = dense.getValues<float>();
    result.values.assign(values.begin(), values.end());
  }
  return result;
}

//===----------------------------------------------------------------------===//
// Shapes
//===----------------------------------------------------------------------===//

static Result<ConstantTensor> fold(qonnx::ReshapeOp op, Operands operands) {
  ConstantTensor result = *operands[0];
  ArrayRef<int64_t> before = operands[0]->shape, after = shapeOf(op);
  result.shape.assign(after.begin(), after.end());
  if (result.scale.size() <= 1)
    return result;
  // The axis keeps its extent and its stride, or the scales lose their place.
  for (size_t d = 0; d < after.size(); ++d)
    if (after[d] == before[result.axis] &&
        strideOf(after, d) == strideOf(before, result.axis)) {
      result.axis = d;
      return result;
    }
  return Failure{"a reshape of a constant that splits the axis of its scales",
                 "quantise the constant after the reshape"};
}

static Result<ConstantTensor> fold(qonnx::TransposeOp op, Operands operands) {
  const ConstantTensor &input = *operands[0];
  ConstantTensor result = emptyLike(op);
  result.scale = input.scale;
  size_t rank = result.shape.size(), count = input.size();
  SmallVector<size_t, 4> stride(rank), index(rank, 0);
  for (size_t d = 0; d < rank; ++d) {
    stride[d] = strideOf(input.shape, op.getPerm()[d]);
    if (op.getPerm()[d] == input.axis)
      result.axis = d;
  }
  (input.isQuantised() ? (void)result.levels.resize(count)
                       : (void)result.values.resize(count));
  size_t from = 0;
  for (size_t i = 0; i < count; ++i) {
    if (input.isQuantised())
      result.levels[i] = input.levels[from];
    else
      result.values[i] = input.values[from];
    for (size_t d = rank; d-- > 0;) { // next index, last dimension first
      from += stride[d];
      if (++index[d] < size_t(result.shape[d]))
        break;
      from -= stride[d] * result.shape[d];
      index[d] = 0;
    }
  }
  return result;
}

/// Scales follow their positions.
static Result<ConstantTensor> fold(qonnx::GatherOp op, Operands operands) {
  const ConstantTensor &input = *operands[0];
  ConstantTensor result = emptyLike(op);
  for (int64_t from :
       gatherIndices(input.shape, op.getAxis(), op.getIndices())) {
    if (input.isQuantised())
      result.levels.push_back(input.levels[size_t(from)]);
    else
      result.values.push_back(input.values[size_t(from)]);
  }
  result.axis = input.axis;
  result.scale = input.scale;
  if (input.scale.size() <= 1 || input.axis != int64_t(op.getAxis()))
    return result;
  result.scale.clear();
  for (int64_t position : op.getIndices())
    result.scale.push_back(input.scale[size_t(position)]);
  return result;
}

//===----------------------------------------------------------------------===//
// float32 arithmetic
//===----------------------------------------------------------------------===//

/// Index into an operand that broadcasts to `shape`.
static size_t broadcastIndex(ArrayRef<int64_t> operand, ArrayRef<int64_t> shape,
                             size_t i) {
  size_t result = 0, stride = 1;
  for (size_t d = 0; d < operand.size(); ++d) {
    size_t outer = shape[shape.size() - 1 - d];
    size_t extent = operand[operand.size() - 1 - d];
    result += extent == 1 ? 0 : i % outer * stride;
    i /= outer;
    stride *= extent;
  }
  return result;
}

template <typename Function>
static Result<ConstantTensor> elementwise(Operation *op, Operands operands,
                                          Function function) {
  ConstantTensor result = emptyLike(op->getResult(0));
  int64_t count = ShapedType::getNumElements(result.shape);
  for (int64_t i = 0; i < count; ++i) {
    float values[2] = {0, 0};
    for (size_t k = 0; k < operands.size(); ++k)
      values[k] = operands[k]->float32(
          broadcastIndex(operands[k]->shape, result.shape, i));
    result.values.push_back(function(values[0], values[1]));
  }
  return result;
}

static Result<ConstantTensor> fold(qonnx::AddOp op, Operands operands) {
  return elementwise(op, operands, [](float a, float b) { return a + b; });
}
static Result<ConstantTensor> fold(qonnx::SubOp op, Operands operands) {
  return elementwise(op, operands, [](float a, float b) { return a - b; });
}
static Result<ConstantTensor> fold(qonnx::MulOp op, Operands operands) {
  return elementwise(op, operands, [](float a, float b) { return a * b; });
}
static Result<ConstantTensor> fold(qonnx::NegOp op, Operands operands) {
  return elementwise(op, operands, [](float a, float) { return -a; });
}
static Result<ConstantTensor> fold(qonnx::ReluOp op, Operands operands) {
  return elementwise(op, operands,
                     [](float a, float) { return std::max(a, 0.0f); });
}

static Result<ConstantTensor> fold(qonnx::ClipOp op, Operands operands) {
  double lo = op.getMin().convertToDouble(), hi = op.getMax().convertToDouble();
  const ConstantTensor &input = *operands[0];
  if (isa<FloatType>(getElementTypeOrSelf(op.getType())))
    return elementwise(op, operands, [&](float a, float) {
      return float(std::clamp(double(a), lo, hi));
    });
  ConstantTensor result = input;
  for (int64_t &level : result.levels)
    level = int64_t(std::clamp(double(level), lo, hi));
  return result;
}

Result<ConstantTensor> finngl::evaluateConstant(Operation *op,
                                                Operands operands) {
  using namespace qonnx;
  return llvm::TypeSwitch<Operation *, Result<ConstantTensor>>(op)
      .Case<ConstantOp, QuantOp, DequantizeLinearOp, ClipOp, AddOp, SubOp,
            MulOp, NegOp, ReluOp, ReshapeOp, TransposeOp, GatherOp>(
          [&](auto typed) { return fold(typed, operands); })
      .Default([](Operation *op) {
        return Failure{
            ("'" + op->getName().getStringRef() + "' of constants").str(),
            "fold it in the model"};
      });
}
