//===- RegionCost.cpp - Resources of a region at a folding ----------------===//
//
// The cost of cores and matrix-vector units is their ops' own; here are the
// memories, ports and pulses between them. Fitted to Yosys: docs/Costs.md.
//
//===----------------------------------------------------------------------===//

#include "finngl/Dialect/Dataflow/Transforms/Folding.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace finngl;
using namespace finngl::df;

static int64_t log2Ceil(int64_t n) {
  return n > 1 ? int64_t(llvm::Log2_64_Ceil(uint64_t(n))) : 1;
}

/// A delay line: flip-flops up to two cycles, shift registers beyond.
static Resources delay(int64_t bits, int64_t cycles) {
  return cycles < 3 ? Resources{.ff = bits * cycles}
                    : Resources{.lut = bits * ((cycles + 31) / 32)};
}

/// Words of finngl_vector_mem: the rows of all slots.
static int64_t vectorWords(int64_t size, int64_t slots, int64_t banks) {
  int64_t rows = std::max<int64_t>(1, size / banks);
  return slots << (rows > 1 ? log2Ceil(rows) : 0);
}

/// RAMB18s of so many words: 36 bits of 512 up to 1 bit of 16,384.
static int64_t blockRams(int64_t words, int64_t bits) {
  int64_t least = INT64_MAX;
  for (int64_t width : {36, 18, 9, 4, 2, 1}) {
    int64_t depth = width > 4 ? 512 * (36 / width) : 16384 / width;
    least = std::min(least, ((bits + width - 1) / width) *
                                ((words + depth - 1) / depth));
  }
  return least;
}

/// finngl_vector_mem: distributed RAM of `words` (rows of all slots) for each
/// write group, 14 bits of 32 words or 7 bits of 64 in eight LUTs, and a
/// register a read lane.
static Resources vectorMemory(int64_t size, int64_t slots, int64_t bits,
                              int64_t writeLanes, int64_t readLanes) {
  int64_t banks = std::max(writeLanes, readLanes);
  int64_t words = vectorWords(size, slots, banks);
  int64_t groups = banks / writeLanes, group = writeLanes * bits;
  int64_t site = words <= 32 ? 8 * ((group + 13) / 14)
                             : 8 * ((group + 6) / 7) * ((words + 63) / 64);
  int64_t read = readLanes * bits;
  int64_t picks =
      std::max<int64_t>(0, banks / std::max<int64_t>(1, readLanes) - 1);
  return {.lut = groups * site + groups - 1 + picks * read / 2 +
                 (words > 64 ? read * ((words - 1) / 64) : 0),
          .ff = read};
}

/// The same in block RAM, one for each write group; the lanes are picked behind
/// its register.
static Resources blockMemory(int64_t size, int64_t slots, int64_t bits,
                             int64_t writeLanes, int64_t readLanes) {
  int64_t banks = std::max(writeLanes, readLanes), groups = banks / writeLanes;
  int64_t words = vectorWords(size, slots, banks), picks = banks / readLanes;
  return {.lut = groups - 1 + (picks - 1) * readLanes * bits / 2,
          .ff = picks > 1 ? log2Ceil(picks) : 0,
          .bram18 = groups * blockRams(words, writeLanes * bits)};
}

namespace {
/// Adds up a region's parts at one folding.
class RegionCost {
public:
  RegionCost(RegionOp region, const PassPlan &plan, const RegionShape &shape,
             const Candidate &candidate)
      : region(region), candidate(candidate), plan(plan),
        schedule(shape, candidate.folding, interleaveOf(region)),
        lanes(candidate.folding.lanes), contexts(contextsOf(region)) {}
  Resources total();

private:
  RegionOp region;
  const Candidate &candidate;
  const PassPlan &plan;
  RegionSchedule schedule;
  int64_t lanes, contexts, lastTap = 1;

  Resources tails();
  Resources earlyOperands(Operation &op);
  Resources pass(size_t index);
  Resources stateFile(const RegionShape::Operand &state, int64_t bits);
  Resources inputBuffer(const RegionShape::Operand &input, int64_t bits,
                        int64_t slots);
  Resources initialStream(const RegionShape::Operand &state, int64_t bits);
  Resources handovers();
  Resources flags(int64_t width);
  int64_t contextBits() { return contexts > 1 ? log2Ceil(contexts) : 0; }
  Resources outPorts();
  Resources control();
};
} // namespace

