// Codes of sigmoid and tanh: all 256 of an 8-bit accumulator, ties at zero, and arguments that need many bits.
#acc = #qonnx.quantiser<scale = [0.03125], zero_point = [0.0], lo = -128, hi = 127, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>
#unsigned = #qonnx.quantiser<scale = [0.00392156862], zero_point = [0.0], lo = 0, hi = 255, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>
#signed = #qonnx.quantiser<scale = [0.0078125], zero_point = [0.0], lo = -128, hi = 127, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>
#floor = #qonnx.quantiser<scale = [1.0], zero_point = [0.0], lo = -4, hi = 4, rounding = floor, zp_after_rounding = false, bipolar = false, axis = -1>
#even = #qonnx.quantiser<scale = [1.0], zero_point = [0.0], lo = -4, hi = 4, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>
#half_up = #qonnx.quantiser<scale = [1.0], zero_point = [0.0], lo = -4, hi = 4, rounding = half_up, zp_after_rounding = false, bipolar = false, axis = -1>

func.func @tables(%x: tensor<256xf32>) -> (tensor<256xf32>, tensor<256xf32>) {
  %a = qonnx.quant %x by #acc : tensor<256xf32>
  %s = qonnx.sigmoid %a : tensor<256xf32>
  %sq = qonnx.quant %s by #unsigned : tensor<256xf32>
  %t = qonnx.tanh %a : tensor<256xf32>
  %tq = qonnx.quant %t by #signed : tensor<256xf32>
  return %sq, %tq : tensor<256xf32>, tensor<256xf32>
}

func.func @zero(%x: tensor<1xf32>) -> (tensor<1xf32>, tensor<1xf32>, tensor<1xf32>) {
  %s = qonnx.sigmoid %x : tensor<1xf32>
  %0 = qonnx.quant %s by #even : tensor<1xf32>
  %1 = qonnx.quant %s by #half_up : tensor<1xf32>
  %t = qonnx.tanh %x : tensor<1xf32>
  %2 = qonnx.quant %t by #floor : tensor<1xf32>
  return %0, %1, %2 : tensor<1xf32>, tensor<1xf32>, tensor<1xf32>
}

func.func @floor(%x: tensor<1xf32>) -> tensor<1xf32> {
  %s = qonnx.sigmoid %x : tensor<1xf32>
  %0 = qonnx.quant %s by #floor : tensor<1xf32>
  return %0 : tensor<1xf32>
}

// 1 - 2 * tanh(x)
func.func @affine(%x: tensor<2xf32>) -> tensor<2xf32> {
  %one = qonnx.constant dense<1.0> : tensor<f32>
  %two = qonnx.constant dense<2.0> : tensor<1xf32>
  %t = qonnx.tanh %x : tensor<2xf32>
  %0 = qonnx.mul %t, %two : (tensor<2xf32>, tensor<1xf32>) -> tensor<2xf32>
  %1 = qonnx.sub %one, %0 : (tensor<f32>, tensor<2xf32>) -> tensor<2xf32>
  %fine = qonnx.quant %1 by <scale = [0.0009765625], zero_point = [0.0], lo = -65536, hi = 65535, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1> : tensor<2xf32>
  return %fine : tensor<2xf32>
}

func.func @two_terms(%x: tensor<2xf32>) -> tensor<2xf32> {
  %s = qonnx.sigmoid %x : tensor<2xf32>
  %t = qonnx.tanh %x : tensor<2xf32>
  %0 = qonnx.mul %s, %t : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
  %1 = qonnx.quant %0 by #signed : tensor<2xf32>
  return %1 : tensor<2xf32>
}

func.func @open(%x: tensor<2xf32>) -> tensor<2xf32> {
  %s = qonnx.sigmoid %x : tensor<2xf32>
  return %s : tensor<2xf32>
}
