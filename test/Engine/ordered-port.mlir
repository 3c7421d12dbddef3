// Ports whose codes are not in the order of the ONNX tensor; also run by unittests/Engine.
// RUN: finngl-opt %s --verify-roundtrip | FileCheck %s
// CHECK: finn.order = array<i64: 0, 2, 1>
#one = #qonnx.quantiser<scale = [1.0], zero_point = [0.0], lo = -8, hi = 7, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>
#each = #qonnx.quantiser<scale = [1.0, 2.0, 1.0], zero_point = [0.0, 0.0, 0.0], lo = -8, hi = 7, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = 1>
func.func @main(%x: tensor<2x3xsi4> {finn.shape = array<i64: 1, 3, 2>, finn.order = array<i64: 0, 2, 1>, finn.quantiser = #one},
                %y: tensor<2x3xsi4> {finn.shape = array<i64: 1, 3, 2>, finn.order = array<i64: 0, 2, 1>, finn.quantiser = #each}) -> (tensor<2x3xsi4>, tensor<2x3xsi4>) {
  return %x, %y : tensor<2x3xsi4>, tensor<2x3xsi4>
}
