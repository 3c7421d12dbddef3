//===- CodeTag.cpp - Which quantiser's codes a value holds ----------------===//

#include "finngl/Support/CodeTag.h"
#include "mlir/IR/Operation.h"

using namespace mlir;

namespace finngl {

void tagCodes(Value value, unsigned number, ArrayRef<int64_t> order) {
  Location location = value.getLoc();
  if (llvm::is_contained(codeTags(location), number))
    return;
  std::string text = "#" + std::to_string(number);
  for (auto [i, dimension] : llvm::enumerate(order))
    text += (i ? "," : ":") + std::to_string(dimension);
  auto name = StringAttr::get(value.getContext(), text);
  Location tagged = NameLoc::get(name, location);
  if (Operation *op = value.getDefiningOp())
    op->setLoc(tagged);
  else
    cast<BlockArgument>(value).setLoc(tagged);
}

/// Calls `visit(number, order)` for each tag, the order as its text.
static void forEachTag(Location location,
                       llvm::function_ref<void(unsigned, StringRef)> visit) {
  while (true) {
    if (auto fused = dyn_cast<FusedLoc>(location)) {
      location = fused.getLocations().back();
      continue;
    }
    auto named = dyn_cast<NameLoc>(location);
    if (!named)
      return;
    auto [name, order] = named.getName().getValue().split(':');
    unsigned number;
    if (name.consume_front("#") && !name.getAsInteger(10, number))
      visit(number, order);
    location = named.getChildLoc();
  }
}

llvm::SmallVector<unsigned, 2> codeTags(Location location) {
  llvm::SmallVector<unsigned, 2> tags;
  forEachTag(location,
             [&](unsigned number, StringRef) { tags.push_back(number); });
  return tags;
}

llvm::SmallVector<int64_t> codeOrder(Location location, unsigned number) {
  llvm::SmallVector<int64_t> order;
  forEachTag(location, [&](unsigned tag, StringRef text) {
    llvm::SmallVector<StringRef> parts;
    if (tag == number && order.empty())
      text.split(parts, ',', -1, /*KeepEmpty=*/false);
    for (StringRef part : parts)
      if (int64_t dimension; !part.getAsInteger(10, dimension))
        order.push_back(dimension);
  });
  return order;
}

} // namespace finngl
