// One customer's year: registration, contacts, talks, deals, orders, service and opinions.
#pragma once

#include "api/demo/company.hpp"

#include <optional>

namespace factum::demo {

/// Adds the commands of one customer to a plan. Every story stops where the year ends.
class CustomerLife {
 public:
  CustomerLife(Company& company, Plan& plan, std::uint64_t number);

  /// Plans everything; gives the customer's id.
  crm::CustomerId live();

 private:
  void register_customer();
  void meet_contacts();
  void talk();
  void pursue_deal();
  void place_order(Timestamp at, const crm::DealId& deal, const DemoProduct& product,
                   std::int64_t quantity);
  void ask_for_help();
  void give_opinion(Timestamp at, std::optional<crm::TicketId> ticket);

  /// Some hours to `days_max` days after `at`; nothing if that is beyond the year.
  std::optional<Timestamp> later(Timestamp at, std::int64_t days_max);
  /// A moment between registration and the end of the year.
  Timestamp some_time();
  template <class C>
  void plan(Timestamp at, C command);
  template <class C>
  void plan_on(Timestamp at, decltype(C::id) id);
  template <class Id>
  Id new_id(Timestamp at) {
    return Id{company_.random_.id_at(at)};
  }
  crm::UserId seller();
  crm::UserId agent();

  Company& company_;
  Random& random_;
  Plan& plan_;
  std::uint64_t number_;
  Culture culture_;
  bool is_person_;
  Place place_;
  Timestamp registered_at_;
  crm::CustomerId customer_;
  std::optional<crm::ContactId> contact_;
  bool is_buyer_ = false;
};

}  // namespace factum::demo
