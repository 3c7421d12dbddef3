//===- Schedule.h - When everything happens in a region ---------*- C++ -*-===//
//
// The one object that knows time: offsets inside a region, its period, buffer
// depths, and the cycles of a whole network. The printer prints what it says
// and simulation agrees to the cycle.
//
//===----------------------------------------------------------------------===//

#ifndef FINNGL_CORE_SCHEDULE_H
#define FINNGL_CORE_SCHEDULE_H

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace finngl {

/// Folding of one region: rows and columns of the matrix-vector unit in
/// parallel, units of the tail in parallel.
struct Folding {
  int64_t pe = 1, simd = 1, lanes = 1;
  friend bool operator==(const Folding &, const Folding &) = default;
};

/// What a region's timing depends on besides its folding. Times of the tail
/// are cycles after the beat left the matrix-vector unit.
struct RegionShape {
  int64_t units = 1;      ///< elements of the tail's vectors
  int64_t blocks = 0;     ///< row blocks of the MVU, 0 = no MVU
  int64_t split = 0;      ///< columns of the MVU's first part, 0 = one part
  bool mvuDsp = false;    ///< multipliers in DSPs (their cascade has latency)
  struct Operand {        ///< a state or an input
    int64_t size = 1;     ///< elements
    int64_t column = -1;  ///< first MVU column, -1 = not read by the MVU
    int64_t readAt = -1;  ///< when the tail reads it (data), -1 = never
    int64_t writeAt = -1; ///< states: when the next value is there
  };
  std::vector<Operand> states, inputs;
  std::vector<int64_t> outputAt; ///< when each output is there

  int64_t rows() const { return units * blocks; }
  int64_t columns() const;
};

/// Legal foldings satisfy: simd divides every operand of the MVU; pe divides
/// the rows and is a divisor or a multiple of `blocks`; lanes divides units and
/// pe / blocks (1 if pe < blocks); lanes and simd divide one another; a group
/// drains before the next. Returns why not, or nothing if legal.
std::optional<std::string> illegal(const RegionShape &shape,
                                   const Folding &folding);

class RegionSchedule {
public:
  RegionSchedule(const RegionShape &shape, const Folding &folding);

  const RegionShape &shape() const { return s; }
  const Folding &folding() const { return f; }

  int64_t columnGroups() const { return nc; }
  int64_t rowGroups() const { return groups; }
  int64_t rowsPerBeat() const { return s.blocks * f.lanes; }
  int64_t mvuLatency() const;
  /// Beats of the tail in one step.
  int64_t beats() const { return s.units / f.lanes; }
  /// Cycle, after the launch, in which beat `b` leaves the MVU.
  int64_t beatAt(int64_t b) const;
  int64_t lastBeatAt() const { return beatAt(beats() - 1); }

  /// Least cycles between two launches.
  int64_t period() const { return p; }
  /// Banks of a state's register file: 2 if a late row group reads the old
  /// state while the tail writes the new one.
  int64_t stateBanks() const { return groups > 1 ? 2 : 1; }
  /// Cycle after the launch of the MVU's last operand read.
  int64_t passEnd() const { return groups * nc - 1; }
  /// Cycle after the launch in which an input's slot is free again.
  int64_t releaseAt(const RegionShape::Operand &input) const;
  /// Slots of an input buffer and steps of an output FIFO for full rate.
  int64_t inputSlots(const RegionShape::Operand &input) const;
  int64_t outputSteps(int64_t output) const;
  /// Elements of an input's beat.
  int64_t inputLanes(const RegionShape::Operand &input) const;

private:
  RegionShape s;
  Folding f;
  int64_t nc = 0, groups = 0, p = 1;
  int64_t computePeriod() const;
};

/// A network of regions and the streams between them.
struct NetworkShape {
  struct Region {
    RegionSchedule schedule;
    int64_t steps = 1; ///< steps of a packet
    /// Per RegionShape::inputs: the port that feeds it.
    std::vector<int64_t> inputs;
    /// States whose initial value comes in on a stream, one step a packet.
    struct InitialState {
      int64_t state, port;
    };
    std::vector<InitialState> initialStates;
  };
  struct Port { ///< an input of the graph or a used output of a region
    static constexpr int64_t kGraph = -1;
    int64_t region = kGraph;
    int64_t lanes = 1; ///< elements of a beat
    int64_t beats = 1; ///< beats of a step
    int64_t steps = 1; ///< steps of a packet
    bool graphOutput = false;
    // Of a region's output:
    int64_t ready = 0;    ///< when the value is there, relative to its beat
    int64_t capacity = 2; ///< steps that the FIFO holds
    bool lastOnly = false;
  };
  std::vector<Region> regions;
  std::vector<Port> ports;
};

/// One packet's or several packets' cycles, counted from the cycle of the
/// first input beat, with inputs always valid and outputs always ready.
struct NetworkCycles {
  int64_t lastInput = 0;   ///< cycle of the last input beat
  int64_t firstOutput = 0; ///< cycle of the first output beat
  int64_t lastOutput = 0;  ///< cycle of the last output beat
  /// Per packet: cycle of its last output beat on any port.
  std::vector<int64_t> packetEnds;
};

/// Simulates launch rules, buffers, converters and FIFOs on counters; `steps`
/// replaces every sequence region's steps if positive.
NetworkCycles simulate(const NetworkShape &network, int64_t packets,
                       int64_t steps = 0);

} // namespace finngl

#endif // FINNGL_CORE_SCHEDULE_H
