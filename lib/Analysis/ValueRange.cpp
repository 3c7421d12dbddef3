//===- ValueRange.cpp - Proved ranges of finn values ----------------------===//

#include "finngl/Analysis/ValueRange.h"
#include "finngl/Core/Requant.h"
#include "finngl/Support/IntElements.h"
#include <algorithm>

using namespace mlir;
using namespace finngl;

using Wide = __int128;

Interval finngl::hull(const Ranges &ranges) {
  Interval all = ranges.front();
  for (const Interval &range : ranges)
    all = {std::min(all.first, range.first),
           std::max(all.second, range.second)};
  return all;
}

static const Interval &at(const Ranges &ranges, size_t channel) {
  return ranges.size() == 1 ? ranges[0] : ranges[channel];
}

Ranges finngl::joinRanges(const Ranges &a, const Ranges &b) {
  Ranges joined(std::max(a.size(), b.size()));
  for (size_t c = 0; c < joined.size(); ++c)
    joined[c] = {std::min(at(a, c).first, at(b, c).first),
                 std::max(at(a, c).second, at(b, c).second)};
  return joined;
}

bool finngl::contains(const Ranges &outer, const Ranges &inner) {
  for (size_t c = 0; c < std::max(outer.size(), inner.size()); ++c)
    if (at(inner, c).first < at(outer, c).first ||
        at(inner, c).second > at(outer, c).second)
      return false;
  return true;
}

/// False if the bounds leave 63 bits, two's complement.
static bool narrow(Wide lo, Wide hi, Interval &range) {
  constexpr Wide limit = Wide(1) << 62;
  if (lo < -limit || hi >= limit)
    return false;
  range = {int64_t(lo), int64_t(hi)};
  return true;
}

std::optional<Ranges> finngl::matmulRange(std::span<const int64_t> weights,
                                          size_t rows, const Ranges &input) {
  size_t columns = weights.size() / rows;
  Ranges out(rows);
  for (size_t r = 0; r < rows; ++r) {
    Wide lo = 0, hi = 0;
    const int64_t *row = weights.data() + r * columns;
    for (size_t c = 0; c < columns; ++c) {
      const Interval &in = at(input, c);
      Wide first = Wide(row[c]) * in.first, second = Wide(row[c]) * in.second;
      lo += std::min(first, second);
      hi += std::max(first, second);
    }
    if (!narrow(lo, hi, out[r]))
      return std::nullopt;
  }
  return out;
}

std::optional<Ranges>
finngl::lincombRange(std::span<const int64_t> coefficients,
                     std::span<const int64_t> offset,
                     std::span<const Ranges *const> inputs) {
  size_t entries = coefficients.size() / inputs.size(); // of a term
  size_t channels = std::max(offset.size(), entries);
  for (const Ranges *input : inputs)
    channels = std::max(channels, input->size());
  Ranges out(channels);
  for (size_t c = 0; c < channels; ++c) {
    Wide lo = offset.size() == 1 ? offset[0] : offset[c], hi = lo;
    for (size_t i = 0; i < inputs.size(); ++i) {
      const Interval &in = at(*inputs[i], c);
      int64_t coefficient = coefficients[i * entries + (entries == 1 ? 0 : c)];
      Wide first = Wide(coefficient) * in.first;
      Wide second = Wide(coefficient) * in.second;
      lo += std::min(first, second);
      hi += std::max(first, second);
    }
    if (!narrow(lo, hi, out[c]))
      return std::nullopt;
  }
  return out;
}

std::optional<Ranges> finngl::mulRange(const Ranges &lhs, const Ranges &rhs) {
  Ranges out(std::max(lhs.size(), rhs.size()));
  for (size_t c = 0; c < out.size(); ++c) {
    const Interval &a = at(lhs, c), &b = at(rhs, c);
    auto [lo, hi] =
        std::minmax({Wide(a.first) * b.first, Wide(a.first) * b.second,
                     Wide(a.second) * b.first, Wide(a.second) * b.second});
    if (!narrow(lo, hi, out[c]))
      return std::nullopt;
  }
  return out;
}

