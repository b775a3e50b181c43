#include "api/app_doctor.hpp"
#include "api/cli/cli.hpp"
#include "api/cli/interrupt.hpp"
#include "api/cli/work_progress.hpp"
#include "core/es/json_writer.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <memory>

namespace factum::cli {
namespace {

struct DoctorArguments {
  CommonOptions common;
  std::string backups;
  bool quick = false;
  bool json = false;
  bool quiet = false;
};

std::string json_line(const api::Finding& finding) {
  std::string line = "{\"check\":";
  append_json_string(line, finding.check);
  line += ",\"health\":";
  append_json_string(line, to_string(finding.health));
  line += ",\"text\":";
  append_json_string(line, finding.text);
  if (!finding.advice.empty()) {
    line += ",\"advice\":";
    append_json_string(line, finding.advice);
  }
  return line + "}\n";
}

std::string text_line(const api::Finding& finding) {
  constexpr std::size_t kHealthWidth = 10;
  constexpr std::size_t kCheckWidth = 13;
  std::string line(to_string(finding.health));
  line.resize(kHealthWidth, ' ');
  line += finding.check;
  line.resize(std::max(line.size(), kHealthWidth + kCheckWidth), ' ');
  line += finding.text;
  return line + (finding.advice.empty() ? "" : " — " + finding.advice) + "\n";
}

ExitCode run_doctor(const DoctorArguments& arguments) {
  const Interrupt interrupt;
  WorkProgress progress(arguments.quiet || arguments.json, interrupt);
  api::DoctorOptions options;
  options.folders = {arguments.common.data, arguments.common.keys, arguments.backups};
  options.root_key_hex = app_options_of(arguments.common, Views::rest, NewLog::refuse).root_key_hex;
  options.quick = arguments.quick;
  auto worst = api::Health::ok;
  api::examine(options, progress.watch(), [&](const api::Finding& finding) {
    worst = std::max(worst, finding.health);
    progress.clear();
    print(arguments.json ? json_line(finding) : text_line(finding));
  });
  if (interrupt.flag()) return ExitCode::interrupted;
  return worst == api::Health::error ? ExitCode::damaged : ExitCode::ok;
}

}  // namespace

void add_doctor(CLI::App& parent, Action& chosen) {
  CLI::App* command = parent.add_subcommand(
      "doctor",
      "Looks a data folder over, changes nothing, and says what to do; ends with 4 if "
      "something is wrong");
  auto arguments = std::make_shared<DoctorArguments>();
  add_common(*command, arguments->common);
  command
      ->add_option("--backups", arguments->backups,
                   "Folder of the backups; default: the data folder's name with .backups")
      ->envname("FACTUM_BACKUPS");
  command->add_flag("--quick", arguments->quick, "Leaves out what reads every byte of the log");
  command->add_flag("--json", arguments->json, "One JSON object per line");
  command->add_flag("--quiet", arguments->quiet, "No progress")->envname("FACTUM_QUIET");
  command->callback(
      [arguments, &chosen] { chosen = [arguments] { return run_doctor(*arguments); }; });
}

}  // namespace factum::cli
