// Decisions between classes at levels onnx and exact.
#tenth = #qonnx.quantiser<scale = [0.1], zero_point = [0.0], lo = -128, hi = 127, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>
#tenth_wide = #qonnx.quantiser<scale = [0.1], zero_point = [0.0], lo = -1024, hi = 1023, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>

func.func @both_ends(%x: tensor<2x3x2xf32>) -> (tensor<2x1x2xf32>, tensor<2x1x2xf32>) {
  %0 = qonnx.arg_max %x {axis = 1 : i64, select_last = false} : tensor<2x3x2xf32> -> tensor<2x1x2xf32>
  %1 = qonnx.arg_max %x {axis = 1 : i64, select_last = true} : tensor<2x3x2xf32> -> tensor<2x1x2xf32>
  return %0, %1 : tensor<2x1x2xf32>, tensor<2x1x2xf32>
}

func.func @ranks(%x: tensor<2x4xf32>) -> (tensor<2x3xf32>, tensor<2x3xf32>, tensor<2x3xf32>) {
  %0 = qonnx.top_k %x {axis = 1 : i64} : tensor<2x4xf32> -> tensor<2x3xf32>
  %1 = qonnx.arg_max %x {axis = 1 : i64, select_last = false} : tensor<2x4xf32> -> tensor<2x3xf32>
  %2 = qonnx.arg_max %x {axis = 1 : i64, select_last = true} : tensor<2x4xf32> -> tensor<2x3xf32>
  return %0, %1, %2 : tensor<2x3xf32>, tensor<2x3xf32>, tensor<2x3xf32>
}

func.func @softmax(%x: tensor<2x4xf32>, %y: tensor<4x3xf32>) -> (tensor<2x3xf32>, tensor<2x3xf32>) {
  %0 = qonnx.matmul %x, %y : (tensor<2x4xf32>, tensor<4x3xf32>) -> tensor<2x3xf32>
  %1 = qonnx.softmax %0 {axis = 1 : i64, log = false} : tensor<2x3xf32>
  %2 = qonnx.softmax %0 {axis = 0 : i64, log = true} : tensor<2x3xf32>
  return %1, %2 : tensor<2x3xf32>, tensor<2x3xf32>
}

// Logits of codes, one of them a boundary of floor; the file's outputs are behind the host.
func.func @logits(%x: tensor<2x2xf32>) -> (tensor<2x2xf32> {qonnx.host = {axis = 1 : i64, function = "Softmax"}}) {
  %0 = qonnx.quant %x by <scale = [0.1], zero_point = [0.0], lo = -128, hi = 127, rounding = floor, zp_after_rounding = false, bipolar = false, axis = -1> : tensor<2x2xf32>
  return %0 : tensor<2x2xf32>
}

// A sum of codes beside the same number, which float32 misses for some.
func.func @ties(%x: tensor<256x1xf32>, %y: tensor<1x256xf32>) -> tensor<256x256x1xf32> {
  %0 = qonnx.quant %x by #tenth : tensor<256x1xf32>
  %1 = qonnx.quant %y by #tenth : tensor<1x256xf32>
  %2 = qonnx.add %0, %1 : (tensor<256x1xf32>, tensor<1x256xf32>) -> tensor<256x256xf32>
  %3 = qonnx.quant %2 by #tenth_wide : tensor<256x256xf32>
  %4 = qonnx.reshape %2 : tensor<256x256xf32> -> tensor<256x256x1xf32>
  %5 = qonnx.reshape %3 : tensor<256x256xf32> -> tensor<256x256x1xf32>
  %6 = qonnx.concat %4, %5 {axis = 2 : i64} : (tensor<256x256x1xf32>, tensor<256x256x1xf32>) -> tensor<256x256x2xf32>
  %7 = qonnx.arg_max %6 {axis = 2 : i64, select_last = false} : tensor<256x256x2xf32> -> tensor<256x256x1xf32>
  return %7 : tensor<256x256x1xf32>
}

// Rank 0 is clear, ranks 1 and 2 are a tie that float32 may miss.
func.func @doubtful_ranks(%x: tensor<1x4xf32>) -> (tensor<1x3xf32>, tensor<1x3xf32>) {
  %c = qonnx.constant dense<[[0.9, 0.0, 0.2, 0.0]]> : tensor<1x4xf32>
  %0 = qonnx.quant %x by #tenth : tensor<1x4xf32>
  %1 = qonnx.quant %c by #tenth : tensor<1x4xf32>
  %2 = qonnx.add %0, %1 : (tensor<1x4xf32>, tensor<1x4xf32>) -> tensor<1x4xf32>
  %3 = qonnx.arg_max %2 {axis = 1 : i64, select_last = false} : tensor<1x4xf32> -> tensor<1x3xf32>
  %4 = qonnx.top_k %2 {axis = 1 : i64} : tensor<1x4xf32> -> tensor<1x3xf32>
  return %3, %4 : tensor<1x3xf32>, tensor<1x3xf32>
}

// Two decisions, the second one of a tie that float32 may miss.
func.func @doubt(%x: tensor<2x3xf32>) -> tensor<2x1xf32> {
  %c = qonnx.constant dense<[[0.0, 0.0, 0.3], [0.0, 0.2, 0.3]]> : tensor<2x3xf32>
  %0 = qonnx.quant %x by #tenth : tensor<2x3xf32>
  %1 = qonnx.quant %c by #tenth : tensor<2x3xf32>
  %2 = qonnx.add %0, %1 : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xf32>
  %3 = qonnx.arg_max %2 {axis = 1 : i64, select_last = false} : tensor<2x3xf32> -> tensor<2x1xf32>
  return %3 : tensor<2x1xf32>
}
