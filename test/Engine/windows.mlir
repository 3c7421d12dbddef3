// Sliding windows, with padding and dilation, and their maxima; also run by unittests/Engine.
// RUN: finngl-opt %s --verify-roundtrip | FileCheck %s
// CHECK: finn.im2col
func.func @main(%x: tensor<6x10xsi6>) -> (tensor<9x24xsi9>, tensor<10x16xsi6>, tensor<15x2xui6>, tensor<3x20xsi6>) {
  %0 = finn.reshape %x : tensor<6x10xsi6> -> tensor<30x2xsi6>
  // Padding beyond the operand's type: a wider container.
  %1 = finn.im2col %0 {image = array<i64: 6, 5>, kernel = array<i64: 4, 3>, strides = array<i64: 2, 2>, pads = array<i64: 1, 2, 2, 3>, dilations = array<i64: 1, 2>, pad_value = array<i64: -200, 7>} : tensor<30x2xsi6> -> tensor<9x24xsi9>
  %2 = finn.im2col %0 {image = array<i64: 30>, kernel = array<i64: 8>, strides = array<i64: 3>, pads = array<i64: 2, 5>, dilations = array<i64: 1>, pad_value = array<i64: 0>} : tensor<30x2xsi6> -> tensor<10x16xsi6>
  // Maxima of a narrower type.
  %3 = finn.im2col %0 {image = array<i64: 6, 5>, kernel = array<i64: 2, 1>, strides = array<i64: 2, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, pad_value = array<i64: 0>} : tensor<30x2xsi6> -> tensor<15x4xsi6>
  %4 = finn.requant %3 {p = 1 : i64, k = 0 : i64, c = array<i64: 0>, w = array<i64: 0>, lo = 0 : i64, hi = 31 : i64} : tensor<15x4xsi6> -> tensor<15x4xsi10>
  %5 = finn.max_pool %4 : tensor<15x4xsi10> -> tensor<15x2xui6>
  %6 = finn.reshape %0 : tensor<30x2xsi6> -> tensor<3x20xsi6>
  return %1, %2, %5, %6 : tensor<9x24xsi9>, tensor<10x16xsi6>, tensor<15x2xui6>, tensor<3x20xsi6>
}
