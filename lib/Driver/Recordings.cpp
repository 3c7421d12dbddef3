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

/// The dimension of extent other than 1 where the model's is 1, if they agree
/// but there.
static std::optional<size_t> batchAxis(const std::vector<int64_t> &data,
                                       const std::vector<int64_t> &model) {
  if (data.size() != model.size())
    return std::nullopt;
  auto [here, there] = std::mismatch(data.begin(), data.end(), model.begin());
  if (here == data.end() || *there != 1 ||
      !std::equal(here + 1, data.end(), there + 1))
    return std::nullopt;
  return size_t(here - data.begin());
}

/// Entry `index` along `axis`.
static FloatTensor entryOf(const FloatTensor &tensor, size_t axis,
                           int64_t index) {
  FloatTensor entry{tensor.shape, {}};
  entry.shape[axis] = 1;
  std::ptrdiff_t inner = 1;
  for (size_t d = axis + 1; d < tensor.shape.size(); ++d)
    inner *= tensor.shape[d];
  auto stride = inner * tensor.shape[axis];
  for (auto row = tensor.data.begin(); row != tensor.data.end(); row += stride)
    entry.data.insert(entry.data.end(), row + index * inner,
                      row + (index + 1) * inner);
  return entry;
}

void finngl::driver::cutRecordings(
    std::vector<std::vector<FloatTensor>> &recordings,
    const std::vector<std::vector<int64_t>> &shapes) {
  std::vector<std::vector<FloatTensor>> cut;
  for (std::vector<FloatTensor> &recording : recordings) {
    std::vector<size_t> axes;
    std::optional<int64_t> count;
    for (size_t i = 0; i < std::min(shapes.size(), recording.size()); ++i) {
      auto axis = batchAxis(recording[i].shape, shapes[i]);
      if (!axis || count.value_or(recording[i].shape[*axis]) !=
                       recording[i].shape[*axis])
        break;
      count = recording[i].shape[*axis];
      axes.push_back(*axis);
    }
    if (axes.empty() || axes.size() != recording.size()) {
      cut.push_back(std::move(recording));
      continue;
    }
    for (int64_t index = 0; index < *count; ++index) {
      cut.emplace_back();
      for (size_t i = 0; i < axes.size(); ++i)
        cut.back().push_back(entryOf(recording[i], axes[i], index));
    }
  }
  recordings = std::move(cut);
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
