// RUN: finngl-opt %s --verify-roundtrip -split-input-file -verify-diagnostics | FileCheck %s

// CHECK-LABEL: func.func @ranks
func.func @ranks(%x: tensor<2x3xf32>) -> (tensor<2x2xf32>, tensor<1x3xf32>) {
  // CHECK: qonnx.top_k %{{.*}} {axis = 1 : i64} : tensor<2x3xf32> -> tensor<2x2xf32>
  %0 = qonnx.top_k %x {axis = 1 : i64} : tensor<2x3xf32> -> tensor<2x2xf32>
  // CHECK: qonnx.arg_max %{{.*}} {axis = 0 : i64, select_last = true} : tensor<2x3xf32> -> tensor<1x3xf32>
  %1 = qonnx.arg_max %x {axis = 0 : i64, select_last = true} : tensor<2x3xf32> -> tensor<1x3xf32>
  return %0, %1 : tensor<2x2xf32>, tensor<1x3xf32>
}

// -----

func.func @too_many(%x: tensor<2x3xf32>) -> tensor<3x3xf32> {
  // expected-error @+1 {{expects at most so many elements along dimension 0 as 'tensor<2x3xf32>' has, got 'tensor<3x3xf32>'}}
  %0 = qonnx.top_k %x {axis = 0 : i64} : tensor<2x3xf32> -> tensor<3x3xf32>
  return %0 : tensor<3x3xf32>
}

// -----

func.func @other_rows(%x: tensor<2x3xf32>) -> tensor<1x2xf32> {
  // expected-error @+1 {{expects at most so many elements along dimension 0 as 'tensor<2x3xf32>' has, got 'tensor<1x2xf32>'}}
  %0 = qonnx.arg_max %x {axis = 0 : i64, select_last = false} : tensor<2x3xf32> -> tensor<1x2xf32>
  return %0 : tensor<1x2xf32>
}
