// RUN: finngl-opt %s --convert-qonnx-to-finn --split-input-file --verify-diagnostics

#x = #qonnx.quantiser<scale = [0.25], zero_point = [0.0], lo = -8, hi = 7, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>

// A state that doubles.
func.func @main(%x: tensor<100x2xf32>) -> tensor<2xf32> {
  %h = qonnx.constant dense<0.0> : tensor<2xf32>
  // expected-error@+2 {{a range that grows without bound: state 0 of the scan by [-1024, +896] a step}}
  // expected-note@+1 {{put a quantiser before the next value of the state}}
  %0 = qonnx.scan states(%h) inputs(%x) captures() {input_axes = array<i64: 0>, input_directions = array<i64: 0>, output_axes = array<i64>, output_directions = array<i64>} : (tensor<2xf32>, tensor<100x2xf32>) -> tensor<2xf32> {
  ^bb0(%s: tensor<2xf32>, %xt: tensor<2xf32>):
    %1 = qonnx.quant %xt by #x : tensor<2xf32>
    %2 = qonnx.add %s, %s : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
    %3 = qonnx.add %2, %1 : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
    qonnx.yield %3 : tensor<2xf32>
  }
  return %0 : tensor<2xf32>
}

// -----

#x = #qonnx.quantiser<scale = [0.25], zero_point = [0.0], lo = -8, hi = 7, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>

// A product fed back: each step has a finer grid.
func.func @main(%x: tensor<100x2xf32>) -> tensor<2xf32> {
  %h = qonnx.constant dense<0.0> : tensor<2xf32>
  // expected-error@+2 {{state 0 of the scan, whose next value has no grid}}
  // expected-note@+1 {{put a quantiser before the next value of the state}}
  %0 = qonnx.scan states(%h) inputs(%x) captures() {input_axes = array<i64: 0>, input_directions = array<i64: 0>, output_axes = array<i64>, output_directions = array<i64>} : (tensor<2xf32>, tensor<100x2xf32>) -> tensor<2xf32> {
  ^bb0(%s: tensor<2xf32>, %xt: tensor<2xf32>):
    %1 = qonnx.quant %xt by #x : tensor<2xf32>
    %2 = qonnx.mul %s, %1 : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
    qonnx.yield %2 : tensor<2xf32>
  }
  return %0 : tensor<2xf32>
}

// -----

#x = #qonnx.quantiser<scale = [0.25], zero_point = [0.0], lo = -8, hi = 7, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>

func.func @main(%x: tensor<100x2xf32>) -> tensor<2xf32> {
  %h = qonnx.constant dense<0.1> : tensor<2xf32>
  // expected-error@+2 {{the initial value 13421773/134217728 of state 0 of the scan, which is off the grid of scale 1/4 and of those up to 256 times as fine}}
  // expected-note@+1 {{start the state from a value that its quantiser gives}}
  %0 = qonnx.scan states(%h) inputs(%x) captures() {input_axes = array<i64: 0>, input_directions = array<i64: 0>, output_axes = array<i64>, output_directions = array<i64>} : (tensor<2xf32>, tensor<100x2xf32>) -> tensor<2xf32> {
  ^bb0(%s: tensor<2xf32>, %xt: tensor<2xf32>):
    %1 = qonnx.quant %xt by #x : tensor<2xf32>
    %2 = qonnx.add %s, %1 : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
    %3 = qonnx.quant %2 by #x : tensor<2xf32>
    qonnx.yield %3 : tensor<2xf32>
  }
  return %0 : tensor<2xf32>
}
