// Interactions: the state folded from their events, the commands that change them, and the rules.
#pragma once

#include "core/crm/common.hpp"
#include "core/crm/interaction_events.hpp"
#include "core/crm/known.hpp"
#include "core/es/entity_command.hpp"

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace factum::crm {

/// An interaction as its own events leave it.
struct Interaction {
  using Id = InteractionId;
  using Events = InteractionEvents;
  static constexpr bool kOpensSlots = true;  // corrections are found by comparing texts

  InteractionId id;
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
  Timestamp happened_at;

  void evolve(const InteractionLogged& e, const EventInfo& info);
  void evolve(const InteractionCorrected& e, const EventInfo& info);
  static void describe(FieldVisitor& v, Interaction& i);
};

/// What can be corrected. An empty text takes a value away.
struct InteractionContent {
  std::optional<std::string> outcome;
  std::optional<std::int64_t> duration_s;
  std::optional<std::string> subject;
  std::optional<std::string> text;

  static void describe(FieldVisitor& v, InteractionContent& c);
};

struct LogInteraction : CreationOf<Interaction> {
  static constexpr std::string_view kName = "LogInteraction";
  static constexpr std::string_view kDoc = "Records what happened with a customer";
  static constexpr auto kCorrects =
      std::to_array<std::string_view>({"outcome", "duration_s", "subject", "text"});

  struct Model {
    Folded<Interaction> self;
    Folded<KnownCustomer> customer;
    Folded<KnownContact> contact;
    Folded<KnownDeal> deal;
    Folded<KnownTicket> ticket;
    Folded<KnownUser> user;
  };

  std::optional<CustomerId> customer;
  std::optional<ContactId> contact;
  std::optional<DealId> deal;
  std::optional<TicketId> ticket;
  Channel channel = {};
  Direction direction = {};
  std::optional<UserId> user;
  InteractionContent content;

  static void describe(FieldVisitor& v, LogInteraction& c);
  Result<Model> load(ModelReader& reader) const;
  Result<Decision> decide(const Model& model, const DecisionContext& context) const;
};

struct CorrectInteraction : CommandOn<Interaction> {
  static constexpr std::string_view kName = "CorrectInteraction";
  static constexpr std::string_view kDoc = "Corrects the record; absent fields stay";

  InteractionContent content;

  static void describe(FieldVisitor& v, CorrectInteraction& c);
  Result<Decision> decide(const Model& model, const DecisionContext& context) const;
};

namespace rules {
inline constexpr Rule kInteractionAboutNothing{
    "interaction.about_nothing", "an interaction needs a customer, contact, deal or ticket"};
inline constexpr Rule kInteractionUnknownCustomer{"interaction.unknown_customer",
                                                  "the customer does not exist"};
inline constexpr Rule kInteractionUnknownContact{"interaction.unknown_contact",
                                                 "the contact does not exist"};
inline constexpr Rule kInteractionUnknownDeal{"interaction.unknown_deal",
                                              "the deal does not exist"};
inline constexpr Rule kInteractionUnknownTicket{"interaction.unknown_ticket",
                                                "the ticket does not exist"};
inline constexpr Rule kInteractionUnknownUser{"interaction.unknown_user",
                                              "the user does not exist"};
/// In an import the interaction is recorded without the text: nobody's key could seal it.
inline constexpr Rule kInteractionTextWithoutPerson{
    "interaction.text_without_person", "subject and text need a customer or a contact"};
}  // namespace rules

/// Every command of this file; the catalogue is made of these lists.
using InteractionCommands = TypeList<LogInteraction, CorrectInteraction>;
using InteractionEntities = TypeList<Interaction>;

}  // namespace factum::crm
