//===- IntElementsTest.cpp ------------------------------------------------===//

#include "finngl/Support/IntElements.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/MLIRContext.h"
#include <gtest/gtest.h>

using namespace mlir;
using namespace finngl;

TEST(IntElements, EveryWidthAndSignComesBack) {
  MLIRContext context;
  for (unsigned width = 1; width <= 63; ++width)
    for (auto sign : {IntegerType::Signed, IntegerType::Unsigned}) {
      unsigned bits = width - (sign == IntegerType::Signed);
      auto top = int64_t((uint64_t(1) << bits) - 1);
      int64_t low = sign == IntegerType::Signed ? -top - 1 : 0;
      auto type =
          RankedTensorType::get({5}, IntegerType::get(&context, width, sign));
      std::vector<int64_t> values = {top, low, 0, top / 3, low / 5};
      DenseElementsAttr attr = denseInts(type, values);
      EXPECT_EQ(intElements(attr), values) << width;
      // The same bytes as MLIR's own path, so that attributes stay unique.
      SmallVector<APInt> ints;
      for (int64_t value : values)
        ints.push_back(APInt(64, uint64_t(value)).trunc(width));
      EXPECT_EQ(attr, DenseElementsAttr::get(type, ints)) << width;
      std::vector<int64_t> same(5, low);
      EXPECT_EQ(intElements(denseInts(type, same)), same) << width;
    }
}
