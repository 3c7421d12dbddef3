//===- PlanBuilder.cpp - From a finn function to a plan -------------------===//

#include "PlanBuilder.h"
#include "finngl/Dialect/QONNX/IR/QONNX.h"
#include "finngl/Support/Diagnostics.h"
#include "finngl/Support/IntElements.h"
#include "llvm/ADT/TypeSwitch.h"
#include <numeric>

using namespace mlir;
using namespace finngl;
using namespace finngl::kernels;

static IntegerType elementType(Type type) {
  return cast<IntegerType>(getElementTypeOrSelf(type));
}

//===----------------------------------------------------------------------===//
// Places and calls
//===----------------------------------------------------------------------===//

PlanBuilder::Place PlanBuilder::shapeOf(Type type) {
  auto tensor = cast<RankedTensorType>(type);
  Place place;
  auto [lo, hi] = finn::rangeOf(elementType(type));
  place.container = containerFor(lo, hi);
  if (tensor.getRank() > 0)
    place.channels = tensor.getShape().back();
  place.rows = place.channels ? tensor.getNumElements() / place.channels : 0;
  return place;
}

/// Every place starts on a cache line and has 3 bytes behind it that
/// matmulQuads may read.
int64_t PlanBuilder::allocate(size_t bytes) {
  size_t offset = plan.arenaImage.size();
  plan.arenaImage.resize((offset + bytes + 3 + 63) / 64 * 64);
  return int64_t(offset);
}

PlanBuilder::Place PlanBuilder::place(Value value) {
  Place fresh = shapeOf(value.getType());
  fresh.slot.offset = allocate(fresh.bytes());
  return places[value] = fresh;
}

void PlanBuilder::call(Kernel kernel, const void *constants, size_t rows,
                       Slot out, Slot first, Slot second) {
  plan.callList.push_back({kernel, constants, rows, out, {first, second}});
}

void PlanBuilder::convert(Place from, Place to) {
  if (from.container == to.container)
    return call(copyBytes, keep(Channels{from.bytes()}), 1, to.slot, from.slot);
  auto *term = keep(TermConstants{
      from.elements(), {1}, std::vector<int64_t>(from.elements(), 0)});
  call(set.firstTerm[int(from.container)][int(to.container)], term, 1, to.slot,
       from.slot);
}

void PlanBuilder::closeSection(int64_t trips, bool isScan) {
  size_t end = plan.callList.size();
  plan.sections.push_back({sectionStart, bodyStart, end, trips, tile, isScan});
  sectionStart = bodyStart = end;
  tile = 1;
}

PlanBuilder::Slot PlanBuilder::tileSlot(size_t pitch, bool reversed) {
  int64_t bytes = int64_t(pitch), offset = allocate(pitch * size_t(tile));
  if (reversed)
    return {offset + (tile - 1) * bytes, -bytes, true};
  return {offset, bytes, true};
}

void PlanBuilder::name(Value value, StringRef what) {
  const Place &place = places[value];
  std::string node = nodeName(value.getLoc());
  std::string label = node.empty() ? what.str() : node + " " + what.str();
  plan.namedValues.push_back({label, plan.sections.size(), place.slot.offset,
                              place.slot.stride, place.container,
                              place.elements()});
}

//===----------------------------------------------------------------------===//
// Ports
//===----------------------------------------------------------------------===//

static std::vector<int64_t> shapeAttr(Attribute attr) {
  if (auto dense = dyn_cast_or_null<DenseI64ArrayAttr>(attr))
    return dense.asArrayRef().vec();
  std::vector<int64_t> shape;
  if (auto array = dyn_cast_or_null<ArrayAttr>(attr))
    for (auto extent : array.getAsRange<IntegerAttr>())
      shape.push_back(extent.getInt());
  return shape;
}

static PlanPort portOf(Type type, DictionaryAttr attrs) {
  PlanPort port;
  port.shape = cast<RankedTensorType>(type).getShape().vec();
  IntegerType element = elementType(type);
  port.width = element.getWidth();
  port.isSigned = !element.isUnsigned();
  std::tie(port.lo, port.hi) = finn::rangeOf(element);
  if (!attrs)
    return port;
  if (auto name = attrs.getAs<StringAttr>(finn::kNameAttr))
    port.name = name.getValue().str();
  port.onnxShape = shapeAttr(attrs.get(finn::kShapeAttr));
  if (auto quantiser = attrs.getAs<qonnx::QuantiserAttr>(finn::kQuantiserAttr))
    port.quantiser = qonnx::toQuantiser(quantiser);
  // A narrow quantiser gives fewer codes than its type holds.
  if (port.quantiser) {
    port.lo = std::max(port.lo, port.quantiser->lo);
    port.hi = std::min(port.hi, port.quantiser->hi);
  }
  port.order = shapeAttr(attrs.get(finn::kOrderAttr));
  if (Attribute grid = attrs.get(finn::kExactGridAttr)) {
    auto flag = dyn_cast<BoolAttr>(grid);
    port.exactGrid = !flag || flag.getValue();
  }
  return port;
}

