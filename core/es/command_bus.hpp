// Executes commands: read the model, decide, seal, append under the condition that nothing looked
// at has changed.
#pragma once

#include "core/es/command.hpp"
#include "core/es/event_codec.hpp"
#include "core/es/event_store.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace factum {

/// Who asks, and how the answer is to be remembered.
struct CommandMeta {
  std::string actor = "system";
  Source source = Source::api;
  std::optional<Timestamp>
      occurred_at;      ///< absent: what the command says, else now; undated for imports
  Uuid correlation_id;  ///< nil: a new one
  Uuid causation_id;
  bool late = false;                 ///< an import adds this to what it told before
  bool again = false;                ///< an import said this before: see DecisionContext
  std::optional<Uuid> corrects;      ///< the last event recorded for it
  std::optional<Position> if_match;  ///< the version the caller has seen
  std::optional<std::string> idempotency_key;
  std::string request_fingerprint;  ///< what makes a request the same: method, path and body
};

struct CommandOutcome {
  Uuid id;         ///< the target
  Position first;  ///< 0 = nothing had to change
  Position last;
  bool replayed = false;
};

/// An append that is ready to go, and the entity it is about.
struct PreparedCommand {
  AppendRequest append;  ///< no events = nothing to change
  Uuid id;
};

/// Events that a caller makes itself, of types that no decider owns.
struct OwnAppend {
  std::vector<DecidedEvent> events;
  std::optional<AppendCondition> condition;
  std::vector<Claim> claims;
};

/// Thread rule: every method is safe from any thread. The parts outlive the bus.
class CommandBus {
 public:
  using OnDone = std::function<void(Result<CommandOutcome>)>;
  /// Runs a task soon on a thread where deciding may take its time; never on a thread of the store.
  using Post = std::function<void(std::function<void()>)>;

  CommandBus(EventStore& store, EventCodec& codec, Clock& clock, IdSource& ids);

  /// Executes a command whose target is set, or is nil and `type.creates`. A decision that loses a
  /// race is taken again, up to 16 times. Errors: those of the decision and of EventStore::append;
  /// version_conflict, precondition_missing, invalid_argument (it happened before 1900 or more than
  /// a day from now).
  void execute(const CommandType& type, std::shared_ptr<AnyCommand> command, CommandMeta meta,
               Post post, OnDone on_done);

  /// Seals and appends events of a caller's own; undated ones happened now. The condition is the
  /// caller's: if it fails, that is the answer. The id of the outcome is that of the first event.
  /// Errors: those of EventCodec::encode and EventStore::append.
  void append(OwnAppend own, const CommandMeta& meta, OnDone on_done);

  /// Decides and seals without appending. `reader` gives the model, `condition` is left to the
  /// caller.
  Result<PreparedCommand> prepare(const CommandType& type, AnyCommand& command,
                                  const CommandMeta& meta, ModelReader& reader);

  EventStore& store() { return store_; }
  EventCodec& codec() { return codec_; }
  IdSource& ids() { return ids_; }
  Clock& clock() { return clock_; }

 private:
  struct Attempt;
  void run(const std::shared_ptr<Attempt>& attempt);
  void finish(const std::shared_ptr<Attempt>& attempt, Result<AppendResult> result, const Uuid& id);
  void refuse_unless_done(const Attempt& attempt, Error refusal) const;
  Result<std::vector<NewEvent>> seal(const std::vector<DecidedEvent>& events,
                                     const std::vector<std::string>& broken_rules,
                                     const CommandMeta& meta);
  Result<std::optional<CommandOutcome>> earlier_outcome(const CommandMeta& meta) const;
  Idempotency idempotency_of(const CommandMeta& meta, const Uuid& id) const;

  EventStore& store_;
  EventCodec& codec_;
  Clock& clock_;
  IdSource& ids_;
};

}  // namespace factum
