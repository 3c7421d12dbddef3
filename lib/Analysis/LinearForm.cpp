//===- LinearForm.cpp - Exact linear forms of float values ----------------===//

#include "finngl/Analysis/LinearForm.h"
#include <algorithm>
#include <numeric>

using namespace mlir;
using namespace finngl;

//===----------------------------------------------------------------------===//
// Rationals per channel
//===----------------------------------------------------------------------===//

const Rational &finngl::at(const Rationals &values, size_t channel) {
  return values.size() == 1 ? values[0] : values[channel];
}

template <typename Operation>
static Rationals combine(const Rationals &a, const Rationals &b,
                         Operation operation) {
  Rationals result(std::max(a.size(), b.size()));
  for (size_t c = 0; c < result.size(); ++c)
    result[c] = operation(at(a, c), at(b, c));
  return result;
}

Rationals finngl::sum(const Rationals &a, const Rationals &b) {
  return combine(a, b, [](const Rational &x, const Rational &y) {
    return Rational(x + y);
  });
}

Rationals finngl::product(const Rationals &a, const Rationals &b) {
  return combine(a, b, [](const Rational &x, const Rational &y) {
    return Rational(x * y);
  });
}

Rationals finngl::quotient(const Rationals &a, const Rationals &b) {
  return combine(a, b, [](const Rational &x, const Rational &y) {
    return Rational(x / y);
  });
}

Rationals finngl::negated(Rationals values) {
  for (Rational &value : values)
    value = -value;
  return values;
}

bool finngl::isZero(const Rationals &values) {
  return std::all_of(values.begin(), values.end(),
                     [](const Rational &value) { return value == 0; });
}

std::optional<Rational> finngl::uniform(const Rationals &values) {
  for (const Rational &value : values)
    if (value != values[0])
      return std::nullopt;
  return values[0];
}

Rational finngl::commonDivisor(const Rational &a, const Rational &b) {
  // gcd(n/d, m/e) = gcd(n*e, m*d) / (d*e).
  Integer numerator = gcd(Integer(a.get_num() * b.get_den()),
                          Integer(b.get_num() * a.get_den()));
  Rational divisor(numerator, Integer(a.get_den() * b.get_den()));
  divisor.canonicalize();
  return divisor;
}

//===----------------------------------------------------------------------===//
// Sums
//===----------------------------------------------------------------------===//

/// Larger ratios stay two terms: the two-term comparison finds narrower ones.
static constexpr int64_t kMaxRatio = int64_t(1) << 16;

/// a / b where it is one integer of at most kMaxRatio on all channels.
static std::optional<int64_t> integerRatio(const Rationals &a,
                                           const Rationals &b) {
  std::optional<Rational> ratio = uniform(quotient(a, b));
  if (!ratio || ratio->get_den() != 1 ||
      abs(ratio->get_num()) > toInteger(kMaxRatio))
    return std::nullopt;
  return toInt64(ratio->get_num());
}

static Failure tooManyTerms(size_t count) {
  return {"a sum of " + std::to_string(count) + " values of unrelated scales",
          "at most " + std::to_string(LinearForm::kMaxTerms) +
              " are supported; quantise parts of the sum to one scale"};
}

LinearForm finngl::negated(LinearForm form) {
  for (Term &term : form.terms)
    term.scale = negated(std::move(term.scale));
  form.offset = negated(std::move(form.offset));
  return form;
}

/// A term times constants that are not all zero. Where one is, the value
/// becomes 0, so that the channel's scale may be any.
static Result<Term> scaled(FinnEmitter &emitter, const Term &term,
                           const Rationals &factor) {
  Term result{term.value, product(term.scale, factor)};
  SmallVector<int64_t> isKept;
  Rational any;
  for (const Rational &scale : result.scale) {
    isKept.push_back(scale != 0);
    any = scale != 0 ? scale : any;
  }
  if (!llvm::is_contained(isKept, 0))
    return result;
  std::replace(result.scale.begin(), result.scale.end(), Rational(0), any);
  auto value = emitter.lincomb(term.value, isKept, {0});
  if (!value)
    return value.failure();
  result.value = *value;
  return result;
}

