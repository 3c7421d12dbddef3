//===- Network.cpp - Both networks on recordings --------------------------===//

#include "finngl/PostTraining/Network.h"
#include "finngl/Engine/FloatEvaluator.h"
#include "finngl/Support/Indexing.h"
#include <algorithm>
#include <cmath>

using namespace mlir;
using namespace finngl;
using namespace finngl::ptq;

FailureOr<std::vector<ValueSample>>
ptq::sampleSites(func::FuncOp main, const Sites &sites,
                 llvm::ArrayRef<Recording> recordings,
                 const OnProgress &progress) {
  std::vector<ValueSample> samples(sites.sites.size());
  llvm::DenseMap<Value, unsigned> index;
  for (auto [i, site] : llvm::enumerate(sites.sites)) {
    if (!site.reader) {
      index[site.value] = unsigned(i);
      continue;
    }
    auto data = constantData(site.value);
    if (failed(data))
      return failure();
    for (float value : *data)
      samples[i].add(value);
  }
  engine::FloatOptions options;
  Value overflow;
  options.onValue = [&](Value value, const engine::FloatValue &result) {
    if (auto found = index.find(value); found != index.end())
      for (float x : result.data) {
        if (!std::isfinite(x) && !overflow)
          overflow = value;
        samples[found->second].add(x);
      }
  };
  engine::FloatEvaluator evaluator(main);
  for (auto [i, recording] : llvm::enumerate(recordings)) {
    progress(i, recordings.size());
    for (auto [argument, tensor] : llvm::zip(main.getArguments(), recording))
      if (auto found = index.find(argument); found != index.end())
        for (float x : tensor.data)
          samples[found->second].add(x);
    if (failed(evaluator.run(recording, options)))
      return failure();
    if (overflow) {
      InFlightDiagnostic message = emitError(overflow.getLoc())
                                   << "recording " << i
                                   << " makes values that are not finite";
      message.attachNote() << "calibrate with inputs as the model was trained "
                              "with";
      return failure();
    }
  }
  return samples;
}

//===----------------------------------------------------------------------===//
// Comparison
//===----------------------------------------------------------------------===//

void SignalError::add(double real, double quantised) {
  sum += real;
  squares += real * real;
  errors += (real - quantised) * (real - quantised);
  ++count;
}

double SignalError::relativeError() const {
  double power = squares - sum * sum / double(count);
  return count && power > 0 ? errors / power : errors == 0 ? 0.0 : INFINITY;
}

double SignalError::sqnr() const { return -10.0 * std::log10(relativeError()); }

namespace {

/// What a run computed for the values asked for, one execution after the other.
class Recorder {
public:
  void want(Value value) { data[value]; }
  const std::vector<float> &of(Value value) { return data[value]; }

  FailureOr<std::vector<engine::FloatOutput>>
  run(engine::FloatEvaluator &evaluator, const Recording &recording,
      engine::FloatOptions options = {}) {
    for (auto &entry : data)
      entry.second.clear();
    options.onValue = [this](Value value, const engine::FloatValue &result) {
      if (auto found = data.find(value); found != data.end())
        llvm::append_range(found->second, result.data);
    };
    return evaluator.run(recording, options);
  }

private:
  llvm::DenseMap<Value, std::vector<float>> data;
};

} // namespace

static void addAll(SignalError &error, llvm::ArrayRef<float> real,
                   llvm::ArrayRef<float> quantised,
                   Response response = Response::Identity) {
  for (auto [x, y] : llvm::zip(real, quantised))
    error.add(respond(x, response), respond(y, response));
}

/// Adds real - quantised to the sums of each element's channel.
static void addBias(std::vector<double> &bias, Value value,
                    llvm::ArrayRef<float> real,
                    llvm::ArrayRef<float> quantised) {
  Indices channels = channelIndices(
      cast<RankedTensorType>(value.getType()).getShape(), channelAxis(value));
  for (size_t i = 0; i < real.size(); ++i)
    bias[channels[i % channels.size()]] += double(real[i]) - quantised[i];
}

static int64_t channelsOf(Value value) {
  auto shape = cast<RankedTensorType>(value.getType()).getShape();
  return shape.empty() ? 1 : shape[channelAxis(value)];
}

/// The states of the float network as those of the twin.
static ScanStates quantisedStates(const Twin &twin, ScanStates recorded) {
  ScanStates states;
  for (auto [real, scan] : twin.scans) {
    auto &visits = states[scan] = std::move(recorded[real]);
    qonnx::ScanOp body = scan; // accessors are not const
    Operation *yield = body.getBody().front().getTerminator();
    for (unsigned i = 0; i < body.getStates().size(); ++i) {
      qonnx::QuantiserAttr attribute = quantiserOf(yield->getOperand(i));
      if (!attribute)
        continue;
      Quantiser quantiser = qonnx::toQuantiser(attribute);
      for (std::vector<FloatTensor> &step : visits)
        for (float &x : step[i].data)
          x = quantiser.valueFloat32(quantiser.codeFloat32(x));
    }
  }
  return states;
}

FailureOr<Comparison> ptq::compare(func::FuncOp real, Twin &twin,
                                   const Sites &sites,
                                   llvm::ArrayRef<Recording> recordings,
                                   States states, const OnProgress &progress) {
  Comparison result;
  result.sites.resize(sites.sites.size());
  result.outputs.resize(real.getNumResults());
  Recorder reals, quantised;
  for (auto [site, quant] : llvm::zip(sites.sites, twin.quants)) {
    reals.want(site.value);
    quantised.want(quant.getResult());
  }
  for (const Pair &sum : twin.sums) {
    reals.want(sum.real);
    quantised.want(sum.quantised);
    result.sumBias.emplace_back(channelsOf(sum.real), 0.0);
  }
  engine::FloatEvaluator realNetwork(real), twinNetwork(twin.main());
  for (auto [i, inputs] : llvm::enumerate(recordings)) {
    progress(i, recordings.size());
    ScanStates recorded, forced;
    engine::FloatOptions recording, forcing;
    recording.recordStates = &recorded;
    auto wanted = reals.run(realNetwork, inputs, recording);
    if (states == States::Forced) {
      forced = quantisedStates(twin, std::move(recorded));
      forcing.forceStates = &forced;
    }
    auto got = quantised.run(twinNetwork, inputs, forcing);
    if (failed(wanted) || failed(got))
      return failure();
    for (auto [error, a, b] : llvm::zip(result.outputs, *wanted, *got))
      addAll(error, a.tensor.data, b.tensor.data);
    for (auto [error, site, quant] :
         llvm::zip(result.sites, sites.sites, twin.quants)) {
      auto argument = dyn_cast<BlockArgument>(site.value);
      addAll(error,
             argument ? llvm::ArrayRef(inputs[argument.getArgNumber()].data)
                      : llvm::ArrayRef(reals.of(site.value)),
             quantised.of(quant.getResult()),
             sites.groups[site.group].response);
    }
    for (auto [bias, sum] : llvm::zip(result.sumBias, twin.sums))
      addBias(bias, sum.real, reals.of(sum.real), quantised.of(sum.quantised));
  }
  for (auto [bias, sum] : llvm::zip(result.sumBias, twin.sums)) {
    double count = double(reals.of(sum.real).size() * recordings.size()) /
                   double(bias.size());
    for (double &value : bias)
      value /= count;
  }
  return result;
}
