//===- Compare.cpp - One level against the next ---------------------------===//

#include "finngl/Engine/Compare.h"
#include "Cone.h"
#include "FloatKernels.h"
#include "finngl/Support/Diagnostics.h"
#include "llvm/ADT/Twine.h"
#include "llvm/Support/FormatVariadic.h"
#include <cmath>

using namespace mlir;
using namespace finngl;
using namespace finngl::engine;

static constexpr size_t maxFindings = 10;

/// Golden values of two implementations are expected this near: relative to the
/// element and to the largest of its tensor. Bounds of long float recurrences
/// grow far beyond that, and would hide defects.
static constexpr double kNearRelative = 1e-3, kNearLargest = 1e-5;

Comparison &Comparison::operator+=(const Comparison &other) {
  elements += other.elements;
  mismatches += other.mismatches;
  ambiguous += other.ambiguous;
  unexplained += other.unexplained;
  for (const std::string &finding : other.findings)
    if (findings.size() < maxFindings)
      findings.push_back(finding);
  return *this;
}

namespace {
/// One quantiser's step at both levels.
struct Decisions {
  std::vector<int64_t> onnxCodes, exactCodes;
  std::vector<double> bounds, distances;
};
using DecisionMap = llvm::DenseMap<std::pair<Operation *, int64_t>, Decisions>;

/// Counts one compared element.
void count(Comparison &comparison, bool differs, bool explained,
           llvm::function_ref<std::string()> describeIt) {
  ++comparison.elements;
  if (!differs)
    return;
  ++comparison.mismatches;
  if (explained) {
    ++comparison.ambiguous;
    return;
  }
  ++comparison.unexplained;
  if (comparison.findings.size() < maxFindings)
    comparison.findings.push_back(describeIt());
}

/// The float32 code may be `exactCode + difference`, one level across a
/// boundary that is nearer than the bound.
bool crossesBoundary(int64_t difference, double distance, double bound) {
  if (std::abs(difference) != 1 || std::fabs(distance) > bound)
    return false;
  bool towards = distance == 0 || (difference > 0) == (distance > 0);
  // With a bound beyond half a level both boundaries are in reach.
  return towards || 1 - std::fabs(distance) <= bound;
}

double distanceBetween(const Rational &a, const Rational &b) {
  return std::fabs(Rational(a - b).get_d());
}
} // namespace

struct Comparer::Implementation {
  func::FuncOp function;
  FloatEvaluator onnx;
  exact::Evaluator exact;
  std::vector<FloatTensor> inputs;
  std::vector<FloatOutput> onnxOutputs;
  std::vector<exact::Output> exactOutputs;
  ScanStates states;
  DecisionMap decisions;

  explicit Implementation(func::FuncOp function)
      : function(function), onnx(function), exact(function) {}

  LogicalResult runOnnx(bool exactStates, DecisionMap &into,
                        std::vector<FloatOutput> &outputs, ScanStates *record) {
    FloatOptions options;
    options.exactStates = exactStates;
    options.recordStates = record;
    options.onQuantiser = [&](const FloatTrace &trace) {
      Decisions &entry = into[{trace.op, trace.visit}];
      entry.onnxCodes = trace.codes.vec();
      entry.bounds = trace.bounds.vec();
    };
    auto result = onnx.run(inputs, options);
    if (failed(result))
      return failure();
    outputs = std::move(*result);
    return success();
  }

  LogicalResult runExact(const ScanStates *force, DecisionMap &into,
                         std::vector<exact::Output> &outputs) {
    exact::Options options;
    options.forceStates = force;
    options.onQuantiser = [&](const exact::Trace &trace) {
      Decisions &entry = into[{trace.op, trace.visit}];
      entry.exactCodes = trace.codes.vec();
      entry.distances = trace.distances.vec();
    };
    auto result = exact.run(inputs, options);
    if (failed(result))
      return failure();
    outputs = std::move(*result);
    return success();
  }

  FailureOr<std::vector<GraphWalk<ConeDomain>::Ref>>
  walkCone(ConeDomain &cone) {
    std::vector<Marks> arguments;
    for (const FloatTensor &input : inputs)
      arguments.push_back(
          {input.shape, std::vector<uint8_t>(input.data.size(), 0)});
    return GraphWalk<ConeDomain>(cone).run(function, std::move(arguments),
                                           nullptr);
  }

