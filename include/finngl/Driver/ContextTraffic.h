//===- ContextTraffic.h - Random packets on several contexts ----*- C++ -*-===//

#ifndef FINNGL_DRIVER_CONTEXTTRAFFIC_H
#define FINNGL_DRIVER_CONTEXTTRAFFIC_H

#include "finngl/Driver/Reference.h"
#include "finngl/Driver/Simulation.h"
#include <functional>

namespace finngl::driver {

/// Sequences cut into packets that continue one another, on contexts whose
/// steps come in random order; and what level int answers to each packet. With
/// state ports a sequence moves from one context to another by what it loads.
struct ContextTraffic {
  std::vector<Packet> packets;
  std::vector<int64_t> order; ///< packet of each step
  std::vector<std::vector<CodeTensor>> expected;
};

/// `next` gives the inputs of one more sequence. Nothing and an empty `error`
/// if the model's inputs and outputs are not sequences of one length.
std::optional<ContextTraffic> randomContextTraffic(
    const Reference &reference, int64_t contexts, unsigned seed,
    const std::function<std::vector<CodeTensor>()> &next, std::string &error);

} // namespace finngl::driver

#endif // FINNGL_DRIVER_CONTEXTTRAFFIC_H
