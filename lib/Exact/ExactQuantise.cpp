//===- ExactQuantise.cpp - Quantisers of level exact ----------------------===//

#include "ExactDomain.h"

using namespace mlir;
using namespace finngl;
using namespace finngl::exact;

ExactDomain::Prepared &ExactDomain::prepare(qonnx::QuantOp op) {
  std::unique_ptr<Prepared> &prepared = quantisers[op];
  if (prepared)
    return *prepared;
  prepared = std::make_unique<Prepared>();
  Quantiser &quantiser = prepared->quantiser;
  quantiser = qonnx::toQuantiser(op.getQuantiser());
  size_t count = std::max(quantiser.scale.size(), quantiser.zeroPoint.size());
  for (size_t channel = 0; channel < count; ++channel)
    prepared->channels.emplace_back(quantiser, channel);
  return *prepared;
}

/// `(code - zeroPoint) * scale`, both exactly the float32 parameters.
FixedTensor ExactDomain::valuesOfCodes(const Quantiser &quantiser,
                                       ArrayRef<int64_t> codes,
                                       const Indices &channels) {
  FixedTensor levels = fromIntegers(codes);
  std::vector<float> scales, zeroPoints;
  for (int64_t channel : channels) {
    scales.push_back(quantiser.scaleAt(channel));
    zeroPoints.push_back(quantiser.bipolar ? 0.0f
                                           : quantiser.zeroPointAt(channel));
  }
  levels = add(levels, negate(fromFloats(zeroPoints)));
  return multiply(levels, fromFloats(scales));
}

/// Refines the enclosure until both of its ends have one code: quantisers are
/// monotone, so then the value between them has it too.
FailureOr<Decision> ExactDomain::decideTerm(qonnx::QuantOp op,
                                            const ChannelQuantiser &quantiser,
                                            const Value &input,
                                            size_t element) {
  const Term &term = *input.term;
  Dyadic argument{term.argument.numerators[element], term.argument.exponent};
  FixedTensor factor{{term.factor.numerators[element]}, term.factor.exponent};
  FixedTensor offset{{input.fixed.numerators[element]}, input.fixed.exponent};
  auto decideEnd = [&](const Dyadic &end) {
    FixedTensor value =
        add(multiply(factor, {{end.numerator}, end.exponent}), offset);
    return quantiser.decide(value.numerators[0], value.exponent);
  };
  Decision low{0, 0}, high{0, 0};
  for (unsigned bits = 64; bits <= options.maxPrecisionBits; bits *= 2) {
    Enclosure enclosure = enclose(term.function, argument, bits);
    low = decideEnd(enclosure.low);
    high = decideEnd(enclosure.high);
    if (low.code == high.code)
      return low;
  }
  return op.emitError()
         << "cannot decide the code of "
         << (term.function == Function::Tanh ? "tanh(" : "sigmoid(")
         << toRational(argument.numerator, argument.exponent).get_str()
         << ") within " << options.maxPrecisionBits
         << " bits: " << std::min(low.code, high.code) << " or "
         << std::max(low.code, high.code);
}

FailureOr<Decision> ExactDomain::decide(qonnx::QuantOp op, Prepared &prepared,
                                        const Value &input, size_t element,
                                        size_t channel) {
  const ChannelQuantiser &quantiser =
      prepared.channels[prepared.channels.size() == 1 ? 0 : channel];
  const Integer &rational = input.fixed.numerators[element];
  if (!input.term)
    return quantiser.decide(rational, input.fixed.exponent);
  const Term &term = *input.term;
  const Integer &argument = term.argument.numerators[element];
  const Integer &factor = term.factor.numerators[element];
  if (factor == 0)
    return quantiser.decide(rational, input.fixed.exponent);
  if (argument == 0) {
    // tanh(0) = 0 and sigmoid(0) = 1/2 exactly: ties are possible.
    FixedTensor value{{rational}, input.fixed.exponent};
    if (term.function == Function::Sigmoid)
      value = add(value, {{factor}, term.factor.exponent - 1});
    return quantiser.decide(value.numerators[0], value.exponent);
  }
  if (rational != 0 || factor != 1 || term.factor.exponent != 0)
    return decideTerm(op, quantiser, input, element);
  auto key = std::make_tuple(term.argument.exponent, channel, argument);
  if (auto found = prepared.decided.find(key); found != prepared.decided.end())
    return found->second;
  auto decision = decideTerm(op, quantiser, input, element);
  if (succeeded(decision))
    prepared.decided.emplace(std::move(key), *decision);
  return decision;
}

FailureOr<ExactValue> ExactDomain::quantise(qonnx::QuantOp op,
                                            const Value &input, int64_t visit) {
  Prepared &prepared = prepare(op);
  Indices channels = channelIndices(input.shape, prepared.quantiser.axis);
  Value result;
  result.shape = input.shape;
  std::vector<double> distances;
  for (size_t i = 0; i < channels.size(); ++i) {
    auto decision = decide(op, prepared, input, i, channels[i]);
    if (failed(decision))
      return failure();
    result.codes.push_back(decision->code);
    distances.push_back(decision->distance);
  }
  result.fixed = valuesOfCodes(prepared.quantiser, result.codes, channels);
  if (options.onQuantiser)
    options.onQuantiser({op, visit, result.codes, distances});
  return result;
}
