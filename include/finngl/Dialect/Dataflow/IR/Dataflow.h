//===- Dataflow.h - Cores, regions, folding, schedule -----------*- C++ -*-===//

#ifndef FINNGL_DIALECT_DATAFLOW_IR_DATAFLOW_H
#define FINNGL_DIALECT_DATAFLOW_IR_DATAFLOW_H

#include "finngl/Core/Resources.h"
#include "finngl/Core/RtlInstance.h"
#include "finngl/Core/Schedule.h"
#include "finngl/Dialect/Finn/IR/Finn.h"
#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/Interfaces/ControlFlowInterfaces.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

namespace finngl::df {

/// Attribute of the function: longest sequence, where reversers or FIFOs bound
/// it.
inline constexpr llvm::StringLiteral kMaxStepsAttr = "dataflow.max_steps";
/// Attribute of the function: contexts whose states are stored, if not one. Of
/// a region: its contexts are windows, whose steps come in turns.
inline constexpr llvm::StringLiteral kContextsAttr = "dataflow.contexts";
/// Likewise: steps of different contexts in a recurrent region at once.
inline constexpr llvm::StringLiteral kInterleaveAttr = "dataflow.interleave";
/// Attribute of the function: samples of a window, where the network answers
/// for the window that begins with each sample (--mode sliding).
inline constexpr llvm::StringLiteral kWindowAttr = "dataflow.window";
/// Attribute of the function: its packets are samples, types are those of one
/// row, and each step is answered (--mode stream with windows).
inline constexpr llvm::StringLiteral kStreamAttr = "dataflow.stream";
/// Attribute of the function: packets have a load bit; its last argument and
/// result are the ports of all states.
inline constexpr llvm::StringLiteral kStatePortsAttr = "dataflow.state_ports";
class EmitOp;
class MvuOp;

/// Input ports of a module and the expressions that they get.
using PortMap = std::vector<std::pair<std::string, std::string>>;

/// The ports of a module between two streams: data, user, last, err, valid,
/// ready.
PortMap streamPorts(const std::string &from, const std::string &to);

/// Element type of a value of the finn or dataflow dialect.
mlir::IntegerType elementType(mlir::Value value);
/// Elements of one step of a value: its last dimension.
int64_t vectorSize(mlir::Value value);
/// Steps of a packet of a stream: rows of `[T, n]`, one of `[n]`.
int64_t stepsOf(mlir::Value stream);
/// LUTs of finngl_mul_lut: a partial product and a sum for two bits of the
/// narrower operand, about three LUTs a bit of the wider one.
inline int64_t lutProduct(int64_t a, int64_t b) {
  return (std::min(a, b) + 1) / 2 * (3 * std::max(a, b) - 1);
}
/// Entry `channel` of a list of 1 or C entries.
inline int64_t at(llvm::ArrayRef<int64_t> values, int64_t channel) {
  return values.size() == 1 ? values[0] : values[channel];
}
/// A list of 1 or C entries for more channels: the last entry is repeated.
llvm::SmallVector<int64_t> forChannels(llvm::ArrayRef<int64_t> values,
                                       int64_t channels);
} // namespace finngl::df

#include "finngl/Dialect/Dataflow/IR/DataflowInterfaces.h.inc"

#include "finngl/Dialect/Dataflow/IR/DataflowDialect.h.inc"
#define GET_OP_CLASSES
#include "finngl/Dialect/Dataflow/IR/DataflowOps.h.inc"

namespace finngl::df {
/// Cores of a region whose `impl`, "lut" or "dsp", the folding chooses:
/// products of two values, and sums with coefficients of each channel's own.
llvm::SmallVector<mlir::Operation *> tailProducts(RegionOp region);
} // namespace finngl::df

#endif // FINNGL_DIALECT_DATAFLOW_IR_DATAFLOW_H
