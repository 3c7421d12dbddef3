//===- Network.cpp - A compiled network under test ------------------------===//

#include "Network.h"
#include "finngl/Driver/ContextTraffic.h"
#include "finngl/Driver/OutputDirectory.h"
#include <gtest/gtest.h>

using namespace finngl;
using namespace finngl::test;

std::unique_ptr<Network> Network::compile(const std::string &name,
                                          const std::string &model,
                                          driver::HardwareOptions hardware,
                                          const std::string &folding,
                                          bool allowRefusal) {
  std::string error;
  if (!folding.empty()) {
    hardware.foldingFile = name + ".folding.json";
    if (!driver::writeText(hardware.foldingFile, folding, error)) {
      ADD_FAILURE() << error;
      return nullptr;
    }
  }
  driver::CompileOptions options;
  options.model = model;
  options.output = name;
  options.hardware = hardware;
  if (int exit = driver::compile(options)) {
    if (!allowRefusal || exit != driver::BadUsage)
      ADD_FAILURE() << name << ": compile exits with " << exit;
    return nullptr;
  }
  return open(name);
}

std::unique_ptr<Network> Network::open(const std::string &name) {
  auto network = std::make_unique<Network>();
  std::string error;
  network->directory = name;
  if (!network->model.open(name) || !network->model.toFinn()) {
    ADD_FAILURE() << name << ": cannot be opened";
    return nullptr;
  }
  network->plan = Plan::build(network->model.finnMain());
  network->shape = driver::compiledNetwork(network->model, error);
  network->simulator = driver::Simulator::open(network->directory, error);
  if (network->simulator)
    network->reference = driver::Reference::build(
        network->model,
        std::ranges::any_of(network->simulator->streams(),
                            [](auto &port) { return port.isState(); }));
  if (!network->plan || !network->reference || !network->shape ||
      !network->simulator || !network->simulator->build(error)) {
    ADD_FAILURE() << name << ": " << error;
    return nullptr;
  }
  return network;
}

std::vector<CodeTensor> finngl::test::randomCodes(const Plan &plan,
                                                  std::mt19937 &random) {
  std::vector<CodeTensor> inputs;
  for (const PlanPort &port : plan.inputs()) {
    CodeTensor codes{port.shape, {}};
    std::uniform_int_distribution<int64_t> code(port.lo, port.hi);
    for (int64_t e = port.elements(); e > 0; --e)
      codes.data.push_back(code(random));
    inputs.push_back(std::move(codes));
  }
  return inputs;
}

std::vector<CodeTensor>
Network::expected(const std::vector<CodeTensor> &inputs) {
  std::string error;
  auto outputs = plan->run(inputs, error);
  EXPECT_TRUE(outputs) << error;
  return outputs ? *outputs : std::vector<CodeTensor>();
}

void Network::check(int packets, int seeds) {
  std::vector<driver::Packet> sent;
  std::vector<std::vector<CodeTensor>> want;
  for (int p = 0; p < packets; ++p) {
    sent.push_back({randomInputs()});
    std::string error;
    auto outputs = reference->run(sent.back().inputs, error);
    ASSERT_TRUE(outputs) << error;
    want.push_back(std::move(*outputs));
  }
  for (int seed = 0; seed <= seeds; ++seed) {
    std::string error;
    auto result = simulator->run(sent, unsigned(seed), error);
    ASSERT_TRUE(result) << directory << ": " << error;
    for (int p = 0; p < packets; ++p)
      for (size_t o = 0; o < want[p].size(); ++o)
        EXPECT_EQ(result->outputs[p][o].data, want[p][o].data)
            << directory << ", seed " << seed << ", packet " << p << ", output "
            << o;
    if (seed == 0) {
      for (const std::string &text : driver::compareCycles(*shape, *result))
        ADD_FAILURE() << directory << ": " << text;
      std::printf(
          "%s: %d packets, %lld cycles, as scheduled\n", directory.c_str(),
          packets,
          static_cast<long long>(result->lastOutput - result->firstInput + 1));
    }
  }
}

void Network::checkStream(int windows, int seeds) {
  auto stream = driver::createSampleStream(model, *plan);
  for (int w = 0; w < windows; ++w)
    stream->append(randomInputs());
  for (int seed = 0; seed <= seeds; ++seed) {
    std::string error;
    auto traffic = stream->traffic(unsigned(seed), error);
    ASSERT_TRUE(traffic) << error;
    auto result = simulator->run(traffic->packets, unsigned(seed), error);
    ASSERT_TRUE(result) << directory << ": " << error;
    int answers = 0;
    for (size_t s = 0; s < traffic->packets.size(); ++s) {
      answers += !traffic->expected[s].empty();
      for (size_t o = 0; o < traffic->expected[s].size(); ++o)
        EXPECT_EQ(result->outputs[s][o].data, traffic->expected[s][o].data)
            << directory << ", seed " << seed << ", sample " << s << ", output "
            << o;
    }
    if (seed != 0)
      continue;
    EXPECT_GT(answers, 0);
    for (const std::string &text : driver::compareCycles(*shape, *result))
      ADD_FAILURE() << directory << ": " << text;
    std::printf(
        "%s: %d answers, %lld cycles, as scheduled\n", directory.c_str(),
        answers,
        static_cast<long long>(result->lastOutput - result->firstInput + 1));
  }
}

void Network::checkContexts(int64_t contexts, int seeds) {
  for (int seed = 0; seed <= seeds; ++seed) {
    std::string error;
    auto traffic = driver::randomContextTraffic(
        *reference, contexts, unsigned(seed), [&] { return randomInputs(); },
        error);
    ASSERT_TRUE(traffic) << directory << ": " << error;
    auto result =
        simulator->run(traffic->packets, unsigned(seed), error, traffic->order);
    ASSERT_TRUE(result) << directory << ": " << error;
    for (size_t p = 0; p < traffic->packets.size(); ++p)
      for (size_t o = 0; o < traffic->expected[p].size(); ++o)
        EXPECT_EQ(result->outputs[p][o].data, traffic->expected[p][o].data)
            << directory << ", seed " << seed << ", packet " << p
            << " of context " << traffic->packets[p].context << ", output "
            << o;
    if (seed == 0)
      for (const std::string &text : driver::compareCycles(*shape, *result))
        ADD_FAILURE() << directory << ": " << text;
  }
}

driver::RawResult Network::simulate(const std::string &stimulus,
                                    unsigned seed) {
  std::string error;
  auto result = simulator->runRaw(stimulus, "raw", seed, error);
  EXPECT_TRUE(result) << directory << ": " << error;
  return result ? *result : driver::RawResult();
}

std::vector<int64_t> Network::codesOf(const driver::RawResult &result,
                                      int64_t port) {
  std::vector<int64_t> codes;
  for (const driver::OutputBeat &beat : result.beats)
    if (beat.port == port)
      codes.insert(codes.end(), beat.codes.begin(), beat.codes.end());
  return codes;
}

const StreamPort &Network::stream(bool input, int64_t index) const {
  for (const StreamPort &port : simulator->streams())
    if (port.input == input && port.index == index)
      return port;
  ADD_FAILURE() << "no stream " << index;
  return simulator->streams().front();
}
