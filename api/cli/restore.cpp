#include "api/app_backups.hpp"
#include "api/cli/cli.hpp"
#include "api/cli/interrupt.hpp"
#include "api/cli/work_progress.hpp"
#include "api/import/progress.hpp"

#include <CLI/CLI.hpp>

#include <memory>

namespace factum::cli {
namespace {

struct RestoreArguments {
  api::RestoreRequest request;
  std::uint64_t to_position = 0;
  std::string as_of;
  bool quiet = false;
};

std::string summary_of(const RestoreArguments& arguments, const api::RestoreAnswer& answer) {
  std::string text = "restored " + importing::with_thousands(answer.head.value()) +
                     " events of backup " + std::to_string(answer.backup.id) + " to " +
                     arguments.request.to + ", root " + answer.root + ", log " +
                     answer.log_id.to_string() + "\n";
  if (answer.keys.empty()) {
    return text + "It is the same log: start it with the keys it had, --data " +
           arguments.request.to + " --keys KEYS. What was signed after the backup is not signed " +
           "again; see docs/operations.md.\n";
  }
  return text + "It is a log of its own, with a new signing key: start it with --data " +
         arguments.request.to + " --keys " + answer.keys + ".\n";
}

ExitCode run_restore(RestoreArguments arguments) {
  const Interrupt interrupt;
  if (arguments.to_position > 0) arguments.request.to_position = arguments.to_position;
  if (!arguments.as_of.empty()) {
    const auto instant = parse_timestamp(arguments.as_of);
    if (!instant) return report(instant.error());
    arguments.request.as_of = *instant;
  }
  WorkProgress progress(arguments.quiet, interrupt);
  const auto restored = api::restore(arguments.request, progress.watch());
  progress.clear();
  if (!restored && interrupt.flag()) {
    print_error("factum: stopped; there is no log in " + arguments.request.to +
                ", the same command starts anew\n");
    return ExitCode::interrupted;
  }
  if (!restored) return report(restored.error());
  print(summary_of(arguments, *restored));
  return ExitCode::ok;
}

}  // namespace

void add_restore(CLI::App& parent, Action& chosen) {
  CLI::App* command = parent.add_subcommand(
      "restore", "Brings a log back from a backup, as a whole or up to an earlier point");
  auto arguments = std::make_shared<RestoreArguments>();
  api::RestoreRequest& request = arguments->request;
  command->add_option("--from", request.from, "Folder of the backups")->required();
  command->add_option("--backup", request.id, "Number of the backup; default: the newest")
      ->check(&refuse_unless_digits)
      ->check(CLI::Range(std::uint32_t{1}, UINT32_MAX));
  command->add_option("--to", request.to, "New data folder; never one that holds something")
      ->required();
  CLI::Option* position =
      command
          ->add_option("--to-position", arguments->to_position,
                       "Only the events up to this position, as a log of its own")
          ->check(&refuse_unless_digits)
          ->check(CLI::Range(std::uint64_t{1}, UINT64_MAX));
  command
      ->add_option("--as-of", arguments->as_of,
                   "Only what was recorded up to this instant, RFC 3339, as a log of its own")
      ->excludes(position);
  command
      ->add_option("--keys", request.keys,
                   "Keys of the log in the backup; a log of its own gets a copy of them")
      ->envname("FACTUM_KEYS");
  command->add_option("--new-keys", request.new_keys,
                      "Where that copy goes; default: the new data folder's name with .keys");
  command->add_flag("--quiet", arguments->quiet, "No progress")->envname("FACTUM_QUIET");
  command->callback(
      [arguments, &chosen] { chosen = [arguments] { return run_restore(*arguments); }; });
}

}  // namespace factum::cli
