#include "projections/purchase_history.hpp"

#include "core/crm/order_events.hpp"
#include "projections/merged_scan.hpp"
#include "projections/revenue_fold.hpp"

#include <algorithm>

namespace factum::projections {
namespace {

// Tables: 'h' customer, time and position (newest first): entry; 'k' customer, order and 'b'
// customer, return: where its entry is. Revenue has its own: see revenue_fold.hpp.
struct EntryPlace {
  std::optional<Timestamp> happened_at;
  Position position;

  static void describe(FieldVisitor& v, EntryPlace& p) {
    v.shown("happened_at", p.happened_at, "Time of the entry; absent = there is none");
    v.shown("position", p.position, "Position of the entry");
  }
};

std::string entry_key(const crm::CustomerId& customer, Timestamp happened_at, Position position) {
  return ViewKey('h').id(customer).str() + newest_first(happened_at, position);
}

PurchaseEntry entry_of(const DecodedEvent& at, PurchaseKind kind, std::optional<Money> amount) {
  PurchaseEntry entry;
  entry.kind = kind;
  entry.position = at.position();
  entry.happened_at = at.happened_at();
  entry.occurred_at = at.record().occurred_at;
  entry.amount = std::move(amount);
  return entry;
}

void set_lines(PurchaseEntry& entry, const std::vector<crm::OrderLine>& lines) {
  entry.lines_total = static_cast<std::int64_t>(lines.size());
  entry.lines.assign(lines.begin(), lines.begin() + static_cast<std::ptrdiff_t>(
                                                        std::min(lines.size(), kPurchaseLinesMax)));
}

void add(ViewBatch& rows, const crm::CustomerId& customer, const PurchaseEntry& entry) {
  rows.put(entry_key(customer, entry.happened_at, entry.position), entry);
}

// The entry of an order, made at this event if there is none yet.
PurchaseEntry& order_entry(ViewBatch& rows, const crm::CustomerId& customer,
                           const crm::OrderId& order, const DecodedEvent& at) {
  EntryPlace& place = rows.edit<EntryPlace>(ViewKey('k').id(customer).id(order));
  const bool is_new = !place.happened_at;
  if (is_new) place = {at.happened_at(), at.position()};
  PurchaseEntry& entry =
      rows.edit<PurchaseEntry>(entry_key(customer, *place.happened_at, place.position));
  if (is_new) {
    entry = entry_of(at, PurchaseKind::order, {});
    entry.order = order;
  }
  return entry;
}

void placed(ViewBatch& rows, const crm::OrderPlaced& e, const DecodedEvent& at) {
  revenue_rows::placed(rows, e, at);
  if (!e.customer) return;
  PurchaseEntry& entry = order_entry(rows, *e.customer, e.order, at);
  if (entry.number) return;
  entry.number = e.number;
  entry.origin = e.origin;
  if (!entry.state) entry.state = OrderState::placed;
  if (entry.amount) return;
  entry.country = e.country;
  entry.amount = e.total;
  set_lines(entry, e.lines);
}

void corrected(ViewBatch& rows, const crm::OrderCorrected& e, const DecodedEvent& at) {
  revenue_rows::corrected(rows, e, at);
  if (!e.customer) return;
  PurchaseEntry& entry = order_entry(rows, *e.customer, e.order, at);
  if (!entry.state) entry.state = OrderState::placed;
  entry.amount = e.total;
  if (e.country) entry.country = e.country;
  set_lines(entry, e.lines);
}

// The former customer has the order no longer; its lines follow for the new one.
void reassigned(ViewBatch& rows, const crm::OrderCustomerAssigned& e, const DecodedEvent& /*at*/) {
  if (!e.previous_customer || *e.previous_customer == e.customer) return;
  const ViewKey key = ViewKey('k').id(*e.previous_customer).id(e.order);
  const EntryPlace* place = rows.find<EntryPlace>(key);
  if (place == nullptr || !place->happened_at) return;
  rows.erase(entry_key(*e.previous_customer, *place->happened_at, place->position));
  rows.erase(key);
}

template <class E>
constexpr OrderState state_after() {
  if constexpr (std::is_same_v<E, crm::OrderConfirmed>) return OrderState::confirmed;
  if constexpr (std::is_same_v<E, crm::OrderLinesFulfilled>) return OrderState::part_fulfilled;
  if constexpr (std::is_same_v<E, crm::OrderFulfilled>) return OrderState::fulfilled;
  if constexpr (std::is_same_v<E, crm::OrderClosed>) return OrderState::closed;
  if constexpr (std::is_same_v<E, crm::OrderCancelled>) return OrderState::cancelled;
}

template <class E>
void moved(ViewBatch& rows, const E& e, const DecodedEvent& at) {
  if (!e.customer) return;
  PurchaseEntry& entry = order_entry(rows, *e.customer, e.order, at);
  entry.state = state_after<E>();
}

void cancelled(ViewBatch& rows, const crm::OrderCancelled& e, const DecodedEvent& at) {
  revenue_rows::cancelled(rows, e, at);
  moved(rows, e, at);
}

void returned(ViewBatch& rows, const crm::ReturnReceived& e, const DecodedEvent& at) {
  revenue_rows::returned(rows, e, at);
  if (!e.customer) return;
  PurchaseEntry entry = entry_of(at, PurchaseKind::goods_return, e.total);
  entry.order = e.order;
  entry.return_id = e.return_id;
  entry.number = e.number;
  entry.origin = e.origin;
  entry.country = e.country;
  entry.reason = e.reason;
  set_lines(entry, e.lines);
  rows.edit<PurchaseEntry>(entry_key(*e.customer, entry.happened_at, entry.position)) = entry;
  rows.edit<EntryPlace>(ViewKey('b').id(*e.customer).id(e.return_id)) = {entry.happened_at,
                                                                         entry.position};
}

void return_corrected(ViewBatch& rows, const crm::ReturnCorrected& e, const DecodedEvent& at) {
  revenue_rows::return_corrected(rows, e, at);
  if (!e.customer) return;
  const EntryPlace* place = rows.find<EntryPlace>(ViewKey('b').id(*e.customer).id(e.return_id));
  if (place == nullptr || !place->happened_at) return;
  PurchaseEntry& entry =
      rows.edit<PurchaseEntry>(entry_key(*e.customer, *place->happened_at, place->position));
  entry.amount = e.total;
  set_lines(entry, e.lines);
}

void refunded(ViewBatch& rows, const crm::RefundIssued& e, const DecodedEvent& at) {
  if (!e.customer) return;
  PurchaseEntry entry = entry_of(at, PurchaseKind::refund, e.amount);
  entry.order = e.order;
  entry.return_id = e.return_id;
  entry.reason = e.reason;
  add(rows, *e.customer, entry);
}

void paid(ViewBatch& rows, const crm::PaymentReceived& e, const DecodedEvent& at) {
  if (!e.customer) return;
  PurchaseEntry entry = entry_of(at, PurchaseKind::payment, e.amount);
  entry.order = e.order;
  add(rows, *e.customer, entry);
}

void adjusted(ViewBatch& rows, const crm::AdjustmentRecorded& e, const DecodedEvent& at) {
  revenue_rows::adjusted(rows, e, at);
  if (!e.customer) return;
  PurchaseEntry entry = entry_of(at, PurchaseKind::adjustment, e.amount);
  entry.order = e.order;
  entry.number = e.number;
  entry.country = e.country;
  entry.reason = e.reason;
  add(rows, *e.customer, entry);
}

}  // namespace

Projection purchase_history_projection() {
  Projection projection("purchase_history", 1,
                        "What customers bought and gave back; revenue by month and country");
  projection.on<crm::OrderPlaced>(&placed);
  projection.on<crm::OrderCorrected>(&corrected);
  projection.on<crm::OrderCustomerAssigned>(&reassigned);
  projection.on<crm::OrderConfirmed>(&moved<crm::OrderConfirmed>);
  projection.on<crm::OrderLinesFulfilled>(&moved<crm::OrderLinesFulfilled>);
  projection.on<crm::OrderFulfilled>(&moved<crm::OrderFulfilled>);
  projection.on<crm::OrderClosed>(&moved<crm::OrderClosed>);
  projection.on<crm::OrderCancelled>(&cancelled);
  projection.on<crm::ReturnReceived>(&returned);
  projection.on<crm::ReturnCorrected>(&return_corrected);
  projection.on<crm::RefundIssued>(&refunded);
  projection.on<crm::PaymentReceived>(&paid);
  projection.on<crm::AdjustmentRecorded>(&adjusted);
  return projection;
}

Result<Page<PurchaseEntry>> purchase_history(const ViewReader& rows, const PurchaseQuery& query) {
  MergedScan scan{.prefixes = {ViewKey('h').id(query.customer).str()},
                  .from = {},
                  .to = {},
                  .page = query.page};
  set_period(scan, query.from, query.to);
  Page<PurchaseEntry> page;
  const auto take = [&](std::string_view /*key*/, std::string_view value) -> Result<bool> {
    FACTUM_TRY(PurchaseEntry entry, decode_row<PurchaseEntry>(value));
    page.items.push_back(std::move(entry));
    return true;
  };
  FACTUM_TRY(page.next, merged_scan(rows, scan, take));
  return page;
}

void PurchaseEntry::describe(FieldVisitor& v, PurchaseEntry& e) {
  v.shown("kind", e.kind, "What it is");
  v.shown("order", e.order, "The order");
  v.shown("return", e.return_id, "The return");
  v.shown("position", e.position, "Where it is in the log");
  v.shown("happened_at", e.happened_at, "When it happened; for undated facts, when recorded");
  v.shown("occurred_at", e.occurred_at, "When it happened in the world; absent = undated");
  v.shown("number", e.number, "Number as printed");
  v.shown("origin", e.origin, "Shop or system, a code");
  v.shown("country", e.country, "Country");
  v.shown("reason", e.reason, "Why, a code");
  v.shown("state", e.state, "Orders: how far it has come");
  v.shown("amount", e.amount, "Value; positive for returns and refunds too");
  v.shown("lines", e.lines, "The first 20 lines");
  v.shown("lines_total", e.lines_total, "How many lines there are");
}

}  // namespace factum::projections
