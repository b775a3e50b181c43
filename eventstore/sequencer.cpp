#include "eventstore/sequencer.hpp"

#include <algorithm>
#include <iterator>
#include <limits>
#include <utility>

namespace factum {
namespace {

constexpr std::size_t kNobodyWaits = std::numeric_limits<std::size_t>::max();
// While a batch is being synced, the next is decided in steps of this many: one wake-up per event
// would cost more than deciding it.
constexpr std::size_t kRequestsPerWakeUp = 32;
constexpr int kDoublingsMax = 6;

Error outcome_unknown() {
  return {ErrorCode::outcome_unknown,
          "the write failed half-way; ask again with the same idempotency key",
          {},
          {},
          0};
}

}  // namespace

Sequencer::Sequencer(LogTail& tail, HeadSignal& signal, const EventStoreOptions& options,
                     Reopen reopen)
    : tail_(tail),
      signal_(signal),
      options_(options),
      reopen_(std::move(reopen)),
      wake_at_(kNobodyWaits) {
  for (int i = 0; i < 2; ++i) threads_.emplace_back([this] { run(); });
}

Sequencer::~Sequencer() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  work_.notify_all();
  recovered_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void Sequencer::submit(PendingAppend pending) {
  const std::size_t bytes = pending.append.bytes;
  const std::size_t requests = pending_requests_.fetch_add(1);
  const std::size_t queued_bytes = pending_bytes_.fetch_add(bytes);
  Error refusal;
  if (requests >= options_.queue_requests_max || queued_bytes >= options_.queue_bytes_max) {
    refusal = {ErrorCode::overloaded, "the append queue is full; try again later", {}, {}, 0};
  } else {
    std::unique_lock lock(mutex_);
    if (!stopping_ && read_only_reason_.empty()) {
      queue_.push_back(std::move(pending));
      const bool wake = queue_.size() >= wake_at_;
      if (wake) wake_at_ = kNobodyWaits;
      lock.unlock();
      if (wake) work_.notify_one();
      return;
    }
    refusal = {
        ErrorCode::unavailable, stopping_ ? "the log is closing" : read_only_reason_, {}, {}, 0};
  }
  pending_requests_.fetch_sub(1);
  pending_bytes_.fetch_sub(bytes);
  pending.on_done(fail(std::move(refusal)));
}

StoreHealth Sequencer::health() const {
  const std::lock_guard lock(mutex_);
  if (!read_only_reason_.empty()) return {false, read_only_reason_};
  if (failed_) return {false, "a write failed; the log is being opened again"};
  return {true, ""};
}

void Sequencer::run() {
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      recovered_.wait(lock, [&] { return !failed_; });
    }
    std::unique_lock turn(turn_);
    if (!resume_writing()) return;
    const auto batch = collect();
    turn.unlock();
    if (batch) {
      commit(*batch);
    } else if (const std::lock_guard lock(mutex_); finished_) {
      return;
    }
  }
}

// Decides appends until the commit slot is free for them, and takes the slot. Null: there is
// nothing to commit, because the store stops or a write failed meanwhile. The log is writable while
// the turn is held: it takes the turn to open it again.
std::unique_ptr<AppendBatch> Sequencer::collect() {
  auto batch = tail_.begin();
  bool drained = false;
  std::unique_lock lock(mutex_);
  for (;;) {
    if (failed_) {
      lock.unlock();
      answer(*batch, false);
      return nullptr;
    }
    const bool slot_free = !slot_busy_;
    const bool waiting = incoming_used_ < incoming_.size() || !queue_.empty();
    const bool full =
        incoming_used_ < incoming_.size() && batch->is_full_for(incoming_[incoming_used_].append);
    if (slot_free && !batch->empty() && (drained || full || !waiting)) {
      slot_busy_ = true;
      return batch;
    }
    if (stopping_ && !waiting && batch->empty()) {
      finished_ = true;
      return nullptr;
    }
    if (waiting && !full) {
      take_incoming(lock, *batch);
      drained = slot_free;
    } else {
      wait_for_work(lock, *batch, !full);
    }
  }
}

