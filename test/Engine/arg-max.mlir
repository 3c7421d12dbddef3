// The largest elements and their positions in every container, with ties; also run by unittests/Engine.
// RUN: finngl-opt %s --verify-roundtrip | FileCheck %s
// CHECK: finn.arg_max
func.func @main(%x: tensor<4x5xui2>) -> (tensor<4x1xui3>, tensor<4x1xui3>, tensor<4x1xui3>, tensor<4x1xui3>, tensor<4x1xui3>, tensor<4x3xui3>, tensor<4x5xui3>, tensor<4x3xui2>, tensor<4x5xsi43>, tensor<4x3xui2>) {
  %0 = finn.arg_max %x {select_last = false} : tensor<4x5xui2> -> tensor<4x1xui3>
  %1 = finn.arg_max %x {select_last = true} : tensor<4x5xui2> -> tensor<4x1xui3>
  %2 = finn.lincomb %x {coefficients = array<i64: -100>, offset = array<i64: 3, 2, 100, -100, 0>} : (tensor<4x5xui2>) -> tensor<4x5xsi10>
  %3 = finn.arg_max %2 {select_last = false} : tensor<4x5xsi10> -> tensor<4x1xui3>
  %4 = finn.lincomb %x {coefficients = array<i64: 1000000>, offset = array<i64: 0>} : (tensor<4x5xui2>) -> tensor<4x5xui22>
  %5 = finn.arg_max %4 {select_last = true} : tensor<4x5xui22> -> tensor<4x1xui3>
  %6 = finn.lincomb %x {coefficients = array<i64: -1000000000000>, offset = array<i64: 0>} : (tensor<4x5xui2>) -> tensor<4x5xsi43>
  %7 = finn.arg_max %6 {select_last = false} : tensor<4x5xsi43> -> tensor<4x1xui3>
  %8 = finn.arg_max %x {select_last = false} : tensor<4x5xui2> -> tensor<4x3xui3>
  %9 = finn.arg_max %6 {select_last = true} : tensor<4x5xsi43> -> tensor<4x5xui3>
  // CHECK: finn.top_k
  %10 = finn.top_k %x : tensor<4x5xui2> -> tensor<4x3xui2>
  %11 = finn.top_k %6 : tensor<4x5xsi43> -> tensor<4x5xsi43>
  // Of a narrower container, since proved.
  %12 = finn.lincomb %x {coefficients = array<i64: 1>, offset = array<i64: -1000, -1000, 0, 0, 0>} : (tensor<4x5xui2>) -> tensor<4x5xsi11>
  %13 = finn.top_k %12 : tensor<4x5xsi11> -> tensor<4x3xui2>
  return %0, %1, %3, %5, %7, %8, %9, %10, %11, %13 : tensor<4x1xui3>, tensor<4x1xui3>, tensor<4x1xui3>, tensor<4x1xui3>, tensor<4x1xui3>, tensor<4x3xui3>, tensor<4x5xui3>, tensor<4x3xui2>, tensor<4x5xsi43>, tensor<4x3xui2>
}
