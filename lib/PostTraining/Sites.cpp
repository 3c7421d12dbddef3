//===- Sites.cpp - Where a float network gets quantisers ------------------===//

#include "SiteFinder.h"
#include "ValueBounds.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace finngl;
using namespace finngl::ptq;

//===----------------------------------------------------------------------===//
// Where a value comes from
//===----------------------------------------------------------------------===//

/// Through operators that move elements or rank them, a Softmax as the head of
/// the network, and through the edges of scans.
void SiteFinder::collectSources(Value value, Values &sources,
                                llvm::SmallDenseSet<Value, 8> &seen) {
  if (!seen.insert(value).second || isConstant(value))
    return;
  auto follow = [&](Value next) { collectSources(next, sources, seen); };
  if (auto argument = dyn_cast<BlockArgument>(value)) {
    auto scan = dyn_cast<qonnx::ScanOp>(argument.getOwner()->getParentOp());
    if (!scan) {
      sources.push_back(value);
      return;
    }
    unsigned number = argument.getArgNumber();
    if (number < scan.getStates().size())
      follow(scan.getBody().front().getTerminator()->getOperand(number));
    follow(scan->getOperand(number));
    return;
  }
  Operation *op = value.getDefiningOp();
  if (auto scan = dyn_cast<qonnx::ScanOp>(op))
    follow(scan.getBody().front().getTerminator()->getOperand(
        cast<OpResult>(value).getResultNumber()));
  else if (isa<qonnx::ReshapeOp, qonnx::TransposeOp, qonnx::GatherOp,
               qonnx::ConcatOp, qonnx::MaxPoolOp, qonnx::ArgMaxOp,
               qonnx::TopKOp, qonnx::SoftmaxOp>(op))
    llvm::for_each(op->getOperands(), follow);
  else
    sources.push_back(value);
}

SiteFinder::Values SiteFinder::sourcesOf(Value value) {
  Values sources;
  llvm::SmallDenseSet<Value, 8> seen;
  collectSources(value, sources, seen);
  return sources;
}

/// `ownSite`: a quantised source is a leaf, not what it is made of.
void SiteFinder::collectLeaves(Value source, Leaves &leaves, bool ownSite,
                               llvm::SmallDenseSet<Value, 8> &seen) {
  if (!seen.insert(source).second) // added twice, it is one term
    return;
  if (auto found = index.find(source); ownSite && found != index.end()) {
    if (!llvm::is_contained(leaves.sites, found->second))
      leaves.sites.push_back(found->second);
    return;
  }
  Operation *op = source.getDefiningOp();
  auto follow = [&](Value operand) {
    for (Value next : sourcesOf(operand))
      collectLeaves(next, leaves, true, seen);
  };
  if (isa_and_nonnull<qonnx::MatMulOp, qonnx::ConvOp>(op))
    leaves.products.push_back(op);
  else if (isa_and_nonnull<qonnx::BatchNormOp>(op))
    follow(op->getOperand(0));
  else if (isSum(op) || isa_and_nonnull<qonnx::NegOp>(op))
    llvm::for_each(op->getOperands(), follow);
}

Leaves SiteFinder::leavesOf(Value value, bool ownSite) {
  Leaves leaves;
  llvm::SmallDenseSet<Value, 8> seen;
  for (Value source : sourcesOf(value))
    collectLeaves(source, leaves, ownSite, seen);
  return leaves;
}

//===----------------------------------------------------------------------===//
// Sums
//===----------------------------------------------------------------------===//

/// Quantised operands of a sum, and the sum where it is quantised and has no
/// other operands, get related scales: then they are added as shifted
/// integers.
void SiteFinder::tieSum(Operation *op) {
  if (variableOperand(op))
    return;
  Leaves leaves = leavesOf(op->getResult(0), /*ownSite=*/false);
  // Beside a value of one scale a product must have one, too.
  for (Site &site : sites)
    if (!leaves.sites.empty() &&
        llvm::is_contained(leaves.products, site.reader))
      site.axis = -1;
  for (Operation *product : leaves.products)
    added.unionSets(leaves.products.front(), product);
  if (auto sum = index.find(op->getResult(0));
      sum != index.end() && leaves.products.empty())
    leaves.sites.push_back(sum->second);
  for (unsigned site : leaves.sites)
    tied.unionSets(leaves.sites.front(), site);
}

