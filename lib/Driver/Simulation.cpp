//===- Simulation.cpp - A compile directory under Verilator ---------------===//

#include "finngl/Driver/Simulation.h"
#include "finngl/Core/RtlInstance.h"
#include "finngl/Driver/OutputDirectory.h"
#include "llvm/Support/Program.h"
#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

using namespace finngl;
using namespace finngl::driver;
namespace fs = std::filesystem;

std::string
finngl::driver::simulationPorts(const std::vector<StreamPort> &streams,
                                int64_t contexts) {
  std::string inputs, outputs;
  for (const StreamPort &stream : streams)
    (stream.input ? inputs : outputs) +=
        (stream.input ? "FINNGL_INPUT(" : "FINNGL_OUTPUT(") + stream.port +
        "), ";
  return "// Printed by finn-gl: the stream ports of finngl_top.\n"
         "// Cycles after a reset in which the contexts' flags are cleared.\n"
         "constexpr int kClearCycles = " +
         std::to_string(contexts > 1 ? contexts : 0) +
         ";\nstd::vector<InputPort> inputPorts([[maybe_unused]] Vfinngl_top "
         "&t) { "
         "return {" +
         inputs +
         "}; }\nstd::vector<OutputPort> outputPorts([[maybe_unused]] "
         "Vfinngl_top &t) { return {" +
         outputs + "}; }\n";
}

/// One of report.json's streams but for its index; nothing if a field is
/// missing or out of range.
static std::optional<StreamPort> readPort(const nlohmann::json &entry) {
  if (!entry.is_object())
    return std::nullopt;
  bool good = true;
  auto field = [&](const char *key, auto isRight, auto fallback) {
    auto found = entry.find(key);
    bool right = found != entry.end() && isRight(*found);
    good &= right;
    return right ? found->template get<decltype(fallback)>() : fallback;
  };
  auto text = [](const nlohmann::json &v) { return v.is_string(); };
  auto flag = [](const nlohmann::json &v) { return v.is_boolean(); };
  auto size = [](const nlohmann::json &v) {
    return v.is_number_integer() && v >= 1 && v <= 1 << 30;
  };
  StreamPort port;
  port.port = field("port", text, std::string());
  port.onnxName = field("onnx_name", text, std::string());
  port.input = port.port.rfind("s_", 0) == 0;
  port.elementsPerBeat = field("elements_per_beat", size, int64_t(1));
  port.elementBits = field("element_bits", size, int64_t(1));
  port.beatsPerStep = field("beats_per_step", size, int64_t(1));
  port.isSigned = field("signed", flag, true);
  port.steps = field("steps", size, int64_t(1));
  return good && port.elementBits <= 64 ? std::optional(port) : std::nullopt;
}

/// A memory image that a module names and the folder lacks: simulators only
/// warn and go on with an empty memory.
static std::string missingImage(const fs::path &rtl) {
  std::error_code code;
  for (const auto &entry : fs::directory_iterator(rtl, code)) {
    if (entry.path().extension() != ".sv")
      continue;
    std::ifstream file(entry.path());
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    for (size_t end = text.find(".mem\""); end != std::string::npos;
         end = text.find(".mem\"", end + 1)) {
      size_t begin = text.rfind('"', end) + 1;
      std::string name = text.substr(begin, end + 4 - begin);
      if (!fs::exists(rtl / name, code))
        return name;
    }
  }
  return {};
}

