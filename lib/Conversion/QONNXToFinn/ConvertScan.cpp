//===- ConvertScan.cpp - Scans with proved state ranges -------------------===//
//
// A state's grid is that of the value that the body yields for it. Its range is
// an inductive invariant: convert the body for a range, join what it yields,
// repeat until nothing grows. A state that still grows after kRounds rounds
// gets the range of the stated number of steps if its growth is constant.
//
//===----------------------------------------------------------------------===//

#include "Converter.h"
#include "llvm/ADT/MapVector.h"

using namespace mlir;
using namespace finngl;
using Kind = Converted::Kind;

static constexpr unsigned kRounds = 8;

static ArrayRef<int64_t> shapeOf(Value value) {
  return cast<RankedTensorType>(value.getType()).getShape();
}

namespace {

struct State {
  Grid grid;
  std::optional<Interval> levels; // of the quantiser that yields it
  Interval initial, range;
  Value init; // null for a port until the end
};

/// One operand of the finn scan: a term of a scan input.
struct Slot {
  Value outer;
  Ranges range;
  bool reversed;
};

} // namespace

namespace finngl {

class ScanConversion {
public:
  ScanConversion(Converter &converter, qonnx::ScanOp op)
      : converter(converter), op(op), source(op.getBody().front()),
        yield(source.getTerminator()) {}

  /// False after everything has been reported.
  bool run();

private:
  bool mapInputs();
  bool prepareStates();
  bool prepareInit(unsigned index);
  std::optional<Grid> gridOf(Value value, unsigned depth = 0);
  bool buildBody();
  bool alignStates();
  bool proveRanges();
  bool extrapolate(const std::vector<Interval> &before);
  void finishStates();
  void finishPort(unsigned index);
  bool create();
  void setOutput(unsigned index, ArrayRef<unsigned> results, finn::ScanOp scan);
  bool refuse(const Failure &failure) {
    converter.refuse(op, failure);
    return false;
  }
  std::string stateName(unsigned index) const {
    return "state " + std::to_string(index) + " of the scan";
  }
  void dropBody();

  Converter &converter;
  qonnx::ScanOp op;
  Block &source;
  Operation *yield;
  std::vector<State> states;
  std::vector<Slot> slots;
  /// Converted scan inputs whose terms name slots by index.
  std::vector<std::pair<Converted, std::vector<unsigned>>> inputs;
  Block *body = nullptr;
  std::vector<IntValue> next; // yielded states on their grids
};

} // namespace finngl

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
    const Converted &input = converter.lookup(value);
    if (input.kind == Kind::Poison)
      return false;
    bool usable = input.kind != Kind::Constant && !input.form.terms.empty() &&
                  input.form.shape().size() == 2 &&
                  input.form.shape()[0] == op.getSteps() &&
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
// States
//===----------------------------------------------------------------------===//

static Grid productOf(const Grid &a, const Rationals &factor) {
  return {product(a.scale, factor), product(a.offset, factor)};
}

/// The finest grid of both, where one is an integer multiple (of few bits) of
/// their common divisor.
static Grid sumOf(const Grid &a, const Grid &b, bool subtract) {
  Grid grid{a.scale, sum(a.offset, subtract ? negated(b.offset) : b.offset)};
  if (grid.scale.size() < b.scale.size())
    grid.scale.resize(b.scale.size(), a.scale[0]);
  for (size_t c = 0; c < grid.scale.size(); ++c)
    grid.scale[c] = commonDivisor(grid.scale[c], at(b.scale, c));
  return grid;
}

