//===- KernelsTargets.h - Kernels for some CPUs only ------------*- C++ -*-===//

#ifndef FINNGL_LIB_CORE_KERNELSTARGETS_H
#define FINNGL_LIB_CORE_KERNELSTARGETS_H

namespace finngl::kernels {

struct KernelSet;

/// Null where the CPU (or the build) has no AVX2.
const KernelSet *avx2Kernels();
/// Null where the CPU (or the build) has no AVX-512 with VL and VNNI.
const KernelSet *vnniKernels();

} // namespace finngl::kernels

#endif // FINNGL_LIB_CORE_KERNELSTARGETS_H
