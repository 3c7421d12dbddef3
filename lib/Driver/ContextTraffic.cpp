//===- ContextTraffic.cpp - Random packets on several contexts ------------===//

#include "finngl/Driver/ContextTraffic.h"
#include <algorithm>
#include <random>

using namespace finngl;
using namespace finngl::driver;

namespace {

/// Contexts that a run uses, and whole sequences on each of them.
constexpr int64_t kMostContexts = 6, kSequences = 2;

class Generator {
public:
  Generator(const Plan &plan, unsigned seed,
            const std::function<std::vector<CodeTensor>()> &next)
      : plan(plan), next(next), random(seed + 1) {}
  std::optional<ContextTraffic> run(int64_t contexts, std::string &error);

private:
  const Plan &plan;
  const std::function<std::vector<CodeTensor>()> &next;
  std::mt19937 random;
  ContextTraffic traffic;
  int64_t steps = 0;
  /// Of each context in use: the packets of its steps, in order.
  std::vector<std::vector<int64_t>> queues;

  int64_t below(int64_t n) { return int64_t(random() % uint32_t(n)); }
  bool isSequence(const PlanPort &port) const { return port.shape.size() == 2; }
  bool findSteps();
  bool addSequence(int64_t context, bool fresh, std::string &error);
  CodeTensor piece(const CodeTensor &whole, const PlanPort &port, int64_t from,
                   int64_t to) const;
  void shuffle();
};

} // namespace

bool Generator::findSteps() {
  for (const auto *ports : {&plan.inputs(), &plan.outputs()})
    for (const PlanPort &port : *ports)
      if (isSequence(port)) {
        if (steps && port.shape[0] != steps)
          return false;
        steps = port.shape[0];
      }
  return steps > 1 && std::any_of(plan.inputs().begin(), plan.inputs().end(),
                                  [&](auto &port) { return isSequence(port); });
}

/// Steps [from, to) of a sequence; all of anything else.
CodeTensor Generator::piece(const CodeTensor &whole, const PlanPort &port,
                            int64_t from, int64_t to) const {
  if (!isSequence(port))
    return whole;
  int64_t size = port.shape[1];
  return {{to - from, size},
          {whole.data.begin() + from * size, whole.data.begin() + to * size}};
}

/// A whole sequence in random pieces. A context that is `fresh` since reset
/// starts from the initial state whatever its restart bit says.
bool Generator::addSequence(int64_t context, bool fresh, std::string &error) {
  std::vector<CodeTensor> inputs = next();
  auto whole = plan.run(inputs, error);
  if (!whole)
    return false;
  std::vector<int64_t> &queue = queues.back();
  for (int64_t from = 0, to; from < steps; from = to) {
    to = std::min(steps, from + 1 + below(std::min<int64_t>(steps, 8)));
    auto now = plan.runPrefix(inputs, to, error);
    if (!now)
      return false;
    Packet packet{{}, from == 0 && !(fresh && below(2)), context};
    for (size_t i = 0; i < inputs.size(); ++i)
      packet.inputs.push_back(piece(inputs[i], plan.inputs()[i], from, to));
    std::vector<CodeTensor> &expected = traffic.expected.emplace_back();
    for (size_t o = 0; o < whole->size(); ++o) {
      const PlanPort &port = plan.outputs()[o];
      const CodeTensor &source = isSequence(port) ? (*whole)[o] : (*now)[o];
      expected.push_back(piece(source, port, from, to));
    }
    queue.insert(queue.end(), size_t(to - from),
                 int64_t(traffic.packets.size()));
    traffic.packets.push_back(std::move(packet));
  }
  return true;
}

/// Whose step comes next is random; a context keeps its own order.
void Generator::shuffle() {
  std::vector<size_t> at(queues.size(), 0), open(queues.size());
  for (size_t q = 0; q < queues.size(); ++q)
    open[q] = q;
  while (!open.empty()) {
    size_t pick = size_t(below(int64_t(open.size()))), queue = open[pick];
    traffic.order.push_back(queues[queue][at[queue]++]);
    if (at[queue] == queues[queue].size())
      open.erase(open.begin() + int64_t(pick));
  }
}

std::optional<ContextTraffic> Generator::run(int64_t contexts,
                                             std::string &error) {
  error.clear();
  if (!findSteps())
    return std::nullopt;
  std::vector<int64_t> used(contexts);
  for (int64_t c = 0; c < contexts; ++c)
    used[c] = c;
  std::shuffle(used.begin(), used.end(), random);
  used.resize(std::min(contexts, kMostContexts));
  for (int64_t context : used) {
    queues.emplace_back();
    for (int64_t s = 0; s < kSequences; ++s)
      if (!addSequence(context, /*fresh=*/s == 0, error))
        return std::nullopt;
  }
  shuffle();
  return std::move(traffic);
}

std::optional<ContextTraffic> finngl::driver::randomContextTraffic(
    const Plan &plan, int64_t contexts, unsigned seed,
    const std::function<std::vector<CodeTensor>()> &next, std::string &error) {
  return Generator(plan, seed, next).run(contexts, error);
}
