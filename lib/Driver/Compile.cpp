//===- Compile.cpp - From a model to a directory --------------------------===//

#include "finngl/Driver/Compile.h"
#include "finngl/Dialect/Finn/IR/Finn.h"
#include "finngl/Dialect/QONNX/IR/QONNX.h"
#include "finngl/Driver/OutputDirectory.h"
#include "finngl/Driver/RawInput.h"
#include "finngl/Target/ONNX/Export.h"
#include "llvm/Support/raw_ostream.h"
#include <nlohmann/json.hpp>

using namespace finngl;
using namespace finngl::driver;
using nlohmann::ordered_json;
namespace fs = std::filesystem;

/// A list of one entry as a plain number.
template <typename List, typename Convert>
static ordered_json numberOrList(const List &list, Convert convert) {
  if (list.size() == 1)
    return convert(list[0]);
  ordered_json all = ordered_json::array();
  for (const auto &entry : list)
    all.push_back(convert(entry));
  return all;
}

static ordered_json describePort(const PlanPort &port, std::string name) {
  ordered_json stream;
  stream["port"] = std::move(name);
  stream["onnx_name"] = port.name;
  stream["onnx_shape"] = port.onnxShape;
  stream["shape"] = port.shape;
  stream["elements_per_beat"] = 1;
  stream["element_bits"] = port.width;
  stream["signed"] = port.isSigned;
  stream["beats_per_step"] = port.shape.empty() ? 1 : port.shape.back();
  stream["order"] = "element i of a step in beat i";
  return stream;
}

ordered_json finngl::driver::describeStreams(const Plan &plan) {
  ordered_json streams = ordered_json::array();
  auto toDouble = [](float value) { return double(value); };
  for (const PlanPort &port : plan.inputs()) {
    ordered_json stream =
        describePort(port, "s_axis_" + std::to_string(streams.size()));
    stream["min"] = port.lo;
    stream["max"] = port.hi;
    if (port.quantiser) {
      stream["scale"] = numberOrList(port.quantiser->scale, toDouble);
      stream["zero_point"] = numberOrList(port.quantiser->zeroPoint, toDouble);
      stream["rounding"] = stringify(port.quantiser->rounding);
      stream["exact_grid"] = port.exactGrid;
    }
    streams.push_back(std::move(stream));
  }
  for (size_t i = 0; i < plan.outputs().size(); ++i) {
    const PlanPort &port = plan.outputs()[i];
    ordered_json stream = describePort(port, "m_axis_" + std::to_string(i));
    auto approximate = [](const Rational &value) { return value.get_d(); };
    auto exact = [](const Rational &value) { return value.get_str(); };
    // value = code * scale + offset = (code - zero_point) * scale
    stream["scale"] = numberOrList(port.scale, approximate);
    stream["offset"] = numberOrList(port.offset, approximate);
    stream["scale_exact"] = numberOrList(port.scale, exact);
    stream["offset_exact"] = numberOrList(port.offset, exact);
    std::vector<double> zeroPoints;
    for (size_t c = 0; c < std::max(port.scale.size(), port.offset.size());
         ++c) {
      const Rational &scale = port.scale[port.scale.size() == 1 ? 0 : c];
      const Rational &offset = port.offset[port.offset.size() == 1 ? 0 : c];
      zeroPoints.push_back(scale == 0 ? 0.0
                                      : Rational(-offset / scale).get_d());
    }
    stream["zero_point"] =
        numberOrList(zeroPoints, [](double value) { return value; });
    streams.push_back(std::move(stream));
  }
  return streams;
}

/// Adds what the host applies to graph outputs.
static void describeHost(mlir::func::FuncOp main, ordered_json &streams) {
  for (unsigned i = 0; i < main.getNumResults(); ++i)
    if (auto host =
            main.getResultAttrOfType<mlir::DictionaryAttr>(i, qonnx::kHostAttr))
      for (ordered_json &stream : streams)
        if (stream["port"] == "m_axis_" + std::to_string(i))
          stream["host"] = host.getAs<mlir::StringAttr>(qonnx::kHostFunction)
                               .getValue()
                               .str();
}

static bool writeModule(mlir::ModuleOp module, const fs::path &path,
                        std::string &error) {
  std::string text;
  llvm::raw_string_ostream os(text);
  module->print(os, mlir::OpPrintingFlags().enableDebugInfo());
  return writeText(path, text + "\n", error);
}

/// A stage as .onnx, if it has that form; a remark has said why it has not.
static bool writeExport(const std::optional<std::string> &bytes,
                        const fs::path &path, std::string &error) {
  return !bytes || writeText(path, *bytes, error);
}

