// RUN: finngl-opt %s --qonnx-select-steps --verify-roundtrip -split-input-file | FileCheck %s

// Both directions of a recurrence at the last position, as torch's bidirectional
// layers are read: the state of the first, and a scan of single steps of the
// other.
// CHECK-LABEL: func.func @both
// CHECK: %[[F:.*]]:2 = qonnx.scan {{.*}} input_directions = array<i64: 0>
// CHECK: %[[FIRST:.*]] = qonnx.reshape %[[F]]#0
// CHECK: %[[R:.*]] = qonnx.scan states(%{{.*}}) inputs(%arg0) captures() {input_axes = array<i64: 0>, input_directions = array<i64: 0>, output_axes = array<i64>, output_directions = array<i64>}
// CHECK-NEXT: ^bb0(%{{.*}}: tensor<1x2xf32>, %[[X:.*]]: tensor<1x2xf32>):
// The state before the first step is 0: what is added to x vanishes.
// CHECK: %[[Y:.*]] = qonnx.tanh %[[X]]
// CHECK-NEXT: qonnx.yield %[[Y]]
// CHECK: %[[SECOND:.*]] = qonnx.reshape %[[R]]
// CHECK: qonnx.concat %[[FIRST]], %[[SECOND]]
// CHECK-NOT: qonnx.gather
func.func @both(%x: tensor<5x1x2xf32>) -> tensor<1x1x4xf32> {
  %zero = qonnx.constant dense<0.0> : tensor<1x2xf32>
  %f:2 = qonnx.scan states(%zero) inputs(%x) captures() {input_axes = array<i64: 0>, input_directions = array<i64: 0>, output_axes = array<i64: 0>, output_directions = array<i64: 0>} : (tensor<1x2xf32>, tensor<5x1x2xf32>) -> (tensor<1x2xf32>, tensor<5x1x2xf32>) {
  ^bb0(%h: tensor<1x2xf32>, %xt: tensor<1x2xf32>):
    %1 = qonnx.add %h, %xt : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x2xf32>
    %2 = qonnx.tanh %1 : tensor<1x2xf32>
    qonnx.yield %2, %2 : tensor<1x2xf32>, tensor<1x2xf32>
  }
  %r:2 = qonnx.scan states(%zero) inputs(%x) captures() {input_axes = array<i64: 0>, input_directions = array<i64: 1>, output_axes = array<i64: 0>, output_directions = array<i64: 1>} : (tensor<1x2xf32>, tensor<5x1x2xf32>) -> (tensor<1x2xf32>, tensor<5x1x2xf32>) {
  ^bb0(%h: tensor<1x2xf32>, %xt: tensor<1x2xf32>):
    %1 = qonnx.add %h, %xt : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x2xf32>
    %2 = qonnx.tanh %1 : tensor<1x2xf32>
    qonnx.yield %2, %2 : tensor<1x2xf32>, tensor<1x2xf32>
  }
  %both = qonnx.concat %f#1, %r#1 {axis = 2 : i64} : (tensor<5x1x2xf32>, tensor<5x1x2xf32>) -> tensor<5x1x4xf32>
  %last = qonnx.gather %both [4] axis 0 : tensor<5x1x4xf32> -> tensor<1x1x4xf32>
  return %last : tensor<1x1x4xf32>
}

// -----

// A step between, and a channel: both stay.
// CHECK-LABEL: func.func @others
// CHECK: qonnx.gather {{.*}} [2] axis 0
// CHECK: qonnx.gather {{.*}} [1] axis 2
func.func @others(%x: tensor<5x1x2xf32>) -> (tensor<1x1x2xf32>, tensor<5x1x1xf32>) {
  %zero = qonnx.constant dense<0.0> : tensor<1x2xf32>
  %f:2 = qonnx.scan states(%zero) inputs(%x) captures() {input_axes = array<i64: 0>, input_directions = array<i64: 0>, output_axes = array<i64: 0>, output_directions = array<i64: 0>} : (tensor<1x2xf32>, tensor<5x1x2xf32>) -> (tensor<1x2xf32>, tensor<5x1x2xf32>) {
  ^bb0(%h: tensor<1x2xf32>, %xt: tensor<1x2xf32>):
    %1 = qonnx.add %h, %xt : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x2xf32>
    qonnx.yield %1, %1 : tensor<1x2xf32>, tensor<1x2xf32>
  }
  %step = qonnx.gather %f#1 [2] axis 0 : tensor<5x1x2xf32> -> tensor<1x1x2xf32>
  %channel = qonnx.gather %f#1 [1] axis 2 : tensor<5x1x2xf32> -> tensor<5x1x1xf32>
  return %step, %channel : tensor<1x1x2xf32>, tensor<5x1x1xf32>
}

// -----

// The last step of a sequence, seen through other shapes, is the state.
// CHECK-LABEL: func.func @last
// CHECK: %[[S:.*]]:2 = qonnx.scan
// CHECK-NOT: qonnx.gather
// CHECK: %[[H:.*]] = qonnx.reshape %[[S]]#0 : tensor<1x2xf32> -> tensor<1x1x2xf32>
// CHECK-NEXT: %[[R:.*]] = qonnx.reshape %[[H]]
// CHECK-NEXT: %[[T:.*]] = qonnx.transpose %[[R]] [1, 0, 2, 3]
// CHECK-NEXT: return %[[T]]
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

// Backwards, the state is behind position 0; position 4 is the first step, alone.
// CHECK-LABEL: func.func @backwards
// CHECK: %[[S:.*]]:2 = qonnx.scan {{.*}} input_directions = array<i64: 1>
// CHECK: %[[R:.*]] = qonnx.scan {{.*}} input_directions = array<i64: 0>
// CHECK: %[[Y:.*]] = qonnx.reshape %[[R]]
// CHECK: %[[H:.*]] = qonnx.reshape %[[S]]#0
// CHECK-NOT: qonnx.gather
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
