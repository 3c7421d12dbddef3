// A network at several lengths: of two convolution rows the scan takes one step, four samples.
func.func @merged8(%x: tensor<8x6xsi4>) -> (tensor<6xsi4>, tensor<2x6xsi4>, tensor<2xsi7>) {
  %h0 = finn.constant dense<0> : tensor<6xsi4>
  %0 = finn.reshape %x : tensor<8x6xsi4> -> tensor<24x2xsi4>
  %1 = finn.im2col %0 {image = array<i64: 8, 3>, kernel = array<i64: 3, 1>, strides = array<i64: 2, 1>, pads = array<i64: 1, 0, 0, 0>, dilations = array<i64: 1, 1>, pad_value = array<i64: -1>} : tensor<24x2xsi4> -> tensor<12x6xsi4>
  %2 = finn.matmul %1, dense<[[1, -1, 1, 1, -2, 1]]> : tensor<1x6xsi3>, tensor<12x6xsi4> -> tensor<12x1xsi8>
  %3 = finn.requant %2 {p = 3 : i64, k = 4 : i64, c = array<i64: 8>, w = array<i64: 0>, lo = -8 : i64, hi = 7 : i64} : tensor<12x1xsi8> -> tensor<12x1xsi4>
  %4 = finn.reshape %3 : tensor<12x1xsi4> -> tensor<2x6xsi4>
  %5:2 = finn.scan states(%h0) inputs(%4) {state_ranges = array<i64: -8, 7>, reverse_inputs = array<i64: 0>, reverse_outputs = array<i64: 0>} : (tensor<6xsi4>, tensor<2x6xsi4>) -> (tensor<6xsi4>, tensor<2x6xsi4>) {
  ^bb0(%h: tensor<6xsi4>, %xt: tensor<6xsi4>):
    %6 = finn.lincomb %h, %xt {coefficients = array<i64: 1, 1>, offset = array<i64: 0>} : (tensor<6xsi4>, tensor<6xsi4>) -> tensor<6xsi5>
    %7 = finn.requant %6 {p = 3 : i64, k = 2 : i64, c = array<i64: 2>, w = array<i64: 0>, lo = -8 : i64, hi = 7 : i64} : tensor<6xsi5> -> tensor<6xsi4>
    finn.yield %7, %7 : tensor<6xsi4>, tensor<6xsi4>
  }
  %8 = finn.matmul %5#0, dense<1> : tensor<2x6xsi2>, tensor<6xsi4> -> tensor<2xsi7>
  return %5#0, %5#1, %8 : tensor<6xsi4>, tensor<2x6xsi4>, tensor<2xsi7>
}
func.func @merged12(%x: tensor<12x6xsi4>) -> (tensor<6xsi4>, tensor<3x6xsi4>, tensor<2xsi7>) {
  %h0 = finn.constant dense<0> : tensor<6xsi4>
  %0 = finn.reshape %x : tensor<12x6xsi4> -> tensor<36x2xsi4>
  %1 = finn.im2col %0 {image = array<i64: 12, 3>, kernel = array<i64: 3, 1>, strides = array<i64: 2, 1>, pads = array<i64: 1, 0, 0, 0>, dilations = array<i64: 1, 1>, pad_value = array<i64: -1>} : tensor<36x2xsi4> -> tensor<18x6xsi4>
  %2 = finn.matmul %1, dense<[[1, -1, 1, 1, -2, 1]]> : tensor<1x6xsi3>, tensor<18x6xsi4> -> tensor<18x1xsi8>
  %3 = finn.requant %2 {p = 3 : i64, k = 4 : i64, c = array<i64: 8>, w = array<i64: 0>, lo = -8 : i64, hi = 7 : i64} : tensor<18x1xsi8> -> tensor<18x1xsi4>
  %4 = finn.reshape %3 : tensor<18x1xsi4> -> tensor<3x6xsi4>
  %5:2 = finn.scan states(%h0) inputs(%4) {state_ranges = array<i64: -8, 7>, reverse_inputs = array<i64: 0>, reverse_outputs = array<i64: 0>} : (tensor<6xsi4>, tensor<3x6xsi4>) -> (tensor<6xsi4>, tensor<3x6xsi4>) {
  ^bb0(%h: tensor<6xsi4>, %xt: tensor<6xsi4>):
    %6 = finn.lincomb %h, %xt {coefficients = array<i64: 1, 1>, offset = array<i64: 0>} : (tensor<6xsi4>, tensor<6xsi4>) -> tensor<6xsi5>
    %7 = finn.requant %6 {p = 3 : i64, k = 2 : i64, c = array<i64: 2>, w = array<i64: 0>, lo = -8 : i64, hi = 7 : i64} : tensor<6xsi5> -> tensor<6xsi4>
    finn.yield %7, %7 : tensor<6xsi4>, tensor<6xsi4>
  }
  %8 = finn.matmul %5#0, dense<1> : tensor<2x6xsi2>, tensor<6xsi4> -> tensor<2xsi7>
  return %5#0, %5#1, %8 : tensor<6xsi4>, tensor<3x6xsi4>, tensor<2xsi7>
}
func.func @merged16(%x: tensor<16x6xsi4>) -> (tensor<6xsi4>, tensor<4x6xsi4>, tensor<2xsi7>) {
  %h0 = finn.constant dense<0> : tensor<6xsi4>
  %0 = finn.reshape %x : tensor<16x6xsi4> -> tensor<48x2xsi4>
  %1 = finn.im2col %0 {image = array<i64: 16, 3>, kernel = array<i64: 3, 1>, strides = array<i64: 2, 1>, pads = array<i64: 1, 0, 0, 0>, dilations = array<i64: 1, 1>, pad_value = array<i64: -1>} : tensor<48x2xsi4> -> tensor<24x6xsi4>
  %2 = finn.matmul %1, dense<[[1, -1, 1, 1, -2, 1]]> : tensor<1x6xsi3>, tensor<24x6xsi4> -> tensor<24x1xsi8>
  %3 = finn.requant %2 {p = 3 : i64, k = 4 : i64, c = array<i64: 8>, w = array<i64: 0>, lo = -8 : i64, hi = 7 : i64} : tensor<24x1xsi8> -> tensor<24x1xsi4>
  %4 = finn.reshape %3 : tensor<24x1xsi4> -> tensor<4x6xsi4>
  %5:2 = finn.scan states(%h0) inputs(%4) {state_ranges = array<i64: -8, 7>, reverse_inputs = array<i64: 0>, reverse_outputs = array<i64: 0>} : (tensor<6xsi4>, tensor<4x6xsi4>) -> (tensor<6xsi4>, tensor<4x6xsi4>) {
  ^bb0(%h: tensor<6xsi4>, %xt: tensor<6xsi4>):
    %6 = finn.lincomb %h, %xt {coefficients = array<i64: 1, 1>, offset = array<i64: 0>} : (tensor<6xsi4>, tensor<6xsi4>) -> tensor<6xsi5>
    %7 = finn.requant %6 {p = 3 : i64, k = 2 : i64, c = array<i64: 2>, w = array<i64: 0>, lo = -8 : i64, hi = 7 : i64} : tensor<6xsi5> -> tensor<6xsi4>
    finn.yield %7, %7 : tensor<6xsi4>, tensor<6xsi4>
  }
  %8 = finn.matmul %5#0, dense<1> : tensor<2x6xsi2>, tensor<6xsi4> -> tensor<2xsi7>
  return %5#0, %5#1, %8 : tensor<6xsi4>, tensor<4x6xsi4>, tensor<2xsi7>
}
// With a row of padding behind the last sample, and without.
func.func @padded8(%x: tensor<8x2xsi4>) -> tensor<8x1xsi4> {
  %0 = finn.im2col %x {image = array<i64: 8>, kernel = array<i64: 3>, strides = array<i64: 1>, pads = array<i64: 1, 1>, dilations = array<i64: 1>, pad_value = array<i64: 0>} : tensor<8x2xsi4> -> tensor<8x6xsi4>
  %1 = finn.matmul %0, dense<[[1, -1, 1, 1, -2, 1]]> : tensor<1x6xsi3>, tensor<8x6xsi4> -> tensor<8x1xsi8>
  %2 = finn.requant %1 {p = 3 : i64, k = 4 : i64, c = array<i64: 8>, w = array<i64: 0>, lo = -8 : i64, hi = 7 : i64} : tensor<8x1xsi8> -> tensor<8x1xsi4>
  return %2 : tensor<8x1xsi4>
}
func.func @open11(%x: tensor<11x2xsi4>) -> tensor<10x1xsi4> {
  %0 = finn.im2col %x {image = array<i64: 11>, kernel = array<i64: 3>, strides = array<i64: 1>, pads = array<i64: 1, 0>, dilations = array<i64: 1>, pad_value = array<i64: 0>} : tensor<11x2xsi4> -> tensor<10x6xsi4>
  %1 = finn.matmul %0, dense<[[1, -1, 1, 1, -2, 1]]> : tensor<1x6xsi3>, tensor<10x6xsi4> -> tensor<10x1xsi8>
  %2 = finn.requant %1 {p = 3 : i64, k = 4 : i64, c = array<i64: 8>, w = array<i64: 0>, lo = -8 : i64, hi = 7 : i64} : tensor<10x1xsi8> -> tensor<10x1xsi4>
  return %2 : tensor<10x1xsi4>
}
