//===- FoldingFile.h - folding.json, one region at a time -------*- C++ -*-===//

#ifndef FINNGL_LIB_DRIVER_FOLDINGFILE_H
#define FINNGL_LIB_DRIVER_FOLDINGFILE_H

#include "finngl/Dialect/Dataflow/Transforms/Folding.h"
#include <nlohmann/json.hpp>

namespace finngl::driver {

/// Name of a region's matrix-vector unit number `index` in folding.json and in
/// the report: `<region>.mvu`, `<region>.mvu_1`, ...
std::string mvuKernel(df::RegionOp region, unsigned index);

/// Changes a candidate to what the file says of the region's kernels.
void readFolding(const nlohmann::json &file, df::RegionOp region,
                 df::Candidate &candidate);

/// The region's kernels as the file holds them.
nlohmann::ordered_json writeFolding(df::RegionOp region);

} // namespace finngl::driver

#endif // FINNGL_LIB_DRIVER_FOLDINGFILE_H
