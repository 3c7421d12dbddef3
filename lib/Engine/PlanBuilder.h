//===- PlanBuilder.h - From a finn function to a plan -----------*- C++ -*-===//

#ifndef FINNGL_LIB_ENGINE_PLANBUILDER_H
#define FINNGL_LIB_ENGINE_PLANBUILDER_H

#include "finngl/Dialect/Finn/IR/Finn.h"
#include "finngl/Engine/Plan.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/DenseSet.h"

namespace finngl {

/// Gives each value a place in the arena and each op its kernel calls, in the
/// order of the function. A scan closes the current section, fills one of its
/// own and opens the next.
class PlanBuilder {
public:
  PlanBuilder(const kernels::KernelSet &set, bool keepsAll)
      : set(set), keepsAll(keepsAll) {}

  mlir::LogicalResult build(mlir::func::FuncOp function);
  Plan take() { return std::move(plan); }

private:
  using Slot = Plan::Slot;

  /// Where a value is and how it is stored: `rows` dense vectors of `channels`.
  struct Place {
    Slot slot;
    kernels::Container container = kernels::Container::I8;
    size_t rows = 1, channels = 1;
    size_t elements() const { return rows * channels; }
    size_t bytes() const { return elements() * kernels::bytesOf(container); }
  };

  static Place shapeOf(mlir::Type type);
  int64_t allocate(size_t bytes);
  /// A fresh place for a value.
  Place place(mlir::Value value);
  /// The plan owns it from now on.
  template <typename T> const T *keep(T value) {
    auto owner = std::make_shared<const T>(std::move(value));
    plan.constants.push_back(owner);
    return owner.get();
  }
  void call(kernels::Kernel kernel, const void *constants, size_t rows,
            Slot out, Slot first, Slot second = {});
  /// Copies, and changes the container if it must. Places go by value, since
  /// `place` moves what `places` holds.
  void convert(Place from, Place to);
  /// Where a kernel that keeps the container of `in` writes `out`: there, or
  /// beside it where the result is narrower, since proved.
  Place alike(Place in, Place out);
  void closeSection(int64_t trips, bool isScan = false);
  /// Room for the rows of a tile, `pitch` bytes each.
  Slot tileSlot(size_t pitch, bool reversed);
  void name(mlir::Value value, llvm::StringRef what);

  static mlir::LogicalResult checkSizes(mlir::func::FuncOp function);
  mlir::LogicalResult addPorts(mlir::func::FuncOp function);
  mlir::LogicalResult addOps(mlir::Block &block);
  mlir::LogicalResult addOp(mlir::Operation &op);
  /// The calls from `first` on.
  void listCalls(std::vector<size_t> &list, size_t first);
  void noteStates(mlir::Operation &op, size_t firstCall);
  void add(finn::ConstantOp op);
  void add(finn::MatMulOp op);
  /// `weights`: [out.channels, channels of input].
  void multiply(mlir::Value input, mlir::ArrayRef<int64_t> weights, Place out);
  void add(finn::LincombOp op);
  void add(finn::MulOp op);
  void add(finn::RequantOp op);
  mlir::LogicalResult add(finn::TableOp op);
  void add(finn::MultiThresholdOp op);
  void add(finn::ReshapeOp op);
  void add(finn::Im2ColOp op);
  void add(finn::MaxPoolOp op);
  void add(finn::ArgMaxOp op);
  void add(finn::TopKOp op);
  mlir::LogicalResult add(finn::ScanOp op);
  bool isFused(finn::LincombOp op);
  void addTerms(finn::LincombOp op);
  void bindBody(finn::ScanOp op);
  void multiplyAhead(finn::ScanOp op, size_t input);
  static Place windowOf(Place sequence, int64_t steps, bool reversed);
  void addYield(finn::ScanOp op);

  const kernels::KernelSet &set;
  bool keepsAll;
  Plan plan;
  size_t sectionStart = 0, bodyStart = 0; ///< of the section to come
  int64_t tile = 1;                       ///< its steps
  bool inScan = false;
  llvm::DenseMap<mlir::Value, Place> places;
  llvm::DenseSet<mlir::Value> behindStates; ///< last states, and what they make
  llvm::DenseMap<mlir::Value, Slot> packed; ///< int16 pairs of a value
};

} // namespace finngl

#endif // FINNGL_LIB_ENGINE_PLANBUILDER_H
