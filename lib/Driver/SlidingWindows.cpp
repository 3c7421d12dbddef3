//===- SlidingWindows.cpp - Windows over a stream of samples --------------===//

#include "finngl/Driver/SlidingWindows.h"
#include "llvm/ADT/STLExtras.h"
#include <algorithm>
#include <random>

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

SlidingWindows::SlidingWindows(std::span<const PlanPort> ports, int64_t samples)
    : window(samples) {
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
                tensor.shape[input.axis] >= window &&
                (!length || tensor.shape[input.axis] == length);
    if (good)
      length = wanted[input.axis] = tensor.shape[input.axis];
    if (!good || tensor.shape != wanted) {
      error = "input '" + input.name + "' has shape " + text(tensor.shape) +
              ", expected " + text(input.shape) + " with " +
              std::to_string(window) + " or more samples along dimension " +
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
    for (size_t d = 0; d < input.shape.size(); ++d)
      (d < input.axis ? outer : inner) *= d == input.axis ? 1 : input.shape[d];
    FloatTensor &part = result.emplace_back();
    part.shape = input.shape;
    for (int64_t o = 0; o < outer; ++o) {
      auto from = tensor.data.begin() + (o * length + first) * inner;
      part.data.insert(part.data.end(), from, from + window * inner);
    }
  }
  return result;
}

std::vector<FloatTensor>
driver::stacked(std::vector<std::vector<FloatTensor>> answers) {
  std::vector<FloatTensor> outputs = std::move(answers.front());
  if (answers.size() == 1)
    return outputs;
  for (size_t o = 0; o < outputs.size(); ++o) {
    outputs[o].shape.insert(outputs[o].shape.begin(), int64_t(answers.size()));
    for (size_t a = 1; a < answers.size(); ++a)
      outputs[o].data.insert(outputs[o].data.end(), answers[a][o].data.begin(),
                             answers[a][o].data.end());
  }
  return outputs;
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

SampleStream::SampleStream(const Plan &plan, int64_t samples)
    : plan(plan), windows(plan.inputs(), samples) {}

bool SampleStream::append(std::span<const FloatTensor> stream,
                          std::string &error) {
  auto length = windows.lengthOf(stream, error);
  if (!length)
    return false;
  int64_t window = windows.samples(), base = this->length();
  rows.resize(base + *length, std::vector<CodeTensor>(stream.size()));
  // The plan encodes windows; the last one overlaps the one before.
  for (int64_t first = 0; first < *length; first += window) {
    first = std::min(first, *length - window);
    std::vector<FloatTensor> part = windows.slice(stream, first);
    for (size_t i = 0; i < part.size(); ++i) {
      auto codes = plan.encode(part[i], i, error);
      if (!codes)
        return false;
      setRows(base + first, i, *codes);
    }
  }
  return true;
}

void SampleStream::append(std::span<const CodeTensor> window) {
  int64_t base = length();
  rows.resize(base + windows.samples(), std::vector<CodeTensor>(window.size()));
  for (size_t i = 0; i < window.size(); ++i)
    setRows(base, i, window[i]);
}

void SampleStream::setRows(int64_t first, size_t input,
                           const CodeTensor &window) {
  int64_t size = int64_t(window.data.size()) / windows.samples();
  for (int64_t s = 0; s < windows.samples(); ++s) {
    auto from = window.data.begin() + s * size;
    rows[first + s][input] = {{size}, {from, from + size}};
  }
}

/// Level int of the window that begins with the sample `first`; what lies
/// beyond the stream's end is nothing that the network reads.
std::optional<std::vector<CodeTensor>>
SampleStream::answer(int64_t first, std::string &error) const {
  std::vector<CodeTensor> inputs;
  for (size_t i = 0; i < plan.inputs().size(); ++i) {
    CodeTensor &codes = inputs.emplace_back();
    codes.shape = plan.inputs()[i].shape;
    for (int64_t s = 0; s < windows.samples(); ++s) {
      const std::vector<int64_t> &row =
          rows[std::min(first + s, length() - 1)][i].data;
      codes.data.insert(codes.data.end(), row.begin(), row.end());
    }
  }
  return plan.run(inputs, error);
}

std::optional<StreamTraffic> SampleStream::traffic(int64_t age, unsigned seed,
                                                   std::string &error) {
  while (int64_t(answers.size()) + age < length()) {
    auto next = answer(int64_t(answers.size()), error);
    if (!next)
      return std::nullopt;
    answers.push_back(std::move(*next));
  }
  StreamTraffic traffic;
  traffic.expected.resize(rows.size());
  std::mt19937 random(seed);
  int64_t since = 0; // the first sample or a restart
  for (int64_t s = 0; s < length(); ++s, ++since) {
    bool restart = s == 0 || (seed && random() % (2 * (age + 1)) == 0);
    traffic.packets.push_back({.inputs = rows[s], .restart = restart});
    if (restart)
      since = 0;
    if (since >= age)
      traffic.expected[s] = answers[s - age];
  }
  return traffic;
}
