//===- Views.h - Elements behind reshapes and transposes --------*- C++ -*-===//

#ifndef FINNGL_LIB_CHECK_VIEWS_H
#define FINNGL_LIB_CHECK_VIEWS_H

#include "finngl/Exact/Symbolic.h"
#include "finngl/Support/Indexing.h"

namespace finngl::check {

exact::ValueGrid gathered(const exact::ValueGrid &grid, const Indices &indices);

/// Every dimension of `rank` once.
bool isPermutation(llvm::ArrayRef<int64_t> list, size_t rank);

/// What elements in `order` (empty: as they come) are called behind the op.
Indices renamed(const Indices &order, qonnx::TransposeOp op);

} // namespace finngl::check

#endif // FINNGL_LIB_CHECK_VIEWS_H