/// Nothing if both operands vary, or if one comes from several quantisers.
std::optional<Product> SiteFinder::productOf(Operation *op) {
  auto weight =
      llvm::find_if(sites, [&](const Site &site) { return site.reader == op; });
  if (weight == sites.end())
    return std::nullopt;
  std::optional<Product> product;
  for (Value source : sourcesOf(op->getOperand(1 - weight->operand))) {
    unsigned operand = index.at(source);
    if (product && sites[product->operand].group != sites[operand].group)
      return std::nullopt;
    product = {unsigned(weight - sites.begin()), operand};
  }
  return product;
}

void SiteFinder::collectProductSums(Sites &result) {
  for (auto leader = added.begin(); leader != added.end(); ++leader) {
    if (!leader->isLeader())
      continue;
    std::vector<Product> sum;
    bool whole = true;
    for (auto member = added.member_begin(leader); member != added.member_end();
         ++member) {
      auto product = productOf(*member);
      whole &= product.has_value();
      if (product)
        sum.push_back(*product);
    }
    if (whole && sum.size() > 1)
      result.productSums.push_back(std::move(sum));
  }
  // Not in the order of pointers.
  for (auto &sum : result.productSums)
    llvm::sort(sum, [](const Product &a, const Product &b) {
      return a.weight < b.weight;
    });
  llvm::sort(result.productSums, [](const auto &a, const auto &b) {
    return a.front().weight < b.front().weight;
  });
}

//===----------------------------------------------------------------------===//
// Groups
//===----------------------------------------------------------------------===//

/// Program order; without a reader, by where the value is made.
void SiteFinder::sortSites() {
  llvm::DenseMap<Operation *, unsigned> order;
  main.walk<WalkOrder::PreOrder>(
      [&](Operation *op) { order.try_emplace(op, unsigned(order.size())); });
  auto position = [&](const Site &site) -> std::pair<unsigned, unsigned> {
    Operation *op = site.reader ? site.reader : site.value.getDefiningOp();
    if (!op) // a graph input
      return {0, cast<BlockArgument>(site.value).getArgNumber()};
    return {order.at(op), site.reader ? site.operand : ~0u};
  };
  std::vector<unsigned> sorted(sites.size()), rank(sites.size());
  for (unsigned i = 0; i < sites.size(); ++i)
    sorted[i] = i;
  llvm::stable_sort(sorted, [&](unsigned a, unsigned b) {
    return position(sites[a]) < position(sites[b]);
  });
  std::vector<Site> moved;
  for (auto [place, old] : llvm::enumerate(sorted)) {
    rank[old] = unsigned(place);
    moved.push_back(std::move(sites[old]));
  }
  sites = std::move(moved);
  auto renumbered = [&](const llvm::EquivalenceClasses<unsigned> &classes) {
    llvm::EquivalenceClasses<unsigned> result;
    for (auto leader = classes.begin(); leader != classes.end(); ++leader)
      if (leader->isLeader())
        for (auto member = classes.member_begin(leader);
             member != classes.member_end(); ++member)
          result.unionSets(rank[leader->getData()], rank[*member]);
    return result;
  };
  same = renumbered(same);
  tied = renumbered(tied);
}

