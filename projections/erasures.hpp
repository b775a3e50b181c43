// The view erasures: who is being or was erased, and what is held against it.
#pragma once

#include "core/crm/erasure_events.hpp"
#include "core/es/projection.hpp"
#include "projections/page.hpp"

#include <optional>
#include <string>
#include <vector>

namespace factum::projections {

struct ErasureEntry {
  crm::ErasureId erasure;
  crm::ErasureStatus status{};
  crm::SubjectList subjects;
  crm::ErasureGround ground{};
  std::optional<Timestamp> requested_at;
  std::optional<Timestamp> certified_at;
  std::vector<crm::DataKeyId> keys;

  static void describe(FieldVisitor& v, ErasureEntry& e);
};

struct HoldEntry {
  crm::LegalHoldId hold;
  crm::SubjectList subjects;
  std::string matter;
  std::optional<Date> review_on;
  bool lifted = false;

  static void describe(FieldVisitor& v, HoldEntry& h);
};

struct ErasureQuery {
  std::optional<crm::ErasureStatus> status = {};
  PageRequest page = {};
};

struct HoldQuery {
  bool with_lifted = false;
  PageRequest page = {};
};

Projection erasures_projection();

/// The first that was asked for first. Errors: corrupt, io_error.
Result<Page<ErasureEntry>> erasures(const ViewReader& rows, const ErasureQuery& query);
/// Those that were approved and are not certified. Errors: corrupt, io_error.
Result<std::vector<ErasureEntry>> unfinished_erasures(const ViewReader& rows);
/// The first that was placed first. Errors: corrupt, io_error.
Result<Page<HoldEntry>> legal_holds(const ViewReader& rows, const HoldQuery& query);

}  // namespace factum::projections
