// RUN: finngl-opt %s --convert-qonnx-to-finn --split-input-file | FileCheck %s

// A state in a Scan: its grid and range are those of what the body yields. The
// sequence comes reversed, is quantised in the body only, and the initial state
// is a graph input without a quantiser.

#x = #qonnx.quantiser<scale = [0.25], zero_point = [0.0], lo = -8, hi = 7, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>
#h = #qonnx.quantiser<scale = [0.5], zero_point = [0.0], lo = -4, hi = 3, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>

// CHECK-LABEL: func.func @main
// CHECK-SAME: %[[H:[a-z0-9]+]]: tensor<2xsi3> {finn.exact_grid{{.*}}lo = -4, hi = 3
// CHECK-SAME: %[[X:[a-z0-9]+]]: tensor<5x2xsi4>
func.func @main(%h: tensor<2x1xf32>, %x: tensor<5x2x1xf32>) -> (tensor<2x1xf32>, tensor<5x2x1xf32>) {
  // CHECK: %[[S:[a-z0-9]+]]:2 = finn.scan states(%[[H]]) inputs(%[[X]]) {reverse_inputs = array<i64: 1>, reverse_outputs = array<i64: 0>, state_ranges = array<i64: -4, 3>} : (tensor<2xsi3>, tensor<5x2xsi4>) -> (tensor<2xsi3>, tensor<5x2xsi3>)
  %0:2 = qonnx.scan states(%h) inputs(%x) captures() {input_axes = array<i64: 0>, input_directions = array<i64: 1>, output_axes = array<i64: 0>, output_directions = array<i64: 0>} : (tensor<2x1xf32>, tensor<5x2x1xf32>) -> (tensor<2x1xf32>, tensor<5x2x1xf32>) {
  ^bb0(%s: tensor<2x1xf32>, %xt: tensor<2x1xf32>):
    %1 = qonnx.quant %xt by #x : tensor<2x1xf32>
    // CHECK: finn.lincomb %{{.*}} {coefficients = array<i64: 2, 1>
    %2 = qonnx.add %s, %1 : (tensor<2x1xf32>, tensor<2x1xf32>) -> tensor<2x1xf32>
    // CHECK: %[[Q:[a-z0-9]+]] = finn.requant
    %3 = qonnx.quant %2 by #h : tensor<2x1xf32>
    // CHECK: finn.yield %[[Q]], %[[Q]]
    qonnx.yield %3, %3 : tensor<2x1xf32>, tensor<2x1xf32>
  }
  return %0#0, %0#1 : tensor<2x1xf32>, tensor<5x2x1xf32>
}

// -----

// A running sum that is fed back without a quantiser: its range is that of the
// ten steps that the model states.

#x = #qonnx.quantiser<scale = [0.25], zero_point = [0.0], lo = -8, hi = 7, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>

// CHECK-LABEL: func.func @main
func.func @main(%x: tensor<10x2xf32>) -> tensor<2xf32> {
  %h = qonnx.constant dense<0.0> : tensor<2xf32>
  // CHECK: finn.scan {{.*}}finn.max_steps = 10 : i64{{.*}}state_ranges = array<i64: -80, 70>{{.*}} -> tensor<2xsi8>
  %0 = qonnx.scan states(%h) inputs(%x) captures() {input_axes = array<i64: 0>, input_directions = array<i64: 0>, output_axes = array<i64>, output_directions = array<i64>} : (tensor<2xf32>, tensor<10x2xf32>) -> tensor<2xf32> {
  ^bb0(%s: tensor<2xf32>, %xt: tensor<2xf32>):
    %1 = qonnx.quant %xt by #x : tensor<2xf32>
    %2 = qonnx.add %s, %1 : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
    qonnx.yield %2 : tensor<2xf32>
  }
  return %0 : tensor<2xf32>
}

// -----

// fc + ig without a clamp, each clamped by itself: wider by a bit, and stable.

#x = #qonnx.quantiser<scale = [0.25], zero_point = [0.0], lo = -8, hi = 7, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>

