// RUN: finngl-opt %s --qonnx-expand-rnn --verify-roundtrip -split-input-file | FileCheck %s

// The last step of a sequence, seen through other shapes, is the state.
// CHECK-LABEL: func.func @last
// CHECK: %[[S:.*]]:2 = qonnx.scan
// CHECK-NOT: qonnx.gather
// CHECK: %[[H:.*]] = qonnx.reshape %[[S]]#0 : tensor<1x2xf32> -> tensor<1x1x1x2xf32>
// CHECK-NEXT: return %[[H]]
func.func @last(%h: tensor<1x2xf32>, %x: tensor<5x1x2xf32>) -> tensor<1x1x1x2xf32> {
  %0:2 = qonnx.scan states(%h) inputs(%x) captures() {input_axes = array<i64: 0>, input_directions = array<i64: 0>, output_axes = array<i64: 0>, output_directions = array<i64: 0>} : (tensor<1x2xf32>, tensor<5x1x2xf32>) -> (tensor<1x2xf32>, tensor<5x1x2xf32>) {
  ^bb0(%s: tensor<1x2xf32>, %xt: tensor<1x2xf32>):
    %1 = qonnx.add %s, %xt : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x2xf32>
    qonnx.yield %1, %1 : tensor<1x2xf32>, tensor<1x2xf32>
  }
  %2 = qonnx.reshape %0#1 : tensor<5x1x2xf32> -> tensor<5x1x1x2xf32>
  %3 = qonnx.transpose %2 [1, 0, 2, 3] : tensor<5x1x1x2xf32> -> tensor<1x5x1x2xf32>
  %4 = qonnx.gather %3 [4] axis 1 : tensor<1x5x1x2xf32> -> tensor<1x1x1x2xf32>
  return %4 : tensor<1x1x1x2xf32>
}

// -----

// Backwards, the state is behind position 0; position 4 is no state.
// CHECK-LABEL: func.func @backwards
// CHECK: %[[S:.*]]:2 = qonnx.scan
// CHECK: %[[Y:.*]] = qonnx.gather %[[S]]#1 [4] axis 0
// CHECK: %[[H:.*]] = qonnx.reshape %[[S]]#0
// CHECK: return %[[Y]], %[[H]]
func.func @backwards(%h: tensor<1x2xf32>, %x: tensor<5x1x2xf32>) -> (tensor<1x1x2xf32>, tensor<1x1x2xf32>) {
  %0:2 = qonnx.scan states(%h) inputs(%x) captures() {input_axes = array<i64: 0>, input_directions = array<i64: 1>, output_axes = array<i64: 0>, output_directions = array<i64: 1>} : (tensor<1x2xf32>, tensor<5x1x2xf32>) -> (tensor<1x2xf32>, tensor<5x1x2xf32>) {
  ^bb0(%s: tensor<1x2xf32>, %xt: tensor<1x2xf32>):
    %1 = qonnx.add %s, %xt : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x2xf32>
    qonnx.yield %1, %1 : tensor<1x2xf32>, tensor<1x2xf32>
  }
  %2 = qonnx.gather %0#1 [4] axis 0 : tensor<5x1x2xf32> -> tensor<1x1x2xf32>
  %3 = qonnx.gather %0#1 [0] axis 0 : tensor<5x1x2xf32> -> tensor<1x1x2xf32>
  return %2, %3 : tensor<1x1x2xf32>, tensor<1x1x2xf32>
}

// -----

// An output that is no state stays as it is.
// CHECK-LABEL: func.func @other
// CHECK: qonnx.gather
func.func @other(%h: tensor<1x2xf32>, %x: tensor<5x1x2xf32>) -> tensor<1x1x2xf32> {
  %0:2 = qonnx.scan states(%h) inputs(%x) captures() {input_axes = array<i64: 0>, input_directions = array<i64: 0>, output_axes = array<i64: 0>, output_directions = array<i64: 0>} : (tensor<1x2xf32>, tensor<5x1x2xf32>) -> (tensor<1x2xf32>, tensor<5x1x2xf32>) {
  ^bb0(%s: tensor<1x2xf32>, %xt: tensor<1x2xf32>):
    %1 = qonnx.add %s, %xt : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x2xf32>
    qonnx.yield %1, %xt : tensor<1x2xf32>, tensor<1x2xf32>
  }
  %2 = qonnx.gather %0#1 [4] axis 0 : tensor<5x1x2xf32> -> tensor<1x1x2xf32>
  return %2 : tensor<1x1x2xf32>
}
