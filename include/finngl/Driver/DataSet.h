//===- DataSet.h - Recorded inputs and outputs of a model -------*- C++ -*-===//

#ifndef FINNGL_DRIVER_DATASET_H
#define FINNGL_DRIVER_DATASET_H

#include "finngl/Support/Tensor.h"
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace finngl::driver {

/// A folder of ONNX's test layout: input_0.pb, ..., output_0.pb, ... (or .npy).
struct DataSet {
  std::filesystem::path directory;
  std::vector<FloatTensor> inputs;
  std::vector<FloatTensor> outputs; ///< empty if there are none
};

/// Nothing and `error` (with the file's name) on failure.
std::optional<DataSet> readDataSet(const std::filesystem::path &directory,
                                   std::string &error);

/// Every test_data_set_* beside a model, by number.
std::vector<std::filesystem::path>
findDataSets(const std::filesystem::path &modelFile);

/// Shape of input_<index> in a data set; nothing if it cannot be read.
std::optional<std::vector<int64_t>>
inputShapeIn(const std::filesystem::path &directory, size_t index);

/// Shape of the file that `arguments` (see readInputs) give for one input.
std::optional<std::vector<int64_t>>
inputShapeOf(const std::vector<std::string> &arguments, size_t index,
             const std::string &name);

/// Places inputs given as PATH (graph order) or NAME=PATH. Nothing and `error`
/// if one is missing, unknown or given twice.
std::optional<std::vector<FloatTensor>>
readInputs(const std::vector<std::string> &arguments,
           const std::vector<std::string> &names, std::string &error);

} // namespace finngl::driver

#endif // FINNGL_DRIVER_DATASET_H
