#include "api/cli/cli.hpp"
#include "api/cli/interrupt.hpp"
#include "api/cli/work_progress.hpp"
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

// Views that are missing or of another version are being built since the folder was opened: that
// is their rebuild.
std::vector<projections::ViewStatus> first_builds(const std::vector<std::string>& views,
                                                  const projections::Projector& projector) {
  auto building = projector.status();
  std::erase_if(building, [&](const projections::ViewStatus& status) {
    return !status.rebuilding || std::find(views.begin(), views.end(), status.name) == views.end();
  });
  return building;
}

Status rebuild_all(std::vector<std::string> views, projections::Projector& projector,
                   const WorkWatch& watch, const Interrupt& interrupt) {
  const std::vector<std::string> all = views;
  for (auto building = first_builds(all, projector); !building.empty() && !interrupt.flag();
       building = first_builds(all, projector)) {
    for (const projections::ViewStatus& first : building) std::erase(views, first.name);
    watch.on_progress("folding events", building.front().rebuild_position.value(),
                      building.front().rebuild_target.value());
    interrupt.wait_for(kLookEvery);
  }
  if (interrupt.flag())
    return fail(ErrorCode::unavailable, "stopped; the next start goes on building the views");
  if (views.empty()) return {};
  return projector.rebuild(views, watch);
}

ExitCode rebuild(const RebuildArguments& arguments) {
  const Interrupt interrupt;
  auto app = open(arguments.common, Views::follow, NewLog::refuse);
  if (!app) return report(app.error());
  projections::Projector& projector = (*app)->services().projector;
  const auto views = chosen_views(arguments, projector);
  if (!views) return report(views.error());
  const std::string what =
      views->size() == 1 ? views->front() : std::to_string(views->size()) + " views";
  WorkProgress progress(arguments.quiet, interrupt);
  const Status rebuilt = rebuild_all(*views, projector, progress.watch(), interrupt);
  progress.clear();
  if (!rebuilt && interrupt.flag()) {
    print_error("factum: " + rebuilt.error().message + '\n');
    return ExitCode::interrupted;
  }
  if (!rebuilt) return report(rebuilt.error());
  print(what + ": " + importing::with_thousands((*app)->services().store.head().value()) +
        " events in " + std::to_string(progress.elapsed().count()) + " ms\n");
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
