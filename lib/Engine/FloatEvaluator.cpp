//===- FloatEvaluator.cpp - Level onnx ------------------------------------===//

#include "finngl/Engine/FloatEvaluator.h"
#include "FloatKernels.h"
#include <cmath>

using namespace mlir;
using namespace finngl;
using namespace finngl::engine;

namespace {
struct FloatDomain {
  using Value = FloatValue;
  FloatOptions options;

  FailureOr<Value> evaluate(Operation *op, ArrayRef<const Value *> operands,
                            int64_t visit) {
    FailureOr<Value> result = compute(op, operands, visit);
    if (options.onValue && succeeded(result) &&
        !llvm::all_of(operands, [](const Value *v) { return v->constant; }))
      options.onValue(op->getResult(0), *result);
    return result;
  }

  Value gather(const Value &value, std::vector<int64_t> shape,
               const Indices &indices) {
    return engine::gather(value, std::move(shape), indices);
  }

  Value stack(ArrayRef<const Value *> slices, std::vector<int64_t> shape,
              const Indices &indices) {
    return join(slices, std::move(shape), indices);
  }

  Value enterState(qonnx::ScanOp scan, unsigned state, const Value &value,
                   bool initial) {
    Value result = value;
    qonnx::QuantiserAttr grid = gridOfState(scan, state);
    if (initial) {
      // On a grid the real value is the code's, else the float32 value's.
      result.bounds.assign(result.data.size(), 0.0);
      if (grid)
        boundByRounding(result);
    } else if (options.exactStates) {
      if (isQuantised(scan, state))
        boundByRounding(result);
      else
        result.bounds.assign(result.data.size(), 0.0);
    }
    return result;
  }

  Value forceState(qonnx::ScanOp scan, unsigned state,
                   const FloatTensor &tensor) {
    Value value;
    value.shape = tensor.shape;
    value.data = tensor.data;
    value.bounds.assign(value.data.size(), 0.0);
    if (isQuantised(scan, state))
      boundByRounding(value);
    return value;
  }

  void onStep(qonnx::ScanOp scan, ArrayRef<const Value *> states) {
    if (!options.recordStates)
      return;
    std::vector<FloatTensor> &step =
        (*options.recordStates)[scan].emplace_back();
    for (const Value *state : states)
      step.push_back({state->shape, state->data});
  }

private:
  FailureOr<Value> compute(Operation *op, ArrayRef<const Value *> operands,
                           int64_t visit) {
    std::vector<double> levelBounds;
    FloatValue result;
    if (auto quant = dyn_cast<qonnx::QuantOp>(op))
      result = quantise(quant, *operands[0], levelBounds);
    else if (auto linear = dyn_cast<qonnx::QuantizeLinearOp>(op))
      result = quantiseLinear(linear, *operands[0], levelBounds);
    else if (auto argMax = dyn_cast<qonnx::ArgMaxOp>(op))
      result = engine::argMax(argMax, *operands[0], levelBounds);
    else
      return evaluateFloat(op, operands);
    if (options.onQuantiser && !operands[0]->constant)
      options.onQuantiser({op, visit, result.codes, levelBounds});
    return result;
  }

  static bool isQuantised(qonnx::ScanOp scan, unsigned state) {
    Operation *yield = scan.getBody().front().getTerminator();
    return bool(quantiserOf(yield->getOperand(state)));
  }

  /// A code's value: at most two roundings away from code times scale.
  static void boundByRounding(Value &value) {
    for (auto [bound, x] : llvm::zip(value.bounds, value.data))
      bound = 2 * unitRoundoff * std::fabs(double(x)) + underflow;
  }
};
} // namespace

struct FloatEvaluator::Implementation {
  func::FuncOp function;
  FloatDomain domain;
  GraphWalk<FloatDomain> walk{domain};
};

FloatEvaluator::FloatEvaluator(func::FuncOp function)
    : implementation(std::make_unique<Implementation>()) {
  implementation->function = function;
}
FloatEvaluator::~FloatEvaluator() = default;

FailureOr<std::vector<FloatOutput>>
FloatEvaluator::run(ArrayRef<FloatTensor> inputs, const FloatOptions &options) {
  if (failed(verifyInputs(implementation->function, inputs)))
    return failure();
  std::vector<FloatValue> arguments;
  for (const FloatTensor &input : inputs)
    arguments.push_back({input.shape,
                         input.data,
                         std::vector<double>(input.data.size(), 0.0),
                         {}});
  implementation->domain.options = options;
  if (options.recordStates)
    options.recordStates->clear();
  auto results = implementation->walk.run(
      implementation->function, std::move(arguments), options.forceStates);
  if (failed(results))
    return failure();
  std::vector<FloatOutput> outputs;
  for (const auto &value : *results)
    outputs.push_back(
        {{value->shape, value->data}, value->bounds, value->codes});
  return outputs;
}
