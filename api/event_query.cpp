#include "api/event_query.hpp"

#include <utility>

namespace factum::api {
namespace {

constexpr std::size_t kTypeBytesShown = 100;

}  // namespace

Status check_types(const EventCodec& codec, const std::vector<std::string>& names,
                   const std::string& pointer) {
  for (const std::string& name : names) {
    if (codec.find(name) != nullptr) continue;
    const std::string detail = "there is no event type " + name.substr(0, kTypeBytesShown);
    return fail(Error{ErrorCode::invalid_argument, detail, {}, {{pointer, "unknown", detail}}, 0});
  }
  return {};
}

Result<Query> query_of(const EventCodec& codec, std::vector<EventQueryItem> items,
                       const std::string& pointer) {
  Query query;
  for (EventQueryItem& item : items) {
    const std::string place = pointer + "/" + std::to_string(query.items.size()) + "/types";
    FACTUM_CHECK(check_types(codec, item.types, place));
    query.items.push_back({std::move(item.types), std::move(item.tags)});
  }
  return query;
}

}  // namespace factum::api
