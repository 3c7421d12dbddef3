//===- DataSet.cpp - Recorded inputs and outputs of a model ---------------===//

#include "finngl/Driver/DataSet.h"
#include "finngl/Support/TensorFile.h"
#include <algorithm>

using namespace finngl;
using namespace finngl::driver;
namespace fs = std::filesystem;

static std::optional<FloatTensor> readFile(const fs::path &path,
                                           std::string &error) {
  std::string why;
  std::optional<FloatTensor> tensor = readTensorFile(path.string(), why);
  if (!tensor)
    error = path.string() + ": " + why;
  return tensor;
}

/// prefix_<index>.pb or .npy; nothing if there is neither.
static std::optional<fs::path> numberedFile(const fs::path &directory,
                                            const std::string &prefix,
                                            size_t index) {
  std::error_code code;
  for (const char *extension : {".pb", ".npy"}) {
    fs::path file = directory / (prefix + std::to_string(index) + extension);
    if (fs::exists(file, code))
      return file;
  }
  return std::nullopt;
}

/// prefix_0, prefix_1, ... until there is none. False on a file that cannot be
/// read.
static bool readNumbered(const fs::path &directory, const std::string &prefix,
                         std::vector<FloatTensor> &tensors,
                         std::string &error) {
  for (size_t i = 0;; ++i) {
    std::optional<fs::path> file = numberedFile(directory, prefix, i);
    if (!file)
      return true;
    std::optional<FloatTensor> tensor = readFile(*file, error);
    if (!tensor)
      return false;
    tensors.push_back(std::move(*tensor));
  }
}

std::optional<DataSet> finngl::driver::readDataSet(const fs::path &directory,
                                                   std::string &error) {
  DataSet data;
  data.directory = directory;
  std::error_code code;
  if (!fs::is_directory(directory, code)) {
    error = directory.string() + ": no such directory";
    return std::nullopt;
  }
  if (!readNumbered(directory, "input_", data.inputs, error) ||
      !readNumbered(directory, "output_", data.outputs, error))
    return std::nullopt;
  if (data.inputs.empty()) {
    error = directory.string() + ": holds no input_0.pb";
    return std::nullopt;
  }
  return data;
}

std::vector<fs::path> finngl::driver::findDataSets(const fs::path &modelFile) {
  std::vector<fs::path> found;
  std::error_code code;
  fs::path folder = modelFile.has_parent_path() ? modelFile.parent_path() : ".";
  for (const fs::directory_entry &entry : fs::directory_iterator(folder, code))
    if (entry.is_directory(code) &&
        entry.path().filename().string().starts_with("test_data_set_"))
      found.push_back(entry.path());
  auto byNumber = [](const fs::path &a, const fs::path &b) {
    std::string x = a.filename().string(), y = b.filename().string();
    return x.size() != y.size() ? x.size() < y.size() : x < y;
  };
  std::sort(found.begin(), found.end(), byNumber);
  return found;
}

std::optional<std::vector<int64_t>>
finngl::driver::inputShapeIn(const fs::path &directory, size_t index) {
  std::string error;
  std::optional<fs::path> file = numberedFile(directory, "input_", index);
  auto tensor = file ? readFile(*file, error) : std::nullopt;
  return tensor ? std::optional(tensor->shape) : std::nullopt;
}

std::optional<std::vector<int64_t>>
finngl::driver::inputShapeOf(const std::vector<std::string> &arguments,
                             size_t index, const std::string &name) {
  std::string error, path = index < arguments.size() ? arguments[index] : "";
  for (const std::string &argument : arguments)
    if (argument.starts_with(name + "="))
      path = argument.substr(name.size() + 1);
  auto tensor = readFile(path, error);
  return tensor ? std::optional(tensor->shape) : std::nullopt;
}

std::optional<std::vector<FloatTensor>>
finngl::driver::readInputs(const std::vector<std::string> &arguments,
                           const std::vector<std::string> &names,
                           std::string &error) {
  std::vector<std::string> paths(names.size());
  for (const std::string &argument : arguments) {
    // A path may hold '='; what stands before it is a name only if the model
    // has it.
    size_t equals = argument.find('=');
    auto slot = names.end();
    if (equals != std::string::npos)
      slot = std::find(names.begin(), names.end(), argument.substr(0, equals));
    bool named = slot != names.end();
    size_t index =
        named
            ? size_t(slot - names.begin())
            : size_t(std::find(paths.begin(), paths.end(), "") - paths.begin());
    if (index >= paths.size() || !paths[index].empty()) {
      error = "--input " + argument + ": the model has " +
              std::to_string(names.size()) + " input(s), each given once";
      return std::nullopt;
    }
    paths[index] = named ? argument.substr(equals + 1) : argument;
  }
  std::vector<FloatTensor> inputs;
  for (size_t i = 0; i < names.size(); ++i) {
    if (paths[i].empty()) {
      error = "no --input for '" + names[i] + "', input " + std::to_string(i) +
              " of " + std::to_string(names.size());
      return std::nullopt;
    }
    std::optional<FloatTensor> tensor = readFile(paths[i], error);
    if (!tensor)
      return std::nullopt;
    inputs.push_back(std::move(*tensor));
  }
  return inputs;
}
