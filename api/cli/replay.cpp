#include "api/cli/cli.hpp"
#include "api/cli/interrupt.hpp"
#include "api/event_json.hpp"
#include "api/event_query.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <memory>

namespace factum::cli {
namespace {

struct ReplayArguments {
  CommonOptions common;
  std::vector<std::string> types;
  std::vector<std::string> tags;
  std::uint64_t from = 1;
  std::uint64_t to = UINT64_MAX;
  std::string as_of;
  std::size_t limit = SIZE_MAX;
};

Result<Position> last_position(const ReplayArguments& arguments, const EventStore& store) {
  const Position last(std::min(arguments.to, store.head().value()));
  if (arguments.as_of.empty()) return last;
  FACTUM_TRY(const Timestamp instant, parse_timestamp(arguments.as_of));
  FACTUM_TRY(const Position recorded, store.position_at(instant));
  return std::min(last, recorded);
}

Status write_events(const ReplayArguments& arguments, const api::Services& services,
                    const Interrupt& interrupt) {
  const EventStore& store = services.store;
  FACTUM_CHECK(api::check_types(services.codec, arguments.types, "--type"));
  ReadOptions options;
  if (arguments.from > arguments.to)
    return fail(ErrorCode::invalid_argument, "--from lies after --to; both are positions");
  options.from = Position(arguments.from);
  FACTUM_TRY(options.to, last_position(arguments, store));
  options.limit = arguments.limit;
  options.with_slots = false;
  const bool everything = arguments.types.empty() && arguments.tags.empty();
  api::EventPages pages(store, everything ? Query{} : Query{{{arguments.types, arguments.tags}}},
                        options);
  while (!interrupt.flag()) {
    FACTUM_TRY(const auto events, pages.next());
    if (events.empty()) return {};
    std::string lines;
    for (const RecordedEvent& event : events) {
      api::append_event_json(lines, event);
      lines.push_back('\n');
    }
    if (!print(lines)) return {};
  }
  return {};
}

ExitCode replay(const ReplayArguments& arguments) {
  const Interrupt interrupt;
  auto app = open(arguments.common, Views::rest, NewLog::refuse);
  if (!app) return report(app.error());
  if (auto written = write_events(arguments, (*app)->services(), interrupt); !written)
    return report(written.error());
  return interrupt.flag() ? ExitCode::interrupted : ExitCode::ok;
}

}  // namespace

void add_replay(CLI::App& parent, Action& chosen) {
  CLI::App* command = parent.add_subcommand(
      "replay", "Prints the events of the log as lines of JSON, oldest first");
  auto arguments = std::make_shared<ReplayArguments>();
  add_common(*command, arguments->common);
  command->add_option("--type", arguments->types, "Only events of these types, separated by commas")
      ->envname("FACTUM_TYPE")
      ->delimiter(',');
  command
      ->add_option("--tag", arguments->tags,
                   "Only events about all of these, kind:id, separated by commas")
      ->envname("FACTUM_TAG")
      ->delimiter(',');
  command->add_option("--from", arguments->from, "First position")
      ->envname("FACTUM_FROM")
      ->check(&refuse_unless_digits)
      ->capture_default_str();
  command->add_option("--to", arguments->to, "Last position; default: the head")
      ->envname("FACTUM_TO")
      ->check(&refuse_unless_digits);
  command
      ->add_option("--as-of", arguments->as_of,
                   "Only what was recorded up to this instant, RFC 3339")
      ->envname("FACTUM_AS_OF");
  command->add_option("--limit", arguments->limit, "At most this many events")
      ->envname("FACTUM_LIMIT")
      ->check(&refuse_unless_digits);
  command->callback([arguments, &chosen] { chosen = [arguments] { return replay(*arguments); }; });
}

}  // namespace factum::cli
