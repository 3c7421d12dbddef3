//===- CodeTag.h - Which quantiser's codes a value holds --------*- C++ -*-===//
//
// The conversion leaves a trace in locations: the finn value that holds the
// codes of the n-th qonnx.quant of a function carries `#n`. Locations survive
// every pass and the stage files. `verify` follows the trace to check each
// kernel alone; a wrong trace makes a check fail, it cannot make one pass.
//
//===----------------------------------------------------------------------===//

#ifndef FINNGL_SUPPORT_CODETAG_H
#define FINNGL_SUPPORT_CODETAG_H

#include "mlir/IR/Location.h"
#include "mlir/IR/Value.h"

namespace finngl {

/// Adds `#number` to the location of what defines `value`. Number: of the
/// qonnx.quant in its function, in the order of the text. Where the codes are
/// not in ONNX' order, `#number:0,2,3,1` names the dimensions of the ONNX shape
/// from the outermost to the innermost.
void tagCodes(mlir::Value value, unsigned number,
              llvm::ArrayRef<int64_t> order = {});

/// The order of a tag; empty if it is ONNX' own.
llvm::SmallVector<int64_t> codeOrder(mlir::Location location, unsigned number);

/// All tags of a location, of fused ones the last part's: a fused core gives
/// the codes of the last op it stands for.
llvm::SmallVector<unsigned, 2> codeTags(mlir::Location location);

} // namespace finngl

#endif // FINNGL_SUPPORT_CODETAG_H
