//===- Levels.cpp - finngl verify, run and eval ---------------------------===//

#include "Commands.h"
#include "finngl/Driver/Run.h"
#include "finngl/Driver/Verify.h"

using namespace finngl::driver;

static const char *kModelHelp = "an .onnx file, or a directory that finngl "
                                "compile wrote";

static void addLevel(CLI::App &command, Level &level) {
  command
      .add_option_function<std::string>(
          "--level",
          [&level](const std::string &name) { level = *parseLevel(name); },
          "onnx, exact, int (default), hls or rtl")
      ->check(CLI::IsMember({"onnx", "exact", "int", "hls", "rtl"}));
}

void addVerify(CLI::App &app, Action &action) {
  auto *command = app.add_subcommand("verify", "compare level with level");
  auto options = std::make_shared<VerifyOptions>();
  command->add_option("model", options->model, kModelHelp)->required();
  command
      ->add_option(
          "--data", options->data,
          "folder with input_0.pb, output_0.pb, ... (repeat); default: "
          "test_data_set_* beside the model")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  command
      ->add_option_function<std::string>(
          "--levels",
          [options](const std::string &names) {
            auto levels = parseLevels(names);
            if (!levels)
              throw CLI::ValidationError(
                  "--levels", "'" + names +
                                  "' is no list of onnx, exact, int, "
                                  "hls, rtl");
            options->levels = *levels;
          },
          "comma separated; default onnx,exact,int")
      ->type_name("LEVEL,...");
  command
      ->add_option("--seeds", options->seeds,
                   "patterns of back-pressure for rtl")
      ->check(CLI::Range(1, 1000000));
  command->add_option("--json", options->json, "file for the table as JSON");
  addDims(*command, options->dims);
  command->footer(
      "examples:\n"
      "  finngl verify lstm.onnx\n"
      "  finngl verify lstm.onnx --data recordings/0 --data recordings/1\n"
      "  finngl verify build/lstm --levels int,rtl --seeds 20\n"
      "A mismatch is ambiguous if a rounding decision within float32's own "
      "error explains it; an unexplained one is exit code 1.");
  command->callback(
      [options, &action] { action = [options] { return verify(*options); }; });
}

void addRun(CLI::App &app, Action &action) {
  auto *command = app.add_subcommand("run", "one inference at one level");
  auto options = std::make_shared<RunOptions>();
  command->add_option("model", options->model, kModelHelp)->required();
  command
      ->add_option("--input", options->inputs,
                   ".npy or .pb, in graph order, or NAME=FILE (repeat)")
      ->required()
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  command
      ->add_option("--output", options->output,
                   "directory for output_0.npy, ... (float32)")
      ->required();
  addLevel(*command, options->level);
  command->add_flag("--dump-values", options->dumpValues,
                    "level int: every value of every step to stderr");
  addDims(*command, options->dims);
  command->footer("examples:\n"
                  "  finngl run lstm.onnx --input x.npy --output out\n"
                  "  finngl run lstm.onnx --input h0=h.npy --input x=x.npy "
                  "--output out --level exact");
  command->callback(
      [options, &action] { action = [options] { return run(*options); }; });
}

void addEval(CLI::App &app, Action &action) {
  auto *command =
      app.add_subcommand("eval", "accuracy over a labelled data set");
  auto options = std::make_shared<EvalOptions>();
  command->add_option("model", options->model, kModelHelp)->required();
  command->add_option("--data", options->data, ".npy, [N, ...]")->required();
  command->add_option("--labels", options->labels, ".npy, [N] class numbers")
      ->required();
  addLevel(*command, options->level);
  command->add_option("--json", options->json, "file for the result as JSON");
  addDims(*command, options->dims);
  command->footer("example:\n"
                  "  finngl eval digits.onnx --data inputs.npy --labels "
                  "labels.npy --level int");
  command->callback([options, &action] {
    action = [options] { return evaluate(*options); };
  });
}