void SiteFinder::group(Sites &result) {
  auto number = [](llvm::EquivalenceClasses<unsigned> &classes,
                   unsigned count) {
    std::vector<unsigned> numbers(count);
    llvm::DenseMap<unsigned, unsigned> known;
    for (unsigned i = 0; i < count; ++i)
      numbers[i] = known
                       .try_emplace(classes.getOrInsertLeaderValue(i),
                                    unsigned(known.size()))
                       .first->second;
    return numbers;
  };
  auto count = unsigned(sites.size());
  std::vector<unsigned> groups = number(same, count);
  // Sites of one group are in one tie.
  for (unsigned i = 0; i < count; ++i)
    tied.unionSets(same.getOrInsertLeaderValue(i), i);
  std::vector<unsigned> ties = number(tied, count);
  for (unsigned i = 0; i < count; ++i) {
    result.groups.resize(std::max(result.groups.size(), size_t(groups[i]) + 1));
    result.groups[groups[i]].sites.push_back(i);
    result.groups[groups[i]].tie = ties[i];
    result.ties = std::max(result.ties, ties[i] + 1);
    sites[i].group = groups[i];
  }
}

//===----------------------------------------------------------------------===//
// Names and properties
//===----------------------------------------------------------------------===//

void SiteFinder::describe(Sites &result) {
  llvm::StringSet<> taken;
  for (Site &site : sites) {
    std::string wanted = wantedName(site, main);
    site.name = wanted;
    for (unsigned i = 2; !taken.insert(site.name).second; ++i)
      site.name = wanted + "_" + std::to_string(i);
    site.sumsProducts =
        site.role == Role::Activation &&
        !leavesOf(site.value, /*ownSite=*/false).products.empty();
  }
  for (Group &group : result.groups) {
    auto is = [&](Response response) {
      return llvm::all_of(group.sites, [&](unsigned i) {
        return sites[i].role == Role::Activation &&
               responseOf(sites[i].value) == response;
      });
    };
    group.response = is(Response::Sigmoid) ? Response::Sigmoid
                     : is(Response::Tanh)  ? Response::Tanh
                                           : Response::Identity;
    group.isSigned = llvm::any_of(group.sites, [&](unsigned i) {
      return sites[i].role == Role::Weight ||
             boundsOf(sites[i].value).least < 0;
    });
  }
}

FailureOr<Sites> SiteFinder::run() {
  for (BlockArgument argument : main.getArguments())
    if (!argument.use_empty())
      mark(argument, Role::Input);
  main.walk([&](qonnx::ScanOp scan) { markStates(scan); });
  main.walk<WalkOrder::PreOrder>([&](Operation *op) { visit(op); });
  if (refused)
    return failure();
  Sites result;
  for (Value output : main.getBody().front().getTerminator()->getOperands()) {
    needIfSeveral(output);
    for (Value source : sourcesOf(output))
      if (!index.contains(source) && !leavesOf(source).products.empty() &&
          !llvm::is_contained(result.realOutputs, source))
        result.realOutputs.push_back(source);
  }
  main.walk([&](Operation *op) {
    if (isSum(op) && !isConstant(op->getResult(0)))
      tieSum(op);
  });
  sortSites();
  index.clear();
  for (auto [i, site] : llvm::enumerate(sites))
    if (!site.reader)
      index[site.value] = unsigned(i);
  group(result);
  describe(result);
  collectProductSums(result);
  result.sites = std::move(sites);
  return result;
}

FailureOr<Sites> ptq::findSites(func::FuncOp main) {
  Operation *quantised = nullptr;
  main.walk([&](Operation *op) {
    if (!quantised &&
        isa<qonnx::QuantOp, qonnx::QuantizeLinearOp, qonnx::DequantizeLinearOp,
            qonnx::QuantLSTMCellOp>(op))
      quantised = op;
  });
  if (quantised) {
    InFlightDiagnostic error =
        quantised->emitError()
        << "is a quantiser: finngl quantize takes models of float32 only";
    error.attachNote() << "give a quantised model to finngl compile as it is";
    return failure();
  }
  for (BlockArgument argument : main.getArguments())
    if (!isFloat(argument))
      return main.emitError() << "has a graph input of type "
                              << argument.getType() << ", expected float32";
  return SiteFinder(main).run();
}