  /// The file's graph output, of what a level gives to the host.
  FloatValue hostedOutput(DictionaryAttr host, size_t output,
                          const OutputValues &level, ArrayRef<double> bounds) {
    FloatValue given;
    given.shape = onnxOutputs[output].tensor.shape;
    for (size_t i = 0; i < bounds.size(); ++i) {
      given.data.push_back(float(level(output, i).get_d()));
      given.bounds.push_back(bounds[i] +
                             unitRoundoff * std::fabs(given.data[i]));
    }
    return hosted(host, given);
  }

  /// Compares one quantiser step; `marks` become: the codes differ.
  void judge(const Decisions &entry, Operation *op, int64_t visit,
             std::vector<uint8_t> &marks, Comparison &comparison) {
    assert(entry.onnxCodes.size() == marks.size() &&
           entry.exactCodes.size() == marks.size() && "a level did not report");
    auto quant = dyn_cast<qonnx::QuantOp>(op);
    // -1 and 1 are neighbours.
    int64_t level = quant && quant.getQuantiser().getBipolar() ? 2 : 1;
    for (size_t i = 0; i < marks.size(); ++i) {
      int64_t difference = entry.onnxCodes[i] - entry.exactCodes[i];
      bool near = isa<qonnx::ArgMaxOp>(op)
                      ? entry.distances[i] <= entry.bounds[i]
                      : crossesBoundary(difference / level, entry.distances[i],
                                        entry.bounds[i]);
      bool explained = marks[i] || near;
      count(comparison, difference != 0, explained, [&] {
        return llvm::formatv(
                   "{0}: step {1}, element {2}: code {3} in float32, {4} "
                   "exactly; {5:e2} from a boundary, error bound {6:e2}",
                   describe(op->getLoc()), visit, i, entry.onnxCodes[i],
                   entry.exactCodes[i], entry.distances[i], entry.bounds[i])
            .str();
      });
      marks[i] = difference != 0;
    }
  }
};

Comparer::Comparer(func::FuncOp function)
    : implementation(std::make_unique<Implementation>(function)) {}
Comparer::~Comparer() = default;

const std::vector<FloatOutput> &Comparer::onnxOutputs() const {
  return implementation->onnxOutputs;
}
const std::vector<exact::Output> &Comparer::exactOutputs() const {
  return implementation->exactOutputs;
}

LogicalResult Comparer::load(ArrayRef<FloatTensor> inputs, bool exactly) {
  Implementation &self = *implementation;
  self.inputs.assign(inputs.begin(), inputs.end());
  self.decisions.clear();
  if (failed(
          self.runOnnx(false, self.decisions, self.onnxOutputs, &self.states)))
    return failure();
  self.exactOutputs.clear();
  if (!exactly && self.decisions.empty())
    return success();
  return self.runExact(nullptr, self.decisions, self.exactOutputs);
}

FailureOr<Comparison> Comparer::onnxExact(bool teacherForced) {
  Implementation &self = *implementation;
  DecisionMap forcedDecisions;
  std::vector<FloatOutput> forcedOnnx;
  std::vector<exact::Output> forcedExact;
  if (teacherForced &&
      (failed(self.runOnnx(true, forcedDecisions, forcedOnnx, nullptr)) ||
       failed(self.runExact(&self.states, forcedDecisions, forcedExact))))
    return failure();
  auto &decisions = teacherForced ? forcedDecisions : self.decisions;
  auto &onnx = teacherForced ? forcedOnnx : self.onnxOutputs;
  auto &exact = teacherForced ? forcedExact : self.exactOutputs;

  Comparison comparison;
  ConeDomain cone;
  cone.clearStates = teacherForced;
  cone.judge = [&](Operation *op, int64_t visit, std::vector<uint8_t> &marks) {
    self.judge(decisions[{op, visit}], op, visit, marks, comparison);
  };
  auto marks = self.walkCone(cone);
  if (failed(marks))
    return failure();
  for (size_t output = 0; output < exact.size(); ++output) {
    // Codes have been compared where they were decided.
    if (!exact[output].codes.empty())
      continue;
    for (size_t i = 0; i < exact[output].values.size(); ++i) {
      float value = onnx[output].tensor.data[i];
      double difference =
          distanceBetween(toRational(value), exact[output].values[i]);
      count(comparison, difference > onnx[output].bounds[i],
            (*marks)[output]->marked[i], [&] {
              return llvm::formatv(
                         "output {0}, element {1}: {2:e9} in float32, {3:e9} "
                         "exactly; error bound {4:e2}",
                         output, i, value, exact[output].values[i].get_d(),
                         onnx[output].bounds[i])
                  .str();
            });
    }
  }
  return comparison;
}

