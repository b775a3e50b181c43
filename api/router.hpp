// Routes as rows of one table, and the tree that finds the row of a request.
//
// pattern = "/" segment ("/" segment)* [":" verb]
// segment = literal | "{" name "}"          "/v1/deals/{id}:win", "/v1/customers:search"
// The last segment may be "{" name "...}": it takes all that follows.
#pragma once

#include "api/http.hpp"
#include "api/url.hpp"
#include "core/base/uuid.hpp"
#include "core/es/shape.hpp"

#include <array>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace factum::api {

struct Route;

/// A request on its way through a handler.
struct Call {
  std::shared_ptr<const HttpRequest> request;
  const Route* route = nullptr;
  std::vector<std::string> path_values;  ///< of the `{…}` segments, decoded, from left to right
  QueryValues query;
  Uuid request_id;  ///< also the correlation id of the events it causes

  /// The value of a query parameter, or null.
  const std::string* parameter(std::string_view name) const;
  /// The first path value as an id. Errors: not_found, because nothing can have such an id.
  Result<Uuid> path_id() const;
  /// The parameters that are not common to many routes (`kCommonParameters`).
  QueryValues own_query() const;
};

/// A row with a method and a pattern.
Route make_route(std::string method, std::string pattern);

/// Parameters that the flags of a route switch on.
struct CommonParameter {
  std::string_view name;
  bool Route::*flag;
  std::string_view doc;
};

using Handler = std::function<void(std::shared_ptr<const Call> call, Respond respond)>;

/// How a route treats If-Match.
enum class IfMatch { unused, optional, required };

/// One row of the table: all that is known of an endpoint.
struct Route {
  std::string method;
  std::string pattern;
  std::string operation;  ///< unique; "WinDeal", "read_deal"
  std::string summary;
  std::string area;               ///< groups routes in documents: "deals"
  std::string permission;         ///< "deals.write"
  std::optional<Shape> query;     ///< an object: the parameters beside the common ones
  std::optional<Shape> request;   ///< the JSON body
  bool body_optional = false;     ///< no body is as good as {}
  std::optional<Shape> response;  ///< the JSON answer, without envelope
  bool paged = false;             ///< answers {data, page}; takes limit and after
  bool waits = false;             ///< takes min_position and Factum-Min-Position
  bool as_of = false;             ///< takes as_of
  bool selects_fields = false;    ///< takes fields
  bool explains = false;          ///< takes figure
  bool writes = false;            ///< needs an actor, takes Idempotency-Key
  IfMatch if_match = IfMatch::unused;
  int success = 200;
  std::string response_type = "application/json";
  std::size_t body_bytes_max = std::size_t{1} << 20;
  Handler handler;
};

inline constexpr std::array<CommonParameter, 6> kCommonParameters{{
    {"limit", &Route::paged, "Items per page, 1 to 200; 50 if absent"},
    {"after", &Route::paged, "The `next` of the page before"},
    {"min_position", &Route::waits, "Wait until the view shows this position"},
    {"as_of", &Route::as_of, "Answer as of this position or time of recording"},
    {"fields", &Route::selects_fields, "Only these members of each item, separated by commas"},
    {"figure", &Route::explains, "JSON Pointer to a figure of the view, such as /stages/0/entered"},
}};

/// The one list of routes. Filled before the first request, then immutable.
class Router {
 public:
  /// Adds a row. A pattern and method stand once; a row that is already there is a bug.
  void add(Route route);

  struct Match {
    const Route* route = nullptr;          ///< null: no such path, or not with this method
    std::vector<std::string> path_values;  ///< decoded
    std::vector<std::string> allowed;      ///< methods of the path; empty: no such path
  };
  /// The row for a request; HEAD is served by GET. Errors: invalid_argument for broken escapes.
  /// O(segments).
  Result<Match> find(std::string_view method, std::string_view path) const;

  /// Every row, in the order of `add`.
  const std::vector<std::unique_ptr<Route>>& routes() const { return routes_; }

 private:
  struct Node {
    std::map<std::string, std::unique_ptr<Node>, std::less<>> literals;
    std::unique_ptr<Node> parameter;
    std::unique_ptr<Node> rest;  ///< takes all segments that are left
    // verb → method → row; the empty verb is the plain path.
    std::map<std::string, std::map<std::string, const Route*, std::less<>>, std::less<>> verbs;
  };

  std::vector<std::unique_ptr<Route>> routes_;
  Node root_;
};

}  // namespace factum::api