Result<LinearForm> finngl::scaled(FinnEmitter &emitter, LinearForm form,
                                  const Rationals &factor) {
  if (isZero(factor))
    return Failure{"a product with the constant zero",
                   "remove what is multiplied by zero"};
  for (Term &term : form.terms) {
    auto product = ::scaled(emitter, term, factor);
    if (!product)
      return product.failure();
    term = std::move(*product);
  }
  form.offset = product(form.offset, factor);
  return form;
}

/// Adds a term, merged with one that it shares a grid with.
static Result<LinearForm> addTerm(FinnEmitter &emitter, LinearForm form,
                                  const Term &term) {
  for (Term &other : form.terms) {
    if (other.value.value == term.value.value) {
      Rationals scale = sum(other.scale, term.scale);
      if (std::find(scale.begin(), scale.end(), 0) != scale.end())
        continue; // x - x: one of the two terms stays as it is
      other.scale = std::move(scale);
      return form;
    }
    int64_t coefficients[2] = {1, 1};
    Rationals scale = other.scale;
    if (auto ratio = integerRatio(term.scale, other.scale)) {
      coefficients[1] = *ratio;
    } else if (auto inverse = integerRatio(other.scale, term.scale)) {
      coefficients[0] = *inverse;
      scale = term.scale;
    } else {
      continue;
    }
    auto merged = emitter.lincomb({other.value, term.value}, coefficients, {0});
    if (!merged)
      return merged.failure();
    other = Term{*merged, std::move(scale)};
    return form;
  }
  if (form.terms.size() == LinearForm::kMaxTerms)
    return tooManyTerms(form.terms.size() + 1);
  form.terms.push_back(term);
  return form;
}

Result<LinearForm> finngl::sum(FinnEmitter &emitter, const LinearForm &a,
                               const LinearForm &b) {
  if (a.shape() != b.shape())
    return Failure{"a sum that broadcasts one value over another",
                   "both operands must have the same elements"};
  Result<LinearForm> result = a;
  for (const Term &term : b.terms)
    if (result)
      result = addTerm(emitter, std::move(*result), term);
  if (result)
    (*result).offset = sum(a.offset, b.offset);
  return result;
}

//===----------------------------------------------------------------------===//
// Matrix products
//===----------------------------------------------------------------------===//

/// log2 of `ratio` if it is a power of two of at most 2^16, else nothing.
static std::optional<unsigned> log2Of(const Rational &ratio) {
  if (ratio.get_den() != 1 || ratio.get_num() <= 0 ||
      mpz_popcount(ratio.get_num_mpz_t()) != 1 ||
      ratio.get_num() > toInteger(kMaxRatio))
    return std::nullopt;
  return mpz_scan1(ratio.get_num_mpz_t(), 0);
}

namespace {
/// Columns that share one scale, up to a shift of their weights.
struct ColumnGroup {
  Rational scale;
  std::vector<std::pair<size_t, unsigned>> columns; // column, left shift
};
} // namespace

/// One group for all scales whose ratios are powers of two.
static std::vector<ColumnGroup> groupColumns(const Rationals &scale) {
  std::vector<ColumnGroup> groups;
  if (scale.size() == 1)
    return groups;
  // The least scale of a group comes first, so that shifts are to the left.
  std::vector<size_t> order(scale.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    return abs(scale[a]) < abs(scale[b]);
  });
  for (size_t c : order) {
    auto group = std::find_if(groups.begin(), groups.end(), [&](const auto &g) {
      return log2Of(scale[c] / g.scale).has_value();
    });
    if (group == groups.end())
      group = groups.insert(groups.end(), ColumnGroup{scale[c], {}});
    group->columns.push_back({c, *log2Of(scale[c] / group->scale)});
  }
  return groups;
}

