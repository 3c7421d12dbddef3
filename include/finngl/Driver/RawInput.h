//===- RawInput.h - compile --input NAME:siN:SCALE[:OFFSET] -----*- C++ -*-===//

#ifndef FINNGL_DRIVER_RAWINPUT_H
#define FINNGL_DRIVER_RAWINPUT_H

#include "finngl/Dialect/QONNX/Transforms/RawInputs.h"
#include <nlohmann/json_fwd.hpp>

namespace finngl::driver {

/// report.json's key of the inputs that come as raw integers.
inline constexpr const char *kRawInputsKey = "raw_inputs";
inline constexpr const char *kRawInputNote =
    "write NAME:code, or NAME:siN:SCALE[:OFFSET] with N from 1 to 32 (uiN: "
    "without sign); SCALE and OFFSET are numbers, or .npy files with one for "
    "each element of the innermost dimension";

/// Those of the `--input` texts that are not `NAME:code`. False with `error`.
bool parseRawInputs(const std::vector<std::string> &texts,
                    std::vector<qonnx::RawInput> &inputs, std::string &error);

nlohmann::ordered_json toJson(const std::vector<qonnx::RawInput> &inputs);
/// Of a compile directory's report; none if they cannot be read.
std::vector<qonnx::RawInput> recordedRawInputs(const nlohmann::json &report);

} // namespace finngl::driver

#endif // FINNGL_DRIVER_RAWINPUT_H
