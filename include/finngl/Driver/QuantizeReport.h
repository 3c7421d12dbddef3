//===- QuantizeReport.h - What quantisation cost ----------------*- C++ -*-===//

#ifndef FINNGL_DRIVER_QUANTIZEREPORT_H
#define FINNGL_DRIVER_QUANTIZEREPORT_H

#include "finngl/PostTraining/Network.h"
#include <nlohmann/json_fwd.hpp>

namespace finngl::driver {

struct QuantizeResult {
  ptq::Sites sites;
  std::vector<unsigned> bits; ///< of groups
  std::vector<ValueSample> samples;
  std::vector<Quantiser> quantisers;
  ptq::Twin twin;
  ptq::Comparison comparison;
  std::vector<std::string> outputNames; ///< of the graph
};

/// A table of the quantisers, the errors of the outputs, and the quantiser
/// with the largest error of its own.
void printQuantizeResult(const QuantizeResult &result);

/// The same as JSON; the keys of `quantisers` are names for a configuration.
nlohmann::ordered_json describeQuantizeResult(const QuantizeResult &result);

} // namespace finngl::driver

#endif // FINNGL_DRIVER_QUANTIZEREPORT_H
