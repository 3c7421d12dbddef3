// Values without quantiser, constants, and states.
#third = #qonnx.quantiser<scale = [0.3333333], zero_point = [0.0], lo = -8, hi = 7, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>
#state = #qonnx.quantiser<scale = [0.1], zero_point = [0.0], lo = -8, hi = 7, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>

// Exactly 3 * c, c the float32 nearest to a third: code times scale.
func.func @constants(%x: tensor<1x2xf32>) -> (tensor<1x3xf32>, tensor<1x3xf32>) {
  %c = qonnx.constant dense<1.0> : tensor<2x3xf32>
  %w = qonnx.quant %c by #third : tensor<2x3xf32>
  %0 = qonnx.matmul %x, %w : (tensor<1x2xf32>, tensor<2x3xf32>) -> tensor<1x3xf32>
  %i = qonnx.constant dense<[[2, -3, 4]]> : tensor<1x3xsi8>
  %b = qonnx.dequantize_linear %i scale [0.1] {zero_point = array<i64: 1>, axis = -1 : i64} : tensor<1x3xsi8> -> tensor<1x3xf32>
  %1 = qonnx.add %0, %b : (tensor<1x3xf32>, tensor<1x3xf32>) -> tensor<1x3xf32>
  %2 = qonnx.neg %1 : tensor<1x3xf32>
  %3 = qonnx.relu %2 : tensor<1x3xf32>
  %4 = qonnx.clip %1 {min = -0.25 : f64, max = 0x7FF0000000000000 : f64} : tensor<1x3xf32>
  return %3, %4 : tensor<1x3xf32>, tensor<1x3xf32>
}

// A product of constants is rounded to float32 once.
func.func @folded(%x: tensor<1xf32>) -> tensor<1xf32> {
  %a = qonnx.constant dense<0.1> : tensor<1xf32>
  %0 = qonnx.mul %a, %a : (tensor<1xf32>, tensor<1xf32>) -> tensor<1xf32>
  %1 = qonnx.mul %0, %x : (tensor<1xf32>, tensor<1xf32>) -> tensor<1xf32>
  return %1 : tensor<1xf32>
}

// h' = Q(h + x), s' = s + h: one quantised and one free state; reverse inputs.
func.func @scan(%h: tensor<1xf32>, %s: tensor<1xf32>, %x: tensor<4x1xf32>) -> (tensor<1xf32>, tensor<1xf32>, tensor<4x1xf32>) {
  %0:3 = qonnx.scan states(%h, %s) inputs(%x) captures() {input_axes = array<i64: 0>, input_directions = array<i64: 1>, output_axes = array<i64: 0>, output_directions = array<i64: 1>} : (tensor<1xf32>, tensor<1xf32>, tensor<4x1xf32>) -> (tensor<1xf32>, tensor<1xf32>, tensor<4x1xf32>) {
  ^bb0(%hs: tensor<1xf32>, %ss: tensor<1xf32>, %xt: tensor<1xf32>):
    %1 = qonnx.add %hs, %xt : (tensor<1xf32>, tensor<1xf32>) -> tensor<1xf32>
    %2 = qonnx.quant %1 by #state : tensor<1xf32>
    %3 = qonnx.add %ss, %hs : (tensor<1xf32>, tensor<1xf32>) -> tensor<1xf32>
    qonnx.yield %2, %3, %2 : tensor<1xf32>, tensor<1xf32>, tensor<1xf32>
  }
  return %0#0, %0#1, %0#2 : tensor<1xf32>, tensor<1xf32>, tensor<4x1xf32>
}

func.func @batches(%x: tensor<2x1x2xf32>, %y: tensor<2x3xf32>) -> (tensor<2x1x3xf32>, tensor<3x2xf32>) {
  %0 = qonnx.matmul %x, %y : (tensor<2x1x2xf32>, tensor<2x3xf32>) -> tensor<2x1x3xf32>
  %1 = qonnx.reshape %0 : tensor<2x1x3xf32> -> tensor<2x3xf32>
  %2 = qonnx.transpose %1 [1, 0] : tensor<2x3xf32> -> tensor<3x2xf32>
  return %0, %2 : tensor<2x1x3xf32>, tensor<3x2xf32>
}
