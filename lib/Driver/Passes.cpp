//===- Passes.cpp - The passes that the pipelines name --------------------===//

#include "finngl/Driver/Model.h"

void finngl::driver::registerPasses() {}
