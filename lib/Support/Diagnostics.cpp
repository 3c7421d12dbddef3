//===- Diagnostics.cpp - Messages a user can act on -----------------------===//

#include "finngl/Support/Diagnostics.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;

namespace finngl {

// The name is nested around the file, so that both survive every pass:
// NameLoc("name (Op)", FileLineCol(file, index, 0)).
Location nodeLocation(MLIRContext *context, StringRef file, unsigned index,
                      StringRef name, StringRef opType) {
  Location position = FileLineColLoc::get(context, file, index, 0);
  return NameLoc::get(StringAttr::get(context, (name + "\x1f" + opType).str()),
                      position);
}

/// The first location of `location` that nodeLocation made.
static NameLoc findNode(Location location) {
  if (auto named = dyn_cast<NameLoc>(location)) {
    if (named.getName().getValue().contains('\x1f'))
      return named;
    return findNode(named.getChildLoc());
  }
  if (auto fused = dyn_cast<FusedLoc>(location))
    for (Location part : fused.getLocations())
      if (NameLoc node = findNode(part))
        return node;
  return {};
}

Location partLocation(Location location, StringRef part) {
  NameLoc node = findNode(location);
  if (!node)
    return location;
  auto [name, opType] = node.getName().getValue().split('\x1f');
  return NameLoc::get(
      StringAttr::get(location.getContext(),
                      (name + "/" + part + "\x1f" + opType).str()),
      node.getChildLoc());
}

std::string nodeName(Location location) {
  NameLoc node = findNode(location);
  return node ? node.getName().getValue().split('\x1f').first.str() : "";
}

std::string describe(Location location) {
  std::string text;
  llvm::raw_string_ostream os(text);
  if (NameLoc node = findNode(location)) {
    auto [name, opType] = node.getName().getValue().split('\x1f');
    auto position = cast<FileLineColLoc>(node.getChildLoc());
    os << position.getFilename().getValue() << ": node " << position.getLine()
       << " \"" << name << "\" (" << opType << ")";
  } else if (auto file = dyn_cast<FileLineColLoc>(location)) {
    os << file.getFilename().getValue();
    if (file.getLine())
      os << ":" << file.getLine() << ":" << file.getColumn();
  } else {
    os << location;
  }
  return text;
}

DiagnosticPrinter::DiagnosticPrinter(MLIRContext *context,
                                     llvm::raw_ostream &stream)
    : handler(context, [this, &stream](Diagnostic &diagnostic) {
        StringRef kind =
            diagnostic.getSeverity() == DiagnosticSeverity::Error ? "error"
            : diagnostic.getSeverity() == DiagnosticSeverity::Warning
                ? "warning"
                : "remark";
        errorCount += diagnostic.getSeverity() == DiagnosticSeverity::Error;
        stream << describe(diagnostic.getLocation()) << ": " << kind << ": "
               << diagnostic.str() << "\n";
        for (Diagnostic &note : diagnostic.getNotes())
          stream << "  note: " << note.str() << "\n";
        return success();
      }) {}

} // namespace finngl
