#include "api/cli/replay_view.hpp"

#include "api/cli/cli.hpp"
#include "api/cli/what_if.hpp"
#include "api/import/csv_writer.hpp"
#include "api/json_pointer.hpp"
#include "api/routes.hpp"
#include "core/es/json_writer.hpp"
#include "projections/past_views.hpp"
#include "projections/projector.hpp"

#include <charconv>
#include <chrono>
#include <future>
#include <map>
#include <set>

namespace factum::cli {
namespace {

constexpr std::size_t kMomentsMax = 100'000;
constexpr std::chrono::seconds kCatchUp{600};

struct Moment {
  Position position;
  Timestamp at;
};

struct Line {
  Moment moment;
  std::string answer;
  std::string what_if;  // empty = not asked for
};

/// A step between moments: so many positions, or so many microseconds.
struct Step {
  std::uint64_t positions = 0;
  std::int64_t micros = 0;
};

Result<Step> parse_step(const std::string& text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const std::string unit(end, text.data() + text.size());
  constexpr std::uint64_t kMost = 1'000'000'000;
  if (error == std::errc{} && number > 0 && number <= kMost) {
    const auto count = static_cast<std::int64_t>(number);
    if (unit.empty()) return Step{number, 0};
    if (unit == "m") return Step{0, count * 60 * kMicrosPerSecond};
    if (unit == "h") return Step{0, count * 3600 * kMicrosPerSecond};
    if (unit == "d") return Step{0, count * kMicrosPerDay};
  }
  return fail(ErrorCode::invalid_argument,
              "--every must be a number of events, or a time such as 30m, 12h or 1d");
}

Result<Timestamp> recorded_at(const EventStore& store, Position position) {
  ReadOptions one{.from = position, .to = position, .limit = 1, .with_slots = false};
  FACTUM_TRY(const auto events, store.read({}, one));
  if (events.empty()) return fail(ErrorCode::corrupt, "an event is missing");
  return events.front().recorded_at;
}

// Every n-th position, and the last one.
Result<std::vector<Moment>> by_position(const EventStore& store, const ReplayView& wanted,
                                        std::uint64_t step) {
  std::vector<Moment> moments;
  std::uint64_t position = wanted.from.value();
  while (moments.size() <= kMomentsMax) {
    position = std::min(position, wanted.to.value());
    FACTUM_TRY(const Timestamp at, recorded_at(store, Position(position)));
    moments.push_back({Position(position), at});
    if (position == wanted.to.value()) break;
    position += step;
  }
  return moments;
}

// Each instant at which a step is over, and the last event.
Result<std::vector<Moment>> by_time(const EventStore& store, const ReplayView& wanted,
                                    std::int64_t step) {
  std::vector<Moment> moments;
  FACTUM_TRY(const Timestamp first, recorded_at(store, wanted.from));
  FACTUM_TRY(const Timestamp last, recorded_at(store, wanted.to));
  // Steps begin at whole days, hours or minutes of UTC.
  std::int64_t at = (first.value() / step + 1) * step;
  for (; at < last.value() && moments.size() <= kMomentsMax; at += step) {
    FACTUM_TRY(const Position position, store.position_at(Timestamp(at)));
    moments.push_back({position, Timestamp(at)});
  }
  moments.push_back({wanted.to, last});
  return moments;
}

Result<std::vector<Moment>> moments_of(const EventStore& store, const ReplayView& wanted) {
  FACTUM_TRY(const Step step, parse_step(wanted.every));
  FACTUM_TRY(auto moments, step.positions > 0 ? by_position(store, wanted, step.positions)
                                              : by_time(store, wanted, step.micros));
  if (moments.size() <= kMomentsMax) return moments;
  return fail(ErrorCode::limit_exceeded,
              "these are more than 100,000 moments; choose a larger --every or a shorter period");
}

// Asks a view as the API would.
Result<std::string> ask(api::Router& router, const std::string& target, Position as_of) {
  const std::size_t mark = std::min(target.find('?'), target.size());
  FACTUM_TRY(const auto match, router.find("GET", target.substr(0, mark)));
  if (match.route == nullptr || !match.route->as_of || match.route->explains)
    return fail(ErrorCode::invalid_argument,
                "--view must be the path of a view, such as /v1/revenue");
  const bool own_moment = target.find("as_of=", mark) != std::string::npos;
  if (own_moment)
    return fail(ErrorCode::invalid_argument, "--view has an as_of, which is what --every sets");
  auto call = std::make_shared<api::Call>();
  auto request = std::make_shared<api::HttpRequest>();
  request->method = "GET";
  request->path = target.substr(0, mark);
  request->query = mark < target.size() ? target.substr(mark + 1) + "&" : "";
  request->query += "as_of=" + std::to_string(as_of.value());
  request->post = [](const std::function<void()>& task) { task(); };
  call->request = request;
  call->route = match.route;
  call->path_values = match.path_values;
  FACTUM_TRY(call->query, api::decode_query(request->query));
  std::promise<api::HttpResponse> answered;
  match.route->handler(call,
                       [&](api::HttpResponse answer) { answered.set_value(std::move(answer)); });
  const api::HttpResponse answer = answered.get_future().get();
  if (answer.status == 200) return answer.body;
  if (answer.status == 404) return std::string("null");
  FACTUM_TRY(const std::string detail, api::json_at(answer.body, "/detail"));
  return fail(ErrorCode::invalid_argument, "the view refuses this: " + detail);
}

// The views catch up with the log first: what is behind cannot be asked.
Status catch_up(const api::Services& services, const Interrupt& interrupt) {
  const auto began = std::chrono::steady_clock::now();
  while (services.projector.position() < services.store.head()) {
    if (interrupt.wait_for(std::chrono::milliseconds(20)))
      return fail(ErrorCode::unavailable, "interrupted");
    if (std::chrono::steady_clock::now() - began > kCatchUp)
      return fail(ErrorCode::view_behind, "the views do not catch up; see factum rebuild");
  }
  return {};
}

std::string ndjson_line(const Line& line) {
  std::string json =
      "{\"position\":" + std::to_string(line.moment.position.value()) + ",\"as_of\":";
  append_json_string(json, to_string(line.moment.at));
  json += ",\"answer\":" + line.answer;
  if (!line.what_if.empty()) json += ",\"what_if\":" + line.what_if;
  return json + "}\n";
}

// One column per value of any answer, by its JSON Pointer; an absent value is empty.
std::string csv_of(const std::vector<Line>& lines) {
  std::vector<std::map<std::string, api::JsonLeaf>> rows;
  std::set<std::string> columns;
  for (const Line& line : lines) {
    auto& row = rows.emplace_back();
    for (api::JsonLeaf& leaf : api::json_leaves(line.answer)) row[leaf.pointer] = std::move(leaf);
    for (api::JsonLeaf& leaf : api::json_leaves(line.what_if))
      row["/what_if" + leaf.pointer] = std::move(leaf);
    for (const auto& [pointer, leaf] : row) columns.insert(pointer);
  }
  std::string text = "position,as_of";
  for (const std::string& column : columns) {
    text += ',';
    importing::append_csv_field(text, column);
  }
  for (std::size_t i = 0; i < rows.size(); ++i) {
    text += "\r\n" + std::to_string(lines[i].moment.position.value()) + ',' +
            to_string(lines[i].moment.at);
    for (const std::string& column : columns) {
      const api::JsonLeaf& leaf = rows[i][column];
      text += ',';
      // A negative number is no formula.
      if (leaf.is_text)
        importing::append_csv_field(text, leaf.value);
      else
        text += leaf.value;
    }
  }
  return text + "\r\n";
}

// The same routes over views that are folded under another definition.
class OtherWorld {
 public:
  OtherWorld(const api::Services& services, WhatIf what_if)
      : what_if_(std::move(what_if)),
        past_(projections::all_views(), services.store, services.codec, services.projector,
              [this](const EventBox& event) { return what_if_.redefine(event); }),
        services_{.store = services.store,
                  .codec = services.codec,
                  .extensions = services.extensions,
                  .bus = services.bus,
                  .clock = services.clock,
                  .ids = services.ids,
                  .projector = services.projector,
                  .past = past_,
                  .audit = services.audit,
                  .entities = services.entities,
                  .views = projections::all_views()} {
    api::add_all_routes(router_, services_);
  }
  api::Router& router() { return router_; }

