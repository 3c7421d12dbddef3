//===- RnnOps.cpp - LSTM, GRU, RNN ----------------------------------------===//

#include "Binder.h"
#include "llvm/ADT/StringExtras.h"
#include <cmath>

using namespace mlir;

namespace finngl::import {

/// Operands of all three operators; a GRU and an RNN end with InitialH.
enum : unsigned {
  kX,
  kWeights,
  kRecurrent,
  kBias,
  kLengths,
  kInitialH,
  kInitialC,
  kPeepholes
};

namespace {
/// Sizes as the description of qonnx.rnn names them.
struct RnnShape {
  int64_t steps, batch, features, hidden, directions, gates;
  bool batchFirst;

  llvm::SmallVector<int64_t> state() const {
    if (batchFirst)
      return {batch, directions, hidden};
    return {directions, batch, hidden};
  }
  llvm::SmallVector<int64_t> all() const {
    if (batchFirst)
      return {batch, steps, directions, hidden};
    return {steps, directions, batch, hidden};
  }
};

/// An activation of ONNX' list; `parameters` numbers are taken from the lists
/// alpha and beta, `defaults` stand where those end.
struct ActivationEntry {
  llvm::StringLiteral name;
  qonnx::Function function;
  unsigned parameters;
  llvm::SmallVector<float, 2> defaults;
};
} // namespace

//===----------------------------------------------------------------------===//
// Activations
//===----------------------------------------------------------------------===//

static ArrayRef<ActivationEntry> activationTable() {
  using enum qonnx::Function;
  static const ActivationEntry table[] = {
      {"Sigmoid", Sigmoid, 0, {}},
      {"Tanh", Tanh, 0, {}},
      {"Relu", Relu, 0, {}},
      {"Affine", Affine, 2, {}},
      {"LeakyRelu", LeakyRelu, 1, {0.01f}},
      {"ScaledTanh", ScaledTanh, 2, {}},
      {"HardSigmoid", HardSigmoid, 2, {0.2f, 0.5f}},
  };
  return table;
}

static LogicalResult refuseActivation(NodeBinder &b, llvm::StringRef name) {
  InFlightDiagnostic message = b.error() << "activation '" << name
                                         << "' is not supported";
  message.attachNote() << "supported: "
                       << llvm::join(llvm::map_range(activationTable(),
                                                     [](const auto &entry) {
                                                       return entry.name;
                                                     }),
                                     ", ");
  return failure();
}

/// The next number of activation_alpha or activation_beta.
static LogicalResult takeParameter(NodeBinder &b, const ActivationEntry &entry,
                                   unsigned index,
                                   llvm::SmallVectorImpl<float> &left,
                                   llvm::SmallVectorImpl<float> &out) {
  if (!left.empty()) {
    out.push_back(left.front());
    left.erase(left.begin());
  } else if (index < entry.defaults.size()) {
    out.push_back(entry.defaults[index]);
  } else {
    return b.error() << "expects a number for '" << entry.name << "' in '"
                     << (index ? "activation_beta" : "activation_alpha")
                     << "', which has no default";
  }
  if (!std::isfinite(out.back()))
    return b.error() << "expects finite parameters of '" << entry.name
                     << "', got " << std::to_string(out.back());
  return success();
}

/// ONNX: numbers are taken in the order of the activations that have some.
static LogicalResult readActivations(NodeBinder &b, qonnx::Cell cell,
                                     int64_t directions,
                                     llvm::SmallVectorImpl<Attribute> &out) {
  llvm::SmallVector<std::string> names;
  llvm::SmallVector<float> alpha, beta;
  llvm::StringRef usual[] = {"Sigmoid", "Tanh", "Tanh"};
  size_t count = size_t(qonnx::RnnOp::activationsOf(cell));
  auto mine = cell == qonnx::Cell::Rnn ? ArrayRef(usual).drop_front(2)
                                       : ArrayRef(usual).take_front(count);
  for (int64_t d = 0; d < directions; ++d)
    names.append(mine.begin(), mine.end());
  size_t wanted = names.size();
  if (failed(b.attribute("activations", names)) ||
      failed(b.attribute("activation_alpha", alpha)) ||
      failed(b.attribute("activation_beta", beta)))
    return failure();
  if (names.size() != wanted)
    return b.error() << "expects " << wanted << " activations, got "
                     << names.size();
  for (const std::string &name : names) {
    auto entry = llvm::find_if(activationTable(), [&](const auto &known) {
      return known.name.equals_insensitive(name);
    });
    if (entry == activationTable().end())
      return refuseActivation(b, name);
    llvm::SmallVector<float> parameters;
    for (unsigned i = 0; i < entry->parameters; ++i)
      if (failed(takeParameter(b, *entry, i, i ? beta : alpha, parameters)))
        return failure();
    MLIRContext *context = b.builder.getContext();
    out.push_back(qonnx::ActivationAttr::get(
        context, entry->function, DenseF32ArrayAttr::get(context, parameters)));
  }
  return success();
}

//===----------------------------------------------------------------------===//
// Attributes and shapes
//===----------------------------------------------------------------------===//

static LogicalResult readDirection(NodeBinder &b, qonnx::Direction &out) {
  std::string text = "forward";
  if (failed(b.attribute("direction", text)))
    return failure();
  auto direction = qonnx::symbolizeDirection(text);
  if (!direction)
    return b.error()
           << "expects direction forward, reverse or bidirectional, got '"
           << text << "'";
  out = *direction;
  return success();
}

/// A whole number attribute that is 0 or 1.
static LogicalResult readFlag(NodeBinder &b, llvm::StringRef name, bool &out) {
  int64_t value = 0;
  if (failed(b.attribute(name, value)))
    return failure();
  if (value != 0 && value != 1)
    return b.error() << "expects " << name << " 0 or 1, got " << value;
  out = value != 0;
  return success();
}

static LogicalResult readClip(NodeBinder &b, FloatAttr &out) {
  if (!b.find("clip"))
    return success();
  float clip = 0;
  if (failed(b.attribute("clip", clip)))
    return failure();
  if (!(clip > 0) || !std::isfinite(clip))
    return b.error() << "expects a finite clip above zero, got "
                     << std::to_string(clip);
  out = b.builder.getF32FloatAttr(clip);
  return success();
}

static LogicalResult readShape(NodeBinder &b, qonnx::Cell cell,
                               RnnShape &shape) {
  llvm::SmallVector<int64_t> x = b.shape(kX), r = b.shape(kRecurrent);
  if (x.size() != 3 || r.size() != 3)
    return b.error() << "expects X and R of rank 3, got " << printShape(x)
                     << " and " << printShape(r);
  shape.steps = x[shape.batchFirst ? 1 : 0];
  shape.batch = x[shape.batchFirst ? 0 : 1];
  shape.features = x[2];
  shape.hidden = r[2];
  shape.gates = qonnx::RnnOp::gatesOf(cell);
  int64_t stated = shape.hidden;
  if (failed(b.attribute("hidden_size", stated)))
    return failure();
  if (stated != shape.hidden)
    return b.error() << "expects hidden_size " << shape.hidden
                     << " as in R of shape " << printShape(r) << ", got "
                     << stated;
  return success();
}

/// Entry 0 along `axis` of a tensor whose entries there are equal, else
/// nothing.
static std::optional<OnnxTensor> oneOfEqual(const OnnxTensor &tensor,
                                            size_t axis) {
  OnnxTensor one;
  one.type = tensor.type;
  one.shape = tensor.shape;
  one.shape[axis] = 1;
  int64_t inner = 1, extent = tensor.shape[axis];
  for (size_t d = axis + 1; d < tensor.shape.size(); ++d)
    inner *= tensor.shape[d];
  for (int64_t i = 0; i < tensor.elements(); ++i) {
    int64_t entry = i / inner % extent;
    if (entry == 0)
      one.floats.push_back(tensor.floats[size_t(i)]);
    else if (tensor.floats[size_t(i)] !=
             tensor.floats[size_t(i - entry * inner)])
      return std::nullopt;
  }
  return one;
}

/// A constant initial state of the file's batch, where X has been given a batch
/// of 1: what all sequences start from.
static void takeOneState(NodeBinder &b, unsigned i, const RnnShape &shape) {
  if (!b.importer.hasOtherSizes() || shape.batch != 1 || !b.has(i))
    return;
  TensorPtr state = b.inputs[i].constant;
  if (!state || state->type != OnnxType::Float32 || state->shape.size() != 3)
    return;
  if (auto one = oneOfEqual(*state, shape.batchFirst ? 0 : 1))
    b.inputs[i].constant = std::make_shared<const OnnxTensor>(std::move(*one));
}

static LogicalResult checkShapes(NodeBinder &b, const RnnShape &s) {
  int64_t rows = s.gates * s.hidden;
  if (failed(expectShape(b, kWeights, "W", {s.directions, rows, s.features})) ||
      failed(expectShape(b, kRecurrent, "R", {s.directions, rows, s.hidden})))
    return failure();
  if (b.has(kBias) &&
      failed(expectShape(b, kBias, "bias", {s.directions, 2 * rows})))
    return failure();
  for (unsigned i : {kInitialH, kInitialC})
    if (b.has(i) && failed(expectShape(b, i, "initial state", s.state())))
      return failure();
  if (b.has(kPeepholes) &&
      failed(expectShape(b, kPeepholes, "P", {s.directions, 3 * s.hidden})))
    return failure();
  return success();
}

/// Lengths of the sequences of a batch; none if all have every step.
static LogicalResult readLengths(NodeBinder &b, const RnnShape &s,
                                 llvm::SmallVectorImpl<int64_t> &out) {
  if (!b.has(kLengths))
    return success();
  if (failed(b.mayList(s.steps)) || failed(b.mayList(s.batch)) ||
      failed(b.integers(kLengths, "list of sequence_lens", out)))
    return failure();
  if (int64_t(out.size()) != s.batch)
    return b.error() << "expects " << s.batch << " sequence_lens, got "
                     << out.size();
  for (int64_t length : out)
    if (length < 1 || length > s.steps)
      return b.error() << "expects sequence_lens of 1 to " << s.steps
                       << ", got " << length;
  if (llvm::all_of(out, [&](int64_t length) { return length == s.steps; }))
    out.clear();
  return success();
}

//===----------------------------------------------------------------------===//
// The operators
//===----------------------------------------------------------------------===//

static LogicalResult importRnnLayer(NodeBinder &b, qonnx::Cell cell) {
  RnnShape shape;
  qonnx::Direction direction = qonnx::Direction::Forward;
  llvm::SmallVector<Attribute> activations;
  llvm::SmallVector<int64_t> lengths;
  bool coupled = false, linear = false;
  FloatAttr clip;
  if (failed(readDirection(b, direction)))
    return failure();
  shape.directions = direction == qonnx::Direction::Bidirectional ? 2 : 1;
  if (failed(readFlag(b, "layout", shape.batchFirst)) ||
      failed(readFlag(b, "input_forget", coupled)) ||
      failed(readFlag(b, "linear_before_reset", linear)) ||
      failed(readClip(b, clip)) ||
      failed(readActivations(b, cell, shape.directions, activations)) ||
      failed(readShape(b, cell, shape)))
    return failure();
  takeOneState(b, kInitialH, shape);
  takeOneState(b, kInitialC, shape);
  if (failed(checkShapes(b, shape)) || failed(readLengths(b, shape, lengths)))
    return failure();
  Value operands[kPeepholes + 1];
  for (unsigned i = 0; i <= kPeepholes; ++i)
    if (i != kLengths && b.has(i) && failed(b.floatValue(i, operands[i])))
      return failure();
  RankedTensorType all = b.floatType(shape.all());
  RankedTensorType last = b.floatType(shape.state());
  if (!all || !last)
    return failure();
  auto op = b.create<qonnx::RnnOp>(
      all, last, cell == qonnx::Cell::Lstm ? last : Type(), operands[kX],
      operands[kWeights], operands[kRecurrent], operands[kBias],
      operands[kInitialH], operands[kInitialC], operands[kPeepholes], cell,
      direction, b.builder.getArrayAttr(activations), lengths, clip,
      shape.batchFirst, coupled, linear);
  for (unsigned i = 0; i < op->getNumResults(); ++i)
    b.result(i, op->getResult(i));
  return success();
}

static LogicalResult importLstm(NodeBinder &b) {
  return importRnnLayer(b, qonnx::Cell::Lstm);
}
static LogicalResult importGru(NodeBinder &b) {
  return importRnnLayer(b, qonnx::Cell::Gru);
}
static LogicalResult importRnn(NodeBinder &b) {
  return importRnnLayer(b, qonnx::Cell::Rnn);
}

llvm::ArrayRef<HandlerEntry> rnnHandlers() {
  static const HandlerEntry table[] = {
      {"LSTM", 7, 3, 8, importLstm},
      {"GRU", 7, 3, 6, importGru},
      {"RNN", 7, 3, 6, importRnn},
  };
  return table;
}

} // namespace finngl::import
