// The cases of docs/Exactness.md: each is sharp, a method that is nearly right fails on it (RowsTest.cpp).
// One scale into a quantiser, 3/32 to 7/16: ties at odd multiples of 7.
#x10 = #qonnx.quantiser<scale = [0.09375], zero_point = [0.0], lo = -512, hi = 511, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>
#y7 = #qonnx.quantiser<scale = [0.4375], zero_point = [0.0], lo = -128, hi = 127, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>
func.func @one_scale(%x: tensor<1024xf32>) -> tensor<1024xf32> {
  %0 = qonnx.quant %x by #x10 : tensor<1024xf32>
  %1 = qonnx.quant %0 by #y7 : tensor<1024xf32>
  return %1 : tensor<1024xf32>
}

// W x + U h + b, whose scales are unrelated.
#x = #qonnx.quantiser<scale = [0.3], zero_point = [0.0], lo = -4, hi = 3, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>
#h = #qonnx.quantiser<scale = [0.17], zero_point = [0.0], lo = -4, hi = 3, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>
#w = #qonnx.quantiser<scale = [0.11], zero_point = [0.0], lo = -7, hi = 7, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>
#u = #qonnx.quantiser<scale = [0.23], zero_point = [0.0], lo = -7, hi = 7, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>
#gate = #qonnx.quantiser<scale = [0.1], zero_point = [0.0], lo = -32, hi = 31, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>
func.func @two_scales(%x: tensor<4096x2xf32>, %h: tensor<4096x2xf32>) -> tensor<4096x2xf32> {
  %0 = qonnx.quant %x by #x : tensor<4096x2xf32>
  %1 = qonnx.quant %h by #h : tensor<4096x2xf32>
  %cw = qonnx.constant dense<[[0.55, -0.33], [0.77, 0.22]]> : tensor<2x2xf32>
  %w = qonnx.quant %cw by #w : tensor<2x2xf32>
  %cu = qonnx.constant dense<[[0.69, 1.15], [-0.46, 1.61]]> : tensor<2x2xf32>
  %u = qonnx.quant %cu by #u : tensor<2x2xf32>
  %2 = qonnx.matmul %0, %w : (tensor<4096x2xf32>, tensor<2x2xf32>) -> tensor<4096x2xf32>
  %3 = qonnx.matmul %1, %u : (tensor<4096x2xf32>, tensor<2x2xf32>) -> tensor<4096x2xf32>
  %4 = qonnx.add %2, %3 : (tensor<4096x2xf32>, tensor<4096x2xf32>) -> tensor<4096x2xf32>
  %b = qonnx.constant dense<[0.0131, -0.0377]> : tensor<2xf32>
  %5 = qonnx.add %4, %b : (tensor<4096x2xf32>, tensor<2xf32>) -> tensor<4096x2xf32>
  %6 = qonnx.quant %5 by #gate : tensor<4096x2xf32>
  return %6 : tensor<4096x2xf32>
}

// A scale for each index of the contraction axis; two have a ratio of 4 and are one term.
#w_columns = #qonnx.quantiser<scale = [0.1, 0.4, 0.13], zero_point = [0.0], lo = -7, hi = 7, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = 0>
func.func @contraction_axis(%x: tensor<512x3xf32>) -> tensor<512x2xf32> {
  %0 = qonnx.quant %x by #x : tensor<512x3xf32>
  %c = qonnx.constant dense<[[0.5, -0.3], [1.2, 0.8], [-0.91, 0.65]]> : tensor<3x2xf32>
  %w = qonnx.quant %c by #w_columns : tensor<3x2xf32>
  %1 = qonnx.matmul %0, %w : (tensor<512x3xf32>, tensor<3x2xf32>) -> tensor<512x2xf32>
  %2 = qonnx.quant %1 by #gate : tensor<512x2xf32>
  return %2 : tensor<512x2xf32>
}

#w_five = #qonnx.quantiser<scale = [0.1, 0.11, 0.12, 0.13, 0.14], zero_point = [0.0], lo = -8, hi = 7, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = 0>
func.func @five_on_contraction_axis(%x: tensor<5xf32>) -> tensor<1xf32> {
  %0 = qonnx.quant %x by #x : tensor<5xf32>
  %c = qonnx.constant dense<0.5> : tensor<5x1xf32>
  %w = qonnx.quant %c by #w_five : tensor<5x1xf32>
  %1 = qonnx.matmul %0, %w : (tensor<5xf32>, tensor<5x1xf32>) -> tensor<1xf32> loc("dense/MatMul")
  return %1 : tensor<1xf32>
}

