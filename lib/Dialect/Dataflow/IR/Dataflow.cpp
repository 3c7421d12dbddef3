//===- Dataflow.cpp - Regions and the matrix-vector unit ------------------===//

#include "finngl/Dialect/Dataflow/IR/Dataflow.h"
#include "finngl/Core/Number.h"
#include "mlir/IR/Builders.h"

using namespace mlir;
using namespace finngl;
using namespace finngl::df;

#include "finngl/Dialect/Dataflow/IR/DataflowDialect.cpp.inc"
#include "finngl/Dialect/Dataflow/IR/DataflowInterfaces.cpp.inc"
#define GET_OP_CLASSES
#include "finngl/Dialect/Dataflow/IR/DataflowOps.cpp.inc"

void DataflowDialect::initialize() {
  addOperations<
#define GET_OP_LIST
#include "finngl/Dialect/Dataflow/IR/DataflowOps.cpp.inc"
      >();
}

IntegerType df::elementType(Value value) {
  return cast<IntegerType>(
      cast<RankedTensorType>(value.getType()).getElementType());
}

int64_t df::vectorSize(Value value) {
  return cast<RankedTensorType>(value.getType()).getShape().back();
}

int64_t df::stepsOf(Value stream) {
  auto type = cast<RankedTensorType>(stream.getType());
  return type.getRank() == 2 ? type.getDimSize(0) : 1;
}

SmallVector<int64_t> df::forChannels(ArrayRef<int64_t> values,
                                     int64_t channels) {
  SmallVector<int64_t> all(values);
  if (all.size() > 1)
    all.resize(channels, all.back());
  return all;
}

//===----------------------------------------------------------------------===//
// Region
//===----------------------------------------------------------------------===//

EmitOp RegionOp::getEmit() {
  return cast<EmitOp>(getBody().front().getTerminator());
}

bool RegionOp::isStreamed(size_t state) {
  return !getStates()[state].getDefiningOp<finn::ConstantOp>();
}

size_t RegionOp::stateOfLoad(size_t load) {
  for (size_t state = 0; state < getStates().size(); ++state)
    if (!isStreamed(state) && load-- == 0)
      return state;
  llvm_unreachable("a load for each state that starts from a constant");
}

Value RegionOp::loadOf(size_t state) {
  for (size_t load = 0; load < getLoads().size(); ++load)
    if (stateOfLoad(load) == state)
      return getLoads()[load];
  return {};
}

LogicalResult RegionOp::verify() {
  Block &body = getBody().front();
  auto emit = dyn_cast<EmitOp>(body.getTerminator());
  if (!emit || emit.getNumOperands() != getNumResults() ||
      emit.getNumOperands() == 0)
    return emitOpError() << "expects an emit of " << getNumResults()
                         << " values";
  if (body.getNumArguments() != getStates().size() + getInputs().size())
    return emitOpError() << "expects "
                         << getStates().size() + getInputs().size()
                         << " body arguments, got " << body.getNumArguments();
  for (size_t i = 0; i < getStates().size(); ++i)
    if (emit.getOperand(i).getType() != body.getArgument(i).getType())
      return emitOpError() << "expects state " << i << " to keep its type "
                           << body.getArgument(i).getType() << ", got "
                           << emit.getOperand(i).getType();
  size_t constants = 0;
  for (size_t i = 0; i < getStates().size(); ++i)
    constants += !isStreamed(i);
  if (!getLoads().empty() && getLoads().size() != constants)
    return emitOpError() << "expects no load or one for each of the "
                         << constants << " states that start from a constant";
  for (size_t k = 0; k < getLoads().size(); ++k) {
    Value load = getLoads()[k], inside = body.getArgument(stateOfLoad(k));
    if (elementType(load) != elementType(inside) ||
        vectorSize(load) > vectorSize(inside))
      return emitOpError() << "expects load " << k << " of type "
                           << inside.getType() << ", got " << load.getType();
  }
  for (auto [outside, inside] : llvm::zip(getOperands(), body.getArguments()))
    if (vectorSize(outside) > vectorSize(inside))
      return emitOpError() << "expects an argument for all of the "
                           << vectorSize(outside) << " elements, got "
                           << inside.getType();
  for (auto [inside, outside] : llvm::zip(emit.getOperands(), getResults()))
    if (vectorSize(outside) > vectorSize(inside))
      return emitOpError() << "expects an emitted value with all of the "
                           << vectorSize(outside) << " elements, got "
                           << inside.getType();
  for (BlockArgument argument : body.getArguments())
    if (llvm::count_if(argument.getUsers(),
                       [](Operation *user) { return isa<MvuOp>(user); }) > 1)
      return emitOpError() << "expects at most one mvu to read argument "
                           << argument.getArgNumber();
  return success();
}

