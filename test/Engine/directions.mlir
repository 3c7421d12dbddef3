// Reversed directions, states that trade places, an output that is an old state, a head over the whole sequence and
// widths beyond 32 bits; also run by unittests/Engine.
// RUN: finngl-opt %s --verify-roundtrip | FileCheck %s
// CHECK: finn.scan
func.func @main(%x: tensor<4x2xui8>, %y: tensor<4x2xsi20>) -> (tensor<2xsi40>, tensor<2xsi40>, tensor<4x2xsi40>, tensor<4x2xsi42>, tensor<4x3xsi48>) {
  %a0 = finn.constant dense<[3, -4]> : tensor<2xsi4>
  %b0 = finn.constant dense<[100, 7]> : tensor<2xsi8>
  %0:4 = finn.scan states(%a0, %b0) inputs(%x, %y) {state_ranges = array<i64: -549755813888, 549755813887, -549755813888, 549755813887>, reverse_inputs = array<i64: 1, 0>, reverse_outputs = array<i64: 0, 1>} : (tensor<2xsi4>, tensor<2xsi8>, tensor<4x2xui8>, tensor<4x2xsi20>) -> (tensor<2xsi40>, tensor<2xsi40>, tensor<4x2xsi40>, tensor<4x2xsi42>) {
  ^bb0(%a: tensor<2xsi40>, %b: tensor<2xsi40>, %xt: tensor<2xui8>, %yt: tensor<2xsi20>):
    %p = finn.mul %xt, %yt : (tensor<2xui8>, tensor<2xsi20>) -> tensor<2xsi28>
    %n = finn.lincomb %a, %p {coefficients = array<i64: 1, 3>, offset = array<i64: 0>} : (tensor<2xsi40>, tensor<2xsi28>) -> tensor<2xsi40>
    %o = finn.lincomb %n, %b, %yt {coefficients = array<i64: 1, 1, -2>, offset = array<i64: 5, 6>} : (tensor<2xsi40>, tensor<2xsi40>, tensor<2xsi20>) -> tensor<2xsi42>
    finn.yield %b, %n, %a, %o : tensor<2xsi40>, tensor<2xsi40>, tensor<2xsi40>, tensor<2xsi42>
  }
  %1:3 = finn.scan states(%a0, %b0) inputs(%x) {state_ranges = array<i64: -128, 127, -128, 127>, reverse_inputs = array<i64: 0>, reverse_outputs = array<i64: 1>} : (tensor<2xsi4>, tensor<2xsi8>, tensor<4x2xui8>) -> (tensor<2xsi8>, tensor<2xsi8>, tensor<4x2xsi8>) {
  ^bb0(%a: tensor<2xsi8>, %b: tensor<2xsi8>, %xt: tensor<2xui8>):
    finn.yield %b, %a, %b : tensor<2xsi8>, tensor<2xsi8>, tensor<2xsi8>
  }
  %2 = finn.lincomb %1#2, %x {coefficients = array<i64: -1, 2>, offset = array<i64: 9, 1>} : (tensor<4x2xsi8>, tensor<4x2xui8>) -> tensor<4x2xsi11>
  %3 = finn.matmul %2, dense<[[1, 70000], [40, -3], [0, 123456]]> : tensor<3x2xsi18>, tensor<4x2xsi11> -> tensor<4x3xsi48>
  return %0#0, %0#1, %0#2, %0#3, %3 : tensor<2xsi40>, tensor<2xsi40>, tensor<4x2xsi40>, tensor<4x2xsi42>, tensor<4x3xsi48>
}
