//===- OnnxCase.cpp - One case of ONNX' backend tests at level onnx -------===//

#include "OnnxCase.h"
#include "finngl/Dialect/QONNX/IR/QONNX.h"
#include "finngl/Driver/Model.h"
#include "finngl/Engine/FloatEvaluator.h"
#include "finngl/Import/ONNX/Importer.h"
#include "finngl/Support/OnnxTensor.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassRegistry.h"
#include "onnx/onnx_pb.h"
#include <algorithm>
#include <cmath>
#include <fstream>
#include <sstream>

using namespace mlir;
namespace fs = std::filesystem;

namespace finngl::conformance {
namespace {

/// Tolerances of ONNX' own runner.
constexpr double kRelative = 1e-3, kAbsolute = 1e-7;

struct DataSet {
  std::vector<onnx::TensorProto> inputs, outputs;
};

/// One way to run a case: inputs from `firstConstant` on are initialisers.
struct Way {
  int firstConstant;
  bool refused = false;
  std::string detail; ///< of a refusal or a wrong element; empty if right
};

class Runner {
public:
  Runner(const onnx::ModelProto &model, const std::vector<DataSet> &sets)
      : model(model), sets(sets) {}

  void run(Way &way);

private:
  bool runSet(Way &way, const DataSet &set);
  OwningOpRef<ModuleOp> import(MLIRContext &context, const Way &way,
                               const DataSet &set);