//===----------------------------------------------------------------------===//
// State ports
//===----------------------------------------------------------------------===//

/// All states hold the parts' elements, in a type that holds each part's codes.
static LogicalResult verifyParts(Operation *op, Value whole, ValueRange parts) {
  int64_t elements = 0;
  auto [lo, hi] = finn::rangeOf(elementType(whole));
  for (Value part : parts) {
    elements += vectorSize(part);
    auto [least, most] = finn::rangeOf(elementType(part));
    if (least < lo || most > hi)
      return op->emitOpError() << "expects " << elementType(whole)
                               << " to hold a part's " << elementType(part);
  }
  if (parts.empty() || elements != vectorSize(whole))
    return op->emitOpError() << "expects parts of " << vectorSize(whole)
                             << " elements together, got " << elements;
  return success();
}

LogicalResult SplitOp::verify() {
  return verifyParts(*this, getInput(), getParts());
}

LogicalResult JoinOp::verify() {
  return verifyParts(*this, getResult(), getParts());
}

//===----------------------------------------------------------------------===//
// Matrix-vector unit
//===----------------------------------------------------------------------===//

IntegerType MvuOp::getOperandType() {
  int64_t lo = 0, hi = 0;
  for (Value operand : getOperands()) {
    auto [a, b] = finn::rangeOf(elementType(operand));
    lo = std::min(lo, a);
    hi = std::max(hi, b);
  }
  return finn::typeForRange(getContext(), lo, hi);
}

unsigned MvuOp::getAccumulatorWidth() {
  unsigned width = 2;
  for (Value block : getBlocks()) {
    IntegerType type = elementType(block);
    width = std::max(width, type.getWidth() + (type.isUnsigned() ? 1 : 0));
  }
  return width;
}

LogicalResult MvuOp::verify() {
  auto type = getWeights().getShapedType();
  if (type.getRank() != 2 || !finn::isFinnInteger(type.getElementType()))
    return emitOpError() << "expects integer weights [rows, columns], got "
                         << type;
  int64_t columns = 0, rows = 0;
  for (Value operand : getOperands()) {
    columns += vectorSize(operand);
    if (isa<BlockArgument>(operand) != isa<BlockArgument>(getOperand(0)))
      return emitOpError() << "expects operands that are all arguments of the "
                              "region or all computed in it";
  }
  for (Value block : getBlocks())
    rows += vectorSize(block);
  if (getSplit()) {
    rows /= 2;
    if (int64_t(*getSplit()) < 1 || int64_t(*getSplit()) >= columns ||
        getBlocks().size() % 2)
      return emitOpError() << "expects a split inside of the " << columns
                           << " columns and an even number of results";
  }
  if (columns != getColumns() || rows != getRows())
    return emitOpError() << "expects weights [" << rows << ", " << columns
                         << "], got " << type;
  if (getImpl() != "lut" && getImpl() != "dsp" && getImpl() != "dsp_packed")
    return emitOpError() << "expects impl lut, dsp or dsp_packed, got "
                         << getImpl();
  return success();
}
