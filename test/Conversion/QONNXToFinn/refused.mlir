// RUN: finngl-opt %s --convert-qonnx-to-finn --split-input-file --verify-diagnostics

#q = #qonnx.quantiser<scale = [0.25], zero_point = [0.0], lo = -8, hi = 7, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>

// Several nodes are reported in one run.
func.func @main(%x: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
  %0 = qonnx.quant %x by #q : tensor<4xf32>
  // expected-error@+2 {{no exact integer form for graph output 0, which is not behind a quantiser}}
  // expected-note@+1 {{put a quantiser before the graph output}}
  %1 = qonnx.tanh %0 : tensor<4xf32>
  // expected-error@+2 {{no exact integer form for an activation that has not been quantised}}
  // expected-note@+1 {{put a quantiser behind the activation}}
  %2 = qonnx.mul %1, %1 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  return %1, %2 : tensor<4xf32>, tensor<4xf32>
}

// -----

#q = #qonnx.quantiser<scale = [0.25], zero_point = [0.0], lo = -8, hi = 7, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>

func.func @main(%x: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
  %0 = qonnx.quant %x by #q : tensor<4xf32>
  // expected-error@+2 {{no exact integer form for a Softmax}}
  // expected-note@+1 {{finngl compile --head logits}}
  %1 = qonnx.softmax %0 {axis = 0 : i64, log = false} : tensor<4xf32>
  // expected-error@+2 {{no exact integer form for graph output 1}}
  // expected-note@+1 {{finngl compile --head logits}}
  %2 = qonnx.sigmoid %0 : tensor<4xf32>
  return %1, %2 : tensor<4xf32>, tensor<4xf32>
}

// -----

#q = #qonnx.quantiser<scale = [0.25], zero_point = [0.0], lo = -8, hi = 7, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>
#p = #qonnx.quantiser<scale = [0.5], zero_point = [0.0], lo = -8, hi = 7, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>

func.func @main(%x: tensor<4xf32> {qonnx.name = "x"}) -> (tensor<4xf32>, tensor<4xf32>) {
  // expected-error@+2 {{graph input 'x' meets two different quantisers}}
  // expected-note@+1 {{quantise the graph input once}}
  %0 = qonnx.quant %x by #q : tensor<4xf32>
  %1 = qonnx.quant %x by #p : tensor<4xf32>
  return %0, %1 : tensor<4xf32>, tensor<4xf32>
}

// -----

func.func @main(%x: tensor<4xf32> {qonnx.name = "x"}) -> tensor<4xf32> {
  // expected-error@+2 {{graph input 'x' is used before it is quantised, by qonnx.tanh}}
  // expected-note@+1 {{put a quantiser on the graph input, or let it bring integers: --input 'x:siBITS:SCALE'}}
  %0 = qonnx.tanh %x : tensor<4xf32>
  return %0 : tensor<4xf32>
}

// -----

#q = #qonnx.quantiser<scale = [0.25], zero_point = [0.0], lo = -8, hi = 7, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>

func.func @main(%x: tensor<2xf32>) -> tensor<2xf32> {
  %0 = qonnx.quant %x by #q : tensor<2xf32>
  %w = qonnx.constant dense<0.5> : tensor<2x2xf32>
  // expected-error@+2 {{a product with weights that are not quantised}}
  // expected-note@+1 {{put a quantiser on the weights}}
  %1 = qonnx.matmul %0, %w : (tensor<2xf32>, tensor<2x2xf32>) -> tensor<2xf32>
  return %1 : tensor<2xf32>
}

// -----

#q = #qonnx.quantiser<scale = [0.25], zero_point = [0.0], lo = -8, hi = 7, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>
#w = #qonnx.quantiser<scale = [0.1, 0.11, 0.12, 0.13, 0.14], zero_point = [0.0], lo = -8, hi = 7, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = 0>

func.func @main(%x: tensor<5xf32>) -> tensor<1xf32> {
  %0 = qonnx.quant %x by #q : tensor<5xf32>
  %w = qonnx.constant dense<0.5> : tensor<5x1xf32>
  %1 = qonnx.quant %w by #w : tensor<5x1xf32>
  // expected-error@+2 {{5 scales on the contraction axis whose ratios are no powers of two}}
  // expected-note@+1 {{at most 4 are supported; give the operands of the product one scale}}
  %2 = qonnx.matmul %0, %1 : (tensor<5xf32>, tensor<5x1xf32>) -> tensor<1xf32>
  return %2 : tensor<1xf32>
}

// -----

#q = #qonnx.quantiser<scale = [0.25], zero_point = [0.0], lo = -8, hi = 7, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>

func.func @main(%x: tensor<4x2xf32>) -> tensor<2x4xf32> {
  %0 = qonnx.quant %x by #q : tensor<4x2xf32>
  // expected-error@+2 {{graph output 0, whose elements come in another order than ONNX'}}
  // expected-note@+1 {{transpose the value so that channels are innermost}}
  %1 = qonnx.transpose %0 [1, 0] : tensor<4x2xf32> -> tensor<2x4xf32>
  return %1 : tensor<2x4xf32>
}

// -----

#a = #qonnx.quantiser<scale = [0.3], zero_point = [0.0], lo = -8, hi = 7, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>
#b = #qonnx.quantiser<scale = [0.17], zero_point = [0.0], lo = -8, hi = 7, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>

func.func @main(%a: tensor<4xf32>, %b: tensor<4xf32>) -> tensor<4xf32> {
  %0 = qonnx.quant %a by #a : tensor<4xf32>
  %1 = qonnx.quant %b by #b : tensor<4xf32>
  %2 = qonnx.mul %0, %0 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %3 = qonnx.mul %2, %0 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %4 = qonnx.mul %1, %1 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %5 = qonnx.mul %4, %1 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  // expected-error@+2 {{a sum of 2 values of unrelated scales}}
  // expected-note@+1 {{quantise the parts of the sum to one scale}}
  %6 = qonnx.add %3, %5 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  return %6 : tensor<4xf32>
}

// -----

// A graph input quantised along another axis than its channels'.

#rows = #qonnx.quantiser<scale = [0.25, 0.5, 1.0, 2.0], zero_point = [0.0], lo = -8, hi = 7, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = 0>

func.func @main(%x: tensor<4x4xf32>) -> tensor<4x4xf32> {
  // expected-error@+2 {{a quantiser per index of axis 0, which is not the axis of the channels}}
  // expected-note@+1 {{quantise per tensor or per channel}}
  %0 = qonnx.quant %x by #rows : tensor<4x4xf32>
  return %0 : tensor<4x4xf32>
}

// -----

// An exporter that took the input for a constant.
func.func @main(%x: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error@+2 {{no exact integer form for graph output 0, which is a constant}}
  // expected-note@+1 {{the file computes nothing there: export the model anew}}
  %0 = qonnx.constant dense<0.0> : tensor<4xf32>
  return %0 : tensor<4xf32>
}
