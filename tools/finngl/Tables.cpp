//===- Tables.cpp - finngl check, devices and ops -------------------------===//

#include "finngl/Driver/Tables.h"
#include "Commands.h"

using namespace finngl::driver;

void addCheck(CLI::App &app, Action &action) {
  auto *command = app.add_subcommand(
      "check", "is this model supported, what does it hold, and about what "
               "hardware it becomes");
  auto options = std::make_shared<CheckOptions>();
  command->add_option("model", options->model, "an .onnx file")->required();
  addDims(*command, options->dims);
  command->footer("example:\n  finngl check lstm.onnx");
  command->callback(
      [options, &action] { action = [options] { return check(*options); }; });
}

void addDevices(CLI::App &app, Action &action) {
  auto *command = app.add_subcommand("devices", "the known parts");
  auto json = std::make_shared<bool>(false);
  command->add_flag("--json", *json, "as JSON");
  command->footer("example:\n  finngl devices --json");
  command->callback(
      [json, &action] { action = [json] { return listDevices(*json); }; });
}

void addOps(CLI::App &app, Action &action) {
  auto *command = app.add_subcommand("ops", "the operators that are imported");
  auto json = std::make_shared<bool>(false);
  command->add_flag("--json", *json, "as JSON");
  command->footer("example:\n  finngl ops");
  command->callback(
      [json, &action] { action = [json] { return listOps(*json); }; });
}
