// Events of orders, payments, returns and refunds.
#pragma once

#include "core/crm/common.hpp"
#include "core/crm/ids.hpp"
#include "core/es/event_type.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace factum::crm {

struct OrderPlaced {
  static constexpr std::string_view kName = "OrderPlaced";
  static constexpr std::uint16_t kSchema = 1;
  static constexpr std::string_view kDoc = "An order was placed";

  OrderId order;
  std::optional<CustomerId> customer;
  std::optional<DealId> deal;
  std::string number;
  std::optional<std::string> origin;
  std::string currency;
  std::vector<OrderLine> lines;
  Money total;
  std::optional<std::string> country;
  std::optional<std::string> region;
  std::optional<std::string> ship_mode;
  std::optional<UserId> owner;
  Sealed<PostalAddress> ship_to;
  Sealed<std::string> note;

  static void describe(FieldVisitor& v, OrderPlaced& e) {
    v.id("order", e.order, "The order");
    v.id("customer", e.customer, "The customer, if known");
    v.id("deal", e.deal, "The deal it came from");
    v.fact("number", e.number, "Order number as printed; unique per origin", non_empty(100));
    v.fact("origin", e.origin, "Shop or system, a code");
    v.fact("currency", e.currency, "ISO 4217 code of every amount", non_empty(3));
    v.fact("lines", e.lines, "What was ordered", kManyLines);
    v.fact("total", e.total, "Sum of the lines");
    v.fact("country", e.country, "Country of delivery");
    v.fact("region", e.region, "Coarse region of delivery");
    v.fact("ship_mode", e.ship_mode, "Way of delivery, a code");
    v.fact("owner", e.owner, "The user who sold it");
    v.personal("ship_to", e.ship_to, by("customer", e.customer), "Address of delivery");
    v.personal("note", e.note, by("customer", e.customer), "Note of the customer", kLongText);
  }
};

struct OrderCorrected {
  static constexpr std::string_view kName = "OrderCorrected";
  static constexpr std::uint16_t kSchema = 1;
  static constexpr std::string_view kDoc =
      "The record of an order was corrected: these lines and total replace the former";

  OrderId order;
  std::optional<CustomerId> customer;
  std::vector<OrderLine> lines;
  Money total;
  Money previous_total;
  std::optional<std::string> country;

  static void describe(FieldVisitor& v, OrderCorrected& e) {
    v.id("order", e.order, "The order");
    v.id("customer", e.customer, "The customer, if known");
    v.fact("lines", e.lines, "All lines now", kManyLines);
    v.fact("total", e.total, "Sum of the lines");
    v.fact("previous_total", e.previous_total, "Sum before");
    v.fact("country", e.country, "Country of delivery");
  }
};

struct OrderDetailsCorrected {
  static constexpr std::string_view kName = "OrderDetailsCorrected";
  static constexpr std::uint16_t kSchema = 1;
  static constexpr std::string_view kDoc =
      "Details of an order were corrected: absent ones stay, an empty text takes one away";

  OrderId order;
  std::optional<CustomerId> customer;
  std::optional<Timestamp> placed_at;
  std::optional<std::string> region;
  std::optional<std::string> ship_mode;
  std::optional<UserId> owner;
  Sealed<PostalAddress> ship_to;
  Sealed<std::string> note;

  static void describe(FieldVisitor& v, OrderDetailsCorrected& e) {
    v.id("order", e.order, "The order");
    v.id("customer", e.customer, "The customer, if known");
    v.fact("placed_at", e.placed_at, "When it was placed");
    v.fact("region", e.region, "Coarse region of delivery");
    v.fact("ship_mode", e.ship_mode, "Way of delivery, a code");
    v.fact("owner", e.owner, "The user who sold it");
    v.personal("ship_to", e.ship_to, by("customer", e.customer), "Address of delivery");
    v.personal("note", e.note, by("customer", e.customer), "Note of the customer", kLongText);
  }
};

struct OrderCustomerAssigned {
  static constexpr std::string_view kName = "OrderCustomerAssigned";
  static constexpr std::uint16_t kSchema = 1;
  static constexpr std::string_view kDoc =
      "The order belongs to a customer that was unknown or wrong before";

  OrderId order;
  CustomerId customer;
  std::optional<CustomerId> previous_customer;

  static void describe(FieldVisitor& v, OrderCustomerAssigned& e) {
    v.id("order", e.order, "The order");
    v.id("customer", e.customer, "The customer");
    v.id("previous_customer", e.previous_customer, "The customer before");
  }
};

struct OrderConfirmed {
  static constexpr std::string_view kName = "OrderConfirmed";
  static constexpr std::uint16_t kSchema = 1;
  static constexpr std::string_view kDoc = "We accepted the order";

  OrderId order;
  std::optional<CustomerId> customer;

  static void describe(FieldVisitor& v, OrderConfirmed& e) {
    v.id("order", e.order, "The order");
    v.id("customer", e.customer, "The customer, if known");
  }
};

