// Orders: the state folded from their events, the commands that change them, and the rules.
#pragma once

#include "core/crm/money_sums.hpp"
#include "core/crm/order_events.hpp"
#include "core/crm/references.hpp"
#include "core/es/entity_command.hpp"

#include <array>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace factum::crm {

/// What came back of an order.
struct OrderReturn {
  ReturnId return_id;
  std::vector<OrderLine> lines;
  Money total;

  static void describe(FieldVisitor& v, OrderReturn& r);
};

/// A payment or refund as it stands.
struct Booking {
  Money amount;
  std::optional<Timestamp> happened_at;  ///< absent: undated
  std::optional<ReturnId> return_id;     ///< of refunds
  Uuid event;                            ///< the event that recorded it first
};
/// By the last event about each.
using Bookings = std::map<Uuid, Booking>;

/// An order as its events leave it, with what was paid, returned and booked on it.
struct Order {
  using Id = OrderId;
  using Events = OrderEvents;
  using Moves =
      TypeList<OrderConfirmed, OrderLinesFulfilled, OrderFulfilled, OrderClosed, OrderCancelled>;

  OrderId id;
  OrderStatus status = OrderStatus::unplaced;
  std::string number;
  std::optional<std::string> origin;
  std::optional<CustomerId> customer;
  std::optional<DealId> deal;
  std::optional<UserId> owner;
  std::string currency;
  std::vector<OrderLine> lines;
  Money total;
  std::optional<std::string> country;
  std::optional<std::string> region;
  std::optional<std::string> ship_mode;
  Sealed<PostalAddress> ship_to;
  Sealed<std::string> note;
  std::vector<std::int64_t> fulfilled_lines;  ///< numbers from 1, sorted
  bool is_delivered_whole = false;            ///< whatever lines a correction gives it
  MoneySums paid;                             ///< one sum per currency, as the next two
  MoneySums refunded;
  MoneySums adjusted;
  Bookings payments;
  Bookings refunds;
  std::map<std::string, std::map<std::optional<Timestamp>, MoneySums>>
      adjustments;  ///< by their number and time
  std::vector<OrderReturn> returns;
  std::optional<std::string> cancel_reason;
  std::optional<Timestamp> placed_at;  ///< absent: undated, as all times here
  std::optional<Timestamp> confirmed_at;
  std::optional<Timestamp> fulfilled_at;
  std::optional<Timestamp> closed_at;
  std::optional<Timestamp> cancelled_at;

  bool is_placed() const { return status != OrderStatus::unplaced; }
  /// What is still to be paid in the order's currency, in minor units: total and adjustments, less
  /// returns and payments, plus refunds; the total of a cancelled order does not count.
  Int128 balance() const;

  void evolve(const OrderPlaced& e, const EventInfo& info);
  void evolve(const OrderCorrected& e, const EventInfo& info);
  void evolve(const OrderDetailsCorrected& e, const EventInfo& info);
  void evolve(const OrderCustomerAssigned& e, const EventInfo& info);
  void evolve(const OrderConfirmed& e, const EventInfo& info);
  void evolve(const OrderLinesFulfilled& e, const EventInfo& info);
  void evolve(const OrderFulfilled& e, const EventInfo& info);
  void evolve(const OrderClosed& e, const EventInfo& info);
  void evolve(const OrderCancelled& e, const EventInfo& info);
  void evolve(const PaymentReceived& e, const EventInfo& info);
  void evolve(const PaymentCorrected& e, const EventInfo& info);
  void evolve(const ReturnReceived& e, const EventInfo& info);
  void evolve(const ReturnCorrected& e, const EventInfo& info);
  void evolve(const ReturnDetailsCorrected& /*e*/, const EventInfo& /*info*/) {}
  void evolve(const ReturnCustomerAssigned& /*e*/, const EventInfo& /*info*/) {}
  void evolve(const RefundIssued& e, const EventInfo& info);
  void evolve(const RefundCorrected& e, const EventInfo& info);
  void evolve(const AdjustmentRecorded& e, const EventInfo& info);
  static void describe(FieldVisitor& v, Order& o);
};

/// A return as its events leave it.
struct Return {
  using Id = ReturnId;
  using Events = TypeList<ReturnReceived, ReturnCorrected, ReturnDetailsCorrected,
                          ReturnCustomerAssigned, RefundIssued, RefundCorrected>;

  ReturnId id;
  std::optional<OrderId> order;
  std::optional<CustomerId> customer;
  std::optional<std::string> number;
  std::optional<std::string> origin;
  std::vector<OrderLine> lines;
  Money total;
  std::optional<std::string> country;
  std::optional<std::string> reason;
  std::optional<Timestamp> received_at;  ///< absent: undated
  MoneySums refunded;                    ///< one sum per currency

