//===- Symbolic.h - A piece of a qonnx graph, exactly -----------*- C++ -*-===//
//
// One quantiser alone: the polynomial of codes that stands before it, and the
// codes it gives to chosen values. As Evaluator.h, it shares no algebra with
// the conversion that it judges.
//
//===----------------------------------------------------------------------===//

#ifndef FINNGL_EXACT_SYMBOLIC_H
#define FINNGL_EXACT_SYMBOLIC_H

#include "finngl/Dialect/QONNX/IR/QONNX.h"
#include "finngl/Exact/Polynomial.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include <memory>

namespace finngl::exact {

/// `value = scale * v + offset` of the integer v that stands for a value, one
/// entry an element of the tensor.
struct ValueGrid {
  std::vector<Rational> scale, offset;
};

/// The integers that stand for the codes of a quantiser: the code, without a
/// zero point that is added after rounding; 0 and 1 if bipolar. Of a tensor of
/// `shape`.
ValueGrid gridOf(const Quantiser &quantiser, std::span<const int64_t> shape);
int64_t integerOf(const Quantiser &quantiser, int64_t code, size_t channel);

/// Elements in row-major order.
struct PolynomialTensor {
  std::vector<int64_t> shape;
  std::vector<Polynomial> elements;
};

/// Operators with one operand that is not constant, from the first to the
/// quantiser at the end, behind `foot`.
struct Chain {
  mlir::Value foot;
  llvm::SmallVector<mlir::Operation *, 4> ops;
};

/// Where a quantiser steps from one code to the next: codes from `code` on are
/// given to values above `at`, and to `at` itself if `reached`.
struct CodeBoundary {
  int64_t code;
  Rational at;
  bool reached;
};

class Symbolic {
public:
  Symbolic();
  ~Symbolic();

  /// Element i of `value` is atom `firstAtom + i` on the grid.
  void bindAtoms(mlir::Value value, uint32_t firstAtom, ValueGrid grid);
  /// A captured value of a scan's body.
  void bindAlias(mlir::Value value, mlir::Value outer);

  /// Depends on constants only.
  bool isConstant(mlir::Value value);
  /// Null if the value is no polynomial in what was bound.
  const PolynomialTensor *polynomial(mlir::Value value);
  /// From the nearest polynomial to the quantiser; nothing if an operator
  /// between them has two operands that are not constant.
  std::optional<Chain> chainOf(qonnx::QuantOp op);

  /// Codes that the chain gives to a tensor of dyadic rationals at its foot.
  mlir::FailureOr<std::vector<int64_t>> codes(const Chain &chain,
                                              std::span<const Rational> values);
  /// All boundaries of a quantiser in one channel, ascending.
  std::vector<CodeBoundary> boundaries(qonnx::QuantOp op, size_t channel);

private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation;
};

/// The denominator is a power of two.
bool isDyadic(const Rational &value);

} // namespace finngl::exact

#endif // FINNGL_EXACT_SYMBOLIC_H
