//===- SiteFinder.h - Looks for the places of quantisers --------*- C++ -*-===//

#ifndef FINNGL_LIB_POSTTRAINING_SITEFINDER_H
#define FINNGL_LIB_POSTTRAINING_SITEFINDER_H

#include "SiteProperties.h"
#include "finngl/PostTraining/Sites.h"
#include "llvm/ADT/EquivalenceClasses.h"

namespace finngl::ptq {

/// What a value is the sum of: products of matrices, and quantised values.
struct Leaves {
  llvm::SmallVector<mlir::Operation *, 2> products;
  llvm::SmallVector<unsigned, 4> sites;

  /// Terms of unrelated scales; quantised operands of one sum have related
  /// ones.
  size_t terms() const { return products.size() + (sites.empty() ? 0 : 1); }
};

class SiteFinder {
public:
  explicit SiteFinder(mlir::func::FuncOp main) : main(main) {}
  mlir::FailureOr<Sites> run();

private:
  using Values = llvm::SmallVector<mlir::Value, 4>;

  void collectSources(mlir::Value value, Values &sources,
                      llvm::SmallDenseSet<mlir::Value, 8> &seen);
  Values sourcesOf(mlir::Value value);
  unsigned mark(mlir::Value source, Role role);
  Site &markFor(mlir::Operation *reader, unsigned operand, Role role);
  void markWeights(mlir::Operation *product, unsigned operand);
  void need(mlir::Value value);
  void needIfSeveral(mlir::Value value);
  void shareQuantiser(llvm::ArrayRef<mlir::Value> sources);
  void collectLeaves(mlir::Value source, Leaves &leaves, bool ownSite,
                     llvm::SmallDenseSet<mlir::Value, 8> &seen);
  Leaves leavesOf(mlir::Value value, bool ownSite = true);

  void markStates(qonnx::ScanOp scan);
  void visit(mlir::Operation *op);
  void refuse(mlir::Operation *op);
  void refuseBatch(mlir::Operation *product);
  void visitSum(mlir::Operation *op);
  void visitSoftmax(mlir::Operation *softmax);
  void tieSum(mlir::Operation *op);
  void collectProductSums(Sites &result);
  std::optional<Product> productOf(mlir::Operation *op);

  void group(Sites &sites);
  void sortSites();
  void describe(Sites &sites);

  mlir::func::FuncOp main;
  std::vector<Site> sites;
  llvm::DenseMap<mlir::Value, unsigned> index;
  llvm::EquivalenceClasses<unsigned> same, tied;
  llvm::EquivalenceClasses<mlir::Operation *> added; ///< matrix products
  bool refused = false;
};

inline bool isFloat(mlir::Value value) {
  return mlir::cast<mlir::RankedTensorType>(value.getType())
      .getElementType()
      .isF32();
}

inline bool isSum(mlir::Operation *op) {
  return mlir::isa_and_nonnull<qonnx::AddOp, qonnx::SubOp>(op);
}

/// The operand that is no constant where the other one is.
inline mlir::Value variableOperand(mlir::Operation *op) {
  for (unsigned i : {0, 1})
    if (isConstant(op->getOperand(1 - i)))
      return op->getOperand(i);
  return {};
}

} // namespace finngl::ptq

#endif // FINNGL_LIB_POSTTRAINING_SITEFINDER_H
