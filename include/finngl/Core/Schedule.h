//===- Schedule.h - When everything happens in a region ---------*- C++ -*-===//
//
// The one object that knows time: offsets inside a region, its period, buffer
// depths, and the cycles of a whole network. The printer prints what it says
// and simulation agrees to the cycle.
//
//===----------------------------------------------------------------------===//

#ifndef FINNGL_CORE_SCHEDULE_H
#define FINNGL_CORE_SCHEDULE_H

#include "finngl/Core/StreamLines.h"
#include "finngl/Core/Traffic.h"
#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace finngl {

/// Rows and columns in parallel of one pass' matrix-vector unit.
struct ArrayFolding {
  int64_t pe = 1, simd = 1;
  friend bool operator==(const ArrayFolding &, const ArrayFolding &) = default;
};

/// Folding of one region: of each pass' matrix-vector unit, and the units of
/// all its tails in parallel. What it does not divide is padded: padded().
struct Folding {
  std::vector<ArrayFolding> passes = std::vector<ArrayFolding>(1);
  int64_t lanes = 1;
  friend bool operator==(const Folding &, const Folding &) = default;
};

/// What a region's timing depends on besides its folding. A step is a sequence
/// of passes: a matrix-vector unit (or none) and the tail behind it. A pass
/// starts as soon as what it reads of earlier passes is there. Times of a tail
/// are cycles after the beat left its pass' matrix-vector unit.
struct RegionShape {
  struct Vector { ///< computed in an earlier pass, columns of a later one
    int64_t size = 1, column = 0;
    int64_t from = 0;    ///< pass that computes it
    int64_t writeAt = 0; ///< when it is there
  };
  struct Pass {
    int64_t units = 1;   ///< elements of the tail's vectors
    int64_t blocks = 0;  ///< row blocks of the MVU, 0 = no MVU
    int64_t split = 0;   ///< columns of the MVU's first part, 0 = one part
    bool mvuDsp = false; ///< multipliers in DSPs (their cascade has latency)
    std::vector<Vector> vectors;
    int64_t rows() const { return units * blocks; }
  };
  struct Operand {        ///< a state or an input
    int64_t size = 1;     ///< elements
    int64_t column = -1;  ///< first MVU column, -1 = not read by an MVU
    int64_t readAt = -1;  ///< when a tail reads it (data), -1 = never
    int64_t writeAt = -1; ///< states: when the next value is there
    int64_t mvu = 0, tail = 0, writer = 0; ///< passes of these
    /// Elements of its stream, the others are padding; 0 = all.
    int64_t given = 0;
  };
  struct Output {
    int64_t at = 0; ///< when it is there
    int64_t pass = 0;
    int64_t size = 0; ///< elements that leave; 0 = all
  };
  struct Handover { ///< a value of one tail that a later one reads
    int64_t from = 0, readyAt = 0;
    int64_t to = 0, readAt = 0;
  };
  /// Weights of a pass' matrix-vector unit.
  struct Matrix {
    int64_t rows = 0, columns = 0;
    int64_t split = 0; ///< columns of its first part, 0 = one part
  };
  std::vector<Pass> passes = std::vector<Pass>(1);
  std::vector<Operand> states, inputs;
  std::vector<Output> outputs;
  std::vector<Handover> handovers;

  int64_t columns(int64_t pass) const;
  Matrix matrix(int64_t pass) const {
    return {passes[pass].rows(), columns(pass), passes[pass].split};
  }
};

/// The shape that a legal folding divides: each vector with so much padding
/// behind its elements. What is computed of padding stays in it, since its rows
/// and columns have zero weights: it is dropped where a vector leaves the
/// region, and undefined where one enters. Vectors of one length that a tail
/// makes or reads share their beats and are padded alike; an input that only an
/// MVU reads is padded to simd columns. Padding twice is padding once.
RegionShape padded(RegionShape shape, const Folding &folding);

/// Elements of an input's beat: what its readers take, or a part of that which
/// divides its stream.
int64_t inputLanes(const RegionShape::Operand &input, const Folding &folding);
/// Cycles of a step's beats into the region: of the input that has the most.
int64_t loadCycles(const RegionShape &shape, const Folding &folding);

