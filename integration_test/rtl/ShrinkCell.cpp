//===- ShrinkCell.cpp - The smallest cell that still fails ----------------===//

#include "ShrinkCell.h"
#include <algorithm>
#include <cmath>
#include <optional>
#include <set>

using namespace finngl::test;

namespace {

/// A change of a cell; nothing where it does not apply.
using Change = std::function<std::optional<Cell>(const Cell &)>;

} // namespace

//===----------------------------------------------------------------------===//
// Values
//===----------------------------------------------------------------------===//

/// Renumbers every reference; `map` holds the new number of each value.
static void rename(Cell &cell, const std::vector<int> &map) {
  for (CellNode &node : cell.nodes)
    for (int &input : node.inputs)
      input = map[size_t(input)];
  for (CellState &state : cell.states)
    state.next = map[size_t(state.next)];
  for (int &output : cell.outputs)
    output = map[size_t(output)];
}

static std::vector<int> identity(const Cell &cell) {
  std::vector<int> map(size_t(cell.values()));
  for (size_t v = 0; v < map.size(); ++v)
    map[v] = int(v);
  return map;
}

/// Without value `dead`, which nothing may use.
static Cell erase(Cell cell, int dead) {
  std::vector<int> map = identity(cell);
  for (size_t v = size_t(dead) + 1; v < map.size(); ++v)
    --map[v];
  size_t index = size_t(dead), states = cell.states.size();
  if (index < states)
    cell.states.erase(cell.states.begin() + dead);
  else if (dead < int(states + cell.inputs.size()))
    cell.inputs.erase(cell.inputs.begin() + (dead - int(states)));
  else
    cell.nodes.erase(cell.nodes.begin() +
                     (dead - int(states + cell.inputs.size())));
  rename(cell, map);
  return cell;
}

static bool isUsed(const Cell &cell, int value) {
  for (const CellNode &node : cell.nodes)
    if (std::find(node.inputs.begin(), node.inputs.end(), value) !=
        node.inputs.end())
      return true;
  for (size_t s = 0; s < cell.states.size(); ++s)
    if (cell.states[s].next == value && int(s) != value)
      return true;
  return std::find(cell.outputs.begin(), cell.outputs.end(), value) !=
         cell.outputs.end();
}

/// Operators that nothing uses any more.
static Cell withoutDeadNodes(Cell cell) {
  for (int v = cell.values() - 1; v >= cell.firstNode(); --v)
    if (!isUsed(cell, v))
      cell = erase(cell, v);
  return cell;
}

/// Every use of `value` becomes one of `other`.
static std::optional<Cell> replace(Cell cell, int value, int other) {
  if (cell.size(value) != cell.size(other))
    return std::nullopt;
  std::vector<int> map = identity(cell);
  map[size_t(value)] = other;
  rename(cell, map);
  return withoutDeadNodes(std::move(cell));
}

/// The state, or the input, and all its uses; the last input stays.
static std::optional<Cell> dropSource(const Cell &cell, int value) {
  bool isInput = value >= int(cell.states.size());
  if (isInput ? cell.inputs.size() == 1 : cell.states.size() == 1)
    return std::nullopt;
  if (!isUsed(cell, value))
    return withoutDeadNodes(erase(cell, value));
  for (int other = 0; other < cell.firstNode(); ++other)
    if (other != value)
      if (auto without = replace(cell, value, other))
        return withoutDeadNodes(erase(*without, value));
  return std::nullopt;
}

//===----------------------------------------------------------------------===//
// Sizes and numbers
//===----------------------------------------------------------------------===//

template <typename T> static void truncate(std::vector<T> &list, int size) {
  if (list.size() > 1 && int(list.size()) > size)
    list.resize(size_t(size));
}

static void truncate(QuantSpec &spec, int size) {
  truncate(spec.scale, size);
  truncate(spec.zeroPoint, size);
}

static std::vector<float> subMatrix(const std::vector<float> &from, int columns,
                                    int newRows, int newColumns) {
  std::vector<float> result;
  for (int i = 0; i < newRows; ++i)
    for (int j = 0; j < newColumns; ++j)
      result.push_back(from[size_t(i * columns + j)]);
  return result;
}

/// Every vector of `from` elements gets `to`. Nothing if sizes then disagree.
static std::optional<Cell> resize(Cell cell, int from, int to) {
  auto renamed = [&](int size) { return size == from ? to : size; };
  for (CellState &state : cell.states) {
    state.size = renamed(state.size);
    state.codes.resize(size_t(state.size));
  }
  for (CellInput &input : cell.inputs) {
    input.size = renamed(input.size);
    truncate(input.quant, input.size);
  }
  for (CellNode &node : cell.nodes) {
    int old = node.size, first = cell.size(node.inputs[0]);
    if (node.op == "MatMul" || node.op == "Gemm") {
      node.size = renamed(old);
      node.constant = subMatrix(node.constant, old, first, node.size);
    } else {
      node.size = first;
      for (int input : node.inputs)
        if (cell.size(input) != first)
          return std::nullopt;
      if (node.op != "Clip")
        truncate(node.constant, node.size);
    }
    truncate(node.bias, node.size);
    truncate(node.quant, node.size);
  }
  for (const CellState &state : cell.states)
    if (cell.size(state.next) != state.size)
      return std::nullopt;
  return cell;
}

