//===- SlidingWindows.cpp - Windows over a stream of samples --------------===//

#include "finngl/Driver/SampleStream.h"
#include "llvm/ADT/STLExtras.h"
#include <algorithm>

using namespace finngl;
using namespace finngl::driver;

/// The outermost dimension of the codes' order with more than one entry.
static size_t timeAxis(const PlanPort &port) {
  for (size_t i = 0; i < port.onnxShape.size(); ++i) {
    size_t axis = port.order.empty() ? i : size_t(port.order[i]);
    if (port.onnxShape[axis] > 1)
      return axis;
  }
  return 0;
}

SlidingWindows::SlidingWindows(std::span<const PlanPort> ports, int64_t samples,
                               int64_t shortest)
    : window(samples), shortest(shortest) {
  for (const PlanPort &port : ports)
    inputs.push_back({port.name, port.onnxShape, timeAxis(port)});
}

static std::string text(std::span<const int64_t> shape) {
  std::string text;
  for (int64_t extent : shape)
    text += (text.empty() ? "" : ", ") + std::to_string(extent);
  return "[" + text + "]";
}

std::optional<int64_t>
SlidingWindows::lengthOf(std::span<const FloatTensor> stream,
                         std::string &error) const {
  if (stream.size() != inputs.size()) {
    error = "the model has " + std::to_string(inputs.size()) + " inputs, got " +
            std::to_string(stream.size());
    return std::nullopt;
  }
  int64_t length = 0;
  for (auto [input, tensor] : llvm::zip(inputs, stream)) {
    std::vector<int64_t> wanted = input.shape;
    bool good = tensor.shape.size() == wanted.size() &&
                tensor.shape[input.axis] >= shortest &&
                (!length || tensor.shape[input.axis] == length);
    if (good)
      length = wanted[input.axis] = tensor.shape[input.axis];
    if (!good || tensor.shape != wanted) {
      error = "input '" + input.name + "' has shape " + text(tensor.shape) +
              ", expected " + text(input.shape) + " with " +
              std::to_string(shortest) + " or more samples along dimension " +
              std::to_string(input.axis) + ", as many in all inputs";
      return std::nullopt;
    }
  }
  return length;
}

std::vector<FloatTensor>
SlidingWindows::slice(std::span<const FloatTensor> stream,
                      int64_t first) const {
  std::vector<FloatTensor> result;
  for (auto [input, tensor] : llvm::zip(inputs, stream)) {
    int64_t outer = 1, inner = 1, length = tensor.shape[input.axis];
    int64_t here = std::min(window, length - first);
    for (size_t d = 0; d < input.shape.size(); ++d)
      (d < input.axis ? outer : inner) *= d == input.axis ? 1 : input.shape[d];
    FloatTensor &part = result.emplace_back();
    part.shape = input.shape;
    for (int64_t o = 0; o < outer; ++o) {
      auto from = tensor.data.begin() + (o * length + first) * inner;
      part.data.insert(part.data.end(), from, from + here * inner);
      part.data.resize(part.data.size() + (window - here) * inner);
    }
  }
  return result;
}

namespace {
class SlidingRunner : public LevelRunner {
public:
  SlidingRunner(std::unique_ptr<LevelRunner> level, SlidingWindows windows)
      : level(std::move(level)), windows(std::move(windows)) {}

  std::optional<std::vector<FloatTensor>>
  run(std::span<const FloatTensor> inputs, std::string &error) override {
    auto length = windows.lengthOf(inputs, error);
    if (!length)
      return std::nullopt;
    std::vector<std::vector<FloatTensor>> answers;
    for (int64_t first = 0; first + windows.samples() <= *length; ++first) {
      auto answer = level->run(windows.slice(inputs, first), error);
      if (!answer)
        return std::nullopt;
      answers.push_back(std::move(*answer));
    }
    return stacked(std::move(answers));
  }

private:
  std::unique_ptr<LevelRunner> level;
  SlidingWindows windows;
};
} // namespace

std::unique_ptr<LevelRunner>
driver::createSlidingRunner(std::unique_ptr<LevelRunner> level,
                            SlidingWindows windows) {
  return std::make_unique<SlidingRunner>(std::move(level), std::move(windows));
}
