//===- Resources.h - Device resources ---------------------------*- C++ -*-===//

#ifndef FINNGL_CORE_RESOURCES_H
#define FINNGL_CORE_RESOURCES_H

#include <cstdint>

namespace finngl {

/// Counts of UltraScale+ primitives: look-up tables (LUT as logic, LUTRAM and
/// SRL alike), flip-flops, DSP48E2, 18 kbit block RAMs, UltraRAMs.
struct Resources {
  int64_t lut = 0, ff = 0, dsp = 0, bram18 = 0, uram = 0;

  Resources &operator+=(const Resources &other) {
    lut += other.lut;
    ff += other.ff;
    dsp += other.dsp;
    bram18 += other.bram18;
    uram += other.uram;
    return *this;
  }
  friend Resources operator+(Resources a, const Resources &b) { return a += b; }
  friend Resources operator*(int64_t n, Resources r) {
    return {n * r.lut, n * r.ff, n * r.dsp, n * r.bram18, n * r.uram};
  }
  bool fits(const Resources &budget) const {
    return lut <= budget.lut && ff <= budget.ff && dsp <= budget.dsp &&
           bram18 <= budget.bram18 && uram <= budget.uram;
  }
};

} // namespace finngl

#endif // FINNGL_CORE_RESOURCES_H
