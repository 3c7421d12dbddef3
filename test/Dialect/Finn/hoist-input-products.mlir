// RUN: finngl-opt %s --finn-hoist-input-products --finn-verify-integer --verify-roundtrip -split-input-file | FileCheck %s

// Two products of x leave, x with them; g is still read elementwise; the state's product stays.
// CHECK-LABEL: func.func @main
// CHECK-SAME: %[[X:.*]]: tensor<9x2xsi4>, %[[G:.*]]: tensor<9x3xsi5>
// CHECK-DAG: %[[A:.*]] = finn.matmul %[[X]], dense<{{\[}}[1, -2], [3, 0], [1, 1]]> : tensor<3x2xsi3>, tensor<9x2xsi4> -> tensor<9x3xsi7>
// CHECK-DAG: %[[B:.*]] = finn.matmul %[[X]], dense<{{.*}}> : tensor<3x2xui1>
// CHECK: finn.scan states(%{{.*}}) inputs(%[[G]], %[[A]], %[[B]]) {reverse_inputs = array<i64: 0, 0, 0>
// CHECK: ^bb0(%[[H:.*]]: tensor<3xsi9>, %[[GT:.*]]: tensor<3xsi5>, %[[AT:.*]]: tensor<3xsi7>, %[[BT:.*]]: tensor<3xsi5>):
// CHECK-NEXT: %[[U:.*]] = finn.matmul %[[H]]
// CHECK-NEXT: finn.lincomb %[[AT]], %[[U]], %[[GT]], %[[BT]]
func.func @main(%x: tensor<9x2xsi4>, %g: tensor<9x3xsi5>) -> tensor<3xsi9> {
  %h0 = finn.constant dense<0> : tensor<3xsi9>
  %0:1 = finn.scan states(%h0) inputs(%x, %g) {state_ranges = array<i64: -256, 255>, reverse_inputs = array<i64: 0, 0>, reverse_outputs = array<i64>} : (tensor<3xsi9>, tensor<9x2xsi4>, tensor<9x3xsi5>) -> (tensor<3xsi9>) {
  ^bb0(%h: tensor<3xsi9>, %xt: tensor<2xsi4>, %gt: tensor<3xsi5>):
    %1 = finn.matmul %xt, dense<[[1, -2], [3, 0], [1, 1]]> : tensor<3x2xsi3>, tensor<2xsi4> -> tensor<3xsi7>
    %2 = finn.matmul %h, dense<1> : tensor<3x3xui1>, tensor<3xsi9> -> tensor<3xsi11>
    %3 = finn.matmul %xt, dense<1> : tensor<3x2xui1>, tensor<2xsi4> -> tensor<3xsi5>
    %4 = finn.lincomb %1, %2, %gt, %3 {coefficients = array<i64: 1, 1, 1, 3>, offset = array<i64: 0>} : (tensor<3xsi7>, tensor<3xsi11>, tensor<3xsi5>, tensor<3xsi5>) -> tensor<3xsi13>
    %5 = finn.requant %4 {p = 1 : i64, k = 0 : i64, c = array<i64: 0>, w = array<i64: 0>, lo = -256 : i64, hi = 255 : i64} : tensor<3xsi13> -> tensor<3xsi9>
    finn.yield %5 : tensor<3xsi9>
  }
  return %0#0 : tensor<3xsi9>
}

// -----

