//===- CodeTag.cpp - Which quantiser's codes a value holds ----------------===//

#include "finngl/Support/CodeTag.h"
#include "mlir/IR/Operation.h"

using namespace mlir;

namespace finngl {

void tagCodes(Value value, unsigned number) {
  Location location = value.getLoc();
  if (llvm::is_contained(codeTags(location), number))
    return;
  auto name = StringAttr::get(value.getContext(), "#" + std::to_string(number));
  Location tagged = NameLoc::get(name, location);
  if (Operation *op = value.getDefiningOp())
    op->setLoc(tagged);
  else
    cast<BlockArgument>(value).setLoc(tagged);
}

llvm::SmallVector<unsigned, 2> codeTags(Location location) {
  llvm::SmallVector<unsigned, 2> tags;
  while (true) {
    if (auto fused = dyn_cast<FusedLoc>(location)) {
      location = fused.getLocations().back();
      continue;
    }
    auto named = dyn_cast<NameLoc>(location);
    if (!named)
      return tags;
    StringRef name = named.getName().getValue();
    unsigned number;
    if (name.consume_front("#") && !name.getAsInteger(10, number))
      tags.push_back(number);
    location = named.getChildLoc();
  }
}

} // namespace finngl
