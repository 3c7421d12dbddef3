//===- Hardware.cpp - Where the hardware back ends plug in ----------------===//
//
// Not yet: until the back ends exist, every entry says so.
//
//===----------------------------------------------------------------------===//

#include "finngl/Driver/Hardware.h"

using namespace finngl;
using namespace finngl::driver;

static int notAvailable(std::string_view what) {
  return fail(BadUsage, std::string(what) + ": not available in this build",
              "levels onnx, exact and int work; compile takes --stop-after "
              "convert");
}

bool finngl::driver::hardwareAvailable() { return false; }

int finngl::driver::compileHardware(Model &, const HardwareOptions &,
                                    const std::filesystem::path &,
                                    nlohmann::ordered_json &) {
  return notAvailable("the hardware back end");
}

std::unique_ptr<LevelRunner> finngl::driver::createHardwareRunner(Model &,
                                                                  Level level) {
  notAvailable("level " + std::string(nameOf(level)));
  return nullptr;
}

int finngl::driver::verifyHardware(Model &, Level level,
                                   std::span<const std::vector<FloatTensor>>,
                                   int64_t, nlohmann::ordered_json &) {
  return notAvailable("level " + std::string(nameOf(level)));
}

int finngl::driver::synthesise(const std::filesystem::path &,
                               const std::string &tool) {
  return notAvailable("synth with " + tool);
}
