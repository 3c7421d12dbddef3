// RUN: finngl-opt %s --qonnx-expand-rnn --verify-roundtrip -split-input-file | FileCheck %s
// Values: unittests/Engine/FixturesTest.cpp, against ONNX Runtime. Here: what is made, and of which constants.

#f = #qonnx.activation<sigmoid []>
#g = #qonnx.activation<tanh []>

// Gates in the order i, o, f, c: a constant operand is cut, transposed and added
// up here; the body has its own constants.
// CHECK-LABEL: func.func @lstm
// CHECK-NEXT: %[[H0:.*]] = qonnx.constant dense<0.000000e+00> : tensor<1x1xf32>
// CHECK-NEXT: %[[C0:.*]] = qonnx.constant dense<0.000000e+00> : tensor<1x1xf32>
// CHECK-NEXT: %[[S:.*]]:3 = qonnx.scan states(%[[H0]], %[[C0]]) inputs(%arg0) captures() {input_axes = array<i64: 0>, input_directions = array<i64: 0>, output_axes = array<i64: 0>, output_directions = array<i64: 0>}
// CHECK-NEXT: ^bb0(%[[H:.*]]: tensor<1x1xf32>, %[[C:.*]]: tensor<1x1xf32>, %[[X:.*]]: tensor<1x2xf32>):
// CHECK-NEXT: %[[W:.*]] = qonnx.constant dense<{{\[}}[1.000000e+00], [2.000000e+00]]> : tensor<2x1xf32>
// CHECK-NEXT: %[[WX:.*]] = qonnx.matmul %[[X]], %[[W]]
// CHECK-NEXT: %[[R:.*]] = qonnx.constant dense<1.100000e+01>
// CHECK-NEXT: %[[RH:.*]] = qonnx.matmul %[[H]], %[[R]]
// CHECK-NEXT: %[[SUM:.*]] = qonnx.add %[[WX]], %[[RH]]
// CHECK-NEXT: %[[B:.*]] = qonnx.constant dense<6.000000e+00> : tensor<1xf32>
// CHECK-NEXT: %[[BIASED:.*]] = qonnx.add %[[SUM]], %[[B]]
// CHECK-NEXT: %[[P:.*]] = qonnx.constant dense<2.100000e+01> : tensor<1xf32>
// CHECK-NEXT: %[[PC:.*]] = qonnx.mul %[[C]], %[[P]]
// CHECK-NEXT: %[[ALL:.*]] = qonnx.add %[[BIASED]], %[[PC]]
// CHECK-NEXT: %[[I:.*]] = qonnx.sigmoid %[[ALL]]
// CHECK: qonnx.constant dense<{{\[}}[5.000000e+00], [6.000000e+00]]> : tensor<2x1xf32>
// CHECK: qonnx.constant dense<2.300000e+01> : tensor<1xf32>
// CHECK: %[[F:.*]] = qonnx.sigmoid
// CHECK: qonnx.constant dense<{{\[}}[7.000000e+00], [8.000000e+00]]> : tensor<2x1xf32>
// CHECK: %[[G:.*]] = qonnx.tanh
// CHECK: %[[FC:.*]] = qonnx.mul %[[F]], %[[C]]
// CHECK-NEXT: %[[IG:.*]] = qonnx.mul %[[I]], %[[G]]
// CHECK-NEXT: %[[NEXT:.*]] = qonnx.add %[[FC]], %[[IG]]
// CHECK: qonnx.constant dense<{{\[}}[3.000000e+00], [4.000000e+00]]> : tensor<2x1xf32>
// CHECK: %[[PO:.*]] = qonnx.constant dense<2.200000e+01> : tensor<1xf32>
// CHECK-NEXT: qonnx.mul %[[NEXT]], %[[PO]]
// CHECK: %[[O:.*]] = qonnx.sigmoid
// CHECK-NEXT: %[[T:.*]] = qonnx.tanh %[[NEXT]]
// CHECK-NEXT: %[[HN:.*]] = qonnx.mul %[[O]], %[[T]]
// CHECK-NEXT: qonnx.yield %[[HN]], %[[NEXT]], %[[HN]]
// CHECK: %[[Y:.*]] = qonnx.reshape %[[S]]#2 : tensor<3x1x1xf32> -> tensor<3x1x1x1xf32>
// CHECK-NEXT: return %[[Y]]
func.func @lstm(%x: tensor<3x1x2xf32>) -> tensor<3x1x1x1xf32> {
  %w = qonnx.constant dense<[[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0], [7.0, 8.0]]]> : tensor<1x4x2xf32>
  %r = qonnx.constant dense<[[[11.0], [12.0], [13.0], [14.0]]]> : tensor<1x4x1xf32>
  %b = qonnx.constant dense<[[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0]]> : tensor<1x8xf32>
  %p = qonnx.constant dense<[[21.0, 22.0, 23.0]]> : tensor<1x3xf32>
  %0:3 = qonnx.rnn lstm forward %x, %w, %r bias %b peepholes %p steps [] {activations = [#f, #g, #g]} : (tensor<3x1x2xf32>, tensor<1x4x2xf32>, tensor<1x4x1xf32>, tensor<1x8xf32>, tensor<1x3xf32>) -> (tensor<3x1x1x1xf32>, tensor<1x1x1xf32>, tensor<1x1x1xf32>)
  return %0#0 : tensor<3x1x1x1xf32>
}

// -----

#f = #qonnx.activation<sigmoid []>
#g = #qonnx.activation<tanh []>
#q = #qonnx.quantiser<scale = [0.5], zero_point = [0.0], lo = -8, hi = 7, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>

// Reset after the product, its bias inside; weights behind a quantiser are cut
// behind it, in the body; computed ones are cut outside and captured.
// CHECK-LABEL: func.func @gru
// CHECK: %[[CUT:.*]] = qonnx.gather %arg1 [0] axis 1 : tensor<1x3x1xf32> -> tensor<1x1x1xf32>
// CHECK: qonnx.scan states(%{{.*}}) inputs(%arg0) captures(
// CHECK-NEXT: ^bb0(%[[H:[^:]*]]: tensor<1x1xf32>, %[[X:[^:]*]]: tensor<1x2xf32>, %[[R0:[^:]*]]: tensor<1x1xf32>,
// CHECK: %[[Q:.*]] = qonnx.quant
// CHECK-NEXT: %[[GATE:.*]] = qonnx.gather %[[Q]] [0] axis 1
// CHECK-NEXT: %[[FLAT:.*]] = qonnx.reshape %[[GATE]]
// CHECK-NEXT: %[[W:.*]] = qonnx.transpose %[[FLAT]] [1, 0]
// CHECK-NEXT: qonnx.matmul %[[X]], %[[W]]
// CHECK-NEXT: qonnx.matmul %[[H]], %[[R0]]
// CHECK: %[[Z:.*]] = qonnx.sigmoid
// CHECK: %[[R:.*]] = qonnx.sigmoid
// CHECK: %[[RH:.*]] = qonnx.matmul %[[H]],
// CHECK-NEXT: %[[RB:.*]] = qonnx.constant dense<6.000000e+00> : tensor<1xf32>
// CHECK-NEXT: %[[U:.*]] = qonnx.add %[[RH]], %[[RB]]
// CHECK-NEXT: %[[RU:.*]] = qonnx.mul %[[R]], %[[U]]
// CHECK: %[[N:.*]] = qonnx.tanh
// CHECK-NEXT: %[[ONE:.*]] = qonnx.constant dense<1.000000e+00> : tensor<f32>
// CHECK-NEXT: %[[REST:.*]] = qonnx.sub %[[ONE]], %[[Z]]
// CHECK-NEXT: %[[A:.*]] = qonnx.mul %[[REST]], %[[N]]
// CHECK-NEXT: %[[K:.*]] = qonnx.mul %[[Z]], %[[H]]
// CHECK-NEXT: qonnx.add %[[A]], %[[K]]
func.func @gru(%x: tensor<3x1x2xf32>, %r: tensor<1x3x1xf32>) -> tensor<1x1x1xf32> {
  %c = qonnx.constant dense<[[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]]> : tensor<1x3x2xf32>
  %w = qonnx.quant %c by #q : tensor<1x3x2xf32>
  %b = qonnx.constant dense<[[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]]> : tensor<1x6xf32>
  %0:2 = qonnx.rnn gru forward %x, %w, %r bias %b steps [] {activations = [#f, #g], linear_before_reset} : (tensor<3x1x2xf32>, tensor<1x3x2xf32>, tensor<1x3x1xf32>, tensor<1x6xf32>) -> (tensor<3x1x1x1xf32>, tensor<1x1x1xf32>)
  return %0#1 : tensor<1x1x1xf32>
}

// -----

#f = #qonnx.activation<tanh []>

// Two lengths are two scans, each over its own steps; elements of the batch come
// back in their order.
// CHECK-LABEL: func.func @lengths
// CHECK: %[[B1:.*]] = qonnx.gather %arg0 [1] axis 1 : tensor<4x2x1xf32> -> tensor<4x1x1xf32>
// CHECK-NEXT: %[[X1:.*]] = qonnx.gather %[[B1]] [0, 1] axis 0 : tensor<4x1x1xf32> -> tensor<2x1x1xf32>
// CHECK: %[[S1:.*]]:2 = qonnx.scan {{.*}}inputs(%[[X1]]) {{.*}}input_directions = array<i64: 1>
// CHECK: %[[ZERO:.*]] = qonnx.constant dense<0.000000e+00> : tensor<2x1x1xf32>
// CHECK-NEXT: %[[Y1:.*]] = qonnx.concat %[[S1]]#1, %[[ZERO]] {axis = 0 : i64}
// CHECK: %[[X0:.*]] = qonnx.gather %arg0 [0] axis 1
// CHECK: %[[S0:.*]]:2 = qonnx.scan {{.*}}inputs(%[[X0]])
// CHECK: %[[BOTH:.*]] = qonnx.concat %[[Y1]], %[[S0]]#1 {axis = 1 : i64}
// CHECK-NEXT: qonnx.gather %[[BOTH]] [1, 0] axis 1
func.func @lengths(%x: tensor<4x2x1xf32>) -> tensor<4x1x2x1xf32> {
  %w = qonnx.constant dense<1.0> : tensor<1x1x1xf32>
  %0:2 = qonnx.rnn rnn reverse %x, %w, %w steps [4, 2] {activations = [#f]} : (tensor<4x2x1xf32>, tensor<1x1x1xf32>, tensor<1x1x1xf32>) -> (tensor<4x1x2x1xf32>, tensor<1x2x1xf32>)
  return %0#0 : tensor<4x1x2x1xf32>
}