 private:
  const WhatIf what_if_;
  const projections::PastViews past_;
  api::Services services_;
  api::Router router_;
};

}  // namespace

Status replay_view(api::App& app, const ReplayView& wanted, const Interrupt& interrupt) {
  const api::Services& services = app.services();
  FACTUM_TRY(const auto moments, moments_of(services.store, wanted));
  std::unique_ptr<OtherWorld> other;
  if (!wanted.what_if.empty()) {
    FACTUM_TRY(WhatIf what_if, read_what_if(wanted.what_if, services.store, services.codec));
    other = std::make_unique<OtherWorld>(services, std::move(what_if));
  }
  FACTUM_CHECK(catch_up(services, interrupt));
  std::vector<Line> lines;
  for (const Moment& moment : moments) {
    if (interrupt.flag()) return {};
    Line line{.moment = moment, .answer = {}, .what_if = {}};
    FACTUM_TRY(line.answer, ask(app.router(), wanted.target, moment.position));
    if (other) {
      FACTUM_TRY(line.what_if, ask(other->router(), wanted.target, moment.position));
    }
    if (wanted.format == ReplayFormat::csv)
      lines.push_back(std::move(line));
    else if (!print(ndjson_line(line)))
      return {};
  }
  if (wanted.format == ReplayFormat::csv) print(csv_of(lines));
  return {};
}

}  // namespace factum::cli
