// Every rounding mode on ties, both orders of an odd zero point, bipolar, and one scale for each channel.
func.func @ties(%x: tensor<10xf32>) -> (tensor<10xf32>, tensor<10xf32>, tensor<10xf32>, tensor<10xf32>, tensor<10xf32>, tensor<10xf32>, tensor<10xf32>, tensor<10xf32>, tensor<10xf32>, tensor<10xf32>) {
  %0 = qonnx.quant %x by <scale = [0.5], zero_point = [0.0], lo = -3, hi = 3, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1> : tensor<10xf32>
  %1 = qonnx.quant %x by <scale = [0.5], zero_point = [0.0], lo = -3, hi = 3, rounding = ceil, zp_after_rounding = false, bipolar = false, axis = -1> : tensor<10xf32>
  %2 = qonnx.quant %x by <scale = [0.5], zero_point = [0.0], lo = -3, hi = 3, rounding = floor, zp_after_rounding = false, bipolar = false, axis = -1> : tensor<10xf32>
  %3 = qonnx.quant %x by <scale = [0.5], zero_point = [0.0], lo = -3, hi = 3, rounding = up, zp_after_rounding = false, bipolar = false, axis = -1> : tensor<10xf32>
  %4 = qonnx.quant %x by <scale = [0.5], zero_point = [0.0], lo = -3, hi = 3, rounding = down, zp_after_rounding = false, bipolar = false, axis = -1> : tensor<10xf32>
  %5 = qonnx.quant %x by <scale = [0.5], zero_point = [0.0], lo = -3, hi = 3, rounding = half_up, zp_after_rounding = false, bipolar = false, axis = -1> : tensor<10xf32>
  %6 = qonnx.quant %x by <scale = [0.5], zero_point = [0.0], lo = -3, hi = 3, rounding = half_down, zp_after_rounding = false, bipolar = false, axis = -1> : tensor<10xf32>
  %7 = qonnx.quant %x by <scale = [0.5], zero_point = [1.0], lo = -3, hi = 6, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1> : tensor<10xf32>
  %8 = qonnx.quant %x by <scale = [0.5], zero_point = [1.0], lo = -3, hi = 6, rounding = half_even, zp_after_rounding = true, bipolar = false, axis = -1> : tensor<10xf32>
  %9 = qonnx.quant %x by <scale = [0.5], zero_point = [0.0], lo = -1, hi = 1, rounding = half_even, zp_after_rounding = false, bipolar = true, axis = -1> : tensor<10xf32>
  return %0, %1, %2, %3, %4, %5, %6, %7, %8, %9 : tensor<10xf32>, tensor<10xf32>, tensor<10xf32>, tensor<10xf32>, tensor<10xf32>, tensor<10xf32>, tensor<10xf32>, tensor<10xf32>, tensor<10xf32>, tensor<10xf32>
}

func.func @channels(%x: tensor<2x2xf32>) -> tensor<2x2xf32> {
  %0 = qonnx.quant %x by <scale = [0.5, 0.25], zero_point = [0.0], lo = -8, hi = 7, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = 1> : tensor<2x2xf32>
  return %0 : tensor<2x2xf32>
}
