#include "api/import/pending_model.hpp"

#include <algorithm>

namespace factum::importing {
namespace {

constexpr std::size_t kPage = 512;

std::string claim_name(std::string_view space, const Digest& key) {
  std::string name(space);
  name += '\0';
  name.append(reinterpret_cast<const char*>(key.data()), key.size());
  return name;
}

std::string question(const QueryItem& item, bool open_slots) {
  std::string key = open_slots ? "+" : "-";
  for (const std::string& tag : item.tags) key += tag + '\n';
  for (const std::string& type : item.types) key += '\t' + type;
  return key;
}

bool matches(const QueryItem& item, const EventRecord& record) {
  const auto has = [](const std::vector<std::string>& list, const std::string& word) {
    return std::find(list.begin(), list.end(), word) != list.end();
  };
  return (item.types.empty() || has(item.types, record.type)) &&
         std::all_of(item.tags.begin(), item.tags.end(),
                     [&](const std::string& tag) { return has(record.tags, tag); });
}

}  // namespace

PendingModel::PendingModel(const EventStore& store, const EventCodec& codec,
                           std::size_t kept_events_max)
    : store_(store),
      codec_(codec),
      kept_events_max_(kept_events_max),
      settled_(store.head()),
      next_(settled_.value() + 1) {}

Result<std::optional<ClaimRecord>> PendingModel::find_claim(std::string_view space,
                                                            const Digest& key) const {
  const auto pending = claims_.find(claim_name(space, key));
  if (pending != claims_.end()) return pending->second.record;
  return store_.find_claim(space, key);
}

Result<std::optional<std::string>> PendingModel::holder(std::string_view space,
                                                        std::string_view value) {
  FACTUM_TRY(auto claim, find_claim(space, codec_.sealer().digest(space, value)));
  if (!claim) return std::optional<std::string>{};
  return std::optional<std::string>(std::move(claim->holder));
}

void PendingModel::begin() {
  begin_ = next_;
  claims_before_.clear();
  touched_.clear();
  new_tag_.clear();
}

void PendingModel::add(const NewEvent& event, Timestamp now) {
  RecordedEvent recorded{next_, now, {}, event.record, {}};
  recorded.ciphertexts.assign(event.ciphertexts.begin(), event.ciphertexts.end());
  next_ = Position(next_.value() + 1);
  pending_.push_back(std::make_shared<const RecordedEvent>(std::move(recorded)));
  for (const std::string& tag : event.record.tags) {
    const auto known = by_tag_.find(tag);
    if (known == by_tag_.end()) continue;
    const auto answers = known->second;
    for (const auto& answer : answers) {
      if (!matches(answer->item, event.record)) continue;
      if (!keep(*answer, pending_.back())) {
        forget(answer);
        continue;
      }
      ++kept_events_;
      touched_.push_back(answer);
    }
  }
}

void PendingModel::add_claim(const Claim& claim) {
  const std::string name = claim_name(claim.space, claim.key);
  const auto known = claims_.find(name);
  claims_before_.emplace_back(name,
                              known == claims_.end() ? std::nullopt : std::optional(known->second));
  PendingClaim pending{std::nullopt, next_};
  if (claim.action != Claim::Action::release) {
    pending.record = ClaimRecord{claim.holder, claim.payload, next_};
  }
  claims_[name] = std::move(pending);
  claim_order_.emplace_back(name, next_);
}

void PendingModel::undo() {
  for (const auto& answer : touched_) {
    while (!answer->events.empty() && answer->events.back().recorded->position >= begin_) {
      answer->events.pop_back();
      --kept_events_;
    }
  }
  touched_.clear();
  while (!pending_.empty() && pending_.back()->position >= begin_) pending_.pop_back();
  next_ = begin_;
  for (auto before = claims_before_.rbegin(); before != claims_before_.rend(); ++before) {
    claim_order_.pop_back();
    if (before->second) {
      claims_[before->first] = std::move(*before->second);
    } else {
      claims_.erase(before->first);
    }
  }
  claims_before_.clear();
}

void PendingModel::settle(Position position) {
  settled_ = position;
  while (!pending_.empty() && pending_.front()->position <= position) pending_.pop_front();
  while (!claim_order_.empty() && claim_order_.front().second <= position) {
    const auto& [name, since] = claim_order_.front();
    const auto known = claims_.find(name);
    if (known != claims_.end() && known->second.position <= position) claims_.erase(known);
    claim_order_.pop_front();
  }
  forget_oldest();
}

Status PendingModel::replay(const QueryItem& item, bool open_slots, const OnEvent& on_event) {
  std::string key = question(item, open_slots);
  auto answer = answers_.end();
  if (const auto known = by_key_.find(key); known != by_key_.end()) {
    answer = known->second;
    answers_.splice(answers_.begin(), answers_, answer);
  } else {
    FACTUM_TRY(answer, load(std::move(key), item, open_slots));
  }
  for (const Kept& kept : answer->events) on_event(kept.decoded);
  return {};
}

Result<PendingModel::Answers::iterator> PendingModel::load(std::string key, const QueryItem& item,
                                                           bool open_slots) {
  Answer answer{std::move(key), item, open_slots, {}};
  const bool nothing = !new_tag_.empty() && item.tags.size() == 1 && item.tags[0] == new_tag_;
  if (!nothing) FACTUM_CHECK(load_recorded(answer));
  // What is new in this fact cannot be in events of others.
  const Position from = nothing ? begin_ : Position{};
  const auto first = std::lower_bound(
      pending_.begin(), pending_.end(), from,
      [](const Recorded& recorded, Position wanted) { return recorded->position < wanted; });
  for (auto recorded = first; recorded != pending_.end(); ++recorded) {
    if (matches(item, (*recorded)->record)) FACTUM_CHECK(keep(answer, *recorded));
  }
  kept_events_ += answer.events.size();
  answers_.push_front(std::move(answer));
  touched_.push_back(answers_.begin());
  by_key_.emplace(answers_.front().key, answers_.begin());
  for (const std::string& tag : item.tags) by_tag_[tag].push_back(answers_.begin());
  return answers_.begin();
}

Status PendingModel::load_recorded(Answer& answer) const {
  ReadOptions options{.from = Position(1),
                      .to = settled_,
                      .backwards = false,
                      .limit = kPage,
                      .with_slots = answer.open_slots};
  const Query query{{answer.item}};
  while (options.from <= settled_) {
    FACTUM_TRY(auto page, store_.read(query, options));
    const std::size_t count = page.size();
    for (RecordedEvent& recorded : page) {
      options.from = Position(recorded.position.value() + 1);
      FACTUM_CHECK(keep(answer, std::make_shared<const RecordedEvent>(std::move(recorded))));
    }
    if (count < kPage) break;
  }
  return {};
}

Status PendingModel::keep(Answer& answer, Recorded recorded) const {
  FACTUM_TRY(DecodedEvent decoded, codec_.decode(*recorded, answer.open_slots));
  answer.events.push_back({std::move(recorded), std::move(decoded)});
  return {};
}

void PendingModel::forget(Answers::iterator answer) {
  for (const std::string& tag : answer->item.tags) {
    const auto known = by_tag_.find(tag);
    std::erase(known->second, answer);
    if (known->second.empty()) by_tag_.erase(known);
  }
  std::erase(touched_, answer);
  kept_events_ -= answer->events.size();
  by_key_.erase(answer->key);
  answers_.erase(answer);
}

/// An answer counts as one event more than it holds, so that empty ones are bounded too.
void PendingModel::forget_oldest() {
  while (kept_events_ + answers_.size() > kept_events_max_ && answers_.size() > 1) {
    forget(std::prev(answers_.end()));
  }
}

}  // namespace factum::importing
