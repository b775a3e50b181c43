// Views across customers: funnel, board, queue, revenue, satisfaction, and the lists of people,
// products and pipelines.
#include "api/view_route.hpp"
#include "projections/catalog.hpp"
#include "projections/deal_board.hpp"
#include "projections/funnel.hpp"
#include "projections/people.hpp"
#include "projections/purchase_history.hpp"
#include "projections/satisfaction.hpp"
#include "projections/ticket_queue.hpp"

template <>
struct factum::Symbols<factum::projections::DealSort> {
  static constexpr auto kNames =
      std::to_array<std::string_view>({"value", "expected_close", "age"});
};
template <>
struct factum::Symbols<factum::projections::TicketSort> {
  static constexpr auto kNames = std::to_array<std::string_view>({"oldest", "newest", "priority"});
};

namespace factum::api {
namespace {

using namespace projections;

struct FunnelFilter {
  std::optional<Date> from;
  std::optional<Date> to;
  std::optional<crm::UserId> owner;
  std::optional<crm::ProductId> product;

  static void describe(FieldVisitor& v, FunnelFilter& q) {
    v.shown("from", q.from, "The first day, UTC");
    v.shown("to", q.to, "The day after the last");
    v.shown("owner", q.owner, "Deals of this user");
    v.shown("product", q.product, "Deals with this product");
  }
};

struct BoardFilter {
  std::vector<std::string> stage;
  std::optional<crm::UserId> owner;
  std::optional<DealSort> sort;

  static void describe(FieldVisitor& v, BoardFilter& q) {
    v.shown("stage", q.stage, "Keys of stages; absent = all", at_most(100));
    v.shown("owner", q.owner, "Deals of this user");
    v.shown("sort", q.sort, "Order of the deals; age if absent");
  }
};

struct BoardTotalsFilter {
  std::optional<crm::UserId> owner;

  static void describe(FieldVisitor& v, BoardTotalsFilter& q) {
    v.shown("owner", q.owner, "Deals of this user");
  }
};

struct BoardTotals {
  std::vector<StageTotal> stages;

  static void describe(FieldVisitor& v, BoardTotals& t) {
    v.shown("stages", t.stages, "Number and value of the open deals per stage");
  }
};

struct QueueFilter {
  std::vector<QueueState> state;
  std::vector<crm::Priority> priority;
  std::optional<crm::UserId> assignee;
  std::optional<crm::TeamId> team;
  std::optional<crm::TicketKind> kind;
  std::optional<TicketSort> sort;

  static void describe(FieldVisitor& v, QueueFilter& q) {
    v.shown("state", q.state, "States; absent = all that are not finished", at_most(10));
    v.shown("priority", q.priority, "Priorities; absent = all", at_most(10));
    v.shown("assignee", q.assignee, "Tickets that wait at this user");
    v.shown("team", q.team, "Tickets that wait at this team");
    v.shown("kind", q.kind, "Tickets of this kind");
    v.shown("sort", q.sort, "Order of the tickets; priority if absent");
  }
};

struct CountsFilter {
  std::optional<crm::UserId> assignee;
  std::optional<crm::TeamId> team;

  static void describe(FieldVisitor& v, CountsFilter& q) {
    v.shown("assignee", q.assignee, "Tickets that wait at this user");
    v.shown("team", q.team, "Tickets that wait at this team");
  }
};

struct RevenueFilter {
  std::optional<Date> from;
  std::optional<Date> to;
  std::optional<std::string> country;

  static void describe(FieldVisitor& v, RevenueFilter& q) {
    v.shown("from", q.from, "Any day of the first month");
    v.shown("to", q.to, "Any day of the month after the last");
    v.shown("country", q.country, "Orders of this country", non_empty(200));
  }
};

struct SatisfactionFilter {
  crm::SurveyKind kind{};
  std::optional<std::string> survey;
  std::optional<Date> from;
  std::optional<Date> to;

  static void describe(FieldVisitor& v, SatisfactionFilter& q) {
    v.shown("kind", q.kind, "What was measured");
    v.shown("survey", q.survey, "Key of the survey; absent = all of the kind", non_empty(200));
    v.shown("from", q.from, "The first day, UTC");
    v.shown("to", q.to, "The day after the last");
  }
};

struct ProductFilter {
  std::optional<std::string> sku;
  std::optional<bool> with_discontinued;

