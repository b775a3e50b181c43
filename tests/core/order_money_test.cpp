// Rules of payments, returns, refunds and adjustments; and how orders and returns are shown.
#include "core/crm/order.hpp"
#include "tests/core/order_support.hpp"

#include <doctest/doctest.h>

namespace factum::crm {
namespace {

using test::Spec;

const Money kDollar{100, "USD"};

struct Fixture : Spec {
  Fixture() { given_order(*this); }
};

// One piece of A came back.
ReceiveReturn returning(ReturnId id) {
  ReceiveReturn command;
  command.id = id;
  command.order = kOrder;
  command.lines = {line("A", 1, 10)};
  command.total = euros(10);
  return command;
}

ReturnReceived returned(ReturnId id) {
  return {id, kOrder, kFirm, {}, {}, {line("A", 1, 10)}, euros(10), {}, {}};
}

PaymentReceived paid(std::int64_t amount) { return {kOrder, kFirm, euros(amount), {}, {}}; }

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE_FIXTURE(Fixture, "a payment says whose it is") {
  when(ReceivePayment{{kOrder}, euros(5), "card", "R1"})
      .then(PaymentReceived{kOrder, kFirm, euros(5), "card", "R1"});
}

TEST_CASE_FIXTURE(Fixture, "payments are positive and in the currency of the order") {
  when(ReceivePayment{{kOrder}, euros(0), {}, {}}).then_refused(rules::kPaymentNotPositive);
  when(ReceivePayment{{kOrder}, kDollar, {}, {}}).then_refused(rules::kPaymentOtherCurrency);
  importing()
      .when(ReceivePayment{{kOrder}, kDollar, {}, {}})
      .then(PaymentReceived{kOrder, kFirm, kDollar, {}, {}})
      .breaking({rules::kPaymentOtherCurrency});
}

TEST_CASE_FIXTURE(Fixture, "goods come back with the customer of their order") {
  ReceiveReturn command = returning(kReturn);
  command.number = "R1";
  command.origin = "shop";
  command.country = "DE";
  command.reason = "broken";
  ReturnReceived event = returned(kReturn);
  event.number = "R1";
  event.origin = "shop";
  event.country = "DE";
  event.reason = "broken";
  done(command).then(event);
  when(command).then_fails(ErrorCode::already_exists);
}

TEST_CASE_FIXTURE(Fixture, "a return needs an order that was placed") {
  ReceiveReturn command = returning(kReturn);
  command.order.reset();
  when(command).then_refused(rules::kReturnOrderMissing);
  command.order = kNewOrder;
  when(command).then_refused(rules::kReturnUnknownOrder);
}

TEST_CASE_FIXTURE(Fixture, "an import records a return without an order") {
  ReceiveReturn command = returning(kReturn);
  command.order.reset();
  command.customer = kFirm;
  ReturnReceived event = returned(kReturn);
  event.order.reset();
  importing().when(command).then(event).breaking({rules::kReturnOrderMissing});
}

TEST_CASE_FIXTURE(Fixture, "the customer of a return is there and in use") {
  ReceiveReturn command = returning(kReturn);
  command.customer = kNobody;
  when(command).then_refused(rules::kReturnUnknownCustomer);
  command.customer = kOldFirm;
  when(command).then_refused(rules::kReturnArchivedCustomer);
}

TEST_CASE_FIXTURE(Fixture, "the lines of a return make its total") {
  ReceiveReturn command = returning(kReturn);
  command.total = euros(11);
  when(command).then_refused(rules::kReturnTotalWrong);
  command = returning(kReturn);
  command.lines[0].amount = kDollar;
  when(command).then_refused(rules::kReturnCurrenciesMixed);
  command = returning(kReturn);
  command.total = kDollar;
  when(command).then_refused(rules::kReturnCurrenciesMixed);
  command = returning(kReturn);
  command.lines[0].quantity = -1;
  when(command).then_refused(rules::kReturnQuantityNotPositive);
  command.lines.clear();
  when(command).then_refused(rules::kReturnLinesMissing);
}

TEST_CASE_FIXTURE(Fixture, "no more comes back than was ordered") {
  done(returning(kReturn));
  done(returning(kSecondReturn));
  ReceiveReturn command = returning(test::id_of<ReturnId>(55));
  const Rule& rule = rules::kReturnExceedsOrder;
  when(command).then_refused(rule);
  command.lines = {line("Z", 1, 10)};
  when(command).then_refused(rule);
  importing().when(command).breaking({rule});
}

TEST_CASE_FIXTURE(Fixture, "an import that says a return again corrects it") {
  importing().done(returning(kReturn));
  ReceiveReturn command = returning(kReturn);
  when(command).then();
  command.lines = {line("A", 2, 20)};
  command.total = euros(20);
  done(command)
      .then(ReturnCorrected{kReturn, kOrder, kFirm, command.lines, euros(20), euros(10)})
      .breaking({});
  when(command).then();
  const auto order = fold<Order>(kOrder);
  REQUIRE(order);
  REQUIRE(order->state.returns.size() == 1);
  CHECK(order->state.returns[0].total == euros(20));
}

// The refund alone used to count as the return, which then could only be corrected.
TEST_CASE_FIXTURE(Fixture, "an import may name the refund of a return before the return") {
  importing().done(IssueRefund{{kOrder}, euros(10), kReturn, {}});
  done(returning(kReturn)).then(returned(kReturn));
  when(returning(kReturn)).then();
}

TEST_CASE_FIXTURE(Fixture, "no more is paid back than was paid") {
  const Rule& rule = rules::kRefundExceedsPayments;
  when(IssueRefund{{kOrder}, euros(1), {}, {}}).then_refused(rule);
  given(paid(20));
  done(IssueRefund{{kOrder}, euros(15), {}, "late"})
      .then(RefundIssued{kOrder, kFirm, {}, euros(15), "late"});
  when(IssueRefund{{kOrder}, euros(6), {}, {}}).then_refused(rule);
  when(IssueRefund{{kOrder}, euros(5), {}, {}}).then(RefundIssued{kOrder, kFirm, {}, euros(5), {}});
  when(IssueRefund{{kOrder}, euros(0), {}, {}}).then_refused(rules::kRefundNotPositive);
  when(IssueRefund{{kOrder}, kDollar, {}, {}}).then_refused(rules::kRefundOtherCurrency);
  importing()
      .when(IssueRefund{{kOrder}, euros(6), {}, {}})
      .then(RefundIssued{kOrder, kFirm, {}, euros(6), {}})
      .breaking({rule});
}

TEST_CASE_FIXTURE(Fixture, "a refund pays for a return of the same order") {
  given(paid(20), returned(kReturn));
  ReturnReceived foreign = returned(kSecondReturn);
  foreign.order = kNewOrder;
  given(foreign);
  const Rule& rule = rules::kRefundUnknownReturn;
  when(IssueRefund{{kOrder}, euros(1), kSecondReturn, {}}).then_refused(rule);
  when(IssueRefund{{kOrder}, euros(1), test::id_of<ReturnId>(99), {}}).then_refused(rule);
  done(IssueRefund{{kOrder}, euros(10), kReturn, {}})
      .then(RefundIssued{kOrder, kFirm, kReturn, euros(10), {}});
  const std::string shown = this->shown<Return>(kReturn);
  CHECK(contains(shown, R"("refunded":[{"currency":"EUR","minor":1000}])"));
  CHECK(contains(shown, R"("total":{"currency":"EUR","minor":1000})"));
}

TEST_CASE_FIXTURE(Fixture,
                  "what comes back is worth no more than its order, and is its customer's") {
  ReceiveReturn command = returning(kReturn);
  command.lines = {line("A", 1, 31)};
  command.total = euros(31);
  when(command).then_refused(rules::kReturnExceedsTotal);
  command.lines = {line("A", 1, 30)};
  command.total = euros(30);
  done(command);
  command = returning(kSecondReturn);
  command.lines = {line("A", 1, 1)};
  command.total = euros(1);
  when(command).then_refused(rules::kReturnExceedsTotal);
  importing().when(command).breaking({rules::kReturnExceedsTotal});
  command.total = euros(0);
  command.lines = {line("A", 1, 0)};
  command.customer = kOldFirm;
  given(CustomerRestored{kOldFirm});
  when(command).breaking({rules::kReturnOtherCustomer});
}

TEST_CASE_FIXTURE(Fixture, "what comes back has a value, and was delivered before") {
  ReceiveReturn command = returning(kReturn);
  command.lines = {line("A", 1, -10)};
  command.total = euros(-10);
  when(command).then_refused(rules::kReturnNegative);
  command = returning(kReturn);
  context().occurred_at = Timestamp(1'000'000);
  when(command).then_refused(rules::kReturnBeforeOrder);
  context().occurred_at = context().now;
  given(OrderCancelled{kOrder, kFirm, {}, euros(30)});
  when(command).then_refused(rules::kReturnOrderCancelled);
  importing().when(command).then(returned(kReturn)).breaking({rules::kReturnOrderCancelled});
}

TEST_CASE_FIXTURE(Fixture,
                  "an adjustment is for a customer that is there, in the order's currency") {
  RecordAdjustment command{{kOrder}, "A1", euros(-5), "bad debt", kNobody, {}};
  when(command).then_refused(rules::kAdjustmentUnknownCustomer);
  command.customer = kOldFirm;
  when(command).then_refused(rules::kAdjustmentArchivedCustomer);
  given(CustomerRestored{kOldFirm});
  when(command).then_refused(rules::kAdjustmentOtherCustomer);
  command.customer = kFirm;
  command.amount = kDollar;
  when(command).then_refused(rules::kAdjustmentOtherCurrency);
}

TEST_CASE_FIXTURE(Fixture,
                  "the lines of a delivered order are delivered, however they are corrected") {
  given(OrderFulfilled{kOrder, kFirm});
  PlaceOrder command;
  command.id = kOrder;
  command.number = "1001";
  command.lines = {line("A", 2, 20), line("B", 1, 10), line("C", 1, 1)};
  command.total = euros(31);
  importing().done(command);
  CHECK(fold<Order>(kOrder)->state.fulfilled_lines == std::vector<std::int64_t>{1, 2, 3});
  command.lines = {line("A", 2, 20)};
  command.total = euros(20);
  done(command);
  CHECK(fold<Order>(kOrder)->state.fulfilled_lines == std::vector<std::int64_t>{1});
}

TEST_CASE_FIXTURE(Fixture, "an import corrects a payment and a refund where they were booked") {
  importing().done(ReceivePayment{{kOrder}, euros(20), {}, {}});
  const Uuid payment = last_event();
  done(ReceivePayment{{kOrder}, euros(3), {}, {}});
  context().corrects = payment;
  when(ReceivePayment{{kOrder}, euros(20), {}, {}}).then();
  const auto now = context().occurred_at;
  done(ReceivePayment{{kOrder}, euros(15), {}, {}})
      .then(PaymentCorrected{kOrder, kFirm, payment, euros(15), euros(20), now});
  context().corrects = last_event();
  when(ReceivePayment{{kOrder}, euros(15), {}, {}}).then();
  context().occurred_at.reset();
  when(ReceivePayment{{kOrder}, euros(15), {}, {}})
      .then(PaymentCorrected{kOrder, kFirm, payment, euros(15), euros(15), {}});
  CHECK(fold<Order>(kOrder)->state.paid == MoneySums{{1800, "EUR"}});
  context().corrects.reset();
  done(IssueRefund{{kOrder}, euros(18), {}, {}}).breaking({});
  const Uuid refund = last_event();
  context().corrects = refund;
  done(IssueRefund{{kOrder}, euros(17), {}, {}})
      .then(RefundCorrected{kOrder, kFirm, {}, refund, euros(17), euros(18), {}})
      .breaking({});
  context().corrects = last_event();
  CHECK(fold<Order>(kOrder)->state.refunded == MoneySums{{1700, "EUR"}});
  when(IssueRefund{{kOrder}, euros(19), {}, {}}).breaking({rules::kRefundExceedsPayments});
  context().corrects = test::test_id(7);
  when(ReceivePayment{{kOrder}, euros(15), {}, {}}).then_fails(ErrorCode::not_found);
}

TEST_CASE_FIXTURE(Fixture, "an import corrects the time and the reason of a return") {
  importing().done(returning(kReturn));
  ReceiveReturn command = returning(kReturn);
  command.lines.clear();
  command.reason = "broken";
  context().occurred_at = Timestamp(1'000'000);
  done(command).then(
      ReturnDetailsCorrected{kReturn, kOrder, kFirm, Timestamp(1'000'000), {}, "broken"});
  when(command).then();
  CHECK(fold<Return>(kReturn)->state.received_at == Timestamp(1'000'000));
}

TEST_CASE_FIXTURE(Fixture, "a corrected time of an adjustment is booked at both times") {
  RecordAdjustment command{{kOrder}, "A1", euros(-5), "bad debt", {}, {}};
  importing().done(command);
  const auto before = context().occurred_at;
  context().occurred_at = Timestamp(1'000'000);
  const test::Outcome outcome = done(command);
  outcome.then(AdjustmentRecorded{kOrder, kFirm, "A1", euros(-5), {}, "bad debt"},
               AdjustmentRecorded{kOrder, kFirm, "A1", euros(5), {}, "bad debt"});
  CHECK(outcome.decision()->events[0].occurred_at == Timestamp(1'000'000));
  CHECK(outcome.decision()->events[1].occurred_at == before);
  when(command).then();
}

TEST_CASE_FIXTURE(Fixture, "an adjustment has a number of its own") {
  const RecordAdjustment command{{kOrder}, "A1", euros(-5), "bad debt", {}, {}};
  done(command).then(AdjustmentRecorded{kOrder, kFirm, "A1", euros(-5), {}, "bad debt"});
  when(command).then_refused(rules::kAdjustmentTwice);
}

TEST_CASE_FIXTURE(Fixture, "an import books on orders that were never recorded, and differences") {
  RecordAdjustment command{{kNewOrder}, "A1", euros(-5), "bad debt", kFirm, "DE"};
  when(command).then_fails(ErrorCode::not_found);
  importing()
      .done(command)
      .then(AdjustmentRecorded{kNewOrder, kFirm, "A1", euros(-5), "DE", "bad debt"})
      .breaking({rules::kAdjustmentWithoutOrder});
  when(command).then();
  command.amount = euros(-7);
  done(command)
      .then(AdjustmentRecorded{kNewOrder, kFirm, "A1", euros(-2), "DE", "bad debt"})
      .breaking({rules::kAdjustmentWithoutOrder});
  when(command).then();
  const std::string shown = this->shown<Order>(kNewOrder);
  CHECK(contains(shown, R"("status":"unplaced")"));
  CHECK(contains(shown, R"("adjusted":[{"currency":"EUR","minor":-700}])"));
  CHECK_FALSE(contains(shown, R"("total")"));
}

TEST_CASE_FIXTURE(Fixture, "an order shows what was paid, came back and is still to be paid") {
  given(paid(20), PaymentReceived{kOrder, kFirm, kDollar, {}, {}}, returned(kReturn),
        RefundIssued{kOrder, kFirm, kReturn, euros(4), {}},
        AdjustmentRecorded{kOrder, kFirm, "A1", euros(-1), {}, "rounding"});
  const std::string shown = this->shown<Order>(kOrder);
  for (const std::string_view part :
       {R"("status":"placed")", R"("total":{"currency":"EUR","minor":3000})",
        R"("paid":[{"currency":"EUR","minor":2000},{"currency":"USD","minor":100}])",
        R"("refunded":[{"currency":"EUR","minor":400}])",
        R"("adjusted":[{"currency":"EUR","minor":-100}])",
        R"("balance":{"currency":"EUR","minor":300})",
        R"("placed_at":"2023-11-14T22:13:20.000000Z")"})
    CHECK_MESSAGE(contains(shown, part), part);
  given(OrderCancelled{kOrder, kFirm, {}, euros(30)});
  CHECK(contains(this->shown<Order>(kOrder), R"("balance":{"currency":"EUR","minor":-2700})"));
}

TEST_CASE_FIXTURE(Fixture, "a cancelled order takes no payments") {
  done(CancelOrder{{kOrder}, {}});
  const ReceivePayment command{{kOrder}, euros(5), {}, {}};
  when(command).then_refused(rules::kOrderCancelled);
  importing().when(command).then(paid(5)).breaking({rules::kOrderCancelled});
}

TEST_CASE_FIXTURE(Fixture, "an order that was never recorded takes no payments or refunds") {
  given(AdjustmentRecorded{kNewOrder, kFirm, "B1", euros(-1), {}, "bad_debt"});
  const Rule& rule = rules::kOrderNotPlaced;
  when(ReceivePayment{{kNewOrder}, euros(5), {}, {}}).then_refused(rule);
  when(IssueRefund{{kNewOrder}, euros(5), {}, {}}).then_refused(rule);
  importing();
  when(ReceivePayment{{kNewOrder}, euros(5), {}, {}})
      .then(PaymentReceived{kNewOrder, kFirm, euros(5), {}, {}})
      .breaking({rule});
  when(IssueRefund{{kNewOrder}, euros(5), {}, {}})
      .then(RefundIssued{kNewOrder, kFirm, {}, euros(5), {}})
      .breaking({rule, rules::kRefundExceedsPayments});
}

TEST_CASE_FIXTURE(Fixture, "payments of more than 64 bits are paid back and balanced exactly") {
  const Money most{kMoneyMinorMax, "EUR"};
  for (int i = 0; i < 9'300; ++i) given(PaymentReceived{kOrder, kFirm, most, {}, {}});
  when(IssueRefund{{kOrder}, most, {}, {}}).then(RefundIssued{kOrder, kFirm, {}, most, {}});
  const std::string shown = this->shown<Order>(kOrder);
  CHECK(contains(shown, R"("paid":[{"currency":"EUR","minor":"9300000000000000000"}])"));
  CHECK(contains(shown, R"("balance":{"currency":"EUR","minor":"-9299999999999997000"})"));
}

TEST_CASE_FIXTURE(Fixture, "a correction of a booking beyond the bound is refused, not cut off") {
  given(AdjustmentRecorded{kOrder, kFirm, "B1", {-kMoneyMinorMax, "EUR"}, {}, "bad_debt"});
  RecordAdjustment command;
  command.id = kOrder;
  command.number = "B1";
  command.amount = {kMoneyMinorMax, "EUR"};
  command.reason = "bad_debt";
  importing().when(command).then_fails(ErrorCode::limit_exceeded);
}

TEST_CASE_FIXTURE(Fixture, "a corrected return is of the customer the order has now") {
  given(returned(kReturn), OrderCustomerAssigned{kOrder, kOldFirm, kFirm});
  ReceiveReturn command = returning(kReturn);
  command.lines = {line("A", 1, 9)};
  command.total = euros(9);
  const ReturnCorrected corrected{kReturn, kOrder, kOldFirm, command.lines, euros(9), euros(10)};
  importing();
  when(command).then(corrected);
  command.order = {};
  when(command).then(corrected).breaking({rules::kReturnOrderMissing});
}

}  // namespace factum::crm
