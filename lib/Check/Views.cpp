//===- Views.cpp - Elements behind reshapes and transposes ----------------===//

#include "Views.h"

using namespace mlir;
using namespace finngl;
using namespace finngl::check;

exact::ValueGrid check::gathered(const exact::ValueGrid &grid,
                                 const Indices &indices) {
  exact::ValueGrid result;
  for (int64_t index : indices) {
    result.scale.push_back(grid.scale[index]);
    result.offset.push_back(grid.offset[index]);
  }
  return result;
}

bool check::isPermutation(ArrayRef<int64_t> list, size_t rank) {
  SmallVector<int64_t> sorted(list);
  llvm::sort(sorted);
  return sorted == llvm::to_vector(llvm::seq<int64_t>(rank));
}

Indices check::renamed(const Indices &order, qonnx::TransposeOp op) {
  auto shape = cast<RankedTensorType>(op.getInput().getType()).getShape();
  Indices from = transposeIndices(shape, op.getPerm()), name(from.size());
  for (size_t to = 0; to < from.size(); ++to)
    name[from[to]] = int64_t(to);
  Indices result;
  for (size_t i = 0; i < name.size(); ++i)
    result.push_back(name[order.empty() ? i : order[i]]);
  return result;
}
