//===- QONNX.cpp - The dialect of imported models -------------------------===//

#include "finngl/Dialect/QONNX/IR/QONNX.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"
#include <cmath>
#include <cstdio>
#include <cstdlib>

using namespace mlir;
using namespace finngl;
using namespace finngl::qonnx;

//===----------------------------------------------------------------------===//
// Floats as text
//===----------------------------------------------------------------------===//

/// MLIR prints an array of floats with six digits, which is not the float.
static void printExactFloats(AsmPrinter &printer, DenseF32ArrayAttr floats) {
  printer << "[";
  llvm::interleaveComma(floats.asArrayRef(), printer, [&](float value) {
    char text[32];
    std::snprintf(text, sizeof text, "%.6e", value);
    if (std::strtof(text, nullptr) != value)
      std::snprintf(text, sizeof text, "%.8e", value);
    printer << text;
  });
  printer << "]";
}
static void printExactFloats(OpAsmPrinter &printer, Operation *,
                             DenseF32ArrayAttr floats) {
  printExactFloats(printer, floats);
}

static ParseResult parseExactFloats(AsmParser &parser,
                                    DenseF32ArrayAttr &floats) {
  SmallVector<float> values;
  auto parseOne = [&]() -> ParseResult {
    double value;
    if (parser.parseFloat(value))
      return failure();
    values.push_back(float(value));
    return success();
  };
  if (parser.parseCommaSeparatedList(AsmParser::Delimiter::Square, parseOne))
    return failure();
  floats = DenseF32ArrayAttr::get(parser.getContext(), values);
  return success();
}

#include "finngl/Dialect/QONNX/IR/QONNXDialect.cpp.inc"
#include "finngl/Dialect/QONNX/IR/QONNXEnums.cpp.inc"
#define GET_ATTRDEF_CLASSES
#include "finngl/Dialect/QONNX/IR/QONNXAttrs.cpp.inc"
#define GET_OP_CLASSES
#include "finngl/Dialect/QONNX/IR/QONNXOps.cpp.inc"

void QONNXDialect::initialize() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "finngl/Dialect/QONNX/IR/QONNXAttrs.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "finngl/Dialect/QONNX/IR/QONNXOps.cpp.inc"
      >();
}

//===----------------------------------------------------------------------===//
// Quantiser record
//===----------------------------------------------------------------------===//

Quantiser qonnx::toQuantiser(QuantiserAttr attr) {
  Quantiser q;
  q.scale.assign(attr.getScale().asArrayRef().begin(),
                 attr.getScale().asArrayRef().end());
  q.zeroPoint.assign(attr.getZeroPoint().asArrayRef().begin(),
                     attr.getZeroPoint().asArrayRef().end());
  q.lo = attr.getLo();
  q.hi = attr.getHi();
  q.rounding = static_cast<Rounding>(attr.getRounding());
  q.zeroPointAfterRounding = attr.getZpAfterRounding();
  q.bipolar = attr.getBipolar();
  q.axis = attr.getAxis();
  return q;
}

QuantiserAttr qonnx::fromQuantiser(MLIRContext *context, const Quantiser &q) {
  return QuantiserAttr::get(context, DenseF32ArrayAttr::get(context, q.scale),
                            DenseF32ArrayAttr::get(context, q.zeroPoint), q.lo,
                            q.hi, static_cast<RoundingMode>(q.rounding),
                            q.zeroPointAfterRounding, q.bipolar, q.axis);
}

LogicalResult
QuantiserAttr::verify(llvm::function_ref<InFlightDiagnostic()> emitError,
                      DenseF32ArrayAttr scale, DenseF32ArrayAttr zeroPoint,
                      int64_t lo, int64_t hi, RoundingMode, bool, bool,
                      int64_t axis) {
  if (scale.empty() || zeroPoint.empty())
    return emitError() << "expects at least one scale and one zero point";
  for (float s : scale.asArrayRef())
    if (!std::isfinite(s) || s <= 0)
      return emitError() << "expects finite scales above zero, got " << s;
  for (float z : zeroPoint.asArrayRef())
    if (!std::isfinite(z))
      return emitError() << "expects finite zero points, got " << z;
  if (lo > hi)
    return emitError() << "expects lo <= hi, got " << lo << " and " << hi;
  if (axis < 0 && (scale.size() > 1 || zeroPoint.size() > 1))
    return emitError() << "expects an axis for " << scale.size()
                       << " scales and " << zeroPoint.size() << " zero points";
  return success();
}

//===----------------------------------------------------------------------===//
// Verifiers
//===----------------------------------------------------------------------===//

LogicalResult ConstantOp::verify() {
  if (getValue().getShapedType() != getType())
    return emitOpError() << "expects a value of the result's type, got "
                         << getValue().getShapedType();
  return success();
}

