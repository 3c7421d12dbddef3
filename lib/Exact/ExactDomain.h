//===- ExactDomain.h - The numbers of level exact ---------------*- C++ -*-===//

#ifndef FINNGL_LIB_EXACT_EXACTDOMAIN_H
#define FINNGL_LIB_EXACT_EXACTDOMAIN_H

#include "FixedTensor.h"
#include "Rounding.h"
#include "Transcendental.h"
#include "finngl/Engine/FloatEvaluator.h"
#include "finngl/Exact/Evaluator.h"
#include <cmath>
#include <limits>
#include <map>

namespace finngl::exact {

/// The summand `factor * function(argument)` of a tensor behind sigmoid, tanh,
/// softsign, elu or batch normalisation, elementwise; `lower` and `upper` clip
/// the whole sum.
struct Term {
  Function function;
  FixedTensor argument, factor;
  double lower = -std::numeric_limits<double>::infinity();
  double upper = std::numeric_limits<double>::infinity();

  bool isClipped() const { return !std::isinf(lower) || !std::isinf(upper); }
};

struct ExactValue {
  std::vector<int64_t> shape;
  /// The value, or its rational part if there is a term.
  FixedTensor fixed;
  std::optional<Term> term;
  /// Of the quantiser straight before, else empty.
  std::vector<int64_t> codes;
  /// If it depends on constants only: its float32 data.
  std::shared_ptr<const engine::FloatValue> floats;
  bool constant = false;
};

/// See GraphWalk.
class ExactDomain {
public:
  using Value = ExactValue;
  using Operands = llvm::ArrayRef<const Value *>;
  Options options;

  mlir::FailureOr<Value> evaluate(mlir::Operation *op, Operands operands,
                                  int64_t visit);
  Value gather(const Value &value, std::vector<int64_t> shape,
               const Indices &indices);
  Value stack(Operands slices, std::vector<int64_t> shape,
              const Indices &indices);
  Value enterState(qonnx::ScanOp scan, unsigned state, const Value &value,
                   bool initial);
  Value forceState(qonnx::ScanOp scan, unsigned state,
                   const FloatTensor &tensor);
  void onStep(qonnx::ScanOp, Operands) {}

private:
  /// A quantiser's channels, made once.
  struct Prepared {
    Quantiser quantiser;
    std::vector<ChannelQuantiser> channels;
    /// Decided codes of bare terms by argument.
    std::map<std::tuple<int64_t, size_t, Integer>, Decision> decided;
  };

  mlir::FailureOr<Value> constantValue(mlir::Operation *op, Operands operands);
  mlir::FailureOr<Value> quantise(qonnx::QuantOp op, const Value &input,
                                  int64_t visit);
  // ExactActivations.cpp
  mlir::FailureOr<Value> activation(mlir::Operation *op, const Value &input);
  mlir::FailureOr<Value> leakyRelu(qonnx::LeakyReluOp op, const Value &input);
  /// The sign of an element with a term, unless `maxPrecisionBits` leave it
  /// open.
  std::optional<int> signOf(const Value &value, size_t i);
  mlir::FailureOr<Value> matMul(qonnx::MatMulOp op, const Value &lhs,
                                const Value &rhs);
  mlir::FailureOr<Value> argMax(qonnx::ArgMaxOp op, const Value &input,
                                int64_t visit);
  mlir::FailureOr<Value> topK(qonnx::TopKOp op, const Value &input);
  // ExactWindows.cpp
  mlir::FailureOr<Value> conv(qonnx::ConvOp op, const Value &input,
                              const Value &weights);
  mlir::FailureOr<Value> maxPool(qonnx::MaxPoolOp op, const Value &input);
  mlir::FailureOr<Value> averagePool(qonnx::AveragePoolOp op,
                                     const Value &input);
  mlir::FailureOr<Value> batchNorm(qonnx::BatchNormOp op, const Value &input);
  mlir::FailureOr<Value> sum(mlir::Operation *op, Value lhs, Value rhs);
  mlir::FailureOr<Value> product(mlir::Operation *op, const Value &lhs,
                                 const Value &rhs);
  mlir::FailureOr<Decision> decide(qonnx::QuantOp op, Prepared &prepared,
                                   const Value &input, size_t element,
                                   size_t channel);
  mlir::FailureOr<Decision> decideTerm(qonnx::QuantOp op,
                                       const ChannelQuantiser &quantiser,
                                       const Value &input, size_t element);

  Prepared &prepare(qonnx::QuantOp op);
  FixedTensor valuesOfCodes(const Quantiser &quantiser,
                            llvm::ArrayRef<int64_t> codes,
                            const Indices &channels);
  Value onGrid(const Value &value, llvm::ArrayRef<float> data,
               qonnx::QuantiserAttr grid);

  llvm::DenseMap<mlir::Operation *, std::unique_ptr<Prepared>> quantisers;
};

std::vector<int64_t> resultShape(mlir::Operation *op);
/// Element `i` as a tensor of its own.
FixedTensor element(const FixedTensor &tensor, size_t i);
/// The function's value where it is rational: ties are possible there only.
std::optional<FixedTensor> rationalValue(Function function,
                                         const FixedTensor &argument);
/// Reports that a term is not followed by its quantiser.
mlir::InFlightDiagnostic refuseTerm(mlir::Operation *op);

} // namespace finngl::exact

#endif // FINNGL_LIB_EXACT_EXACTDOMAIN_H
