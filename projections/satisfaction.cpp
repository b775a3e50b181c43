#include "projections/satisfaction.hpp"

#include "core/crm/survey_events.hpp"
#include "projections/calendar.hpp"

#include <map>

namespace factum::projections {
namespace {

// Tables: 'r' response; 's' kind, survey (empty = all), period: scores; 'k' kind, survey: nothing.
struct ResponseRow {
  bool known = false;
  crm::SurveyKind kind{};
  std::string survey;
  std::optional<std::int64_t> score;
  std::optional<Timestamp> answered_at;

  static void describe(FieldVisitor& v, ResponseRow& r) {
    v.shown("known", r.known, "Whether it counts");
    v.shown("kind", r.kind, "What was measured");
    v.shown("survey", r.survey, "Key of the survey");
    v.shown("score", r.score, "The score");
    v.shown("answered_at", r.answered_at, "When");
  }
};

struct ScoreCell {
  std::int64_t without_score = 0;
  std::vector<std::int64_t> by_score;

  static void describe(FieldVisitor& v, ScoreCell& c) {
    v.shown("without_score", c.without_score, "Answers without a score");
    v.shown("by_score", c.by_score, "Answers by score");
  }
};

struct Scale {
  std::size_t least;
  std::size_t most;
  std::size_t favourable;  ///< from here on
};

constexpr std::size_t kScores = 11;
constexpr std::size_t kDetractorMost = 6;

Scale scale_of(crm::SurveyKind kind) {
  switch (kind) {
    case crm::SurveyKind::nps: return {0, 10, 9};
    case crm::SurveyKind::csat: return {1, 5, 4};
    case crm::SurveyKind::ces: return {1, 7, 5};
  }
  return {0, 10, 9};
}

std::string prefix_of(crm::SurveyKind kind, const std::string& survey) {
  return ViewKey('s').byte(static_cast<std::uint8_t>(kind)).text(survey).str();
}

ViewKey survey_key(crm::SurveyKind kind) {
  return ViewKey('k').byte(static_cast<std::uint8_t>(kind));
}

// ---- fold ---------------------------------------------------------------------------------------

void count(ViewBatch& rows, const ResponseRow& response, std::int64_t times) {
  if (!response.known) return;
  for (const std::string& survey : {response.survey, std::string{}}) {
    for (const std::string& key :
         period_cells(prefix_of(response.kind, survey), response.answered_at)) {
      ScoreCell& cell = rows.edit<ScoreCell>(key);
      cell.by_score.resize(kScores);
      const auto score = static_cast<std::size_t>(response.score.value_or(0));
      if (response.score && score < kScores)
        cell.by_score[score] += times;
      else
        cell.without_score += times;
    }
  }
}

void answered(ViewBatch& rows, const crm::SurveyAnswered& e, const DecodedEvent& at) {
  ResponseRow& response = rows.edit<ResponseRow>(ViewKey('r').id(e.response));
  count(rows, response, -1);
  response = {true, e.kind, e.survey, e.score, at.record().occurred_at};
  count(rows, response, 1);
  rows.put_bytes(survey_key(e.kind).text(e.survey), {});
}

void corrected(ViewBatch& rows, const crm::SurveyAnswerCorrected& e, const DecodedEvent& /*at*/) {
  ResponseRow& response = rows.edit<ResponseRow>(ViewKey('r').id(e.response));
  count(rows, response, -1);
  response.score = e.score;
  count(rows, response, 1);
}

// ---- query --------------------------------------------------------------------------------------

void add(ScoreCell& sum, const ScoreCell& more) {
  sum.by_score.resize(kScores);
  sum.without_score += more.without_score;
  for (std::size_t score = 0; score < more.by_score.size() && score < kScores; ++score)
    sum.by_score[score] += more.by_score[score];
}

struct Totals {
  std::int64_t answers = 0;
  std::int64_t score_sum = 0;
  std::int64_t favourable = 0;
  std::int64_t detractors = 0;
  std::int64_t out_of_scale = 0;
};

Totals totals_of(const ScoreCell& cell, const Scale& scale) {
  Totals totals;
  for (std::size_t score = 0; score < cell.by_score.size(); ++score) {
    const std::int64_t answers = cell.by_score[score];
    if (score < scale.least || score > scale.most) {
      totals.out_of_scale += answers;
      continue;
    }
    totals.answers += answers;
    totals.score_sum += answers * static_cast<std::int64_t>(score);
    if (score >= scale.favourable) totals.favourable += answers;
    if (score <= kDetractorMost) totals.detractors += answers;
  }
  return totals;
}

Metric result_of(crm::SurveyKind kind, const Totals& totals, const Metric& mean) {
  switch (kind) {
    case crm::SurveyKind::nps:
      return {percent_of(totals.favourable - totals.detractors, totals.answers), totals.answers,
              "points",
              "100 x (promoters - detractors) / N; promoters 9 and 10, detractors 0 to 6"};
    case crm::SurveyKind::csat:
      return {percent_of(totals.favourable, totals.answers), totals.answers, "percent",
              "100 x ratings of 4 and 5 / N, on a scale of 1 to 5"};
    case crm::SurveyKind::ces: return mean;
  }
  return mean;
}

SatisfactionScores scores_of(crm::SurveyKind kind, ScoreCell cell) {
  const Scale scale = scale_of(kind);
  cell.by_score.resize(kScores);
  const Totals totals = totals_of(cell, scale);
  SatisfactionScores scores;
  scores.answers = totals.answers;
  scores.without_score = cell.without_score;
  scores.out_of_scale = totals.out_of_scale;
  scores.by_score = std::move(cell.by_score);
  scores.mean = {{}, totals.answers, "score", "sum of scores / N"};
  if (totals.answers > 0)
    scores.mean.value = static_cast<double>(totals.score_sum) / static_cast<double>(totals.answers);
  scores.result = result_of(kind, totals, scores.mean);
  scores.favourable = {percent_of(totals.favourable, totals.answers), totals.answers, "percent",
                       "100 x scores of " + std::to_string(scale.favourable) + " and more / N"};
  return scores;
}

}  // namespace

Projection satisfaction_projection() {
  Projection projection("satisfaction", 1, "NPS, CSAT and CES by survey and period");
  projection.on<crm::SurveyAnswered>(&answered);
  projection.on<crm::SurveyAnswerCorrected>(&corrected);
  return projection;
}

Result<SatisfactionAnswer> satisfaction(const ViewReader& rows, const SatisfactionQuery& query) {
  FACTUM_CHECK(check_period(query.from, query.to));
  const std::string prefix = prefix_of(query.kind, query.survey.value_or(""));
  std::map<Date, ScoreCell> months;
  Status status;
  for (const RowRange& range : period_ranges(prefix, query.from, query.to)) {
    FACTUM_CHECK(rows.scan(range, [&](std::string_view key, std::string_view value) {
      auto cell = decode_row<ScoreCell>(value);
      if (cell)
        add(months[month_of(month_of_key(key))], *cell);
      else
        status = fail(std::move(cell).error());
      return status.has_value();
    }));
    FACTUM_CHECK(status);
  }
  ScoreCell undated;
  FACTUM_TRY(const auto undated_bytes, rows.get(undated_cell(prefix)));
  if (undated_bytes) {
    FACTUM_TRY(undated, decode_row<ScoreCell>(*undated_bytes));
  }
  ScoreCell total;
  for (const auto& [month, cell] : months) add(total, cell);
  if (!query.from && !query.to) add(total, undated);
  SatisfactionAnswer answer{query.kind,
                            query.survey,
                            query.from,
                            query.to,
                            scores_of(query.kind, std::move(total)),
                            {},
                            scores_of(query.kind, std::move(undated))};
  for (auto& [month, cell] : months) {
    answer.months.push_back(scores_of(query.kind, std::move(cell)));
    answer.months.back().month = month;
  }
  return answer;
}

Result<std::vector<std::string>> surveys(const ViewReader& rows, crm::SurveyKind kind) {
  std::vector<std::string> keys;
  const std::string prefix = survey_key(kind).str();
  FACTUM_CHECK(rows.scan(rows_with_prefix(prefix), [&](std::string_view key, std::string_view) {
    ViewKeyReader reader(key);
    reader.byte();
    keys.push_back(reader.text());
    return true;
  }));
  return keys;
}

void SatisfactionScores::describe(FieldVisitor& v, SatisfactionScores& s) {
  v.shown("month", s.month, "First day of the month; absent = not one month");
  v.shown("answers", s.answers, "N: answers with a score on the scale");
  v.shown("without_score", s.without_score, "Answers without a score, not in N");
  v.shown("out_of_scale", s.out_of_scale, "Answers with a score beyond the scale, not in N");
  v.shown("by_score", s.by_score, "Number of answers by score, from 0 to 10");
  v.shown("result", s.result, "NPS, CSAT or CES");
  v.shown("mean", s.mean, "Mean score");
  v.shown("favourable", s.favourable, "Share of favourable scores");
}

void SatisfactionAnswer::describe(FieldVisitor& v, SatisfactionAnswer& a) {
  v.shown("kind", a.kind, "What was measured");
  v.shown("survey", a.survey, "Key of the survey; absent = all of the kind");
  v.shown("from", a.from, "First day of the period; absent = from the beginning");
  v.shown("to", a.to, "The day after the last; absent = to the end");
  v.shown("total", a.total, "The whole period; without ends, undated answers too");
  v.shown("months", a.months, "By month, as far as it is in the period");
  v.shown("undated", a.undated, "Answers without a date");
}

}  // namespace factum::projections