struct OrderLinesFulfilled {
  static constexpr std::string_view kName = "OrderLinesFulfilled";
  static constexpr std::uint16_t kSchema = 1;
  static constexpr std::string_view kDoc = "Part of the order was delivered";

  OrderId order;
  std::optional<CustomerId> customer;
  std::vector<std::int64_t> lines;

  static void describe(FieldVisitor& v, OrderLinesFulfilled& e) {
    v.id("order", e.order, "The order");
    v.id("customer", e.customer, "The customer, if known");
    v.fact("lines", e.lines, "Numbers of the delivered lines, from 1", kManyLines);
  }
};

struct OrderFulfilled {
  static constexpr std::string_view kName = "OrderFulfilled";
  static constexpr std::uint16_t kSchema = 1;
  static constexpr std::string_view kDoc = "The whole order was delivered";

  OrderId order;
  std::optional<CustomerId> customer;

  static void describe(FieldVisitor& v, OrderFulfilled& e) {
    v.id("order", e.order, "The order");
    v.id("customer", e.customer, "The customer, if known");
  }
};

struct OrderClosed {
  static constexpr std::string_view kName = "OrderClosed";
  static constexpr std::uint16_t kSchema = 1;
  static constexpr std::string_view kDoc = "Delivered and paid; nothing is open";

  OrderId order;
  std::optional<CustomerId> customer;

  static void describe(FieldVisitor& v, OrderClosed& e) {
    v.id("order", e.order, "The order");
    v.id("customer", e.customer, "The customer, if known");
  }
};

struct OrderCancelled {
  static constexpr std::string_view kName = "OrderCancelled";
  static constexpr std::uint16_t kSchema = 1;
  static constexpr std::string_view kDoc = "The order was called off";

  OrderId order;
  std::optional<CustomerId> customer;
  std::optional<std::string> reason;
  Money total;

  static void describe(FieldVisitor& v, OrderCancelled& e) {
    v.id("order", e.order, "The order");
    v.id("customer", e.customer, "The customer, if known");
    v.fact("reason", e.reason, "Why, a code");
    v.fact("total", e.total, "Value of the order at that time");
  }
};

struct PaymentReceived {
  static constexpr std::string_view kName = "PaymentReceived";
  static constexpr std::uint16_t kSchema = 1;
  static constexpr std::string_view kDoc = "Money came in";

  OrderId order;
  std::optional<CustomerId> customer;
  Money amount;
  std::optional<std::string> method;
  std::optional<std::string> reference;

  static void describe(FieldVisitor& v, PaymentReceived& e) {
    v.id("order", e.order, "The order");
    v.id("customer", e.customer, "The customer, if known");
    v.fact("amount", e.amount, "How much");
    v.fact("method", e.method, "How, a code");
    v.fact("reference", e.reference, "Reference of the payment, not personal");
  }
};

struct PaymentCorrected {
  static constexpr std::string_view kName = "PaymentCorrected";
  static constexpr std::uint16_t kSchema = 1;
  static constexpr std::string_view kDoc =
      "The record of a payment was corrected: this amount and time replace the former";

  OrderId order;
  std::optional<CustomerId> customer;
  Uuid payment;
  Money amount;
  Money previous_amount;
  std::optional<Timestamp> received_at;

  static void describe(FieldVisitor& v, PaymentCorrected& e) {
    v.id("order", e.order, "The order");
    v.id("customer", e.customer, "The customer, if known");
    v.fact("payment", e.payment, "The event that recorded the payment");
    v.fact("amount", e.amount, "How much it was");
    v.fact("previous_amount", e.previous_amount, "What was recorded before");
    v.fact("received_at", e.received_at, "When it came in; absent = undated");
  }
};

struct ReturnReceived {
  static constexpr std::string_view kName = "ReturnReceived";
  static constexpr std::uint16_t kSchema = 1;
  static constexpr std::string_view kDoc = "Goods came back";

  ReturnId return_id;
  std::optional<OrderId> order;
  std::optional<CustomerId> customer;
  std::optional<std::string> number;
  std::optional<std::string> origin;
  std::vector<OrderLine> lines;
  Money total;
  std::optional<std::string> country;
  std::optional<std::string> reason;

  static void describe(FieldVisitor& v, ReturnReceived& e) {
    v.id("return", e.return_id, "The return");
    v.id("order", e.order, "The order, if known");
    v.id("customer", e.customer, "The customer, if known");
    v.fact("number", e.number, "Number as printed");
    v.fact("origin", e.origin, "Shop or system, a code");
    v.fact("lines", e.lines, "What came back, quantities positive", kManyLines);
    v.fact("total", e.total, "Value of what came back, positive");
    v.fact("country", e.country, "Country");
    v.fact("reason", e.reason, "Why, a code");
  }
};

struct ReturnCorrected {
  static constexpr std::string_view kName = "ReturnCorrected";
  static constexpr std::uint16_t kSchema = 1;
  static constexpr std::string_view kDoc =
      "The record of a return was corrected: these lines and total replace the former";

