//===- FoldingFile.cpp - folding.json, one region at a time ---------------===//

#include "FoldingFile.h"

using namespace finngl;
using nlohmann::json;
using nlohmann::ordered_json;

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
  for (df::MulOp op : region.getBody().front().getOps<df::MulOp>())
    mul = op.getImpl().str();
  folding[tailKernel(region)] = {
      {"pe", chosen.lanes}, {"simd", 1}, {"impl", mul}, {"mem", "lut"}};
  return folding;
}
