// What the benches of the stream modules share: clock and reset, bit access to ports of any width, stall patterns,
// checks. The build defines DUT (the Verilated class) and DUT_HEADER.
#ifndef FINNGL_TEST_RTL_COMMON_STREAM_BENCH_H
#define FINNGL_TEST_RTL_COMMON_STREAM_BENCH_H

#include DUT_HEADER
#include "verilated.h"

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <type_traits>

namespace finngl::bench {

using Random = std::mt19937_64;

inline uint64_t checks = 0;
inline uint64_t cycle = 0;

/// Counts a check; a failed one ends the run with exit code 1.
inline void check(bool good, const char *what, uint64_t got = 0, uint64_t expected = 0) {
  ++checks;
  if (good)
    return;
  std::printf("FAIL cycle %llu: %s: got %llx, expected %llx\n", static_cast<unsigned long long>(cycle), what,
              static_cast<unsigned long long>(got), static_cast<unsigned long long>(expected));
  std::exit(1);
}

inline void equal(uint64_t got, uint64_t expected, const char *what) { check(got == expected, what, got, expected); }

inline int pass(const char *what, uint64_t items) {
  std::printf("PASS %s: %llu items, %llu checks, %llu cycles\n", what, static_cast<unsigned long long>(items),
              static_cast<unsigned long long>(checks), static_cast<unsigned long long>(cycle));
  return 0;
}

constexpr uint64_t mask(int width) { return width >= 64 ? ~uint64_t(0) : (uint64_t(1) << width) - 1; }

/// Bits [low, low + width) of a port; width <= 64.
template <class Port> uint64_t getBits(const Port &port, int low, int width) {
  if constexpr (std::is_integral_v<Port>) {
    return (static_cast<uint64_t>(port) >> low) & mask(width);
  } else {
    uint64_t value = 0;
    for (int i = 0; i < width; ++i)
      value |= uint64_t((port[(low + i) / 32] >> ((low + i) % 32)) & 1) << i;
    return value;
  }
}

template <class Port> void setBits(Port &port, int low, int width, uint64_t value) {
  if constexpr (std::is_integral_v<Port>) {
    const uint64_t field = mask(width) << low;
    port = static_cast<Port>((port & ~field) | ((value << low) & field));
  } else {
    for (int i = 0; i < width; ++i) {
      const uint32_t bit = uint32_t(1) << ((low + i) % 32);
      auto &word = port[(low + i) / 32];
      word = ((value >> i) & 1) ? (word | bit) : (word & ~bit);
    }
  }
}

/// Decides cycle by cycle whether a side is active: always, half of the time, or in long runs of go and stop.
class Stall {
public:
  enum Kind { Never, Half, Freeze, NumKinds };
  Stall(int kind, uint64_t seed) : kind(kind), random(seed) {}
  bool active() {
    if (kind == Never)
      return true;
    if (kind == Half)
      return random() & 1;
    if (left == 0) {
      going = !going;
      left = 1 + random() % (going ? 60 : 150);
    }
    --left;
    return going;
  }

private:
  int kind;
  Random random;
  bool going = false;
  uint64_t left = 0;
};

/// Set inputs, settle(), look at outputs, tick(). A template, so that modules without reset can include this file.
template <class Dut = DUT> class ClockedOf {
public:
  Dut dut;
  ClockedOf() {
    dut.clk_i = 0;
    dut.rst_ni = 1;
    dut.eval();
  }
  void settle() { dut.eval(); }
  void tick() {
    dut.eval();
    dut.clk_i = 1;
    dut.eval();
    dut.clk_i = 0;
    dut.eval();
    ++cycle;
  }
  void reset(int cycles = 3) {
    dut.rst_ni = 0;
    for (int i = 0; i < cycles; ++i)
      tick();
    dut.rst_ni = 1;
  }
};

using Clocked = ClockedOf<>;

/// Each `taps` beats in one, the first one in the low bits, without elements if one is; what is left over is dropped.
template <class Beats> Beats sideBySide(const Beats &beats, size_t taps) {
  Beats joined;
  for (size_t i = 0; i + taps <= beats.size(); i += taps) {
    auto beat = beats[i];
    for (size_t t = 1; t < taps; ++t) {
      const auto &more = beats[i + t].elements;
      if (more.empty() || beat.elements.empty())
        beat.elements.clear();
      else
        beat.elements.insert(beat.elements.end(), more.begin(), more.end());
    }
    joined.push_back(beat);
  }
  return joined;
}

} // namespace finngl::bench

#endif
