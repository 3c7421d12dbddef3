//===- PassPlan.h - The passes of a region's step ---------------*- C++ -*-===//
//
// A step is a list of passes: a matrix-vector unit (or only a counter of beats)
// and the tail of elementwise cores behind it. Products of the region's
// arguments and what follows elementwise are stage 0; a product of a value of
// stage k starts stage k + 1. A pass is one stage's vectors of one length.
//
//===----------------------------------------------------------------------===//

#ifndef FINNGL_DIALECT_DATAFLOW_TRANSFORMS_PASSPLAN_H
#define FINNGL_DIALECT_DATAFLOW_TRANSFORMS_PASSPLAN_H

#include "finngl/Dialect/Dataflow/IR/Dataflow.h"
#include "llvm/ADT/DenseMap.h"

namespace finngl::df {

struct PassPlan {
  struct Pass {
    MvuOp mvu; ///< null: a counter makes the beats
    int64_t units = 1;
  };
  /// A value of one tail that a later one reads.
  struct Handover {
    mlir::Value value;
    int64_t to;
  };
  std::vector<Pass> passes; ///< by stage
  std::vector<Handover> handovers;

  /// Pass of a core or MVU.
  int64_t of(mlir::Operation *op) const { return passOf.lookup(op); }
  /// Pass whose beats carry a value: where it is computed, or where a tail
  /// reads an argument first.
  int64_t home(mlir::Value value) const { return homeOf.lookup(value); }
  /// Pass whose MVU reads an argument, or -1.
  int64_t mvuReader(mlir::BlockArgument argument) const;

private:
  friend PassPlan planPasses(RegionOp region);
  llvm::DenseMap<mlir::Operation *, int64_t> passOf;
  llvm::DenseMap<mlir::Value, int64_t> homeOf;
};

PassPlan planPasses(RegionOp region);

} // namespace finngl::df

#endif // FINNGL_DIALECT_DATAFLOW_TRANSFORMS_PASSPLAN_H