/// What the levels so far say; the hardware adds its keys.
static ordered_json firstReport(Model &model, const CompileOptions &options,
                                const std::vector<qonnx::RawInput> &raw) {
  ordered_json report;
  report[kGeneratorKey] = kGenerator;
  report["model"] = fs::path(options.model).filename().string();
  report["dims"] = model.dims();
  if (!raw.empty())
    report[kRawInputsKey] = toJson(raw);
  report[kHeadKey] = options.headToHost ? kLogits : "full";
  return report;
}

/// The steps of the first input that is a sequence, else 1.
static int64_t sequenceLength(const Plan &plan) {
  for (const PlanPort &port : plan.inputs())
    if (port.shape.size() == 2)
      return port.shape[0];
  return 1;
}

/// Hardware takes sequences of any length, unless a state grows without end.
static void warnIfStepsMatter(Model &model) {
  if (!model.choseDims())
    return;
  model.finnModule().walk([](finn::ScanOp op) {
    if (auto steps = op->getAttrOfType<mlir::IntegerAttr>(finn::kMaxStepsAttr))
      op.emitWarning() << "state ranges grow with each step: widths are proved "
                          "for "
                       << steps.getInt()
                       << " steps, a size that was chosen; give --dim for the "
                          "longest sequence";
  });
}

/// Levels finn and below, into the temporary directory.
static int lower(Model &model, const CompileOptions &options,
                 const fs::path &directory, ordered_json &report) {
  std::string error;
  if (!model.toFinn())
    return BadUsage;
  if (!writeModule(model.finnModule(), directory / "stages/finn.mlir", error))
    return fail(BadUsage, error);
  {
    StageTimer timer(model.times, "export");
    if (!writeExport(exportFinn(model.finnMain()),
                     directory / "stages/finn.onnx", error))
      return fail(BadUsage, error);
  }
  std::optional<Plan> plan;
  {
    StageTimer timer(model.times, "plan");
    plan = Plan::build(model.finnMain());
  }
  if (!plan)
    return BadUsage; // too large, or a scan within a scan
  warnIfStepsMatter(model);
  report["sequence_length"] = sequenceLength(*plan);
  report["float_ops_left"] = 0; // finn-verify-integer refused any other
  report["streams"] = describeStreams(*plan);
  describeHost(model.qonnxMain(), report["streams"]);
  if (options.stopAfter == StopAfter::Convert)
    return Good;
  return compileHardware(model, options.hardware, directory, report);
}

static ordered_json wallTimes(const Model &model) {
  ordered_json times;
  double total = 0;
  for (const StageTime &stage : model.times) {
    times[stage.name] = stage.seconds;
    total += stage.seconds;
  }
  times["total"] = total;
  return times;
}

int finngl::driver::compile(const CompileOptions &options) {
  std::string error;
  Model model;
  if (!model.open(options.model, options.dims))
    return BadUsage;
  if (model.kind() != ModelKind::Onnx)
    return fail(BadUsage, options.model + ": compile takes an .onnx file");
  auto directory = OutputDirectory::create(options.output, error);
  if (!directory)
    return fail(BadUsage, error);
  model.takeDefaultShapes();
  std::vector<qonnx::RawInput> raw;
  if (!parseRawInputs(options.hardware.inputs, raw, error))
    return fail(BadUsage, error, kRawInputNote);
  model.setRawInputs(raw);
  if (options.headToHost)
    model.leaveHeadToHost();
  if (!model.toQonnx())
    return BadUsage;
  std::error_code code;
  fs::copy_file(model.file(), directory->path() / "model.onnx", code);
  if (code)
    return fail(BadUsage, "cannot copy the model: " + code.message());
  if (!writeText(directory->path() / "stages/imported.mlir",
                 model.importedText(), error) ||
      !writeModule(model.qonnxModule(), directory->path() / "stages/qonnx.mlir",
                   error) ||
      !writeExport(exportQonnx(model.qonnxMain()),
                   directory->path() / "stages/qonnx.onnx", error))
    return fail(BadUsage, error);
  ordered_json report = firstReport(model, options, raw);
  if (options.stopAfter != StopAfter::Import)
    if (int exit = lower(model, options, directory->path(), report))
      return exit;
  report["wall_s"] = wallTimes(model);
  if (!writeText(directory->path() / "report.json", report.dump(2) + "\n",
                 error) ||
      !directory->commit(error))
    return fail(BadUsage, error);
  return Good;
}