std::optional<Simulator> Simulator::open(const fs::path &directory,
                                         std::string &error) {
  std::ifstream file(directory / "report.json");
  auto report = nlohmann::json::parse(file, nullptr, /*exceptions=*/false);
  if (!fs::exists(directory / "rtl/finngl_top.sv")) {
    error = directory.string() + ": holds no rtl/finngl_top.sv; compile the "
                                 "model again, without --stop-after";
    return std::nullopt;
  }
  if (!report.is_object() || !report["streams"].is_array()) {
    error = directory.string() + "/report.json: has no streams; compile the "
                                 "model again";
    return std::nullopt;
  }
  if (std::string image = missingImage(directory / "rtl"); !image.empty()) {
    error = directory.string() + "/rtl/" + image +
            ": missing; compile the model again";
    return std::nullopt;
  }
  Simulator simulator;
  simulator.directory = fs::absolute(directory);
  for (const char *key : {kWindowKey, kStreamKey})
    if (auto answers = recordedAnswers(report, key))
      simulator.answered = answers;
  int64_t in = 0, out = 0;
  for (const auto &entry : report["streams"]) {
    auto port = readPort(entry);
    if (!port) {
      error = directory.string() + "/report.json: its streams are not as "
                                   "finngl compile wrote them; compile the "
                                   "model again";
      return std::nullopt;
    }
    port->index = port->input ? in++ : out++;
    simulator.ports.push_back(std::move(*port));
  }
  return simulator;
}

/// Runs a program in `folder`, its output to `log`. False and `error`.
static bool runProgram(const std::string &name,
                       const std::vector<std::string> &arguments,
                       const fs::path &folder, const fs::path &log,
                       std::string &error) {
  auto program = llvm::sys::findProgramByName(name);
  std::string path;
  if (program)
    path = *program;
  else if (fs::exists(name))
    path = name;
  if (path.empty()) {
    error = name + " not found; install it (apt-get install " + name +
            ") or add it to PATH";
    return false;
  }
  // `env -C` sets the working directory: memory images are named relative to
  // rtl/.
  auto env = llvm::sys::findProgramByName("env");
  std::vector<std::string> all{"env", "-C", folder.string(), path};
  all.insert(all.end(), arguments.begin(), arguments.end());
  std::vector<llvm::StringRef> views(all.begin(), all.end());
  std::string logText = log.string();
  std::optional<llvm::StringRef> redirects[] = {
      llvm::StringRef(""), llvm::StringRef(logText), llvm::StringRef(logText)};
  int code = llvm::sys::ExecuteAndWait(env ? *env : "/usr/bin/env", views,
                                       std::nullopt, redirects);
  if (code == 0)
    return true;
  error = name + " failed (exit " + std::to_string(code) + "), see " + logText;
  return false;
}

bool Simulator::build(std::string &error) {
  fs::path rtl = directory / "rtl", sim = directory / "sim";
  fs::path binary = sim / "obj/Vfinngl_top";
  std::error_code code;
  bool fresh = fs::exists(binary);
  std::vector<std::string> arguments{"--cc",
                                     "--exe",
                                     "--build",
                                     "-j",
                                     "2",
                                     "-O3",
                                     "-Wno-fatal",
                                     "-Wno-lint",
                                     "-Wno-style",
                                     "--assert",
                                     "--top-module",
                                     "finngl_top",
                                     "-Mdir",
                                     "../sim/obj",
                                     "--output-split",
                                     "20000",
                                     "-MAKEFLAGS",
                                     "OPT_FAST=-O1 OPT_SLOW=-O0 OPT_GLOBAL=-O1",
                                     "-CFLAGS",
                                     "-std=c++20"};
  std::vector<std::string> sources;
  for (const auto &entry : fs::directory_iterator(rtl, code)) {
    fresh &= fs::last_write_time(binary, code) >=
             fs::last_write_time(entry.path(), code);
    if (entry.path().extension() == ".sv")
      sources.push_back(entry.path().filename().string());
  }
  if (fresh)
    return true;
  std::sort(sources.begin(), sources.end());
  arguments.insert(arguments.end(), sources.begin(), sources.end());
  arguments.push_back("../sim/main.cpp");
  return runProgram("verilator", arguments, rtl, sim / "build.log", error);
}

/// Element i at bits [i*b +: b], two's complement, as hex digits.
static std::string packBeat(const StreamPort &port, const int64_t *codes) {
  std::vector<uint64_t> word((port.dataBits() + 63) / 64, 0);
  for (int64_t e = 0; e < port.elementsPerBeat; ++e)
    putBits(word, unsigned(e * port.elementBits), unsigned(port.elementBits),
            codes[e]);
  static const char *digits = "0123456789abcdef";
  std::string text;
  for (unsigned n = (port.dataBits() + 3) / 4; n-- > 0;)
    text += digits[(word[n / 16] >> (n % 16 * 4)) & 15];
  return text;
}

