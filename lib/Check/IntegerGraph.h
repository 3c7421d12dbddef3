//===- IntegerGraph.h - A piece of an integer graph -------------*- C++ -*-===//
//
// The other side of Exact/Symbolic.h: polynomials that integer ops compute from
// codes, and what a kernel gives to one integer, written apart from Core's
// kernels and from Engine::Plan.
//
//===----------------------------------------------------------------------===//

#ifndef FINNGL_LIB_CHECK_INTEGERGRAPH_H
#define FINNGL_LIB_CHECK_INTEGERGRAPH_H

#include "finngl/Exact/Polynomial.h"
#include "mlir/IR/Operation.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/DenseSet.h"
#include <memory>

namespace finngl::check {

/// Elements of a tensor in row-major order.
using Polynomials = std::vector<exact::Polynomial>;

/// What the checks must know of a dialect.
class IntegerOps {
public:
  virtual ~IntegerOps() = default;
  /// Of one result of a linear op or a product; nothing for any other op.
  virtual std::optional<Polynomials>
  polynomials(mlir::OpResult result,
              llvm::ArrayRef<const Polynomials *> operands) = 0;
  /// An elementwise op of one operand that is no polynomial.
  virtual bool isKernel(mlir::Operation *op) const = 0;
  /// The terms, if `kernel` counts thresholds of a weighted sum of several
  /// values: it need be right only at sums that occur.
  virtual llvm::SmallVector<mlir::Value>
  terms(mlir::Operation *kernel) const = 0;
  virtual int64_t apply(mlir::Operation *op, int64_t in, size_t channel) = 0;
  /// Every b of (lo, hi] with a result that may differ between b - 1 and b;
  /// nothing if there may be one at each integer.
  virtual std::optional<std::vector<int64_t>>
  breaks(mlir::Operation *op, size_t channel, int64_t lo, int64_t hi) = 0;
};

/// Kernels between a polynomial and a code, from the first to the last.
struct Tail {
  mlir::Value foot;
  llvm::SmallVector<mlir::Operation *, 2> ops;
};

class IntegerGraph {
public:
  explicit IntegerGraph(IntegerOps &ops) : ops(ops) {}

  /// Element i is atom `firstAtom + i`, or `firstAtom + order[i]`.
  void bindAtoms(mlir::Value value, uint32_t firstAtom,
                 std::vector<int64_t> order = {});
  /// A value that is another one (an operand of a region).
  void bindAlias(mlir::Value value, mlir::Value outer);
  std::optional<uint32_t> atomsOf(mlir::Value value) const;

  /// Null if the value is no polynomial in what was bound.
  const Polynomials *polynomials(mlir::Value value);
  std::optional<Tail> tailOf(mlir::Value code);
  int64_t apply(const Tail &tail, int64_t in, size_t channel);
  IntegerOps &dialect() { return ops; }

  /// Ops that some polynomial or tail went through.
  llvm::DenseSet<mlir::Operation *> visited;

private:
  IntegerOps &ops;
  struct Atoms {
    uint32_t first;
    std::vector<int64_t> order;
  };
  llvm::DenseMap<mlir::Value, Atoms> atoms;
  llvm::DenseMap<mlir::Value, mlir::Value> aliases;
  llvm::DenseMap<mlir::Value, std::shared_ptr<const Polynomials>> known;
};

/// Sum of `weights[r, c] * in[row, c]` for every row of the input.
Polynomials matrixProduct(std::span<const int64_t> weights, size_t rows,
                          const Polynomials &in);
/// Weighted sum plus a constant per channel, `channels` of them. The other
/// arguments as those of finn.lincomb.
Polynomials weightedSum(std::span<const int64_t> coefficients,
                        std::span<const int64_t> offset, size_t channels,
                        llvm::ArrayRef<const Polynomials *> in);
std::optional<Polynomials> elementProducts(const Polynomials &a,
                                           const Polynomials &b);
Polynomials constants(std::span<const int64_t> values);

} // namespace finngl::check

#endif // FINNGL_LIB_CHECK_INTEGERGRAPH_H
