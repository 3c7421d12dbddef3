//===- RtlInstance.h - One instance of a hand-written module ----*- C++ -*-===//

#ifndef FINNGL_CORE_RTLINSTANCE_H
#define FINNGL_CORE_RTLINSTANCE_H

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace finngl {

/// Parameters of an instance in print order, and the memory images that they
/// name. The printer chooses file names, so that equal images share one file.
struct RtlInstance {
  struct Image {
    std::string parameter;
    unsigned width;                           ///< bits of a word
    std::vector<std::vector<uint64_t>> words; ///< little-endian 64-bit limbs
  };
  std::vector<std::pair<std::string, std::string>> parameters;
  std::vector<Image> images;

  /// A decimal number, sized and signed where 32 bits do not hold it.
  void set(std::string name, int64_t value);
  /// The same of a parameter of 64 bits, always sized.
  void setWide(std::string name, int64_t value);
  void setText(std::string name, std::string value) {
    parameters.emplace_back(std::move(name), std::move(value));
  }
};

/// Appends `width` bits of `value` (two's complement) at bit `at` of a word.
void putBits(std::vector<uint64_t> &word, unsigned at, unsigned width,
             int64_t value);

} // namespace finngl

#endif // FINNGL_CORE_RTLINSTANCE_H
