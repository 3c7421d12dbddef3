//===- FinnOps.h - Ops of the finn dialect for kernel checks ----*- C++ -*-===//

#ifndef FINNGL_LIB_CHECK_FINNOPS_H
#define FINNGL_LIB_CHECK_FINNOPS_H

#include "IntegerGraph.h"
#include "finngl/Dialect/Finn/IR/Finn.h"

namespace finngl::check {

class FinnOps : public IntegerOps {
public:
  std::optional<Polynomials>
  polynomials(mlir::OpResult result,
              llvm::ArrayRef<const Polynomials *> operands) override;
  bool isKernel(mlir::Operation *op) const override;
  llvm::SmallVector<mlir::Value> terms(mlir::Operation *kernel) const override;
  int64_t apply(mlir::Operation *op, int64_t in, size_t channel) override;
  std::optional<std::vector<int64_t>>
  breaks(mlir::Operation *op, size_t channel, int64_t lo, int64_t hi) override;

private:
  const std::vector<int64_t> &elements(mlir::Operation *op,
                                       mlir::ElementsAttr attr);
  llvm::DenseMap<mlir::Operation *, std::vector<int64_t>> cache;
};

} // namespace finngl::check

#endif // FINNGL_LIB_CHECK_FINNOPS_H
