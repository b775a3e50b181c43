// Deals of customer_360: what one deal adds is taken away and added anew.
//
// Tables: 'D' deal as all its events tell; 'd' customer, deal as the events with that customer
// tell; 'l' customer, won or lost, time (undated ones first), deal: when its deals were closed; 'm'
// customer, won or lost: the last of these.
//
// Rows of a customer follow from events with its tag, and of deals that it took over; so a view as
// of a position is a short fold.
#include "core/crm/differences.hpp"
#include "projections/customer_360_shares.hpp"
#include "projections/deal_state.hpp"

#include <algorithm>

namespace factum::projections::fold_360 {
namespace {

struct DealFigures {
  DealState state;
  std::optional<std::string> lost_reason;

  static void describe(FieldVisitor& v, DealFigures& d) {
    v.shown("state", d.state, "The deal");
    v.shown("lost_reason", d.lost_reason, "Why it was lost, a code");
  }
  friend bool operator==(const DealFigures&, const DealFigures&) = default;
};

void replace(ViewBatch& rows, const crm::CustomerId& customer, const crm::DealId& deal,
             const DealFigures& before, const DealFigures& after);
constexpr Shares<crm::DealId, DealFigures> kDeals{'D', 'd', &replace};

void count_deal(Deals360& deals, const DealState& deal, std::int64_t times) {
  if (deal.is_open()) {
    deals.open += times;
    tally(deals.open_value, deal.amount, times);
  } else if (deal.status == DealStatus::won) {
    deals.won += times;
    tally(deals.won_value, deal.value(), times);
  } else if (deal.status == DealStatus::lost) {
    deals.lost += times;
  }
}

// ---- when deals were closed last ----------------------------------------------------------------

struct LastClosing {
  std::string key;  // empty = there is none

  static void describe(FieldVisitor& v, LastClosing& l) {
    v.shown("key", l.key, "Key of the closing in the list");
  }
};

ViewKey closings_key(const crm::CustomerId& customer, DealStatus status) {
  return ViewKey('l').id(customer).byte(static_cast<std::uint8_t>(status));
}

ViewKey closing_key(const crm::CustomerId& customer, const DealState& state,
                    const crm::DealId& deal) {
  ViewKey key = closings_key(customer, state.status);
  key.byte(state.closed_at ? 1 : 0);
  if (state.closed_at) key.time(*state.closed_at);
  return key.id(deal);
}

LastClosing& last_closing(ViewBatch& rows, const crm::CustomerId& customer, DealStatus status) {
  return rows.edit<LastClosing>(ViewKey('m').id(customer).byte(static_cast<std::uint8_t>(status)));
}

void show_last(ViewBatch& rows, const crm::CustomerId& customer, DealStatus status) {
  std::optional<Timestamp> at;
  std::optional<std::string> reason;
  const std::string& key = last_closing(rows, customer, status).key;
  if (!key.empty()) {
    ViewKeyReader reader(key);
    reader.id();
    reader.byte();
    if (reader.byte() != 0) at = reader.time();
    const auto* share =
        rows.find<Share<DealFigures>>(kDeals.share_key(customer, crm::DealId{reader.id()}));
    if (share != nullptr) reason = share->figures.lost_reason;
  }
  Deals360& deals = row_of(rows, customer).deals;
  if (status == DealStatus::won) {
    deals.last_won_at = at;
  } else {
    deals.last_lost_at = at;
    deals.last_lost_reason = reason;
  }
}

// Only when the last closing leaves are the others looked at.
void remove_closing(ViewBatch& rows, const crm::CustomerId& customer, const crm::DealId& deal,
                    const DealState& state) {
  const ViewKey key = closing_key(customer, state, deal);
  rows.erase(key);
  LastClosing& last = last_closing(rows, customer, state.status);
  if (last.key == key.str())
    last.key = rows.outermost_key(closings_key(customer, state.status), true).value_or("");
}

void add_closing(ViewBatch& rows, const crm::CustomerId& customer, const crm::DealId& deal,
                 const DealState& state) {
  const ViewKey key = closing_key(customer, state, deal);
  rows.put_bytes(key, {});
  LastClosing& last = last_closing(rows, customer, state.status);
  last.key = std::max(last.key, key.str());
}

bool is_closed_alike(const DealFigures& one, const DealFigures& other) {
  return one.state.status == other.state.status && one.state.closed_at == other.state.closed_at &&
         one.lost_reason == other.lost_reason;
}

void change_closing(ViewBatch& rows, const crm::CustomerId& customer, const crm::DealId& deal,
                    const DealFigures& before, const DealFigures& after) {
  if (is_closed_alike(before, after)) return;
  if (before.state.is_closed()) remove_closing(rows, customer, deal, before.state);
  if (after.state.is_closed()) add_closing(rows, customer, deal, after.state);
  for (const DealFigures* figures : {&before, &after}) {
    if (figures->state.is_closed()) show_last(rows, customer, figures->state.status);
  }
}

// ---- the fold -----------------------------------------------------------------------------------

void replace(ViewBatch& rows, const crm::CustomerId& customer, const crm::DealId& deal,
             const DealFigures& before, const DealFigures& after) {
  Deals360& deals = row_of(rows, customer).deals;
  if (before == after) return;
  count_deal(deals, before.state, -1);
  count_deal(deals, after.state, 1);
  change_closing(rows, customer, deal, before, after);
}

template <class E>
void tell(DealFigures& deal, const E& e, std::optional<Timestamp> at) {
  evolve(deal.state, e, at);
  if constexpr (std::is_same_v<E, crm::DealLost>)
    deal.lost_reason = crm::given(e.reason);
  else if (deal.state.status != DealStatus::lost)
    deal.lost_reason.reset();
}

template <class E>
void on_deal(ViewBatch& rows, const E& e, const DecodedEvent& at) {
  kDeals.tell(rows, e.deal, customer_of(e),
              [&](DealFigures& deal) { tell(deal, e, at.record().occurred_at); });
}

void on_reassigned(ViewBatch& rows, const crm::DealCustomerAssigned& e, const DecodedEvent& at) {
  kDeals.tell(rows, e.deal, {}, [&](DealFigures& deal) { tell(deal, e, at.record().occurred_at); });
  kDeals.hand_over(rows, e.deal, e.previous_customer, e.customer);
}

template <class... E>
void register_each(Projection& projection, TypeList<E...>) {
  (projection.on<E>(&on_deal<E>), ...);
}

}  // namespace

void register_deals(Projection& projection) {
  register_each(projection, DealStateEvents{});
  projection.on<crm::DealCustomerAssigned>(&on_reassigned);
}

}  // namespace factum::projections::fold_360