  /// False while an import only knows of refunds for it.
  bool is_received() const { return !id.is_nil(); }

  void evolve(const ReturnReceived& e, const EventInfo& info);
  void evolve(const ReturnCorrected& e, const EventInfo& info);
  void evolve(const ReturnDetailsCorrected& e, const EventInfo& info);
  void evolve(const ReturnCustomerAssigned& e, const EventInfo& info);
  void evolve(const RefundIssued& e, const EventInfo& info);
  void evolve(const RefundCorrected& e, const EventInfo& info);
  static void describe(FieldVisitor& v, Return& r);
};

struct PlaceOrder : CreationOf<Order> {
  static constexpr std::string_view kName = "PlaceOrder";
  static constexpr std::string_view kDoc =
      "Records an order. An import may say it again: everything but number, origin and deal can be "
      "corrected";
  static constexpr auto kCorrects =
      std::to_array<std::string_view>({"customer", "lines", "total", "country", "region",
                                       "ship_mode", "owner", "ship_to", "note", "occurred_at"});

  struct Model {
    Folded<Order> self;
    Folded<KnownCustomer> customer;
    Folded<KnownDeal> deal;
    Folded<KnownUser> owner;
    std::vector<Folded<KnownProduct>> products;
    std::optional<std::string> number_holder;
  };

  std::string number;
  std::optional<std::string> origin;
  std::optional<CustomerId> customer;
  std::optional<DealId> deal;
  std::vector<OrderLine> lines;
  Money total;
  std::optional<std::string> country;
  std::optional<std::string> region;
  std::optional<std::string> ship_mode;
  std::optional<UserId> owner;
  std::optional<PostalAddress> ship_to;
  std::optional<std::string> note;

  static void describe(FieldVisitor& v, PlaceOrder& c);
  Result<Model> load(ModelReader& reader) const;
  Result<Decision> decide(const Model& model, const DecisionContext& context) const;

 private:
  Status check_references_of(Decision& decision, const Model& model,
                             const DecisionContext& context) const;
  void decide_differences(Decision& decision, const Order& now,
                          const DecisionContext& context) const;
  OrderDetailsCorrected changed_details(const Order& now, const DecisionContext& context) const;
};

struct ConfirmOrder : CommandOn<Order> {
  static constexpr std::string_view kName = "ConfirmOrder";
  static constexpr std::string_view kDoc = "Accepts a placed order";

  static void describe(FieldVisitor& v, ConfirmOrder& c);
  Result<Decision> decide(const Model& model, const DecisionContext& context) const;
};

struct FulfilOrderLines : CommandOn<Order> {
  static constexpr std::string_view kName = "FulfilOrderLines";
  static constexpr std::string_view kDoc =
      "Delivers some lines; with the last line the order is fulfilled";
  static constexpr auto kCorrects = std::to_array<std::string_view>({"occurred_at"});

  std::vector<std::int64_t> lines;

  static void describe(FieldVisitor& v, FulfilOrderLines& c);
  Result<Decision> decide(const Model& model, const DecisionContext& context) const;
};

struct FulfilOrder : CommandOn<Order> {
  static constexpr std::string_view kName = "FulfilOrder";
  static constexpr std::string_view kDoc = "Delivers the whole order, or what is left of it";

  static void describe(FieldVisitor& v, FulfilOrder& c);
  Result<Decision> decide(const Model& model, const DecisionContext& context) const;
};

struct CloseOrder : CommandOn<Order> {
  static constexpr std::string_view kName = "CloseOrder";
  static constexpr std::string_view kDoc = "Closes a fulfilled order: nothing is open";

  static void describe(FieldVisitor& v, CloseOrder& c);
  Result<Decision> decide(const Model& model, const DecisionContext& context) const;
};

struct CancelOrder : CommandOn<Order> {
  static constexpr std::string_view kName = "CancelOrder";
  static constexpr std::string_view kDoc = "Calls an order off before anything was delivered";

  std::optional<std::string> reason;

  static void describe(FieldVisitor& v, CancelOrder& c);
  Result<Decision> decide(const Model& model, const DecisionContext& context) const;
};

struct ReceivePayment : CommandOn<Order> {
  static constexpr std::string_view kName = "ReceivePayment";
  static constexpr std::string_view kDoc =
      "Records money that came in. An import may say it again: another amount or time correct the "
      "record";
  static constexpr bool kAddsUp = true;
  static constexpr auto kCorrects = std::to_array<std::string_view>({"amount", "occurred_at"});

