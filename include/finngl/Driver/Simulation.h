//===- Simulation.h - A compile directory under Verilator -------*- C++ -*-===//

#ifndef FINNGL_DRIVER_SIMULATION_H
#define FINNGL_DRIVER_SIMULATION_H

#include "finngl/Core/Traffic.h"
#include "finngl/Support/Tensor.h"
#include "finngl/Target/SystemVerilog/SystemVerilog.h"
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace finngl::driver {

/// One inference or continuation: codes per graph input.
struct Packet {
  std::vector<CodeTensor> inputs;
  bool restart = true; ///< TUSER[0]: start from the initial state
  int64_t context = 0; ///< TDEST
  /// TUSER[1]: codes of all states, sent on s_axis_state.
  std::optional<CodeTensor> load = {};
};

struct SimulationResult {
  /// Per packet, per output stream: codes in stream order.
  std::vector<std::vector<CodeTensor>> outputs;
  int64_t firstInput = 0, lastInput = 0;
  /// Cycles of the answers: m_axis_state is none.
  int64_t firstOutput = 0, lastOutput = 0;
  /// Cycle of the last output beat of each packet.
  std::vector<int64_t> packetEnds;
  Traffic traffic; ///< what was sent
};

/// One line of a simulation's result.
struct OutputBeat {
  int64_t port, cycle;
  std::vector<int64_t> codes;
  uint64_t user; ///< {user bits, error}
  bool last;
  int64_t context; ///< TDEST
};

/// What a simulation with free stimulus gave, since its last reset.
struct RawResult {
  std::vector<OutputBeat> beats;
  std::vector<uint32_t> reads; ///< AXI4-Lite, in order
  int64_t firstInput = 0, lastInput = 0;
};

/// `beat` lines of codes in stream order, the first with TUSER `user`: 1
/// restarts, 2 loads. With `ends` the last beat has TLAST.
std::string beatLines(const StreamPort &port, std::span<const int64_t> codes,
                      unsigned user, bool ends = true, unsigned dest = 0);

/// Text of sim/ports.h; several contexts delay the first beat after a reset.
std::string simulationPorts(const std::vector<StreamPort> &streams,
                            int64_t contexts);

/// Builds (once) and runs the Verilated network of a compile directory.
class Simulator {
public:
  /// Reads the streams from report.json. Nothing and `error` on failure.
  static std::optional<Simulator> open(const std::filesystem::path &directory,
                                       std::string &error);
  /// Runs verilator and the C++ compiler unless the binary is newer than its
  /// sources. False and `error` if a tool is missing or fails.
  bool build(std::string &error);
  /// Packets under the stall pattern of `seed` (0: none); back to back, or with
  /// an `order`, the packet of each step. Nothing and `error` if an answer has
  /// the wrong context or comes out of order.
  std::optional<SimulationResult>
  run(const std::vector<Packet> &packets, unsigned seed, std::string &error,
      const std::vector<int64_t> &order = {}) const;

  /// Lines of sim/main.cpp's stimulus language; `stem` names the files.
  std::optional<RawResult> runRaw(const std::string &stimulus,
                                  const std::string &stem, unsigned seed,
                                  std::string &error) const;

  const std::vector<StreamPort> &streams() const { return ports; }
  /// --mode sliding, --mode stream with windows: packets are samples, and these
  /// are answered. Nothing in the other modes.
  std::optional<SampleRows> answers() const { return answered; }
  /// Packets of another number of steps than compile was given.
  void setSteps(size_t stream, int64_t steps) { ports[stream].steps = steps; }

private:
  std::filesystem::path directory;
  std::vector<StreamPort> ports;
  std::optional<SampleRows> answered;

  /// The steps that an output answers.
  std::vector<Traffic::Step> answersOf(const StreamPort &port,
                                       const Traffic &traffic) const;
  bool sortBeats(const std::vector<OutputBeat> &beats,
                 const std::vector<const StreamPort *> &outputs,
                 SimulationResult &result, std::string &error) const;
  std::string stimulus(const std::vector<Packet> &packets,
                       const Traffic &traffic) const;
};

} // namespace finngl::driver

#endif // FINNGL_DRIVER_SIMULATION_H
