// Value types that events, commands, states and views of the CRM share. Order and texts of symbols
// are on disk: only append.
#pragma once

#include "core/base/money.hpp"
#include "core/crm/ids.hpp"
#include "core/es/field_visitor.hpp"

#include <array>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace factum::crm {

enum class CustomerType : std::uint8_t { organisation, person };
enum class LifecycleStage : std::uint8_t { prospect, customer, dormant, lost };
enum class ContactPointKind : std::uint8_t {
  email,
  phone,
  mobile,
  address,
  website,
  social,
  other
};
enum class ContactRole : std::uint8_t {
  employee,
  decision_maker,
  influencer,
  buyer,
  user,
  billing,
  technical,
  partner,
  family,
  other
};
enum class Channel : std::uint8_t { call, email, sms, chat, social, visit, web, letter, other };
enum class Direction : std::uint8_t { inbound, outbound };
enum class StageCategory : std::uint8_t { open, won, lost };
enum class TicketKind : std::uint8_t { question, incident, request, complaint, problem };
enum class Priority : std::uint8_t { low, normal, high, urgent };
enum class SurveyKind : std::uint8_t { nps, csat, ces };
enum class DealStatus : std::uint8_t { open, won, lost };
enum class OrderStatus : std::uint8_t {
  unplaced,  ///< only bookings are known, of an order that was never recorded
  placed,
  confirmed,
  part_fulfilled,
  fulfilled,
  closed,
  cancelled
};
enum class TicketStatus : std::uint8_t {
  fresh,  ///< "new" on the wire: nobody has worked on it
  open,
  pending,
  on_hold,
  resolved,
  closed,
  cancelled
};

/// Why somebody may demand erasure: GDPR Art. 17(1) (a) to (f), PIPL Art. 47 (1) to (5).
enum class ErasureGround : std::uint8_t {
  no_longer_needed,
  consent_withdrawn,
  objection,
  unlawful,
  legal_obligation,
  child_consent,
  retention_ended,
  restored,  ///< was erased already; the log came back from before
};

/// Why it may be refused: GDPR Art. 17(3), PIPL Art. 47(2).
enum class ErasureRefusalGround : std::uint8_t {
  legal_obligation,
  legal_claims,
  freedom_of_expression,
  public_health,
  archiving,
  identity_unproven,
  withdrawn,
  already_erased,
};

/// How far an erasure is.
enum class ErasureStatus : std::uint8_t {
  requested,
  approved,
  refused,
  started,    ///< fenced: nothing is sealed or opened any more
  destroyed,  ///< the keys exist nowhere any more
  certified,
};

/// Further attributes by name.
using AttributeMap = std::map<std::string, std::string>;
/// Scores by the key of the question.
using ScoreMap = std::map<std::string, std::int64_t>;