static int64_t unpack(const StreamPort &port, const std::string &hex,
                      int64_t element) {
  uint64_t value = 0;
  for (int64_t b = port.elementBits; b-- > 0;) {
    int64_t at = element * port.elementBits + b;
    size_t digit = hex.size() - 1 - size_t(at / 4);
    char c = hex[digit];
    unsigned nibble = c <= '9' ? c - '0' : c - 'a' + 10;
    value = value << 1 | ((nibble >> (at % 4)) & 1);
  }
  if (port.isSigned && (value >> (port.elementBits - 1)) & 1)
    value |= ~uint64_t(0) << port.elementBits;
  return int64_t(value);
}

std::string finngl::driver::beatLines(const StreamPort &port,
                                      std::span<const int64_t> codes,
                                      unsigned user, bool ends, unsigned dest) {
  std::ostringstream os;
  int64_t beats = int64_t(codes.size()) / port.elementsPerBeat;
  for (int64_t b = 0; b < beats; ++b)
    os << "beat " << port.index << " "
       << packBeat(port, &codes[b * port.elementsPerBeat]) << " " << std::hex
       << (b == 0 ? user : 0) << std::dec << " " << (ends && b + 1 == beats)
       << " " << dest << "\n";
  return os.str();
}

std::optional<RawResult> Simulator::runRaw(const std::string &stimulus,
                                           const std::string &stem,
                                           unsigned seed,
                                           std::string &error) const {
  fs::path sim = directory / "sim";
  if (!writeText(sim / (stem + ".stimulus"), stimulus, error))
    return std::nullopt;
  if (!runProgram((sim / "obj/Vfinngl_top").string(),
                  {(sim / (stem + ".stimulus")).string(),
                   (sim / (stem + ".result")).string(), std::to_string(seed)},
                  directory / "rtl", sim / (stem + ".log"), error))
    return std::nullopt;
  std::vector<const StreamPort *> outputs;
  for (const StreamPort &port : ports)
    if (!port.input)
      outputs.push_back(&port);
  RawResult result;
  std::ifstream file(sim / (stem + ".result"));
  std::string word, hex;
  while (file >> word) {
    if (word == "reset") {
      int64_t cycle;
      file >> cycle;
      result = {};
    } else if (word == "read") {
      file >> std::hex >> result.reads.emplace_back() >> std::dec;
    } else if (word == "input") {
      file >> result.firstInput >> result.lastInput;
    } else {
      OutputBeat beat{};
      int last = 0;
      file >> beat.port >> beat.cycle >> hex >> std::hex >> beat.user >>
          std::dec >> last >> beat.context;
      const StreamPort &port = *outputs.at(size_t(beat.port));
      for (int64_t e = 0; e < port.elementsPerBeat; ++e)
        beat.codes.push_back(unpack(port, hex, e));
      beat.last = last;
      result.beats.push_back(std::move(beat));
    }
  }
  return result;
}

std::vector<Traffic::Step> Simulator::answersOf(const StreamPort &port,
                                                const Traffic &traffic) const {
  if (answered)
    return traffic.made(*answered, port.steps);
  return traffic.steps(port.steps);
}

/// Every step's beats on every input, and how many beats to expect.
std::string Simulator::stimulus(const std::vector<Packet> &packets,
                                const Traffic &traffic) const {
  std::string text;
  for (const StreamPort &port : ports) {
    if (!port.input) {
      text += "expect " + std::to_string(port.index) + " " +
              std::to_string(int64_t(answersOf(port, traffic).size()) *
                             port.beatsPerStep) +
              "\n";
      continue;
    }
    std::vector<size_t> sent(packets.size(), 0);
    size_t step = size_t(port.elementsPerBeat * port.beatsPerStep);
    // An initial state is read by a packet's first step.
    for (auto [p, first, last, context] : port.isState() ? traffic.loads()
                                          : port.steps > 1
                                              ? traffic.steps(port.steps)
                                              : traffic.starts()) {
      const Packet &packet = packets[p];
      std::span<const int64_t> codes =
          port.isState() ? packet.load->data : packet.inputs[port.index].data;
      unsigned user = packet.restart + 2 * packet.load.has_value();
      text += beatLines(port, codes.subspan(sent[p], step), first ? user : 0,
                        last, unsigned(context));
      sent[p] += step;
    }
  }
  return text;
}

