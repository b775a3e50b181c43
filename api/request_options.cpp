#include "api/request_options.hpp"

#include <algorithm>
#include <charconv>

namespace factum::api {
namespace {

constexpr std::size_t kKeyBytesMax = 255;

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// Calls `visit` with each element of a comma-separated header; stops when it gives true.
template <class Visit>
bool any_element(std::string_view list, Visit visit) {
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    if (visit(trimmed(list.substr(0, comma)))) return true;
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return false;
}

tl::unexpected<Error> wrong_moment(std::string_view parameter, std::string code,
                                   const std::string& what) {
  const std::string detail = std::string(parameter) + " " + what;
  const std::string pointer = "/query/" + std::string(parameter);
  return fail(
      Error{ErrorCode::invalid_argument, detail, {}, {{pointer, std::move(code), detail}}, 0});
}

bool is_visible(char c) { return c > ' ' && c < 0x7F; }

}  // namespace

Result<std::uint64_t> parse_number(std::string_view text, std::string_view what) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size())
    return fail(ErrorCode::invalid_argument, std::string(what) + " must be a number");
  return number;
}

Result<std::optional<std::string>> idempotency_key(const HttpRequest& request) {
  const std::string* header = request.header("idempotency-key");
  if (header == nullptr) return std::optional<std::string>{};
  std::string_view key = trimmed(*header);
  if (key.size() >= 2 && key.front() == '"' && key.back() == '"')
    key = key.substr(1, key.size() - 2);
  const bool visible = std::all_of(key.begin(), key.end(), is_visible);
  if (key.empty() || key.size() > kKeyBytesMax || !visible ||
      key.find('"') != std::string_view::npos) {
    return fail(ErrorCode::invalid_argument,
                "Idempotency-Key must be 1 to 255 visible ASCII characters, quoted or bare");
  }
  return std::optional<std::string>(key);
}

Result<std::optional<Position>> expected_version(const HttpRequest& request, IfMatch rule) {
  const std::string* header = request.header("if-match");
  if (rule == IfMatch::unused) return std::optional<Position>{};
  if (header == nullptr) {
    if (rule == IfMatch::optional) return std::optional<Position>{};
    return fail(ErrorCode::precondition_missing,
                "send the ETag of the entity you have read as If-Match");
  }
  const std::string_view tag = trimmed(*header);
  if (tag == "*") return std::optional<Position>{};
  if (tag.size() < 3 || tag.front() != '"' || tag.back() != '"')
    return std::optional<Position>(Position{});
  const auto version = parse_number(tag.substr(1, tag.size() - 2), "If-Match");
  return std::optional<Position>(Position(version ? *version : 0));
}

bool is_not_modified(const HttpRequest& request, std::string_view etag) {
  const std::string* header = request.header("if-none-match");
  if (header == nullptr) return false;
  return any_element(*header, [&](std::string_view tag) {
    if (tag.starts_with("W/")) tag.remove_prefix(2);
    return tag == "*" || tag == etag;
  });
}

bool prefers(const HttpRequest& request, std::string_view preference) {
  const std::string* header = request.header("prefer");
  return header != nullptr &&
         any_element(*header, [&](std::string_view given) { return given == preference; });
}

std::chrono::milliseconds preferred_wait(const HttpRequest& request,
                                         std::chrono::milliseconds most) {
  std::chrono::milliseconds wait = most;
  const std::string* header = request.header("prefer");
  if (header == nullptr) return wait;
  any_element(*header, [&](std::string_view given) {
    if (!given.starts_with("wait=")) return false;
    const auto seconds = parse_number(given.substr(5), "wait");
    if (seconds && *seconds < 3600)
      wait = std::min(most, std::chrono::milliseconds(*seconds * 1000));
    return true;
  });
  return wait;
}

Result<Position> min_position(const Call& call) {
  std::uint64_t least = 0;
  if (const std::string* header = call.request->header("factum-min-position")) {
    FACTUM_TRY(least, parse_number(*header, "Factum-Min-Position"));
  }
  if (const std::string* parameter = call.parameter("min_position")) {
    FACTUM_TRY(const std::uint64_t asked, parse_number(*parameter, "min_position"));
    least = std::max(least, asked);
  }
  return Position(least);
}

Result<Position> position_of(const std::string& moment, std::string_view parameter,
                             const EventStore& store, Timestamp now) {
  if (const auto number = parse_number(moment, parameter)) {
    if (*number > store.head().value())
      return wrong_moment(parameter, "future", "is a position that the log has not reached");
    return Position(*number);
  }
  const auto instant = parse_timestamp(moment);
  if (!instant)
    return wrong_moment(parameter, "format", "must be a position or an RFC 3339 time with a zone");
  if (*instant > now) return wrong_moment(parameter, "future", "is an instant that has not come");
  return store.position_at(*instant);
}

Result<std::optional<Position>> as_of_position(const Call& call, const EventStore& store,
                                               Timestamp now) {
  const std::string* given = call.parameter("as_of");
  if (given == nullptr) return std::optional<Position>{};
  FACTUM_TRY(const Position position, position_of(*given, "as_of", store, now));
  return std::optional<Position>(position);
}

}  // namespace factum::api
