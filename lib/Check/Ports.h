//===- Ports.h - What a finn function says of its ports ---------*- C++ -*-===//

#ifndef FINNGL_LIB_CHECK_PORTS_H
#define FINNGL_LIB_CHECK_PORTS_H

#include "finngl/Core/Number.h"
#include "finngl/Dialect/QONNX/IR/QONNX.h"
#include "finngl/Support/Indexing.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace finngl::check {

/// The exact rationals of an attribute; none if it is missing.
std::vector<Rational> rationals(mlir::DictionaryAttr attributes,
                                llvm::StringRef name);

/// The quantiser of an argument, its axis that of the integers, whose channels
/// are last; null if there is none.
qonnx::QuantiserAttr recordOf(mlir::func::FuncOp finn, unsigned argument);

/// Element of the ONNX tensor of `shape` for each element of an argument; empty
/// if they are the same.
Indices orderOf(mlir::func::FuncOp finn, unsigned argument,
                llvm::ArrayRef<int64_t> shape);

} // namespace finngl::check

#endif // FINNGL_LIB_CHECK_PORTS_H
