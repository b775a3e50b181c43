// What tests of orders start from: a customer and an order of two lines over 30 euros.
#pragma once

#include "core/crm/order.hpp"
#include "tests/core/deal_support.hpp"

namespace factum::crm {

inline const auto kOrder = test::id_of<OrderId>(30);
inline const auto kNewOrder = test::id_of<OrderId>(31);
inline const auto kReturn = test::id_of<ReturnId>(32);
inline const auto kSecondReturn = test::id_of<ReturnId>(33);

/// `quantity` pieces worth `amount` euros together.
inline OrderLine line(std::string sku, std::int64_t quantity, std::int64_t amount) {
  return {{}, std::move(sku), quantity, "", euros(amount)};
}

inline std::vector<OrderLine> two_lines() { return {line("A", 2, 20), line("B", 1, 10)}; }

inline OrderPlaced order_placed() {
  OrderPlaced event;
  event.order = kOrder;
  event.customer = kFirm;
  event.number = "1001";
  event.currency = "EUR";
  event.lines = two_lines();
  event.total = euros(30);
  return event;
}

inline void given_order(test::Spec& spec) {
  given_deal(spec);
  spec.given(order_placed());
}

}  // namespace factum::crm
