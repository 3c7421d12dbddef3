// RUN: finngl-opt %s --convert-qonnx-to-finn --split-input-file --verify-diagnostics | FileCheck %s

#a = #qonnx.quantiser<scale = [0.25, 0.5, 0.75], zero_point = [0.0], lo = -8, hi = 7, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = 1>
#y = #qonnx.quantiser<scale = [1.0], zero_point = [0.0], lo = -8, hi = 7, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>

// Channels are selected by a matrix; their scales go with them: 3/4 and 1/4.
// CHECK-LABEL: func.func @main
// CHECK: %[[S:.*]] = finn.matmul %{{.*}}, dense<{{\[}}[false, false, true], [true, false, false]]>
// CHECK: finn.{{requant|multi_threshold}} %[[S]]
func.func @main(%a: tensor<1x3xf32>) -> tensor<1x2xf32> {
  %0 = qonnx.quant %a by #a : tensor<1x3xf32>
  %1 = qonnx.gather %0 [2, 0] axis 1 : tensor<1x3xf32> -> tensor<1x2xf32>
  %2 = qonnx.quant %1 by #y : tensor<1x2xf32>
  return %2 : tensor<1x2xf32>
}

// -----

#a = #qonnx.quantiser<scale = [0.25], zero_point = [0.0], lo = -8, hi = 7, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>
#w = #qonnx.quantiser<scale = [0.5, 0.25], zero_point = [0.0], lo = -8, hi = 7, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = 0>

// Weights cut behind their quantiser: those of the second row, at its scale.
// CHECK-LABEL: func.func @main
// CHECK-SAME: finn.scale = ["1/16"]
// CHECK: finn.matmul %{{.*}}, dense<{{\[}}[4, 7]]>
func.func @main(%a: tensor<1x2xf32>) -> tensor<1x1xf32> {
  %0 = qonnx.quant %a by #a : tensor<1x2xf32>
  %c = qonnx.constant dense<[[1.0, 1.0], [1.0, 1.75]]> : tensor<2x2xf32>
  %w = qonnx.quant %c by #w : tensor<2x2xf32>
  %1 = qonnx.gather %w [1] axis 0 : tensor<2x2xf32> -> tensor<1x2xf32>
  %2 = qonnx.transpose %1 [1, 0] : tensor<1x2xf32> -> tensor<2x1xf32>
  %3 = qonnx.matmul %0, %2 : (tensor<1x2xf32>, tensor<2x1xf32>) -> tensor<1x1xf32>
  return %3 : tensor<1x1xf32>
}

// -----

#a = #qonnx.quantiser<scale = [0.25], zero_point = [0.0], lo = -8, hi = 7, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>

// Steps are no channels.
func.func @main(%h: tensor<2xf32>, %x: tensor<5x2xf32>) -> tensor<1x2xf32> {
  %0:2 = qonnx.scan states(%h) inputs(%x) captures() {input_axes = array<i64: 0>, input_directions = array<i64: 0>, output_axes = array<i64: 0>, output_directions = array<i64: 0>} : (tensor<2xf32>, tensor<5x2xf32>) -> (tensor<2xf32>, tensor<5x2xf32>) {
  ^bb0(%s: tensor<2xf32>, %xt: tensor<2xf32>):
    %1 = qonnx.quant %xt by #a : tensor<2xf32>
    %2 = qonnx.add %s, %1 : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
    %3 = qonnx.quant %2 by #a : tensor<2xf32>
    qonnx.yield %3, %3 : tensor<2xf32>, tensor<2xf32>
  }
  // expected-error@+2 {{a selection along axis 0, which is not the axis of the channels}}
  // expected-note@+1 {{use the whole sequence or its last step, which is the scan's state; export a loop as LSTM, GRU, RNN or Scan, not unrolled}}
  %4 = qonnx.gather %0#1 [0] axis 0 : tensor<5x2xf32> -> tensor<1x2xf32>
  return %4 : tensor<1x2xf32>
}
