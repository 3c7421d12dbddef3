//===- Scales.cpp - The quantiser of every site ---------------------------===//

#include "finngl/PostTraining/Scales.h"
#include "finngl/Support/Indexing.h"
#include <algorithm>
#include <cmath>

using namespace mlir;
using namespace finngl;
using namespace finngl::ptq;

//===----------------------------------------------------------------------===//
// Bits
//===----------------------------------------------------------------------===//

static unsigned defaultBits(const Sites &sites, const Group &group,
                            const BitWidths &widths) {
  auto all = [&](Role role) {
    return llvm::all_of(
        group.sites, [&](unsigned i) { return sites.sites[i].role == role; });
  };
  return all(Role::Weight)  ? widths.weights
         : all(Role::Input) ? widths.inputs
                            : widths.activations;
}

Result<std::vector<unsigned>> ptq::bitsOfGroups(const Sites &sites,
                                                const BitWidths &widths) {
  std::vector<unsigned> bits;
  for (const Group &group : sites.groups)
    bits.push_back(defaultBits(sites, group, widths));
  std::map<unsigned, const std::string *> chosen; // group -> the name
  for (const auto &[name, wanted] : widths.named) {
    auto site = llvm::find_if(sites.sites,
                              [&](const Site &s) { return s.name == name; });
    if (site == sites.sites.end())
      return Failure{"no quantiser is named '" + name + "'",
                     "names are those of --report and of the table printed"};
    auto [first, isFirst] = chosen.try_emplace(site->group, &name);
    if (!isFirst && bits[site->group] != wanted)
      return Failure{"'" + *first->second + "' and '" + name +
                         "' are one quantiser, got " +
                         std::to_string(bits[site->group]) + " and " +
                         std::to_string(wanted) + " bits",
                     "give one of them, or both the same bits"};
    bits[site->group] = wanted;
  }
  return bits;
}

//===----------------------------------------------------------------------===//
// Scales
//===----------------------------------------------------------------------===//

namespace {
/// What a group's scale is chosen from, and the choice.
struct GroupData {
  std::vector<float> values;
  float least = 0, most = 0;
  CodeRange range;
  Response response;
  double scale = 1;

  double error(double candidate) const {
    double power = signalPower(values, response);
    return power > 0
               ? quantisationError(values, candidate, range, response) / power
               : 0.0;
  }
};
} // namespace

static GroupData dataOf(const Sites &sites, const Group &group, unsigned bits,
                        llvm::ArrayRef<ValueSample> samples,
                        const ScaleChoice &choice) {
  GroupData data;
  data.response = group.response;
  bool narrow = sites.sites[group.sites.front()].role == Role::Weight;
  data.range = codeRange(bits, group.isSigned, narrow);
  for (unsigned site : group.sites) {
    const ValueSample &sample = samples[site];
    llvm::append_range(data.values, sample.values());
    data.least = std::min(data.least, sample.least());
    data.most = std::max(data.most, sample.most());
  }
  data.scale = chooseScale(data.values, data.least, data.most, data.range,
                           data.response, choice);
  return data;
}

/// `base * 2^k` near `data.scale`: not below it where nothing may be clamped,
/// else the side of less error.
static double relatedScale(const GroupData &data, double base,
                           const ScaleChoice &choice) {
  double exponent = std::log2(data.scale / base);
  double up = std::ldexp(base, int(std::ceil(exponent - 1e-9)));
  double down = std::ldexp(base, int(std::floor(exponent + 1e-9)));
  if (choice.method == CalibrationMethod::MinMax || up == down)
    return up;
  return data.error(down) < data.error(up) ? down : up;
}