// Zero point 3, of which a padded window's zeros are made; zero point 1/2, an offset.
#x_zero3 = #qonnx.quantiser<scale = [0.25], zero_point = [3.0], lo = -8, hi = 7, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>
#x_half = #qonnx.quantiser<scale = [0.25], zero_point = [0.5], lo = -8, hi = 7, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>
#unit = #qonnx.quantiser<scale = [1.0], zero_point = [0.0], lo = -128, hi = 127, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>
func.func @zero_point(%x: tensor<1x1x16xf32>) -> tensor<1x1x16xf32> {
  %0 = qonnx.quant %x by #x_zero3 : tensor<1x1x16xf32>
  %c = qonnx.constant dense<[[[3.0, 1.0, 2.0]]]> : tensor<1x1x3xf32>
  %w = qonnx.quant %c by #unit : tensor<1x1x3xf32>
  %1 = qonnx.conv %0, %w {strides = array<i64: 1>, pads = array<i64: 1, 1>, dilations = array<i64: 1>, group = 1 : i64} : (tensor<1x1x16xf32>, tensor<1x1x3xf32>) -> tensor<1x1x16xf32>
  %2 = qonnx.quant %1 by #unit : tensor<1x1x16xf32>
  return %2 : tensor<1x1x16xf32>
}
func.func @fractional_zero_point(%x: tensor<16xf32>) -> tensor<16xf32> {
  %0 = qonnx.quant %x by #x_half : tensor<16xf32>
  %1 = qonnx.quant %0 by #unit : tensor<16xf32>
  return %1 : tensor<16xf32>
}
func.func @padded_fraction(%x: tensor<1x1x5xf32>) -> tensor<1x1x5xf32> {
  %0 = qonnx.quant %x by #x_half : tensor<1x1x5xf32>
  %c = qonnx.constant dense<1.0> : tensor<1x1x3xf32>
  %w = qonnx.quant %c by #unit : tensor<1x1x3xf32>
  %1 = qonnx.conv %0, %w {strides = array<i64: 1>, pads = array<i64: 1, 1>, dilations = array<i64: 1>, group = 1 : i64} : (tensor<1x1x5xf32>, tensor<1x1x3xf32>) -> tensor<1x1x5xf32> loc("stem/Conv")
  return %1 : tensor<1x1x5xf32>
}

// A float bias: 0.02 is 0.32 steps of the sum's grid.
#sixteenth = #qonnx.quantiser<scale = [0.0625], zero_point = [0.0], lo = -64, hi = 63, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>
#quarter = #qonnx.quantiser<scale = [0.25], zero_point = [0.0], lo = -32, hi = 31, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>
func.func @float_bias(%x: tensor<128xf32>) -> tensor<128xf32> {
  %0 = qonnx.quant %x by #sixteenth : tensor<128xf32>
  %b = qonnx.constant dense<0.02> : tensor<f32>
  %1 = qonnx.add %0, %b : (tensor<128xf32>, tensor<f32>) -> tensor<128xf32>
  %2 = qonnx.quant %1 by #quarter : tensor<128xf32>
  return %2 : tensor<128xf32>
}

// f c: 77 lies next to the boundary 5.5, nearer than float32 sees.
#f = #qonnx.quantiser<scale = [0.0667], zero_point = [0.0], lo = 0, hi = 15, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>
#c = #qonnx.quantiser<scale = [0.13], zero_point = [0.0], lo = -8, hi = 7, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>
#fc = #qonnx.quantiser<scale = [0.121393986], zero_point = [0.0], lo = -16, hi = 15, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>
func.func @product(%f: tensor<256xf32>, %c: tensor<256xf32>) -> tensor<256xf32> {
  %0 = qonnx.quant %f by #f : tensor<256xf32>
  %1 = qonnx.quant %c by #c : tensor<256xf32>
  %2 = qonnx.mul %0, %1 : (tensor<256xf32>, tensor<256xf32>) -> tensor<256xf32>
  %3 = qonnx.quant %2 by #fc : tensor<256xf32>
  return %3 : tensor<256xf32>
}

