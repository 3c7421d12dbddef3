//===- FinnToDataflow.h - Integer network to regions of cores ---*- C++ -*-===//

#ifndef FINNGL_CONVERSION_FINNTODATAFLOW_FINNTODATAFLOW_H
#define FINNGL_CONVERSION_FINNTODATAFLOW_FINNTODATAFLOW_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"

namespace finngl {

/// How step functions become cores. Segment tables answer in two cycles and
/// cost LUTs only; multipliers take three cycles, a table a fourth, and are
/// smaller for wide codes.
enum class ThresholdStyle { SegmentTable, Requant };

struct MappingOptions {
  ThresholdStyle style = ThresholdStyle::SegmentTable;
  /// Largest segment table: 2^idxBits entries.
  unsigned maxIdxBits = 10;
  /// Products of scan inputs stand in feed-forward regions before their scan
  /// (finn-hoist-input-products); with `sliding` those that windows share.
  bool hoistInputProducts = false;
  /// Longest sequence where the hardware needs a bound (reversed scans), 0 = as
  /// many steps as the model has.
  int64_t maxSteps = 0;
  /// Contexts whose states are stored, and how many of them have a step in a
  /// region at once.
  int64_t contexts = 1, interleave = 1;
  /// Ports through which the states that start from constants are loaded and
  /// saved.
  bool statePorts = false;
  /// Answer for the window that begins with each sample of a stream.
  bool sliding = false;
  /// Answer each step of one stream; a network without windows does so anyway.
  bool stream = false;
};

/// Makes a module of the dataflow dialect from the finn module's `main`; errors
/// are reported on the finn ops. The result has no folding and no schedule.
mlir::OwningOpRef<mlir::ModuleOp>
convertFinnToDataflow(mlir::ModuleOp finn, const MappingOptions &options);

} // namespace finngl

#endif // FINNGL_CONVERSION_FINNTODATAFLOW_FINNTODATAFLOW_H