/// Delays of one lane between values that are ready early and their consumer.
Resources RegionCost::earlyOperands(Operation &op) {
  Resources r;
  int64_t start = op.getAttrOfType<IntegerAttr>("start").getInt();
  for (Value operand : op.getOperands()) {
    if (isa<BlockArgument>(operand) || plan.home(operand) != plan.of(&op))
      continue;
    int64_t ready = 0;
    Operation *def = operand.getDefiningOp();
    if (auto from = dyn_cast<CoreOpInterface>(def))
      ready =
          def->getAttrOfType<IntegerAttr>("start").getInt() + from.latency();
    if (start > ready)
      r += delay(elementType(operand).getWidth(), start - ready);
  }
  return r;
}

Resources RegionCost::tails() {
  Resources lane;
  for (Operation *product : tailProducts(region))
    product->setAttr("impl",
                     StringAttr::get(product->getContext(), candidate.mulImpl));
  for (Operation &op : region.getBody().front().without_terminator()) {
    auto core = dyn_cast<CoreOpInterface>(op);
    if (!core)
      continue;
    lane += core.resources() + earlyOperands(op);
    lastTap =
        std::max(lastTap, op.getAttrOfType<IntegerAttr>("start").getInt() +
                              int64_t(core.latency()));
  }
  return lanes * lane;
}

Resources RegionCost::pass(size_t index) {
  MvuOp mvu = plan.passes[index].mvu;
  if (!mvu)
    return {};
  ArrayFolding array = candidate.folding.passes[index];
  const RegionShape &shape = schedule.shape();
  Resources r = mvu.resources(shape.matrix(index), array, lanes,
                              candidate.mvuImpl[index]);
  if (mvu.getOperands().size() > 1) // finngl_concat
    r += {.lut = array.simd * mvu.getOperandType().getWidth() + 5, .ff = 1};
  auto made = llvm::make_filter_range(mvu.getOperands(), [](Value operand) {
    return !isa<BlockArgument>(operand);
  });
  for (auto [vector, operand] : llvm::zip(shape.passes[index].vectors, made))
    r += vectorMemory(vector.size, 1, elementType(operand).getWidth(), lanes,
                      array.simd) +
         Resources{.lut = 6, .ff = log2Ceil(vector.size / lanes)};
  return r;
}

Resources RegionCost::stateFile(const RegionShape::Operand &state,
                                int64_t bits) {
  bool byMvu = state.column >= 0, byTail = state.readAt >= 0 || !byMvu;
  int64_t counter = log2Ceil(state.size / lanes);
  int64_t banks = schedule.stateBanks(state);
  Resources r{.lut = 12 + 4 * (banks - 1), .ff = counter + 3 * banks - 2};
  auto memory =
      inBlockRam(schedule, state, contexts) ? blockMemory : vectorMemory;
  int64_t slots = banks * contexts;
  if (byMvu) { // the memory's words and the choice of the initial value
    int64_t simd = schedule.simd(state.mvu);
    r += memory(state.size, slots, bits, lanes, simd) +
         Resources{.lut = simd * bits, .ff = 1};
  }
  if (byTail)
    r += memory(state.size, slots, bits, lanes, lanes) +
         Resources{.lut = lanes * bits + 2 * counter, .ff = counter + 2};
  return r;
}

Resources RegionCost::inputBuffer(const RegionShape::Operand &input,
                                  int64_t bits, int64_t slots) {
  int64_t width = schedule.inputLanes(input);
  Resources r{.lut = 34, .ff = 27};
  r += flags(2);
  if (slots > 2)
    r += {.lut = 10, .ff = 10};
  if (input.column >= 0)
    r += vectorMemory(input.size, slots, bits, width, schedule.simd(input.mvu));
  if (input.readAt >= 0)
    r += vectorMemory(input.size, slots, bits, width, lanes) +
         Resources{.lut = 10, .ff = 8};
  return r;
}

/// Values that a state starts from or loads: two packets' and the choice.
Resources RegionCost::initialStream(const RegionShape::Operand &state,
                                    int64_t bits) {
  int64_t chosen = (state.column >= 0 ? schedule.simd(state.mvu) : 0) +
                   (state.readAt >= 0 ? lanes : 0);
  return inputBuffer(state, bits, 2) + Resources{.lut = chosen * bits / 2 + 2};
}

