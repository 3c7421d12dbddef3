// An LSTM of 3 units over 5 steps with every kernel in its body; also run by unittests/Engine.
// RUN: finngl-opt %s --verify-roundtrip | FileCheck %s
// CHECK: finn.scan
#x = #qonnx.quantiser<scale = [0.5], zero_point = [0.0], lo = -8, hi = 7, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>
#h = #qonnx.quantiser<scale = [0.125], zero_point = [0.0], lo = -32, hi = 31, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>
func.func @main(
    %x: tensor<5x2xsi4> {finn.name = "x", finn.shape = array<i64: 5, 1, 2>, finn.quantiser = #x},
    %h0: tensor<3xsi6> {finn.name = "h0", finn.shape = array<i64: 1, 3>, finn.quantiser = #h, finn.exact_grid})
    -> (tensor<5x3xsi6> {finn.name = "y", finn.shape = array<i64: 5, 1, 3>, finn.scale = ["1/8"], finn.offset = ["0"]},
        tensor<3xsi6> {finn.name = "h", finn.shape = array<i64: 1, 3>, finn.scale = ["1/8"], finn.offset = ["0"]},
        tensor<3xsi12> {finn.name = "c", finn.shape = array<i64: 1, 3>, finn.scale = ["1/3", "1/7", "1"], finn.offset = ["1/2"]}) {
  %c0 = finn.constant dense<0> : tensor<3xsi2>
  %0:3 = finn.scan states(%h0, %c0) inputs(%x) {state_ranges = array<i64: -32, 31, -128, 127>, reverse_inputs = array<i64: 0>, reverse_outputs = array<i64: 0>} : (tensor<3xsi6>, tensor<3xsi2>, tensor<5x2xsi4>) -> (tensor<3xsi6>, tensor<3xsi12>, tensor<5x3xsi6>) {
  ^bb0(%h: tensor<3xsi6>, %c: tensor<3xsi12>, %xt: tensor<2xsi4>):
    %wx = finn.matmul %xt, dense<[[3, -2], [1, 1], [-4, 3]]> : tensor<3x2xsi4>, tensor<2xsi4> -> tensor<3xsi8>
    %uh = finn.matmul %h, dense<[[1, 0, -1], [2, 2, 0], [0, -3, 1]]> : tensor<3x3xsi4>, tensor<3xsi6> -> tensor<3xsi9>
    %s = finn.lincomb %wx, %uh {coefficients = array<i64: 5, -3>, offset = array<i64: 1, -2, 3>} : (tensor<3xsi8>, tensor<3xsi9>) -> tensor<3xsi13>
    %q = finn.requant %s {p = 3 : i64, k = 5 : i64, c = array<i64: 16, 15, 17>, w = array<i64: 1>, lo = -32 : i64, hi = 31 : i64} : tensor<3xsi13> -> tensor<3xsi6>
    %f = finn.multi_threshold %q, dense<[[-9, -3, 0, 4, 9]]> : tensor<1x5xsi6> {bias = -2 : i64}, tensor<3xsi6> -> tensor<3xsi4>
    %g = finn.table %f {first = -2 : i64, values = array<i64: 40, 17, 9, 3, 1, 0>} : tensor<3xsi4> -> tensor<3xui6>
    %gc = finn.mul %g, %c : (tensor<3xui6>, tensor<3xsi12>) -> tensor<3xsi18>
    %sum = finn.lincomb %gc, %q {coefficients = array<i64: 1, 64>, offset = array<i64: 0>} : (tensor<3xsi18>, tensor<3xsi6>) -> tensor<3xsi19>
    %cn = finn.requant %sum {p = 1 : i64, k = 6 : i64, c = array<i64: 32>, w = array<i64: 0>, lo = -128 : i64, hi = 127 : i64} : tensor<3xsi19> -> tensor<3xsi12>
    %hn = finn.requant %cn {p = -7 : i64, k = 5 : i64, c = array<i64: 15>, w = array<i64: 0>, split = array<i64: 0>, c_high = array<i64: 16>, lo = -32 : i64, hi = 31 : i64} : tensor<3xsi12> -> tensor<3xsi6>
    finn.yield %hn, %cn, %hn : tensor<3xsi6>, tensor<3xsi12>, tensor<3xsi6>
  }
  return %0#2, %0#0, %0#1 : tensor<5x3xsi6>, tensor<3xsi6>, tensor<3xsi12>
}
