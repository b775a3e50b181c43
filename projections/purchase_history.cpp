#include "projections/purchase_history.hpp"

#include "core/crm/differences.hpp"
#include "core/crm/order_events.hpp"
#include "projections/merged_scan.hpp"
#include "projections/revenue_fold.hpp"

#include <algorithm>

namespace factum::projections {
namespace {

// Tables: 'h' customer (nil = unknown), time and position (newest first): entry; 'k' customer,
// order and 'b' customer, return, order: where its entry is; 'w' order as all its events tell; 'n'
// order, number: where the entries about it are; 'q' order, fact (a return, or the event of a
// payment or refund): the number of its entry. Revenue has its own: see revenue_fold.hpp.
//
// Rows of a customer follow from events with its tag, and of orders that it took over; so a view as
// of a position is a short fold.
struct EntryPlace {
  crm::CustomerId customer;
  std::optional<Timestamp> happened_at;
  Position position;

  static void describe(FieldVisitor& v, EntryPlace& p) {
    v.shown("customer", p.customer, "Whose entry it is; nil = nobody known");
    v.shown("happened_at", p.happened_at, "Time of the entry; absent = there is none");
    v.shown("position", p.position, "Position of the entry");
  }
};

struct OrderPlace {
  EntryPlace entry;
  bool gone = false;

  static void describe(FieldVisitor& v, OrderPlace& o) {
    v.shown("entry", o.entry, "Where the entry of the order is");
    v.shown("gone", o.gone, "Another customer has taken the order over");
  }
};

struct EntryNumber {
  std::int64_t number = 0;

  static void describe(FieldVisitor& v, EntryNumber& n) {
    v.shown("number", n.number, "Which of the entries about the order");
  }
};

struct WholeOrder {
  std::optional<crm::CustomerId> assigned;
  std::optional<PurchaseEntry> entry;
  std::int64_t others = 0;

