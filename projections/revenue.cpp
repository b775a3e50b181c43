// Revenue: the fold of order events into monthly sums, and the query over them.
#include "core/crm/differences.hpp"
#include "projections/calendar.hpp"
#include "projections/purchase_history.hpp"
#include "projections/revenue_fold.hpp"

#include <map>

namespace factum::projections {
namespace {

struct RevenueOrder {
  bool known = false;
  bool placed = false;
  bool cancelled = false;
  Money total;
  std::string country;
  std::optional<Timestamp> placed_at;
  std::optional<Timestamp> cancelled_at;

  static void describe(FieldVisitor& v, RevenueOrder& o) {
    v.shown("known", o.known, "Whether its value is known");
    v.shown("placed", o.placed, "Whether its placing is recorded");
    v.shown("cancelled", o.cancelled, "Called off");
    v.shown("total", o.total, "Value");
    v.shown("country", o.country, "Country of delivery");
    v.shown("placed_at", o.placed_at, "When it was placed");
    v.shown("cancelled_at", o.cancelled_at, "When it was called off");
  }
};

struct RevenueReturn {
  std::optional<Money> total;
  std::optional<crm::OrderId> order;
  std::optional<std::string> country;
  std::optional<Timestamp> received_at;

  static void describe(FieldVisitor& v, RevenueReturn& r) {
    v.shown("total", r.total, "Value; absent = not booked");
    v.shown("order", r.order, "The order");
    v.shown("country", r.country, "Country; absent = that of the order");
    v.shown("received_at", r.received_at, "When it came back");
  }
};

struct Sums {
  std::int64_t orders = 0;
  Int128 ordered = 0;
  Int128 cancelled = 0;
  Int128 returned = 0;
  Int128 adjusted = 0;

  static void describe(FieldVisitor& v, Sums& s) {
    v.shown("orders", s.orders, "Orders placed");
    v.shown("ordered", s.ordered, "Their value");
    v.shown("cancelled", s.cancelled, "Value of orders called off");
    v.shown("returned", s.returned, "Value given back");
    v.shown("adjusted", s.adjusted, "Adjustments");
  }
  friend bool operator==(const Sums&, const Sums&) = default;
};

struct MonthRow {
  std::map<std::string, std::map<std::string, Sums>> by_country_and_currency;

  static void describe(FieldVisitor& v, MonthRow& m) {
    v.shown("by_country_and_currency", m.by_country_and_currency, "Sums");
  }
};

// What is booked in the country of an order, whichever that is: returns and adjustments that do not
// say one. Sums by month, so that the row stays small however many there are.
struct FollowingRow {
  std::map<std::string, std::map<std::string, Sums>> by_cell_and_currency;

