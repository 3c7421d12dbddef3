// RUN: finngl-opt %s --verify-roundtrip -split-input-file -verify-diagnostics --finn-minimize-bit-width | FileCheck %s

// The two largest are at least the second largest of the least values.
// CHECK-LABEL: func.func @main
func.func @main(%x: tensor<4x3xui2>) -> (tensor<4x1xsi9>, tensor<4x2xsi9>) {
  %0 = finn.lincomb %x {coefficients = array<i64: 1>, offset = array<i64: 0, -100, -50>} : (tensor<4x3xui2>) -> tensor<4x3xsi8>
  // CHECK: finn.top_k %{{.*}} : tensor<4x3xsi8> -> tensor<4x1xui2>
  %1 = finn.top_k %0 : tensor<4x3xsi8> -> tensor<4x1xsi9>
  // CHECK: finn.top_k %{{.*}} : tensor<4x3xsi8> -> tensor<4x2xsi7>
  %2 = finn.top_k %0 : tensor<4x3xsi8> -> tensor<4x2xsi9>
  return %1, %2 : tensor<4x1xsi9>, tensor<4x2xsi9>
}

// -----

func.func @main(%x: tensor<4x3xui2>) -> tensor<4x4xui2> {
  // expected-error@+1 {{expects elements of each row of 'tensor<4x3xui2>', got 'tensor<4x4xui2>'}}
  %0 = finn.top_k %x : tensor<4x3xui2> -> tensor<4x4xui2>
  return %0 : tensor<4x4xui2>
}

// -----

func.func @main(%x: tensor<4x3xui2>) -> tensor<4x2xui1> {
  // expected-error@+1 {{expects positions of 0 to 2 for each row of 'tensor<4x3xui2>', got 'tensor<4x2xui1>'}}
  %0 = finn.arg_max %x {select_last = false} : tensor<4x3xui2> -> tensor<4x2xui1>
  return %0 : tensor<4x2xui1>
}
