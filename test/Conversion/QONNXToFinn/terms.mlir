// RUN: finngl-opt %s --convert-qonnx-to-finn --split-input-file | FileCheck %s

// Unrelated scales: narrow coefficients, then thresholds.

#a = #qonnx.quantiser<scale = [0.3], zero_point = [0.0], lo = -8, hi = 7, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>
#b = #qonnx.quantiser<scale = [0.17], zero_point = [0.0], lo = -8, hi = 7, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>
#y = #qonnx.quantiser<scale = [0.5], zero_point = [0.0], lo = -4, hi = 3, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>

// CHECK-LABEL: func.func @main
// CHECK-SAME: %[[A:[a-z0-9]+]]: tensor<4xsi4> {{.*}}, %[[B:[a-z0-9]+]]: tensor<4xsi4>
func.func @main(%a: tensor<4xf32>, %b: tensor<4xf32>) -> tensor<4xf32> {
  %0 = qonnx.quant %a by #a : tensor<4xf32>
  %1 = qonnx.quant %b by #b : tensor<4xf32>
  %2 = qonnx.add %0, %1 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  // CHECK: %[[S:[a-z0-9]+]] = finn.lincomb %[[A]], %[[B]]
  // CHECK: finn.multi_threshold %[[S]], {{.*}}bias = -4 : i64{{.*}} -> tensor<4xsi3>
  %3 = qonnx.quant %2 by #y : tensor<4xf32>
  return %3 : tensor<4xf32>
}

// -----

// A scale that is an integer multiple of the other merges; so does x + x.

#a = #qonnx.quantiser<scale = [0.25], zero_point = [0.0], lo = -8, hi = 7, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>
#b = #qonnx.quantiser<scale = [0.75], zero_point = [0.0], lo = -8, hi = 7, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>

// CHECK-LABEL: func.func @main
// CHECK-SAME: %[[A:[a-z0-9]+]]: tensor<4xsi4> {{.*}}, %[[B:[a-z0-9]+]]: tensor<4xsi4>
// CHECK-SAME: finn.scale = ["1/4"]
// CHECK-SAME: finn.scale = ["1/2"]
func.func @main(%a: tensor<4xf32>, %b: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
  %0 = qonnx.quant %a by #a : tensor<4xf32>
  %1 = qonnx.quant %b by #b : tensor<4xf32>
  // CHECK: finn.lincomb %[[A]], %[[B]] {coefficients = array<i64: 1, -3>, offset = array<i64: 0>}
  %2 = qonnx.sub %0, %1 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %3 = qonnx.add %0, %0 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  return %2, %3 : tensor<4xf32>, tensor<4xf32>
}

// -----

// Scales per index of the contraction axis: power-of-two ratios widen weights.

#x = #qonnx.quantiser<scale = [0.5], zero_point = [0.0], lo = -8, hi = 7, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>
#w = #qonnx.quantiser<scale = [0.5, 0.125], zero_point = [0.0], lo = -1, hi = 1, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = 0>

// CHECK-LABEL: func.func @main
// CHECK-SAME: finn.scale = ["1/16"]
func.func @main(%x: tensor<2xf32>) -> tensor<1xf32> {
  %0 = qonnx.quant %x by #x : tensor<2xf32>
  %1 = qonnx.constant dense<[[0.5], [-0.125]]> : tensor<2x1xf32>
  %2 = qonnx.quant %1 by #w : tensor<2x1xf32>
  // CHECK: finn.matmul %{{.*}}, dense<{{\[\[}}4, -1]]>
  %3 = qonnx.matmul %0, %2 : (tensor<2xf32>, tensor<2x1xf32>) -> tensor<1xf32>
  return %3 : tensor<1xf32>
}

// -----

// Of three scales two are in a ratio of 4: two terms, the weights of one widened.

#x = #qonnx.quantiser<scale = [0.5], zero_point = [0.0], lo = -8, hi = 7, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>
#w = #qonnx.quantiser<scale = [0.4, 0.13, 0.1], zero_point = [0.0], lo = -2, hi = 2, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = 0>
#y = #qonnx.quantiser<scale = [0.5], zero_point = [0.0], lo = -2, hi = 1, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>

// CHECK-LABEL: func.func @main
func.func @main(%x: tensor<3xf32>) -> tensor<1xf32> {
  %0 = qonnx.quant %x by #x : tensor<3xf32>
  %1 = qonnx.constant dense<[[0.4], [0.26], [-0.1]]> : tensor<3x1xf32>
  %2 = qonnx.quant %1 by #w : tensor<3x1xf32>
  // CHECK-DAG: %[[A:[a-z0-9]+]] = finn.matmul %{{.*}}, dense<{{\[\[}}4, 0, -1]]>
  // CHECK-DAG: %[[B:[a-z0-9]+]] = finn.matmul %{{.*}}, dense<{{\[\[}}0, 2, 0]]>
  // CHECK: finn.lincomb %[[A]], %[[B]]
  %3 = qonnx.matmul %0, %2 : (tensor<3xf32>, tensor<3x1xf32>) -> tensor<1xf32>
  %4 = qonnx.quant %3 by #y : tensor<1xf32>
  return %4 : tensor<1xf32>
}
