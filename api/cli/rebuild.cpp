#include "api/cli/cli.hpp"
#include "api/cli/interrupt.hpp"
#include "api/import/progress.hpp"
#include "projections/projector.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <chrono>
#include <memory>

namespace factum::cli {
namespace {

constexpr std::chrono::milliseconds kLookEvery{50};

struct RebuildArguments {
  CommonOptions common;
  std::vector<std::string> views;
  bool quiet = false;
};

Result<std::vector<std::string>> chosen_views(const RebuildArguments& arguments,
                                              const projections::Projector& projector) {
  std::vector<std::string> known;
  for (const auto& status : projector.status()) known.push_back(status.name);
  if (arguments.views.empty()) return known;
  for (const std::string& name : arguments.views) {
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    std::string names;
    for (const std::string& view : known) names += " " + view;
    return fail(ErrorCode::invalid_argument, "there is no view " + name + "; there are:" + names);
  }
  return arguments.views;
}

// A view that is missing or of another version is being built since the folder was opened: that is
// the rebuild. True once that is done; false at once if there is nothing to wait for.
bool await_first_build(const std::string& view, const projections::Projector& projector,
                       const Interrupt& interrupt,
                       const projections::RebuildProgress& on_progress) {
  const auto is_building = [&] {
    for (const projections::ViewStatus& status : projector.status()) {
      if (status.name != view || !status.rebuilding) continue;
      on_progress(status.rebuild_position.value(), status.rebuild_target.value());
      return true;
    }
    return false;
  };
  if (!is_building()) return false;
  while (is_building() && !interrupt.wait_for(kLookEvery)) continue;
  return true;
}

Status rebuild_one(const std::string& view, std::uint64_t events, projections::Projector& projector,
                   bool quiet, const Interrupt& interrupt) {
  importing::Progress progress(print_error, errors_reach_terminal(), quiet);
  const auto began = importing::Progress::Clock::now();
  const auto elapsed = [&] {
    return std::chrono::duration_cast<std::chrono::milliseconds>(importing::Progress::Clock::now() -
                                                                 began);
  };
  const auto on_progress = [&](std::uint64_t done, std::uint64_t total) {
    progress.update({view, done, done, total, elapsed()});
  };
  Status rebuilt;
  if (!await_first_build(view, projector, interrupt, on_progress))
    rebuilt = projector.rebuild(view, on_progress, [&] { return interrupt.flag().load(); });
  progress.clear();
  if (!rebuilt) return rebuilt;
  print(view + ": " + importing::with_thousands(events) + " events in " +
        std::to_string(elapsed().count()) + " ms\n");
  return {};
}

ExitCode rebuild(const RebuildArguments& arguments) {
  const Interrupt interrupt;
  auto app = open(arguments.common, Views::follow, NewLog::refuse);
  if (!app) return report(app.error());
  projections::Projector& projector = (*app)->services().projector;
  const auto views = chosen_views(arguments, projector);
  if (!views) return report(views.error());
  for (const std::string& view : *views) {
    auto rebuilt = rebuild_one(view, (*app)->services().store.head().value(), projector,
                               arguments.quiet, interrupt);
    if (interrupt.flag()) return ExitCode::interrupted;
    if (!rebuilt) return report(rebuilt.error());
  }
  return ExitCode::ok;
}

}  // namespace

void add_rebuild(CLI::App& parent, Action& chosen) {
  CLI::App* command =
      parent.add_subcommand("rebuild", "Builds views anew from the log and switches to them");
  auto arguments = std::make_shared<RebuildArguments>();
  add_common(*command, arguments->common);
  command
      ->add_option("--view", arguments->views,
                   "Only these views, separated by commas; default: all")
      ->envname("FACTUM_VIEW")
      ->delimiter(',');
  command->add_flag("--quiet", arguments->quiet, "No progress")->envname("FACTUM_QUIET");
  command->callback([arguments, &chosen] { chosen = [arguments] { return rebuild(*arguments); }; });
}

}  // namespace factum::cli
