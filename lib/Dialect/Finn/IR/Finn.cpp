//===- Finn.cpp - Integer-only networks -----------------------------------===//

#include "finngl/Dialect/Finn/IR/Finn.h"
#include "finngl/Core/Number.h"
#include "finngl/Support/IntElements.h"
#include "mlir/IR/Builders.h"

using namespace mlir;
using namespace finngl;
using namespace finngl::finn;

#include "finngl/Dialect/Finn/IR/FinnDialect.cpp.inc"
#define GET_OP_CLASSES
#include "finngl/Dialect/Finn/IR/FinnOps.cpp.inc"

void FinnDialect::initialize() {
  addOperations<
#define GET_OP_LIST
#include "finngl/Dialect/Finn/IR/FinnOps.cpp.inc"
      >();
}

//===----------------------------------------------------------------------===//
// Types
//===----------------------------------------------------------------------===//

bool finn::isFinnInteger(Type type) {
  auto integer = dyn_cast<IntegerType>(type);
  return integer && !integer.isSignless() && integer.getWidth() >= 1 &&
         integer.getWidth() <= kMaxWidth;
}

IntegerType finn::typeForRange(MLIRContext *context, int64_t lo, int64_t hi) {
  bool isSigned = lo < 0;
  unsigned width = bitWidthFor(toInteger(lo), toInteger(hi), isSigned);
  if (width > kMaxWidth)
    return {};
  return IntegerType::get(
      context, width, isSigned ? IntegerType::Signed : IntegerType::Unsigned);
}

std::pair<int64_t, int64_t> finn::rangeOf(IntegerType type) {
  unsigned width = type.getWidth();
  if (type.isUnsigned())
    return {0, int64_t((uint64_t(1) << width) - 1)};
  return {-(int64_t(1) << (width - 1)), (int64_t(1) << (width - 1)) - 1};
}

//===----------------------------------------------------------------------===//
// Verifiers
//===----------------------------------------------------------------------===//

static RankedTensorType tensorOf(Value value) {
  return cast<RankedTensorType>(value.getType());
}

LogicalResult ConstantOp::verify() {
  if (getValue().getShapedType() != getType())
    return emitOpError() << "expects a value of the result's type, got "
                         << getValue().getShapedType();
  return success();
}

OpFoldResult ConstantOp::fold(FoldAdaptor) { return getValue(); }

/// Same shape but for the last dimension, which is `channels`.
static LogicalResult verifyRows(Operation *op, RankedTensorType in,
                                RankedTensorType out, int64_t channels) {
  if (in.getRank() != out.getRank() || in.getRank() < 1 ||
      in.getShape().drop_back() != out.getShape().drop_back() ||
      out.getShape().back() != channels)
    return op->emitOpError() << "expects " << channels << " channels from "
                             << in << ", got " << out;
  return success();
}

LogicalResult MatMulOp::verify() {
  auto weights = getWeights().getShapedType();
  auto in = tensorOf(getInput()), out = tensorOf(getResult());
  if (weights.getRank() != 2 || !isFinnInteger(weights.getElementType()))
    return emitOpError() << "expects integer weights [MH, MW], got " << weights;
  if (in.getRank() < 1 || in.getShape().back() != weights.getDimSize(1))
    return emitOpError() << "expects " << weights.getDimSize(1)
                         << " input channels, got " << in;
  return verifyRows(*this, in, out, weights.getDimSize(0));
}

static LogicalResult verifyPerChannel(Operation *op, ArrayRef<int64_t> values,
                                      RankedTensorType type, StringRef what) {
  if (values.size() != 1 && int64_t(values.size()) != type.getShape().back())
    return op->emitOpError()
           << "expects 1 or " << type.getShape().back() << " entries of '"
           << what << "', got " << values.size();
  return success();
}

