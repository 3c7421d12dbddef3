// Helpers shared by the Verilator benches: clock, fields of ports, memory
// images, random numbers, the verdict. A bench gets the model's class as DUT,
// its header as DUT_HEADER and each parameter as P_<name>.
#pragma once
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <random>
#include <string>
#include <type_traits>
#include <vector>
#include <verilated.h>
#include DUT_HEADER

namespace bench {

inline std::mt19937_64 &engine() {
  static std::mt19937_64 e(20240611);
  return e;
}
/// Uniform integer of [lo, hi].
inline int64_t uniform(int64_t lo, int64_t hi) { return std::uniform_int_distribution<int64_t>(lo, hi)(engine()); }
inline bool chance(int percent) { return uniform(0, 99) < percent; }

inline int64_t minOf(int width, bool isSigned) { return isSigned ? -(int64_t(1) << (width - 1)) : 0; }
inline int64_t maxOf(int width, bool isSigned) { return (int64_t(1) << (width - isSigned)) - 1; }
/// Uniform value of the width, an extreme one now and then.
inline int64_t value(int width, bool isSigned) {
  int64_t lo = minOf(width, isSigned), hi = maxOf(width, isSigned);
  int64_t die = uniform(0, 15);
  return die == 0 ? lo : die == 1 ? hi : uniform(lo, hi);
}
inline uint64_t mask(int width) { return width >= 64 ? ~uint64_t(0) : (uint64_t(1) << width) - 1; }
inline int64_t signExtend(uint64_t bits, int width) { return int64_t(bits << (64 - width)) >> (64 - width); }

/// A bit vector of any width: one word of a memory image.
struct Bits {
  std::vector<bool> bit;
  explicit Bits(int width) : bit(width) {}
  void set(int lsb, int width, uint64_t v) {
    for (int i = 0; i < width; ++i)
      bit[lsb + i] = v >> i & 1;
  }
  std::string hex() const {
    std::string s;
    for (int lsb = (int(bit.size()) + 3) / 4 * 4 - 4; lsb >= 0; lsb -= 4) {
      int digit = 0;
      for (int i = 0; i < 4 && lsb + i < int(bit.size()); ++i)
        digit |= int(bit[lsb + i]) << i;
      s += "0123456789abcdef"[digit];
    }
    return s;
  }
};

inline void writeImage(const std::string &file, const std::vector<Bits> &words) {
  std::ofstream out(file);
  for (const Bits &w : words)
    out << w.hex() << '\n';
}
inline void writeImage(const std::string &file, const std::vector<int64_t> &words, int width) {
  std::vector<Bits> image(words.size(), Bits(width));
  for (size_t i = 0; i < words.size(); ++i)
    image[i].set(0, width, uint64_t(words[i]));
  writeImage(file, image);
}

/// Bits [lsb, lsb + width) of a port of any width; width <= 64.
template <class Port> void setField(Port &port, int lsb, int width, int64_t v) {
  if constexpr (std::is_integral_v<Port>) {
    uint64_t m = mask(width) << lsb;
    port = Port((uint64_t(port) & ~m) | ((uint64_t(v) << lsb) & m));
  } else {
    for (int i = 0; i < width; ++i) {
      uint32_t m = uint32_t(1) << ((lsb + i) % 32);
      uint32_t &word = port[(lsb + i) / 32];
      word = v >> i & 1 ? word | m : word & ~m;
    }
  }
}
template <class Port> int64_t getField(const Port &port, int lsb, int width, bool isSigned) {
  uint64_t v = 0;
  if constexpr (std::is_integral_v<Port>) {
    v = uint64_t(port) >> lsb & mask(width);
  } else {
    for (int i = 0; i < width; ++i)
      v |= uint64_t(port[(lsb + i) / 32] >> ((lsb + i) % 32) & 1) << i;
  }
  return isSigned ? signExtend(v, width) : int64_t(v);
}
template <class Port> void setPort(Port &port, int width, int64_t v) { setField(port, 0, width, v); }

/// Field of a Verilog constant that the bench got as hex text.
inline uint64_t hexField(const std::string &text, int lsb, int width) {
  uint64_t v = 0;
  for (int i = 0; i < width; ++i) {
    int digit = (lsb + i) / 4;
    if (digit >= int(text.size()))
      break;
    char c = text[text.size() - 1 - digit];
    int d = c <= '9' ? c - '0' : (c | 32) - 'a' + 10;
    v |= uint64_t(d >> ((lsb + i) % 4) & 1) << i;
  }
  return v;
}

inline int64_t checks = 0, errors = 0;
inline void expect(int64_t got, int64_t want, const char *what, int64_t where) {
  ++checks;
  if (got == want)
    return;
  if (++errors <= 10)
    std::printf("%s at %lld: got %lld, want %lld\n", what, (long long)where, (long long)got, (long long)want);
}
/// Prints the verdict; the exit code of the bench.
inline int finish(const char *name) {
  std::printf("%s %s: %lld checks, %lld errors\n", errors || !checks ? "FAIL" : "PASS", name, (long long)checks,
              (long long)errors);
  return errors || !checks;
}

/// The model with its clock. Drive inputs, settle(), look at outputs, tick().
template <class Dut> struct BasicBench {
  Dut dut;
  int64_t cycle = 0;
  void settle() { dut.eval(); }
  void tick() {
    dut.clk_i = 1;
    dut.eval();
    dut.clk_i = 0;
    dut.eval();
    ++cycle;
  }
  void reset() {
    dut.rst_ni = 0;
    for (int i = 0; i < 3; ++i)
      tick();
    dut.rst_ni = 1;
  }
};

using Bench = BasicBench<DUT>;

/// Streams `beats` beats through a core with valid_i and valid_o: drive(k) puts
/// beat k on the inputs, check(k) looks at its result exactly `latency` cycles
/// later. Idle cycles carry data as well, which the core must ignore.
template <class B, class Drive, class Check>
void stream(B &b, int latency, int beats, int idlePercent, Drive drive, Check check) {
  std::map<int64_t, int> due;
  for (int sent = 0; sent < beats || !due.empty();) {
    bool valid = sent < beats && !chance(idlePercent);
    drive(valid ? sent : int(uniform(0, beats - 1)));
    b.dut.valid_i = valid;
    if (valid)
      due[b.cycle + latency] = sent++;
    b.settle();
    auto it = due.find(b.cycle);
    expect(b.dut.valid_o, it != due.end(), "valid_o", b.cycle);
    if (it != due.end()) {
      check(it->second);
      due.erase(it);
    }
    b.tick();
  }
  b.dut.valid_i = 0;
}
/// stream() back to back and with idle cycles, with a reset in the middle of a
/// step between them.
template <class B, class Drive, class Check> void streams(B &b, int latency, int beats, Drive drive, Check check) {
  b.dut.valid_i = 0;
  b.reset();
  stream(b, latency, beats, 0, drive, check);
  b.reset();
  stream(b, latency, beats, 50, drive, check);
  b.reset();
  stream(b, latency, beats, 10, drive, check);
}

} // namespace bench
