// RUN: finngl-opt %s --convert-qonnx-to-finn --split-input-file | FileCheck %s

// One scale into a quantiser: a weight of scale 1/2 and a bias with a scale of
// its own (an offset, not an integer of the accumulator's grid).

#x = #qonnx.quantiser<scale = [0.3], zero_point = [0.0], lo = -8, hi = 7, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>
#w = #qonnx.quantiser<scale = [0.5], zero_point = [0.0], lo = -7, hi = 7, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>
#b = #qonnx.quantiser<scale = [0.14], zero_point = [0.0], lo = -128, hi = 127, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>
#y = #qonnx.quantiser<scale = [0.7], zero_point = [0.0], lo = -8, hi = 7, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>

// CHECK-LABEL: func.func @main
// CHECK-SAME: %[[X:[a-z0-9]+]]: tensor<2xsi4> {finn.name = "x", finn.quantiser = #qonnx.quantiser<{{.*}}lo = -8, hi = 7{{.*}}>, finn.shape = array<i64: 1, 2>}
// CHECK-SAME: -> (tensor<3xsi4> {finn.name = "y", finn.offset = ["0"], finn.scale = ["11744051/16777216"], finn.shape = array<i64: 1, 3>})
func.func @main(%x: tensor<1x2xf32> {qonnx.name = "x"}) -> (tensor<1x3xf32> {qonnx.name = "y"}) {
  %0 = qonnx.quant %x by #x : tensor<1x2xf32>
  %1 = qonnx.constant dense<[[1.0, 1.5, 0.0], [-2.0, 0.5, 0.0]]> : tensor<2x3xf32>
  %2 = qonnx.quant %1 by #w : tensor<2x3xf32>
  %3 = qonnx.constant dense<[1.0, 2.0, 3.0]> : tensor<3xf32>
  %4 = qonnx.quant %3 by #b : tensor<3xf32>
  // CHECK: %[[ACC:[a-z0-9]+]] = finn.matmul %[[X]], dense<{{\[\[}}2, -4], [3, 1], [0, 0]]> : tensor<3x2xsi3>, tensor<2xsi4> -> tensor<3xsi7>
  %5 = qonnx.matmul %0, %2 : (tensor<1x2xf32>, tensor<2x3xf32>) -> tensor<1x3xf32>
  %6 = qonnx.add %5, %4 : (tensor<1x3xf32>, tensor<3xf32>) -> tensor<1x3xf32>
  // CHECK: finn.requant %[[ACC]] {c = array<i64: {{-?[0-9]+, -?[0-9]+, -?[0-9]+}}>
  // CHECK-SAME: tensor<3xsi7> -> tensor<3xsi4>
  %7 = qonnx.quant %6 by #y : tensor<1x3xf32>
  return %7 : tensor<1x3xf32>
}

// -----

// Per-channel scales of the weights: one ratio a channel, so thresholds.

#x = #qonnx.quantiser<scale = [0.25], zero_point = [0.0], lo = -2, hi = 1, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>
#w = #qonnx.quantiser<scale = [0.5, 0.3], zero_point = [0.0], lo = -7, hi = 7, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = 1>
#y = #qonnx.quantiser<scale = [0.5], zero_point = [0.0], lo = -2, hi = 1, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>

// CHECK-LABEL: func.func @main
func.func @main(%x: tensor<2xf32>) -> tensor<2xf32> {
  %0 = qonnx.quant %x by #x : tensor<2xf32>
  %1 = qonnx.constant dense<[[1.0, 0.9], [-1.0, 0.3]]> : tensor<2x2xf32>
  %2 = qonnx.quant %1 by #w : tensor<2x2xf32>
  %3 = qonnx.matmul %0, %2 : (tensor<2xf32>, tensor<2x2xf32>) -> tensor<2xf32>
  // CHECK: finn.multi_threshold %{{.*}}, dense<{{.*}}> : tensor<2x{{.*}}bias = -2
  %4 = qonnx.quant %3 by #y : tensor<2xf32>
  return %4 : tensor<2xf32>
}

// -----

// The same grid again changes nothing; a clip on the grid is a clamp.

#x = #qonnx.quantiser<scale = [0.25], zero_point = [0.0], lo = -8, hi = 7, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>

// CHECK-LABEL: func.func @main
// CHECK-SAME: %[[X:[a-z0-9]+]]: tensor<4xsi4>
func.func @main(%x: tensor<4x1xf32>) -> (tensor<4x1xf32>, tensor<4x1xf32>) {
  %0 = qonnx.quant %x by #x : tensor<4x1xf32>
  %1 = qonnx.quant %0 by #x : tensor<4x1xf32>
  // CHECK-NEXT: %[[RELU:[a-z0-9]+]] = finn.requant %[[X]] {c = array<i64: 0>, hi = 7 : i64, k = 0 : i64, lo = 0 : i64, p = 1 : i64, w = array<i64: 0>} : tensor<4xsi4> -> tensor<4xui3>
  %2 = qonnx.relu %0 : tensor<4x1xf32>
  // CHECK-NEXT: return %[[X]], %[[RELU]]
  return %1, %2 : tensor<4x1xf32>, tensor<4x1xf32>
}
