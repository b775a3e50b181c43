// Events of tickets: questions, incidents, complaints and requests.
#pragma once

#include "core/crm/common.hpp"
#include "core/crm/ids.hpp"
#include "core/es/event_type.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace factum::crm {

struct TicketOpened {
  static constexpr std::string_view kName = "TicketOpened";
  static constexpr std::uint16_t kSchema = 1;
  static constexpr std::string_view kDoc = "Somebody asked for help";

  TicketId ticket;
  std::optional<CustomerId> customer;
  std::optional<ContactId> contact;
  TicketKind kind = {};
  Priority priority = {};
  std::optional<Channel> channel;
  std::optional<std::string> number;
  std::optional<std::string> category;
  std::optional<std::string> subcategory;
  std::optional<OrderId> order;
  std::optional<ProductId> product;
  std::optional<TeamId> team;
  std::optional<UserId> assignee;
  std::optional<UserId> author;
  Sealed<std::string> subject;
  Sealed<std::string> text;

  static void describe(FieldVisitor& v, TicketOpened& e) {
    v.id("ticket", e.ticket, "The ticket");
    v.id("customer", e.customer, "The customer, if known");
    v.id("contact", e.contact, "The contact, if known");
    v.fact("kind", e.kind, "What it is");
    v.fact("priority", e.priority, "How urgent");
    v.fact("channel", e.channel, "How it came in");
    v.fact("number", e.number, "Number as printed");
    v.fact("category", e.category, "Category, a code");
    v.fact("subcategory", e.subcategory, "Subcategory, a code");
    v.id("order", e.order, "The order it is about");
    v.fact("product", e.product, "The product it is about");
    v.fact("team", e.team, "The team it waits at");
    v.fact("assignee", e.assignee, "Who works on it");
    v.fact("author", e.author, "The user who recorded it");
    v.personal("subject", e.subject,
               by("contact", e.contact, by("customer", e.customer, by("author", e.author))),
               "Heading", at_most(1000));
    v.personal("text", e.text,
               by("contact", e.contact, by("customer", e.customer, by("author", e.author))),
               "The request", kLongText);
  }
};

struct TicketAssigned {
  static constexpr std::string_view kName = "TicketAssigned";
  static constexpr std::uint16_t kSchema = 1;
  static constexpr std::string_view kDoc = "The ticket waits at a team or a user";

  TicketId ticket;
  std::optional<CustomerId> customer;
  std::optional<ContactId> contact;
  std::optional<TeamId> team;
  std::optional<UserId> assignee;

  static void describe(FieldVisitor& v, TicketAssigned& e) {
    v.id("ticket", e.ticket, "The ticket");
    v.id("customer", e.customer, "The customer, if known");
    v.id("contact", e.contact, "The contact, if known");
    v.fact("team", e.team, "The team; absent = none");
    v.fact("assignee", e.assignee, "The user; absent = nobody yet");
  }
};

struct TicketPriorityChanged {
  static constexpr std::string_view kName = "TicketPriorityChanged";
  static constexpr std::uint16_t kSchema = 1;
  static constexpr std::string_view kDoc = "The ticket became more or less urgent";

  TicketId ticket;
  std::optional<CustomerId> customer;
  std::optional<ContactId> contact;
  Priority priority = {};
  Priority previous_priority = {};

  static void describe(FieldVisitor& v, TicketPriorityChanged& e) {
    v.id("ticket", e.ticket, "The ticket");
    v.id("customer", e.customer, "The customer, if known");
    v.id("contact", e.contact, "The contact, if known");
    v.fact("priority", e.priority, "How urgent now");
    v.fact("previous_priority", e.previous_priority, "How urgent before");
  }
};

struct TicketMarkedAsComplaint {
  static constexpr std::string_view kName = "TicketMarkedAsComplaint";
  static constexpr std::uint16_t kSchema = 1;
  static constexpr std::string_view kDoc = "The ticket is a complaint";

  TicketId ticket;
  std::optional<CustomerId> customer;
  std::optional<ContactId> contact;

  static void describe(FieldVisitor& v, TicketMarkedAsComplaint& e) {
    v.id("ticket", e.ticket, "The ticket");
    v.id("customer", e.customer, "The customer, if known");
    v.id("contact", e.contact, "The contact, if known");
  }
};

