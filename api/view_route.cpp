#include "api/view_route.hpp"

#include "api/answers.hpp"
#include "api/cursor.hpp"
#include "api/explain_route.hpp"
#include "api/request_options.hpp"
#include "projections/past_views.hpp"
#include "projections/projector.hpp"

namespace factum::api {
namespace {

constexpr std::size_t kPageItemsDefault = 50;
constexpr std::size_t kPageItemsLimit = 200;

struct ViewEndpoint {
  Services& services;
  ViewRow row;
  PrepareView prepare;
};
using EndpointPtr = std::shared_ptr<const ViewEndpoint>;

// A cursor belongs to one list with its filters: it opens nowhere else.
std::string cursor_scope(const Call& call) {
  std::string scope = call.request->path;
  for (const auto& [name, value] : call.own_query()) scope += "\n" + name + "=" + value;
  if (call.route->method != "GET") scope += "\n\n" + call.request->body;
  return scope;
}

const projections::View* find_view(const Services& services, std::string_view name) {
  for (const projections::View& view : services.views) {
    if (view.projection.name() == name) return &view;
  }
  return nullptr;
}

std::string view_etag(const ViewEndpoint& endpoint, Position position, bool as_of) {
  const projections::View* view = find_view(endpoint.services, endpoint.row.view);
  const std::uint32_t version = view == nullptr ? 0 : view->projection.version();
  return "\"" + endpoint.row.view + "." + std::to_string(version) + (as_of ? "@" : ".") +
         std::to_string(position.value()) + "\"";
}

// The address of the next page, for RFC 8288 Link.
std::string next_link(const Call& call, const std::string& cursor) {
  std::string link = "<" + call.request->path + "?";
  for (const auto& [name, value] : call.query) {
    if (name != "after") link += encode_component(name) + "=" + encode_component(value) + "&";
  }
  return link + "after=" + cursor + ">; rel=\"next\"";
}

std::string page_json(const Call& call, const RenderedView& rendered,
                      const std::vector<std::string>& fields, const std::string& cursor) {
  if (!call.route->paged) return select_fields(fields, rendered.items.front());
  std::string json = "{\"data\":[";
  for (std::size_t i = 0; i < rendered.items.size(); ++i) {
    if (i > 0) json += ',';
    json += select_fields(fields, rendered.items[i]);
  }
  json += "],\"page\":{";
  if (!cursor.empty()) json += "\"next\":\"" + cursor + "\",";
  json += "\"has_more\":";
  return json + (cursor.empty() ? "false}}" : "true}}");
}

// Sees which rows an answer is made from.
class WatchedRows final : public ViewReader {
 public:
  explicit WatchedRows(const ViewReader& rows) : rows_(rows) {}

  Position position() const override { return rows_.position(); }
  Result<std::optional<std::string>> get(std::string_view key) const override {
    FACTUM_TRY(auto row, rows_.get(key));
    ++reads_;
    key_ = key;
    row_ = row;
    return row;
  }
  Status scan(const RowRange& range, const OnRow& on_row) const override {
    reads_ += 2;
    return rows_.scan(range, on_row);
  }

  /// The one row that was read; absent if there was none or more than one.
  std::optional<projections::RenderedAnswer> one_row() const {
    if (reads_ != 1 || !row_) return std::nullopt;
    return projections::RenderedAnswer{key_, *row_, {}};
  }

