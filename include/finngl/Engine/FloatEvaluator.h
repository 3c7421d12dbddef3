//===- FloatEvaluator.h - Level onnx ----------------------------*- C++ -*-===//
//
// L0: a qonnx function in float32, operator by operator, as ONNX Runtime and
// Brevitas compute it. Each element carries a bound on its distance from the
// real-number value (docs/adr/0002-float-error-bounds.md).
//
//===----------------------------------------------------------------------===//

#ifndef FINNGL_ENGINE_FLOATEVALUATOR_H
#define FINNGL_ENGINE_FLOATEVALUATOR_H

#include "finngl/Engine/GraphWalk.h"
#include <functional>

namespace finngl::engine {

/// A float32 tensor (`data`, `bounds`) or an integer tensor (`codes`). A
/// tensor straight behind a quantiser keeps its codes beside the data.
struct FloatValue {
  std::vector<int64_t> shape;
  std::vector<float> data;
  std::vector<double> bounds;
  std::vector<int64_t> codes;
  bool constant = false;
};

/// One step of one quantiser (`quant` or `quantize_linear`) of non-constant
/// data. `bounds`: how far the argument of rounding may be from its real
/// value, in units of level. The codes of an `arg_max` are positions, its
/// bounds those of the differences of its elements.
struct FloatTrace {
  mlir::Operation *op;
  int64_t visit; ///< of the scan body around it, -1 outside
  llvm::ArrayRef<int64_t> codes;
  llvm::ArrayRef<double> bounds;
};

struct FloatOptions {
  std::function<void(const FloatTrace &)> onQuantiser;
  /// Receives what every operator computes from data, shape operators and scan
  /// excepted, in order of execution.
  std::function<void(mlir::Value, const FloatValue &)> onValue;
  /// Receives the states at the start of every step.
  ScanStates *recordStates = nullptr;
  /// Replaces the states of every step but the first.
  const ScanStates *forceStates = nullptr;
  /// Bounds for a comparison that forces this level's states: a state without
  /// quantiser starts each step with bound 0.
  bool exactStates = false;
};

struct FloatOutput {
  FloatTensor tensor;
  std::vector<double> bounds;
  std::vector<int64_t> codes; ///< empty if unquantised
};

/// Keeps what depends on constants only between runs.
class FloatEvaluator {
public:
  explicit FloatEvaluator(mlir::func::FuncOp function);
  ~FloatEvaluator();
  /// Results in graph order; failure has been reported at its node.
  mlir::FailureOr<std::vector<FloatOutput>>
  run(llvm::ArrayRef<FloatTensor> inputs, const FloatOptions &options = {});

private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation;
};

/// One operator in float32, shape operators and scan excepted. Level `exact`
/// computes what depends on constants only with it, as the contract says.
mlir::FailureOr<FloatValue>
evaluateFloat(mlir::Operation *op, llvm::ArrayRef<const FloatValue *> operands);

} // namespace finngl::engine

#endif // FINNGL_ENGINE_FLOATEVALUATOR_H