// (1 - z) n + z h.
#n = #qonnx.quantiser<scale = [0.11], zero_point = [0.0], lo = -8, hi = 7, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>
func.func @sum_of_products(%z: tensor<4096xf32>, %n: tensor<4096xf32>, %h: tensor<4096xf32>) -> tensor<4096xf32> {
  %0 = qonnx.quant %z by #f : tensor<4096xf32>
  %1 = qonnx.quant %n by #n : tensor<4096xf32>
  %2 = qonnx.quant %h by #c : tensor<4096xf32>
  %one = qonnx.constant dense<1.0> : tensor<f32>
  %3 = qonnx.sub %one, %0 : (tensor<f32>, tensor<4096xf32>) -> tensor<4096xf32>
  %4 = qonnx.mul %3, %1 : (tensor<4096xf32>, tensor<4096xf32>) -> tensor<4096xf32>
  %5 = qonnx.mul %0, %2 : (tensor<4096xf32>, tensor<4096xf32>) -> tensor<4096xf32>
  %6 = qonnx.add %4, %5 : (tensor<4096xf32>, tensor<4096xf32>) -> tensor<4096xf32>
  %7 = qonnx.quant %6 by #c : tensor<4096xf32>
  return %7 : tensor<4096xf32>
}
// Cubes, fed to no quantiser: a common scale of more than 63 bits.
func.func @wide_sum(%a: tensor<4xf32>, %b: tensor<4xf32>) -> tensor<4xf32> {
  %0 = qonnx.quant %a by #n : tensor<4xf32>
  %1 = qonnx.quant %b by #c : tensor<4xf32>
  %2 = qonnx.mul %0, %0 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %3 = qonnx.mul %2, %0 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %4 = qonnx.mul %1, %1 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %5 = qonnx.mul %4, %1 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %6 = qonnx.add %3, %5 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32> loc("cell/Add")
  return %6 : tensor<4xf32>
}

// s + x, fed back as it is: after 64 steps 10 bits of 4.
#x4 = #qonnx.quantiser<scale = [0.25], zero_point = [0.0], lo = -8, hi = 7, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>
func.func @fed_back(%x: tensor<64x2xf32>) -> tensor<64x2xf32> {
  %s = qonnx.constant dense<0.0> : tensor<2xf32>
  %0:2 = qonnx.scan states(%s) inputs(%x) captures() {input_axes = array<i64: 0>, input_directions = array<i64: 0>, output_axes = array<i64: 0>, output_directions = array<i64: 0>} : (tensor<2xf32>, tensor<64x2xf32>) -> (tensor<2xf32>, tensor<64x2xf32>) {
  ^bb0(%before: tensor<2xf32>, %xt: tensor<2xf32>):
    %1 = qonnx.quant %xt by #x4 : tensor<2xf32>
    %2 = qonnx.add %before, %1 : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
    qonnx.yield %2, %2 : tensor<2xf32>, tensor<2xf32>
  }
  return %0#1 : tensor<64x2xf32>
}
func.func @diverges(%x: tensor<100x2xf32>) -> tensor<2xf32> {
  %s = qonnx.constant dense<0.0> : tensor<2xf32>
  %0 = qonnx.scan states(%s) inputs(%x) captures() {input_axes = array<i64: 0>, input_directions = array<i64: 0>, output_axes = array<i64>, output_directions = array<i64>} : (tensor<2xf32>, tensor<100x2xf32>) -> tensor<2xf32> {
  ^bb0(%before: tensor<2xf32>, %xt: tensor<2xf32>):
    %1 = qonnx.quant %xt by #x4 : tensor<2xf32>
    %2 = qonnx.add %before, %before : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
    %3 = qonnx.add %2, %1 : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
    qonnx.yield %3 : tensor<2xf32>
  } loc("rnn/Scan")
  return %0 : tensor<2xf32>
}

