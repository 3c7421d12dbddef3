//===- Order.cpp - Dependence order of nodes ------------------------------===//

#include "Graph.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/StringSet.h"
#include <queue>

namespace finngl::import {

/// Names that `node` reads, those of its subgraphs included. A name that a
/// subgraph defines itself is read nowhere outside, so it does no harm here
/// unless it shadows an outer one, which ONNX forbids. Nesting is bounded.
static void readNames(const onnx::NodeProto &node, llvm::StringSet<> &names) {
  for (const std::string &name : node.input())
    if (!name.empty())
      names.insert(name);
  auto body = [&](const onnx::GraphProto &graph) {
    llvm::StringSet<> inner;
    for (const onnx::NodeProto &child : graph.node())
      readNames(child, inner);
    for (const onnx::ValueInfoProto &output : graph.output())
      inner.insert(output.name());
    for (const onnx::NodeProto &child : graph.node())
      for (const std::string &name : child.output())
        inner.erase(name);
    for (const onnx::ValueInfoProto &input : graph.input())
      inner.erase(input.name());
    for (const onnx::TensorProto &tensor : graph.initializer())
      inner.erase(tensor.name());
    for (const auto &entry : inner)
      names.insert(entry.getKey());
  };
  for (const onnx::AttributeProto &attribute : node.attribute()) {
    if (attribute.has_g())
      body(attribute.g());
    for (const onnx::GraphProto &graph : attribute.graphs())
      body(graph);
  }
}

/// A node on a cycle among those not yet `done`: walk backwards over unfinished
/// producers until a node comes again.
static unsigned findCycle(const std::vector<std::vector<unsigned>> &producers,
                          const std::vector<bool> &done) {
  unsigned at = 0;
  while (done[at])
    ++at;
  std::vector<bool> seen(done.size(), false);
  while (!seen[at]) {
    seen[at] = true;
    for (unsigned producer : producers[at])
      if (!done[producer]) {
        at = producer;
        break;
      }
  }
  return at;
}

std::optional<std::vector<unsigned>> sortNodes(const onnx::GraphProto &graph,
                                               unsigned &onCycle) {
  unsigned count = unsigned(graph.node_size());
  llvm::StringMap<unsigned> maker;
  for (unsigned i = 0; i < count; ++i)
    for (const std::string &name : graph.node(int(i)).output())
      if (!name.empty())
        maker.try_emplace(name, i);

  std::vector<std::vector<unsigned>> producers(count), consumers(count);
  std::vector<unsigned> waiting(count, 0);
  for (unsigned i = 0; i < count; ++i) {
    llvm::StringSet<> names;
    readNames(graph.node(int(i)), names);
    llvm::DenseSet<unsigned> distinct;
    for (const auto &entry : names)
      if (auto found = maker.find(entry.getKey()); found != maker.end())
        if (distinct.insert(found->second).second)
          producers[i].push_back(found->second);
    // The string set has no stable order; messages must.
    llvm::sort(producers[i]);
    waiting[i] = unsigned(producers[i].size());
    for (unsigned producer : producers[i])
      consumers[producer].push_back(i);
  }

  // The smallest index first keeps a legal file's own order.
  std::priority_queue<unsigned, std::vector<unsigned>, std::greater<>> ready;
  for (unsigned i = 0; i < count; ++i)
    if (waiting[i] == 0)
      ready.push(i);
  std::vector<unsigned> order;
  std::vector<bool> done(count, false);
  while (!ready.empty()) {
    unsigned node = ready.top();
    ready.pop();
    order.push_back(node);
    done[node] = true;
    for (unsigned consumer : consumers[node])
      if (--waiting[consumer] == 0)
        ready.push(consumer);
  }
  if (order.size() == count)
    return order;
  onCycle = findCycle(producers, done);
  return std::nullopt;
}

} // namespace finngl::import
