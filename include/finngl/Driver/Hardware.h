//===- Hardware.h - Where the hardware back ends plug in --------*- C++ -*-===//

#ifndef FINNGL_DRIVER_HARDWARE_H
#define FINNGL_DRIVER_HARDWARE_H

#include "finngl/Driver/LevelRunner.h"
#include <nlohmann/json_fwd.hpp>

namespace finngl::driver {

/// Flags of `compile` below the finn level, as given; the back end judges them.
struct HardwareOptions {
  std::string device = "xczu7ev";
  double clockMHz = 0; ///< 0: the device's default
  std::optional<double> targetLatencyUs;
  std::map<std::string, int64_t> budget; ///< lut, ff, dsp, bram
  std::string foldingFile;
  std::string backend = "rtl";
  std::string mode = "window";
  std::vector<std::string> inputs; ///< NAME:code or NAME:siN:SCALE[:OFFSET]
  int64_t contexts = 1, interleave = 1, maxSteps = 0, userBits = 0;
  bool statePorts = false;
  bool hoistInputProducts = false; ///< no flag: see MappingOptions
  bool stopAfterMap = false;
  bool quick = false; ///< no flag: a short search for a folding
};

/// True once this build can go below the finn level.
bool hardwareAvailable();

/// From the finn module to rtl/, hls/, sim/, folding.json in `directory` (the
/// temporary one); adds its keys to the report. An exit code; it has reported.
int compileHardware(Model &model, const HardwareOptions &options,
                    const std::filesystem::path &directory,
                    nlohmann::ordered_json &report);

/// Cycles and resources of hardware much like that which `compile` without
/// flags chooses, as keys of the report, in a fraction of a second; nothing is
/// written. The same hardware unless a long search finds better.
int estimateHardware(Model &model, nlohmann::ordered_json &report);

/// Level hls or rtl of a compile directory.
std::unique_ptr<LevelRunner> createHardwareRunner(Model &model, Level level);

/// The pair int-hls or int-rtl of `verify`: adds one entry to `levels` and
/// returns an exit code. `inputs`: one list of tensors a data set; `seeds`
/// patterns of back-pressure.
int verifyHardware(Model &model, Level level,
                   std::span<const std::vector<FloatTensor>> inputs,
                   int64_t seeds, nlohmann::ordered_json &levels);

/// `finngl synth`: measured resources, merged into DIR/report.json. `tool` is
/// Yosys by name or path. Returns an exit code.
int synthesise(const std::filesystem::path &directory, const std::string &tool);

} // namespace finngl::driver

#endif // FINNGL_DRIVER_HARDWARE_H
