//===- Scales.cpp - The quantiser of every site ---------------------------===//

#include "finngl/PostTraining/Scales.h"
#include "finngl/Support/Indexing.h"
#include <algorithm>
#include <cmath>
#include <set>

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

//===----------------------------------------------------------------------===//
// Products that are added
//===----------------------------------------------------------------------===//

namespace {
/// Weights of one product in a sum, or of one channel of it.
struct Addend {
  std::vector<float> weights;
  float least, most;
  CodeRange range;
  double operandScale; ///< of 8 bits' mantissa
  double power;        ///< mean square of the operand's values
};
} // namespace

/// The mantissa of 8 bits as an integer from 128 to 255, and its exponent.
static std::pair<int, int> mantissaOf(double scale) {
  int exponent;
  int mantissa = int(std::frexp(scale, &exponent) * 256);
  return {mantissa, exponent - 8};
}

/// The scale with a mantissa of 8 bits, so that products of three of them are
/// exact in float32; `up` where nothing may be clamped.
static double shortScale(double scale, bool up) {
  int exponent;
  double mantissa = std::frexp(scale, &exponent) * 256;
  mantissa = up ? std::ceil(mantissa) : std::nearbyint(mantissa);
  return std::ldexp(mantissa, exponent - 8);
}

/// Scales of weights such that weight times operand has one scale for all: of a
/// geometric row the one that adds least noise to the sum; for methods other
/// than Mse the least that clamps no more than each product's own.
static std::vector<double> scalesOfSum(llvm::ArrayRef<Addend> addends,
                                       const std::set<double> &operandScales,
                                       const ScaleChoice &choice) {
  constexpr int kPerOctave = 16, kOctaves = 6;
  bool mse = choice.method == CalibrationMethod::Mse;
  ScaleChoice own = choice;
  if (mse)
    own.method = CalibrationMethod::MinMax; // where the row begins
  double enough = 0;
  std::vector<double> unit; // of the weights, where the sum's scale is one
  for (const Addend &addend : addends) {
    enough = std::max(enough,
                      addend.operandScale *
                          chooseScale(addend.weights, addend.least, addend.most,
                                      addend.range, Response::Identity, own));
    double others = 1;
    for (double other : operandScales)
      if (other != addend.operandScale)
        others *= mantissaOf(other).first;
    unit.push_back(std::ldexp(others, -mantissaOf(addend.operandScale).second));
  }
  double step = unit[0] * addends[0].operandScale; // common to all
  auto scalesAt = [&](int index) {
    int octave = int(std::floor(double(index) / kPerOctave));
    double base = std::nearbyint(
        std::exp2(double(index - octave * kPerOctave) / kPerOctave) * 128);
    std::vector<double> scales;
    for (double one : unit)
      scales.push_back(std::ldexp(one * base, octave));
    return scales;
  };
  int top = int(std::ceil(std::log2(enough / (128 * step)) * kPerOctave));
  // Rounded to 8 bits, the base may be a little below.
  while (scalesAt(top)[0] * addends[0].operandScale < enough)
    ++top;
  std::vector<double> best = scalesAt(top);
  double leastNoise = INFINITY;
  for (int i = 0; mse && i < kPerOctave * kOctaves; ++i) {
    std::vector<double> scales = scalesAt(top - i);
    double noise = 0;
    for (auto [addend, scale] : llvm::zip(addends, scales))
      noise += addend.power * double(addend.weights.size()) *
               quantisationError(addend.weights, scale, addend.range,
                                 Response::Identity);
    if (noise < leastNoise) {
      leastNoise = noise;
      best = std::move(scales);
    }
  }
  return best;
}

/// One sum's weights, or one channel's if `channel` is not negative.
static std::vector<Addend> addendsOf(const Sites &sites,
                                     llvm::ArrayRef<Product> sum,
                                     llvm::ArrayRef<GroupData> groups,
                                     int64_t channel) {
  std::vector<Addend> addends;
  for (auto [weight, operand] : sum) {
    const Site &site = sites.sites[weight];
    const GroupData &data = groups[site.group],
                    &factor = groups[sites.sites[operand].group];
    double squares = 0;
    for (float value : factor.values)
      squares += double(value) * value;
    Addend &added = addends.emplace_back(
        Addend{data.values, data.least, data.most, data.range, factor.scale,
               squares / double(std::max<size_t>(1, factor.values.size()))});
    if (channel < 0)
      continue;
    added.weights =
        std::move(ChannelWeights(site, site.axis).channels[size_t(channel)]);
    auto [least, most] =
        std::minmax_element(added.weights.begin(), added.weights.end());
    added.least = *least;
    added.most = *most;
  }
  return addends;
}

/// Channels whose weights may have scales of their own, 0 for none.
static int64_t channelsOf(const Sites &sites, llvm::ArrayRef<Product> sum,
                          WeightScales weights) {
  std::optional<int64_t> common;
  for (auto [weight, operand] : sum) {
    const Site &site = sites.sites[weight];
    auto shape = cast<RankedTensorType>(site.value.getType()).getShape();
    int64_t channels = site.axis < 0 ? 0 : shape[size_t(site.axis)];
    if (common.value_or(channels) != channels)
      return 0;
    common = channels;
  }
  return weights == WeightScales::Channel ? common.value_or(0) : 0;
}

/// Gives the weights of products that are added scales for which the products
/// have one scale: then one accumulator sums them.
static void relateProducts(const Sites &sites, llvm::ArrayRef<Product> sum,
                           llvm::ArrayRef<GroupData> groups,
                           const ScaleChoice &choice, WeightScales weights,
                           std::vector<Quantiser> &quantisers) {
  std::set<double> operandScales;
  for (auto [weight, operand] : sum)
    operandScales.insert(groups[sites.sites[operand].group].scale);
  // A fourth mantissa would not fit the 24 bits of float32.
  if (operandScales.size() > 3)
    return;
  int64_t channels = channelsOf(sites, sum, weights);
  std::vector<std::vector<float>> scales(sum.size());
  auto choose = [&](int64_t channel) {
    std::vector<double> chosen = scalesOfSum(
        addendsOf(sites, sum, groups, channel), operandScales, choice);
    for (auto [all, scale] : llvm::zip(scales, chosen))
      all.push_back(float(scale));
  };
  if (!channels)
    choose(-1);
  for (int64_t c = 0; c < channels; ++c)
    choose(c);
  for (auto [product, all] : llvm::zip(sum, scales)) {
    Quantiser &quantiser = quantisers[product.weight];
    quantiser.axis = all.size() > 1 ? sites.sites[product.weight].axis : -1;
    quantiser.scale = std::move(all);
  }
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
  for (const auto &sum : sites.productSums)
    for (auto [weight, operand] : sum) {
      double &scale = groups[sites.sites[operand].group].scale;
      scale = shortScale(scale, choice.method == CalibrationMethod::MinMax);
    }
  std::vector<Quantiser> quantisers;
  for (const Site &site : sites.sites) {
    const GroupData &data = groups[site.group];
    Quantiser &quantiser = quantisers.emplace_back();
    quantiser.scale = {float(data.scale)};
    quantiser.lo = data.range.lo;
    quantiser.hi = data.range.hi;
    if (weights == WeightScales::Tensor || site.axis < 0)
      continue;
    quantiser.scale = channelScales(site, data.range, choice);
    quantiser.axis = quantiser.scale.size() > 1 ? site.axis : -1;
  }
  for (const auto &sum : sites.productSums)
    relateProducts(sites, sum, groups, choice, weights, quantisers);
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
