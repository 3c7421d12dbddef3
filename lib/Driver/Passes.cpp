//===- Passes.cpp - The passes that the pipelines name --------------------===//

#include "finngl/Dialect/QONNX/Transforms/Passes.h"
#include "finngl/Driver/Model.h"

void finngl::driver::registerPasses() { finngl::qonnx::registerQONNXPasses(); }
