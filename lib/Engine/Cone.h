//===- Cone.h - What an element depends on ----------------------*- C++ -*-===//
//
// Follows doubt through a qonnx function: an element is marked if a doubtful
// quantiser decision precedes it in its cone.
//
//===----------------------------------------------------------------------===//

#ifndef FINNGL_LIB_ENGINE_CONE_H
#define FINNGL_LIB_ENGINE_CONE_H

#include "finngl/Engine/GraphWalk.h"
#include <functional>

namespace finngl::engine {

struct Marks {
  std::vector<int64_t> shape;
  std::vector<uint8_t> marked;
  bool constant = false;
};

/// See GraphWalk. `judge` turns the marks of a quantiser's operand into those
/// of its result.
struct ConeDomain {
  using Value = Marks;
  using Operands = llvm::ArrayRef<const Value *>;
  std::function<void(mlir::Operation *, int64_t visit, std::vector<uint8_t> &)>
      judge;
  /// Teacher forcing: a step starts without doubt.
  bool clearStates = false;

  mlir::FailureOr<Value> evaluate(mlir::Operation *op, Operands operands,
                                  int64_t visit);
  Value gather(const Value &value, std::vector<int64_t> shape,
               const Indices &indices);
  Value stack(Operands slices, std::vector<int64_t> shape,
              const Indices &indices);
  Value enterState(qonnx::ScanOp, unsigned, const Value &value, bool initial);
  Value forceState(qonnx::ScanOp, unsigned, const FloatTensor &) { return {}; }
  void onStep(qonnx::ScanOp, Operands) {}
};

/// What the host's function along `axis` makes of marks; -1 if elementwise.
Marks throughHost(const Marks &input, int64_t axis);

} // namespace finngl::engine

#endif // FINNGL_LIB_ENGINE_CONE_H