/// Legal foldings satisfy, in each pass: pe is at most the rows and a divisor
/// or a multiple of `blocks`; simd is at most the longest operand of the MVU;
/// lanes is at most units and divides pe / blocks (1 if pe < blocks); lanes and
/// simd divide one another where a memory is between them; a group drains
/// before the next; no vector of a tail is padded to twice its length or more,
/// and none to the length of another pass' vectors. Returns why not, or nothing
/// if legal.
std::optional<std::string> illegal(const RegionShape &shape,
                                   const Folding &folding);
/// The same of one pass.
std::optional<std::string> illegalPass(const RegionShape &shape,
                                       const Folding &folding, size_t pass);

class RegionSchedule {
public:
  /// Of the padded shape. `interleave`: steps of different contexts that may be
  /// in the loop at once.
  RegionSchedule(const RegionShape &shape, const Folding &folding,
                 int64_t interleave = 1);

  const RegionShape &shape() const { return s; }
  const Folding &folding() const { return f; }
  int64_t simd(int64_t pass) const { return f.passes[pass].simd; }

  int64_t columnGroups(int64_t pass) const { return times[pass].columnGroups; }
  int64_t rowGroups(int64_t pass) const { return times[pass].rowGroups; }
  int64_t rowsPerBeat(int64_t pass) const {
    return s.passes[pass].blocks * f.lanes;
  }
  int64_t mvuLatency(int64_t pass) const;
  /// Beats of the tail in one step.
  int64_t beats(int64_t pass) const { return s.passes[pass].units / f.lanes; }
  /// Cycle, after the launch, in which the pass starts.
  int64_t startAt(int64_t pass) const { return times[pass].start; }
  /// Cycle, after the launch, in which beat `b` leaves the MVU.
  int64_t beatAt(int64_t pass, int64_t b) const;
  int64_t lastBeatAt(int64_t pass) const {
    return beatAt(pass, beats(pass) - 1);
  }
  /// Cycle after the launch of the last beat of the outputs.
  int64_t end() const;

  /// Least cycles between two launches.
  int64_t period() const { return p; }
  /// Least cycles between two launches of one context: until its next step
  /// finds the state that this one writes.
  int64_t loop() const { return l; }
  /// Steps of different contexts in the loop at once: no more than asked for,
  /// and than start within a loop.
  int64_t inFlight() const;
  /// Cycles from a context's step to its next one while inFlight() contexts
  /// take turns.
  int64_t turn() const { return std::max(l, inFlight() * p); }
  /// Cycles a step then, rounded up.
  int64_t interval() const { return (turn() + inFlight() - 1) / inFlight(); }
  /// Banks of a state's register file: 2 if a late reader of the old state
  /// meets the new one.
  int64_t stateBanks(const RegionShape::Operand &state) const;
  /// Cycle after the launch of the MVU's last operand read.
  int64_t passEnd(int64_t pass) const;
  /// True if a tail is the last reader of an input.
  bool tailIsLast(const RegionShape::Operand &input) const;
  /// Cycle after the launch in which an input's slot is free again.
  int64_t releaseAt(const RegionShape::Operand &input) const;
  /// Slots of an input buffer and steps of an output FIFO for full rate.
  int64_t inputSlots(const RegionShape::Operand &input) const;
  int64_t outputSteps(int64_t output) const;
  /// Beats that a handover's memory holds.
  int64_t handoverWords(const RegionShape::Handover &handover) const;
  int64_t inputLanes(const RegionShape::Operand &input) const {
    return finngl::inputLanes(input, f);
  }
  /// Beats of a pass with elements that leave.
  int64_t outputBeats(int64_t output) const;
  /// Elements of an output's beat: lanes, or all where lanes does not divide
  /// them.
  int64_t outputLanes(int64_t output) const;
  bool packs(int64_t output) const { return outputLanes(output) != f.lanes; }

private:
  struct PassTimes {
    int64_t columnGroups = 0, rowGroups = 0, start = 0;
  };
  RegionShape s;
  Folding f;
  std::vector<PassTimes> times;
  int64_t interleave, p = 1, l = 1;
  int64_t earliestStart(int64_t pass) const;
  int64_t issueDistance() const;
  int64_t loopDistance() const;
  int64_t afterState(const RegionShape::Operand &state) const;
  /// How long after its write an element of the state is read last, in one
  /// step; negative if every read comes before.
  int64_t latestRead(const RegionShape::Operand &state) const;
  int64_t outputAt(int64_t output) const;
};

