//===- finngl-opt.cpp - Run passes on the textual form --------------------===//

#include "finngl/Conversion/Passes.h"
#include "finngl/Dialect/Dataflow/IR/Dataflow.h"
#include "finngl/Dialect/Dataflow/Transforms/Passes.h"
#include "finngl/Dialect/Finn/IR/Finn.h"
#include "finngl/Dialect/Finn/Transforms/Passes.h"
#include "finngl/Dialect/QONNX/IR/QONNX.h"
#include "finngl/Dialect/QONNX/Transforms/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"

int main(int argc, char **argv) {
  finngl::qonnx::registerQONNXPasses();
  finngl::finn::registerFinnPasses();
  finngl::df::registerDataflowPasses();
  finngl::registerConversionPasses();
  mlir::DialectRegistry registry;
  registry.insert<mlir::func::FuncDialect, finngl::qonnx::QONNXDialect,
                  finngl::finn::FinnDialect, finngl::df::DataflowDialect>();
  return mlir::failed(
      mlir::MlirOptMain(argc, argv, "finn-gl optimizer\n", registry));
}
