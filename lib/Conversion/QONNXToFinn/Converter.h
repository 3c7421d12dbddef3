//===- Converter.h - One qonnx function on its way to finn ------*- C++ -*-===//

#ifndef FINNGL_LIB_CONVERSION_CONVERTER_H
#define FINNGL_LIB_CONVERSION_CONVERTER_H

#include "ConstantTensor.h"
#include "Layout.h"
#include "finngl/Analysis/Quantise.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include <memory>

namespace finngl {

/// What a qonnx value has become.
struct Converted {
  enum class Kind {
    Poison,     // an error was reported: users stay silent
    Constant,   // known, no op yet
    Port,       // a float graph input that has not met its quantiser yet
    Form,       // a linear form
    Activation, // chain(form), waits for its quantiser
  };
  Kind kind = Kind::Poison;
  std::shared_ptr<const ConstantTensor> constant = {};
  LinearForm form = {}; // Port: the form behind its quantiser
  Layout layout = {};   // of the form's elements
  qonnx::QuantiserAttr portQuantiser = {}; // Port
  ActivationChain chain = {};              // Activation
  /// Ops that have vanished into this value; the op that ends it carries them.
  llvm::SmallVector<mlir::Location, 4> absorbed = {};
};

/// How the body of `main` uses one graph input.
struct PortUse {
  qonnx::QuantiserAttr quantiser; // the one that all quantised uses share
  qonnx::ScanOp stateOf;          // initial value of state `state`
  unsigned state = 0;
  int64_t steps = 0;                  // extent if it is scanned, else 0
  mlir::Operation *refused = nullptr; // a use by anything else
  mlir::Operation *unlike = nullptr;  // a second, different quantiser
};

PortUse portUse(mlir::BlockArgument argument);

class Converter {
public:
  explicit Converter(mlir::func::FuncOp function)
      : function(function), builder(function.getContext()), emitter(builder) {}

  /// Replaces the function's body, type and attributes. On failure
  /// it stays as it was, and every reason has been reported.
  mlir::LogicalResult run();

private:
  void convert(mlir::Operation &op);
  // ConvertActivations.cpp
  Result<Converted> convertOp(qonnx::QuantOp op);
  Result<Converted> convertOp(qonnx::ClipOp op);
  Result<Converted> convertOp(qonnx::SigmoidOp op);
  Result<Converted> convertOp(qonnx::TanhOp op);
  Result<Converted> convertOp(qonnx::SoftsignOp op);
  Result<Converted> convertOp(qonnx::ReluOp op);
  Result<Converted> convertOp(qonnx::LeakyReluOp op);
  Result<Converted> convertOp(qonnx::EluOp op);
  // ConvertClasses.cpp
  Result<Converted> convertOp(qonnx::ArgMaxOp op);
  Result<Converted> convertOp(qonnx::TopKOp op);
  Result<Converted> convertOp(qonnx::SoftmaxOp op);
  // Converter.cpp, ConvertProducts.cpp, ConvertShapes.cpp, ConvertWindows.cpp
  Result<Converted> convertOp(qonnx::NegOp op);
  Result<Converted> convertOp(qonnx::AddOp op);
  Result<Converted> convertOp(qonnx::SubOp op);
  Result<Converted> convertOp(qonnx::MulOp op);
  Result<Converted> convertOp(qonnx::MatMulOp op);
  Result<Converted> convertOp(qonnx::ReshapeOp op);
  Result<Converted> convertOp(qonnx::TransposeOp op);
  Result<Converted> convertOp(qonnx::ConcatOp op);
  Result<Converted> convertOp(qonnx::GatherOp op);
  Result<Converted> convertOp(qonnx::ConvOp op);
  Result<Converted> convertOp(qonnx::MaxPoolOp op);
  Result<Converted> convertOp(qonnx::AveragePoolOp op);
  Result<Converted> convertOp(qonnx::BatchNormOp op);
  Result<Converted> additive(mlir::Operation *op, bool subtract);
  Result<Converted> clipped(mlir::Operation *op, std::optional<Rational> lower,
                            std::optional<Rational> upper);
  Result<Converted> activated(mlir::Operation *op, ActivationStep step);

  // ConvertScan.cpp
  void convertScan(qonnx::ScanOp op);

  // ConvertInputs.cpp
  bool refuseFloatScans();
  mlir::LogicalResult convertInputs(mlir::Block &source, mlir::Block &target);
  mlir::LogicalResult convertPort(mlir::BlockArgument argument,
                                  mlir::Block &target);
  mlir::LogicalResult convertResults(mlir::Block &source);
  void setShapes(mlir::DictionaryAttr named, mlir::Type type,
                 mlir::NamedAttrList &attributes);

  const Converted &lookup(mlir::Value value) { return *values.at(value); }
  void set(mlir::Value value, Converted converted);
  /// Reports a refusal at `op`, and poisons its results.
  void refuse(mlir::Operation *op, const Failure &failure);
  /// Fused location of `op` and what it absorbs.
  mlir::Location locationOf(mlir::Operation *op);

  friend class ScanConversion;

  mlir::func::FuncOp function;
  mlir::OpBuilder builder;
  FinnEmitter emitter;
  llvm::DenseMap<mlir::Value, std::shared_ptr<const Converted>> values;
  std::vector<mlir::NamedAttrList> argumentAttributes;
  llvm::DenseMap<mlir::Operation *, unsigned> quantNumbers; // in text order
  bool failed = false;
};

/// Axis of the channels: the last dimension that is not 1 (else the last).
int64_t channelAxis(llvm::ArrayRef<int64_t> shape);

/// A form as the conversion's result, its elements in ONNX' order or as `like`.
Result<Converted> asForm(Result<LinearForm> form, Layout layout = {});
/// Why an operand is no linear form; nothing if it is one.
std::optional<Failure> notLinear(const Converted &operand);
/// Rows of `channels` elements; scales and offsets go along.
Result<LinearForm> reshaped(FinnEmitter &emitter, const LinearForm &form,
                            int64_t rows, int64_t channels);
/// Integer weights and their scales; `rowAxis` is the axis of the constant that
/// its matrix' rows are.
Result<WeightMatrix> quantisedWeights(const ConstantTensor &constant,
                                      int64_t rowAxis);

} // namespace finngl

#endif // FINNGL_LIB_CONVERSION_CONVERTER_H
