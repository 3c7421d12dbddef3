//===- Graph.cpp - Walk of one graph --------------------------------------===//

#include "Graph.h"
#include "Binder.h"
#include "finngl/Support/Diagnostics.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Iterators.h"
#include "mlir/IR/Verifier.h"
#include <cmath>

using namespace mlir;

namespace finngl::import {

/// A model of a thousand bad nodes is told enough; a hostile one has millions.
static constexpr unsigned kMaxErrors = 1000;

GraphImporter::GraphImporter(MLIRContext *context,
                             const onnx::ModelProto &model, std::string file,
                             std::string directory,
                             const ImportOptions &options)
    : context(context), model(model), file(std::move(file)),
      directory(std::move(directory)), options(options) {}

InFlightDiagnostic GraphImporter::error(Location location) {
  ++errors;
  return emitError(location);
}

Location GraphImporter::fileLocation() const {
  return FileLineColLoc::get(context, file, 0, 0);
}

llvm::StringRef nameOf(const onnx::NodeProto &node) {
  if (node.name().empty() && node.output_size() > 0)
    return node.output(0);
  return node.name();
}

//===----------------------------------------------------------------------===//
// The model
//===----------------------------------------------------------------------===//

bool GraphImporter::checkOpset() {
  for (const onnx::OperatorSetIdProto &set : model.opset_import())
    if (set.domain().empty() || set.domain() == "ai.onnx")
      opsetVersion = int(std::clamp<int64_t>(set.version(), -1, 1 << 20));
  if (opsetVersion >= 1 && opsetVersion <= 22)
    return true;
  InFlightDiagnostic message = error(fileLocation())
                               << "expects opset 1 to 22, got ";
  if (opsetVersion)
    message << opsetVersion;
  else
    message << "no opset import";
  message.attachNote() << "export the model with an opset of 11 to 22, or "
                          "convert it with onnx.version_converter";
  return false;
}

/// Recursion is bounded by the depth that the reader accepts.
bool GraphImporter::checkNesting(const onnx::GraphProto &graph,
                                 unsigned depth) {
  for (auto [index, node] : llvm::enumerate(graph.node()))
    for (const onnx::AttributeProto &attribute : node.attribute()) {
      auto check = [&](const onnx::GraphProto &body) {
        if (depth < options.maxNesting)
          return checkNesting(body, depth + 1);
        InFlightDiagnostic message =
            error(nodeLocation(context, file, unsigned(index), nameOf(node),
                               node.op_type()))
            << "expects subgraphs nested at most " << options.maxNesting
            << " deep, got more";
        message.attachNote() << "export the model with flat Scan bodies";
        return false;
      };
      if (attribute.has_g() && !check(attribute.g()))
        return false;
      for (const onnx::GraphProto &body : attribute.graphs())
        if (!check(body))
          return false;
    }
  return true;
}

bool GraphImporter::addArguments(Scope &scope, Block &block) {
  bool good = true;
  for (const onnx::ValueInfoProto &info : model.graph().input()) {
    // Old exporters list initialisers as inputs too: those are constants.
    if (scope.initialisers.contains(info.name()))
      continue;
    Location location = fileLocation();
    Entity entity = Entity::poison();
    Type element;
    if (auto type = onnxType(info.type().tensor_type().elem_type()))
      element = elementType(context, *type);
    if (!info.type().has_tensor_type() || !element) {
      InFlightDiagnostic message =
          error(location) << "expects graph input '" << info.name()
                          << "' to be a tensor of float32 or of integers of "
                             "at most 32 bits, got ";
      if (info.type().has_tensor_type())
        message << onnxTypeName(info.type().tensor_type().elem_type());
      else
        message << "a sequence, optional or map";
      message.attachNote() << "export the model with float32 tensors";
    } else if (auto shape = staticShape(info)) {
      if (RankedTensorType tensor = type(*shape, element, location)) {
        entity.poisoned = false;
        entity.value = block.addArgument(tensor, location);
        argumentNames.push_back(info.name());
      }
    }
    good &= !entity.poisoned;
    define(scope, info.name(), entity, location);
  }
  return good;
}

OwningOpRef<ModuleOp> GraphImporter::run() {
  if (!checkOpset() || !checkNesting(model.graph(), 0))
    return {};
  OwningOpRef<ModuleOp> module = ModuleOp::create(fileLocation());
  // The block becomes the function's body once its type is known.
  auto function = func::FuncOp::create(fileLocation(), "main",
                                       FunctionType::get(context, {}, {}));
  module->push_back(function);
  Scope scope;
  scope.block = function.addEntryBlock();
  addInitialisers(model.graph(), scope);
  addArguments(scope, *scope.block);
  importNodes(model.graph(), scope);
  return finish(scope, std::move(module));
}

/// Most graphs read one output of a TopK: the other one then needs no integers.
/// Other unread operations stay: they may be all that quantises an input.
static void eraseUnreadRankings(func::FuncOp function) {
  function.walk<WalkOrder::PostOrder, ReverseIterator>([](Operation *op) {
    bool ranking = isa<qonnx::TopKOp, qonnx::ArgMaxOp>(op) ||
                   (isa<qonnx::NegOp>(op) &&
                    op->getOperand(0).getDefiningOp<qonnx::TopKOp>());
    if (ranking && op->use_empty())
      op->erase();
  });
}

OwningOpRef<ModuleOp> GraphImporter::finish(Scope &scope,
                                            OwningOpRef<ModuleOp> module) {
  llvm::SmallVector<Value> results;
  llvm::SmallVector<std::string> names;
  for (const onnx::ValueInfoProto &info : model.graph().output()) {
    if (errors >= kMaxErrors)
      return {};
    Entity entity = lookup(scope, info.name(), fileLocation());
    if (!entity.exists())
      error(fileLocation()) << "expects graph output '" << info.name()
                            << "' to be made by a node, found none";
    if (entity.constant)
      entity.value =
          materialise(scope, entity.constant, fileLocation(), info.name());
    if (entity.value)
      results.push_back(entity.value);
    names.push_back(info.name());
  }
  if (model.graph().output_size() == 0)
    error(fileLocation()) << "expects at least one graph output, got none";
  if (errors)
    return {};

  auto function = *module->getOps<func::FuncOp>().begin();
  OpBuilder builder = builderAtEnd(context, scope.block);
  builder.create<func::ReturnOp>(fileLocation(), results);
  function.setFunctionType(FunctionType::get(context,
                                             scope.block->getArgumentTypes(),
                                             ValueRange(results).getTypes()));
  eraseUnreadRankings(function);
  for (auto [index, name] : llvm::enumerate(argumentNames))
    function.setArgAttr(unsigned(index), qonnx::kNameAttr,
                        builder.getStringAttr(name));
  for (auto [index, name] : llvm::enumerate(names))
    function.setResultAttr(unsigned(index), qonnx::kNameAttr,
                           builder.getStringAttr(name));
  if (!chosenDims.empty())
    (*module)->setAttr(qonnx::kOpenDimsAttr, chosenDims.getDictionary(context));
  if (failed(verify(*module)))
    return {};
  return module;
}

//===----------------------------------------------------------------------===//
// Nodes
//===----------------------------------------------------------------------===//

/// The node's entry after every check that needs no operand; null after an
/// error.
static const HandlerEntry *checkNode(NodeBinder &b) {
  const onnx::NodeProto &node = b.node;
  const HandlerEntry *entry = findHandler(node, b.importer.opset());
  if (!entry) {
    InFlightDiagnostic message = b.error()
                                 << "operator '" << node.op_type() << "'";
    if (!node.domain().empty())
      message << " of domain '" << node.domain() << "'";
    message << " is not supported at opset " << b.importer.opset();
    if (llvm::StringRef(node.domain()).contains("training"))
      message.attachNote() << "export the model for inference";
    else
      message.attachNote() << "`finngl ops` lists the supported operators";
    return nullptr;
  }
  unsigned count = unsigned(node.input_size());
  if (count < entry->minInputs || count > entry->maxInputs) {
    InFlightDiagnostic message = b.error() << "expects " << entry->minInputs;
    if (entry->maxInputs != entry->minInputs) {
      if (entry->maxInputs == ~0u)
        message << " or more";
      else
        message << " to " << entry->maxInputs;
    }
    message << " inputs, got " << count;
    return nullptr;
  }
  // An empty name stands for an optional operand that is not there.
  for (unsigned i = 0; i < entry->minInputs; ++i)
    if (node.input(int(i)).empty()) {
      b.error() << "expects input " << i << ", got none";
      return nullptr;
    }
  return entry;
}

/// After an error nobody is told that these names are missing.
static void poisonOutputs(const onnx::NodeProto &node, Scope &scope) {
  for (const std::string &name : node.output())
    if (!name.empty() && !scope.names.contains(name))
      scope.names[name] = Entity::poison();
}

void GraphImporter::importNodes(const onnx::GraphProto &graph, Scope &scope) {
  unsigned onCycle = 0;
  if (auto order = sortNodes(graph, onCycle)) {
    for (unsigned index : *order) {
      if (errors >= kMaxErrors) {
        emitRemark(fileLocation()) << "stops after " << errors << " errors";
        return;
      }
      importNode(graph.node(int(index)), index, scope);
    }
    return;
  }
  const onnx::NodeProto &culprit = graph.node(int(onCycle));
  {
    InFlightDiagnostic message =
        error(nodeLocation(context, file, onCycle, nameOf(culprit),
                           culprit.op_type()))
        << "expects a graph without cycles, but this node depends on its own "
           "output";
    message.attachNote() << "state belongs into a Scan";
  }
  // Without an order no operand is known, but unknown operators are.
  for (auto [index, node] : llvm::enumerate(graph.node())) {
    if (errors >= kMaxErrors)
      return;
    NodeBinder binder(*this, scope, node, unsigned(index));
    checkNode(binder);
    poisonOutputs(node, scope);
  }
}

void GraphImporter::importNode(const onnx::NodeProto &node, unsigned index,
                               Scope &scope) {
  NodeBinder binder(*this, scope, node, index);
  const HandlerEntry *entry = checkNode(binder);
  if (!resolveInputs(binder) || !entry || failed(entry->handler(binder))) {
    assert(errors && "a handler failed without a message");
    poisonOutputs(node, scope);
  }
}

LogicalResult
GraphImporter::importInstead(NodeBinder &b, onnx::NodeProto node,
                             LogicalResult (*handler)(NodeBinder &)) {
  rewritten.push_back(std::move(node));
  NodeBinder binder(*this, b.scope, rewritten.back(), b.index);
  binder.location = b.location;
  return success(resolveInputs(binder) && succeeded(handler(binder)));
}

/// Looks every operand up; false if one is missing (reported) or poisoned.
bool GraphImporter::resolveInputs(NodeBinder &b) {
  bool good = true;
  for (const std::string &name : b.node.input()) {
    Entity entity;
    if (!name.empty()) {
      entity = lookup(b.scope, name, b.location);
      if (!entity.exists()) {
        InFlightDiagnostic message =
            error(b.location) << "reads '" << name
                              << "', which is no graph input, initialiser or "
                                 "output of a node";
        message.attachNote() << "the file lacks an initialiser or a node; "
                                "export it again";
        // Reported once.
        b.scope.names[name] = entity = Entity::poison();
      }
    }
    good &= !entity.poisoned;
    b.inputs.push_back(entity);
  }
  return good;
}

//===----------------------------------------------------------------------===//
// Names
//===----------------------------------------------------------------------===//

void GraphImporter::addInitialisers(const onnx::GraphProto &graph,
                                    Scope &scope) {
  for (const onnx::TensorProto &tensor : graph.initializer())
    scope.initialisers[tensor.name()] = &tensor;
}

void GraphImporter::define(Scope &scope, llvm::StringRef name, Entity entity,
                           Location location) {
  if (name.empty())
    return;
  if (scope.names.contains(name) || scope.initialisers.contains(name)) {
    error(location) << "expects every tensor to be defined once, but '" << name
                    << "' is defined again";
    return;
  }
  scope.names[name] = std::move(entity);
}

Entity GraphImporter::lookup(Scope &scope, llvm::StringRef name,
                             Location location) {
  if (auto found = scope.names.find(name); found != scope.names.end())
    return found->second;
  Entity entity;
  if (auto found = scope.initialisers.find(name);
      found != scope.initialisers.end()) {
    entity.constant = loadInitialiser(*found->second, location);
    entity.poisoned = !entity.constant;
  } else if (scope.parent) {
    entity = lookup(*scope.parent, name, location);
    // The branch of an If is part of the graph around it.
    if (entity.value && scope.block != scope.parent->block) {
      scope.captures.push_back(entity.value);
      entity.value = scope.block->addArgument(entity.value.getType(), location);
    }
  }
  if (entity.exists())
    scope.names[name] = entity;
  return entity;
}

TensorPtr GraphImporter::loadInitialiser(const onnx::TensorProto &proto,
                                         Location location) {
  std::string problem;
  std::optional<std::string> external;
  std::optional<OnnxTensor> tensor;
  bool outside = proto.data_location() == onnx::TensorProto::EXTERNAL;
  if (outside)
    external = readExternal(proto, directory,
                            options.maxFileBytes - externalBytes, problem);
  externalBytes += external ? external->size() : 0;
  if (!outside || external)
    tensor = decodeTensor(proto,
                          external ? std::optional<std::string_view>(*external)
                                   : std::nullopt,
                          problem);
  if (!tensor) {
    InFlightDiagnostic message = error(location)
                                 << "initialiser '" << proto.name()
                                 << "' cannot be read: " << problem;
    message.attachNote() << "export the model again, with the data in the "
                            "file or beside it in the same folder";
    return nullptr;
  }
  return std::make_shared<OnnxTensor>(std::move(*tensor));
}

//===----------------------------------------------------------------------===//
// Types and constants
//===----------------------------------------------------------------------===//

Type elementType(MLIRContext *context, OnnxType type) {
  auto integer = [&](unsigned width, bool isSigned) {
    return IntegerType::get(
        context, width, isSigned ? IntegerType::Signed : IntegerType::Unsigned);
  };
  switch (type) {
  case OnnxType::Float32:
    return Float32Type::get(context);
  case OnnxType::Int4:
    return integer(4, true);
  case OnnxType::UInt4:
    return integer(4, false);
  case OnnxType::Int8:
    return integer(8, true);
  case OnnxType::UInt8:
    return integer(8, false);
  case OnnxType::Int16:
    return integer(16, true);
  case OnnxType::UInt16:
    return integer(16, false);
  case OnnxType::Int32:
    return integer(32, true);
  default:
    return {};
  }
}

RankedTensorType GraphImporter::type(ArrayRef<int64_t> shape, Type element,
                                     Location location) {
  auto count = countElements(std::vector<int64_t>(shape.begin(), shape.end()),
                             options.maxElements);
  if (count && *count > 0)
    return RankedTensorType::get(shape, element);
  InFlightDiagnostic message =
      error(location) << "expects a tensor of 1 to " << options.maxElements
                      << " elements, got shape " << printShape(shape);
  message.attachNote() << "check the shapes of the graph inputs and the "
                          "constants; --dim gives open sizes";
  return {};
}

bool GraphImporter::mayFold(ArrayRef<int64_t> shape, int64_t products) {
  auto count = countElements(std::vector<int64_t>(shape.begin(), shape.end()),
                             options.maxFoldedElements - foldedElements);
  if (!count || products > options.maxFoldedProducts - foldedProducts)
    return false;
  foldedElements += *count;
  foldedProducts += products;
  return true;
}

Value GraphImporter::materialise(Scope &scope, const TensorPtr &tensor,
                                 Location location, llvm::StringRef name) {
  Value &value = scope.materialised[tensor.get()];
  if (value)
    return value;
  Type element = elementType(context, tensor->type);
  if (!element) {
    InFlightDiagnostic message =
        error(location) << "expects '" << name
                        << "' to hold float32 or integers of at most 32 bits, "
                           "got "
                        << onnxTypeName(int(tensor->type));
    message.attachNote() << "export the model with float32 tensors";
    return {};
  }
  RankedTensorType tensorType = type(tensor->shape, element, location);
  if (!tensorType)
    return {};
  for (auto [index, number] : llvm::enumerate(tensor->floats))
    if (!std::isfinite(number)) {
      InFlightDiagnostic message =
          error(location) << "expects finite numbers in '" << name << "', got "
                          << std::to_string(number) << " at element " << index;
      message.attachNote() << "train or export the model again";
      return {};
    }
  OpBuilder builder = builderAtEnd(context, scope.block);
  value = builder.create<qonnx::ConstantOp>(
      location, tensorType,
      cast<ElementsAttr>(toAttribute(*tensor, tensorType)));
  scope.keep.push_back(tensor);
  return value;
}

} // namespace finngl::import
