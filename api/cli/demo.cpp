#include "api/cli/cli.hpp"
#include "api/cli/interrupt.hpp"
#include "api/cli/work_progress.hpp"
#include "api/demo/demo_writer.hpp"

#include <CLI/CLI.hpp>

#include <memory>

namespace factum::cli {
namespace {

struct DemoArguments {
  CommonOptions common;
  std::uint64_t seed = 1;
  std::size_t size = 200;
  std::string until = "2026-01-01";  // fixed, so that the same seed gives the same company
  bool quiet = false;
};

Result<demo::DemoResult> fill(const DemoArguments& arguments, api::Services& services,
                              const Interrupt& interrupt) {
  if (services.store.head() != Position{}) {
    return fail(ErrorCode::already_exists,
                "this log is not empty; demo data goes into a new folder: --data DIR");
  }
  FACTUM_TRY(const Date until, parse_date(arguments.until));
  WorkProgress progress(arguments.quiet, interrupt);
  const auto on_progress = [&](std::size_t done) {
    progress.update("customers", done, arguments.size);
    return !interrupt.flag();
  };
  auto result = demo::write_demo(services.bus, {arguments.seed, arguments.size, start_of(until)},
                                 on_progress);
  progress.clear();
  return result;
}

ExitCode run_demo(const DemoArguments& arguments) {
  const Interrupt interrupt;
  auto app = open(arguments.common, Views::rest, NewLog::make);
  if (!app) return report(app.error());
  const auto result = fill(arguments, (*app)->services(), interrupt);
  if (!result) return report(result.error());
  print(std::to_string(result->events) + " events\ncustomer " + result->customer.uuid.to_string() +
        "\npipeline " + result->pipeline.uuid.to_string() + "\n");
  return interrupt.flag() ? ExitCode::interrupted : ExitCode::ok;
}

}  // namespace

void add_demo(CLI::App& parent, Action& chosen) {
  CLI::App* command = parent.add_subcommand(
      "demo", "Fills an empty data folder with an invented company and a year of its life");
  auto arguments = std::make_shared<DemoArguments>();
  add_common(*command, arguments->common);
  command->add_option("--seed", arguments->seed, "The same seed gives the same company")
      ->envname("FACTUM_SEED")
      ->check(&refuse_unless_digits)
      ->capture_default_str();
  command->add_option("--size", arguments->size, "Number of customers, each about 25 events")
      ->envname("FACTUM_SIZE")
      ->check(&refuse_unless_digits)
      ->check(CLI::Range(1, 10'000'000))
      ->capture_default_str();
  command
      ->add_option("--until", arguments->until, "The day after the year that is shown, YYYY-MM-DD")
      ->envname("FACTUM_UNTIL")
      ->capture_default_str();
  command->add_flag("--quiet", arguments->quiet, "No progress")->envname("FACTUM_QUIET");
  command->callback(
      [arguments, &chosen] { chosen = [arguments] { return run_demo(*arguments); }; });
}

}  // namespace factum::cli
