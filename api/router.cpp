#include "api/router.hpp"

#include "core/base/contract.hpp"

#include <algorithm>

namespace factum::api {
namespace {

constexpr std::size_t kSegmentsMax = 12;

struct SplitPath {
  std::vector<std::string_view> segments;
  std::string_view verb;
};

// "/v1/deals/{id}:win" → v1, deals, {id} and win. No segments: this cannot be a path of ours.
SplitPath split(std::string_view path) {
  SplitPath parts;
  if (path.empty() || path[0] != '/') return parts;
  const std::size_t colon = path.rfind(':');
  if (colon != std::string_view::npos && colon > path.rfind('/')) {
    parts.verb = path.substr(colon + 1);
    path = path.substr(0, colon);
  }
  path.remove_prefix(1);
  while (parts.segments.size() < kSegmentsMax) {
    const std::size_t slash = path.find('/');
    parts.segments.push_back(path.substr(0, slash));
    if (slash == std::string_view::npos) return parts;
    path.remove_prefix(slash + 1);
  }
  return {};
}

}  // namespace

const std::string* Call::parameter(std::string_view name) const {
  const auto found = std::find_if(query.begin(), query.end(),
                                  [&](const auto& parameter) { return parameter.first == name; });
  return found == query.end() ? nullptr : &found->second;
}

Result<Uuid> Call::path_id() const {
  FACTUM_ASSERT(!path_values.empty());
  auto id = Uuid::parse(path_values.front());
  if (!id) return fail(ErrorCode::not_found, "there is nothing with such an id");
  return id;
}

Route make_route(std::string method, std::string pattern) {
  Route route;
  route.method = std::move(method);
  route.pattern = std::move(pattern);
  return route;
}

QueryValues Call::own_query() const {
  QueryValues own;
  for (const auto& parameter : query) {
    const auto is_same = [&](const CommonParameter& common) {
      return common.name == parameter.first && route->*common.flag;
    };
    if (std::none_of(kCommonParameters.begin(), kCommonParameters.end(), is_same))
      own.push_back(parameter);
  }
  return own;
}

void Router::add(Route route) {
  const SplitPath parts = split(route.pattern);
  FACTUM_ASSERT(!parts.segments.empty());
  Node* node = &root_;
  for (const std::string_view segment : parts.segments) {
    const bool is_parameter = segment.starts_with('{');
    auto& next = segment.ends_with("...}") ? node->rest
                 : is_parameter            ? node->parameter
                                           : node->literals[std::string(segment)];
    if (!next) next = std::make_unique<Node>();
    node = next.get();
  }
  auto& methods = node->verbs[std::string(parts.verb)];
  FACTUM_ASSERT(!methods.contains(route.method));
  routes_.push_back(std::make_unique<Route>(std::move(route)));
  methods.emplace(routes_.back()->method, routes_.back().get());
}

Result<Router::Match> Router::find(std::string_view method, std::string_view path) const {
  Match match;
  const SplitPath parts = split(path);
  const Node* node = parts.segments.empty() ? nullptr : &root_;
  for (const std::string_view segment : parts.segments) {
    if (node->rest && !node->literals.contains(segment)) {
      const auto* const end = parts.segments.back().data() + parts.segments.back().size();
      match.path_values.emplace_back(segment.data(), end);
      node = node->rest.get();
      break;
    }
    const auto literal = node->literals.find(segment);
    if (literal != node->literals.end()) {
      node = literal->second.get();
      continue;
    }
    node = segment.empty() ? nullptr : node->parameter.get();
    if (node == nullptr) break;
    FACTUM_TRY(std::string value, decode_segment(segment));
    match.path_values.push_back(std::move(value));
  }
  if (node == nullptr) return match;
  const auto methods = node->verbs.find(parts.verb);
  if (methods == node->verbs.end()) return match;
  const auto row = methods->second.find(method == "HEAD" ? "GET" : method);
  if (row != methods->second.end()) match.route = row->second;
  for (const auto& [name, route] : methods->second) match.allowed.push_back(name);
  if (methods->second.contains("GET")) match.allowed.emplace_back("HEAD");
  match.allowed.emplace_back("OPTIONS");
  return match;
}

}  // namespace factum::api
