// Deals of customer_360: what one deal adds is taken away and added anew.
//
// Tables: 'D' deal as all its events tell; 'd' customer, deal as the events with that customer
// tell.
#include "projections/customer_360_fold.hpp"
#include "projections/deal_state.hpp"

namespace factum::projections::fold_360 {
namespace {

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

void replace(ViewBatch& rows, const crm::CustomerId& customer, const DealState& before,
             const DealState& after) {
  if (before == after) return;
  Deals360& deals = row_of(rows, customer).deals;
  count_deal(deals, before, -1);
  count_deal(deals, after, 1);
}

ViewKey share_key(const crm::CustomerId& customer, const crm::DealId& deal) {
  return ViewKey('d').id(customer).id(deal);
}

void note(Deals360& /*deals*/, const auto& /*event*/, std::optional<Timestamp> /*at*/) {}
void note(Deals360& deals, const crm::DealWon& /*event*/, std::optional<Timestamp> at) {
  take_later(deals.last_won_at, at);
}
void note(Deals360& deals, const crm::DealLost& event, std::optional<Timestamp> at) {
  if (take_later(deals.last_lost_at, at) || !deals.last_lost_reason)
    deals.last_lost_reason = event.reason;
}

template <class E>
void on_deal(ViewBatch& rows, const E& e, const DecodedEvent& at) {
  const auto occurred = at.record().occurred_at;
  evolve(rows.edit<DealState>(ViewKey('D').id(e.deal)), e, occurred);
  const auto customer = customer_of(e);
  if (!customer) return;
  DealState& share = rows.edit<DealState>(share_key(*customer, e.deal));
  const DealState before = share;
  evolve(share, e, occurred);
  const DealState after = share;
  replace(rows, *customer, before, after);
  note(row_of(rows, *customer).deals, e, occurred);
}

// The new customer takes the deal over as it is, the former one has it no longer.
void on_reassigned(ViewBatch& rows, const crm::DealCustomerAssigned& e, const DecodedEvent& at) {
  DealState& all = rows.edit<DealState>(ViewKey('D').id(e.deal));
  evolve(all, e, at.record().occurred_at);
  const DealState now = all;
  if (e.previous_customer && *e.previous_customer != e.customer) {
    const ViewKey key = share_key(*e.previous_customer, e.deal);
    if (const DealState* share = rows.find<DealState>(key)) {
      replace(rows, *e.previous_customer, DealState(*share), {});
      rows.erase(key);
    }
  }
  DealState& share = rows.edit<DealState>(share_key(e.customer, e.deal));
  const DealState before = share;
  share = now;
  replace(rows, e.customer, before, now);
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
