// RUN: finngl-opt %s --finn-expose-states | FileCheck %s

// A state that starts from a constant becomes an argument of the body's type and a result; one that is an argument stays.

// CHECK-LABEL: func.func @main(
// CHECK-SAME: %[[X:.*]]: tensor<4x2xsi3>, %[[G:.*]]: tensor<2xsi6>,
// CHECK-SAME: %[[H:.*]]: tensor<2xsi6> {finn.initial = dense<[1, -1]> : tensor<2xsi2>, finn.name = "/cell.state0"}
// CHECK-SAME: -> (tensor<4x2xsi6>, tensor<2xsi6> {finn.name = "/cell.state0"})
func.func @main(%x: tensor<4x2xsi3>, %g: tensor<2xsi6>) -> tensor<4x2xsi6> {
  // CHECK-NOT: finn.constant
  %h = finn.constant dense<[1, -1]> : tensor<2xsi2>
  // CHECK: %[[S:.*]]:3 = finn.scan states(%[[H]], %[[G]]) inputs(%[[X]])
  %0:3 = finn.scan states(%h, %g) inputs(%x) {state_ranges = array<i64: -32, 31, -32, 31>, reverse_inputs = array<i64: 0>, reverse_outputs = array<i64: 0>} : (tensor<2xsi2>, tensor<2xsi6>, tensor<4x2xsi3>) -> (tensor<2xsi6>, tensor<2xsi6>, tensor<4x2xsi6>) {
  ^bb0(%s: tensor<2xsi6>, %t: tensor<2xsi6>, %xt: tensor<2xsi3>):
    %1 = finn.lincomb %t, %xt {coefficients = array<i64: 1, 1>, offset = array<i64: 0>, lo = -32 : i64, hi = 31 : i64} : (tensor<2xsi6>, tensor<2xsi3>) -> tensor<2xsi6>
    finn.yield %1, %s, %s : tensor<2xsi6>, tensor<2xsi6>, tensor<2xsi6>
  } loc("/cell\1FScan"("m.onnx":3:0))
  // CHECK: return %[[S]]#2, %[[S]]#0
  return %0#2 : tensor<4x2xsi6>
}
