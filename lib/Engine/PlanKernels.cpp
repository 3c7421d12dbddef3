//===- PlanKernels.cpp - The kernel calls of each finn op -----------------===//

#include "PlanBuilder.h"
#include "finngl/Support/IntElements.h"

using namespace mlir;
using namespace finngl;
using namespace finngl::kernels;

/// One entry a channel of an attribute with 1 or C entries.
static std::vector<int64_t> perChannel(ArrayRef<int64_t> values,
                                       size_t channels) {
  if (values.size() == 1)
    return std::vector<int64_t>(channels, values[0]);
  return values.vec();
}

static std::pair<int64_t, int64_t> rangeOf(Value value) {
  return finn::rangeOf(
      cast<IntegerType>(getElementTypeOrSelf(value.getType())));
}

/// A constant that a scan's body holds is in place before the first step.
void PlanBuilder::add(finn::ConstantOp op) {
  Place where = place(op.getResult());
  store(where.container, intElements(op.getValue()),
        plan.arenaImage.data() + where.slot.offset);
}

static Layout layoutFor(ArrayRef<int64_t> weights, Container in,
                        Container out) {
  auto within = [&](int64_t lo, int64_t hi) {
    return llvm::all_of(weights, [=](int64_t w) { return w >= lo && w <= hi; });
  };
  if (out > Container::I32 || in > Container::I16)
    return Layout::Plain;
  if (in == Container::I8 && within(INT8_MIN, INT8_MAX))
    return Layout::Quads;
  return within(INT16_MIN, INT16_MAX) ? Layout::Pairs : Layout::Plain;
}

/// Products of one vector whose sums are of one container are one product:
/// their matrices on top of each other.
void PlanBuilder::add(finn::MatMulOp op) {
  if (places.contains(op.getResult()))
    return; // ahead, or below another one
  Place all = shapeOf(op.getResult().getType());
  SmallVector<finn::MatMulOp> stack{op};
  for (Operation *user : op.getInput().getUsers())
    if (auto other = dyn_cast<finn::MatMulOp>(user);
        other && other != op && other->getBlock() == op->getBlock() &&
        all.rows == 1 &&
        shapeOf(other.getResult().getType()).container == all.container)
      stack.push_back(other);
  std::vector<int64_t> weights;
  all.channels = 0;
  for (finn::MatMulOp product : stack) {
    llvm::append_range(weights, intElements(product.getWeights()));
    all.channels += shapeOf(product.getResult().getType()).channels;
  }
  all.slot.offset = allocate(all.bytes());
  multiply(op.getInput(), weights, all);
  Place part = all;
  for (finn::MatMulOp product : stack) {
    part.channels = shapeOf(product.getResult().getType()).channels;
    places[product.getResult()] = part;
    part.slot.offset += int64_t(part.bytes());
  }
}

void PlanBuilder::multiply(Value input, ArrayRef<int64_t> weights, Place out) {
  Place in = places[input];
  Layout layout = layoutFor(weights, in.container, out.container);
  auto *matrix = keep(makeMatrix(weights, out.channels, in.channels, layout));
  if (layout == Layout::Plain)
    return call(set.matmulPlain[int(in.container)][int(out.container)], matrix,
                out.rows, out.slot, in.slot);
  if (layout == Layout::Quads)
    return call(set.matmulQuads[int(out.container)], matrix, out.rows, out.slot,
                in.slot);
  // Matrices that share an operand share its pairs. A step of a sequence is
  // multiplied ahead.
  auto [entry, isNew] = packed.try_emplace(input);
  if (isNew) {
    size_t pitch = matrix->columnPairs() * 2 * sizeof(int16_t);
    entry->second = in.slot.stride == 0 ? Slot{allocate(in.rows * pitch)}
                                        : tileSlot(pitch, in.slot.stride < 0);
    call(set.packPairs[int(in.container)], keep(Channels{in.channels}), in.rows,
         entry->second, in.slot);
  }
  call(set.matmulPairs[int(out.container)], matrix, out.rows, out.slot,
       entry->second);
}

/// A sum of two values of one container that one MultiThreshold reads.
bool PlanBuilder::isFused(finn::LincombOp op) {
  if (keepsAll || op.getInputs().size() != 2 || !op.isUniform() ||
      !op->hasOneUse() || !isa<finn::MultiThresholdOp>(*op->user_begin()))
    return false;
  Place first = places[op.getInputs()[0]], second = places[op.getInputs()[1]];
  return first.container == second.container &&
         first.container != Container::I64 && first.rows == second.rows;
}

void PlanBuilder::add(finn::LincombOp op) {
  if (!isFused(op))
    addTerms(op);
}

