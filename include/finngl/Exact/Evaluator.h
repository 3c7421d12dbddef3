//===- Evaluator.h - Level exact --------------------------------*- C++ -*-===//
//
// L0d: a qonnx function over the real numbers. Every value is an exact
// rational; sigmoid, tanh and the root of batch normalisation are MPFR
// intervals, refined until the quantiser behind them is certain of its code. It
// judges the conversion, so it shares no threshold algebra with Core: of Core
// it sees Number.h and Quantiser.h (utils/check-exact-independence.sh).
//
// What depends on constants only is computed in float32 and shared with the
// other levels; from there on a quantised constant means code times scale.
//
//===----------------------------------------------------------------------===//

#ifndef FINNGL_EXACT_EVALUATOR_H
#define FINNGL_EXACT_EVALUATOR_H

#include "finngl/Core/Number.h"
#include "finngl/Engine/GraphWalk.h"
#include <functional>

namespace finngl::exact {

/// One step of one quantiser of non-constant data. `distances`: from the
/// argument of rounding to the nearest boundary between two codes, in units of
/// level; positive if the boundary lies above; infinite if there is none. Not
/// computed for the decision, only rounded to double for reports. Of an
/// `arg_max`: how far the element is from the nearest one of another rank.
struct Trace {
  mlir::Operation *op;
  int64_t visit; ///< of the scan body around it, -1 outside
  llvm::ArrayRef<int64_t> codes;
  llvm::ArrayRef<double> distances;
};

struct Options {
  std::function<void(const Trace &)> onQuantiser;
  /// Replaces the states of every step but the first: those behind a quantiser
  /// by the value of their nearest code, others by their float32 value.
  const ScanStates *forceStates = nullptr;
  /// Intervals stop here; an undecided code is then an error.
  unsigned maxPrecisionBits = 4096;
};

struct Output {
  std::vector<int64_t> shape;
  std::vector<Rational> values;
  std::vector<int64_t> codes; ///< empty if unquantised
};

/// Keeps what depends on constants only, and decided codes of sigmoid and
/// tanh, between runs. Needs the passes qonnx-expand-rnn and
/// convert-qcdq-to-quant before.
class Evaluator {
public:
  explicit Evaluator(mlir::func::FuncOp function);
  ~Evaluator();
  /// Results in graph order; failure has been reported at its node. An initial
  /// state that is the float32 value of a code of the state's grid means that
  /// code.
  mlir::FailureOr<std::vector<Output>> run(llvm::ArrayRef<FloatTensor> inputs,
                                           const Options &options = {});

private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation;
};

/// One run of a fresh Evaluator.
mlir::FailureOr<std::vector<Output>>
evaluate(mlir::func::FuncOp function, llvm::ArrayRef<FloatTensor> inputs,
         const Options &options = {});

} // namespace finngl::exact

#endif // FINNGL_EXACT_EVALUATOR_H
