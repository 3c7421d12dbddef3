//===- NetworkModules.h - Elastic modules on counters -----------*- C++ -*-===//
//
// One object per elastic module of the RTL, with the same registers and the
// same rules, but counters instead of data: finngl_vector_buffer,
// finngl_out_port, finngl_fork, finngl_dwc, finngl_fifo, finngl_reverser,
// finngl_swg, finngl_swg_stream, finngl_line_buffer, finngl_slide,
// finngl_max_pool, finngl_top_k, finngl_split, finngl_join.
//
//===----------------------------------------------------------------------===//

#ifndef FINNGL_LIB_CORE_NETWORKMODULES_H
#define FINNGL_LIB_CORE_NETWORKMODULES_H

#include "finngl/Core/Schedule.h"
#include <array>
#include <deque>

namespace finngl {

/// Where a stream ends: in the input of a module.
struct Sink {
  virtual ~Sink() = default;
  virtual bool ready() const = 0;
  virtual void take() = 0;
};

/// finngl_vector_buffer: collects beats to steps.
struct Buffer final : Sink {
  Buffer(int64_t beats, int64_t slots) : beats(beats), slots(slots) {}
  int64_t beats, slots;
  int64_t beat = 0, occupied = 0, available = 0;
  bool ready() const override { return occupied < slots; }
  void take() override {
    if (++beat < beats)
      return;
    beat = 0;
    ++occupied;
    ++available;
  }
};

/// A module that reads what it has taken in an order of its own, into an output
/// register.
struct ReadSink : Sink {
  bool valid = false; ///< a beat is offered
  virtual bool canRead() const = 0;
  virtual void read() = 0;
  /// Once a cycle; true if anything changed.
  virtual bool advance() { return false; }
};

/// finngl_swg, finngl_line_buffer.
template <typename Geometry, typename State> struct RowsSink final : ReadSink {
  explicit RowsSink(const Geometry &geometry) : state(geometry) {}
  State state;
  bool ready() const override { return state.ready(); }
  void take() override { state.take(); }
  bool canRead() const override { return state.canRead(); }
  void read() override { state.read(); }
};
using WindowSink = RowsSink<StreamWindow, StreamWindowState>;
using LinesSink = RowsSink<StreamLines, StreamLinesState>;

/// finngl_swg_stream.
struct StreamRowsSink final : ReadSink {
  /// `steps`: one for each row that it takes.
  StreamRowsSink(const StreamRows &rows, std::vector<Traffic::Step> steps)
      : state(rows), steps(std::move(steps)),
        beats(rows.columns.extent * rows.beats) {}
  StreamRowsState state;
  std::vector<Traffic::Step> steps;
  int64_t beats, taken = 0; ///< of a row, so far
  bool ready() const override { return state.ready(); }
  void take() override {
    state.take(taken % beats == 0 && steps[taken / beats].first);
    ++taken;
  }
  bool canRead() const override { return state.canRead(); }
  void read() override { state.read(); }
};

/// finngl_slide.
struct SlideSink final : ReadSink {
  SlideSink(const StreamSlide &table, const Traffic &traffic)
      : state(table, traffic.before), beats(table.rows * table.beats),
        traffic(traffic) {}
  StreamSlideState state;
  int64_t beats, taken = 0; ///< of a sample, so far
  const Traffic &traffic;
  bool ready() const override { return state.ready(); }
  void take() override {
    state.take(taken % beats == 0 && traffic.packets[taken / beats].restart);
    ++taken;
  }
  bool canRead() const override { return state.canRead(); }
  void read() override { state.read(); }
  bool advance() override { return state.advance(); }
};

/// finngl_max_pool, finngl_top_k: the beats of a window's last tap go to its
/// FIFO, each as `ranks` beats that are given one by one.
struct PoolSink final : Sink {
  PoolSink(int64_t taps, int64_t beats, int64_t ranks, Buffer *fifo)
      : early((taps - 1) * beats), all(taps * beats), ranks(ranks), fifo(fifo) {
  }
  int64_t early, all, ranks, count = 0;
  Buffer *fifo;
  bool ready() const override {
    return count < early || fifo->occupied + ranks <= fifo->slots;
  }
  void take() override {
    if (count >= early)
      for (int64_t rank = 0; rank < ranks; ++rank)
        fifo->take();
    count = (count + 1) % all;
  }
};

/// finngl_dwc to beats of whole steps, without their padding.
struct PackSink final : Sink {
  explicit PackSink(int64_t beats) : beats(beats) {}
  int64_t beats, count = 0;
  bool valid = false; ///< a step is offered
  bool ready() const override { return !(valid && count == beats - 1); }
  void take() override {
    valid |= count == beats - 1;
    count = (count + 1) % beats;
  }
};

/// One stream of finngl_join, whose beats leave at once when it has its turn.
struct JoinSink final : Sink {
  struct Turn {
    size_t streams = 0, of = 0;
  };
  JoinSink(Turn &turn, size_t stream, int64_t beats)
      : turn(turn), stream(stream), beats(beats) {}
  Turn &turn;
  size_t stream;
  int64_t beats, beat = 0;
  bool ready() const override { return turn.of == stream; }
  void take() override {
    if (++beat < beats)
      return;
    beat = 0;
    turn.of = (stream + 1) % turn.streams;
  }
};

/// finngl_dwc between beats of `in` and `out` elements.
class Converter {
public:
  Converter(int64_t in, int64_t out)
      : wider(out > in), last((wider ? out / in : in / out) - 1) {}
  bool valid = false;

