// RUN: finngl-opt %s --verify-roundtrip | FileCheck %s

#q = #qonnx.quantiser<scale = [0.0294556], zero_point = [0.0], lo = -32, hi = 31, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>

// CHECK-LABEL: func.func @main
func.func @main(%h: tensor<1x2xf32>, %x: tensor<5x1x3xf32>) -> (tensor<1x2xf32>, tensor<5x1x2xf32>) {
  // CHECK: qonnx.scan states(%{{.*}}) inputs(%{{.*}}) captures()
  %0:2 = qonnx.scan states(%h) inputs(%x) captures() {input_axes = array<i64: 0>, input_directions = array<i64: 0>, output_axes = array<i64: 0>, output_directions = array<i64: 0>} : (tensor<1x2xf32>, tensor<5x1x3xf32>) -> (tensor<1x2xf32>, tensor<5x1x2xf32>) {
  ^bb0(%s: tensor<1x2xf32>, %xt: tensor<1x3xf32>):
    // CHECK: qonnx.constant dense<5.000000e-01> : tensor<3x2xf32>
    %w = qonnx.constant dense<0.5> : tensor<3x2xf32>
    // CHECK: qonnx.quant %{{.*}} by <scale
    %wq = qonnx.quant %w by #q : tensor<3x2xf32>
    // CHECK: qonnx.matmul
    %1 = qonnx.matmul %xt, %wq : (tensor<1x3xf32>, tensor<3x2xf32>) -> tensor<1x2xf32>
    %2 = qonnx.add %1, %s : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x2xf32>
    %3 = qonnx.quantize_linear %2 scale [0.5] {zero_point = array<i64: 0>, axis = -1 : i64} : tensor<1x2xf32> -> tensor<1x2xsi8>
    %4 = qonnx.clip %3 {min = -7.0 : f64, max = 7.0 : f64} : tensor<1x2xsi8>
    %5 = qonnx.dequantize_linear %4 scale [0.5] {zero_point = array<i64: 0>, axis = -1 : i64} : tensor<1x2xsi8> -> tensor<1x2xf32>
    %6 = qonnx.tanh %5 : tensor<1x2xf32>
    qonnx.yield %6, %6 : tensor<1x2xf32>, tensor<1x2xf32>
  }
  return %0#0, %0#1 : tensor<1x2xf32>, tensor<5x1x2xf32>
}

// CHECK-LABEL: func.func @concat
func.func @concat(%a: tensor<5x1x4xf32>) -> tensor<5x1x8xf32> {
  // CHECK: qonnx.concat %{{.*}}, %{{.*}} {axis = 2 : i64}
  %0 = qonnx.concat %a, %a {axis = 2 : i64} : (tensor<5x1x4xf32>, tensor<5x1x4xf32>) -> tensor<5x1x8xf32>
  return %0 : tensor<5x1x8xf32>
}

// CHECK-LABEL: func.func @gather
func.func @gather(%a: tensor<1x5xf32>) -> tensor<1x2xf32> {
  // CHECK: qonnx.gather %{{.*}} [4, 0] axis 1 : tensor<1x5xf32> -> tensor<1x2xf32>
  %0 = qonnx.gather %a [4, 0] axis 1 : tensor<1x5xf32> -> tensor<1x2xf32>
  return %0 : tensor<1x2xf32>
}

// CHECK-LABEL: func.func @activations
func.func @activations(%a: tensor<1x2xf32>) -> tensor<1x2xf32> {
  // CHECK: qonnx.leaky_relu %{{.*}} slope [1.000000e-02, -2.000000e+00] {axis = 1 : i64} : tensor<1x2xf32>
  %0 = qonnx.leaky_relu %a slope [0.01, -2.0] {axis = 1 : i64} : tensor<1x2xf32>
  // CHECK: qonnx.elu %{{.*}} {alpha = 1.000000e+00 : f32}
  %1 = qonnx.elu %0 {alpha = 1.0 : f32} : tensor<1x2xf32>
  // CHECK: qonnx.softsign
  %2 = qonnx.softsign %1 : tensor<1x2xf32>
  return %2 : tensor<1x2xf32>
}

#s = #qonnx.activation<sigmoid []>
#t = #qonnx.activation<hard_sigmoid [0.2, 0.5]>

// CHECK-LABEL: func.func @rnn
func.func @rnn(%x: tensor<5x1x3xf32>, %w: tensor<2x2x3xf32>, %r: tensor<2x2x2xf32>, %b: tensor<2x4xf32>, %h: tensor<2x1x2xf32>) -> tensor<5x2x1x2xf32> {
  // CHECK: qonnx.rnn rnn bidirectional %{{.*}}, %{{.*}}, %{{.*}} bias %{{.*}} h %{{.*}} steps [3] {activations = [#{{.*}}, #{{.*}}], clip = 1.000000e+00 : f32}
  %0:2 = qonnx.rnn rnn bidirectional %x, %w, %r bias %b h %h steps [3] {activations = [#s, #t], clip = 1.0 : f32} : (tensor<5x1x3xf32>, tensor<2x2x3xf32>, tensor<2x2x2xf32>, tensor<2x4xf32>, tensor<2x1x2xf32>) -> (tensor<5x2x1x2xf32>, tensor<2x1x2xf32>)
  return %0#0 : tensor<5x2x1x2xf32>
}
