//===- LoopCounters.cpp - What a Loop counts with -------------------------===//

#include "LoopCounters.h"
#include "llvm/ADT/StringSwitch.h"
#include <cmath>
#include <limits>

using namespace mlir;

namespace finngl::import {

/// Numbers that are computed for one loop at most.
static constexpr int64_t kMostNumbers = 1 << 20;
/// Passes in search of counters: each finds states that depend on one found by
/// the pass before. Two are usual.
static constexpr int kMostPasses = 64;
/// Integers up to here are exact in a double.
static constexpr double kLargest = 0x1p53;

//===----------------------------------------------------------------------===//
// The body
//===----------------------------------------------------------------------===//

LogicalResult LoopBody::read() {
  const onnx::AttributeProto *attribute = b.find("body");
  if (!attribute || !attribute->has_g())
    return b.error() << "expects attribute 'body'";
  if (b.inputCount() < 2)
    return b.error() << "expects 2 or more inputs, got " << b.inputCount();
  graph = &attribute->g();
  unsigned inputs = unsigned(graph->input_size());
  unsigned outputs = unsigned(graph->output_size());
  if (inputs != b.inputCount() || outputs != b.outputCount() + 1 ||
      outputs < states() + 1)
    return b.error() << "expects a body with " << b.inputCount()
                     << " inputs and " << b.outputCount() + 1
                     << " outputs, got " << inputs << " and " << outputs;
  unsigned onCycle = 0;
  auto sorted = sortNodes(*graph, onCycle);
  if (!sorted)
    return b.error() << "expects a body without cycles";
  order = std::move(*sorted);
  for (const onnx::NodeProto &node : graph->node())
    for (const std::string &name : node.output())
      made.insert(name);
  findInvariants();
  return success();
}

/// States whose next value is their value, through Identity.
void LoopBody::findInvariants() {
  llvm::StringMap<llvm::StringRef> source;
  for (unsigned index : order) {
    const onnx::NodeProto &node = graph->node(int(index));
    if (node.op_type() != "Identity" || node.input_size() != 1 ||
        node.output_size() != 1)
      continue;
    llvm::StringRef from = node.input(0);
    auto found = source.find(from);
    source[node.output(0)] = found == source.end() ? from : found->second;
  }
  for (unsigned slot = 0; slot < states(); ++slot) {
    auto found = source.find(out(slot));
    llvm::StringRef from = found == source.end() ? out(slot) : found->second;
    invariant.push_back(from == in(slot));
    slots[in(slot)] = slot;
  }
}

llvm::StringRef LoopBody::outerName(llvm::StringRef name) const {
  if (auto found = slots.find(name); found != slots.end())
    return isInvariant(found->second) ? b.inputName(found->second + 2)
                                      : llvm::StringRef();
  return made.contains(name) ? llvm::StringRef() : name;
}

//===----------------------------------------------------------------------===//
// Counters
//===----------------------------------------------------------------------===//

static std::optional<Number> numberOf(const OnnxTensor &tensor) {
  if (tensor.elements() != 1 || tensor.shape.size() > 1)
    return std::nullopt;
  double value = !tensor.floats.empty()    ? double(tensor.floats[0])
                 : !tensor.doubles.empty() ? tensor.doubles[0]
                                           : double(tensor.ints[0]);
  return Number{value, int(tensor.shape.size()), false};
}

/// A constant of the body or of the graphs around it.
std::optional<Number> LoopCounters::readConstant(llvm::StringRef name) {
  for (const onnx::TensorProto &tensor : body.graph->initializer()) {
    if (tensor.name() != name)
      continue;
    std::string problem;
    auto decoded = decodeTensor(tensor, std::nullopt, problem);
    return decoded ? numberOf(*decoded) : std::nullopt;
  }
  if (body.outerName(name).empty())
    return std::nullopt;
  Entity entity = b.importer.lookup(b.scope, body.outerName(name), b.location);
  return entity.constant ? numberOf(*entity.constant) : std::nullopt;
}

std::optional<Number> LoopCounters::constant(llvm::StringRef name) {
  auto [found, fresh] = constants.try_emplace(name);
  if (fresh)
    found->second = readConstant(name);
  return found->second;
}

static std::optional<Number> constantNode(const onnx::NodeProto &node) {
  std::string problem;
  for (const onnx::AttributeProto &attribute : node.attribute()) {
    if (attribute.name() == "value_int")
      return Number{double(attribute.i()), 0, false};
    if (attribute.name() == "value_float")
      return Number{attribute.f(), 0, false};
    if (attribute.name() == "value")
      if (auto tensor = decodeTensor(attribute.t(), std::nullopt, problem))
        return numberOf(*tensor);
  }
  return std::nullopt;
}

static double castTo(const onnx::NodeProto &node, double value) {
  for (const onnx::AttributeProto &attribute : node.attribute()) {
    auto type = onnxType(int(attribute.i()));
    if (attribute.name() != "to" || !type)
      continue;
    if (*type == OnnxType::Bool)
      return value != 0;
    bool real = *type == OnnxType::Float32 || *type == OnnxType::Float64;
    return real ? value : std::trunc(value);
  }
  return value;
}

/// What a counter may go through, on one element; nothing for other operators.
static std::optional<double> apply(const onnx::NodeProto &node,
                                   ArrayRef<double> x) {
  llvm::StringRef op = node.op_type();
  if (x.size() == 1 && op == "Not")
    return x[0] == 0;
  if (x.size() == 1 && op == "Cast")
    return castTo(node, x[0]);
  if (op == "Identity" || op == "Squeeze" || op == "Unsqueeze")
    return x[0];
  if (x.size() != 2)
    return std::nullopt;
  double r = x[0], s = x[1];
  return llvm::StringSwitch<std::optional<double>>(op)
      .Case("Add", r + s)
      .Case("Sub", r - s)
      .Case("Mul", r * s)
      .Case("Less", r < s)
      .Case("LessOrEqual", r <= s)
      .Case("Greater", r > s)
      .Case("GreaterOrEqual", r >= s)
      .Case("Equal", r == s)
      .Case("And", r != 0 && s != 0)
      .Case("Or", r != 0 || s != 0)
      .Default(std::nullopt);
}

/// True for an Unsqueeze of a scalar along one axis; axes that are an input are
/// one number here.
static bool makesVector(const onnx::NodeProto &node, ArrayRef<int> ranks) {
  for (const onnx::AttributeProto &attribute : node.attribute())
    if (attribute.name() == "axes" && attribute.ints_size() != 1)
      return false;
  return !ranks.empty() && ranks[0] == 0;
}

std::optional<Number> LoopCounters::evaluate(const onnx::NodeProto &node,
                                             const Numbers &numbers) {
  llvm::StringRef op = node.op_type();
  if (node.output_size() != 1)
    return std::nullopt;
  if (op == "Constant")
    return constantNode(node);
  Number result;
  llvm::SmallVector<double, 2> operands;
  llvm::SmallVector<int, 2> ranks;
  for (const std::string &name : node.input()) {
    auto found = numbers.find(name);
    auto number =
        found != numbers.end() ? std::optional(found->second) : constant(name);
    if (!number)
      return std::nullopt;
    operands.push_back(number->value);
    ranks.push_back(number->rank);
    result.varies |= number->varies;
    result.rank = std::max(result.rank, number->rank);
  }
  if (op == "Squeeze" || op == "Unsqueeze")
    result.rank = op == "Unsqueeze";
  if (op == "Unsqueeze" && !makesVector(node, ranks))
    return std::nullopt;
  auto value = operands.empty() ? std::nullopt : apply(node, operands);
  if (!value)
    return std::nullopt;
  result.value = *value;
  return result;
}

/// Drops states that are made of something else than counters, and lists the
/// nodes that count; true if a state was dropped.
bool LoopCounters::dropOthers() {
  Numbers numbers;
  for (unsigned slot = 0; slot < body.states(); ++slot)
    if (counters[slot])
      numbers[body.in(slot)] = Number{0, 0, true};
  numbers[body.graph->input(0).name()] = Number{0, 0, true};
  numbers[body.graph->input(1).name()] = Number{1, 0, true};
  counting.clear();
  for (unsigned index : body.order) {
    const onnx::NodeProto &node = body.graph->node(int(index));
    auto number = evaluate(node, numbers);
    if (!number)
      continue;
    numbers[node.output(0)] = *number;
    counting.push_back(&node);
  }
  bool dropped = false;
  for (unsigned slot = 0; slot < body.states(); ++slot)
    if (counters[slot] && !numbers.contains(body.out(slot))) {
      counters[slot] = false;
      dropped = true;
    }
  return dropped;
}

/// At first all states that start as a constant integer.
void LoopCounters::findCounters() {
  for (unsigned slot = 0; slot < body.states(); ++slot) {
    const Entity &start = b.input(slot + 2);
    counters.push_back(
        !body.isInvariant(slot) && start.constant &&
        start.constant->elements() == 1 && start.constant->shape.size() <= 1 &&
        start.constant->floats.empty() && start.constant->doubles.empty());
  }
  for (int pass = 0; dropOthers(); ++pass)
    if (pass == kMostPasses)
      counters.assign(body.states(), false);
}

/// In `stepCount` the most steps that the loop may take.
LogicalResult LoopCounters::readLimits() {
  stepCount = std::numeric_limits<int64_t>::max();
  for (unsigned i : {0u, 1u}) {
    if (!b.has(i))
      continue;
    TensorPtr tensor;
    if (failed(b.constant(i, i ? "condition" : "trip count", tensor)))
      return failure();
    if (tensor->ints.size() != 1)
      return b.error() << "expects one "
                       << (i ? "bool as condition" : "integer as trip count");
    if (i == 0)
      stepCount = tensor->ints[0];
    else if (!tensor->ints[0])
      stepCount = 0;
  }
  if (stepCount < 1)
    return b.error() << "expects a loop of one step or more";
  return success();
}

LoopCounters::Numbers LoopCounters::startNumbers() {
  Numbers numbers;
  for (unsigned slot = 0; slot < body.states(); ++slot)
    if (counters[slot]) {
      Number start = *numberOf(*b.input(slot + 2).constant);
      start.varies = true;
      numbers[body.in(slot)] = start;
    }
  return numbers;
}

/// Adds the step's numbers; iteration and condition are body inputs 0 and 1.
LogicalResult LoopCounters::runStep(Numbers &numbers, int64_t step) {
  numbers[body.graph->input(0).name()] = Number{double(step), 0, true};
  numbers[body.graph->input(1).name()] = Number{1, 0, true};
  for (const onnx::NodeProto *node : counting)
    if (auto number = evaluate(*node, numbers))
      numbers[node->output(0)] = *number;
  for (const auto &[name, number] : numbers) {
    if (!number.varies)
      continue;
    if (!(std::abs(number.value) <= kLargest))
      return b.error() << "expects counters of 53 bits at most, got more in '"
                       << name << "'";
    runs[name].values.push_back(number.value);
    runs[name].rank = number.rank;
  }
  return success();
}

/// The condition behind a step; nothing if data decides.
std::optional<bool> LoopCounters::goesOn(const Numbers &numbers) {
  const std::string &condition = body.graph->output(0).name();
  auto found = numbers.find(condition);
  auto number = found != numbers.end() ? std::optional(found->second)
                                       : constant(condition);
  if (number)
    return number->value != 0;
  InFlightDiagnostic message =
      b.error() << "expects a condition that depends on the loop's counters "
                   "only, got '"
                << condition << "'";
  message.attachNote()
      << "the number of steps must be known: export for a fixed length";
  return std::nullopt;
}

LoopCounters::Numbers LoopCounters::nextNumbers(const Numbers &numbers) {
  Numbers next;
  for (unsigned slot = 0; slot < body.states(); ++slot)
    if (counters[slot]) {
      Number number = numbers.lookup(body.out(slot));
      number.varies = true;
      next[body.in(slot)] = number;
    }
  return next;
}

LogicalResult LoopCounters::run() {
  findCounters();
  if (failed(readLimits()))
    return failure();
  int64_t most = kMostNumbers / (int64_t(counting.size()) + 2);
  Numbers numbers = startNumbers();
  for (int64_t step = 0; step < stepCount; ++step) {
    if (step == most)
      return b.error() << "expects a loop of at most " << most
                       << " steps, got more";
    if (failed(runStep(numbers, step)))
      return failure();
    auto more = goesOn(numbers);
    if (!more)
      return failure();
    if (!*more)
      stepCount = step + 1;
    numbers = nextNumbers(numbers);
  }
  last = std::move(numbers);
  return success();
}

} // namespace finngl::import
