//===- RecurrentOps.cpp - Scan and QuantLSTMCell --------------------------===//

#include "Binder.h"

using namespace mlir;

namespace finngl::import {

//===----------------------------------------------------------------------===//
// Scan
//===----------------------------------------------------------------------===//

namespace {
/// One Scan node while it is read: states first, then scan inputs; the body
/// gives next states, then scan outputs.
struct ScanParts {
  const onnx::GraphProto *body = nullptr;
  unsigned states = 0, scanInputs = 0, scanOutputs = 0;
  llvm::SmallVector<int64_t> inputAxes, inputDirections, outputAxes,
      outputDirections;
  llvm::SmallVector<Value> operands;
  int64_t steps = 0;
};
} // namespace

/// An optional list attribute with one entry for each of `count` slots.
static LogicalResult slotAttribute(NodeBinder &b, llvm::StringRef name,
                                   unsigned count,
                                   llvm::SmallVectorImpl<int64_t> &out) {
  out.assign(count, 0);
  if (failed(b.attribute(name, out)))
    return failure();
  if (out.size() != count)
    return b.error() << "expects " << count << " entries in '" << name
                     << "', got " << out.size();
  return success();
}

static LogicalResult checkDirections(NodeBinder &b,
                                     ArrayRef<int64_t> directions) {
  for (int64_t direction : directions)
    if (direction != 0 && direction != 1)
      return b.error() << "expects scan directions 0 or 1, got " << direction;
  return success();
}

/// Counts, axes and directions.
static LogicalResult readScan(NodeBinder &b, ScanParts &scan) {
  int64_t scanInputs = -1;
  const onnx::AttributeProto *body = b.find("body");
  if (!body || !body->has_g() || !b.find("num_scan_inputs"))
    return b.error() << "expects attributes 'body' and 'num_scan_inputs'";
  if (failed(b.attribute("num_scan_inputs", scanInputs)))
    return failure();
  if (scanInputs < 1 || scanInputs > int64_t(b.inputCount()))
    return b.error() << "expects 1 to " << b.inputCount()
                     << " scan inputs, got " << scanInputs;
  scan.body = &body->g();
  scan.scanInputs = unsigned(scanInputs);
  scan.states = b.inputCount() - scan.scanInputs;
  unsigned inputs = unsigned(scan.body->input_size());
  unsigned outputs = unsigned(scan.body->output_size());
  if (inputs != b.inputCount() || outputs != b.outputCount() ||
      outputs < scan.states) {
    InFlightDiagnostic message =
        b.error() << "expects a body with one input for each of "
                  << b.inputCount() << " operands and one output for each of "
                  << b.outputCount() << " results, " << scan.states
                  << " of them states, got " << inputs << " and " << outputs;
    message.attachNote() << "states come first, then " << scan.scanInputs
                         << " scan inputs";
    return failure();
  }
  scan.scanOutputs = outputs - scan.states;
  if (failed(slotAttribute(b, "scan_input_axes", scan.scanInputs,
                           scan.inputAxes)) ||
      failed(slotAttribute(b, "scan_input_directions", scan.scanInputs,
                           scan.inputDirections)) ||
      failed(slotAttribute(b, "scan_output_axes", scan.scanOutputs,
                           scan.outputAxes)) ||
      failed(slotAttribute(b, "scan_output_directions", scan.scanOutputs,
                           scan.outputDirections)) ||
      failed(checkDirections(b, scan.inputDirections)) ||
      failed(checkDirections(b, scan.outputDirections)))
    return failure();
  return success();
}

/// A declared shape of a body input is a promise: sizes that it states must be
/// those of the operand.
static LogicalResult checkDeclared(NodeBinder &b,
                                   const onnx::ValueInfoProto &info,
                                   ArrayRef<int64_t> shape) {
  const onnx::TypeProto::Tensor &tensor = info.type().tensor_type();
  if (!tensor.has_shape())
    return success();
  bool fits = tensor.shape().dim_size() == int(shape.size());
  llvm::SmallVector<int64_t> declared;
  for (auto [axis, dim] : llvm::enumerate(tensor.shape().dim())) {
    declared.push_back(dim.has_dim_value() ? dim.dim_value() : -1);
    fits = fits && (!dim.has_dim_value() || dim.dim_value() == shape[axis]);
  }
  if (fits)
    return success();
  InFlightDiagnostic message =
      b.error() << "expects body input '" << info.name() << "' of shape "
                << printShape(declared) << ", got " << printShape(shape);
  message.attachNote() << "-1 stands for any size; a scan input loses its scan "
                          "axis";
  return failure();
}

/// Operands, and the body's block with one argument for each.
static LogicalResult bindBody(NodeBinder &b, ScanParts &scan, Scope &inner) {
  for (unsigned i = 0; i < b.inputCount(); ++i) {
    Value operand;
    if (failed(b.floatValue(i, operand)))
      return failure();
    scan.operands.push_back(operand);
    llvm::SmallVector<int64_t> shape = b.shape(i);
    if (i >= scan.states) {
      int64_t &axis = scan.inputAxes[i - scan.states];
      if (failed(b.normaliseAxis(axis, int64_t(shape.size()))))
        return failure();
      int64_t steps = shape[size_t(axis)];
      if (i > scan.states && steps != scan.steps)
        return b.error() << "expects " << scan.steps
                         << " steps in each scan input, got " << steps
                         << " in '" << b.inputName(i) << "'";
      scan.steps = steps;
      shape.erase(shape.begin() + axis);
    }
    const onnx::ValueInfoProto &info = scan.body->input(int(i));
    if (failed(checkDeclared(b, info, shape)))
      return failure();
    RankedTensorType type = b.floatType(shape);
    if (!type)
      return failure();
    b.importer.define(
        inner, info.name(),
        {nullptr, inner.block->addArgument(type, b.location), false},
        b.location);
  }
  return success();
}

/// The body's outputs as values of its block.
static LogicalResult bodyResults(NodeBinder &b, const ScanParts &scan,
                                 Scope &inner,
                                 llvm::SmallVectorImpl<Value> &out) {
  for (auto [index, info] : llvm::enumerate(scan.body->output())) {
    Entity entity = b.importer.lookup(inner, info.name(), b.location);
    if (!entity.exists())
      return b.error() << "expects body output '" << info.name()
                       << "' to be made by a node, found none";
    Value value = entity.value;
    if (entity.constant)
      value = b.importer.materialise(inner, entity.constant, b.location,
                                     info.name());
    if (!value)
      return failure();
    auto type = cast<RankedTensorType>(value.getType());
    Type wanted = index < scan.states ? scan.operands[index].getType()
                                      : Type(b.floatType(type.getShape()));
    if (type != wanted) {
      InFlightDiagnostic message = b.error() << "expects body output '"
                                             << info.name() << "' of type "
                                             << wanted << ", got " << type;
      message.attachNote() << "a state keeps its shape from step to step, and "
                              "is float32";
      return failure();
    }
    out.push_back(value);
  }
  return success();
}

/// Types of the node's results: states as they are, scan outputs stacked.
static LogicalResult resultTypes(NodeBinder &b, ScanParts &scan,
                                 ArrayRef<Value> yielded,
                                 llvm::SmallVectorImpl<Type> &out) {
  for (auto [index, value] : llvm::enumerate(yielded)) {
    auto type = cast<RankedTensorType>(value.getType());
    if (index >= scan.states) {
      int64_t &axis = scan.outputAxes[index - scan.states];
      llvm::SmallVector<int64_t> shape(type.getShape());
      if (failed(b.normaliseAxis(axis, int64_t(shape.size()) + 1)))
        return failure();
      shape.insert(shape.begin() + axis, scan.steps);
      type = b.floatType(shape);
      if (!type)
        return failure();
    }
    out.push_back(type);
  }
  return success();
}

LogicalResult importScan(NodeBinder &b) {
  ScanParts scan;
  Region region;
  Scope inner;
  inner.parent = &b.scope;
  inner.depth = b.scope.depth + 1;
  inner.block = &region.emplaceBlock();
  llvm::SmallVector<Value> yielded;
  llvm::SmallVector<Type> types;
  if (failed(readScan(b, scan)))
    return failure();
  b.importer.addInitialisers(*scan.body, inner);
  if (failed(bindBody(b, scan, inner)))
    return failure();
  b.importer.importNodes(*scan.body, inner);
  if (failed(bodyResults(b, scan, inner, yielded)) ||
      failed(resultTypes(b, scan, yielded, types)))
    return failure();
  builderAtEnd(b.builder.getContext(), inner.block)
      .create<qonnx::YieldOp>(b.location, yielded);
  ArrayRef<Value> operands(scan.operands);
  auto op = b.create<qonnx::ScanOp>(
      types, operands.take_front(scan.states), operands.drop_front(scan.states),
      inner.captures, scan.inputAxes, scan.inputDirections, scan.outputAxes,
      scan.outputDirections);
  op.getBody().takeBody(region);
  for (unsigned i = 0; i < b.outputCount(); ++i)
    b.result(i, op.getResult(i));
  return success();
}

//===----------------------------------------------------------------------===//
// QuantLSTMCell
//===----------------------------------------------------------------------===//

/// Brevitas' names, in the order of the operands.
static constexpr const char *kCellQuantisers[] = {
    "output",    "cell_state",     "input_acc",        "forget_acc",
    "cell_acc",  "output_acc",     "input_sigmoid",    "forget_sigmoid",
    "cell_tanh", "output_sigmoid", "hidden_state_tanh"};

/// Operands: x, h0, c0, then 4 weights, 4 recurrent weights, 4 biases, then
/// scale, zero point and bit width of each quantiser.
enum : unsigned {
  kWeights = 3,
  kRecurrent = 7,
  kBiases = 11,
  kParameters = 15
};

static LogicalResult cellQuantisers(NodeBinder &b,
                                    llvm::SmallVectorImpl<Attribute> &out) {
  for (auto [index, name] : llvm::enumerate(kCellQuantisers)) {
    std::string prefix = std::string(name) + "_";
    int64_t isSigned = 1, narrow = 0;
    QuantAttributes attributes;
    qonnx::QuantiserAttr quantiser;
    // Brevitas 0.11 writes `output_sigmoid_narrow_range`.
    if (failed(b.attribute(prefix + "signed", isSigned)) ||
        failed(b.attribute(prefix + "narrow", narrow)) ||
        failed(b.attribute(prefix + "narrow_range", narrow)) ||
        failed(b.attribute(prefix + "rounding_mode", attributes.rounding)))
      return failure();
    attributes.isSigned = isSigned != 0;
    attributes.narrow = narrow != 0;
    if (failed(readQuantiser(b, kParameters + 3 * unsigned(index), {},
                             attributes, quantiser)))
      return failure();
    out.push_back(quantiser);
  }
  return success();
}

/// Brevitas writes four scalar zeros for a cell without biases.
static bool hasBiases(NodeBinder &b) {
  for (unsigned i = kBiases; i < kParameters; ++i) {
    if (!b.isConstant(i))
      return true;
    const OnnxTensor &bias = *b.input(i).constant;
    if (bias.type != OnnxType::Float32 || bias.elements() != 1 ||
        bias.floats[0] != 0)
      return true;
  }
  return false;
}

static LogicalResult checkCellShapes(NodeBinder &b, int64_t batch,
                                     int64_t features, bool biases) {
  if (!b.has(1) || b.shape(1).size() != 2)
    return b.error() << "expects an initial state of shape [batch, hidden]";
  int64_t hidden = b.shape(1)[1];
  for (unsigned i = 1; i < kWeights; ++i)
    if (failed(expectShape(b, i, "state", {batch, hidden})))
      return failure();
  for (unsigned i = 0; i < 4; ++i)
    if (failed(expectShape(b, kWeights + i, "weight", {hidden, features})) ||
        failed(expectShape(b, kRecurrent + i, "recurrent weight",
                           {hidden, hidden})))
      return failure();
  for (unsigned i = kBiases; biases && i < kParameters; ++i)
    if (!b.has(i) || !b.shape(i).empty())
      if (failed(expectShape(b, i, "bias", {hidden})))
        return failure();
  return success();
}

static LogicalResult floatValues(NodeBinder &b, unsigned first, unsigned count,
                                 llvm::SmallVectorImpl<Value> &out) {
  for (unsigned i = first; i < first + count; ++i) {
    out.emplace_back();
    if (failed(b.floatValue(i, out.back())))
      return failure();
  }
  return success();
}

static LogicalResult importQuantLSTMCell(NodeBinder &b) {
  int64_t batchFirst = 0, reverse = 0, cifg = 0;
  llvm::SmallVector<Attribute> quantisers;
  llvm::SmallVector<Value> states, weights, recurrent, biases;
  llvm::SmallVector<int64_t> x = b.shape(0);
  bool biased = hasBiases(b);
  if (x.size() != 3)
    return b.error() << "expects a sequence of rank 3, got " << printShape(x);
  if (failed(b.attribute("batch_first", batchFirst)) ||
      failed(b.attribute("reverse_input", reverse)) ||
      failed(b.attribute("cifg", cifg)) ||
      failed(checkCellShapes(b, x[batchFirst ? 0 : 1], x[2], biased)) ||
      failed(cellQuantisers(b, quantisers)) ||
      failed(floatValues(b, 0, 3, states)) ||
      failed(floatValues(b, kWeights, 4, weights)) ||
      failed(floatValues(b, kRecurrent, 4, recurrent)) ||
      (biased && failed(floatValues(b, kBiases, 4, biases))))
    return failure();
  llvm::SmallVector<int64_t> all(x);
  all[2] = b.shape(1)[1];
  RankedTensorType allType = b.floatType(all);
  if (!allType)
    return failure();
  OpBuilder &builder = b.builder;
  auto op = b.create<qonnx::QuantLSTMCellOp>(
      allType, states[1].getType(), states[2].getType(), states[0], states[1],
      states[2], weights, recurrent, biases, builder.getArrayAttr(quantisers),
      builder.getBoolAttr(batchFirst != 0), builder.getBoolAttr(reverse != 0),
      builder.getBoolAttr(cifg != 0));
  for (unsigned i = 0; i < 3; ++i)
    b.result(i, op->getResult(i));
  return success();
}

llvm::ArrayRef<HandlerEntry> recurrentHandlers() {
  static const HandlerEntry table[] = {
      {"Scan", 9, 1, ~0u, importScan},
      {"QuantLSTMCell", 1, 48, 48, importQuantLSTMCell, true},
  };
  return table;
}

} // namespace finngl::import
