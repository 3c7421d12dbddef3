//===- SingleSequence.h - A model of a batch, one sequence at a time *- C++
//-*-//

#ifndef FINNGL_DRIVER_SINGLESEQUENCE_H
#define FINNGL_DRIVER_SINGLESEQUENCE_H

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace finngl::driver {

/// Sizes of dimensions with which an ONNX model takes one sequence at a time:
/// `dims`, and size 1 for one dimension, `input[axis]`, of each graph input
/// where a step of a scan would multiply several vectors without, or where the
/// sizes stay open. `data` are the shapes of one recording; they may leave the
/// dimension out. `dims` itself if it needs nothing or if nothing helps: then
/// the import says why. The axis is found by trying each: with any other at 1
/// the model is no longer one, or still takes several sequences.
std::map<std::string, int64_t>
singleSequenceDims(const std::string &model,
                   const std::map<std::string, int64_t> &dims,
                   const std::vector<std::vector<int64_t>> &data);

} // namespace finngl::driver

#endif // FINNGL_DRIVER_SINGLESEQUENCE_H
