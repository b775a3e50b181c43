// Rules of placing and moving orders: given events, when a command, then events or a refusal.
#include "core/crm/order.hpp"

#include "tests/core/order_support.hpp"
#include "tests/support/move_table.hpp"

#include <doctest/doctest.h>

namespace factum::crm {
namespace {

using test::sealed;
using test::Spec;
using test::TableCommand;
using test::TableState;

struct Fixture : Spec {
  Fixture() { given_order(*this); }
};

PlaceOrder placing(OrderId id, std::string number) {
  PlaceOrder command;
  command.id = id;
  command.number = std::move(number);
  command.lines = two_lines();
  command.total = euros(30);
  return command;
}

OrderPlaced placed(OrderId id, std::string number) {
  OrderPlaced event = order_placed();
  event.order = id;
  event.customer.reset();
  event.number = std::move(number);
  return event;
}

template <class... E>
TableState state(std::string name, E... events) {
  return {std::move(name), [=](Spec& spec) {
            given_order(spec);
            spec.given(PaymentReceived{kOrder, kFirm, euros(5), {}, {}}, events...);
          }};
}

std::vector<TableState> order_states() {
  const OrderConfirmed confirmed{kOrder, kFirm};
  const OrderFulfilled fulfilled{kOrder, kFirm};
  return {{"absent", given_deal},
          {"unplaced",
           [](Spec& spec) {
             spec.given(AdjustmentRecorded{kOrder, {}, "A1", euros(-5), {}, "bad debt"});
           }},
          state("placed"),
          state("confirmed", confirmed),
          state("part_fulfilled", confirmed, OrderLinesFulfilled{kOrder, kFirm, {1}}),
          state("fulfilled", confirmed, fulfilled),
          state("closed", confirmed, fulfilled, OrderClosed{kOrder, kFirm}),
          state("cancelled", OrderCancelled{kOrder, kFirm, {}, euros(30)})};
}

template <class C>
TableCommand attempt(C command) {
  return {std::string(C::kName), [command](Spec& spec) { return spec.when(command); }};
}

std::vector<TableCommand> order_commands() {
  return {attempt(ConfirmOrder{{kOrder}}),
          attempt(FulfilOrderLines{{kOrder}, {2}}),
          attempt(FulfilOrder{{kOrder}}),
          attempt(CloseOrder{{kOrder}}),
          attempt(CancelOrder{{kOrder}, {}}),
          attempt(ReceivePayment{{kOrder}, euros(1), {}, {}}),
          attempt(IssueRefund{{kOrder}, euros(1), {}, {}}),
          attempt(RecordAdjustment{{kOrder}, "A2", euros(-1), "rounding", {}, {}})};
}

constexpr std::string_view kMoves = R"(
ConfirmOrder absent=not_found unplaced=not_found placed=OrderConfirmed confirmed=nothing part_fulfilled=order.move_not_allowed fulfilled=order.move_not_allowed closed=order.move_not_allowed cancelled=order.move_not_allowed
FulfilOrderLines absent=not_found unplaced=not_found placed=order.move_not_allowed confirmed=OrderLinesFulfilled part_fulfilled=OrderLinesFulfilled+OrderFulfilled fulfilled=order.move_not_allowed closed=order.move_not_allowed cancelled=order.move_not_allowed
FulfilOrder absent=not_found unplaced=not_found placed=order.move_not_allowed confirmed=OrderFulfilled part_fulfilled=OrderFulfilled fulfilled=nothing closed=order.move_not_allowed cancelled=order.move_not_allowed
CloseOrder absent=not_found unplaced=not_found placed=order.move_not_allowed confirmed=order.move_not_allowed part_fulfilled=order.move_not_allowed fulfilled=OrderClosed closed=nothing cancelled=order.move_not_allowed
CancelOrder absent=not_found unplaced=not_found placed=OrderCancelled confirmed=OrderCancelled part_fulfilled=order.move_not_allowed fulfilled=order.move_not_allowed closed=order.move_not_allowed cancelled=nothing
ReceivePayment absent=not_found unplaced=order.not_placed placed=PaymentReceived confirmed=PaymentReceived part_fulfilled=PaymentReceived fulfilled=PaymentReceived closed=PaymentReceived cancelled=order.cancelled
IssueRefund absent=not_found unplaced=order.not_placed placed=RefundIssued confirmed=RefundIssued part_fulfilled=RefundIssued fulfilled=RefundIssued closed=RefundIssued cancelled=RefundIssued
RecordAdjustment absent=not_found unplaced=adjustment.without_order placed=AdjustmentRecorded confirmed=AdjustmentRecorded part_fulfilled=AdjustmentRecorded fulfilled=AdjustmentRecorded closed=AdjustmentRecorded cancelled=AdjustmentRecorded
)";

}  // namespace

