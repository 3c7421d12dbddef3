// RUN: finngl-opt %s --convert-qonnx-to-finn --split-input-file --verify-diagnostics | FileCheck %s

// Two products whose scales vary apart: each channel's coefficients go into the rows of its weights.

#x = #qonnx.quantiser<scale = [0.3], zero_point = [0.0], lo = -2, hi = 1, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>
#w = #qonnx.quantiser<scale = [0.5, 0.3], zero_point = [0.0], lo = -1, hi = 1, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = 1>
#u = #qonnx.quantiser<scale = [0.2, 0.7], zero_point = [0.0], lo = -1, hi = 1, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = 1>
#y = #qonnx.quantiser<scale = [0.1], zero_point = [0.0], lo = -4, hi = 3, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>

// CHECK-LABEL: func.func @main
// CHECK-SAME: %[[X:[a-z0-9]+]]: tensor<2xsi2> {{.*}}, %[[H:[a-z0-9]+]]: tensor<2xsi2>
func.func @main(%x: tensor<2xf32>, %h: tensor<2xf32>) -> tensor<2xf32> {
  %0 = qonnx.quant %x by #x : tensor<2xf32>
  %1 = qonnx.quant %h by #x : tensor<2xf32>
  %2 = qonnx.constant dense<[[0.5, 0.3], [-0.5, 0.0]]> : tensor<2x2xf32>
  %3 = qonnx.quant %2 by #w : tensor<2x2xf32>
  %4 = qonnx.constant dense<[[0.0, 0.7], [-0.2, 0.7]]> : tensor<2x2xf32>
  %5 = qonnx.quant %4 by #u : tensor<2x2xf32>
  // CHECK: %[[WX:[a-z0-9]+]] = finn.matmul %[[X]], dense<{{\[\[}}5, -5], [1, 0]]>
  // CHECK: %[[UH:[a-z0-9]+]] = finn.matmul %[[H]], dense<{{\[\[}}0, -2], [2, 2]]>
  // CHECK: %[[S:[a-z0-9]+]] = finn.lincomb %[[WX]], %[[UH]] {coefficients = array<i64: 1, 1>
  // CHECK: finn.multi_threshold %[[S]]
  %6 = qonnx.matmul %0, %3 : (tensor<2xf32>, tensor<2x2xf32>) -> tensor<2xf32>
  %7 = qonnx.matmul %1, %5 : (tensor<2xf32>, tensor<2x2xf32>) -> tensor<2xf32>
  %8 = qonnx.add %6, %7 : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
  %9 = qonnx.quant %8 by #y : tensor<2xf32>
  return %9 : tensor<2xf32>
}

// -----

// Values that no weights make: coefficients of each channel's own.

#a = #qonnx.quantiser<scale = [0.5, 0.3], zero_point = [0.0], lo = -2, hi = 1, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = 0>
#b = #qonnx.quantiser<scale = [0.2, 0.7], zero_point = [0.0], lo = -2, hi = 1, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = 0>
#y = #qonnx.quantiser<scale = [0.1], zero_point = [0.0], lo = -4, hi = 3, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>

// CHECK-LABEL: func.func @main
// CHECK-SAME: %[[A:[a-z0-9]+]]: tensor<2xsi2> {{.*}}, %[[B:[a-z0-9]+]]: tensor<2xsi2>
func.func @main(%a: tensor<2xf32>, %b: tensor<2xf32>) -> tensor<2xf32> {
  %0 = qonnx.quant %a by #a : tensor<2xf32>
  %1 = qonnx.quant %b by #b : tensor<2xf32>
  // CHECK: %[[S:[a-z0-9]+]] = finn.lincomb %[[A]], %[[B]] {coefficients = array<i64: 5, 3, 2, 7>, offset = array<i64: 0>}
  // CHECK: finn.multi_threshold %[[S]]
  %2 = qonnx.add %0, %1 : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
  %3 = qonnx.quant %2 by #y : tensor<2xf32>
  return %3 : tensor<2xf32>
}

// -----

// Where a constant factor is zero, so is the value, whatever its scale.

#x = #qonnx.quantiser<scale = [0.25], zero_point = [0.0], lo = -2, hi = 1, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>
#y = #qonnx.quantiser<scale = [0.125], zero_point = [0.0], lo = -8, hi = 7, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>

// CHECK-LABEL: func.func @main
// CHECK-SAME: %[[X:[a-z0-9]+]]: tensor<3xsi2>
func.func @main(%x: tensor<3xf32>) -> tensor<3xf32> {
  %0 = qonnx.quant %x by #x : tensor<3xf32>
  %1 = qonnx.constant dense<[0.5, 0.0, -3.0]> : tensor<3xf32>
  // CHECK: %[[V:[a-z0-9]+]] = finn.lincomb %[[X]] {coefficients = array<i64: 1, 0, 1>, offset = array<i64: 0>}
  %2 = qonnx.mul %0, %1 : (tensor<3xf32>, tensor<3xf32>) -> tensor<3xf32>
  // The last channel falls; the second one may take its scale.
  // CHECK: %[[R:[a-z0-9]+]] = finn.lincomb %[[V]] {coefficients = array<i64: 1, -1, -1>, offset = array<i64: 0>}
  // CHECK: finn.multi_threshold %[[R]]
  %3 = qonnx.quant %2 by #y : tensor<3xf32>
  return %3 : tensor<3xf32>
}

// -----

// A product with x + c is x * y + c * y, the second part only where c is not zero.

#x = #qonnx.quantiser<scale = [0.25], zero_point = [0.0], lo = -2, hi = 1, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>
#y = #qonnx.quantiser<scale = [0.125], zero_point = [0.0], lo = -8, hi = 7, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>

// CHECK-LABEL: func.func @main
// CHECK-SAME: %[[X:[a-z0-9]+]]: tensor<3xsi2> {{.*}}, %[[Y:[a-z0-9]+]]: tensor<3xsi2>
func.func @main(%x: tensor<3xf32>, %y: tensor<3xf32>) -> tensor<3xf32> {
  %0 = qonnx.quant %x by #x : tensor<3xf32>
  %1 = qonnx.quant %y by #x : tensor<3xf32>
  %2 = qonnx.constant dense<[0.3, 0.0, 0.3]> : tensor<3xf32>
  %3 = qonnx.add %0, %2 : (tensor<3xf32>, tensor<3xf32>) -> tensor<3xf32>
  // CHECK-DAG: %[[P:[a-z0-9]+]] = finn.mul %[[X]], %[[Y]]
  // CHECK-DAG: %[[C:[a-z0-9]+]] = finn.lincomb %[[Y]] {coefficients = array<i64: 1, 0, 1>, offset = array<i64: 0>}
  %4 = qonnx.mul %3, %1 : (tensor<3xf32>, tensor<3xf32>) -> tensor<3xf32>
  // CHECK: finn.lincomb %[[P]], %[[C]] {coefficients = array<i64: 4, 5>, offset = array<i64: 0>}
  %5 = qonnx.quant %4 by #y : tensor<3xf32>
  return %5 : tensor<3xf32>
}
