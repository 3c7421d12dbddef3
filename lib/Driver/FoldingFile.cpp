//===- FoldingFile.cpp - folding.json -------------------------------------===//

#include "FoldingFile.h"
#include "finngl/Driver/Command.h"
#include <filesystem>
#include <fstream>

using namespace finngl;
using namespace finngl::driver;
using nlohmann::json;
using nlohmann::ordered_json;

std::string driver::formIn(const json &file, const char *key) {
  return file.contains(key) ? file[key].value("impl", "") : "";
}

template <typename Forms>
static int checkForm(const std::string &path, const json &file, const char *key,
                     const Forms &forms) {
  std::string asked = formIn(file, key), known;
  for (auto [form, name] : forms) {
    if (asked.empty() || asked == name)
      return Good;
    known += (known.empty() ? "" : " or ") + std::string(name);
  }
  return fail(BadUsage,
              path + ": " + key + " impl '" + asked + "' is not " + known,
              kFoldingNote);
}

static bool isKernel(const json &fields) {
  bool good = fields.is_object();
  if (good)
    for (const auto &[key, value] : fields.items())
      good &= key == "pe" || key == "simd" ? value.is_number_integer()
                                           : value.is_string();
  return good;
}

int driver::readFoldingFile(const std::string &path, json &file) {
  if (!std::filesystem::is_regular_file(path))
    return fail(BadUsage, path + ": no such file", kFoldingNote);
  std::ifstream text(path);
  file = json::parse(text, nullptr, /*exceptions=*/false);
  if (!file.is_object())
    return fail(BadUsage, path + ": not a JSON object", kFoldingNote);
  for (const auto &[kernel, fields] : file.items())
    if (!isKernel(fields))
      return fail(BadUsage,
                  path + ": kernel '" + kernel +
                      "' is not an object of pe, simd (integers), "
                      "impl, mem (texts)",
                  kFoldingNote);
  if (int exit = checkForm(path, file, kThresholds, kStyles))
    return exit;
  return checkForm(path, file, kInputProducts, kProductForms);
}

std::string driver::mvuKernel(df::RegionOp region, unsigned index) {
  std::string name = region.getName().str() + ".mvu";
  return index ? name + "_" + std::to_string(index) : name;
}

static std::string tailKernel(df::RegionOp region) {
  return region.getName().str() + ".tail";
}

void driver::readFolding(const json &file, df::RegionOp region,
                         df::Candidate &candidate) {
  unsigned mvus = 0;
  df::PassPlan plan = df::planPasses(region);
  for (size_t k = 0; k < plan.passes.size(); ++k) {
    if (!plan.passes[k].mvu)
      continue;
    json mvu = file.value(mvuKernel(region, mvus++), json::object());
    ArrayFolding &array = candidate.folding.passes[k];
    array.pe = mvu.value("pe", array.pe);
    array.simd = mvu.value("simd", array.simd);
    candidate.mvuImpl[k] = mvu.value("impl", candidate.mvuImpl[k]);
  }
  json tail = file.value(tailKernel(region), json::object());
  candidate.folding.lanes = tail.value("pe", candidate.folding.lanes);
  candidate.mulImpl = tail.value("impl", candidate.mulImpl);
}

ordered_json driver::writeFolding(df::RegionOp region) {
  ordered_json folding;
  Folding chosen = df::foldingOf(region);
  unsigned mvus = 0;
  df::PassPlan plan = df::planPasses(region);
  for (auto [pass, array] : llvm::zip(plan.passes, chosen.passes)) {
    if (!pass.mvu)
      continue;
    bool bram = pass.mvu.usesBlockRam(array.pe, array.simd);
    folding[mvuKernel(region, mvus++)] = {{"pe", array.pe},
                                          {"simd", array.simd},
                                          {"impl", pass.mvu.getImpl().str()},
                                          {"mem", bram ? "bram" : "lut"}};
  }
  std::string mul = "lut";
  for (mlir::Operation *product : df::tailProducts(region))
    mul = product->getAttrOfType<mlir::StringAttr>("impl").str();
  folding[tailKernel(region)] = {
      {"pe", chosen.lanes}, {"simd", 1}, {"impl", mul}, {"mem", "lut"}};
  return folding;
}