  static void describe(FieldVisitor& v, FollowingRow& f) {
    v.shown("by_cell_and_currency", f.by_cell_and_currency, "Sums");
  }
};

const std::string kPrefix = "r";

void add(Sums& sums, const Sums& more, std::int64_t times) {
  sums.orders += more.orders * times;
  sums.ordered += more.ordered * times;
  sums.cancelled += more.cancelled * times;
  sums.returned += more.returned * times;
  sums.adjusted += more.adjusted * times;
}

// Dated facts have a day cell and then a month cell, undated ones a single cell.
std::string month_key(std::optional<Timestamp> at) { return period_cells(kPrefix, at).back(); }

Sums& sums_of(ViewBatch& rows, const std::string& cell, const std::string& country,
              const std::string& currency) {
  return rows.edit<MonthRow>(cell).by_country_and_currency[country][currency];
}

ViewKey order_key(const crm::OrderId& order) { return ViewKey('o').id(order); }
ViewKey following_key(const crm::OrderId& order) { return ViewKey('f').id(order); }

void book(ViewBatch& rows, const RevenueOrder& order, std::int64_t times) {
  if (!order.known) return;
  const std::string& currency = order.total.currency;
  Sums& placed = sums_of(rows, month_key(order.placed_at), order.country, currency);
  placed.orders += times;
  placed.ordered += Int128{order.total.minor} * times;
  if (!order.cancelled) return;
  Sums& cancelled = sums_of(rows, month_key(order.cancelled_at), order.country, currency);
  cancelled.cancelled += Int128{order.total.minor} * times;
}

// Books what is about an order or none, in the country that it says, else in that of the order.
void book(ViewBatch& rows, const std::optional<crm::OrderId>& order,
          const std::optional<std::string>& said, std::optional<Timestamp> at,
          const std::string& currency, const Sums& sums) {
  const std::string cell = month_key(at);
  std::string country = crm::given(said).value_or("");
  if (country.empty() && order) {
    const RevenueOrder* known = rows.find<RevenueOrder>(order_key(*order));
    if (known != nullptr) country = known->country;
    auto& following = rows.edit<FollowingRow>(following_key(*order)).by_cell_and_currency;
    add(following[cell][currency], sums, 1);
  }
  add(sums_of(rows, cell, country, currency), sums, 1);
}

void book(ViewBatch& rows, const RevenueReturn& back, std::int64_t times) {
  if (!back.total) return;
  Sums sums;
  sums.returned = Int128{back.total->minor} * times;
  book(rows, back.order, back.country, back.received_at, back.total->currency, sums);
}

void move_following(ViewBatch& rows, const crm::OrderId& order, const std::string& from,
                    const std::string& to) {
  const FollowingRow* following = rows.find<FollowingRow>(following_key(order));
  if (following == nullptr) return;
  for (const auto& [cell, by_currency] : following->by_cell_and_currency) {
    for (const auto& [currency, sums] : by_currency) {
      add(sums_of(rows, cell, from, currency), sums, -1);
      add(sums_of(rows, cell, to, currency), sums, 1);
    }
  }
}

template <class Change>
void change(ViewBatch& rows, const crm::OrderId& id, Change make_change) {
  RevenueOrder& order = rows.edit<RevenueOrder>(order_key(id));
  const std::string country = order.country;
  book(rows, order, -1);
  make_change(order);
  book(rows, order, 1);
  if (country != order.country) move_following(rows, id, country, order.country);
}

template <class Change>
void change(ViewBatch& rows, const crm::ReturnId& id, const std::optional<crm::OrderId>& order,
            Change make_change) {
  RevenueReturn& back = rows.edit<RevenueReturn>(ViewKey('g').id(id));
  book(rows, back, -1);
  if (order) back.order = order;
  make_change(back);
  book(rows, back, 1);
}

}  // namespace

namespace revenue_rows {

void placed(ViewBatch& rows, const crm::OrderPlaced& e, const DecodedEvent& at) {
  change(rows, e.order, [&](RevenueOrder& order) {
    if (order.placed) return;
    order.placed = true;
    order.placed_at = at.record().occurred_at;
    if (order.country.empty()) order.country = e.country.value_or("");
    if (!order.known) order.total = e.total;
    order.known = true;
  });
}

void corrected(ViewBatch& rows, const crm::OrderCorrected& e, const DecodedEvent& /*at*/) {
  change(rows, e.order, [&](RevenueOrder& order) {
    order.known = true;
    order.total = e.total;
    if (e.country) order.country = *e.country;
  });
}

void redated(ViewBatch& rows, const crm::OrderDetailsCorrected& e) {
  change(rows, e.order, [&](RevenueOrder& order) { order.placed_at = e.placed_at; });
}

void cancelled(ViewBatch& rows, const crm::OrderCancelled& e, const DecodedEvent& at) {
  change(rows, e.order, [&](RevenueOrder& order) {
    order.cancelled = true;
    order.cancelled_at = at.record().occurred_at;
  });
}

void returned(ViewBatch& rows, const crm::ReturnReceived& e, const DecodedEvent& at) {
  change(rows, e.return_id, e.order, [&](RevenueReturn& back) {
    back.total = e.total;
    back.country = e.country;
    back.received_at = at.record().occurred_at;
  });
}

void return_corrected(ViewBatch& rows, const crm::ReturnCorrected& e, const DecodedEvent& /*at*/) {
  change(rows, e.return_id, e.order, [&](RevenueReturn& back) { back.total = e.total; });
}

void return_details_corrected(ViewBatch& rows, const crm::ReturnDetailsCorrected& e) {
  change(rows, e.return_id, e.order, [&](RevenueReturn& back) {
    crm::take_over(back.received_at, e.received_at);
    crm::take_over(back.country, e.country);
  });
}

void adjusted(ViewBatch& rows, const crm::AdjustmentRecorded& e, const DecodedEvent& at) {
  Sums sums;
  sums.adjusted = e.amount.minor;
  book(rows, e.order, e.country, at.record().occurred_at, e.amount.currency, sums);
}

}  // namespace revenue_rows

namespace {

RevenueCell cell_of(std::optional<Date> month, const std::string& country,
                    const std::string& currency, const Sums& sums) {
  const Int128 net = sums.ordered - sums.cancelled - sums.returned + sums.adjusted;
  return {month,
          country,
          sums.orders,
          {sums.ordered, currency},
          {sums.cancelled, currency},
          {sums.returned, currency},
          {sums.adjusted, currency},
          {net, currency}};
}

Status add_cells(std::vector<RevenueCell>& cells, std::string_view bytes, std::optional<Date> month,
                 const RevenueQuery& query) {
  FACTUM_TRY(const MonthRow row, decode_row<MonthRow>(bytes));
  for (const auto& [country, by_currency] : row.by_country_and_currency) {
    if (query.country && *query.country != country) continue;
    for (const auto& [currency, sums] : by_currency) {
      // Corrections may have moved all that a cell held to another one.
      if (!(sums == Sums{})) cells.push_back(cell_of(month, country, currency, sums));
    }
  }
  return {};
}

}  // namespace

Result<RevenueAnswer> revenue(const ViewReader& rows, const RevenueQuery& query) {
  FACTUM_CHECK(check_period(query.from, query.to));
  RevenueAnswer answer;
  answer.formula =
      "net = ordered - cancelled - returned + adjusted; orders and their corrections in the month "
      "of the order, everything else in its own month";
  Status status;
  FACTUM_CHECK(rows.scan(month_range(kPrefix, query.from, query.to),
                         [&](std::string_view key, std::string_view value) {
                           status = add_cells(answer.cells, value, month_of_key(key), query);
                           return status.has_value();
                         }));
  FACTUM_CHECK(std::move(status));
  for (const RevenueCell& cell : answer.cells) add_to(answer.net, cell.net);
  FACTUM_TRY(const auto undated, rows.get(undated_cell(kPrefix)));
  if (undated) FACTUM_CHECK(add_cells(answer.undated, *undated, std::nullopt, query));
  return answer;
}

void RevenueCell::describe(FieldVisitor& v, RevenueCell& c) {
  v.shown("month", c.month, "First day of the month; absent = undated");
  v.shown("country", c.country, "Country; empty = unknown");
  v.shown("orders", c.orders, "Orders placed, cancelled ones included");
  v.shown("ordered", c.ordered, "Their value");
  v.shown("cancelled", c.cancelled, "Value of orders called off");
  v.shown("returned", c.returned, "Value of goods given back");
  v.shown("adjusted", c.adjusted, "Amounts booked without goods");
  v.shown("net", c.net, "ordered - cancelled - returned + adjusted");
}

void RevenueAnswer::describe(FieldVisitor& v, RevenueAnswer& a) {
  v.shown("cells", a.cells, "By month, country and currency, in this order");
  v.shown("undated", a.undated, "What has no date and is in no month");
  v.shown("net", a.net, "Net revenue of the months shown, by currency");
  v.shown("formula", a.formula, "How it is computed");
}

}  // namespace factum::projections