/// Rationals as strings; one 0 or 1 where the attribute is missing.
static FailureOr<std::vector<Rational>> rationals(Operation *op,
                                                  DictionaryAttr attrs,
                                                  StringRef key, int fallback,
                                                  size_t channels) {
  auto texts = attrs ? attrs.getAs<ArrayAttr>(key) : ArrayAttr();
  if (!texts)
    return std::vector<Rational>{Rational(fallback)};
  std::vector<Rational> values;
  for (Attribute text : texts) {
    Rational value;
    auto string = dyn_cast<StringAttr>(text);
    if (!string || value.set_str(string.getValue().str(), 10) ||
        value.get_den() == 0)
      return op->emitError() << "'" << key << "' holds " << text
                             << ", expected a rational such as \"3/8\"";
    value.canonicalize();
    values.push_back(value);
  }
  if (values.size() != 1 && values.size() != channels)
    return op->emitError() << "'" << key << "' holds " << values.size()
                           << " entries, expected 1 or " << channels;
  return values;
}

/// What a hand-edited stage may get wrong and no verifier sees.
static LogicalResult checkPort(Operation *op, const PlanPort &port) {
  int64_t left = port.elements();
  for (int64_t extent : port.onnxShape)
    left = extent > 0 && left % extent == 0 ? left / extent : 0;
  if (!port.onnxShape.empty() && left != 1)
    return op->emitError() << "expects port '" << port.name << "' to have "
                           << port.elements() << " elements in ONNX, too";
  std::vector<int64_t> sorted = port.order, all(port.onnxShape.size());
  std::ranges::sort(sorted);
  std::iota(all.begin(), all.end(), 0);
  if (!port.order.empty() && sorted != all)
    return op->emitError() << "expects the order of port '" << port.name
                           << "' to be a permutation of its dimensions";
  if (!port.quantiser)
    return success();
  const Quantiser &q = *port.quantiser;
  size_t most = std::max(q.scale.size(), q.zeroPoint.size());
  bool inRange = q.axis >= 0 && q.axis < int64_t(port.onnxShape.size());
  size_t channels = inRange ? size_t(port.onnxShape[q.axis]) : 1;
  for (size_t entries : {q.scale.size(), q.zeroPoint.size()})
    if (entries != 1 && (entries != most || entries != channels))
      return op->emitError()
             << "expects 1 or " << channels << " scales and zero points of '"
             << port.name << "', got " << entries;
  return success();
}

LogicalResult PlanBuilder::addPorts(func::FuncOp function) {
  for (auto [index, argument] : llvm::enumerate(function.getArguments())) {
    plan.inputPorts.push_back(
        portOf(argument.getType(), function.getArgAttrDict(index)));
    if (failed(checkPort(function, plan.inputPorts.back())))
      return failure();
    Place where = place(argument);
    plan.inputSlots.push_back({where.slot.offset, where.container});
  }
  for (auto [index, type] : llvm::enumerate(function.getResultTypes())) {
    DictionaryAttr attrs = function.getResultAttrDict(index);
    PlanPort port = portOf(type, attrs);
    if (failed(checkPort(function, port)))
      return failure();
    size_t channels = port.shape.empty() ? 1 : port.shape.back();
    auto scale = rationals(function, attrs, finn::kScaleAttr, 1, channels);
    auto offset = rationals(function, attrs, finn::kOffsetAttr, 0, channels);
    if (failed(scale) || failed(offset))
      return failure();
    port.scale = *scale;
    port.offset = *offset;
    plan.outputPorts.push_back(std::move(port));
  }
  return success();
}

//===----------------------------------------------------------------------===//
// The function
//===----------------------------------------------------------------------===//

