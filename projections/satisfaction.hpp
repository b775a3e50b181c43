// The view satisfaction: NPS, CSAT and CES by survey and period.
#pragma once

#include "core/crm/common.hpp"
#include "core/es/projection.hpp"
#include "projections/tally.hpp"

#include <optional>
#include <string>
#include <vector>

namespace factum::projections {

struct SatisfactionQuery {
  crm::SurveyKind kind{};
  std::optional<std::string> survey = {};  ///< absent = all surveys of the kind together
  std::optional<Date> from = {};           ///< first day
  std::optional<Date> to = {};             ///< the day after the last
};

/// The scores of one period.
struct SatisfactionScores {
  std::optional<Date> month;
  std::int64_t answers = 0;
  std::int64_t without_score = 0;
  std::int64_t out_of_scale = 0;
  std::vector<std::int64_t> by_score;
  Metric result;
  Metric mean;
  Metric favourable;

  static void describe(FieldVisitor& v, SatisfactionScores& s);
};

struct SatisfactionAnswer {
  crm::SurveyKind kind{};
  std::optional<std::string> survey;
  std::optional<Date> from;
  std::optional<Date> to;
  SatisfactionScores total;
  std::vector<SatisfactionScores> months;
  SatisfactionScores undated;

  static void describe(FieldVisitor& v, SatisfactionAnswer& a);
};

Projection satisfaction_projection();

/// NPS = 100 (promoters - detractors) / N; CSAT = 100 (ratings >= 4) / N; CES = mean of N. With
/// neither `from` nor `to` the total also counts undated answers. Cost: the days or months asked
/// for. Errors: invalid_argument (from after to), corrupt, io_error.
Result<SatisfactionAnswer> satisfaction(const ViewReader& rows, const SatisfactionQuery& query);
/// Keys of the surveys of a kind, sorted.
Result<std::vector<std::string>> surveys(const ViewReader& rows, crm::SurveyKind kind);

}  // namespace factum::projections
