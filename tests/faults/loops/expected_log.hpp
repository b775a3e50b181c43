// What a log must hold after a crash: everything acknowledged, and of what was in flight each
// append as a whole or not at all.
#pragma once

#include "core/es/event_store.hpp"
#include "eventstore/merkle_tree.hpp"
#include "tests/support/crash_disk.hpp"
#include "tests/support/random_commands.hpp"

#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace factum::test {

/// A promise was broken; `what()` says which.
class Violation : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Throws Violation with the text unless `holds`.
void require(bool holds, const std::string& promise);

/// An append and what was answered to it.
struct Attempt {
  AppendRequest request;
  std::vector<Digest> hashes;                  ///< of its events
  std::optional<Result<AppendResult>> answer;  ///< absent while it is in flight
};

/// Appends in flight.
class Attempts {
 public:
  /// Starts an append; its answer is noted on whatever thread it comes.
  void start(EventStore& store, AppendRequest request);
  /// Waits until every append was answered. Throws Violation if that takes a minute.
  void wait();
  /// All appends so far, in the order in which they were started.
  const std::vector<std::shared_ptr<Attempt>>& all() const { return attempts_; }

 private:
  struct Shared {
    std::mutex mutex;
    std::condition_variable changed;
    std::size_t in_flight = 0;
  };

  std::shared_ptr<Shared> shared_ = std::make_shared<Shared>();
  std::vector<std::shared_ptr<Attempt>> attempts_;
};

/// The model of one log. Every check throws Violation.
class ExpectedLog {
 public:
  /// Compares all that a freshly opened store says with what is known and with what was answered
  /// meanwhile; then that is known too. Cost: reads the whole log.
  void check(const EventStore& store, const Attempts& attempts, RandomCommands& random);

  /// A checkpoint was signed: the log must have this tree for ever.
  void signed_as(std::uint64_t size, const Digest& root) { checkpoints_[size] = root; }

  const std::vector<RecordedEvent>& events() const { return events_; }
  /// What was found, by name: how many were acknowledged, in flight and there, and so on.
  const Counts& counts() const { return counts_; }

 private:
  void check_prefix(const std::vector<RecordedEvent>& found) const;
  void explain(const std::vector<RecordedEvent>& found, const Attempts& attempts);
  void apply(const Attempt& attempt, Position first, Position last);
  void check_answers(const Attempts& attempts, std::size_t durable);
  void check_claims(const EventStore& store) const;
  void check_outcomes(const EventStore& store) const;
  void check_index(const EventStore& store, RandomCommands& random) const;
  void check_tree(const EventStore& store) const;

  std::vector<RecordedEvent> events_;
  std::map<std::uint64_t, Digest> checkpoints_;
  std::map<Digest, ClaimRecord> claims_;
  std::map<Digest, StoredOutcome> outcomes_;
  Counts counts_;
};

/// Every event of a log, slots included.
std::vector<RecordedEvent> read_all(const EventStore& store);

}  // namespace factum::test
