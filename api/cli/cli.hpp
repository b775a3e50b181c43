// The command line of `factum`: subcommands, options shared by all of them, exit codes.
#pragma once

#include "api/app.hpp"
#include "core/base/result.hpp"

#include <functional>
#include <string>
#include <string_view>

namespace CLI {  // NOLINT(readability-identifier-naming): the library's name
class App;
class Option;
}  // namespace CLI
namespace factum::api {
struct LogPlace;
}

namespace factum::cli {

/// What a process ends with; scripts may rely on it.
enum class ExitCode : int {
  ok = 0,
  failure = 1,       ///< something went wrong; the message says what
  usage = 2,         ///< the command line does not make sense
  locked = 3,        ///< another process uses the data folder
  damaged = 4,       ///< the data is corrupt, or of a newer version of Factum
  rejected = 5,      ///< an import left something out; the report says what
  unverified = 6,    ///< a log does not verify; the report says where
  interrupted = 130  ///< Ctrl-C
};

/// What every subcommand takes.
struct CommonOptions {
  std::string data = "data";
  std::string keys;
  std::vector<std::string> key_replicas;
};

/// What a chosen subcommand does; its result is the exit code of the process.
using Action = std::function<ExitCode()>;

/// A subcommand adds itself to `parent` and sets `chosen` when it was named. `parent` outlives the
/// action.
using AddCommand = void (*)(CLI::App& parent, Action& chosen);
void add_serve(CLI::App& parent, Action& chosen);
void add_demo(CLI::App& parent, Action& chosen);
void add_import(CLI::App& parent, Action& chosen);
void add_replay(CLI::App& parent, Action& chosen);
void add_rebuild(CLI::App& parent, Action& chosen);
void add_backup(CLI::App& parent, Action& chosen);
void add_restore(CLI::App& parent, Action& chosen);
void add_doctor(CLI::App& parent, Action& chosen);
void add_openapi(CLI::App& parent, Action& chosen);
void add_verify(CLI::App& parent, Action& chosen);
void add_export(CLI::App& parent, Action& chosen);
void add_checkpoint(CLI::App& parent, Action& chosen);

/// --data and --keys.
void add_common(CLI::App& command, CommonOptions& options);

/// --data and --url: where a log is read that is only looked at. Gives --url, for what excludes it.
CLI::Option* add_log_place(CLI::App& command, api::LogPlace& place);

/// Whether the views follow the log while the folder is open.
enum class Views { follow, rest };
/// What to do where there is no log yet.
enum class NewLog { make, refuse };

/// A check for options that are counts or positions, where CLI11 takes "-1" for a large number:
/// what is wrong with the text, or nothing.
std::string refuse_unless_digits(const std::string& text);

/// What an open data folder is made from.
api::AppOptions app_options_of(const CommonOptions& options, Views views, NewLog new_log);
/// Opens the data folder. Errors: those of App::open.
Result<std::unique_ptr<api::App>> open(const CommonOptions& options, Views views, NewLog new_log);

/// Prints one line to standard error that says what went wrong, and gives the exit code that
/// belongs to it.
ExitCode report(const Error& error);

/// Writes text to standard output at once; false if that fails, which makes the process end with
/// `failure`, and a message unless the reader has gone.
bool print(std::string_view text);
/// Writes text to standard error at once.
void print_error(std::string_view text);
/// Whether standard error is a terminal.
bool errors_reach_terminal();

/// Parses the command line and runs the subcommand. Nothing is thrown.
int run(int argc, char** argv);

}  // namespace factum::cli
