//===- RequantLine.cpp - Requantisers in floats ---------------------------===//
//
// Compiled without contraction: the proof rounds as the kernels do.
//
//===----------------------------------------------------------------------===//

#include "Int128.h"
#include "finngl/Core/Kernels.h"
#include <algorithm>
#include <cmath>
#include <limits>

using namespace finngl;
using namespace finngl::kernels;

namespace {

/// A level and the least input that reaches it, at most one beyond the range.
struct Edge {
  int64_t level, first;
};

/// Inputs of a requantiser.
struct InputRange {
  int64_t lo, hi;
};

} // namespace

/// Where the levels of a channel begin, from the second one on.
static std::vector<Edge> edgesOf(const RequantConstants &q, int64_t c,
                                 InputRange range) {
  std::vector<Edge> edges;
  for (int64_t level = q.lo + 1; level <= q.hi; ++level) {
    Int128 first = ceilDiv((Int128(level) << q.k) - c, q.p);
    edges.push_back(
        {level, int64_t(std::clamp<Int128>(first, range.lo, range.hi + 1))});
  }
  return edges;
}

static bool separates(const std::vector<Edge> &edges, InputRange range,
                      float slope, float offset) {
  auto reaches = [=](int64_t in, int64_t level) {
    return std::nearbyint(float(in) * slope + offset) >= float(level);
  };
  return std::ranges::all_of(edges, [&](const Edge &edge) {
    return (edge.first > range.hi || reaches(edge.first, edge.level)) &&
           (edge.first == range.lo || !reaches(edge.first - 1, edge.level));
  });
}

/// The offset in the middle of those that separate the levels; nothing where
/// rounding leaves none.
static std::optional<float> offsetFor(const std::vector<Edge> &edges,
                                      InputRange range, float slope) {
  constexpr double none = std::numeric_limits<double>::infinity();
  double low = -none, high = none;
  for (const Edge &edge : edges) {
    double middle = double(edge.level) - 0.5;
    if (edge.first <= range.hi)
      low = std::max(low, middle - double(float(edge.first) * slope));
    if (edge.first > range.lo)
      high = std::min(high, middle - double(float(edge.first - 1) * slope));
  }
  if (low == -none) // no input reaches a level
    low = high == none ? high = 0 : high - 2;
  if (high == none) // all reach the last one
    high = low + 2;
  float offset = float((low + high) / 2);
  return separates(edges, range, slope, offset) ? std::optional(offset)
                                                : std::nullopt;
}

static std::optional<FloatLine> lineOf(const RequantConstants &q,
                                       InputRange range, float slope) {
  FloatLine line{slope, {}};
  for (size_t ch = 0; ch < q.channels; ++ch) {
    if (ch > 0 && q.c[ch] == q.c[ch - 1]) {
      line.offset.push_back(line.offset.back());
      continue;
    }
    auto offset = offsetFor(edgesOf(q, q.c[ch], range), range, slope);
    if (!offset || std::fabs(*offset) > float(1 << 29))
      return std::nullopt;
    line.offset.push_back(*offset);
  }
  return line;
}

std::optional<FloatLine> kernels::makeLine(const RequantConstants &q,
                                           int64_t lo, int64_t hi) {
  constexpr int64_t exactInFloats = int64_t(1) << 24, mostLevels = 1 << 10;
  if (q.ties || q.hasSplit || q.p <= 0 || lo < -exactInFloats ||
      hi > exactInFloats || q.hi - q.lo > mostLevels)
    return std::nullopt;
  float slope = float(std::ldexp(double(q.p), -int(q.k)));
  if (slope * float(std::max(-lo, hi)) > float(1 << 29)) // kernels use int32
    return std::nullopt;
  for (float candidate :
       {slope, std::nextafter(slope, 0.0f), std::nextafter(slope, 2 * slope)})
    if (auto line = lineOf(q, {lo, hi}, candidate))
      return line;
  return std::nullopt;
}
