// Rows beside the one that is read, and the fold of customer_360 by topic.
#pragma once

#include "projections/customer_360.hpp"

#include <string_view>

namespace factum::projections::fold_360 {

/// The customers an event is about, by its own fields: exactly those it is tagged with.
template <class E>
std::optional<crm::CustomerId> customer_of(const E& event) {
  return event.customer;
}

/// The row that is read.
Customer360& row_of(ViewBatch& rows, const crm::CustomerId& customer);
/// Keeps the later of two times; an undated one never wins.
bool take_later(std::optional<Timestamp>& latest, const std::optional<Timestamp>& at);

void register_profile(Projection& projection);
void register_deals(Projection& projection);
void register_orders(Projection& projection);
void register_contacts(Projection& projection);
void register_service(Projection& projection);

}  // namespace factum::projections::fold_360
