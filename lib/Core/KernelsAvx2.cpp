//===- KernelsAvx2.cpp - Integer kernels for AVX2 -------------------------===//
//
// Compiled with -mavx2 on x86-64 (lib/Core/CMakeLists.txt); nothing but the
// kernels may be called before the CPU was asked.
//
//===----------------------------------------------------------------------===//

#define FINNGL_KERNELS_NAMESPACE avx2
#include "KernelsImpl.h"
#include "KernelsTargets.h"

using namespace finngl::kernels;

const KernelSet *finngl::kernels::avx2Kernels() {
#ifdef __AVX2__
  static const bool supported = __builtin_cpu_supports("avx2");
  if (!supported)
    return nullptr;
  static const KernelSet set = avx2::makeSet("avx2");
  return &set;
#else
  return nullptr;
#endif
}