/// Where values lie, told from the ops that make them; nothing where it
/// depends on the state itself. A wrong guess cannot pass: alignStates checks.
std::optional<Grid> ScanConversion::gridOf(Value value, unsigned depth) {
  Operation *maker = value.getDefiningOp();
  if (!maker) {
    unsigned index = cast<BlockArgument>(value).getArgNumber();
    unsigned first = op.getStates().size();
    if (index < first || index >= first + inputs.size())
      return std::nullopt;
    const LinearForm &form = inputs[index - first].first.form;
    return Grid{form.terms[0].scale, form.offset};
  }
  if (depth > 64)
    return std::nullopt;
  if (auto quant = dyn_cast<qonnx::QuantOp>(maker))
    return finngl::gridOf(qonnx::toQuantiser(quant.getQuantiser()));
  if (isa<qonnx::ReshapeOp, qonnx::TransposeOp, qonnx::ReluOp, qonnx::ClipOp>(
          maker))
    return gridOf(maker->getOperand(0), depth + 1);
  if (isa<qonnx::NegOp>(maker)) {
    auto grid = gridOf(maker->getOperand(0), depth + 1);
    if (grid)
      grid->offset = negated(grid->offset);
    return grid;
  }
  if (!isa<qonnx::AddOp, qonnx::SubOp, qonnx::MulOp>(maker))
    return std::nullopt;
  auto a = gridOf(maker->getOperand(0), depth + 1);
  auto b = gridOf(maker->getOperand(1), depth + 1);
  if (isa<qonnx::MulOp>(maker))
    return a && b ? std::optional<Grid>(productOf(*a, b->scale)) : std::nullopt;
  if (a && b)
    return sumOf(*a, *b, isa<qonnx::SubOp>(maker));
  return a ? a : b;
}

bool ScanConversion::prepareInit(unsigned index) {
  State &state = states[index];
  Value value = op.getStates()[index];
  const Converted &init = converter.lookup(value);
  converter.emitter.setLocation(converter.locationOf(op));
  if (init.kind == Kind::Poison)
    return false;
  if (init.kind == Kind::Port) { // any code of the quantiser may come
    state.initial = state.levels.value_or(Interval{0, 0});
    return true;
  }
  if (init.kind == Kind::Activation)
    return refuse(
        {"an initial value of " + stateName(index) + " that is not quantised",
         "put a quantiser on the initial value"});
  if (init.kind == Kind::Form) {
    auto aligned = onGrid(converter.emitter, init.form, state.grid);
    if (!aligned)
      return refuse({aligned.failure().message + ": the initial value of " +
                         stateName(index),
                     aligned.failure().note});
    state.initial = hull(aligned->range);
    state.init = aligned->value;
    return true;
  }
  const ConstantTensor &constant = *init.constant;
  std::vector<int64_t> codes;
  for (size_t i = 0; i < constant.size(); ++i) {
    Rational level = (constant.exact(i) - at(state.grid.offset, i)) /
                     at(state.grid.scale, i);
    if (level.get_den() != 1 || !fitsInt64(level.get_num()))
      return refuse({"the initial value " + constant.exact(i).get_str() +
                         " of " + stateName(index) +
                         ", which is off the grid of scale " +
                         at(state.grid.scale, i).get_str(),
                     "start the state from a multiple of that scale"});
    codes.push_back(toInt64(level.get_num()));
  }
  IntValue made = converter.emitter.constant(codes);
  state.initial = hull(made.range);
  state.init = made.value;
  return true;
}

