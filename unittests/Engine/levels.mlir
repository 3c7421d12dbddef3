// Modules on which float32 and the real numbers disagree, and why.
#tenth = #qonnx.quantiser<scale = [0.1], zero_point = [0.0], lo = -128, hi = 127, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>
#tenth_wide = #qonnx.quantiser<scale = [0.1], zero_point = [0.0], lo = -1024, hi = 1023, rounding = floor, zp_after_rounding = false, bipolar = false, axis = -1>
#fine = #qonnx.quantiser<scale = [9.094947017729282e-13], zero_point = [0.0], lo = -4398046511104, hi = 4398046511104, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>
#half = #qonnx.quantiser<scale = [0.5], zero_point = [0.0], lo = -8, hi = 7, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>

// Sums of two codes of one scale, rounded down on that scale: exactly on a boundary each time, and float32 comes out
// one level low for some.
func.func @floor(%x: tensor<256x1xf32>, %y: tensor<1x256xf32>) -> tensor<256x256xf32> {
  %0 = qonnx.quant %x by #tenth : tensor<256x1xf32>
  %1 = qonnx.quant %y by #tenth : tensor<1x256xf32>
  %2 = qonnx.add %0, %1 : (tensor<256x1xf32>, tensor<1x256xf32>) -> tensor<256x256xf32>
  %3 = qonnx.quant %2 by #tenth_wide : tensor<256x256xf32>
  %4 = qonnx.quant %3 by #half : tensor<256x256xf32>
  return %4 : tensor<256x256xf32>
}

// What a sum of codes is away from its own grid: zero, which float32 misses for some.
#sign = #qonnx.quantiser<scale = [1.0], zero_point = [0.0], lo = -1, hi = 1, rounding = half_even, zp_after_rounding = false, bipolar = true, axis = -1>
#tenth_nearest = #qonnx.quantiser<scale = [0.1], zero_point = [0.0], lo = -1024, hi = 1023, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>
func.func @sign(%x: tensor<256x1xf32>, %y: tensor<1x256xf32>) -> tensor<256x256xf32> {
  %0 = qonnx.quant %x by #tenth : tensor<256x1xf32>
  %1 = qonnx.quant %y by #tenth : tensor<1x256xf32>
  %2 = qonnx.add %0, %1 : (tensor<256x1xf32>, tensor<1x256xf32>) -> tensor<256x256xf32>
  %3 = qonnx.quant %2 by #tenth_nearest : tensor<256x256xf32>
  %4 = qonnx.sub %2, %3 : (tensor<256x256xf32>, tensor<256x256xf32>) -> tensor<256x256xf32>
  %5 = qonnx.quant %4 by #sign : tensor<256x256xf32>
  return %5 : tensor<256x256xf32>
}

// Its doubt reaches later steps of its own element, not those of its neighbour.
func.func @cone(%h: tensor<2xf32>, %x: tensor<3x2xf32>) -> (tensor<2xf32>, tensor<3x2xf32>) {
  %0:2 = qonnx.scan states(%h) inputs(%x) captures() {input_axes = array<i64: 0>, input_directions = array<i64: 0>, output_axes = array<i64: 0>, output_directions = array<i64: 0>} : (tensor<2xf32>, tensor<3x2xf32>) -> (tensor<2xf32>, tensor<3x2xf32>) {
  ^bb0(%s: tensor<2xf32>, %xt: tensor<2xf32>):
    %1 = qonnx.quant %xt by #tenth : tensor<2xf32>
    %2 = qonnx.add %1, %s : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
    %3 = qonnx.quant %2 by #tenth_wide : tensor<2xf32>
    qonnx.yield %3, %3 : tensor<2xf32>, tensor<2xf32>
  }
  return %0#0, %0#1 : tensor<2xf32>, tensor<3x2xf32>
}

// Every operator with an error bound, read through a quantiser of 2^-40.
func.func @bounds(%x: tensor<4x8xf32>, %y: tensor<8x4xf32>) -> (tensor<4x4xf32>, tensor<4x4xf32>, tensor<4x4xf32>) {
  %w = qonnx.constant dense<0.7> : tensor<4x4xf32>
  %wq = qonnx.quant %w by #tenth : tensor<4x4xf32>
  %0 = qonnx.matmul %x, %y : (tensor<4x8xf32>, tensor<8x4xf32>) -> tensor<4x4xf32>
  %1 = qonnx.mul %0, %wq : (tensor<4x4xf32>, tensor<4x4xf32>) -> tensor<4x4xf32>
  %2 = qonnx.sub %1, %0 : (tensor<4x4xf32>, tensor<4x4xf32>) -> tensor<4x4xf32>
  %3 = qonnx.sigmoid %2 : tensor<4x4xf32>
  %4 = qonnx.quant %3 by #fine : tensor<4x4xf32>
  %5 = qonnx.tanh %1 : tensor<4x4xf32>
  %6 = qonnx.quant %5 by #fine : tensor<4x4xf32>
  return %2, %4, %6 : tensor<4x4xf32>, tensor<4x4xf32>, tensor<4x4xf32>
}

// As imported, before any pass.
func.func @qcdq(%x: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %0 = qonnx.quantize_linear %x scale [0.5, 0.25, 1.0] {zero_point = array<i64: 1, 1, 1>, axis = 1 : i64} : tensor<2x3xf32> -> tensor<2x3xui8>
  %1 = qonnx.clip %0 {min = 0.0 : f64, max = 6.0 : f64} : tensor<2x3xui8>
  %2 = qonnx.dequantize_linear %1 scale [0.5, 0.25, 1.0] {zero_point = array<i64: 1, 1, 1>, axis = 1 : i64} : tensor<2x3xui8> -> tensor<2x3xf32>
  return %2 : tensor<2x3xf32>
}

func.func @shapes(%x: tensor<2x1xf32>, %y: tensor<2x2xf32>) -> tensor<3x2xf32> {
  %0 = qonnx.concat %x, %y {axis = 1 : i64} : (tensor<2x1xf32>, tensor<2x2xf32>) -> tensor<2x3xf32>
  %1 = qonnx.transpose %0 [1, 0] : tensor<2x3xf32> -> tensor<3x2xf32>
  %2 = qonnx.neg %1 : tensor<3x2xf32>
  %3 = qonnx.relu %2 : tensor<3x2xf32>
  %4 = qonnx.clip %3 {min = 0.5 : f64, max = 4.5 : f64} : tensor<3x2xf32>
  return %4 : tensor<3x2xf32>
}

func.func @gathers(%x: tensor<2x3x2xf32>) -> tensor<1x4x2xf32> {
  %0 = qonnx.gather %x [2, 0, 2, 1] axis 1 : tensor<2x3x2xf32> -> tensor<2x4x2xf32>
  %1 = qonnx.gather %0 [1] axis 0 : tensor<2x4x2xf32> -> tensor<1x4x2xf32>
  return %1 : tensor<1x4x2xf32>
}