OpFoldResult ConstantOp::fold(FoldAdaptor) { return getValue(); }

/// Parameters per channel need an axis of the tensor with as many elements.
static LogicalResult verifyChannels(Operation *op, RankedTensorType type,
                                    int64_t axis, size_t count,
                                    StringRef what) {
  if (count == 1)
    return success();
  if (axis < 0 || axis >= type.getRank() ||
      type.getDimSize(axis) != int64_t(count))
    return op->emitOpError()
           << "expects 1 " << what << " or one for each index of axis " << axis
           << " of " << type << ", got " << count;
  return success();
}

LogicalResult QuantOp::verify() {
  auto type = cast<RankedTensorType>(getType());
  QuantiserAttr q = getQuantiser();
  if (failed(verifyChannels(*this, type, q.getAxis(), q.getScale().size(),
                            "scale")))
    return failure();
  return verifyChannels(*this, type, q.getAxis(), q.getZeroPoint().size(),
                        "zero point");
}

template <typename OpTy> static LogicalResult verifyLinear(OpTy op) {
  auto in = cast<RankedTensorType>(op.getInput().getType());
  auto out = cast<RankedTensorType>(op.getType());
  if (in.getShape() != out.getShape())
    return op.emitOpError()
           << "expects equal shapes, got " << in << " and " << out;
  for (float s : op.getScale())
    if (!std::isfinite(s) || s <= 0)
      return op.emitOpError() << "expects finite scales above zero, got " << s;
  if (failed(
          verifyChannels(op, in, op.getAxis(), op.getScale().size(), "scale")))
    return failure();
  return verifyChannels(op, in, op.getAxis(), op.getZeroPoint().size(),
                        "zero point");
}

LogicalResult QuantizeLinearOp::verify() { return verifyLinear(*this); }
LogicalResult DequantizeLinearOp::verify() { return verifyLinear(*this); }

LogicalResult ClipOp::verify() {
  double lo = getMin().convertToDouble(), hi = getMax().convertToDouble();
  if (std::isnan(lo) || std::isnan(hi) || lo > hi)
    return emitOpError() << "expects min <= max, got " << lo << " and " << hi;
  return success();
}

LogicalResult LeakyReluOp::verify() {
  for (float slope : getSlope())
    if (!std::isfinite(slope))
      return emitOpError() << "expects finite slopes, got " << slope;
  return verifyChannels(*this, cast<RankedTensorType>(getType()), getAxis(),
                        getSlope().size(), "slope");
}

LogicalResult EluOp::verify() {
  if (!getAlpha().isFinite())
    return emitOpError() << "expects a finite alpha";
  return success();
}

LogicalResult SoftmaxOp::verify() {
  auto type = cast<RankedTensorType>(getType());
  int64_t axis = getAxis();
  if (axis < 0 || axis >= type.getRank())
    return emitOpError() << "expects a dimension of " << type << ", got "
                         << axis;
  return success();
}

/// Of `arg_max` and `top_k`.
static LogicalResult verifyLeading(Operation *op, int64_t axis) {
  auto in = cast<RankedTensorType>(op->getOperand(0).getType());
  auto out = cast<RankedTensorType>(op->getResult(0).getType());
  bool fits = axis >= 0 && axis < in.getRank() && in.getRank() == out.getRank();
  for (int64_t d = 0; fits && d < in.getRank(); ++d)
    fits = d == axis ? out.getDimSize(d) <= in.getDimSize(d)
                     : out.getDimSize(d) == in.getDimSize(d);
  if (!fits)
    return op->emitOpError()
           << "expects at most so many elements along dimension " << axis
           << " as " << in << " has, got " << out;
  return success();
}

LogicalResult ArgMaxOp::verify() { return verifyLeading(*this, getAxis()); }

LogicalResult TopKOp::verify() { return verifyLeading(*this, getAxis()); }

static LogicalResult verifyBroadcast(Operation *op) {
  auto shape = [&](Value v) {
    return cast<RankedTensorType>(v.getType()).getShape();
  };
  ArrayRef<int64_t> out = shape(op->getResult(0));
  for (Value operand : op->getOperands()) {
    ArrayRef<int64_t> in = shape(operand);
    bool fits = in.size() <= out.size();
    for (size_t i = 0; fits && i < in.size(); ++i) {
      int64_t have = in[in.size() - 1 - i], want = out[out.size() - 1 - i];
      fits = have == 1 || have == want;
    }
    if (!fits)
      return op->emitOpError()
             << "expects operands that broadcast to "
             << op->getResult(0).getType() << ", got " << operand.getType();
  }
  return success();
}
LogicalResult AddOp::verify() { return verifyBroadcast(*this); }
LogicalResult SubOp::verify() { return verifyBroadcast(*this); }
LogicalResult MulOp::verify() { return verifyBroadcast(*this); }

