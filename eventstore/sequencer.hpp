// Group commit: two threads take turns; while one makes a batch durable, the other decides the
// next.
#pragma once

#include "core/es/event_store.hpp"
#include "eventstore/head_signal.hpp"
#include "eventstore/rocksdb_log_tail.hpp"

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace factum {

/// Takes appends from any thread and answers each exactly once. A failed write answers everything
/// in flight with outcome_unknown and opens the log again; while that fails, the sequencer refuses
/// appends and tries it again from time to time. Thread rule: `submit` and `health` are safe from
/// any thread.
class Sequencer {
 public:
  /// Closes and opens the log again and derives the tail from disk.
  using Reopen = std::function<Status()>;

  /// `tail` and `signal` must outlive the sequencer.
  Sequencer(LogTail& tail, HeadSignal& signal, const EventStoreOptions& options, Reopen reopen);
  /// Answers everything that was accepted, then stops.
  ~Sequencer();
  Sequencer(const Sequencer&) = delete;
  Sequencer& operator=(const Sequencer&) = delete;

  /// Refuses at once, on the calling thread, with overloaded or unavailable.
  void submit(PendingAppend pending);

  StoreHealth health() const;

 private:
  void run();
  std::unique_ptr<AppendBatch> collect();
  void take_incoming(std::unique_lock<std::mutex>& lock, AppendBatch& batch);
  void wait_for_work(std::unique_lock<std::mutex>& lock, const AppendBatch& batch, bool can_take);
  void commit(AppendBatch& batch);
  void recover();
  bool resume_writing();
  void note_reopened(const Status& reopened);
  void release_slot();
  void answer(AppendBatch& batch, bool outcome_known);
  void refuse_waiting(std::unique_lock<std::mutex>& lock);

  // Constant after construction.
  LogTail& tail_;
  HeadSignal& signal_;
  const EventStoreOptions& options_;
  const Reopen reopen_;

  std::atomic<std::size_t> pending_requests_{0};
  std::atomic<std::size_t> pending_bytes_{0};

  // Held by the thread that decides; guards tail_ (except tail_.write) and incoming_.
  std::mutex turn_;
  std::vector<PendingAppend> incoming_;
  std::size_t incoming_used_ = 0;

  // Guards all below.
  mutable std::mutex mutex_;
  std::condition_variable work_;
  std::condition_variable recovered_;
  std::vector<PendingAppend> queue_;
  std::size_t wake_at_;  // queue length at which the deciding thread wants to be woken
  bool slot_busy_ = false;
  bool failed_ = false;
  bool stopping_ = false;
  bool finished_ = false;
  std::string read_only_reason_;
  int failed_reopenings_ = 0;  // one after the other

  std::vector<std::thread> threads_;
};

}  // namespace factum