/// The packets as traffic: their steps are those of the inputs that are
/// sequences.
static Traffic trafficOf(const std::vector<Packet> &packets,
                         const std::vector<StreamPort> &ports,
                         const std::vector<int64_t> &order) {
  Traffic traffic;
  traffic.order = order;
  for (const Packet &packet : packets) {
    int64_t steps = 0;
    for (const StreamPort &port : ports)
      if (port.input && port.steps > 1 && !order.empty())
        steps = int64_t(packet.inputs[port.index].data.size()) /
                (port.elementsPerBeat * port.beatsPerStep);
    traffic.packets.push_back(
        {packet.context, steps, packet.load.has_value(), packet.restart});
  }
  return traffic;
}

/// Gives each output beat to the packet whose answer is due on its port.
bool Simulator::sortBeats(const std::vector<OutputBeat> &beats,
                          const std::vector<const StreamPort *> &outputs,
                          SimulationResult &result, std::string &error) const {
  std::vector<std::vector<Traffic::Step>> due;
  std::vector<int64_t> seen(outputs.size(), 0);
  for (const StreamPort *port : outputs)
    due.push_back(answersOf(*port, result.traffic));
  for (const OutputBeat &beat : beats) {
    int64_t per = outputs[beat.port]->beatsPerStep, at = seen[beat.port]++;
    std::string where = " on output " + std::to_string(beat.port);
    if (at / per >= int64_t(due[beat.port].size())) {
      error = "more answers than packets" + where;
      return false;
    }
    const Traffic::Step &step = due[beat.port][at / per];
    bool last = step.last && at % per == per - 1;
    if (beat.context != step.context || beat.last != last) {
      error = "answer " + std::to_string(at / per) + where + " has context " +
              std::to_string(beat.context) + " and last " +
              std::to_string(beat.last) + ", expected context " +
              std::to_string(step.context) + " and last " +
              std::to_string(last);
      return false;
    }
    std::vector<int64_t> &codes = result.outputs[step.packet][beat.port].data;
    codes.insert(codes.end(), beat.codes.begin(), beat.codes.end());
    if (!outputs[beat.port]->isState())
      result.packetEnds[step.packet] = beat.cycle;
  }
  return true;
}

std::optional<SimulationResult>
Simulator::run(const std::vector<Packet> &packets, unsigned seed,
               std::string &error, const std::vector<int64_t> &order) const {
  SimulationResult result;
  result.traffic = trafficOf(packets, ports, order);
  auto raw = runRaw(stimulus(packets, result.traffic),
                    "seed" + std::to_string(seed), seed, error);
  if (!raw)
    return std::nullopt;
  std::vector<const StreamPort *> outputs;
  for (const StreamPort &port : ports)
    if (!port.input)
      outputs.push_back(&port);
  result.outputs.assign(packets.size(),
                        std::vector<CodeTensor>(outputs.size()));
  result.packetEnds.assign(packets.size(), 0);
  result.firstInput = raw->firstInput;
  result.lastInput = raw->lastInput;
  std::vector<const OutputBeat *> answers;
  for (const OutputBeat &beat : raw->beats)
    if (!outputs[beat.port]->isState())
      answers.push_back(&beat);
  if (!answers.empty()) {
    result.firstOutput = answers.front()->cycle;
    result.lastOutput = answers.back()->cycle;
  }
  if (!sortBeats(raw->beats, outputs, result, error))
    return std::nullopt;
  return result;
}