  static void describe(FieldVisitor& v, ProductFilter& q) {
    v.shown("sku", q.sku, "The product with this article code", non_empty(200));
    v.shown("with_discontinued", q.with_discontinued, "Discontinued ones too; true if absent");
  }
};

Result<crm::PipelineId> pipeline_of(const ViewCall& at) {
  FACTUM_TRY(const Uuid id, at.call.path_id());
  return crm::PipelineId{id};
}

Result<FunnelAnswer> read_funnel(const ViewCall& at, const FunnelFilter& asked) {
  FACTUM_TRY(const auto pipeline, pipeline_of(at));
  return funnel(at.rows, {pipeline, asked.from, asked.to, asked.owner, asked.product});
}

Result<Page<DealCard>> read_board(const ViewCall& at, const BoardFilter& asked) {
  FACTUM_TRY(const auto pipeline, pipeline_of(at));
  return deal_board(
      at.rows, {pipeline, asked.stage, asked.owner, asked.sort.value_or(DealSort::age), at.page});
}

Result<BoardTotals> read_board_totals(const ViewCall& at, const BoardTotalsFilter& asked) {
  FACTUM_TRY(const auto pipeline, pipeline_of(at));
  FACTUM_TRY(auto stages, deal_board_totals(at.rows, pipeline, asked.owner));
  return BoardTotals{std::move(stages)};
}

Result<Page<QueuedTicket>> list_tickets(const ViewCall& at, const QueueFilter& asked) {
  return ticket_queue(at.rows, {asked.state, asked.priority, asked.assignee, asked.team, asked.kind,
                                asked.sort.value_or(TicketSort::priority), at.page});
}

Result<QueueCounts> count_tickets(const ViewCall& at, const CountsFilter& asked) {
  return ticket_counts(at.rows, asked.assignee, asked.team);
}

Result<RevenueAnswer> read_revenue(const ViewCall& at, const RevenueFilter& asked) {
  return revenue(at.rows, {asked.from, asked.to, asked.country});
}

Result<SatisfactionAnswer> read_satisfaction(const ViewCall& at, const SatisfactionFilter& asked) {
  return satisfaction(at.rows, {asked.kind, asked.survey, asked.from, asked.to});
}

Result<Page<UserEntry>> list_users(const ViewCall& at, const NoQuery&) {
  return users(at.rows, at.page);
}

Result<Page<TeamEntry>> list_teams(const ViewCall& at, const NoQuery&) {
  return teams(at.rows, at.page);
}

Result<Page<ProductEntry>> list_products(const ViewCall& at, const ProductFilter& asked) {
  return products(at.rows, {asked.sku, asked.with_discontinued.value_or(true), at.page});
}

Result<Page<PipelineEntry>> list_pipelines(const ViewCall& at, const NoQuery&) {
  Page<PipelineEntry> page;
  FACTUM_TRY(page.items, pipelines(at.rows));
  return page;
}

void add_sales_routes(Routes& routes) {
  view<FunnelFilter, FunnelAnswer>(
      routes,
      explained({"GET", "/v1/pipelines/{id}/funnel", "read_funnel",
                 "How deals flow through the stages, and the sales metrics", "funnel"}),
      &read_funnel);
  list<BoardFilter, DealCard>(
      routes,
      {"GET", "/v1/pipelines/{id}/board", "read_board", "Open deals of a pipeline", "deal_board"},
      &read_board);
  view<BoardTotalsFilter, BoardTotals>(
      routes,
      {"GET", "/v1/pipelines/{id}/board_totals", "read_board_totals",
       "Number and value of open deals per stage", "deal_board"},
      &read_board_totals);
  view<RevenueFilter, RevenueAnswer>(
      routes,
      explained({"GET", "/v1/revenue", "read_revenue", "Revenue per month, country and currency",
                 "purchase_history"}),
      &read_revenue);
  list<ProductFilter, ProductEntry>(
      routes, {"GET", "/v1/products", "list_products", "Products by article code", "catalog"},
      &list_products);
  list<NoQuery, PipelineEntry>(
      routes, {"GET", "/v1/pipelines", "list_pipelines", "All pipelines", "catalog"},
      &list_pipelines);
}

void add_service_desk_routes(Routes& routes) {
  list<QueueFilter, QueuedTicket>(
      routes,
      {"GET", "/v1/tickets", "list_tickets", "Tickets by state and priority", "ticket_queue"},
      &list_tickets);
  view<CountsFilter, QueueCounts>(routes,
                                  {"GET", "/v1/tickets:count", "count_tickets",
                                   "How many tickets there are in each state", "ticket_queue"},
                                  &count_tickets);
  view<SatisfactionFilter, SatisfactionAnswer>(
      routes,
      explained({"GET", "/v1/satisfaction", "read_satisfaction", "NPS, CSAT or CES by month",
                 "satisfaction"}),
      &read_satisfaction);
}

}  // namespace

void add_report_routes(Routes& routes) {
  add_sales_routes(routes);
  add_service_desk_routes(routes);
  list<NoQuery, UserEntry>(routes, {"GET", "/v1/users", "list_users", "All users", "people"},
                           &list_users);
  list<NoQuery, TeamEntry>(routes, {"GET", "/v1/teams", "list_teams", "All teams", "people"},
                           &list_teams);
}

}  // namespace factum::api