LogicalResult MatMulOp::verify() {
  auto lhs = cast<RankedTensorType>(getLhs().getType());
  auto rhs = cast<RankedTensorType>(getRhs().getType());
  if (lhs.getRank() < 1 || rhs.getRank() < 1)
    return emitOpError() << "expects operands of rank 1 or more";
  int64_t inner = lhs.getDimSize(lhs.getRank() - 1);
  int64_t other = rhs.getDimSize(rhs.getRank() == 1 ? 0 : rhs.getRank() - 2);
  if (inner != other)
    return emitOpError() << "expects equal inner dimensions, got " << lhs
                         << " and " << rhs;
  return success();
}

LogicalResult ReshapeOp::verify() {
  auto in = cast<RankedTensorType>(getInput().getType());
  auto out = cast<RankedTensorType>(getType());
  if (in.getNumElements() != out.getNumElements())
    return emitOpError() << "expects as many elements in " << in << " as in "
                         << out;
  return success();
}

LogicalResult TransposeOp::verify() {
  auto in = cast<RankedTensorType>(getInput().getType());
  auto out = cast<RankedTensorType>(getType());
  ArrayRef<int64_t> perm = getPerm();
  SmallVector<bool> seen(in.getRank(), false);
  bool fits =
      int64_t(perm.size()) == in.getRank() && out.getRank() == in.getRank();
  for (size_t i = 0; fits && i < perm.size(); ++i) {
    fits = perm[i] >= 0 && perm[i] < in.getRank() && !seen[perm[i]] &&
           out.getDimSize(i) == in.getDimSize(perm[i]);
    if (fits)
      seen[perm[i]] = true;
  }
  if (!fits)
    return emitOpError() << "expects a permutation that turns " << in
                         << " into " << out;
  return success();
}

LogicalResult ConcatOp::verify() {
  auto out = cast<RankedTensorType>(getType());
  int64_t axis = getAxis(), total = 0;
  bool fits = !getInputs().empty() && axis >= 0 && axis < out.getRank();
  for (size_t i = 0; fits && i < getInputs().size(); ++i) {
    auto in = cast<RankedTensorType>(getInputs()[i].getType());
    fits = in.getRank() == out.getRank();
    for (int64_t d = 0; fits && d < out.getRank(); ++d)
      fits = d == axis || in.getDimSize(d) == out.getDimSize(d);
    total += fits ? in.getDimSize(axis) : 0;
  }
  if (!fits || total != out.getDimSize(axis))
    return emitOpError() << "expects operands that join along dimension "
                         << axis << " to " << out;
  return success();
}

LogicalResult GatherOp::verify() {
  auto in = cast<RankedTensorType>(getInput().getType());
  auto out = cast<RankedTensorType>(getType());
  int64_t axis = getAxis();
  bool fits = axis >= 0 && axis < in.getRank() && in.getRank() == out.getRank();
  for (int64_t d = 0; fits && d < in.getRank(); ++d)
    fits = out.getDimSize(d) ==
           (d == axis ? int64_t(getIndices().size()) : in.getDimSize(d));
  for (size_t i = 0; fits && i < getIndices().size(); ++i)
    fits = getIndices()[i] >= 0 && getIndices()[i] < in.getDimSize(axis);
  if (!fits)
    return emitOpError() << "expects positions of dimension " << axis << " of "
                         << in << " that make " << out;
  return success();
}

std::optional<Indices> qonnx::movedElements(Operation *op) {
  auto shapeOf = [](Value value) {
    return cast<RankedTensorType>(value.getType()).getShape();
  };
  if (isa<ReshapeOp>(op)) // row-major order stays
    return broadcastIndices(shapeOf(op->getResult(0)),
                            shapeOf(op->getResult(0)));
  if (auto transpose = dyn_cast<TransposeOp>(op))
    return transposeIndices(shapeOf(transpose.getInput()), transpose.getPerm());
  if (auto gather = dyn_cast<GatherOp>(op))
    return gatherIndices(shapeOf(gather.getInput()), gather.getAxis(),
                         gather.getIndices());
  return std::nullopt;
}

//===----------------------------------------------------------------------===//
// Recurrence
//===----------------------------------------------------------------------===//

int64_t ScanOp::getSteps() {
  auto type = cast<RankedTensorType>(getInputs().front().getType());
  return type.getDimSize(getInputAxes().front());
}

