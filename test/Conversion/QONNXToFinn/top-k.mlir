// RUN: finngl-opt %s --convert-qonnx-to-finn --split-input-file -verify-diagnostics | FileCheck %s

// One scale and one offset: the values are codes of the operand's scale and offset. The smallest: turned, and turned back
// by the scale.

#x = #qonnx.quantiser<scale = [0.5], zero_point = [1.0], lo = -4, hi = 3, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>

// CHECK-LABEL: func.func @main
// CHECK-SAME: %[[X:[a-z0-9]+]]: tensor<3xsi3>
// CHECK-SAME: -> (tensor<2xsi3> {finn.offset = ["-1/2"], finn.scale = ["1/2"], finn.shape = array<i64: 1, 2>}, tensor<2xsi4> {finn.offset = ["-1/2"], finn.scale = ["-1/2"], finn.shape = array<i64: 1, 2>}, tensor<2xui2>
func.func @main(%x: tensor<1x3xf32>) -> (tensor<1x2xf32>, tensor<1x2xf32>, tensor<1x2xf32>) {
  %0 = qonnx.quant %x by #x : tensor<1x3xf32>
  // CHECK: finn.top_k %[[X]] : tensor<3xsi3> -> tensor<2xsi3>
  %1 = qonnx.top_k %0 {axis = 1 : i64} : tensor<1x3xf32> -> tensor<1x2xf32>
  // CHECK: %[[N:.*]] = finn.lincomb %[[X]] {coefficients = array<i64: -1>
  // CHECK: finn.top_k %[[N]] : tensor<3xsi4> -> tensor<2xsi4>
  %2 = qonnx.neg %0 : tensor<1x3xf32>
  %3 = qonnx.top_k %2 {axis = 1 : i64} : tensor<1x3xf32> -> tensor<1x2xf32>
  %4 = qonnx.neg %3 : tensor<1x2xf32>
  // CHECK: finn.arg_max %[[X]] {select_last = false} : tensor<3xsi3> -> tensor<2xui2>
  %5 = qonnx.arg_max %0 {axis = 1 : i64, select_last = false} : tensor<1x3xf32> -> tensor<1x2xf32>
  return %1, %4, %5 : tensor<1x2xf32>, tensor<1x2xf32>, tensor<1x2xf32>
}

// -----

// Offsets of their own on a grid of 1/4: values are codes of that, from the first channel's offset on.

#x = #qonnx.quantiser<scale = [1.0], zero_point = [0.0], lo = -4, hi = 3, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>

// CHECK-LABEL: func.func @main
// CHECK-SAME: finn.offset = ["1/4"], finn.scale = ["1/4"]
func.func @main(%x: tensor<1x3xf32>) -> tensor<1x1xf32> {
  %0 = qonnx.quant %x by #x : tensor<1x3xf32>
  %b = qonnx.constant dense<[0.25, -0.75, 0.5]> : tensor<3xf32>
  // CHECK: %[[K:.*]] = finn.lincomb %{{.*}} {coefficients = array<i64: 4>, offset = array<i64: 0, -4, 1>}
  // CHECK: finn.top_k %[[K]]
  %1 = qonnx.add %0, %b : (tensor<1x3xf32>, tensor<3xf32>) -> tensor<1x3xf32>
  %2 = qonnx.top_k %1 {axis = 1 : i64} : tensor<1x3xf32> -> tensor<1x1xf32>
  return %2 : tensor<1x1xf32>
}

// -----

// Refused: no grid within 63 bits (the positions are not), and quantised values with scales of their own.

#x = #qonnx.quantiser<scale = [1.0], zero_point = [0.0], lo = -4, hi = 3, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>
#c = #qonnx.quantiser<scale = [1.0, 0.5, 0.25], zero_point = [0.0], lo = -4, hi = 3, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = 1>

func.func @main(%x: tensor<1x3xf32>) -> (tensor<1x2xf32>, tensor<1x2xf32>, tensor<1x2xf32>) {
  %0 = qonnx.quant %x by #x : tensor<1x3xf32>
  %b = qonnx.constant dense<[0.0, 1.0e-25, 0.5]> : tensor<3xf32>
  %1 = qonnx.add %0, %b : (tensor<1x3xf32>, tensor<3xf32>) -> tensor<1x3xf32>
  %2 = qonnx.arg_max %1 {axis = 1 : i64, select_last = false} : tensor<1x3xf32> -> tensor<1x2xf32>
  // expected-error@+2 {{no exact integer form for the values of the largest of channels whose scales and offsets have no common divisor within 63 bits}}
  // expected-note@+1 {{quantise the bias to the scale of its channel, or use the positions only}}
  %3 = qonnx.top_k %1 {axis = 1 : i64} : tensor<1x3xf32> -> tensor<1x2xf32>
  %s = qonnx.sigmoid %0 : tensor<1x3xf32>
  %4 = qonnx.quant %s by #c : tensor<1x3xf32>
  // expected-error@+2 {{the largest of quantised values with scales of their own}}
  // expected-note@+1 {{quantise them per tensor}}
  %5 = qonnx.top_k %4 {axis = 1 : i64} : tensor<1x3xf32> -> tensor<1x2xf32>
  return %2, %3, %5 : tensor<1x2xf32>, tensor<1x2xf32>, tensor<1x2xf32>
}
