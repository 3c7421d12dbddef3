// Activations with parameters at levels onnx and exact.
#fine = #qonnx.quantiser<scale = [9.09494702e-13], zero_point = [0.0], lo = -1000000000000000, hi = 1000000000000000, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>
#tenth = #qonnx.quantiser<scale = [0.1], zero_point = [0.0], lo = -1000, hi = 1000, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>
#quarter = #qonnx.quantiser<scale = [0.25], zero_point = [0.0], lo = -100, hi = 100, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>

// Slopes of both signs, one for each channel.
func.func @leaky(%x: tensor<1x3x2xf32>) -> tensor<1x3x2xf32> {
  %0 = qonnx.leaky_relu %x slope [0.25, -2.0, 0.0] {axis = 1 : i64} : tensor<1x3x2xf32>
  return %0 : tensor<1x3x2xf32>
}

// -0.1 * 0.1 is a code of the grid of 0.1 * 0.1 over the reals only.
func.func @real_slope(%x: tensor<2xf32>) -> tensor<2xf32> {
  %q = qonnx.quant %x by #tenth : tensor<2xf32>
  %0 = qonnx.leaky_relu %q slope [0.1] {axis = -1 : i64} : tensor<2xf32>
  return %0 : tensor<2xf32>
}

// Behind a root: 4 (x - 1) / sqrt(4) below zero times -0.25, ties included; channel 1 is irrational.
func.func @behind_root(%x: tensor<1x2x3xf32>) -> tensor<1x2x3xf32> {
  %0 = qonnx.batch_norm %x scale [4.0, 4.0] bias [0.0, 0.0] mean [1.0, 1.0] variance [3.5, 1.5] {epsilon = 5.0e-01 : f32} : tensor<1x2x3xf32>
  %1 = qonnx.leaky_relu %0 slope [-0.25, 0.5] {axis = 1 : i64} : tensor<1x2x3xf32>
  %2 = qonnx.quant %1 by #quarter : tensor<1x2x3xf32>
  return %2 : tensor<1x2x3xf32>
}

func.func @behind_clip(%x: tensor<2xf32>) -> tensor<2xf32> {
  %0 = qonnx.tanh %x : tensor<2xf32>
  %1 = qonnx.clip %0 {min = -0.5 : f64, max = 0.5 : f64} : tensor<2xf32>
  %2 = qonnx.leaky_relu %1 slope [0.5] {axis = -1 : i64} : tensor<2xf32>
  %3 = qonnx.quant %2 by #quarter : tensor<2xf32>
  return %3 : tensor<2xf32>
}

// softsign is rational, so ties occur everywhere.
func.func @softsign(%x: tensor<5xf32>) -> tensor<5xf32> {
  %0 = qonnx.softsign %x : tensor<5xf32>
  %1 = qonnx.quant %0 by #quarter : tensor<5xf32>
  return %1 : tensor<5xf32>
}

func.func @elu(%x: tensor<5xf32>) -> tensor<5xf32> {
  %0 = qonnx.elu %x {alpha = 2.0 : f32} : tensor<5xf32>
  %1 = qonnx.quant %0 by #quarter : tensor<5xf32>
  return %1 : tensor<5xf32>
}

// Every operator with an error bound, read as it is or through a quantiser of 2^-40.
func.func @bounds(%x: tensor<8x4xf32>, %y: tensor<4x8xf32>) -> (tensor<8x8xf32>, tensor<8x8xf32>, tensor<8x8xf32>) {
  %0 = qonnx.matmul %x, %y : (tensor<8x4xf32>, tensor<4x8xf32>) -> tensor<8x8xf32>
  %1 = qonnx.leaky_relu %0 slope [0.01, 0.3, -0.7, 3.0, -5.0, 0.1, 1.0, 0.0] {axis = 1 : i64} : tensor<8x8xf32>
  %2 = qonnx.elu %0 {alpha = 1.7 : f32} : tensor<8x8xf32>
  %3 = qonnx.quant %2 by #fine : tensor<8x8xf32>
  %4 = qonnx.softsign %0 : tensor<8x8xf32>
  %5 = qonnx.quant %4 by #fine : tensor<8x8xf32>
  return %1, %3, %5 : tensor<8x8xf32>, tensor<8x8xf32>, tensor<8x8xf32>
}
