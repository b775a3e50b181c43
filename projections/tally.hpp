// Sums of money by currency, and the small numbers that views show with their formula.
#pragma once

#include "core/crm/money_sums.hpp"
#include "core/es/field_visitor.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace factum::projections {

using crm::add_all;
using crm::add_to;
using crm::MoneySum;
using crm::MoneySums;
using crm::sum_in;

/// How many amounts of one currency there are, and their sum.
struct CurrencyTally {
  std::int64_t count = 0;
  MoneySum sum;

  static void describe(FieldVisitor& v, CurrencyTally& t) {
    v.shown("count", t.count, "How many amounts");
    v.shown("sum", t.sum, "Their sum");
  }
  friend bool operator==(const CurrencyTally&, const CurrencyTally&) = default;
};

/// Sorted by currency; a currency whose count is 0 is left out.
using Tallies = std::vector<CurrencyTally>;

/// Adds (`times` = 1) or takes away (-1) one amount; nothing if it is absent. O(currencies).
void tally(Tallies& tallies, const std::optional<Money>& amount, std::int64_t times = 1);
/// Adds every tally of `more`.
void merge(Tallies& tallies, const Tallies& more);
/// The sum in `currency`; 0 if there is none.
MoneySum sum_in(const Tallies& tallies, std::string_view currency);
/// `total` / `count` in minor units, rounded half away from zero. `count` > 0.
MoneySum mean_of(const MoneySum& total, std::int64_t count);

/// A number together with what it was made of.
struct Metric {
  std::optional<double> value;  ///< absent when the denominator is 0
  std::int64_t denominator = 0;
  std::string unit;
  std::string formula;

  static void describe(FieldVisitor& v, Metric& m) {
    v.shown("value", m.value, "The number; absent when there is nothing to compute it from");
    v.shown("denominator", m.denominator, "How many things it was computed from");
    v.shown("unit", m.unit, "percent, days, points, score");
    v.shown("formula", m.formula, "How it is computed");
  }
};

/// A ratio of two amounts of one currency, in percent.
struct MoneyRatio {
  MoneySum numerator;
  MoneySum denominator;
  std::optional<double> percent;

  static void describe(FieldVisitor& v, MoneyRatio& m) {
    v.shown("numerator", m.numerator, "Upper amount");
    v.shown("denominator", m.denominator, "Lower amount");
    v.shown("percent", m.percent, "100 x numerator / denominator; absent when that is 0");
  }
};

/// 100 · part / whole, absent when `whole` is 0.
std::optional<double> percent_of(Int128 part, Int128 whole);

}  // namespace factum::projections
