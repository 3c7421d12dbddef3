// RUN: finngl-opt %s --convert-qonnx-to-finn --split-input-file | FileCheck %s

// A window over time of an image [1, C, T]: the port comes time by time, its channels together; padding is a real zero.

#x = #qonnx.quantiser<scale = [0.25], zero_point = [3.0], lo = -8, hi = 7, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>
#w = #qonnx.quantiser<scale = [0.5], zero_point = [0.0], lo = -8, hi = 7, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>
#y = #qonnx.quantiser<scale = [0.125], zero_point = [0.0], lo = 0, hi = 63, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>

// CHECK-LABEL: func.func @main
// CHECK-SAME: %[[X:[a-z0-9]+]]: tensor<5x2xsi4> {finn.order = array<i64: 0, 2, 1>
func.func @main(%x: tensor<1x2x5xf32>) -> tensor<1x5x1xf32> {
  %c = qonnx.constant dense<[[[1.0, 2.0, 3.0], [-1.0, 0.0, 0.5]]]> : tensor<1x2x3xf32>
  %w = qonnx.quant %c by #w : tensor<1x2x3xf32>
  %0 = qonnx.quant %x by #x : tensor<1x2x5xf32>
  // CHECK: %[[P:[a-z0-9]+]] = finn.im2col %[[X]] {dilations = array<i64: 1>, image = array<i64: 5>, kernel = array<i64: 3>, pad_value = array<i64: 3>, pads = array<i64: 1, 1>, strides = array<i64: 1>} : tensor<5x2xsi4> -> tensor<5x6xsi4>
  // CHECK: finn.matmul %[[P]], dense<{{\[}}[2, -2, 4, 0, 6, 1]]>
  %1 = qonnx.conv %0, %w {strides = array<i64: 1>, pads = array<i64: 1, 1>, dilations = array<i64: 1>, group = 1 : i64} : (tensor<1x2x5xf32>, tensor<1x2x3xf32>) -> tensor<1x1x5xf32>
  // The relu is the quantiser's lower bound.
  // CHECK-NEXT: finn.requant {{.*}} lo = 0 : i64
  // CHECK-NEXT: return
  %2 = qonnx.relu %1 : tensor<1x1x5xf32>
  %3 = qonnx.quant %2 by #y : tensor<1x1x5xf32>
  %4 = qonnx.transpose %3 [0, 2, 1] : tensor<1x1x5xf32> -> tensor<1x5x1xf32>
  return %4 : tensor<1x5x1xf32>
}

// -----

// Windows side by side move nothing. Batch normalisation is thresholds; a negative scale turns the weights' row.

#x = #qonnx.quantiser<scale = [1.0], zero_point = [0.0], lo = -4, hi = 3, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>
#y = #qonnx.quantiser<scale = [1.0], zero_point = [0.0], lo = 0, hi = 1, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>

// CHECK-LABEL: func.func @main
// CHECK-SAME: %[[X:[a-z0-9]+]]: tensor<2x4xsi3>
func.func @main(%x: tensor<1x1x2x4xf32>) -> tensor<1x2x2x2xf32> {
  %c = qonnx.constant dense<[[[[1.0, 2.0]]], [[[3.0, -1.0]]]]> : tensor<2x1x1x2xf32>
  %w = qonnx.quant %c by #x : tensor<2x1x1x2xf32>
  %0 = qonnx.quant %x by #x : tensor<1x1x2x4xf32>
  // CHECK: %[[P:[a-z0-9]+]] = finn.reshape %[[X]] : tensor<2x4xsi3> -> tensor<4x2xsi3>
  // CHECK: %[[M:[a-z0-9]+]] = finn.matmul %[[P]], dense<{{\[}}[1, 2], [-3, 1]]>
  %1 = qonnx.conv %0, %w {strides = array<i64: 1, 2>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 1 : i64} : (tensor<1x1x2x4xf32>, tensor<2x1x1x2xf32>) -> tensor<1x2x2x2xf32>
  // (x - 1) / sqrt(2) >= 0.5 from 1.707 on; 0.25 - x / sqrt(4) > 0.5 below -0.5.
  // CHECK: finn.multi_threshold %[[M]], dense<{{\[}}[2], [1]]>
  %2 = qonnx.batch_norm %1 scale [1.0, -1.0] bias [0.0, 0.25] mean [1.0, 0.0] variance [1.5, 3.5] {epsilon = 5.0e-01 : f32} : tensor<1x2x2x2xf32>
  %3 = qonnx.quant %2 by #y : tensor<1x2x2x2xf32>
  %4 = qonnx.transpose %3 [0, 2, 3, 1] : tensor<1x2x2x2xf32> -> tensor<1x2x2x2xf32>
  return %4 : tensor<1x2x2x2xf32>
}