LogicalResult LincombOp::verify() {
  auto out = tensorOf(getResult());
  size_t terms = getInputs().size();
  size_t channels = out.getShape().empty() ? 1 : out.getShape().back();
  size_t entries = getCoefficients().size();
  if (terms == 0 || (entries != terms && entries != terms * channels))
    return emitOpError() << "expects one coefficient for each of " << terms
                         << " operands, or one for each of them and of "
                         << channels << " channels, got " << entries;
  for (Value input : getInputs())
    if (tensorOf(input).getShape() != out.getShape())
      return emitOpError() << "expects operands of shape " << out << ", got "
                           << input.getType();
  return verifyPerChannel(*this, getOffset(), out, "offset");
}

LogicalResult MulOp::verify() {
  if (tensorOf(getLhs()).getShape() != tensorOf(getResult()).getShape() ||
      tensorOf(getRhs()).getShape() != tensorOf(getResult()).getShape())
    return emitOpError() << "expects equal shapes, got " << getLhs().getType()
                         << ", " << getRhs().getType() << " and " << getType();
  return success();
}

static LogicalResult verifySameShape(Operation *op) {
  auto in = tensorOf(op->getOperand(0)), out = tensorOf(op->getResult(0));
  if (in.getShape() != out.getShape())
    return op->emitOpError()
           << "expects equal shapes, got " << in << " and " << out;
  return success();
}

/// [lo, hi] must fit the element type of the result.
static LogicalResult verifyFits(Operation *op, int64_t lo, int64_t hi) {
  auto type = cast<IntegerType>(tensorOf(op->getResult(0)).getElementType());
  auto [typeLo, typeHi] = rangeOf(type);
  if (lo > hi || lo < typeLo || hi > typeHi)
    return op->emitOpError()
           << "expects [" << lo << ", " << hi << "] to fit " << type;
  return success();
}

Requant finn::toRequant(RequantOp op) {
  auto copy = [](ArrayRef<int64_t> values) {
    return std::vector<int64_t>(values.begin(), values.end());
  };
  Requant requant{.p = int64_t(op.getP()),
                  .k = unsigned(op.getK()),
                  .c = copy(op.getC()),
                  .w = copy(op.getW()),
                  .lo = int64_t(op.getLo()),
                  .hi = int64_t(op.getHi()),
                  .split = std::nullopt};
  if (op.getSplit()) {
    // The op keeps the low side in `c`, the record the high side.
    requant.split = Requant::Split{copy(*op.getSplit()), copy(op.getC())};
    requant.c = copy(*op.getCHigh());
  }
  return requant;
}

LogicalResult RequantOp::verify() {
  auto out = tensorOf(getResult());
  if (getK() > 62)
    return emitOpError() << "expects a shift of 0 to 62, got " << getK();
  if (getSplit().has_value() != getCHigh().has_value())
    return emitOpError() << "expects 'split' and 'c_high' together";
  if (failed(verifySameShape(*this)) ||
      failed(verifyPerChannel(*this, getC(), out, "c")) ||
      failed(verifyPerChannel(*this, getW(), out, "w")))
    return failure();
  return verifyFits(*this, getLo(), getHi());
}

LogicalResult TableOp::verify() {
  if (getValues().empty())
    return emitOpError() << "expects a table with entries";
  if (failed(verifySameShape(*this)))
    return failure();
  auto [lo, hi] = std::minmax_element(getValues().begin(), getValues().end());
  return verifyFits(*this, *lo, *hi);
}

LogicalResult MultiThresholdOp::verify() {
  auto type = getThresholds().getShapedType();
  auto out = tensorOf(getResult());
  if (type.getRank() != 2 || !isFinnInteger(type.getElementType()) ||
      (type.getDimSize(0) != 1 && type.getDimSize(0) != out.getShape().back()))
    return emitOpError() << "expects thresholds [1 or " << out.getShape().back()
                         << ", N], got " << type;
  if (failed(verifySameShape(*this)) ||
      failed(verifyFits(*this, getBias(), getBias() + type.getDimSize(1))))
    return failure();
  std::vector<int64_t> values = intElements(getThresholds());
  int64_t count = type.getDimSize(1);
  for (int64_t c = 0; c < type.getDimSize(0); ++c)
    if (!std::is_sorted(values.begin() + c * count,
                        values.begin() + (c + 1) * count))
      return emitOpError() << "expects ascending thresholds in channel " << c;
  return success();
}

