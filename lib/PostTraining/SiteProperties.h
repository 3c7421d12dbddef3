//===- SiteProperties.h - Names of sites, and what reads them ---*- C++ -*-===//

#ifndef FINNGL_LIB_POSTTRAINING_SITEPROPERTIES_H
#define FINNGL_LIB_POSTTRAINING_SITEPROPERTIES_H

#include "finngl/PostTraining/Sites.h"

namespace finngl::ptq {

/// The node that makes or reads the site's value, and for what; not unique.
std::string wantedName(const Site &site, mlir::func::FuncOp main);

/// What all readers of a value compute of it.
Response responseOf(mlir::Value value);

} // namespace finngl::ptq

#endif // FINNGL_LIB_POSTTRAINING_SITEPROPERTIES_H