TEST_CASE("every state of an order answers every command") {
  CHECK(test::move_table(order_states(), order_commands()) == kMoves);
}

TEST_CASE_FIXTURE(Fixture, "an order is placed with all that is known and takes its number") {
  PlaceOrder command = placing(kNewOrder, "1002");
  command.origin = "shop";
  command.customer = kFirm;
  command.deal = kDeal;
  command.country = "DE";
  command.region = "north";
  command.ship_mode = "post";
  command.owner = kSeller;
  command.ship_to = PostalAddress{"Street 1", "Town", "1", "", "DE"};
  command.note = "Ring twice";
  OrderPlaced event = placed(kNewOrder, "1002");
  event.origin = "shop";
  event.customer = kFirm;
  event.deal = kDeal;
  event.country = "DE";
  event.region = "north";
  event.ship_mode = "post";
  event.owner = kSeller;
  event.ship_to = command.ship_to;
  event.note = sealed("Ring twice");
  when(command).then(event).claiming({"take order.number shop\n1002"});
}

TEST_CASE_FIXTURE(Fixture, "an order number belongs to one order of an origin") {
  done(placing(kNewOrder, "7"));
  PlaceOrder command = placing(test::id_of<OrderId>(77), "7");
  when(command).then_refused(rules::kOrderNumberTaken);
  command.origin = "shop";
  when(command).claiming({"take order.number shop\n7"});
  command.origin.reset();
  importing()
      .when(command)
      .then(placed(command.id, "7"))
      .breaking({rules::kOrderNumberTaken})
      .claiming({});
}

TEST_CASE_FIXTURE(Fixture, "an order is placed once") {
  when(placing(kOrder, "1001")).then_fails(ErrorCode::already_exists);
}

TEST_CASE_FIXTURE(Fixture, "the total is the sum of the lines, in one currency") {
  PlaceOrder command = placing(kNewOrder, "7");
  command.total = euros(31);
  when(command).then_refused(rules::kOrderTotalWrong);
  command.total = {3000, "USD"};
  when(command).then_refused(rules::kOrderCurrenciesMixed);
  command = placing(kNewOrder, "7");
  command.lines[1].amount.currency = "USD";
  when(command).then_refused(rules::kOrderCurrenciesMixed);
  command = placing(kNewOrder, "7");
  command.lines[0].quantity = 0;
  when(command).then_refused(rules::kOrderQuantityNotPositive);
  command.lines.clear();
  when(command).then_refused(rules::kOrderLinesMissing);
  importing().when(command).breaking({rules::kOrderLinesMissing});
}

TEST_CASE_FIXTURE(Fixture, "an import records wrong totals and quantities as they were") {
  PlaceOrder command = placing(kNewOrder, "7");
  command.total = euros(31);
  command.lines[0].quantity = -1;
  OrderPlaced event = placed(kNewOrder, "7");
  event.total = euros(31);
  event.lines = command.lines;
  importing().when(command).then(event).breaking(
      {rules::kOrderTotalWrong, rules::kOrderQuantityNotPositive});
}

