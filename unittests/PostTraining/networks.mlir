// Float networks of the tests of post-training quantisation.

func.func @dense(%x: tensor<1x3xf32> {qonnx.name = "x"}) -> (tensor<1x2xf32> {qonnx.name = "y"}) {
  %w = qonnx.constant dense<[[0.5, -0.3], [0.1, 0.9], [-0.7, 0.2]]> : tensor<3x2xf32>
  %b = qonnx.constant dense<[0.25, -0.125]> : tensor<2xf32>
  %v = qonnx.constant dense<[[1.0, 0.31], [-0.4, 0.77]]> : tensor<2x2xf32>
  %0 = qonnx.matmul %x, %w : (tensor<1x3xf32>, tensor<3x2xf32>) -> tensor<1x2xf32>
  %1 = qonnx.add %0, %b : (tensor<1x2xf32>, tensor<2xf32>) -> tensor<1x2xf32>
  %2 = qonnx.relu %1 : tensor<1x2xf32>
  %3 = qonnx.matmul %2, %v : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<1x2xf32>
  return %3 : tensor<1x2xf32>
}

// Both sides of an activation are codes.
func.func @bent(%x: tensor<1x3xf32> {qonnx.name = "x"}) -> tensor<1x3xf32> {
  %two = qonnx.constant dense<2.0> : tensor<1x3xf32>
  %0 = qonnx.mul %x, %two : (tensor<1x3xf32>, tensor<1x3xf32>) -> tensor<1x3xf32>
  %1 = qonnx.leaky_relu %0 slope [0.1] {axis = -1 : i64} : tensor<1x3xf32>
  %2 = qonnx.elu %1 {alpha = 1.0 : f32} : tensor<1x3xf32>
  return %2 : tensor<1x3xf32>
}

// A step with a gate, a cell state of two products, and an output of the state.
func.func @cell(%x: tensor<4x1x2xf32> {qonnx.name = "x"}) -> (tensor<4x1x2xf32> {qonnx.name = "y"}) {
  %zero = qonnx.constant dense<0.0> : tensor<1x2xf32>
  %0:2 = qonnx.scan states(%zero) inputs(%x) captures() {input_axes = array<i64: 0>, input_directions = array<i64: 0>, output_axes = array<i64: 0>, output_directions = array<i64: 0>} : (tensor<1x2xf32>, tensor<4x1x2xf32>) -> (tensor<1x2xf32>, tensor<4x1x2xf32>) {
  ^bb0(%c: tensor<1x2xf32>, %xt: tensor<1x2xf32>):
    %one = qonnx.constant dense<1.0> : tensor<1x2xf32>
    %w = qonnx.constant dense<[[0.5, -1.5], [2.0, 0.25]]> : tensor<2x2xf32>
    %u = qonnx.constant dense<[[-0.5, 0.75], [1.0, 0.5]]> : tensor<2x2xf32>
    %1 = qonnx.matmul %xt, %w : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<1x2xf32>
    %2 = qonnx.matmul %c, %u : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<1x2xf32>
    %3 = qonnx.add %1, %2 : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x2xf32>
    %4 = qonnx.sigmoid %3 : tensor<1x2xf32>
    %5 = qonnx.sub %one, %4 : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x2xf32>
    %6 = qonnx.mul %4, %c : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x2xf32>
    %7 = qonnx.mul %5, %xt : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x2xf32>
    %8 = qonnx.add %6, %7 : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x2xf32>
    qonnx.yield %8, %8 : tensor<1x2xf32>, tensor<1x2xf32>
  }
  return %0#1 : tensor<4x1x2xf32>
}

// Three matrix products into one sum.
func.func @three_products(%x: tensor<1x2xf32>, %y: tensor<1x2xf32>, %z: tensor<1x2xf32>) -> tensor<1x2xf32> {
  %w = qonnx.constant dense<[[0.5, -1.5], [2.0, 0.25]]> : tensor<2x2xf32>
  %0 = qonnx.matmul %x, %w : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<1x2xf32>
  %1 = qonnx.matmul %y, %w : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<1x2xf32>
  %2 = qonnx.matmul %z, %w : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<1x2xf32>
  %3 = qonnx.add %0, %1 : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x2xf32>
  %4 = qonnx.add %3, %2 : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x2xf32>
  %5 = qonnx.tanh %4 : tensor<1x2xf32>
  return %5 : tensor<1x2xf32>
}

