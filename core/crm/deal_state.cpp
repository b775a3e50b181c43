// How the events of a deal make its state.
#include "core/crm/deal.hpp"

namespace factum::crm {

void StageVisit::describe(FieldVisitor& v, StageVisit& s) {
  v.shown("stage", s.stage, "Key of the stage");
  v.shown("entered_at", s.entered_at, "When; absent = undated");
}

void Deal::evolve(const DealOpened& e, const EventInfo& info) {
  id = e.deal;
  pipeline = e.pipeline;
  stage = e.stage;
  customer = e.customer;
  title = e.title;
  amount = e.amount;
  expected_close = e.expected_close;
  owner = e.owner;
  lines = e.lines;
  origin = e.origin;
  opened_at = info.occurred_at;
  stage_history.push_back({e.stage, info.occurred_at});
}

void Deal::evolve(const DealStageChanged& e, const EventInfo& info) {
  stage = e.to_stage;
  stage_history.push_back({e.to_stage, info.occurred_at});
}

void Deal::evolve(const DealAmountChanged& e, const EventInfo& /*info*/) { amount = e.amount; }

void Deal::evolve(const DealCloseDateChanged& e, const EventInfo& /*info*/) {
  expected_close = e.expected_close;
}

void Deal::evolve(const DealOwnerAssigned& e, const EventInfo& /*info*/) { owner = e.owner; }

void Deal::evolve(const DealLinesChanged& e, const EventInfo& /*info*/) { lines = e.lines; }

void Deal::evolve(const DealCustomerAssigned& e, const EventInfo& /*info*/) {
  customer = e.customer;
}

void Deal::evolve(const DealWon& e, const EventInfo& info) {
  status = DealStatus::won;
  won_amount = e.amount;
  closed_at = info.occurred_at;
  lost_reason.reset();
  lost_text = {};
}

void Deal::evolve(const DealLost& e, const EventInfo& info) {
  status = DealStatus::lost;
  won_amount.reset();
  closed_at = info.occurred_at;
  lost_reason = e.reason;
  lost_text = e.text;
}

void Deal::evolve(const DealReopened& e, const EventInfo& info) {
  status = DealStatus::open;
  stage = e.stage;
  stage_history.push_back({e.stage, info.occurred_at});
  won_amount.reset();
  closed_at.reset();
  lost_reason.reset();
  lost_text = {};
}

void Deal::evolve(const DealArchived& /*e*/, const EventInfo& /*info*/) { archived = true; }

void Deal::evolve(const DealRestored& /*e*/, const EventInfo& /*info*/) { archived = false; }

void Deal::describe(FieldVisitor& v, Deal& d) {
  const Owner owner_of_texts = by("customer", d.customer);
  v.shown("id", d.id, "The deal");
  v.shown("status", d.status, "Open, won or lost");
  v.shown("pipeline", d.pipeline, "The pipeline");
  v.shown("stage", d.stage, "Key of the stage; of a closed deal the last open one");
  v.shown("customer", d.customer, "The customer, if known");
  v.personal("title", d.title, owner_of_texts, "Heading");
  v.shown("amount", d.amount, "Expected value");
  v.shown("won_amount", d.won_amount, "Final value of a won deal");
  v.shown("expected_close", d.expected_close, "Expected day of closing");
  v.shown("owner", d.owner, "The user who works on it");
  v.shown("lines", d.lines, "Products");
  v.shown("origin", d.origin, "Where it came from, a code");
  v.shown("opened_at", d.opened_at, "When it was opened; absent = undated");
  v.shown("closed_at", d.closed_at, "When it was won or lost; absent = open or undated");
  v.shown("lost_reason", d.lost_reason, "Why it was lost, a code");
  v.personal("lost_text", d.lost_text, owner_of_texts, "Explanation of the loss");
  v.shown("stage_history", d.stage_history, "The open stages it came into, as recorded");
  v.shown("archived", d.archived, "Out of sight");
}

}  // namespace factum::crm
