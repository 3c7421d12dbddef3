// RUN: finngl-opt %s --convert-qonnx-to-finn | FileCheck %s

// One value a step, quantised before the scan: a sequence of vectors of one element, not one vector of five.
#x = #qonnx.quantiser<scale = [0.25], zero_point = [0.0], lo = -8, hi = 7, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>

// CHECK-LABEL: func.func @main
// CHECK-SAME: tensor<5x1xsi4>
// CHECK: finn.scan states(%{{.*}}) inputs(%{{.*}}) {{.*}} : (tensor<1xui1>, tensor<5x1xsi4>)
func.func @main(%x: tensor<5x1x1xf32>) -> (tensor<1x1xf32>, tensor<5x1x1xf32>) {
  %h = qonnx.constant dense<0.0> : tensor<1x1xf32>
  %q = qonnx.quant %x by #x : tensor<5x1x1xf32>
  %0:2 = qonnx.scan states(%h) inputs(%q) captures() {input_axes = array<i64: 0>, input_directions = array<i64: 0>, output_axes = array<i64: 0>, output_directions = array<i64: 0>} : (tensor<1x1xf32>, tensor<5x1x1xf32>) -> (tensor<1x1xf32>, tensor<5x1x1xf32>) {
  ^bb0(%s: tensor<1x1xf32>, %xt: tensor<1x1xf32>):
    %1 = qonnx.add %s, %xt : (tensor<1x1xf32>, tensor<1x1xf32>) -> tensor<1x1xf32>
    %2 = qonnx.quant %1 by #x : tensor<1x1xf32>
    %3 = qonnx.mul %s, %s : (tensor<1x1xf32>, tensor<1x1xf32>) -> tensor<1x1xf32>
    %4 = qonnx.quant %3 by #x : tensor<1x1xf32>
    qonnx.yield %2, %4 : tensor<1x1xf32>, tensor<1x1xf32>
  }
  return %0#0, %0#1 : tensor<1x1xf32>, tensor<5x1x1xf32>
}
