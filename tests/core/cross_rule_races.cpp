#include "tests/core/cross_rule_races.hpp"

#include "core/crm/contact.hpp"
#include "core/crm/customer.hpp"
#include "core/crm/deal.hpp"
#include "core/crm/order.hpp"
#include "core/crm/organisation.hpp"
#include "core/crm/pipeline.hpp"
#include "core/crm/product.hpp"
#include "core/crm/ticket.hpp"

namespace factum::test {

using namespace crm;

namespace {

// ---- what there is before a race

EventBox firm(const CustomerId& id) {
  CustomerRegistered event;
  event.customer = id;
  event.name = std::string("Firm");
  return EventBox::of(event);
}

EventBox user(const Ids& ids) {
  UserAdded event;
  event.user = ids.user();
  return EventBox::of(event);
}

EventBox product(const Ids& ids) {
  return EventBox::of(ProductCreated{ids.product(), "A", "Axe", {}, {}, {}});
}

EventBox pipeline(const Ids& ids) {
  return EventBox::of(
      PipelineDefined{ids.pipeline(), "Sales", {{"lead", "Lead", StageCategory::open, 10}}, {}});
}

EventBox contact(const Ids& ids) {
  return EventBox::of(ContactCreated{ids.contact(), sealed("Bea"), {}, {}, {}});
}

// An order that goods can come back from.
EventBox placed(const Ids& ids) {
  OrderPlaced event;
  event.order = ids.make<OrderId>(7);
  event.number = ids.text() + "-before";
  event.currency = "EUR";
  event.lines = {{{}, "A", 1, "1.00", {100, "EUR"}}};
  event.total = {100, "EUR"};
  return EventBox::of(event);
}

// ---- moves

Move register_with(const CustomerId& id, std::vector<NewExternalId> ids,
                   std::vector<NewContactPoint> points) {
  RegisterCustomer command;
  command.id = id;
  command.kind = CustomerType::person;
  command.name = "Anna";
  command.external_ids = std::move(ids);
  command.contact_points = std::move(points);
  return move_of(std::move(command));
}

NewContactPoint email(const Ids& ids) {
  return {ContactPointKind::email, {}, ids.text() + "@x.de", {}};
}

Move create_contact(const ContactId& id, const Ids& ids) {
  CreateContact command;
  command.id = id;
  command.name = "Bea";
  command.contact_points = {email(ids)};
  return move_of(std::move(command));
}

Move link_contact(const Ids& ids) {
  CreateContact command;
  command.id = ids.make<ContactId>(6);
  command.name = "Bea";
  command.links = {{ids.firm(), ContactRole::buyer}};
  return move_of(std::move(command));
}

OpenDeal deal(const Ids& ids) {
  OpenDeal command;
  command.id = ids.make<DealId>(6);
  command.pipeline = ids.pipeline();
  return command;
}

PlaceOrder order(const OrderId& id, const std::string& number) {
  PlaceOrder command;
  command.id = id;
  command.number = number;
  command.lines = {{{}, "A", 1, "1.00", {100, "EUR"}}};
  command.total = {100, "EUR"};
  return command;
}

PlaceOrder order(const Ids& ids) { return order(ids.make<OrderId>(6), ids.text()); }

OpenTicket ticket(const Ids& ids) {
  OpenTicket command;
  command.id = ids.make<TicketId>(6);
  command.subject = "Help";
  command.author = ids.user();
  return command;
}

Move receive_return_of(const Ids& ids) {
  ReceiveReturn command;
  command.id = ids.make<ReturnId>(6);
  command.order = ids.make<OrderId>(7);
  command.customer = ids.firm();
  command.lines = {{{}, "A", 1, "1.00", {100, "EUR"}}};
  command.total = {100, "EUR"};
  return move_of(std::move(command));
}

Move create_product(const ProductId& id, const Ids& ids) {
  CreateProduct command;
  command.id = id;
  command.sku = ids.text();
  command.name = "Axe";
  return move_of(std::move(command));
}

template <class C, class Change>
Move changed(C command, Change change) {
  change(command);
  return move_of(std::move(command));
}

// ---- the races

std::vector<Race> claim_races() {
  const auto nothing = [](const Ids&) { return std::vector<EventBox>{}; };
  return {
      {rules::kCustomerEmailTaken, Expected::one_winner, nothing,
       [](const Ids& ids) { return register_with(ids.firm(), {}, {email(ids)}); },
       [](const Ids& ids) { return register_with(ids.rival(), {}, {email(ids)}); }},
      {rules::kCustomerExternalIdTaken, Expected::one_winner, nothing,
       [](const Ids& ids) {
         return register_with(ids.firm(), {{"erp", ids.text()}}, {});
       },
       [](const Ids& ids) {
         return register_with(ids.rival(), {{"erp", ids.text()}}, {});
       }},
      {rules::kContactEmailTaken, Expected::one_winner, nothing,
       [](const Ids& ids) { return create_contact(ids.make<ContactId>(1), ids); },
       [](const Ids& ids) { return create_contact(ids.make<ContactId>(2), ids); }},
      {rules::kProductSkuTaken, Expected::one_winner, nothing,
       [](const Ids& ids) { return create_product(ids.make<ProductId>(1), ids); },
       [](const Ids& ids) { return create_product(ids.make<ProductId>(2), ids); }},
      {rules::kOrderNumberTaken, Expected::one_winner, nothing,
       [](const Ids& ids) { return move_of(order(ids.make<OrderId>(1), ids.text())); },
       [](const Ids& ids) { return move_of(order(ids.make<OrderId>(2), ids.text())); }},
      {rules::kCustomerParentCycle, Expected::one_winner,
       [](const Ids& ids) {
         return std::vector{firm(ids.firm()), firm(ids.rival())};
       },
       [](const Ids& ids) {
         return move_of(ChangeCustomerParent{{ids.firm()}, ids.rival()});
       },
       [](const Ids& ids) {
         return move_of(ChangeCustomerParent{{ids.rival()}, ids.firm()});
       }},
  };
}

std::vector<Race> customer_races() {
  const auto known = [](const Ids& ids) {
    return std::vector{firm(ids.firm()), pipeline(ids), placed(ids)};
  };
  const auto unknown = [](const Ids& ids) { return std::vector{pipeline(ids), placed(ids)}; };
  const auto archive = [](const Ids& ids) { return move_of(ArchiveCustomer{{ids.firm()}, {}}); };
  const auto appear = [](const Ids& ids) { return register_with(ids.firm(), {}, {}); };
  const auto open_deal = [](const Ids& ids) {
    return changed(deal(ids), [&](OpenDeal& c) { c.customer = ids.firm(); });
  };
  const auto place_order = [](const Ids& ids) {
    return changed(order(ids), [&](PlaceOrder& c) { c.customer = ids.firm(); });
  };
  const auto open_ticket = [](const Ids& ids) {
    return changed(ticket(ids), [&](OpenTicket& c) { c.customer = ids.firm(); });
  };
  const auto receive_return = [](const Ids& ids) { return receive_return_of(ids); };
  const auto adjust = [](const Ids& ids) {
    RecordAdjustment command;
    command.id = ids.make<OrderId>(7);
    command.customer = ids.firm();
    command.number = "A-1";
    command.reason = "goodwill";
    command.amount = {-100, "EUR"};
    return move_of(std::move(command));
  };
  return {
      {rules::kAdjustmentArchivedCustomer, Expected::closes, known, archive, adjust},
      {rules::kAdjustmentUnknownCustomer, Expected::opens, unknown, appear, adjust},
      {rules::kContactArchivedCustomer, Expected::closes, known, archive, link_contact},
      {rules::kContactUnknownCustomer, Expected::opens, unknown, appear, link_contact},
      {rules::kDealArchivedCustomer, Expected::closes, known, archive, open_deal},
      {rules::kDealUnknownCustomer, Expected::opens, unknown, appear, open_deal},
      {rules::kOrderArchivedCustomer, Expected::closes, known, archive, place_order},
      {rules::kOrderUnknownCustomer, Expected::opens, unknown, appear, place_order},
      {rules::kReturnArchivedCustomer, Expected::closes, known, archive, receive_return},
      {rules::kReturnUnknownCustomer, Expected::opens, unknown, appear, receive_return},
      {rules::kTicketArchivedCustomer, Expected::closes, known, archive, open_ticket},
      {rules::kTicketUnknownCustomer, Expected::opens, unknown, appear, open_ticket},
      {rules::kTicketArchivedContact, Expected::closes,
       [](const Ids& ids) { return std::vector{contact(ids)}; },
       [](const Ids& ids) { return move_of(ArchiveContact{{ids.contact()}}); },
       [](const Ids& ids) {
         return changed(ticket(ids), [&](OpenTicket& c) { c.contact = ids.contact(); });
       }},
  };
}

std::vector<Race> user_races() {
  const auto known = [](const Ids& ids) {
    return std::vector{user(ids), firm(ids.firm()), pipeline(ids)};
  };
  const auto unknown = [](const Ids& ids) { return std::vector{firm(ids.firm())}; };
  const auto leave = [](const Ids& ids) { return move_of(DeactivateUser{{ids.user()}}); };
  const auto assign = [](const Ids& ids) {
    return move_of(AssignCustomerOwner{{ids.firm()}, ids.user()});
  };
  const auto appear = [](const Ids& ids) {
    return move_of(AddUser{{{ids.user()}}, "Uma", {}, {}, {}, {}});
  };
  return {
      {rules::kCustomerInactiveOwner, Expected::closes, known, leave, assign},
      {rules::kCustomerUnknownOwner, Expected::opens, unknown, appear, assign},
      {rules::kTeamInactiveLead, Expected::closes, known, leave,
       [](const Ids& ids) {
         return move_of(DefineTeam{{{ids.make<TeamId>(6)}}, "Sales", ids.user(), {}});
       }},
      {rules::kTicketInactiveAssignee, Expected::closes, known, leave,
       [](const Ids& ids) {
         return changed(ticket(ids), [&](OpenTicket& c) { c.assignee = ids.user(); });
       }},
      {rules::kDealInactiveOwner, Expected::closes, known, leave,
       [](const Ids& ids) {
         return changed(deal(ids), [&](OpenDeal& c) { c.owner = ids.user(); });
       }},
      {rules::kOrderInactiveOwner, Expected::closes, known, leave,
       [](const Ids& ids) {
         return changed(order(ids), [&](PlaceOrder& c) { c.owner = ids.user(); });
       }},
  };
}

std::vector<Race> catalogue_races() {
  const auto known = [](const Ids& ids) { return std::vector{product(ids), pipeline(ids)}; };
  const auto discontinue = [](const Ids& ids) {
    return move_of(DiscontinueProduct{{ids.product()}});
  };
  return {
      {rules::kDealRetiredPipeline, Expected::closes, known,
       [](const Ids& ids) { return move_of(RetirePipeline{{ids.pipeline()}}); },
       [](const Ids& ids) { return move_of(deal(ids)); }},
      {rules::kDealDiscontinuedProduct, Expected::closes, known, discontinue,
       [](const Ids& ids) {
         return changed(deal(ids), [&](OpenDeal& c) { c.lines = {{ids.product(), 1, {}}}; });
       }},
      {rules::kOrderDiscontinuedProduct, Expected::closes, known, discontinue,
       [](const Ids& ids) {
         return changed(order(ids), [&](PlaceOrder& c) { c.lines.at(0).product = ids.product(); });
       }},
  };
}

}  // namespace

std::vector<Race> all_races() {
  std::vector<Race> all;
  for (auto part : {claim_races(), customer_races(), user_races(), catalogue_races()})
    all.insert(all.end(), part.begin(), part.end());
  return all;
}

}  // namespace factum::test
