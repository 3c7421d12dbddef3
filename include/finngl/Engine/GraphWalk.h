//===- GraphWalk.h - Walks a qonnx function ---------------------*- C++ -*-===//
//
// What every level that executes a qonnx function shares and what holds no
// arithmetic: order, shape operators, Scan, states recorded and forced, and
// constant subgraphs that are evaluated once. A Domain brings the numbers.
//
//===----------------------------------------------------------------------===//

#ifndef FINNGL_ENGINE_GRAPHWALK_H
#define FINNGL_ENGINE_GRAPHWALK_H

#include "finngl/Dialect/QONNX/IR/QONNX.h"
#include "finngl/Support/Indexing.h"
#include "finngl/Support/Tensor.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include <memory>
#include <optional>

namespace finngl {

/// Float32 states at the start of each step of a scan: `[op][visit][state]`.
/// A visit counts the executions of a body within one run, so that it is the
/// step of a scan that is not nested.
using ScanStates =
    llvm::DenseMap<mlir::Operation *, std::vector<std::vector<FloatTensor>>>;

/// The quantiser whose codes a value holds, looked for through reshapes (and
/// transposes, if per tensor). Null if there is none.
qonnx::QuantiserAttr quantiserOf(mlir::Value value);

/// The grid `(integer - zeroPoint) * scale` of a scan's state: that of the
/// quantiser behind the body's output, or of sums of values on one grid. Code
/// bounds say nothing here. Null if there is none.
qonnx::QuantiserAttr gridOfState(qonnx::ScanOp scan, unsigned state);

/// How a concat gathers its result from the concatenation of its operands.
Indices concatIndices(qonnx::ConcatOp op);

/// Checks graph inputs: as many as the function has arguments, of their
/// shapes, finite.
mlir::LogicalResult verifyInputs(mlir::func::FuncOp function,
                                 llvm::ArrayRef<FloatTensor> inputs);

/// Domain::Value holds `shape` and `constant` (depends on constants only).
/// Domain has:
///   FailureOr<Value> evaluate(Operation *, ArrayRef<const Value *>,
///                             int64_t visit);
///   Value gather(const Value &, std::vector<int64_t> shape, const Indices &);
///   Value stack(ArrayRef<const Value *>, std::vector<int64_t> shape,
///               const Indices &);
///   Value enterState(qonnx::ScanOp, unsigned state, const Value &,
///                    bool initial);
///   Value forceState(qonnx::ScanOp, unsigned state, const FloatTensor &);
///   void onStep(qonnx::ScanOp, ArrayRef<const Value *> states);
template <typename Domain> class GraphWalk {
public:
  using Value = typename Domain::Value;
  using Ref = std::shared_ptr<const Value>;

  explicit GraphWalk(Domain &domain) : domain(domain) {}

  /// Results in graph order. Constant subgraphs stay for the next run.
  mlir::FailureOr<std::vector<Ref>> run(mlir::func::FuncOp function,
                                        std::vector<Value> arguments,
                                        const ScanStates *forcedStates) {
    forced = forcedStates;
    visits.clear();
    mlir::Block &body = function.getBody().front();
    for (auto [argument, value] : llvm::zip(body.getArguments(), arguments))
      bind(argument, std::move(value));
    return runBlock(body, -1);
  }

private:
  void bind(mlir::Value name, Value value) {
    values[name] = std::make_shared<const Value>(std::move(value));
  }

  /// Values of the terminator's operands.
  mlir::FailureOr<std::vector<Ref>> runBlock(mlir::Block &block,
                                             int64_t visit) {
    for (mlir::Operation &op : block.without_terminator())
      if (mlir::failed(runOperation(op, visit)))
        return mlir::failure();
    std::vector<Ref> results;
    for (mlir::Value operand : block.getTerminator()->getOperands())
      results.push_back(values[operand]);
    return results;
  }

  mlir::LogicalResult runOperation(mlir::Operation &op, int64_t visit) {
    if (auto scan = mlir::dyn_cast<qonnx::ScanOp>(op))
      return runScan(scan);
    if (op.getNumResults() != 1)
      return op.emitError() << "is not executable at this level";
    mlir::Value result = op.getResult(0);
    if (constants.contains(&op))
      return mlir::success();
    llvm::SmallVector<const Value *> operands;
    bool constant = true;
    for (mlir::Value operand : op.getOperands()) {
      operands.push_back(values[operand].get());
      constant &= operands.back()->constant;
    }
    mlir::FailureOr<Value> value = evaluate(op, operands, visit);
    if (mlir::failed(value))
      return mlir::failure();
    value->constant = constant;
    bind(result, std::move(*value));
    if (constant)
      constants.insert(&op);
    return mlir::success();
  }

  mlir::FailureOr<Value> evaluate(mlir::Operation &op,
                                  llvm::ArrayRef<const Value *> operands,
                                  int64_t visit) {
    auto shape = mlir::cast<mlir::RankedTensorType>(op.getResult(0).getType())
                     .getShape()
                     .vec();
    if (std::optional<Indices> moved = qonnx::movedElements(&op))
      return domain.gather(*operands[0], std::move(shape), *moved);
    return domain.evaluate(&op, operands, visit);
  }

  mlir::LogicalResult runScan(qonnx::ScanOp scan) {
    size_t stateCount = scan.getStates().size();
    int64_t steps = scan.getSteps();
    std::vector<Ref> states;
    for (mlir::Value state : scan.getStates())
      states.push_back(values[state]);
    std::vector<std::vector<Ref>> outputs(scan.getNumResults() - stateCount);
    for (int64_t step = 0; step < steps; ++step) {
      int64_t visit = visits[scan]++;
      bindStep(scan, states, step, visit);
      mlir::FailureOr<std::vector<Ref>> yielded =
          runBlock(scan.getBody().front(), visit);
      if (mlir::failed(yielded))
        return mlir::failure();
      states.assign(yielded->begin(), yielded->begin() + stateCount);
      for (size_t i = 0; i < outputs.size(); ++i)
        outputs[i].push_back((*yielded)[stateCount + i]);
    }
    for (size_t i = 0; i < stateCount; ++i)
      bind(scan.getResult(i), Value(*states[i]));
    for (size_t i = 0; i < outputs.size(); ++i)
      bindStacked(scan, i, outputs[i]);
    return mlir::success();
  }

  /// Body arguments of one step: states, slices of the inputs, captures.
  void bindStep(qonnx::ScanOp scan, llvm::ArrayRef<Ref> states, int64_t step,
                int64_t visit) {
    mlir::Block &body = scan.getBody().front();
    const std::vector<std::vector<FloatTensor>> *force = nullptr;
    if (forced)
      if (auto found = forced->find(scan); found != forced->end())
        force = &found->second;
    llvm::SmallVector<const Value *> entered;
    for (auto [i, state] : llvm::enumerate(states)) {
      Value value = force && step > 0
                        ? domain.forceState(scan, i, (*force)[visit][i])
                        : domain.enterState(scan, i, *state, step == 0);
      value.constant = false;
      bind(body.getArgument(i), std::move(value));
      entered.push_back(values[body.getArgument(i)].get());
    }
    domain.onStep(scan, entered);
    unsigned argument = states.size();
    for (auto [i, input] : llvm::enumerate(scan.getInputs())) {
      const Value &whole = *values[input];
      bool reverse = scan.getInputDirections()[i] == 1;
      int64_t position = reverse ? scan.getSteps() - 1 - step : step;
      mlir::Value name = body.getArgument(argument++);
      Value slice = domain.gather(
          whole,
          mlir::cast<mlir::RankedTensorType>(name.getType()).getShape().vec(),
          sliceIndices(whole.shape, scan.getInputAxes()[i], position));
      slice.constant = false;
      bind(name, std::move(slice));
    }
    for (mlir::Value capture : scan.getCaptures())
      values[body.getArgument(argument++)] = Ref(values[capture]);
  }

  void bindStacked(qonnx::ScanOp scan, size_t output,
                   llvm::ArrayRef<Ref> slices) {
    llvm::SmallVector<const Value *> ordered;
    for (const Ref &slice : slices)
      ordered.push_back(slice.get());
    if (scan.getOutputDirections()[output] == 1)
      std::reverse(ordered.begin(), ordered.end());
    mlir::Value result = scan.getResult(scan.getStates().size() + output);
    auto shape =
        mlir::cast<mlir::RankedTensorType>(result.getType()).getShape();
    Value stacked =
        domain.stack(ordered, shape.vec(),
                     stackIndices(shape, scan.getOutputAxes()[output]));
    stacked.constant = false;
    bind(result, std::move(stacked));
  }

  Domain &domain;
  const ScanStates *forced = nullptr;
  llvm::DenseMap<mlir::Value, Ref> values;
  llvm::DenseSet<mlir::Operation *> constants;
  llvm::DenseMap<mlir::Operation *, int64_t> visits;
};

} // namespace finngl

#endif // FINNGL_ENGINE_GRAPHWALK_H
