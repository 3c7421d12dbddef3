//===- FoldingSearch.h - Between estimates and measurements -----*- C++ -*-===//
//
// ChooseFolding.cpp combines the regions' foldings by estimates; those that
// come out best are simulated by MeasureFolding.cpp, and those around them.
//
//===----------------------------------------------------------------------===//

#ifndef FINNGL_LIB_DIALECT_DATAFLOW_TRANSFORMS_FOLDINGSEARCH_H
#define FINNGL_LIB_DIALECT_DATAFLOW_TRANSFORMS_FOLDINGSEARCH_H

#include "finngl/Dialect/Dataflow/Transforms/Folding.h"

namespace finngl::df {

/// A region and its ways to be built, fast to slow.
struct Choices {
  RegionOp region;
  std::vector<Candidate> front;
};

/// Elements of a packet.
int64_t elementsOf(mlir::Value stream);

/// A packet's streams into a region, with the elastic modules on their way.
struct Streams {
  int64_t pace = 0; ///< cycles of the slowest one
  int64_t wait = 0; ///< from the first beat of a module's step to its last one
  Resources resources; ///< of the modules that this region decides on
};

/// `sourceLanes` are the elements of a beat of each input's source, 0 where
/// they are what is asked for.
Streams streamsInto(RegionOp region, const Candidate &candidate,
                    llvm::ArrayRef<int64_t> sourceLanes);

/// Sums over the regions so far; `picks` index the regions' fronts. Sequences
/// overlap in time, so the slowest region sets the pace and every region adds
/// its fill once.
struct Partial {
  llvm::SmallVector<unsigned, 4> picks;
  int64_t pace = 0, fill = 0;
  Resources resources;
  int64_t cycles() const { return pace + fill; }
};

/// Within the budget even if Yosys needs a tenth more logic than estimated;
/// DSPs and memories are counted exactly.
bool fitsSafely(Resources resources, const Resources &budget);

/// The sums of a pick for each region.
Partial estimated(llvm::ArrayRef<Choices> regions,
                  llvm::ArrayRef<unsigned> picks, const Goal &goal,
                  const Resources &shell);

/// The best one of what was found, and of what differs from it in a region, by
/// simulation.
Choice measured(mlir::ModuleOp module, const Goal &goal,
                llvm::ArrayRef<Choices> regions, std::vector<Partial> found,
                const Resources &shell);

} // namespace finngl::df

#endif // FINNGL_LIB_DIALECT_DATAFLOW_TRANSFORMS_FOLDINGSEARCH_H
