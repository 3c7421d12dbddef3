// RUN: finngl-opt %s --convert-qonnx-to-finn --split-input-file | FileCheck %s

// Of few codes any function is a table, one that falls and rises too: 4 codes -2 to 1.

#x = #qonnx.quantiser<scale = [1.0], zero_point = [0.0], lo = -2, hi = 1, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>
#y = #qonnx.quantiser<scale = [0.125], zero_point = [0.0], lo = -16, hi = 15, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>

// CHECK-LABEL: func.func @main
// CHECK-SAME: %[[X:[a-z0-9]+]]: tensor<4xsi2>
func.func @main(%x: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) {
  %0 = qonnx.quant %x by #x : tensor<4xf32>
  // CHECK: finn.table %[[X]] {first = -2 : i64, values = array<i64: -4, -2, 0, 8>}
  %1 = qonnx.leaky_relu %0 slope [0.25] {axis = -1 : i64} : tensor<4xf32>
  %2 = qonnx.quant %1 by #y : tensor<4xf32>
  // CHECK: finn.table %[[X]] {first = -2 : i64, values = array<i64: 8, 4, 0, 8>}
  %3 = qonnx.leaky_relu %0 slope [-0.5] {axis = -1 : i64} : tensor<4xf32>
  %4 = qonnx.quant %3 by #y : tensor<4xf32>
  // exp(-2) - 1 = -0.865, exp(-1) - 1 = -0.632.
  // CHECK: finn.table %[[X]] {first = -2 : i64, values = array<i64: -7, -5, 0, 8>}
  %5 = qonnx.elu %0 {alpha = 1.0 : f32} : tensor<4xf32>
  %6 = qonnx.quant %5 by #y : tensor<4xf32>
  // -2/3, -1/2, 0, 1/2.
  // CHECK: finn.table %[[X]] {first = -2 : i64, values = array<i64: -5, -4, 0, 4>}
  %7 = qonnx.softsign %0 : tensor<4xf32>
  %8 = qonnx.quant %7 by #y : tensor<4xf32>
  // x * sigmoid(x): -0.238, -0.269, 0, 0.731.
  // CHECK: finn.table %[[X]] {first = -2 : i64, values = array<i64: -2, -2, 0, 6>}
  %9 = qonnx.sigmoid %0 : tensor<4xf32>
  %10 = qonnx.mul %9, %0 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %11 = qonnx.quant %10 by #y : tensor<4xf32>
  // x * min(max(0.3 x + 1 / 2, 0), 1): 0, -0.2, 0, 0.8.
  // CHECK: finn.table %[[X]] {first = -2 : i64, values = array<i64: 0, -2, 0, 6>}
  %slope = qonnx.constant dense<0.3> : tensor<f32>
  %half = qonnx.constant dense<0.5> : tensor<f32>
  %12 = qonnx.mul %0, %slope : (tensor<4xf32>, tensor<f32>) -> tensor<4xf32>
  %13 = qonnx.add %12, %half : (tensor<4xf32>, tensor<f32>) -> tensor<4xf32>
  %14 = qonnx.clip %13 {min = 0.0 : f64, max = 1.0 : f64} : tensor<4xf32>
  %15 = qonnx.mul %0, %14 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %16 = qonnx.quant %15 by #y : tensor<4xf32>
  return %2, %4, %6, %8, %11, %16 : tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>
}

// -----

// DeepLOB's block: a convolution, a leaky relu, batch normalisation and a quantiser are thresholds of the sum. A negative
// scale turns the weights' row, and the slope is that of the sum's other side.

#x = #qonnx.quantiser<scale = [1.0], zero_point = [0.0], lo = -4, hi = 3, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>
#y = #qonnx.quantiser<scale = [1.0], zero_point = [0.0], lo = -1, hi = 1, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>

// CHECK-LABEL: func.func @main
func.func @main(%x: tensor<1x1x2x4xf32>) -> tensor<1x2x2x2xf32> {
  %c = qonnx.constant dense<[[[[1.0, 2.0]]], [[[3.0, -1.0]]]]> : tensor<2x1x1x2xf32>
  %w = qonnx.quant %c by #x : tensor<2x1x1x2xf32>
  %0 = qonnx.quant %x by #x : tensor<1x1x2x4xf32>
  // CHECK: %[[M:[a-z0-9]+]] = finn.matmul %{{.*}}, dense<{{\[}}[1, 2], [-3, 1]]>
  %1 = qonnx.conv %0, %w {strides = array<i64: 1, 2>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 1 : i64} : (tensor<1x1x2x4xf32>, tensor<2x1x1x2xf32>) -> tensor<1x2x2x2xf32>
  %2 = qonnx.leaky_relu %1 slope [0.125] {axis = -1 : i64} : tensor<1x2x2x2xf32>
  // Channel 0, y / sqrt(2): above -0.5 from y = -0.707, x = -5.66 on, above 0.5 from 0.707. Channel 1, -y / 2 of -x: at
  // y = 1 and -1 are ties, which go to 0: above -0.5 from -1, above 0.5 from 9.
  // CHECK: finn.multi_threshold %[[M]], dense<{{\[}}[-5, 1], [-1, 9]]>
  %3 = qonnx.batch_norm %2 scale [1.0, -1.0] bias [0.0, 0.0] mean [0.0, 0.0] variance [1.5, 3.5] {epsilon = 5.0e-01 : f32} : tensor<1x2x2x2xf32>
  %4 = qonnx.quant %3 by #y : tensor<1x2x2x2xf32>
  %5 = qonnx.transpose %4 [0, 2, 3, 1] : tensor<1x2x2x2xf32> -> tensor<1x2x2x2xf32>
  return %5 : tensor<1x2x2x2xf32>
}

// -----

// A slope of each channel.

#x = #qonnx.quantiser<scale = [1.0], zero_point = [0.0], lo = -4, hi = 3, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>

// CHECK-LABEL: func.func @main
func.func @main(%x: tensor<1x2xf32>) -> tensor<1x2xf32> {
  %0 = qonnx.quant %x by #x : tensor<1x2xf32>
  %1 = qonnx.leaky_relu %0 slope [0.25, 0.0] {axis = 1 : i64} : tensor<1x2xf32>
  // CHECK: finn.multi_threshold %{{.*}}, dense<{{\[}}[-2, 1, 2, 3], [-4, 1, 2, 3]]> {{.*}}bias = -1
  %2 = qonnx.quant %1 by #x : tensor<1x2xf32>
  return %2 : tensor<1x2xf32>
}
