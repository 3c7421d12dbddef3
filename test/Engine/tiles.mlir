// Products of inputs in both directions and of each operand width, of more steps than are multiplied ahead at once; the
// state is the last output. Also run by unittests/Engine.
// RUN: finngl-opt %s --verify-roundtrip | FileCheck %s
// CHECK: finn.scan
func.func @main(%a: tensor<37x2xsi8>, %b: tensor<37x2xui8>, %c: tensor<37x2xsi20>) -> (tensor<3xsi40>, tensor<37x3xsi40>) {
  %s0 = finn.constant dense<[3, -4, 0]> : tensor<3xsi4>
  %0:2 = finn.scan states(%s0) inputs(%a, %b, %c, %a, %b, %c) {state_ranges = array<i64: -549755813888, 549755813887>, reverse_inputs = array<i64: 0, 0, 0, 1, 1, 1>, reverse_outputs = array<i64: 0>} : (tensor<3xsi4>, tensor<37x2xsi8>, tensor<37x2xui8>, tensor<37x2xsi20>, tensor<37x2xsi8>, tensor<37x2xui8>, tensor<37x2xsi20>) -> (tensor<3xsi40>, tensor<37x3xsi40>) {
  ^bb0(%s: tensor<3xsi40>, %at: tensor<2xsi8>, %bt: tensor<2xui8>, %ct: tensor<2xsi20>, %ar: tensor<2xsi8>, %br: tensor<2xui8>, %cr: tensor<2xsi20>):
    %0 = finn.matmul %at, dense<[[1, -5], [7, 2], [-8, 3]]> : tensor<3x2xsi4>, tensor<2xsi8> -> tensor<3xsi16>
    %1 = finn.matmul %bt, dense<[[6, -1], [4, -2], [-7, 5]]> : tensor<3x2xsi4>, tensor<2xui8> -> tensor<3xsi16>
    %2 = finn.matmul %ct, dense<[[0, 3], [-2, -2], [7, -7]]> : tensor<3x2xsi4>, tensor<2xsi20> -> tensor<3xsi24>
    %3 = finn.matmul %ar, dense<[[2, -6], [5, 1], [-3, 4]]> : tensor<3x2xsi4>, tensor<2xsi8> -> tensor<3xsi16>
    %4 = finn.matmul %br, dense<[[7, -8], [1, -1], [2, 2]]> : tensor<3x2xsi4>, tensor<2xui8> -> tensor<3xsi16>
    %5 = finn.matmul %br, dense<[[-4, 1], [0, 6], [3, -3]]> : tensor<3x2xsi4>, tensor<2xui8> -> tensor<3xsi16>
    %6 = finn.matmul %cr, dense<[[1, 1], [6, -5], [-1, 0]]> : tensor<3x2xsi4>, tensor<2xsi20> -> tensor<3xsi24>
    %n = finn.lincomb %s, %0, %1, %2, %3, %4, %5, %6 {coefficients = array<i64: 1, 1, -3, 1, 5, 7, -2, 3>, offset = array<i64: 0>} : (tensor<3xsi40>, tensor<3xsi16>, tensor<3xsi16>, tensor<3xsi24>, tensor<3xsi16>, tensor<3xsi16>, tensor<3xsi16>, tensor<3xsi24>) -> tensor<3xsi40>
    finn.yield %n, %n : tensor<3xsi40>, tensor<3xsi40>
  }
  return %0#0, %0#1 : tensor<3xsi40>, tensor<37x3xsi40>
}
