//===- FoldingSweepTest.cpp - One network at many foldings ----------------===//
//
// Of the network's sizes some are divided by the folding and some are padded.
//
//===----------------------------------------------------------------------===//

#include "Network.h"
#include <gtest/gtest.h>

using namespace finngl;
using namespace finngl::test;

namespace {

struct Point {
  int pe, simd, lanes;
  const char *impl, *style;
};

// LSTM 8 to 16: 64 rows, 24 columns. From one product a cycle to a column of
// every gate in three cycles.
constexpr Point kPoints[] = {{1, 1, 1, "lut", "segment_table"},
                             {2, 4, 1, "dsp", "requant"},
                             {4, 2, 1, "lut", "requant"},
                             {8, 4, 2, "dsp_packed", "segment_table"},
                             {32, 8, 4, "dsp_packed", "requant"},
                             {64, 8, 8, "lut", "segment_table"},
                             // Padded: 18, 20, 20, 21 and 22 units, 9, 10, 8,
                             // 14 and 8 inputs.
                             {12, 3, 3, "dsp", "segment_table"},
                             {20, 5, 1, "dsp_packed", "requant"},
                             {40, 2, 10, "lut", "segment_table"},
                             {28, 7, 7, "dsp_packed", "requant"},
                             {44, 1, 1, "lut", "requant"}};

class FoldingSweep : public ::testing::TestWithParam<Point> {};

TEST_P(FoldingSweep, BitExactAndAsScheduled) {
  const Point &p = GetParam();
  std::string name = "sweep_pe" + std::to_string(p.pe) + "_simd" +
                     std::to_string(p.simd) + "_" + p.impl + "_" + p.style;
  std::string folding =
      "{\"thresholds\": {\"impl\": \"" + std::string(p.style) +
      "\"}, \"scan_0.mvu\": {\"pe\": " + std::to_string(p.pe) +
      ", \"simd\": " + std::to_string(p.simd) + ", \"impl\": \"" + p.impl +
      "\"}, \"scan_0.tail\": {\"pe\": " + std::to_string(p.lanes) +
      ", \"impl\": \"" + (p.lanes % 4 ? "lut" : "dsp") + "\"}}";
  auto network = Network::compile(
      name, FINNGL_FIXTURES "/a04_lstm_w4a4/model.onnx", {}, folding);
  if (network)
    network->check(/*packets=*/3, /*seeds=*/2);
}

INSTANTIATE_TEST_SUITE_P(Points, FoldingSweep, ::testing::ValuesIn(kPoints));

} // namespace
