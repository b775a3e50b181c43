#include "tests/faults/loops/expected_log.hpp"

#include "eventstore/hash.hpp"
#include "eventstore/record_format.hpp"
#include "tests/support/store_helpers.hpp"

#include <chrono>
#include <utility>

namespace factum::test {
namespace {

constexpr std::chrono::seconds kAnswersTakeAtMost{60};

Digest hash_of(const EventRecord& record) {
  Digest hash{};
  static_cast<void>(encode_stored(record, hash));
  return hash;
}

// Refused for good: nothing of it may be in the log.
bool is_refusal(const Result<AppendResult>& answer) {
  return !answer && answer.error().code != ErrorCode::outcome_unknown;
}

std::string at(std::uint64_t position) { return " at position " + std::to_string(position); }

bool same(const StoredOutcome& one, const StoredOutcome& other) {
  return one.request == other.request && one.first == other.first && one.last == other.last &&
         one.outcome == other.outcome;
}

}  // namespace

void require(bool holds, const std::string& promise) {
  if (!holds) throw Violation(promise);
}

void Attempts::start(EventStore& store, AppendRequest request) {
  auto attempt = std::make_shared<Attempt>();
  for (const NewEvent& event : request.events) attempt->hashes.push_back(hash_of(event.record));
  attempt->request = request;
  attempts_.push_back(attempt);
  {
    const std::lock_guard lock(shared_->mutex);
    ++shared_->in_flight;
  }
  store.append(std::move(request), [attempt, shared = shared_](Result<AppendResult> answer) {
    const std::lock_guard lock(shared->mutex);
    attempt->answer = std::move(answer);
    --shared->in_flight;
    shared->changed.notify_all();
  });
}

void Attempts::wait() {
  std::unique_lock lock(shared_->mutex);
  require(
      shared_->changed.wait_for(lock, kAnswersTakeAtMost, [&] { return shared_->in_flight == 0; }),
      "every append is answered");
}

std::vector<RecordedEvent> read_all(const EventStore& store) {
  ReadOptions everything;
  everything.limit = SIZE_MAX;
  auto events = store.read({}, everything);
  require(events.has_value(), "the log can be read: " + (events ? "" : events.error().message));
  return std::move(*events);
}

void ExpectedLog::check(const EventStore& store, const Attempts& attempts, RandomCommands& random) {
  const auto found = read_all(store);
  require(store.head().value() == found.size(), "the head is the last event");
  const std::size_t durable = events_.size();
  check_prefix(found);
  explain(found, attempts);
  check_answers(attempts, durable);
  check_claims(store);
  check_outcomes(store);
  check_index(store, random);
  check_tree(store);
}

// What was known to be durable is still there, unchanged.
void ExpectedLog::check_prefix(const std::vector<RecordedEvent>& found) const {
  require(found.size() >= events_.size(), "durable events stay: there were " +
                                              std::to_string(events_.size()) + ", now " +
                                              std::to_string(found.size()));
  for (std::size_t i = 0; i < found.size(); ++i) {
    require(found[i].position == Position(i + 1), "positions are dense" + at(i + 1));
    require(i == 0 || found[i - 1].recorded_at <= found[i].recorded_at,
            "recorded time goes forward" + at(i + 1));
    if (i >= events_.size()) continue;
    require(found[i].event_hash == events_[i].event_hash, "an event stays what it was" + at(i + 1));
    require(found[i].recorded_at == events_[i].recorded_at, "recorded time stays" + at(i + 1));
    require(found[i].ciphertexts == events_[i].ciphertexts, "slots stay" + at(i + 1));
  }
}

// Every new event belongs to one append of those made since, which is there as a whole.
void ExpectedLog::explain(const std::vector<RecordedEvent>& found, const Attempts& attempts) {
  std::map<Uuid, std::shared_ptr<Attempt>> by_first_event;
  for (const auto& attempt : attempts.all())
    by_first_event[attempt->request.events[0].record.event_id] = attempt;
  while (events_.size() < found.size()) {
    const std::size_t first = events_.size();
    const auto known = by_first_event.find(found[first].record.event_id);
    require(known != by_first_event.end(), "an event was appended once" + at(first + 1));
    const Attempt& attempt = *known->second;
    require(!is_refusal(*attempt.answer), "what was refused is not there" + at(first + 1));
    require(first + attempt.hashes.size() <= found.size(), "an append is whole" + at(first + 1));
    for (std::size_t i = 0; i < attempt.hashes.size(); ++i) {
      const RecordedEvent& event = found[first + i];
      require(event.event_hash == attempt.hashes[i], "an append is whole" + at(first + i + 1));
      for (std::size_t slot = 0; slot < event.ciphertexts.size(); ++slot)
        require(event.ciphertexts[slot] == attempt.request.events[i].ciphertexts[slot],
                "slots are with their event" + at(first + i + 1));
      events_.push_back(event);
    }
    apply(attempt, Position(first + 1), Position(events_.size()));
    if (!*attempt.answer) ++counts_["unacknowledged appends that are there"];
    by_first_event.erase(known);
  }
}

void ExpectedLog::apply(const Attempt& attempt, Position first, Position last) {
  for (const Claim& claim : attempt.request.claims) {
    const auto held = claims_.find(claim.key);
    if (claim.action != Claim::Action::release) {
      claims_[claim.key] = ClaimRecord{claim.holder, claim.payload, last};
    } else if (held != claims_.end() && held->second.holder == claim.holder) {
      claims_.erase(held);
    }
  }
  const auto& idempotency = attempt.request.idempotency;
  if (!idempotency) return;
  const bool is_new = outcomes_
                          .try_emplace(idempotency->key, StoredOutcome{idempotency->request, first,
                                                                       last, idempotency->outcome})
                          .second;
  require(is_new, "an idempotency key appends once");
}

// What was acknowledged is where the answer said.
void ExpectedLog::check_answers(const Attempts& attempts, std::size_t durable) {
  for (const auto& attempt : attempts.all()) {
    const Result<AppendResult>& answer = *attempt->answer;
    ++counts_[answer ? (answer->replayed ? "replayed" : "acknowledged")
                     : std::string(to_string(answer.error().code))];
    if (!answer) continue;
    require(answer->last.value() <= events_.size(),
            "an acknowledged append is there" + at(answer->first.value()));
    if (answer->replayed) {
      const StoredOutcome& first = outcomes_.at(attempt->request.idempotency->key);
      require(first.first == answer->first && first.outcome == answer->outcome,
              "a retry gets the first answer" + at(answer->first.value()));
      continue;
    }
    require(answer->first.value() > durable, "an acknowledged append is new");
    for (std::size_t i = 0; i < attempt->hashes.size(); ++i)
      require(events_[answer->first.value() - 1 + i].event_hash == attempt->hashes[i],
              "an acknowledged append is in its place" + at(answer->first.value() + i));
  }
}

void ExpectedLog::check_claims(const EventStore& store) const {
  for (std::uint64_t i = 0; i < RandomCommands::kClaimKeys; ++i) {
    const Digest key = RandomCommands::digest_of(i);
    const auto found = store.find_claim(RandomCommands::kSpace, key);
    const auto expected = claims_.find(key);
    require(found.has_value() && found->has_value() == (expected != claims_.end()),
            "a claim is held or not, as was appended");
    if (!*found) continue;
    require((*found)->holder == expected->second.holder &&
                (*found)->payload == expected->second.payload &&
                (*found)->position == expected->second.position,
            "a claim is as it was set");
  }
}

void ExpectedLog::check_outcomes(const EventStore& store) const {
  for (std::uint64_t i = 0; i < RandomCommands::kIdempotencyKeys; ++i) {
    const Digest key = RandomCommands::digest_of(i);
    const auto found = store.find_outcome(key);
    const auto expected = outcomes_.find(key);
    require(found.has_value() && found->has_value() == (expected != outcomes_.end()),
            "an outcome is known or not, as was appended");
    require(!*found || same(**found, expected->second), "an outcome is as it was answered");
  }
}

void ExpectedLog::check_index(const EventStore& store, RandomCommands& random) const {
  const auto check_query = [&](const Query& query) {
    std::vector<RecordedEvent> expected;
    for (const RecordedEvent& event : events_)
      if (query.matches(event.record)) expected.push_back(event);
    ReadOptions everything;
    everything.limit = SIZE_MAX;
    require(read_positions(store, query, everything) == show_positions(expected),
            "the index agrees with the records");
  };
  for (const std::string& tag : RandomCommands::all_tags()) check_query(query_of({}, {tag}));
  for (int i = 0; i < 3; ++i) check_query(random.query());
}

void ExpectedLog::check_tree(const EventStore& store) const {
  TreeEdge edge;
  const auto check_signed = [&] {
    const auto known = checkpoints_.find(edge.size());
    require(known == checkpoints_.end() || known->second == edge.root(),
            "the tree of a signed checkpoint stays" + at(edge.size()));
  };
  check_signed();
  for (const RecordedEvent& event : events_) {
    const std::string entry = tree_entry(event.position, event.recorded_at, event.event_hash);
    edge.add(leaf_hash(entry), [](const TreeNode&, const std::vector<Digest>&) {});
    check_signed();
  }
  require(checkpoints_.empty() || checkpoints_.rbegin()->first <= edge.size(),
          "a signed checkpoint stays within the log");
  const ReadRow read = [&](std::uint8_t row, std::uint64_t first, std::size_t count) {
    return store.tree_row(row, first, count);
  };
  const auto root = tree_root(read, edge.size());
  require(root && *root == edge.root(), "the stored tree is that of the records");
}

}  // namespace factum::test
