//===- Pass.cpp - convert-finn-to-dataflow --------------------------------===//

#include "finngl/Conversion/FinnToDataflow/FinnToDataflow.h"
#include "finngl/Conversion/Passes.h"

namespace finngl {
#define GEN_PASS_DEF_CONVERTFINNTODATAFLOW
#include "finngl/Conversion/Passes.h.inc"
} // namespace finngl

using namespace mlir;
using namespace finngl;

namespace {
struct Pass : finngl::impl::ConvertFinnToDataflowBase<Pass> {
  using ConvertFinnToDataflowBase::ConvertFinnToDataflowBase;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    MappingOptions options;
    options.sliding = sliding;
    options.stream = stream;
    if (style == "requant") {
      options.style = ThresholdStyle::Requant;
    } else if (style != "segment") {
      module.emitError() << "expects style segment or requant, got " << style;
      return signalPassFailure();
    }
    OwningOpRef<ModuleOp> mapped = convertFinnToDataflow(module, options);
    if (!mapped)
      return signalPassFailure();
    module.getBodyRegion().takeBody(mapped->getBodyRegion());
  }
};
} // namespace
