#include "projections/deal_board.hpp"

#include "projections/deal_state.hpp"
#include "projections/merged_scan.hpp"

#include <algorithm>
#include <map>

namespace factum::projections {
namespace {

// Tables: 'd' deal; 'i' pipeline, stage, sort, sort key, deal: its owner; 't' pipeline: totals of
// all deals, 'T' pipeline, owner: of one owner.
struct BoardDeal {
  DealState state;
  SealedField<std::string> title;

  static void describe(FieldVisitor& v, BoardDeal& d) {
    v.shown("state", d.state, "The deal");
    v.shown("title", d.title, "Heading");
  }
};

struct IndexEntry {
  std::optional<crm::UserId> owner;

  static void describe(FieldVisitor& v, IndexEntry& e) {
    v.shown("owner", e.owner, "Who works on it");
  }
};

struct BoardTotals {
  std::map<std::string, StageTotal> stages;

  static void describe(FieldVisitor& v, BoardTotals& t) { v.shown("stages", t.stages, "By stage"); }
};

ViewKey totals_key(const crm::PipelineId& pipeline, const std::optional<crm::UserId>& owner) {
  return owner ? ViewKey('T').id(pipeline).id(*owner) : ViewKey('t').id(pipeline);
}

std::string partition(const crm::PipelineId& pipeline, const std::string& stage, DealSort sort) {
  return ViewKey('i').id(pipeline).text(stage).byte(static_cast<std::uint8_t>(sort)).str();
}

// What is unknown sorts last.
ViewKey sort_key(const DealState& deal, DealSort sort) {
  ViewKey key('i');
  switch (sort) {
    case DealSort::value:
      key.byte(deal.amount ? 0 : 1);
      if (deal.amount) key.text(deal.amount->currency).descending(deal.amount->minor);
      break;
    case DealSort::expected_close:
      key.byte(deal.expected_close ? 0 : 1);
      if (deal.expected_close) key.date(*deal.expected_close);
      break;
    case DealSort::age:
      key.byte(deal.stage_entered_at ? 0 : 1);
      if (deal.stage_entered_at) key.time(*deal.stage_entered_at);
      break;
  }
  return key;
}

std::string index_key(const DealState& deal, const crm::DealId& id, DealSort sort) {
  return partition(deal.pipeline, deal.stage, sort) + sort_key(deal, sort).id(id).str().substr(1);
}

constexpr std::array kSorts{DealSort::value, DealSort::expected_close, DealSort::age};

void count(ViewBatch& rows, const DealState& deal, const std::optional<crm::UserId>& owner,
           std::int64_t times) {
  auto& stages = rows.edit<BoardTotals>(totals_key(deal.pipeline, owner)).stages;
  StageTotal& total = stages[deal.stage];
  total.stage = deal.stage;
  total.deals += times;
  tally(total.value, deal.amount, times);
  if (total.deals == 0) stages.erase(deal.stage);
}

void relist(ViewBatch& rows, const crm::DealId& id, const DealState& before,
            const DealState& after) {
  if (before == after) return;
  if (before.is_open()) {
    for (const DealSort sort : kSorts) rows.erase(index_key(before, id, sort));
    count(rows, before, std::nullopt, -1);
    if (before.owner) count(rows, before, before.owner, -1);
  }
  if (after.is_open()) {
    for (const DealSort sort : kSorts)
      rows.put(index_key(after, id, sort), IndexEntry{after.owner});
    count(rows, after, std::nullopt, 1);
    if (after.owner) count(rows, after, after.owner, 1);
  }
}

template <class E>
void on_deal(ViewBatch& rows, const E& e, const DecodedEvent& at) {
  BoardDeal& deal = rows.edit<BoardDeal>(ViewKey('d').id(e.deal));
  const DealState before = deal.state;
  evolve(deal.state, e, at.record().occurred_at);
  if constexpr (std::is_same_v<E, crm::DealOpened>) {
    if (!e.title.is_absent()) deal.title = at.sealed("title");
  }
  relist(rows, e.deal, before, deal.state);
}

template <class... E>
void register_each(Projection& projection, TypeList<E...>) {
  (projection.on<E>(&on_deal<E>), ...);
}

Result<DealCard> card(const ViewReader& rows, const crm::DealId& id) {
  FACTUM_TRY(const auto bytes, rows.get(ViewKey('d').id(id).str()));
  if (!bytes) return fail(ErrorCode::corrupt, "a listed deal has no row");
  FACTUM_TRY(BoardDeal deal, decode_row<BoardDeal>(*bytes));
  const DealState& state = deal.state;
  return DealCard{id,
                  state.pipeline,
                  state.stage,
                  state.customer,
                  state.owner,
                  state.amount,
                  state.expected_close,
                  state.opened_at,
                  state.stage_entered_at,
                  std::move(deal.title)};
}

crm::DealId deal_of(std::string_view key) {
  constexpr std::size_t kIdBytes = 16;
  ViewKeyReader reader(key.substr(key.size() - kIdBytes - 1));
  return {reader.id()};
}

}  // namespace

Projection deal_board_projection() {
  Projection projection("deal_board", 3, "Open deals by pipeline and stage");
  register_each(projection, DealStateEvents{});
  return projection;
}

Result<std::vector<StageTotal>> deal_board_totals(const ViewReader& rows,
                                                  const crm::PipelineId& pipeline,
                                                  const std::optional<crm::UserId>& owner) {
  std::vector<StageTotal> totals;
  FACTUM_TRY(const auto bytes, rows.get(totals_key(pipeline, owner).str()));
  if (!bytes) return totals;
  FACTUM_TRY(BoardTotals board, decode_row<BoardTotals>(*bytes));
  for (auto& [stage, total] : board.stages) totals.push_back(std::move(total));
  return totals;
}

Result<Page<DealCard>> deal_board(const ViewReader& rows, const DealBoardQuery& query) {
  FACTUM_TRY(const auto totals, deal_board_totals(rows, query.pipeline, std::nullopt));
  MergedScan scan{.prefixes = {}, .from = {}, .to = {}, .page = query.page};
  for (const StageTotal& total : totals) {
    if (query.stages.empty() ||
        std::find(query.stages.begin(), query.stages.end(), total.stage) != query.stages.end())
      scan.prefixes.push_back(partition(query.pipeline, total.stage, query.sort));
  }
  Page<DealCard> page;
  const auto take = [&](std::string_view key, std::string_view value) -> Result<bool> {
    FACTUM_TRY(const IndexEntry entry, decode_row<IndexEntry>(value));
    if (query.owner && entry.owner != query.owner) return false;
    FACTUM_TRY(DealCard found, card(rows, deal_of(key)));
    page.items.push_back(std::move(found));
    return true;
  };
  FACTUM_TRY(page.next, merged_scan(rows, scan, take));
  return page;
}

void DealCard::describe(FieldVisitor& v, DealCard& c) {
  v.shown("deal", c.deal, "The deal");
  v.shown("pipeline", c.pipeline, "The pipeline");
  v.shown("stage", c.stage, "Key of its stage");
  v.shown("customer", c.customer, "The customer");
  v.shown("owner", c.owner, "Who works on it");
  v.shown("amount", c.amount, "Expected value");
  v.shown("expected_close", c.expected_close, "Expected day of closing");
  v.shown("opened_at", c.opened_at, "When it was opened; absent = undated");
  v.shown("stage_entered_at", c.stage_entered_at, "When it entered its stage; absent = undated");
  v.shown("title", c.title, "Heading");
}

void StageTotal::describe(FieldVisitor& v, StageTotal& t) {
  v.shown("stage", t.stage, "Key of the stage");
  v.shown("deals", t.deals, "Open deals");
  v.shown("value", t.value, "Their value, by currency");
}

}  // namespace factum::projections
