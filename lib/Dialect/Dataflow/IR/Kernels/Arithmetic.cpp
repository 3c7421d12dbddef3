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

Resources MulOp::resources() {
  int64_t a = width(getLhs()), b = width(getRhs());
  int64_t ff = width(getResult()) + 1;
  if (getImpl() == "lut")
    return {.lut = lutProduct(a, b) + 1, .ff = ff};
  // Yosys makes no DSP of a product below nine bits.
  if (a + b < 9)
    return {.lut = a * b * 8 / 5, .ff = ff};
  return {.lut = 1, .ff = ff, .dsp = 1};
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

unsigned LincombOp::latency() {
  return allPowersOfTwo(getCoefficients()) ? 1 : 2;
}

Resources LincombOp::resources() {
  int64_t sum = sumWidth(), out = width(getResult()), lut = 2;
  int64_t ff = out + 1;
  for (auto [input, c] : llvm::zip(getInputs(), getCoefficients()))
    if (!allPowersOfTwo({c})) {
      lut += (width(input) + signedWidth({c})) * signedWidth({c}) / 3;
      ff += width(input) + signedWidth({c});
    }
  lut += sum * std::max<int64_t>(1, getInputs().size() - 1);
  if (getLo())
    lut += sum + out;
  return {.lut = lut, .ff = ff};
}

/// Signed bits of the exact sum before clamping, two for a sum of zeros.
unsigned LincombOp::sumWidth() {
  Integer lo = 0, hi = 0;
  for (auto [input, c] : llvm::zip(getInputs(), getCoefficients())) {
    auto [a, b] = finn::rangeOf(elementType(input));
    Integer x = toInteger(c) * toInteger(a), y = toInteger(c) * toInteger(b);
    lo += std::min(x, y);
    hi += std::max(x, y);
  }
  auto [least, most] =
      std::minmax_element(getOffset().begin(), getOffset().end());
  return std::max(2u, bitWidthFor(Integer(lo + toInteger(*least)),
                                  Integer(hi + toInteger(*most)), true));
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
  setOffset(forChannels(getOffset(), channels));
}

void LincombOp::rtlParameters(RtlInstance &instance, unsigned lane,
                              unsigned lanes) {
  unsigned terms = getInputs().size();
  std::string widths, signs, coefficients;
  for (unsigned i = terms; i-- > 0;) {
    int64_t c = getCoefficients()[i];
    StringRef comma = i ? ", " : "";
    widths += ("32'd" + Twine(width(getInputs()[i])) + comma).str();
    signs += ((isSigned(getInputs()[i]) ? "1'b1" : "1'b0") + comma).str();
    coefficients +=
        ((c < 0 ? "-48'sd" : "48'sd") + Twine(c < 0 ? -c : c) + comma).str();
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
  instance.setText("Coeffs", padded(48, coefficients));
  instance.set("SumWidth", sumWidth());
  instance.set("Fast", allPowersOfTwo(getCoefficients()));
  instance.set("Dsp", 0);
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
