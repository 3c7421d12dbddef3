//===- Cycles.cpp - Scheduled cycles against simulated ones ---------------===//

#include "finngl/Driver/Cycles.h"
#include "finngl/Dialect/Dataflow/Transforms/Folding.h"
#include "finngl/Driver/OutputDirectory.h"
#include "finngl/Driver/RtlLibrary.h"
#include "mlir/Parser/Parser.h"
#include <fstream>
#include <nlohmann/json.hpp>

using namespace finngl;
using namespace finngl::driver;
namespace fs = std::filesystem;

mlir::OwningOpRef<mlir::ModuleOp> driver::compiledDataflow(Model &model,
                                                           std::string &error) {
  fs::path stage = model.directory() / "stages/dataflow.mlir";
  std::ifstream file(model.directory() / "report.json");
  auto report = nlohmann::json::parse(file, nullptr, /*exceptions=*/false);
  mlir::OwningOpRef<mlir::ModuleOp> module;
  if (report.is_object() && fs::exists(stage) &&
      report[kDataflowHashKey] == std::to_string(hashFile(stage))) {
    model.context()->loadDialect<df::DataflowDialect>();
    module =
        mlir::parseSourceFile<mlir::ModuleOp>(stage.string(), model.context());
  }
  if (!module)
    error = stage.string() +
            ": is not as finngl compile wrote it; compile the model again";
  return module;
}

std::optional<NetworkShape> driver::compiledNetwork(Model &model,
                                                    std::string &error) {
  auto module = compiledDataflow(model, error);
  if (!module)
    return std::nullopt;
  return df::networkShape(*module);
}

std::vector<std::string> driver::compareCycles(const NetworkShape &network,
                                               const SimulationResult &result,
                                               int64_t steps) {
  std::vector<std::string> differences;
  Traffic traffic = result.traffic;
  if (steps && traffic.order.empty())
    for (Traffic::Packet &packet : traffic.packets)
      packet.steps = steps;
  NetworkCycles predicted = simulate(network, traffic);
  auto compare = [&](const std::string &what, int64_t scheduled,
                     int64_t simulated) {
    if (scheduled != simulated)
      differences.push_back(what + ": " + std::to_string(scheduled + 1) +
                            " cycles scheduled, " +
                            std::to_string(simulated + 1) + " simulated");
  };
  int64_t start = result.firstInput;
  compare("first input to first output beat", predicted.firstOutput,
          result.firstOutput - start);
  for (size_t p = 0; p < traffic.packets.size(); ++p)
    if (result.packetEnds[p]) // a sample of --mode sliding may have no answer
      compare("first input beat to the end of packet " + std::to_string(p),
              predicted.packetEnds[p], result.packetEnds[p] - start);
  return differences;
}

bool driver::markSimulated(const fs::path &directory, std::string &error) {
  fs::path path = directory / "report.json",
           fresh = directory / "report.json.new";
  std::ifstream file(path);
  auto report =
      nlohmann::ordered_json::parse(file, nullptr, /*exceptions=*/false);
  if (!report.is_object() || !report["cycles"].is_object()) {
    error = path.string() + ": has no cycles; compile the model again";
    return false;
  }
  if (report["cycles"]["source"] == "simulated")
    return true;
  report["cycles"]["source"] = "simulated";
  if (!writeText(fresh, report.dump(2) + "\n", error))
    return false;
  std::error_code code;
  fs::rename(fresh, path, code);
  if (code)
    error = path.string() + ": " + code.message();
  return !code;
}