// Decides what waits, up to a full batch; gives up the lock meanwhile.
void Sequencer::take_incoming(std::unique_lock<std::mutex>& lock, AppendBatch& batch) {
  if (incoming_used_ == incoming_.size()) {
    incoming_.clear();
    incoming_used_ = 0;
    incoming_.swap(queue_);
  }
  lock.unlock();
  while (incoming_used_ < incoming_.size() && !batch.is_full_for(incoming_[incoming_used_].append))
    tail_.decide(batch, std::move(incoming_[incoming_used_++]));
  lock.lock();
}

// Nothing is queued any more once the reason is set; what was waiting is refused here. Gives up the
// lock.
void Sequencer::refuse_waiting(std::unique_lock<std::mutex>& lock) {
  std::vector<PendingAppend> waiting(
      std::make_move_iterator(incoming_.begin() + static_cast<std::ptrdiff_t>(incoming_used_)),
      std::make_move_iterator(incoming_.end()));
  std::move(queue_.begin(), queue_.end(), std::back_inserter(waiting));
  incoming_.clear();
  incoming_used_ = 0;
  queue_.clear();
  const std::string reason = read_only_reason_;
  lock.unlock();
  for (PendingAppend& pending : waiting) {
    pending_requests_.fetch_sub(1);
    pending_bytes_.fetch_sub(pending.append.bytes);
    pending.on_done(fail(ErrorCode::unavailable, reason));
  }
}

void Sequencer::wait_for_work(std::unique_lock<std::mutex>& lock, const AppendBatch& batch,
                              bool can_take) {
  const std::size_t wake_at = batch.empty() ? 1 : kRequestsPerWakeUp;
  wake_at_ = can_take ? wake_at : kNobodyWaits;
  work_.wait(lock, [&] {
    return failed_ || (can_take && queue_.size() >= wake_at) || (!batch.empty() && !slot_busy_) ||
           (stopping_ && batch.empty());
  });
  wake_at_ = kNobodyWaits;
}

void Sequencer::commit(AppendBatch& batch) {
  const Status written = tail_.write(batch);
  if (written) {
    signal_.publish(batch.last);
    release_slot();
    answer(batch, true);
    return;
  }
  recover();
  answer(batch, false);
}

void Sequencer::release_slot() {
  {
    const std::lock_guard lock(mutex_);
    slot_busy_ = false;
  }
  work_.notify_one();
}

// The failed batch still has the slot, so that nothing is written meanwhile.
void Sequencer::recover() {
  {
    const std::lock_guard lock(mutex_);
    failed_ = true;
  }
  work_.notify_all();
  const std::lock_guard turn(turn_);
  const Status reopened = reopen_();
  {
    const std::lock_guard lock(mutex_);
    failed_ = false;
    slot_busy_ = false;
    note_reopened(reopened);
  }
  recovered_.notify_all();
  work_.notify_all();
}

void Sequencer::note_reopened(const Status& reopened) {
  failed_reopenings_ = reopened ? 0 : failed_reopenings_ + 1;
  read_only_reason_ = reopened
                          ? ""
                          : "a write failed and the log could not be opened again, reads only: " +
                                reopened.error().message;
}

// While the log is read only: refuses what waits, and tries whether it opens again. False: the
// store stops.
bool Sequencer::resume_writing() {
  std::unique_lock lock(mutex_);
  while (!read_only_reason_.empty()) {
    refuse_waiting(lock);
    lock.lock();
    const int doublings = std::min(failed_reopenings_ - 1, kDoublingsMax);
    if (work_.wait_for(lock, options_.reopen_interval * (1 << doublings),
                       [&] { return stopping_; }))
      return false;
    lock.unlock();
    const Status reopened = reopen_();
    lock.lock();
    note_reopened(reopened);
  }
  return true;
}

void Sequencer::answer(AppendBatch& batch, bool outcome_known) {
  std::size_t bytes = 0;
  for (Answer& answered : batch.answers) {
    if (!outcome_known) answered.result = fail(outcome_unknown());
    answered.on_done(std::move(answered.result));
    bytes += answered.bytes;
  }
  pending_requests_.fetch_sub(batch.answers.size());
  pending_bytes_.fetch_sub(bytes);
}

}  // namespace factum