TEST_CASE_FIXTURE(Fixture, "an order refers to what is there and in use") {
  PlaceOrder command = placing(kNewOrder, "7");
  const auto refuses = [&](auto& field, auto id, const Rule& rule) {
    field = id;
    when(command).then_refused(rule);
    field.reset();
  };
  refuses(command.customer, kNobody, rules::kOrderUnknownCustomer);
  refuses(command.customer, kOldFirm, rules::kOrderArchivedCustomer);
  refuses(command.owner, kStranger, rules::kOrderUnknownOwner);
  refuses(command.owner, kLeaver, rules::kOrderInactiveOwner);
  refuses(command.deal, kNewDeal, rules::kOrderUnknownDeal);
  refuses(command.lines[1].product, kNoProduct, rules::kOrderUnknownProduct);
  refuses(command.lines[1].product, kOldAxe, rules::kOrderDiscontinuedProduct);
  command.lines[1].product = kOldAxe;
  importing().when(command).breaking({rules::kOrderDiscontinuedProduct});
}

TEST_CASE_FIXTURE(Fixture, "address and note need a customer to belong to") {
  PlaceOrder command = placing(kNewOrder, "7");
  command.note = "Ring twice";
  when(command).then_refused(rules::kOrderTextWithoutCustomer);
  command.note.reset();
  command.ship_to = PostalAddress{};
  when(command).then_refused(rules::kOrderTextWithoutCustomer);
  importing()
      .when(command)
      .then(placed(kNewOrder, "7"))
      .breaking({rules::kOrderTextWithoutCustomer});
}

TEST_CASE_FIXTURE(Fixture, "an order placed again by an import is corrected") {
  PlaceOrder command = placing(kOrder, "1001");
  importing().when(command).then().claiming({});
  command.lines.push_back(line("C", 1, 5));
  command.total = euros(35);
  command.country = "DE";
  done(command).then(OrderCorrected{kOrder, kFirm, command.lines, euros(35), euros(30), "DE"});
  when(command).then();
  given(CustomerRestored{kOldFirm});
  command.customer = kOldFirm;
  done(command).then(OrderCustomerAssigned{kOrder, kOldFirm, kFirm},
                     OrderCorrected{kOrder, kOldFirm, command.lines, euros(35), euros(35), "DE"});
  when(command).then();
}

TEST_CASE_FIXTURE(Fixture, "an import corrects the details of an order, and when it was placed") {
  PlaceOrder command = placing(kOrder, "1001");
  importing();
  command.lines.clear();
  command.region = "North";
  command.ship_mode = "air";
  command.note = "ring twice";
  context().occurred_at = Timestamp(1'000'000);
  OrderDetailsCorrected change;
  change.order = kOrder;
  change.customer = kFirm;
  change.placed_at = Timestamp(1'000'000);
  change.region = "North";
  change.ship_mode = "air";
  change.note = sealed("ring twice");
  done(command).then(change).breaking({});
  CHECK(fold<Order>(kOrder)->state.placed_at == Timestamp(1'000'000));
  command.note.reset();
  when(command).then();
  command.region = "";
  change = {};
  change.order = kOrder;
  change.customer = kFirm;
  change.region = "";
  done(command).then(change);
  CHECK_FALSE(fold<Order>(kOrder)->state.region);
}

TEST_CASE_FIXTURE(Fixture, "returns go with their order to another customer") {
  given(ReturnReceived{kReturn, kOrder, kFirm, {}, {}, {line("A", 1, 10)}, euros(10), {}, {}},
        CustomerRestored{kOldFirm});
  PlaceOrder command = placing(kOrder, "1001");
  command.customer = kOldFirm;
  importing().done(command).then(
      OrderCustomerAssigned{kOrder, kOldFirm, kFirm},
      ReturnCustomerAssigned{kReturn, kOrder, kOldFirm},
      OrderCorrected{kOrder, kOldFirm, two_lines(), euros(30), euros(30), {}});
  CHECK(fold<Return>(kReturn)->state.customer == kOldFirm);
}

