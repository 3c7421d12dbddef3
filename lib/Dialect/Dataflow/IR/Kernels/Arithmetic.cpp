//===- Arithmetic.cpp - Products, sums and requantisation -----------------===//
//
// Cost, latency and RTL parameters of mul, lincomb and requant. LUT counts are
// fits to Yosys synthesis (see docs/Costs.md).
//
//===----------------------------------------------------------------------===//

#include "finngl/Core/Number.h"
#include "finngl/Dialect/Dataflow/IR/Dataflow.h"
#include "llvm/ADT/STLExtras.h"

using namespace mlir;
using namespace finngl;
using namespace finngl::df;

static unsigned width(Value v) { return elementType(v).getWidth(); }
static bool isSigned(Value v) { return elementType(v).isSigned(); }

/// Bits of a signed constant that holds every value.
static unsigned signedWidth(ArrayRef<int64_t> values) {
  unsigned bits = 2;
  for (int64_t v : values)
    bits = std::max(bits, bitWidthFor(toInteger(v), toInteger(v), true));
  return bits;
}

/// Constants of one lane: channel b * lanes + lane for beat b.
static std::vector<int64_t> laneOf(ArrayRef<int64_t> values, unsigned lane,
                                   unsigned lanes) {
  std::vector<int64_t> out;
  for (size_t i = lane; i < values.size(); i += lanes)
    out.push_back(values[i]);
  return out;
}

/// Sets `<name>` for one constant, or `<name>File` for one a beat.
static void setConstants(RtlInstance &instance, StringRef name,
                         ArrayRef<int64_t> values, unsigned constantWidth,
                         unsigned lane, unsigned lanes) {
  std::vector<int64_t> own =
      values.size() == 1 ? values.vec() : laneOf(values, lane, lanes);
  if (own.size() == 1)
    return instance.setWide(name.str(), own[0]);
  RtlInstance::Image image{(name + "File").str(), constantWidth, {}};
  for (int64_t v : own) {
    image.words.emplace_back();
    putBits(image.words.back(), 0, constantWidth, v);
  }
  instance.images.push_back(std::move(image));
}

//===----------------------------------------------------------------------===//
// mul
//===----------------------------------------------------------------------===//

unsigned MulOp::latency() { return 1; }

/// finngl_mul without its registers.
static Resources productCost(int64_t a, int64_t b, StringRef impl) {
  if (impl == "lut")
    return {.lut = lutProduct(a, b) + 1};
  // Yosys makes no DSP of a product below nine bits.
  if (a + b < 9)
    return {.lut = a * b * 8 / 5};
  // DSPs of 27 x 18 signed bits; a part of a wider operand is one bit less.
  auto parts = [](int64_t bits, int64_t port) {
    return bits < port ? 1 : (bits + port - 1) / (port - 1);
  };
  return {.lut = 1,
          .dsp = parts(std::max(a, b), 27) * parts(std::min(a, b), 18)};
}

Resources MulOp::resources() {
  return productCost(width(getLhs()), width(getRhs()), getImpl()) +
         Resources{.ff = int64_t(width(getResult())) + 1};
}

StringRef MulOp::rtlModule() { return "finngl_mul"; }

PortMap MulOp::rtlPorts(ArrayRef<std::string> operands) {
  return {{"a_i", operands[0]}, {"b_i", operands[1]}};
}

void MulOp::rtlParameters(RtlInstance &instance, unsigned, unsigned) {
  instance.set("AWidth", width(getLhs()));
  instance.set("ASigned", isSigned(getLhs()));
  instance.set("BWidth", width(getRhs()));
  instance.set("BSigned", isSigned(getRhs()));
  instance.set("OutWidth", width(getResult()));
  instance.set("Dsp", getImpl() == "dsp");
}

//===----------------------------------------------------------------------===//
// lincomb
//===----------------------------------------------------------------------===//

static bool allPowersOfTwo(ArrayRef<int64_t> coefficients) {
  return llvm::all_of(coefficients, [](int64_t c) {
    return c != 0 && llvm::isPowerOf2_64(uint64_t(c < 0 ? -c : c));
  });
}

SmallVector<Operation *> df::tailProducts(RegionOp region) {
  SmallVector<Operation *> products;
  for (Operation &op : region.getBody().front()) {
    auto sum = dyn_cast<LincombOp>(op);
    if (isa<MulOp>(op) || (sum && sum.getImpl()))
      products.push_back(&op);
  }
  return products;
}

void LincombOp::build(OpBuilder &builder, OperationState &state, Type result,
                      mlir::ValueRange inputs, ArrayRef<int64_t> coefficients,
                      ArrayRef<int64_t> offset) {
  bool varies = coefficients.size() > inputs.size();
  build(builder, state, result, inputs,
        builder.getDenseI64ArrayAttr(coefficients),
        builder.getDenseI64ArrayAttr(offset), IntegerAttr(), IntegerAttr(),
        varies ? builder.getStringAttr("dsp") : StringAttr(), IntegerAttr());
}