// Each product runs in its input's direction, and an input that is also an output stays; products of one length stand
// together.
// CHECK-LABEL: func.func @main
// CHECK-SAME: %[[X:.*]]: tensor<4x2xsi3>, %[[Y:.*]]: tensor<4x2xsi3>
// CHECK: %[[A:.*]] = finn.matmul %[[X]], dense<{{.*}}> : tensor<1x2xui1>
// CHECK-NEXT: %[[B:.*]] = finn.matmul %[[X]], dense<3> : tensor<1x2xui2>
// CHECK-NEXT: %[[C:.*]] = finn.matmul %[[X]], dense<2> : tensor<3x2xui2>
// CHECK-NEXT: %[[D:.*]] = finn.matmul %[[Y]]
// CHECK-NEXT: finn.scan states() inputs(%[[Y]], %[[A]], %[[B]], %[[C]], %[[D]]) {reverse_inputs = array<i64: 0, 1, 1, 1, 0>, reverse_outputs = array<i64: 0, 1, 0, 0, 0>
// CHECK-NEXT: ^bb0(%[[YT:.*]]: tensor<2xsi3>, %[[AT:.*]]: tensor<1xsi4>, %[[BT:.*]]: tensor<1xsi5>, %[[CT:.*]]: tensor<3xsi5>, %[[DT:.*]]: tensor<1xsi4>):
// CHECK-NEXT: finn.yield %[[AT]], %[[CT]], %[[BT]], %[[YT]], %[[DT]]
func.func @main(%x: tensor<4x2xsi3>, %y: tensor<4x2xsi3>) -> (tensor<4x1xsi4>, tensor<4x3xsi5>, tensor<4x1xsi5>, tensor<4x2xsi3>, tensor<4x1xsi4>) {
  %0:5 = finn.scan states() inputs(%x, %y) {state_ranges = array<i64>, reverse_inputs = array<i64: 1, 0>, reverse_outputs = array<i64: 0, 1, 0, 0, 0>} : (tensor<4x2xsi3>, tensor<4x2xsi3>) -> (tensor<4x1xsi4>, tensor<4x3xsi5>, tensor<4x1xsi5>, tensor<4x2xsi3>, tensor<4x1xsi4>) {
  ^bb0(%xt: tensor<2xsi3>, %yt: tensor<2xsi3>):
    %1 = finn.matmul %xt, dense<1> : tensor<1x2xui1>, tensor<2xsi3> -> tensor<1xsi4>
    %2 = finn.matmul %xt, dense<2> : tensor<3x2xui2>, tensor<2xsi3> -> tensor<3xsi5>
    %3 = finn.matmul %xt, dense<3> : tensor<1x2xui2>, tensor<2xsi3> -> tensor<1xsi5>
    %4 = finn.matmul %yt, dense<1> : tensor<1x2xui1>, tensor<2xsi3> -> tensor<1xsi4>
    finn.yield %1, %2, %3, %yt, %4 : tensor<1xsi4>, tensor<3xsi5>, tensor<1xsi5>, tensor<2xsi3>, tensor<1xsi4>
  }
  return %0#0, %0#1, %0#2, %0#3, %0#4 : tensor<4x1xsi4>, tensor<4x3xsi5>, tensor<4x1xsi5>, tensor<4x2xsi3>, tensor<4x1xsi4>
}

// -----

// Products of a state and of a value that is computed in the body stay; so does an input that nothing read before.
// CHECK-LABEL: func.func @main
// CHECK-NEXT: finn.scan states(%arg0) inputs(%arg1, %arg2)
// CHECK-NEXT: ^bb0(%[[H:.*]]: tensor<2xui2>, %[[X:.*]]: tensor<2xsi3>, %{{.*}}: tensor<1xui1>):
// CHECK-NEXT: finn.matmul %[[H]]
// CHECK-NEXT: %[[T:.*]] = finn.table %[[X]]
// CHECK-NEXT: finn.matmul %[[T]]
func.func @main(%h0: tensor<2xui2>, %x: tensor<4x2xsi3>, %unread: tensor<4x1xui1>) -> (tensor<2xui2>, tensor<4x1xui3>, tensor<4x1xui3>) {
  %0:3 = finn.scan states(%h0) inputs(%x, %unread) {state_ranges = array<i64: 0, 3>, reverse_inputs = array<i64: 0, 0>, reverse_outputs = array<i64: 0, 0>} : (tensor<2xui2>, tensor<4x2xsi3>, tensor<4x1xui1>) -> (tensor<2xui2>, tensor<4x1xui3>, tensor<4x1xui3>) {
  ^bb0(%h: tensor<2xui2>, %xt: tensor<2xsi3>, %u: tensor<1xui1>):
    %1 = finn.matmul %h, dense<1> : tensor<1x2xui1>, tensor<2xui2> -> tensor<1xui3>
    %2 = finn.table %xt {first = -4 : i64, values = array<i64: 3, 2, 1, 0, 0, 1, 2, 3>} : tensor<2xsi3> -> tensor<2xui2>
    %3 = finn.matmul %2, dense<1> : tensor<1x2xui1>, tensor<2xui2> -> tensor<1xui3>
    finn.yield %2, %1, %3 : tensor<2xui2>, tensor<1xui3>, tensor<1xui3>
  }
  return %0#0, %0#1, %0#2 : tensor<2xui2>, tensor<4x1xui3>, tensor<4x1xui3>
}