void PlanBuilder::addTerms(finn::LincombOp op) {
  Place out = place(op.getResult());
  for (auto [index, input] : llvm::enumerate(op.getInputs())) {
    Place in = places[input];
    auto &kernel = index == 0 ? set.firstTerm : set.nextTerm;
    auto *term =
        keep(TermConstants{out.channels, op.coefficientsOf(index).vec(),
                           perChannel(op.getOffset(), out.channels)});
    call(kernel[int(in.container)][int(out.container)], term, out.rows,
         out.slot, in.slot);
  }
}

void PlanBuilder::add(finn::MulOp op) {
  Place out = place(op.getResult());
  Place lhs = places[op.getLhs()], rhs = places[op.getRhs()];
  Kernel kernel =
      set.mul[int(lhs.container)][int(rhs.container)][int(out.container)];
  call(kernel, keep(Channels{out.channels}), out.rows, out.slot, lhs.slot,
       rhs.slot);
}

/// |p*in| + |c| < 2^51 with 32-bit factors, for every input of the type: exact
/// in double, whatever power of two divides it.
static bool fitsFastRequant(const RequantConstants &q, Container in,
                            std::pair<int64_t, int64_t> range) {
  if (q.hasSplit || in == Container::I64 || q.p < INT32_MIN || q.p > INT32_MAX)
    return false;
  Integer widest = toInteger(std::max(-range.first, range.second));
  Integer bound = abs(toInteger(q.p)) * widest;
  for (int64_t c : q.c)
    if (bound + abs(toInteger(c)) >= (Integer(1) << 51))
      return false;
  return true;
}

void PlanBuilder::add(finn::RequantOp op) {
  Place in = places[op.getInput()];
  Place out = place(op.getResult());
  size_t n = out.channels;
  RequantConstants q = {};
  q.channels = n;
  q.p = op.getP();
  q.k = op.getK();
  q.lo = op.getLo();
  q.hi = op.getHi();
  q.c = perChannel(op.getC(), n);
  q.w = perChannel(op.getW(), n);
  q.ties = llvm::any_of(q.w, [](int64_t w) { return w != 0; });
  q.hasSplit = op.getSplit().has_value();
  if (q.hasSplit) {
    q.split = perChannel(*op.getSplit(), n);
    q.cHigh = perChannel(*op.getCHigh(), n);
  }
  auto range = rangeOf(op.getInput());
  bool fast = fitsFastRequant(q, in.container, range);
  if (fast)
    q.line = makeLine(q, range.first, range.second);
  auto &kernel = fast ? set.requantFast : set.requant;
  call(kernel[int(in.container)][int(out.container)], keep(std::move(q)),
       out.rows, out.slot, in.slot);
}

/// The table's low bytes, if they say all of it.
static std::optional<std::vector<std::byte>> asBytes(ArrayRef<int64_t> values,
                                                     Container out) {
  bool inBytes = out == Container::I16 && llvm::all_of(values, [](int64_t v) {
                   return v >= 0 && v <= UINT8_MAX;
                 });
  if (out != Container::I8 && !inBytes)
    return std::nullopt;
  std::vector<std::byte> bytes;
  for (int64_t value : values)
    bytes.push_back(std::byte(value & UINT8_MAX));
  return bytes;
}

/// The table is stretched over the whole container, its end values repeated,
/// so that not even a wrongly typed file can make the kernel read beyond it.
LogicalResult PlanBuilder::add(finn::TableOp op) {
  Place in = places[op.getInput()];
  Place out = place(op.getResult());
  ArrayRef<int64_t> values = op.getValues();
  if (in.container > Container::I16)
    return op.emitError() << "a table over " << op.getInput().getType()
                          << " is wider than 16 bits";
  int64_t first = in.container == Container::I8 ? INT8_MIN : INT16_MIN;
  std::vector<int64_t> stretched(size_t(-2 * first));
  for (size_t i = 0; i < stretched.size(); ++i) {
    int64_t index = first + int64_t(i) - int64_t(op.getFirst());
    stretched[i] = values[std::clamp<int64_t>(index, 0, values.size() - 1)];
  }
  TableConstants table = {out.channels, first, {}};
  table.values.resize(stretched.size() * bytesOf(out.container));
  store(out.container, stretched, table.values.data());
  if (in.container == Container::I8)
    if (auto bytes = asBytes(stretched, out.container))
      table.steps = makeTableSteps(*bytes);
  call(set.table[int(in.container)][int(out.container)], keep(std::move(table)),
       out.rows, out.slot, in.slot);
  return success();
}