static LogicalResult verifySequences(Operation *op) {
  auto in = tensorOf(op->getOperand(0)), out = tensorOf(op->getResult(0));
  if (in.getRank() == 2 && out.getRank() == 2)
    return success();
  return op->emitOpError() << "expects sequences [T, n], got " << in << " and "
                           << out;
}

LogicalResult ReshapeOp::verify() {
  auto in = tensorOf(getInput()), out = tensorOf(getResult());
  if (failed(verifySequences(*this)))
    return failure();
  if (in.getNumElements() != out.getNumElements() ||
      in.getElementType() != out.getElementType())
    return emitOpError() << "expects the elements of " << in << ", got " << out;
  return success();
}

static Window windowOf(Im2ColOp op) {
  auto copy = [](ArrayRef<int64_t> list) {
    return Indices(list.begin(), list.end());
  };
  size_t rank = op.getKernel().size();
  return {copy(op.getKernel()), copy(op.getStrides()), copy(op.getDilations()),
          copy(op.getPads().take_front(rank)),
          copy(op.getPads().drop_front(rank))};
}

std::vector<int64_t> Im2ColOp::sourceRows() {
  WindowPlan plan = planWindows(getImage(), windowOf(*this));
  std::vector<int64_t> rows;
  for (int64_t position = 0; position < plan.positions; ++position)
    for (int64_t tap = 0; tap < plan.taps; ++tap)
      rows.push_back(plan.from[tap * plan.positions + position]);
  return rows;
}

LogicalResult Im2ColOp::verify() {
  auto in = tensorOf(getInput()), out = tensorOf(getResult());
  size_t rank = getImage().size();
  if (failed(verifySequences(*this)))
    return failure();
  if (rank < 1 || getKernel().size() != rank || getStrides().size() != rank ||
      getDilations().size() != rank || getPads().size() != 2 * rank)
    return emitOpError() << "expects as many kernel, strides and dilations as "
                            "extents of the image, and twice as many pads";
  auto below = [](ArrayRef<int64_t> list, int64_t least) {
    return llvm::any_of(list, [&](int64_t entry) { return entry < least; });
  };
  if (below(getImage(), 1) || below(getKernel(), 1) || below(getStrides(), 1) ||
      below(getDilations(), 1) || below(getPads(), 0))
    return emitOpError() << "expects image, kernel, strides and dilations "
                            "above zero and pads of zero or more";
  Window window = windowOf(*this);
  int64_t windows = 1, taps = 1, positions = 1;
  for (size_t d = 0; d < rank; ++d) {
    windows *= windowCount(window, d, getImage()[d]);
    taps *= window.kernel[d];
    positions *= getImage()[d];
  }
  int64_t channels = in.getDimSize(1);
  if (in.getDimSize(0) != positions || out.getDimSize(0) != windows ||
      out.getDimSize(1) != taps * channels)
    return emitOpError() << "expects [" << positions << ", C] to become ["
                         << windows << ", " << taps << " * C], got " << in
                         << " and " << out;
  auto type = cast<IntegerType>(out.getElementType());
  auto [lo, hi] = rangeOf(cast<IntegerType>(in.getElementType()));
  for (int64_t value : getPadValue()) {
    lo = std::min(lo, value);
    hi = std::max(hi, value);
  }
  auto [least, most] = rangeOf(type);
  if (lo < least || hi > most)
    return emitOpError() << "expects a type that holds the operand and its "
                            "padding, got "
                         << type;
  return verifyPerChannel(*this, getPadValue(), in, "pad_value");
}

LogicalResult MaxPoolOp::verify() {
  auto in = tensorOf(getInput()), out = tensorOf(getResult());
  if (failed(verifySequences(*this)))
    return failure();
  if (in.getDimSize(0) != out.getDimSize(0) ||
      in.getDimSize(1) % out.getDimSize(1) != 0)
    return emitOpError() << "expects a multiple of the result's channels, got "
                         << in << " and " << out;
  return success();
}