/// Orders of wholesalers have more than a thousand lines.
inline constexpr Limits kManyLines{.max = 20'000};

struct PostalAddress {
  std::string street;
  std::string city;
  std::string postal_code;
  std::string region;
  std::string country;

  static void describe(FieldVisitor& v, PostalAddress& a) {
    v.shown("street", a.street, "Street and number, further lines separated by a line break");
    v.shown("city", a.city, "City");
    v.shown("postal_code", a.postal_code, "Postal code");
    v.shown("region", a.region, "State or province");
    v.shown("country", a.country, "ISO 3166-1 alpha-2 code or name");
  }
  friend bool operator==(const PostalAddress&, const PostalAddress&) = default;
};

/// One stage of a pipeline.
struct Stage {
  std::string key;
  std::string name;
  StageCategory category{};
  std::int64_t probability = 0;

  static void describe(FieldVisitor& v, Stage& s) {
    v.fact("key", s.key, "Stable key, unique in the pipeline", non_empty(64));
    v.fact("name", s.name, "Name to show", non_empty(200));
    v.fact("category", s.category, "Whether deals in it are open, won or lost");
    v.fact("probability", s.probability, "Chance of winning in percent", between(0, 100));
  }
  friend bool operator==(const Stage&, const Stage&) = default;
};

/// An allowed move between two stages and what it asks for.
struct StageMove {
  std::string from;
  std::string to;
  std::vector<std::string> required;

  static void describe(FieldVisitor& v, StageMove& m) {
    v.fact("from", m.from, "Key of the stage before", non_empty(64));
    v.fact("to", m.to, "Key of the stage after", non_empty(64));
    v.fact("required", m.required,
           "Fields that must be set: amount, expected_close, owner, customer, lines", at_most(10));
  }
  friend bool operator==(const StageMove&, const StageMove&) = default;
};

/// A product on a deal.
struct DealLine {
  ProductId product;
  std::int64_t quantity = 1;
  std::optional<Money> price;

  static void describe(FieldVisitor& v, DealLine& l) {
    v.fact("product", l.product, "The product");
    v.fact("quantity", l.quantity, "How many", between(1, 1'000'000'000));
    v.fact("price", l.price, "Price of one");
  }
  friend bool operator==(const DealLine&, const DealLine&) = default;
};

/// A line of an order or a return.
struct OrderLine {
  std::optional<ProductId> product;
  std::string sku;
  std::int64_t quantity = 1;
  std::string unit_price;
  Money amount;

  static void describe(FieldVisitor& v, OrderLine& l) {
    v.fact("product", l.product, "The product, if it is in the catalogue");
    v.fact("sku", l.sku, "Article code as printed", at_most(200));
    v.fact("quantity", l.quantity, "How many", between(-1'000'000'000, 1'000'000'000));
    v.fact("unit_price", l.unit_price,
           "Price of one as an exact decimal; may be finer than the minor unit", decimal_text());
    v.fact("amount", l.amount, "Value of the line");
  }
  friend bool operator==(const OrderLine&, const OrderLine&) = default;
};

}  // namespace factum::crm

namespace factum {

#define FACTUM_SYMBOLS(Type, ...)                                                  \
  template <>                                                                      \
  struct Symbols<crm::Type> {                                                      \
    static constexpr auto kNames = std::to_array<std::string_view>({__VA_ARGS__}); \
  }

FACTUM_SYMBOLS(CustomerType, "organisation", "person");
FACTUM_SYMBOLS(LifecycleStage, "prospect", "customer", "dormant", "lost");
FACTUM_SYMBOLS(ContactPointKind, "email", "phone", "mobile", "address", "website", "social",
               "other");
FACTUM_SYMBOLS(ContactRole, "employee", "decision_maker", "influencer", "buyer", "user", "billing",
               "technical", "partner", "family", "other");
FACTUM_SYMBOLS(Channel, "call", "email", "sms", "chat", "social", "visit", "web", "letter",
               "other");
FACTUM_SYMBOLS(Direction, "inbound", "outbound");
FACTUM_SYMBOLS(StageCategory, "open", "won", "lost");
FACTUM_SYMBOLS(TicketKind, "question", "incident", "request", "complaint", "problem");
FACTUM_SYMBOLS(Priority, "low", "normal", "high", "urgent");
FACTUM_SYMBOLS(SurveyKind, "nps", "csat", "ces");
FACTUM_SYMBOLS(DealStatus, "open", "won", "lost");
FACTUM_SYMBOLS(OrderStatus, "unplaced", "placed", "confirmed", "part_fulfilled", "fulfilled",
               "closed", "cancelled");
FACTUM_SYMBOLS(TicketStatus, "new", "open", "pending", "on_hold", "resolved", "closed",
               "cancelled");
FACTUM_SYMBOLS(ErasureGround, "no_longer_needed", "consent_withdrawn", "objection", "unlawful",
               "legal_obligation", "child_consent", "retention_ended", "restored");
FACTUM_SYMBOLS(ErasureRefusalGround, "legal_obligation", "legal_claims", "freedom_of_expression",
               "public_health", "archiving", "identity_unproven", "withdrawn", "already_erased");
FACTUM_SYMBOLS(ErasureStatus, "requested", "approved", "refused", "started", "destroyed",
               "certified");

#undef FACTUM_SYMBOLS

}  // namespace factum