/// A network of regions and the streams between them.
struct NetworkShape {
  struct Region {
    RegionSchedule schedule;
    int64_t steps = 1; ///< steps of a packet
    /// Per RegionShape::inputs: the port that feeds it.
    std::vector<int64_t> inputs;
    /// States whose initial value comes in on a stream, one step a packet; or
    /// with `load`, a step for each packet that loads, in the port's step from
    /// `beat` on.
    struct InitialState {
      int64_t state, port;
      bool load = false;
      int64_t beat = 0;
    };
    std::vector<InitialState> initialStates;
    bool slid = false; ///< its steps are those of the windows under way
    std::optional<SampleRows> made = {}; ///< its packets are rows of a stream
  };
  /// An input of the graph, a used output of a region, or that of an elastic
  /// module: a FIFO unless it is said what else.
  struct Port {
    static constexpr int64_t kNone = -1;
    int64_t region = kNone; ///< kNone: an input of the graph, or
    int64_t source = kNone; ///< what an elastic module reads
    bool reversed = false;  ///< of a source: whole packets are held
    std::optional<StreamWindow> window = {}; ///< of a source: its windows
    std::optional<StreamRows> rows = {};     ///< likewise, without an end
    std::optional<StreamLines> lines = {};   ///< likewise, for all windows
    std::optional<StreamSlide> slide = {};   ///< of a source: to all windows
    int64_t pooledTaps = 0; ///< of a source: taps of which one is given
    int64_t ranks = 1;      ///< or so many, in as many beats
    bool wires = false;     ///< of a source: the same beats, no module
    bool packs = false;     ///< of a source: its step as one beat
    int64_t lanes = 1;      ///< elements of a beat
    int64_t beats = 1;      ///< beats of a step
    int64_t steps = 1;      ///< steps of a packet
    bool graphOutput = false;
    bool load = false; ///< s_axis_state: a step a packet that loads
    bool slid = false; ///< its steps are those of the windows under way
    std::optional<SampleRows> made = {}; ///< its packets are rows of a stream
    // Of a region's output:
    int64_t pass = 0;     ///< that makes its beats
    int64_t ready = 0;    ///< when the value is there, relative to its beat
    int64_t capacity = 2; ///< steps that the FIFO holds; of a source's too
    bool lastOnly = false;
  };
  std::vector<Region> regions;
  std::vector<Port> ports;
  /// Ports whose steps leave one after the other on m_axis_state, and the
  /// elements of its beats.
  std::vector<int64_t> finalStates;
  int64_t finalStateLanes = 1;
  /// Packets are samples, and each answers for a window if it is old enough.
  std::optional<StreamSlide> slide = {};
  /// Packets are samples of a stream, and these are answered.
  std::optional<SampleRows> answers = {};

  /// A step of every input is one of every region that works on sequences: no
  /// windows or reshapes between them, so a packet may have any steps.
  bool oneStepForAll() const;
  /// Steps of a packet in the sequence region that has the fewest.
  int64_t fewestSteps() const;
};

/// One packet's or several packets' cycles, counted from the cycle of the
/// first input beat, with inputs always valid and outputs always ready; outputs
/// are those of the graph, without m_axis_state.
struct NetworkCycles {
  int64_t lastInput = 0;   ///< cycle of the last input beat
  int64_t firstOutput = 0; ///< cycle of the first output beat
  int64_t lastOutput = 0;  ///< cycle of the last output beat
  int64_t lastAnswer = 0;  ///< cycle of the last packet's first output beat
  /// Per packet: cycle of its last output beat on any port.
  std::vector<int64_t> packetEnds;
  /// Everything waits for something else; no cycle means anything.
  bool stuck = false;
};

/// Simulates launch rules, buffers, converters and FIFOs on counters.
NetworkCycles simulate(const NetworkShape &network, const Traffic &traffic);
/// Packets back to back; `steps` replaces every sequence region's steps if
/// positive.
NetworkCycles simulate(const NetworkShape &network, int64_t packets,
                       int64_t steps = 0);

} // namespace finngl

#endif // FINNGL_CORE_SCHEDULE_H