/// The base in [1, 2) of which powers of two serve all groups best.
static void relateScales(llvm::ArrayRef<GroupData *> tied,
                         const ScaleChoice &choice) {
  constexpr unsigned kBases = 16;
  // Sums of integers more than this far apart would be wide for nothing.
  constexpr int kWidestShift = 12;
  double best = INFINITY;
  std::vector<double> scales;
  for (unsigned i = 0; i < kBases; ++i) {
    // Sums on related grids meet rounding ties; with 8 bits of mantissa float32
    // computes them exactly and decides as the integers do.
    double base = std::nearbyint(std::exp2(double(i) / kBases) * 128) / 128;
    double error = 0, widest = 0;
    std::vector<double> candidate;
    for (const GroupData *data : tied)
      candidate.push_back(relatedScale(*data, base, choice));
    for (double scale : candidate)
      widest = std::max(widest, scale);
    for (auto [data, scale] : llvm::zip(tied, candidate)) {
      scale = std::max(scale, std::ldexp(widest, -kWidestShift));
      error += data->error(scale);
    }
    if (error < best) {
      best = error;
      scales = std::move(candidate);
    }
  }
  for (auto [data, scale] : llvm::zip(tied, scales))
    data->scale = scale;
}

namespace {
/// All weights of a site, by the channel of the product they belong to.
struct ChannelWeights {
  std::vector<std::vector<float>> channels;

  ChannelWeights(const Site &site, int64_t axis) {
    auto shape = cast<RankedTensorType>(site.value.getType()).getShape();
    channels.resize(axis < 0 ? 1 : size_t(shape[size_t(axis)]));
    auto data = constantData(site.value);
    Indices channel = channelIndices(shape, axis);
    // sampleSites has read the same data: it cannot fail.
    for (size_t i = 0; succeeded(data) && i < data->size(); ++i)
      channels[size_t(channel[i])].push_back((*data)[i]);
  }
};
} // namespace

static std::vector<float> channelScales(const Site &site, CodeRange range,
                                        const ScaleChoice &choice) {
  std::vector<float> scales;
  for (const auto &values : ChannelWeights(site, site.axis).channels) {
    auto [least, most] = std::minmax_element(values.begin(), values.end());
    scales.push_back(float(
        chooseScale(values, *least, *most, range, Response::Identity, choice)));
  }
  return scales;
}

std::vector<Quantiser>
ptq::chooseQuantisers(const Sites &sites, llvm::ArrayRef<ValueSample> samples,
                      llvm::ArrayRef<unsigned> bits, const ScaleChoice &choice,
                      WeightScales weights) {
  std::vector<GroupData> groups;
  for (auto [group, width] : llvm::zip(sites.groups, bits))
    groups.push_back(dataOf(sites, group, width, samples, choice));
  for (unsigned tie = 0; tie < sites.ties; ++tie) {
    llvm::SmallVector<GroupData *> tied;
    for (auto [group, data] : llvm::zip(sites.groups, groups))
      if (group.tie == tie)
        tied.push_back(&data);
    if (tied.size() > 1)
      relateScales(tied, choice);
  }
  std::vector<Quantiser> quantisers;
  for (const Site &site : sites.sites) {
    const GroupData &data = groups[site.group];
    Quantiser &quantiser = quantisers.emplace_back();
    quantiser.scale.assign(1, float(data.scale));
    quantiser.lo = data.range.lo;
    quantiser.hi = data.range.hi;
    if (weights == WeightScales::Tensor || site.axis < 0)
      continue;
    quantiser.scale = channelScales(site, data.range, choice);
    quantiser.axis = quantiser.scale.size() > 1 ? site.axis : -1;
  }
  return quantisers;
}

//===----------------------------------------------------------------------===//
// Errors
//===----------------------------------------------------------------------===//

double ptq::ownError(const Sites &sites, unsigned index,
                     const Quantiser &quantiser, const ValueSample &sample) {
  const Site &site = sites.sites[index];
  Response response = sites.groups[site.group].response;
  double power = signalPower(sample.values(), response), error = 0;
  CodeRange range{quantiser.lo, quantiser.hi};
  if (quantiser.axis < 0) {
    error =
        quantisationError(sample.values(), quantiser.scale[0], range, response);
  } else {
    auto channels = ChannelWeights(site, quantiser.axis).channels;
    for (auto [values, scale] : llvm::zip(channels, quantiser.scale))
      error += quantisationError(values, scale, range, response) /
               double(channels.size());
  }
  return power > 0 ? error / power : 0.0;
}