  bool ready(bool nextReady) const {
    bool end = count == last;
    return wider ? !(valid && end) : !valid || (nextReady && end);
  }
  void advance(bool take, bool give) {
    bool end = count == last;
    if (wider) {
      valid = (take && end) || (valid && !give);
      if (take)
        count = end ? 0 : count + 1;
    } else if (take) {
      valid = true;
      count = 0;
    } else if (give) {
      valid = !end;
      count = end ? 0 : count + 1;
    }
  }

private:
  bool wider;
  int64_t last, count = 0; ///< of the smaller beats in a larger one
};

/// From one consumer tap of a port, through converters, into a buffer. In each
/// cycle all edges decide before one of them advances.
struct Edge {
  size_t port;
  Sink *sink;
  std::vector<Converter> converters; ///< at most two
  /// finngl_split: the beats of a step that are meant; others are passed over.
  int64_t firstBeat = 0, endBeat = INT64_MAX;
  bool taken = false; ///< finngl_fork: has this consumer taken the beat?
  /// Whether a beat moves into converter k, or with the last one into the sink.
  std::array<bool, 3> moves = {};

  /// `offered`: the port offers its beat of that number.
  void decide(bool offered, int64_t beat) {
    bool ready = sink->ready();
    for (size_t k = converters.size(); k-- > 0;
         ready = converters[k].ready(ready))
      moves[k + 1] = ready && converters[k].valid;
    offered &= !taken;
    bool meant = beat >= firstBeat && beat < endBeat;
    moves[0] = offered && meant && ready;
    taken |= moves[0] || (offered && !meant);
  }
  bool intoSink() const { return moves[converters.size()]; }
  /// True if anything moved; the sink takes its beat itself.
  bool advance() {
    bool any = intoSink();
    for (size_t k = 0; k < converters.size(); ++k) {
      any |= moves[k];
      converters[k].advance(moves[k], moves[k + 1]);
    }
    return any;
  }
};

/// What offers beats: finngl_out_port with its credits; an input of the graph,
/// which offers until it has sent all packets; finngl_fifo, finngl_max_pool;
/// finngl_reverser, which gives a packet when it has all of it; finngl_swg and
/// its like.
struct OutPort {
  const NetworkShape::Port *shape;
  std::vector<Traffic::Step> steps = {}; ///< that it gives
  int64_t packetBeats = 0;               ///< of a packet, for a reverser
  int64_t credits = 0;
  std::deque<int64_t> offered = {}; ///< beat numbers within their step
  int64_t toSend = 0;               ///< beats that the graph input still has
  int64_t late = 0;                 ///< and those that come later
  int64_t beat = 0;                 ///< of its step, that it offers
  Buffer *held = nullptr;           ///< packets of a reverser, beats of a FIFO
  ReadSink *reader = nullptr;       ///< of finngl_swg and its like
  PackSink *packer = nullptr;       ///< beats of whole steps
  int64_t given = 0;                ///< beats of the reverser's packet
  std::vector<Edge *> edges = {};   ///< its consumers
  bool graphTaken = false;          ///< the graph output's share of the fork
  int64_t graphBeats = 0;           ///< taken so far

  bool isReverser() const { return held && shape->reversed; }
  bool fromGraph() const {
    return shape->region == NetworkShape::Port::kNone && !held && !reader &&
           !packer;
  }
  bool offers() const {
    if (reader)
      return reader->valid;
    if (packer)
      return packer->valid;
    if (fromGraph())
      return toSend > 0;
    return held && !isReverser() ? held->available > 0 : !offered.empty();
  }
  void pop() {
    if (reader) {
      reader->valid = false;
    } else if (packer) {
      packer->valid = false;
    } else if (fromGraph()) {
      --toSend;
      beat = (beat + 1) % shape->beats;
    } else if (held && !isReverser()) {
      release();
    } else {
      if (!held && offered.front() + 1 == shape->beats)
        ++credits;
      offered.pop_front();
    }
  }
  /// A reverser or window has a beat for its output register.
  bool hasNext() const {
    return reader ? reader->canRead() : isReverser() && held->available > 0;
  }
  /// The register takes it if it is free.
  bool refill() {
    if (offers())
      return false;
    if (reader) {
      reader->read();
      reader->valid = true;
      return true;
    }
    offered.push_back(0);
    if (++given < packetBeats)
      return true;
    given = 0;
    release();
    return true;
  }

private:
  void release() {
    --held->available;
    --held->occupied;
  }
};

} // namespace finngl

#endif // FINNGL_LIB_CORE_NETWORKMODULES_H
