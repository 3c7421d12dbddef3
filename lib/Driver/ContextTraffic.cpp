//===- ContextTraffic.cpp - Random packets on several contexts ------------===//

#include "finngl/Driver/ContextTraffic.h"
#include <algorithm>
#include <random>

using namespace finngl;
using namespace finngl::driver;

namespace {

/// Contexts that a run uses, and whole sequences for each of them.
constexpr int64_t kMostContexts = 6, kSequences = 2;

/// A sequence that is sent piece by piece.
struct Sequence {
  std::vector<CodeTensor> inputs, outputs;
  int64_t sent = 0;       ///< steps
  size_t queue = 0;       ///< of its last piece, or where it has to start
  CodeTensor states = {}; ///< after that piece, with state ports
};

class Generator {
public:
  Generator(const Reference &reference, unsigned seed,
            const std::function<std::vector<CodeTensor>()> &next)
      : reference(reference), next(next), random(seed + 1) {}
  std::optional<ContextTraffic> run(int64_t contexts, std::string &error);

private:
  const Reference &reference;
  const std::function<std::vector<CodeTensor>()> &next;
  std::mt19937 random;
  ContextTraffic traffic;
  int64_t steps = 0;
  /// One context's packets.
  struct Queue {
    int64_t context;
    std::vector<int64_t> packets = {}; ///< of its steps, in order
    const Sequence *stored = nullptr;  ///< whose states the context holds,
    int64_t storedAt = 0;              ///< after how many steps
  };
  std::vector<Queue> queues;

  int64_t below(int64_t n) { return int64_t(random() % uint32_t(n)); }
  bool isSequence(const PlanPort &port) const { return port.shape.size() == 2; }
  bool findSteps();
  bool send(Sequence &sequence, std::string &error);
  bool sendAll(std::span<Sequence> sequences, std::string &error);
  CodeTensor piece(const CodeTensor &whole, const PlanPort &port, int64_t from,
                   int64_t to) const;
  void shuffle();
};

} // namespace

bool Generator::findSteps() {
  for (std::span<const PlanPort> ports :
       {reference.inputs(), reference.outputs()})
    for (const PlanPort &port : ports)
      if (isSequence(port)) {
        if (steps && port.shape[0] != steps)
          return false;
        steps = port.shape[0];
      }
  return steps > 1 && std::ranges::any_of(reference.inputs(), [&](auto &port) {
           return isSequence(port);
         });
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

/// The next piece of a sequence. With state ports it goes to any context and
/// loads what the piece before has left, unless the context still holds it. A
/// context that no packet has reached since reset starts from the initial state
/// whatever the restart bit says.
bool Generator::send(Sequence &sequence, std::string &error) {
  int64_t from = sequence.sent,
          to = std::min(steps, from + 1 + below(std::min<int64_t>(steps, 8)));
  auto now = reference.runPrefix(sequence.inputs, to, error);
  if (!now)
    return false;
  if (reference.hasStatePorts() && below(2))
    sequence.queue = size_t(below(int64_t(queues.size())));
  Queue &queue = queues[sequence.queue];
  Packet packet{{}, from == 0, queue.context};
  if (from == 0 && queue.packets.empty())
    packet.restart = below(2);
  bool stored = queue.stored == &sequence && queue.storedAt == from;
  if (reference.hasStatePorts() && from > 0 && !(stored && below(2))) {
    packet.load = sequence.states;
    packet.restart = below(2); // means nothing then
  }
  queue.stored = &sequence;
  queue.storedAt = to;
  for (size_t i = 0; i < sequence.inputs.size(); ++i)
    packet.inputs.push_back(
        piece(sequence.inputs[i], reference.inputs()[i], from, to));
  std::vector<CodeTensor> &expected = traffic.expected.emplace_back();
  for (size_t o = 0; o < reference.outputs().size(); ++o) {
    const PlanPort &port = reference.outputs()[o];
    const CodeTensor &source =
        isSequence(port) ? sequence.outputs[o] : (*now)[o];
    expected.push_back(piece(source, port, from, to));
  }
  if (reference.hasStatePorts()) {
    sequence.states = now->back();
    expected.push_back(sequence.states);
  }
  queue.packets.insert(queue.packets.end(), size_t(to - from),
                       int64_t(traffic.packets.size()));
  traffic.packets.push_back(std::move(packet));
  sequence.sent = to;
  return true;
}

/// One after the other on their context, or mixed where states can be loaded.
bool Generator::sendAll(std::span<Sequence> sequences, std::string &error) {
  std::vector<Sequence *> open;
  for (Sequence &sequence : sequences)
    open.push_back(&sequence);
  while (!open.empty()) {
    size_t pick =
        reference.hasStatePorts() ? size_t(below(int64_t(open.size()))) : 0;
    if (!send(*open[pick], error))
      return false;
    if (open[pick]->sent == steps)
      open.erase(open.begin() + int64_t(pick));
  }
  return true;
}

/// Whose step comes next is random; a context keeps its own order.
void Generator::shuffle() {
  std::vector<size_t> at(queues.size(), 0), open;
  for (size_t q = 0; q < queues.size(); ++q)
    if (!queues[q].packets.empty())
      open.push_back(q);
  while (!open.empty()) {
    size_t pick = size_t(below(int64_t(open.size()))), queue = open[pick];
    traffic.order.push_back(queues[queue].packets[at[queue]++]);
    if (at[queue] == queues[queue].packets.size())
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
  std::vector<Sequence> sequences;
  for (int64_t context : used) {
    for (int64_t s = 0; s < kSequences; ++s) {
      Sequence &added = sequences.emplace_back();
      added.inputs = next();
      auto outputs = reference.run(added.inputs, error);
      if (!outputs)
        return std::nullopt;
      added.outputs = std::move(*outputs);
      added.queue = queues.size();
    }
    queues.push_back({context});
  }
  if (!sendAll(sequences, error))
    return std::nullopt;
  shuffle();
  return std::move(traffic);
}

std::optional<ContextTraffic> finngl::driver::randomContextTraffic(
    const Reference &reference, int64_t contexts, unsigned seed,
    const std::function<std::vector<CodeTensor>()> &next, std::string &error) {
  return Generator(reference, seed, next).run(contexts, error);
}
