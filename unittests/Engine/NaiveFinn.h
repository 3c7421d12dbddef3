//===- NaiveFinn.h - The finn dialect read as its text says -----*- C++ -*-===//
//
// A slow second reading of the op descriptions, one lambda an op, that shares
// nothing with Core's kernels.
//
//===----------------------------------------------------------------------===//

#ifndef FINNGL_UNITTESTS_ENGINE_NAIVEFINN_H
#define FINNGL_UNITTESTS_ENGINE_NAIVEFINN_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include <cstdint>
#include <vector>

namespace finngl {

/// Flat codes of every result of the function.
std::vector<std::vector<int64_t>>
evaluateNaively(mlir::func::FuncOp function,
                const std::vector<std::vector<int64_t>> &inputs);

} // namespace finngl

#endif // FINNGL_UNITTESTS_ENGINE_NAIVEFINN_H
