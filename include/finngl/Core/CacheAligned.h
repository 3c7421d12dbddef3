//===- CacheAligned.h - Vectors that start on a cache line ------*- C++ -*-===//

#ifndef FINNGL_CORE_CACHEALIGNED_H
#define FINNGL_CORE_CACHEALIGNED_H

#include <cstddef>
#include <new>
#include <vector>

namespace finngl {

/// Elements that a loop loads 32 bytes at a time: loads across a cache line
/// take twice as long.
template <typename T> struct CacheLineAllocator {
  using value_type = T;
  static constexpr std::align_val_t line{64}; // bytes

  CacheLineAllocator() = default;
  template <typename Other>
  CacheLineAllocator(const CacheLineAllocator<Other> &) {}

  T *allocate(size_t count) {
    return static_cast<T *>(::operator new(count * sizeof(T), line));
  }
  void deallocate(T *memory, size_t) { ::operator delete(memory, line); }
  bool operator==(const CacheLineAllocator &) const { return true; }
};

template <typename T>
using CacheAligned = std::vector<T, CacheLineAllocator<T>>;

} // namespace finngl

#endif // FINNGL_CORE_CACHEALIGNED_H
