// RUN: finngl-opt %s --convert-finn-to-dataflow --split-input-file -verify-diagnostics --verify-roundtrip | FileCheck %s

// The largest elements and their positions stand behind the region of the logits, each as an element of the stream.
// CHECK-LABEL: func.func @main
// CHECK: %[[LOGITS:.*]] = dataflow.region "dense_0"
// CHECK: %[[VALUES:.*]] = dataflow.top_k %[[LOGITS]] : tensor<4x3xsi8> -> tensor<4x2xsi8>
// CHECK: %[[POSITIONS:.*]] = dataflow.arg_max %[[LOGITS]] {select_last = false} : tensor<4x3xsi8> -> tensor<4x2xui2>
// CHECK: return %[[VALUES]], %[[POSITIONS]]
func.func @main(%x: tensor<4x6xsi4>) -> (tensor<4x2xsi8>, tensor<4x2xui2>) {
  %0 = finn.matmul %x, dense<[[1, -2, 0, 1, 1, 1], [3, 0, 1, 1, 0, 1], [1, 1, 2, -1, 0, 0]]> : tensor<3x6xsi3>, tensor<4x6xsi4> -> tensor<4x3xsi8>
  %1 = finn.top_k %0 : tensor<4x3xsi8> -> tensor<4x2xsi8>
  %2 = finn.arg_max %0 {select_last = false} : tensor<4x3xsi8> -> tensor<4x2xui2>
  return %1, %2 : tensor<4x2xsi8>, tensor<4x2xui2>
}

// -----

func.func @main(%x: tensor<4x20xsi4>) -> tensor<4x17xsi4> {
  // expected-error@+2 {{takes the 17 largest elements; supported in hardware are 16, each a register and a comparator}}
  // expected-note@+1 {{lower K, or give the elements to the host}}
  %0 = finn.top_k %x : tensor<4x20xsi4> -> tensor<4x17xsi4>
  return %0 : tensor<4x17xsi4>
}
