// RUN: finngl-opt %s --convert-quant-to-qcdq --verify-roundtrip -split-input-file -verify-diagnostics | FileCheck %s
// RUN: finngl-opt %s --pass-pipeline='builtin.module(func.func(convert-quant-to-qcdq,convert-qcdq-to-quant))' -split-input-file -verify-diagnostics | FileCheck %s --check-prefix=BACK

// The type's own bounds need no Clip.
// CHECK-LABEL: func.func @full
// CHECK-NEXT: %[[Q:.*]] = qonnx.quantize_linear %arg0 scale [5.000000e-01] {axis = -1 : i64, zero_point = array<i64: 0>} : tensor<3xf32> -> tensor<3xsi8>
// CHECK-NEXT: %[[D:.*]] = qonnx.dequantize_linear %[[Q]] scale [5.000000e-01] {axis = -1 : i64, zero_point = array<i64: 0>} : tensor<3xsi8> -> tensor<3xf32>
// CHECK-NEXT: return %[[D]]
// BACK-LABEL: func.func @full
// BACK-NEXT: qonnx.quant %arg0 by <{{.*}}lo = -128, hi = 127, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>
func.func @full(%x: tensor<3xf32>) -> tensor<3xf32> {
  %0 = qonnx.quant %x by <scale = [0.5], zero_point = [0.0], lo = -128, hi = 127, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1> : tensor<3xf32>
  return %0 : tensor<3xf32>
}

// -----

// Six unsigned bits; scales per channel.
// CHECK-LABEL: func.func @narrower
// CHECK: qonnx.quantize_linear {{.*}}axis = 0 : i64{{.*}} -> tensor<2xui8>
// CHECK-NEXT: qonnx.clip {{.*}}max = 6.300000e+01 : f64, min = 0.000000e+00 : f64
// CHECK-NEXT: qonnx.dequantize_linear
// BACK-LABEL: func.func @narrower
// BACK-NEXT: qonnx.quant %arg0 by <scale = [5.000000e-01, 2.500000e-01], {{.*}}lo = 0, hi = 63, {{.*}}axis = 0>
func.func @narrower(%x: tensor<2xf32>) -> tensor<2xf32> {
  %0 = qonnx.quant %x by <scale = [0.5, 0.25], zero_point = [0.0], lo = 0, hi = 63, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = 0> : tensor<2xf32>
  return %0 : tensor<2xf32>
}

// -----

func.func @wide(%x: tensor<3xf32>) -> tensor<3xf32> {
  // expected-error @+2 {{has no form in QuantizeLinear and DequantizeLinear: its codes are -256 to 255}}
  // expected-note @+1 {{8 bits at most}}
  %0 = qonnx.quant %x by <scale = [0.5], zero_point = [0.0], lo = -256, hi = 255, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1> : tensor<3xf32>
  return %0 : tensor<3xf32>
}

// -----

func.func @floor(%x: tensor<3xf32>) -> tensor<3xf32> {
  // expected-error @+2 {{it rounds by FLOOR}}
  // expected-note @+1 {{8 bits at most}}
  %0 = qonnx.quant %x by <scale = [0.5], zero_point = [0.0], lo = 0, hi = 15, rounding = floor, zp_after_rounding = false, bipolar = false, axis = -1> : tensor<3xf32>
  return %0 : tensor<3xf32>
}

// -----

func.func @early_zero_point(%x: tensor<3xf32>) -> tensor<3xf32> {
  // expected-error @+2 {{its zero point is added before rounding}}
  // expected-note @+1 {{8 bits at most}}
  %0 = qonnx.quant %x by <scale = [0.5], zero_point = [3.0], lo = 0, hi = 15, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1> : tensor<3xf32>
  return %0 : tensor<3xf32>
}