struct TicketWorkStarted {
  static constexpr std::string_view kName = "TicketWorkStarted";
  static constexpr std::uint16_t kSchema = 1;
  static constexpr std::string_view kDoc = "Somebody works on a new ticket";

  TicketId ticket;
  std::optional<CustomerId> customer;
  std::optional<ContactId> contact;

  static void describe(FieldVisitor& v, TicketWorkStarted& e) {
    v.id("ticket", e.ticket, "The ticket");
    v.id("customer", e.customer, "The customer, if known");
    v.id("contact", e.contact, "The contact, if known");
  }
};

struct TicketPending {
  static constexpr std::string_view kName = "TicketPending";
  static constexpr std::uint16_t kSchema = 1;
  static constexpr std::string_view kDoc = "We wait for the customer";

  TicketId ticket;
  std::optional<CustomerId> customer;
  std::optional<ContactId> contact;
  std::optional<std::string> reason;

  static void describe(FieldVisitor& v, TicketPending& e) {
    v.id("ticket", e.ticket, "The ticket");
    v.id("customer", e.customer, "The customer, if known");
    v.id("contact", e.contact, "The contact, if known");
    v.fact("reason", e.reason, "Why, a code");
  }
};

struct TicketPutOnHold {
  static constexpr std::string_view kName = "TicketPutOnHold";
  static constexpr std::uint16_t kSchema = 1;
  static constexpr std::string_view kDoc = "We wait for somebody else";

  TicketId ticket;
  std::optional<CustomerId> customer;
  std::optional<ContactId> contact;
  std::optional<std::string> reason;

  static void describe(FieldVisitor& v, TicketPutOnHold& e) {
    v.id("ticket", e.ticket, "The ticket");
    v.id("customer", e.customer, "The customer, if known");
    v.id("contact", e.contact, "The contact, if known");
    v.fact("reason", e.reason, "Why, a code");
  }
};

struct TicketResumed {
  static constexpr std::string_view kName = "TicketResumed";
  static constexpr std::uint16_t kSchema = 1;
  static constexpr std::string_view kDoc = "Work on the ticket goes on";

  TicketId ticket;
  std::optional<CustomerId> customer;
  std::optional<ContactId> contact;

  static void describe(FieldVisitor& v, TicketResumed& e) {
    v.id("ticket", e.ticket, "The ticket");
    v.id("customer", e.customer, "The customer, if known");
    v.id("contact", e.contact, "The contact, if known");
  }
};

struct TicketResolved {
  static constexpr std::string_view kName = "TicketResolved";
  static constexpr std::uint16_t kSchema = 1;
  static constexpr std::string_view kDoc = "The problem is solved";

  TicketId ticket;
  std::optional<CustomerId> customer;
  std::optional<ContactId> contact;
  std::optional<std::string> resolution;
  std::optional<UserId> resolver;

  static void describe(FieldVisitor& v, TicketResolved& e) {
    v.id("ticket", e.ticket, "The ticket");
    v.id("customer", e.customer, "The customer, if known");
    v.id("contact", e.contact, "The contact, if known");
    v.fact("resolution", e.resolution, "How, a code");
    v.fact("resolver", e.resolver, "Who solved it");
  }
};

struct TicketReopened {
  static constexpr std::string_view kName = "TicketReopened";
  static constexpr std::uint16_t kSchema = 1;
  static constexpr std::string_view kDoc = "The problem was not solved after all";

  TicketId ticket;
  std::optional<CustomerId> customer;
  std::optional<ContactId> contact;
  std::optional<std::string> reason;

  static void describe(FieldVisitor& v, TicketReopened& e) {
    v.id("ticket", e.ticket, "The ticket");
    v.id("customer", e.customer, "The customer, if known");
    v.id("contact", e.contact, "The contact, if known");
    v.fact("reason", e.reason, "Why, a code");
  }
};

struct TicketClosed {
  static constexpr std::string_view kName = "TicketClosed";
  static constexpr std::uint16_t kSchema = 1;
  static constexpr std::string_view kDoc = "The ticket is done; what comes later is another ticket";