/// Of `arg_max` and `top_k`: at most as many elements a row as come in.
static bool isLeading(RankedTensorType in, RankedTensorType out) {
  return in.getRank() == out.getRank() &&
         out.getShape().back() <= in.getShape().back() &&
         in.getShape().drop_back() == out.getShape().drop_back();
}

LogicalResult ArgMaxOp::verify() {
  auto in = tensorOf(getInput()), out = tensorOf(getResult());
  int64_t last = in.getShape().back() - 1;
  auto [least, most] = rangeOf(cast<IntegerType>(out.getElementType()));
  if (!isLeading(in, out) || least > 0 || most < last)
    return emitOpError() << "expects positions of 0 to " << last
                         << " for each row of " << in << ", got " << out;
  return success();
}

LogicalResult TopKOp::verify() {
  auto in = tensorOf(getInput()), out = tensorOf(getResult());
  if (!isLeading(in, out))
    return emitOpError() << "expects elements of each row of " << in << ", got "
                         << out;
  return success();
}

int64_t ScanOp::getSteps() {
  return tensorOf(getInputs().front()).getDimSize(0);
}

LogicalResult ScanOp::verify() {
  Block &body = getBody().front();
  size_t states = getStates().size(), inputs = getInputs().size();
  auto yield = dyn_cast<YieldOp>(body.getTerminator());
  if (inputs == 0)
    return emitOpError() << "expects at least one scan input";
  if (body.getNumArguments() != states + inputs || !yield ||
      yield.getNumOperands() != getNumResults() || getNumResults() < states)
    return emitOpError() << "expects a body of " << states + inputs
                         << " arguments that yields " << getNumResults()
                         << " values";
  if (getStateRanges().size() != 2 * states ||
      getReverseInputs().size() != inputs ||
      getReverseOutputs().size() != getNumResults() - states)
    return emitOpError() << "expects a range for each state and a direction "
                            "for each scan input and output";
  auto shapeOf = [](Value value) { return tensorOf(value).getShape(); };
  for (size_t i = 0; i < states; ++i) {
    Type inside = body.getArgument(i).getType();
    if (yield.getOperand(i).getType() != inside)
      return emitOpError() << "expects state " << i << " to keep its type "
                           << inside << ", got "
                           << yield.getOperand(i).getType();
    if (shapeOf(getStates()[i]) != shapeOf(body.getArgument(i)) ||
        getResult(i).getType() != inside)
      return emitOpError() << "expects state " << i << " to start in shape and "
                           << "end as " << inside << ", got "
                           << getStates()[i].getType() << " and "
                           << getResult(i).getType();
    auto [lo, hi] = rangeOf(cast<IntegerType>(getElementTypeOrSelf(inside)));
    if (getStateRanges()[2 * i] < lo || getStateRanges()[2 * i + 1] > hi)
      return emitOpError() << "expects the range of state " << i << ", ["
                           << getStateRanges()[2 * i] << ", "
                           << getStateRanges()[2 * i + 1] << "], to fit "
                           << inside;
  }
  for (Value input : getInputs())
    if (tensorOf(input).getRank() != 2 ||
        tensorOf(input).getDimSize(0) != getSteps())
      return emitOpError() << "expects scan inputs [" << getSteps()
                           << ", n], got " << input.getType();
  for (size_t i = 0; i < inputs; ++i)
    if (shapeOf(body.getArgument(states + i)) !=
        shapeOf(getInputs()[i]).drop_front())
      return emitOpError() << "expects a step of scan input " << i << ", "
                           << getInputs()[i].getType() << ", got "
                           << body.getArgument(states + i).getType();
  for (size_t i = states; i < getNumResults(); ++i)
    if (shapeOf(getResult(i)).size() != 2 ||
        shapeOf(getResult(i)).front() != getSteps() ||
        shapeOf(getResult(i)).drop_front() != shapeOf(yield.getOperand(i)))
      return emitOpError() << "expects scan output " << i - states
                           << " to hold " << getSteps() << " of "
                           << yield.getOperand(i).getType() << ", got "
                           << getResult(i).getType();
  return success();
}
