//===- OuterGraph.h - Operators beside a recurrent one ----------*- C++ -*-===//

#ifndef FINNGL_LIB_DIALECT_QONNX_TRANSFORMS_OUTERGRAPH_H
#define FINNGL_LIB_DIALECT_QONNX_TRANSFORMS_OUTERGRAPH_H

#include "finngl/Dialect/QONNX/IR/QONNX.h"
#include "finngl/Support/Indexing.h"

namespace finngl::qonnx {

/// Makes operators before one op; on constants it computes their result, which
/// becomes a constant. What changes nothing is not made.
class OuterGraph {
public:
  explicit OuterGraph(mlir::Operation *user)
      : builder(user), location(user->getLoc()) {}

  mlir::Value gather(mlir::Value value, int64_t axis,
                     llvm::ArrayRef<int64_t> indices);
  mlir::Value reshape(mlir::Value value, llvm::ArrayRef<int64_t> shape);
  /// Rows and columns change places.
  mlir::Value transpose(mlir::Value matrix);
  /// Of values of one shape; float32.
  mlir::Value add(mlir::Value a, mlir::Value b);
  mlir::Value concat(mlir::ValueRange parts, int64_t axis);
  mlir::Value filled(llvm::ArrayRef<int64_t> shape, float number);

  /// Values made so far: some may be used by nothing in the end.
  const llvm::SmallVector<mlir::Value> &values() const { return made; }
  /// Of what is made next.
  void setLocation(mlir::Location next) { location = next; }

private:
  mlir::Value constant(llvm::ArrayRef<int64_t> shape,
                       llvm::ArrayRef<float> data);
  /// Elements of a constant at `indices`; null if it is none.
  mlir::Value rearranged(mlir::Value value, llvm::ArrayRef<int64_t> shape,
                         const Indices &indices);
  template <typename OpTy, typename... Args>
  mlir::Value make(llvm::ArrayRef<int64_t> shape, Args &&...args) {
    return made.emplace_back(builder.create<OpTy>(location, typeOf(shape),
                                                  std::forward<Args>(args)...));
  }
  mlir::RankedTensorType typeOf(llvm::ArrayRef<int64_t> shape) {
    return mlir::RankedTensorType::get(shape, builder.getF32Type());
  }

  mlir::OpBuilder builder;
  mlir::Location location;
  llvm::SmallVector<mlir::Value> made;
};

inline llvm::ArrayRef<int64_t> shapeOf(mlir::Value value) {
  return mlir::cast<mlir::RankedTensorType>(value.getType()).getShape();
}

/// The dimension of a reshape's operand that its dimension `axis` is: of the
/// same extent, behind as many elements. Nothing if there is none.
std::optional<int64_t> axisBefore(ReshapeOp reshape, int64_t axis);

/// first, first + 1, ... `count` of them.
llvm::SmallVector<int64_t> range(int64_t first, int64_t count);

} // namespace finngl::qonnx

#endif // FINNGL_LIB_DIALECT_QONNX_TRANSFORMS_OUTERGRAPH_H
