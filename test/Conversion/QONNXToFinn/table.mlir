// RUN: finngl-opt %s --convert-qonnx-to-finn --split-input-file | FileCheck %s

// Sigmoid of a code, decided exactly: sigmoid(0) is 1/2, code 128 of 256.

#x = #qonnx.quantiser<scale = [1.0], zero_point = [0.0], lo = -2, hi = 1, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>
#y = #qonnx.quantiser<scale = [0.00390625], zero_point = [0.0], lo = 0, hi = 255, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>

// CHECK-LABEL: func.func @main
// CHECK-SAME: %[[X:[a-z0-9]+]]: tensor<4xsi2>
func.func @main(%x: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
  %0 = qonnx.quant %x by #x : tensor<4xf32>
  // CHECK: finn.table %[[X]] {first = -2 : i64, values = array<i64: 31, 69, 128, 187>} : tensor<4xsi2> -> tensor<4xui8>
  %1 = qonnx.sigmoid %0 : tensor<4xf32>
  %2 = qonnx.quant %1 by #y : tensor<4xf32>
  // 1 - sigmoid(x): a constant factor and offset behind the activation.
  %3 = qonnx.constant dense<1.0> : tensor<f32>
  %4 = qonnx.sub %3, %1 : (tensor<f32>, tensor<4xf32>) -> tensor<4xf32>
  // CHECK: finn.table %[[X]] {first = -2 : i64, values = array<i64: 225, 187, 128, 69>}
  %5 = qonnx.quant %4 by #y : tensor<4xf32>
  return %2, %5 : tensor<4xf32>, tensor<4xf32>
}

// -----

// More than 2^12 codes: thresholds on the accumulator.

#x = #qonnx.quantiser<scale = [0.001], zero_point = [0.0], lo = -4096, hi = 4095, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>
#y = #qonnx.quantiser<scale = [0.5], zero_point = [0.0], lo = -2, hi = 1, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>

// CHECK-LABEL: func.func @main
func.func @main(%x: tensor<4xf32>) -> tensor<4xf32> {
  %0 = qonnx.quant %x by #x : tensor<4xf32>
  %1 = qonnx.tanh %0 : tensor<4xf32>
  // tanh(x) >= -3/4 from x = -0.973 on, >= -1/4 from -0.2554, > 1/4 from 0.2554.
  // CHECK: finn.multi_threshold %{{.*}}, dense<{{\[\[}}-972, -255, 256]]> {{.*}}bias = -2
  %2 = qonnx.quant %1 by #y : tensor<4xf32>
  return %2 : tensor<4xf32>
}