#bn = #qonnx.quantiser<scale = [0.5], zero_point = [0.0], lo = -8, hi = 7, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>
// Q(s + x) of multiples of 1/2, started from 1/16 and from 0.1.
func.func @start_between(%x: tensor<1x16xf32>) -> tensor<1x16xf32> {
  %s = qonnx.constant dense<0.0625> : tensor<16xf32>
  %0:2 = qonnx.scan states(%s) inputs(%x) captures() {input_axes = array<i64: 0>, input_directions = array<i64: 0>, output_axes = array<i64: 0>, output_directions = array<i64: 0>} : (tensor<16xf32>, tensor<1x16xf32>) -> (tensor<16xf32>, tensor<1x16xf32>) {
  ^bb0(%before: tensor<16xf32>, %xt: tensor<16xf32>):
    %1 = qonnx.quant %xt by #x4 : tensor<16xf32>
    %2 = qonnx.add %before, %1 : (tensor<16xf32>, tensor<16xf32>) -> tensor<16xf32>
    %3 = qonnx.quant %2 by #bn : tensor<16xf32>
    qonnx.yield %3, %3 : tensor<16xf32>, tensor<16xf32>
  }
  return %0#1 : tensor<1x16xf32>
}
func.func @start_far_off(%x: tensor<1x16xf32>) -> tensor<1x16xf32> {
  %s = qonnx.constant dense<0.1> : tensor<16xf32>
  %0:2 = qonnx.scan states(%s) inputs(%x) captures() {input_axes = array<i64: 0>, input_directions = array<i64: 0>, output_axes = array<i64: 0>, output_directions = array<i64: 0>} : (tensor<16xf32>, tensor<1x16xf32>) -> (tensor<16xf32>, tensor<1x16xf32>) {
  ^bb0(%before: tensor<16xf32>, %xt: tensor<16xf32>):
    %1 = qonnx.quant %xt by #x4 : tensor<16xf32>
    %2 = qonnx.add %before, %1 : (tensor<16xf32>, tensor<16xf32>) -> tensor<16xf32>
    %3 = qonnx.quant %2 by #bn : tensor<16xf32>
    qonnx.yield %3, %3 : tensor<16xf32>, tensor<16xf32>
  } loc("rnn/Scan")
  return %0#1 : tensor<1x16xf32>
}

// Rising, falling and constant channels; each bias puts one code next to a boundary, nearer than float32 sees.
func.func @batch_norm(%x: tensor<16x3xf32>) -> tensor<16x3xf32> {
  %0 = qonnx.quant %x by #x4 : tensor<16x3xf32>
  %1 = qonnx.batch_norm %0 scale [1.3, -1.7, 0.0] bias [2.19223261, -2.21661282, 0.25] mean [0.0, 0.0, 0.1] variance [0.7, 1.9, 1.0] {epsilon = 1.0e-05 : f32} : tensor<16x3xf32>
  %2 = qonnx.relu %1 : tensor<16x3xf32>
  %3 = qonnx.quant %2 by #bn : tensor<16x3xf32>
  return %3 : tensor<16x3xf32>
}
func.func @batch_norm_then_add(%x: tensor<1x1x5xf32>) -> tensor<1x1x5xf32> {
  %0 = qonnx.quant %x by #x4 : tensor<1x1x5xf32>
  %1 = qonnx.batch_norm %0 scale [1.0] bias [0.0] mean [0.0] variance [2.0] {epsilon = 0.0 : f32} : tensor<1x1x5xf32>
  %2 = qonnx.add %1, %0 : (tensor<1x1x5xf32>, tensor<1x1x5xf32>) -> tensor<1x1x5xf32> loc("block/Add")
  %3 = qonnx.quant %2 by #bn : tensor<1x1x5xf32>
  return %3 : tensor<1x1x5xf32>
}

