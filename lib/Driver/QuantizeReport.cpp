//===- QuantizeReport.cpp - What quantisation cost ------------------------===//

#include "finngl/Driver/QuantizeReport.h"
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>

using namespace finngl;
using namespace finngl::driver;
using nlohmann::ordered_json;

/// Relative error of a quantiser alone, on the values of the float network;
/// behind sigmoid or tanh, where nothing else reads it.
static double ownError(const QuantizeResult &result, size_t site) {
  const ptq::Group &group = result.sites.groups[result.sites.sites[site].group];
  const Quantiser &quantiser = result.quantisers[site];
  auto values = result.samples[site].values();
  double power = signalPower(values, group.response);
  double error = quantisationError(
      values, quantiser.scale[0], {quantiser.lo, quantiser.hi}, group.response);
  return power > 0 ? error / power : 0.0;
}

static double decibels(double relativeError) {
  return -10.0 * std::log10(relativeError);
}

static size_t worstSite(const QuantizeResult &result) {
  size_t worst = 0;
  for (size_t i = 1; i < result.sites.sites.size(); ++i)
    if (ownError(result, i) > ownError(result, worst))
      worst = i;
  return worst;
}

static const char *nameOf(ptq::Role role) {
  switch (role) {
  case ptq::Role::Input:
    return "input";
  case ptq::Role::Activation:
    return "activation";
  case ptq::Role::Weight:
    return "weight";
  case ptq::Role::InitialState:
    return "initial state";
  }
  return "";
}

void finngl::driver::printQuantizeResult(const QuantizeResult &result) {
  std::printf("%-44s %-10s %4s %12s %9s %9s\n", "quantiser", "of", "bits",
              "scale", "SQNR dB", "in net dB");
  for (size_t i = 0; i < result.sites.sites.size(); ++i) {
    const ptq::Site &site = result.sites.sites[i];
    std::printf(
        "%-44s %-10s %3u%c %12.6g %9.1f ", site.name.c_str(), nameOf(site.role),
        result.bits[site.group], result.quantisers[i].lo < 0 ? 's' : 'u',
        double(result.quantisers[i].scale[0]), decibels(ownError(result, i)));
    if (result.comparison.sites[i].count)
      std::printf("%9.1f\n", result.comparison.sites[i].sqnr());
    else
      std::printf("%9s\n", "-");
  }
  for (size_t i = 0; i < result.comparison.outputs.size(); ++i)
    std::printf("output %s: SQNR %.1f dB\n", result.outputNames[i].c_str(),
                result.comparison.outputs[i].sqnr());
  if (!result.sites.sites.empty()) {
    size_t worst = worstSite(result);
    std::printf("worst quantiser: %s, %.1f dB\n",
                result.sites.sites[worst].name.c_str(),
                decibels(ownError(result, worst)));
  }
}

/// JSON has no infinity: an error of zero has no SQNR.
static ordered_json numberOrNull(double value) {
  return std::isfinite(value) ? ordered_json(value) : ordered_json(nullptr);
}

ordered_json
finngl::driver::describeQuantizeResult(const QuantizeResult &result) {
  ordered_json quantisers = ordered_json::object();
  for (size_t i = 0; i < result.sites.sites.size(); ++i) {
    const ptq::Site &site = result.sites.sites[i];
    const ptq::SignalError &network = result.comparison.sites[i];
    ordered_json entry;
    entry["of"] = nameOf(site.role);
    entry["bits"] = result.bits[site.group];
    entry["signed"] = result.quantisers[i].lo < 0;
    entry["scale"] = double(result.quantisers[i].scale[0]);
    entry["relative_error"] = ownError(result, i);
    entry["sqnr_db"] = numberOrNull(decibels(ownError(result, i)));
    if (network.count)
      entry["sqnr_in_network_db"] = numberOrNull(network.sqnr());
    quantisers[site.name] = std::move(entry);
  }
  ordered_json outputs = ordered_json::object();
  for (size_t i = 0; i < result.comparison.outputs.size(); ++i)
    outputs[result.outputNames[i]] = {
        {"relative_error",
         numberOrNull(result.comparison.outputs[i].relativeError())},
        {"sqnr_db", numberOrNull(result.comparison.outputs[i].sqnr())}};
  ordered_json report;
  report["generator"] = "finn-gl";
  report["quantisers"] = std::move(quantisers);
  report["outputs"] = std::move(outputs);
  if (!result.sites.sites.empty())
    report["worst_quantiser"] = result.sites.sites[worstSite(result)].name;
  return report;
}
