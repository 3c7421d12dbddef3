// RUN: finngl-opt %s --convert-qonnx-to-finn --split-input-file -verify-diagnostics

#q = #qonnx.quantiser<scale = [0.25], zero_point = [0.0], lo = -8, hi = 7, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>

func.func @main(%x: tensor<1x1x5xf32>) -> tensor<1x1x3xf32> {
  %w = qonnx.constant dense<1.0> : tensor<1x1x3xf32>
  %0 = qonnx.quant %x by #q : tensor<1x1x5xf32>
  // expected-error@+2 {{a product with weights that are not quantised}}
  // expected-note@+1 {{put a quantiser on the weights}}
  %1 = qonnx.conv %0, %w {strides = array<i64: 1>, pads = array<i64: 0, 0>, dilations = array<i64: 1>, group = 1 : i64} : (tensor<1x1x5xf32>, tensor<1x1x3xf32>) -> tensor<1x1x3xf32>
  return %1 : tensor<1x1x3xf32>
}

// -----

#half = #qonnx.quantiser<scale = [0.25], zero_point = [0.5], lo = -8, hi = 7, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>
#q = #qonnx.quantiser<scale = [0.25], zero_point = [0.0], lo = -8, hi = 7, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>

func.func @main(%x: tensor<1x1x5xf32>) -> tensor<1x1x5xf32> {
  %c = qonnx.constant dense<1.0> : tensor<1x1x3xf32>
  %w = qonnx.quant %c by #q : tensor<1x1x3xf32>
  %0 = qonnx.quant %x by #half : tensor<1x1x5xf32>
  // expected-error@+2 {{a zero as padding of a value whose zero point is no integer}}
  // expected-note@+1 {{use an integer zero point, or no padding}}
  %1 = qonnx.conv %0, %w {strides = array<i64: 1>, pads = array<i64: 1, 1>, dilations = array<i64: 1>, group = 1 : i64} : (tensor<1x1x5xf32>, tensor<1x1x3xf32>) -> tensor<1x1x5xf32>
  return %1 : tensor<1x1x5xf32>
}

// -----

#q = #qonnx.quantiser<scale = [0.25], zero_point = [0.0], lo = -8, hi = 7, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>

func.func @main(%x: tensor<1x1x5xf32>) -> tensor<1x1x5xf32> {
  %0 = qonnx.quant %x by #q : tensor<1x1x5xf32>
  // expected-error@+2 {{means of windows with unequal numbers of elements}}
  // expected-note@+1 {{use count_include_pad, or no padding}}
  %1 = qonnx.average_pool %0 {kernel = array<i64: 3>, strides = array<i64: 1>, pads = array<i64: 1, 1>, dilations = array<i64: 1>, count_include_pad = false} : tensor<1x1x5xf32> -> tensor<1x1x5xf32>
  return %1 : tensor<1x1x5xf32>
}

// -----

#q = #qonnx.quantiser<scale = [0.25], zero_point = [0.0], lo = -8, hi = 7, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>

func.func @main(%x: tensor<2x1x5xf32>) -> tensor<2x1x3xf32> {
  %0 = qonnx.quant %x by #q : tensor<2x1x5xf32>
  // expected-error@+2 {{a batch of 2 images}}
  // expected-note@+1 {{export the model for one sample}}
  %1 = qonnx.max_pool %0 {kernel = array<i64: 3>, strides = array<i64: 1>, pads = array<i64: 0, 0>, dilations = array<i64: 1>} : tensor<2x1x5xf32> -> tensor<2x1x3xf32>
  return %1 : tensor<2x1x3xf32>
}

// -----

// The root of a batch normalisation ends at a quantiser.
#q = #qonnx.quantiser<scale = [0.25], zero_point = [0.0], lo = -8, hi = 7, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>

func.func @main(%x: tensor<1x1x5xf32>) -> tensor<1x1x3xf32> {
  %0 = qonnx.quant %x by #q : tensor<1x1x5xf32>
  %1 = qonnx.batch_norm %0 scale [1.0] bias [0.0] mean [0.0] variance [2.0] {epsilon = 0.0 : f32} : tensor<1x1x5xf32>
  // expected-error@+2 {{an activation that has not been quantised}}
  // expected-note@+1 {{put a quantiser behind the activation}}
  %2 = qonnx.max_pool %1 {kernel = array<i64: 3>, strides = array<i64: 1>, pads = array<i64: 0, 0>, dilations = array<i64: 1>} : tensor<1x1x5xf32> -> tensor<1x1x3xf32>
  return %2 : tensor<1x1x3xf32>
}

// -----

// What falls and rises is a table of codes, and there are none of a sum.
#q = #qonnx.quantiser<scale = [0.25], zero_point = [0.0], lo = -4096, hi = 4095, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>

func.func @main(%x: tensor<1x5xf32>) -> tensor<1x5xf32> {
  %0 = qonnx.quant %x by #q : tensor<1x5xf32>
  %1 = qonnx.leaky_relu %0 slope [-0.5] {axis = -1 : i64} : tensor<1x5xf32>
  // expected-error@+2 {{an activation that falls and rises, of more than 4096 codes or with channels of their own}}
  // expected-note@+1 {{quantise its operand per tensor to at most 12 bits}}
  %2 = qonnx.quant %1 by #q : tensor<1x5xf32>
  return %2 : tensor<1x5xf32>
}

// -----

// Time first, then channels: no window reads that without holding the image.
#q = #qonnx.quantiser<scale = [0.25], zero_point = [0.0], lo = -8, hi = 7, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>

func.func @main(%x: tensor<1x2x5xf32>) -> (tensor<1x2x3xf32>, tensor<1x5x1xf32>) {
  %0 = qonnx.quant %x by #q : tensor<1x2x5xf32>
  %1 = qonnx.transpose %0 [0, 2, 1] : tensor<1x2x5xf32> -> tensor<1x5x2xf32>
  // expected-error@+2 {{graph output 0, whose elements come in another order}}
  // expected-note@+1 {{transpose the value}}
  %2 = qonnx.max_pool %0 {kernel = array<i64: 3>, strides = array<i64: 1>, pads = array<i64: 0, 0>, dilations = array<i64: 1>} : tensor<1x2x5xf32> -> tensor<1x2x3xf32>
  // expected-error@+2 {{an image whose channels do not come together at each position}}
  // expected-note@+1 {{only graph inputs, convolutions, pools}}
  %3 = qonnx.max_pool %1 {kernel = array<i64: 2>, strides = array<i64: 1>, pads = array<i64: 0, 0>, dilations = array<i64: 1>} : tensor<1x5x2xf32> -> tensor<1x5x1xf32>
  return %2, %3 : tensor<1x2x3xf32>, tensor<1x5x1xf32>
}
