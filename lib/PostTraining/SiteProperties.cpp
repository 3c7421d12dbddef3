//===- SiteProperties.cpp - Names of sites, and what reads them -----------===//

#include "SiteProperties.h"
#include "finngl/Support/Diagnostics.h"

using namespace mlir;
using namespace finngl;
using namespace finngl::ptq;

std::string ptq::wantedName(const Site &site, func::FuncOp main) {
  if (auto argument = dyn_cast<BlockArgument>(site.value)) {
    auto name = main.getArgAttrOfType<StringAttr>(argument.getArgNumber(),
                                                  qonnx::kNameAttr);
    return name ? name.getValue().str() : "input";
  }
  Operation *op = site.reader ? site.reader : site.value.getDefiningOp();
  std::string name = nodeName(op->getLoc());
  if (name.empty())
    name = op->getName().stripDialect().str();
  if (site.role == Role::Weight)
    return name + "/weight";
  if (site.role == Role::InitialState)
    return name + "/initial_state_" + std::to_string(site.operand);
  return name;
}

Response ptq::responseOf(Value value) {
  std::optional<Response> common;
  for (Operation *user : value.getUsers()) {
    Response response = isa<qonnx::SigmoidOp>(user) ? Response::Sigmoid
                        : isa<qonnx::TanhOp>(user)  ? Response::Tanh
                                                    : Response::Identity;
    if (common.value_or(response) != response)
      return Response::Identity;
    common = response;
  }
  return common.value_or(Response::Identity);
}