//===----------------------------------------------------------------------===//
// One op
//===----------------------------------------------------------------------===//

/// Channels of a result whose constants have `entries` entries.
static size_t channelsOf(const Ranges &input, size_t entries) {
  return std::max(input.size(), entries);
}

static std::optional<Ranges> rangeOfOp(finn::ConstantOp op, const RangeMap &) {
  std::vector<int64_t> values = intElements(op.getValue());
  auto [lo, hi] = std::minmax_element(values.begin(), values.end());
  if (cast<RankedTensorType>(op.getType()).getRank() != 1)
    return Ranges{{*lo, *hi}};
  Ranges ranges;
  for (int64_t value : values)
    ranges.push_back({value, value});
  return *lo == *hi ? Ranges{{*lo, *hi}} : ranges;
}

static std::optional<Ranges> rangeOfOp(finn::MatMulOp op, const RangeMap &map) {
  return matmulRange(intElements(op.getWeights()),
                     op.getWeights().getShapedType().getDimSize(0),
                     map.at(op.getInput()));
}

static std::optional<Ranges> rangeOfOp(finn::LincombOp op,
                                       const RangeMap &map) {
  std::vector<const Ranges *> inputs;
  for (Value input : op.getInputs())
    inputs.push_back(&map.find(input)->second);
  return lincombRange(op.getCoefficients(), op.getOffset(), inputs);
}

static std::optional<Ranges> rangeOfOp(finn::MulOp op, const RangeMap &map) {
  return mulRange(map.at(op.getLhs()), map.at(op.getRhs()));
}

static std::optional<Ranges> rangeOfOp(finn::RequantOp op,
                                       const RangeMap &map) {
  const Ranges &input = map.at(op.getInput());
  Requant requant = finn::toRequant(op);
  size_t entries = std::max(requant.c.size(), requant.w.size());
  if (requant.split)
    entries = std::max(entries, requant.split->at.size());
  Ranges out(channelsOf(input, entries));
  for (size_t c = 0; c < out.size(); ++c) {
    // Monotone between its ends, as every solved requant is.
    int64_t first = requant.apply(at(input, c).first, c);
    int64_t second = requant.apply(at(input, c).second, c);
    out[c] = std::minmax(first, second);
  }
  return out;
}

static std::optional<Ranges> rangeOfOp(finn::TableOp op, const RangeMap &map) {
  const Ranges &input = map.at(op.getInput());
  ArrayRef<int64_t> values = op.getValues();
  int64_t first = op.getFirst();
  Ranges out(input.size());
  for (size_t c = 0; c < input.size(); ++c) {
    auto [lo, hi] = input[c];
    if (lo < first || hi - first >= int64_t(values.size()))
      return std::nullopt;
    auto part = values.slice(lo - first, hi - lo + 1);
    auto [least, most] = std::minmax_element(part.begin(), part.end());
    out[c] = {*least, *most};
  }
  return out;
}

static std::optional<Ranges> rangeOfOp(finn::MultiThresholdOp op,
                                       const RangeMap &map) {
  const Ranges &input = map.at(op.getInput());
  std::vector<int64_t> thresholds = intElements(op.getThresholds());
  size_t rows = op.getThresholds().getShapedType().getDimSize(0);
  size_t count = thresholds.size() / rows;
  Ranges out(channelsOf(input, rows));
  for (size_t c = 0; c < out.size(); ++c) {
    auto begin = thresholds.begin() + (rows == 1 ? 0 : c * count);
    auto reached = [&](int64_t value) {
      return int64_t(op.getBias()) +
             (std::upper_bound(begin, begin + count, value) - begin);
    };
    out[c] = {reached(at(input, c).first), reached(at(input, c).second)};
  }
  return out;
}