/// The weights of the group's columns, zero elsewhere.
static std::vector<int64_t> weightsOf(const WeightMatrix &weights,
                                      const ColumnGroup &group) {
  std::vector<int64_t> codes(weights.codes.size(), 0);
  for (auto [column, shift] : group.columns)
    for (int64_t r = 0; r < weights.rows; ++r) {
      size_t index = r * weights.columns + column;
      codes[index] = weights.codes[index] * (int64_t(1) << shift);
    }
  return codes;
}

/// `weights * offset` per row; one product a row where the offset is uniform.
static Rationals offsetOf(const WeightMatrix &weights,
                          const Rationals &offset) {
  Rationals columns = product(offset, weights.columnScale);
  Rationals result(weights.rows);
  for (int64_t r = 0; r < weights.rows; ++r) {
    const int64_t *row = weights.codes.data() + r * weights.columns;
    Rational total = 0;
    if (columns.size() == 1) {
      int64_t codes = 0;
      for (int64_t c = 0; c < weights.columns; ++c)
        codes += row[c];
      total = columns[0] * toInteger(codes);
    } else {
      for (int64_t c = 0; c < weights.columns; ++c)
        total += columns[c] * toInteger(row[c]);
    }
    result[r] = total * at(weights.rowScale, r);
  }
  return result;
}

Result<LinearForm> finngl::product(FinnEmitter &emitter,
                                   const WeightMatrix &weights,
                                   const LinearForm &form) {
  LinearForm result;
  for (const Term &term : form.terms) {
    Rationals columns = product(term.scale, weights.columnScale);
    std::vector<ColumnGroup> groups = groupColumns(columns);
    if (groups.size() > LinearForm::kMaxTerms)
      return Failure{std::to_string(groups.size()) +
                         " scales on the contraction axis whose ratios are no "
                         "powers of two",
                     "at most 4 are supported; give the operands of the "
                     "product one scale, or scales whose ratios are powers of "
                     "two"};
    bool whole = groups.empty();
    for (size_t g = 0; g < std::max<size_t>(groups.size(), 1); ++g) {
      auto value = emitter.matmul(
          term.value, whole ? weights.codes : weightsOf(weights, groups[g]),
          weights.rows);
      if (!value)
        return value.failure();
      const Rational &scale = whole ? columns[0] : groups[g].scale;
      result.terms.push_back({*value, product(weights.rowScale, {scale})});
    }
  }
  if (result.terms.size() > LinearForm::kMaxTerms)
    return tooManyTerms(result.terms.size());
  if (!isZero(form.offset))
    result.offset = offsetOf(weights, form.offset);
  return result;
}

//===----------------------------------------------------------------------===//
// Products of two values
//===----------------------------------------------------------------------===//

/// v + o/s per channel as integers of int64, where the offset is on the grid.
static std::optional<std::vector<int64_t>> integers(const Rationals &values) {
  std::vector<int64_t> result;
  for (const Rational &value : values) {
    if (value.get_den() != 1 || !fitsInt64(value.get_num()))
      return std::nullopt;
    result.push_back(toInt64(value.get_num()));
  }
  return result;
}

/// Moves an offset on the grid of the only term into the term.
static Result<LinearForm> offsetFolded(FinnEmitter &emitter, LinearForm form) {
  if (form.terms.size() != 1 || isZero(form.offset))
    return form;
  auto offset = integers(quotient(form.offset, form.terms[0].scale));
  if (!offset)
    return form;
  auto value = emitter.lincomb(form.terms[0].value, {1}, *offset);
  if (!value)
    return value.failure();
  return LinearForm{{Term{*value, form.terms[0].scale}}, {Rational(0)}};
}

/// The terms of `form` times the constant `offset`, added to `result`.
static Result<LinearForm> addScaled(FinnEmitter &emitter, LinearForm result,
                                    const LinearForm &form,
                                    const Rationals &offset) {
  if (isZero(offset))
    return result;
  for (const Term &term : form.terms) {
    auto part = scaled(emitter, term, offset);
    if (!part)
      return part.failure();
    auto next = addTerm(emitter, std::move(result), *part);
    if (!next)
      return next;
    result = std::move(*next);
  }
  return result;
}