  Money amount;
  std::optional<std::string> method;
  std::optional<std::string> reference;

  static void describe(FieldVisitor& v, ReceivePayment& c);
  Result<Decision> decide(const Model& model, const DecisionContext& context) const;
};

struct ReceiveReturn : CreationOf<Return> {
  static constexpr std::string_view kName = "ReceiveReturn";
  static constexpr std::string_view kDoc =
      "Records goods that came back. An import may say it again: lines, total, time, country and "
      "reason can be corrected";
  static constexpr auto kCorrects =
      std::to_array<std::string_view>({"lines", "total", "country", "reason", "occurred_at"});

  struct Model {
    Folded<Return> self;
    Folded<Order> order;
    Folded<KnownCustomer> customer;
  };

  std::optional<OrderId> order;
  std::optional<CustomerId> customer;
  std::optional<std::string> number;
  std::optional<std::string> origin;
  std::vector<OrderLine> lines;
  Money total;
  std::optional<std::string> country;
  std::optional<std::string> reason;

  static void describe(FieldVisitor& v, ReceiveReturn& c);
  Result<Model> load(ModelReader& reader) const;
  Result<Decision> decide(const Model& model, const DecisionContext& context) const;

 private:
  const std::vector<OrderLine>& goods_of(const Return& now) const;
  Status check(Decision& decision, const Model& model, const DecisionContext& context) const;
  void decide_differences(Decision& decision, const Return& now,
                          const std::optional<CustomerId>& whose,
                          const DecisionContext& context) const;
};

struct IssueRefund : CommandOn<Order> {
  static constexpr std::string_view kName = "IssueRefund";
  static constexpr std::string_view kDoc =
      "Pays money back, never more than was paid. An import may say it again: another amount or "
      "time "
      "correct the record";
  static constexpr bool kAddsUp = true;
  static constexpr auto kCorrects = std::to_array<std::string_view>({"amount", "occurred_at"});

  struct Model {
    Folded<Order> self;
    Folded<Return> returned;
  };

  Money amount;
  std::optional<ReturnId> return_id;
  std::optional<std::string> reason;

  static void describe(FieldVisitor& v, IssueRefund& c);
  Result<Model> load(ModelReader& reader) const;
  Result<Decision> decide(const Model& model, const DecisionContext& context) const;
};

struct RecordAdjustment : CommandOn<Order> {
  static constexpr std::string_view kName = "RecordAdjustment";
  static constexpr std::string_view kDoc =
      "Books an amount without goods, such as a bad debt. An import may book on an order that was "
      "never recorded, and may say it again: the difference is booked";
  static constexpr bool kImportNeedsTarget = false;
  static constexpr bool kAddsUp = true;
  static constexpr auto kCorrects = std::to_array<std::string_view>({"amount", "occurred_at"});

  struct Model {
    Folded<Order> self;
    Folded<KnownCustomer> customer;
  };

  std::string number;
  Money amount;
  std::string reason;
  std::optional<CustomerId> customer;
  std::optional<std::string> country;

  static void describe(FieldVisitor& v, RecordAdjustment& c);
  Result<Model> load(ModelReader& reader) const;
  Result<Decision> decide(const Model& model, const DecisionContext& context) const;

 private:
  Status check(Decision& decision, const Model& model, const DecisionContext& context) const;
};

