#include "api/erasure_job.hpp"

#include "core/crm/erasure.hpp"
#include "core/es/command_runner.hpp"
#include "core/es/log_model_reader.hpp"
#include "projections/past_views.hpp"
#include "projections/projector.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <future>
#include <iterator>
#include <string>
#include <utility>

namespace factum::api {
namespace {

using crm::ErasureStatus;
using projections::ErasureEntry;

constexpr std::chrono::milliseconds kLookEvery{1000};
constexpr std::chrono::milliseconds kPauseMax{60'000};
constexpr std::size_t kApprovalsAtOnce = 1000;
constexpr std::chrono::milliseconds kPurgeEvery{50};
constexpr int kLooksMax = 200;

std::vector<Uuid> subjects_of(const std::vector<ErasureEntry>& erasures) {
  std::vector<Uuid> all;
  for (const ErasureEntry& erasure : erasures) {
    const auto some = erasure.subjects.ids();
    all.insert(all.end(), some.begin(), some.end());
  }
  return all;
}

std::vector<ErasureEntry> with_status(const std::vector<ErasureEntry>& all, ErasureStatus status) {
  std::vector<ErasureEntry> some;
  std::copy_if(all.begin(), all.end(), std::back_inserter(some),
               [&](const ErasureEntry& entry) { return entry.status == status; });
  return some;
}

// The keys say whose they are, but not whether that is a customer, a contact or a user.
Result<crm::SubjectList> subjects_in_log(const EventStore& store, const Uuid& subject) {
  crm::SubjectList list;
  const auto is_there = [&](const std::string& tag) -> Result<bool> {
    ReadOptions one;
    one.limit = 1;
    one.with_slots = false;
    FACTUM_TRY(const auto events, store.read(Query{{{{}, {tag}}}}, one));
    return !events.empty();
  };
  FACTUM_TRY(const bool customer, is_there(crm::CustomerId{subject}.tag()));
  FACTUM_TRY(const bool contact, is_there(crm::ContactId{subject}.tag()));
  FACTUM_TRY(const bool user, is_there(crm::UserId{subject}.tag()));
  if (customer) list.customers.push_back({subject});
  if (contact) list.contacts.push_back({subject});
  if (user) list.users.push_back({subject});
  return list;
}

// Of the tree that a checkpoint signs: its second line.
std::uint64_t size_of(std::string_view checkpoint) {
  const std::size_t begin = checkpoint.find('\n') + 1;
  const std::size_t end = checkpoint.find('\n', begin);
  std::uint64_t size = 0;
  if (begin != 0 && end != std::string_view::npos)
    std::from_chars(checkpoint.data() + begin, checkpoint.data() + end, size);
  return size;
}

CommandMeta by_the_program() {
  CommandMeta meta;
  meta.source = Source::system;
  return meta;
}

// Not done, and done again it would be the same.
bool is_refused(const Error& error) { return error.code == ErrorCode::rule_violation; }

}  // namespace

// Whom the log calls gone is closed by that, whatever the keys say of them.
Status ErasureJob::close_fenced() {
  FACTUM_TRY(const auto fenced, services_.store.fenced_keys());
  std::vector<Uuid> keys;
  std::set<Position> positions;
  for (const auto& [key, position] : fenced) {
    keys.push_back(key);
    positions.insert(position);
  }
  std::vector<Uuid> gone;  // closed together: each closing looks at every key
  for (const Position position : positions) {
    FACTUM_TRY(const auto events, services_.store.read({}, {.from = position, .to = position}));
    for (const RecordedEvent& event : events) {
      FACTUM_TRY(const DecodedEvent decoded, services_.codec.decode(event, false));
      const auto* started = decoded.get<crm::ErasureStarted>();
      if (started == nullptr) continue;
      const auto subjects = crm::subjects_of(*started).ids();
      gone.insert(gone.end(), subjects.begin(), subjects.end());
    }
  }
  returned_ = sealer_.living_subjects(keys);
  gone.insert(gone.end(), returned_.begin(), returned_.end());
  close_for_good(gone);
  forgotten_ = sealer_.destroyed_subjects(keys);
  std::erase_if(forgotten_, [this](const Uuid& subject) { return fenced_.contains(subject); });
  return {};
}

void ErasureJob::close_for_good(const std::vector<Uuid>& subjects) {
  sealer_.close_subjects(subjects);
  fenced_.insert(subjects.begin(), subjects.end());
  forget_answers();
}

void ErasureJob::log_once(const Uuid& about, const std::string& sentence) {
  if (told_.insert(about).second) log(sentence);
}

Status ErasureJob::start() {
  const Query approvals{{{{std::string(crm::ErasureApproved::kName)}, {}}}};
  FACTUM_TRY(approvals_, services_.store.subscribe(approvals, services_.store.head()));
  thread_ = std::thread([this] { run(); });
  return {};
}

void ErasureJob::stop() {
  stopping_ = true;
  if (approvals_) approvals_->stop();
  if (thread_.joinable()) thread_.join();
}

// An erasure that fails is tried again, later and later: a look may cost a scan of the whole log.
void ErasureJob::run() {
  std::string last_failure;
  auto pause = kLookEvery;
  while (!stopping_) {
    const Status done = carry_out();
    const std::string failure = done ? std::string() : done.error().message;
    if (failure != last_failure && !failure.empty() && !stopping_)
      log("an erasure has to wait: " + failure);
    last_failure = failure;
    pause = done ? kLookEvery : std::min(2 * pause, kPauseMax);
    ignore_error(approvals_->next(kApprovalsAtOnce, pause), "the next look shows it again");
  }
}

Status ErasureJob::carry_out() {
  FACTUM_CHECK(destroy_returned());
  FACTUM_CHECK(repeat_forgotten());
  FACTUM_TRY(auto erasures, unfinished());
  if (erasures.empty()) return {};
  for (const ErasureEntry& erasure : with_status(erasures, ErasureStatus::approved)) {
    if (stopping_) return {};
    FACTUM_CHECK(fence(erasure));
  }
  FACTUM_TRY(erasures, unfinished());
  if (const auto started = with_status(erasures, ErasureStatus::started); !started.empty()) {
    FACTUM_CHECK(destroy(started));
    FACTUM_TRY(erasures, unfinished());
  }
  const auto destroyed = with_status(erasures, ErasureStatus::destroyed);
  return destroyed.empty() ? Status() : remove(destroyed);
}

// What a backup of the keys brought back from before an erasure goes once more.
Status ErasureJob::destroy_returned() {
  if (returned_.empty()) return {};
  FACTUM_TRY(const KeyDestruction done, sealer_.destroy_subjects(returned_));
  log("keys that were erased had come back, as from an older copy of the keys; " +
      std::to_string(done.keys) + " were destroyed again");
  returned_.clear();
  return {};
}

// A log that came back from before an erasure: what the keys do not open is still there, and found.
// The erasure has the id of the subject, so that it is asked for once. What a rule stands against
// is left to the next start.
Status ErasureJob::repeat_forgotten() {
  while (!forgotten_.empty() && !stopping_) {
    const Uuid subject = forgotten_.back();
    crm::RequestErasure request;
    request.id = {subject};
    FACTUM_TRY(request.subjects, subjects_in_log(services_.store, subject));
    request.ground = crm::ErasureGround::restored;
    if (request.subjects.size() > 0) {
      auto done = run_command(services_.bus, std::move(request), by_the_program());
      const bool asked = done || done.error().code == ErrorCode::already_exists;
      if (asked)
        done = run_command(services_.bus, crm::ApproveErasure{{{subject}}}, by_the_program());
      if (!done && !is_refused(done.error())) return fail(std::move(done).error());
      log_once(subject, done ? "an erasure is repeated: the log is older than it"
                             : "an erasure cannot be repeated yet: " + done.error().message);
    }
    forgotten_.pop_back();
  }
  return {};
}

Result<ErasureJob::Entries> ErasureJob::unfinished() const {
  const Position head = services_.store.head();
  FACTUM_TRY(const auto rows, services_.projector.read("erasures"));
  if (rows->position() < head && !stopping_) {
    std::promise<projections::WaitOutcome> applied;
    auto outcome = applied.get_future();
    services_.projector.wait_for_view(
        "erasures", head, services_.view_wait_max,
        [&](projections::WaitOutcome reached) { applied.set_value(std::move(reached)); });
    if (!outcome.get().reached)
      return fail(ErrorCode::unavailable, "the view of erasures is behind the log");
    FACTUM_TRY(const auto newer, services_.projector.read("erasures"));
    return projections::unfinished_erasures(*newer);
  }
  return projections::unfinished_erasures(*rows);
}

// Closed first: what is sealed until the fence is in the log is known then. Nobody is closed who
// would only be refused; who is refused all the same is open again, unless another erasure has
// fenced them; what is not known to have failed stays closed.
Status ErasureJob::fence(const ErasureEntry& erasure) {
  crm::StartErasure command;
  command.id = erasure.erasure;
  LogModelReader reader(services_.store, services_.codec, services_.store.head());
  auto allowed = services_.bus.prepare(command_type<crm::StartErasure>(), *box_command(command),
                                       by_the_program(), reader);
  if (!allowed && is_refused(allowed.error())) {
    log_once(erasure.erasure.uuid, "an approved erasure has to wait: " + allowed.error().message);
    return allowed.error().rule == crm::rules::kErasureErased.name ? refuse(erasure) : Status();
  }
  if (!allowed) return fail(std::move(allowed).error());
  const std::vector<Uuid> subjects = erasure.subjects.ids();
  for (const Uuid& key : sealer_.close_subjects(subjects)) command.keys.push_back({key});
  forget_answers();
  const auto started = run_command(services_.bus, std::move(command), by_the_program());
  if (started) {
    fenced_.insert(subjects.begin(), subjects.end());
    forget_answers();  // such as were being rendered when the subjects were closed
    return {};
  }
  if (started.error().code != ErrorCode::outcome_unknown) {
    std::vector<Uuid> open;
    std::copy_if(subjects.begin(), subjects.end(), std::back_inserter(open),
                 [this](const Uuid& subject) { return !fenced_.contains(subject); });
    sealer_.reopen_subjects(open);
    forget_answers();
  }
  return is_refused(started.error()) ? Status() : Status(fail(started.error()));
}

// Another erasure was faster.
Status ErasureJob::refuse(const ErasureEntry& erasure) {
  crm::RefuseErasure command;
  command.id = erasure.erasure;
  command.ground = crm::ErasureRefusalGround::already_erased;
  const auto refused = run_command(services_.bus, std::move(command), by_the_program());
  return refused || is_refused(refused.error()) ? Status() : Status(fail(refused.error()));
}

Status ErasureJob::destroy(const Entries& started) {
  const auto subjects = subjects_of(started);
  close_for_good(subjects);
  FACTUM_TRY(const KeyDestruction done, sealer_.destroy_subjects(subjects));
  for (const ErasureEntry& erasure : started) {
    crm::RecordKeyDestruction command;
    command.id = erasure.erasure;
    command.epoch_before = {done.epoch_before};
    command.epoch_after = {done.epoch_after};
    command.places = done.places;
    FACTUM_CHECK(run_command(services_.bus, std::move(command), by_the_program()));
  }
  return {};
}

Status ErasureJob::remove(const Entries& destroyed) {
  WorkWatch watch;
  watch.cancelled = [this] { return stopping_.load(); };
  ErasedSubjects erased;
  for (const ErasureEntry& erasure : destroyed) {
    const auto tags = erasure.subjects.tags();
    erased.holders.insert(erased.holders.end(), tags.begin(), tags.end());
    for (const crm::DataKeyId& key : erasure.keys) erased.keys.push_back(key.uuid);
  }
  FACTUM_CHECK(wait_for_checkpoint());
  FACTUM_TRY(const ErasedRows rows, services_.store.erase(erased, watch));
  std::vector<std::string> views;
  FACTUM_CHECK(rebuild_views(views));
  for (const ErasureEntry& erasure : destroyed) {
    crm::CertifyErasure command;
    command.id = erasure.erasure;
    command.keys = static_cast<std::int64_t>(erasure.keys.size());
    command.views = views;
    for (const crm::DataKeyId& key : erasure.keys) {
      const auto found = rows.ciphertexts.find(key.uuid);
      if (found != rows.ciphertexts.end())
        command.ciphertexts += static_cast<std::int64_t>(found->second);
    }
    FACTUM_CHECK(run_command(services_.bus, std::move(command), by_the_program()));
  }
  return {};
}

// Whoever checks the log up to its newest checkpoint finds there why ciphertexts are missing.
Status ErasureJob::wait_for_checkpoint() {
  const std::uint64_t wanted = services_.store.head().value();
  for (int looks = 0; looks < kLooksMax && !stopping_; ++looks) {
    const auto checkpoint = services_.audit.checkpoint();
    if (!checkpoint || size_of(*checkpoint) >= wanted) return {};  // none: there is no signing key
    ignore_error(approvals_->next(kApprovalsAtOnce, kPurgeEvery), "the next look shows it again");
  }
  return fail(ErrorCode::unavailable, "no checkpoint reaches the erasure yet");
}

// Rows hold ciphertexts and digests, now and in their past; built anew they hold what the log does.
Status ErasureJob::rebuild_views(std::vector<std::string>& names) {
  for (const auto& view : services_.projector.status()) names.push_back(view.name);
  WorkWatch watch;
  watch.cancelled = [this] { return stopping_.load(); };
  FACTUM_CHECK(services_.projector.rebuild(names, watch));
  forget_answers();
  // Requests that began before the switch read the old rows to their end.
  Status purged = views_.purge();
  for (int looks = 0; looks < kLooksMax && !stopping_; ++looks) {
    if (purged || purged.error().code != ErrorCode::unavailable) break;
    ignore_error(approvals_->next(kApprovalsAtOnce, kPurgeEvery), "the next look shows it again");
    forget_answers();  // what was folded from the old rows meanwhile
    purged = views_.purge();
  }
  return purged;
}

void ErasureJob::forget_answers() {
  services_.answers->clear();
  services_.past.forget();
}

}  // namespace factum::api
