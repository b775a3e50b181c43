// Carries out approved erasures, step by step, on a thread of its own.
//
//   approved   the subjects are closed and fenced: ErasureStarted
//   started    their keys are destroyed, with the key of the epoch: SubjectKeyDestroyed
//   destroyed  ciphertexts and claims leave the log and its files, every view is built anew:
//              ErasureCertified
//
// Where an erasure is, its events say, so that a program that is killed goes on at its next start.
// All that wait are carried out together: what the last two steps cost does not depend on how many.
#pragma once

#include "api/services.hpp"
#include "core/es/sealer.hpp"
#include "projections/erasures.hpp"
#include "projections/generation_store.hpp"

#include <atomic>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace factum::api {

/// Thread rule: made and destroyed by one thread, which outlives its work.
class ErasureJob {
 public:
  using Log = std::function<void(std::string_view sentence)>;

  /// All outlive the job. `log` gets one sentence per call, without personal data; may be empty.
  ErasureJob(Services& services, Sealer& sealer, projections::GenerationStore& views, Log log)
      : services_(services), sealer_(sealer), views_(views), log_(std::move(log)) {}
  /// Stops between steps or within the longer ones; the next start goes on.
  ~ErasureJob() { stop(); }
  ErasureJob(const ErasureJob&) = delete;
  ErasureJob& operator=(const ErasureJob&) = delete;

  /// Closes everybody who is fenced, also when older keys came back from a backup. Before anything
  /// is read. Errors: unavailable, corrupt, io_error.
  Status close_fenced();
  /// Begins with what is not finished. Errors: those of EventStore::subscribe.
  Status start();
  void stop();

 private:
  using Entries = std::vector<projections::ErasureEntry>;

  void run();
  Status carry_out();
  Status destroy_returned();
  Status repeat_forgotten();
  Result<Entries> unfinished() const;
  Status fence(const projections::ErasureEntry& erasure);
  Status refuse(const projections::ErasureEntry& erasure);
  void close_for_good(const std::vector<Uuid>& subjects);
  void log(const std::string& sentence) const {
    if (log_) log_(sentence);
  }
  void log_once(const Uuid& about, const std::string& sentence);
  Status destroy(const Entries& started);
  Status remove(const Entries& destroyed);
  Status wait_for_checkpoint();
  Status rebuild_views(std::vector<std::string>& names);
  void forget_answers();

  Services& services_;
  Sealer& sealer_;
  projections::GenerationStore& views_;
  const Log log_;
  std::vector<Uuid> returned_;   // fenced, and their keys are there again
  std::vector<Uuid> forgotten_;  // their keys are destroyed, and the log does not know
  std::set<Uuid> fenced_;        // the log says that they are gone: never opened again
  std::set<Uuid> told_;          // what was said of it
  std::atomic<bool> stopping_{false};
  std::unique_ptr<Subscription> approvals_;
  std::thread thread_;
};

}  // namespace factum::api
