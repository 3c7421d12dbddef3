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

//===----------------------------------------------------------------------===//
// Region
//===----------------------------------------------------------------------===//

EmitOp RegionOp::getEmit() {
  return cast<EmitOp>(getBody().front().getTerminator());
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
  for (BlockArgument argument : body.getArguments())
    if (llvm::count_if(argument.getUsers(),
                       [](Operation *user) { return isa<MvuOp>(user); }) > 1)
      return emitOpError() << "expects at most one mvu to read argument "
                           << argument.getArgNumber();
  return success();
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
