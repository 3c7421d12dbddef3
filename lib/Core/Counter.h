//===- Counter.h - Counters of nested loops ---------------------*- C++ -*-===//

#ifndef FINNGL_LIB_CORE_COUNTER_H
#define FINNGL_LIB_CORE_COUNTER_H

#include <cstdint>

namespace finngl {

/// Counts up within `extent`; true where it starts again.
inline bool wraps(int64_t &counter, int64_t extent, int64_t step = 1) {
  counter += step;
  if (counter < extent)
    return false;
  counter = 0;
  return true;
}

} // namespace finngl

#endif // FINNGL_LIB_CORE_COUNTER_H
