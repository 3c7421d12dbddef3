//===- IndexOps.cpp - Shapes as values, parts and repetitions of tensors --===//
//
// Every shape is known at import, so what computes with shapes is a constant.
// What takes or repeats elements is a gather along one dimension after another.
//
//===----------------------------------------------------------------------===//

#include "Binder.h"
#include "Fold.h"
#include <numeric>

using namespace mlir;

namespace finngl::import {

namespace {
/// The positions of one dimension that an operator takes, in their order.
struct Taken {
  int64_t axis;
  llvm::SmallVector<int64_t> indices;
};
} // namespace

static llvm::SmallVector<int64_t> countUp(int64_t count) {
  llvm::SmallVector<int64_t> out(static_cast<size_t>(count));
  std::iota(out.begin(), out.end(), 0);
  return out;
}

/// Result `index` of the node: what is taken of operand 0 (a scalar is a vector
/// of one), in another shape of as many elements.
static LogicalResult take(NodeBinder &b, unsigned index, ArrayRef<Taken> parts,
                          ArrayRef<int64_t> shape) {
  RankedTensorType type = b.floatType(shape);
  if (!type)
    return failure();
  if (b.isConstant(0) && b.importer.mayFold(shape)) {
    OnnxTensor tensor = *b.input(0).constant;
    if (tensor.shape.empty() && !parts.empty())
      tensor.shape = {1};
    for (const Taken &part : parts)
      tensor = foldGather(tensor, part.axis, part.indices);
    tensor.shape.assign(shape.begin(), shape.end());
    b.result(index, std::move(tensor));
    return success();
  }
  Value x;
  if (failed(b.floatValue(0, x)))
    return failure();
  if (b.shape(0).empty() && !parts.empty())
    x = b.create<qonnx::ReshapeOp>(b.floatType({1}), x);
  for (const Taken &part : parts) {
    llvm::SmallVector<int64_t> to(
        cast<RankedTensorType>(x.getType()).getShape());
    int64_t &extent = to[size_t(part.axis)];
    if (part.indices == countUp(extent))
      continue;
    extent = int64_t(part.indices.size());
    RankedTensorType taken = b.floatType(to);
    if (!taken)
      return failure();
    x = b.create<qonnx::GatherOp>(taken, x, part.indices, part.axis);
  }
  if (x.getType() != type)
    x = b.create<qonnx::ReshapeOp>(type, x);
  b.result(index, x);
  return success();
}

//===----------------------------------------------------------------------===//
// Shape, ConstantOfShape, Expand
//===----------------------------------------------------------------------===//

static LogicalResult importShape(NodeBinder &b) {
  llvm::SmallVector<int64_t> shape = b.shape(0);
  int64_t rank = int64_t(shape.size()), start = 0, end = rank;
  if (failed(b.attribute("start", start)) || failed(b.attribute("end", end)))
    return failure();
  auto clamp = [&](int64_t at) {
    return std::clamp<int64_t>(at < 0 ? at + rank : at, 0, rank);
  };
  start = clamp(start);
  end = std::max(start, clamp(end));
  OnnxTensor out;
  out.type = OnnxType::Int64;
  out.shape = {end - start};
  out.ints.assign(shape.begin() + start, shape.begin() + end);
  b.result(0, std::move(out));
  return success();
}

static LogicalResult importConstantOfShape(NodeBinder &b) {
  llvm::SmallVector<int64_t> shape;
  OnnxTensor out{OnnxType::Float32, {1}, {0.0f}, {}, {}};
  if (failed(b.integers(0, "shape", shape)))
    return failure();
  if (const onnx::AttributeProto *value = b.find("value")) {
    std::string problem;
    auto tensor = decodeTensor(value->t(), std::nullopt, problem);
    if (!tensor)
      return b.error() << "its value cannot be read: " << problem;
    if (tensor->shape != std::vector<int64_t>{1})
      return b.error() << "expects a value of one element, got shape "
                       << printShape(tensor->shape);
    out = std::move(*tensor);
  }
  RankedTensorType type = b.floatType(shape);
  if (!type)
    return failure();
  if (!b.importer.mayFold(shape))
    return b.error() << "expects a smaller constant, got shape "
                     << printShape(shape);
  out = foldGather(out, 0,
                   llvm::SmallVector<int64_t>(size_t(type.getNumElements())));
  out.shape.assign(shape.begin(), shape.end());
  b.result(0, std::move(out));
  return success();
}

static LogicalResult importExpand(NodeBinder &b) {
  llvm::SmallVector<int64_t> from = b.shape(0), wanted;
  if (failed(b.integers(1, "shape", wanted)))
    return failure();
  auto shape = broadcastShapes(from, wanted);
  if (!shape)
    return b.error() << "expects a shape that " << printShape(from)
                     << " broadcasts to, got " << printShape(wanted);
  if (llvm::is_contained(from, 0))
    return b.error() << "expects at least one element, got shape "
                     << printShape(from);
  size_t added = shape->size() - from.size();
  if (from.empty())
    from.push_back(1);
  llvm::SmallVector<Taken> parts;
  for (int64_t extent : *shape)
    if (failed(b.mayList(extent)))
      return failure();
  for (size_t d = 0; d < from.size(); ++d) {
    int64_t extent = added + d < shape->size() ? (*shape)[added + d] : 1;
    llvm::SmallVector<int64_t> once = countUp(from[d]);
    parts.push_back({int64_t(d), {}});
    for (int64_t copies = extent / from[d]; copies > 0; --copies)
      parts.back().indices.append(once);
  }
  // What is repeated as a whole is repeated along dimension 0.
  int64_t copies = 1, most = b.importer.limits().maxPositions;
  for (size_t d = 0; d < added; ++d)
    copies = std::min(most + 1, copies * (*shape)[d]);
  llvm::SmallVector<int64_t> once = parts[0].indices;
  if (failed(b.mayList(copies * int64_t(once.size()))))
    return failure();
  for (; copies > 1; --copies)
    parts[0].indices.append(once);
  return take(b, 0, parts, *shape);
}

//===----------------------------------------------------------------------===//
// Gather, Slice, Split
//===----------------------------------------------------------------------===//

static LogicalResult importGather(NodeBinder &b) {
  int64_t axis = 0;
  TensorPtr indices;
  llvm::SmallVector<int64_t> shape = b.shape(0);
  if (failed(b.attribute("axis", axis)) ||
      failed(b.normaliseAxis(axis, int64_t(shape.size()))) ||
      failed(b.constant(1, "list of indices", indices)))
    return failure();
  if (isFloat(indices->type))
    return b.error() << "expects integers as indices, got "
                     << onnxTypeName(int(indices->type));
  int64_t extent = shape[size_t(axis)];
  if (failed(b.mayList(int64_t(indices->ints.size()))) ||
      failed(b.mayList(extent)))
    return failure();
  Taken part{axis, {}};
  for (int64_t index : indices->ints) {
    if (index < -extent || index >= extent)
      return b.error() << "expects indices of " << -extent << " to "
                       << extent - 1 << ", got " << index;
    part.indices.push_back(index < 0 ? index + extent : index);
  }
  shape.erase(shape.begin() + axis);
  shape.insert(shape.begin() + axis, indices->shape.begin(),
               indices->shape.end());
  return take(b, 0, part, shape);
}

/// ONNX' rules for start and end: negative ones count from behind, those
/// outside are cut.
static Taken sliceOf(int64_t axis, int64_t extent, int64_t start, int64_t end,
                     int64_t step) {
  auto fromFront = [&](int64_t at, int64_t low, int64_t high) {
    return std::clamp(at < 0 ? at + extent : at, low, high);
  };
  Taken part{axis, {}};
  if (step > 0) {
    int64_t last = fromFront(end, 0, extent);
    for (int64_t i = fromFront(start, 0, extent); i < last;) {
      part.indices.push_back(i);
      i = step < last - i ? i + step : last;
    }
  } else {
    int64_t last = fromFront(end, -1, extent - 1);
    for (int64_t i = fromFront(start, 0, extent - 1); i > last;) {
      part.indices.push_back(i);
      i = step > last - i ? i + step : last;
    }
  }
  return part;
}

/// Starts, ends, axes and steps: attributes before opset 10, then inputs.
static LogicalResult readSlice(NodeBinder &b,
                               llvm::SmallVector<int64_t> (&lists)[4]) {
  static const char *const names[] = {"starts", "ends", "axes", "steps"};
  for (unsigned i = 0; i < 4; ++i) {
    if (b.has(i + 1)) {
      if (failed(
              b.integers(i + 1, std::string("list of ") + names[i], lists[i])))
        return failure();
    } else if (failed(b.attribute(names[i], lists[i]))) {
      return failure();
    }
  }
  auto &[starts, ends, axes, steps] = lists;
  if (axes.empty())
    axes = countUp(int64_t(starts.size()));
  if (steps.empty())
    steps.assign(starts.size(), 1);
  if (starts.empty() || ends.size() != starts.size() ||
      axes.size() != starts.size() || steps.size() != starts.size())
    return b.error() << "expects as many starts, ends, axes and steps, got "
                     << starts.size() << ", " << ends.size() << ", "
                     << axes.size() << " and " << steps.size();
  return success();
}

static LogicalResult importSlice(NodeBinder &b) {
  llvm::SmallVector<int64_t> lists[4], shape = b.shape(0);
  if (failed(readSlice(b, lists)))
    return failure();
  auto &[starts, ends, axes, steps] = lists;
  llvm::SmallVector<Taken> parts;
  for (size_t i = 0; i < starts.size(); ++i) {
    if (failed(b.normaliseAxis(axes[i], int64_t(shape.size()))))
      return failure();
    if (steps[i] == 0 || steps[i] == INT64_MIN)
      return b.error() << "expects steps other than 0, got " << steps[i];
    int64_t &extent = shape[size_t(axes[i])];
    if (failed(b.mayList(extent)))
      return failure();
    parts.push_back(sliceOf(axes[i], extent, starts[i], ends[i], steps[i]));
    extent = int64_t(parts.back().indices.size());
  }
  return take(b, 0, parts, shape);
}

/// Extents of the parts: given, or equal but for a smaller last one.
static LogicalResult readSplit(NodeBinder &b, int64_t extent,
                               llvm::SmallVectorImpl<int64_t> &out) {
  if (b.has(1) ? failed(b.integers(1, "list of extents", out))
               : failed(b.attribute("split", out)))
    return failure();
  int64_t count = int64_t(b.outputCount()), total = 0;
  if (count == 0)
    return b.error() << "expects at least one output, got none";
  if (out.empty())
    for (int64_t i = 0, size = (extent + count - 1) / count; i < count; ++i)
      out.push_back(std::clamp<int64_t>(extent - i * size, 0, size));
  for (int64_t size : out)
    total += std::clamp<int64_t>(size, 0, extent + 1);
  bool negative = llvm::any_of(out, [](int64_t size) { return size < 0; });
  if (int64_t(out.size()) == count && total == extent && !negative)
    return success();
  return b.error() << "expects " << count << " extents that add up to "
                   << extent << ", got " << printShape(out);
}

static LogicalResult importSplit(NodeBinder &b) {
  int64_t axis = 0;
  llvm::SmallVector<int64_t> shape = b.shape(0), extents;
  if (failed(b.attribute("axis", axis)) ||
      failed(b.normaliseAxis(axis, int64_t(shape.size()))) ||
      failed(b.mayList(shape[size_t(axis)])) ||
      failed(readSplit(b, shape[size_t(axis)], extents)))
    return failure();
  int64_t first = 0;
  for (auto [index, extent] : llvm::enumerate(extents)) {
    Taken part{axis, countUp(extent)};
    for (int64_t &at : part.indices)
      at += first;
    first += extent;
    shape[size_t(axis)] = extent;
    if (failed(take(b, unsigned(index), part, shape)))
      return failure();
  }
  return success();
}

/// Of sequences of full length only: all of them are reversed at once.
static LogicalResult importReverseSequence(NodeBinder &b) {
  int64_t time = 0, batch = 1;
  llvm::SmallVector<int64_t> lengths, shape = b.shape(0);
  if (failed(b.attribute("time_axis", time)) ||
      failed(b.attribute("batch_axis", batch)) ||
      failed(b.normaliseAxis(time, int64_t(shape.size()))) ||
      failed(b.mayList(shape[size_t(time)])) ||
      failed(b.integers(1, "list of lengths", lengths)))
    return failure();
  int64_t extent = shape[size_t(time)];
  for (int64_t length : lengths)
    if (length != extent) {
      InFlightDiagnostic message = b.error()
                                   << "expects sequences of the full length "
                                   << extent << ", got " << length;
      message.attachNote() << "export the model for sequences of one length";
      return failure();
    }
  Taken part{time, countUp(extent)};
  std::reverse(part.indices.begin(), part.indices.end());
  return take(b, 0, part, shape);
}

llvm::ArrayRef<HandlerEntry> indexHandlers() {
  static const HandlerEntry table[] = {
      {"Shape", 1, 1, 1, importShape},
      {"ConstantOfShape", 9, 1, 1, importConstantOfShape},
      {"Expand", 8, 2, 2, importExpand},
      {"Gather", 1, 2, 2, importGather},
      {"ReverseSequence", 10, 2, 2, importReverseSequence},
      {"Slice", 1, 1, 1, importSlice},
      {"Slice", 10, 3, 5, importSlice},
      {"Split", 2, 1, 1, importSplit},
      {"Split", 13, 1, 2, importSplit},
  };
  return table;
}

} // namespace finngl::import
