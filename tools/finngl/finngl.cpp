//===- finngl.cpp - The user's command ------------------------------------===//

#include "Commands.h"
#include "finngl/Driver/Command.h"
#include <exception>
#include <new>

using namespace finngl::driver;

void addDims(CLI::App &command, std::map<std::string, int64_t> &dims) {
  command
      .add_option_function<std::vector<std::string>>(
          "--dim",
          [&dims](const std::vector<std::string> &items) {
            dims = parseAssignments(items, "--dim");
          },
          "size of a symbolic dimension, NAME=N, or of any dimension of a "
          "graph input, INPUT[AXIS]=N (repeat)")
      ->type_name("NAME=N")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

std::map<std::string, int64_t>
parseAssignments(const std::vector<std::string> &items, const char *flag,
                 int64_t least) {
  std::map<std::string, int64_t> values;
  for (const std::string &item : items) {
    size_t equals = item.rfind('=');
    int64_t number = 0;
    if (equals == std::string::npos || equals == 0 ||
        !CLI::detail::lexical_cast(item.substr(equals + 1), number) ||
        number < least)
      throw CLI::ValidationError(flag, "expected NAME=N with N of at least " +
                                           std::to_string(least) + ", got '" +
                                           item + "'");
    values[item.substr(0, equals)] = number;
  }
  return values;
}

static int runCommand(int argc, char **argv) {
  CLI::App app("finn-gl: quantised recurrent networks in ONNX become proved "
               "integer hardware",
               "finngl");
  app.set_version_flag("--version", "finngl " FINNGL_VERSION);
  app.footer("exit codes: 0 good, 1 a check failed, 2 bad usage or unsupported "
             "model, 3 internal error\nfinngl COMMAND --help shows examples");
  app.require_subcommand(1);
  app.option_defaults()->always_capture_default();
  Action action;
  addQuantize(app, action);
  addCompile(app, action);
  addVerify(app, action);
  addRun(app, action);
  addSynth(app, action);
  addCheck(app, action);
  addEval(app, action);
  addDevices(app, action);
  addOps(app, action);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError &error) {
    return app.exit(error) == 0 ? Good : BadUsage;
  }
  return action();
}

int main(int argc, char **argv) {
  try {
    return runCommand(argc, argv);
  } catch (const std::bad_alloc &) {
    return fail(InternalError, "out of memory");
  } catch (const std::exception &error) {
    return fail(InternalError, error.what(),
                "this is a bug of finn-gl; please report it with the model");
  }
}
