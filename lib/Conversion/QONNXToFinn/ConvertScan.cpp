//===- ConvertScan.cpp - Scans with proved state ranges -------------------===//
//
// A state's range is an inductive invariant: convert the body for a range, join
// what it yields, repeat until nothing grows. What still grows after kRounds
// rounds is bounded by its quantiser's levels or by the stated number of steps.
//
//===----------------------------------------------------------------------===//

#include "ScanConversion.h"
#include "llvm/ADT/ScopeExit.h"

using namespace mlir;
using namespace finngl;
using Kind = Converted::Kind;

static constexpr unsigned kRounds = 8;
/// Interval steps after which the levels of a quantiser are good enough.
static constexpr int64_t kMaxSteps = 512;

static ArrayRef<int64_t> shapeOf(Value value) {
  return cast<RankedTensorType>(value.getType()).getShape();
}

//===----------------------------------------------------------------------===//
// Scan inputs
//===----------------------------------------------------------------------===//

/// Steps are the first dimension that is not 1.
static bool stepsLead(ArrayRef<int64_t> shape, int64_t axis) {
  int64_t before = 1, after = 1;
  for (auto [d, extent] : llvm::enumerate(shape))
    (int64_t(d) < axis ? before : after) *= int64_t(d) == axis ? 1 : extent;
  return before == 1 || after == 1;
}

bool ScanConversion::mapInputs() {
  for (auto [index, value] : llvm::enumerate(op.getInputs())) {
    Converted input = converter.lookup(value);
    if (input.kind == Kind::Poison)
      return false;
    bool usable = input.kind != Kind::Constant && !input.form.terms.empty() &&
                  input.form.shape().size() == 2 && input.layout.isPlain();
    int64_t elements = ShapedType::getNumElements(shapeOf(value));
    if (usable && input.form.shape()[0] != op.getSteps()) {
      auto steps = reshaped(converter.emitter, input.form, op.getSteps(),
                            elements / op.getSteps());
      usable = bool(steps);
      if (steps)
        input.form = std::move(*steps);
    }
    usable = usable && input.form.shape()[0] == op.getSteps() &&
             stepsLead(shapeOf(value), op.getInputAxes()[index]);
    if (!usable)
      return refuse({"scan input " + std::to_string(index) +
                         ", which is no sequence of quantised vectors",
                     "scan along the first dimension that is not 1"});
    bool reversed = op.getInputDirections()[index] != 0;
    std::vector<unsigned> used;
    for (const Term &term : input.form.terms) {
      auto same = llvm::find_if(slots, [&](const Slot &slot) {
        return slot.outer == term.value.value && slot.reversed == reversed;
      });
      used.push_back(unsigned(same - slots.begin()));
      if (same == slots.end())
        slots.push_back({term.value.value, term.value.range, reversed});
    }
    inputs.push_back({input, std::move(used)});
  }
  for (auto [index, value] : llvm::enumerate(op.getCaptures())) {
    const Converted &capture = converter.lookup(value);
    if (capture.kind != Kind::Constant)
      return capture.kind != Kind::Poison &&
             refuse({"captured value " + std::to_string(index) +
                         ", which is not constant",
                     "make it a state that the body yields unchanged"});
    converter.set(source.getArgument(op.getStates().size() +
                                     op.getInputs().size() + index),
                  capture);
  }
  return true;
}

//===----------------------------------------------------------------------===//
// The body for given state ranges
//===----------------------------------------------------------------------===//

void ScanConversion::dropBody() {
  if (!body)
    return;
  body->dropAllReferences();
  delete body;
  body = nullptr;
}

bool ScanConversion::buildBody(bool draft) {
  dropBody();
  converter.emitter.setDraft(draft);
  auto done = llvm::make_scope_exit([&] { converter.emitter.setDraft(false); });
  body = new Block();
  OpBuilder::InsertionGuard guard(converter.builder);
  converter.builder.setInsertionPointToEnd(body);
  for (auto [i, state] : llvm::enumerate(states)) {
    int64_t count = ShapedType::getNumElements(shapeOf(source.getArgument(i)));
    Ranges range = {state.range};
    RankedTensorType type = converter.emitter.typeFor({count}, range);
    if (!type)
      return refuse({stateName(i) + ", which needs more than 63 bits",
                     "put a quantiser before the next value of the state"});
    Converted converted{.kind = Kind::Form};
    converted.form.terms.push_back(
        {{body->addArgument(type, op.getLoc()), range}, state.grid.scale});
    converted.form.offset = state.grid.offset;
    converter.set(source.getArgument(i), std::move(converted));
  }
  for (const Slot &slot : slots) {
    auto type = cast<RankedTensorType>(slot.outer.getType());
    body->addArgument(RankedTensorType::get(type.getShape().drop_front(),
                                            type.getElementType()),
                      op.getLoc());
  }
  for (auto [i, input] : llvm::enumerate(inputs)) {
    Converted step = input.first;
    for (auto [t, term] : llvm::enumerate(step.form.terms))
      term.value.value = body->getArgument(states.size() + input.second[t]);
    converter.set(source.getArgument(states.size() + i), std::move(step));
  }
  for (Operation &inner : source.without_terminator())
    converter.convert(inner);
  return !converter.failed && alignStates();
}

