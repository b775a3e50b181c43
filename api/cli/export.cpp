#include "api/app_export.hpp"
#include "api/cli/cli.hpp"
#include "api/cli/interrupt.hpp"
#include "api/cli/work_progress.hpp"
#include "api/import/progress.hpp"

#include <CLI/CLI.hpp>

#include <memory>

namespace factum::cli {
namespace {

struct ExportArguments {
  api::LogPlace place;
  std::string out;
  std::string vkey;
  bool ciphertexts = false;
  bool quiet = false;
};

ExitCode export_bundle(const ExportArguments& arguments) {
  const Interrupt interrupt;
  WorkProgress progress(arguments.quiet, interrupt);
  api::ExportOptions options;
  options.out = arguments.out;
  options.vkey = arguments.vkey;
  options.ciphertexts = arguments.ciphertexts;
  options.stop = &interrupt.flag();
  options.on_progress = [&](std::uint64_t done, std::uint64_t total) {
    progress.update("events", done, total);
  };
  const auto events = api::export_log(arguments.place, options);
  progress.clear();
  if (interrupt.flag()) return ExitCode::interrupted;
  if (!events) return report(events.error());
  print(importing::with_thousands(*events) + " events in " + arguments.out +
        "; check it with: factum verify --bundle " + arguments.out + " --vkey KEY\n");
  return ExitCode::ok;
}

struct CheckpointArguments {
  CommonOptions common;
  bool rotate_key = false;
};

ExitCode print_checkpoint(const CheckpointArguments& arguments) {
  if (arguments.rotate_key) {
    const auto rotated =
        api::rotate_signing_key(app_options_of(arguments.common, Views::rest, NewLog::refuse));
    if (!rotated) return report(rotated.error());
  }
  const auto newest = api::newest_checkpoint(arguments.common.data);
  if (!newest) return report(newest.error());
  print("vkey " + newest->vkey + "\n\n" + newest->note);
  return ExitCode::ok;
}

}  // namespace

void add_export(CLI::App& parent, Action& chosen) {
  CLI::App* command = parent.add_subcommand(
      "export", "Writes all that an auditor needs into a ZIP file or a folder");
  auto arguments = std::make_shared<ExportArguments>();
  add_log_place(*command, arguments->place);
  command
      ->add_option(
          "--out", arguments->out,
          "A ZIP file if it ends in .zip, else a folder, where a broken-off export goes on "
          "and an old one grows")
      ->required();
  command->add_option("--vkey", arguments->vkey, "The key of the log; default: its own word")
      ->envname("FACTUM_VKEY");
  command->add_flag("--with-ciphertexts", arguments->ciphertexts, "Sealed data too");
  command->add_flag("--quiet", arguments->quiet, "No progress")->envname("FACTUM_QUIET");
  command->callback(
      [arguments, &chosen] { chosen = [arguments] { return export_bundle(*arguments); }; });
}

void add_checkpoint(CLI::App& parent, Action& chosen) {
  CLI::App* command = parent.add_subcommand(
      "checkpoint", "Prints the newest signed checkpoint and the key, to be mailed or archived");
  auto arguments = std::make_shared<CheckpointArguments>();
  add_common(*command, arguments->common);
  command->add_flag("--rotate-key", arguments->rotate_key,
                    "Hand the signing over to a new key first, while no server has the folder "
                    "open; auditors follow from the key they know");
  command->callback(
      [arguments, &chosen] { chosen = [arguments] { return print_checkpoint(*arguments); }; });
}

}  // namespace factum::cli
