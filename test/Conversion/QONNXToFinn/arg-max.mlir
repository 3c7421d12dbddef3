// RUN: finngl-opt %s --convert-qonnx-to-finn --split-input-file -verify-diagnostics | FileCheck %s

// One scale and one offset: the integers as they are. A common factor of -1 turns them.

#x = #qonnx.quantiser<scale = [0.5], zero_point = [1.0], lo = -4, hi = 3, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>

// CHECK-LABEL: func.func @main
// CHECK-SAME: %[[X:[a-z0-9]+]]: tensor<3xsi3>
// CHECK-SAME: -> (tensor<1xui2> {finn.offset = ["0"], finn.scale = ["1"], finn.shape = array<i64: 1, 1>}, tensor<1xui2>
func.func @main(%x: tensor<1x3xf32>) -> (tensor<1x1xf32>, tensor<1x1xf32>) {
  %0 = qonnx.quant %x by #x : tensor<1x3xf32>
  // CHECK: finn.arg_max %[[X]] {select_last = false} : tensor<3xsi3> -> tensor<1xui2>
  %1 = qonnx.arg_max %0 {axis = 1 : i64, select_last = false} : tensor<1x3xf32> -> tensor<1x1xf32>
  // CHECK: %[[N:.*]] = finn.lincomb %[[X]] {coefficients = array<i64: -1>
  // CHECK: finn.arg_max %[[N]] {select_last = true}
  %2 = qonnx.neg %0 : tensor<1x3xf32>
  %3 = qonnx.arg_max %2 {axis = 1 : i64, select_last = true} : tensor<1x3xf32> -> tensor<1x1xf32>
  return %1, %3 : tensor<1x1xf32>, tensor<1x1xf32>
}

// -----

// Offsets of their own, 0.25, -0.75 and 1.0 in units of the scale: those of one rest (1/4) share a rank, so that equal
// values stay equal; 2 ranks.

#x = #qonnx.quantiser<scale = [1.0], zero_point = [0.0], lo = -4, hi = 3, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>

// CHECK-LABEL: func.func @main
func.func @main(%x: tensor<1x3xf32>) -> tensor<1x1xf32> {
  %0 = qonnx.quant %x by #x : tensor<1x3xf32>
  %b = qonnx.constant dense<[0.25, -0.75, 1.0]> : tensor<3xf32>
  // CHECK: %[[K:.*]] = finn.lincomb %{{.*}} {coefficients = array<i64: 2>, offset = array<i64: 1, -1, 2>}
  // CHECK: finn.arg_max %[[K]]
  %1 = qonnx.add %0, %b : (tensor<1x3xf32>, tensor<3xf32>) -> tensor<1x3xf32>
  %2 = qonnx.arg_max %1 {axis = 1 : i64, select_last = false} : tensor<1x3xf32> -> tensor<1x1xf32>
  return %2 : tensor<1x1xf32>
}

// -----

// Scales of the weights' channels, 0.5 and 0.75: rows times 2 and 3. Offsets in units of 0.25.

#x = #qonnx.quantiser<scale = [1.0], zero_point = [0.0], lo = -4, hi = 3, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>
#w = #qonnx.quantiser<scale = [0.5, 0.75], zero_point = [0.0], lo = -4, hi = 3, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = 1>

// CHECK-LABEL: func.func @main
func.func @main(%x: tensor<1x3xf32>) -> tensor<1x1xf32> {
  %0 = qonnx.quant %x by #x : tensor<1x3xf32>
  %c = qonnx.constant dense<[[0.5, 0.75], [1.0, -0.75], [0.0, 1.5]]> : tensor<3x2xf32>
  %w = qonnx.quant %c by #w : tensor<3x2xf32>
  %b = qonnx.constant dense<[0.25, 0.0]> : tensor<2xf32>
  // CHECK: %[[M:.*]] = finn.matmul %{{.*}}, dense<{{\[}}[2, 4, 0], [3, -3, 6]]>
  // CHECK: %[[K:.*]] = finn.lincomb %[[M]] {coefficients = array<i64: 1>, offset = array<i64: 1, 0>}
  // CHECK: finn.arg_max %[[K]]
  %1 = qonnx.matmul %0, %w : (tensor<1x3xf32>, tensor<3x2xf32>) -> tensor<1x2xf32>
  %2 = qonnx.add %1, %b : (tensor<1x2xf32>, tensor<2xf32>) -> tensor<1x2xf32>
  %3 = qonnx.arg_max %2 {axis = 1 : i64, select_last = false} : tensor<1x2xf32> -> tensor<1x1xf32>
  return %3 : tensor<1x1xf32>
}

// -----

// Refused: an axis that is no vector of channels, an activation, and quantised values with scales of their own.

#x = #qonnx.quantiser<scale = [1.0], zero_point = [0.0], lo = -4, hi = 3, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>
#c = #qonnx.quantiser<scale = [1.0, 0.5, 0.25], zero_point = [0.0], lo = -4, hi = 3, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = 1>

func.func @main(%x: tensor<2x3xf32>) -> (tensor<1x3xf32>, tensor<2x1xf32>, tensor<2x1xf32>) {
  %0 = qonnx.quant %x by #x : tensor<2x3xf32>
  // expected-error@+2 {{no exact integer form for the largest element along axis 0, which is not the axis of the channels}}
  // expected-note@+1 {{transpose the value so that classes are innermost}}
  %1 = qonnx.arg_max %0 {axis = 0 : i64, select_last = false} : tensor<2x3xf32> -> tensor<1x3xf32>
  %2 = qonnx.sigmoid %0 : tensor<2x3xf32>
  // expected-error@+2 {{an activation that has not been quantised}}
  // expected-note@+1 {{put a quantiser behind the activation}}
  %3 = qonnx.arg_max %2 {axis = 1 : i64, select_last = false} : tensor<2x3xf32> -> tensor<2x1xf32>
  %4 = qonnx.quant %2 by #c : tensor<2x3xf32>
  // expected-error@+2 {{the largest of quantised values with scales of their own}}
  // expected-note@+1 {{quantise them per tensor}}
  %5 = qonnx.arg_max %4 {axis = 1 : i64, select_last = false} : tensor<2x3xf32> -> tensor<2x1xf32>
  return %1, %3, %5 : tensor<1x3xf32>, tensor<2x1xf32>, tensor<2x1xf32>
}
