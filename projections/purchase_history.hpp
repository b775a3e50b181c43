// The view purchase_history: what customers bought and gave back, and revenue by month and country.
#pragma once

#include "core/crm/common.hpp"
#include "core/es/projection.hpp"
#include "projections/page.hpp"
#include "projections/tally.hpp"

#include <array>
#include <optional>
#include <string>
#include <vector>

namespace factum::projections {

enum class PurchaseKind : std::uint8_t { order, goods_return, refund, payment, adjustment };
enum class OrderState : std::uint8_t {
  placed,
  confirmed,
  part_fulfilled,
  fulfilled,
  closed,
  cancelled
};

/// Lines shown of an order or return; the order itself has them all.
inline constexpr std::size_t kPurchaseLinesMax = 20;

struct PurchaseEntry {
  PurchaseKind kind{};
  std::optional<crm::OrderId> order;
  std::optional<crm::ReturnId> return_id;
  Position position;
  Timestamp happened_at;
  std::optional<Timestamp> occurred_at;
  std::optional<std::string> number;
  std::optional<std::string> origin;
  std::optional<std::string> country;
  std::optional<std::string> reason;
  std::optional<OrderState> state;
  std::optional<Money> amount;
  std::vector<crm::OrderLine> lines;
  std::int64_t lines_total = 0;

  static void describe(FieldVisitor& v, PurchaseEntry& e);
};

struct PurchaseQuery {
  crm::CustomerId customer;
  std::optional<Timestamp> from = {};
  std::optional<Timestamp> to = {};
  PageRequest page = {};
};

struct RevenueQuery {
  std::optional<Date> from = {};  ///< any day of the first month
  std::optional<Date> to = {};    ///< any day of the month after the last
  std::optional<std::string> country = {};
};

/// Revenue of one month, country and currency. Orders and their corrections count in the month of
/// the order, everything else in its own month.
struct RevenueCell {
  std::optional<Date> month;
  std::string country;
  std::int64_t orders = 0;
  MoneySum ordered;
  MoneySum cancelled;
  MoneySum returned;
  MoneySum adjusted;
  MoneySum net;

  static void describe(FieldVisitor& v, RevenueCell& c);
};

struct RevenueAnswer {
  std::vector<RevenueCell> cells;
  std::vector<RevenueCell> undated;
  MoneySums net;
  std::string formula;

  static void describe(FieldVisitor& v, RevenueAnswer& a);
};

Projection purchase_history_projection();

/// Orders, returns, refunds, payments and adjustments, newest first. Errors: corrupt, io_error.
Result<Page<PurchaseEntry>> purchase_history(const ViewReader& rows, const PurchaseQuery& query);
/// Revenue per month, country and currency, with and without known customers. Undated facts come
/// apart. Cost: the months asked for. Errors: invalid_argument (from after to), corrupt, io_error.
Result<RevenueAnswer> revenue(const ViewReader& rows, const RevenueQuery& query);

}  // namespace factum::projections

template <>
struct factum::Symbols<factum::projections::PurchaseKind> {
  static constexpr auto kNames =
      std::to_array<std::string_view>({"order", "return", "refund", "payment", "adjustment"});
};
template <>
struct factum::Symbols<factum::projections::OrderState> {
  static constexpr auto kNames = std::to_array<std::string_view>(
      {"placed", "confirmed", "part_fulfilled", "fulfilled", "closed", "cancelled"});
};