Result<LinearForm> finngl::product(FinnEmitter &emitter, const LinearForm &lhs,
                                   const LinearForm &rhs) {
  if (lhs.shape() != rhs.shape())
    return Failure{"a product that broadcasts one value over another",
                   "both operands must have the same elements"};
  auto a = offsetFolded(emitter, lhs), b = offsetFolded(emitter, rhs);
  if (!a || !b)
    return a ? b : a;
  if (a->terms.size() * b->terms.size() > LinearForm::kMaxTerms)
    return tooManyTerms(a->terms.size() * b->terms.size());
  LinearForm result;
  for (const Term &x : a->terms)
    for (const Term &y : b->terms) {
      auto value = emitter.mul(x.value, y.value);
      if (!value)
        return value.failure();
      result.terms.push_back({*value, product(x.scale, y.scale)});
    }
  result.offset = product(a->offset, b->offset);
  auto first = addScaled(emitter, std::move(result), *a, b->offset);
  return first ? addScaled(emitter, std::move(*first), *b, a->offset) : first;
}

//===----------------------------------------------------------------------===//
// Grids
//===----------------------------------------------------------------------===//

std::optional<int64_t> finngl::finerBy(const Grid &grid,
                                       const Rationals &values) {
  constexpr int64_t kMost = 256;
  Integer by = 1;
  for (const Rational &level :
       quotient(sum(values, negated(grid.offset)), grid.scale)) {
    by = lcm(by, level.get_den());
    if (by > toInteger(kMost))
      return std::nullopt;
  }
  return toInt64(by);
}

Grid finngl::finer(Grid grid, int64_t by) {
  grid.scale = quotient(grid.scale, {Rational(toInteger(by))});
  return grid;
}

Result<IntValue> finngl::onGrid(FinnEmitter &emitter, const LinearForm &form,
                                const Grid &grid) {
  SmallVector<IntValue, 4> inputs;
  SmallVector<int64_t> coefficients;
  size_t channels = grid.scale.size();
  for (const Term &term : form.terms)
    channels = std::max(channels, term.scale.size());
  for (const Term &term : form.terms) {
    auto ratio = integers(quotient(term.scale, grid.scale));
    if (!ratio)
      return Failure{"values of scale " + term.scale[0].get_str() +
                         " on a grid of scale " + grid.scale[0].get_str(),
                     "quantise the value with the scale of the grid"};
    inputs.push_back(term.value);
    if (ratio->size() < channels)
      ratio->assign(channels, ratio->front());
    llvm::append_range(coefficients, *ratio);
  }
  auto offset =
      integers(quotient(sum(form.offset, negated(grid.offset)), grid.scale));
  if (!offset)
    return Failure{"an offset of " + form.offset[0].get_str() +
                       " that is no multiple of the scale " +
                       grid.scale[0].get_str(),
                   "use an integer zero point"};
  auto all = [](ArrayRef<int64_t> list, int64_t value) {
    return llvm::all_of(list, [=](int64_t entry) { return entry == value; });
  };
  bool isPlain = inputs.size() == 1 && all(coefficients, 1) && all(*offset, 0);
  return isPlain ? Result<IntValue>(inputs[0])
                 : emitter.lincomb(inputs, coefficients, *offset);
}

Result<LinearForm> finngl::collapsed(FinnEmitter &emitter,
                                     const LinearForm &form) {
  if (form.terms.size() == 1)
    return form;
  // One divisor a channel, so that scales per channel keep small ratios.
  Rationals divisor = form.terms[0].scale;
  for (const Term &term : form.terms)
    divisor = combine(divisor, term.scale, commonDivisor);
  auto value =
      onGrid(emitter, {form.terms, {Rational(0)}}, {divisor, {Rational(0)}});
  if (!value)
    return Failure{"a sum of " + std::to_string(form.terms.size()) +
                       " values of unrelated scales",
                   "quantise the parts of the sum to one scale"};
  return LinearForm{{Term{*value, divisor}}, form.offset};
}