/// All values are held at once; far more than any network has is refused
/// before memory is asked for.
LogicalResult PlanBuilder::checkSizes(func::FuncOp function) {
  constexpr int64_t kMaxElements = int64_t(1) << 27;
  int64_t left = kMaxElements;
  Location tooLarge = function.getLoc();
  auto count = [&](Value value) {
    auto type = dyn_cast<RankedTensorType>(value.getType());
    if (!type || left < 0)
      return;
    tooLarge = value.getLoc();
    int64_t elements = 1;
    for (int64_t extent : type.getShape())
      elements = extent < 0 || (extent > 0 && elements > left / extent)
                     ? left + 1
                     : elements * extent;
    left -= elements;
  };
  llvm::for_each(function.getArguments(), count);
  function.walk(
      [&](Operation *op) { llvm::for_each(op->getResults(), count); });
  if (left >= 0)
    return success();
  InFlightDiagnostic error = emitError(tooLarge)
                             << "expects values of at most " << kMaxElements
                             << " elements together, got more";
  error.attachNote() << "give a shorter sequence with --dim";
  return failure();
}

LogicalResult PlanBuilder::build(func::FuncOp function) {
  if (function.isExternal() || !function.getBody().hasOneBlock())
    return function.emitError() << "expects a body of one block";
  auto isFinn = [](Type type) {
    auto tensor = dyn_cast<RankedTensorType>(type);
    return tensor && tensor.hasStaticShape() &&
           finn::isFinnInteger(tensor.getElementType());
  };
  for (Type type : function.getFunctionType().getInputs())
    if (!isFinn(type))
      return function.emitError() << "argument of type " << type
                                  << " is not an integer of the finn dialect";
  for (Type type : function.getFunctionType().getResults())
    if (!isFinn(type))
      return function.emitError() << "result of type " << type
                                  << " is not an integer of the finn dialect";
  if (failed(checkSizes(function)) || failed(addPorts(function)) ||
      failed(addOps(function.getBody().front())))
    return failure();
  closeSection(1);
  Operation *terminator = function.getBody().front().getTerminator();
  for (Value result : terminator->getOperands()) {
    const Place &where = places[result];
    plan.outputSlots.push_back({where.slot.offset, where.container});
  }
  plan.set = &set;
  plan.preparePorts();
  return success();
}

void PlanBuilder::listCalls(std::vector<size_t> &list, size_t first) {
  for (size_t call = first; call < plan.callList.size(); ++call)
    list.push_back(call);
}

/// An op of the function whose operands are last states, or behind some.
void PlanBuilder::noteStates(Operation &op, size_t firstCall) {
  if (inScan || llvm::none_of(op.getOperands(), [&](Value operand) {
        return behindStates.contains(operand);
      }))
    return;
  plan.isStepwise &= !isa<finn::ScanOp>(op);
  behindStates.insert(op.result_begin(), op.result_end());
  listCalls(plan.ends, firstCall);
}

LogicalResult PlanBuilder::addOps(Block &block) {
  for (Operation &op : block.without_terminator()) {
    size_t firstCall = plan.callList.size();
    if (failed(addOp(op)))
      return failure();
    noteStates(op, firstCall);
    if (!isa<finn::ConstantOp, finn::ScanOp>(op) &&
        places.contains(op.getResult(0)))
      name(op.getResult(0), op.getName().getStringRef());
  }
  return success();
}

LogicalResult PlanBuilder::addOp(Operation &op) {
  return llvm::TypeSwitch<Operation *, LogicalResult>(&op)
      .Case<finn::TableOp, finn::ScanOp>([&](auto known) { return add(known); })
      .Case<finn::ConstantOp, finn::MatMulOp, finn::LincombOp, finn::MulOp,
            finn::RequantOp, finn::MultiThresholdOp, finn::ReshapeOp,
            finn::Im2ColOp, finn::MaxPoolOp, finn::ArgMaxOp, finn::TopKOp>(
          [&](auto known) {
            add(known);
            return success();
          })
      .Default([](Operation *other) {
        return other->emitError()
               << "'" << other->getName() << "' has no integer kernel";
      });
}

std::optional<Plan> Plan::build(func::FuncOp function, const KernelSet &set,
                                bool keepsAll) {
  PlanBuilder builder(set, keepsAll);
  if (failed(builder.build(function)))
    return std::nullopt;
  return builder.take();
}

//===----------------------------------------------------------------------===//
// Scan
//===----------------------------------------------------------------------===//