  ReturnId return_id;
  std::optional<OrderId> order;
  std::optional<CustomerId> customer;
  std::vector<OrderLine> lines;
  Money total;
  Money previous_total;

  static void describe(FieldVisitor& v, ReturnCorrected& e) {
    v.id("return", e.return_id, "The return");
    v.id("order", e.order, "The order, if known");
    v.id("customer", e.customer, "The customer, if known");
    v.fact("lines", e.lines, "All lines now, quantities positive", kManyLines);
    v.fact("total", e.total, "Value of what came back, positive");
    v.fact("previous_total", e.previous_total, "Value before");
  }
};

struct ReturnDetailsCorrected {
  static constexpr std::string_view kName = "ReturnDetailsCorrected";
  static constexpr std::uint16_t kSchema = 1;
  static constexpr std::string_view kDoc =
      "Details of a return were corrected: absent ones stay, an empty text takes one away";

  ReturnId return_id;
  std::optional<OrderId> order;
  std::optional<CustomerId> customer;
  std::optional<Timestamp> received_at;
  std::optional<std::string> country;
  std::optional<std::string> reason;

  static void describe(FieldVisitor& v, ReturnDetailsCorrected& e) {
    v.id("return", e.return_id, "The return");
    v.id("order", e.order, "The order, if known");
    v.id("customer", e.customer, "The customer, if known");
    v.fact("received_at", e.received_at, "When the goods came");
    v.fact("country", e.country, "Country");
    v.fact("reason", e.reason, "Why, a code");
  }
};

struct ReturnCustomerAssigned {
  static constexpr std::string_view kName = "ReturnCustomerAssigned";
  static constexpr std::uint16_t kSchema = 1;
  static constexpr std::string_view kDoc = "The return went with its order to another customer";

  ReturnId return_id;
  OrderId order;
  CustomerId customer;

  static void describe(FieldVisitor& v, ReturnCustomerAssigned& e) {
    v.id("return", e.return_id, "The return");
    v.id("order", e.order, "The order");
    v.id("customer", e.customer, "The customer");
  }
};

struct RefundIssued {
  static constexpr std::string_view kName = "RefundIssued";
  static constexpr std::uint16_t kSchema = 1;
  static constexpr std::string_view kDoc = "Money went back";

  OrderId order;
  std::optional<CustomerId> customer;
  std::optional<ReturnId> return_id;
  Money amount;
  std::optional<std::string> reason;

  static void describe(FieldVisitor& v, RefundIssued& e) {
    v.id("order", e.order, "The order");
    v.id("customer", e.customer, "The customer, if known");
    v.id("return", e.return_id, "The return it pays for");
    v.fact("amount", e.amount, "How much, positive");
    v.fact("reason", e.reason, "Why, a code");
  }
};

struct RefundCorrected {
  static constexpr std::string_view kName = "RefundCorrected";
  static constexpr std::uint16_t kSchema = 1;
  static constexpr std::string_view kDoc =
      "The record of a refund was corrected: this amount and time replace the former";

  OrderId order;
  std::optional<CustomerId> customer;
  std::optional<ReturnId> return_id;
  Uuid refund;
  Money amount;
  Money previous_amount;
  std::optional<Timestamp> issued_at;

  static void describe(FieldVisitor& v, RefundCorrected& e) {
    v.id("order", e.order, "The order");
    v.id("customer", e.customer, "The customer, if known");
    v.id("return", e.return_id, "The return it pays for");
    v.fact("refund", e.refund, "The event that recorded the refund");
    v.fact("amount", e.amount, "How much it was, positive");
    v.fact("previous_amount", e.previous_amount, "What was recorded before");
    v.fact("issued_at", e.issued_at, "When it went back; absent = undated");
  }
};

struct AdjustmentRecorded {
  static constexpr std::string_view kName = "AdjustmentRecorded";
  static constexpr std::uint16_t kSchema = 1;
  static constexpr std::string_view kDoc = "An amount was booked without goods, such as a bad debt";

  OrderId order;
  std::optional<CustomerId> customer;
  std::string number;
  Money amount;
  std::optional<std::string> country;
  std::string reason;

  static void describe(FieldVisitor& v, AdjustmentRecorded& e) {
    v.id("order", e.order, "The order");
    v.id("customer", e.customer, "The customer, if known");
    v.fact("number", e.number, "Number as printed", non_empty(100));
    v.fact("amount", e.amount, "Signed amount");
    v.fact("country", e.country, "Country");
    v.fact("reason", e.reason, "Why, a code", non_empty(200));
  }
};

/// Every event type of this file; the catalogue is made of these lists.
using OrderEvents =
    TypeList<OrderPlaced, OrderCorrected, OrderDetailsCorrected, OrderCustomerAssigned,
             OrderConfirmed, OrderLinesFulfilled, OrderFulfilled, OrderClosed, OrderCancelled,
             PaymentReceived, PaymentCorrected, ReturnReceived, ReturnCorrected,
             ReturnDetailsCorrected, ReturnCustomerAssigned, RefundIssued, RefundCorrected,
             AdjustmentRecorded>;

}  // namespace factum::crm
