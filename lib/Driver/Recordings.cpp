//===- Recordings.cpp - Calibration data ----------------------------------===//

#include "finngl/Driver/Recordings.h"
#include "finngl/Driver/DataSet.h"
#include "finngl/Support/TensorFile.h"
#include <cmath>

using namespace finngl;
using namespace finngl::driver;
namespace fs = std::filesystem;

/// Appends the N recordings of one file.
static bool readStack(const std::string &path,
                      std::vector<std::vector<FloatTensor>> &recordings,
                      std::string &error) {
  std::string why;
  auto all = readTensorFile(path, why);
  if (!all) {
    error = path + ": " + why;
    return false;
  }
  if (all->shape.size() < 2 || all->shape[0] == 0 || all->data.empty()) {
    error = path + ": expected recordings of shape [N, ...]";
    return false;
  }
  std::vector<int64_t> shape(all->shape.begin() + 1, all->shape.end());
  auto size = std::ptrdiff_t(all->data.size() / size_t(all->shape[0]));
  for (auto first = all->data.begin(); first != all->data.end(); first += size)
    recordings.push_back({{shape, {first, first + size}}});
  return true;
}

std::optional<std::vector<std::vector<FloatTensor>>>
finngl::driver::readRecordings(const std::vector<std::string> &paths,
                               std::string &error) {
  std::vector<std::vector<FloatTensor>> recordings;
  for (const std::string &path : paths) {
    std::error_code code;
    if (!fs::is_directory(path, code)) {
      if (!readStack(path, recordings, error))
        return std::nullopt;
      continue;
    }
    auto set = readDataSet(path, error);
    if (!set)
      return std::nullopt;
    recordings.push_back(std::move(set->inputs));
  }
  return recordings;
}

static std::string text(const std::vector<int64_t> &shape) {
  std::string result = "[";
  for (int64_t extent : shape)
    result += (result.size() > 1 ? ", " : "") + std::to_string(extent);
  return result + "]";
}

/// Dimensions of extent 1 may be left out or added.
static bool sameLayout(std::vector<int64_t> a, std::vector<int64_t> b) {
  std::erase(a, 1);
  std::erase(b, 1);
  return a == b;
}

bool finngl::driver::shapeRecordings(
    std::vector<std::vector<FloatTensor>> &recordings,
    const std::vector<std::vector<int64_t>> &shapes, std::string &error) {
  for (size_t i = 0; i < recordings.size(); ++i) {
    std::string name = "recording " + std::to_string(i);
    if (recordings[i].size() != shapes.size()) {
      error = name + " has " + std::to_string(recordings[i].size()) +
              " inputs, the model " + std::to_string(shapes.size());
      return false;
    }
    for (size_t input = 0; input < shapes.size(); ++input) {
      FloatTensor &tensor = recordings[i][input];
      if (!sameLayout(tensor.shape, shapes[input])) {
        error = name + ": input " + std::to_string(input) + " has shape " +
                text(tensor.shape) + ", the model's is " + text(shapes[input]);
        return false;
      }
      for (float value : tensor.data)
        if (!std::isfinite(value)) {
          error = name + ": input " + std::to_string(input) +
                  " holds a value that is not finite";
          return false;
        }
      tensor.shape = shapes[input];
    }
  }
  return true;
}
