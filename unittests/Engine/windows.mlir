// Convolutions, pools and batch normalisation at levels onnx and exact.
#fine = #qonnx.quantiser<scale = [9.09494702e-13], zero_point = [0.0], lo = -1000000000000000, hi = 1000000000000000, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>
#whole = #qonnx.quantiser<scale = [1.0], zero_point = [0.0], lo = -100, hi = 100, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>

func.func @conv(%x: tensor<1x4x5xf32>) -> tensor<1x2x4xf32> {
  %w = qonnx.constant dense<[[[1.0, 2.0], [0.5, -1.0]], [[-1.0, 0.0], [0.25, 3.0]]]> : tensor<2x2x2xf32>
  %0 = qonnx.conv %x, %w {strides = array<i64: 2>, pads = array<i64: 2, 2>, dilations = array<i64: 2>, group = 2 : i64} : (tensor<1x4x5xf32>, tensor<2x2x2xf32>) -> tensor<1x2x4xf32>
  return %0 : tensor<1x2x4xf32>
}

// Padding is left out of a maximum, of negative numbers too, and of a mean or not.
func.func @pools(%x: tensor<1x1x5xf32>) -> (tensor<1x1x3xf32>, tensor<1x1x3xf32>, tensor<1x1x3xf32>) {
  %0 = qonnx.max_pool %x {kernel = array<i64: 3>, strides = array<i64: 2>, pads = array<i64: 1, 1>, dilations = array<i64: 1>} : tensor<1x1x5xf32> -> tensor<1x1x3xf32>
  %1 = qonnx.average_pool %x {kernel = array<i64: 3>, strides = array<i64: 2>, pads = array<i64: 1, 1>, dilations = array<i64: 1>, count_include_pad = true} : tensor<1x1x5xf32> -> tensor<1x1x3xf32>
  %2 = qonnx.average_pool %x {kernel = array<i64: 3>, strides = array<i64: 2>, pads = array<i64: 1, 1>, dilations = array<i64: 1>, count_include_pad = false} : tensor<1x1x5xf32> -> tensor<1x1x3xf32>
  return %0, %1, %2 : tensor<1x1x3xf32>, tensor<1x1x3xf32>, tensor<1x1x3xf32>
}

// Channel 0 has a rational root, 1 / sqrt(4); channel 1 an irrational one; both then meet a relu.
func.func @batch_norm(%x: tensor<1x2x3xf32>) -> tensor<1x2x3xf32> {
  %0 = qonnx.batch_norm %x scale [1.0, -2.0] bias [0.0, 0.5] mean [1.0, -1.0] variance [3.5, 1.5] {epsilon = 5.0e-01 : f32} : tensor<1x2x3xf32>
  %1 = qonnx.relu %0 : tensor<1x2x3xf32>
  %2 = qonnx.quant %1 by #whole : tensor<1x2x3xf32>
  return %2 : tensor<1x2x3xf32>
}

func.func @behind_clip(%x: tensor<1x2x3xf32>) -> tensor<1x2x3xf32> {
  %0 = qonnx.batch_norm %x scale [1.0, -2.0] bias [0.0, 0.5] mean [1.0, -1.0] variance [3.5, 1.5] {epsilon = 5.0e-01 : f32} : tensor<1x2x3xf32>
  %1 = qonnx.relu %0 : tensor<1x2x3xf32>
  %2 = qonnx.neg %1 : tensor<1x2x3xf32>
  %3 = qonnx.quant %2 by #whole : tensor<1x2x3xf32>
  return %3 : tensor<1x2x3xf32>
}

// A mean of thirds meets a quantiser exactly: 1/3 + 1/6 is a tie.
func.func @thirds(%x: tensor<1x1x3xf32>) -> tensor<1x1x1xf32> {
  %0 = qonnx.average_pool %x {kernel = array<i64: 3>, strides = array<i64: 1>, pads = array<i64: 0, 0>, dilations = array<i64: 1>, count_include_pad = false} : tensor<1x1x3xf32> -> tensor<1x1x1xf32>
  %1 = qonnx.quant %0 by #whole : tensor<1x1x1xf32>
  return %1 : tensor<1x1x1xf32>
}

// Every operator with an error bound, read as it is or through a quantiser of 2^-40.
func.func @bounds(%x: tensor<1x4x8xf32>, %w: tensor<4x2x3xf32>) -> (tensor<1x4x6xf32>, tensor<1x4x4xf32>, tensor<1x4x6xf32>) {
  %0 = qonnx.conv %x, %w {strides = array<i64: 1>, pads = array<i64: 0, 0>, dilations = array<i64: 1>, group = 2 : i64} : (tensor<1x4x8xf32>, tensor<4x2x3xf32>) -> tensor<1x4x6xf32>
  %1 = qonnx.average_pool %0 {kernel = array<i64: 3>, strides = array<i64: 1>, pads = array<i64: 0, 0>, dilations = array<i64: 1>, count_include_pad = false} : tensor<1x4x6xf32> -> tensor<1x4x4xf32>
  %2 = qonnx.batch_norm %0 scale [0.7, -1.3, 0.01, 3.0] bias [0.1, 0.2, -5.0, 0.0] mean [0.3, -0.3, 2.0, 0.0] variance [0.9, 2.0, 0.1, 7.0] {epsilon = 1.0e-05 : f32} : tensor<1x4x6xf32>
  %3 = qonnx.quant %2 by #fine : tensor<1x4x6xf32>
  return %0, %1, %3 : tensor<1x4x6xf32>, tensor<1x4x4xf32>, tensor<1x4x6xf32>
}

// Doubt of one element, followed through each kind of window.
func.func @doubt(%x: tensor<1x1x8xf32>) -> (tensor<1x1x7xf32>, tensor<1x1x6xf32>, tensor<1x1x5xf32>) {
  %w = qonnx.constant dense<1.0> : tensor<1x1x2xf32>
  %q = qonnx.quant %x by <scale = [0.1], zero_point = [0.0], lo = -8, hi = 7, rounding = floor, zp_after_rounding = false, bipolar = false, axis = -1> : tensor<1x1x8xf32>
  %0 = qonnx.conv %q, %w {strides = array<i64: 1>, pads = array<i64: 0, 0>, dilations = array<i64: 1>, group = 1 : i64} : (tensor<1x1x8xf32>, tensor<1x1x2xf32>) -> tensor<1x1x7xf32>
  %1 = qonnx.max_pool %0 {kernel = array<i64: 2>, strides = array<i64: 1>, pads = array<i64: 0, 0>, dilations = array<i64: 1>} : tensor<1x1x7xf32> -> tensor<1x1x6xf32>
  %2 = qonnx.average_pool %0 {kernel = array<i64: 2>, strides = array<i64: 1>, pads = array<i64: 0, 0>, dilations = array<i64: 1>, count_include_pad = false} : tensor<1x1x7xf32> -> tensor<1x1x6xf32>
  %3 = qonnx.max_pool %2 {kernel = array<i64: 2>, strides = array<i64: 1>, pads = array<i64: 0, 0>, dilations = array<i64: 1>} : tensor<1x1x6xf32> -> tensor<1x1x5xf32>
  return %0, %1, %3 : tensor<1x1x7xf32>, tensor<1x1x6xf32>, tensor<1x1x5xf32>
}
