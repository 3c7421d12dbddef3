//===- RtlInstance.cpp - One instance of a hand-written module ------------===//

#include "finngl/Core/RtlInstance.h"
#include <algorithm>

namespace finngl {

void RtlInstance::set(std::string name, int64_t value) {
  if (value != int32_t(value))
    setWide(std::move(name), value);
  else
    setText(std::move(name), std::to_string(value));
}

void RtlInstance::setWide(std::string name, int64_t value) {
  std::string text = std::to_string(value);
  setText(std::move(name),
          value < 0 ? "-64'sd" + text.substr(1) : "64'sd" + text);
}

void putBits(std::vector<uint64_t> &word, unsigned at, unsigned width,
             int64_t value) {
  if (word.size() * 64 < at + width)
    word.resize((at + width + 63) / 64, 0);
  for (unsigned bit = 0; bit < width; ++bit) {
    // Bits above 63 of a two's complement value repeat its sign.
    bool set = (value >> std::min(bit, 63u)) & 1;
    if (set)
      word[(at + bit) / 64] |= uint64_t(1) << ((at + bit) % 64);
  }
}

} // namespace finngl
