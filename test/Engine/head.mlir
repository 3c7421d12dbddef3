// Kernels over a sequence outside of any scan, with constants a channel; also run by unittests/Engine.
// RUN: finngl-opt %s --verify-roundtrip | FileCheck %s
// CHECK: finn.multi_threshold
func.func @main(%x: tensor<3x5xui8>) -> (tensor<3x5xui2>, tensor<3x5xsi6>, tensor<3x2xsi20>, tensor<3x5xsi9>, tensor<3x5xui2>) {
  %0 = finn.multi_threshold %x, dense<[[0, 3, 255], [1, 1, 2], [7, 9, 200], [100, 128, 129], [255, 255, 255]]> : tensor<5x3xui8> {bias = 0 : i64}, tensor<3x5xui8> -> tensor<3x5xui2>
  %1 = finn.requant %x {p = -3 : i64, k = 4 : i64, c = array<i64: 0, 5, 400, -9, 7>, w = array<i64: 0, 1, 2, 16, 0>, lo = -32 : i64, hi = 31 : i64} : tensor<3x5xui8> -> tensor<3x5xsi6>
  %2 = finn.matmul %1, dense<[[1, 2, 300, -400, 5], [-1, 0, 0, 2, 1000]]> : tensor<2x5xsi11>, tensor<3x5xsi6> -> tensor<3x2xsi20>
  %3 = finn.table %0 {first = 0 : i64, values = array<i64: -250, 250, 1, 7>} : tensor<3x5xui2> -> tensor<3x5xsi9>
  %4 = finn.lincomb %1, %3 {coefficients = array<i64: 1, -2, 0, 70000, 5, -1, 9, 3, 128, -300>, offset = array<i64: 7>} : (tensor<3x5xsi6>, tensor<3x5xsi9>) -> tensor<3x5xsi23>
  %5 = finn.multi_threshold %4, dense<[[-3, 8, 255], [0, 1, 2], [-9, 7, 200], [-128, 0, 70000], [-500, 0, 255]]> : tensor<5x3xsi18> {bias = 0 : i64}, tensor<3x5xsi23> -> tensor<3x5xui2>
  return %0, %1, %2, %3, %5 : tensor<3x5xui2>, tensor<3x5xsi6>, tensor<3x2xsi20>, tensor<3x5xsi9>, tensor<3x5xui2>
}
