//===- Network.h - A compiled network under test ----------------*- C++ -*-===//

#ifndef FINNGL_INTEGRATION_TEST_RTL_NETWORK_H
#define FINNGL_INTEGRATION_TEST_RTL_NETWORK_H

#include "finngl/Driver/Compile.h"
#include "finngl/Driver/Cycles.h"
#include "finngl/Driver/Hardware.h"
#include "finngl/Driver/Reference.h"
#include "finngl/Driver/SampleStream.h"
#include "finngl/Driver/Simulation.h"
#include "finngl/Engine/Plan.h"
#include <memory>
#include <random>

namespace finngl::test {

/// Random codes of every input over its whole range.
std::vector<CodeTensor> randomCodes(const Plan &plan, std::mt19937 &random);

/// Compiles a model, builds its simulation and compares it with level int.
class Network {
public:
  /// `folding`: text of a --folding file, "" = automatic. Null with a test
  /// failure, or without one if `allowRefusal` and compile refused.
  static std::unique_ptr<Network> compile(const std::string &name,
                                          const std::string &model,
                                          driver::HardwareOptions hardware,
                                          const std::string &folding = "",
                                          bool allowRefusal = false);
  /// Of a compile directory. Null with a test failure.
  static std::unique_ptr<Network> open(const std::string &directory);

  std::vector<CodeTensor> randomInputs() { return randomCodes(*plan, random); }
  std::vector<CodeTensor> expected(const std::vector<CodeTensor> &inputs);
  /// Back-to-back random packets: bit-exact for seeds 0 to `seeds`, exactly the
  /// scheduled cycles for seed 0.
  void check(int packets, int seeds);
  /// --mode sliding, or stream with windows: a stream of so many random
  /// windows, which restarts here and there from seed 1 on: as check().
  void checkStream(int windows, int seeds);
  /// Random packets that continue one another, on several contexts: as check().
  void checkContexts(int64_t contexts, int seeds);
  driver::RawResult simulate(const std::string &stimulus, unsigned seed);
  /// Codes of all beats of output `port` in order.
  static std::vector<int64_t> codesOf(const driver::RawResult &result,
                                      int64_t port);

  const StreamPort &stream(bool input, int64_t index) const;

  std::filesystem::path directory;
  driver::Model model;
  std::optional<Plan> plan; ///< of the graph
  std::optional<driver::Reference> reference;
  std::optional<driver::Simulator> simulator;
  std::optional<NetworkShape> shape;

private:
  std::mt19937 random{7};
};

} // namespace finngl::test

#endif // FINNGL_INTEGRATION_TEST_RTL_NETWORK_H
