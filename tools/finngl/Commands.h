//===- Commands.h - The subcommands of finngl -------------------*- C++ -*-===//

#ifndef FINNGL_TOOLS_FINNGL_COMMANDS_H
#define FINNGL_TOOLS_FINNGL_COMMANDS_H

#include <CLI/CLI.hpp>
#include <functional>
#include <map>
#include <string>
#include <vector>

/// Set by the subcommand that was given; returns the exit code.
using Action = std::function<int()>;

void addCompile(CLI::App &app, Action &action);
void addQuantize(CLI::App &app, Action &action);
void addVerify(CLI::App &app, Action &action);
void addRun(CLI::App &app, Action &action);
void addSynth(CLI::App &app, Action &action);
void addCheck(CLI::App &app, Action &action);
void addEval(CLI::App &app, Action &action);
void addDevices(CLI::App &app, Action &action);
void addOps(CLI::App &app, Action &action);

/// `--dim NAME=N`, repeated.
void addDims(CLI::App &command, std::map<std::string, int64_t> &dims);

/// Splits NAME=N items, N from `least`; throws CLI::ValidationError.
std::map<std::string, int64_t>
parseAssignments(const std::vector<std::string> &items, const char *flag,
                 int64_t least = 1);

#endif // FINNGL_TOOLS_FINNGL_COMMANDS_H
