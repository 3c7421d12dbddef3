//===- IntElements.h - Integer attributes of any width ----------*- C++ -*-===//
//
// The one way in and out of DenseElementsAttr for si<N> and ui<N>: their raw
// bytes are not sign-extended and typed access refuses odd widths.
//
//===----------------------------------------------------------------------===//

#ifndef FINNGL_SUPPORT_INTELEMENTS_H
#define FINNGL_SUPPORT_INTELEMENTS_H

#include "mlir/IR/BuiltinAttributes.h"
#include <cstdint>
#include <vector>

namespace finngl {

/// All elements in row-major order, sign- or zero-extended by the type's sign
/// (a signless type counts as signed). Requires a width of at most 64.
std::vector<int64_t> intElements(mlir::ElementsAttr attr);

/// Requires that every value fits the element type.
mlir::DenseElementsAttr denseInts(mlir::RankedTensorType type,
                                  llvm::ArrayRef<int64_t> values);

} // namespace finngl

#endif // FINNGL_SUPPORT_INTELEMENTS_H