LogicalResult LincombOp::verify() {
  size_t terms = getInputs().size(), entries = getCoefficients().size();
  size_t channels = vectorSize(getResult());
  if (entries != terms && entries != terms * channels)
    return emitOpError() << "expects " << terms << " or " << terms * channels
                         << " coefficients, got " << entries;
  if (getImpl().has_value() != (entries > terms))
    return emitOpError() << "expects 'impl' where coefficients vary only";
  return success();
}

unsigned LincombOp::latency() {
  return !getImpl() && allPowersOfTwo(getCoefficients()) ? 1 : 2;
}

Resources LincombOp::resources() {
  int64_t sum = sumWidth(), out = width(getResult()), lut = 2;
  Resources products{.ff = out + 1};
  for (auto [i, input] : llvm::enumerate(getInputs())) {
    ArrayRef<int64_t> own = coefficientsOf(i);
    int64_t a = width(input), p = signedWidth(own);
    if (!llvm::all_equal(own)) { // a table, whose word Yosys registers
      products += productCost(a, p, *getImpl());
      products += {.lut = p, .ff = a + 2 * p};
    } else if (!allPowersOfTwo(own[0])) {
      products += {.lut = (a + p) * p / 3, .ff = a + p};
    }
  }
  lut += sum * std::max<int64_t>(1, getInputs().size() - 1);
  if (getLo())
    lut += sum + out;
  return products + Resources{.lut = lut};
}

/// Signed bits of the exact sums before clamping, two for sums of zeros.
unsigned LincombOp::sumWidth() {
  unsigned bits = 2;
  for (size_t ch = 0;
       ch < std::max(getOffset().size(), coefficientsOf(0).size()); ++ch) {
    Integer lo = toInteger(at(getOffset(), ch)), hi = lo;
    for (auto [i, input] : llvm::enumerate(getInputs())) {
      Integer p = toInteger(at(coefficientsOf(i), ch));
      auto [a, b] = finn::rangeOf(elementType(input));
      Integer x = p * toInteger(a), y = p * toInteger(b);
      lo += std::min(x, y);
      hi += std::max(x, y);
    }
    bits = std::max(bits, bitWidthFor(lo, hi, true));
  }
  return bits;
}

StringRef LincombOp::rtlModule() { return "finngl_lincomb"; }

/// Widest operand: every term of the packed port has its width.
static unsigned maxWidth(OperandRange inputs) {
  unsigned widest = 1;
  for (Value input : inputs)
    widest = std::max(widest, width(input));
  return widest;
}

PortMap LincombOp::rtlPorts(ArrayRef<std::string> operands) {
  unsigned widest = maxWidth(getInputs());
  std::string packed;
  for (size_t i = operands.size(); i-- > 0;) {
    if (unsigned pad = widest - width(getInputs()[i]))
      packed += std::to_string(pad) + "'b0, ";
    packed += operands[i] + (i ? ", " : "");
  }
  return {{"data_i", "{" + packed + "}"}};
}

void LincombOp::padChannels(int64_t channels) {
  SmallVector<int64_t> all;
  for (size_t i = 0; i < getInputs().size(); ++i)
    all.append(forChannels(coefficientsOf(i), channels));
  setCoefficients(all);
  setOffset(forChannels(getOffset(), channels));
}

/// Parameters of the terms whose coefficients vary among the channels of a
/// lane.
static void setVarying(RtlInstance &instance,
                       ArrayRef<std::vector<int64_t>> ofTerms) {
  size_t channels = 0;
  unsigned varying = 0, bits = 1;
  for (auto [i, own] : llvm::enumerate(ofTerms))
    if (!llvm::all_equal(own)) {
      varying |= 1u << i;
      channels = own.size();
      bits = std::max(bits, signedWidth(own));
    }
  if (!varying)
    return;
  RtlInstance::Image image{"PFile", bits * unsigned(ofTerms.size()), {}};
  image.words.resize(channels);
  for (auto [i, own] : llvm::enumerate(ofTerms))
    for (size_t ch = 0; ch < channels; ++ch)
      putBits(image.words[ch], i * bits, bits, varying >> i & 1 ? own[ch] : 0);
  instance.set("Varying", varying);
  instance.set("PChannels", int64_t(channels));
  instance.set("PWidth", bits);
  instance.images.push_back(std::move(image));
}

