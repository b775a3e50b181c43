// Events of interactions: what happened with a customer over some channel.
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

struct InteractionLogged {
  static constexpr std::string_view kName = "InteractionLogged";
  static constexpr std::uint16_t kSchema = 1;
  static constexpr std::string_view kDoc = "Something happened with a customer";

  InteractionId interaction;
  std::optional<CustomerId> customer;
  std::optional<ContactId> contact;
  std::optional<DealId> deal;
  std::optional<TicketId> ticket;
  Channel channel = {};
  Direction direction = {};
  std::optional<std::string> outcome;
  std::optional<std::int64_t> duration_s;
  std::optional<UserId> user;
  Sealed<std::string> subject;
  Sealed<std::string> text;

  static void describe(FieldVisitor& v, InteractionLogged& e) {
    v.id("interaction", e.interaction, "The interaction");
    v.id("customer", e.customer, "The customer, if known");
    v.id("contact", e.contact, "The contact, if known");
    v.id("deal", e.deal, "The deal it was about");
    v.id("ticket", e.ticket, "The ticket it was about");
    v.fact("channel", e.channel, "By which channel");
    v.fact("direction", e.direction, "Who approached whom");
    v.fact("outcome", e.outcome, "Result, a code");
    v.fact("duration_s", e.duration_s, "Length in seconds", between(0, 31536000));
    v.fact("user", e.user, "The user who took part");
    v.personal("subject", e.subject, by("contact", e.contact, by("customer", e.customer)),
               "Heading", at_most(1000));
    v.personal("text", e.text, by("contact", e.contact, by("customer", e.customer)),
               "What was said or written", kLongText);
  }
};

struct InteractionCorrected {
  static constexpr std::string_view kName = "InteractionCorrected";
  static constexpr std::uint16_t kSchema = 1;
  static constexpr std::string_view kDoc =
      "The record of an interaction was corrected; absent fields stay";

  InteractionId interaction;
  std::optional<CustomerId> customer;
  std::optional<ContactId> contact;
  std::optional<std::string> outcome;
  std::optional<std::int64_t> duration_s;
  Sealed<std::string> subject;
  Sealed<std::string> text;

  static void describe(FieldVisitor& v, InteractionCorrected& e) {
    v.id("interaction", e.interaction, "The interaction");
    v.id("customer", e.customer, "The customer, if known");
    v.id("contact", e.contact, "The contact, if known");
    v.fact("outcome", e.outcome, "Result, a code");
    v.fact("duration_s", e.duration_s, "Length in seconds", between(0, 31536000));
    v.personal("subject", e.subject, by("contact", e.contact, by("customer", e.customer)),
               "Heading", at_most(1000));
    v.personal("text", e.text, by("contact", e.contact, by("customer", e.customer)),
               "What was said or written", kLongText);
  }
};

/// Every event type of this file; the catalogue is made of these lists.
using InteractionEvents = TypeList<InteractionLogged, InteractionCorrected>;

}  // namespace factum::crm