// A matrix product plus its own input, then a product alone.
func.func @product_and_value(%x: tensor<1x2xf32>) -> tensor<1x2xf32> {
  %w = qonnx.constant dense<[[0.5, -1.5], [2.0, 0.25]]> : tensor<2x2xf32>
  %0 = qonnx.matmul %x, %w : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<1x2xf32>
  %1 = qonnx.add %0, %x : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x2xf32>
  %2 = qonnx.tanh %1 : tensor<1x2xf32>
  %3 = qonnx.matmul %2, %w : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<1x2xf32>
  return %3 : tensor<1x2xf32>
}

func.func @quantised(%x: tensor<2xf32>) -> tensor<2xf32> {
  %0 = qonnx.quant %x by <scale = [0.5], zero_point = [0.0], lo = -8, hi = 7, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1> : tensor<2xf32>
  return %0 : tensor<2xf32>
}

// A normalised convolution behind a pool, its mean, and a dense layer.
func.func @conv(%x: tensor<1x1x6x2xf32> {qonnx.name = "x"}) -> tensor<1x1xf32> {
  %w = qonnx.constant dense<[[[[0.5, -1.5], [2.0, 0.25]]], [[[1.0, 0.5], [-0.25, 0.75]]]]> : tensor<2x1x2x2xf32>
  %v = qonnx.constant dense<[[0.5], [-0.75]]> : tensor<2x1xf32>
  %0 = qonnx.max_pool %x {kernel = array<i64: 2, 1>, strides = array<i64: 2, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>} : tensor<1x1x6x2xf32> -> tensor<1x1x3x2xf32>
  %1 = qonnx.conv %0, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 1 : i64} : (tensor<1x1x3x2xf32>, tensor<2x1x2x2xf32>) -> tensor<1x2x2x1xf32>
  %2 = qonnx.batch_norm %1 scale [1.0, 2.0] bias [0.5, 0.0] mean [0.0, 0.25] variance [1.0, 4.0] {epsilon = 1.0e-05 : f32} : tensor<1x2x2x1xf32>
  %3 = qonnx.relu %2 : tensor<1x2x2x1xf32>
  %4 = qonnx.average_pool %3 {kernel = array<i64: 2, 1>, strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, count_include_pad = false} : tensor<1x2x2x1xf32> -> tensor<1x2x1x1xf32>
  %5 = qonnx.reshape %4 : tensor<1x2x1x1xf32> -> tensor<1x2xf32>
  %6 = qonnx.matmul %5, %v : (tensor<1x2xf32>, tensor<2x1xf32>) -> tensor<1x1xf32>
  return %6 : tensor<1x1xf32>
}

// Two sequences side by side.
func.func @batch(%x: tensor<4x2x2xf32>) -> tensor<4x2x2xf32> {
  %zero = qonnx.constant dense<0.0> : tensor<2x2xf32>
  %0:2 = qonnx.scan states(%zero) inputs(%x) captures() {input_axes = array<i64: 0>, input_directions = array<i64: 0>, output_axes = array<i64: 0>, output_directions = array<i64: 0>} : (tensor<2x2xf32>, tensor<4x2x2xf32>) -> (tensor<2x2xf32>, tensor<4x2x2xf32>) {
  ^bb0(%h: tensor<2x2xf32>, %xt: tensor<2x2xf32>):
    %u = qonnx.constant dense<[[-0.5, 0.75], [1.0, 0.5]]> : tensor<2x2xf32>
    %1 = qonnx.matmul %h, %u : (tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<2x2xf32>
    %2 = qonnx.add %1, %xt : (tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<2x2xf32>
    %3 = qonnx.tanh %2 : tensor<2x2xf32>
    qonnx.yield %3, %3 : tensor<2x2xf32>, tensor<2x2xf32>
  }
  return %0#1 : tensor<4x2x2xf32>
}
