// Deals and orders count at the customers that their events name, and move when another customer
// takes them over.
#pragma once

#include "projections/customer_360_fold.hpp"

#include <optional>

namespace factum::projections::fold_360 {

template <class Figures>
struct Whole {
  Figures figures;
  std::optional<crm::CustomerId> assigned;

  static void describe(FieldVisitor& v, Whole& w) {
    v.shown("figures", w.figures, "What all its events tell");
    v.shown("assigned", w.assigned, "Whom it was assigned to last");
  }
};

template <class Figures>
struct Share {
  Figures figures;
  bool gone = false;

  static void describe(FieldVisitor& v, Share& s) {
    v.shown("figures", s.figures, "What the events with this customer tell");
    v.shown("gone", s.gone, "Another customer has taken it over");
  }
};

/// The rows of one kind of entity: table `whole_table` by id, table `share_table` by customer and
/// id.
template <class Id, class Figures>
struct Shares {
  /// Takes away what `before` added to a customer's row and adds `after`.
  using Replace = void (*)(ViewBatch&, const crm::CustomerId&, const Id&, const Figures& before,
                           const Figures& after);
  char whole_table;
  char share_table;
  Replace replace;

  ViewKey share_key(const crm::CustomerId& customer, const Id& id) const {
    return ViewKey(share_table).id(customer).id(id);
  }

  /// What an event tells counts at the customer that it names, or at the one who took over.
  template <class Change>
  void tell(ViewBatch& rows, const Id& id, const std::optional<crm::CustomerId>& named,
            Change change) const {
    Whole<Figures>& whole = rows.edit<Whole<Figures>>(ViewKey(whole_table).id(id));
    change(whole.figures);
    if (!named) return;
    const Share<Figures>* share = rows.find<Share<Figures>>(share_key(*named, id));
    const bool gone = share != nullptr && share->gone;
    change_share(rows, gone ? whole.assigned.value_or(*named) : *named, id,
                 [&](Share<Figures>& taken) { change(taken.figures); });
  }

  /// The new customer takes it over as it is, the former one has it no longer.
  void hand_over(ViewBatch& rows, const Id& id, const std::optional<crm::CustomerId>& previous,
                 const crm::CustomerId& customer) const {
    Whole<Figures>& whole = rows.edit<Whole<Figures>>(ViewKey(whole_table).id(id));
    whole.assigned = customer;
    if (previous && *previous != customer) {
      change_share(rows, *previous, id,
                   [](Share<Figures>& share) { share = {.figures = {}, .gone = true}; });
    }
    change_share(rows, customer, id,
                 [&](Share<Figures>& share) { share = {.figures = whole.figures, .gone = false}; });
  }

 private:
  template <class Change>
  void change_share(ViewBatch& rows, const crm::CustomerId& customer, const Id& id,
                    Change change) const {
    Share<Figures>& share = rows.edit<Share<Figures>>(share_key(customer, id));
    const Figures before = share.figures;
    change(share);
    const Figures after = share.figures;
    replace(rows, customer, id, before, after);
  }
};

}  // namespace factum::projections::fold_360
