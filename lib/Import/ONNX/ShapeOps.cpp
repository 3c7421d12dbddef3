//===- ShapeOps.cpp - Constants, shapes, transposes -----------------------===//

#include "Binder.h"
#include "Fold.h"

using namespace mlir;

namespace finngl::import {

//===----------------------------------------------------------------------===//
// Constant
//===----------------------------------------------------------------------===//

static LogicalResult constantTensor(NodeBinder &b,
                                    const onnx::TensorProto &proto) {
  std::string problem;
  auto tensor = decodeTensor(proto, std::nullopt, problem);
  if (!tensor)
    return b.error() << "its value cannot be read: " << problem;
  b.result(0, std::move(*tensor));
  return success();
}

static LogicalResult importConstant(NodeBinder &b) {
  for (const onnx::AttributeProto &attribute : b.node.attribute()) {
    OnnxTensor tensor;
    if (attribute.name() == "value")
      return constantTensor(b, attribute.t());
    if (attribute.name() == "value_float") {
      tensor.floats = {attribute.f()};
    } else if (attribute.name() == "value_floats") {
      tensor.shape = {attribute.floats_size()};
      tensor.floats.assign(attribute.floats().begin(),
                           attribute.floats().end());
    } else if (attribute.name() == "value_int") {
      tensor.type = OnnxType::Int64;
      tensor.ints = {attribute.i()};
    } else if (attribute.name() == "value_ints") {
      tensor.type = OnnxType::Int64;
      tensor.shape = {attribute.ints_size()};
      tensor.ints.assign(attribute.ints().begin(), attribute.ints().end());
    } else {
      continue;
    }
    b.result(0, std::move(tensor));
    return success();
  }
  InFlightDiagnostic message =
      b.error() << "expects a dense value of numbers, got "
                << (b.node.attribute_size() ? b.node.attribute(0).name()
                                            : std::string("no attribute"));
  message.attachNote() << "legal attributes: value, value_float, value_floats, "
                          "value_int, value_ints";
  return failure();
}

//===----------------------------------------------------------------------===//
// Shapes
//===----------------------------------------------------------------------===//

/// Operand 0 with another shape of as many elements.
static LogicalResult reshapeTo(NodeBinder &b, ArrayRef<int64_t> shape) {
  RankedTensorType type = b.floatType(shape);
  if (!type)
    return failure();
  llvm::SmallVector<int64_t> from = b.shape(0);
  auto count = countElements(std::vector<int64_t>(from.begin(), from.end()),
                             b.importer.limits().maxElements);
  if (count != type.getNumElements()) {
    InFlightDiagnostic message =
        b.error() << "expects a shape of as many elements as "
                  << printShape(from) << ", got " << printShape(shape);
    message.attachNote() << "export the model for this input size";
    return failure();
  }
  if (b.isConstant(0) && b.importer.mayFold(shape)) {
    OnnxTensor tensor = *b.input(0).constant;
    tensor.shape.assign(shape.begin(), shape.end());
    b.result(0, std::move(tensor));
    return success();
  }
  Value x;
  if (failed(b.floatValue(0, x)))
    return failure();
  b.result(0, x.getType() == type
                  ? x
                  : b.create<qonnx::ReshapeOp>(type, x).getResult());
  return success();
}

/// A shape that the file fixes for its own batch, of which the graph inputs
/// have been given 1: the one dimension that makes it too large becomes 1.
static void takeOneOfBatch(NodeBinder &b, llvm::SmallVectorImpl<int64_t> &shape,
                           int64_t elements) {
  if (!b.importer.hasOtherSizes() ||
      llvm::any_of(shape, [](int64_t extent) { return extent <= 0; }))
    return;
  auto count = countElements(std::vector<int64_t>(shape.begin(), shape.end()),
                             b.importer.limits().maxElements);
  if (elements < 1 || !count || *count <= elements || *count % elements != 0)
    return;
  int64_t batch = *count / elements;
  if (llvm::count(shape, batch) == 1)
    *llvm::find(shape, batch) = 1;
}

static LogicalResult importReshape(NodeBinder &b) {
  llvm::SmallVector<int64_t> target, from = b.shape(0);
  int64_t allowZero = 0, known = 1, free = -1;
  if (failed(b.integers(1, "shape", target)) ||
      failed(b.attribute("allowzero", allowZero)))
    return failure();
  int64_t total = 1;
  for (int64_t extent : from)
    total *= extent;
  takeOneOfBatch(b, target, total);
  for (auto [axis, extent] : llvm::enumerate(target)) {
    if (extent == 0 && !allowZero && axis < from.size())
      extent = from[axis];
    if (extent == -1 && free < 0)
      free = int64_t(axis);
    else if (extent <= 0 || known > total / extent)
      return b.error() << "expects a shape that fits " << printShape(from)
                       << ", got " << printShape(target);
    else
      known *= extent;
  }
  if (free >= 0)
    target[size_t(free)] = total / known;
  return reshapeTo(b, target);
}

static LogicalResult importFlatten(NodeBinder &b) {
  llvm::SmallVector<int64_t> from = b.shape(0);
  int64_t axis = 1, rank = int64_t(from.size());
  if (failed(b.attribute("axis", axis)))
    return failure();
  if (axis < -rank || axis > rank)
    return b.error() << "expects an axis of " << -rank << " to " << rank
                     << ", got " << axis;
  if (axis < 0)
    axis += rank;
  int64_t outer = 1, inner = 1;
  for (int64_t i = 0; i < rank; ++i)
    (i < axis ? outer : inner) *= from[size_t(i)];
  return reshapeTo(b, {outer, inner});
}

static LogicalResult importSqueeze(NodeBinder &b) {
  bool given = false;
  llvm::SmallVector<int64_t> axes, from = b.shape(0), shape;
  if (failed(readAxes(b, given, axes)))
    return failure();
  llvm::SmallVector<bool> drop(from.size(), false);
  for (size_t i = 0; i < from.size() && !given; ++i)
    drop[i] = from[i] == 1;
  for (int64_t axis : axes) {
    if (failed(b.normaliseAxis(axis, int64_t(from.size()))))
      return failure();
    if (from[size_t(axis)] != 1)
      return b.error() << "expects dimension " << axis << " of "
                       << printShape(from) << " to be 1, got "
                       << from[size_t(axis)];
    drop[size_t(axis)] = true;
  }
  for (size_t i = 0; i < from.size(); ++i)
    if (!drop[i])
      shape.push_back(from[i]);
  return reshapeTo(b, shape);
}

static LogicalResult importUnsqueeze(NodeBinder &b) {
  bool given = false;
  llvm::SmallVector<int64_t> axes, from = b.shape(0), shape;
  if (failed(readAxes(b, given, axes)))
    return failure();
  if (!given || axes.empty() || axes.size() > 16)
    return b.error() << "expects 1 to 16 axes, got " << axes.size();
  size_t rank = from.size() + axes.size();
  llvm::SmallVector<bool> unit(rank, false);
  for (int64_t axis : axes) {
    if (failed(b.normaliseAxis(axis, int64_t(rank))))
      return failure();
    if (unit[size_t(axis)])
      return b.error() << "expects different axes, got " << printShape(axes);
    unit[size_t(axis)] = true;
  }
  size_t next = 0;
  for (size_t i = 0; i < rank; ++i)
    shape.push_back(unit[i] ? 1 : from[next++]);
  return reshapeTo(b, shape);
}

static LogicalResult importTranspose(NodeBinder &b) {
  llvm::SmallVector<int64_t> from = b.shape(0), perm, shape;
  for (size_t i = from.size(); i-- > 0;)
    perm.push_back(int64_t(i));
  if (failed(b.attribute("perm", perm)))
    return failure();
  llvm::SmallVector<bool> seen(from.size(), false);
  bool good = perm.size() == from.size();
  for (size_t i = 0; good && i < perm.size(); ++i) {
    good = perm[i] >= 0 && perm[i] < int64_t(from.size()) &&
           !seen[size_t(perm[i])];
    if (!good)
      break;
    seen[size_t(perm[i])] = true;
    shape.push_back(from[size_t(perm[i])]);
  }
  if (!good)
    return b.error() << "expects a permutation of " << from.size()
                     << " dimensions, got " << printShape(perm);
  if (b.isConstant(0) && b.importer.mayFold(shape)) {
    b.result(0, foldTranspose(*b.input(0).constant, perm));
    return success();
  }
  Value x;
  RankedTensorType type = b.floatType(shape);
  if (!type || failed(b.floatValue(0, x)))
    return failure();
  b.result(0, b.create<qonnx::TransposeOp>(type, x, perm));
  return success();
}

//===----------------------------------------------------------------------===//
// Concat
//===----------------------------------------------------------------------===//

static LogicalResult foldConcatOf(NodeBinder &b, int64_t axis) {
  llvm::SmallVector<const OnnxTensor *> parts;
  for (const Entity &input : b.inputs)
    parts.push_back(input.constant.get());
  for (const OnnxTensor *part : parts)
    if (part->type != parts[0]->type)
      return b.error() << "expects operands of one type, got "
                       << onnxTypeName(int(parts[0]->type)) << " and "
                       << onnxTypeName(int(part->type));
  b.result(0, foldConcat(parts, axis));
  return success();
}

static LogicalResult importConcat(NodeBinder &b) {
  int64_t axis = 0;
  if (!b.find("axis"))
    return b.error() << "expects attribute 'axis', got none";
  for (unsigned i = 0; i < b.inputCount(); ++i)
    if (!b.has(i))
      return b.error() << "expects input " << i << ", got none";
  llvm::SmallVector<int64_t> shape = b.shape(0);
  if (failed(b.attribute("axis", axis)) ||
      failed(b.normaliseAxis(axis, int64_t(shape.size()))))
    return failure();
  bool constant = b.isConstant(0);
  for (unsigned i = 1; i < b.inputCount(); ++i) {
    llvm::SmallVector<int64_t> other = b.shape(i);
    constant &= b.isConstant(i);
    bool fits = other.size() == shape.size();
    for (size_t d = 0; fits && d < shape.size(); ++d)
      fits = int64_t(d) == axis || other[d] == shape[d];
    if (!fits)
      return b.error() << "expects shapes that differ in dimension " << axis
                       << " only, got " << printShape(shape) << " and "
                       << printShape(other);
    shape[size_t(axis)] += other[size_t(axis)];
  }
  RankedTensorType type = b.floatType(shape);
  if (!type)
    return failure();
  if (constant && b.importer.mayFold(shape))
    return foldConcatOf(b, axis);
  llvm::SmallVector<Value> operands(b.inputCount());
  for (unsigned i = 0; i < b.inputCount(); ++i)
    if (failed(b.floatValue(i, operands[i])))
      return failure();
  b.result(0, b.create<qonnx::ConcatOp>(type, operands, axis));
  return success();
}

llvm::ArrayRef<HandlerEntry> shapeHandlers() {
  static const HandlerEntry table[] = {
      {"Constant", 1, 0, 0, importConstant},
      {"Reshape", 5, 2, 2, importReshape},
      {"Flatten", 1, 1, 1, importFlatten},
      {"Squeeze", 1, 1, 1, importSqueeze},
      {"Squeeze", 13, 1, 2, importSqueeze},
      {"Unsqueeze", 1, 1, 1, importUnsqueeze},
      {"Unsqueeze", 13, 2, 2, importUnsqueeze},
      {"Transpose", 1, 1, 1, importTranspose},
      {"Concat", 4, 1, ~0u, importConcat},
  };
  return table;
}

} // namespace finngl::import
