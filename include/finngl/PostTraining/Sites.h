//===- Sites.h - Where a float network gets quantisers ----------*- C++ -*-===//
//
// The rules follow from what the integer conversion takes (Analysis/LinearForm)
// and know operators, not cells:
//
//   matrix product,       weights and the other operand quantised
//   convolution
//   product of two values both operands and the result quantised
//   sigmoid, tanh         operand and result quantised
//   max pool, mean        operand quantised; a mean's result, too
//   Relu, Clip            result quantised; the operand where it has two terms
//   ArgMax, TopK          operand quantised where it has two terms
//   Softmax               nothing: it makes a graph output, left to the host
//   state of a scan       next value quantised, the initial one alike
//   sum                   at most two terms of unrelated scales: matrix
//                         products, and all quantised operands together, whose
//                         scales differ by powers of two
//
// Matrix products that are added get one scale (Scales.h).
//
// A value is quantised where it is made, once for all its readers.
//
//===----------------------------------------------------------------------===//

#ifndef FINNGL_POSTTRAINING_SITES_H
#define FINNGL_POSTTRAINING_SITES_H

#include "finngl/Core/Calibration.h"
#include "finngl/Dialect/QONNX/IR/QONNX.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include <string>
#include <vector>

namespace finngl::ptq {

enum class Role { Input, Activation, Weight, InitialState };

/// One quantiser to be.
struct Site {
  mlir::Value value; ///< what is quantised
  Role role = Role::Activation;
  /// The reader, of weights and constant initial states, which are quantised
  /// for it alone; null: all readers.
  mlir::Operation *reader = nullptr;
  unsigned operand = 0;
  /// Dimension of weights that counts the channels of the product, whose scales
  /// may differ; -1 where they may not, and for other roles.
  int64_t axis = -1;
  std::string name;          ///< unique; the key of reports and configurations
  unsigned group = 0;        ///< sites with one quantiser
  bool sumsProducts = false; ///< of matrix products, perhaps with a bias
};

/// Sites that share scale, bits and sign.
struct Group {
  std::vector<unsigned> sites; ///< in program order
  unsigned tie = 0;            ///< groups whose scales differ by powers of two
  bool isSigned = true;
  Response response = Response::Identity;
};

/// A matrix product with constant weights: the sites of its operands.
struct Product {
  unsigned weight, operand;
};

struct Sites {
  std::vector<Site> sites; ///< in program order
  std::vector<Group> groups;
  unsigned ties = 0;
  /// Products that are added: where their scales are one, one accumulator sums
  /// them.
  std::vector<std::vector<Product>> productSums;
  /// Values of graph outputs, of their Softmax or ranking, that stay real and
  /// sum matrix products.
  std::vector<mlir::Value> realOutputs;
};

/// Of `main` of a module at level qonnx, recurrences expanded. A model that
/// holds quantisers already is refused; the error has been reported.
mlir::FailureOr<Sites> findSites(mlir::func::FuncOp main);

/// The most vectors that a step of a scan multiplies by weights, or images that
/// a convolution takes: sequences side by side; 1 without either.
int64_t sequencesAtOnce(mlir::func::FuncOp main);

/// True if `value` depends on constants only.
bool isConstant(mlir::Value value);
/// Its float32 data, computed operator by operator.
mlir::FailureOr<std::vector<float>> constantData(mlir::Value value);
/// Dimension that counts channels: the last one, of images the second; in the
/// body of a scan the last one that is not 1, since a step may be a column.
int64_t channelAxis(mlir::Value value);

} // namespace finngl::ptq

#endif // FINNGL_POSTTRAINING_SITES_H
