//===- ScanBody.h - The body of a scan while it is built --------*- C++ -*-===//

#ifndef FINNGL_LIB_DIALECT_QONNX_TRANSFORMS_SCANBODY_H
#define FINNGL_LIB_DIALECT_QONNX_TRANSFORMS_SCANBODY_H

#include "finngl/Dialect/QONNX/IR/QONNX.h"
#include "mlir/IR/IRMapping.h"

namespace finngl::qonnx {

/// The body of the scan that one recurrent operator becomes: its block, and how
/// values of the graph around it are seen in there. Each op is a part of the
/// operator's node by name.
class ScanBody {
public:
  /// `states` and `steps` are the types of the first block arguments. `prefix`
  /// goes before the names of all parts.
  ScanBody(mlir::Location location, mlir::TypeRange states,
           mlir::TypeRange steps, std::string prefix = "");

  mlir::Value argument(unsigned i) { return block->getArgument(i); }
  /// `value` of the outer graph as seen in the body: a clone of what makes it
  /// if that follows from constants, so that constants are seen where they are
  /// used, else a capture.
  mlir::Value outer(mlir::Value value);
  template <typename OpTy, typename... Args>
  mlir::Value make(const llvm::Twine &name, mlir::Type type, Args &&...args) {
    return builder.create<OpTy>(part(name), type, std::forward<Args>(args)...);
  }
  mlir::Operation *clone(mlir::Operation &op, mlir::IRMapping &mapping) {
    return builder.clone(op, mapping);
  }
  mlir::Location part(const llvm::Twine &name);
  /// Yields `states`, then `output`, and makes the scan before `user`: over the
  /// dimension `axis` of `input`, stacked along the same dimension of a result
  /// of type `stacked`.
  ScanOp finish(mlir::Operation *user, mlir::ValueRange initial,
                mlir::Value input, int64_t axis, bool reverse,
                mlir::Type stacked, mlir::ValueRange states,
                mlir::Value output);
  /// Yields `state` and makes a scan of it alone before `user`.
  ScanOp finish(mlir::Operation *user, mlir::Value initial,
                mlir::ValueRange inputs, llvm::ArrayRef<int64_t> axes,
                llvm::ArrayRef<int64_t> directions, mlir::Value state);

private:
  mlir::Location location;
  std::string prefix;
  mlir::Region region;
  mlir::Block *block;
  mlir::OpBuilder builder;
  mlir::IRMapping inside;
  llvm::SmallVector<mlir::Value> captures;
};

/// Erases what made `values` and is used by nothing, and so on.
void eraseDead(llvm::SmallVector<mlir::Value> values);

/// The ONNX operator as scans, and what joins them.
void expandRnn(RnnOp op);

} // namespace finngl::qonnx

#endif // FINNGL_LIB_DIALECT_QONNX_TRANSFORMS_SCANBODY_H
