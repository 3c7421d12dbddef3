//===- Quantize.h - Post-training quantisation ------------------*- C++ -*-===//

#ifndef FINNGL_DRIVER_QUANTIZE_H
#define FINNGL_DRIVER_QUANTIZE_H

#include "finngl/Core/Calibration.h"
#include "finngl/Driver/Command.h"
#include "finngl/PostTraining/Scales.h"
#include <map>
#include <string>
#include <vector>

namespace finngl::driver {

struct QuantizeOptions {
  std::string model;
  /// .npy files `[N, ...]` of the only input, or folders of ONNX' test layout.
  std::vector<std::string> data;
  std::string output;
  /// JSON with bits; --weights, --activations and --inputs go before it.
  std::string config;
  std::optional<unsigned> weights, activations, inputs;
  ScaleChoice choice;
  ptq::WeightScales weightScales = ptq::WeightScales::Tensor;
  bool correctBias = true;
  /// QuantizeLinear, Clip, DequantizeLinear instead of QONNX' Quant.
  bool qcdq = false;
  std::string report; ///< JSON, if not empty
  /// Folder for data sets of the quantised network, if not empty.
  std::string testData;
  std::map<std::string, int64_t> dims;
};

/// `finngl quantize`: a float model becomes a quantised one that compile takes;
/// an exit code.
int quantize(const QuantizeOptions &options);

/// Bits by a configuration file:
/// `{"weights": 8, "activations": 6, "inputs": 8, "quantisers": {NAME: BITS}}`,
/// every key optional. Nothing and `error` for another form.
std::optional<ptq::BitWidths> readBitWidths(const std::string &path,
                                            std::string &error);

} // namespace finngl::driver

#endif // FINNGL_DRIVER_QUANTIZE_H
