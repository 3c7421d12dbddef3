//===- Passes.cpp - The passes that the pipelines name --------------------===//

#include "finngl/Conversion/Passes.h"
#include "finngl/Dialect/Finn/Transforms/Passes.h"
#include "finngl/Dialect/QONNX/Transforms/Passes.h"
#include "finngl/Driver/Model.h"

void finngl::driver::registerPasses() {
  qonnx::registerQONNXPasses();
  finn::registerFinnPasses();
  registerConversionPasses();
}
