//===- RandomImagesTest.cpp - Random image networks in hardware -----------===//
//
// Windows, pools and joined branches of random geometry within random budgets:
// bit-exact, and exactly the scheduled cycles. FINNGL_RANDOM_CASES says how
// many.
//
//===----------------------------------------------------------------------===//

#include "RandomImages.h"
#include "Network.h"
#include <cstdlib>
#include <gtest/gtest.h>

using namespace finngl;
using namespace finngl::test;

TEST(RandomImages, BitExactAndAsScheduled) {
  const char *wanted = std::getenv("FINNGL_RANDOM_CASES");
  unsigned cases = wanted ? unsigned(std::atoi(wanted)) : 4, built = 0;
  for (unsigned seed = 0; seed < cases; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::string name = "images_" + std::to_string(seed);
    ASSERT_TRUE(writeRandomImages(seed, name + ".onnx"));
    std::mt19937 random(seed);
    driver::HardwareOptions hardware;
    if (random() % 3)
      hardware.budget = {{"lut", 4000 + random() % 12000},
                         {"dsp", random() % 64}};
    auto network = Network::compile(name, name + ".onnx", hardware, "",
                                    /*allowRefusal=*/true);
    if (!network)
      continue;
    ++built;
    network->check(/*packets=*/3, /*seeds=*/2);
  }
  // A budget may be too small, a width too large.
  EXPECT_GE(built * 4, cases * 3);
}
