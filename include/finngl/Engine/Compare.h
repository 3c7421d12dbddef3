//===- Compare.h - One level against the next -------------------*- C++ -*-===//
//
// Section 2 of docs/adr/0002-float-error-bounds.md: which differences between
// golden data, level onnx, level exact and level int are explained by float32
// rounding. Anything else is unexplained and fails a verification.
//
//===----------------------------------------------------------------------===//

#ifndef FINNGL_ENGINE_COMPARE_H
#define FINNGL_ENGINE_COMPARE_H

#include "finngl/Engine/FloatEvaluator.h"
#include "finngl/Exact/Evaluator.h"

namespace finngl::engine {

struct Comparison {
  /// Quantiser decisions and output elements compared.
  int64_t elements = 0;
  int64_t mismatches = 0;
  /// Mismatches explained by a decision nearer to a rounding boundary than
  /// float32's error at that element, there or upstream.
  int64_t ambiguous = 0;
  int64_t unexplained = 0;
  /// One line for each of the first unexplained mismatches.
  std::vector<std::string> findings;

  Comparison &operator+=(const Comparison &other);
};

/// The value of one output element at some level.
using OutputValues = std::function<Rational(size_t output, size_t element)>;

/// Compares levels on one set of inputs after the other.
class Comparer {
public:
  explicit Comparer(mlir::func::FuncOp function);
  ~Comparer();

  /// Runs levels onnx and exact freely on these inputs. Without `exactly`,
  /// level exact only runs if a quantiser decides anything: golden data is
  /// judged by its distances. A float model need not be executable there.
  mlir::LogicalResult load(llvm::ArrayRef<FloatTensor> inputs,
                           bool exactly = true);

  const std::vector<FloatOutput> &onnxOutputs() const;
  const std::vector<exact::Output> &exactOutputs() const;

  /// Every quantiser decision and every unquantised output; teacher-forced:
  /// level exact gets level onnx's states at each step.
  mlir::FailureOr<Comparison> onnxExact(bool teacherForced);

  /// Equal on every output element: nothing is ambiguous here.
  Comparison exactInt(const OutputValues &intLevel) const;

  /// Outputs of a data set, one tensor for each output in graph order, against
  /// a level's outputs, free running. `errorShares` is 1 for a level with real
  /// values and 2 for level onnx, whose own error counts as well. `hosted`: the
  /// tensors are behind what is left to the host, as the file's outputs are.
  mlir::FailureOr<Comparison> golden(llvm::ArrayRef<FloatTensor> golden,
                                     const OutputValues &level,
                                     unsigned errorShares = 1,
                                     bool hosted = true);
  mlir::FailureOr<Comparison> goldenOnnx(llvm::ArrayRef<FloatTensor> golden);
  mlir::FailureOr<Comparison> goldenExact(llvm::ArrayRef<FloatTensor> golden);

private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation;
};

} // namespace finngl::engine

#endif // FINNGL_ENGINE_COMPARE_H