  const onnx::ModelProto &model;
  const std::vector<DataSet> &sets;
};

} // namespace

static std::string readFile(const fs::path &file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream bytes;
  bytes << in.rdbuf();
  return bytes.str();
}

static std::vector<onnx::TensorProto> readTensors(const fs::path &folder,
                                                  const std::string &stem) {
  std::vector<onnx::TensorProto> tensors;
  for (int i = 0;; ++i) {
    fs::path file = folder / (stem + "_" + std::to_string(i) + ".pb");
    if (!fs::exists(file))
      return tensors;
    tensors.emplace_back().ParseFromString(readFile(file));
  }
}

static bool inScope(const onnx::GraphProto &graph,
                    const std::set<std::string> &supported) {
  for (const onnx::NodeProto &node : graph.node()) {
    if (!node.domain().empty() || !supported.count(node.op_type()))
      return false;
    for (const onnx::AttributeProto &attribute : node.attribute())
      if (attribute.has_g() && !inScope(attribute.g(), supported))
        return false;
  }
  return true;
}

//===----------------------------------------------------------------------===//
// Running
//===----------------------------------------------------------------------===//

/// The model with some inputs as initialisers of the set's data.
OwningOpRef<ModuleOp> Runner::import(MLIRContext &context, const Way &way,
                                     const DataSet &set) {
  onnx::ModelProto copy = model;
  int count = std::min(copy.graph().input_size(), int(set.inputs.size()));
  for (int i = way.firstConstant; i < count; ++i) {
    onnx::TensorProto *tensor = copy.mutable_graph()->add_initializer();
    *tensor = set.inputs[size_t(i)];
    tensor->set_name(copy.graph().input(i).name());
    // NumPy, which wrote the data, has no bfloat16.
    auto declared = copy.graph().input(i).type().tensor_type().elem_type();
    if (declared == onnx::TensorProto::BFLOAT16)
      tensor->set_data_type(declared);
  }
  ImportOptions options;
  options.inputShape = [&](unsigned index, const std::string &) {
    std::vector<int64_t> shape(set.inputs[index].dims().begin(),
                               set.inputs[index].dims().end());
    return std::optional(shape);
  };
  OwningOpRef<ModuleOp> module = importOnnxBytes(
      &context, copy.SerializeAsString(), "model.onnx", "", options);
  if (!module)
    return {};
  PassManager manager(&context);
  auto passes = parsePassPipeline(driver::kQonnxPipeline);
  static_cast<OpPassManager &>(manager) = std::move(*passes);
  if (failed(manager.run(*module)))
    return {};
  return module;
}

/// The first element beyond the tolerance, or "".
static std::string firstDifference(const engine::FloatOutput &got,
                                   const onnx::TensorProto &proto) {
  std::string problem;
  std::optional<OnnxTensor> want = decodeTensor(proto, std::nullopt, problem);
  if (!want)
    return problem;
  if (want->shape != got.tensor.shape)
    return "another shape";
  for (size_t i = 0; i < size_t(want->elements()); ++i) {
    double right = want->type == OnnxType::Float64 ? want->doubles[i]
                   : isFloat(want->type)           ? double(want->floats[i])
                                                   : double(want->ints[i]);
    double value = got.tensor.data.empty() ? double(got.codes[i])
                                           : double(got.tensor.data[i]);
    double bound =
        isFloat(want->type) ? kAbsolute + kRelative * std::fabs(right) : 0.0;
    if (value != right && !(std::fabs(value - right) <= bound))
      return "element " + std::to_string(i) + " is " + std::to_string(value) +
             ", expected " + std::to_string(right);
  }
  return "";
}

/// False, with the way's detail, if it is refused or wrong.
bool Runner::runSet(Way &way, const DataSet &set) {
  MLIRContext context(MLIRContext::Threading::DISABLED);
  ScopedDiagnosticHandler handler(&context, [&](Diagnostic &diagnostic) {
    if (diagnostic.getSeverity() == DiagnosticSeverity::Error &&
        way.detail.empty())
      way.detail = diagnostic.str();
  });
  way.refused = true;
  OwningOpRef<ModuleOp> module = import(context, way, set);
  if (!module)
    return false;
  std::vector<FloatTensor> inputs;
  for (int i = 0; i < int(set.inputs.size()) && i < way.firstConstant; ++i) {
    std::string problem;
    auto tensor = decodeTensor(set.inputs[size_t(i)], std::nullopt, problem);
    FloatTensor &input = inputs.emplace_back();
    if (tensor)
      input = {tensor->shape, tensor->floats};
  }
  engine::FloatEvaluator evaluator(module->lookupSymbol<func::FuncOp>("main"));
  auto outputs = evaluator.run(inputs);
  if (failed(outputs))
    return false;
  way.refused = false;
  for (size_t i = 0; i < set.outputs.size() && way.detail.empty(); ++i)
    way.detail = i < outputs->size()
                     ? firstDifference((*outputs)[i], set.outputs[i])
                     : "too few outputs";
  return way.detail.empty();
}

void Runner::run(Way &way) {
  for (const DataSet &set : sets)
    if (!runSet(way, set))
      return;
}

Outcome runCase(const fs::path &folder,
                const std::set<std::string> &supported) {
  onnx::ModelProto model;
  Outcome outcome{Outcome::OutOfScope, "graphs of several", "", true, 0};
  if (!model.ParseFromString(readFile(folder / "model.onnx")) ||
      !inScope(model.graph(), supported))
    return outcome;
  for (const auto &set : model.opset_import())
    if (set.domain().empty())
      outcome.opset = int(set.version());
  if (model.graph().node_size() == 1)
    outcome.topic = model.graph().node(0).op_type();
  std::vector<DataSet> sets;
  for (int i = 0;; ++i) {
    fs::path data = folder / ("test_data_set_" + std::to_string(i));
    if (!fs::exists(data))
      break;
    sets.push_back({readTensors(data, "input"), readTensors(data, "output")});
  }
  int inputs = sets.empty() ? 0 : int(sets[0].inputs.size());
  std::vector<Way> ways;
  for (int first :
       std::set<int, std::greater<>>{inputs, std::min(1, inputs), 0})
    ways.push_back({first, false, ""});
  Runner runner(model, sets);
  outcome.kind = Outcome::Refused;
  for (Way &way : ways) {
    runner.run(way);
    if (way.refused)
      continue;
    if (!way.detail.empty()) {
      outcome.kind = Outcome::Failed;
      outcome.detail = way.detail + ", inputs from " +
                       std::to_string(way.firstConstant) + " on constant";
      return outcome;
    }
    if (outcome.kind == Outcome::Refused)
      outcome.computed = way.firstConstant > 0 || inputs == 0;
    outcome.kind = Outcome::Passed;
  }
  // Where parameters must be constant, what is refused even then is the reason.
  if (outcome.kind == Outcome::Refused)
    outcome.detail = ways[ways.size() > 2 ? 1 : 0].detail;
  return outcome;
}

} // namespace finngl::conformance
