//===- Recordings.h - Calibration data --------------------------*- C++ -*-===//

#ifndef FINNGL_DRIVER_RECORDINGS_H
#define FINNGL_DRIVER_RECORDINGS_H

#include "finngl/Support/Tensor.h"
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace finngl::driver {

/// A list of graph inputs for each recording. A path is a `.npy` of shape
/// `[N, ...]`, N recordings of the only input, or a folder with input_0.pb,
/// ... (DataSet.h), one recording. Nothing and `error` on failure.
std::optional<std::vector<std::vector<FloatTensor>>>
readRecordings(const std::vector<std::string> &paths, std::string &error);

/// Cuts recordings of several sequences, which stand along the one dimension of
/// each input that is 1 in `shapes` and of another extent in the recording, all
/// of the same, into one of each.
void cutRecordings(std::vector<std::vector<FloatTensor>> &recordings,
                   const std::vector<std::vector<int64_t>> &shapes);

/// Gives every recording the shapes of the graph inputs, where the number of
/// elements agrees. False and `error` if one does not fit.
bool shapeRecordings(std::vector<std::vector<FloatTensor>> &recordings,
                     const std::vector<std::vector<int64_t>> &shapes,
                     std::string &error);

} // namespace finngl::driver

#endif // FINNGL_DRIVER_RECORDINGS_H