/// With a fused sum in front, the sum's inputs are read. The sum is stored
/// after all where no bracket is found.
void PlanBuilder::add(finn::MultiThresholdOp op) {
  Place out = place(op.getResult());
  ShapedType type = op.getThresholds().getShapedType();
  ThresholdConstants constants{out.channels, size_t(type.getDimSize(1)),
                               type.getDimSize(0) != 1, int64_t(op.getBias()),
                               intElements(op.getThresholds())};
  auto [lo, hi] = rangeOf(op.getInput());
  auto magnitudeOf = [](Value value) {
    auto [least, most] = rangeOf(value);
    return std::max(-double(least), double(most));
  };
  if (!places.contains(op.getInput())) {
    auto sum = op.getInput().getDefiningOp<finn::LincombOp>();
    Place first = places[sum.getInputs()[0]],
          second = places[sum.getInputs()[1]];
    llvm::copy(sum.getCoefficients(), constants.coefficient);
    constants.offset = perChannel(sum.getOffset(), out.channels);
    double magnitudes[2] = {magnitudeOf(sum.getInputs()[0]),
                            magnitudeOf(sum.getInputs()[1])};
    if (auto bracket = makeBracket(constants, lo, hi, magnitudes)) {
      constants.bracket = std::move(*bracket);
      return call(set.thresholdSum[int(first.container)][int(out.container)],
                  keep(std::move(constants)), out.rows, out.slot, first.slot,
                  second.slot);
    }
    addTerms(sum);
    constants.offset.clear();
    constants.coefficient[0] = 1;
    constants.coefficient[1] = 0;
  }
  Place in = places[op.getInput()];
  auto bracket =
      makeBracket(constants, lo, hi, {magnitudeOf(op.getInput()), 0});
  if (bracket)
    constants.bracket = std::move(*bracket);
  auto &kernel = bracket ? set.multiThresholdFast : set.multiThreshold;
  call(kernel[int(in.container)][int(out.container)],
       keep(std::move(constants)), out.rows, out.slot, in.slot);
}

//===----------------------------------------------------------------------===//
// Sliding windows
//===----------------------------------------------------------------------===//

/// Other rows of the same elements.
void PlanBuilder::add(finn::ReshapeOp op) {
  Place same = places[op.getInput()];
  Place shape = shapeOf(op.getResult().getType());
  same.rows = shape.rows;
  same.channels = shape.channels;
  places[op.getResult()] = same;
}

/// Padding is in place before the first run; neighbours are copied together.
void PlanBuilder::add(finn::Im2ColOp op) {
  Place in = places[op.getInput()], out = place(op.getResult());
  if (in.container != out.container) { // wider, for its padding
    Place wide = in;
    wide.container = out.container;
    wide.slot = {allocate(wide.bytes()), 0};
    convert(in, wide);
    in = wide;
  }
  size_t row = in.channels * bytesOf(in.container);
  std::vector<int64_t> pad = perChannel(op.getPadValue(), in.channels);
  std::byte *image = plan.arenaImage.data() + out.slot.offset;
  CopyConstants copies;
  for (auto [index, source] : llvm::enumerate(op.sourceRows())) {
    size_t to = index * row;
    if (source < 0) {
      store(out.container, pad, image + to);
      continue;
    }
    size_t from = size_t(source) * row;
    Copy *last = copies.list.empty() ? nullptr : &copies.list.back();
    if (last && last->to + last->bytes == to &&
        last->from + last->bytes == from)
      last->bytes += row;
    else
      copies.list.push_back({to, from, row});
  }
  call(copyParts, keep(std::move(copies)), 1, out.slot, in.slot);
}

PlanBuilder::Place PlanBuilder::alike(Place in, Place out) {
  Place result = out;
  if (in.container != out.container) {
    result.container = in.container;
    result.slot = {allocate(result.bytes()), 0};
  }
  return result;
}

void PlanBuilder::add(finn::MaxPoolOp op) {
  Place in = places[op.getInput()], out = place(op.getResult());
  Place result = alike(in, out);
  auto *shape =
      keep(MaxPoolConstants{out.channels, in.channels / out.channels});
  call(maxPool(in.container), shape, out.rows, result.slot, in.slot);
  if (in.container != out.container)
    convert(result, out);
}

void PlanBuilder::add(finn::ArgMaxOp op) {
  Place in = places[op.getInput()], out = place(op.getResult());
  Place wide = out;
  wide.container = Container::I32;
  wide.slot = {allocate(wide.bytes()), 0};
  auto *shape =
      keep(TopKConstants{in.channels, out.channels, op.getSelectLast()});
  call(argMax(in.container), shape, in.rows, wide.slot, in.slot);
  convert(wide, out);
}

void PlanBuilder::add(finn::TopKOp op) {
  Place in = places[op.getInput()], out = place(op.getResult());
  Place result = alike(in, out);
  auto *shape = keep(TopKConstants{in.channels, out.channels});
  call(topK(in.container), shape, in.rows, result.slot, in.slot);
  if (in.container != out.container)
    convert(result, out);
}
