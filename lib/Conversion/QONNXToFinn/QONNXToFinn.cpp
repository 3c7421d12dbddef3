//===- QONNXToFinn.cpp - The pass convert-qonnx-to-finn -------------------===//

#include "Converter.h"
#include "finngl/Conversion/Passes.h"

namespace finngl {
#define GEN_PASS_DEF_CONVERTQONNXTOFINN
#include "finngl/Conversion/Passes.h.inc"
} // namespace finngl

using namespace mlir;
using namespace finngl;

namespace {
struct ConvertQONNXToFinnPass
    : finngl::impl::ConvertQONNXToFinnBase<ConvertQONNXToFinnPass> {
  void runOnOperation() override {
    if (failed(Converter(getOperation()).run()))
      signalPassFailure();
  }
};
} // namespace