/// Where step 0 finds its row of a sequence, moving on with each step.
PlanBuilder::Place PlanBuilder::windowOf(Place sequence, int64_t steps,
                                         bool reversed) {
  int64_t pitch = sequence.channels * bytesOf(sequence.container);
  sequence.rows = 1;
  sequence.slot.offset += reversed && steps > 0 ? (steps - 1) * pitch : 0;
  sequence.slot.stride = reversed ? -pitch : pitch;
  return sequence;
}

/// Products of a scan input wait for no state: those of some steps at once read
/// each weight once for several steps, and their results stay in the cache.
void PlanBuilder::multiplyAhead(finn::ScanOp op, size_t input) {
  BlockArgument argument =
      op.getBody().front().getArgument(op.getStates().size() + input);
  bool reversed = op.getReverseInputs()[input] != 0;
  for (Operation *user : argument.getUsers()) {
    auto product = dyn_cast<finn::MatMulOp>(user);
    if (!product)
      continue;
    Place out = shapeOf(product.getResult().getType());
    out.slot = tileSlot(out.bytes(), reversed);
    multiply(argument, intElements(product.getWeights()), out);
    places[product.getResult()] = out;
  }
}

/// States get places of their own; a scan input's step is a moving window of
/// the sequence, or a copy of it where the body's type needs another container.
void PlanBuilder::bindBody(finn::ScanOp op) {
  Block &body = op.getBody().front();
  size_t states = op.getStates().size();
  auto isWindow = [&](size_t i) {
    return places[op.getInputs()[i]].container ==
           shapeOf(body.getArgument(states + i).getType()).container;
  };
  size_t first = plan.callList.size();
  for (size_t i = 0; i < states; ++i)
    convert(places[op.getStates()[i]], place(body.getArgument(i)));
  listCalls(plan.starts, first);
  closeSection(1);
  // A trace wants each step's values, so that one tile holds them all.
  constexpr int64_t stepsAhead = 16;
  tile = std::max<int64_t>(
      keepsAll ? op.getSteps() : std::min<int64_t>(stepsAhead, op.getSteps()),
      1);
  auto windowOfInput = [&](size_t i) {
    return windowOf(places[op.getInputs()[i]], op.getSteps(),
                    op.getReverseInputs()[i] != 0);
  };
  for (size_t i = 0; i < op.getInputs().size(); ++i)
    if (isWindow(i)) {
      places[body.getArgument(states + i)] = windowOfInput(i);
      multiplyAhead(op, i);
    }
  bodyStart = plan.callList.size();
  for (size_t i = 0; i < op.getInputs().size(); ++i)
    if (!isWindow(i))
      convert(windowOfInput(i), place(body.getArgument(states + i)));
}

/// Scan outputs first, then next states: an output may be an old state. A next
/// state that is itself a state goes through a copy, since all move at once.
void PlanBuilder::addYield(finn::ScanOp op) {
  Block &body = op.getBody().front();
  auto yield = cast<finn::YieldOp>(body.getTerminator());
  size_t states = op.getStates().size();
  for (size_t i = states; i < op.getNumResults(); ++i) {
    convert(places[yield.getOperand(i)],
            windowOf(place(op.getResult(i)), op.getSteps(),
                     op.getReverseOutputs()[i - states] != 0));
  }
  std::vector<Place> next;
  for (size_t i = 0; i < states; ++i) {
    Place from = places[yield.getOperand(i)];
    auto argument = dyn_cast<BlockArgument>(yield.getOperand(i));
    if (argument && argument.getArgNumber() < states &&
        argument.getArgNumber() != i) {
      Place copy = from;
      copy.slot = {allocate(from.bytes()), 0};
      convert(from, copy);
      from = copy;
    }
    next.push_back(from);
  }
  for (size_t i = 0; i < states; ++i)
    if (yield.getOperand(i) != body.getArgument(i))
      convert(next[i], places[body.getArgument(i)]);
}

LogicalResult PlanBuilder::add(finn::ScanOp op) {
  if (inScan)
    return op.emitError() << "a scan within a scan has no integer kernel";
  bindBody(op);
  inScan = true;
  if (failed(addOps(op.getBody().front())))
    return failure();
  inScan = false;
  addYield(op);
  closeSection(op.getSteps(), /*isScan=*/true);
  size_t first = plan.callList.size();
  for (size_t i = 0; i < op.getStates().size(); ++i) {
    convert(places[op.getBody().front().getArgument(i)],
            place(op.getResult(i)));
    behindStates.insert(op.getResult(i));
  }
  listCalls(plan.ends, first);
  return success();
}