// A mean of three; a concatenation of two scales, contracted.
func.func @average_pool(%x: tensor<1x1x48xf32>) -> tensor<1x1x16xf32> {
  %0 = qonnx.quant %x by #x4 : tensor<1x1x48xf32>
  %1 = qonnx.average_pool %0 {kernel = array<i64: 3>, strides = array<i64: 3>, pads = array<i64: 0, 0>, dilations = array<i64: 1>, count_include_pad = false} : tensor<1x1x48xf32> -> tensor<1x1x16xf32>
  %2 = qonnx.quant %1 by #x4 : tensor<1x1x16xf32>
  return %2 : tensor<1x1x16xf32>
}
func.func @concat(%x: tensor<4096x2xf32>, %h: tensor<4096x2xf32>) -> tensor<4096x2xf32> {
  %0 = qonnx.quant %x by #x : tensor<4096x2xf32>
  %1 = qonnx.quant %h by #h : tensor<4096x2xf32>
  %2 = qonnx.concat %0, %1 {axis = 1 : i64} : (tensor<4096x2xf32>, tensor<4096x2xf32>) -> tensor<4096x4xf32>
  %c = qonnx.constant dense<[[0.55, -0.33], [0.77, 0.22], [0.33, 0.55], [-0.22, 0.77]]> : tensor<4x2xf32>
  %w = qonnx.quant %c by #w : tensor<4x2xf32>
  %3 = qonnx.matmul %2, %w : (tensor<4096x4xf32>, tensor<4x2xf32>) -> tensor<4096x2xf32>
  %4 = qonnx.quant %3 by #gate : tensor<4096x2xf32>
  return %4 : tensor<4096x2xf32>
}
func.func @uneven_mean(%x: tensor<1x1x5xf32>) -> tensor<1x1x5xf32> {
  %0 = qonnx.quant %x by #x4 : tensor<1x1x5xf32>
  %1 = qonnx.average_pool %0 {kernel = array<i64: 3>, strides = array<i64: 1>, pads = array<i64: 1, 1>, dilations = array<i64: 1>, count_include_pad = false} : tensor<1x1x5xf32> -> tensor<1x1x5xf32> loc("pool/AveragePool")
  return %1 : tensor<1x1x5xf32>
}

// The floor of a sigmoid never reaches its limit; tanh of more codes than a table has.
#whole = #qonnx.quantiser<scale = [1.0], zero_point = [0.0], lo = -64, hi = 63, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>
#floor = #qonnx.quantiser<scale = [0.0078125], zero_point = [0.0], lo = 0, hi = 255, rounding = floor, zp_after_rounding = false, bipolar = false, axis = -1>
func.func @sigmoid(%x: tensor<128xf32>) -> tensor<128xf32> {
  %0 = qonnx.quant %x by #whole : tensor<128xf32>
  %1 = qonnx.sigmoid %0 : tensor<128xf32>
  %2 = qonnx.quant %1 by #floor : tensor<128xf32>
  return %2 : tensor<128xf32>
}
#wide = #qonnx.quantiser<scale = [0.25], zero_point = [0.0], lo = -4096, hi = 4095, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>
#wide_floor = #qonnx.quantiser<scale = [0.0078125], zero_point = [0.0], lo = -128, hi = 128, rounding = floor, zp_after_rounding = false, bipolar = false, axis = -1>
func.func @tanh(%x: tensor<512xf32>) -> tensor<512xf32> {
  %0 = qonnx.quant %x by #wide : tensor<512xf32>
  %1 = qonnx.tanh %0 : tensor<512xf32>
  %2 = qonnx.quant %1 by #wide_floor : tensor<512xf32>
  return %2 : tensor<512xf32>
}
func.func @falls_and_rises(%x: tensor<1x5xf32>) -> tensor<1x5xf32> {
  %0 = qonnx.quant %x by #wide : tensor<1x5xf32>
  %1 = qonnx.leaky_relu %0 slope [-0.5] {axis = -1 : i64} : tensor<1x5xf32>
  %2 = qonnx.quant %1 by #wide : tensor<1x5xf32> loc("act/Quant")
  return %2 : tensor<1x5xf32>
}

