//===- HardwareReport.cpp - What report.json says of hardware -------------===//

#include "HardwareReport.h"
#include "FoldingFile.h"
#include "finngl/Dialect/Dataflow/Transforms/Folding.h"
#include "finngl/Dialect/Finn/Transforms/Passes.h"
#include "finngl/Support/Diagnostics.h"

using namespace finngl;
using namespace finngl::driver;
using nlohmann::ordered_json;

ordered_json driver::toJson(const Resources &r, const char *source) {
  return {{"lut", r.lut},       {"ff", r.ff},     {"dsp", r.dsp},
          {"bram18", r.bram18}, {"uram", r.uram}, {"source", source}};
}

static void addNodes(mlir::Location loc, ordered_json &nodes) {
  if (auto fused = mlir::dyn_cast<mlir::FusedLoc>(loc)) {
    for (mlir::Location part : fused.getLocations())
      addNodes(part, nodes);
    return;
  }
  std::string name = nodeName(loc);
  if (!name.empty() &&
      std::find(nodes.begin(), nodes.end(), ordered_json(name)) == nodes.end())
    nodes.push_back(name);
}

/// Names of the ONNX nodes behind an op.
static ordered_json nodesOf(mlir::Location loc) {
  ordered_json nodes = ordered_json::array();
  addNodes(loc, nodes);
  return nodes;
}

static int64_t widthOf(mlir::Value v) { return df::elementType(v).getWidth(); }

void driver::describeKernels(df::RegionOp region,
                             const RegionSchedule &schedule,
                             ordered_json &kernels) {
  const Folding &f = schedule.folding();
  df::PassPlan plan = df::planPasses(region);
  unsigned index = 0, mvus = 0;
  for (mlir::Operation &op : region.getBody().front().without_terminator()) {
    ordered_json kernel;
    std::string kind = op.getName().stripDialect().str();
    int64_t pass = plan.of(&op);
    kernel["name"] = kind == "mvu" ? mvuKernel(region, mvus++)
                                   : region.getName().str() + "." + kind + "_" +
                                         std::to_string(index++);
    kernel["kind"] = kind;
    Resources cost;
    if (auto mvu = mlir::dyn_cast<df::MvuOp>(op)) {
      auto [pe, simd] = f.passes[pass];
      kernel["pe"] = pe;
      kernel["simd"] = simd;
      kernel["cycles"] = schedule.rowGroups(pass) * schedule.columnGroups(pass);
      kernel["width_in"] = mvu.getOperandType().getWidth();
      kernel["width_out"] = mvu.getAccumulatorWidth();
      kernel["impl"] = mvu.getImpl().str();
      cost = mvu.resources(mvu.getMatrix(), {pe, simd}, f.lanes, mvu.getImpl());
    } else {
      auto core = mlir::cast<df::CoreOpInterface>(op);
      kernel["pe"] = f.lanes;
      kernel["simd"] = 1;
      kernel["cycles"] = schedule.beats(pass);
      kernel["width_in"] = widthOf(op.getOperand(0));
      kernel["width_out"] = widthOf(op.getResult(0));
      auto impl = op.getAttrOfType<mlir::StringAttr>("impl");
      kernel["impl"] = impl ? impl.str() : "lut";
      kernel["latency"] = core.latency();
      cost = f.lanes * core.resources();
    }
    kernel["resources"] = toJson(cost, "model");
    kernel["onnx_nodes"] = nodesOf(op.getLoc());
    kernels.push_back(std::move(kernel));
  }
}

void driver::describeModules(mlir::func::FuncOp main, ordered_json &kernels) {
  std::map<std::string, unsigned> count;
  for (mlir::Operation &op : main.getBody().front()) {
    auto module = mlir::dyn_cast<df::StreamOpInterface>(op);
    if (!module || module.rtlModule().empty())
      continue;
    mlir::Value input = op.getOperand(0), result = op.getResult(0);
    std::string kind = op.getName().stripDialect().str();
    int64_t lanes = df::lanesOf(result);
    Resources cost = module.resources(lanes);
    int64_t cycles = std::max(df::vectorSize(input) / module.taken(lanes),
                              df::vectorSize(result) / lanes);
    kernels.push_back({{"name", kind + "_" + std::to_string(count[kind]++)},
                       {"kind", kind},
                       {"pe", lanes},
                       {"simd", 1},
                       {"cycles", cycles},
                       {"width_in", widthOf(input)},
                       {"width_out", widthOf(result)},
                       {"impl", cost.bram18 ? "bram" : "lut"},
                       {"resources", toJson(cost, "model")},
                       {"onnx_nodes", nodesOf(op.getLoc())}});
  }
}

ordered_json driver::describeStates(mlir::ModuleOp finn) {
  ordered_json states = ordered_json::array();
  auto main = finn.lookupSymbol<mlir::func::FuncOp>("main");
  int64_t first = 0;
  for (finn::ScanOp scan : main.getOps<finn::ScanOp>())
    for (auto [i, state] : llvm::enumerate(scan.getStates())) {
      if (!state.getDefiningOp<finn::ConstantOp>())
        continue;
      mlir::Value inside = scan.getBody().front().getArgument(unsigned(i));
      int64_t elements = df::vectorSize(inside);
      states.push_back({{"name", finn::stateName(scan, i)},
                        {"first_element", first},
                        {"elements", elements},
                        {"min", scan.getStateRanges()[2 * i]},
                        {"max", scan.getStateRanges()[2 * i + 1]}});
      first += elements;
    }
  return states;
}