  static void describe(FieldVisitor& v, WholeOrder& o) {
    v.shown("assigned", o.assigned, "Whom it was assigned to last");
    v.shown("entry", o.entry, "The entry of the order");
    v.shown("others", o.others, "How many returns, refunds, payments and adjustments it has");
  }
};

std::string entry_key(const EntryPlace& place) {
  return ViewKey('h').id(place.customer).str() + newest_first(*place.happened_at, place.position);
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

ViewKey whole_key(const crm::OrderId& order) { return ViewKey('w').id(order); }
ViewKey own_key(const crm::CustomerId& customer, const crm::OrderId& order) {
  return ViewKey('k').id(customer).id(order);
}
ViewKey other_key(const crm::OrderId& order, std::int64_t number) {
  return ViewKey('n').id(order).i64(number);
}
ViewKey fact_key(const crm::OrderId& order, const Uuid& fact) {
  return ViewKey('q').id(order).id(fact);
}
ViewKey return_key(const crm::CustomerId& customer, const crm::ReturnId& id,
                   const std::optional<crm::OrderId>& order) {
  return ViewKey('b').id(customer).id(id).id(order.value_or(crm::OrderId{}));
}

PurchaseEntry order_entry(const crm::OrderId& order, const DecodedEvent& at) {
  PurchaseEntry entry = entry_of(at, PurchaseKind::order, {});
  entry.order = order;
  return entry;
}

// The customer that an event names, or the one who has taken the order over.
crm::CustomerId whose(ViewBatch& rows, const WholeOrder& whole, const crm::OrderId& order,
                      const crm::CustomerId& named) {
  const OrderPlace* place = rows.find<OrderPlace>(own_key(named, order));
  return place != nullptr && place->gone ? whole.assigned.value_or(named) : named;
}

// Changes the entry of an order, made at this event if there is none yet.
template <class Change>
void change_order(ViewBatch& rows, const crm::OrderId& order,
                  const std::optional<crm::CustomerId>& named, const DecodedEvent& at,
                  Change change) {
  WholeOrder& whole = rows.edit<WholeOrder>(whole_key(order));
  if (!whole.entry) whole.entry = order_entry(order, at);
  change(*whole.entry);
  if (!named) return;
  const crm::CustomerId customer = whose(rows, whole, order, *named);
  EntryPlace& place = rows.edit<OrderPlace>(own_key(customer, order)).entry;
  const bool is_new = !place.happened_at;
  if (is_new) place = {customer, at.happened_at(), at.position()};
  PurchaseEntry& entry = rows.edit<PurchaseEntry>(entry_key(place));
  if (is_new) entry = order_entry(order, at);
  change(entry);
}

void put_entry(ViewBatch& rows, const EntryPlace& place, const PurchaseEntry& entry) {
  rows.edit<PurchaseEntry>(entry_key(place)) = entry;
  if (entry.kind == PurchaseKind::goods_return)
    rows.edit<EntryPlace>(return_key(place.customer, *entry.return_id, entry.order)) = place;
}

void erase_entry(ViewBatch& rows, const EntryPlace& place, const PurchaseEntry& entry) {
  rows.erase(entry_key(place));
  if (entry.kind == PurchaseKind::goods_return)
    rows.erase(return_key(place.customer, *entry.return_id, entry.order));
}

// Changes an entry, which may get another time, at its place.
template <class Change>
void change_at(ViewBatch& rows, EntryPlace& place, Change change) {
  const PurchaseEntry* found = rows.find<PurchaseEntry>(entry_key(place));
  if (found == nullptr) return;
  PurchaseEntry entry = *found;
  erase_entry(rows, place, entry);
  change(entry);
  place.happened_at = entry.happened_at;
  put_entry(rows, place, entry);
}

void redate(PurchaseEntry& entry, const std::optional<Timestamp>& occurred_at,
            const DecodedEvent& at) {
  entry.occurred_at = occurred_at;
  entry.happened_at = occurred_at.value_or(at.recorded->recorded_at);
}

// Changes the time and the entry of an order, wherever it is.
void redate_order(ViewBatch& rows, const crm::OrderDetailsCorrected& e, const DecodedEvent& at) {
  const auto change = [&](PurchaseEntry& entry) { redate(entry, e.placed_at, at); };
  change_order(rows, e.order, {}, at, change);
  if (!e.customer) return;
  const WholeOrder& whole = rows.edit<WholeOrder>(whole_key(e.order));
  const crm::CustomerId customer = whose(rows, whole, e.order, *e.customer);
  EntryPlace& place = rows.edit<OrderPlace>(own_key(customer, e.order)).entry;
  if (place.happened_at) return change_at(rows, place, change);
  PurchaseEntry entry = order_entry(e.order, at);
  change(entry);
  place = {customer, entry.happened_at, entry.position};
  put_entry(rows, place, entry);
}

// Adds an entry that is not an order. About an order without customer it waits for one. `fact`: how
// corrections name it, or nil.
void add(ViewBatch& rows, const std::optional<crm::CustomerId>& named, const PurchaseEntry& entry,
         const Uuid& fact) {
  EntryPlace place{named.value_or(crm::CustomerId{}), entry.happened_at, entry.position};
  if (entry.order) {
    WholeOrder& whole = rows.edit<WholeOrder>(whole_key(*entry.order));
    place.customer = whose(rows, whole, *entry.order, place.customer);
    if (!fact.is_nil()) rows.edit<EntryNumber>(fact_key(*entry.order, fact)).number = whole.others;
    rows.edit<EntryPlace>(other_key(*entry.order, whole.others++)) = place;
  } else if (!named) {
    return;
  }
  put_entry(rows, place, entry);
}

void placed(ViewBatch& rows, const crm::OrderPlaced& e, const DecodedEvent& at) {
  revenue_rows::placed(rows, e, at);
  change_order(rows, e.order, e.customer, at, [&](PurchaseEntry& entry) {
    if (entry.number) return;
    entry.number = e.number;
    entry.origin = e.origin;
    if (!entry.state) entry.state = OrderState::placed;
    if (entry.amount) return;
    entry.country = e.country;
    entry.amount = e.total;
    set_lines(entry, e.lines);
  });
}

void corrected(ViewBatch& rows, const crm::OrderCorrected& e, const DecodedEvent& at) {
  revenue_rows::corrected(rows, e, at);
  change_order(rows, e.order, e.customer, at, [&](PurchaseEntry& entry) {
    if (!entry.state) entry.state = OrderState::placed;
    entry.amount = e.total;
    crm::take_over(entry.country, e.country);
    set_lines(entry, e.lines);
  });
}

void details_corrected(ViewBatch& rows, const crm::OrderDetailsCorrected& e,
                       const DecodedEvent& at) {
  if (!e.placed_at) return;
  revenue_rows::redated(rows, e);
  redate_order(rows, e, at);
}

void erase_own(ViewBatch& rows, const crm::CustomerId& customer, const crm::OrderId& order,
               bool gone) {
  OrderPlace& place = rows.edit<OrderPlace>(own_key(customer, order));
  if (place.entry.happened_at) rows.erase(entry_key(place.entry));
  place = {.entry = {}, .gone = gone};
}

// Changes the entry of a fact about an order.
template <class Change>
void change_fact(ViewBatch& rows, const crm::OrderId& order, const Uuid& fact, Change change) {
  const EntryNumber* found = rows.find<EntryNumber>(fact_key(order, fact));
  if (found != nullptr)
    change_at(rows, rows.edit<EntryPlace>(other_key(order, found->number)), change);
}

// Entries of the former customer and of nobody move; those that name a third one stay there too.
void take_other(ViewBatch& rows, EntryPlace& place, const crm::OrderCustomerAssigned& e) {
  const PurchaseEntry* found = rows.find<PurchaseEntry>(entry_key(place));
  if (found == nullptr) return;
  const PurchaseEntry entry = *found;
  if (e.previous_customer)
    erase_entry(rows, {*e.previous_customer, place.happened_at, place.position}, entry);
  if (place.customer == crm::CustomerId{}) erase_entry(rows, place, entry);
  place.customer = e.customer;
  put_entry(rows, place, entry);
}

// The new customer takes the order over with all that is about it, the former one has it no longer.
void reassigned(ViewBatch& rows, const crm::OrderCustomerAssigned& e, const DecodedEvent& at) {
  WholeOrder& whole = rows.edit<WholeOrder>(whole_key(e.order));
  whole.assigned = e.customer;
  if (e.previous_customer) erase_own(rows, *e.previous_customer, e.order, true);
  erase_own(rows, e.customer, e.order, false);
  if (!whole.entry) whole.entry = order_entry(e.order, at);
  const EntryPlace place{e.customer, whole.entry->happened_at, whole.entry->position};
  rows.edit<OrderPlace>(own_key(e.customer, e.order)).entry = place;
  rows.edit<PurchaseEntry>(entry_key(place)) = *whole.entry;
  for (std::int64_t number = 0; number < whole.others; ++number)
    take_other(rows, rows.edit<EntryPlace>(other_key(e.order, number)), e);
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
  change_order(rows, e.order, e.customer, at,
               [](PurchaseEntry& entry) { entry.state = state_after<E>(); });
}

void cancelled(ViewBatch& rows, const crm::OrderCancelled& e, const DecodedEvent& at) {
  revenue_rows::cancelled(rows, e, at);
  moved(rows, e, at);
}

void returned(ViewBatch& rows, const crm::ReturnReceived& e, const DecodedEvent& at) {
  revenue_rows::returned(rows, e, at);
  PurchaseEntry entry = entry_of(at, PurchaseKind::goods_return, e.total);
  entry.order = e.order;
  entry.return_id = e.return_id;
  entry.number = e.number;
  entry.origin = e.origin;
  entry.country = e.country;
  entry.reason = e.reason;
  set_lines(entry, e.lines);
  add(rows, e.customer, entry, e.return_id.uuid);
}

void return_corrected(ViewBatch& rows, const crm::ReturnCorrected& e, const DecodedEvent& at) {
  revenue_rows::return_corrected(rows, e, at);
  auto customer = e.customer.value_or(crm::CustomerId{});
  if (e.order) {
    const WholeOrder* whole = rows.find<WholeOrder>(whole_key(*e.order));
    if (whole != nullptr) customer = whose(rows, *whole, *e.order, customer);
  }
  const ViewKey key = return_key(customer, e.return_id, e.order);
  const EntryPlace* place = rows.find<EntryPlace>(key);
  if (place == nullptr || !place->happened_at) return;
  PurchaseEntry& entry = rows.edit<PurchaseEntry>(entry_key(*place));
  entry.amount = e.total;
  set_lines(entry, e.lines);
}

void return_details_corrected(ViewBatch& rows, const crm::ReturnDetailsCorrected& e,
                              const DecodedEvent& at) {
  revenue_rows::return_details_corrected(rows, e);
  const auto change = [&](PurchaseEntry& entry) {
    if (e.received_at) redate(entry, e.received_at, at);
    crm::take_over(entry.country, e.country);
    crm::take_over(entry.reason, e.reason);
  };
  if (e.order) return change_fact(rows, *e.order, e.return_id.uuid, change);
  if (!e.customer) return;
  const EntryPlace* found = rows.find<EntryPlace>(return_key(*e.customer, e.return_id, {}));
  if (found == nullptr || !found->happened_at) return;
  EntryPlace place = *found;
  change_at(rows, place, change);
}

void refunded(ViewBatch& rows, const crm::RefundIssued& e, const DecodedEvent& at) {
  PurchaseEntry entry = entry_of(at, PurchaseKind::refund, e.amount);
  entry.order = e.order;
  entry.return_id = e.return_id;
  entry.reason = e.reason;
  add(rows, e.customer, entry, at.record().event_id);
}

void refund_corrected(ViewBatch& rows, const crm::RefundCorrected& e, const DecodedEvent& at) {
  change_fact(rows, e.order, e.refund, [&](PurchaseEntry& entry) {
    entry.amount = e.amount;
    redate(entry, e.issued_at, at);
  });
}

void paid(ViewBatch& rows, const crm::PaymentReceived& e, const DecodedEvent& at) {
  PurchaseEntry entry = entry_of(at, PurchaseKind::payment, e.amount);
  entry.order = e.order;
  add(rows, e.customer, entry, at.record().event_id);
}

void payment_corrected(ViewBatch& rows, const crm::PaymentCorrected& e, const DecodedEvent& at) {
  change_fact(rows, e.order, e.payment, [&](PurchaseEntry& entry) {
    entry.amount = e.amount;
    redate(entry, e.received_at, at);
  });
}

void adjusted(ViewBatch& rows, const crm::AdjustmentRecorded& e, const DecodedEvent& at) {
  revenue_rows::adjusted(rows, e, at);
  PurchaseEntry entry = entry_of(at, PurchaseKind::adjustment, e.amount);
  entry.order = e.order;
  entry.number = e.number;
  entry.country = e.country;
  entry.reason = e.reason;
  add(rows, e.customer, entry, {});
}

}  // namespace

Projection purchase_history_projection() {
  Projection projection("purchase_history", 4,
                        "What customers bought and gave back; revenue by month and country");
  projection.keep_past_of(std::string(revenue_rows::kTables));
  projection.on<crm::OrderPlaced>(&placed);
  projection.on<crm::OrderCorrected>(&corrected);
  projection.on<crm::OrderDetailsCorrected>(&details_corrected);
  projection.on<crm::OrderCustomerAssigned>(&reassigned);
  projection.on<crm::OrderConfirmed>(&moved<crm::OrderConfirmed>);
  projection.on<crm::OrderLinesFulfilled>(&moved<crm::OrderLinesFulfilled>);
  projection.on<crm::OrderFulfilled>(&moved<crm::OrderFulfilled>);
  projection.on<crm::OrderClosed>(&moved<crm::OrderClosed>);
  projection.on<crm::OrderCancelled>(&cancelled);
  projection.on<crm::ReturnReceived>(&returned);
  projection.on<crm::ReturnCorrected>(&return_corrected);
  projection.on<crm::ReturnDetailsCorrected>(&return_details_corrected);
  projection.on<crm::RefundIssued>(&refunded);
  projection.on<crm::RefundCorrected>(&refund_corrected);
  projection.on<crm::PaymentReceived>(&paid);
  projection.on<crm::PaymentCorrected>(&payment_corrected);
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