void LincombOp::rtlParameters(RtlInstance &instance, unsigned lane,
                              unsigned lanes) {
  unsigned terms = getInputs().size();
  std::string widths, signs, coefficients;
  std::vector<std::vector<int64_t>> own; // coefficients of the lane
  for (unsigned i = 0; i < terms; ++i)
    own.push_back(coefficientsOf(i).size() == 1
                      ? coefficientsOf(i).vec()
                      : laneOf(coefficientsOf(i), lane, lanes));
  for (unsigned i = terms; i-- > 0;) {
    int64_t c = own[i][0];
    StringRef comma = i ? ", " : "";
    widths += ("32'd" + Twine(width(getInputs()[i])) + comma).str();
    signs += ((isSigned(getInputs()[i]) ? "1'b1" : "1'b0") + comma).str();
    coefficients +=
        ((c < 0 ? "-64'sd" : "64'sd") + Twine(c < 0 ? -c : c) + comma).str();
  }
  // The packed parameters have room for four terms.
  auto padded = [&](unsigned bits, const std::string &text) {
    unsigned unused = (4 - terms) * bits;
    return unused ? ("{" + Twine(unused) + "'d0, " + text + "}").str()
                  : ("{" + Twine(text) + "}").str();
  };
  instance.set("Terms", terms);
  instance.set("MaxIn", maxWidth(getInputs()));
  instance.setText("Widths", padded(32, widths));
  instance.setText("Signed", padded(1, signs));
  instance.setText("Coeffs", padded(64, coefficients));
  instance.set("SumWidth", sumWidth());
  setVarying(instance, own);
  instance.set("Fast", latency() == 1);
  instance.set("Dsp", getImpl() == "dsp");
  instance.set(
      "Channels",
      int64_t(getOffset().size() == 1 ? 1 : getOffset().size() / lanes));
  unsigned offsetWidth = signedWidth(getOffset());
  instance.set("CWidth", offsetWidth);
  setConstants(instance, "C", getOffset(), offsetWidth, lane, lanes);
  instance.set("Clamp", getLo().has_value());
  if (getLo()) {
    instance.setWide("Lo", int64_t(*getLo()));
    instance.setWide("Hi", int64_t(*getHi()));
  }
  instance.set("OutWidth", width(getResult()));
  instance.set("OutSigned", isSigned(getResult()));
}

//===----------------------------------------------------------------------===//
// requant
//===----------------------------------------------------------------------===//

unsigned RequantOp::latency() { return 3; }

/// Non-zero digits of the canonical signed digit form.
static unsigned signedDigits(int64_t value) {
  uint64_t v = value < 0 ? -uint64_t(value) : uint64_t(value);
  return llvm::popcount(v ^ (v + (v << 1)));
}

Resources RequantOp::resources() {
  int64_t p = int64_t(getP());
  int64_t product = width(getInput()) + signedWidth({p});
  int64_t constants = getC().size() > 1 ? product : 0;
  Resources r{.lut = product + 19 + constants,
              .ff = product * 2 + width(getResult()) + 6 + constants};
  if (getImpl() == "dsp")
    // A product of more than 27 x 18 bits takes two.
    r.dsp = (width(getInput()) <= 18 && signedWidth({p}) <= 27) ||
                    (width(getInput()) <= 27 && signedWidth({p}) <= 18)
                ? 1
                : 2;
  else
    r.lut += std::max(0u, signedDigits(p) - 1) * product * 6 / 7;
  return r;
}

StringRef RequantOp::rtlModule() { return "finngl_requant"; }

void RequantOp::padChannels(int64_t channels) {
  setC(forChannels(getC(), channels));
  setW(forChannels(getW(), channels));
}

void RequantOp::rtlParameters(RtlInstance &instance, unsigned lane,
                              unsigned lanes) {
  size_t channels = std::max(getC().size(), getW().size());
  bool hasTie = llvm::any_of(getW(), [](int64_t w) { return w != 0; });
  auto spread = [&](ArrayRef<int64_t> values) {
    std::vector<int64_t> all;
    for (size_t i = 0; i < channels; ++i)
      all.push_back(at(values, i));
    return all;
  };
  instance.set("InWidth", width(getInput()));
  instance.set("InSigned", isSigned(getInput()));
  instance.set("PWidth", signedWidth({int64_t(getP())}));
  instance.setWide("P", int64_t(getP()));
  instance.set("K", int64_t(getK()));
  instance.set("Channels", int64_t(channels == 1 ? 1 : channels / lanes));
  unsigned cWidth = signedWidth(getC());
  instance.set("CWidth", cWidth);
  setConstants(instance, "C", spread(getC()), cWidth, lane, lanes);
  instance.set("HasTie", hasTie);
  if (hasTie)
    setConstants(instance, "W", spread(getW()), unsigned(getK()) + 1, lane,
                 lanes);
  instance.setWide("Lo", int64_t(getLo()));
  instance.setWide("Hi", int64_t(getHi()));
  instance.set("OutWidth", width(getResult()));
  instance.set("OutSigned", isSigned(getResult()));
  instance.set("Dsp", getImpl() == "dsp");
}