 private:
  const ViewReader& rows_;
  mutable std::size_t reads_ = 0;
  mutable std::string key_;
  mutable std::optional<std::string> row_;
};

// What a call asks for, read and checked.
struct AskedView {
  RenderView render;
  std::optional<Position> as_of;
  std::vector<std::string> fields;
  projections::PageRequest page;
  Position least;
};

Result<AskedView> read_call(const ViewEndpoint& endpoint, const Call& call) {
  AskedView asked;
  FACTUM_TRY(asked.render, endpoint.prepare(call));
  FACTUM_TRY(asked.as_of,
             as_of_position(call, endpoint.services.store, endpoint.services.clock.now()));
  FACTUM_TRY(asked.fields, selected_fields(call));
  FACTUM_TRY(asked.page, page_request(endpoint.services.codec.sealer(), cursor_scope(call), call));
  FACTUM_TRY(asked.least, min_position(call));
  return asked;
}

struct RenderedBody {
  std::string json;
  std::string cursor;  // of the next page, for clients
};

Result<RenderedBody> render(const ViewEndpoint& endpoint, const Call& call, const AskedView& asked,
                            const ViewReader& rows) {
  FACTUM_TRY(const RenderedView rendered,
             asked.render({rows, call, endpoint.services, asked.page}));
  RenderedBody body;
  body.cursor = make_cursor(endpoint.services.codec.sealer(), cursor_scope(call), rendered.next);
  body.json = page_json(call, rendered, asked.fields, body.cursor);
  return body;
}

// The same, from memory if the row has not changed since it was rendered for the same request.
Result<RenderedBody> render_row(const ViewEndpoint& endpoint, const Call& call,
                                const AskedView& asked, const ViewReader& rows) {
  projections::AnswerCache& answers = *endpoint.services.answers;
  const std::string request = call.request->path + '?' + call.request->query;
  if (const auto kept = answers.find(request)) {
    FACTUM_TRY(const auto row, rows.get(kept->row_key));
    if (row == kept->row) return RenderedBody{kept->json, {}};
  }
  const WatchedRows watched(rows);
  FACTUM_TRY(RenderedBody body, render(endpoint, call, asked, watched));
  if (auto answer = watched.one_row()) {
    answer->json = body.json;
    answers.keep(request, std::move(*answer));
  }
  return body;
}

Result<HttpResponse> answer(const ViewEndpoint& endpoint, const Call& call,
                            const AskedView& asked) {
  FACTUM_TRY(const auto rows, rows_of(endpoint.services, endpoint.row, call, asked.as_of));
  const Position position = asked.as_of.value_or(rows->position());
  const std::string etag = view_etag(endpoint, position, asked.as_of.has_value());
  if (call.route->method == "GET" && is_not_modified(*call.request, etag)) {
    HttpResponse unchanged;
    unchanged.status = 304;
    unchanged.set("ETag", etag);
    set_position(unchanged, position);
    return unchanged;
  }
  const bool kept = endpoint.row.from_one_row && !asked.as_of;
  FACTUM_TRY(RenderedBody body, kept ? render_row(endpoint, call, asked, *rows)
                                     : render(endpoint, call, asked, *rows));
  HttpResponse response = json_response(std::move(body.json));
  set_position(response, position);
  if (call.route->method == "GET") {
    response.set("ETag", etag);
    if (!body.cursor.empty()) response.set("Link", next_link(call, body.cursor));
  }
  return response;
}

void respond_now(const ViewEndpoint& endpoint, const Call& call, const AskedView& asked,
                 const Respond& respond) {
  respond(response_of(answer(endpoint, call, asked), call));
}

// A demanded position is waited for, within bounds; then the answer is made on the connection's
// thread.
void serve(const EndpointPtr& endpoint, const std::shared_ptr<const Call>& call, Respond respond) {
  auto read = read_call(*endpoint, *call);
  if (!read) return respond(refusal(read.error(), *call));
  const bool folds = read->as_of && endpoint->row.as_of_kind.empty() &&
                     !endpoint->services.past.is_kept(endpoint->row.view, *read->as_of);
  if (!folds && (read->least == Position{} || read->as_of))
    return respond_now(*endpoint, *call, *read, respond);
  const auto asked = std::make_shared<const AskedView>(std::move(*read));
  // A fold of thousands of events is no work for the thread of a connection.
  if (folds) {
    return respond_later(endpoint->services, call, respond,
                         [endpoint, call, asked] { return answer(*endpoint, *call, *asked); });
  }
  endpoint->services.projector.wait_for_view(
      endpoint->row.view, asked->least,
      preferred_wait(*call->request, endpoint->services.view_wait_max),
      [endpoint, call, asked,
       respond = std::move(respond)](const projections::WaitOutcome& waited) {
        if (waited.reached) {
          return call->request->post(
              [endpoint, call, asked, respond] { respond_now(*endpoint, *call, *asked, respond); });
        }
        const Error behind{ErrorCode::view_behind,
                           "the view has not reached the demanded position in time",
                           {},
                           {},
                           0};
        respond(refusal(behind, *call));
      });
}

}  // namespace

Result<projections::PageRequest> page_request(Sealer& sealer, const std::string& scope,
                                              const Call& call) {
  projections::PageRequest page;
  page.limit = kPageItemsDefault;
  if (const std::string* limit = call.parameter("limit")) {
    const auto number = parse_number(*limit, "limit");
    if (!number || *number < 1 || *number > kPageItemsLimit)
      return fail(ErrorCode::invalid_argument, "limit must be a number from 1 to 200");
    page.limit = static_cast<std::size_t>(*number);
  }
  if (const std::string* after = call.parameter("after")) {
    FACTUM_TRY(page.after, open_cursor(sealer, scope, *after));
  }
  return page;
}

Result<std::string> tag_of(const ViewRow& row, const Call& call) {
  if (row.as_of_kind.empty()) return std::string{};
  FACTUM_TRY(const Uuid id, call.path_id());
  return row.as_of_kind + ":" + id.to_string();
}

Result<std::shared_ptr<const ViewReader>> rows_of(const Services& services, const ViewRow& row,
                                                  const Call& call,
                                                  const std::optional<Position>& as_of) {
  if (!as_of) {
    FACTUM_TRY(std::shared_ptr<const ViewReader> rows, services.projector.read(row.view));
    return rows;
  }
  FACTUM_TRY(const std::string tag, tag_of(row, call));
  return services.past.open(row.view, tag, *as_of);
}

void add_view_route(Routes& routes, Route route, ViewRow row, PrepareView prepare) {
  route.method = row.method;
  route.pattern = row.pattern;
  route.operation = row.operation;
  route.summary = row.summary;
  route.waits = true;
  route.selects_fields = true;
  route.as_of = true;
  if (row.explained) add_explain_route(routes, route, row, prepare);
  auto endpoint = std::make_shared<const ViewEndpoint>(
      ViewEndpoint{routes.services(), std::move(row), std::move(prepare)});
  route.handler = [endpoint](const std::shared_ptr<const Call>& call, Respond respond) {
    serve(endpoint, call, std::move(respond));
  };
  routes.add(std::move(route));
}

}  // namespace factum::api
