// The view timeline: what happened with one customer, newest first.
#pragma once

#include "core/crm/common.hpp"
#include "core/es/projection.hpp"
#include "projections/page.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace factum::projections {

/// What an entry is about. Values are in keys: only append.
enum class TimelineKind : std::uint8_t { profile, interaction, deal, order, ticket, survey };

/// Texts whose ciphertext is longer are left out of the timeline; the entity itself has them.
inline constexpr std::size_t kTimelineCiphertextBytesMax = 16 * 1024;

struct TimelineEntry {
  std::string type;
  TimelineKind kind{};
  std::string entity;
  Position position;
  Timestamp happened_at;
  std::optional<Timestamp> occurred_at;
  Timestamp recorded_at;
  std::string actor;
  std::string source;
  std::optional<Money> amount;
  std::map<std::string, std::string> facts;
  SealedField<std::string> heading;
  SealedField<std::string> text;
  bool shortened = false;

  static void describe(FieldVisitor& v, TimelineEntry& e);
};

struct TimelineQuery {
  crm::CustomerId customer;
  std::vector<TimelineKind> kinds = {};  ///< empty = all
  std::optional<Timestamp> from = {};    ///< happened at or after
  std::optional<Timestamp> to = {};      ///< happened before
  PageRequest page = {};
};

Projection timeline_projection();

/// Entries by `happened_at`, then position, both descending. Cost: the page and one seek per kind.
/// A customer nobody knows has no entries. Errors: corrupt, io_error.
Result<Page<TimelineEntry>> timeline(const ViewReader& rows, const TimelineQuery& query);

}  // namespace factum::projections

template <>
struct factum::Symbols<factum::projections::TimelineKind> {
  static constexpr auto kNames = std::to_array<std::string_view>(
      {"profile", "interaction", "deal", "order", "ticket", "survey"});
};
