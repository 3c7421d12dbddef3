// RUN: finngl-opt %s --convert-finn-to-dataflow --verify-roundtrip | FileCheck %s

// Positions stand behind the region of their logits, as an element of the stream.
// CHECK-LABEL: func.func @main
// CHECK: %[[LOGITS:.*]] = dataflow.region "dense_0"
// CHECK: %[[CLASS:.*]] = dataflow.arg_max %[[LOGITS]] {select_last = true} : tensor<4x3xsi8> -> tensor<4x1xui2>
// CHECK: return %[[CLASS]]
func.func @main(%x: tensor<4x6xsi4>) -> tensor<4x1xui2> {
  %0 = finn.matmul %x, dense<[[1, -2, 0, 1, 1, 1], [3, 0, 1, 1, 0, 1], [1, 1, 2, -1, 0, 0]]> : tensor<3x6xsi3>, tensor<4x6xsi4> -> tensor<4x3xsi8>
  %1 = finn.arg_max %0 {select_last = true} : tensor<4x3xsi8> -> tensor<4x1xui2>
  return %1 : tensor<4x1xui2>
}
