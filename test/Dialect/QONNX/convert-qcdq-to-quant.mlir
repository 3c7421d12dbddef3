// RUN: finngl-opt %s --convert-qcdq-to-quant --verify-roundtrip -split-input-file -verify-diagnostics | FileCheck %s

// The type's bounds, and a zero point of 0 in its one spelling.
// CHECK-LABEL: func.func @plain
// CHECK-NEXT: qonnx.quant %arg0 by <scale = [5.000000e-01], zero_point = [0.000000e+00], lo = -128, hi = 127, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>
// CHECK-NEXT: return
func.func @plain(%x: tensor<3xf32>) -> tensor<3xf32> {
  %0 = qonnx.quantize_linear %x scale [0.5] {zero_point = array<i64: 0>, axis = -1 : i64} : tensor<3xf32> -> tensor<3xsi8>
  %1 = qonnx.dequantize_linear %0 scale [0.5] {zero_point = array<i64: 0>, axis = -1 : i64} : tensor<3xsi8> -> tensor<3xf32>
  return %1 : tensor<3xf32>
}

// -----

// Bounds that are no bit width stay; the zero point is added after rounding.
// CHECK-LABEL: func.func @clipped
// CHECK-NEXT: qonnx.quant %arg0 by <{{.*}}zero_point = [3.000000e+00], lo = 0, hi = 127, rounding = half_even, zp_after_rounding = true,
// CHECK-NEXT: return
func.func @clipped(%x: tensor<3xf32>) -> tensor<3xf32> {
  %0 = qonnx.quantize_linear %x scale [0.5] {zero_point = array<i64: 3>, axis = -1 : i64} : tensor<3xf32> -> tensor<3xsi8>
  %1 = qonnx.clip %0 {min = 0.0 : f64, max = 500.0 : f64} : tensor<3xsi8>
  %2 = qonnx.dequantize_linear %1 scale [0.5] {zero_point = array<i64: 3>, axis = -1 : i64} : tensor<3xsi8> -> tensor<3xf32>
  return %2 : tensor<3xf32>
}

// -----

// Two clips that do not meet leave one code.
// CHECK-LABEL: func.func @disjoint
// CHECK-NEXT: qonnx.quant %arg0 by <{{.*}}lo = 5, hi = 5,
func.func @disjoint(%x: tensor<3xf32>) -> tensor<3xf32> {
  %0 = qonnx.quantize_linear %x scale [0.5] {zero_point = array<i64: 0>, axis = -1 : i64} : tensor<3xf32> -> tensor<3xsi8>
  %1 = qonnx.clip %0 {min = -7.0 : f64, max = 3.0 : f64} : tensor<3xsi8>
  %2 = qonnx.clip %1 {min = 5.0 : f64, max = 9.0 : f64} : tensor<3xsi8>
  %3 = qonnx.dequantize_linear %2 scale [0.5] {zero_point = array<i64: 0>, axis = -1 : i64} : tensor<3xsi8> -> tensor<3xf32>
  return %3 : tensor<3xf32>
}

// -----

// Per channel, the constant of a weight included; who shares the codes keeps
// them.
// CHECK-LABEL: func.func @fork
// CHECK: %[[Q:.*]] = qonnx.quantize_linear
// CHECK: %[[A:.*]] = qonnx.quant %arg0 by <scale = [5.000000e-01, 2.500000e-01], {{.*}}axis = 0>
// CHECK: return %[[A]], %[[Q]]
func.func @fork(%x: tensor<2x3xf32>) -> (tensor<2x3xf32>, tensor<2x3xui8>) {
  %0 = qonnx.quantize_linear %x scale [0.5, 0.25] {zero_point = array<i64: 0, 0>, axis = 0 : i64} : tensor<2x3xf32> -> tensor<2x3xui8>
  %1 = qonnx.dequantize_linear %0 scale [0.5, 0.25] {zero_point = array<i64: 0, 0>, axis = 0 : i64} : tensor<2x3xui8> -> tensor<2x3xf32>
  return %1, %0 : tensor<2x3xf32>, tensor<2x3xui8>
}

// -----

// Codes of the file stay codes.
// CHECK-LABEL: func.func @codes
// CHECK: qonnx.constant dense<[1, -2, 3]> : tensor<3xsi8>
// CHECK: qonnx.dequantize_linear
func.func @codes() -> tensor<3xf32> {
  %0 = qonnx.constant dense<[1, -2, 3]> : tensor<3xsi8>
  %1 = qonnx.dequantize_linear %0 scale [0.5] {zero_point = array<i64: 0>, axis = -1 : i64} : tensor<3xsi8> -> tensor<3xf32>
  return %1 : tensor<3xf32>
}

// -----

func.func @unequal_scales(%x: tensor<3xf32>) -> tensor<3xf32> {
  %0 = qonnx.quantize_linear %x scale [0.5] {zero_point = array<i64: 0>, axis = -1 : i64} : tensor<3xf32> -> tensor<3xsi8>
  // expected-error @below {{expects the scale and zero point of its QuantizeLinear}}
  // expected-note @below {{QuantizeLinear: scale [0.5], zero point [0]}}
  // expected-note @below {{DequantizeLinear: scale [0.25], zero point [0]}}
  // expected-note @below {{requantise with a pair of equal parameters}}
  %1 = qonnx.dequantize_linear %0 scale [0.25] {zero_point = array<i64: 0>, axis = -1 : i64} : tensor<3xsi8> -> tensor<3xf32>
  return %1 : tensor<3xf32>
}

// -----

func.func @fractional_bound(%x: tensor<3xf32>) -> tensor<3xf32> {
  %0 = qonnx.quantize_linear %x scale [0.5] {zero_point = array<i64: 0>, axis = -1 : i64} : tensor<3xf32> -> tensor<3xsi8>
  // expected-error @below {{expects code bounds that are integers of 'tensor<3xsi8>', got -1.500000e+00 and 3.000000e+00}}
  %1 = qonnx.clip %0 {min = -1.5 : f64, max = 3.0 : f64} : tensor<3xsi8>
  %2 = qonnx.dequantize_linear %1 scale [0.5] {zero_point = array<i64: 0>, axis = -1 : i64} : tensor<3xsi8> -> tensor<3xf32>
  return %2 : tensor<3xf32>
}