// Quarters of a level in every mode; the floor of tenths, which float32 loses.
#m0 = #qonnx.quantiser<scale = [1.0], zero_point = [0.0], lo = -8, hi = 8, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>
#m1 = #qonnx.quantiser<scale = [1.0], zero_point = [0.0], lo = -8, hi = 8, rounding = ceil, zp_after_rounding = false, bipolar = false, axis = -1>
#m2 = #qonnx.quantiser<scale = [1.0], zero_point = [0.0], lo = -8, hi = 8, rounding = floor, zp_after_rounding = false, bipolar = false, axis = -1>
#m3 = #qonnx.quantiser<scale = [1.0], zero_point = [0.0], lo = -8, hi = 8, rounding = up, zp_after_rounding = false, bipolar = false, axis = -1>
#m4 = #qonnx.quantiser<scale = [1.0], zero_point = [0.0], lo = -8, hi = 8, rounding = down, zp_after_rounding = false, bipolar = false, axis = -1>
#m5 = #qonnx.quantiser<scale = [1.0], zero_point = [0.0], lo = -8, hi = 8, rounding = half_up, zp_after_rounding = false, bipolar = false, axis = -1>
#m6 = #qonnx.quantiser<scale = [1.0], zero_point = [0.0], lo = -8, hi = 8, rounding = half_down, zp_after_rounding = false, bipolar = false, axis = -1>
func.func @roundings(%x: tensor<16xf32>) -> (tensor<16xf32>, tensor<16xf32>, tensor<16xf32>, tensor<16xf32>, tensor<16xf32>, tensor<16xf32>, tensor<16xf32>) {
  %x4 = qonnx.quant %x by #x4 : tensor<16xf32>
  %0 = qonnx.quant %x4 by #m0 : tensor<16xf32>
  %1 = qonnx.quant %x4 by #m1 : tensor<16xf32>
  %2 = qonnx.quant %x4 by #m2 : tensor<16xf32>
  %3 = qonnx.quant %x4 by #m3 : tensor<16xf32>
  %4 = qonnx.quant %x4 by #m4 : tensor<16xf32>
  %5 = qonnx.quant %x4 by #m5 : tensor<16xf32>
  %6 = qonnx.quant %x4 by #m6 : tensor<16xf32>
  return %0, %1, %2, %3, %4, %5, %6 : tensor<16xf32>, tensor<16xf32>, tensor<16xf32>, tensor<16xf32>, tensor<16xf32>, tensor<16xf32>, tensor<16xf32>
}
#tenth = #qonnx.quantiser<scale = [0.1], zero_point = [0.0], lo = -32, hi = 31, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>
#tenth_floor = #qonnx.quantiser<scale = [0.1], zero_point = [0.0], lo = -64, hi = 63, rounding = floor, zp_after_rounding = false, bipolar = false, axis = -1>
func.func @floor_of_sum(%a: tensor<4096xf32>, %b: tensor<4096xf32>) -> tensor<4096xf32> {
  %0 = qonnx.quant %a by #tenth : tensor<4096xf32>
  %1 = qonnx.quant %b by #tenth : tensor<4096xf32>
  %2 = qonnx.add %0, %1 : (tensor<4096xf32>, tensor<4096xf32>) -> tensor<4096xf32>
  %3 = qonnx.quant %2 by #tenth_floor : tensor<4096xf32>
  return %3 : tensor<4096xf32>
}

// Logits of three scales and biases; the biases make pairs nearly equal.
#classes = #qonnx.quantiser<scale = [0.11, 0.23, 0.17], zero_point = [0.0], lo = -7, hi = 7, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = 1>
func.func @arg_max(%x: tensor<64x2xf32>) -> tensor<64x1xf32> {
  %0 = qonnx.quant %x by #x : tensor<64x2xf32>
  %c = qonnx.constant dense<[[0.55, 0.46, -0.34], [-0.33, 0.69, 0.51]]> : tensor<2x3xf32>
  %w = qonnx.quant %c by #classes : tensor<2x3xf32>
  %b = qonnx.constant dense<[0.0, 0.360000014, 0.504000008]> : tensor<3xf32>
  %1 = qonnx.matmul %0, %w : (tensor<64x2xf32>, tensor<2x3xf32>) -> tensor<64x3xf32>
  %2 = qonnx.add %1, %b : (tensor<64x3xf32>, tensor<3xf32>) -> tensor<64x3xf32>
  %3 = qonnx.arg_max %2 {axis = 1 : i64, select_last = false} : tensor<64x3xf32> -> tensor<64x1xf32>
  return %3 : tensor<64x1xf32>
}
#far = #qonnx.quantiser<scale = [0.1, 1.0e-30], zero_point = [0.0], lo = -7, hi = 7, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = 1>
func.func @wide_arg_max(%x: tensor<1x2xf32>) -> tensor<1x1xf32> {
  %0 = qonnx.quant %x by #x : tensor<1x2xf32>
  %c = qonnx.constant dense<[[0.1, 1.0e-30], [0.2, 2.0e-30]]> : tensor<2x2xf32>
  %w = qonnx.quant %c by #far : tensor<2x2xf32>
  %1 = qonnx.matmul %0, %w : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<1x2xf32>
  %2 = qonnx.arg_max %1 {axis = 1 : i64, select_last = false} : tensor<1x2xf32> -> tensor<1x1xf32> loc("head/ArgMax")
  return %2 : tensor<1x1xf32>
}
