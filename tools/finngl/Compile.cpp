//===- Compile.cpp - finngl compile and synth -----------------------------===//

#include "finngl/Driver/Compile.h"
#include "Commands.h"
#include <algorithm>
#include <cmath>

using namespace finngl::driver;

/// CLI11's own ranges take a NaN.
static CLI::Validator positiveNumber() {
  return {[](const std::string &text) -> std::string {
            double value = 0;
            if (CLI::detail::lexical_cast(text, value) && value > 0 &&
                std::isfinite(value))
              return {};
            return "expected a number above zero, got '" + text + "'";
          },
          "NUMBER"};
}

static std::map<std::string, int64_t>
parseBudget(const std::vector<std::string> &items) {
  auto budget = parseAssignments(items, "--budget", /*least=*/0);
  for (auto &[name, number] : budget) {
    number = std::min(number, int64_t(1) << 40); // sums must not overflow
    if (name != "lut" && name != "ff" && name != "dsp" && name != "bram" &&
        name != "bram18")
      throw CLI::ValidationError("--budget", "unknown resource '" + name +
                                                 "'; known are lut, ff, dsp, "
                                                 "bram, bram18");
  }
  return budget;
}

static void addHardwareOptions(CLI::App &command, HardwareOptions &options) {
  command.add_option("--device", options.device, "part, see finngl devices");
  command
      .add_option("--clock-mhz", options.clockMHz,
                  "clock; default is the device's")
      ->check(positiveNumber());
  auto *latency =
      command
          .add_option("--target-latency-us", options.targetLatencyUs,
                      "least resources that meet this latency of a sequence")
          ->check(positiveNumber());
  command
      .add_option_function<std::vector<std::string>>(
          "--budget",
          [&options](const std::vector<std::string> &items) {
            options.budget = parseBudget(items);
          },
          "least latency within lut=N,ff=N,dsp=N,bram=N")
      ->delimiter(',')
      ->type_name("NAME=N,...")
      ->excludes(latency);
  command
      .add_option("--folding", options.foldingFile,
                  "folding.json of an earlier compile, edited")
      ->check(CLI::ExistingFile);
  command.add_option("--backend", options.backend, "rtl, hls or all")
      ->check(CLI::IsMember({"rtl", "hls", "all"}));
  command
      .add_option("--mode", options.mode,
                  "window: packets are windows; stream: packets continue one "
                  "another, windows over an image of time too; sliding: an "
                  "answer for the window that ends with each sample")
      ->check(CLI::IsMember({"window", "stream", "sliding"}));
  command
      .add_option("--input", options.inputs,
                  "NAME:code or NAME:siN:SCALE[:OFFSET] (repeat)")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  command
      .add_option("--contexts", options.contexts,
                  "sequences whose states are stored, named by TDEST")
      ->check(CLI::Range(1, 4096));
  command
      .add_option("--interleave", options.interleave,
                  "contexts whose steps are in a recurrent region at once; the "
                  "folding is then chosen for throughput")
      ->check(CLI::Range(1, 64));
  command
      .add_option("--max-steps", options.maxSteps,
                  "longest sequence, where the hardware needs a bound")
      ->check(CLI::NonNegativeNumber);
  command.add_flag("--state-ports", options.statePorts,
                   "streams s_axis_state and m_axis_state: load the states of "
                   "a packet with TUSER[1], save those of every packet");
  command
      .add_option("--user-bits", options.userBits,
                  "bits a step that come back with its answer, at most 62")
      ->check(CLI::Range(0, 62));
}

void addCompile(CLI::App &app, Action &action) {
  auto *command = app.add_subcommand("compile", "from a model to a directory");
  auto options = std::make_shared<CompileOptions>();
  command->add_option("model", options->model, "an .onnx file")->required();
  command
      ->add_option("-o,--output", options->output,
                   "directory; written whole or not at all")
      ->required();
  static const std::map<std::string, StopAfter> stages = {
      {"import", StopAfter::Import},
      {"convert", StopAfter::Convert},
      {"map", StopAfter::Map}};
  command
      ->add_option_function<std::string>(
          "--stop-after",
          [options](const std::string &stage) {
            options->stopAfter = stages.at(stage);
          },
          "import, convert or map")
      ->check(CLI::IsMember({"import", "convert", "map"}));
  command
      ->add_option_function<std::string>(
          "--head",
          [options](const std::string &head) {
            options->headToHost = head == "logits";
          },
          "full, or logits: a Softmax, LogSoftmax or Sigmoid as graph output "
          "is left to the host")
      ->check(CLI::IsMember({"full", "logits"}));
  addDims(*command, options->dims);
  addHardwareOptions(*command, options->hardware);
  command->footer("examples:\n"
                  "  finngl compile lstm.onnx -o build/lstm\n"
                  "  finngl compile lstm.onnx -o build/lstm --stop-after "
                  "convert\n"
                  "  finngl compile lstm.onnx -o build/lstm --budget "
                  "lut=8000,dsp=48\n"
                  "  finngl compile convlstm.onnx -o build/sliding --mode "
                  "sliding");
  command->callback([options, &action] {
    action = [options] {
      options->hardware.stopAfterMap = options->stopAfter == StopAfter::Map;
      return compile(*options);
    };
  });
}

void addSynth(CLI::App &app, Action &action) {
  auto *command = app.add_subcommand(
      "synth", "measured resources, merged into DIR/report.json");
  auto directory = std::make_shared<std::string>();
  auto tool = std::make_shared<std::string>("yosys");
  command->add_option("directory", *directory, "written by finngl compile")
      ->required()
      ->check(CLI::ExistingDirectory);
  command->add_option("--tool", *tool, "yosys, or its path");
  command->footer("examples:\n  finngl synth build/lstm\n"
                  "  finngl synth build/lstm --tool /opt/yosys/bin/yosys\n"
                  "About 10 ms a LUT; hierarchy is kept, nothing is placed.");
  command->callback([directory, tool, &action] {
    action = [directory, tool] { return synthesise(*directory, *tool); };
  });
}
