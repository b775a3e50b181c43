// From a figure of a view to the events it comes from: a row beside each view that says so.
#pragma once

#include "api/view_route.hpp"

namespace factum::api {

/// Adds GET `pattern`:explain for a view that is one object.
void add_explain_route(Routes& routes, const Route& view, const ViewRow& row,
                       const PrepareView& prepare);

}  // namespace factum::api
