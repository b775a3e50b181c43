#include "api/app_files.hpp"
#include "api/app_verify.hpp"
#include "api/cli/cli.hpp"
#include "api/cli/interrupt.hpp"
#include "api/cli/verify_report.hpp"
#include "api/cli/work_progress.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <memory>
#include <thread>

namespace factum::cli {
namespace {

constexpr std::size_t kHeldBytesMax = std::size_t{1} << 16;

struct VerifyArguments {
  api::LogPlace place;
  std::string vkey;
  std::string held;
  bool list_destroyed = false;
  bool json = false;
  bool quiet = false;
};

Result<std::string> read_held(const std::string& path) {
  auto note = api::read_named_file(path, kHeldBytesMax);
  if (note && !note->empty()) return note;
  return fail(ErrorCode::io_error, "cannot read a checkpoint from " + path);
}

Result<LogVerdict> check(const VerifyArguments& arguments, const Interrupt& interrupt) {
  VerifyOptions options;
  options.vkey = arguments.vkey;
  options.list_destroyed = arguments.list_destroyed;
  options.threads = std::max(1U, std::thread::hardware_concurrency());
  options.stop = &interrupt.flag();
  if (!arguments.held.empty()) {
    FACTUM_TRY(options.held, read_held(arguments.held));
  }
  WorkProgress progress(arguments.quiet, interrupt);
  options.on_progress = [&](std::uint64_t done, std::uint64_t total) {
    progress.update("events", done, total);
  };
  auto verdict = api::verify_log(arguments.place, options);
  progress.clear();
  return verdict;
}

ExitCode verify(const VerifyArguments& arguments) {
  const Interrupt interrupt;
  const auto verdict = check(arguments, interrupt);
  if (interrupt.flag()) return ExitCode::interrupted;
  if (!verdict) return report(verdict.error());
  print(arguments.json ? verdict_json(*verdict) : verdict_text(*verdict));
  return verdict->good() ? ExitCode::ok : ExitCode::unverified;
}

}  // namespace

void add_verify(CLI::App& parent, Action& chosen) {
  CLI::App* command = parent.add_subcommand(
      "verify", "Checks that nothing in a log was changed, dropped or slipped in");
  auto arguments = std::make_shared<VerifyArguments>();
  CLI::Option* const url = add_log_place(*command, arguments->place);
  command
      ->add_option("--bundle", arguments->place.bundle, "A ZIP file or folder of an export instead")
      ->excludes(url);
  command
      ->add_option("--vkey", arguments->vkey,
                   "The key of the log, from elsewhere than the log; without it the log's own "
                   "word is taken")
      ->envname("FACTUM_VKEY");
  command->add_option("--held", arguments->held,
                      "File with a checkpoint of the log that you hold from earlier");
  command->add_flag("--list-destroyed", arguments->list_destroyed,
                    "List the positions of destroyed ciphertexts");
  command->add_flag("--json", arguments->json, "The report as JSON");
  command->add_flag("--quiet", arguments->quiet, "No progress")->envname("FACTUM_QUIET");
  command->callback([arguments, &chosen] { chosen = [arguments] { return verify(*arguments); }; });
}

}  // namespace factum::cli