bool ScanConversion::prepareStates() {
  bool good = true;
  for (unsigned i = 0; i < op.getStates().size(); ++i) {
    State state;
    Value yielded = yield->getOperand(i);
    auto grid = gridOf(yielded);
    const Converted &init = converter.lookup(op.getStates()[i]);
    if (!grid && init.kind == Kind::Form && init.form.terms.size() == 1)
      grid = Grid{init.form.terms[0].scale, init.form.offset};
    if (!grid) {
      good = init.kind != Kind::Poison &&
             refuse({stateName(i) + ", whose next value has no grid",
                     "put a quantiser before the next value of the state"});
      continue;
    }
    while (isa_and_nonnull<qonnx::ReshapeOp, qonnx::TransposeOp>(
        yielded.getDefiningOp()))
      yielded = yielded.getDefiningOp()->getOperand(0);
    if (auto quant = yielded.getDefiningOp<qonnx::QuantOp>())
      state.levels = levelRange(qonnx::toQuantiser(quant.getQuantiser()));
    state.grid = *grid;
    states.push_back(std::move(state));
    good &= prepareInit(i);
    states.back().range = states.back().initial;
  }
  return good;
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

bool ScanConversion::buildBody() {
  dropBody();
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
  for (unsigned round = 0;; ++round) {
    if (!buildBody())
      return false;
    bool grew = false;
    std::vector<Interval> before;
    for (auto [i, state] : llvm::enumerate(states)) {
      before.push_back(state.range);
      Interval after = joined(state.range, hull(next[i].range));
      grew |= after != state.range;
      state.range = after;
    }
    if (!grew)
      return true;
    if (round + 1 == kRounds)
      return extrapolate(before);
  }
}

/// Takes the last growth for the remaining steps, then proves it by running
/// the intervals through all of them.
bool ScanConversion::extrapolate(const std::vector<Interval> &before) {
  int64_t rest = op.getSteps() - int64_t(kRounds);
  std::string growing;
  for (auto [i, state] : llvm::enumerate(states)) {
    int64_t down = before[i].first - state.range.first;
    int64_t up = state.range.second - before[i].second;
    if (down || up)
      growing += (growing.empty() ? "" : ", ") + stateName(i) + " by [-" +
                 std::to_string(down) + ", +" + std::to_string(up) + "] a step";
    constexpr int64_t limit = int64_t(1) << 61;
    if (rest > 0 && (down > limit / rest || up > limit / rest))
      return refuse({"a state that grows without bound: " + growing,
                     "put a quantiser before the next value of the state"});
    state.range.first -= std::max<int64_t>(rest, 0) * down;
    state.range.second += std::max<int64_t>(rest, 0) * up;
  }
  if (!buildBody())
    return false;
  // Only what the ops compute counts: the yield is not there yet.
  SmallVector<Value> values;
  for (const IntValue &value : next)
    values.push_back(value.value);
  OpBuilder atEnd = OpBuilder::atBlockEnd(body);
  Operation *provisional = atEnd.create<finn::YieldOp>(op.getLoc(), values);
  RangeMap map;
  for (auto [s, slot] : llvm::enumerate(slots))
    map[body->getArgument(states.size() + s)] = slot.range;
  std::vector<Ranges> initial, bound;
  for (const State &state : states) {
    initial.push_back({state.initial});
    bound.push_back({state.range});
  }
  bool proved = staysWithin(*body, initial, bound, op.getSteps(), map);
  provisional->erase();
  return proved ||
         refuse({"a state that grows without bound: " + growing,
                 "put a quantiser before the next value of the state"});
}

/// The yielded values get the types of the states.
void ScanConversion::finishStates() {
  OpBuilder::InsertionGuard guard(converter.builder);
  converter.builder.setInsertionPointToEnd(body);
  llvm::SmallDenseSet<Value> taken;
  for (auto [i, value] : llvm::enumerate(next)) {
    Type type = body->getArgument(i).getType();
    if (value.value.getType() == type) {
      taken.insert(value.value);
      continue;
    }
    Operation *maker = value.value.getDefiningOp();
    if (!maker || isa<finn::ConstantOp>(maker) || taken.contains(value.value)) {
      maker = converter.builder.create<finn::LincombOp>(
          value.value.getLoc(), type, value.value, ArrayRef<int64_t>{1},
          ArrayRef<int64_t>{0});
      value.value = maker->getResult(0);
    }
    maker->getResult(0).setType(type);
    taken.insert(value.value);
  }
}

//===----------------------------------------------------------------------===//
// The finn scan
//===----------------------------------------------------------------------===//

/// A port without a quantiser of its own: codes of the state's grid.
void ScanConversion::finishPort(unsigned index) {
  State &state = states[index];
  auto argument = cast<BlockArgument>(op.getStates()[index]);
  MLIRContext *context = op.getContext();
  Quantiser quantiser{.scale = {}, .zeroPoint = {}};
  bool exact = true;
  auto push = [&](std::vector<float> &values, const Rational &value) {
    values.push_back(float(value.get_d()));
    exact &= toRational(values.back()) == value;
  };
  for (const Rational &scale : state.grid.scale)
    push(quantiser.scale, scale);
  for (const Rational &zeroPoint :
       negated(quotient(state.grid.offset, state.grid.scale)))
    push(quantiser.zeroPoint, zeroPoint);
  NamedAttrList &attributes =
      converter.argumentAttributes[argument.getArgNumber()];
  quantiser.lo = state.range.first;
  quantiser.hi = state.range.second;
  if (quantiser.scale.size() + quantiser.zeroPoint.size() > 2)
    quantiser.axis = channelAxis(shapeOf(argument));
  if (!exact)
    return (void)refuse(
        {stateName(index) + ", a graph input on a grid of scale " +
             state.grid.scale[0].get_str() + ", which is no float32",
         "quantise the graph input"});
  auto attr = qonnx::fromQuantiser(context, quantiser);
  Value target =
      converter.builder.getBlock()->getArgument(argument.getArgNumber());
  if (Attribute old = attributes.get(finn::kQuantiserAttr); old && old != attr)
    return (void)refuse({"a graph input that starts two states of different "
                         "grids or ranges",
                         "quantise the graph input"});
  attributes.set(finn::kQuantiserAttr, attr);
  attributes.set(finn::kExactGridAttr, UnitAttr::get(context));
  target.setType(body->getArgument(index).getType());
  state.init = target;
}

/// Terms of one scan output are the results `results` of the finn scan.
void ScanConversion::setOutput(unsigned index, ArrayRef<unsigned> results,
                               finn::ScanOp scan) {
  Converted output = converter.lookup(yield->getOperand(index));
  output.absorbed.clear();
  for (auto [t, term] : llvm::enumerate(output.form.terms))
    term.value.value = scan.getResult(results[t]);
  converter.set(op.getResult(index), std::move(output));
}

bool ScanConversion::create() {
  for (auto [i, state] : llvm::enumerate(states))
    if (!state.init)
      finishPort(i);
  if (converter.failed)
    return false;
  llvm::MapVector<std::pair<Value, unsigned>, unsigned> outputs;
  std::vector<SmallVector<unsigned>> used;
  for (unsigned i = states.size(); i < op.getNumResults(); ++i) {
    const Converted &value = converter.lookup(yield->getOperand(i));
    unsigned axis = op.getOutputAxes()[i - states.size()];
    if (value.form.terms.empty() || !stepsLead(shapeOf(op.getResult(i)), axis))
      return refuse({"scan output " + std::to_string(i - states.size()) +
                         ", which is no sequence of quantised vectors",
                     "stack outputs along the first dimension"});
    bool reversed = op.getOutputDirections()[i - states.size()] != 0;
    used.emplace_back();
    for (const Term &term : value.form.terms)
      used.back().push_back(
          outputs
              .insert({{term.value.value, unsigned(reversed)},
                       unsigned(states.size() + outputs.size())})
              .first->second);
  }
  SmallVector<Value> initial, sequences, yielded;
  SmallVector<Type> types;
  SmallVector<int64_t> ranges, reverseInputs, reverseOutputs;
  for (auto [i, state] : llvm::enumerate(states)) {
    initial.push_back(state.init);
    yielded.push_back(next[i].value);
    types.push_back(body->getArgument(i).getType());
    ranges.append({state.range.first, state.range.second});
  }
  for (const Slot &slot : slots) {
    sequences.push_back(slot.outer);
    reverseInputs.push_back(slot.reversed);
  }
  for (const auto &[key, index] : outputs) {
    auto type = cast<RankedTensorType>(key.first.getType());
    types.push_back(RankedTensorType::get(
        {op.getSteps(), type.getShape().back()}, type.getElementType()));
    yielded.push_back(key.first);
    reverseOutputs.push_back(key.second);
  }
  OpBuilder::atBlockEnd(body).create<finn::YieldOp>(yield->getLoc(), yielded);
  auto scan = converter.builder.create<finn::ScanOp>(
      converter.locationOf(op), types, initial, sequences, ranges,
      reverseInputs, reverseOutputs);
  scan.getBody().push_back(body);
  body = nullptr;
  for (auto [i, results] : llvm::enumerate(used))
    setOutput(states.size() + i, results, scan);
  for (auto [i, state] : llvm::enumerate(states)) {
    Converted last{.kind = Kind::Form};
    last.form.terms.push_back(
        {{scan.getResult(i), {state.range}}, state.grid.scale});
    last.form.offset = state.grid.offset;
    converter.set(op.getResult(i), std::move(last));
  }
  return true;
}

bool ScanConversion::run() {
  if (!mapInputs() || !prepareStates())
    return false;
  if (!proveRanges()) {
    dropBody();
    return false;
  }
  finishStates();
  bool good = create();
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