bool ScanConversion::alignStates() {
  next.clear();
  for (auto [i, state] : llvm::enumerate(states)) {
    Value yielded = yield->getOperand(i);
    const Converted &value = converter.lookup(yielded);
    converter.emitter.setLocation(yielded.getLoc());
    if (!value.layout.isPlain())
      return refuse({"the next value of " + stateName(i) +
                         ", whose elements come in another order than its own",
                     "transpose no state"});
    if (value.kind != Kind::Form)
      return refuse({"the next value of " + stateName(i) +
                         ", which is not behind a quantiser",
                     "put a quantiser before the next value of the state"});
    auto aligned = onGrid(converter.emitter, value.form, state.grid);
    if (!aligned)
      return refuse(
          {aligned.failure().message + ": the next value of " + stateName(i),
           "put a quantiser before the next value of the state"});
    next.push_back(*aligned);
  }
  return true;
}

//===----------------------------------------------------------------------===//
// The invariant
//===----------------------------------------------------------------------===//

static Interval joined(const Interval &a, const Interval &b) {
  return {std::min(a.first, b.first), std::max(a.second, b.second)};
}

bool ScanConversion::proveRanges() {
  std::vector<Interval> growth(states.size(), {0, 0}); // of the last two rounds
  bool draft = true;
  for (unsigned round = 0; round < kRounds;) {
    if (!buildBody(draft))
      return false;
    bool grew = false;
    for (auto [i, state] : llvm::enumerate(states)) {
      Interval after = joined(state.range, hull(next[i].range));
      Interval grown = {state.range.first - after.first,
                        after.second - state.range.second};
      growth[i] = round + 2 < kRounds
                      ? Interval{0, 0}
                      : Interval{std::max(growth[i].first, grown.first),
                                 std::max(growth[i].second, grown.second)};
      grew |= after != state.range;
      state.range = after;
    }
    if (!grew && !draft)
      return true;
    draft = grew; // what a draft found stable is built, and checked again
    round += grew;
  }
  return extrapolate(growth);
}

Failure ScanConversion::diverges(const std::vector<Interval> &growth) const {
  std::string text = "a range that grows without bound: ";
  for (auto [i, grown] : llvm::enumerate(growth))
    if (grown != Interval{0, 0})
      text += (text.back() == ' ' ? "" : ", ") + stateName(i) + " by [-" +
              std::to_string(grown.first) + ", +" +
              std::to_string(grown.second) + "] a step";
  return {text, "put a quantiser before the next value of the state"};
}

/// A body for ranges that surely suffice (all levels of the quantiser that
/// yields a state, else the last growth for all remaining steps) tells by
/// interval steps which ranges are reached; these become the state's.
bool ScanConversion::extrapolate(const std::vector<Interval> &growth) {
  int64_t rest = std::max<int64_t>(op.getSteps() - int64_t(kRounds), 0);
  std::vector<Interval> initial, bound;
  bool bounded = true;
  for (auto [i, state] : llvm::enumerate(states)) {
    constexpr int64_t limit = int64_t(1) << 61;
    auto [down, up] = growth[i];
    bounded &= state.levels.has_value();
    if (state.levels)
      state.range = joined(state.initial, *state.levels);
    else if (rest > 0 && (down > limit / rest || up > limit / rest))
      return refuse(diverges(growth));
    else
      state.range = {state.range.first - rest * down,
                     state.range.second + rest * up};
    initial.push_back(state.initial);
    bound.push_back(state.range);
  }
  if (!buildBody(/*draft=*/false))
    return false;
  RangeMap map;
  for (auto [s, slot] : llvm::enumerate(slots))
    map[body->getArgument(states.size() + s)] = slot.range;
  int64_t steps = bounded ? kMaxSteps : op.getSteps();
  Operation *provisional = createYield({}); // the analysis asks for one
  auto reached = reachedStates(*body, initial, bound, steps, map);
  provisional->erase();
  if (!reached)
    return refuse(diverges(growth));
  if (bounded && !reached->inductive)
    return true; // the levels themselves, which no step leaves
  dependsOnSteps = !reached->inductive;
  for (auto [state, range] : llvm::zip(states, reached->states))
    state.range = range;
  return buildBody(/*draft=*/false);
}

