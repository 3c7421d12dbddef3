//===- Layout.h - Where the elements of an ONNX tensor are ------*- C++ -*-===//
//
// A finn value is rows of channels; the elements of the ONNX tensor behind it
// may lie in another order, images with their channels last. Transposes and
// reshapes then cost nothing: they change what an element is called.
//
//===----------------------------------------------------------------------===//

#ifndef FINNGL_LIB_CONVERSION_LAYOUT_H
#define FINNGL_LIB_CONVERSION_LAYOUT_H

#include "finngl/Support/Indexing.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"
#include <memory>
#include <optional>

namespace finngl {

/// Element s of the value is element `layout[s]`, in row-major order, of the
/// ONNX tensor.
class Layout {
public:
  Layout() = default; // ONNX' own order
  explicit Layout(Indices order);

  bool isPlain() const { return !order; }
  int64_t operator[](int64_t s) const { return order ? (*order)[s] : s; }
  bool operator==(const Layout &other) const;

  /// The same elements after a transpose of a tensor of `shape`.
  Layout transposed(llvm::ArrayRef<int64_t> shape,
                    llvm::ArrayRef<int64_t> perm) const;
  /// A tensor of `shape` with its dimensions in another order.
  static Layout inOrder(llvm::ArrayRef<int64_t> shape,
                        llvm::ArrayRef<int64_t> dimensions);
  /// `[N, C, D...]` with the channels innermost.
  static Layout channelsLast(llvm::ArrayRef<int64_t> shape);

  /// Element `(*this)[other[s]]` at place s, of a tensor of `shape`.
  Layout read(const Layout &other, llvm::ArrayRef<int64_t> shape) const;

  /// The order as dimensions of `shape` from the outermost to the innermost;
  /// nothing if it is no permutation of dimensions.
  std::optional<llvm::SmallVector<int64_t>>
  dimensions(llvm::ArrayRef<int64_t> shape) const;

  /// What `entries`, one for each element of the ONNX tensor, hold for each of
  /// `channels` innermost elements; nothing if that differs between rows.
  std::optional<Indices> perChannel(const Indices &entries,
                                    int64_t channels) const;

private:
  std::shared_ptr<const Indices> order; // null: plain
};

} // namespace finngl

#endif // FINNGL_LIB_CONVERSION_LAYOUT_H