LogicalResult ScanOp::verify() {
  Block &body = getBody().front();
  size_t states = getStates().size(), inputs = getInputs().size();
  if (inputs == 0)
    return emitOpError() << "expects at least one scan input";
  if (body.getNumArguments() != getNumOperands())
    return emitOpError() << "expects " << getNumOperands()
                         << " body arguments, got " << body.getNumArguments();
  auto yield = dyn_cast<YieldOp>(body.getTerminator());
  if (!yield || yield.getNumOperands() != getNumResults() ||
      getNumResults() < states)
    return emitOpError() << "expects a yield of " << getNumResults()
                         << " values, " << states << " of them states";
  if (getInputAxes().size() != inputs ||
      getInputDirections().size() != inputs ||
      getOutputAxes().size() != getNumResults() - states ||
      getOutputDirections().size() != getNumResults() - states)
    return emitOpError() << "expects one axis and direction for each scan "
                            "input and output";
  for (size_t i = 0; i < states; ++i)
    if (yield.getOperand(i).getType() != getStates()[i].getType() ||
        body.getArgument(i).getType() != getStates()[i].getType())
      return emitOpError() << "expects state " << i << " to keep its type "
                           << getStates()[i].getType() << ", got "
                           << yield.getOperand(i).getType();
  for (size_t i = 0; i < inputs; ++i) {
    auto type = cast<RankedTensorType>(getInputs()[i].getType());
    int64_t axis = getInputAxes()[i];
    if (axis < 0 || axis >= type.getRank() ||
        type.getDimSize(axis) != getSteps())
      return emitOpError() << "expects " << getSteps() << " steps on axis "
                           << axis << " of scan input " << i << ", got "
                           << type;
  }
  return success();
}

LogicalResult QuantLSTMCellOp::verify() {
  if (getWeights().size() != 4 || getRecurrentWeights().size() != 4 ||
      (getBiases().size() != 4 && !getBiases().empty()))
    return emitOpError()
           << "expects 4 weights, 4 recurrent weights and 0 or 4 biases, got "
           << getWeights().size() << ", " << getRecurrentWeights().size()
           << ", " << getBiases().size();
  if (getQuantisers().size() != 11)
    return emitOpError() << "expects 11 quantisers, got "
                         << getQuantisers().size();
  return success();
}

int64_t RnnOp::gatesOf(Cell cell) {
  return cell == Cell::Lstm ? 4 : cell == Cell::Gru ? 3 : 1;
}

int64_t RnnOp::activationsOf(Cell cell) {
  return cell == Cell::Lstm ? 3 : cell == Cell::Gru ? 2 : 1;
}

int64_t RnnOp::getHidden() {
  return cast<RankedTensorType>(getR().getType()).getShape().back();
}

/// Shapes of operands and results as the description's table has them.
LogicalResult RnnOp::verify() {
  auto x = cast<RankedTensorType>(getX().getType());
  auto r = cast<RankedTensorType>(getR().getType());
  if (x.getRank() != 3 || r.getRank() != 3)
    return emitOpError() << "expects x and r of rank 3, got " << x << " and "
                         << r;
  int64_t d = getDirections(), h = getHidden(), g = gatesOf(getCell());
  int64_t t = x.getDimSize(getStepAxis()), n = x.getDimSize(1 - getStepAxis());
  SmallVector<int64_t> state = {d, n, h}, all = {t, d, n, h};
  if (getBatchFirst())
    state = {n, d, h}, all = {n, t, d, h};
  auto check = [&](Value value, ArrayRef<int64_t> shape) -> LogicalResult {
    if (!value || cast<RankedTensorType>(value.getType()).getShape() == shape)
      return success();
    return emitOpError() << "expects a tensor of shape [" << shape << "], got "
                         << value.getType();
  };
  if (failed(check(getW(), {d, g * h, x.getDimSize(2)})) ||
      failed(check(getR(), {d, g * h, h})) ||
      failed(check(getBias(), {d, 2 * g * h})) ||
      failed(check(getPeepholes(), {d, 3 * h})) ||
      failed(check(getInitialH(), state)) ||
      failed(check(getInitialC(), state)) || failed(check(getAllH(), all)) ||
      failed(check(getLastH(), state)) || failed(check(getLastC(), state)))
    return failure();
  bool lstm = getCell() == Cell::Lstm;
  if (bool(getLastC()) != lstm || (!lstm && (getInitialC() || getPeepholes())))
    return emitOpError() << "expects c and peepholes for an lstm only";
  if (int64_t(getActivations().size()) != d * activationsOf(getCell()))
    return emitOpError() << "expects " << d * activationsOf(getCell())
                         << " activations, got " << getActivations().size();
  if (!getSequenceLens().empty() && int64_t(getSequenceLens().size()) != n)
    return emitOpError() << "expects " << n << " sequence lengths, got "
                         << getSequenceLens().size();
  for (int64_t length : getSequenceLens())
    if (length < 1 || length > t)
      return emitOpError() << "expects sequence lengths of 1 to " << t
                           << ", got " << length;
  return success();
}
