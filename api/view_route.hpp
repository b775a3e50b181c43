// Rows of the route table that answer from views.
//
//   list<NoQuery, UserEntry>(routes, {"GET", "/v1/users", "list_users", "All users", "people"},
//                            [](const ViewCall& at, const NoQuery&) { return users(at.rows, …); });
#pragma once

#include "api/query_reader.hpp"
#include "api/routes.hpp"
#include "core/es/json_reader.hpp"
#include "core/es/json_writer.hpp"
#include "core/es/view_store.hpp"
#include "projections/page.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace factum::api {

/// What a query of a view gets besides its own parameters.
struct ViewCall {
  const ViewReader& rows;
  const Call& call;
  Services& services;
  projections::PageRequest page;  ///< of lists; the place is open already
};

/// The constant part of a row.
struct ViewRow {
  std::string method;
  std::string pattern;
  std::string operation;
  std::string summary;
  std::string view;
  /// The kind of entity the path names, if the view as of a position is folded from its events;
  /// else the view keeps its past.
  std::string as_of_kind = {};
  /// The answer depends on the path, the query and one row, not on the time of asking: it is kept
  /// in memory for as long as the row stays as it is.
  bool from_one_row = false;
  /// There is a row beside it that tells the events behind its figures.
  bool explained = false;
};

/// The row with another beside it that tells the events behind its figures.
inline ViewRow explained(ViewRow row) {
  row.explained = true;
  return row;
}

/// An answer before it is sent: one object, or the items of a page.
struct RenderedView {
  std::vector<std::string> items;
  std::string next;  ///< raw place of the next page
};

/// Parameters of a route that has none of its own.
struct NoQuery {
  static void describe(FieldVisitor&, NoQuery&) {}
};

using RenderView = std::function<Result<RenderedView>(const ViewCall&)>;
/// Reads what is asked, before anything is waited for or opened.
using PrepareView = std::function<Result<RenderView>(const Call&)>;

/// Adds a row for a view; `route` has shapes and flags set.
void add_view_route(Routes& routes, Route route, ViewRow row, PrepareView prepare);

/// The page that a call asks for. Errors: invalid_argument.
Result<projections::PageRequest> page_request(Sealer& sealer, const std::string& scope,
                                              const Call& call);
/// The tag of the entity whose events the view as of a position is folded from; empty if it keeps
/// its past. Errors: not_found.
Result<std::string> tag_of(const ViewRow& row, const Call& call);
/// The rows of a view, now or as of a position. Errors: those of Projector::read, PastViews::open.
Result<std::shared_ptr<const ViewReader>> rows_of(const Services& services, const ViewRow& row,
                                                  const Call& call,
                                                  const std::optional<Position>& as_of);

namespace detail {

// Parameters stand in the URL of a GET and in the body of everything else, where they may be
// personal.
template <class Query>
Result<Query> asked(const Call& call) {
  if (call.route->method == "GET") return from_query<Query>(call.own_query());
  return from_json<Query>(call.request->body);
}

template <class T>
Result<std::string> rendered(const ViewCall& at, T& item) {
  FACTUM_CHECK(open_all(at.services.codec, item));
  return to_json(item);
}

template <class Query>
void set_query(Route& route, const ViewRow& row) {
  if (row.method == "GET") {
    Shape shape = shape_of<Query>();
    if (!shape.fields.empty()) route.query = std::move(shape);
  } else {
    route.request = shape_of<Query>();
  }
}

}  // namespace detail

/// A row that answers one object. `query` gives Result<Answer> from (ViewCall, Query).
template <class Query, class Answer, class Function>
void view(Routes& routes, ViewRow row, Function query) {
  Route route;
  detail::set_query<Query>(route, row);
  route.response = shape_of<Answer>();
  add_view_route(
      routes, std::move(route), std::move(row), [query](const Call& call) -> Result<RenderView> {
        FACTUM_TRY(Query asked, detail::asked<Query>(call));
        return RenderView(
            [query, asked = std::move(asked)](const ViewCall& at) -> Result<RenderedView> {
              FACTUM_TRY(Answer answer, query(at, asked));
              FACTUM_TRY(std::string json, detail::rendered(at, answer));
              RenderedView rendered;
              rendered.items.push_back(std::move(json));
              return rendered;
            });
      });
}

/// A row that answers a page of items. `query` gives Result<Page<Item>> from (ViewCall, Query).
template <class Query, class Item, class Function>
void list(Routes& routes, ViewRow row, Function query) {
  Route route;
  detail::set_query<Query>(route, row);
  route.response = shape_of<Item>();
  route.paged = true;
  add_view_route(
      routes, std::move(route), std::move(row), [query](const Call& call) -> Result<RenderView> {
        FACTUM_TRY(Query asked, detail::asked<Query>(call));
        return RenderView(
            [query, asked = std::move(asked)](const ViewCall& at) -> Result<RenderedView> {
              FACTUM_TRY(auto page, query(at, asked));
              RenderedView rendered;
              rendered.next = std::move(page.next);
              for (Item& item : page.items) {
                FACTUM_TRY(std::string json, detail::rendered(at, item));
                rendered.items.push_back(std::move(json));
              }
              return rendered;
            });
      });
}

}  // namespace factum::api
