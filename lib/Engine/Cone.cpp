//===- Cone.cpp - What an element depends on ------------------------------===//

#include "Cone.h"

using namespace mlir;
using namespace finngl;
using namespace finngl::engine;

Marks ConeDomain::gather(const Value &value, std::vector<int64_t> shape,
                         const Indices &indices) {
  Marks result{std::move(shape), {}, value.constant};
  for (int64_t index : indices)
    result.marked.push_back(value.marked[index]);
  return result;
}

Marks ConeDomain::stack(Operands slices, std::vector<int64_t> shape,
                        const Indices &indices) {
  Marks whole;
  for (const Marks *slice : slices)
    llvm::append_range(whole.marked, slice->marked);
  return gather(whole, std::move(shape), indices);
}

Marks ConeDomain::enterState(qonnx::ScanOp, unsigned, const Value &value,
                             bool initial) {
  Marks result = value;
  if (clearStates && !initial)
    result.marked.assign(result.marked.size(), 0);
  return result;
}

static Marks matMul(std::vector<int64_t> shape, const Marks &lhs,
                    const Marks &rhs) {
  MatMulPlan plan = planMatMul(lhs.shape, rhs.shape);
  Marks result{std::move(shape), {}};
  for (auto [l, r] : llvm::zip(plan.lhsOffsets, plan.rhsOffsets))
    for (int64_t row = 0; row < plan.rows; ++row)
      for (int64_t column = 0; column < plan.columns; ++column) {
        uint8_t mark = 0;
        for (int64_t k = 0; k < plan.inner; ++k)
          mark |= lhs.marked[l + row * plan.inner + k] |
                  rhs.marked[r + k * plan.columns + column];
        result.marked.push_back(mark);
      }
  return result;
}

FailureOr<Marks> ConeDomain::evaluate(Operation *op, Operands operands,
                                      int64_t visit) {
  std::vector<int64_t> shape =
      cast<RankedTensorType>(op->getResult(0).getType()).getShape().vec();
  if (isa<qonnx::MatMulOp>(op))
    return matMul(std::move(shape), *operands[0], *operands[1]);
  if (auto concat = dyn_cast<qonnx::ConcatOp>(op))
    return stack(operands, std::move(shape), concatIndices(concat));
  Marks result{shape, std::vector<uint8_t>(elementCount(shape), 0)};
  bool constant = true;
  for (const Marks *operand : operands) {
    constant &= operand->constant;
    Indices indices = broadcastIndices(operand->shape, shape);
    for (auto [mark, index] : llvm::zip(result.marked, indices))
      mark |= operand->marked[index];
  }
  if (isa<qonnx::QuantOp>(op) && !constant)
    judge(op, visit, result.marked);
  return result;
}