/// Next states, then `outputs`.
Operation *ScanConversion::createYield(ArrayRef<Value> outputs) {
  SmallVector<Value> values;
  for (const IntValue &value : next)
    values.push_back(value.value);
  llvm::append_range(values, outputs);
  // The body has no parent yet, so a builder of its own would lack a context.
  OpBuilder::InsertionGuard guard(converter.builder);
  converter.builder.setInsertionPointToEnd(body);
  return converter.builder.create<finn::YieldOp>(yield->getLoc(), values);
}

//===----------------------------------------------------------------------===//
// The finn scan
//===----------------------------------------------------------------------===//

/// Each term of each scan output is a result of its own; equal ones share it.
bool ScanConversion::collectOutputs() {
  for (unsigned i = states.size(); i < op.getNumResults(); ++i) {
    unsigned output = i - states.size();
    const Converted &value = converter.lookup(yield->getOperand(i));
    if (value.form.terms.empty() || !value.layout.isPlain() ||
        !stepsLead(shapeOf(op.getResult(i)), op.getOutputAxes()[output]))
      return refuse({"scan output " + std::to_string(output) +
                         ", which is no sequence of quantised vectors",
                     "stack outputs along the first dimension"});
    unsigned reversed = op.getOutputDirections()[output] != 0;
    std::vector<unsigned> results;
    for (const Term &term : value.form.terms)
      results.push_back(outputs
                            .insert({{term.value.value, reversed},
                                     unsigned(states.size() + outputs.size())})
                            .first->second);
    outputResults.push_back(std::move(results));
  }
  return true;
}

finn::ScanOp ScanConversion::create() {
  SmallVector<Value> initial, sequences, stacked;
  SmallVector<int64_t> ranges, reverseInputs, reverseOutputs;
  for (const State &state : states) {
    initial.push_back(state.init);
    ranges.append({state.range.first, state.range.second});
  }
  for (const Slot &slot : slots) {
    sequences.push_back(slot.outer);
    reverseInputs.push_back(slot.reversed);
  }
  for (const auto &[key, index] : outputs) {
    stacked.push_back(key.first);
    reverseOutputs.push_back(key.second);
  }
  Operation *end = createYield(stacked);
  matchStateTypes(*body, states.size());
  SmallVector<Type> types;
  for (auto [i, value] : llvm::enumerate(end->getOperands())) {
    auto type = cast<RankedTensorType>(value.getType());
    types.push_back(
        i < states.size()
            ? type
            : RankedTensorType::get({op.getSteps(), type.getShape().back()},
                                    type.getElementType()));
  }
  auto scan = converter.builder.create<finn::ScanOp>(
      converter.locationOf(op), types, initial, sequences, ranges,
      reverseInputs, reverseOutputs);
  if (dependsOnSteps)
    scan->setAttr(finn::kMaxStepsAttr,
                  converter.builder.getI64IntegerAttr(op.getSteps()));
  scan.getBody().push_back(body);
  body = nullptr;
  return scan;
}

void ScanConversion::setResults(finn::ScanOp scan) {
  for (auto [i, state] : llvm::enumerate(states)) {
    Converted last{.kind = Kind::Form};
    last.form.terms.push_back(
        {{scan.getResult(i), {state.range}}, state.grid.scale});
    last.form.offset = state.grid.offset;
    converter.set(op.getResult(i), std::move(last));
  }
  for (auto [i, results] : llvm::enumerate(outputResults)) {
    unsigned index = states.size() + i;
    Converted output = converter.lookup(yield->getOperand(index));
    output.absorbed.clear();
    for (auto [t, term] : llvm::enumerate(output.form.terms))
      term.value.value = scan.getResult(results[t]);
    converter.set(op.getResult(index), std::move(output));
  }
}

bool ScanConversion::run() {
  bool good = mapInputs() && prepareStates() && proveRanges() &&
              finishPorts() && collectOutputs();
  if (good)
    setResults(create());
  dropBody();
  return good;
}

void Converter::convertScan(qonnx::ScanOp op) {
  bool failedBefore = failed;
  failed = false;
  if (!ScanConversion(*this, op).run())
    for (Value result : op->getResults())
      set(result, {});
  failed |= failedBefore;
}
