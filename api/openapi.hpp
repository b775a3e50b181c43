// The OpenAPI 3.1 description, derived from the table of routes and the catalogue of events.
#pragma once

#include "api/router.hpp"
#include "core/es/event_type.hpp"

#include <string>
#include <vector>

namespace factum::api {

/// The document as indented JSON, the same for the same table. QUERY, which OpenAPI 3.1 does not
/// know, stands under "x-query". O(routes).
std::string openapi_document(const Router& router, const std::vector<const EventType*>& events);

/// The JSON Schemas of event types below "components/schemas", as indented JSON.
std::string event_schema_document(const std::vector<const EventType*>& events);

}  // namespace factum::api
