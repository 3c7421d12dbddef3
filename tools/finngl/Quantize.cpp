//===- Quantize.cpp - finngl quantize -------------------------------------===//

#include "finngl/Driver/Quantize.h"
#include "Commands.h"

using namespace finngl;
using namespace finngl::driver;

static void addBits(CLI::App &command, const char *flag, const char *help,
                    std::optional<unsigned> &bits) {
  command.add_option(flag, bits, help)
      ->check(CLI::Range(ptq::BitWidths::kLeast, ptq::BitWidths::kMost))
      ->type_name("BITS");
}

static void addCalibration(CLI::App &command, ScaleChoice &choice) {
  command
      .add_option_function<std::string>(
          "--calibration",
          [&choice](const std::string &name) {
            choice.method = *parseCalibration(name);
          },
          "how scales are chosen: minmax, percentile or mse (default)")
      ->check(CLI::IsMember({"minmax", "percentile", "mse"}));
  command
      .add_option("--percentile", choice.percentile,
                  "share of the magnitudes that is not clamped")
      ->check(CLI::Range(50.0, 100.0))
      ->check([](const std::string &text) {
        return text.find_first_not_of("0123456789.") == text.npos
                   ? std::string()
                   : "expects a number, got " + text;
      });
}

void addQuantize(CLI::App &app, Action &action) {
  auto *command = app.add_subcommand(
      "quantize", "a float model becomes a quantised one that compile takes");
  auto options = std::make_shared<QuantizeOptions>();
  command->add_option("model", options->model, "an .onnx file of float32")
      ->required();
  command
      ->add_option("--data", options->data,
                   "recordings to calibrate with: .npy [N, ...] of the only "
                   "input, or a folder with input_0.pb, ... (repeat)")
      ->required()
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  command->add_option("-o,--output", options->output, "the .onnx file to write")
      ->required();
  addBits(*command, "--weights", "bits of weights (default 8)",
          options->weights);
  addBits(*command, "--activations",
          "bits of everything else but graph inputs (default 8)",
          options->activations);
  addBits(*command, "--inputs", "bits of graph inputs (default 8)",
          options->inputs);
  command
      ->add_option("--config", options->config,
                   "JSON: {\"weights\": 8, \"activations\": 6, \"inputs\": 8, "
                   "\"quantisers\": {NAME: BITS}}; flags go before it")
      ->check(CLI::ExistingFile);
  addCalibration(*command, options->choice);
  command
      ->add_option_function<std::string>(
          "--weight-scales",
          [options](const std::string &name) {
            options->weightScales = name == "channel"
                                        ? ptq::WeightScales::Channel
                                        : ptq::WeightScales::Tensor;
          },
          "one scale a matrix product: tensor (default), or one for each "
          "channel of its result: channel")
      ->check(CLI::IsMember({"tensor", "channel"}));
  command
      ->add_option_function<std::string>(
          "--format",
          [options](const std::string &name) {
            options->qcdq = name == "qcdq";
          },
          "quant (QONNX, default) or qcdq (QuantizeLinear, Clip, "
          "DequantizeLinear; 8 bits at most)")
      ->check(CLI::IsMember({"quant", "qcdq"}));
  command->add_flag("!--no-bias-correction", options->correctBias,
                    "leave biases as they are");
  command->add_option("--report", options->report,
                      "file for the table as JSON; its names are those of "
                      "--config");
  command->add_option("--test-data", options->testData,
                      "new folder for data sets of the quantised network: the "
                      "first 16 recordings and its float32 outputs");
  addDims(*command, options->dims);
  command->footer(
      "examples:\n"
      "  finngl quantize lstm.onnx --data calib.npy -o q.onnx\n"
      "  finngl quantize lstm.onnx --data calib.npy -o q.onnx --weights 8 "
      "--activations 6 --report q.json\n"
      "  finngl quantize lstm.onnx --data calib.npy -o q.onnx --config "
      "bits.json\n"
      "Nothing is trained. Every quantiser has zero point 0 and one scale; "
      "docs/Quantize.md says where they stand. A model for a batch is written "
      "for one sequence;\nrecordings may have the batch, 1 there, or leave it "
      "out.");
  command->callback([options, &action] {
    action = [options] { return quantize(*options); };
  });
}
