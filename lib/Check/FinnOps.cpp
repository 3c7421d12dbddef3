//===- FinnOps.cpp - Ops of the finn dialect for the kernel checks --------===//

#include "FinnOps.h"
#include "finngl/Core/Requant.h"
#include "finngl/Support/IntElements.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace finngl;
using namespace finngl::check;

static int64_t at(ArrayRef<int64_t> values, size_t channel) {
  return values.size() == 1 ? values[0] : values[channel];
}

static size_t channelsOf(Value value) {
  return cast<RankedTensorType>(value.getType()).getShape().back();
}

const std::vector<int64_t> &FinnOps::elements(Operation *op,
                                              ElementsAttr attr) {
  auto [found, isNew] = cache.try_emplace(op);
  if (isNew)
    found->second = intElements(attr);
  return found->second;
}

std::optional<Polynomials>
FinnOps::polynomials(OpResult result, ArrayRef<const Polynomials *> in) {
  using Made = std::optional<Polynomials>;
  Operation *op = result.getOwner();
  return llvm::TypeSwitch<Operation *, Made>(op)
      .Case([&](finn::ConstantOp c) {
        return constants(elements(op, c.getValue()));
      })
      .Case([&](finn::MatMulOp m) {
        return matrixProduct(elements(op, m.getWeights()),
                             m.getWeights().getShapedType().getDimSize(0),
                             *in[0]);
      })
      .Case([&](finn::LincombOp l) {
        return weightedSum(l.getCoefficients(), l.getOffset(),
                           channelsOf(result), in);
      })
      .Case([&](finn::MulOp) { return elementProducts(*in[0], *in[1]); })
      .Case([&](finn::ReshapeOp) { return Made(*in[0]); })
      .Default([](Operation *) { return std::nullopt; });
}

bool FinnOps::isKernel(Operation *op) const {
  return isa<finn::RequantOp, finn::TableOp, finn::MultiThresholdOp>(op);
}

SmallVector<Value> FinnOps::terms(Operation *kernel) const {
  auto sum = kernel->getOperand(0).getDefiningOp<finn::LincombOp>();
  if (!isa<finn::MultiThresholdOp>(kernel) || !sum || sum->getNumOperands() < 2)
    return {};
  return {sum->operand_begin(), sum->operand_end()};
}

/// The op's description, word for word.
static int64_t applyRequant(finn::RequantOp op, int64_t in, size_t channel) {
  ArrayRef<int64_t> c = op.getC();
  if (op.getSplit() && in >= at(*op.getSplit(), channel))
    c = *op.getCHigh();
  __int128 v = __int128(int64_t(op.getP())) * in + at(c, channel);
  unsigned k = unsigned(op.getK());
  __int128 y = v >> k, rest = v - (y << k);
  if (rest < at(op.getW(), channel))
    y -= y & 1;
  int64_t lo = op.getLo(), hi = op.getHi();
  return y < lo ? lo : y > hi ? hi : int64_t(y);
}

int64_t FinnOps::apply(Operation *op, int64_t in, size_t channel) {
  if (auto requant = dyn_cast<finn::RequantOp>(op))
    return applyRequant(requant, in, channel);
  if (auto table = dyn_cast<finn::TableOp>(op)) {
    int64_t index = in - int64_t(table.getFirst());
    ArrayRef<int64_t> values = table.getValues();
    // Outside of the table nothing is defined: no code has this value.
    if (index < 0 || index >= int64_t(values.size()))
      return INT64_MIN;
    return values[index];
  }
  auto multi = cast<finn::MultiThresholdOp>(op);
  const std::vector<int64_t> &all = elements(op, multi.getThresholds());
  size_t rows = multi.getThresholds().getShapedType().getDimSize(0);
  size_t count = all.size() / rows;
  auto row = all.begin() + (rows == 1 ? 0 : channel) * count;
  return int64_t(multi.getBias()) +
         std::count_if(row, row + count, [&](int64_t t) { return in >= t; });
}

std::optional<std::vector<int64_t>>
FinnOps::breaks(Operation *op, size_t channel, int64_t lo, int64_t hi) {
  std::vector<int64_t> result;
  if (auto requant = dyn_cast<finn::RequantOp>(op)) {
    for (const Step &step :
         stepFunction(finn::toRequant(requant), channel, lo, hi).steps)
      result.push_back(step.at);
    return result;
  }
  auto multi = dyn_cast<finn::MultiThresholdOp>(op);
  if (!multi)
    return std::nullopt;
  const std::vector<int64_t> &all = elements(op, multi.getThresholds());
  size_t rows = multi.getThresholds().getShapedType().getDimSize(0);
  size_t count = all.size() / rows;
  for (size_t t = 0; t < count; ++t)
    if (int64_t threshold = all[(rows == 1 ? 0 : channel) * count + t];
        threshold > lo && threshold <= hi)
      result.push_back(threshold);
  return result;
}
