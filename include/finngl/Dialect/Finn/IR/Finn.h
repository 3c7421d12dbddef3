//===- Finn.h - Integer-only networks ---------------------------*- C++ -*-===//

#ifndef FINNGL_DIALECT_FINN_IR_FINN_H
#define FINNGL_DIALECT_FINN_IR_FINN_H

#include "finngl/Core/Requant.h"
#include "finngl/Support/Windows.h"
#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/Interfaces/ControlFlowInterfaces.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include <utility>

namespace finngl::finn {

inline constexpr unsigned kMaxWidth = 63;

/// `si<1..63>` or `ui<1..63>`.
bool isFinnInteger(mlir::Type type);

/// Attributes on arguments and results of `main`.
inline constexpr llvm::StringLiteral kNameAttr = "finn.name";
inline constexpr llvm::StringLiteral kShapeAttr = "finn.shape";
/// On arguments whose elements are not in ONNX' order: dimensions of the ONNX
/// shape from the outermost of the codes' order to the innermost.
inline constexpr llvm::StringLiteral kOrderAttr = "finn.order";
inline constexpr llvm::StringLiteral kQuantiserAttr = "finn.quantiser";
/// Beside finn.quantiser: a value off the grid or out of [lo, hi] is an error
/// at run time (the argument starts a state and has no quantiser in the model).
inline constexpr llvm::StringLiteral kExactGridAttr = "finn.exact_grid";
/// On arguments that finn-expose-states made: the state's initial value.
inline constexpr llvm::StringLiteral kInitialAttr = "finn.initial";
/// On a scan: `state_ranges` hold for this number of steps only (i64).
inline constexpr llvm::StringLiteral kMaxStepsAttr = "finn.max_steps";
inline constexpr llvm::StringLiteral kScaleAttr = "finn.scale";
inline constexpr llvm::StringLiteral kOffsetAttr = "finn.offset";

/// Smallest signed or unsigned integer type that holds [lo, hi]; unsigned iff
/// lo >= 0. Null if that needs more than kMaxWidth bits.
mlir::IntegerType typeForRange(mlir::MLIRContext *context, int64_t lo,
                               int64_t hi);

/// Inclusive range of all codes of an element type.
std::pair<int64_t, int64_t> rangeOf(mlir::IntegerType type);

} // namespace finngl::finn

#include "finngl/Dialect/Finn/IR/FinnDialect.h.inc"
#define GET_OP_CLASSES
#include "finngl/Dialect/Finn/IR/FinnOps.h.inc"

namespace finngl::finn {

/// The op's function as Core computes it.
Requant toRequant(RequantOp op);

} // namespace finngl::finn

#endif // FINNGL_DIALECT_FINN_IR_FINN_H