static void simplify(QuantSpec &spec, int what) {
  if (what == 0)
    spec.scale.resize(1);
  for (float &scale : spec.scale)
    if (what == 1)
      scale = std::exp2(std::round(std::log2(scale)));
  if (what == 2)
    spec.zeroPoint = {0};
  if (what == 3)
    spec.rounding = "ROUND";
  if (what == 4)
    spec.narrow = false;
  if (what == 5 && spec.bits > 2) {
    --spec.bits;
    for (float &scale : spec.scale)
      scale *= 2;
  }
}

static constexpr int kSimplifications = 6;

/// One quantiser of `cell` simpler; nothing if it is simple.
static std::optional<Cell> simpler(const Cell &cell, QuantSpec &spec,
                                   int what) {
  QuantSpec old = spec;
  simplify(spec, what);
  return old == spec ? std::nullopt : std::optional(cell);
}

//===----------------------------------------------------------------------===//
// All changes, the big ones first
//===----------------------------------------------------------------------===//

static void structureChanges(const Cell &cell, std::vector<Change> &changes) {
  for (size_t o = 0; o < cell.outputs.size(); ++o)
    changes.push_back([o](const Cell &c) {
      Cell without = c;
      without.outputs.erase(without.outputs.begin() + long(o));
      return std::optional(withoutDeadNodes(std::move(without)));
    });
  for (int v = cell.firstNode() - 1; v >= 0; --v)
    changes.push_back([v](const Cell &c) { return dropSource(c, v); });
  changes.push_back([](const Cell &c) -> std::optional<Cell> {
    Cell without = withoutDeadNodes(c);
    return without.nodes.size() < c.nodes.size() ? std::optional(without)
                                                 : std::nullopt;
  });
  // The earliest value of the same size first: it drops the most.
  for (int v = cell.values() - 1; v >= cell.firstNode(); --v)
    for (int other = 0; other < v; ++other)
      changes.push_back(
          [v, other](const Cell &c) { return replace(c, v, other); });
}

static void sizeChanges(const Cell &cell, std::vector<Change> &changes) {
  for (int steps : {1, 2, cell.steps / 2, cell.steps - 1})
    if (steps >= 1 && steps < cell.steps)
      changes.push_back([steps](Cell c) {
        c.steps = steps;
        return std::optional(c);
      });
  std::set<int> sizes;
  for (int v = 0; v < cell.values(); ++v)
    sizes.insert(cell.size(v));
  for (int from : sizes)
    for (int to : {1, 2, from / 2, from - 1})
      if (to >= 1 && to < from)
        changes.push_back(
            [from, to](const Cell &c) { return resize(c, from, to); });
}

static void numberChanges(const Cell &cell, std::vector<Change> &changes) {
  changes.push_back([](Cell c) -> std::optional<Cell> {
    if (c.layout == Cell::Layout::Row)
      return std::nullopt;
    c.layout = Cell::Layout::Row;
    return c;
  });
  for (size_t s = 0; s < cell.states.size(); ++s)
    changes.push_back([s](Cell c) -> std::optional<Cell> {
      if (c.states[s].start == CellState::Start::Zero)
        return std::nullopt;
      c.states[s].start = CellState::Start::Zero;
      return c;
    });
  for (int what = 0; what < kSimplifications; ++what) {
    for (size_t i = 0; i < cell.inputs.size(); ++i)
      changes.push_back([i, what](const Cell &c) {
        Cell changed = c;
        return simpler(changed, changed.inputs[i].quant, what);
      });
    for (size_t n = 0; n < cell.nodes.size(); ++n)
      changes.push_back([n, what](const Cell &c) {
        Cell changed = c;
        return simpler(changed, changed.nodes[n].quant, what);
      });
  }
}

static std::vector<Change> changesOf(const Cell &cell) {
  std::vector<Change> changes;
  structureChanges(cell, changes);
  sizeChanges(cell, changes);
  numberChanges(cell, changes);
  return changes;
}

Cell finngl::test::shrinkCell(Cell cell,
                              const std::function<bool(const Cell &)> &fails,
                              int tries) {
  for (bool smaller = true; smaller && tries > 0;) {
    smaller = false;
    for (const Change &change : changesOf(cell)) {
      std::optional<Cell> next = change(cell);
      if (!next)
        continue;
      if (tries-- <= 0)
        break;
      if (!fails(*next))
        continue;
      cell = std::move(*next);
      smaller = true;
      break; // what applies has changed
    }
  }
  return cell;
}
