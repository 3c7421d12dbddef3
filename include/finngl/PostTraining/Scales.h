//===- Scales.h - The quantiser of every site -------------------*- C++ -*-===//

#ifndef FINNGL_POSTTRAINING_SCALES_H
#define FINNGL_POSTTRAINING_SCALES_H

#include "finngl/Core/Result.h"
#include "finngl/PostTraining/Sites.h"
#include <map>

namespace finngl::ptq {

/// Bits of each quantiser. `named`: by the names of sites.
struct BitWidths {
  static constexpr unsigned kLeast = 2, kMost = 16;
  unsigned weights = 8, activations = 8, inputs = 8;
  std::map<std::string, unsigned> named;
};

/// Bits of every group. Fails where a name is unknown, or where two names of
/// one group differ.
Result<std::vector<unsigned>> bitsOfGroups(const Sites &sites,
                                           const BitWidths &widths);

/// One scale for the weights of a matrix product, or one for each channel of
/// its result.
enum class WeightScales { Tensor, Channel };

/// A quantiser for every site (zero point 0, half to even; weights narrow):
/// scales by `choice`, of tied groups with ratios that are powers of two, of
/// products that are added with one scale of weight times operand.
/// `samples`: of each site's values.
std::vector<Quantiser> chooseQuantisers(const Sites &sites,
                                        llvm::ArrayRef<ValueSample> samples,
                                        llvm::ArrayRef<unsigned> bits,
                                        const ScaleChoice &choice,
                                        WeightScales weights);

/// Error power over signal power of one quantiser on the float network's
/// values; behind sigmoid or tanh, where nothing else reads it.
double ownError(const Sites &sites, unsigned site, const Quantiser &quantiser,
                const ValueSample &sample);

} // namespace finngl::ptq

#endif // FINNGL_POSTTRAINING_SCALES_H
