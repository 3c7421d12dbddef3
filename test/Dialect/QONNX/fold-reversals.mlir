// RUN: finngl-opt %s --qonnx-fold-reversals --verify-roundtrip -split-input-file | FileCheck %s

#q = #qonnx.quantiser<scale = [0.25], zero_point = [0.0], lo = -8, hi = 7, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>

// Keras' backward layer: the sequence reversed, scanned forwards, its output
// reversed again; a quantiser and a transpose between.
// CHECK-LABEL: func.func @around
// CHECK-NOT: qonnx.gather
// CHECK: %[[Q:.*]] = qonnx.quant %arg0
// CHECK: %[[T:.*]] = qonnx.transpose %[[Q]] [1, 0, 2] : tensor<1x5x2xf32> -> tensor<5x1x2xf32>
// CHECK: qonnx.scan {{.*}} inputs(%[[T]]) {{.*}} input_directions = array<i64: 1>, output_axes = array<i64: 0>, output_directions = array<i64: 1>
// CHECK-NOT: qonnx.gather
// CHECK: return
func.func @around(%x: tensor<1x5x2xf32>) -> tensor<1x5x2xf32> {
  %zero = qonnx.constant dense<0.0> : tensor<1x2xf32>
  %b = qonnx.gather %x [4, 3, 2, 1, 0] axis 1 : tensor<1x5x2xf32> -> tensor<1x5x2xf32>
  %q = qonnx.quant %b by #q : tensor<1x5x2xf32>
  %t = qonnx.transpose %q [1, 0, 2] : tensor<1x5x2xf32> -> tensor<5x1x2xf32>
  %r:2 = qonnx.scan states(%zero) inputs(%t) captures() {input_axes = array<i64: 0>, input_directions = array<i64: 0>, output_axes = array<i64: 0>, output_directions = array<i64: 0>} : (tensor<1x2xf32>, tensor<5x1x2xf32>) -> (tensor<1x2xf32>, tensor<5x1x2xf32>) {
  ^bb0(%h: tensor<1x2xf32>, %xt: tensor<1x2xf32>):
    %1 = qonnx.add %h, %xt : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x2xf32>
    qonnx.yield %1, %1 : tensor<1x2xf32>, tensor<1x2xf32>
  }
  %s = qonnx.reshape %r#1 : tensor<5x1x2xf32> -> tensor<1x5x2xf32>
  %y = qonnx.gather %s [4, 3, 2, 1, 0] axis 1 : tensor<1x5x2xf32> -> tensor<1x5x2xf32>
  return %y : tensor<1x5x2xf32>
}

// -----

// Not all steps, another axis, an output that is read forwards too: they stay.
// CHECK-LABEL: func.func @others
// CHECK: qonnx.gather %arg0 [3, 2, 1, 0]
// CHECK: qonnx.gather %{{.*}} [1, 0] axis 2
// CHECK: qonnx.scan {{.*}} input_directions = array<i64: 0>, output_axes = array<i64: 0>, output_directions = array<i64: 0>
// CHECK: qonnx.gather %{{.*}} [3, 2, 1, 0] axis 0
func.func @others(%x: tensor<5x1x2xf32>) -> (tensor<4x1x2xf32>, tensor<4x1x2xf32>) {
  %zero = qonnx.constant dense<0.0> : tensor<1x2xf32>
  %b = qonnx.gather %x [3, 2, 1, 0] axis 0 : tensor<5x1x2xf32> -> tensor<4x1x2xf32>
  %c = qonnx.gather %b [1, 0] axis 2 : tensor<4x1x2xf32> -> tensor<4x1x2xf32>
  %r:2 = qonnx.scan states(%zero) inputs(%c) captures() {input_axes = array<i64: 0>, input_directions = array<i64: 0>, output_axes = array<i64: 0>, output_directions = array<i64: 0>} : (tensor<1x2xf32>, tensor<4x1x2xf32>) -> (tensor<1x2xf32>, tensor<4x1x2xf32>) {
  ^bb0(%h: tensor<1x2xf32>, %xt: tensor<1x2xf32>):
    %1 = qonnx.add %h, %xt : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x2xf32>
    qonnx.yield %1, %1 : tensor<1x2xf32>, tensor<1x2xf32>
  }
  %y = qonnx.gather %r#1 [3, 2, 1, 0] axis 0 : tensor<4x1x2xf32> -> tensor<4x1x2xf32>
  return %r#1, %y : tensor<4x1x2xf32>, tensor<4x1x2xf32>
}
