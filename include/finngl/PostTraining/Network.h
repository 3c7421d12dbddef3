//===- Network.h - The float network and its quantised twin -----*- C++ -*-===//

#ifndef FINNGL_POSTTRAINING_NETWORK_H
#define FINNGL_POSTTRAINING_NETWORK_H

#include "finngl/PostTraining/Sites.h"
#include "finngl/Support/Tensor.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include <functional>

namespace finngl::ptq {

/// One recording: a tensor for every graph input.
using Recording = std::vector<FloatTensor>;
/// Called before each recording: done, total.
using OnProgress = std::function<void(size_t, size_t)>;

/// Samples of each site's values over the recordings, of weights all values.
mlir::FailureOr<std::vector<ValueSample>>
sampleSites(mlir::func::FuncOp main, const Sites &sites,
            llvm::ArrayRef<Recording> recordings, const OnProgress &progress);

/// A value of the float network beside the same one of the twin.
struct Pair {
  mlir::Value real, quantised;
};

/// A copy of the float network with a quantiser at each site.
struct Twin {
  mlir::OwningOpRef<mlir::ModuleOp> module;
  std::vector<qonnx::QuantOp> quants; ///< per site
  /// Sums of matrix products before their quantiser (of sites), or real at a
  /// graph output: what bias correction can move.
  std::vector<Pair> sums;
  /// Scans of the float network and of this one.
  std::vector<std::pair<qonnx::ScanOp, qonnx::ScanOp>> scans;

  mlir::func::FuncOp main() {
    return module->lookupSymbol<mlir::func::FuncOp>("main");
  }
};
Twin quantisedTwin(mlir::ModuleOp module, const Sites &sites,
                   llvm::ArrayRef<Quantiser> quantisers);

/// Power of a signal about its mean, and of its error.
struct SignalError {
  double sum = 0, squares = 0, errors = 0;
  uint64_t count = 0;

  void add(double real, double quantised);
  /// Signal to quantisation noise in decibels; infinite without error, NaN
  /// without a signal.
  double sqnr() const;
  /// Error power over signal power.
  double relativeError() const;
};

struct Comparison {
  std::vector<SignalError> sites;   ///< behind the response; weights excepted
  std::vector<SignalError> outputs; ///< of the graph
  /// Mean of real - quantised for each of `sums`, by channel.
  std::vector<std::vector<double>> sumBias;
};

/// Whose states a step of the twin starts from.
enum class States {
  Own,   ///< errors add up over the steps, as in use
  Forced ///< the float network's, quantised: each step's own errors
};

/// Runs both networks on every recording.
mlir::FailureOr<Comparison> compare(mlir::func::FuncOp real, Twin &twin,
                                    const Sites &sites,
                                    llvm::ArrayRef<Recording> recordings,
                                    States states, const OnProgress &progress);

/// Adds the mean errors of `sums`, of a comparison with forced states, to the
/// biases in front of them: with its own states a recurrence would amplify the
/// correction of one step in the next ones.
void correctBiases(Twin &twin, const Comparison &comparison);

} // namespace finngl::ptq

#endif // FINNGL_POSTTRAINING_NETWORK_H