/// Rows are cut anew: channels are the old ones only where the old rows are
/// parts of the new ones.
static std::optional<Ranges> rangeOfOp(finn::ReshapeOp op,
                                       const RangeMap &map) {
  const Ranges &input = map.at(op.getInput());
  int64_t before =
      cast<RankedTensorType>(op.getInput().getType()).getDimSize(1);
  int64_t after = cast<RankedTensorType>(op.getType()).getDimSize(1);
  if (input.size() == 1 || after % before != 0)
    return Ranges{hull(input)};
  Ranges out;
  for (int64_t c = 0; c < after; ++c)
    out.push_back(input[c % before]);
  return out;
}

static std::optional<Ranges> rangeOfOp(finn::Im2ColOp op, const RangeMap &map) {
  const Ranges &input = map.at(op.getInput());
  std::vector<int64_t> rows = op.sourceRows();
  size_t channels =
      cast<RankedTensorType>(op.getInput().getType()).getDimSize(1);
  size_t taps = cast<RankedTensorType>(op.getType()).getDimSize(1) / channels;
  std::vector<bool> padded(taps, false);
  for (size_t i = 0; i < rows.size(); ++i)
    if (rows[i] < 0)
      padded[i % taps] = true;
  ArrayRef<int64_t> pad = op.getPadValue();
  Ranges out;
  for (size_t tap = 0; tap < taps; ++tap)
    for (size_t c = 0; c < channels; ++c) {
      Interval range = at(input, c);
      if (padded[tap]) {
        int64_t value = pad.size() == 1 ? pad[0] : pad[c];
        range = {std::min(range.first, value), std::max(range.second, value)};
      }
      out.push_back(range);
    }
  return out;
}

static std::optional<Ranges> rangeOfOp(finn::MaxPoolOp op,
                                       const RangeMap &map) {
  const Ranges &input = map.at(op.getInput());
  if (input.size() == 1)
    return input;
  size_t channels = cast<RankedTensorType>(op.getType()).getDimSize(1);
  Ranges out(input.begin(), input.begin() + channels);
  for (size_t i = channels; i < input.size(); ++i) {
    Interval &range = out[i % channels];
    range = {std::max(range.first, input[i].first),
             std::max(range.second, input[i].second)};
  }
  return out;
}

static std::optional<Ranges> rangeOfOp(finn::ArgMaxOp op, const RangeMap &) {
  auto type = cast<RankedTensorType>(op.getInput().getType());
  return Ranges{{0, type.getShape().back() - 1}};
}

/// If every element is at least its least value, the k largest are at least the
/// k-th largest of these.
static std::optional<Ranges> rangeOfOp(finn::TopKOp op, const RangeMap &map) {
  const Ranges &input = map.at(op.getInput());
  int64_t ranks = cast<RankedTensorType>(op.getType()).getShape().back();
  std::vector<int64_t> least;
  int64_t most = input[0].second;
  for (auto [lo, hi] : input) {
    least.push_back(lo);
    most = std::max(most, hi);
  }
  std::sort(least.begin(), least.end(), std::greater<>());
  return Ranges{{least[input.size() == 1 ? 0 : size_t(ranks) - 1], most}};
}

/// rangeOfOp of the first of Ops that `op` is.
template <typename... Ops>
static std::optional<Ranges> rangeOfAny(Operation *op, const RangeMap &map) {
  std::optional<Ranges> result;
  auto tryOne = [&](auto typed) {
    if (typed)
      result = rangeOfOp(typed, map);
    return bool(typed);
  };
  (tryOne(dyn_cast<Ops>(op)) || ...);
  return result;
}

std::optional<Ranges> finngl::inferRange(Operation *op, const RangeMap &map) {
  return rangeOfAny<finn::ConstantOp, finn::MatMulOp, finn::LincombOp,
                    finn::MulOp, finn::RequantOp, finn::TableOp,
                    finn::MultiThresholdOp, finn::ReshapeOp, finn::Im2ColOp,
                    finn::MaxPoolOp, finn::ArgMaxOp, finn::TopKOp>(op, map);
}

bool finngl::inferBlock(Block &block, RangeMap &map) {
  for (Operation &op : block.without_terminator()) {
    std::optional<Ranges> ranges = inferRange(&op, map);
    if (!ranges)
      return false;
    map[op.getResult(0)] = std::move(*ranges);
  }
  return true;
}
