// RUN: finngl-opt %s --convert-qonnx-to-finn --split-input-file | FileCheck %s

// An integer zero point of QuantizeLinear goes into the level; one of QONNX Quant
// (added before rounding) stays in the code and becomes an offset.

#x = #qonnx.quantiser<scale = [0.25], zero_point = [8.0], lo = 0, hi = 15, rounding = half_even, zp_after_rounding = true, bipolar = false, axis = -1>
#y = #qonnx.quantiser<scale = [0.5], zero_point = [7.0], lo = 0, hi = 15, rounding = half_even, zp_after_rounding = true, bipolar = false, axis = -1>
#z = #qonnx.quantiser<scale = [0.5], zero_point = [7.0], lo = 0, hi = 15, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>

// CHECK-LABEL: func.func @main
// CHECK-SAME: %[[X:[a-z0-9]+]]: tensor<4xui4>
// CHECK-SAME: finn.offset = ["0"], finn.scale = ["1/2"]
// CHECK-SAME: finn.offset = ["-7/2"], finn.scale = ["1/2"]
func.func @main(%x: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
  %0 = qonnx.quant %x by #x : tensor<4xf32>
  // CHECK: finn.requant %[[X]] {{.*}} -> tensor<4xsi4>
  %1 = qonnx.quant %0 by #y : tensor<4xf32>
  // CHECK: finn.requant %[[X]] {{.*}} -> tensor<4xui4>
  %2 = qonnx.quant %0 by #z : tensor<4xf32>
  return %1, %2 : tensor<4xf32>, tensor<4xf32>
}

// -----

// A product needs integers around zero: v := code - zero point.

#x = #qonnx.quantiser<scale = [0.25], zero_point = [8.0], lo = 0, hi = 15, rounding = half_even, zp_after_rounding = true, bipolar = false, axis = -1>
#y = #qonnx.quantiser<scale = [0.5], zero_point = [0.0], lo = -128, hi = 127, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>

// CHECK-LABEL: func.func @main
// CHECK-SAME: %[[X:[a-z0-9]+]]: tensor<4xui4>
func.func @main(%x: tensor<4xf32>) -> tensor<4xf32> {
  %0 = qonnx.quant %x by #x : tensor<4xf32>
  // CHECK: %[[V:[a-z0-9]+]] = finn.lincomb %[[X]] {coefficients = array<i64: 1>, offset = array<i64: -8>} : (tensor<4xui4>) -> tensor<4xsi4>
  // CHECK: finn.mul %[[V]], %{{.*}} -> tensor<4xsi8>
  %1 = qonnx.mul %0, %0 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %2 = qonnx.quant %1 by #y : tensor<4xf32>
  return %2 : tensor<4xf32>
}
