//===- HoistInputProducts.cpp - The pass finn-hoist-input-products --------===//
//
//   scan inputs(%x) { %a = matmul %xt, W   f(%a, %state) }
//     =>  %A = matmul %x, W    scan inputs(%A) { f(%at, %state) }
//
// A product of a scan input does not depend on the recurrence: it can be known
// before its step, and once for all scans and windows that read it.
//
//===----------------------------------------------------------------------===//

#include "finngl/Dialect/Finn/Transforms/Passes.h"

namespace finngl::finn {
#define GEN_PASS_DEF_HOISTINPUTPRODUCTS
#include "finngl/Dialect/Finn/Transforms/Passes.h.inc"
} // namespace finngl::finn

using namespace mlir;
using namespace finngl;

/// Products of the same input, those of one length next to one another: they
/// share hardware.
static SmallVector<finn::MatMulOp> productsOf(BlockArgument input) {
  SmallVector<finn::MatMulOp> products;
  for (auto product : input.getOwner()->getOps<finn::MatMulOp>())
    if (product.getInput() == input)
      products.push_back(product);
  llvm::stable_sort(products, [](finn::MatMulOp a, finn::MatMulOp b) {
    return cast<RankedTensorType>(a.getType()).getDimSize(0) <
           cast<RankedTensorType>(b.getType()).getDimSize(0);
  });
  return products;
}

/// The product of each step, `[T, m]`, in front of the scan.
static Value hoisted(finn::MatMulOp product, finn::ScanOp scan,
                     Value sequence) {
  auto step = cast<RankedTensorType>(product.getType());
  auto type = RankedTensorType::get({scan.getSteps(), step.getDimSize(0)},
                                    step.getElementType());
  return OpBuilder(scan).create<finn::MatMulOp>(
      product.getLoc(), type, sequence, product.getWeightsAttr());
}

void finn::hoistInputProducts(finn::ScanOp scan) {
  Block &body = scan.getBody().front();
  unsigned states = scan.getStates().size(), inputs = scan.getInputs().size();
  SmallVector<int64_t> reverse(scan.getReverseInputs());
  SmallVector<unsigned> unread;
  for (unsigned i = 0; i < inputs; ++i) {
    BlockArgument input = body.getArgument(states + i);
    SmallVector<finn::MatMulOp> products = productsOf(input);
    for (finn::MatMulOp product : products) {
      scan.getInputsMutable().append(
          hoisted(product, scan, scan.getInputs()[i]));
      reverse.push_back(reverse[i]);
      product.replaceAllUsesWith(
          body.addArgument(product.getType(), product.getLoc()));
      product.erase();
    }
    if (!products.empty() && input.use_empty())
      unread.push_back(i);
  }
  for (unsigned i : llvm::reverse(unread)) {
    scan.getInputsMutable().erase(i);
    reverse.erase(reverse.begin() + i);
    body.eraseArgument(states + i);
  }
  scan.setReverseInputs(reverse);
}

void finn::hoistInputProducts(func::FuncOp function) {
  for (ScanOp scan : function.getOps<ScanOp>())
    hoistInputProducts(scan);
}

namespace {
struct HoistInputProductsPass
    : finngl::finn::impl::HoistInputProductsBase<HoistInputProductsPass> {
  void runOnOperation() override { finn::hoistInputProducts(getOperation()); }
};
} // namespace
