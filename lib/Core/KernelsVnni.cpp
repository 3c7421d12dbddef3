//===- KernelsVnni.cpp - Integer kernels for AVX-512 VNNI -----------------===//
//
// Compiled with -mavx512vnni on x86-64 (lib/Core/CMakeLists.txt), in vectors of
// 256 bits; nothing but the kernels may be called before the CPU was asked.
//
//===----------------------------------------------------------------------===//

#define FINNGL_KERNELS_NAMESPACE vnni
#include "KernelsImpl.h"
#include "KernelsTargets.h"

using namespace finngl::kernels;

const KernelSet *finngl::kernels::vnniKernels() {
#ifdef __AVX512VNNI__
  static const bool supported = __builtin_cpu_supports("avx512bw") &&
                                __builtin_cpu_supports("avx512dq") &&
                                __builtin_cpu_supports("avx512vl") &&
                                __builtin_cpu_supports("avx512vnni");
  if (!supported)
    return nullptr;
  static const KernelSet set = vnni::makeSet("vnni");
  return &set;
#else
  return nullptr;
#endif
}
