//===- Folding.h - Timing, cost and folding of regions ----------*- C++ -*-===//

#ifndef FINNGL_DIALECT_DATAFLOW_TRANSFORMS_FOLDING_H
#define FINNGL_DIALECT_DATAFLOW_TRANSFORMS_FOLDING_H

#include "finngl/Core/Schedule.h"
#include "finngl/Dialect/Dataflow/Transforms/PassPlan.h"
#include "mlir/IR/BuiltinOps.h"
#include <functional>
#include <optional>

namespace finngl::df {

/// Assigns each core its `start` (as early as its operands allow) and returns
/// the region's shape. Independent of folding but for `mvuDsp`.
RegionShape scheduleTail(RegionOp region);

/// One legal way to build a region.
struct Candidate {
  Folding folding;
  /// Of each pass: "lut", "dsp", "dsp_packed"; "" without MVU.
  std::vector<std::string> mvuImpl;
  std::string mulImpl; ///< products of the tail: "lut" or "dsp"
  /// Cycles from a context's step to its next one, with its input's beats and
  /// those of the modules in front of it.
  int64_t turn = 0;
  int64_t inFlight = 1; ///< contexts whose steps start within a turn
  int64_t fill = 0;  ///< cycles from a launch to the last beat of its outputs
  int64_t wait = 0;  ///< for a step's last beat from a module in front
  bool pads = false; ///< computes more than it is asked for
  /// Elements of a beat of each input and of each result.
  std::vector<int64_t> inputLanes, outputLanes;
  Resources resources;
  Resources modules; ///< elastic modules in front, whose beats it decides on
};

/// Resources of the region at a folding: MVU, tail, buffers, FIFOs, control.
Resources estimate(RegionOp region, const PassPlan &plan,
                   const RegionShape &shape, const Candidate &candidate);

/// The top level: AXI4-Lite, stream ports.
Resources topCost();
/// With the elastic modules between regions.
Resources shellCost(mlir::ModuleOp module);

/// Every legal candidate that no other one beats in interval, turn, fill, LUT
/// and DSP at once, by interval.
std::vector<Candidate> candidates(RegionOp region);

/// Grows the vectors of the region's body to those of the padded shape.
void pad(RegionOp region, const PassPlan &plan, const RegionShape &shape);

/// Writes pe, simd, lanes and implementations: what the schedule and the
/// streams between regions depend on. May be done again.
void fold(RegionOp region, const Candidate &candidate);

/// fold() for good: writes the period and pads the body, too.
void apply(RegionOp region, const Candidate &candidate);

/// The folding in a region's attributes; 1 where none is set.
Folding foldingOf(RegionOp region);

/// The schedule of a region with folding.
RegionSchedule scheduleOf(RegionOp region);

/// What resources are worth in LUTs when areas are compared.
int64_t area(const Resources &resources);

/// How far a search goes. What it finds is legal and simulated at any effort;
/// more of it may find what is smaller or faster.
struct Effort {
  /// Combinations of one more region that are estimated.
  size_t combinations = size_t(1) << 20;
  /// Cycles that are simulated, times regions: a few seconds.
  int64_t simulated = int64_t(1) << 26;
  /// Foldings that are simulated however long that takes.
  size_t fewest = 32;

  /// A fraction of a second.
  static constexpr Effort quick() { return {1 << 15, 1 << 21, 2}; }
};

struct Goal {
  Resources budget;
  /// Meet this latency of a whole inference at least cost (Merit::cycles); else
  /// the least Merit::figure within the budget.
  std::optional<int64_t> targetCycles;
  Effort effort = {};
  /// Told of foldings that are simulated, and how many there are at most.
  std::function<void(size_t done, size_t most)> onProgress = {};
};

struct Choice {
  std::vector<Candidate> regions; ///< in order of the function
  int64_t cycles = 0;             ///< of an inference: Merit::cycles
  double figure = 0;              ///< Merit::figure
  Resources resources;
  bool feasible = false;
};

/// Searches combinations of the regions' candidates by estimated cycles, and
/// around the best of them by simulated ones. If nothing fits, the choice is
/// infeasible and holds the smallest one.
Choice chooseFolding(mlir::ModuleOp module, const Goal &goal);

/// True if `a` serves the goal better than `b`.
bool better(const Choice &a, const Choice &b, const Goal &goal);

/// Why a region cannot be built so, or nothing.
std::optional<std::string> refuse(RegionOp region, const Candidate &candidate);

/// The state or input of the region that an operand is, or is the load of.
const RegionShape::Operand &operandOf(const RegionSchedule &schedule,
                                      mlir::OpOperand &use);

/// Contexts whose states are stored, and how many of them have a step in a
/// region at once: of an op, else of its function.
int64_t contextsOf(mlir::Operation *op);
int64_t interleaveOf(mlir::Operation *op);

/// True if the region's contexts are windows that slide over a stream: each
/// step says by its restart bit whether it is a window's first.
bool servesWindows(RegionOp region);
/// Samples of a window in --mode sliding, else 0.
int64_t windowOf(mlir::Operation *op);
/// True in --mode stream with windows: packets are samples.
bool isEndless(mlir::Operation *op);

/// True if the op's function has ports for all states.
bool hasStatePorts(mlir::Operation *op);

/// True if a state's register file is in block RAM: many contexts.
bool inBlockRam(const RegionSchedule &schedule,
                const RegionShape::Operand &state, int64_t contexts);

/// Elements of a beat of a stream as its source gives them: a region its lanes,
/// a graph input what its first reader takes, the state ports as many as each
/// region's streams of states can take.
int64_t lanesOf(mlir::Value stream);
/// Elements of a beat as a region or an elastic module takes them from a
/// stream; between the two stands a width converter.
int64_t takenLanes(mlir::OpOperand &use);

/// Timing of the whole network for Core/Schedule's simulation; every region
/// has its folding.
NetworkShape networkShape(mlir::ModuleOp module);

} // namespace finngl::df

#endif // FINNGL_DIALECT_DATAFLOW_TRANSFORMS_FOLDING_H
