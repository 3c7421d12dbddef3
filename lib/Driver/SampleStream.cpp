//===- SampleStream.cpp - Samples in, answers out -------------------------===//

#include "finngl/Driver/SampleStream.h"
#include "finngl/Driver/LongerStream.h"
#include "llvm/ADT/STLExtras.h"
#include <algorithm>
#include <random>

using namespace finngl;
using namespace finngl::driver;

SampleStream::SampleStream(const Plan &plan, SlidingWindows windows,
                           SampleRows answered)
    : plan(plan), windows(std::move(windows)), answered(answered) {}

bool SampleStream::append(std::span<const FloatTensor> stream,
                          std::string &error) {
  auto length = windows.lengthOf(stream, error);
  if (!length)
    return false;
  int64_t window = windows.samples(), base = this->length();
  rows.resize(base + *length, std::vector<CodeTensor>(stream.size()));
  // The plan encodes windows; the last one overlaps the one before.
  for (int64_t first = 0; first < *length; first += window) {
    first = std::max<int64_t>(std::min(first, *length - window), 0);
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
  for (int64_t s = 0; s < std::min(windows.samples(), length() - first); ++s) {
    auto from = window.data.begin() + s * size;
    rows[first + s][input] = {{size}, {from, from + size}};
  }
}

CodeTensor SampleStream::codesFrom(int64_t first, int64_t samples,
                                   size_t input) const {
  CodeTensor codes;
  for (int64_t s = 0; s < samples; ++s) {
    const std::vector<int64_t> &row =
        rows[std::min(first + s, length() - 1)][input].data;
    codes.data.insert(codes.data.end(), row.begin(), row.end());
  }
  codes.shape = {samples, int64_t(codes.data.size()) / samples};
  return codes;
}

FloatTensor SampleStream::decode(CodeTensor codes, size_t output) const {
  codes.shape = plan.outputs()[output].shape;
  return plan.decode(codes, output);
}

std::vector<Packet> SampleStream::packets() const {
  std::vector<Packet> packets;
  for (int64_t s = 0; s < length(); ++s)
    packets.push_back({.inputs = rows[s], .restart = s == 0});
  return packets;
}

std::optional<StreamTraffic> SampleStream::traffic(unsigned seed,
                                                   std::string &error) {
  StreamTraffic traffic{packets(), {}};
  traffic.expected.resize(rows.size());
  std::mt19937 random(seed);
  std::vector<int64_t> begins; // the first sample and restarts
  for (int64_t s = 0; s < length(); ++s) {
    bool &restart = traffic.packets[s].restart;
    restart |= seed && random() % (2 * (answered.first + 1)) == 0;
    if (restart)
      begins.push_back(s);
  }
  for (auto [k, begin] : llvm::enumerate(begins)) {
    int64_t end = k + 1 < begins.size() ? begins[k + 1] : length();
    std::vector<int64_t> samples; // that are answered
    for (int64_t s = begin; s < end; ++s)
      if (answered.rowOf(s - begin))
        samples.push_back(s);
    if (samples.empty())
      continue;
    auto codes = answers(begin, int64_t(samples.size()), error);
    if (!codes)
      return std::nullopt;
    for (auto [s, answer] : llvm::zip(samples, *codes))
      traffic.expected[s] = std::move(answer);
  }
  return traffic;
}

namespace {
/// --mode sliding: each sample is answered for the window that ends there.
class WindowStream : public SampleStream {
public:
  using SampleStream::SampleStream;

protected:
  std::optional<Answers> answers(int64_t begin, int64_t count,
                                 std::string &error) override {
    Answers all;
    for (int64_t first = begin; first < begin + count; ++first) {
      const std::vector<CodeTensor> *codes = answer(first, error);
      if (!codes)
        return std::nullopt;
      all.push_back(*codes);
    }
    return all;
  }

private:
  std::map<int64_t, std::vector<CodeTensor>> known; ///< by first sample
  const std::vector<CodeTensor> *answer(int64_t first, std::string &error);
};

/// --mode stream: each answer is what the network for a longer window gives
/// after as many steps of its scan.
class EndlessStream : public SampleStream {
public:
  EndlessStream(Model &model, const Plan &plan, SlidingWindows windows,
                SampleRows answered)
      : SampleStream(plan, std::move(windows), answered), model(model) {}

  FloatTensor decode(CodeTensor codes, size_t output) const override;

protected:
  std::optional<Answers> answers(int64_t begin, int64_t count,
                                 std::string &error) override;

private:
  Model &model;
  struct Longer {
    Plan plan;
    LongerStream stream;
  };
  std::map<int64_t, Longer> longer; ///< by windows
  const Longer *longEnough(int64_t samples, std::string &error);
};
} // namespace

const std::vector<CodeTensor> *WindowStream::answer(int64_t first,
                                                    std::string &error) {
  auto found = known.find(first);
  if (found != known.end())
    return &found->second;
  std::vector<CodeTensor> inputs;
  for (size_t i = 0; i < plan.inputs().size(); ++i)
    inputs.push_back(codesFrom(first, windows.samples(), i));
  auto codes = plan.run(inputs, error);
  return codes ? &(known[first] = std::move(*codes)) : nullptr;
}

/// One row of each sequence, as what is a row in the window's shape.
FloatTensor EndlessStream::decode(CodeTensor codes, size_t output) const {
  const PlanPort &port = plan.outputs()[output];
  size_t size = codes.data.size();
  codes.shape = port.shape;
  codes.data.resize(port.elements());
  FloatTensor floats = plan.decode(codes, output);
  auto time = std::ranges::find_if(floats.shape,
                                   [](int64_t extent) { return extent > 1; });
  if (size < floats.data.size())
    *time = 1;
  floats.data.resize(size);
  return floats;
}

const EndlessStream::Longer *EndlessStream::longEnough(int64_t samples,
                                                       std::string &error) {
  int64_t window = windows.samples(), count = (samples + window - 1) / window;
  auto found = longer.find(count);
  if (found != longer.end())
    return &found->second;
  mlir::OwningOpRef<mlir::ModuleOp> module = model.finnModule().clone();
  auto main = module->lookupSymbol<mlir::func::FuncOp>("main");
  LongerStream stream = lengthen(main, count * window);
  auto made = Plan::build(main);
  if (!made) {
    error = model.name() + ": the network of " +
            std::to_string(stream.samples) + " samples cannot be run";
    return nullptr;
  }
  return &longer.try_emplace(count, Longer{std::move(*made), std::move(stream)})
              .first->second;
}

/// One run for all of them: the scans stop after each step.
std::optional<SampleStream::Answers>
EndlessStream::answers(int64_t begin, int64_t count, std::string &error) {
  const Longer *network =
      longEnough(answered.first + (count - 1) * answered.stride + 1, error);
  if (!network)
    return std::nullopt;
  Plan::Arena arena = network->plan.makeArena();
  for (size_t i = 0; i < plan.inputs().size(); ++i)
    if (!network->plan.setInput(
            arena, i, codesFrom(begin, network->stream.samples, i), error))
      return std::nullopt;
  Answers all(count, std::vector<CodeTensor>(plan.outputs().size()));
  auto isSequence = [&](size_t o) {
    return network->stream.rowElements[o] <
           network->plan.outputs()[o].elements();
  };
  bool stepwise = network->plan.executeSteps(arena, count, [&](int64_t index) {
    for (size_t o = 0; o < plan.outputs().size(); ++o)
      if (!isSequence(o))
        all[index][o] = network->plan.output(arena, o);
  });
  if (!stepwise) {
    error = model.name() + ": a scan starts from another one's last state";
    return std::nullopt;
  }
  for (size_t o = 0; o < plan.outputs().size(); ++o) {
    int64_t size = network->stream.rowElements[o];
    CodeTensor rows = network->plan.output(arena, o);
    for (int64_t index = 0; index < count; ++index) {
      auto from = rows.data.begin() + index * size;
      if (isSequence(o))
        all[index][o].data = {from, from + size};
      all[index][o].shape = {size};
    }
  }
  return all;
}

std::unique_ptr<SampleStream> driver::createSampleStream(Model &model,
                                                         const Plan &plan) {
  if (auto answered = model.streamAnswers()) {
    int64_t samples = plan.inputs().front().shape.front();
    return std::make_unique<EndlessStream>(
        model, plan, SlidingWindows(plan.inputs(), samples, /*shortest=*/1),
        *answered);
  }
  int64_t samples = model.slidingSamples();
  return std::make_unique<WindowStream>(
      plan, SlidingWindows(plan.inputs(), samples), model.slidingAnswers());
}

std::vector<FloatTensor>
driver::stacked(std::vector<std::vector<FloatTensor>> answers) {
  std::vector<FloatTensor> outputs = std::move(answers.front());
  for (size_t o = 0; o < outputs.size(); ++o) {
    outputs[o].shape.insert(outputs[o].shape.begin(), int64_t(answers.size()));
    for (size_t a = 1; a < answers.size(); ++a)
      outputs[o].data.insert(outputs[o].data.end(), answers[a][o].data.begin(),
                             answers[a][o].data.end());
  }
  return outputs;
}

std::optional<std::vector<FloatTensor>>
driver::decodeAnswers(const SampleStream &stream,
                      const std::vector<std::vector<CodeTensor>> &codes,
                      std::string &error) {
  std::vector<std::vector<FloatTensor>> answers;
  for (const std::vector<CodeTensor> &answer : codes) {
    if (answer.empty() || answer.front().data.empty())
      continue;
    std::vector<FloatTensor> &floats = answers.emplace_back();
    for (size_t o = 0; o < answer.size(); ++o)
      floats.push_back(stream.decode(answer[o], o));
  }
  if (!answers.empty())
    return stacked(std::move(answers));
  error = "a stream of " + std::to_string(stream.length()) +
          " samples has no answer yet; the first one comes with sample " +
          std::to_string(stream.firstAnswer() + 1);
  return std::nullopt;
}

namespace {
class StreamRunner : public LevelRunner {
public:
  StreamRunner(Model &model, Plan plan) : model(model), plan(std::move(plan)) {}

  std::optional<std::vector<FloatTensor>>
  run(std::span<const FloatTensor> inputs, std::string &error) override {
    auto stream = createSampleStream(model, plan);
    if (!stream->append(inputs, error))
      return std::nullopt;
    auto traffic = stream->traffic(/*seed=*/0, error);
    return traffic ? decodeAnswers(*stream, traffic->expected, error)
                   : std::nullopt;
  }

private:
  Model &model;
  Plan plan;
};
} // namespace

std::unique_ptr<LevelRunner> driver::createStreamRunner(Model &model) {
  std::optional<Plan> plan;
  if (model.toFinn())
    plan = model.buildPlan();
  if (!plan)
    return nullptr;
  return std::make_unique<StreamRunner>(model, std::move(*plan));
}