  TicketId ticket;
  std::optional<CustomerId> customer;
  std::optional<ContactId> contact;
  std::optional<std::string> resolution;

  static void describe(FieldVisitor& v, TicketClosed& e) {
    v.id("ticket", e.ticket, "The ticket");
    v.id("customer", e.customer, "The customer, if known");
    v.id("contact", e.contact, "The contact, if known");
    v.fact("resolution", e.resolution, "How, a code");
  }
};

struct TicketCancelled {
  static constexpr std::string_view kName = "TicketCancelled";
  static constexpr std::uint16_t kSchema = 1;
  static constexpr std::string_view kDoc = "The ticket needs no answer";

  TicketId ticket;
  std::optional<CustomerId> customer;
  std::optional<ContactId> contact;
  std::optional<std::string> reason;

  static void describe(FieldVisitor& v, TicketCancelled& e) {
    v.id("ticket", e.ticket, "The ticket");
    v.id("customer", e.customer, "The customer, if known");
    v.id("contact", e.contact, "The contact, if known");
    v.fact("reason", e.reason, "Why, a code");
  }
};

struct PublicReplySent {
  static constexpr std::string_view kName = "PublicReplySent";
  static constexpr std::uint16_t kSchema = 1;
  static constexpr std::string_view kDoc = "We answered";

  TicketId ticket;
  std::optional<CustomerId> customer;
  std::optional<ContactId> contact;
  std::optional<UserId> author;
  bool automated = {};
  Sealed<std::string> text;

  static void describe(FieldVisitor& v, PublicReplySent& e) {
    v.id("ticket", e.ticket, "The ticket");
    v.id("customer", e.customer, "The customer, if known");
    v.id("contact", e.contact, "The contact, if known");
    v.fact("author", e.author, "Who answered");
    v.fact("automated", e.automated, "Sent by a program");
    v.personal("text", e.text,
               by("contact", e.contact, by("customer", e.customer, by("author", e.author))),
               "The answer", kLongText);
  }
};

struct CustomerReplied {
  static constexpr std::string_view kName = "CustomerReplied";
  static constexpr std::uint16_t kSchema = 1;
  static constexpr std::string_view kDoc = "The requester wrote again";

  TicketId ticket;
  std::optional<CustomerId> customer;
  std::optional<ContactId> contact;
  std::optional<UserId> author;
  Sealed<std::string> text;

  static void describe(FieldVisitor& v, CustomerReplied& e) {
    v.id("ticket", e.ticket, "The ticket");
    v.id("customer", e.customer, "The customer, if known");
    v.id("contact", e.contact, "The contact, if known");
    v.fact("author", e.author, "The user who recorded it");
    v.personal("text", e.text,
               by("contact", e.contact, by("customer", e.customer, by("author", e.author))),
               "What was written", kLongText);
  }
};

struct InternalNoteAdded {
  static constexpr std::string_view kName = "InternalNoteAdded";
  static constexpr std::uint16_t kSchema = 1;
  static constexpr std::string_view kDoc = "A note for ourselves";

  TicketId ticket;
  std::optional<CustomerId> customer;
  std::optional<ContactId> contact;
  std::optional<UserId> author;
  Sealed<std::string> text;

  static void describe(FieldVisitor& v, InternalNoteAdded& e) {
    v.id("ticket", e.ticket, "The ticket");
    v.id("customer", e.customer, "The customer, if known");
    v.id("contact", e.contact, "The contact, if known");
    v.fact("author", e.author, "Who wrote it");
    v.personal("text", e.text,
               by("contact", e.contact, by("customer", e.customer, by("author", e.author))),
               "The note", kLongText);
  }
};

/// Every event type of this file; the catalogue is made of these lists.
using TicketEvents =
    TypeList<TicketOpened, TicketAssigned, TicketPriorityChanged, TicketMarkedAsComplaint,
             TicketWorkStarted, TicketPending, TicketPutOnHold, TicketResumed, TicketResolved,
             TicketReopened, TicketClosed, TicketCancelled, PublicReplySent, CustomerReplied,
             InternalNoteAdded>;

}  // namespace factum::crm
