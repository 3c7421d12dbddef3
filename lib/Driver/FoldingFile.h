//===- FoldingFile.h - folding.json -----------------------------*- C++ -*-===//

#ifndef FINNGL_LIB_DRIVER_FOLDINGFILE_H
#define FINNGL_LIB_DRIVER_FOLDINGFILE_H

#include "finngl/Conversion/FinnToDataflow/FinnToDataflow.h"
#include "finngl/Dialect/Dataflow/Transforms/Folding.h"
#include <nlohmann/json.hpp>

namespace finngl::driver {

/// The key for the form of all thresholds, and its values.
inline constexpr const char *kThresholds = "thresholds";
inline constexpr std::pair<ThresholdStyle, const char *> kStyles[] = {
    {ThresholdStyle::SegmentTable, "segment_table"},
    {ThresholdStyle::Requant, "requant"}};
/// The same for the products of scan inputs that windows share, with --mode
/// sliding: once a row, or in each window's step.
inline constexpr const char *kInputProducts = "input_products";
inline constexpr std::pair<bool, const char *> kProductForms[] = {
    {true, "once"}, {false, "per_step"}};
inline constexpr const char *kFoldingNote =
    "start from the folding.json that compile writes";

/// Reads --folding and checks all but the regions' kernels. An exit code; it
/// has reported.
int readFoldingFile(const std::string &path, nlohmann::json &file);

/// What a file asks for under `key`, one of the above; "" if nothing.
std::string formIn(const nlohmann::json &file, const char *key);

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