Comparison Comparer::exactInt(const OutputValues &intLevel) const {
  Comparison comparison;
  const auto &exact = implementation->exactOutputs;
  for (size_t output = 0; output < exact.size(); ++output)
    for (size_t i = 0; i < exact[output].values.size(); ++i) {
      Rational value = intLevel(output, i);
      count(comparison, value != exact[output].values[i], false, [&] {
        return llvm::formatv(
                   "output {0}, element {1}: {2:e9} at level int, {3:e9} "
                   "exactly",
                   output, i, value.get_d(), exact[output].values[i].get_d())
            .str();
      });
    }
  return comparison;
}

FailureOr<Comparison> Comparer::golden(ArrayRef<FloatTensor> golden,
                                       const OutputValues &level,
                                       unsigned errorShares, bool hosted) {
  Implementation &self = *implementation;
  if (golden.size() != self.onnxOutputs.size())
    return self.function.emitError()
           << "expects " << self.onnxOutputs.size() << " golden outputs, got "
           << golden.size();
  // What the golden run decided inside is unknown, so doubt only grows.
  ConeDomain cone;
  cone.judge = [&](Operation *op, int64_t visit, std::vector<uint8_t> &marks) {
    const Decisions &entry = self.decisions[{op, visit}];
    for (size_t i = 0; i < marks.size(); ++i)
      marks[i] |= std::fabs(entry.distances[i]) <= entry.bounds[i];
  };
  auto marks = self.walkCone(cone);
  if (failed(marks))
    return failure();
  Comparison comparison;
  for (auto [output, tensor] : llvm::enumerate(golden)) {
    OutputValues values = level;
    std::vector<double> bounds;
    for (double bound : self.onnxOutputs[output].bounds)
      bounds.push_back(errorShares * bound);
    std::vector<uint8_t> marked = (*marks)[output]->marked;
    FloatValue answer;
    if (auto host = self.function.getResultAttrOfType<DictionaryAttr>(
            unsigned(output), qonnx::kHostAttr);
        host && hosted) {
      answer = self.hostedOutput(host, output, level, bounds);
      bounds = answer.bounds;
      marked = throughHost(*(*marks)[output],
                           host.getAs<IntegerAttr>(qonnx::kHostAxis).getInt())
                   .marked;
      values = [&answer](size_t, size_t i) {
        return toRational(answer.data[i]);
      };
    }
    size_t elements = self.onnxOutputs[output].tensor.data.size();
    if (tensor.data.size() != elements)
      return self.function.emitError()
             << "expects " << elements << " elements of golden output "
             << output << ", got " << tensor.data.size();
    float largest = 0;
    for (float want : tensor.data)
      largest = std::max(largest, std::fabs(want));
    for (auto [i, want] : llvm::enumerate(tensor.data)) {
      double bound = bounds[i];
      Rational value = values(output, i);
      double distance = std::isfinite(want)
                            ? distanceBetween(toRational(want), value)
                            : HUGE_VAL;
      double near = kNearRelative * std::fabs(want) + kNearLargest * largest;
      bool differs = distance > std::min(bound, near);
      bool explained = marked[i] || distance <= bound;
      count(comparison, differs, explained, [&] {
        return llvm::formatv(
                   "output {0}, element {1}: golden {2:e9}, got {3:e9}; "
                   "error bound {4:e2}",
                   output, i, want, value.get_d(), bound)
            .str();
      });
    }
  }
  return comparison;
}

FailureOr<Comparison>
Comparer::goldenOnnx(ArrayRef<FloatTensor> goldenOutputs) {
  return golden(
      goldenOutputs,
      [&](size_t output, size_t i) {
        return toRational(implementation->onnxOutputs[output].tensor.data[i]);
      },
      2);
}

FailureOr<Comparison>
Comparer::goldenExact(ArrayRef<FloatTensor> goldenOutputs) {
  return golden(goldenOutputs, [&](size_t output, size_t i) {
    return implementation->exactOutputs[output].values[i];
  });
}
