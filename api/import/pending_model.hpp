// Decision models of an import: what the log holds, and what is decided but not yet recorded.
#pragma once

#include "core/es/decision.hpp"

#include <cstdint>
#include <deque>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

namespace factum::importing {

/// Reads models for one writer that decides ahead of the log. Events get the positions they will
/// have, so nobody else may write meanwhile. Answers to earlier questions are kept and continued
/// with every new event, within a limit, so that an entity that is looked at often costs one read.
/// Not thread-safe.
class PendingModel final : public ModelReader {
 public:
  /// `kept_events_max` bounds the answers that are kept; larger = fewer reads of the log.
  PendingModel(const EventStore& store, const EventCodec& codec, std::size_t kept_events_max);

  Result<std::optional<std::string>> holder(std::string_view space,
                                            std::string_view value) override;
  /// Who holds a claim, counting those that are pending.
  Result<std::optional<ClaimRecord>> find_claim(std::string_view space, const Digest& key) const;

  /// From here on, `undo` takes everything back.
  void begin();
  /// Adds an event as if it were recorded now.
  void add(const NewEvent& event, Timestamp now);
  /// Adds a claim as if it were taken, moved or released now.
  void add_claim(const Claim& claim);
  void undo();

  /// The entity behind `tag` is made by the fact that began: the log holds nothing about it.
  void expect_nothing(std::string tag) { new_tag_ = std::move(tag); }
  /// Position of the next event.
  Position next() const { return next_; }
  /// Everything up to `position` is in the log now, claims included.
  void settle(Position position);
  /// How many events are pending; for limits.
  std::size_t pending_events() const { return pending_.size(); }

 protected:
  Status replay(const QueryItem& item, bool open_slots, const OnEvent& on_event) override;

 private:
  using Recorded = std::shared_ptr<const RecordedEvent>;
  struct Kept {
    Recorded recorded;
    DecodedEvent decoded;
  };
  /// An answer: the events of one query item.
  struct Answer {
    std::string key;
    QueryItem item;
    bool open_slots = false;
    std::vector<Kept> events;
  };
  using Answers = std::list<Answer>;
  struct PendingClaim {
    std::optional<ClaimRecord> record;  ///< absent: released
    Position position;
  };

  Result<Answers::iterator> load(std::string key, const QueryItem& item, bool open_slots);
  Status load_recorded(Answer& answer) const;
  Status keep(Answer& answer, Recorded recorded) const;
  void forget(Answers::iterator answer);
  void forget_oldest();

  const EventStore& store_;
  const EventCodec& codec_;
  std::size_t kept_events_max_;
  Position settled_;
  Position next_;
  std::string new_tag_;
  std::deque<Recorded> pending_;
  Answers answers_;  ///< most recently used first
  std::unordered_map<std::string, Answers::iterator> by_key_;
  std::unordered_map<std::string, std::vector<Answers::iterator>> by_tag_;
  std::size_t kept_events_ = 0;
  std::unordered_map<std::string, PendingClaim> claims_;
  std::deque<std::pair<std::string, Position>> claim_order_;
  Position begin_;
  std::vector<Answers::iterator> touched_;  ///< answers that grew since `begin`
  std::vector<std::pair<std::string, std::optional<PendingClaim>>> claims_before_;
};

}  // namespace factum::importing
