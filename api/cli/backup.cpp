#include "api/app_backups.hpp"
#include "api/backup_run.hpp"
#include "api/cli/cli.hpp"
#include "api/cli/interrupt.hpp"
#include "api/cli/serving_file.hpp"
#include "api/cli/work_progress.hpp"
#include "api/import/progress.hpp"
#include "api/server/http_call.hpp"
#include "core/es/json_reader.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <memory>

namespace factum::cli {
namespace {

using api::BackupRun;
using importing::with_thousands;

constexpr std::chrono::milliseconds kAskEvery{200};
// A server that is busy may miss a question; one that is silent for longer is gone.
constexpr std::chrono::seconds kSilenceMax{15};

struct BackupArguments {
  CommonOptions common;
  std::string backups;
  std::string keys_to;
  std::size_t keep = 0;
  bool with_root_key = false;
  bool list = false;
  bool quiet = false;

  api::Folders folders() const { return {common.data, common.keys, backups}; }
};

struct ServerRefusal {
  std::string title;
  std::optional<std::string> detail;
  static void describe(FieldVisitor& v, ServerRefusal& r) {
    v.shown("title", r.title, "");
    v.shown("detail", r.detail, "", at_most(10'000));
  }
};

std::string line_of(const LogBackup& backup) {
  return "backup " + std::to_string(backup.id) + ": " + to_string(backup.created) + ", " +
         with_thousands(backup.head.value()) + " events, " +
         with_thousands(static_cast<std::uint64_t>(backup.bytes)) + " bytes, of them new " +
         with_thousands(static_cast<std::uint64_t>(std::max<std::int64_t>(backup.new_bytes, 0))) +
         ", root " + backup.root + ", log " + backup.log_id.to_string() + ", verified " +
         to_string(backup.verified) + "\n";
}

Error refusal_of(const api::HttpAnswer& answer) {
  const auto refusal = from_json<ServerRefusal>(answer.body, {.stored = true});
  if (!refusal) {
    return {ErrorCode::unavailable,
            "the server answers with status " + std::to_string(answer.status),
            {},
            {},
            0};
  }
  return {ErrorCode::unavailable,
          "the server says: " + refusal->detail.value_or(refusal->title),
          {},
          {},
          0};
}

Result<BackupRun> run_of(const api::HttpAnswer& answer, int status) {
  if (answer.status != status) return fail(refusal_of(answer));
  const auto run = from_json<BackupRun>(answer.body, {.stored = true});
  if (!run) return fail(ErrorCode::unavailable, "the server tells nothing of the backup");
  return *run;
}

Result<BackupRun> begin_at_server(const BackupArguments& arguments, const ServingAt& server) {
  std::string body = "{\"log_id\":\"" + server.served.log_id.to_string() + "\",\"run\":\"" +
                     server.served.run.to_string() + "\"";
  if (arguments.keep > 0) body += ",\"keep\":" + std::to_string(arguments.keep);
  FACTUM_TRY(const auto begun, api::http_call({.address = server.address,
                                               .port = server.port,
                                               .method = "POST",
                                               .target = "/v1/backups",
                                               .body = body + "}"}));
  return run_of(begun, 202);
}

Result<BackupRun> ask_server(const ServingAt& server) {
  FACTUM_TRY(const auto answer,
             api::http_call(
                 {.address = server.address, .port = server.port, .target = "/v1/backups/last"}));
  return run_of(answer, 200);
}

// The run that was begun, at its end; the question is asked again where it was not answered.
Result<BackupRun> wait_for_end(const ServingAt& server, const BackupRun& begun,
                               const Interrupt& interrupt, const WorkWatch& watch) {
  auto answered = std::chrono::steady_clock::now();
  while (!interrupt.wait_for(kAskEvery)) {
    auto run = ask_server(server);
    if (!run) {
      if (std::chrono::steady_clock::now() - answered < kSilenceMax) continue;
      return fail(ErrorCode::unavailable,
                  "the server does not tell any more how the backup stands; --list shows whether "
                  "it was made (" +
                      run.error().message + ")");
    }
    answered = std::chrono::steady_clock::now();
    if (run->started != begun.started) {
      return fail(ErrorCode::unavailable,
                  "the server has begun another backup since, or was started again; --list shows "
                  "what was made");
    }
    if (!run->running) return std::move(*run);
    watch.on_progress(run->doing, static_cast<std::uint64_t>(run->done),
                      static_cast<std::uint64_t>(run->total));
  }
  return fail(ErrorCode::unavailable, "the server goes on with the backup; --list shows it");
}

// The server makes the backup; here somebody waits for it, and looks at what was made.
Result<LogBackup> backup_by_server(const BackupArguments& arguments, const ServingAt& server,
                                   const Interrupt& interrupt, const WorkWatch& watch) {
  FACTUM_TRY(const BackupRun begun, begin_at_server(arguments, server));
  FACTUM_TRY(const BackupRun run, wait_for_end(server, begun, interrupt, watch));
  if (!run.failure.empty()) return fail(ErrorCode::io_error, run.failure);
  FACTUM_TRY(const auto backups, api::list_backups(server.backups));
  const auto made = std::find_if(backups.begin(), backups.end(), [&](const LogBackup& backup) {
    return backup.id == run.id.value_or(0);
  });
  if (made == backups.end())
    return fail(ErrorCode::not_found, "the server's backup is not in " + server.backups);
  if (made->log_id != server.served.log_id || made->created < begun.started) {
    return fail(ErrorCode::corrupt, "backup " + std::to_string(made->id) + " in " + server.backups +
                                        " is not the one the server made");
  }
  return *made;
}

Status check_same_folder(const BackupArguments& arguments, const ServingAt& server) {
  std::error_code failed;
  if (arguments.backups.empty() || std::filesystem::weakly_canonical(arguments.backups, failed) ==
                                       std::filesystem::weakly_canonical(server.backups, failed))
    return {};
  return fail(ErrorCode::invalid_argument, "the running server makes its backups in " +
                                               server.backups +
                                               "; leave --backups away, or stop it first");
}

Result<LogBackup> make_one(const BackupArguments& arguments, const Interrupt& interrupt,
                           const WorkWatch& watch) {
  auto made = api::make_backup(arguments.folders(), watch);
  if (made || made.error().code != ErrorCode::locked) {
    if (made && arguments.keep > 0) {
      FACTUM_CHECK(api::keep_backups(arguments.folders().backups_or_default(), arguments.keep));
    }
    return made;
  }
  const auto server = read_serving_file(arguments.common.data);
  if (!server) return made;
  FACTUM_CHECK(check_same_folder(arguments, *server));
  return backup_by_server(arguments, *server, interrupt, watch);
}

ExitCode make(const BackupArguments& arguments) {
  const Interrupt interrupt;
  WorkProgress progress(arguments.quiet, interrupt);
  const auto made = make_one(arguments, interrupt, progress.watch());
  progress.clear();
  if (!made && interrupt.flag()) {
    print_error("factum: " + made.error().message + "\n");
    return ExitCode::interrupted;
  }
  if (!made) return report(made.error());
  print(line_of(*made));
  return ExitCode::ok;
}

ExitCode list(const BackupArguments& arguments) {
  const auto backups = api::list_backups(arguments.folders().backups_or_default());
  if (!backups) return report(backups.error());
  for (const LogBackup& backup : *backups) print(line_of(backup));
  if (backups->empty()) print_error("factum: there is no backup yet\n");
  return ExitCode::ok;
}

ExitCode copy_keys(const BackupArguments& arguments) {
  const auto copied =
      api::back_up_keys(arguments.folders(), arguments.keys_to, arguments.with_root_key);
  if (!copied) return report(copied.error());
  print(with_thousands(copied->keys) + " keys copied to " + arguments.keys_to +
        (arguments.with_root_key ? ", with the root key if it is a file\n"
                                 : ", without the root key\n"));
  if (copied->damaged == 0) return ExitCode::ok;
  return report({ErrorCode::corrupt,
                 std::to_string(copied->damaged) +
                     " slots of the keys do not read; look for an older copy of the keys",
                 {},
                 {},
                 0});
}

ExitCode run_backup(const BackupArguments& arguments) {
  if (!arguments.keys_to.empty()) return copy_keys(arguments);
  return arguments.list ? list(arguments) : make(arguments);
}

}  // namespace

void add_backup(CLI::App& parent, Action& chosen) {
  CLI::App* command = parent.add_subcommand(
      "backup", "Makes a verified, incremental backup of the log, also of a running server's");
  auto arguments = std::make_shared<BackupArguments>();
  add_common(*command, arguments->common);
  command
      ->add_option("--backups", arguments->backups,
                   "Folder of the backups, apart from data and keys; default: the data folder's "
                   "name with .backups")
      ->envname("FACTUM_BACKUPS");
  CLI::Option* list =
      command->add_flag("--list", arguments->list, "Lists the backups and makes none");
  command
      ->add_option("--keep", arguments->keep,
                   "Drops older backups afterwards so that this many are left")
      ->envname("FACTUM_KEEP")
      ->check(&refuse_unless_digits)
      ->check(CLI::Range(1, 1'000'000));
  CLI::Option* keys_to =
      command
          ->add_option("--keys-to", arguments->keys_to,
                       "Copies the keys into this new folder instead; never beside backups of "
                       "the log")
          ->excludes(list);
  command
      ->add_flag("--with-root-key", arguments->with_root_key,
                 "The copied keys include root.key: whoever has them and the log reads everything")
      ->needs(keys_to);
  command->add_flag("--quiet", arguments->quiet, "No progress")->envname("FACTUM_QUIET");
  command->callback(
      [arguments, &chosen] { chosen = [arguments] { return run_backup(*arguments); }; });
}

}  // namespace factum::cli
