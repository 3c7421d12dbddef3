// Drives a network's AXI4-Stream ports in simulation. Knows nothing of the network: ports.h, printed beside it, lists
// the ports, stimulus and results are text. Copied into a compile directory and built there by Verilator.
//
//   usage: Vfinngl_top STIMULUS RESULT [SEED]
//   stimulus  beat PORT HEXDATA TUSER TLAST TDEST   queued for input PORT, in order
//             expect PORT BEATS                     the run ends when every output has given so many
//             reset CYCLE                           reset is pulled for three cycles at that cycle; what the lines
//             before
//                                                   queued and expected is forgotten, the lines after it count from
//                                                   then
//             read ADDRESS                          AXI4-Lite read (hexadecimal) at the end of the run
//   result    beat PORT CYCLE HEXDATA TUSER TLAST TDEST
//             reset CYCLE                           the beats before it came before the reset
//             input FIRST LAST                      cycles of the first and the last input beat
//             read DATA                             hexadecimal
// Seed 0: inputs always valid, outputs always ready. Other seeds stall: seed mod 4 = 1 both sides at random, 2 inputs
// only, 3 outputs only, 0 long freezes of both.
#include "Vfinngl_top.h"
#include "verilated.h"
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <vector>

namespace {

using Words = std::vector<uint32_t>;

struct InputPort {
  std::function<void(const Words &)> data;
  std::function<void(uint64_t user, bool last, unsigned dest)> side;
  std::function<void(bool)> valid;
  std::function<bool()> ready;
};

struct OutputPort {
  std::function<Words()> data;
  std::function<uint64_t()> user, dest;
  std::function<bool()> last, valid;
  std::function<void(bool)> ready;
};

// Signals of up to 32 and 64 bits are plain integers, wider ones word arrays.
template <typename T> void put(T &signal, const Words &words) {
  if constexpr (std::is_integral_v<T>) {
    uint64_t value = words.empty() ? 0 : words[0];
    if (words.size() > 1)
      value |= uint64_t(words[1]) << 32;
    signal = T(value);
  } else {
    for (size_t i = 0; i < sizeof(signal) / 4; ++i)
      signal[i] = i < words.size() ? words[i] : 0;
  }
}
template <typename T> Words get(T &signal) {
  if constexpr (std::is_integral_v<T>)
    return {uint32_t(signal), uint32_t(uint64_t(signal) >> 32)};
  else
    return Words(&signal[0], &signal[0] + sizeof(signal) / 4);
}

#define FINNGL_INPUT(NAME)                                                                                             \
  InputPort {                                                                                                          \
    [&t](const Words &w) { put(t.NAME##_tdata, w); },                                                                  \
        [&t](uint64_t user, bool last, unsigned dest) {                                                                \
          t.NAME##_tuser = user;                                                                                       \
          t.NAME##_tlast = last;                                                                                       \
          t.NAME##_tdest = dest;                                                                                       \
        },                                                                                                             \
        [&t](bool v) { t.NAME##_tvalid = v; }, [&t] { return bool(t.NAME##_tready); }                                  \
  }
#define FINNGL_OUTPUT(NAME)                                                                                            \
  OutputPort {                                                                                                         \
    [&t] { return get(t.NAME##_tdata); }, [&t] { return uint64_t(t.NAME##_tuser); },                                   \
        [&t] { return uint64_t(t.NAME##_tdest); }, [&t] { return bool(t.NAME##_tlast); },                              \
        [&t] { return bool(t.NAME##_tvalid); }, [&t](bool r) { t.NAME##_tready = r; }                                  \
  }

#include "ports.h" // std::vector<InputPort> inputPorts(Vfinngl_top &t), outputPorts likewise

struct Beat {
  Words data;
  uint64_t user;
  bool last;
  unsigned dest;
};

Words parseHex(const std::string &text) {
  Words words((text.size() + 7) / 8, 0);
  for (size_t i = 0; i < text.size(); ++i) {
    char c = text[text.size() - 1 - i];
    uint32_t digit = c <= '9' ? c - '0' : c - 'a' + 10;
    words[i / 8] |= digit << (i % 8 * 4);
  }
  return words;
}

std::string printHex(const Words &words) {
  std::string text;
  char buffer[16];
  for (size_t i = words.size(); i-- > 0;) {
    std::snprintf(buffer, sizeof buffer, "%08x", words[i]);
    text += buffer;
  }
  return text;
}

/// Whether a side stalls in a cycle.
class Stalls {
public:
  explicit Stalls(unsigned seed) : seed(seed), random(seed) {}
  bool input() { return seed && seed % 4 != 3 && stalls(inputFreeze); }
  bool output() { return seed && seed % 4 != 2 && stalls(outputFreeze); }

private:
  unsigned seed;
  std::mt19937 random;
  unsigned inputFreeze = 0, outputFreeze = 0;
  bool stalls(unsigned &freeze) {
    if (seed % 4)
      return random() % 16 < 1 + seed % 13;
    if (freeze) {
      --freeze;
      return true;
    }
    if (random() % 200 == 0)
      freeze = 50 + random() % 400;
    return false;
  }
};

/// What happens up to a reset, or to the end.
struct Phase {
  std::vector<std::deque<Beat>> queued;
  std::vector<int64_t> expected;
  int64_t resetAt = INT64_MIN; ///< cycle of the reset that ends it
  Phase(size_t inputs, size_t outputs) : queued(inputs), expected(outputs, 0) {}
  bool done() const {
    for (int64_t left : expected)
      if (left > 0)
        return false;
    for (const std::deque<Beat> &queue : queued)
      if (!queue.empty())
        return false;
    return true;
  }
};

struct Run {
  std::deque<Phase> phases;
  std::vector<unsigned> reads;
};

bool readStimulus(const char *path, Run &run) {
  FILE *file = std::fopen(path, "r");
  if (!file)
    return false;
  size_t inputs = run.phases.back().queued.size(), outputs = run.phases.back().expected.size();
  std::vector<char> line(1 << 22);
  std::vector<char> hex(1 << 22);
  while (std::fgets(line.data(), int(line.size()), file)) {
    unsigned port = 0, last = 0, dest = 0;
    uint64_t user = 0;
    long long number = 0;
    Phase &phase = run.phases.back();
    if (std::sscanf(line.data(), "beat %u %s %" SCNx64 " %u %u", &port, hex.data(), &user, &last, &dest) == 5) {
      phase.queued.at(port).push_back({parseHex(hex.data()), user, last != 0, dest});
    } else if (std::sscanf(line.data(), "expect %u %lld", &port, &number) == 2) {
      phase.expected.at(port) = number;
    } else if (std::sscanf(line.data(), "read %x", &port) == 1) {
      run.reads.push_back(port);
    } else if (std::sscanf(line.data(), "reset %lld", &number) == 1) {
      phase.resetAt = number;
      run.phases.emplace_back(inputs, outputs);
    }
  }
  std::fclose(file);
  return true;
}

void tick(Vfinngl_top &top) {
  top.ap_clk = 1;
  top.eval();
  top.ap_clk = 0;
  top.eval();
}

uint32_t readRegister(Vfinngl_top &top, unsigned address) {
  top.s_axi_control_araddr = address;
  top.s_axi_control_arvalid = 1;
  top.s_axi_control_rready = 1;
  top.eval();
  while (!top.s_axi_control_arready)
    tick(top);
  tick(top);
  top.s_axi_control_arvalid = 0;
  top.eval();
  while (!top.s_axi_control_rvalid)
    tick(top);
  uint32_t data = top.s_axi_control_rdata;
  tick(top);
  top.s_axi_control_rready = 0;
  return data;
}

} // namespace

int main(int argc, char **argv) {
  if (argc < 3)
    return 2;
  auto context = std::make_unique<VerilatedContext>();
  auto top = std::make_unique<Vfinngl_top>(context.get());
  std::vector<InputPort> inputs = inputPorts(*top);
  std::vector<OutputPort> outputs = outputPorts(*top);
  Run run;
  run.phases.emplace_back(inputs.size(), outputs.size());
  if (!readStimulus(argv[1], run))
    return 2;
  FILE *result = std::fopen(argv[2], "w");
  if (!result)
    return 2;
  Stalls stalls(argc > 3 ? std::atoi(argv[3]) : 0);

  std::vector<bool> offered(inputs.size(), false), ready(outputs.size(), false);
  int64_t firstInput = -1, lastInput = -1, idle = 0;
  constexpr int64_t kLongestIdle = 1000000; // far beyond any legal wait
  constexpr int kResetCycles = 3;
  int resetLeft = kResetCycles + 1;
  int settled = 0; // cycles since the reset
  auto finished = [&] { return run.phases.size() == 1 && run.phases.front().done(); };
  top->ap_clk = 0;
  for (int64_t cycle = -resetLeft; !finished() && idle < kLongestIdle; ++cycle, ++idle) {
    if (cycle == run.phases.front().resetAt) {
      run.phases.pop_front();
      offered.assign(inputs.size(), false);
      std::fprintf(result, "reset %lld\n", static_cast<long long>(cycle));
      resetLeft = kResetCycles;
    }
    Phase &phase = run.phases.front();
    bool reset = resetLeft > 0;
    // A cycle after the reset every register is ready, once flags are cleared; a converter would be earlier.
    bool open = !reset && settled > kClearCycles;
    settled = reset ? 0 : settled + (settled <= kClearCycles);
    resetLeft -= reset;
    top->ap_rst_n = !reset;
    // Inputs change after the rising edge; valid, once raised, stays until the beat is taken.
    for (size_t i = 0; i < inputs.size(); ++i) {
      bool have = !phase.queued[i].empty();
      offered[i] = open && have && (offered[i] || !stalls.input());
      inputs[i].valid(offered[i]);
      if (!offered[i])
        continue;
      const Beat &beat = phase.queued[i].front();
      inputs[i].data(beat.data);
      inputs[i].side(beat.user, beat.last, beat.dest);
    }
    for (size_t o = 0; o < outputs.size(); ++o) {
      ready[o] = !reset && !stalls.output();
      outputs[o].ready(ready[o]);
    }
    top->eval();
    for (size_t i = 0; i < inputs.size(); ++i)
      if (offered[i] && inputs[i].ready()) {
        if (firstInput < 0)
          firstInput = cycle;
        lastInput = cycle;
        phase.queued[i].pop_front();
        offered[i] = false;
        idle = 0;
      }
    for (size_t o = 0; o < outputs.size(); ++o)
      if (ready[o] && outputs[o].valid()) {
        std::fprintf(result, "beat %zu %lld %s %" PRIx64 " %d %" PRIu64 "\n", o, static_cast<long long>(cycle),
                     printHex(outputs[o].data()).c_str(), outputs[o].user(), int(outputs[o].last()), outputs[o].dest());
        --phase.expected[o];
        idle = 0;
      }
    tick(*top);
  }
  std::fprintf(result, "input %lld %lld\n", static_cast<long long>(firstInput), static_cast<long long>(lastInput));
  for (InputPort &input : inputs)
    input.valid(false);
  for (unsigned address : run.reads)
    std::fprintf(result, "read %x\n", readRegister(*top, address));
  std::fclose(result);
  if (!finished())
    std::fprintf(stderr, "simulation stuck: no beat in %lld cycles\n", static_cast<long long>(kLongestIdle));
  top->final();
  return finished() ? 0 : 1;
}
