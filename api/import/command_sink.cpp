#include "api/import/command_sink.hpp"

#include "api/import/ledger_entry.hpp"
#include "core/es/json_reader.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <iterator>
#include <utility>

namespace factum::importing {
namespace {

constexpr std::string_view kSpace = "import";
constexpr std::string_view kListStep = "*";
constexpr std::size_t kClaimsPerBatch = 8'000;  // of 16,384 that an append can have
constexpr std::string_view kContentPurpose = "import.content";
constexpr char kPartSeparator = '\x1e';
constexpr std::size_t kEntitiesKept = 2'000'000;

/// A fact that cannot be taken in, told apart from what ends the import.
tl::unexpected<Error> left_out(std::uint64_t line, std::string column, std::string rule) {
  Error error{ErrorCode::rule_violation, "a fact cannot be taken in", std::move(rule), {}, line};
  error.fields.push_back({std::move(column), "", ""});
  return fail(std::move(error));
}

/// Whether a command was refused for what it says, not because something is broken.
bool is_refusal(ErrorCode code) {
  switch (code) {
    case ErrorCode::invalid_argument:
    case ErrorCode::not_found:
    case ErrorCode::already_exists:
    case ErrorCode::rule_violation:
    case ErrorCode::forbidden:
    case ErrorCode::limit_exceeded:
    case ErrorCode::claim_taken:
    case ErrorCode::erased: return true;
    case ErrorCode::version_conflict:
    case ErrorCode::precondition_missing:
    case ErrorCode::condition_failed:
    case ErrorCode::idempotency_mismatch:
    case ErrorCode::overloaded:
    case ErrorCode::outcome_unknown:
    case ErrorCode::view_behind:
    case ErrorCode::unavailable:
    case ErrorCode::locked:
    case ErrorCode::unsupported_format:
    case ErrorCode::corrupt:
    case ErrorCode::io_error: return false;
  }
  return false;
}

tl::unexpected<Error> refused(const FactStep& step, Error error) {
  if (!is_refusal(error.code)) return fail(std::move(error));
  if (error.rule.starts_with("import.") && !error.fields.empty()) return fail(std::move(error));
  if (!error.rule.empty()) return left_out(step.line, "", error.rule);
  if (error.fields.empty()) {
    return left_out(step.line, "", "import." + std::string(to_string(error.code)));
  }
  const FieldError& field = error.fields.front();
  return left_out(step.line, field.pointer, "import.field_" + field.code);
}

Result<Uuid> id_of_tag(std::string_view tag) {
  return Uuid::parse(tag.substr(std::min(tag.find(':') + 1, tag.size())));
}

std::string tag_of(const CommandType& type, const Uuid& id) {
  return std::string(type.target_kind) + ":" + id.to_string();
}

Result<std::unique_ptr<AnyCommand>> read_command(const CommandType& type, const FactStep& step,
                                                 std::string_view body) {
  auto command = type.make();
  const auto read = read_json(body, {}, [&](FieldVisitor& visitor) { command->describe(visitor); });
  if (!read) return refused(step, read.error());
  return command;
}

// Whether a step without an event may be taken in: of creations, and where nothing but the time
// changed, of which no event tells.
bool is_told_alike(const CommandType& type, std::string_view payload, std::string_view digests) {
  if (type.creates) return true;
  const std::string_view before = read_entry(type, payload).fields;
  constexpr std::size_t kTimeBytes = 4;
  return before.size() == digests.size() && before.substr(kTimeBytes) == digests.substr(kTimeBytes);
}

std::string entity_name(const SourceRef& ref) { return ref.kind + kPartSeparator + ref.key; }

}  // namespace

CommandSink::CommandSink(CommandBus& bus, const std::vector<const CommandType*>& commands,
                         CommandSinkOptions options)
    : bus_(bus),
      options_(std::move(options)),
      model_(bus.store(), bus.codec(), options_.dry_run ? SIZE_MAX / 2 : options_.kept_events_max),
      correlation_(bus.ids().next()),
      shipped_(bus.store().head()) {
  for (const CommandType* type : commands) commands_.emplace(type->name, type);
}

CommandSink::~CommandSink() { ignore_error(wait_for_append(), "finish reports errors"); }

Digest CommandSink::ref_of(std::string_view kind, std::string_view key,
                           std::string_view step) const {
  std::string text = options_.profile;
  for (const std::string_view part : {kind, key, step}) {
    text += kPartSeparator;
    text += part;
  }
  return bus_.codec().sealer().digest(kSpace, text);
}

std::string CommandSink::content_of(const FactStep& step) const {
  std::string text = step.command + kPartSeparator + step.body;
  for (const SourceRef& ref : step.refs)
    text += kPartSeparator + ref.kind + kPartSeparator + ref.key;
  text += kPartSeparator;
  if (step.occurred_at) text += std::to_string(step.occurred_at->value());
  if (step.target) text += kPartSeparator + step.target->kind + kPartSeparator + step.target->key;
  const Digest digest = bus_.codec().sealer().digest(kContentPurpose, text);
  return {reinterpret_cast<const char*>(digest.data()), kContentBytes};
}

Result<std::vector<CommandSink::Step>> CommandSink::look_up(const Fact& fact) const {
  std::vector<Step> steps;
  steps.reserve(fact.steps.size());
  for (const FactStep& step : fact.steps) {
    Step looked_up{&step, ref_of(fact.kind, fact.key, step.name), content_of(step), {}, {}, false};
    const auto type = commands_.find(step.command);
    looked_up.mark = step_mark(bus_.codec().sealer(), looked_up.ref,
                               type != commands_.end() && type->second->adds_up);
    FACTUM_TRY(looked_up.known, model_.find_claim(kSpace, looked_up.ref));
    steps.push_back(std::move(looked_up));
  }
  return steps;
}

Result<FactResult> CommandSink::accept(const Fact& fact) {
  FACTUM_TRY(const auto steps, look_up(fact));
  FactResult result;
  bool all_same = true;
  bool any_known = false;
  for (const Step& step : steps) {
    all_same = all_same && step.same();
    any_known = any_known || step.known.has_value();
  }
  FACTUM_TRY(StepList list, step_list(fact, steps));
  all_same = all_same && !list.changed();
  std::uint64_t own = 0;
  std::memcpy(&own, steps.front().ref.data(), sizeof own);
  const bool repeated = !seen_.insert(own).second;
  result.outcome = any_known ? FactOutcome::corrected : FactOutcome::added;
  if (all_same) {
    result.outcome = FactOutcome::unchanged;
    return result;
  }
  auto decided = repeated ? left_out(fact.line, "", "import.duplicate_key")
                          : decide_all(fact, steps, list, result);
  if (decided) {
    if (any_known && result.events == 0) result.outcome = FactOutcome::unchanged;
    return result;
  }
  const Error& error = decided.error();
  if (error.code != ErrorCode::rule_violation || error.fields.empty()) return fail(error);
  result = {
      FactOutcome::rejected, 0, {}, {"", error.position, error.fields[0].pointer, error.rule}};
  return result;
}

/// Which steps the fact has, and which it had when it was told last.
Result<CommandSink::StepList> CommandSink::step_list(const Fact& fact,
                                                     const std::vector<Step>& steps) const {
  StepList list;
  list.ref = ref_of(fact.kind, fact.key, kListStep);
  FACTUM_TRY(list.known, model_.find_claim(kSpace, list.ref));
  for (const Step& step : steps) list.now += step.mark;
  return list;
}

bool CommandSink::StepList::is_told_again(const Step& step) const {
  return step.known && known && !missing_marks(step.mark, known->payload).empty();
}

/// Refuses a fact that only takes steps back, or takes something back that was added up: no event
/// says that. A step that was replaced by another, such as a deal won that is lost now, may go.
Status CommandSink::check_taken_back(const Fact& fact, const std::vector<Step>& steps,
                                     const StepList& list) {
  if (!list.known) return {};
  const auto gone = missing_marks(list.known->payload, list.now);
  if (gone.empty()) return {};
  const bool more = std::any_of(steps.begin(), steps.end(), [&](const Step& step) {
    return !step.same() || list.is_told_again(step);
  });
  if (more && std::none_of(gone.begin(), gone.end(), marks_sum)) return {};
  return left_out(fact.line, "", "import.taken_back");
}

Status CommandSink::decide_all(const Fact& fact, const std::vector<Step>& steps,
                               const StepList& list, FactResult& result) {
  FACTUM_CHECK(check_taken_back(fact, steps, list));
  AppendRequest append;
  model_.begin();
  const bool is_first = std::none_of(steps.begin(), steps.end(),
                                     [](const Step& step) { return step.known.has_value(); });
  for (Step step : steps) {
    // What was taken back in between, and is told again as before, happens anew.
    step.anew = list.is_told_again(step);
    step.late = !step.known && !is_first;
    if (step.same() && !step.anew) continue;
    auto decided = decide(fact, step, append, result);
    if (decided && append.events.size() > EventLimits::kEventsPerAppendMax) {
      decided = left_out(fact.line, "", "import.too_large");
    }
    if (decided) continue;
    model_.undo();
    entities_.erase(entity_name({fact.kind, fact.key, false}));
    return decided;
  }
  result.events = append.events.size();
  remember_list(steps, list, append);
  return stage(std::move(append));
}

Result<std::optional<Uuid>> CommandSink::find_entity(const SourceRef& ref) {
  const std::string name = entity_name(ref);
  if (const auto known = entities_.find(name); known != entities_.end()) {
    return std::optional<Uuid>(known->second);
  }
  FACTUM_TRY(const auto claim, model_.find_claim(kSpace, ref_of(ref.kind, ref.key, "")));
  if (!claim) return std::optional<Uuid>{};
  FACTUM_TRY(const Uuid id, id_of_tag(claim->holder));
  if (entities_.size() >= kEntitiesKept) entities_.clear();
  entities_.emplace(name, id);
  return std::optional<Uuid>(id);
}

/// The body with ids in place of the marks.
Result<std::string> CommandSink::body_of(const FactStep& step) {
  std::string body;
  std::size_t at = 0;
  while (true) {
    const std::size_t mark = step.body.find(kRefMark, at);
    body.append(step.body, at, mark == std::string::npos ? mark : mark - at);
    if (mark == std::string::npos) return body;
    const std::size_t end = step.body.find(kRefMark, mark + 1);
    std::size_t index = 0;
    std::from_chars(step.body.data() + mark + 1, step.body.data() + end, index);
    const SourceRef& ref = step.refs.at(index);
    FACTUM_TRY(const auto id, find_entity(ref));
    if (!id && !ref.optional) {
      return left_out(step.line, ref.kind, "import.unknown_reference");
    }
    body += id ? '"' + id->to_string() + '"' : "null";
    at = end + 1;
  }
}

/// The id the command is about; nil when it is the first to speak of its entity.
Result<Uuid> CommandSink::target_of(const Fact& fact, const Step& step) {
  if (step.step->target) {
    FACTUM_TRY(const auto id, find_entity(*step.step->target));
    if (!id) return left_out(step.step->line, step.step->target->kind, "import.unknown_reference");
    return *id;
  }
  FACTUM_TRY(const auto own, find_entity({fact.kind, fact.key, false}));
  if (own) return *own;
  if (step.step->name.empty()) return Uuid{};
  return left_out(step.step->line, "", "import.no_entity");
}

Status CommandSink::decide(const Fact& fact, const Step& step, AppendRequest& append,
                           FactResult& result) {
  const auto type = commands_.find(step.step->command);
  if (type == commands_.end()) {
    return fail(ErrorCode::invalid_argument,
                "the profile names a command that does not exist: " + step.step->command);
  }
  FACTUM_TRY(const std::string body, body_of(*step.step));
  FACTUM_TRY(auto command, read_command(*type->second, *step.step, body));
  std::string digests;
  FACTUM_TRY(digests, reduce_to_difference(*type->second, step, command));
  FACTUM_TRY(command->target(), target_of(fact, step));
  CommandMeta meta;
  meta.again = step.known.has_value() && !step.anew;
  meta.late = step.late;
  if (meta.again && !type->second->creates) {
    FACTUM_TRY(meta.corrects, corrected_event(*type->second, step, command->target()));
  }
  if (command->target().is_nil()) {
    FACTUM_TRY(command->target(), new_target(*type->second));
    model_.expect_nothing(tag_of(*type->second, command->target()));
  }
  meta.actor = options_.actor;
  meta.source = Source::import;
  meta.occurred_at = step.step->occurred_at;
  meta.correlation_id = correlation_;
  auto prepared = bus_.prepare(*type->second, *command, meta, model_);
  if (!prepared) return refused(*step.step, std::move(prepared).error());
  const auto& events = prepared->append.events;
  if (meta.again && events.empty() && !is_told_alike(*type->second, step.known->payload, digests))
    return left_out(step.step->line, "", "import.not_correctable");
  std::string details;
  if (!type->second->creates)
    details = (events.empty() ? Uuid{} : events.back().record.event_id).view();
  details += digests;
  take_over(step, *type->second, std::move(*prepared), details, append, result);
  return {};
}

/// A command that was said before is left with what it says otherwise, unless all that it says
/// counts each time. Gives the digests of its fields for the ledger.
Result<std::string> CommandSink::reduce_to_difference(const CommandType& type, const Step& step,
                                                      std::unique_ptr<AnyCommand>& command) const {
  const auto fields = field_texts(*command, step.step->occurred_at);
  const std::string digests = field_digests(bus_.codec().sealer(), step.ref, fields);
  const bool all_counts = !type.creates && !type.adds_up && type.corrects.empty();
  if (!step.known || step.anew || all_counts) return digests;
  const LedgerEntry before = read_entry(type, step.known->payload);
  // Entries of earlier versions do not tell the fields apart: then all of them may have changed.
  if (before.fields.empty()) return digests;
  const Difference changes = difference(type, fields, before.fields, digests);
  if (!changes.refused.empty())
    return left_out(step.step->line, '/' + changes.refused, "import.not_correctable");
  FACTUM_TRY(command, read_command(type, *step.step, changes.body));
  return digests;
}

/// The event that recorded what a step said before: it is corrected where it was, or not at all.
Result<Uuid> CommandSink::corrected_event(const CommandType& type, const Step& step,
                                          const Uuid& target) {
  if (step.known->holder != tag_of(type, target))
    return left_out(step.step->line, "", "import.target_changed");
  const auto event = read_entry(type, step.known->payload).event;
  if (!event) return left_out(step.step->line, "", "import.not_correctable");
  return *event;
}

/// An id for an entity to be made; the key of a subject is durable before it is used.
Result<Uuid> CommandSink::new_target(const CommandType& type) {
  if (type.target_is_subject) return bus_.codec().sealer().new_subject();
  return bus_.ids().next();
}

void CommandSink::take_over(const Step& step, const CommandType& type, PreparedCommand prepared,
                            std::string_view details, AppendRequest& append, FactResult& result) {
  const Timestamp now = bus_.clock().now();
  if (!prepared.append.events.empty()) {
    const auto& broken = prepared.append.events.front().record.broken_rules;
    result.broken_rules.insert(result.broken_rules.end(), broken.begin(), broken.end());
  }
  const std::string tag = tag_of(type, prepared.id);
  prepared.append.claims.push_back({std::string(kSpace), step.ref, Claim::Action::take, tag,
                                    step.content + std::string(details)});
  for (const Claim& claim : prepared.append.claims) model_.add_claim(claim);
  for (const NewEvent& event : prepared.append.events) model_.add(event, now);
  std::move(prepared.append.events.begin(), prepared.append.events.end(),
            std::back_inserter(append.events));
  std::move(prepared.append.claims.begin(), prepared.append.claims.end(),
            std::back_inserter(append.claims));
}

/// Keeps the list of steps beside what they recorded. A list that is too long for a claim is given
/// up: what it takes back goes unnoticed, but nothing that it had not yet is told again for it.
void CommandSink::remember_list(const std::vector<Step>& steps, const StepList& list,
                                AppendRequest& append) {
  const bool wanted = list.known ? list.changed() : steps.size() > 1;
  const bool fits = list.now.size() <= options_.step_list_bytes_max;
  if (!wanted || (!fits && !list.known)) return;
  const std::string holder = list.known            ? list.known->holder
                             : steps.front().known ? steps.front().known->holder
                                                   : append.claims.front().holder;
  const Claim claim =
      fits ? Claim{std::string(kSpace), list.ref, Claim::Action::take, holder, list.now}
           : Claim{std::string(kSpace), list.ref, Claim::Action::release, holder, {}};
  model_.add_claim(claim);
  append.claims.push_back(claim);
}

Status CommandSink::stage(AppendRequest append) {
  const bool full =
      batch_.events.size() + append.events.size() > EventLimits::kEventsPerAppendMax ||
      batch_.claims.size() + append.claims.size() > kClaimsPerBatch;
  if (full) FACTUM_CHECK(ship());
  // Claims wait for an event to be recorded with. Too many of them are left out: the next import
  // finds again that they change nothing.
  const bool alone = batch_.events.empty() && append.events.empty();
  if (alone && batch_.claims.size() + append.claims.size() > kClaimsPerBatch) return {};
  std::move(append.events.begin(), append.events.end(), std::back_inserter(batch_.events));
  std::move(append.claims.begin(), append.claims.end(), std::back_inserter(batch_.claims));
  return batch_.events.size() >= options_.batch_events ? ship() : Status{};
}

/// Sends the batch off once the one before is on disk; deciding goes on meanwhile.
Status CommandSink::ship() {
  FACTUM_CHECK(wait_for_append());
  if (batch_.events.empty()) return {};
  AppendRequest append = std::exchange(batch_, {});
  if (options_.dry_run) {
    if (model_.pending_events() <= options_.dry_run_events_max) return {};
    return fail(ErrorCode::limit_exceeded,
                "this import is too large for a dry run; try it on a part of the file");
  }
  append.condition = AppendCondition{Query{}, shipped_};
  shipped_ = Position(shipped_.value() + append.events.size());
  in_flight_ = true;
  bus_.store().append(std::move(append), [this](Result<AppendResult> outcome) {
    const std::lock_guard lock(mutex_);
    outcome_ = std::move(outcome);
    appended_.notify_one();
  });
  return {};
}

Status CommandSink::wait_for_append() {
  if (!in_flight_) return {};
  std::unique_lock lock(mutex_);
  appended_.wait(lock, [this] { return outcome_.has_value(); });
  const Result<AppendResult> outcome = std::move(*outcome_);
  outcome_.reset();
  in_flight_ = false;
  if (outcome) {
    model_.settle(outcome->last);
    return {};
  }
  if (outcome.error().code == ErrorCode::condition_failed) {
    return fail(ErrorCode::condition_failed,
                "something else wrote to the log during the import; run the import again");
  }
  return fail(outcome.error());
}

Status CommandSink::finish() {
  FACTUM_CHECK(ship());
  return wait_for_append();
}

}  // namespace factum::importing