/// finngl_flags beyond those of one context: a memory and a counter that clears
/// it.
Resources RegionCost::flags(int64_t width) {
  if (contexts == 1)
    return {};
  return {.lut = 2 * width * ((contexts + 63) / 64) + 2 * contextBits() + 4,
          .ff = contextBits() + 1};
}

/// finngl_handover: a memory and two counters.
Resources RegionCost::handovers() {
  Resources r;
  for (auto [handover, shape] :
       llvm::zip(plan.handovers, schedule.shape().handovers)) {
    int64_t words = schedule.handoverWords(shape);
    r += vectorMemory(words * lanes, 1, elementType(handover.value).getWidth(),
                      lanes, lanes) +
         Resources{.lut = 4 * log2Ceil(words), .ff = 2 * log2Ceil(words)};
  }
  return r;
}

/// finngl_out_port: shift registers for data, meta and marks, credit counter;
/// finngl_dwc where lanes does not divide what leaves: registers for two steps.
Resources RegionCost::outPorts() {
  Resources r;
  for (auto [i, result] : llvm::enumerate(region.getResults())) {
    if (result.use_empty())
      continue;
    int64_t words = schedule.outputSteps(i) * schedule.outputBeats(i);
    int64_t bits = elementType(result).getWidth() * lanes;
    if (schedule.packs(i))
      r += {.lut = 12 + schedule.outputBeats(i),
            .ff = 2 * elementType(result).getWidth() * vectorSize(result)};
    int64_t depth = log2Ceil(words);
    r += {.lut = (bits + 4 + contextBits()) * ((words + 31) / 32) + 20 +
                 7 * depth / 2,
          .ff = 5 + 2 * depth};
  }
  return r;
}

/// Launch, context and meta bits; one flip-flop with its reset for each cycle
/// from a pass' start to its last beat's end, and between starts.
Resources RegionCost::control() {
  Resources r{.lut = 50, .ff = 30};
  r += flags(2);
  if (int64_t steps = schedule.inFlight();
      steps > 1) // the contexts in the loop
    r += {.lut = steps * (contextBits() + 2) + 8,
          .ff = steps * (contextBits() + log2Ceil(schedule.loop() + 1)) + 6};
  int64_t started = 0;
  for (size_t k = 0; k < plan.passes.size(); ++k) {
    int64_t start = schedule.startAt(k);
    int64_t pulses = schedule.beatAt(k, 0) - start + lastTap +
                     std::max<int64_t>(0, start - started);
    started = std::max(started, start);
    r += {.lut = pulses + (k ? 10 : 0), .ff = pulses + (k ? 10 : 0)};
  }
  return r;
}

Resources RegionCost::total() {
  Resources r = tails();
  for (size_t k = 0; k < plan.passes.size(); ++k)
    r += pass(k);
  Block &body = region.getBody().front();
  const RegionShape &shape = schedule.shape();
  auto bits = [&](size_t argument) {
    return int64_t(elementType(body.getArgument(argument)).getWidth());
  };
  for (auto [i, state] : llvm::enumerate(shape.states)) {
    r += stateFile(state, bits(i));
    if (region.isStreamed(i) || region.loadOf(i))
      r += initialStream(state, bits(i));
  }
  for (auto [i, input] : llvm::enumerate(shape.inputs))
    r += inputBuffer(input, bits(shape.states.size() + i),
                     schedule.inputSlots(input));
  return r + handovers() + outPorts() + control();
}

bool df::inBlockRam(const RegionSchedule &schedule,
                    const RegionShape::Operand &state, int64_t contexts) {
  // Distributed RAM of more words needs many sites and multiplexers.
  constexpr int64_t kWords = 256;
  int64_t banks = schedule.folding().lanes;
  if (state.column >= 0)
    banks = std::max(banks, schedule.simd(state.mvu));
  int64_t slots = schedule.stateBanks(state) * contexts;
  return contexts > 1 && vectorWords(state.size, slots, banks) >= kWords;
}

Resources df::estimate(RegionOp region, const PassPlan &plan,
                       const RegionShape &shape, const Candidate &candidate) {
  return RegionCost(region, plan, shape, candidate).total();
}

Resources df::topCost() { return {.lut = 132, .ff = 115}; }

Resources df::shellCost(ModuleOp module) {
  Resources total = topCost();
  module.walk([&](StreamOpInterface stream) {
    total += stream.resources(lanesOf(stream->getResult(0)));
  });
  return total;
}
