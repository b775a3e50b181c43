#include "api/cli/cli.hpp"

#include "api/app_verify.hpp"
#include "api/cli/toml_config.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <memory>
#include <sstream>
#include <system_error>
#include <unistd.h>

namespace factum::cli {
namespace {

constexpr std::array<AddCommand, 12> kCommands{
    add_serve,  add_demo,   add_import,     add_replay,  add_rebuild, add_verify,
    add_export, add_backup, add_checkpoint, add_restore, add_doctor,  add_openapi};

constexpr const char* kFooter =
    "Every option can also come from the environment (FACTUM_…, shown in brackets) or from a TOML\n"
    "file given by --config, with a section per subcommand: [serve] port = 8080.\n"
    "The root key of the keys is the file KEYS/root.key, or 64 hexadecimal digits in the\n"
    "environment variable FACTUM_ROOT_KEY.\n\n"
    "Exit codes: 0 done, 1 failed, 2 wrong usage, 3 the data folder is in use, 4 the data is\n"
    "damaged or of a newer version, 5 an import left rows out, 6 a log does not verify,\n"
    "130 interrupted.";

ExitCode exit_code(ErrorCode code) {
  switch (code) {
    case ErrorCode::locked: return ExitCode::locked;
    case ErrorCode::corrupt:
    case ErrorCode::unsupported_format: return ExitCode::damaged;
    case ErrorCode::invalid_argument: return ExitCode::usage;
    case ErrorCode::not_found:
    case ErrorCode::already_exists:
    case ErrorCode::version_conflict:
    case ErrorCode::precondition_missing:
    case ErrorCode::rule_violation:
    case ErrorCode::forbidden:
    case ErrorCode::limit_exceeded:
    case ErrorCode::condition_failed:
    case ErrorCode::claim_taken:
    case ErrorCode::idempotency_mismatch:
    case ErrorCode::overloaded:
    case ErrorCode::outcome_unknown:
    case ErrorCode::erased:
    case ErrorCode::view_behind:
    case ErrorCode::unavailable:
    case ErrorCode::io_error: return ExitCode::failure;
  }
  return ExitCode::failure;
}

// What is wrong with a command line, and where to look.
std::string complaint(const CLI::App& program, const CLI::ParseError& error) {
  std::string text = "factum: ";
  const auto unknown = program.remaining();
  if (!program.get_subcommands().empty()) {
    text += error.what();
  } else {
    if (unknown.empty()) {
      text += error.what();
    } else {
      text += unknown.front().starts_with('-') ? "there is no option " : "there is no command ";
      text += unknown.front();
    }
    text += "; there are:";
    for (const CLI::App* command : program.get_subcommands([](const CLI::App*) { return true; }))
      text += " " + command->get_name();
  }
  return text + "; see factum --help\n";
}

// The library says "INI was not able to parse KEY"; of an unknown section the key is "NAME.++".
std::string complaint(const CLI::ConfigError& error) {
  constexpr std::string_view kPrefix = "INI was not able to parse ";
  std::string key = error.what();
  if (!key.starts_with(kPrefix)) return "factum: the file of --config: " + key + "\n";
  key.erase(0, kPrefix.size());
  if (key.ends_with(".++")) key = "[" + key.substr(0, key.size() - 3) + "]";
  return "factum: the file of --config has something that is no option: " + key + "\n";
}

// What the first write to standard output that failed says; 0 if none has.
int& output_errno() {
  static int first = 0;
  return first;
}

bool note_output(bool written) {
  if (!written && output_errno() == 0) output_errno() = errno;
  return written;
}

// A full disk must not look like success. Who reads only the first lines needs no message.
ExitCode with_output_written(ExitCode code) {
  if (note_output(std::fflush(stdout) == 0) && output_errno() == 0) return code;
  if (output_errno() != EPIPE) {
    print_error("factum: the output cannot be written: " +
                std::generic_category().message(output_errno()) + "\n");
  }
  return code == ExitCode::ok ? ExitCode::failure : code;
}

// An option that is given without a value, as by an unset variable, must not count as not given.
std::string empty_option(const CLI::App& program) {
  for (const CLI::App* command : program.get_subcommands()) {
    for (const CLI::Option* option : command->get_options()) {
      const auto& values = option->results();
      if (std::find(values.begin(), values.end(), "") != values.end())
        return "factum: " + option->get_name() + " is empty; see factum --help\n";
    }
  }
  return {};
}

int parse_and_run(int argc, char** argv) {
  CLI::App program("Factum, an event-sourced CRM core: one log, every view of it over REST.",
                   "factum");
  program.footer(kFooter);
  program.require_subcommand(1);
  program.fallthrough();
  program.set_config("--config", "", "Options from a TOML file")->envname("FACTUM_CONFIG");
  program.allow_config_extras(CLI::config_extras_mode::error);
  program.config_formatter(toml_config());
  program.set_version_flag("--version", FACTUM_VERSION);
  Action chosen;
  for (const AddCommand add : kCommands) add(program, chosen);
  try {
    program.parse(argc, argv);
  } catch (const CLI::Success& help) {
    std::ostringstream text;
    const auto code = static_cast<ExitCode>(program.exit(help, text, text));
    print(text.str());
    return static_cast<int>(with_output_written(code));
  } catch (const CLI::ConfigError& error) {
    print_error(complaint(error));
    return static_cast<int>(ExitCode::usage);
  } catch (const CLI::ParseError& error) {
    print_error(complaint(program, error));
    return static_cast<int>(ExitCode::usage);
  }
  // CLI11 goes on without a file that the environment names and that is not there.
  const auto file = program.get_config_ptr()->as<std::string>();
  std::error_code failed;
  if (!file.empty() &&
      (!std::filesystem::exists(file, failed) || std::filesystem::is_directory(file, failed))) {
    print_error("factum: the file of --config is not there: " + file + "\n");
    return static_cast<int>(ExitCode::usage);
  }
  if (const std::string empty = empty_option(program); !empty.empty()) {
    print_error(empty);
    return static_cast<int>(ExitCode::usage);
  }
  return static_cast<int>(with_output_written(chosen()));
}

}  // namespace

void add_common(CLI::App& command, CommonOptions& options) {
  command.add_option("--data", options.data, "Folder of the log and the views")
      ->envname("FACTUM_DATA")
      ->capture_default_str();
  command
      .add_option("--keys", options.keys,
                  "Folder of the keys, never below the data; default: the data folder's name with "
                  ".keys")
      ->envname("FACTUM_KEYS");
  command
      .add_option("--key-replica", options.key_replicas,
                  "Further folders that keep epoch.keys, best on other disks, separated by commas")
      ->envname("FACTUM_KEY_REPLICA")
      ->delimiter(',')
      ->allow_extra_args(false);
}

CLI::Option* add_log_place(CLI::App& command, api::LogPlace& place) {
  place.data = "data";
  command
      .add_option("--data", place.data,
                  "Data folder, also one that a server has open; nothing in it is changed")
      ->envname("FACTUM_DATA")
      ->capture_default_str();
  return command.add_option("--url", place.url,
                            "What the API publishes instead: http://127.0.0.1:8080/v1/audit");
}

std::string refuse_unless_digits(const std::string& text) {
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  constexpr std::size_t kDigitsMax = 18;  // no count or position is larger
  const bool digits =
      !text.empty() && text.size() <= kDigitsMax && std::all_of(text.begin(), text.end(), is_digit);
  return digits ? std::string{} : "this must be a number of at most 18 digits: " + text;
}

api::AppOptions app_options_of(const CommonOptions& options, Views views, NewLog new_log) {
  const char* root_key = std::getenv("FACTUM_ROOT_KEY");
  api::AppOptions app;
  app.data = options.data;
  app.keys = options.keys;
  app.key_replicas = options.key_replicas;
  app.root_key_hex = root_key == nullptr ? "" : root_key;
  app.follow = views == Views::follow;
  app.create = new_log == NewLog::make;
  return app;
}

Result<std::unique_ptr<api::App>> open(const CommonOptions& options, Views views, NewLog new_log) {
  return api::App::open(app_options_of(options, views, new_log));
}

ExitCode report(const Error& error) {
  print_error("factum: " + error.message + "\n");
  return exit_code(error.code);
}

bool print(std::string_view text) {
  return note_output(std::fwrite(text.data(), 1, text.size(), stdout) == text.size() &&
                     std::fflush(stdout) == 0);
}

void print_error(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stderr); }

bool errors_reach_terminal() { return isatty(STDERR_FILENO) == 1; }

int run(int argc, char** argv) {
  try {
    return parse_and_run(argc, argv);
  } catch (const std::exception& error) {
    print_error("factum: unexpected failure: " + std::string(error.what()) + "\n");
    return static_cast<int>(ExitCode::failure);
  }
}

}  // namespace factum::cli
