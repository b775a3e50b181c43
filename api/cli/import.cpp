#include "api/cli/cli.hpp"
#include "api/cli/interrupt.hpp"
#include "api/import/import_files.hpp"
#include "core/crm/catalog.hpp"

#include <CLI/CLI.hpp>

#include <memory>

namespace factum::cli {
namespace {

struct ImportArguments {
  CommonOptions common;
  importing::ImportOptions import;
};

ExitCode run_import(const ImportArguments& arguments) {
  const Interrupt interrupt;
  // A slip of the pen leaves no empty data folder.
  if (auto checked = importing::check_import(arguments.import); !checked)
    return report(checked.error());
  auto app = open(arguments.common, Views::rest, NewLog::make);
  if (!app) return report(app.error());
  const importing::ImportParts parts{(*app)->services().bus, crm::command_catalog(), print_error,
                                     errors_reach_terminal(), &interrupt.flag()};
  const auto counts = importing::import_files(arguments.import, parts);
  if (!counts && interrupt.flag()) {
    print_error("factum: stopped; the same import goes on where it was\n");
    return ExitCode::interrupted;
  }
  if (!counts) return report(counts.error());
  print(importing::render_counts(*counts, arguments.import.dry_run));
  const bool complete = counts->facts_rejected == 0 && counts->rows_rejected == 0;
  return complete ? ExitCode::ok : ExitCode::rejected;
}

}  // namespace

void add_import(CLI::App& parent, Action& chosen) {
  CLI::App* command = parent.add_subcommand(
      "import", "Records history from CSV files; the same files again change nothing");
  auto arguments = std::make_shared<ImportArguments>();
  add_common(*command, arguments->common);
  importing::ImportOptions& import = arguments->import;
  command->add_option("--profile", import.profile, "Name of a built-in profile, or a JSON file")
      ->envname("FACTUM_PROFILE")
      ->required();
  command->add_option("files", import.files, "Files, ROLE=FILE, or a folder that holds them")
      ->required();
  command->add_option("--encoding", import.encoding, "auto, utf-8 or gb18030")
      ->envname("FACTUM_ENCODING");
  command
      ->add_option("--rejects", import.rejects,
                   "Writes what was left out to this CSV file: line, column and rule, no values")
      ->envname("FACTUM_REJECTS");
  command->add_flag("--dry-run", import.dry_run, "Everything but the recording")
      ->envname("FACTUM_DRY_RUN");
  command->add_flag("--quiet", import.quiet, "No progress")->envname("FACTUM_QUIET");
  command->callback(
      [arguments, &chosen] { chosen = [arguments] { return run_import(*arguments); }; });
}

}  // namespace factum::cli
