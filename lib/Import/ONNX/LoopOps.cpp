//===- LoopOps.cpp - A Loop that counts is a Scan -------------------------===//
//
// Keras and scripted torch models write a recurrence as a Loop whose body reads
// step k of a sequence with Gather. Without the nodes that count, which have
// run at import (LoopCounters.h), it is a Scan.
//
//===----------------------------------------------------------------------===//

#include "LoopCounters.h"

using namespace mlir;

namespace finngl::import {

namespace {
/// A Loop node while its Scan is built.
class CountedLoop {
public:
  explicit CountedLoop(NodeBinder &b) : b(b), body(b), counters(body) {}

  LogicalResult read() {
    return success(succeeded(body.read()) && succeeded(counters.run()));
  }
  LogicalResult importAsScan();

private:
  void addStates();
  LogicalResult readSequence(const onnx::NodeProto &gather);
  LogicalResult addNodes();
  void addScanOutputs();

  NodeBinder &b;
  LoopBody body;
  LoopCounters counters;
  onnx::NodeProto scan;
  onnx::GraphProto inner;
  /// Scan inputs: names outside, and steps in the body.
  llvm::SmallVector<std::pair<std::string, std::string>> sequences;
};
} // namespace

//===----------------------------------------------------------------------===//
// ONNX nodes
//===----------------------------------------------------------------------===//

static void addInteger(onnx::NodeProto &node, const char *name, int64_t value) {
  onnx::AttributeProto &attribute = *node.add_attribute();
  attribute.set_name(name);
  attribute.set_type(onnx::AttributeProto::INT);
  attribute.set_i(value);
}

/// Appends to a list, which is made if it is not there.
static void appendInteger(onnx::NodeProto &node, llvm::StringRef name,
                          int64_t value) {
  for (onnx::AttributeProto &attribute : *node.mutable_attribute())
    if (attribute.name() == name)
      return attribute.add_ints(value);
  onnx::AttributeProto &attribute = *node.add_attribute();
  attribute.set_name(name.str());
  attribute.set_type(onnx::AttributeProto::INTS);
  attribute.add_ints(value);
}

static onnx::NodeProto &addNode(onnx::GraphProto &graph, const char *type,
                                llvm::StringRef input, llvm::StringRef output) {
  onnx::NodeProto &node = *graph.add_node();
  node.set_op_type(type);
  node.set_name(output.str());
  node.add_input(input.str());
  node.add_output(output.str());
  return node;
}

/// From opset 13 on the axes are an input.
static void addUnsqueeze(onnx::GraphProto &graph, llvm::StringRef input,
                         llvm::StringRef output, int64_t axis, int opset) {
  onnx::NodeProto &node = addNode(graph, "Unsqueeze", input, output);
  if (opset < 13)
    return appendInteger(node, "axes", axis);
  onnx::TensorProto &axes = *graph.add_initializer();
  axes.set_name((output + ".axes").str());
  axes.set_data_type(onnx::TensorProto::INT64);
  axes.add_dims(1);
  axes.add_int64_data(axis);
  node.add_input(axes.name());
}

//===----------------------------------------------------------------------===//
// Steps of sequences
//===----------------------------------------------------------------------===//

namespace {
enum class Direction { Forward, Backward, Neither };
} // namespace

/// The direction in which positions pass all of a dimension, one each step;
/// negative ones count from its end.
static Direction directionOf(ArrayRef<double> positions, int64_t extent) {
  bool forward = int64_t(positions.size()) == extent, backward = forward;
  for (auto [step, position] : llvm::enumerate(positions)) {
    double from = position < 0 ? position + double(extent) : position;
    forward &= from == double(step);
    backward &= from == double(extent - 1 - int64_t(step));
  }
  return forward    ? Direction::Forward
         : backward ? Direction::Backward
                    : Direction::Neither;
}

static llvm::SmallVector<int64_t> shapeOf(const Entity &entity) {
  if (entity.constant)
    return {entity.constant->shape.begin(), entity.constant->shape.end()};
  return llvm::to_vector(
      cast<RankedTensorType>(entity.value.getType()).getShape());
}

/// A Gather of one step of a sequence becomes a scan input of its result.
LogicalResult CountedLoop::readSequence(const onnx::NodeProto &gather) {
  auto refuse = [&]() -> InFlightDiagnostic {
    InFlightDiagnostic message = b.error() << "expects '" << nameOf(gather)
                                           << "' to read ";
    message.attachNote() << "write the recurrence as a Scan";
    return message;
  };
  std::string sequence = body.outerName(gather.input(0)).str();
  Entity entity;
  if (!sequence.empty())
    entity = b.importer.lookup(b.scope, sequence, b.location);
  if (entity.poisoned)
    return failure();
  if (!entity.exists())
    return refuse()
           << "a step of a sequence that is made before the loop, got '"
           << gather.input(0) << "'";
  int64_t axis = 0;
  for (const onnx::AttributeProto &attribute : gather.attribute())
    if (attribute.name() == "axis")
      axis = attribute.i();
  llvm::SmallVector<int64_t> shape = shapeOf(entity);
  if (failed(b.normaliseAxis(axis, int64_t(shape.size()))))
    return failure();
  const History &positions = *counters.history(gather.input(1));
  int64_t extent = shape[size_t(axis)];
  Direction direction = directionOf(positions.values, extent);
  if (direction == Direction::Neither)
    return refuse() << "each of the " << extent << " steps of '" << sequence
                    << "' once, in order, in a loop of " << counters.steps()
                    << " steps";
  // Positions of shape [1] keep the dimension.
  std::string step = gather.output(0);
  if (positions.rank == 1) {
    step += ".step";
    addUnsqueeze(inner, step, gather.output(0), axis, b.importer.opset());
  }
  sequences.emplace_back(sequence, step);
  appendInteger(scan, "scan_input_axes", axis);
  appendInteger(scan, "scan_input_directions",
                direction == Direction::Backward);
  return success();
}

//===----------------------------------------------------------------------===//
// The Scan
//===----------------------------------------------------------------------===//

/// Counters end as constants, what goes round unchanged is known in the body.
void CountedLoop::addStates() {
  for (unsigned slot = 0; slot < body.states(); ++slot) {
    llvm::StringRef start = b.inputName(slot + 2);
    if (counters.isCounter(slot)) {
      OnnxTensor end = *b.input(slot + 2).constant;
      end.ints[0] = counters.end(slot);
      b.result(slot, std::move(end));
    } else if (body.isInvariant(slot)) {
      if (start != body.in(slot))
        addNode(inner, "Identity", start, body.in(slot));
      b.result(slot, b.input(slot + 2));
    } else {
      scan.add_input(start.str());
      scan.add_output(b.node.output(int(slot)));
      *inner.add_input() = body.graph->input(int(slot) + 2);
      *inner.add_output() = body.graph->output(int(slot) + 1);
    }
  }
}

/// The body's nodes without those that count.
LogicalResult CountedLoop::addNodes() {
  auto counts = [&](const std::string &name) {
    return counters.history(name) != nullptr;
  };
  for (unsigned index : body.order) {
    const onnx::NodeProto &node = body.graph->node(int(index));
    if (node.output_size() == 1 && counts(node.output(0)))
      continue;
    if (llvm::none_of(node.input(), counts)) {
      *inner.add_node() = node;
    } else if (node.op_type() == "Gather" && node.input_size() == 2 &&
               node.output_size() == 1 && !counts(node.input(0))) {
      if (failed(readSequence(node)))
        return failure();
    } else {
      InFlightDiagnostic message =
          b.error() << "expects the loop's counters to choose steps of "
                       "sequences only, but '"
                    << nameOf(node) << "' (" << node.op_type()
                    << ") reads them";
      message.attachNote() << "write the recurrence as a Scan";
      return failure();
    }
  }
  if (!sequences.empty())
    return success();
  InFlightDiagnostic message =
      b.error() << "expects a loop that reads the steps of a sequence";
  message.attachNote() << "a Gather of a tensor by the loop's counter does";
  return failure();
}

void CountedLoop::addScanOutputs() {
  for (unsigned k = body.states(); k < b.outputCount(); ++k) {
    scan.add_output(b.node.output(int(k)));
    *inner.add_output() = body.graph->output(int(k) + 1);
  }
}

LogicalResult CountedLoop::importAsScan() {
  scan.set_op_type("Scan");
  scan.set_name(b.node.name());
  *inner.mutable_initializer() = body.graph->initializer();
  addStates();
  if (failed(addNodes()))
    return failure();
  addScanOutputs();
  for (const auto &[sequence, step] : sequences) {
    scan.add_input(sequence);
    inner.add_input()->set_name(step);
  }
  addInteger(scan, "num_scan_inputs", int64_t(sequences.size()));
  onnx::AttributeProto &graph = *scan.add_attribute();
  graph.set_name("body");
  graph.set_type(onnx::AttributeProto::GRAPH);
  *graph.mutable_g() = std::move(inner);
  return b.importer.importInstead(b, std::move(scan), importScan);
}

static LogicalResult importLoop(NodeBinder &b) {
  CountedLoop loop(b);
  return success(succeeded(loop.read()) && succeeded(loop.importAsScan()));
}

llvm::ArrayRef<HandlerEntry> loopHandlers() {
  static const HandlerEntry table[] = {
      {"Loop", 1, 0, ~0u, importLoop}, // trip count and condition may be ""
  };
  return table;
}

} // namespace finngl::import
