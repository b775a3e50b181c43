#include "api/cli/cli.hpp"
#include "api/cli/event_csv.hpp"
#include "api/cli/interrupt.hpp"
#include "api/cli/replay_view.hpp"
#include "api/event_json.hpp"
#include "api/event_lines.hpp"
#include "api/event_query.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <map>
#include <memory>

namespace factum::cli {
namespace {

struct ReplayArguments {
  CommonOptions common;
  std::vector<std::string> types;
  std::vector<std::string> tags;
  std::string actor;
  std::uint64_t from = 1;
  std::uint64_t to = UINT64_MAX;
  std::string since;
  std::string until;
  std::string as_of;
  std::size_t limit = SIZE_MAX;
  ReplayFormat format = ReplayFormat::ndjson;
  std::string view;
  std::string every = "1d";
  std::string what_if;
};

struct Bounds {
  Position first;
  Position last;  // smaller than `first`: nothing lies between
};

// The instant just before another: bounds are inclusive below and exclusive above.
Result<Position> last_before(const std::string& instant, const EventStore& store) {
  FACTUM_TRY(const Timestamp at, parse_timestamp(instant));
  return store.position_at(Timestamp(at.value() - 1));
}

// A tag that no event can have is a mistake.
Status check_tags(const std::vector<std::string>& tags) {
  for (const std::string& tag : tags) {
    const std::size_t colon = tag.find(':');
    if (colon == std::string::npos || colon == 0 || colon + 1 == tag.size())
      return fail(ErrorCode::invalid_argument, "--tag must be kind:id, which this is not: " + tag);
  }
  return {};
}

Result<Bounds> bounds_of(const ReplayArguments& arguments, const EventStore& store, Timestamp now) {
  if (arguments.from > arguments.to)
    return fail(ErrorCode::invalid_argument, "--from lies after --to; both are positions");
  Bounds bounds{Position(std::max<std::uint64_t>(arguments.from, 1)),
                Position(std::min(arguments.to, store.head().value()))};
  if (!arguments.since.empty()) {
    FACTUM_TRY(const Position before, last_before(arguments.since, store));
    bounds.first = std::max(bounds.first, Position(before.value() + 1));
  }
  if (!arguments.until.empty()) {
    FACTUM_TRY(const Position last, last_before(arguments.until, store));
    bounds.last = std::min(bounds.last, last);
  }
  if (!arguments.as_of.empty()) {
    FACTUM_TRY(const Timestamp instant, parse_timestamp(arguments.as_of));
    if (instant > now) return fail(ErrorCode::invalid_argument, "--as-of has not come yet");
    FACTUM_TRY(const Position recorded, store.position_at(instant));
    bounds.last = std::min(bounds.last, recorded);
  }
  return bounds;
}

void append_csv(std::string& out, const RecordedEvent& event) { out += event_csv_line(event); }

void append_json(std::string& out, const RecordedEvent& event) {
  api::append_event_json(out, event);
  out.push_back('\n');
}

Status write_events(const ReplayArguments& arguments, const api::Services& services,
                    const Interrupt& interrupt) {
  const EventStore& store = services.store;
  FACTUM_CHECK(api::check_types(services.codec, arguments.types, "--type"));
  FACTUM_CHECK(check_tags(arguments.tags));
  FACTUM_TRY(const Bounds bounds, bounds_of(arguments, store, services.clock.now()));
  const bool everything = arguments.types.empty() && arguments.tags.empty();
  const bool csv = arguments.format == ReplayFormat::csv;
  api::EventLines lines(store,
                        {.query = everything ? Query{} : Query{{{arguments.types, arguments.tags}}},
                         .actor = arguments.actor,
                         .first = bounds.first,
                         .last = bounds.last,
                         .limit = arguments.limit},
                        csv ? append_csv : append_json);
  if (csv && !print(event_csv_header())) return {};
  while (!interrupt.flag()) {
    FACTUM_TRY(const auto text, lines.next());
    if (!text || !print(*text)) return {};
  }
  return {};
}

Status write_view(const ReplayArguments& arguments, api::App& app, const Interrupt& interrupt) {
  const api::Services& services = app.services();
  FACTUM_TRY(const Bounds bounds, bounds_of(arguments, services.store, services.clock.now()));
  if (bounds.first > bounds.last) return {};
  return replay_view(app,
                     {.target = arguments.view,
                      .every = arguments.every,
                      .from = bounds.first,
                      .to = bounds.last,
                      .what_if = arguments.what_if,
                      .format = arguments.format},
                     interrupt);
}

ExitCode replay(const ReplayArguments& arguments) {
  const Interrupt interrupt;
  const bool of_view = !arguments.view.empty();
  auto app = open(arguments.common, of_view ? Views::follow : Views::rest, NewLog::refuse);
  if (!app) return report(app.error());
  const Status written = of_view ? write_view(arguments, **app, interrupt)
                                 : write_events(arguments, (*app)->services(), interrupt);
  if (interrupt.flag()) return ExitCode::interrupted;
  return written ? ExitCode::ok : report(written.error());
}

void add_filters(CLI::App& command, ReplayArguments& arguments) {
  command.add_option("--type", arguments.types, "Only events of these types, separated by commas")
      ->envname("FACTUM_TYPE")
      ->delimiter(',');
  command
      .add_option("--tag", arguments.tags,
                  "Only events about all of these, kind:id, separated by commas")
      ->envname("FACTUM_TAG")
      ->delimiter(',');
  command
      .add_option("--actor", arguments.actor, "Only events that this one caused, e.g. user:<id>")
      ->envname("FACTUM_ACTOR");
  command.add_option("--from", arguments.from, "First position")
      ->envname("FACTUM_FROM")
      ->check(&refuse_unless_digits)
      ->capture_default_str();
  command.add_option("--to", arguments.to, "Last position; default: the head")
      ->envname("FACTUM_TO")
      ->check(&refuse_unless_digits);
  command
      .add_option("--since", arguments.since, "Only what was recorded at or after this, RFC 3339")
      ->envname("FACTUM_SINCE");
  command.add_option("--until", arguments.until, "Only what was recorded before this, RFC 3339")
      ->envname("FACTUM_UNTIL");
  command
      .add_option("--as-of", arguments.as_of, "Only what was recorded up to this instant, RFC 3339")
      ->envname("FACTUM_AS_OF");
  command.add_option("--limit", arguments.limit, "At most this many events")
      ->envname("FACTUM_LIMIT")
      ->check(&refuse_unless_digits);
}

void add_views(CLI::App& command, ReplayArguments& arguments) {
  CLI::Option* view =
      command
          .add_option("--view", arguments.view,
                      "Not events, but the answers of this view from moment to moment: the path of "
                      "a GET, e.g. /v1/revenue?country=DE")
          ->envname("FACTUM_REPLAY_VIEW");
  for (const char* filter : {"--type", "--tag", "--actor", "--limit"}) view->excludes(filter);
  command
      .add_option("--every", arguments.every,
                  "Step between moments: a number of events, or 30m, 12h, 1d (of UTC)")
      ->envname("FACTUM_EVERY")
      ->capture_default_str()
      ->needs(view);
  command
      .add_option("--what-if", arguments.what_if,
                  "A file with other chances of stages; each answer stands beside the one that "
                  "would have been: {\"pipelines\": [{\"pipeline\": \"<id>\", \"stages\": "
                  "[{\"key\": \"lead\", \"probability\": 40}]}]}")
      ->envname("FACTUM_WHAT_IF")
      ->needs(view);
}

}  // namespace

void add_replay(CLI::App& parent, Action& chosen) {
  CLI::App* command = parent.add_subcommand(
      "replay", "Prints the events of the log, or how a view went, oldest first");
  auto arguments = std::make_shared<ReplayArguments>();
  add_common(*command, arguments->common);
  add_filters(*command, *arguments);
  add_views(*command, *arguments);
  const std::map<std::string, ReplayFormat> formats{{"ndjson", ReplayFormat::ndjson},
                                                    {"csv", ReplayFormat::csv}};
  command->add_option("--format", arguments->format, "Lines of JSON, or a table (RFC 4180)")
      ->envname("FACTUM_FORMAT")
      ->transform(CLI::CheckedTransformer(formats).description("ndjson or csv"))
      ->default_str("ndjson");
  command->callback([arguments, &chosen] { chosen = [arguments] { return replay(*arguments); }; });
}

}  // namespace factum::cli
