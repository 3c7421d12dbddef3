//===- FloatThresholds.cpp - A quantiser as thresholds of floats ----------===//

#include "finngl/Core/FloatThresholds.h"
#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

using namespace finngl;
using kernels::EncodeConstants;

/// Finite floats in their order: rank 0 is zero, rank 1 the least positive one.
static float floatAt(int32_t rank) {
  float magnitude = std::bit_cast<float>(std::abs(rank));
  return rank < 0 ? -magnitude : magnitude;
}

/// Rank of the least float above `rank` whose code is at least `code`; one such
/// must exist.
static int32_t leastOf(const Quantiser &quantiser, int64_t code, int32_t rank,
                       int32_t last) {
  int64_t below = rank, reached = last;
  while (reached - below > 1) {
    int64_t middle = below + (reached - below) / 2;
    if (quantiser.codeOfFloat(floatAt(int32_t(middle))) >= code)
      reached = middle;
    else
      below = middle;
  }
  return int32_t(reached);
}

/// The tightest lines of the quantiser's slope: at a threshold the upper one
/// has passed its level, at the float before it the lower one has not. Sums and
/// products of doubles are monotonic, so what holds there holds everywhere. The
/// margin is far more than what they round at a threshold.
static void enclose(EncodeConstants &encode, double scale) {
  constexpr float lowest = std::numeric_limits<float>::lowest();
  double end = double(encode.thresholds.size() + 1), largest = end;
  encode.slope = 1 / scale;
  encode.low = end;
  encode.high = -end;
  for (size_t j = 0; j < encode.thresholds.size(); ++j) {
    float least = encode.thresholds[j];
    double at = encode.slope * double(least);
    double before = encode.slope * double(std::nextafter(least, lowest));
    double level = double(j + 1);
    largest = std::max(largest, std::fabs(at) + level);
    encode.high = j ? std::max(encode.high, level - at) : level - at;
    encode.low = j ? std::min(encode.low, level - before) : level - before;
  }
  encode.high += largest * 0x1p-40;
  encode.low -= largest * 0x1p-40;
}

std::optional<EncodeConstants>
finngl::floatThresholds(const Quantiser &quantiser) {
  constexpr int64_t mostCodes = 1 << 12, farthest = 1 << 30;
  if (quantiser.bipolar || quantiser.scale.size() != 1 ||
      quantiser.zeroPoint.size() != 1 || !(quantiser.scale[0] > 0) ||
      quantiser.lo < -farthest || quantiser.hi > farthest ||
      quantiser.hi - quantiser.lo >= mostCodes)
    return std::nullopt;
  const float largest = std::numeric_limits<float>::max();
  const auto last = std::bit_cast<int32_t>(largest);
  int64_t lo = quantiser.codeOfFloat(-largest);
  int64_t hi = quantiser.codeOfFloat(largest);
  EncodeConstants encode;
  encode.first = int32_t(lo);
  int32_t rank = 1 - last; // the lowest float has code lo
  for (int64_t code = lo + 1; code <= hi; ++code) {
    // Two codes may have the same least float.
    rank = leastOf(quantiser, code, rank - 1, last);
    encode.thresholds.push_back(floatAt(rank));
  }
  enclose(encode, double(quantiser.scale[0]));
  return encode;
}
