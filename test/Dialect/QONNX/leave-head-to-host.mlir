// RUN: finngl-opt %s --qonnx-leave-head-to-host --split-input-file -verify-diagnostics | FileCheck %s

// CHECK-LABEL: func.func @heads
// CHECK-SAME: (%[[X:.*]]: tensor<1x3xf32>) -> (tensor<1x3xf32> {qonnx.host = {axis = 1 : i64, function = "Softmax"}, qonnx.name = "p"}, tensor<1x3xf32> {qonnx.host = {axis = 0 : i64, function = "LogSoftmax"}}, tensor<1x3xf32> {qonnx.host = {axis = -1 : i64, function = "Sigmoid"}}, tensor<1x3xf32>)
func.func @heads(%x: tensor<1x3xf32>) -> (tensor<1x3xf32> {qonnx.name = "p"}, tensor<1x3xf32>, tensor<1x3xf32>, tensor<1x3xf32>) {
  // CHECK-NOT: softmax
  %0 = qonnx.softmax %x {axis = 1 : i64, log = false} : tensor<1x3xf32>
  %1 = qonnx.softmax %x {axis = 0 : i64, log = true} : tensor<1x3xf32>
  // A head that is read inside stays.
  // CHECK: %[[S:.*]] = qonnx.sigmoid %[[X]]
  %2 = qonnx.sigmoid %x : tensor<1x3xf32>
  // CHECK: %[[R:.*]] = qonnx.relu %[[S]]
  %3 = qonnx.relu %2 : tensor<1x3xf32>
  // CHECK: return %[[X]], %[[X]], %[[X]], %[[R]]
  return %0, %1, %2, %3 : tensor<1x3xf32>, tensor<1x3xf32>, tensor<1x3xf32>, tensor<1x3xf32>
}

// -----

// expected-error@+2 {{no graph output is a Softmax, LogSoftmax or Sigmoid that could be left to the host}}
// expected-note@+1 {{compile the model without --head logits}}
func.func @none(%x: tensor<1x3xf32>) -> tensor<1x3xf32> {
  %0 = qonnx.relu %x : tensor<1x3xf32>
  return %0 : tensor<1x3xf32>
}