namespace rules {
inline constexpr Rule kOrderMoveNotAllowed{
    "order.move_not_allowed",
    "orders go from placed to confirmed, part_fulfilled, fulfilled and closed; placed and "
    "confirmed ones can be cancelled"};
inline constexpr Rule kOrderMovedBeforePlaced{"order.moved_before_placed",
                                              "nothing happens to an order before it is placed"};
inline constexpr Rule kOrderNotPlaced{"order.not_placed", "the order was never recorded"};
inline constexpr Rule kOrderCancelled{"order.cancelled", "the order is cancelled"};
inline constexpr Rule kOrderNumberTaken{"order.number_taken",
                                        "another order of this origin has this number"};
inline constexpr Rule kOrderLinesMissing{"order.lines_missing", "an order needs lines"};
inline constexpr Rule kOrderCurrenciesMixed{"order.currencies_mixed",
                                            "all amounts of an order have one currency"};
inline constexpr Rule kOrderTotalWrong{"order.total_wrong",
                                       "the total is the sum of the amounts of the lines"};
inline constexpr Rule kOrderQuantityNotPositive{"order.quantity_not_positive",
                                                "quantities are one or more"};
inline constexpr Rule kOrderUnknownCustomer{"order.unknown_customer",
                                            "the customer does not exist"};
inline constexpr Rule kOrderArchivedCustomer{"order.archived_customer",
                                             "the customer is archived; restore it first"};
inline constexpr Rule kOrderUnknownOwner{"order.unknown_owner", "the owner is not a known user"};
inline constexpr Rule kOrderInactiveOwner{"order.inactive_owner",
                                          "the owner has left; choose an active user"};
inline constexpr Rule kOrderUnknownDeal{"order.unknown_deal", "the deal does not exist"};
inline constexpr Rule kOrderUnknownProduct{"order.unknown_product", "a product does not exist"};
inline constexpr Rule kOrderDiscontinuedProduct{"order.discontinued_product",
                                                "a product is withdrawn from sale"};
/// In an import the order is recorded without address and note: nobody's key could seal them.
inline constexpr Rule kOrderTextWithoutCustomer{
    "order.text_without_customer",
    "address and note belong to the customer; say whose order it is"};
inline constexpr Rule kOrderUnknownLine{"order.unknown_line", "the order has no such line"};
inline constexpr Rule kOrderLineFulfilled{"order.line_fulfilled", "a line was delivered before"};
inline constexpr Rule kPaymentNotPositive{"payment.not_positive", "payments are more than zero"};
inline constexpr Rule kPaymentOtherCurrency{"payment.other_currency",
                                            "payments are in the currency of the order"};
inline constexpr Rule kRefundNotPositive{"refund.not_positive", "refunds are more than zero"};
inline constexpr Rule kRefundOtherCurrency{"refund.other_currency",
                                           "refunds are in the currency of the order"};
inline constexpr Rule kRefundExceedsPayments{"refund.exceeds_payments",
                                             "no more can be paid back than was paid"};
inline constexpr Rule kRefundUnknownReturn{"refund.unknown_return", "the order has no such return"};
inline constexpr Rule kReturnOrderMissing{"return.order_missing",
                                          "say which order the goods are from"};
inline constexpr Rule kReturnUnknownOrder{"return.unknown_order", "the order does not exist"};
inline constexpr Rule kReturnUnknownCustomer{"return.unknown_customer",
                                             "the customer does not exist"};
inline constexpr Rule kReturnArchivedCustomer{"return.archived_customer",
                                              "the customer is archived; restore it first"};
inline constexpr Rule kReturnLinesMissing{"return.lines_missing", "a return needs lines"};
inline constexpr Rule kReturnCurrenciesMixed{"return.currencies_mixed",
                                             "all amounts are in the currency of the order"};
inline constexpr Rule kReturnTotalWrong{"return.total_wrong",
                                        "the total is the sum of the amounts of the lines"};
inline constexpr Rule kReturnQuantityNotPositive{"return.quantity_not_positive",
                                                 "quantities are one or more"};
inline constexpr Rule kReturnExceedsOrder{"return.exceeds_order",
                                          "no more can come back than was ordered"};
inline constexpr Rule kReturnExceedsTotal{"return.exceeds_total",
                                          "what comes back is worth no more than the order"};
inline constexpr Rule kReturnNegative{"return.negative",
                                      "what comes back is not worth less than nothing"};
inline constexpr Rule kReturnOrderCancelled{"return.order_cancelled",
                                            "nothing was delivered of a cancelled order"};
inline constexpr Rule kReturnBeforeOrder{"return.before_order",
                                         "nothing comes back before it was ordered"};
inline constexpr Rule kReturnOtherCustomer{"return.other_customer",
                                           "the order is another customer's"};
inline constexpr Rule kAdjustmentTwice{"adjustment.number_taken",
                                       "the order has an adjustment with this number"};
inline constexpr Rule kAdjustmentUnknownCustomer{"adjustment.unknown_customer",
                                                 "the customer does not exist"};
inline constexpr Rule kAdjustmentArchivedCustomer{"adjustment.archived_customer",
                                                  "the customer is archived; restore it first"};
inline constexpr Rule kAdjustmentOtherCustomer{"adjustment.other_customer",
                                               "the order is another customer's"};
inline constexpr Rule kAdjustmentOtherCurrency{"adjustment.other_currency",
                                               "adjustments are in the currency of the order"};
inline constexpr Rule kAdjustmentWithoutOrder{"adjustment.without_order",
                                              "adjustments are booked on orders that are recorded"};
}  // namespace rules

using OrderCommands =
    TypeList<PlaceOrder, ConfirmOrder, FulfilOrderLines, FulfilOrder, CloseOrder, CancelOrder,
             ReceivePayment, ReceiveReturn, IssueRefund, RecordAdjustment>;
using OrderEntities = TypeList<Order, Return>;

}  // namespace factum::crm
