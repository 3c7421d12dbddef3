//===- GraphWalk.cpp - Walks a qonnx function -----------------------------===//

#include "finngl/Engine/GraphWalk.h"
#include <cmath>

using namespace mlir;
using namespace finngl;

qonnx::QuantiserAttr finngl::quantiserOf(Value value) {
  Operation *op = value.getDefiningOp();
  if (!op)
    return {};
  if (auto quant = dyn_cast<qonnx::QuantOp>(op))
    return quant.getQuantiser();
  if (!isa<qonnx::ReshapeOp, qonnx::TransposeOp, qonnx::GatherOp>(op))
    return {};
  qonnx::QuantiserAttr inner = quantiserOf(op->getOperand(0));
  // An axis would have to follow the dimensions; nobody needs that yet.
  return inner && inner.getAxis() < 0 ? inner : qonnx::QuantiserAttr();
}

/// Grid of sums: both sides on one grid whose zero is an integer step.
static qonnx::QuantiserAttr gridOf(Value value) {
  if (qonnx::QuantiserAttr quantiser = quantiserOf(value))
    return quantiser;
  Operation *op = value.getDefiningOp();
  if (!op || !isa<qonnx::AddOp, qonnx::SubOp, qonnx::NegOp, qonnx::ReshapeOp,
                  qonnx::TransposeOp, qonnx::GatherOp>(op))
    return {};
  qonnx::QuantiserAttr first = gridOf(op->getOperand(0));
  if (!first || first.getAxis() >= 0 || first.getBipolar() ||
      first.getZeroPoint()[0] != 0.0f)
    return {};
  for (Value operand : op->getOperands().drop_front()) {
    qonnx::QuantiserAttr other = gridOf(operand);
    if (!other || other.getBipolar() || other.getScale() != first.getScale() ||
        other.getZeroPoint() != first.getZeroPoint())
      return {};
  }
  return first;
}

qonnx::QuantiserAttr finngl::gridOfState(qonnx::ScanOp scan, unsigned state) {
  return gridOf(scan.getBody().front().getTerminator()->getOperand(state));
}

Indices finngl::concatIndices(qonnx::ConcatOp op) {
  Indices extents;
  for (Value input : op.getInputs())
    extents.push_back(
        cast<RankedTensorType>(input.getType()).getDimSize(op.getAxis()));
  auto shape = cast<RankedTensorType>(op.getType()).getShape();
  return concatIndices(shape, op.getAxis(), extents);
}

LogicalResult finngl::verifyInputs(func::FuncOp function,
                                   ArrayRef<FloatTensor> inputs) {
  ArrayRef<Type> types = function.getArgumentTypes();
  if (inputs.size() != types.size())
    return function.emitError()
           << "expects " << types.size() << " inputs, got " << inputs.size();
  for (auto [i, input] : llvm::enumerate(inputs)) {
    auto type = cast<RankedTensorType>(types[i]);
    if (!type.getElementType().isF32() ||
        type.getShape() != ArrayRef<int64_t>(input.shape) ||
        input.elements() != int64_t(input.data.size())) {
      auto got = RankedTensorType::get(input.shape, type.getElementType());
      InFlightDiagnostic error = function.emitError()
                                 << "expects input " << i << " of type " << type
                                 << ", got " << got << " with "
                                 << input.data.size() << " elements";
      error.attachNote() << "give data of this shape, or export the model with "
                            "its number of steps open";
      return error;
    }
    for (auto [element, value] : llvm::enumerate(input.data))
      if (!std::isfinite(value))
        return function.emitError()
               << "expects finite data, got " << value << " at element "
               << element << " of input " << i;
  }
  return success();
}
