// RUN: finngl-opt %s --convert-finn-to-dataflow --dataflow-set-folding='lut=2500 dsp=100' | FileCheck %s

// Weights, inputs or sums wider than a DSP48E2's ports are multiplied in LUTs, which is what no impl says.
func.func @main(%x: tensor<3x2xsi18>, %y: tensor<3x2xsi18>, %z: tensor<3x2xsi19>) -> (tensor<3x2xsi45>, tensor<3x2xsi44>, tensor<3x2xsi24>) {
  // CHECK: dataflow.mvu({{.*}} : tensor<2x2xsi27> : (tensor<2xsi18>)
  %0 = finn.matmul %x, dense<[[67108863, 3], [-67108864, 1]]> : tensor<2x2xsi27>, tensor<3x2xsi18> -> tensor<3x2xsi45>
  // CHECK: dataflow.mvu({{.*}} : tensor<2x2xsi26> {impl = "dsp"} : (tensor<2xsi18>)
  %1 = finn.matmul %y, dense<[[33554431, 3], [-33554432, 1]]> : tensor<2x2xsi26>, tensor<3x2xsi18> -> tensor<3x2xsi44>
  // CHECK: dataflow.mvu({{.*}} : tensor<2x2xsi4> : (tensor<2xsi19>)
  %2 = finn.matmul %z, dense<[[7, 3], [-8, 1]]> : tensor<2x2xsi4>, tensor<3x2xsi19> -> tensor<3x2xsi24>
  return %0, %1, %2 : tensor<3x2xsi45>, tensor<3x2xsi44>, tensor<3x2xsi24>
}
