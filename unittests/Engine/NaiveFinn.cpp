//===- NaiveFinn.cpp - The finn dialect read as its text says -------------===//

#include "NaiveFinn.h"
#include "finngl/Dialect/Finn/IR/Finn.h"
#include "finngl/Support/IntElements.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/TypeSwitch.h"
#include <algorithm>
#include <numeric>

using namespace mlir;
using namespace finngl;

namespace {

using Codes = std::vector<int64_t>;
using Values = llvm::DenseMap<Value, Codes>;

size_t channels(Value value) {
  return cast<RankedTensorType>(value.getType()).getShape().back();
}

int64_t at(ArrayRef<int64_t> values, size_t channel) {
  return values.size() == 1 ? values[0] : values[channel];
}

/// `compute(element, channel)` for each element of the op's result.
template <typename Compute> Codes map(Value result, Compute compute) {
  auto type = cast<RankedTensorType>(result.getType());
  Codes out;
  for (int64_t i = 0; i < type.getNumElements(); ++i)
    out.push_back(compute(size_t(i), size_t(i) % channels(result)));
  return out;
}

Codes matmul(finn::MatMulOp op, const Codes &in) {
  Codes weights = intElements(op.getWeights());
  size_t mw = channels(op.getInput()), mh = channels(op.getResult());
  return map(op.getResult(), [&](size_t i, size_t r) {
    int64_t sum = 0;
    for (size_t c = 0; c < mw; ++c)
      sum += weights[r * mw + c] * in[i / mh * mw + c];
    return sum;
  });
}

Codes requant(finn::RequantOp op, const Codes &in) {
  return map(op.getResult(), [&](size_t i, size_t ch) {
    bool high = op.getSplit() && in[i] >= at(*op.getSplit(), ch);
    int64_t v =
        int64_t(op.getP()) * in[i] + at(high ? *op.getCHigh() : op.getC(), ch);
    int64_t unit = int64_t(1) << op.getK();
    int64_t rest = ((v % unit) + unit) % unit;
    int64_t y = (v - rest) / unit;
    if (rest < at(op.getW(), ch))
      y -= y & 1;
    return std::clamp<int64_t>(y, op.getLo(), op.getHi());
  });
}

Codes threshold(finn::MultiThresholdOp op, const Codes &in) {
  Codes steps = intElements(op.getThresholds());
  auto shape = op.getThresholds().getShapedType().getShape();
  return map(op.getResult(), [&](size_t i, size_t ch) {
    int64_t count = op.getBias();
    for (int64_t t = 0; t < shape[1]; ++t)
      count += in[i] >= steps[(shape[0] == 1 ? 0 : ch) * shape[1] + t];
    return count;
  });
}

Codes lincomb(finn::LincombOp op, const Values &values) {
  return map(op.getResult(), [&](size_t i, size_t ch) {
    int64_t sum = at(op.getOffset(), ch);
    for (auto [k, input] : llvm::enumerate(op.getInputs()))
      sum += at(op.coefficientsOf(k), ch) * values.lookup(input)[i];
    return sum;
  });
}

/// Windows of an image of one or two dimensions, each index written out.
Codes im2col(finn::Im2ColOp op, const Codes &in) {
  auto get = [](ArrayRef<int64_t> list, size_t d, size_t rank, int64_t unit) {
    return rank == 2 ? list[d] : d == 0 ? list[0] : unit;
  };
  size_t rank = op.getImage().size();
  auto image = [&](size_t d) { return get(op.getImage(), d, rank, 1); };
  auto kernel = [&](size_t d) { return get(op.getKernel(), d, rank, 1); };
  auto begin = [&](size_t d) {
    return get(op.getPads().take_front(rank), d, rank, 0);
  };
  auto end = [&](size_t d) {
    return get(op.getPads().drop_front(rank), d, rank, 0);
  };
  auto stride = [&](size_t d) { return get(op.getStrides(), d, rank, 1); };
  auto dilation = [&](size_t d) { return get(op.getDilations(), d, rank, 1); };
  auto last = [&](size_t d) {
    return image(d) + end(d) - (kernel(d) - 1) * dilation(d);
  };
  int64_t n = int64_t(channels(op.getInput()));
  Codes out;
  for (int64_t y = -begin(0); y < last(0); y += stride(0))
    for (int64_t x = -begin(1); x < last(1); x += stride(1))
      for (int64_t a = 0; a < kernel(0); ++a)
        for (int64_t b = 0; b < kernel(1); ++b)
          for (int64_t c = 0; c < n; ++c) {
            int64_t row = y + a * dilation(0), column = x + b * dilation(1);
            bool inside =
                row >= 0 && row < image(0) && column >= 0 && column < image(1);
            out.push_back(inside ? in[(row * image(1) + column) * n + c]
                                 : at(op.getPadValue(), size_t(c)));
          }
  return out;
}

Codes maxPool(finn::MaxPoolOp op, const Codes &in) {
  size_t mw = channels(op.getInput()), n = channels(op.getResult());
  return map(op.getResult(), [&](size_t i, size_t c) {
    int64_t largest = in[i / n * mw + c];
    for (size_t k = c; k < mw; k += n)
      largest = std::max(largest, in[i / n * mw + k]);
    return largest;
  });
}

/// Each row's positions, sorted as a whole.
std::vector<size_t> ranked(const int64_t *row, size_t n, bool selectLast) {
  std::vector<size_t> positions(n);
  std::iota(positions.begin(), positions.end(), 0);
  if (selectLast)
    std::reverse(positions.begin(), positions.end());
  std::stable_sort(positions.begin(), positions.end(),
                   [&](size_t a, size_t b) { return row[a] > row[b]; });
  return positions;
}

Codes argMax(finn::ArgMaxOp op, const Codes &in) {
  size_t n = channels(op.getInput()), k = channels(op.getResult());
  return map(op.getResult(), [&](size_t i, size_t) {
    return int64_t(ranked(&in[i / k * n], n, op.getSelectLast())[i % k]);
  });
}

Codes topK(finn::TopKOp op, const Codes &in) {
  size_t n = channels(op.getInput()), k = channels(op.getResult());
  return map(op.getResult(), [&](size_t i, size_t) {
    return in[i / k * n + ranked(&in[i / k * n], n, false)[i % k]];
  });
}

void runBlock(Block &block, Values &values);

void scan(finn::ScanOp op, Values &values) {
  Block &body = op.getBody().front();
  size_t states = op.getStates().size(), steps = op.getSteps();
  std::vector<Codes> state, outputs(op.getNumResults() - states);
  for (Value initial : op.getStates())
    state.push_back(values[initial]);
  for (size_t o = 0; o < outputs.size(); ++o)
    outputs[o].resize(steps * channels(op.getResult(states + o)));
  for (size_t t = 0; t < steps; ++t) {
    for (size_t i = 0; i < states; ++i)
      values[body.getArgument(i)] = state[i];
    for (auto [i, input] : llvm::enumerate(op.getInputs())) {
      size_t n = channels(input);
      size_t step = op.getReverseInputs()[i] ? steps - 1 - t : t;
      Codes all = values[input];
      values[body.getArgument(states + i)] =
          Codes(all.begin() + step * n, all.begin() + (step + 1) * n);
    }
    runBlock(body, values);
    auto yielded = body.getTerminator()->getOperands();
    for (size_t i = 0; i < states; ++i)
      state[i] = values[yielded[i]];
    for (size_t o = 0; o < outputs.size(); ++o) {
      Codes &one = values[yielded[states + o]];
      size_t step = op.getReverseOutputs()[o] ? steps - 1 - t : t;
      std::copy(one.begin(), one.end(), outputs[o].begin() + step * one.size());
    }
  }
  for (size_t i = 0; i < op.getNumResults(); ++i)
    values[op.getResult(i)] = i < states ? state[i] : outputs[i - states];
}

void runOp(Operation &op, Values &values) {
  llvm::TypeSwitch<Operation *>(&op)
      .Case([&](finn::ConstantOp c) {
        values[c.getResult()] = intElements(c.getValue());
      })
      .Case([&](finn::MatMulOp m) {
        values[m.getResult()] = matmul(m, values.lookup(m.getInput()));
      })
      .Case([&](finn::RequantOp r) {
        values[r.getResult()] = requant(r, values.lookup(r.getInput()));
      })
      .Case([&](finn::MultiThresholdOp m) {
        values[m.getResult()] = threshold(m, values.lookup(m.getInput()));
      })
      .Case([&](finn::TableOp t) {
        Codes in = values.lookup(t.getInput());
        values[t.getResult()] = map(t.getResult(), [&](size_t i, size_t) {
          return t.getValues()[in[i] - int64_t(t.getFirst())];
        });
      })
      .Case([&](finn::MulOp m) {
        Codes a = values.lookup(m.getLhs()), b = values.lookup(m.getRhs());
        values[m.getResult()] =
            map(m.getResult(), [&](size_t i, size_t) { return a[i] * b[i]; });
      })
      .Case([&](finn::LincombOp l) {
        values[l.getResult()] = lincomb(l, values);
      })
      .Case([&](finn::ReshapeOp r) {
        values[r.getResult()] = Codes(values.lookup(r.getInput()));
      })
      .Case([&](finn::Im2ColOp i) {
        values[i.getResult()] = im2col(i, values.lookup(i.getInput()));
      })
      .Case([&](finn::ArgMaxOp a) {
        values[a.getResult()] = argMax(a, values.lookup(a.getInput()));
      })
      .Case([&](finn::TopKOp t) {
        values[t.getResult()] = topK(t, values.lookup(t.getInput()));
      })
      .Case([&](finn::MaxPoolOp m) {
        values[m.getResult()] = maxPool(m, values.lookup(m.getInput()));
      })
      .Case([&](finn::ScanOp s) { scan(s, values); });
}

void runBlock(Block &block, Values &values) {
  for (Operation &op : block.without_terminator())
    runOp(op, values);
}

} // namespace

std::vector<Codes> finngl::evaluateNaively(func::FuncOp function,
                                           const std::vector<Codes> &inputs) {
  Values values;
  for (auto [argument, codes] : llvm::zip(function.getArguments(), inputs))
    values[argument] = codes;
  Block &block = function.getBody().front();
  runBlock(block, values);
  std::vector<Codes> results;
  for (Value result : block.getTerminator()->getOperands())
    results.push_back(values[result]);
  return results;
}
