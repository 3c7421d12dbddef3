//===- Constants.cpp - Values that depend on constants only ---------------===//

#include "finngl/Engine/FloatEvaluator.h"
#include "finngl/PostTraining/Sites.h"
#include "finngl/Support/Indexing.h"

using namespace mlir;
using namespace finngl;
using namespace finngl::ptq;

bool ptq::isConstant(Value value) {
  Operation *maker = value.getDefiningOp();
  return maker && maker->getNumRegions() == 0 &&
         llvm::all_of(maker->getOperands(), isConstant);
}

static FailureOr<engine::FloatValue> evaluate(Value value) {
  Operation *op = value.getDefiningOp();
  std::vector<engine::FloatValue> operands;
  for (Value operand : op->getOperands()) {
    auto known = evaluate(operand);
    if (failed(known))
      return failure();
    operands.push_back(std::move(*known));
  }
  if (std::optional<Indices> moved = qonnx::movedElements(op)) {
    std::vector<float> data;
    for (int64_t index : *moved)
      data.push_back(operands[0].data[index]);
    operands[0].data = std::move(data);
    operands[0].shape =
        cast<RankedTensorType>(value.getType()).getShape().vec();
    return operands[0];
  }
  auto references = llvm::map_to_vector(
      operands, [](const engine::FloatValue &v) { return &v; });
  return engine::evaluateFloat(op, references);
}

FailureOr<std::vector<float>> ptq::constantData(Value value) {
  auto known = evaluate(value);
  if (failed(known))
    return failure();
  return known->data;
}

/// A convolution's result, with biases or normalised.
static bool isImage(Value value) {
  Operation *op = value.getDefiningOp();
  if (isa_and_nonnull<qonnx::AddOp, qonnx::SubOp, qonnx::NegOp,
                      qonnx::BatchNormOp, qonnx::QuantOp>(op))
    return llvm::any_of(op->getOperands(), isImage);
  return isa_and_nonnull<qonnx::ConvOp>(op);
}

int64_t ptq::channelAxis(Value value) {
  if (isImage(value))
    return 1;
  auto shape = cast<RankedTensorType>(value.getType()).getShape();
  int64_t last = int64_t(shape.size()) - 1, axis = last;
  // Outside of bodies an axis of steps may stand before a single channel.
  if (!value.getParentBlock()->getParentOp()->getParentOfType<func::FuncOp>())
    return last;
  while (axis > 0 && shape[axis] == 1)
    --axis;
  return shape.empty() || shape[axis] == 1 ? last : axis;
}