// -----

// A maximum is one of codes, padding the least of them; a mean is a sum with a rational scale; groups weigh zero.

#x = #qonnx.quantiser<scale = [1.0], zero_point = [0.0], lo = -4, hi = 3, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>

// CHECK-LABEL: func.func @main
func.func @main(%x: tensor<1x2x6xf32>) -> (tensor<1x4x2xf32>, tensor<1x2x2xf32>, tensor<1x6x2xf32>) {
  %0 = qonnx.quant %x by #x : tensor<1x2x6xf32>
  // CHECK: %[[P:[a-z0-9]+]] = finn.im2col %{{.*}} pad_value = array<i64: -4>
  // CHECK: finn.max_pool %[[P]] : tensor<4x4xsi3> -> tensor<4x2xsi3>
  %1 = qonnx.max_pool %0 {kernel = array<i64: 2>, strides = array<i64: 2>, pads = array<i64: 1, 1>, dilations = array<i64: 1>} : tensor<1x2x6xf32> -> tensor<1x2x4xf32>
  %2 = qonnx.transpose %1 [0, 2, 1] : tensor<1x2x4xf32> -> tensor<1x4x2xf32>
  // CHECK: finn.matmul %{{.*}}, dense<{{\[}}[true, false, true, false, true, false], [false, true, false, true, false, true]]>
  %3 = qonnx.average_pool %0 {kernel = array<i64: 3>, strides = array<i64: 3>, pads = array<i64: 0, 0>, dilations = array<i64: 1>, count_include_pad = false} : tensor<1x2x6xf32> -> tensor<1x2x2xf32>
  // CHECK: finn.requant
  %4 = qonnx.quant %3 by #x : tensor<1x2x2xf32>
  %5 = qonnx.transpose %4 [0, 2, 1] : tensor<1x2x2xf32> -> tensor<1x2x2xf32>
  %c = qonnx.constant dense<[[[2.0]], [[3.0]]]> : tensor<2x1x1xf32>
  %w = qonnx.quant %c by #x : tensor<2x1x1xf32>
  // CHECK: finn.matmul %{{.*}}, dense<{{\[}}[2, 0], [0, 3]]>
  %6 = qonnx.conv %0, %w {strides = array<i64: 1>, pads = array<i64: 0, 0>, dilations = array<i64: 1>, group = 2 : i64} : (tensor<1x2x6xf32>, tensor<2x1x1xf32>) -> tensor<1x2x6xf32>
  %7 = qonnx.quant %6 by #x : tensor<1x2x6xf32>
  %8 = qonnx.transpose %7 [0, 2, 1] : tensor<1x2x6xf32> -> tensor<1x6x2xf32>
  return %2, %5, %8 : tensor<1x4x2xf32>, tensor<1x2x2xf32>, tensor<1x6x2xf32>
}

// -----

// A dense layer behind a flattened image takes its columns in the image's order.

#x = #qonnx.quantiser<scale = [1.0], zero_point = [0.0], lo = -8, hi = 7, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>

// CHECK-LABEL: func.func @main
func.func @main(%x: tensor<1x2x4xf32>) -> tensor<1x1xf32> {
  %0 = qonnx.quant %x by #x : tensor<1x2x4xf32>
  %1 = qonnx.max_pool %0 {kernel = array<i64: 2>, strides = array<i64: 2>, pads = array<i64: 0, 0>, dilations = array<i64: 1>} : tensor<1x2x4xf32> -> tensor<1x2x2xf32>
  %2 = qonnx.reshape %1 : tensor<1x2x2xf32> -> tensor<1x4xf32>
  %c = qonnx.constant dense<[[1.0], [2.0], [3.0], [4.0]]> : tensor<4x1xf32>
  %w = qonnx.quant %c by #x : tensor<4x1xf32>
  // CHECK: finn.reshape %{{.*}} : tensor<2x2xsi4> -> tensor<1x4xsi4>
  // CHECK: finn.matmul %{{.*}}, dense<{{\[}}[1, 3, 2, 4]]>
  %3 = qonnx.matmul %2, %w : (tensor<1x4xf32>, tensor<4x1xf32>) -> tensor<1x1xf32>
  return %3 : tensor<1x1xf32>
}