TEST_CASE_FIXTURE(Fixture, "nothing happens to an order before it is placed") {
  const Rule& rule = rules::kOrderMovedBeforePlaced;
  context().occurred_at = Timestamp(1'000'000);
  when(ConfirmOrder{{kOrder}}).then_refused(rule);
  when(CancelOrder{{kOrder}, {}}).then_refused(rule);
  importing().when(ConfirmOrder{{kOrder}}).then(OrderConfirmed{kOrder, kFirm}).breaking({rule});
}

TEST_CASE_FIXTURE(Fixture, "an order is placed on which an import has booked before") {
  importing().done(RecordAdjustment{{kNewOrder}, "A1", euros(-5), "bad debt", {}, {}});
  when(placing(kNewOrder, "7")).then(placed(kNewOrder, "7"));
}

TEST_CASE_FIXTURE(Fixture, "the last delivered line fulfils the order") {
  done(ConfirmOrder{{kOrder}}).then(OrderConfirmed{kOrder, kFirm});
  done(FulfilOrderLines{{kOrder}, {2}}).then(OrderLinesFulfilled{kOrder, kFirm, {2}});
  when(FulfilOrderLines{{kOrder}, {}}).then();
  when(FulfilOrderLines{{kOrder}, {2}}).then_refused(rules::kOrderLineFulfilled);
  when(FulfilOrderLines{{kOrder}, {1, 1}}).then_refused(rules::kOrderLineFulfilled);
  when(FulfilOrderLines{{kOrder}, {0}}).then_refused(rules::kOrderUnknownLine);
  when(FulfilOrderLines{{kOrder}, {3}}).then_refused(rules::kOrderUnknownLine);
  done(FulfilOrderLines{{kOrder}, {1}})
      .then(OrderLinesFulfilled{kOrder, kFirm, {1}}, OrderFulfilled{kOrder, kFirm});
  when(FulfilOrder{{kOrder}}).then();
}

TEST_CASE_FIXTURE(Fixture, "an import corrects when lines were delivered") {
  importing().done(ConfirmOrder{{kOrder}});
  done(FulfilOrderLines{{kOrder}, {1}});
  context().again = true;
  context().corrects = last_event();
  context().occurred_at = fold<Order>(kOrder)->state.placed_at;
  when(FulfilOrderLines{{kOrder}, {1}}).then(OrderLinesFulfilled{kOrder, kFirm, {1}}).breaking({});
}

TEST_CASE_FIXTURE(Fixture, "a cancelled order says what was lost") {
  when(CancelOrder{{kOrder}, "too late"})
      .then(OrderCancelled{kOrder, kFirm, "too late", euros(30)});
}

TEST_CASE_FIXTURE(Fixture, "an import records moves that our rules refuse") {
  importing();
  const Rule& rule = rules::kOrderMoveNotAllowed;
  done(FulfilOrder{{kOrder}}).then(OrderFulfilled{kOrder, kFirm}).breaking({rule});
  when(FulfilOrder{{kOrder}}).then();
  context().occurred_at.reset();
  when(FulfilOrder{{kOrder}}).then(OrderFulfilled{kOrder, kFirm}).breaking({rule});
  when(ConfirmOrder{{kOrder}}).then(OrderConfirmed{kOrder, kFirm}).breaking({rule});
}

TEST_CASE_FIXTURE(Fixture, "what was booked before an order follows it to its customer") {
  given(AdjustmentRecorded{kNewOrder, kOldFirm, "B1", euros(-1), {}, "bad_debt"});
  PlaceOrder command = placing(kNewOrder, "1002");
  OrderPlaced event = placed(kNewOrder, "1002");
  importing();
  SUBCASE("of another customer") {
    command.customer = kFirm;
    event.customer = kFirm;
    when(command).then(event, OrderCustomerAssigned{kNewOrder, kFirm, kOldFirm});
  }
  SUBCASE("which the booking may be the only one to name") {
    event.customer = kOldFirm;
    when(command).then(event);
  }
}

}  // namespace factum::crm
