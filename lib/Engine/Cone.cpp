//===- Cone.cpp - What an element depends on ------------------------------===//

#include "Cone.h"

using namespace mlir;
using namespace finngl;
using namespace finngl::engine;

Marks ConeDomain::gather(const Value &value, std::vector<int64_t> shape,
                         const Indices &indices) {
  Marks result{std::move(shape), {}, value.constant};
  for (int64_t index : indices) // padding is -1
    result.marked.push_back(index < 0 ? 0 : value.marked[index]);
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

static Marks matMul(std::vector<int64_t> shape, const MatMulPlan &plan,
                    const Marks &lhs, const Marks &rhs) {
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

/// A tensor of `shape` depends on every element of `input` along the dimension.
static Marks alongAxis(std::vector<int64_t> shape, int64_t axis,
                       const Marks &input) {
  std::vector<int64_t> one = shape;
  one[axis] = 1;
  std::vector<uint8_t> any;
  for (const Indices &line : linesAlong(input.shape, axis))
    any.push_back(llvm::any_of(
        line, [&](int64_t element) { return input.marked[element]; }));
  Marks result{std::move(shape), {}, input.constant};
  for (int64_t index : broadcastIndices(one, result.shape))
    result.marked.push_back(any[index]);
  return result;
}

Marks engine::throughHost(const Marks &input, int64_t axis) {
  return axis < 0 ? input : alongAxis(input.shape, axis, input);
}

static Marks pool(std::vector<int64_t> shape, const Window &window,
                  const Marks &input) {
  Marks result{std::move(shape), {}};
  forEachWindow(input.shape, window, [&](const Indices &elements) {
    result.marked.push_back(llvm::any_of(
        elements, [&](int64_t element) { return input.marked[element]; }));
  });
  return result;
}

FailureOr<Marks> ConeDomain::evaluate(Operation *op, Operands operands,
                                      int64_t visit) {
  std::vector<int64_t> shape =
      cast<RankedTensorType>(op->getResult(0).getType()).getShape().vec();
  if (isa<qonnx::MatMulOp>(op))
    return matMul(std::move(shape),
                  planMatMul(operands[0]->shape, operands[1]->shape),
                  *operands[0], *operands[1]);
  if (auto conv = dyn_cast<qonnx::ConvOp>(op)) {
    ConvPlan plan = planConv(operands[0]->shape, operands[1]->shape,
                             qonnx::windowOf(conv), conv.getGroup());
    Marks patches = gather(*operands[0], {}, plan.patches);
    return matMul(std::move(shape), plan.product, *operands[1], patches);
  }
  if (auto maxPool = dyn_cast<qonnx::MaxPoolOp>(op))
    return pool(std::move(shape), qonnx::windowOf(maxPool), *operands[0]);
  if (auto mean = dyn_cast<qonnx::AveragePoolOp>(op))
    return pool(std::move(shape), qonnx::windowOf(mean), *operands[0]);
  if (auto argMax = dyn_cast<qonnx::ArgMaxOp>(op)) {
    Marks result = alongAxis(std::move(shape), argMax.getAxis(), *operands[0]);
    if (!operands[0]->constant)
      judge(op, visit, result.marked);
    return result;
  }
  if (auto topK = dyn_cast<qonnx::TopKOp>(op))
    return alongAxis(std::move(shape), topK.getAxis(), *operands[0]);
  if (auto softmax = dyn_cast<qonnx::SoftmaxOp>(op))
    return throughHost(*operands[0], int64_t(softmax.getAxis()));
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
