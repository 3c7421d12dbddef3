//===- ScanStates.cpp - Grids and initial values of states ----------------===//
//
// A state's grid is that of the value that the body yields for it, made finer
// until it holds a constant initial value, too.
//
//===----------------------------------------------------------------------===//

#include "ScanConversion.h"
#include "finngl/Core/Float32.h"

using namespace mlir;
using namespace finngl;
using Kind = Converted::Kind;

static ArrayRef<int64_t> shapeOf(Value value) {
  return cast<RankedTensorType>(value.getType()).getShape();
}

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

/// What a Relu or Clip clamps to.
static Rationals boundsOf(Operation *clamp) {
  if (isa<qonnx::ReluOp>(clamp))
    return {Rational(0)};
  Rationals bounds;
  auto clip = cast<qonnx::ClipOp>(clamp);
  for (const APFloat &bound : {clip.getMin(), clip.getMax()})
    if (!bound.isInfinity())
      bounds.push_back(toRational(bound.convertToDouble()));
  return bounds;
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
  if (isa<qonnx::ReshapeOp, qonnx::TransposeOp>(maker))
    return gridOf(maker->getOperand(0), depth + 1);
  if (isa<qonnx::ReluOp, qonnx::ClipOp>(maker)) {
    auto grid = gridOf(maker->getOperand(0), depth + 1);
    for (const Rational &bound : boundsOf(maker))
      if (auto by = grid ? finerBy(*grid, {bound}) : std::nullopt)
        grid = finer(*grid, *by);
    return grid;
  }
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

/// Elements of a constant initial value; a float32 number that is the nearest
/// one to a value of the grid stands for that value, as at level exact.
static Rationals startValues(const ConstantTensor &constant, const Grid &grid) {
  Rationals values;
  for (size_t i = 0; i < constant.size(); ++i) {
    const Rational &scale = at(grid.scale, i), &offset = at(grid.offset, i);
    Rational value = constant.exact(i);
    Integer level = roundTo((value - offset) / scale, Rounding::HalfEven);
    Rational onGrid = scale * level + offset;
    bool stands = !constant.isQuantised() &&
                  nearestFloat32(onGrid) == constant.float32(i);
    values.push_back(stands ? onGrid : value);
  }
  return values;
}

bool ScanConversion::prepareInit(unsigned index) {
  State &state = states[index];
  Value value = op.getStates()[index];
  const Converted &init = converter.lookup(value);
  converter.emitter.setLocation(converter.locationOf(op));
  if (init.kind == Kind::Poison)
    return false;
  if (init.kind == Kind::Port) { // any code of the quantiser may come
    state.initial = state.startLevels.value_or(Interval{0, 0});
    return true;
  }
  if (init.kind == Kind::Activation)
    return refuse(
        {"an initial value of " + stateName(index) + " that is not quantised",
         "put a quantiser on the initial value"});
  if (!init.layout.isPlain())
    return refuse({"an initial value of " + stateName(index) +
                       " whose elements come in another order",
                   "transpose no state"});
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
  Rationals values = startValues(*init.constant, state.grid);
  makeFiner(state, values);
  std::vector<int64_t> codes;
  for (size_t i = 0; i < values.size(); ++i) {
    Rational level =
        (values[i] - at(state.grid.offset, i)) / at(state.grid.scale, i);
    if (level.get_den() != 1 || !fitsInt64(level.get_num()))
      return refuse({"the initial value " + values[i].get_str() + " of " +
                         stateName(index) +
                         ", which is off the grid of scale " +
                         at(state.grid.scale, i).get_str() +
                         " and of those up to 256 times as fine",
                     "start the state from a value that its quantiser gives: a "
                     "multiple of that scale, less the zero point"});
    codes.push_back(toInt64(level.get_num()));
  }
  IntValue made = converter.emitter.constant(codes);
  state.initial = hull(made.range);
  state.init = made.value;
  return true;
}

/// Makes the grid hold the values, where one that is little finer does.
void ScanConversion::makeFiner(State &state, const Rationals &values) {
  auto by = finerBy(state.grid, values);
  if (!by)
    return;
  state.grid = finer(state.grid, *by);
  for (auto *levels : {&state.levels, &state.startLevels})
    if (*levels)
      *levels = {(*levels)->first * *by, (*levels)->second * *by};
}

/// Sets the levels of the quantiser that makes `yielded`, on the state's grid.
static void setLevels(State &state, Value yielded) {
  bool clamped = false;
  while (isa_and_nonnull<qonnx::ReshapeOp, qonnx::TransposeOp, qonnx::ReluOp,
                         qonnx::ClipOp>(yielded.getDefiningOp())) {
    clamped |= isa<qonnx::ReluOp, qonnx::ClipOp>(yielded.getDefiningOp());
    yielded = yielded.getDefiningOp()->getOperand(0);
  }
  auto quant = yielded.getDefiningOp<qonnx::QuantOp>();
  if (!quant)
    return;
  Quantiser quantiser = qonnx::toQuantiser(quant.getQuantiser());
  auto levels = levelRange(quantiser);
  auto by = uniform(quotient(gridOf(quantiser).scale, state.grid.scale));
  if (!levels || !by || by->get_den() != 1)
    return;
  int64_t factor = toInt64(by->get_num());
  state.startLevels = {levels->first * factor, levels->second * factor};
  if (!clamped)
    state.levels = state.startLevels;
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
    state.grid = *grid;
    setLevels(state, yielded);
    states.push_back(std::move(state));
    good &= prepareInit(i);
    states.back().range = states.back().initial;
  }
  return good;
}

//===----------------------------------------------------------------------===//
// Initial values that are graph inputs
//===----------------------------------------------------------------------===//

/// A port without a quantiser of its own: codes of the state's grid.
bool ScanConversion::finishPort(unsigned index) {
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
    return refuse({stateName(index) + ", a graph input on a grid of scale " +
                       state.grid.scale[0].get_str() + ", which is no float32",
                   "quantise the graph input"});
  auto attr = qonnx::fromQuantiser(context, quantiser);
  Value target =
      converter.builder.getBlock()->getArgument(argument.getArgNumber());
  if (Attribute old = attributes.get(finn::kQuantiserAttr); old && old != attr)
    return refuse({"a graph input that starts two states of different "
                   "grids or ranges",
                   "quantise the graph input"});
  attributes.set(finn::kQuantiserAttr, attr);
  attributes.set(finn::kExactGridAttr, UnitAttr::get(context));
  target.setType(body->getArgument(index).getType());
  state.init = target;
  return true;
}

bool ScanConversion::finishPorts() {
  for (auto [i, state] : llvm::enumerate(states))
    if (!state.init && !finishPort(i))
      return false;
  return true;
}
