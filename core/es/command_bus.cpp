#include "core/es/command_bus.hpp"

#include "core/es/log_model_reader.hpp"

namespace factum {
namespace {

constexpr int kAttemptsMax = 16;

// What happened lies in the past of somebody who still does business, and clocks run a little
// ahead.
constexpr Timestamp kOccurredFrom(-2'208'988'800'000'000);  // 1900-01-01T00:00:00Z
constexpr std::int64_t kAheadMicros = 86'400'000'000;

Status check_occurred_at(std::optional<Timestamp> at, Timestamp now) {
  if (!at || (*at >= kOccurredFrom && at->value() <= now.value() + kAheadMicros)) return {};
  return fail(
      Error{ErrorCode::invalid_argument,
            "what happened lies between 1900 and now",
            {},
            {{"/occurred_at", "range", "this must lie between 1900-01-01 and one day from now"}},
            0});
}

Status check_version(const CommandMeta& meta, Position version) {
  if (!meta.if_match || *meta.if_match == version) return {};
  return fail(Error{ErrorCode::version_conflict,
                    "this entity has changed since you read it",
                    {},
                    {},
                    version.value()});
}

// A retry gets the id that the first try was answered with.
Result<CommandOutcome> outcome_of(Result<AppendResult> result, const Uuid& id) {
  if (!result) return fail(std::move(result).error());
  CommandOutcome outcome{id, result->first, result->last, result->replayed};
  if (result->replayed) {
    FACTUM_TRY(outcome.id, Uuid::from_bytes(result->outcome));
  }
  return outcome;
}

}  // namespace

struct CommandBus::Attempt {
  const CommandType* type;
  std::shared_ptr<AnyCommand> command;
  CommandMeta meta;
  Post post;
  OnDone on_done;
  int count = 0;
};

CommandBus::CommandBus(EventStore& store, EventCodec& codec, Clock& clock, IdSource& ids)
    : store_(store), codec_(codec), clock_(clock), ids_(ids) {}

Result<PreparedCommand> CommandBus::prepare(const CommandType& type, AnyCommand& command,
                                            const CommandMeta& meta, ModelReader& reader) {
  if (command.target().is_nil()) {
    if (!type.creates) return fail(ErrorCode::invalid_argument, "the command needs an id");
    if (type.target_is_subject) {
      FACTUM_TRY(command.target(), codec_.sealer().new_subject());
    } else {
      command.target() = ids_.next();
    }
  }
  const Timestamp now = clock_.now();
  const bool import = meta.source == Source::import;
  auto occurred = meta.occurred_at ? meta.occurred_at : command.occurred_at();
  if (!occurred && !import) occurred = now;
  FACTUM_CHECK(check_occurred_at(occurred, now));
  const DecisionContext context{now,        occurred,      import,     meta.late,
                                meta.again, meta.corrects, meta.actor, &ids_};
  Position version;
  FACTUM_TRY(Decision decision, command.decide(reader, context, version));
  FACTUM_CHECK(check_version(meta, version));

  PreparedCommand prepared{.append = {}, .id = command.target()};
  FACTUM_TRY(prepared.append.events, seal(decision.events, decision.broken_rules, meta));
  prepared.append.fenced_keys = std::move(decision.fenced_keys);
  for (ClaimIntent& claim : decision.claims) {
    // Imported history may show a value that another entity holds: there is nothing to give back.
    if (claim.action == Claim::Action::release) {
      FACTUM_TRY(const auto holder, reader.holder(claim.space, claim.value));
      if (holder != claim.holder) continue;
    }
    const Digest key = codec_.sealer().digest(claim.space, claim.value);
    prepared.append.claims.push_back(
        {std::move(claim.space), key, claim.action, std::move(claim.holder), {}});
  }
  return prepared;
}

Result<std::vector<NewEvent>> CommandBus::seal(const std::vector<DecidedEvent>& events,
                                               const std::vector<std::string>& broken_rules,
                                               const CommandMeta& meta) {
  std::vector<NewEvent> sealed;
  sealed.reserve(events.size());
  const Uuid correlation = meta.correlation_id.is_nil() ? ids_.next() : meta.correlation_id;
  for (const DecidedEvent& decided : events) {
    EventOrigin origin{ids_.next(),         meta.actor,  {},
                       meta.source,         correlation, meta.causation_id,
                       decided.occurred_at, broken_rules};
    FACTUM_TRY(NewEvent event, codec_.encode(decided.event, std::move(origin)));
    sealed.push_back(std::move(event));
  }
  return sealed;
}

void CommandBus::append(OwnAppend own, const CommandMeta& meta, OnDone on_done) {
  auto earlier = earlier_outcome(meta);
  if (!earlier) return on_done(fail(std::move(earlier).error()));
  if (*earlier) return on_done(**earlier);
  const Timestamp now = clock_.now();
  for (DecidedEvent& event : own.events) {
    if (auto checked = check_occurred_at(event.occurred_at, now); !checked)
      return on_done(fail(std::move(checked).error()));
    event.occurred_at = event.occurred_at.value_or(now);
  }
  auto events = seal(own.events, {}, meta);
  if (!events) return on_done(fail(std::move(events).error()));
  const Uuid first = events->empty() ? Uuid{} : events->front().record.event_id;
  AppendRequest request{std::move(*events), std::move(own.condition), std::move(own.claims), {}};
  if (meta.idempotency_key) request.idempotency = idempotency_of(meta, first);
  store_.append(std::move(request),
                [first, on_done = std::move(on_done)](Result<AppendResult> result) {
                  on_done(outcome_of(std::move(result), first));
                });
}

void CommandBus::execute(const CommandType& type, std::shared_ptr<AnyCommand> command,
                         CommandMeta meta, Post post, OnDone on_done) {
  auto earlier = earlier_outcome(meta);
  if (!earlier) return on_done(fail(std::move(earlier).error()));
  if (*earlier) return on_done(**earlier);
  run(std::make_shared<Attempt>(
      Attempt{&type, std::move(command), std::move(meta), std::move(post), std::move(on_done), 0}));
}

void CommandBus::run(const std::shared_ptr<Attempt>& attempt) {
  ++attempt->count;
  LogModelReader reader(store_, codec_, store_.head());
  auto prepared = prepare(*attempt->type, *attempt->command, attempt->meta, reader);
  if (!prepared) return refuse_unless_done(*attempt, std::move(prepared).error());
  const Uuid id = prepared->id;
  if (prepared->append.events.empty()) return attempt->on_done(CommandOutcome{id, {}, {}, false});
  prepared->append.condition = reader.condition();
  if (attempt->meta.idempotency_key)
    prepared->append.idempotency = idempotency_of(attempt->meta, id);
  store_.append(std::move(prepared->append), [this, attempt, id](Result<AppendResult> result) {
    finish(attempt, std::move(result), id);
  });
}

// The first try of the same request may have been recorded since this one started, and be the very
// reason for the refusal.
void CommandBus::refuse_unless_done(const Attempt& attempt, Error refusal) const {
  auto earlier = earlier_outcome(attempt.meta);
  if (earlier && *earlier) return attempt.on_done(**earlier);
  attempt.on_done(fail(std::move(refusal)));
}

void CommandBus::finish(const std::shared_ptr<Attempt>& attempt, Result<AppendResult> result,
                        const Uuid& id) {
  const bool raced = !result && (result.error().code == ErrorCode::condition_failed ||
                                 result.error().code == ErrorCode::claim_taken);
  if (!raced || attempt->count >= kAttemptsMax)
    return attempt->on_done(outcome_of(std::move(result), id));
  attempt->post([this, attempt] { run(attempt); });
}

Idempotency CommandBus::idempotency_of(const CommandMeta& meta, const Uuid& id) const {
  Sealer& sealer = codec_.sealer();
  return {sealer.digest("idempotency.key", meta.actor + "\n" + *meta.idempotency_key),
          sealer.digest("idempotency.request", meta.request_fingerprint), std::string(id.view())};
}

Result<std::optional<CommandOutcome>> CommandBus::earlier_outcome(const CommandMeta& meta) const {
  if (!meta.idempotency_key) return std::optional<CommandOutcome>{};
  const Idempotency asked = idempotency_of(meta, {});
  FACTUM_TRY(const auto stored, store_.find_outcome(asked.key));
  if (!stored) return std::optional<CommandOutcome>{};
  if (stored->request != asked.request) {
    return fail(ErrorCode::idempotency_mismatch,
                "this Idempotency-Key was used with another request");
  }
  FACTUM_TRY(const Uuid id, Uuid::from_bytes(stored->outcome));
  return std::optional<CommandOutcome>(CommandOutcome{id, stored->first, stored->last, true});
}

}  // namespace factum