// CHECK-LABEL: func.func @main
func.func @main(%x: tensor<10x2xf32>) -> tensor<2xf32> {
  %h = qonnx.constant dense<0.0> : tensor<2xf32>
  // CHECK: finn.scan {{.*}}state_ranges = array<i64: -16, 14>
  // CHECK-NOT: max_steps
  %0 = qonnx.scan states(%h) inputs(%x) captures() {input_axes = array<i64: 0>, input_directions = array<i64: 0>, output_axes = array<i64>, output_directions = array<i64>} : (tensor<2xf32>, tensor<10x2xf32>) -> tensor<2xf32> {
  ^bb0(%s: tensor<2xf32>, %xt: tensor<2xf32>):
    %1 = qonnx.quant %xt by #x : tensor<2xf32>
    %2 = qonnx.quant %s by #x : tensor<2xf32>
    %3 = qonnx.add %2, %1 : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
    qonnx.yield %3 : tensor<2xf32>
  }
  return %0 : tensor<2xf32>
}

// -----

// A bipolar state, -0.5 or 0.5, that starts from 0: its grid is twice as fine, -1 to 1 about the offset.

#x = #qonnx.quantiser<scale = [0.25], zero_point = [0.0], lo = -8, hi = 7, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>
#b = #qonnx.quantiser<scale = [0.5], zero_point = [0.0], lo = -1, hi = 1, rounding = half_even, zp_after_rounding = false, bipolar = true, axis = -1>

// CHECK-LABEL: func.func @main
func.func @main(%x: tensor<10x2xf32>) -> tensor<2xf32> {
  // CHECK: finn.constant dense<true> : tensor<2xui1>
  %h = qonnx.constant dense<0.0> : tensor<2xf32>
  // CHECK: finn.scan {{.*}}state_ranges = array<i64: 0, 2>
  %0 = qonnx.scan states(%h) inputs(%x) captures() {input_axes = array<i64: 0>, input_directions = array<i64: 0>, output_axes = array<i64>, output_directions = array<i64>} : (tensor<2xf32>, tensor<10x2xf32>) -> tensor<2xf32> {
  ^bb0(%s: tensor<2xf32>, %xt: tensor<2xf32>):
    %1 = qonnx.quant %xt by #x : tensor<2xf32>
    %2 = qonnx.add %s, %1 : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
    // CHECK: %[[B:[a-z0-9]+]] = finn.requant
    %3 = qonnx.quant %2 by #b : tensor<2xf32>
    // CHECK: finn.lincomb %[[B]] {coefficients = array<i64: 2>
    qonnx.yield %3 : tensor<2xf32>
  }
  return %0 : tensor<2xf32>
}

// -----

// A graph input starts what a Relu clamps: any level of the quantiser may come. The Relu of a bipolar value is 0 or 0.5,
// on a grid twice as fine.

#x = #qonnx.quantiser<scale = [0.25], zero_point = [0.0], lo = -8, hi = 7, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>
#b = #qonnx.quantiser<scale = [0.5], zero_point = [0.0], lo = -1, hi = 1, rounding = half_even, zp_after_rounding = false, bipolar = true, axis = -1>

// CHECK-LABEL: func.func @main
// CHECK-SAME: tensor<2xui2> {finn.exact_grid{{.*}}lo = 0, hi = 2
func.func @main(%h: tensor<2xf32>, %c: tensor<2xf32>, %x: tensor<10x2xf32>) -> (tensor<2xf32>, tensor<2xf32>) {
  // CHECK: finn.scan {{.*}}state_ranges = array<i64: -8, 7, 0, 2>
  %0:2 = qonnx.scan states(%h, %c) inputs(%x) captures() {input_axes = array<i64: 0>, input_directions = array<i64: 0>, output_axes = array<i64>, output_directions = array<i64>} : (tensor<2xf32>, tensor<2xf32>, tensor<10x2xf32>) -> (tensor<2xf32>, tensor<2xf32>) {
  ^bb0(%s: tensor<2xf32>, %t: tensor<2xf32>, %xt: tensor<2xf32>):
    %1 = qonnx.quant %xt by #x : tensor<2xf32>
    %2 = qonnx.add %s, %1 : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
    %3 = qonnx.quant %2 by #x : tensor<2xf32>
    // CHECK: finn.requant {{.*}}hi = 7 : i64, k = 0 : i64, lo = 0
    %4 = qonnx.relu %3 : tensor<2xf32>
    %5 = qonnx.quant %t by #b : tensor<2xf32>
    %6 = qonnx.relu %5 : tensor<2xf32>
    qonnx.yield %4, %6 : tensor<2xf32>, tensor<2xf32>
  }
  return %0#0, %0#1 : tensor<2xf32>, tensor<2xf32>
}
